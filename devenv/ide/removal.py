"""The way back: take out exactly what a set-up put in, on this computer and in the box."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from devenv.box.project import Project
from devenv.editor.store import ReadOnlyStore, Store
from devenv.errors import DevenvError, UsageError
from devenv.ide import editors, guest, record, writing
from devenv.ide.pieces import OwnFile, Undo
from devenv.ide.record import Put, Setup, Shared
from devenv.process import Runner


class Removal(NamedTuple):
    """What became of each file, and what stays: files that somebody changed since, and those of a box out of reach."""

    files: list[writing.Done]
    left: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    """A line each: which file stays in the box, and why."""


def remove(
    project: Project, runner: Runner, name: str, store: Store, waiting: Callable[[str], None] = lambda _: None
) -> Removal:
    """Take out what was put in for an editor and say what became of it; a store that only reads rehearses.

    Files in the box are mended when it can be reached, and go with it when it is not there any more. Raises
    UsageError when the editor is not set up.
    """
    if isinstance(store, ReadOnlyStore):
        job, setup, gone = _removal(project, name, Shared())
        done = writing.rehearse(job, store)
        in_box, stays = mend_box(project, runner, setup, gone, rehearse=True)
        return Removal([*done, *in_box], _left(job, done), stays)
    with record.locked(waiting):
        shared = Shared()
        job, setup, gone = _removal(project, name, shared)
        done = writing.write(job, store)
        in_box, stays = mend_box(project, runner, setup, gone)
        known = record.read(project)
        del known[name]
        record.write_both(project, known, shared)
    return Removal([*done, *in_box], _left(job, done), stays)


def _removal(project: Project, name: str, shared: Shared) -> tuple[writing.Job, Setup, list[Put]]:
    known = record.read(project)
    setup = known.get(name)
    if setup is None:
        # one that a later devenv knew can be taken out too, one that nobody knows is misspelt
        editors.get(name)
        there = f"set up are: {', '.join(known)}" if known else "nothing is set up here"
        raise UsageError(f"{name} is not set up for this project", hint=there)
    others = {put.id for other in known.values() if other.editor != name for put in other.put}
    gone = [put for put in setup.put if put.id not in others]
    ours = record.by_file(record.pieces(known, shared, setup.machine))
    return writing.Job(undos(project, gone, shared), [], ours=ours), setup, gone


def _left(job: writing.Job, done: Iterable[writing.Done]) -> tuple[str, ...]:
    """Return the files that were made for an editor and stay, as they hold something else by now."""
    made = {put.file for put, undo in job.out if put.kind == OwnFile.kind or undo.get("made")}
    return tuple(each.file for each in done if each.file in made and each.after is not None and not each.changed)


def undos(project: Project, gone: Iterable[Put], shared: Shared) -> list[tuple[Put, Undo]]:
    """Return how to take pieces out of files here, but for those that other projects still rely on."""
    found = []
    for put in gone:
        if put.scope == "box":
            continue
        undo = put.undo if record.of_project(put, project) else shared.release(put, project.root)
        if undo is not None:
            found.append((put, undo))
    return found


def box_undos(gone: Iterable[Put]) -> list[tuple[Put, Undo]]:
    """Return how to take pieces out of files in the box."""
    return [(put, put.undo) for put in gone if put.scope == "box" and put.undo is not None]


def mend_box(
    project: Project, runner: Runner, setup: Setup, gone: Iterable[Put], *, rehearse: bool = False
) -> tuple[list[writing.Done], tuple[str, ...]]:
    """Take pieces out of files in the box; return what became of each, and a line for each that stays."""
    out = box_undos(gone)
    if not out:
        return [], ()
    from devenv.box.connect import connect

    try:
        connection = connect(project, runner, setup.machine)
        done = guest.rehearse(connection, runner, writing.Job(out, []))
        if not rehearse:
            guest.replace(connection, runner, done)
    except DevenvError as exc:
        if setup.machine not in project.created():
            # its files went with it
            return [], ()
        files = dict.fromkeys(put.file for put, _ in out)
        return [], tuple(f"{exc.message}: {file} in the box stays" for file in files)
    return done, ()
