"""Is what is set up still true: the files, the host name, the key, the interpreter, the folders."""

from pathlib import Path
from typing import NamedTuple

from devenv.box.project import Project
from devenv.editor.store import ReadOnlyStore
from devenv.errors import BoxError, DevenvError, ToolFailed
from devenv.ide import editors, guest, record, setup, sshfile, writing
from devenv.ide.pieces import OwnFile
from devenv.ide.reach import NoMachine, Reached, reach
from devenv.ide.record import Setup
from devenv.ide.target import PYTHON
from devenv.ide.user import User
from devenv.process import Runner

MENDS = "devenv ide setup EDITOR mends it"
OVERWRITES = "devenv ide setup EDITOR --force writes it anew"
CHOOSES = f"devenv ide setup EDITOR --interpreter {PYTHON} takes devenv's own"


class Finding(NamedTuple):
    """One thing looked at: for which editors, what, whether it is true, and what is the matter or what it is."""

    editors: tuple[str, ...]
    what: str
    ok: bool
    says: str


class _Seen(NamedTuple):
    """The same of one editor: what to do about it is said for EDITOR. What two editors share is seen twice."""

    machine: str
    what: str
    ok: bool
    says: str
    mend: str = ""


class _There(NamedTuple):
    """A machine that was reached, and whether ssh leads to it."""

    reached: Reached
    ssh: tuple[bool, str]


def check(project: Project, runner: Runner, user: User, names: list[str]) -> list[Finding]:
    """Return what was found of the editors that are set up (all when none is named), each thing once."""
    known = record.read(project)
    for name in names:
        editors.get(name)
    found: dict[_Seen, list[str]] = {}
    reached: dict[tuple[str, str], _There | BoxError | ToolFailed] = {}
    for name in dict.fromkeys(names or known):
        for seen in _of_editor(project, runner, user, name, known, reached):
            of = found.setdefault(seen, [])
            if name not in of:
                of.append(name)
    return [
        Finding(
            tuple(of), seen.what, seen.ok, "; ".join([seen.says, seen.mend.replace("EDITOR", of[0])]).removesuffix("; ")
        )
        for seen, of in found.items()
    ]


def _of_editor(
    project: Project,
    runner: Runner,
    user: User,
    name: str,
    known: dict[str, Setup],
    reached: dict[tuple[str, str], _There | BoxError | ToolFailed],
) -> list[_Seen]:
    mine = known.get(name)
    if mine is None:
        return [_Seen("", "set-up", False, f"is not set up here: devenv ide setup {name}")]
    if name not in editors.MODULES:
        return [_Seen("", "set-up", False, "was set up by a later devenv, and cannot be looked at")]
    key = _key(mine)
    if key not in reached:
        wanted = [each for other in known.values() if _key(other) == key for each in _names(other)]
        try:
            there = reach(project, runner, mine.machine, user, mine.options, sorted(set(wanted)) if key[1] else ())
            reached[key] = _There(there, _of_ssh(there, runner, user))
        except (BoxError, ToolFailed) as exc:
            reached[key] = exc
    found = reached[key]
    if isinstance(found, NoMachine):
        return [_Seen(mine.machine, "box", False, found.message, f"devenv ide setup EDITOR {found.instead}")]
    if isinstance(found, BoxError | ToolFailed):
        return [_Seen(mine.machine, "box", False, found.message, found.hint or "")]
    return [*_of_box(mine, *found), *_of_files(project, runner, mine, found.reached, user)]


def _key(known: Setup) -> tuple[str, str]:
    return known.machine, known.options.get("interpreter", "")


def _names(known: Setup) -> list[str]:
    """Return the names of the packages that an editor needs."""
    if known.editor not in editors.MODULES:
        return []
    return [guest.project_of(each) for each in editors.get(known.editor).packages(known.options)]


def _of_box(known: Setup, there: Reached, ssh: tuple[bool, str]) -> list[_Seen]:
    target, facts = there.target, there.facts

    def seen(what: str, ok: bool, says: str, mend: str = "") -> _Seen:
        return _Seen(target.machine, what, ok, says, "" if ok else mend)

    found = [seen("ssh", *ssh, MENDS)]
    says = f"{target.python} is Python {facts.version}" if facts.python else f"there is no {target.python} in the box"
    found.append(seen("interpreter", bool(facts.python), says, MENDS if target.python == PYTHON else CHOOSES))
    if facts.python and (absent := [name for name in _names(known) if name in facts.absent]):
        lacks = f"{target.python} has no {', '.join(absent)}: install it there"
        found.append(seen("packages", False, lacks, CHOOSES))
    if facts.shared is not None:
        says = f"{target.root} is {target.folder} in the box" if facts.shared else f"{target.folder} is not the project"
        found.append(seen("folder", facts.shared, says))
    else:
        found.append(seen("folder", True, f"{target.root} is not synced into the box: it opens {target.folder}"))
    for host, folder in target.mappings:
        if folder in facts.missing and host != target.root:
            found.append(seen("folder", False, f"there is no {folder} in the box, which should be {host}"))
    return found


def _of_ssh(there: Reached, runner: Runner, user: User) -> tuple[bool, str]:
    """Ask ssh itself what it makes of the alias; return whether that leads to the machine, and what it is."""
    target = there.target
    argv = ["ssh", "-G", *_config_words(user), target.alias]
    done = runner.run(argv, timeout=20)
    said: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        word, _, value = line.partition(" ")
        # paths are said with their tokens still in them
        said.setdefault(word, []).append(value.replace("%%", "%"))
    wanted = {
        "hostname": target.host,
        "port": str(target.port),
        "user": target.user,
        "hostkeyalias": target.alias,
        "userknownhostsfile": str(sshfile.known_hosts_file(user)),
    }
    wrong = [
        f"{word} {said.get(word, ['nothing'])[0]}" for word, value in wanted.items() if value not in said.get(word, [])
    ]
    missing = [key for key in target.keys if key not in said.get("identityfile", [])]
    if wrong or missing:
        return False, f"ssh {target.alias} has {', '.join(wrong + [f'no key {key}' for key in missing])}"
    for key in target.keys:
        if not Path(key).is_file():
            return False, f"the key {key} is not there"
    return True, f"{target.alias} is {target.user}@{target.host}:{target.port}, with its key"


def _config_words(user: User) -> list[str]:
    """Return the words that make ssh read the user's configuration where $HOME is not the account's home folder."""
    try:
        import os
        import pwd

        if pwd.getpwuid(os.getuid()).pw_dir == str(user.home):
            return []
    except (ImportError, KeyError):
        return []
    return ["-F", str(sshfile.user_config(user))]


def _of_files(project: Project, runner: Runner, known: Setup, there: Reached, user: User) -> list[_Seen]:
    editor, machine = editors.get(known.editor), known.machine
    everything = record.read(project)
    job = setup.wanted_job(editor, known, there, user)
    try:
        files = writing.rehearse(job, ReadOnlyStore())
        files += guest.rehearse(there.connection, runner, setup.wanted_in_box(editor, known, there))
    except DevenvError as exc:
        return [_Seen(machine, "file", False, exc.message)]
    whole = {str(placed.file) for placed, _ in job.put if isinstance(placed.piece, OwnFile)}
    found = []
    for done in files:
        name = writing.name_of(done.file, user.home, project.root)
        name += " in the box" if done.scope == "box" else ""
        if not done.changed:
            found.append(_Seen(machine, "file", True, name))
        elif done.before is None:
            found.append(_Seen(machine, "file", False, f"{name} is not there", MENDS))
        else:
            theirs = done.file in whole and not _is_as_written(known, done)
            mend = OVERWRITES if theirs else MENDS
            found.append(_Seen(machine, "file", False, f"{name} does not say what it should", mend))
    if setup.due_step(editor, known.options, there, everything) is not None:
        found.append(_Seen(machine, "box", False, f"the step {guest.STEP!r} is not done there", MENDS))
    if running := editor.running(user):
        found.append(_Seen(machine, "running", True, f"{running} runs, and writes its settings when it ends"))
    return found


def _is_as_written(known: Setup, done: writing.Done) -> bool:
    """Say whether a file of ours is as the last set-up wrote it, so that the next one may replace it."""
    shared = record.Shared()
    undos = [put.undo or shared.undo(put) for put in known.put if put.file == done.file]
    return any(undo is not None and writing.without(OwnFile.kind, done.before, undo) is None for undo in undos)
