"""Pieces into files and out of them: all of them or none, through devenv.editor's store."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from devenv.editor import snapshot
from devenv.editor.batch import FileResult
from devenv.editor.filetrouble import IN_PLACE, shown_path, translated
from devenv.editor.snapshot import Snapshot
from devenv.editor.store import Change, ReadOnlyStore, Store
from devenv.errors import ConflictError, EditError, FileError, ParseError
from devenv.ide.pieces import OwnFile, Placed, Undo, take
from devenv.ide.record import Put


class Job(NamedTuple):
    """What is to be done: pieces to take out, and pieces to put in with the undo of the last time, if any."""

    out: Sequence[tuple[Put, Undo]]
    put: Sequence[tuple[Placed, Undo | None]]
    force: bool = False
    """Whether a file that should be devenv's own is overwritten when somebody else made or changed it."""
    ours: Mapping[str, Sequence[tuple[str, Undo]]] = {}
    """The kinds and undos of all pieces that are devenv's by now, by file, other projects' too."""


class Done(NamedTuple):
    """One file: whose it is, what it was and what it is now (None: it is not there), and the undo of each piece."""

    file: str
    scope: str
    before: bytes | None
    after: bytes | None
    undos: dict[str, Undo]
    executable: bool = False
    only_ours: bool = False
    """Whether all that was in the file was devenv's."""

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def result(self) -> FileResult:
        """The same as devenv.editor says it, with a diff."""
        return FileResult(self.file, self.before or b"", self.after or b"", changed=self.changed)


def rehearse(job: Job, store: ReadOnlyStore) -> list[Done]:
    """Return what write() would do; nothing is written. Raises what write() would raise for what is in the files."""
    found = _all(job, store)
    with _said_plainly():
        store.replace_all(_changes(found))
    return [done for _, done in found]


def write(job: Job, store: Store) -> list[Done]:
    """Do a job and return what became of each file; all files are changed or none is.

    A user's file is backed up beside itself before it is changed. Raises ParseError, EditError, FileError or
    ConflictError about the first file that cannot be done, whose name the message has.
    """
    files = _files(job)
    folders = _missing_folders(job)
    made: list[Path] = []
    try:
        for file in files:
            _make_folders(Path(file), made)
        with store.locked(files), _said_plainly():
            done = _all(job, store, folders)
            store.replace_all(_changes(done))
            for found, one in done:
                if one.after is None and found.stat is not None:
                    snapshot.check(found)
                    os.unlink(found.real)  # noqa: PTH108
                elif one.executable:
                    _make_executable(found.real)
    finally:
        _remove_empty(made)
    _remove_empty([Path(folder) for _, undo in job.out for folder in undo.get("folders", [])])
    return [one for _, one in done]


def without(kind: str, data: bytes | None, undo: Undo) -> bytes | None:
    """Return a file's bytes without a piece, whichever of its forms is there: see ``awaited``."""
    while data is not None:
        data = take(kind, data, undo)
        if "earlier" not in undo:
            break
        undo = undo["earlier"]
    return data


def awaited(undo: Undo, last: Undo | None) -> Undo:
    """Return the undo to record before a file is written: who is killed then has the piece of this time or the last."""
    return undo if last is None or last == undo else undo | {"earlier": _settled(last)}


def _settled(undo: Undo) -> Undo:
    return {name: value for name, value in undo.items() if name != "earlier"}


def _files(job: Job) -> list[str]:
    names = [put.file for put, _ in job.out] + [str(placed.file) for placed, _ in job.put]
    return list(dict.fromkeys(names))


def _changes(found: Iterable[tuple[Snapshot, Done]]) -> list[Change]:
    return [
        Change(file, one.after, backup=one.scope == "user" and file.stat is not None and not one.only_ours)
        for file, one in found
        if one.after is not None and one.changed
    ]


def _missing_folders(job: Job) -> dict[str, list[str]]:
    """Return the folders above each file that are not there, or were made by devenv before; innermost first."""
    before = {folder for ours in job.ours.values() for _, undo in ours for folder in undo.get("folders", [])}
    return {
        file: [str(folder) for folder in Path(file).parents if str(folder) in before or not os.path.lexists(folder)]
        for file in _files(job)
    }


def _all(job: Job, store: Store, folders: Mapping[str, list[str]] | None = None) -> list[tuple[Snapshot, Done]]:
    folders = _missing_folders(job) if folders is None else folders
    found = []
    for file in _files(job):
        data = _read(store, file)
        done = one(file, None if data.stat is None else data.data, job)
        for undo in done.undos.values() if folders[file] else ():
            # what was made for a file goes with it
            undo.setdefault("folders", folders[file])
        found.append((data, done))
    return found


def one(file: str, before: bytes | None, job: Job) -> Done:
    """Return what becomes of one file of a job, wherever that is kept."""
    out = [(put, undo) for put, undo in job.out if put.file == file]
    put = [(placed, undo) for placed, undo in job.put if str(placed.file) == file]
    scope = put[0][0].scope if put else out[0][0].scope
    data = before
    undos: dict[str, Undo] = {}
    ours = job.ours.get(file, ())
    with _naming(file):
        # the last one in comes out first: each undo speaks of the file as it was when its piece went in
        for old, undo in reversed(out):
            data = without(old.kind, data, undo)
        for placed, last in put:
            data, undo = _put(placed, data, last, force=job.force)
            _inherit(undo, placed.piece.kind, [*(undo for _, undo in ours), *undos.values()])
            undos[placed.piece.key] = undo
    executable = any(isinstance(placed.piece, OwnFile) and placed.piece.executable for placed, _ in put)
    return Done(file, scope, before, data, undos, executable, data != before and _is_ours(before, ours))


def _is_ours(data: bytes | None, ours: Iterable[tuple[str, Undo]]) -> bool:
    """Say whether nothing is left of a file without these pieces."""
    try:
        for kind, undo in ours:
            data = without(kind, data, undo)
    except (ParseError, EditError):
        return False
    return data is None


def _put(placed: Placed, data: bytes | None, last: Undo | None, *, force: bool) -> tuple[bytes, Undo]:
    """Return the bytes with the piece in, and the undo as of the file without it."""
    piece = placed.piece
    base = data if last is None else without(piece.kind, data, last)
    if isinstance(piece, OwnFile) and base is not None and base != piece.put(None)[0] and not force:
        how = "was made by somebody else" if last is None else "was changed since devenv wrote it"
        raise ConflictError(f"{placed.file} {how}; it is left as it is", hint="move it away, or --force overwrites it")
    after, undo = piece.put(data)
    if last is None or base == data:
        return after, undo
    if after == data:
        return after, _settled(last)
    _, undo = piece.put(base)
    # other pieces of ours may be in the file by now: that it was not there before them is known from the first time
    return after, undo | {name: last[name] for name in ("made", "folders") if last.get(name)}


def _inherit(undo: Undo, kind: str, others: Iterable[Undo]) -> None:
    """Have a piece take along what other pieces of ours made in its file: it may be the last of them to go."""
    for other in others:
        for name in ("made", "bare"):
            if name in undo and other.get(name):
                undo[name] = True
        if kind.startswith("json") and "above" in undo and isinstance(other.get("above"), list):
            deepest = len(undo["steps"]) - (1 if kind == "json value" else 0)
            more = [place for place in other["above"] if place == undo["steps"][: min(len(place), deepest)]]
            undo["above"] = sorted(undo["above"] + [place for place in more if place not in undo["above"]], key=len)


@contextmanager
def _naming(file: str) -> Iterator[None]:
    """Errors inside name the file they are about."""
    try:
        yield
    except ParseError as exc:
        if exc.file is not None:
            raise
        raise exc.within(shown_path(file)) from None
    except EditError as exc:
        if file in exc.message:
            raise
        raise type(exc)(f"{shown_path(file)}: {exc.message}", hint=exc.hint) from None


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Errors inside advise nothing that only ``devenv config`` has."""
    try:
        yield
    except FileError as exc:
        if exc.hint == IN_PLACE:
            exc.hint = "make it an ordinary file of yours, then try again"
        raise


def _read(store: Store, file: str) -> Snapshot:
    """Return a file as it is; one whose folder is not there yet is not there either."""
    if not os.path.lexists(os.path.dirname(file)):  # noqa: PTH120
        return Snapshot(file, file, b"", None)
    return store.read(file, missing_ok=True)


def _make_folders(file: Path, made: list[Path]) -> None:
    """Make the folders a file lies in, and add those that were not there to ``made``. Raises FileError."""
    for each in reversed([folder for folder in file.parents if not os.path.lexists(folder)]):
        with translated(str(each), "made"):
            # ssh wants its folder to be its user's alone; nobody else needs the others
            each.mkdir(mode=0o700 if ".ssh" in each.parts else 0o777, exist_ok=True)
        made.append(each)


def _remove_empty(folders: Iterable[Path]) -> None:
    """Remove those of these folders that have nothing in them, or only each other."""
    for folder in sorted(set(folders), key=lambda each: -len(each.parts)):
        try:
            folder.rmdir()
        except OSError:
            continue


def _make_executable(real: str) -> None:
    mode = os.stat(real).st_mode & 0o7777  # noqa: PTH116
    if mode & 0o111 != 0o111:
        os.chmod(real, mode | 0o111)  # noqa: PTH101


def name_of(file: str, home: Path, root: Path) -> str:
    """Return a file's name as it is shown: within the project, or from the home folder."""
    path = Path(file)
    for base, prefix in ((root, ""), (home, "~/")):
        if path.is_relative_to(base):
            return f"{prefix}{path.relative_to(base)}"
    return file
