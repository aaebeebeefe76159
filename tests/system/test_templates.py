"""Every template for real: init, up on docker, the page, its tests inside the box, a change, a second up."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests import machines
from tests.machines import Project, Result, checked

pytestmark = pytest.mark.system


@dataclass(frozen=True)
class Kind:
    """What a template's page says, a change of that and one that makes its tests fail, each: file, old, new."""

    says: str
    change: tuple[str, str, str]
    wrong: tuple[str, str, str]


KINDS = {
    "python": Kind(
        "Hello, world!",
        change=("app.py", "Hello,", "Good day,"),
        wrong=("test_app.py", "Hello, world!", "Hello, nobody!"),
    ),
    "python-asyncio": Kind(
        "There are 0 documents",
        change=("app.py", "There are", "One finds"),
        wrong=("test_app.py", "There are 1", "There are 7"),
    ),
    "node": Kind(
        "Hello, world!",
        change=("app.js", "Hello,", "Good day,"),
        wrong=("test/app.test.js", "Hello, world!", "Hello, nobody!"),
    ),
    "r": Kind(
        "Hello from my-r",
        change=("R/page.R", "Hello from", "Good day from"),
        wrong=("tests/test-page.R", "272 points", "271 points"),
    ),
    "c": Kind(
        "Hello, world!",
        change=("src/http.c", "Hello,", "Good day,"),
        wrong=("test/test_http.c", "Hello, world!", "Hello, nobody!"),
    ),
}


@dataclass(frozen=True)
class Box:
    """A project made from a template, its box running; made are the files it was made of."""

    template: str
    project: Project
    made: dict[str, bytes]

    def make(self, *targets: str) -> Result:
        return self.project.devenv("run", "--", "make", *targets)

    def url(self) -> str:
        return f"http://127.0.0.1:{self.project.ports()[8080]}"

    def server(self) -> str:
        """Return the process id of the server in the box."""
        return self.project.guest("cat ~/.local/state/serve-vagrant/pid")

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[None]:
        """Change a file on the host for a while."""
        file = self.project.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        try:
            yield
        finally:
            file.write_text(text)


def files(folder: Path) -> dict[str, bytes]:
    """Return a project's files, without what devenv and Vagrant keep there."""
    found = (file for file in folder.rglob("*") if file.is_file() and ".vagrant" not in file.parts)
    return {path: file.read_bytes() for file in found if (path := str(file.relative_to(folder))) != "devenv.lock"}


def fetch(url: str, data: bytes | None = None) -> str:
    with urlopen(Request(url, data), timeout=10) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module", params=KINDS)
def box(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    # a folder name that quoting mistakes do not survive
    folder = tmp_path_factory.mktemp("templates") / f"My '{request.param}'"
    with machines.project(folder, yaml=None) as project:
        project.ok("init", "--template", request.param)
        made = files(folder)
        # the box's user may write here, so that what it writes is seen
        for each in (folder, *(path for path in folder.rglob("*") if path.is_dir() and ".vagrant" not in path.parts)):
            each.chmod(0o777)
        project.ok("up", "--provider", "docker", timeout=600)
        yield Box(request.param, project, made)


def test_after_up_the_page_answers(box: Box) -> None:
    assert KINDS[box.template].says in fetch(box.url())


def test_its_tests_pass_inside_the_box(box: Box) -> None:
    checked(box.make("test"))


def test_a_test_that_fails_is_seen(box: Box) -> None:
    with box.edited(*KINDS[box.template].wrong):
        failed = box.make("test")
    assert failed.returncode != 0
    assert "make: ***" in failed.stderr


def test_a_second_up_leaves_the_server_alone(box: Box) -> None:
    before = box.server()
    box.project.ok("up")
    assert box.server() == before


def test_a_change_is_served_after_stop_and_start(box: Box) -> None:
    says, (file, old, new) = KINDS[box.template].says, KINDS[box.template].change
    with box.edited(file, old, new):
        checked(box.make("stop", "start"))
        assert says.replace(old, new) in fetch(box.url())
    checked(box.make("stop", "start"))
    assert says in fetch(box.url())


@pytest.mark.parametrize("box", ["python-asyncio"], indirect=True)
def test_documents_outlive_a_halt(box: Box) -> None:
    fetch(f"{box.url()}/documents", b'{"title": "Dune", "by": "Herb\xc3\xa9rt"}')
    box.project.ok("halt")
    box.project.ok("up")
    found = json.loads(fetch(f"{box.url()}/documents?by=Herb%C3%A9rt"))
    assert [each["document"]["title"] for each in found] == ["Dune"]


def test_nothing_was_written_beside_the_sources_and_init_has_nothing_to_do(box: Box) -> None:
    assert files(box.project.folder) == box.made
    box.project.ok("init", "--template", box.template)
    assert files(box.project.folder) == box.made
