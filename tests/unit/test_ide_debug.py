"""devenv debug: which port it takes, what it starts, and what it takes away again."""

import contextlib
import socket
from pathlib import Path

import pytest
from ideworld import Box, user_at

from devenv.box import guestrun
from devenv.box.connect import connect
from devenv.box.ssh import Connection
from devenv.errors import BoxError, ToolMissing, UsageError
from devenv.ide import debug
from devenv.process import Completed
from fakes import Call, FakeRunner

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def listed(port: int, state: str = "0A") -> str:
    return f"   0: 0100007F:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  1000  0 1 1\n"


class Debugged:
    """A box, the ports taken here and there, and what was run."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.box = Box(tmp_path / "hello", user_at(tmp_path / "home"), 2222)
        self.runner: FakeRunner = self.box.runner
        self.taken: set[int] = set()
        self.sockets = HEAD
        self.refused: set[int] = set()
        self.ours: set[int] = set()
        self.command: list[str] = []
        self.code = 0
        monkeypatch.setattr(debug, "_free", lambda port: port not in self.taken | self.ours)
        monkeypatch.setattr(guestrun, "run", self._run)
        monkeypatch.setattr(debug, "if_killed", lambda argv: contextlib.nullcontext())
        self.runner.on("ssh", "-F", "*", "-T", "*", "…import debugpy…", does=lambda _: self.sockets)
        self.runner.on("ssh", "-F", "*", "-O", "cancel", does=self._cancel)
        self.runner.on("ssh", "-F", "*", "-O", "forward", does=self._forward)

    def _port(self, call: Call) -> int:
        return int(call.argv[call.argv.index("-L") + 1].split(":")[1])

    def _cancel(self, call: Call) -> None:
        self.ours.discard(self._port(call))

    def _forward(self, call: Call) -> object:
        if self._port(call) in self.refused:
            return Completed(call.argv, 255, "", "refused")
        self.ours.add(self._port(call))
        return None

    def _run(self, _connection: Connection, _runner: object, command: list[str], **_options: object) -> int:
        self.command = command
        return self.code

    def debug(self, *, port: int | None = None, wait: bool = False) -> int:
        told: list[int] = []

        def tell(number: int) -> str:
            told.append(number)
            return "attach now"

        connection = connect(self.box.project, self.runner, "default")
        self.result = debug.run(
            *(self.box.project, self.runner, connection, ["app.py", "-x"]),
            **{"wait": wait, "port": port, "folder": "/vagrant", "tell": tell},  # type: ignore[arg-type]
        )
        return told[0]


@pytest.fixture
def debugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Debugged:
    return Debugged(tmp_path, monkeypatch)


def test_the_usual_port_is_taken_and_given_back(debugged: Debugged) -> None:
    debugged.code = 7
    assert debugged.debug() == 5678
    assert debugged.result == 7
    assert debugged.ours == set()
    words = debugged.command
    assert words[words.index("--listen") + 1 :] == ["127.0.0.1:5678", "app.py", "-x"]


def test_with_wait_the_program_begins_when_somebody_has_attached(debugged: Debugged) -> None:
    debugged.debug(wait=True)
    assert debugged.command[-3:] == ["--wait-for-client", "app.py", "-x"]


def test_a_port_that_another_program_has_here_is_passed_over(debugged: Debugged) -> None:
    debugged.taken = {5678, 5679}
    assert debugged.debug() == 5680


def test_a_port_that_a_killed_one_left_forwarded_is_taken_again(debugged: Debugged) -> None:
    debugged.ours = {5678}
    assert debugged.debug() == 5678


def test_a_program_that_is_being_debugged_keeps_its_port(debugged: Debugged) -> None:
    debugged.ours = {5678}
    debugged.sockets = HEAD + listed(5678)
    assert debugged.debug() == 5679
    assert debugged.ours == {5678}


def test_a_port_that_ssh_cannot_forward_is_passed_over(debugged: Debugged) -> None:
    debugged.refused = {5678}
    assert debugged.debug() == 5679


def test_a_port_that_is_named_is_taken_or_nothing_is(debugged: Debugged) -> None:
    assert debugged.debug(port=9000) == 9000
    debugged.taken = {9001}
    with pytest.raises(BoxError, match="port 9001 is free on"):
        debugged.debug(port=9001)
    debugged.sockets = HEAD + listed(9002)
    with pytest.raises(BoxError, match="port 9002 is in use in the box"):
        debugged.debug(port=9002)


def test_when_no_port_is_free_that_is_said(debugged: Debugged) -> None:
    debugged.taken = set(range(5678, 5698))
    with pytest.raises(BoxError, match="none of the ports 5678 to 5697"):
        debugged.debug()


def test_without_debugpy_it_is_said_how_to_get_it(debugged: Debugged) -> None:
    debugged.runner.on("ssh", "-F", "*", "-T", "*", "…import debugpy…", code=1, err="ModuleNotFoundError")
    with pytest.raises(ToolMissing, match="debugpy in default") as error:
        debugged.debug()
    assert "devenv ide setup" in str(error.value.hint)


def test_the_port_is_given_back_also_when_the_connection_breaks(
    debugged: Debugged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_options: object) -> int:
        raise BoxError("gone")

    monkeypatch.setattr(guestrun, "run", broken)
    with pytest.raises(BoxError, match="gone"):
        debugged.debug()
    assert debugged.ours == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [("", set()), (HEAD, set()), (HEAD + listed(22) + listed(5678), {22, 5678}), (HEAD + listed(5678, "01"), set())],
)
def test_only_sockets_that_listen_are_counted(text: str, found: set[int]) -> None:
    assert debug.listened(text) == found


def test_a_port_that_is_listened_at_is_not_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert not debug._free(server.getsockname()[1])
        port = server.getsockname()[1]
    assert debug._free(port)


def test_a_script_that_the_box_has_not_is_told_before_anything_starts(debugged: Debugged) -> None:
    debugged.runner.on("ssh", "-F", "*", "-T", "*", "…import debugpy…", does=lambda c: Completed(c.argv, 66, "", ""))
    with pytest.raises(UsageError, match=r"there is no /vagrant/app\.py in the box"):
        debugged.debug()
    assert debugged.command == []
