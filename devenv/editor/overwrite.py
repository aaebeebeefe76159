"""Writing into a file that has to stay the same file, with both contents at hand until it is done."""

import errno
import os

from devenv.editor import temporary
from devenv.editor.filetrouble import shown_path
from devenv.errors import ConflictError

_BLOCK = 4096


def overwrite(real: str, data: bytes, was: tuple[int, ...]) -> None:
    """Write data into the file that was has the device and inode of; ConflictError when another is there now.

    Room for a longer text is taken first, so that a full disk is met before a byte has changed.
    """
    flags = os.O_WRONLY
    for name in ("O_CLOEXEC", "O_NOFOLLOW", "O_BINARY"):
        flags |= getattr(os, name, 0)
    target = os.open(real, flags)
    try:
        found = os.fstat(target)
        if (found.st_dev, found.st_ino) != tuple(was[:2]):
            raise ConflictError(f"{shown_path(real)} was replaced by somebody else", hint="try again")
        if len(data) > found.st_size:
            _make_room(target, found.st_size, len(data))
        temporary.write_all(target, [data])
        os.ftruncate(target, len(data))
        os.fsync(target)
    finally:
        os.close(target)


def _make_room(target: int, size: int, wanted: int) -> None:
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(target, size, wanted - size)
    except OSError as exc:
        if exc.errno in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENODEV):
            return
        os.ftruncate(target, size)
        raise


def is_between(now: bytes, old: bytes, new: bytes) -> bool:
    """Say whether a content is what a write of new over old leaves when it stops anywhere: each byte of either.

    The file may have been made longer by zeros before. What is not so was changed by somebody else.
    """
    longest = max(len(old), len(new))
    if len(now) not in (len(old), len(new)) and not min(len(old), len(new)) <= len(now) <= longest:
        return False
    for at in range(0, len(now), _BLOCK):
        piece = now[at : at + _BLOCK]
        of_old = old[at : at + _BLOCK].ljust(len(piece), b"\0")
        of_new = new[at : at + _BLOCK].ljust(len(piece), b"\0")
        if piece in (of_old, of_new):
            continue
        if not all(byte in pair for byte, *pair in zip(piece, of_old, of_new, strict=False)):
            return False
    return True
