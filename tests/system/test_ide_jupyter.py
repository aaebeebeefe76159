"""A Jupyter kernel in a real box, driven by jupyter_client as Jupyter's front ends do; what ends leaves nothing."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from tests.machines import Project, alive, command, descendants, wait_for

pytestmark = pytest.mark.system

NAME = "devenv-hello"
READY = 60


@pytest.fixture(scope="module")
def box(editors_box: Project) -> Iterator[Project]:
    editors_box.ok("ide", "setup", "jupyter", "--yes")
    yield editors_box
    editors_box.ok("ide", "remove", "jupyter", "--yes")


class Kernel:
    """A kernel and a front end of it."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    @property
    def pid(self) -> int:
        """The process on this computer."""
        found = self.manager.provisioner.process.pid  # type: ignore[union-attr]
        assert isinstance(found, int)
        return found

    def run(self, code: str) -> tuple[str, str]:
        """Return how a cell ended (or the name of its error) and what it printed."""
        printed: list[str] = []
        reply = self.client.execute_interactive(
            code,
            timeout=READY,
            allow_stdin=False,
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
        )
        content = reply["content"]
        return content.get("ename") or content["status"], "".join(printed).strip()

    def interrupted(self, code: str) -> str:
        """Return how a cell ends that is interrupted as soon as it has printed."""
        ended: dict[str, Any] = {}

        def on_output(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream" and not ended:
                ended["asked"] = True
                self.manager.interrupt_kernel()

        reply = self.client.execute_interactive(code, timeout=READY, allow_stdin=False, output_hook=on_output)
        return str(reply["content"].get("ename"))


@contextmanager
def kernel(box: Project, tmp_path: Path, *, cwd: Path | None = None, transport: str = "tcp") -> Iterator[Kernel]:
    specs = KernelSpecManager(kernel_dirs=[str(Path(box.env["HOME"]) / ".local/share/jupyter/kernels")])
    manager = KernelManager(
        kernel_name=NAME,
        kernel_spec_manager=specs,
        transport=transport,
        connection_file=str(tmp_path / "kernel.json"),
    )
    manager.start_kernel(cwd=str(cwd or box.folder), env=box.environment())
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=READY)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        if manager.is_alive():
            manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def of_kernels(box: Project) -> list[str]:
    """Return what is left of kernels in the box: processes, and folders with sockets and keys."""
    script = "ps -eo args --no-headers | grep -E 'ipykernel|devenv-kernel' | grep -v grep; ls -d /tmp/devenv-kernel-*"
    return command("docker", "exec", box.id(), "sh", "-c", f"{script} 2>/dev/null; true").splitlines()


def here(box: Project) -> list[str]:
    """Return the processes of kernels on this computer."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        kernel = str(box.folder) in words and "devenv.ide.kernel" in words
        if kernel or (box.id() in words and "devenv-kernel" in words):
            found.append(words)
    return found


def nothing_is_left(box: Project) -> None:
    wait_for("the box to be without kernels", lambda: not of_kernels(box))
    wait_for("this computer to be without kernels", lambda: not here(box))


def test_a_cell_runs_in_the_box_in_the_notebooks_folder(
    box: Project, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    inner = box.folder / "notes books"
    inner.mkdir(exist_ok=True)
    try:
        with kernel(box, tmp_path, cwd=inner) as made:
            told = "import os, socket, sys; print(sys.executable, socket.gethostname(), os.getcwd())"
            assert made.run(told) == ("ok", "/opt/devenv/venv/bin/python hello /vagrant/notes books")
            assert made.run("1 / 0")[0] == "ZeroDivisionError"
            assert "/opt/devenv/venv/lib" in made.run("%pip --version")[1]
            assert made.run("print('ü' * 200_000)") == ("ok", "ü" * 200_000)
            # outside of what is shared, the project's
        with kernel(box, tmp_path, cwd=tmp_path) as made:
            assert made.run("import os; print(os.getcwd())") == ("ok", "/vagrant")
    finally:
        inner.rmdir()
    nothing_is_left(box)
    # Jupyter's log is not filled with what is meant for people at a terminal
    assert capfd.readouterr() == ("", "")


def test_a_cell_that_never_ends_is_interrupted(box: Project, tmp_path: Path) -> None:
    with kernel(box, tmp_path) as made:
        made.run("x = 5")
        assert made.interrupted("print('on')\nwhile True: pass") == "KeyboardInterrupt"
        assert made.interrupted("import time; print('on'); time.sleep(1000)") == "KeyboardInterrupt"
        assert made.interrupted("import subprocess; print('on', flush=True); subprocess.run(['sleep', '1000'])") == (
            "KeyboardInterrupt"
        )
        # it is the same kernel
        assert made.run("print(x)") == ("ok", "5")
    nothing_is_left(box)


@pytest.mark.parametrize("now", [False, True], ids=["asked", "killed"])
def test_a_restarted_kernel_is_another_one_on_the_same_ports(box: Project, tmp_path: Path, now: bool) -> None:
    with kernel(box, tmp_path) as made:
        _, first = made.run("import os; print(os.getpid())")
        ports = made.manager.ports
        made.manager.restart_kernel(now=now)
        made.client.wait_for_ready(timeout=READY)
        assert made.manager.ports == ports
        assert made.run("x")[0] == "NameError"
        assert made.run("import os; print(os.getpid())")[1] != first
        wait_for(
            "the first kernel's end",
            lambda: sum("ipykernel" in line and "sh -c" not in line for line in of_kernels(box)) == 1,
        )
    nothing_is_left(box)


def test_a_shutdown_ends_it_with_code_0(box: Project, tmp_path: Path) -> None:
    with kernel(box, tmp_path) as made:
        process = made.manager.provisioner.process  # type: ignore[union-attr]
        made.client.shutdown()
        assert process.wait(30) == 0
    nothing_is_left(box)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda number: number.name)
def test_nothing_is_left_when_its_process_here_is_ended(box: Project, tmp_path: Path, number: signal.Signals) -> None:
    with kernel(box, tmp_path) as made:
        # what a cell started goes as well
        made.run("import subprocess; child = subprocess.Popen(['sleep', '98765'])")
        process = made.manager.provisioner.process  # type: ignore[union-attr]
        below = descendants(made.pid)
        os.kill(made.pid, number)
        process.wait(30)
        nothing_is_left(box)
        wait_for("all it had started to end", lambda: not any(alive(pid) for pid in below))
        left = command("docker", "exec", box.id(), "ps", "-eo", "args", "--no-headers").splitlines()
        assert "sleep 98765" not in left


LONELY = """\
import sys
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name=sys.argv[2], kernel_spec_manager=KernelSpecManager(kernel_dirs=[sys.argv[1]]))
manager.start_kernel(cwd=sys.argv[3])
client = manager.blocking_client()
client.start_channels()
client.wait_for_ready(timeout=60)
print("ready", flush=True)
sys.stdin.read()
"""


def test_nothing_is_left_when_jupyter_itself_is_killed(box: Project) -> None:
    specs = Path(box.env["HOME"]) / ".local/share/jupyter/kernels"
    jupyter = subprocess.Popen(
        [sys.executable, "-c", LONELY, str(specs), NAME, str(box.folder)],
        env=box.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert jupyter.stdout is not None
        assert jupyter.stdout.readline() == "ready\n"
        assert of_kernels(box)
    finally:
        jupyter.kill()
        jupyter.communicate()
    nothing_is_left(box)


def test_a_front_end_that_asks_for_unix_sockets_gets_them(box: Project, tmp_path: Path) -> None:
    with kernel(box, tmp_path, transport="ipc") as made:
        assert made.run("print('here')") == ("ok", "here")
    nothing_is_left(box)


def test_two_kernels_of_one_box_stay_apart(box: Project, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with kernel(box, tmp_path) as one, kernel(box, tmp_path / "other") as other:
        one.run("x = 1")
        assert other.run("x")[0] == "NameError"
        assert one.run("print(x)") == ("ok", "1")
    nothing_is_left(box)


def test_its_debugger_stops_at_a_breakpoint(box: Project, tmp_path: Path) -> None:
    with kernel(box, tmp_path) as made:
        code = "def double(x):\n    y = x * 2\n    return y\n\nprint(double(21))\n"
        asked = iter(range(1, 100))

        def ask(what: str, **arguments: Any) -> dict[str, Any]:
            content = {"type": "request", "command": what, "seq": next(asked), "arguments": arguments}
            sent = made.client.session.msg("debug_request", content)
            made.client.control_channel.send(sent)
            while True:
                reply = made.client.get_control_msg(timeout=READY)
                if reply["parent_header"].get("msg_id") == sent["header"]["msg_id"]:
                    assert reply["content"]["success"], reply["content"]
                    body = reply["content"].get("body") or {}
                    assert isinstance(body, dict)
                    return body

        ask("initialize", clientID="test", adapterID="python", linesStartAt1=True, pathFormat="path")
        ask("attach")
        cell = ask("dumpCell", code=code)["sourcePath"]
        (point,) = ask("setBreakpoints", source={"path": cell}, breakpoints=[{"line": 3}])["breakpoints"]
        assert point["verified"]
        ask("configurationDone")
        made.client.execute(code)

        def event(name: str) -> dict[str, Any]:
            while True:
                message = made.client.get_iopub_msg(timeout=READY)
                if message["msg_type"] == "debug_event" and message["content"]["event"] == name:
                    found = message["content"]["body"]
                    assert isinstance(found, dict)
                    return found

        thread = event("stopped")["threadId"]
        frame = ask("stackTrace", threadId=thread)["stackFrames"][0]
        assert (frame["name"], frame["line"]) == ("double", 3)
        assert ask("evaluate", expression="y", frameId=frame["id"])["result"] == "42"
        ask("continue", threadId=thread)
        reply = made.client.get_shell_msg(timeout=READY)
        assert reply["content"]["status"] == "ok"
    nothing_is_left(box)


def test_a_box_that_is_not_there_is_said_in_the_kernels_errors(box: Project, tmp_path: Path) -> None:
    spec = json.loads((Path(box.env["HOME"]) / f".local/share/jupyter/kernels/{NAME}/kernel.json").read_text())
    info = dict.fromkeys(("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"), 1)
    (tmp_path / "kernel.json").write_text(json.dumps(info))
    words = [word.replace("{connection_file}", str(tmp_path / "kernel.json")) for word in spec["argv"]]
    words[words.index(str(box.folder))] = str(tmp_path)
    done = subprocess.run(words, env=box.environment(), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 8
    assert done.stderr.splitlines() == ["devenv: error: default is not created", "hint: create it with: devenv up"]
