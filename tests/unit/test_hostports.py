"""Host ports: which are taken, and who gets which."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devenv.box import hostports
from devenv.box.lock import LockedPort
from devenv.errors import BoxError
from devenv.paths import user_cache


@contextmanager
def listening(kind: int = socket.SOCK_STREAM) -> Iterator[int]:
    with socket.socket(socket.AF_INET, kind) as server:
        server.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            server.listen()
        yield server.getsockname()[1]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Ports that count as taken; all others count as free."""
    ports: set[int] = set()
    monkeypatch.setattr(hostports, "is_free", lambda port, address="", protocol="": port not in ports)
    return ports


def test_a_port_somebody_listens_on_is_taken() -> None:
    with listening() as port:
        assert not hostports.is_free(port)
        assert hostports.is_free(port, protocol="udp")
        assert hostports.answers(port)
        assert hostports.answers(port, "0.0.0.0")
    assert hostports.is_free(port)
    assert not hostports.answers(port)


def test_udp_ports_are_told_apart_from_tcp() -> None:
    with listening(socket.SOCK_DGRAM) as port:
        assert not hostports.is_free(port, protocol="udp")


def test_an_address_that_is_not_ours_cannot_be_bound() -> None:
    assert not hostports.is_free(40000, "192.0.2.1")


def test_the_process_that_listens_is_named() -> None:
    with listening() as port:
        assert f"(process {os.getpid()})" in (hostports.user_of(port) or "")
    assert hostports.user_of(port) is None


def test_ports_that_are_free_stay_where_they_were_asked_for(taken: set[int]) -> None:
    assert hostports.choose([LockedPort(80, 8080), LockedPort(53, 53, "udp")], "a") == {}


def test_a_taken_port_moves_to_the_next_free_one(taken: set[int]) -> None:
    taken |= {8080, 8081}
    assert hostports.choose([LockedPort(80, 8080)], "a") == {"80/tcp": 8082}


def test_two_ports_of_one_machine_never_get_the_same(taken: set[int]) -> None:
    taken.add(8080)
    assert hostports.choose([LockedPort(80, 8080), LockedPort(81, 8081)], "a") == {"80/tcp": 8081, "81/tcp": 8082}


def test_what_one_machine_was_promised_another_does_not_get(taken: set[int]) -> None:
    wanted = [LockedPort(80, 8080)]
    assert hostports.choose(wanted, "a") == {}
    assert hostports.choose(wanted, "b") == {"80/tcp": 8081}
    assert hostports.choose([LockedPort(80, 8080, "udp")], "c") == {}
    # asking again gives the same, not the next
    assert hostports.choose(wanted, "a") == {}
    hostports.release("a")
    assert hostports.choose(wanted, "b") == {}


def test_a_promise_ends_after_its_time(taken: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [LockedPort(80, 8080)]
    hostports.choose(wanted, "a")
    later = hostports.time.time() + hostports.LEASE + 1
    monkeypatch.setattr(hostports.time, "time", lambda: later)
    assert hostports.choose(wanted, "b") == {}


def test_when_none_is_left_it_is_said(taken: set[int]) -> None:
    taken |= set(range(8080, 8080 + hostports.TRIES))
    with pytest.raises(BoxError, match="port 8080 is taken, and so are the 200 after it"):
        hostports.choose([LockedPort(80, 8080)], "a")
    taken.add(65535)
    with pytest.raises(BoxError, match="port 65535 is taken"):
        hostports.choose([LockedPort(80, 65535)], "a")


def test_a_choice_that_failed_promises_nothing(taken: set[int]) -> None:
    taken.add(65535)
    with pytest.raises(BoxError):
        hostports.choose([LockedPort(80, 8080), LockedPort(81, 65535)], "a")
    assert hostports.choose([LockedPort(80, 8080)], "b") == {}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"8080/tcp": ["b"]}', '{"8080/tcp": ["b", "later"]}', '{"8080/tcp": 3}', "\x80"],
)
def test_a_damaged_file_of_promises_counts_as_none(taken: set[int], text: str) -> None:
    user_cache().mkdir(parents=True)
    (user_cache() / "ports.json").write_bytes(text.encode("latin-1"))
    assert hostports.choose([LockedPort(80, 8080)], "a") == {}
    assert list(json.loads((user_cache() / "ports.json").read_text())) == ["8080/tcp"]
