"""A place in a document where a value stands, and splices of a text."""

import re
from typing import NamedTuple

from devenv.editor.values import Literal, Value, kind_of
from devenv.editor.yaml.layout import begins_line, column, comment_indent, line_end
from devenv.editor.yaml.nodes import Entry, Node, inner
from devenv.editor.yaml.render import Style
from devenv.editor.yaml.stream import Doc
from devenv.errors import EditError

_COLON = re.compile(r"(?:[ \t\r\n]+|(?<=\s)#[^\r\n]*+)*+:")
_PROPERTY = re.compile(r"[ \t\r\n]*(!<[^>\s]*>|![^\s{}]*|&[^\s,\[\]{}]*)")


class Splice(NamedTuple):
    """Text that takes the place of ``[start:end]``."""

    start: int
    end: int
    new: str


def spliced(text: str, splices: list[Splice]) -> str:
    """Return text with splices made, which do not overlap."""
    pieces: list[str] = []
    at = 0
    # of two at one place, the one named first comes to stand first
    for start, end, new in sorted(splices, key=lambda splice: splice[:2]):
        pieces += (text[at:start], new)
        at = end
    return "".join((*pieces, text[at:]))


class Place(NamedTuple):
    """A node with what it stands in."""

    text: str
    style: Style
    doc: Doc
    node: Node
    parent: Node | None = None
    entry: Entry | None = None
    flow: bool = False
    """True inside braces or brackets."""

    def before_line(self, line: int) -> "Place":
        """Return the same place, with what comes to stand right above a line's start in mind."""
        return self._replace(style=self.style._replace(comment=comment_indent(self.text, line)))

    @property
    def base(self) -> int:
        """The column of the entry's key or dash; below 0 for the root."""
        return column(self.text, self.entry.start) if self.entry is not None else -1

    @property
    def in_list(self) -> bool:
        """True for an entry of a list."""
        return self.parent is not None and self.parent.kind == "seq"

    @property
    def is_block(self) -> bool:
        """True when a collection in block style stands here."""
        return self.node.kind in ("map", "seq") and self.node.style == "block"

    def head_end(self) -> int:
        """Return where what leads to the value ends: after the colon, the dash or the ``---``."""
        if self.entry is None:
            return self.doc.body
        if self.entry.key is None:
            return self.entry.start + 1
        found = _COLON.match(self.text, self.entry.key.end)
        if found is None:
            raise EditError(
                f"the key at line {self.doc.line(self.entry.key)} stands without a colon: give it one first"
            )
        return found.end()

    def deeper(self, value: Value) -> int:
        """Return the column of a block collection that comes to stand here."""
        if self.entry is None:
            return 0
        if self.in_list:
            return self.base + 1 + self.gap()
        return self.base + (self.style.dash if isinstance(value, list) else self.style.unit)

    def gap(self) -> int:
        """Return how many columns stand between a dash and what it holds, 1 where that is not on its line."""
        start = self.node.start
        if start == self.node.end or begins_line(self.text, start):
            return 1
        return column(self.text, start) - self.base - 1

    def content_indent(self) -> int:
        """Return the indentation of a block scalar here: as it was, else as the file has it."""
        if self.node.style in ("|", ">") and self.node.kind == "scalar":
            found = re.compile(r"[\r\n]( *)[^ \t\r\n]").search(self.text, self.node.start, self.node.end)
            if found and len(found[1]) > self.base and len(found[1]) > 0:
                return len(found[1])
        if self.entry is None:
            return self.style.unit
        return self.base + (1 + self.gap() if self.in_list else self.style.unit)

    def compact(self) -> bool:
        """Say whether a block collection begins on the line of the dash it belongs to."""
        return not begins_line(self.text, inner(self.text, self.node))

    def kept(self, value: Value) -> tuple[str, int]:
        """Return anchor and tag that stay when value comes here, and where they all end now (start: there are none).

        An anchor stays. A tag stays with a collection of the same kind, and ``!!str`` with text.
        """
        node = self.node
        words, at = [], node.start
        if node.anchor is None and node.tag is None:
            return "", at
        while found := _PROPERTY.match(self.text, at, node.close()):
            words.append(found[1])
            at = found.end()
        new = kind_of(value)
        fits = (node.kind, new) in (("map", "object"), ("seq", "array"))
        text_tag = node.tag in ("!", "tag:yaml.org,2002:str") and new == "string" and not isinstance(value, Literal)
        stays = [word for word in words if word[0] == "&" or fits or text_tag]
        return " ".join(stays), at

    def last_line_end(self) -> int:
        """Return the end of the line the content ends on."""
        return line_end(self.text, self.node.close())
