"""The only place that touches users' files: read a snapshot, replace a file whole or not at all.

What it promises (docs/adr/0040-how-files-are-written.md says why and where it ends):

- killed at any point, a file is the old or the new one; what was left beside it goes with the next edit in its folder;
- mode, owner, group, extended attributes and ACL stay, or nothing is written; symbolic links stay links;
- a write-protected file is replaced as ``sed -i`` and editors replace it: what counts is the right to its folder;
- a file with several hard links is refused, since replacing would part them, unless it is to be written in place;
- somebody else's change since it was read is a ConflictError; edits through a store lose none to each other.
"""

from __future__ import annotations

import os
import time

from devenv.editor import snapshot, temporary
from devenv.editor.filetrouble import IN_PLACE, close, shown_path, translated
from devenv.editor.folderlock import PATIENCE, FolderLock
from devenv.editor.snapshot import LARGEST, Snapshot
from devenv.editor.temporary import Pieces
from devenv.errors import DevenvError, FileError
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from devenv.editor.recovery import Left

_MOMENT = 0.01
"""Seconds until it is looked again whether another process has finished a killed edit."""


class Change(Record):
    """A file and what its bytes shall be: in one piece, or in pieces in order."""

    snapshot: Snapshot
    data: bytes | Pieces
    in_place: bool = False
    backup: bool = False

    @property
    def pieces(self) -> Pieces:
        """The bytes as pieces."""
        return [self.data] if isinstance(self.data, bytes | bytearray | memoryview) else self.data


class Store:
    """The files of this computer.

    ``tell`` gets a line when an edit waits, and when a killed one was finished or could not be; with ``quiet`` only
    when something went wrong.
    """

    def __init__(
        self,
        *,
        tell: Callable[[str], None] | None = None,
        quiet: bool = False,
        patience: float = PATIENCE,
        durable: bool = True,
    ) -> None:
        self.tell = tell
        self.news = None if quiet else tell
        self.patience = patience
        self.durable = durable
        self._stuck: set[str] = set()

    def read(self, path: str | os.PathLike[str], *, limit: int = LARGEST, missing_ok: bool = False) -> Snapshot:
        """Return a file as it is now: see snapshot.read."""
        return snapshot.read(os.fspath(path), limit=limit, missing_ok=missing_ok)

    def locked(self, paths: Iterable[str | os.PathLike[str]]) -> _Locked:
        """Return the context that keeps other edits away from files, named or not there yet.

        What killed edits left is finished or removed first. Entering it raises ConflictError when others take too long.
        """
        return _Locked(self, [os.fspath(path) for path in paths])

    def _take(self, given: list[str]) -> FolderLock:
        """Return the locks for files, taken."""
        deadline = time.monotonic() + self.patience
        while True:
            files = [snapshot.real_path(path) for path in given if "\0" not in path]
            lock = FolderLock(files, waiting=self.news, patience=self.patience)
            lock.take()
            try:
                # with the locks in hand: who was killed before we got them has left its journal by now
                left = self._left(files)
                if not left or time.monotonic() > deadline:
                    for folder in {os.path.dirname(file): None for file in files}:  # noqa: PTH120
                        temporary.clean(folder)
                    return lock
            except BaseException:
                lock.release()
                raise
            lock.release()
            self._recover(left)

    def recover(self) -> None:
        """Finish or take back what killed edits left half done; nothing to do costs one look at a folder."""
        self._recover(self._left(()))

    def _left(self, files: Iterable[str]) -> list[Left]:
        from devenv import paths

        folder = paths.unfinished_edits()
        try:
            names = os.listdir(folder) if folder else []  # noqa: PTH208
        except OSError:
            return []
        if not names or not folder:
            return []
        from devenv.editor import recovery

        return [left for left in recovery.in_the_way(files, folder, names) if left.path not in self._stuck]

    def _recover(self, journals: list[Left]) -> None:
        for left in journals:
            if not left.dead:
                # another process is just finishing it
                time.sleep(_MOMENT)
                continue
            from devenv.editor import recovery

            try:
                recovery.recover(left.path, tell=self.tell, news=self.news, patience=self.patience)
            except (OSError, DevenvError) as exc:
                # not in the way of edits elsewhere: it is tried again by the next process
                self._stuck.add(left.path)
                if self.tell is not None and not isinstance(exc, FileNotFoundError):
                    self.tell(f"an edit that was killed could not be finished: {exc}")

    def replace(self, found: Snapshot, data: bytes | Pieces, *, in_place: bool = False, backup: bool = False) -> bool:
        """Make data the content of the file that was read; False, and nothing written, when it is so already.

        With in_place the file itself is written, its old and new content safe in a journal until that is done. With
        backup the old file is kept beside it as ``FILE.~1~``, ``FILE.~2~`` …, as cp --backup=numbered does.

        Raises ConflictError when somebody else changed the file, FileError for what the system refuses; the file is
        as it was then.
        """
        return self.replace_all([Change(found, data, in_place, backup)])[0]

    def replace_all(self, changes: list[Change]) -> list[bool]:
        """Replace several files, all or none; return which of them were written."""
        needed = [not _is_so(change) for change in changes]
        due = [change for change, needs in zip(changes, needed, strict=True) if needs]
        for change in due:
            _check_links(change)
        if not due:
            return needed
        with translated(due[0].snapshot.path, "replaced"):
            if len(due) == 1 and not (due[0].in_place and due[0].snapshot.stat is not None):
                self._replace_one(due[0])
            else:
                from devenv.editor import journal

                journal.commit(due, durable=self.durable)
        return needed

    def _replace_one(self, change: Change) -> None:
        found = change.snapshot
        folder = os.path.dirname(found.real)  # noqa: PTH120
        temp = os.path.join(folder, temporary.fresh_name())  # noqa: PTH118
        with translated(found.path, "made" if found.stat is None else "replaced"):
            like = None if found.stat is None else snapshot.open_unchanged(found)
            saved = None
            try:
                temporary.write(temp, change.pieces, like=like, of=found.path, durable=self.durable)
                if change.backup and like is not None:
                    saved = _back_up(found, like, durable=self.durable)
                snapshot.check(found)
                publish(temp, found)
            except BaseException:
                temporary.discard(temp)
                if saved:
                    temporary.discard(saved)
                raise
            finally:
                if like is not None:
                    close(like)
        if self.durable:
            with translated(found.path, "brought to the disk for certain (it was replaced)"):
                temporary.sync_folder(folder)


class _Locked:
    """Store.locked() as a context."""

    def __init__(self, store: Store, paths: list[str]) -> None:
        self._store = store
        self._paths = paths
        self._lock: FolderLock | None = None

    def __enter__(self) -> None:
        self._lock = self._store._take(self._paths)

    def __exit__(self, *_exc: object) -> None:
        if self._lock is not None:
            self._lock.release()


class ReadOnlyStore(Store):
    """A store that writes nothing: ``written`` holds the changes it was asked for."""

    def __init__(self, *, tell: Callable[[str], None] | None = None) -> None:
        super().__init__(tell=tell)
        self.written: list[Change] = []

    def locked(self, paths: Iterable[str | os.PathLike[str]]) -> _Locked:
        """Lock nothing: files are replaced in one step, so what is read is whole."""
        return _Locked(self, [])

    def _take(self, given: list[str]) -> FolderLock:
        return FolderLock(given)

    def recover(self) -> None:
        """Leave what others left."""

    def replace_all(self, changes: list[Change]) -> list[bool]:
        """Remember the changes that would be written; refuse those that would be refused by their looks."""
        needed = [not _is_so(change) for change in changes]
        for change, needs in zip(changes, needed, strict=True):
            if needs:
                _check_links(change)
                self.written.append(change)
        return needed


def publish(temp: str, found: Snapshot) -> None:
    """Put a finished temporary file in the place of the one that was read; ConflictError if one was made meanwhile."""
    if found.stat is not None:
        os.replace(temp, found.real)  # noqa: PTH105
    elif not link_new(temp, found.real):
        raise snapshot.conflict(found.path, "made")


def link_new(temp: str, real: str) -> bool:
    """Give a finished temporary file a name nobody has; False when somebody has it."""
    try:
        os.link(temp, real)
    except FileExistsError:
        return False
    except OSError:
        # a file system without hard links
        if snapshot.is_there(real):
            return False
        os.rename(temp, real)  # noqa: PTH104
        return True
    os.unlink(temp)  # noqa: PTH108
    return True


def backup_number(real: str) -> int:
    """Return the next free number of ``FILE.~N~``."""
    folder, name = os.path.split(real)
    numbers = [0]
    for other in os.listdir(folder):  # noqa: PTH208
        digits = other[len(name) + 2 : -1]
        if other == f"{name}.~{digits}~" and digits.isdigit() and digits.isascii() and len(digits) < 10:
            numbers.append(int(digits))
    return max(numbers) + 1


def _back_up(found: Snapshot, like: int, *, durable: bool) -> str:
    """Write the old file under its next free backup name and return that; it is there whole or not at all."""
    temp = os.path.join(os.path.dirname(found.real), temporary.fresh_name())  # noqa: PTH118, PTH120
    temporary.write(temp, [found.data], like=like, of=found.path, durable=durable)
    try:
        number = backup_number(found.real)
        while not link_new(temp, f"{found.real}.~{number}~"):
            number += 1
    except BaseException:
        temporary.discard(temp)
        raise
    return f"{found.real}.~{number}~"


def _is_so(change: Change) -> bool:
    """Say whether the file holds these bytes already, without putting pieces together."""
    old, at = change.snapshot.data, 0
    if change.snapshot.stat is None or sum(map(len, change.pieces)) != len(old):
        return False
    for piece in change.pieces:
        if not old.startswith(piece, at):
            return False
        at += len(piece)
    return True


def _check_links(change: Change) -> None:
    found = change.snapshot
    if found.stat is not None and found.stat.nlink > 1 and not change.in_place:
        raise FileError(
            f"{shown_path(found.path)} has {found.stat.nlink} names (hard links), which replacing it would part",
            hint=IN_PLACE,
        )
