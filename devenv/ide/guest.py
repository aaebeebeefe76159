"""The box's side: what editors need in it, as a provisioning step, and files that editors keep there."""

import shlex
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from devenv.box import implied, steps
from devenv.box.lock import LockedStep, step_digest
from devenv.box.session import Session
from devenv.box.ssh import Connection, unreachable
from devenv.errors import BoxError
from devenv.ide.pieces import Placed, Undo, take
from devenv.ide.record import Put
from devenv.paths import GUEST_STATE, GUEST_VENV
from devenv.process import Runner

STEP = "devenv ide"


class Facts(NamedTuple):
    """What the box says of itself: the user's home, the version of the editors' interpreter, whether the step is done.

    ``shared`` says whether the project's folder there is the one of this computer; None when it is not synced.
    """

    home: str
    python: str
    version: str
    recorded: str
    shared: bool | None = None


def step(user: str, packages: Iterable[str]) -> LockedStep:
    """Return the step that makes the editors' virtual environment with these packages, owned by the box's user."""
    given = (
        f"venv={shlex.quote(GUEST_VENV)}\nowner={shlex.quote(user)}\nrequirements={shlex.quote(' '.join(packages))}\n"
    )
    text = implied.compose("install", given, "ide")
    return LockedStep(STEP, "devenv ide", True, "once", step_digest(STEP, text.encode(), privileged=True), run=text)


def facts(connection: Connection, runner: Runner, python: str, folder: str, mark: str | None) -> Facts:
    """Ask the box; one command over the kept connection. ``mark`` is a file that the project's folder there has."""
    record = f"{GUEST_STATE}/steps/{steps.step_id(STEP)}"
    text = (
        f'p={shlex.quote(python)}; echo "$HOME"; '
        # a virtual environment's own file says it without starting Python
        'if [ -x "$p" ]; then echo "$p"; v=$(sed -n "s/^version *= *//p" "${p%/bin/*}/pyvenv.cfg" 2>/dev/null); '
        '[ -n "$v" ] || v=$("$p" -c \'import sys; print("%d.%d.%d" % sys.version_info[:3])\'); echo "$v"; '
        "else echo; echo; fi; "
        f"sed -n s/^sha256=//p {record} 2>/dev/null || true; echo =; "
        f"[ -e {shlex.quote(folder + '/' + (mark or '.'))} ] && echo shared"
    )
    done = runner.run([*connection.argv("-T"), text], timeout=60)
    if done.code == 255:
        raise unreachable(connection, done.stderr)
    lines, _, rest = done.stdout.partition("=\n")
    home, found, version, recorded, *_ = [*lines.splitlines(), "", "", "", ""]
    return Facts(home, found, version, recorded, None if mark is None else "shared" in rest)


def run_step(job: Session, name: str, connection: Connection, wanted: LockedStep) -> None:
    """Run the step in the box; ToolFailed with its last lines when it fails."""
    with job.report.phase(name, f"step {wanted.name}"):
        job.log.write(f"$ step {wanted.name}\n")
        text = steps.wrapped(implied.script("runner"), wanted, (wanted.run or "").encode(), b"", user="root", folder="")
        done = steps.run(connection, job.runner, text, on_line=job.report.line, log=job.log)
        if done.code != 0:
            raise steps.failed(connection, wanted, done, job.log.name)


def write(
    connection: Connection, runner: Runner, put: Sequence[tuple[Placed, Undo | None]], out: Sequence[tuple[Put, Undo]]
) -> dict[tuple[str, str], Undo]:
    """Put pieces into files of the box and take others out; return the undo of each piece, by file and key."""
    undos: dict[tuple[str, str], Undo] = {}
    names = dict.fromkeys([each.file for each, _ in out] + [str(placed.file) for placed, _ in put])
    for file in names:
        before = _read(connection, runner, file)
        data = before
        for old, undo in reversed(out):
            if old.file == file and data is not None:
                data = take(old.kind, data, undo)
        for placed, last in put:
            if str(placed.file) != file:
                continue
            base = data if last is None or data is None else take(placed.piece.kind, data, last)
            data, undo = placed.piece.put(data)
            undos[file, placed.piece.key] = undo if base == data else placed.piece.put(base)[1]
        if data != before:
            _replace(connection, runner, file, data)
    return undos


def _read(connection: Connection, runner: Runner, file: str) -> bytes | None:
    # base64: what runners give back is text
    done = runner.run([*connection.argv("-T"), f"[ -e {shlex.quote(file)} ] && base64 {shlex.quote(file)}"], timeout=60)
    if done.code == 255:
        raise unreachable(connection, done.stderr)
    import base64

    return base64.b64decode(done.stdout) if done.code == 0 else None


def _replace(connection: Connection, runner: Runner, file: str, data: bytes | None) -> None:
    name = shlex.quote(file)
    if data is None:
        text = f"rm -f {name}"
    else:
        text = f'mkdir -p "$(dirname {name})" && cat >{name}.devenv-new && mv {name}.devenv-new {name}'
    done = runner.run([*connection.argv("-T"), text], stdin=data or b"", timeout=60)
    if done.code != 0:
        raise BoxError(f"{file} in the box cannot be written: {done.stderr.strip() or 'no reason was given'}")
