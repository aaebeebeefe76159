"""What a Jupyter kernelspec starts on this computer: a kernel in the box, and its sockets here.

    python -I -m devenv.ide.kernel ROOT MACHINE PYTHON CONNECTION_FILE

Jupyter names five ports here in its connection file. In the box the kernel listens on five Unix sockets in a folder of
its own, where no port can be taken by others and no other user gets in. One ssh connection beside the kept one, the
*link*, joins the two: it makes the folder, forwards the ports, and lives as long as its standard input is open. So the
folder and the forwards are gone as soon as this process is, however it ends; the kernel itself is ended by guestrun.
"""

import json
import os
import secrets
import shlex
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devenv.box.ssh import Connection, guest_folder, unreachable
from devenv.errors import EXIT_INTERRUPTED, BoxError, DevenvError, FileError, ParseError
from devenv.process import Held, Runner, SystemRunner

PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
FREED = 10.0
"""Seconds to wait for ports that a kernel before this one, killed just now, still has."""
LINK = (
    'umask 077; mkdir "$1" && read -r info && printf "%s\\n" "$info" >"$1/connection.json" && '
    'echo ready && cat >/dev/null; rm -rf "$1"; kill "$PPID"'
)
"""The link's side in the box: the folder is there while the input is open. It ends by ending its server, as ssh would
wait for the last forwarded connection to be closed."""


def main(words: Sequence[str]) -> int:
    """Run a kernel until Jupyter ends it and return its exit code."""
    root, machine, python, file = words
    try:
        return run(Path(root), machine, python, Path(file), SystemRunner())
    except DevenvError as exc:
        # Jupyter shows a kernel's standard error in its log
        print(f"devenv: error: {exc.message}", file=sys.stderr)
        if exc.hint:
            print(f"hint: {exc.hint}", file=sys.stderr)
        return exc.code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def run(root: Path, machine: str, python: str, file: Path, runner: Runner) -> int:
    """Run a kernel for a connection file and return its exit code; BoxError when the machine cannot be reached."""
    from devenv.box import guestrun
    from devenv.box.connect import connect
    from devenv.box.project import Project

    info = connection_info(file)
    end_with_parent()
    project = Project(root)
    connection = connect(project, runner, machine)
    folder = working_folder(project, machine)
    with link(connection, info) as sockets:
        command = kernel_command(python, sockets)
        return guestrun.run(connection, runner, command, folder=folder, tty=False)


def connection_info(file: Path) -> dict[str, Any]:
    """Return what Jupyter's connection file says: transport, ip, the ports of PORTS, key and signature scheme."""
    try:
        info = json.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise FileError(f"{file} cannot be read: {exc.strerror}") from exc
    except ValueError as exc:
        raise ParseError("this is no connection file of Jupyter", file=str(file)) from exc
    if not isinstance(info, dict) or not all(isinstance(info.get(port), int) for port in PORTS):
        raise ParseError("this is no connection file of Jupyter: it names no ports", file=str(file))
    return info


def guest_info(info: Mapping[str, Any], sockets: str) -> dict[str, Any]:
    """Return the connection file for the box: the same key, but Unix sockets ``connection-1`` to ``-5`` in a folder."""
    numbers = {port: number for number, port in enumerate(PORTS, 1)}
    return {**info, "transport": "ipc", "ip": f"{sockets}/connection", **numbers}


def forwards(info: Mapping[str, Any], sockets: str) -> list[str]:
    """Return ssh's words for the five forwards; Jupyter may have asked for ports or for Unix sockets here, too."""
    words = []
    for number, port in enumerate(PORTS, 1):
        address = info.get("ip") or "127.0.0.1"
        if info.get("transport") == "ipc":
            here = f"{Path(address).absolute()}-{info[port]}"
        else:
            here = f"[{address}]:{info[port]}" if ":" in address else f"{address}:{info[port]}"
        words += ["-L", f"{here}:{sockets}/connection-{number}"]
    return words


def kernel_command(python: str, sockets: str) -> list[str]:
    """Return what runs in the box. Without frozen modules its debugger can step into the standard library.

    A kernel that is told its parent ends with it, and says nothing to people at a terminal, where there are none.
    """
    tell = 'export JPY_PARENT_PID="$PPID"; exec "$@"'
    kernel = [python, "-X", "frozen_modules=off", "-m", "ipykernel_launcher", "-f", f"{sockets}/connection.json"]
    return ["sh", "-c", tell, "devenv-kernel", *kernel]


def working_folder(project: Any, machine: str) -> str:
    """Return the box's folder for the current one, which is the notebook's; the project's when that is not shared."""
    from devenv.ide.reach import remembered
    from devenv.ide.user import current

    target = remembered(project, machine, current(), {})
    shared = [(host.resolve(), guest) for host, guest in target.mappings]
    return guest_folder(shared, Path.cwd().resolve()) or target.folder


@contextmanager
def link(connection: Connection, info: Mapping[str, Any]) -> Iterator[str]:
    """Give the box's folder with the connection file, its sockets forwarded to what Jupyter named."""
    sockets = f"/tmp/devenv-kernel-{secrets.token_hex(8)}"
    # not over the kept connection: what is forwarded there would outlive us
    alone = ["-T", "-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "ExitOnForwardFailure=yes"]
    alone += ["-o", "StreamLocalBindUnlink=yes", *forwards(info, sockets)]
    # exec: its parent is to be the server
    argv = [*connection.argv(*alone), "exec " + shlex.join(["sh", "-c", LINK, "devenv-kernel", sockets])]
    held = _linked(connection, argv, json.dumps(guest_info(info, sockets)).encode() + b"\n")
    try:
        yield sockets
    finally:
        held.release()


def _linked(connection: Connection, argv: Sequence[str], first: bytes) -> Held:
    """Return the link as soon as it stands."""
    deadline = time.monotonic() + FREED
    while True:
        held = Held(argv, first)
        if held.line() == "ready":
            return held
        said = held.release().stderr
        taken = "cannot listen to port" in said or "Address already in use" in said
        if taken and time.monotonic() < deadline:
            # a kernel that was killed for a restart had these ports; they are free once its link has ended
            threading.Event().wait(0.1)
            continue
        if taken:
            raise BoxError(
                "a port that Jupyter chose for the kernel is taken by another program", hint="start it again"
            )
        raise unreachable(connection, said)


def end_with_parent() -> None:
    """End this process when Jupyter's is gone, as kernels do that Jupyter tells its process id (JPY_PARENT_PID)."""
    if not hasattr(signal, "setitimer") or not os.environ.get("JPY_PARENT_PID"):
        return
    parent = os.getppid()

    def look(_number: int, _frame: object) -> None:
        if os.getppid() != parent:
            signal.setitimer(signal.ITIMER_REAL, 0)
            os.kill(os.getpid(), signal.SIGTERM)

    # a timer and no thread: guestrun forks
    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 1, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
