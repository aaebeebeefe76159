"""A file as it was read, and whether it still is so."""

import os
import stat

from devenv.editor.filetrouble import close, file_error, shown_path
from devenv.errors import ConflictError, FileError, FileMissing
from devenv.record import Record

LARGEST = 512 * 1024 * 1024
"""Bytes of a file that is read; more is refused."""

_COMPARED = 1024 * 1024
"""Up to so many bytes a file's content is compared as well: within a few milliseconds two times can be the same."""

_CHUNK = 1 << 20
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Stat(Record):
    """What the system said of a file when it was read."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    mode: int
    uid: int
    gid: int
    nlink: int

    @property
    def identity(self) -> tuple[int, ...]:
        """What is another when the file was written or replaced."""
        return self[:4]


class Snapshot(Record):
    """A file at one moment: the path as given, the real one after symbolic links, its bytes, its stat.

    stat is None for a file that is not there and may be made.
    """

    path: str
    real: str
    data: bytes
    stat: Stat | None


def read(path: str, *, limit: int = LARGEST, missing_ok: bool = False) -> Snapshot:
    """Return a regular file as it is now; FileError for all else, without waiting for a pipe or reading a device.

    With missing_ok a file that is not there gives an empty snapshot; its folder has to be there.
    """
    if not path or "\0" in path:
        raise FileError(f"{shown_path(path)} is not a file's name")
    real = real_path(path)
    try:
        # before it is opened: opening is enough to rewind a tape or to start a watchdog
        _check_regular(path, os.stat(real).st_mode)  # noqa: PTH116
        return _opened(path, real, limit)
    except FileNotFoundError as exc:
        if missing_ok:
            return _missing(path, real)
        if os.path.islink(path):  # noqa: PTH114
            raise FileError(f"{shown_path(path)} is a link to {shown_path(real)}, which is not there") from exc
        raise FileMissing(f"there is no file {shown_path(path)}") from exc
    except OSError as exc:
        raise file_error(exc, path, "read") from exc


def real_path(path: str) -> str:
    """Return the path after symbolic links; FileError when not even the current folder can be told."""
    try:
        return os.path.realpath(path)
    except UnicodeEncodeError:
        raise FileError(f"{shown_path(path)} is not a file's name") from None
    except OSError as exc:
        raise file_error(exc, path, "found") from exc


def _missing(path: str, real: str) -> Snapshot:
    if os.path.islink(path):  # noqa: PTH114
        raise FileError(f"{shown_path(path)} is a link to {shown_path(real)}, which is not there")
    folder = os.path.dirname(real)  # noqa: PTH120
    if not os.path.isdir(folder):  # noqa: PTH112
        raise FileError(f"{shown_path(path)} cannot be made: there is no folder {shown_path(folder)}")
    return Snapshot(path, real, b"", None)


def _check_regular(path: str, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    kind = next((name for test, name in _KINDS if test(mode)), "no regular file")
    raise FileError(f"{shown_path(path)} is {kind}, not a file")


def open_file(real: str) -> int:
    """Return a descriptor to read from that never waits."""
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):
        flags |= getattr(os, name, 0)
    return os.open(real, flags)


def _opened(path: str, real: str, limit: int) -> Snapshot:
    descriptor = open_file(real)
    try:
        found = os.fstat(descriptor)
        _check_regular(path, found.st_mode)
        if found.st_size > limit:
            raise _too_large(path, limit)
        data = _content(descriptor, found.st_size, limit)
        if len(data) > limit:
            raise _too_large(path, limit)
        return Snapshot(path, real, data, _stat(found))
    finally:
        close(descriptor)


def _too_large(path: str, limit: int) -> FileError:
    shown = f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit} bytes"
    return FileError(f"{shown_path(path)} is larger than {shown}: it is not edited")


def _stat(found: os.stat_result) -> Stat:
    return Stat(
        found.st_dev,
        found.st_ino,
        found.st_size,
        found.st_mtime_ns,
        found.st_mode,
        found.st_uid,
        found.st_gid,
        found.st_nlink,
    )


def _content(descriptor: int, size: int, limit: int) -> bytes:
    """Return all bytes, at most one more than limit; a file of known size takes one read."""
    first = os.read(descriptor, size + 1)
    if len(first) == size and size:
        return first
    pieces, total = [first], len(first)
    # files of /proc have no size, others may be growing or are read in parts
    while total <= limit and (piece := os.read(descriptor, min(_CHUNK, limit + 1 - total))):
        pieces.append(piece)
        total += len(piece)
    return b"".join(pieces)


def identity(real: str) -> tuple[int, ...] | None:
    """Return the identity of what is at a real path now; None when nothing is there."""
    try:
        return _stat(os.lstat(real)).identity
    except FileNotFoundError:
        return None


def is_there(path: str) -> bool:
    """Say whether anything has this name; unlike os.path.lexists, an error is not taken for a no."""
    return identity(path) is not None


def check(snapshot: Snapshot) -> None:
    """Raise ConflictError when path leads elsewhere now or another file is there than was read."""
    now = identity(snapshot.real)
    was = None if snapshot.stat is None else snapshot.stat.identity
    if now != was or real_path(snapshot.path) != snapshot.real:
        raise conflict(snapshot.path, "removed" if now is None else "made" if was is None else "changed")


def open_unchanged(snapshot: Snapshot) -> int:
    """Return a descriptor of the file that was read, for its attributes; ConflictError when it is another one now."""
    assert snapshot.stat is not None
    try:
        descriptor = open_file(snapshot.real)
    except FileNotFoundError:
        raise conflict(snapshot.path, "removed") from None
    try:
        same = _stat(os.fstat(descriptor)).identity == snapshot.stat.identity
        if same and len(snapshot.data) <= _COMPARED:
            same = _content(descriptor, len(snapshot.data), _COMPARED) == snapshot.data
        if not same or real_path(snapshot.path) != snapshot.real:
            raise conflict(snapshot.path, "changed")
    except BaseException:
        close(descriptor)
        raise
    return descriptor


def conflict(path: str, what: str) -> ConflictError:
    """Return the error for a file that somebody else has changed, removed or made."""
    return ConflictError(
        f"{shown_path(path)} was {what} by somebody else since it was read", hint="nothing was written; try again"
    )
