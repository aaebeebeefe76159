"""The use cases: connect an editor to a machine, take that out again, keep it true when the machine changes."""

import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from devenv.box.lock import LockedStep
from devenv.box.project import Project
from devenv.box.session import Session
from devenv.editor.store import ReadOnlyStore, Store
from devenv.errors import DevenvError, UsageError
from devenv.ide import editors, guest, record, sshfile, writing
from devenv.ide.editors import Editor, Options
from devenv.ide.pieces import OwnFile, Placed, Undo
from devenv.ide.reach import Reached, reach
from devenv.ide.record import Put, Setup, Shared
from devenv.ide.target import Target
from devenv.ide.user import User
from devenv.process import Runner

SHIM = ".vagrant/devenv/bin/python"


class Plan(NamedTuple):
    """What a set-up will do: files here (rehearsed), files in the box, and the step there when it is due."""

    editor: Editor
    options: dict[str, str]
    reached: Reached
    step: LockedStep | None
    job: writing.Job
    box: tuple[tuple[Placed, Undo | None], ...]
    files: tuple[writing.Done, ...]
    running: str | None

    @property
    def target(self) -> Target:
        return self.reached.target

    @property
    def changed(self) -> bool:
        return self.step is not None or any(file.changed for file in self.files)

    @property
    def user_files(self) -> list[str]:
        """The user's own files that will be changed."""
        return [file.file for file in self.files if file.changed and file.scope == "user"]


def options_of(editor: Editor, given: Options, last: Setup | None) -> dict[str, str]:
    """Return the choices of a set-up: those given, else those of the last time; UsageError for what cannot be."""
    options = dict(last.options) if last else {}
    for name, value in given.items():
        if name == "interpreter":
            if not value.startswith("/"):
                raise UsageError(
                    f"{value} is not an absolute path in the box", hint="--interpreter /home/me/venv/bin/python"
                )
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
    known = record.read(project)
    options = options_of(editor, given, known.get(name))
    reached = reach(project, runner, machine, user, options)
    wanted = _wanted(editor, reached.target, user, options)
    return _plan(project, editor, options, reached, wanted, known, user, force=force)


def wanted_job(editor: Editor, known: Setup, reached: Reached, user: User) -> writing.Job:
    """Return what should be in the files of an editor that is set up, on a machine that was reached."""
    wanted = _wanted(editor, reached.target, user, known.options)
    return writing.Job([], [(placed, None) for placed in wanted], force=True)


def due_step(editor: Editor, options: Options, reached: Reached, known: dict[str, Setup]) -> LockedStep | None:
    """Return the step that has to run in the box for an editor; None when the box records it as done."""
    due = guest.step(reached.target.user, _packages(editor, options, known))
    return None if due.sha256 == reached.facts.recorded else due


def carry_out(job: Session, plan: Plan, user: User, store: Store) -> list[writing.Done]:
    """Do what a plan says and record it; return what became of each file on this computer.

    The box comes first: what is written here speaks of what is there.
    """
    project, target = job.project, plan.target
    if plan.step is not None:
        guest.run_step(job, target.machine, plan.reached.connection, plan.step)
        # the interpreter's version is known now, and some editors are told it
        reached = reach(project, job.runner, target.machine, user, plan.options)
        wanted = _wanted(plan.editor, reached.target, user, plan.options)
        known = record.read(project)
        plan = _plan(project, plan.editor, plan.options, reached, wanted, known, user, force=plan.job.force)
        target = plan.target
    box_out = _box_out(project, plan)
    box_undos = guest.write(plan.reached.connection, job.runner, plan.box, box_out) if plan.box or box_out else {}
    done = writing.write(plan.job, store)
    _record(project, plan, done, box_undos)
    return done


def remove(project: Project, runner: Runner, name: str, store: Store) -> list[writing.Done]:
    """Take out what was put in for an editor and return what became of each file; a store that only reads rehearses.

    Files in the box are mended when it runs; they go with it otherwise.
    """
    editors.get(name)
    known = record.read(project)
    setup = known.get(name)
    if setup is None:
        there = f"set up are: {', '.join(known)}" if known else "nothing is set up here"
        raise UsageError(f"{name} is not set up for this project", hint=there)
    others = {put.id for other in known.values() if other.editor != name for put in other.put}
    gone = [put for put in setup.put if put.id not in others]
    shared = Shared()
    out = list(_undos(project, gone, shared))
    rehearsal = isinstance(store, ReadOnlyStore)
    job = writing.Job(out, [])
    done = writing.rehearse(job, store) if rehearsal else writing.write(job, store)
    if not rehearsal:
        _mend_box(project, runner, setup, gone)
        del known[name]
        record.write(project, known)
        shared.write()
    return done


def refresh(job: Session, machine: str, user: User) -> list[str]:
    """Bring what is set up for a machine up to date after it was booted; return the names of editors that changed."""
    known = record.read(job.project)
    changed = []
    for name, setup in known.items():
        if setup.machine != machine or name not in editors.MODULES:
            continue
        found = plan(job.project, job.runner, name, machine, {}, user)
        if found.changed or found.box:
            done = carry_out(job, found, user, Store())
            if found.step is not None or any(each.changed for each in done):
                changed.append(name)
    return changed


def forget_host(project: Project, machine: str, user: User) -> list[str]:
    """Take a machine that is gone out of ssh's hosts; return its aliases. The rest stays for its next boot."""
    own = {str(sshfile.config_file(user)), str(sshfile.known_hosts_file(user))}
    shared = Shared()
    out: list[tuple[Put, Undo]] = []
    names: list[str] = []
    for setup in record.read(project).values():
        for put in setup.put if setup.machine == machine else ():
            undo = shared.undo(put)
            if put.file in own and undo is not None and put.id not in [each.id for each, _ in out]:
                out.append((put, undo))
                names.append(put.key)
    done = writing.write(writing.Job(out, []), Store()) if out else []
    return list(dict.fromkeys(names)) if any(each.changed for each in done) else []


# what is wanted, and what is known


def _wanted(editor: Editor, target: Target, user: User, options: Options) -> list[Placed]:
    shim = Placed(target.root / SHIM, OwnFile(shim_text(target), executable=True), "own")
    return [*sshfile.pieces(target, user), shim, *editor.pieces(target, user, options)]


def shim_text(target: Target) -> str:
    """Return a program that is the box's Python to whoever starts it; what it runs is devenv.cli.shim."""
    import shlex

    words = shlex.join([sys.executable, "-I", "-m", "devenv.cli.shim", str(target.root), target.machine])
    return f'#!/bin/sh\n# made by devenv ide: the box\'s Python, from this computer\nexec {words} "$@"\n'


def _plan(
    project: Project,
    editor: Editor,
    options: dict[str, str],
    reached: Reached,
    wanted: Sequence[Placed],
    known: dict[str, Setup],
    user: User,
    *,
    force: bool,
) -> Plan:
    last = {put.id: put for setup in known.values() for put in setup.put}
    shared = Shared()

    def undo(placed: Placed) -> Undo | None:
        put = last.get((str(placed.file), placed.piece.key))
        if placed.scope in ("user", "own"):
            return shared.undo(Put(str(placed.file), placed.scope, placed.piece.kind, placed.piece.key, None))
        return put.undo if put else None

    ids = {(str(placed.file), placed.piece.key) for placed in wanted}
    mine = known.get(editor.name)
    others = {put.id for other in known.values() if other.editor != editor.name for put in other.put}
    gone = [put for put in (mine.put if mine else ()) if put.id not in ids | others and put.scope != "box"]
    out = [(put, back) for put in gone if (back := put.undo or shared.release(put, project.root))]
    out += [(put, put.undo) for put in sshfile.stale(user) if put.undo is not None and put.id not in ids]
    job = writing.Job(out, [(placed, undo(placed)) for placed in wanted], force)
    box = tuple((placed, undo(placed)) for placed in editor.box_pieces(reached.target, options))
    files = writing.rehearse(job, ReadOnlyStore())
    step = due_step(editor, options, reached, known)
    return Plan(editor, options, reached, step, job, box, tuple(files), editor.running(user))


def _packages(editor: Editor, options: Options, known: dict[str, Setup]) -> list[str]:
    """Return the Python packages that all editors of the project need in the box."""
    wanted = set(editor.packages(options))
    for name, setup in known.items():
        if name in editors.MODULES and name != editor.name:
            wanted |= set(editors.get(name).packages(setup.options))
    return sorted(wanted)


def _record(project: Project, plan: Plan, done: Iterable[writing.Done], box_undos: dict[tuple[str, str], Undo]) -> None:
    undos = {(each.file, key): undo for each in done for key, undo in each.undos.items()}
    shared = Shared()
    put = []
    for placed, _ in plan.job.put:
        undo = undos[str(placed.file), placed.piece.key]
        each = Put(str(placed.file), placed.scope, placed.piece.kind, placed.piece.key, None)
        if placed.scope == "project":
            each = each._replace(undo=undo)
        else:
            shared.claim(each, undo, project.root)
        put.append(each)
    for placed, _ in plan.box:
        key = (str(placed.file), placed.piece.key)
        put.append(Put(key[0], "box", placed.piece.kind, key[1], box_undos[key]))
    for gone, _ in plan.job.out:
        shared.release(gone, project.root)
    known = record.read(project)
    known[plan.editor.name] = Setup(plan.editor.name, plan.target.machine, plan.options, tuple(put))
    # the project's comes first: who is killed in between leaves a piece that the next set-up claims
    record.write(project, known)
    shared.write()


def _box_out(project: Project, plan: Plan) -> list[tuple[Put, Undo]]:
    mine = record.read(project).get(plan.editor.name)
    ids = {(str(placed.file), placed.piece.key) for placed, _ in plan.box}
    return [
        (put, put.undo)
        for put in (mine.put if mine else ())
        if put.scope == "box" and put.undo is not None and put.id not in ids
    ]


def _undos(project: Project, gone: Iterable[Put], shared: Shared) -> Iterable[tuple[Put, Undo]]:
    """Return how to take pieces out, but for those that other projects still rely on."""
    for put in gone:
        if put.scope in ("project", "box"):
            undo = put.undo if put.scope == "project" else None
        else:
            undo = shared.release(put, project.root)
        if undo is not None:
            yield put, undo


def _mend_box(project: Project, runner: Runner, setup: Setup, gone: Iterable[Put]) -> None:
    out = [(put, put.undo) for put in gone if put.scope == "box" and put.undo is not None]
    if not out:
        return
    from devenv.box.connect import connect

    try:
        guest.write(connect(project, runner, setup.machine), runner, [], out)
    except DevenvError:
        # a box that is not there, or is down for good, takes its files along
        return
