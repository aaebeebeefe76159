"""Provisioning steps and their record inside the box.

Each step is sent to the box's ``sh`` with the runner (guest/runner.sh) before it. The runner records a step, with its
SHA-256, only after it succeeded; Vagrant marks a machine as provisioned before it even starts. The same program, made
of the same lock, is what plain ``vagrant up`` sends (see the Vagrantfile).
"""

import base64
import hashlib
import os
import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from devenv.box.guestrun import end_guest, supervised
from devenv.box.lock import Lock, LockedMachine, LockedStep
from devenv.box.ssh import Connection, unreachable
from devenv.errors import ConfigError, Problem, ToolFailed
from devenv.paths import GUEST_STATE
from devenv.process import Completed, Runner, tail

AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi'
RECORD = re.compile(r"(?P<id>[0-9a-f]{16}):(?P<key>name|sha256|exit|at|seconds)=(?P<value>.*)")


@dataclass(frozen=True)
class Record:
    """What a box says of a step that succeeded there: its name, SHA-256, when (UTC) and for how many seconds it ran."""

    name: str
    sha256: str
    at: str
    seconds: int


def step_id(name: str) -> str:
    """Return the name of a step's record: 16 hex digits, so that any name makes a safe file name."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def workdir(machine: LockedMachine) -> str:
    """Return the guest's folder of the project, where steps run; "" when it is not synced (they run in the home)."""
    return next((folder.guest for folder in machine.sync if folder.host == "."), "")


def program(root: Path, lock: Lock, machine: LockedMachine, step: LockedStep, user: str, *, again: bool = False) -> str:
    """Return the sh text that runs one step; the Vagrantfile makes the same of all steps.

    With again a step that is recorded as done runs as well.
    """
    when = "always" if again else step.when
    user = "root" if step.privileged else user
    return wrapped(lock.runner, step, script(root, step), payload(step), user=user, folder=workdir(machine), when=when)


def wrapped(
    runner: str,
    step: LockedStep,
    text: bytes,
    given: bytes,
    *,
    user: str,
    folder: str,
    when: str = "once",
    key: str | None = None,
) -> str:
    """Return the sh text that runs a step of this text, given a host file's bytes, as a user in a guest's folder.

    It is recorded by its name, or by a key of its own.
    """
    quoted = shlex.join([step.name, step_id(key or step.name), step.sha256, when, user, folder])
    return f"{runner}\ndevenv_step {quoted} <<'DEVENV' || exit $?\n{_b64(text)}\n{_b64(given)}\nDEVENV\n"


def script(root: Path, step: LockedStep) -> bytes:
    """Return a step's text: inline, or its file's bytes."""
    if step.path is None:
        return (step.run or "").encode()
    try:
        return (root / step.path).read_bytes()
    except OSError as exc:
        reason = f"{step.path} cannot be read: {exc.strerror}"
        raise ConfigError([Problem("devenv.yaml", 0, 0, f"provision: {step.name}", reason)]) from exc


def payload(step: LockedStep) -> bytes:
    """Return the host file a step asks for: the first candidate that is a file; b"" when there is none."""
    for candidate in step.payload:
        name = os.environ.get(candidate[1:], "") if candidate.startswith("$") else candidate
        if name and Path(name).is_file():
            return Path(name).read_bytes()
    return b""


def recorded(connection: Connection, runner: Runner) -> dict[str, Record]:
    """Return the box's own record, by step id, in one command over the kept connection."""
    # the file's name comes before each of its lines: one program reads all records
    text = f"cd {GUEST_STATE}/steps 2>/dev/null && grep -H '' -- * 2>/dev/null; true"
    done = runner.run([*connection.argv("-T"), text])
    if done.code == 255:
        raise unreachable(connection, done.stderr)
    facts: dict[str, dict[str, str]] = {}
    for line in done.stdout.splitlines():
        if match := RECORD.match(line):
            facts.setdefault(match["id"], {})[match["key"]] = match["value"]
    return {
        known: Record(said.get("name", ""), said.get("sha256", ""), said.get("at", ""), _whole(said.get("seconds", "")))
        for known, said in facts.items()
        if said.get("exit") == "0"
    }


def _whole(text: str) -> int:
    # a record edited by hand is not worth an error: only its hash decides anything
    return int(text) if text.isdecimal() else 0


def pending(steps: Iterable[LockedStep], done: dict[str, Record], *, force: bool = False) -> list[LockedStep]:
    """Return the steps to run: not recorded with their present hash, or to run always; all of them with force."""
    return [
        step
        for step in steps
        if force
        or step.when == "always"
        or step_id(step.name) not in done
        or done[step_id(step.name)].sha256 != step.sha256
    ]


def run(
    connection: Connection,
    runner: Runner,
    text: str,
    *,
    on_line: Callable[[str], None],
    log: IO[str] | None,
) -> Completed:
    """Run a step's program in the box; an interrupt ends it there too.

    The result's argv is ``["step"]`` when the step itself ended, else ssh's. A step is over when its program is: what
    it leaves in the background may hold its output open for ever, and ssh would wait for that.
    """
    token = f"/tmp/devenv-run-{os.urandom(8).hex()}"
    mark = f"{token} ended with "
    command = supervised(token, None, ["sh", "-c", f"({AS_ROOT}); c=$?; echo '{mark}'$c; exit $c"])
    kept: list[str] = []

    def tell(line: str) -> None:
        line, found, code = line.rpartition(mark) if mark in line else (line, "", "")
        if line or not found:
            kept.append(line)
            if log is not None:
                log.write(line + "\n")
            on_line(line)
        if found:
            raise _Ended(int(code))

    try:
        return runner.stream([*connection.argv("-T"), command], tell, stdin=text)
    except _Ended as ended:
        return Completed(["step"], ended.code, "\n".join(kept), "")
    except BaseException:
        end_guest(connection, runner, token)
        raise


class _Ended(Exception):
    """A step's program ended."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def failed(connection: Connection, step: LockedStep, done: Completed, log: str | None) -> Exception:
    """Return the error for a step that failed: its name, exit code, last lines and the log."""
    if done.code == 255 and done.argv[0] == "ssh":
        error = unreachable(connection, done.stdout)
        error.log = log
        return error
    return ToolFailed(
        ["step", step.name],
        done.code,
        tail(done.stdout),
        message=f"the step {step.name!r} of {connection.machine.name} failed with exit code {done.code}",
        hint="the box is running; mend the step and run devenv up, which runs it again (devenv ssh looks around)",
        log=log,
    )


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
