"""A file read with a lens, to be looked into: what is written into it is document.py's, what is a value view.py's."""

from __future__ import annotations

from devenv.editor.document import Step, Steps
from devenv.editor.keypath import spelled
from devenv.editor.trees import shape
from devenv.editor.trees.parse import Parsed, parse
from devenv.editor.trees.view import Spot, View
from devenv.editor.values import Value
from devenv.errors import PathNotFound
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_BOM = b"\xef\xbb\xbf"


class ReadTree:
    """One text and the tree its lens makes of it."""

    tree = True
    by_lines = True
    """Whether a last line without an end is read as if it had one; it gets none for that."""

    def __init__(self, data: bytes, lens: str) -> None:
        self._bom = data.startswith(_BOM)
        text = data[len(_BOM) :] if self._bom else data
        lines = text.count(b"\n")
        # lenses that take CR LF are few; lines that all end in it are read as if they ended in LF
        self._crlf = lines > 0 and text.count(b"\r\n") == lines == text.count(b"\r")
        text = text.replace(b"\r\n", b"\n") if self._crlf else text
        self._unended = self.by_lines and text != b"" and not text.endswith(b"\n")
        self._use(parse(lens, text + b"\n" if self._unended else text))

    def _use(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.view = self.view_of(parsed)

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return View(parsed)

    @property
    def data(self) -> bytes:
        """The text as it is by now, with the file's byte order mark and ends of lines."""
        text = self.parsed.text.removesuffix(b"\n") if self._unended else self.parsed.text
        text = text.replace(b"\n", b"\r\n") if self._crlf else text
        return _BOM + text if self._bom else text

    def find(self, steps: Steps) -> list[Steps]:
        """Return where in the document steps lead."""
        return list(dict.fromkeys(spot.steps for spot in self.view.find(steps)))

    def _spot(self, steps: Steps) -> Spot:
        found = self.view.find(steps)
        if len(found) != 1:
            raise PathNotFound(f"{spelled(steps)} names {len(found)} places")
        return found[0]

    def kind(self, steps: Steps) -> str:
        """Return object, array or string: the leaves of these files are text."""
        return self.view.kind(self._spot(steps))

    def read(self, steps: Steps) -> Value:
        """Return what is at plain steps."""
        return self.view.read(self._spot(steps))

    def entries(self, steps: Steps) -> Iterator[Step]:
        """Yield the keys of the object or the indices of the array."""
        return self.view.entries(self._spot(steps))

    def literal(self, text: str, was: str, have: Value = None) -> Value:
        """Return text as it is: the format has no other values."""
        return str(text)

    def same(self, have: Value, wanted: Value, at: Steps = ()) -> bool:
        """Say whether what is there is what is wanted there."""
        return shape.agrees(have, wanted)

    def select(self, expression: str) -> list[Steps]:
        """Return plain steps of what a path expression matches, or of the entry that has it for its key."""
        from devenv.editor.trees import expressions

        named = expressions.as_key(self.view, expression)
        if named is not None:
            return self.find(named)
        return [expressions.steps_of(self.view, trail) for trail in self.parsed.select(expression)]

    def is_one_entry(self, steps: Steps, values: tuple[Any, ...]) -> bool:
        """Say whether the array at plain steps is one entry to values: in most formats it is what takes them."""
        return False
