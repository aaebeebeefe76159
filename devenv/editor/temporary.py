"""Files on their way: written whole beside the file they will replace, under names that tell whose they are."""

from __future__ import annotations

import os
import stat

from devenv.editor.filetrouble import IN_PLACE, close, shown_path
from devenv.errors import FileError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    Pieces: TypeAlias = Sequence[bytes | bytearray | memoryview]
else:
    Pieces = object
"""The bytes of a file in order; a file of 100 MB with one value changed needs no second copy."""

PREFIX = ".devenv-edit-"
"""What a temporary file of one edit is called, before the computer's name and 16 digits."""

LARGEST_SEARCHED = 512 * 1024
"""Bytes of a folder (not of its files): a larger one holds many thousand names and is not searched for leftovers."""

_PRIME = 4_294_967_291
_PIECES_AT_ONCE = 512
_KEPT = ("user.", "system.posix_acl_access")
_NEVER = ("security.ima", "security.evm", "security.capability", "system.posix_acl_default")
"""Hashes of the old content, and what the kernel itself takes away from a file that is written."""


def host() -> str:
    """Return a word for this computer: on a shared disk another computer's files are left alone."""
    # a remainder by a prime tells computers apart as well as a checksum, for which a library would be loaded
    return f"{int.from_bytes(os.uname().nodename.encode(), 'big') % _PRIME:08x}" if hasattr(os, "uname") else "0"


def fresh_name(prefix: str = PREFIX) -> str:
    """Return a name no other process has."""
    return f"{prefix}{host()}-{os.urandom(8).hex()}"


def write(path: str, pieces: Pieces, *, like: int | None, of: str, durable: bool = True) -> None:
    """Write a new file with the owner, mode, extended attributes and ACL of descriptor like.

    Without like it is as any new file here. ``of`` is the file an error is about. The file is on the disk on return,
    unless durable is false; on any error it is gone again.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    target = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o666 if like is None else 0o600)
    try:
        try:
            write_all(target, pieces)
            if like is not None:
                keep_attributes(like, target, of)
            if durable:
                os.fsync(target)
        finally:
            os.close(target)
    except BaseException:
        discard(path)
        raise


def write_all(target: int, pieces: Pieces) -> None:
    """Write all pieces to a descriptor."""
    for start in range(0, len(pieces), _PIECES_AT_ONCE):
        waiting = [memoryview(piece) for piece in pieces[start : start + _PIECES_AT_ONCE] if len(piece)]
        while waiting:
            done = os.writev(target, waiting) if hasattr(os, "writev") else os.write(target, waiting[0])
            while waiting and done >= len(waiting[0]):
                done -= len(waiting.pop(0))
            if waiting and done:
                waiting[0] = waiting[0][done:]


def keep_attributes(source: int, target: int, of: str) -> None:
    """Give target what source has besides its bytes; FileError where the owner or an attribute cannot be kept."""
    was, now = os.fstat(source), os.fstat(target)
    if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
        try:
            os.chown(
                target,
                was.st_uid if was.st_uid != now.st_uid else -1,
                was.st_gid if was.st_gid != now.st_gid else -1,
            )
        except PermissionError:
            raise FileError(
                f"{shown_path(of)} belongs to user {was.st_uid} and group {was.st_gid}, "
                "and only root could replace it and leave it theirs",
                hint=IN_PLACE,
            ) from None
    if hasattr(os, "listxattr"):
        _keep_xattrs(source, target, of)
    if stat.S_IMODE(os.fstat(target).st_mode) != stat.S_IMODE(was.st_mode):
        os.chmod(target, stat.S_IMODE(was.st_mode))


def _keep_xattrs(source: int, target: int, of: str) -> None:
    wanted, present = _xattrs(source), _xattrs(target)
    for name, value in wanted.items():
        if present.get(name) == value or name in _NEVER:
            continue
        try:
            os.setxattr(target, name, value)
        except OSError as exc:
            # labels of security modules and the like: who may not set them gets what the folder gives new files
            if name.startswith(_KEPT):
                raise FileError(
                    f"{shown_path(of)} has the attribute {name}, which cannot be kept: {exc.strerror}", hint=IN_PLACE
                ) from exc
    # the folder's default ACL gave the new file one that the old file has not
    if "system.posix_acl_access" in present and "system.posix_acl_access" not in wanted:
        os.removexattr(target, "system.posix_acl_access")


def _xattrs(descriptor: int) -> dict[str, bytes]:
    try:
        names = os.listxattr(descriptor)
    except OSError:
        # a file system without them
        return {}
    found = {}
    for name in names:
        try:
            found[name] = os.getxattr(descriptor, name)
        except OSError:
            # gone meanwhile, or not for us to read
            continue
    return found


def discard(path: str) -> bool:
    """Remove a file if it is there; False when it cannot be removed."""
    try:
        os.unlink(path)  # noqa: PTH108
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def clean(folder: str) -> None:
    """Remove what killed edits left in a folder.

    To be called with the folder's lock held: then nobody on this computer is still writing such a file.
    """
    try:
        if os.stat(folder).st_size > LARGEST_SEARCHED:  # noqa: PTH116
            return
        for name in os.listdir(folder):  # noqa: PTH208
            if name.startswith(PREFIX) and name.startswith(f"{PREFIX}{host()}-"):
                discard(f"{folder}/{name}")
    except OSError:
        # then the next edit here finds them
        return


def sync_folder(folder: str) -> None:
    """Bring a folder's names to the disk, where its file system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        # a folder one may write to and not read
        return
    try:
        os.fsync(descriptor)
    except OSError as exc:
        import errno

        if exc.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        close(descriptor)
