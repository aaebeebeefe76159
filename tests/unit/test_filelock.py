"""A lock between processes. Two open files in one process stand for two processes: flock goes by open file."""

import threading
from pathlib import Path

import pytest

from devenv.box import filelock
from devenv.box.filelock import locked
from devenv.errors import ConflictError


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filelock, "POLL", 0.001)


def test_a_lock_is_free_again_afterwards_however_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "deep/busy"
    with pytest.raises(ZeroDivisionError), locked(file, what="first"):
        raise ZeroDivisionError
    with locked(file, what="second", patience=0):
        assert "second" in file.read_text()
    assert file.read_text() == ""


def test_who_holds_it_is_said_at_once_and_then_it_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "busy"
    said: list[str] = []
    order: list[str] = []
    release = threading.Event()
    held = threading.Event()

    def holder() -> None:
        with locked(file, what="devenv up"):
            held.set()
            release.wait(10)
            order.append("first")

    def waiting(text: str) -> None:
        said.append(text)
        release.set()

    thread = threading.Thread(target=holder)
    thread.start()
    held.wait(10)
    with locked(file, what="devenv halt", waiting=waiting):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    assert len(said) == 1
    assert said[0].startswith("devenv up (process ")


def test_patience_ends_in_a_conflict_that_names_the_holder(tmp_path: Path) -> None:
    file = tmp_path / "busy"
    with (
        locked(file, what="devenv up"),
        pytest.raises(ConflictError, match=r"devenv up \(process \d+\) is still at work here"),
        locked(file, patience=0),
    ):
        pytest.fail("the lock was given twice")


def test_a_holder_that_has_not_said_its_name_yet_is_another_devenv(tmp_path: Path) -> None:
    file = tmp_path / "busy"
    with locked(file):
        file.write_bytes(b"\xff")
        with pytest.raises(ConflictError, match="another devenv is still at work"), locked(file, patience=0):
            pytest.fail("the lock was given twice")
        file.write_text("")
        with pytest.raises(ConflictError, match="another devenv is still at work"), locked(file, patience=0):
            pytest.fail("the lock was given twice")


def test_what_a_dead_process_left_in_the_file_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "busy"
    file.write_text("devenv up (process 999999999) and a very long rest of another text")
    with locked(file, what="x", patience=0):
        text = file.read_text()
    assert text.startswith("x (process ")
    assert "999999999" not in text
