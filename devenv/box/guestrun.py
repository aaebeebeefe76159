"""Run a command in the guest as if it ran here: folder, exit code, streams, terminal, signals, and no orphan.

The guest's side is guest/supervisor.sh. It writes its process group's id where a second command over the same
connection finds it, and stays as the parent of the command, because ssh reports a command killed by a signal as 255
and nothing more.
"""

import os
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from devenv.box.ssh import Connection, unreachable
from devenv.errors import BoxError, DevenvError
from devenv.process import Runner, attach, if_killed

GRACE_SIGNALS = 2
"""After so many interrupts the command is killed."""
GRACE_TENTHS = 50
"""Tenths of a second a step has to end after TERM."""


def supervised(token: str, folder: str | None, command: Sequence[str]) -> str:
    """Return the guest's command line: sh text with every word quoted."""
    text = (Path(__file__).parent / "guest" / "supervisor.sh").read_text(encoding="utf-8")
    return shlex.join(["sh", "-c", text, "devenv-run", token, folder or "", *command])


def run(connection: Connection, runner: Runner, command: Sequence[str], *, folder: str | None, tty: bool | None) -> int:
    """Run a command in the guest on our own streams and return its exit code (128+n: ended by signal n).

    tty None means: when standard input and output are terminals. Raises BoxError when the machine is not reached or
    the connection is lost while the command runs.
    """
    if tty is None:
        tty = sys.stdin.isatty() and sys.stdout.isatty()
    token = f"/tmp/devenv-run-{os.urandom(8).hex()}"
    seen: list[int] = []
    over = threading.Event()

    def pass_on(number: int) -> None:
        seen.append(number)
        name = "KILL" if len(seen) > GRACE_SIGNALS else signal.Signals(number).name.removeprefix("SIG")
        # not in the handler: the command may end, and other signals come, while this one is on its way
        threading.Thread(target=_deliver, args=(connection, runner, token, name, over), daemon=True).start()

    # ssh's own remarks are about its connection sharing, or said better by unreachable()
    options = ["-o", "LogLevel=QUIET", "-tt" if tty else "-T"]
    # where the command is ended, the ssh that carried it ends too
    with if_killed(_last_will(connection, token)):
        code = attach([*connection.argv(*options), supervised(token, folder, command)], pass_on, terminal=tty)
    over.set()
    if len(seen) > GRACE_SIGNALS and code in (255, -signal.SIGKILL):
        return 128 + seen[0]
    if code == 255:
        _check_said_255(connection, runner, token, command)
    return 128 - code if code < 0 else code


def shell(connection: Connection, runner: Runner, *, folder: str | None) -> int:
    """Open a login shell in the guest, in folder, and return its exit code; BoxError when the connection is lost."""
    token = f"/tmp/devenv-run-{os.urandom(8).hex()}"
    start = f"cd {shlex.quote(folder)} 2>/dev/null; " if folder else ""
    text = start + f'"${{SHELL:-/bin/sh}}" -l; c=$?; [ $c -ne 255 ] || : >{token}.255; exit $c'
    code = attach([*connection.argv("-o", "LogLevel=QUIET", "-t"), text], None, terminal=True)
    if code == 255:
        _check_said_255(connection, runner, token, ["the shell"])
    return 128 - code if code < 0 else code


def signal_guest(connection: Connection, runner: Runner, token: str, name: str) -> bool:
    """Send a signal to a supervised command and all it started; return False when it has not begun or has ended."""
    # the command's group is that of sshd's child
    # as root where that needs no password: the command may have started something as root itself
    kill = f'kill -{name} -- "-$g"'
    text = f"g=$(cat {token} 2>/dev/null) && {{ sudo -n {kill} 2>/dev/null || {kill}; }}"
    return runner.run([*connection.argv("-T"), text], timeout=20).code == 0


def end_guest(connection: Connection, runner: Runner, token: str) -> None:
    """End a supervised command and all it started: TERM, then KILL for what is still there seconds later."""
    runner.run([*connection.argv("-T"), _ending(token)], timeout=GRACE_TENTHS / 10 + 20)


def _ending(token: str) -> str:
    """Return the sh text that does what end_guest() says."""
    return (
        f"g=$(cat {token} 2>/dev/null) || exit 0; s=; sudo -n true 2>/dev/null && s='sudo -n'; "
        '$s kill -TERM -- "-$g"; n=0; '
        'while $s kill -0 -- "-$g" 2>/dev/null; do '
        f'[ $n -lt {GRACE_TENTHS} ] || {{ $s kill -KILL -- "-$g"; break; }}; sleep 0.1; n=$((n + 1)); done; '
        f"rm -f {token}"
    )


def _last_will(connection: Connection, token: str) -> list[str]:
    """Return the program that ends the command in the guest after us, also when it is only about to begin."""
    text = f"n=0; while [ ! -s {token} ] && [ $n -lt {GRACE_TENTHS} ]; do sleep 0.1; n=$((n + 1)); done; "
    return [*connection.argv("-T"), text + _ending(token)]


def _deliver(connection: Connection, runner: Runner, token: str, name: str, over: threading.Event) -> None:
    """Send a signal as soon as the command is there to get it."""
    while not over.is_set():
        try:
            if signal_guest(connection, runner, token, name):
                return
        except DevenvError:
            return
        over.wait(0.1)


def _check_said_255(connection: Connection, runner: Runner, token: str, command: Sequence[str]) -> None:
    """Raise BoxError unless the guest's command itself ended with 255, which is also ssh's own word for a failure."""
    done = runner.run([*connection.argv("-T"), f"rm {token}.255"], timeout=60)
    if done.code == 255:
        raise unreachable(connection, done.stderr)
    if done.code != 0:
        raise BoxError(
            f"the connection to {connection.machine.name} was lost while {Path(command[0]).name!r} ran",
            hint="it may still run in the box: devenv run -- ps -ef",
        )
