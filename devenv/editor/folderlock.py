"""The lock of an edit: a flock on the folder of the real file, which leaves nothing behind and needs no right to write.

The folder, because a file that is replaced is another file afterwards, and one that is to be made is not there yet.
"""

from __future__ import annotations

import os
import time

from devenv.editor.filetrouble import close, file_error, shown_path, translated
from devenv.errors import ConflictError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

try:
    import fcntl
except ImportError:  # Windows has no lock for folders: there only the look before replacing protects
    fcntl = None  # type: ignore[assignment]

PATIENCE = 60.0
"""Seconds somebody else may hold the lock."""

TELL_AFTER = 1.0
_FIRST_POLL, _LONGEST_POLL = 0.001, 0.02


class FolderLock:
    """The locks of the folders of files (real paths), taken in one order by everybody; a context, or take and release.

    waiting is called once with a line when it takes over a second. take() raises ConflictError after patience seconds.
    """

    def __init__(
        self, files: Iterable[str], *, waiting: Callable[[str], None] | None = None, patience: float = PATIENCE
    ) -> None:
        self._files = list(files)
        self._waiting = waiting
        self._seconds = patience
        self._held: list[int] = []

    def take(self) -> None:
        """Take all of them, or none."""
        if fcntl is None:
            return
        patient = _Patience(self._waiting, self._seconds)
        try:
            while not _take(_places(self._files), self._held, patient):
                _release(self._held)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Give back what is held."""
        _release(self._held)

    def __enter__(self) -> None:
        self.take()

    def __exit__(self, *_exc: object) -> None:
        self.release()


class _Patience:
    def __init__(self, waiting: Callable[[str], None] | None, seconds: float) -> None:
        self._waiting = waiting
        self._started = time.monotonic()
        self._seconds = seconds

    def wait(self, path: str, poll: float) -> None:
        """Wait a moment for the lock on path; ConflictError when it has been long enough."""
        passed = time.monotonic() - self._started
        if passed >= self._seconds:
            raise ConflictError(
                f"another process has been editing in {shown_path(path)} for {passed:.0f} s",
                hint="wait for it to end, then try again",
            )
        if self._waiting is not None and passed >= TELL_AFTER:
            self._waiting(f"waiting for another process that edits in {shown_path(path)}")
            self._waiting = None
        time.sleep(poll)


def _places(files: Iterable[str]) -> list[str]:
    """Return what to lock: each folder, or the file itself where the folder may not be read."""
    return list({_place(file): None for file in files})


def _place(file: str) -> str:
    folder = os.path.dirname(file)  # noqa: PTH120
    return folder if os.access(folder, os.R_OK) else file


def _take(places: list[str], held: list[int], patient: _Patience) -> bool:
    """Lock all places; False when one was replaced before it was locked, so that the wrong one is locked."""
    opened: dict[tuple[int, int], tuple[int, str]] = {}
    for place in places:
        descriptor = _open(place)
        if descriptor is None:
            continue
        held.append(descriptor)
        with translated(place, "locked"):
            found = os.fstat(descriptor)
        opened.setdefault((found.st_dev, found.st_ino), (descriptor, place))
    # by what they are, not by name: a folder may have two names
    for identity in sorted(opened):
        descriptor, place = opened[identity]
        _lock(descriptor, place, patient)
        try:
            now = os.stat(place)  # noqa: PTH116
        except OSError:
            return False
        if (now.st_dev, now.st_ino) != identity:
            return False
    return True


def _open(place: str) -> int | None:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        try:
            return os.open(place, flags)
        except OSError as exc:
            if not _more_files(exc):
                raise
            return os.open(place, flags)
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        # reading it will say so better
        return None
    except OSError as exc:
        raise file_error(exc, place, "locked") from exc


def _more_files(exc: OSError) -> bool:
    """Allow as many open files as this user may have, if too few of them was the trouble."""
    import errno

    if exc.errno != errno.EMFILE:
        return False
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return True


def _lock(descriptor: int, place: str, patient: _Patience) -> None:
    poll = _FIRST_POLL
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            patient.wait(place, poll)
            poll = min(poll * 1.5, _LONGEST_POLL)
        except OSError:
            # a file system without locks: the look before replacing still protects
            return


def _release(held: list[int]) -> None:
    while held:
        close(held.pop())
