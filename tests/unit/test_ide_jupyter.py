"""Jupyter: the kernelspec, and what the program it names makes of a connection file."""

import json
import os
import re
import shlex
import signal
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

from devenv.box.project import Machine, Project
from devenv.box.ssh import Connection, SshInfo
from devenv.errors import BoxError, FileError, ParseError
from devenv.ide import jupyter, kernel
from devenv.ide.pieces import OwnFile
from devenv.ide.target import Target
from devenv.ide.user import User
from devenv.process import Completed

JUPYTER = jupyter.EDITORS["jupyter"]
INFO = {
    "shell_port": 40001,
    "iopub_port": 40002,
    "stdin_port": 40003,
    "control_port": 40004,
    "hb_port": 40005,
    "ip": "127.0.0.1",
    "key": "secret",
    "transport": "tcp",
    "signature_scheme": "hmac-sha256",
    "kernel_name": "devenv-hello",
}


def user(home: Path, platform: str = "linux", **environ: str) -> User:
    data = {"linux": ".local/share", "darwin": "Library/Application Support", "win32": "AppData/Roaming"}[platform]
    return User(home, home / ".config", home / data, platform, environ)


def target(root: Path, **changes: Any) -> Target:
    given: dict[str, Any] = {
        "root": root,
        "name": "hello",
        "machine": "default",
        "alias": "hello.devenv",
        "user": "vagrant",
        "home": "/home/vagrant",
        "mappings": ((root, "/vagrant"),),
        "host": "127.0.0.1",
        "port": 2222,
        "keys": (),
        "host_keys": (),
    }
    return Target(**{**given, **changes})


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {}, ".local/share/jupyter"),
        ("darwin", {}, "Library/Jupyter"),
        ("win32", {}, "AppData/Roaming/jupyter"),
        ("darwin", {"JUPYTER_DATA_DIR": "/data"}, "/data"),
    ],
)
def test_the_kernelspec_lies_where_jupyter_looks(
    tmp_path: Path, platform: str, environ: dict[str, str], folder: str
) -> None:
    (placed,) = JUPYTER.pieces(target(tmp_path), user(tmp_path, platform, **environ), {})
    assert placed.file == tmp_path / folder / "kernels/devenv-hello/kernel.json"
    assert placed.scope == "own"


def test_the_kernelspec_starts_a_kernel_in_the_box_and_interrupts_by_message(tmp_path: Path) -> None:
    root = tmp_path / 'a "b" ü'
    (placed,) = JUPYTER.pieces(target(root, machine="db"), user(tmp_path), {})
    assert isinstance(placed.piece, OwnFile)
    spec = json.loads(placed.piece.text)
    assert spec == {
        "argv": [
            *(sys.executable, "-I", "-m", "devenv.ide.kernel"),
            *(str(root), "db", "/opt/devenv/venv/bin/python", "{connection_file}"),
        ],
        "display_name": "devenv: hello",
        "language": "python",
        "interrupt_mode": "message",
        "metadata": {"debugger": True},
    }


def test_projects_of_one_name_have_kernels_of_their_own(tmp_path: Path) -> None:
    one, other = target(tmp_path / "a"), target(tmp_path / "b", alias="hello-2.devenv")
    names = {jupyter.kernel_name(each) for each in (one, other)}
    assert names == {"devenv-hello", "devenv-hello-2"}
    assert jupyter.display_name(other) == "devenv: hello-2"
    # what Jupyter takes for a name: jupyter_client.kernelspec
    assert re.fullmatch(r"[a-z0-9._-]+", jupyter.kernel_name(target(tmp_path, alias="Grüß Gott.devenv")))


def test_the_box_gets_a_pinned_ipykernel() -> None:
    assert [name.partition("==")[0] for name in JUPYTER.packages({})] == ["ipykernel"]
    assert all("==" in name for name in JUPYTER.packages({}))


def test_an_interpreter_of_the_users_own_is_told_what_it_lacks(tmp_path: Path) -> None:
    said = JUPYTER.advice(target(tmp_path, python="/srv/venv/bin/python"), user(tmp_path), {})
    assert any(jupyter.IPYKERNEL in line for line in said)
    assert not any(jupyter.IPYKERNEL in line for line in JUPYTER.advice(target(tmp_path), user(tmp_path), {}))


def test_jupyter_is_opened_in_the_project(tmp_path: Path) -> None:
    assert "devenv: hello" in JUPYTER.opening(target(tmp_path), user(tmp_path, PATH=""), {}).by_hand
    lab = tmp_path / "jupyter-lab"
    lab.write_text("#!/bin/sh\n")
    lab.chmod(0o755)
    here = user(tmp_path, PATH=str(tmp_path))
    assert JUPYTER.opening(target(tmp_path), here, {}).argv == (str(lab), str(tmp_path))
    assert [found.where for found in JUPYTER.found(here)] == [str(lab)]


# the kernel


def test_a_connection_file_is_read_and_anything_else_refused(tmp_path: Path) -> None:
    file = tmp_path / "kernel-1.json"
    with pytest.raises(FileError):
        kernel.connection_info(file)
    file.write_text(json.dumps(INFO))
    assert kernel.connection_info(file) == INFO
    for wrong in ("", "{", "[]", "{}", json.dumps({**INFO, "hb_port": "x"})):
        file.write_text(wrong)
        with pytest.raises(ParseError, match=r"kernel-1\.json"):
            kernel.connection_info(file)


def test_the_boxs_connection_file_names_sockets_and_keeps_the_key() -> None:
    info = kernel.guest_info(INFO, "/tmp/k")
    assert (info["transport"], info["ip"]) == ("ipc", "/tmp/k/connection")
    assert [info[port] for port in kernel.PORTS] == [1, 2, 3, 4, 5]
    assert (info["key"], info["signature_scheme"]) == (INFO["key"], INFO["signature_scheme"])


def test_each_port_is_forwarded_to_its_socket(tmp_path: Path) -> None:
    words = kernel.forwards(INFO, "/tmp/k")
    assert words[::2] == ["-L"] * 5
    assert words[1::2] == [f"127.0.0.1:{40000 + number}:/tmp/k/connection-{number}" for number in range(1, 6)]
    assert kernel.forwards({**INFO, "ip": "::1"}, "/tmp/k")[1] == "[::1]:40001:/tmp/k/connection-1"
    here = {**INFO, "transport": "ipc", "ip": str(tmp_path / "s"), "shell_port": 1}
    assert kernel.forwards(here, "/tmp/k")[1] == f"{tmp_path}/s-1:/tmp/k/connection-1"


class Link:
    """Stands for the ssh of the link: says what it is told to, and whether it was released."""

    says: ClassVar[list[tuple[str, str]]] = []
    made: ClassVar[list["Link"]] = []

    def __init__(self, argv: list[str], first: bytes) -> None:
        self.argv, self.first, self.released = argv, first, False
        self.said = Link.says.pop(0)
        Link.made.append(self)

    def line(self) -> str:
        return self.said[0]

    def release(self) -> Completed:
        self.released = True
        return Completed(self.argv, 255, "", self.said[1])


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setattr(kernel, "Held", Link)
    monkeypatch.setattr(Link, "made", [])
    machine = Machine("web", "docker", "id", None)
    return Connection(Project(tmp_path), machine, SshInfo("id", "127.0.0.1", 2222, "vagrant", ()))


def test_the_link_is_a_connection_of_its_own_and_is_let_go_at_the_end(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Link, "says", [("ready", "")])
    with kernel.link(connection, INFO) as sockets:
        (link,) = Link.made
        assert not link.released
        assert "ControlPath=none" in link.argv
        assert link.argv.count("-L") == 5
        command = shlex.split(link.argv[-1])
        assert command[:3] == ["exec", "sh", "-c"]
        assert command[-1] == sockets
        assert json.loads(link.first)["ip"] == f"{sockets}/connection"
    assert link.released


def test_ports_of_a_kernel_that_was_just_killed_are_waited_for(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = ("", "bind [127.0.0.1]:40001: Address already in use\nCould not request local forwarding.\n")
    monkeypatch.setattr(Link, "says", [taken, taken, ("ready", "")])
    with kernel.link(connection, INFO):
        assert [link.released for link in Link.made] == [True, True, False]
    monkeypatch.setattr(kernel, "FREED", 0)
    monkeypatch.setattr(Link, "says", [taken])
    with pytest.raises(BoxError, match="taken by another program"), kernel.link(connection, INFO):
        pass


def test_a_box_that_does_not_answer_is_said_in_its_own_words(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Link, "says", [("", "ssh: connect to host 127.0.0.1 port 2222: Connection refused\n")])
    with pytest.raises(BoxError, match="Connection refused"), kernel.link(connection, INFO):
        pass
    assert [link.released for link in Link.made] == [True]


def test_a_failure_ends_in_its_code_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kernel-1.json"
    file.write_text(json.dumps(INFO))
    code = kernel.main([str(tmp_path), "default", "/usr/bin/python3", str(file)])
    assert code == BoxError.code
    assert capsys.readouterr().err == "devenv: error: default is not created\nhint: create it with: devenv up\n"


def test_the_kernel_ends_when_jupyter_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    timers: list[float] = []
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(kernel.signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(kernel.signal, "setitimer", lambda _which, seconds, *_: timers.append(seconds))
    monkeypatch.setattr(kernel.os, "kill", lambda *what: sent.append(what))
    monkeypatch.setattr(kernel.os, "getppid", lambda: 10)
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    kernel.end_with_parent()
    assert handlers == {}
    monkeypatch.setenv("JPY_PARENT_PID", "10")
    kernel.end_with_parent()
    handlers[signal.SIGALRM](signal.SIGALRM, None)
    assert sent == []
    monkeypatch.setattr(kernel.os, "getppid", lambda: 1)
    handlers[signal.SIGALRM](signal.SIGALRM, None)
    assert sent == [(os.getpid(), signal.SIGTERM)]
    assert timers == [1, 0]
