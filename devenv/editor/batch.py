"""Edits over one file or many, as one: all of them are made, or none is.

Every file is read and edited in memory first, so that a wrong path in the last one leaves the first as it was. What is
written then goes through a journal where it is more than one file (devenv.editor.journal), so that a kill does not part
them either.
"""

from __future__ import annotations

import os

from devenv.editor import engine, formats
from devenv.editor.document import Format
from devenv.editor.edits import Edit
from devenv.editor.filetrouble import shown_path
from devenv.editor.snapshot import Snapshot
from devenv.editor.store import Change, Store
from devenv.errors import EditError, FileError, ParseError
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

_MARKS = "*?["


class FileEdits(Record):
    """The edits of one file, or of every file a glob matches; format None goes by the file's name."""

    file: str
    edits: list[Edit]
    format: Format | None = None
    augeas: bool = False
    literal: bool = False
    """The name is one file's, whatever marks it holds."""


class FileResult:
    """What became of one file: its name as given, whether it changed (or would), and the diff."""

    __slots__ = ("_after", "_before", "changed", "file")

    def __init__(self, file: str, before: bytes, after: bytes, *, changed: bool) -> None:
        self.file = file
        self.changed = changed
        self._before = before
        self._after = after

    @property
    def diff(self) -> str:
        """A unified diff; "" when nothing changed."""
        from devenv.editor.diff import unified

        return unified(self._before, self._after, self.file)

    def __repr__(self) -> str:
        return f"FileResult({self.file!r}, changed={self.changed})"


class _Job(Record):
    """One file as it was read and all edits that go to it, in order, under whatever names."""

    found: Snapshot
    format: Format
    edits: list[Edit]
    augeas: bool


def read_edits(data: bytes, name: str) -> list[FileEdits]:
    """Return what a file of edits asks for: see devenv.editor.editsfile for its form.

    Raises ConfigError with every problem and its place; name is the file's, for messages.
    """
    from devenv.editor import editsfile

    return editsfile.read_edits(data, name)


def apply(
    files: Iterable[FileEdits],
    store: Store | None = None,
    *,
    backup: bool = False,
    in_place: bool = False,
    create: bool = False,
) -> list[FileResult]:
    """Edit files and return what became of each, in order; all are changed or none.

    A store that only reads (store.ReadOnlyStore) makes it a rehearsal. Names that lead to one file are one file. With
    create a file that is not there is made, unless there is nothing to put into it. Raises EditError, ParseError,
    FileError or ConflictError about the first file that cannot be edited; all are as they were then.
    """
    store = store or Store()
    wanted = [each for edits in files for each in _expanded(edits)]
    with store.locked([edits.file for edits in wanted]):
        jobs = _jobs(wanted, store, create=create)
        results, changes = [], []
        for job in jobs:
            result = _applied(job)
            results.append(FileResult(job.found.path, result.before, result.data, changed=result.changed))
            if result.changed:
                changes.append(Change(job.found, result.data, in_place, backup))
        store.replace_all(changes)
    return results


def _expanded(edits: FileEdits) -> list[FileEdits]:
    """Return edits for each file that a glob matches; a file of that very name comes first."""
    name = edits.file
    if edits.literal or not any(mark in name for mark in _MARKS) or os.path.lexists(name):
        return [edits]
    from glob import glob

    names = sorted(found for found in glob(name, recursive=True) if not os.path.isdir(found))  # noqa: PTH112, PTH207
    if not names:
        raise FileError(f"no file matches {shown_path(name)}")
    return [edits._replace(file=found) for found in names]


def _jobs(wanted: list[FileEdits], store: Store, *, create: bool) -> list[_Job]:
    """Read each file once and gather its edits."""
    jobs: dict[object, _Job] = {}
    for edits in wanted:
        found = store.read(edits.file, missing_ok=create)
        # hard links have several names and one inode
        key = found.real if found.stat is None else found.stat.identity[:2]
        there = jobs.get(key)
        if there is None:
            jobs[key] = _Job(found, edits.format or format_of(found), list(edits.edits), edits.augeas)
            continue
        if there.augeas != edits.augeas or (edits.format is not None and edits.format != there.format):
            raise EditError(
                f"{shown_path(there.found.path)} and {shown_path(edits.file)} are one file, to be edited in two ways",
                hint="give all its edits one format and one path language",
            )
        there.edits.extend(edits.edits)
    return list(jobs.values())


def format_of(found: Snapshot) -> Format:
    """Return the format of a file that was read: by the name given, or else by the name of the file a link leads to."""
    try:
        return formats.of_file(found.path)
    except EditError:
        if os.path.abspath(found.path) == found.real:  # noqa: PTH100
            raise
        return formats.of_file(found.real)


def _applied(job: _Job) -> engine.EditResult:
    """Return the edited text; errors name the file."""
    name = shown_path(job.found.path)
    try:
        return engine.apply(job.found.data, job.edits, job.format, augeas=job.augeas)
    except ParseError as exc:
        raise exc.within(name) from None
    except EditError as exc:
        raise type(exc)(f"{name}: {exc.message}", hint=exc.hint) from exc
