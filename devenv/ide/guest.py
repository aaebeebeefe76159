"""The box's side: what editors need in it, as a provisioning step, and files that editors keep there."""

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from devenv.box import implied, steps
from devenv.box.lock import LockedStep, step_digest
from devenv.box.session import Session
from devenv.box.ssh import Connection, unreachable
from devenv.errors import BoxError, ToolFailed
from devenv.ide.writing import Done, Job, one
from devenv.paths import GUEST_STATE, GUEST_VENV
from devenv.process import Runner

STEP = "devenv ide"


_KEY = "devenv ide\0"
"""What the step is recorded by: no step of a devenv.yaml can be called so, whatever it is shown as."""
_BEGIN = "=devenv="
"""Stands before what is asked for: shells of some boxes greet."""
_NOT_THERE = 44
_ABSENT = """\
import sys
from importlib import metadata
for name in sys.argv[1:]:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        print(name, end=" ")
"""


class Facts(NamedTuple):
    """What the box says of itself: the user's home, the version of the editors' interpreter, whether the step is done.

    ``packages`` are those the step put in; ``missing`` the folders of those asked about that are not there;
    ``absent`` are those of the packages asked about that the interpreter does not have;
    ``shared`` says whether the project's folder there is the one of this computer; None when it is not synced.
    """

    home: str
    python: str
    version: str
    recorded: str
    packages: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    shared: bool | None = None
    absent: tuple[str, ...] = ()


def step(user: str, packages: Iterable[str]) -> LockedStep:
    """Return the step that makes the editors' virtual environment with these packages, owned by the box's user."""
    given = (
        f"venv={shlex.quote(GUEST_VENV)}\nowner={shlex.quote(user)}\nrequirements={shlex.quote(' '.join(packages))}\n"
    )
    text = implied.compose("install", given, "ide")
    return LockedStep(STEP, "devenv ide", True, "once", step_digest(STEP, text.encode(), privileged=True), run=text)


def project_of(requirement: str) -> str:
    """Return the name of the package that a requirement is about."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def facts(
    connection: Connection,
    runner: Runner,
    python: str,
    folders: Sequence[str],
    folder: str,
    mark: str | None,
    packages: Sequence[str] = (),
) -> Facts:
    """Ask the box; one command over the kept connection.

    ``folders`` are those that should be there, ``mark`` a file that the project's ``folder`` there has, ``packages``
    those the interpreter should have: to ask that takes starting it.
    """
    absent = f'"$p" -c {shlex.quote(_ABSENT)} {shlex.join(packages)} 2>/dev/null' if packages else ""
    file = f"{GUEST_STATE}/steps/{steps.step_id(_KEY)}"
    text = (
        f'echo {_BEGIN}; p={shlex.quote(python)}; echo "$HOME"; '
        # a virtual environment's own file says it without starting Python
        'if [ -x "$p" ]; then echo "$p"; v=$(sed -n "s/^version *= *//p" "${p%/bin/*}/pyvenv.cfg" 2>/dev/null); '
        '[ -n "$v" ] || v=$("$p" -c \'import sys; print("%d.%d.%d" % sys.version_info[:3])\'); echo "$v"; '
        "else echo; echo; fi; "
        f'echo "$(sed -n s/^sha256=//p {file} 2>/dev/null)"; '
        f'echo "$(cat {GUEST_VENV}/devenv-packages 2>/dev/null)"; '
        f"[ -e {shlex.quote(folder + '/' + (mark or '.'))} ] && echo shared || echo; "
        f'echo "$({absent})"; '
        f'for d in {shlex.join(folders)}; do [ -d "$d" ] || echo "$d"; done; exit 0'
    )
    done = runner.run([*connection.argv("-T"), text], timeout=60)
    if done.code == 255:
        raise unreachable(connection, done.stderr)
    lines = done.stdout.partition(f"{_BEGIN}\n")[2].splitlines()
    home, found, version, recorded, there, shared, without, *missing = [*lines, *[""] * (7 - len(lines))]
    is_shared = None if mark is None else shared == "shared"
    more = (tuple(missing), is_shared, tuple(without.split()))
    return Facts(home, found, version, recorded, tuple(there.split()), *more)


def run_step(job: Session, name: str, connection: Connection, wanted: LockedStep) -> None:
    """Run the step in the box; ToolFailed with its last lines when it fails."""
    with job.report.phase(name, f"step {wanted.name}"):
        job.log.write(f"$ step {wanted.name}\n")
        script = (wanted.run or "").encode()
        text = steps.wrapped(implied.script("runner"), wanted, script, b"", user="root", folder="", key=_KEY)
        done = steps.run(connection, job.runner, text, on_line=job.report.line, log=job.log)
        if done.code != 0:
            error = steps.failed(connection, wanted, done, job.log.name)
            if isinstance(error, ToolFailed):
                error.hint = "the same command again runs it again; the log has all it printed"
            raise error


def rehearse(connection: Connection, runner: Runner, job: Job) -> list[Done]:
    """Return what a job would make of each of its files in the box; they are only read.

    Raises what writing.write() does, and BoxError for a file that cannot be read.
    """
    names = dict.fromkeys([put.file for put, _ in job.out] + [str(placed.file) for placed, _ in job.put])
    return [one(file, _read(connection, runner, file), job) for file in names]


def replace(connection: Connection, runner: Runner, files: Iterable[Done]) -> None:
    """Make files of the box what a rehearsal found; BoxError for one that cannot be written."""
    for done in files:
        if done.changed:
            _replace(connection, runner, done.file, done.after)


def _read(connection: Connection, runner: Runner, file: str) -> bytes | None:
    name = shlex.quote(file)
    # base64: what runners give back is text
    text = f"[ -e {name} ] || exit {_NOT_THERE}; base64 {name}"
    done = runner.run([*connection.argv("-T"), text], timeout=60)
    if done.code == 255:
        raise unreachable(connection, done.stderr)
    if done.code == _NOT_THERE:
        return None
    if done.code != 0:
        raise BoxError(f"{file} in the box cannot be read: {done.stderr.strip() or 'no reason was given'}")
    import base64

    return base64.b64decode(done.stdout)


def _replace(connection: Connection, runner: Runner, file: str, data: bytes | None) -> None:
    name = shlex.quote(file)
    if data is None:
        # with the folders that were made for it, if nothing else is in them
        text = (
            f'rm -f {name} && d=$(dirname {name}) && while case $d in "$HOME"/*) ;; *) false ;; esac && '
            'rmdir "$d" 2>/dev/null; do d=$(dirname "$d"); done'
        )
    else:
        # a link stays one, and the file keeps its mode
        text = (
            f'mkdir -p "$(dirname {name})" && f=$(readlink -f {name}) && n=$f.devenv-new && '
            '{ [ ! -e "$f" ] || cp -p "$f" "$n"; } && cat >"$n" && mv "$n" "$f"'
        )
    done = runner.run([*connection.argv("-T"), text], stdin=data or b"", timeout=60)
    if done.code == 255:
        raise unreachable(connection, done.stderr)
    if done.code != 0:
        raise BoxError(f"{file} in the box cannot be written: {done.stderr.strip() or 'no reason was given'}")
