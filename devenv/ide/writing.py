"""Pieces into files and out of them: all of them or none, through devenv.editor's store."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from devenv.editor.batch import FileResult
from devenv.editor.snapshot import Snapshot
from devenv.editor.store import Change, Store
from devenv.errors import ConflictError, DevenvError, EditError, ParseError
from devenv.ide.pieces import OwnFile, Placed, Undo, take
from devenv.ide.record import Put


class Job(NamedTuple):
    """What is to be done: pieces to take out, and pieces to put in with the undo of the last time, if any."""

    out: Sequence[tuple[Put, Undo]]
    put: Sequence[tuple[Placed, Undo | None]]
    force: bool = False
    """Whether a file that should be devenv's own is overwritten when somebody else made or changed it."""


class Done(NamedTuple):
    """One file: whose it is, what it was and what it is now (None: it is not there), and the undo of each piece."""

    file: str
    scope: str
    before: bytes | None
    after: bytes | None
    undos: dict[str, Undo]
    executable: bool = False

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def result(self) -> FileResult:
        """The same as devenv.editor says it, with a diff."""
        return FileResult(self.file, self.before or b"", self.after or b"", changed=self.changed)


def rehearse(job: Job, store: Store) -> list[Done]:
    """Return what write() would do; nothing is written. Raises what write() would raise for what is in the files."""
    return [done for _, done in _all(job, store)]


def write(job: Job, store: Store) -> list[Done]:
    """Do a job and return what became of each file; all files are changed or none is.

    A user's file is backed up beside itself before it is changed. Raises ParseError, EditError, FileError or
    ConflictError about the first file that cannot be done, whose name the message has.
    """
    files = _files(job)
    made = [folder for file in files for folder in _make_folders(Path(file))]
    try:
        with store.locked(files):
            done = _all(job, store)
            changes = [
                Change(found, one.after, backup=one.scope == "user" and found.stat is not None)
                for found, one in done
                if one.after is not None and one.changed
            ]
            store.replace_all(changes)
            for found, one in done:
                if one.after is None and found.stat is not None:
                    os.unlink(found.real)  # noqa: PTH108
                elif one.executable:
                    _make_executable(found.real)
    finally:
        _remove_empty(made)
    _remove_empty([Path(folder) for _, undo in reversed(job.out) for folder in undo.get("folders", [])])
    for _, one in done:
        # what was made for a file goes with it
        mine = [str(folder) for folder in made if Path(one.file).is_relative_to(folder)]
        for undo in one.undos.values() if mine else ():
            undo["folders"] = mine
    return [one for _, one in done]


def _files(job: Job) -> list[str]:
    names = [put.file for put, _ in job.out] + [str(placed.file) for placed, _ in job.put]
    return list(dict.fromkeys(names))


def _all(job: Job, store: Store) -> list[tuple[Snapshot, Done]]:
    found = []
    for file in _files(job):
        snapshot = _read(store, file)
        out = [(put, undo) for put, undo in job.out if put.file == file]
        put = [(placed, undo) for placed, undo in job.put if str(placed.file) == file]
        scope = put[0][0].scope if put else out[0][0].scope
        found.append((snapshot, _one(snapshot, scope, out, put, force=job.force)))
    return found


def _one(
    found: Snapshot,
    scope: str,
    out: Sequence[tuple[Put, Undo]],
    put: Sequence[tuple[Placed, Undo | None]],
    *,
    force: bool,
) -> Done:
    before = None if found.stat is None else found.data
    data = before
    undos: dict[str, Undo] = {}
    with _naming(found.path):
        # the last one in comes out first: each undo speaks of the file as it was when its piece went in
        for old, undo in reversed(out):
            if data is not None:
                data = take(old.kind, data, undo)
        for placed, last in put:
            data, undos[placed.piece.key] = _put(placed, data, last, force=force)
    executable = any(isinstance(placed.piece, OwnFile) and placed.piece.executable for placed, _ in put)
    return Done(found.path, scope, before, data, undos, executable)


def _put(placed: Placed, data: bytes | None, last: Undo | None, *, force: bool) -> tuple[bytes, Undo]:
    """Return the bytes with the piece in, and the undo as of the file without it."""
    piece = placed.piece
    base = data if last is None or data is None else take(piece.kind, data, last)
    if isinstance(piece, OwnFile) and base is not None and base != piece.text.encode() and not force:
        how = "was made by somebody else" if last is None else "was changed since devenv wrote it"
        raise ConflictError(f"{placed.file} {how}; it is left as it is", hint="move it away, or --force overwrites it")
    after, undo = piece.put(data)
    if last is None or base == data:
        return after, undo
    if after == data:
        return after, last
    _, undo = piece.put(base)
    # other pieces of ours may be in the file by now: that it was not there before them is known from the first time
    return after, undo | {name: last[name] for name in ("made", "folders") if last.get(name)}


class _naming:
    """Errors inside name the file they are about."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, exc: BaseException | None, _trace: object) -> None:
        from devenv.editor.filetrouble import shown_path

        name = shown_path(self.file)
        if isinstance(exc, ParseError) and exc.file is None:
            raise exc.within(name) from None
        if isinstance(exc, EditError) and self.file not in exc.message:
            raise type(exc)(f"{name}: {exc.message}", hint=exc.hint) from None


def _read(store: Store, file: str) -> Snapshot:
    """Return a file as it is; one whose folder is not there yet is not there either."""
    if not os.path.lexists(os.path.dirname(file)):  # noqa: PTH120
        return Snapshot(file, file, b"", None)
    return store.read(file, missing_ok=True)


def _make_folders(file: Path) -> list[Path]:
    """Make the folders a file lies in; return those that were not there, innermost first."""
    missing = []
    folder = file.parent
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        # ssh wants its folder to be its user's alone; nobody else needs the others
        each.mkdir(mode=0o700 if ".ssh" in each.parts else 0o777, exist_ok=True)
    return missing


def _remove_empty(folders: Iterable[Path]) -> None:
    """Remove those of these folders that have nothing in them."""
    for folder in dict.fromkeys(folders):
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


def refused(action: Callable[[], object]) -> DevenvError | None:
    """Return the error an action ends in; None when it has none."""
    try:
        action()
    except DevenvError as exc:
        return exc
    return None
