"""The page without and with a server around it. Run with `make test`."""

from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen
from wsgiref.util import setup_testing_defaults

import gevent
import pytest
from app import application
from gevent.pywsgi import WSGIServer


def get(path: str, query: str = "", method: str = "GET") -> tuple[str, str]:
    """Call the application as a server would; return the status line and the page."""
    environ = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method}
    setup_testing_defaults(environ)
    seen: list[str] = []
    body = b"".join(application(environ, lambda status, headers: seen.append(status)))
    return seen[0], body.decode()


def test_the_page_says_hello() -> None:
    status, page = get("/")
    assert status == "200 OK"
    assert "Hello, world!" in page


def test_the_page_greets_by_name() -> None:
    assert "Hello, Zoë!" in get("/", "name=Zo%C3%AB")[1]


def test_a_name_is_text_and_never_markup() -> None:
    page = get("/", "name=<script>alert(1)</script>")[1]
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_other_paths_are_not_found() -> None:
    assert get("/nothing")[0] == "404 Not Found"


def test_the_page_can_only_be_read() -> None:
    assert get("/", method="POST")[0] == "405 Method Not Allowed"


@pytest.fixture
def address() -> Iterator[str]:
    server = WSGIServer(("127.0.0.1", 0), application, log=None)
    server.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.stop()


def fetch(url: str) -> tuple[int, str]:
    try:
        with urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_gevent_serves_it(address: str) -> None:
    # in a thread: the server answers in this one while the client waits
    client = gevent.get_hub().threadpool.spawn(fetch, f"{address}/?name=gevent")
    status, page = client.get(timeout=20)
    assert status == 200
    assert "Hello, gevent!" in page
