"""What the system says of a file, as one line a person can act on: the edge where OSError becomes FileError."""

from __future__ import annotations

import errno
import os

from devenv.errors import FileError

IN_PLACE = "--in-place writes into the file itself instead of replacing it"

_REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "the system does not permit it (write protection, or the file is another user's)",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your quota of disk space is used up",
    errno.EFBIG: "it would be larger than this process may write",
    errno.EIO: "the disk reports an error",
    errno.ELOOP: "symbolic links lead in a circle",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.ENOENT: "it is not there",
    errno.EBUSY: "the system holds it (a file mounted by itself, as in a container)",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EMFILE: "too many files are open",
}

_HINTS = {
    errno.ENOSPC: "free some space, then try again; the file is as it was",
    errno.EDQUOT: "free some space, then try again; the file is as it was",
    errno.EIO: "look at the disk and the system's log; the file is as it was",
}

_ONLY_REPLACING = (errno.EACCES, errno.EPERM, errno.EBUSY)


def shown_path(path: str) -> str:
    """Return a path for a message: in quotes with escapes when it holds what would break the line."""
    if path.isprintable() and path:
        return path
    from devenv.editor.values import quoted

    return quoted(path)


def file_error(exc: OSError, path: str, doing: str) -> FileError:
    """Return what an OSError means for the file at path, which could not be read, written or locked (doing)."""
    number = exc.errno or 0
    reason = _REASONS.get(number) or (exc.strerror or str(exc) or type(exc).__name__).lower()
    hint = _HINTS.get(number)
    if doing == "replaced" and number in _ONLY_REPLACING:
        hint = IN_PLACE
    return FileError(f"{shown_path(path)} cannot be {doing}: {reason}", hint=hint)


def close(descriptor: int) -> None:
    """Close a descriptor through which nothing was written; what the system says to that changes nothing."""
    try:
        os.close(descriptor)
    except OSError:
        pass


class translated:
    """``with translated(path, doing):`` raises FileError for every OSError of the body."""

    # a class, as all that an edit enters: contextlib is a library to load

    __slots__ = ("_doing", "_path")

    def __init__(self, path: str, doing: str) -> None:
        self._path = path
        self._doing = doing

    def __enter__(self) -> None:
        """Nothing is to be done before."""

    def __exit__(self, kind: object, exc: BaseException | None, _trace: object) -> None:
        if isinstance(exc, OSError):
            raise file_error(exc, self._path, self._doing) from exc
