"""The edits there are: frozen values that say what to do and where, nothing else.

``path`` is a key path in any of the languages of devenv.editor.keypath. ``value`` is a plain Python value (str, int,
float, bool, None, list, dict), a Number, or an Untyped text whose kind is settled by what it replaces.
"""

from __future__ import annotations

from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any


class Set(Record):
    """Set the value at path; parents that are not there are made. force lets a scalar replace an object or array."""

    path: str
    value: Any
    type: str | None = None
    force: bool = False


class Unset(Record):
    """Take out what is at path; nothing there is nothing to do."""

    path: str


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
