"""Set any value in a config file, changing only the bytes that must change.

::

    from devenv.editor import Set, edit_file
    edit_file("package.json", [Set("scripts.test", "node --test")])

edit_text() is pure; edit_file() reads the file, edits its text and replaces it whole or not at all; edit_files() does
the same with many files, all of them or none. All may be called from several threads, which take turns. Errors are
those of devenv.errors: EditError for a path or a value, ParseError for a text that is not in its format, FileError for
what the system refuses, ConflictError when somebody else changed the file.
"""

from __future__ import annotations

import os

from devenv.editor.edits import Append, Edit, Merge, Set, Unset, checked
from devenv.editor.values import Number, Untyped, Value
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, TypeVar

    from devenv.editor.batch import FileResult
    from devenv.editor.document import Document, Format
    from devenv.editor.engine import EditResult

    # a mapping's keys are of one type: Mapping[str | PathLike, …] would refuse a dict[str, …] that has a name
    Name = TypeVar("Name", bound=str | os.PathLike[str])

__all__ = [
    "Append",
    "Edit",
    "EditResult",
    "FileResult",
    "Merge",
    "Number",
    "Set",
    "Unset",
    "Untyped",
    "edit_file",
    "edit_files",
    "edit_text",
    "list_values",
    "read_value",
]

_REQUIRED: Any = object()

if not TYPE_CHECKING:

    def __getattr__(name):
        """Return the types of results, which few programs name: what they come with is loaded late."""
        if name == "EditResult":
            from devenv.editor.engine import EditResult

            return EditResult
        if name == "FileResult":
            from devenv.editor.batch import FileResult

            return FileResult
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def edit_text(
    text: str | bytes,
    edits: Sequence[Edit],
    *,
    format: str | None = None,
    name: str | None = None,
    lens: str | None = None,
    augeas: bool = False,
) -> EditResult:
    """Return the text with edits applied, the same text if nothing changes; no file is touched.

    The format is that of lens or format, else the one a file called name goes by. ``result.data`` holds the bytes,
    ``result.changed`` and ``result.diff(name)`` say what is different. With augeas all paths are Augeas expressions.
    """
    from devenv.editor import engine

    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return engine.apply(data, checked(edits), _format(format, lens, name), augeas=augeas)


def edit_file(
    path: str | os.PathLike[str],
    edits: Sequence[Edit],
    *,
    format: str | None = None,
    lens: str | None = None,
    check: bool = False,
    backup: bool = False,
    in_place: bool = False,
    create: bool = False,
    augeas: bool = False,
) -> FileResult:
    """Edit a file and return its name, whether it changed, and the diff. Where nothing changes nothing is written.

    check changes nothing and says what would be; backup keeps the old file as ``FILE.~1~``, ``FILE.~2~`` …; in_place
    writes the file itself, which a file with several hard links needs; create makes a file that is not there.
    """
    options = {"check": check, "backup": backup, "in_place": in_place, "create": create, "augeas": augeas}
    return edit_files({path: edits}, format=format, lens=lens, **options)[0]


def edit_files(
    edits: Mapping[Name, Sequence[Edit]] | Mapping[str | os.PathLike[str], Sequence[Edit]],
    *,
    format: str | None = None,
    lens: str | None = None,
    check: bool = False,
    backup: bool = False,
    in_place: bool = False,
    create: bool = False,
    augeas: bool = False,
) -> list[FileResult]:
    """Edit many files, all of them or none, and return what became of each. Names are taken as they are, not as globs.

    The options are those of edit_file(); a kill leaves all old or, after the next edit by the same user, all new.
    """
    from devenv.editor.batch import FileEdits, apply
    from devenv.editor.store import ReadOnlyStore, Store
    from devenv.errors import ForceNeeded

    fmt = _format(format, lens, None) if format or lens else None
    names: Iterable[str | os.PathLike[str]] = edits
    named = zip(names, edits.values(), strict=True)
    files = [FileEdits(os.fspath(name), checked(each), fmt, augeas, literal=True) for name, each in named]
    store = ReadOnlyStore() if check else Store()
    try:
        return apply(files, store, backup=backup, in_place=in_place, create=create)
    except ForceNeeded as exc:
        raise ForceNeeded(exc.message, hint=(exc.hint or "").replace("--force", "force=True") or None) from None


def read_value(
    path: str | os.PathLike[str],
    key_path: str,
    default: Any = _REQUIRED,
    *,
    format: str | None = None,
    lens: str | None = None,
    augeas: bool = False,
) -> Any:
    """Return the value at a path of a file as plain Python: None, bool, int, float, str, list or dict.

    Numbers that JSON or Python cannot have come as Number, dates and what else JSON has not as Literal: both are their
    text. What was read can be set again without a change, floats too, though 1.10 is read as 1.1. Where nothing is,
    default is returned or, without one, PathNotFound raised; a path that leads to several places is an EditError. With
    augeas the path is an Augeas expression.
    """
    from devenv.editor.turns import ONE_AT_A_TIME
    from devenv.editor.values import to_plain
    from devenv.errors import EditError, PathNotFound

    data, fmt = _found(os.fspath(path), format, lens)
    with ONE_AT_A_TIME:
        document = _opened(os.fspath(path), data, fmt)
        places = _places(document, key_path, augeas=augeas)
        if len(places) > 1:
            raise EditError(f"{os.fspath(path)}: {key_path} leads to {len(places)} places")
        if places:
            return to_plain(document.read(places[0]))
    if default is _REQUIRED:
        raise PathNotFound(f"{os.fspath(path)}: there is no {key_path}")
    return default


def list_values(
    path: str | os.PathLike[str],
    key_path: str = "$",
    *,
    format: str | None = None,
    lens: str | None = None,
    augeas: bool = False,
) -> list[tuple[str, Any]]:
    """Return every leaf below a path of a file, as its own path and its value as plain Python, in file order.

    Empty objects and arrays are leaves. The paths can be set as they are. With augeas key_path is an Augeas expression.
    """
    from devenv.editor.turns import ONE_AT_A_TIME

    data, fmt = _found(os.fspath(path), format, lens)
    with ONE_AT_A_TIME:
        document = _opened(os.fspath(path), data, fmt)
        return _leaves(document, _places(document, key_path, augeas=augeas))


def _leaves(document: Document, places: list[Any]) -> list[tuple[str, Any]]:
    from devenv.editor.keypath import spelled
    from devenv.editor.values import SCALARS, to_plain

    found: list[tuple[str, Value]] = []
    waiting = list(reversed(places))
    while waiting:
        place = waiting.pop()
        below = [] if document.kind(place) in SCALARS else [(*place, step) for step in document.entries(place)]
        if not below:
            found.append((spelled(place), to_plain(document.read(place))))
        waiting += reversed(below)
    return found


def _format(format: str | None, lens: str | None, name: str | None) -> Format:
    from devenv.editor import formats
    from devenv.errors import UsageError

    if lens is not None and format is not None:
        raise UsageError("format and lens say the same thing: give one of them")
    if lens is not None:
        return formats.of_lens(lens)
    if format is not None:
        return formats.named(format)
    if name is None:
        raise UsageError("the format is not known: give format, lens or name")
    return formats.of_file(name)


def _found(path: str, format: str | None, lens: str | None) -> tuple[bytes, Format]:
    """Return what a file holds and its format."""
    from devenv.editor import batch
    from devenv.editor.store import Store

    store = Store()
    store.recover()
    found = store.read(path)
    return found.data, _format(format, lens, None) if format or lens else batch.format_of(found)


def _opened(path: str, data: bytes, fmt: Format) -> Document:
    from devenv.editor import formats
    from devenv.errors import ParseError

    try:
        return formats.open_document(data, fmt)
    except ParseError as exc:
        raise exc.within(path) from None


def _places(document: Document, key_path: str, *, augeas: bool) -> list[Any]:
    from devenv.editor import engine, keypath

    path = keypath.parse(key_path, tree=document.tree, augeas=augeas)
    return document.find(path.steps) if path.query is None else engine.select(document, path)
