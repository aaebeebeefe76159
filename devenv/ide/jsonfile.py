"""A JSON file of an editor as a piece needs it: what is at a path, edits in it, and the way back to the same bytes.

Editors read their settings as JSON with comments, and a file with nothing in it, or with comments alone, as an empty
object; so it is here. Comments stay where they are: the object comes after them.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from devenv.errors import ParseError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from devenv.editor.edits import Edit

_BOM = b"\xef\xbb\xbf"
BLANK = b" \t\r\n"
"""White space of JSON."""


class JsonFile:
    """One text, parsed once. Raises ParseError for what is no JSON with comments, with line and column."""

    def __init__(self, data: bytes) -> None:
        from devenv.editor import formats

        self.data = data
        self.document: Any = formats.open_document(data, formats.named("jsonc"))

    @property
    def bare(self) -> bool:
        """Whether there is no value at all: nothing, white space, comments."""
        return self.document.root is None

    def find(self, steps: Sequence[str | int]) -> tuple[bool, Any]:
        """Return whether there is a value, and which, in plain Python."""
        from devenv.editor.values import to_plain

        if self.bare or not self.document.find(tuple(steps)):
            return False, None
        return True, to_plain(self.document.read(tuple(steps)))

    def source(self, steps: Sequence[str | int]) -> str:
        """Return a value that is there as JSON, its numbers to the letter."""
        from devenv.editor.values import to_json

        return to_json(self.document.read(tuple(steps)))

    def expect(self, steps: Sequence[str], *, array: bool) -> None:
        """Raise ParseError unless objects lead to a path, and an array is there if there is anything."""
        if self.bare:
            return
        for depth in range(len(steps) + array):
            place = tuple(steps[:depth])
            if not self.document.find(place):
                return
            wanted = "array" if array and depth == len(steps) else "object"
            if self.document.kind(place) != wanted:
                self._refuse(place, wanted)

    def _refuse(self, place: tuple[str, ...], wanted: str) -> None:
        from devenv.editor.keypath import spelled

        what = spelled(place) if place else "the whole file"
        kind = self.document.kind(place)
        start = self.document.node_at(place).start
        line = self.data.count(b"\n", 0, start) + 1
        before = self.data[self.data.rfind(b"\n", 0, start) + 1 : start].removeprefix(_BOM)
        column = len(before.decode(errors="replace")) + 1
        reason = f"{what} is {_with_article(kind)} where an editor expects {_with_article(wanted)}"
        raise ParseError(reason, line=line, column=column)

    def missing_above(self, steps: Sequence[str]) -> list[list[str]]:
        """Return the containers that putting something below will make, outermost first."""
        above = [list(steps[:depth]) for depth in range(1, len(steps))]
        return [place for place in above if not self.find(place)[0]]

    def without_object(self) -> bytes:
        """Return the text without its empty object, which was put after comments."""
        node = self.document.root
        if self.bare or self.data[node.start + 1 : node.end - 1].strip(BLANK):
            return self.data
        return self.data[: node.start] + self.data[node.end :].removeprefix(b"\r").removeprefix(b"\n")


def edited(data: bytes, edits: Sequence["Edit"], *, bare: bool) -> bytes:
    """Return a text with edits made in it; ``bare`` says that it has no value yet."""
    from devenv.editor import edit_text

    if not bare:
        return edit_text(data, edits, format="jsonc").data
    made = edit_text(b"", edits, format="jsonc").data
    if b"\r\n" in data:
        made = made.replace(b"\n", b"\r\n")
    content = data.removeprefix(_BOM).rstrip(BLANK)
    if not content:
        return (_BOM if data.startswith(_BOM) else b"") + made
    # in a comment to the end of its line the object would be one
    gap = b"" if data.endswith(b"\n") else b"\r\n" if b"\r\n" in data else b"\n"
    return data + gap + made


def same(left: Any, right: Any) -> bool:
    """Say whether two plain values are the same to JSON: True is not 1; the order of keys is nothing."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def way_back(before: bytes, after: bytes) -> dict[str, Any]:
    """Return what turns ``after`` into ``before``: which bytes, from where, stand for how many."""
    start, limit = 0, min(len(before), len(after))
    step = limit
    # halving finds the first difference without a loop over a large text's bytes
    while step:
        if start + step <= limit and before[start : start + step] == after[start : start + step]:
            start += step
        else:
            step //= 2
    end, limit, step = 0, limit - start, limit - start
    while step:
        if end + step <= limit and _tail(before, end, step) == _tail(after, end, step):
            end += step
        else:
            step //= 2
    cut = before[start : len(before) - end].decode(errors="surrogateescape")
    size = len(after) - end - start
    return {"sha256": hashlib.sha256(after).hexdigest(), "at": start, "size": size, "cut": cut}


def gone_back(data: bytes, back: dict[str, Any] | None) -> bytes | None:
    """Return the text of before; None when what there is now is not what way_back() was asked about."""
    if back is None or hashlib.sha256(data).hexdigest() != back["sha256"]:
        return None
    cut = str(back["cut"]).encode(errors="surrogateescape")
    return data[: back["at"]] + cut + data[back["at"] + back["size"] :]


def _tail(data: bytes, end: int, size: int) -> bytes:
    return data[len(data) - end - size : len(data) - end]


def _with_article(kind: str) -> str:
    return kind if kind == "null" else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
