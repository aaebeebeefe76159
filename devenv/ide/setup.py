"""The use cases: connect an editor to a machine, and keep that true when the machine changes."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from devenv.box.lock import LockedStep
from devenv.box.project import Project
from devenv.box.session import Session
from devenv.editor.store import ReadOnlyStore, Store
from devenv.errors import ConflictError, DevenvError, UsageError
from devenv.ide import editors, guest, interpreter, record, sshfile, writing
from devenv.ide.editors import Editor, Options
from devenv.ide.pieces import OwnFile, Placed
from devenv.ide.reach import Reached, reach
from devenv.ide.record import Put, Setup, Shared
from devenv.ide.removal import box_undos, mend_box, undos
from devenv.ide.target import PYTHON, Target
from devenv.ide.user import User
from devenv.process import Runner

SHIM = ".vagrant/devenv/bin/python"


class Plan(NamedTuple):
    """What a set-up will do: files here and in the box (both rehearsed), and the step there when it is due."""

    editor: Editor
    options: dict[str, str]
    reached: Reached
    step: LockedStep | None
    job: writing.Job
    files: tuple[writing.Done, ...]
    box: writing.Job
    box_files: tuple[writing.Done, ...]
    gone: tuple[Put, ...]
    running: str | None
    unrecorded: bool
    contested: tuple[str, ...] = ()
    """Other projects whose settings in the user's files will be this one's: they have the same name."""
    left: str | None = None
    """The machine it was connected to before, if that is another."""

    @property
    def target(self) -> Target:
        return self.reached.target

    @property
    def changed(self) -> bool:
        return self.step is not None or any(file.changed for file in (*self.files, *self.box_files))

    @property
    def only_project(self) -> bool:
        """Whether no setting of the editor's own is among it: the editor was not found here."""
        placed = [each for each, _ in (*self.job.put, *self.box.put)]
        return only_project((str(each.file), each.scope) for each in placed)

    @property
    def user_files(self) -> list[str]:
        """The user's own files that will be changed."""
        return [file.file for file in self.files if file.changed and file.scope == "user"]


def only_project(files: Iterable[tuple[str, str]]) -> bool:
    """Return whether, of files and whose they are, none but the project's says anything to an editor."""
    # ssh's part and the interpreter as a program are the same for all editors
    return all(scope == "project" or {".ssh", ".vagrant"} & set(Path(file).parts) for file, scope in files)


def options_of(editor: Editor, given: Options, last: Setup | None) -> dict[str, str]:
    """Return the choices of a set-up: those given, else those of the last time; UsageError for what cannot be."""
    options = dict(last.options) if last else {}
    for name, value in given.items():
        if name == "interpreter":
            if not value.startswith("/") or not value.isprintable():
                raise UsageError(
                    f"{value!r} is not an absolute path in the box", hint="--interpreter /home/me/venv/bin/python"
                )
            if value == PYTHON:
                # the one of itself: not a choice
                options.pop(name, None)
                continue
        elif name not in editor.options:
            raise UsageError(f"{editor.title} has no choice of {name}")
        elif value not in editor.options[name]:
            raise UsageError(f"{name} {value!r} is not known", hint=f"there are: {', '.join(editor.options[name])}")
        options[name] = value
    return options


def plan(
    project: Project, runner: Runner, name: str, machine: str, given: Options, user: User, *, force: bool = False
) -> Plan:
    """Return what connecting an editor to a running machine takes; nothing is changed."""
    editor = editors.get(name)
    last = record.read(project).get(name)
    named = given.get("interpreter", PYTHON)
    if last is None and (said := interpreter.chosen(project, machine)):
        # what editors share in the project speaks of one interpreter
        given = {"interpreter": said, **given}
    options = options_of(editor, given, last)
    reached = reach(project, runner, machine, user, options)
    if named != PYTHON and not reached.facts.python:
        raise UsageError(f"there is no program {named} in {machine}", hint="make it first, or leave --interpreter out")
    return _plan(project, runner, editor, options, reached, user, force=force)


def wanted_job(editor: Editor, known: Setup, reached: Reached, user: User) -> writing.Job:
    """Return what should be in the files of an editor that is set up, on a machine that was reached."""
    wanted = _wanted(editor, reached.target, user, known.options)
    return writing.Job([], [(placed, None) for placed in wanted], force=True)


def wanted_in_box(editor: Editor, known: Setup, reached: Reached) -> writing.Job:
    """Return the same of files in the box."""
    pieces = [placed._replace(scope="box") for placed in editor.box_pieces(reached.target, known.options)]
    return writing.Job([], [(placed, None) for placed in pieces], force=True)


def due_step(editor: Editor, options: Options, reached: Reached, known: dict[str, Setup]) -> LockedStep | None:
    """Return the step that has to run in the box for an editor; None when the box has it done.

    What other editors had put in stays: a box has one record of the step, and more packages do no harm.
    """
    user, facts = reached.target.user, reached.facts
    there = {guest.project_of(each): each for each in facts.packages}
    wanted = there | {
        guest.project_of(each): each for each in _packages(editor, options, reached.target.machine, known)
    }
    due = guest.step(user, sorted(wanted.values()))
    return None if due.sha256 == facts.recorded else due


def carry_out(job: Session, plan: Plan, user: User, store: Store) -> tuple[Plan, list[writing.Done]]:
    """Do what a plan says and record it; return the plan as it was in the end, and what became of each file here.

    The box comes first: what is written here speaks of what is there. Raises ConflictError when files changed since
    the plan was made, so that one of the user's own would be changed that the plan does not name.
    """
    project, runner, machine = job.project, job.runner, plan.target.machine
    if plan.step is not None:
        guest.run_step(job, machine, plan.reached.connection, plan.step)
    with record.locked(job.report.note):
        # now that nobody else chooses host names; and the interpreter's version is known after the step
        reached = reach(project, runner, machine, user, plan.options)
        now = _plan(project, runner, plan.editor, plan.options, reached, user, force=plan.job.force)
        for file in now.user_files:
            if file not in plan.user_files:
                raise ConflictError(f"{file} was changed meanwhile", hint="nothing was written: run it again")
        return now, _carry_out(project, runner, now, store)


def _carry_out(project: Project, runner: Runner, plan: Plan, store: Store) -> list[writing.Done]:
    known, shared = record.read(project), Shared()
    # before the files: who is killed in between has it said how to take out what may be in them by then
    record.write_both(project, *_recorded(project, plan, (*plan.files, *plan.box_files), settled=False))
    connection = plan.reached.connection
    try:
        guest.replace(connection, runner, plan.box_files)
        done = writing.write(plan.job, store)
    except (DevenvError, OSError):
        # nothing of it was written here. Whoever is interrupted may have written all: then the record stays
        with contextlib.suppress(DevenvError):
            guest.replace(
                connection, runner, [each._replace(before=each.after, after=each.before) for each in plan.box_files]
            )
        record.write_both(project, known, shared)
        raise
    record.write_both(project, *_recorded(project, plan, (*done, *plan.box_files), of=known))
    last = known.get(plan.editor.name)
    if last is not None and last.machine != plan.target.machine:
        mend_box(project, runner, last, last.put)
    return done


def refresh(job: Session, machine: str, user: User, *, provision: bool = True) -> tuple[list[str], list[DevenvError]]:
    """Bring what is set up for a machine up to date after it was booted; without provision not with the step in it.

    Returns the names of editors that changed, all of them if the host did, and what went wrong for others.
    """
    changed: list[str] = []
    wrong: list[DevenvError] = []
    hosts = {str(sshfile.config_file(user)), str(sshfile.known_hosts_file(user))}
    moved = False
    known = record.read(job.project).items()
    names = [name for name, setup in known if setup.machine == machine and name in editors.MODULES]
    for name in list(names):
        try:
            found = plan(job.project, job.runner, name, machine, {}, user)
            if not provision:
                found = found._replace(step=None)
            if found.changed or found.unrecorded:
                carry_out(job, found, user, Store())
        except DevenvError as exc:
            wrong.append(exc)
            names.remove(name)
            continue
        moved = moved or any(file.changed and file.file in hosts for file in found.files)
        if found.changed:
            changed.append(name)
    return names if moved else changed, wrong


def forget_host(
    project: Project, machine: str, user: User, waiting: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Take a machine that is gone out of ssh's hosts; return its aliases. The rest stays for its next boot."""
    own = {str(sshfile.config_file(user)), str(sshfile.known_hosts_file(user))}
    with record.locked(waiting):
        shared = Shared()
        puts = [put for setup in record.read(project).values() if setup.machine == machine for put in setup.put]
        mine = {put.id: put for put in puts if put.file in own}
        out = [(put, undo) for put in mine.values() if (undo := shared.undo(put)) is not None]
        done = writing.write(writing.Job(out, []), Store()) if out else []
    return list(dict.fromkeys(put.key for put, _ in out)) if any(each.changed for each in done) else []


# what is wanted, and what is known


def _wanted(editor: Editor, target: Target, user: User, options: Options) -> list[Placed]:
    shim = Placed(target.root / shim_name(target), OwnFile(shim_text(target), executable=True), "own")
    return [*sshfile.pieces(target, user), shim, *editor.pieces(target, user, options)]


def shim_name(target: Target) -> str:
    """Return where the program lies in the project: each machine has its own, so that two editors can have two."""
    return SHIM if target.primary else f"{SHIM}-{target.machine}"


def shim_text(target: Target) -> str:
    """Return a program that is the box's Python to whoever starts it; what it runs is devenv.cli.shim."""
    import shlex

    words = shlex.join([sys.executable, "-I", "-m", "devenv.cli.shim", str(target.root), target.machine])
    return f'#!/bin/sh\n# made by devenv ide: the box\'s Python, from this computer\nexec {words} "$@"\n'


def _plan(
    project: Project,
    runner: Runner,
    editor: Editor,
    options: dict[str, str],
    reached: Reached,
    user: User,
    *,
    force: bool,
) -> Plan:
    known, shared = record.read(project), Shared()
    wanted = _wanted(editor, reached.target, user, options)
    in_box = [placed._replace(scope="box") for placed in editor.box_pieces(reached.target, options)]
    machine = reached.target.machine
    pieces = record.pieces(known, shared, machine)
    last = {piece: undo for piece, (_, undo) in pieces.items()}
    ours = record.by_file(pieces)
    ids = {_id(placed) for placed in [*wanted, *in_box]}
    mine = known.get(editor.name)
    others = {put.id for other in known.values() if other.editor != editor.name for put in other.put}
    gone = [put for put in (mine.put if mine else ()) if put.id not in ids | others]
    out = undos(project, gone, Shared())
    out += [(put, put.undo) for put in sshfile.stale(user) if put.undo is not None and put.id not in ids]
    job = writing.Job(out, [(placed, last.get(_id(placed))) for placed in wanted], force, ours)
    files = writing.rehearse(job, ReadOnlyStore())
    in_this_box = gone if mine is not None and mine.machine == machine else []
    box = writing.Job(box_undos(in_this_box), [(placed, last.get(_id(placed))) for placed in in_box], force, ours)
    box_files = guest.rehearse(reached.connection, runner, box)
    step = due_step(editor, options, reached, known)
    found = Plan(
        *(editor, options, reached, step),
        *(job, tuple(files), box, tuple(box_files)),
        *(tuple(gone), editor.running(user), False),
    )
    after, claims = _recorded(project, found, (*files, *box_files))
    contested = _contested(project, shared, wanted, files)
    left = mine.machine if mine is not None and mine.machine != machine else None
    return found._replace(unrecorded=after != known or claims.data != shared.data, contested=contested, left=left)


def _contested(
    project: Project, shared: Shared, wanted: Iterable[Placed], files: Iterable[writing.Done]
) -> tuple[str, ...]:
    before = {done.file: done.before for done in files if done.changed and done.scope == "user"}
    found: list[str] = []
    for placed in wanted:
        data = before.get(str(placed.file))
        if data is not None and placed.piece.put(data)[0] != data:
            found += shared.others(_id(placed), project.root)
    return tuple(dict.fromkeys(found))


def _id(placed: Placed) -> tuple[str, str]:
    return str(placed.file), placed.piece.key


def _packages(editor: Editor, options: Options, machine: str, known: dict[str, Setup]) -> list[str]:
    """Return the Python packages that all editors set up for a machine need in it."""
    wanted = set(editor.packages(options))
    for name, setup in known.items():
        if name in editors.MODULES and name != editor.name and setup.machine == machine:
            wanted |= set(editors.get(name).packages(setup.options))
    return sorted(wanted)


def _recorded(
    project: Project,
    plan: Plan,
    done: Iterable[writing.Done],
    *,
    settled: bool = True,
    of: dict[str, Setup] | None = None,
) -> tuple[dict[str, Setup], Shared]:
    """Return both records as they are after a plan; not settled: as they have to be before it is carried out.

    ``of`` is the project's record of before, where that is not what there is now.
    """
    undos = {(each.file, key): undo for each in done for key, undo in each.undos.items()}
    shared = Shared()
    fresh: dict[tuple[str, str], Put] = {}
    for placed, last in [*plan.job.put, *plan.box.put]:
        # as it will be read
        undo = json.loads(json.dumps(undos[_id(placed)]))
        undo = undo if settled else writing.awaited(undo, last)
        each = Put(str(placed.file), placed.scope, placed.piece.kind, placed.piece.key, undo)
        if not record.of_project(each, project):
            shared.claim(each, undo, project.root)
            each = each._replace(undo=None)
        fresh[each.id] = each
    if settled:
        for gone in [*plan.gone, *(put for put, _ in plan.job.out)]:
            if not record.of_project(gone, project) and gone.id not in fresh:
                shared.release(gone, project.root)
    # what two editors share is the same piece, and is taken out by whichever goes last
    same = plan.target.machine
    known = {
        name: setup._replace(
            put=tuple(
                put if put.scope == "box" and setup.machine != same else fresh.get(put.id, put) for put in setup.put
            )
        )
        for name, setup in (record.read(project) if of is None else of).items()
    }
    before = known.get(plan.editor.name)
    waits = [put for put in plan.gone if not settled and before is not None]
    put = (*fresh.values(), *waits)
    known[plan.editor.name] = Setup(plan.editor.name, plan.target.machine, plan.options, put)
    return known, shared
