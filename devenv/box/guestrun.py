"""Run a command in the guest as if it ran here: folder, exit code, streams, terminal, signals, and no orphan.

The guest side is one line of sh. It writes its process group's id where a second command over the same connection finds
it, and stays as the parent of the command, because ssh reports a command killed by a signal as 255 and nothing more.
"""

import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from devenv.box.ssh import Connection, unreachable
from devenv.errors import BoxError
from devenv.process import Runner, attach

# $1: file for the process group, $2: folder or "", then the command.
# trap ':' and not '': the command gets the default action back
SUPERVISOR = r"""
f=$1; d=$2; shift 2
read -r _ _ _ _ g _ </proc/$$/stat; umask 077; echo "$g" >"$f"
trap : INT TERM HUP
for p in /etc/profile.d/devenv*.sh; do [ ! -r "$p" ] || . "$p"; done
if [ -n "$d" ]; then cd "$d" 2>/dev/null || echo "devenv: $d is not there in the box; running in $PWD" >&2; fi
"$@"; c=$?
rm -f "$f"; [ $c -ne 255 ] || : >"$f.255"
exit $c
"""
SUPERVISED = " ".join(f"{line};" for line in SUPERVISOR.strip().splitlines())
GRACE_SIGNALS = 2
"""After so many interrupts the command is killed."""


def supervised(token: str, folder: str | None, command: Sequence[str]) -> str:
    """Return the guest's command line: sh text with every word quoted."""
    return shlex.join(["sh", "-c", SUPERVISED, "devenv-run", token, folder or "", *command])


def run(connection: Connection, runner: Runner, command: Sequence[str], *, folder: str | None, tty: bool | None) -> int:
    """Run a command in the guest on our own streams and return its exit code (128+n: ended by signal n).

    tty None means: when standard input and output are terminals. Raises BoxError when the machine is not reached or
    the connection is lost while the command runs.
    """
    if tty is None:
        tty = sys.stdin.isatty() and sys.stdout.isatty()
    token = f"/tmp/devenv-run-{os.urandom(8).hex()}"
    seen: list[int] = []

    def pass_on(number: int) -> None:
        seen.append(number)
        name = "KILL" if len(seen) > GRACE_SIGNALS else signal.Signals(number).name.removeprefix("SIG")
        signal_guest(connection, runner, token, name)

    code = attach([*connection.argv("-tt" if tty else "-T"), supervised(token, folder, command)], pass_on, terminal=tty)
    if code == 255 and not _said_255(connection, runner, token):
        raise _lost(connection, runner, command)
    if seen and code in (0, 255, -signal.SIGINT, -signal.SIGTERM):
        return 128 + seen[0]
    return 128 - code if code < 0 else code


def shell(connection: Connection, *, folder: str | None) -> int:
    """Open a login shell in the guest, in folder, and return its exit code."""
    start = f"cd {shlex.quote(folder)} 2>/dev/null; " if folder else ""
    text = start + 'exec "${SHELL:-/bin/sh}" -l'
    return attach([*connection.argv("-t"), text], lambda _number: None, terminal=True)


def signal_guest(connection: Connection, runner: Runner, token: str, name: str) -> None:
    """Send a signal to a supervised command and all it started (its group's leader is sshd's child)."""
    # as root where that needs no password: the command may have started something as root itself
    kill = f'kill -{name} -- "-$g"'
    text = f"g=$(cat {token} 2>/dev/null) && {{ sudo -n {kill} 2>/dev/null || {kill}; }}"
    runner.run([*connection.argv("-T"), text], timeout=20)


def _said_255(connection: Connection, runner: Runner, token: str) -> bool:
    """Say whether the guest's command itself ended with 255, which is also ssh's own word for a failure."""
    done = runner.run([*connection.argv("-T"), f"rm {token}.255"], timeout=60)
    return done.code == 0


def _lost(connection: Connection, runner: Runner, command: Sequence[str]) -> BoxError:
    done = runner.run([*connection.argv("-T"), "true"], timeout=60)
    if done.code == 255:
        return unreachable(connection, done.stderr)
    return BoxError(
        f"the connection to {connection.machine.name} was lost while {Path(command[0]).name!r} ran",
        hint="it may still run in the box: devenv run -- ps -ef",
    )
