"""A program in the box under debugpy, its port forwarded to this computer."""

import posixpath
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from devenv.box import guestrun
from devenv.box.project import Project
from devenv.box.ssh import Connection
from devenv.errors import BoxError, ToolMissing, UsageError
from devenv.ide import interpreter
from devenv.ide.target import DEBUG_PORT, PYTHON
from devenv.process import Runner, if_killed

TRIED = 20
"""So many ports from the usual one on are tried."""

_ASKED = """\
import debugpy, os, sys
if sys.argv[1:] and not os.path.isfile(sys.argv[1]):
    sys.exit(66)
print(open('/proc/net/tcp').read())
"""
_NO_SCRIPT = 66
_ANNOUNCED = """\
port=$1 said=$2
shift 2
listening=$(printf '[0-9A-F]*:%04X 00000000:0000 0A' "$port")
(while kill -0 $$ 2>/dev/null; do
    if grep -q ": $listening" /proc/net/tcp; then
        echo "$said" >&2
        break
    fi
    sleep 0.1
done) &
exec "$@"
"""
"""Runs a program in the box, and says something once a port is listened at there: who attaches before is refused.

Trying the port would be taken for a debugger; the kernel's list of sockets (proc(5)) can be asked without.
"""


def run(
    project: Project,
    runner: Runner,
    connection: Connection,
    arguments: Sequence[str],
    *,
    wait: bool,
    port: int | None,
    folder: str | None,
    tell: Callable[[int], str],
) -> int:
    """Run a script (or ``-m MODULE``) with its arguments under debugpy and return its exit code.

    tell is called with the port on 127.0.0.1 that a debugger attaches to, before the program starts, and returns what
    is said on standard error as soon as one can. With wait the program begins when one has. Raises ToolMissing when
    the box has no debugpy, UsageError when it has no such script, BoxError when no port can be had.
    """
    machine = connection.machine.name
    script = [] if arguments[0] == "-m" else [posixpath.join(folder or "", arguments[0])]
    asked = connection.execute(runner, interpreter.command(project, machine, ["-c", _ASKED, *script]))
    if asked.code == _NO_SCRIPT:
        raise UsageError(f"there is no {script[0]} in the box", hint="SCRIPT is relative to this folder")
    if asked.code != 0:
        said = interpreter.chosen(project, machine)
        theirs = f"install it for {said}, or: devenv ide setup EDITOR --interpreter {PYTHON}"
        ours = "devenv ide setup vscode (any editor that debugs), or devenv pip install debugpy"
        raise ToolMissing(f"debugpy in {machine}", install=theirs if said else ours)
    with _forwarded(connection, runner, port, listened(asked.stdout)) as number:
        said = tell(number)
        waiting = ["--wait-for-client"] if wait else []
        # frozen modules hide their lines from debuggers (debugpy says so at every start otherwise)
        words = ["-Xfrozen_modules=off", "-m", "debugpy", "--listen", f"127.0.0.1:{number}", *waiting, *arguments]
        command = [
            "sh",
            "-c",
            _ANNOUNCED,
            "devenv-debug",
            str(number),
            said,
            *interpreter.command(project, machine, words),
        ]
        return guestrun.run(connection, runner, command, folder=folder, tty=None)


def listened(sockets: str) -> set[int]:
    """Return the ports somebody listens at by a kernel's list of sockets (proc(5), /proc/net/tcp)."""
    found = re.findall(r"^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:0000 0A ", sockets, re.MULTILINE)
    return {int(port, 16) for port in found}


@contextmanager
def _forwarded(connection: Connection, runner: Runner, wanted: int | None, taken: set[int]) -> Iterator[int]:
    """Forward one port, the same on both sides, over the kept connection; not one that is taken in the box."""
    if wanted is not None and wanted in taken:
        raise BoxError(f"port {wanted} is in use in the box", hint="name another with --port")
    for port in [wanted] if wanted is not None else range(DEBUG_PORT, DEBUG_PORT + TRIED):
        # a program that is being debugged has the port on both sides
        if port in taken:
            continue
        spec = f"127.0.0.1:{port}:127.0.0.1:{port}"
        if not _free(port):
            # what a killed devenv debug left is ours to take away
            runner.run(connection.argv("-O", "cancel", "-L", spec), timeout=30)
            if not _free(port):
                continue
        if runner.run(connection.argv("-O", "forward", "-L", spec), timeout=30).code == 0:
            break
    else:
        tried = (
            f"port {wanted}" if wanted is not None else f"none of the ports {DEBUG_PORT} to {DEBUG_PORT + TRIED - 1}"
        )
        raise BoxError(f"{tried} is free on 127.0.0.1", hint="name another with --port")
    cancel = connection.argv("-O", "cancel", "-L", spec)
    try:
        with if_killed(cancel):
            yield port
    finally:
        runner.run(cancel, timeout=30)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
