"""Several files changed as one, and files written in place: a journal says what to finish or to take back.

A journal is a file in a folder only its user may write to (paths.unfinished_edits), held with a flock by the process at
work. Its first byte is its state, which one write changes:

- ``P``: temporary files are being made; after a kill they are removed;
- ``C``: committed; after a kill the rest is done;
- ``B``: something failed; after a kill the rest is put back.

A line with the entries follows and, before the commitment, a second with what the temporary files are.
"""

import json
import os
from collections.abc import Sequence
from typing import NamedTuple

from devenv import paths
from devenv.editor import snapshot, temporary
from devenv.editor.filetrouble import close, file_error, shown_path, translated
from devenv.editor.overwrite import is_between, overwrite
from devenv.editor.snapshot import Snapshot
from devenv.editor.store import Change, backup_number, link_new
from devenv.errors import ConflictError, DevenvError, FileError

try:
    import fcntl
except ImportError:  # Windows: nobody can tell a journal at work from one left behind; its folder is still taken first
    fcntl = None  # type: ignore[assignment]

PREPARED, COMMITTED, TAKEN_BACK = b"P", b"C", b"B"

_PREFIX = ".devenv-many-"
"""Temporary files of a journal: that alone says when they may go."""

BEING_MADE = ".new-"
"""What a journal's name begins with until it is whole and held."""


class Entry(NamedTuple):
    """One file of a journal: ``temp`` takes its place, ``old`` is another name or a copy of what was there."""

    real: str
    temp: str
    old: str
    in_place: bool
    was: tuple[int, ...] | None
    """The identity of the file that is changed; None when it is made."""


class _Step(NamedTuple):
    """What is to be done for one entry."""

    change: Change
    like: str
    """The file whose attributes the new one gets; "" for none."""
    entry: Entry


def commit(changes: list[Change], *, durable: bool = True) -> None:
    """Make all changes or none. To be called with the locks of all files held.

    Raises ConflictError when one of the files was changed by somebody else, FileError when the system refuses one;
    all are as they were then.
    """
    steps = _plan(changes)
    journal = Journal.begin([step.entry for step in steps])
    try:
        new = [_prepare(step, durable=durable) for step in steps]
        for folder in journal.folders():
            temporary.sync_folder(folder)
        for step in steps:
            snapshot.check(step.change.snapshot)
        journal.commit(new)
    except BaseException:
        journal.drop()
        raise
    try:
        for step in steps:
            with translated(step.change.snapshot.path, "written" if step.entry.in_place else "replaced"):
                forward(step.entry)
    except BaseException:
        journal.put_back(new)
        raise
    try:
        journal.finish()
    except KeyboardInterrupt:
        # nothing is left to be taken back: what was kept for that goes now, not with the next edit
        journal.finish()
        raise KeyboardInterrupt("the files were changed before it") from None


def _plan(changes: list[Change]) -> list[_Step]:
    """Return the steps; each backup is one more file to be made."""
    folder = _own_folder()
    steps: list[_Step] = []
    for change in changes:
        found = change.snapshot
        steps.append(_Step(change, found.real if found.stat is not None else "", _entry(change, folder)))
        if change.backup and found.stat is not None:
            with translated(found.path, "backed up"):
                name = f"{found.real}.~{backup_number(found.real)}~"
            backup = Change(Snapshot(name, name, b"", None), found.data)
            steps.append(_Step(backup, found.real, _entry(backup, folder)))
    return steps


def _entry(change: Change, own_folder: str) -> Entry:
    found = change.snapshot
    in_place = change.in_place and found.stat is not None
    name = temporary.fresh_name(_PREFIX)
    beside = f"{own_folder if in_place else os.path.dirname(found.real)}/{name}"  # noqa: PTH120
    was = found.stat.identity if found.stat is not None else None
    return Entry(found.real, f"{beside}-new", f"{beside}-old" if was else "", in_place, was)


def _own_folder() -> str:
    """Return the folder of journals, made if need be; FileError when there can be none that is safe."""
    folder = paths.unfinished_edits()
    hint = "DEVENV_DATA=FOLDER names another place for it"
    if folder is None:
        raise FileError("this edit needs a journal, and there is no home folder to keep it in", hint=hint)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
    except OSError as exc:
        raise FileError(
            f"{file_error(exc, folder, 'made').message}: this edit needs a journal there", hint=hint
        ) from exc
    if not is_own(folder):
        raise FileError(f"{shown_path(folder)} may be written to by others: no journal is kept there", hint=hint)
    return folder


def is_own(path: str) -> bool:
    """Say whether only this user may write there: a journal of another's making could have us replace any file."""
    if not hasattr(os, "geteuid"):
        return True
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _prepare(step: _Step, *, durable: bool) -> tuple[int, int]:
    """Write the new file under its temporary name, give the old one a second name; return what the new one is."""
    change, entry = step.change, step.entry
    found = change.snapshot
    doing = "made" if found.stat is None else "written" if entry.in_place else "replaced"
    with translated(found.path, doing):
        if entry.in_place:
            close(snapshot.open_unchanged(found))
            temporary.write(entry.old, [found.data], like=None, of=found.path, durable=durable)
            temporary.write(entry.temp, change.pieces, like=None, of=found.path, durable=durable)
        elif not step.like:
            temporary.write(entry.temp, change.pieces, like=None, of=found.path, durable=durable)
        else:
            like = snapshot.open_unchanged(found) if found.stat is not None else snapshot.open_file(step.like)
            try:
                temporary.write(entry.temp, change.pieces, like=like, of=found.path, durable=durable)
                if entry.old:
                    _keep_old(entry, found, like, durable=durable)
            finally:
                close(like)
        made = os.lstat(entry.temp)
    return made.st_dev, made.st_ino


def _keep_old(entry: Entry, found: Snapshot, like: int, *, durable: bool) -> None:
    try:
        os.link(entry.real, entry.old)
    except OSError:
        # a file system without hard links: a copy then
        temporary.write(entry.old, [found.data], like=like, of=found.path, durable=durable)


def forward(entry: Entry) -> None:
    """Put the new file in its place; nothing when that is done already.

    Raises ConflictError when what is there now is neither the old nor the new one.
    """
    if not snapshot.is_there(entry.temp):
        return
    if entry.in_place:
        _write_in_place(entry, _kept(entry.temp))
        return
    now = snapshot.identity(entry.real)
    if now is not None and now == snapshot.identity(entry.temp):
        # made by link_new, whose second step is missing
        os.unlink(entry.temp)  # noqa: PTH108
    elif now != entry.was or (now is None and not link_new(entry.temp, entry.real)):
        raise snapshot.conflict(entry.real, "removed" if now is None else "changed")
    elif now is not None:
        os.replace(entry.temp, entry.real)  # noqa: PTH105


def back(entry: Entry, new: tuple[int, ...]) -> None:
    """Put the old file back; nothing when it is there, or when somebody else's is."""
    if entry.in_place:
        if snapshot.is_there(entry.old) and snapshot.is_there(entry.temp):
            _write_in_place(entry, _kept(entry.old))
    else:
        now = snapshot.identity(entry.real)
        if now is not None and now[:2] == tuple(new):
            if entry.was is None:
                os.unlink(entry.real)  # noqa: PTH108
            elif snapshot.is_there(entry.old):
                os.replace(entry.old, entry.real)  # noqa: PTH105
    discard(entry)


def discard(entry: Entry) -> bool:
    """Remove what an entry has made besides; False when not all of it can be."""
    return all([temporary.discard(path) for path in (entry.temp, entry.old) if path])  # noqa: C419  # each is tried


def _write_in_place(entry: Entry, wanted: bytes) -> None:
    """Write the old or the new content, unless it is there; ConflictError when the file holds anything else."""
    assert entry.was is not None
    now = _kept(entry.real)
    if now == wanted:
        return
    if not is_between(now, _kept(entry.old), _kept(entry.temp)):
        raise snapshot.conflict(entry.real, "changed")
    overwrite(entry.real, wanted, entry.was)


def _kept(path: str) -> bytes:
    return snapshot.read(path).data


class Journal:
    """A journal this process holds."""

    def __init__(self, path: str, descriptor: int, entries: list[Entry]) -> None:
        self.path = path
        self.entries = entries
        self._descriptor = descriptor

    @classmethod
    def begin(cls, entries: list[Entry]) -> "Journal":
        """Return a new journal in state P, on the disk."""
        folder = _own_folder()
        text = PREPARED + json.dumps(entries).encode() + b"\n"
        with translated(folder, "written"):
            while True:
                path = f"{folder}/{temporary.fresh_name('')}"
                descriptor = _made(path, text)
                if descriptor is not None:
                    return cls(path, descriptor, entries)

    def folders(self) -> list[str]:
        """Return the folders of all its files, each once."""
        return list({os.path.dirname(path): None for entry in self.entries for path in (entry.real, entry.temp)})  # noqa: PTH120

    def commit(self, new: list[tuple[int, int]]) -> None:
        """Note what the temporary files are and that all shall be done, on the disk: from here on it is."""
        with translated(self.path, "written"):
            os.lseek(self._descriptor, 0, os.SEEK_END)
            temporary.write_all(self._descriptor, [json.dumps(new).encode() + b"\n"])
            # the state is last, in a write of its own: a journal cut short is not committed
            os.fsync(self._descriptor)
            self.mark(COMMITTED)

    def mark(self, state: bytes) -> None:
        """Change the state, on the disk."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, state)
        os.fsync(self._descriptor)

    def drop(self) -> None:
        """Remove what was prepared, or kept for going back, and then the journal: what stays, the next edit removes."""
        if all([discard(entry) for entry in self.entries]):  # noqa: C419  # each is tried
            temporary.discard(self.path)
        close(self._descriptor)

    def finish(self) -> None:
        """Bring the new names to the disk, then remove what was kept for going back, and the journal."""
        for folder in self.folders():
            with translated(folder, "brought to the disk for certain (all files were replaced)"):
                temporary.sync_folder(folder)
        self.drop()

    def put_back(self, new: Sequence[Sequence[int]]) -> None:
        """Put all old files back and remove the journal.

        Raises FileError when the system does not let us; the journal stays then, and the next edit tries again.
        """
        try:
            self.mark(TAKEN_BACK)
        except OSError:
            # a kill in what follows would now be taken for one on the way forward; without one all goes back
            pass
        failed: DevenvError | None = None
        for entry, its in zip(self.entries, new, strict=True):
            try:
                with translated(entry.real, "put back"):
                    back(entry, tuple(its))
            except ConflictError:
                # somebody else's file by now
                discard(entry)
            except DevenvError as exc:
                failed = exc
        if failed is None:
            self.finish()
            return
        close(self._descriptor)
        raise FileError(
            f"{failed.message}, so that some files of this edit are new and some old",
            hint="mend that; the next devenv config puts the rest back",
        )


def _made(path: str, text: bytes) -> int | None:
    """Write a journal that is whole and held when it gets its name; None when it was cleared away as left behind."""
    folder, name = os.path.split(path)
    making = f"{folder}/{BEING_MADE}{name}"
    descriptor = os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if hold(descriptor):
            temporary.write_all(descriptor, [text])
            os.fsync(descriptor)
            os.rename(making, path)  # noqa: PTH104
            temporary.sync_folder(folder)
            return descriptor
    except FileNotFoundError:
        # who looked at it between its making and its lock took it for a dead process's
        pass
    except BaseException:
        close(descriptor)
        temporary.discard(making)
        raise
    close(descriptor)
    temporary.discard(making)
    return None


def hold(descriptor: int, *, shared: bool = False) -> bool:
    """Lock a journal without waiting; False when another process holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # a file system without locks: taken for held, since it may be
        return not shared
    return True


def contents(descriptor: int) -> tuple[bytes, list[Entry], list[list[int]]]:
    """Return state, entries and what the temporary files are; no entries when it is no journal of this version."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    data = b""
    while piece := os.read(descriptor, 1 << 20):
        data += piece
    lines = data[1:].split(b"\n")
    try:
        entries = [
            Entry(real, temp, old, in_place, None if was is None else tuple(was))
            for real, temp, old, in_place, was in json.loads(lines[0])
        ]
        new = json.loads(lines[1]) if len(lines) > 2 else []
    except (ValueError, TypeError):
        return data[:1], [], []
    return (data[:1] if len(new) == len(entries) else PREPARED), entries, new
