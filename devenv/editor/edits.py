"""The edits there are: frozen values that say what to do and where, nothing else.

``path`` is a key path in any of the languages of devenv.editor.keypath. ``value`` is a plain Python value (str, int,
float, bool, None, list, dict; date, time or datetime where the format has them), a Number, or an Untyped text whose
kind is settled by what it replaces. A number of Python's in place of one of its worth is no change: 1.1 on 1.10.
"""

from __future__ import annotations

from devenv.errors import EditError
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class Set(Record):
    """Set the value at path; parents that are not there are made. force lets a scalar replace an object or array."""

    path: str
    value: Any
    type: str | None = None
    force: bool = False


class Unset(Record):
    """Take out what is at path and at others, which all mean the file as it was; nothing there is nothing to do."""

    path: str
    others: tuple[str, ...] = ()


class Append(Record):
    """Add entries to the array at path: at its end, at an index, or before or after the first entry that matches.

    With unique a value that is already there is not added again. The array is made when it is not there.
    """

    path: str
    values: tuple[Any, ...]
    unique: bool = False
    at: int | None = None
    before: Any = None
    after: Any = None
    type: str | None = None


class Merge(Record):
    """Merge a value into what is at path ("" is the whole file): objects entry by entry, scalars replaced.

    arrays says what becomes of an array that meets an array: replace, append, or unique (append what is not there).
    """

    path: str
    value: Any
    arrays: str = "replace"
    force: bool = False


Edit = Set | Unset | Append | Merge

ARRAYS = ("replace", "append", "unique")
"""What Merge.arrays may say."""

_LONGEST_SAID = 100
"""Characters of what a program gave that a message repeats."""


def checked(edits: Iterable[Edit]) -> list[Edit]:
    """Return edits that a program made, as a list; EditError for one that says what no edit can mean."""
    if isinstance(edits, Edit) or not hasattr(edits, "__iter__"):
        raise EditError(f"{_said(edits)} is no list of edits", hint="also a single edit goes in a list")
    found = list(edits)
    for edit in found:
        if not isinstance(edit, Edit):
            raise EditError(f"{_said(edit)} is no edit: it is Set, Unset, Append or Merge")
        if not isinstance(edit.path, str):
            raise EditError(f"the path {_said(edit.path)} is not text")
        if isinstance(edit, Unset):
            _check_paths(edit)
        elif isinstance(edit, Append):
            _check_places(edit)
        elif isinstance(edit, Merge) and edit.arrays not in ARRAYS:
            raise EditError(f"Merge({edit.path!r}): arrays is one of {', '.join(ARRAYS)}, not {_said(edit.arrays)}")
        if isinstance(edit, Set | Append) and edit.type is not None:
            _check_type(edit)
    return found


def _said(given: object) -> str:
    """Return what a program gave for a message of one line."""
    try:
        return repr(given) if len(repr(given)) < _LONGEST_SAID else f"this {type(given).__name__}"
    except Exception:
        # its own repr is the program's, and a deep list has none
        return f"this {type(given).__name__}"


def _check_paths(edit: Unset) -> None:
    # a text is a sequence of texts, too: Unset("a", "bc") would take out b and c
    if not isinstance(edit.others, tuple | list):
        raise EditError(f"Unset({edit.path!r}): the other paths are a tuple, not {_said(edit.others)}")
    for path in edit.others:
        if not isinstance(path, str):
            raise EditError(f"the path {_said(path)} is not text")


def _check_places(edit: Append) -> None:
    if isinstance(edit.values, str | bytes):
        raise EditError(f"the values of Append({edit.path!r}) are one text: give a list of values")
    if not hasattr(edit.values, "__iter__"):
        raise EditError(f"the values of Append({edit.path!r}) are no list: {_said(edit.values)}")
    if sum(place is not None for place in (edit.at, edit.before, edit.after)) > 1:
        raise EditError(f"Append({edit.path!r}): at, before and after each say where: give one of them")
    if edit.at is not None and not isinstance(edit.at, int):
        raise EditError(f"Append({edit.path!r}): at is a whole number, not {_said(edit.at)}")


def _check_type(edit: Set | Append) -> None:
    from devenv.editor.values import TYPES

    if edit.type not in TYPES:
        name = type(edit).__name__
        raise EditError(f"{name}({edit.path!r}): type is one of {', '.join(TYPES)}, not {_said(edit.type)}")
