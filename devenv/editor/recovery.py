"""After a kill: which journals are in the way of an edit, and finishing them or taking them back."""

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

from devenv.editor import folderlock, temporary
from devenv.editor.filetrouble import close, shown_path, translated
from devenv.editor.journal import BEING_MADE, COMMITTED, TAKEN_BACK, Journal, contents, forward, hold, is_own
from devenv.errors import ConflictError, FileError


class Left(NamedTuple):
    """A journal that is in the way of an edit."""

    path: str
    dead: bool
    """False: another process is just finishing it."""


def in_the_way(files: Iterable[str], folder: str, names: list[str]) -> list[Left]:
    """Return the journals that nobody holds, and those held that are about files in the same folders.

    Asked by who holds the locks of these folders, so that such a holder can only be finishing a killed edit.
    """
    if not is_own(folder):
        return []
    folders = {os.path.dirname(file) for file in files}  # noqa: PTH120
    found = []
    for name in names:
        if not name.removeprefix(BEING_MADE).startswith(f"{temporary.host()}-"):
            continue
        path = f"{folder}/{name}"
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            continue
        try:
            if name.startswith(BEING_MADE):
                if hold(descriptor, shared=True):
                    temporary.discard(path)
            elif hold(descriptor, shared=True):
                found.append(Left(path, True))
            elif any(os.path.dirname(entry.real) in folders for entry in contents(descriptor)[1]):  # noqa: PTH120
                found.append(Left(path, False))
        finally:
            close(descriptor)
    return found


def recover(
    path: str,
    *,
    tell: Callable[[str], None] | None = None,
    news: Callable[[str], None] | None = None,
    patience: float = folderlock.PATIENCE,
) -> None:
    """Finish or take back what a killed edit left half done; nothing when another process is at it.

    tell gets a line on what went wrong, news one on what else was done or is waited for.
    Raises FileError when the system does not let us, ConflictError when others hold the files too long.
    """
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
    if not hold(descriptor) or not os.fstat(descriptor).st_nlink:
        close(descriptor)
        return
    state, entries, new = contents(descriptor)
    journal = Journal(path, descriptor, entries)
    if not entries:
        close(descriptor)
        raise FileError(f"{shown_path(path)} is a damaged journal of a killed edit", hint="look at it, then remove it")
    with folderlock.FolderLock([entry.real for entry in entries], waiting=news, patience=patience):
        if state == COMMITTED:
            _finish(journal, new, tell, news)
        elif state == TAKEN_BACK:
            journal.put_back(new)
        else:
            journal.drop()


def _finish(
    journal: Journal,
    new: list[list[int]],
    tell: Callable[[str], None] | None,
    news: Callable[[str], None] | None,
) -> None:
    for entry in journal.entries:
        try:
            with translated(entry.real, "replaced"):
                forward(entry)
        except ConflictError:
            if tell is not None:
                tell(
                    f"{shown_path(entry.real)} was changed after an edit of it was killed; that edit is left out there"
                )
        except FileError:
            journal.put_back(new)
            return
    journal.finish()
    if news is not None:
        news(f"finished an edit of {len(journal.entries)} files that was killed")
