"""Which entry of an array ``--before`` and ``--after`` mean: by its value, or by the value of one of its keys."""

from __future__ import annotations

from devenv.editor import keypath
from devenv.editor.document import Match
from devenv.editor.engine import as_text
from devenv.editor.values import SCALARS, Literal, Number, Untyped, Value, alike, from_json, from_plain, kept, kind_of
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


def index_of(present: list[Value], mark: Any) -> int | None:
    """Return the first entry that a mark means, None without one.

    A text is first the text of an entry, then a match as in paths (``name = "web"``, in brackets or not), then JSON.
    """
    for fits in _readings(mark):
        for index, item in enumerate(present):
            if fits(item):
                return index
    return None


def _readings(mark: Any) -> Iterator[Callable[[Value], bool]]:
    if not isinstance(mark, Untyped):
        value = from_plain(mark)
        yield lambda item: alike(item, kept(value, item))
        if not isinstance(mark, str) or isinstance(mark, Number | Literal):
            return
    text = str(mark)
    if isinstance(mark, Untyped):
        yield lambda item: _is_text(item, text)
    match = _match(text)
    if match is not None:
        yield lambda item: _has(item, match)
    if isinstance(mark, Untyped) and text[:1] in ("{", "[", '"'):
        try:
            read = from_json(text)
        except EditError:
            return
        yield lambda item: alike(item, read)


def _match(text: str) -> Match | None:
    try:
        path = text if text[:1] == "[" else f"[{text}]"
        steps, end = keypath.dotted(path)
    except EditError:
        return None
    return steps[0] if end == len(path) and len(steps) == 1 and isinstance(steps[0], Match) else None


def _has(item: Value, match: Match) -> bool:
    if match.key is None:
        return _is_text(item, match.value)
    return isinstance(item, dict) and match.key in item and _is_text(item[match.key], match.value)


def _is_text(item: Value, text: str) -> bool:
    return kind_of(item) in SCALARS and as_text(item) == text
