"""What a debugger does with the launch.json that set-up wrote: a breakpoint by its path on this computer is hit."""

import json
import re
import socket
import subprocess
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tests.machines import Project, devenv_argv

pytestmark = pytest.mark.system

PROGRAM = "def double(number):\n    twice = 2 * number\n    return twice\n\n\nprint('doubled:', double(21))\n"
"""Line 3 has ``twice`` in it."""


class Debugger:
    """A client of the Debug Adapter Protocol, as an editor is one: requests, their answers, and events."""

    def __init__(self, read: IO[bytes], write: IO[bytes]) -> None:
        self.read, self.write = read, write
        self.sent = 0
        self.seen: deque[dict[str, Any]] = deque()

    def send(self, command: str, **arguments: Any) -> int:
        self.sent += 1
        body = {"seq": self.sent, "type": "request", "command": command, "arguments": arguments}
        data = json.dumps(body).encode()
        self.write.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.write.flush()
        return self.sent

    def until(self, what: str, **wanted: Any) -> dict[str, Any]:
        """Return the first message that has these values; those before it are kept."""
        for _ in range(len(self.seen)):
            if wanted.items() <= self.seen[0].items():
                return self.seen.popleft()
            self.seen.rotate(-1)
        while head := self.read.readline():
            self.read.readline()
            message: dict[str, Any] = json.loads(self.read.read(int(head.split(b":")[1])))
            if wanted.items() <= message.items():
                return message
            self.seen.append(message)
        raise AssertionError(f"the adapter went before {what}; seen: {list(self.seen)}")

    def ask(self, command: str, **arguments: Any) -> Any:
        return self.answer(self.send(command, **arguments))

    def answer(self, number: int) -> Any:
        answer = self.until(f"the answer to {number}", type="response", request_seq=number)
        assert answer["success"], answer
        return answer.get("body")

    def event(self, name: str) -> Any:
        return self.until(name, type="event", event=name).get("body")

    def debug(self, configuration: dict[str, Any], file: str, line: int, expression: str) -> tuple[str, int, str]:
        """Run by a configuration to a breakpoint and on to the end; return where it stopped, and a value there."""
        self.ask("initialize", adapterID="debugpy", pathFormat="path")
        started = self.send(configuration["request"], **configuration)
        self.event("initialized")
        found = self.ask("setBreakpoints", source={"path": file}, breakpoints=[{"line": line}])
        assert found["breakpoints"][0]["verified"]
        self.ask("configurationDone")
        self.answer(started)
        stopped = self.event("stopped")
        assert stopped["reason"] == "breakpoint"
        frame = self.ask("stackTrace", threadId=stopped["threadId"])["stackFrames"][0]
        value = self.ask("evaluate", expression=expression, frameId=frame["id"], context="hover")["result"]
        self.ask("continue", threadId=stopped["threadId"])
        self.event("terminated")
        return frame["source"]["path"], frame["line"], value


def filled_in(data: Any, folder: str, file: str) -> Any:
    """Return settings with the editor's variables replaced, as a window on a folder with a file open does."""
    text = json.dumps(data).replace("${workspaceFolder}", folder).replace("${relativeFile}", file)
    return json.loads(text.replace("${file}", f"{folder}/{file}"))


@pytest.fixture
def box(editors_box: Project) -> Iterator[Project]:
    """The box with VS Code set up, and a program of two folders down to debug."""
    editors_box.ok("ide", "setup", "vscode", "--yes")
    file = editors_box.write("some lib/doubling.py", PROGRAM)
    yield editors_box
    editors_box.ok("ide", "remove", "vscode", "--yes")
    file.unlink()
    file.parent.rmdir()


def settings(box: Project, file: str, entries: str, by: str, name: str, folder: str) -> dict[str, Any]:
    data = json.loads((box.folder / ".vscode" / file).read_text())
    (found,) = (each for each in data[entries] if each[by] == name)
    return dict(filled_in(found, folder, "some lib/doubling.py"))


def launch(box: Project, name: str, folder: str) -> dict[str, Any]:
    return settings(box, "launch.json", "configurations", "name", name, folder)


def test_a_local_window_debugs_in_the_box_by_its_own_paths(box: Project) -> None:
    folder = str(box.folder)
    configuration = launch(box, "devenv: debug in box", folder)
    task = settings(box, "tasks.json", "tasks", "label", configuration["preLaunchTask"], folder)
    assert task["command"] == "devenv"
    task_process = box.start(*task["args"], stderr=subprocess.STDOUT)
    assert task_process.stdout is not None
    begun = re.compile(task["problemMatcher"]["background"]["endsPattern"])
    said = next(line for line in task_process.stdout if begun.search(line))
    assert f"127.0.0.1:{configuration['connect']['port']}" in said

    address = (configuration["connect"]["host"], configuration["connect"]["port"])
    with socket.create_connection(address, timeout=30) as connection, connection.makefile("rwb") as stream:
        file = f"{folder}/some lib/doubling.py"
        where = Debugger(stream, stream).debug(configuration, file, 3, "twice * 100 + number")
    assert where == (file, 3, "4221")
    assert "doubled: 42" in task_process.stdout.read()
    assert task_process.wait(30) == 0


def test_the_port_is_free_again_after_the_program(box: Project) -> None:
    process = box.start("debug", "some lib/doubling.py", stderr=subprocess.STDOUT)
    out, _ = process.communicate(timeout=60)
    assert "doubled: 42" in out
    assert process.returncode == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", 5678)) != 0


def test_a_program_that_is_not_there_says_so_and_leaves_nobody_waiting(box: Project) -> None:
    done = box.devenv("debug", "nothing.py")
    assert done.returncode != 0
    assert "nothing.py" in done.stderr


def test_a_remote_window_debugs_with_the_box_s_interpreter(box: Project) -> None:
    configuration = launch(box, "devenv: run in box (remote window)", "/vagrant")
    # another console is a terminal that the editor has and this client has not
    configuration["console"] = "internalConsole"
    words = ("run", "--", "/opt/devenv/venv/bin/python", "-m", "debugpy.adapter")
    with subprocess.Popen(
        devenv_argv(*words),
        cwd=box.folder,
        env=box.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as adapter:
        assert adapter.stdin is not None
        assert adapter.stdout is not None
        debugger = Debugger(adapter.stdout, adapter.stdin)
        where = debugger.debug(configuration, "/vagrant/some lib/doubling.py", 3, "__import__('sys').executable")
        adapter.stdin.close()
    assert where == ("/vagrant/some lib/doubling.py", 3, "'/opt/devenv/venv/bin/python'")


def test_the_box_s_window_is_told_the_interpreter_and_the_test_runner(box: Project) -> None:
    machine = json.loads(box.guest("cat ~/.vscode-server/data/Machine/settings.json"))
    assert machine == {"python.defaultInterpreterPath": "/opt/devenv/venv/bin/python"}
    project = json.loads(Path(box.folder, ".vscode/settings.json").read_text())
    assert project["python.testing.pytestEnabled"]
    interpreter = machine["python.defaultInterpreterPath"]
    found = box.guest(
        'cd /vagrant; python=$1; shift; "$python" -m pytest --collect-only -q "$@"',
        interpreter,
        *project["python.testing.pytestArgs"],
    )
    assert "test_app.py::test_the_page_says_hello" in found


def test_the_task_for_tests_runs_them_in_the_box(box: Project) -> None:
    task = settings(box, "tasks.json", "tasks", "label", "devenv: test", str(box.folder))
    assert "passed" in box.ok(*task["args"]).stdout
