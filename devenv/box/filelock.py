"""A lock between processes that ends with the process that holds it, however it ends."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from devenv.errors import ConflictError

POLL = 0.2
"""Seconds between two looks at a lock somebody else holds."""


@contextlib.contextmanager
def locked(
    file: Path,
    *,
    what: str = "",
    waiting: Callable[[str], None] | None = None,
    patience: float | None = None,
) -> Iterator[None]:
    """Hold the lock of a file; ``what`` tells others what for.

    While somebody else holds it, waiting is called once with what they said. Raises ConflictError after patience
    seconds (None: waits for ever).
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as handle:
        started = time.monotonic()
        told = False
        while not _try(handle):
            holder = _holder(file)
            if not told and waiting is not None:
                waiting(holder)
                told = True
            if patience is not None and time.monotonic() - started > patience:
                raise ConflictError(f"{holder} is still at work here", hint="wait for it to end, then try again")
            time.sleep(POLL)
        try:
            handle.truncate(0)
            # a full disk takes no words, but the lock holds all the same
            with contextlib.suppress(OSError):
                os.write(handle.fileno(), f"{what or 'devenv'} (process {os.getpid()})".encode())
            yield
        finally:
            handle.truncate(0)
            _release(handle)


def _holder(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip() or "another devenv"
    except (OSError, UnicodeDecodeError):
        return "another devenv"


if sys.platform == "win32":
    import msvcrt

    def _try(handle: IO[str]) -> bool:
        try:
            handle.seek(0x7FFFFFFF)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(handle: IO[str]) -> None:
        handle.seek(0x7FFFFFFF)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try(handle: IO[str]) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(handle: IO[str]) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
