"""Commands in the guest: what is sent, which exit code comes back, what a signal becomes."""

import contextlib
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from devenv.box import guestrun
from devenv.box.project import Machine, Project
from devenv.box.ssh import Connection, SshInfo
from devenv.errors import BoxError
from fakes import FakeRunner


class Attached:
    """Stands for ssh on our own streams: ends with a code."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.argv: list[str] = []
        self.terminal: bool | None = None

    def __call__(self, argv: Sequence[str], on_signal: object, *, terminal: bool) -> int:
        self.argv, self.terminal = list(argv), terminal
        return self.code


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return Connection(
        Project(tmp_path), Machine("web", "docker", "id", None), SshInfo("id", "127.0.0.1", 2222, "vagrant", ())
    )


@pytest.fixture
def attach(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Attached]:
    def make(code: int) -> Attached:
        attached = Attached(code)
        monkeypatch.setattr(guestrun, "attach", attached)
        monkeypatch.setattr(guestrun, "if_killed", lambda argv: contextlib.nullcontext())
        return attached

    return make


def test_words_reach_the_guest_unchanged() -> None:
    words = ["printf", "%s", "a b", "$HOME", "`id`", "it's", '"', "", "\n", "-n", "--", "ü"]
    sent = shlex.split(guestrun.supervised("/tmp/token", "/vagrant/a b", words))
    assert sent[:2] == ["sh", "-c"]
    assert sent[3:] == ["devenv-run", "/tmp/token", "/vagrant/a b", *words]
    assert shlex.split(guestrun.supervised("/tmp/t", None, ["x"]))[5] == ""


@pytest.mark.parametrize("code", [0, 1, 2, 42, 127, 128, 254])
def test_the_exit_code_is_the_commands(connection: Connection, attach: Callable[..., Attached], code: int) -> None:
    attached = attach(code)
    assert guestrun.run(connection, FakeRunner(), ["x"], folder=None, tty=False) == code
    assert attached.argv[:3] == ["ssh", "-F", str(connection.config)]
    assert attached.argv[-2] == "devenv-id"
    assert shlex.split(attached.argv[-1])[-1] == "x"


def test_a_command_ended_by_a_signal_here_is_128_and_its_number(
    connection: Connection, attach: Callable[..., Attached]
) -> None:
    attach(-9)
    assert guestrun.run(connection, FakeRunner(), ["x"], folder=None, tty=False) == 137


def test_a_command_that_ends_with_255_is_told_from_a_lost_connection(
    connection: Connection, attach: Callable[..., Attached]
) -> None:
    attach(255)
    said = FakeRunner().on("ssh", "*", "*", "-T", "devenv-id", "…rm /tmp/devenv-run-…")
    assert guestrun.run(connection, said, ["x"], folder=None, tty=False) == 255
    lost = FakeRunner().on("ssh", code=255, err="ssh: connect to host 127.0.0.1: Connection refused")
    with pytest.raises(BoxError, match=r"web cannot be reached on 127\.0\.0\.1 port 2222.*Connection refused"):
        guestrun.run(connection, lost, ["x"], folder=None, tty=False)


def test_a_connection_lost_while_the_machine_lives_is_said(
    connection: Connection, attach: Callable[..., Attached]
) -> None:
    attach(255)
    runner = FakeRunner().on("ssh", code=0).on("ssh", "*", "*", "-T", "devenv-id", "…rm …", code=1)
    with pytest.raises(BoxError, match="the connection to web was lost while 'make' ran") as caught:
        guestrun.run(connection, runner, ["/usr/bin/make"], folder=None, tty=False)
    assert "may still run" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("ends", "tty", "option"),
    [
        ((True, True), None, "-tt"),
        ((True, False), None, "-T"),
        ((False, True), None, "-T"),
        ((False, False), True, "-tt"),
        ((True, True), False, "-T"),
    ],
)
def test_a_terminal_is_given_when_both_ends_are_one_or_when_asked(
    connection: Connection,
    attach: Callable[..., Attached],
    monkeypatch: pytest.MonkeyPatch,
    ends: tuple[bool, bool],
    tty: bool | None,
    option: str,
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: ends[0], raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: ends[1], raising=False)
    attached = attach(0)
    guestrun.run(connection, FakeRunner(), ["x"], folder=None, tty=tty)
    assert {"-T", "-tt"} & set(attached.argv) == {option}
    assert attached.terminal == (option == "-tt")


def test_a_shell_starts_in_the_folder(connection: Connection, attach: Callable[..., Attached]) -> None:
    attached = attach(3)
    assert guestrun.shell(connection, FakeRunner(), folder="/vagrant/a b") == 3
    assert "-t" in attached.argv
    assert attached.argv[-1].startswith("cd '/vagrant/a b' 2>/dev/null; \"${SHELL:-/bin/sh}\" -l; ")
    guestrun.shell(connection, FakeRunner(), folder=None)
    assert attached.argv[-1].startswith('"${SHELL:-/bin/sh}" -l; ')
