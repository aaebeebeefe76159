"""Light spans of a YAML text: where each node and each entry stands, built from events in one pass.

A collection's end is where its last entry's content ends, not where the parser noticed; a block scalar ends after its
last line of content, blank lines only where ``+`` keeps them.
"""

import re
from typing import Any

from devenv.editor.yaml.events import DEEPEST, Next, too_deep
from devenv.errors import ParseError

SKIP = re.compile(r"(?:[ \t\r\n]+|(?<![^\s,\[\]{}])#[^\r\n]*)*")
"""White space and comments, over lines."""

_COLON = re.compile(r"(?:[ \t\r\n]+|(?<=\s)#[^\r\n]*+)*+:")
_PROPERTIES = re.compile(r"(?:(?:!<[^>\s]*>|![^\s{}]*|&[^\s,\[\]{}]*)(?:[ \t\r\n]+|(?<=\s)#[^\r\n]*)*)*")
_BREAK = re.compile(r"\r\n|[\r\n]")
_LAST_BREAK = re.compile(r"(?:\r\n|[\r\n])?\Z")
_BLANK_LINE = re.compile(r"(?<=[\r\n])[ \t]+(?=[\r\n]|\Z)")
_CONTENT_LINE = re.compile(r"[\r\n]( *)[^ \r\n]")
_HEADER = re.compile(r"[|>][0-9+-]*")


MOST = 3_000_000
"""Events of one walk: about a gigabyte of memory."""


class Node:
    """One node: a scalar, map, seq or alias, from its properties (anchor, tag) to the end of its content."""

    __slots__ = ("anchor", "end", "entries", "index", "kind", "start", "style", "tag", "value")

    def __init__(self, kind: str, start: int, end: int, style: str) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.style = style
        """Of scalars the quote, | or > (nothing: plain); of collections flow or block."""
        self.value = ""
        """The text of a scalar, the name of an alias."""
        self.anchor: str | None = None
        self.tag: str | None = None
        self.entries: list[Entry] = []
        self.index: dict[str | None, list[Entry]] | None = None

    def children(self) -> "list[Entry]":
        """Return the entries of a collection."""
        return self.entries

    def named(self, name: str) -> "list[Entry]":
        """Return the entries of a map under a key: several when it is there twice."""
        if self.index is None:
            self.index = {}
            for entry in self.entries:
                self.index.setdefault(entry.name, []).append(entry)
        return self.index.get(name, [])

    def close(self) -> int:
        """Return where the content ends."""
        return self.end


class Entry:
    """One entry of a collection; ``start`` is where its key, its ``?`` or its ``-`` stands."""

    __slots__ = ("_node", "key", "name", "part", "start")

    def __init__(self, start: int, key: Node | None, name: str | None, node: Node | None, part: Any = None) -> None:
        self.start = start
        self.key = key
        self.name = name
        self._node = node
        self.part = part
        """Until the value is known, a weak reference to the part that is to be walked for it."""

    @property
    def node(self) -> Node:
        """The entry's value, walked now when nobody looked before."""
        if self._node is None:
            self.part().walk()
        assert self._node is not None
        return self._node

    @node.setter
    def node(self, node: Node) -> None:
        self._node = node

    def is_walked(self) -> bool:
        """Say whether the value is known already."""
        return self._node is not None


class Anchor:
    """Where an anchor stands, and its node, which is walked when somebody asks for it."""

    __slots__ = ("_node", "name", "part", "start")

    def __init__(self, start: int, name: str, node: Node | None, part: Any = None) -> None:
        self.start = start
        self.name = name
        self._node = node
        self.part = part

    @property
    def node(self) -> Node:
        """The anchored node."""
        if self._node is None:
            same = [anchor for anchor in self.part.walk().anchors if anchor.start == self.start]
            assert len(same) == 1
            self._node = same[0].node
        return self._node


class Found:
    """What one walk found: the roots of the documents, where each began, the anchors and the aliases."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self.anchors: list[Anchor] = []
        self.aliases: list[Node] = []


def inner(text: str, node: Node) -> int:
    """Return where a node's content begins, after its anchor and tag."""
    if node.anchor is None and node.tag is None:
        return node.start
    if node.kind in ("map", "seq") and node.style == "block" and node.children():
        return node.children()[0].start
    found = _PROPERTIES.match(text, node.start, node.close())
    assert found is not None
    return found.end()


def properties(text: str, node: Node) -> str:
    """Return anchor and tag as they are written, without the space after them; "" when there are none."""
    if node.anchor is None and node.tag is None:
        return ""
    words = []
    at = node.start
    while found := re.compile(r"[ \t\r\n]*(!<[^>\s]*>|[&!][^\s,\[\]{}]*)").match(text, at, node.close()):
        words.append(found[1])
        at = found.end()
    return " ".join(words)


def last_scalar(node: Node) -> Node:
    """Return the node whose content ends a node's."""
    while node.kind in ("map", "seq") and node.style == "block" and node.children():
        node = node.children()[-1].node
    return node


def keeps(text: str, node: Node) -> bool:
    """Say whether a node is a block scalar to which all blank lines below it belong."""
    if node.kind != "scalar" or node.style not in ("|", ">"):
        return False
    header = _HEADER.match(text, inner(text, node))
    return header is not None and "+" in header[0]


def scalar_indent(text: str, node: Node) -> int:
    """Return the least indentation of what a block scalar takes for its own; 1 where its lines do not tell."""
    return _indent_of(text[node.start : node.end], node.value) if node.value.strip() else 1


def _indent_of(content: str, value: str) -> int:
    """Return the indentation of the lines of a block scalar, which means value."""
    found = _CONTENT_LINE.search(content)
    if found:
        first = value.lstrip(" \n\t")
        return len(found[1]) - (len(value) - len(first) - value.rfind("\n", 0, len(value) - len(first)) - 1)
    return max(map(len, _BLANK_LINE.findall(content))) - max(map(len, value.split("\n")))


class Builder:
    """Makes nodes of the events of ``text[start:end]``, whose indices are those in text."""

    def __init__(self, text: str, base: int) -> None:
        self.text = text
        self.base = base
        self.found = Found()

    def visit(self, following: Next) -> Found:
        """Return what all events make."""
        from ruamel.yaml import events

        self.found = found = Found()
        scalar, alias = events.ScalarEvent, events.AliasEvent
        starts = {events.MappingStartEvent: "map", events.SequenceStartEvent: "seq"}
        ends = (events.MappingEndEvent, events.SequenceEndEvent)
        open_nodes: list[tuple[Node, list[Node]]] = []
        parts: list[Node] = found.roots
        base = self.base
        left = MOST
        while (event := following()) is not None:
            kind = type(event)
            left -= 1
            if not left:
                raise ParseError(f"more than {MOST} keys, values and brackets that can only be looked at together")
            if kind is scalar:
                style = event.style or ""
                if event.anchor or event.tag is not None or style in ("|", ">"):
                    parts.append(self.scalar(event, style))
                else:
                    node = Node("scalar", event.start_mark.index + base, event.end_mark.index + base, style)
                    node.value = event.value
                    parts.append(node)
            elif kind in starts:
                mark, style = event.start_mark.index + base, "flow" if event.flow_style else "block"
                node = Node(starts[kind], mark, event.end_mark.index + base, style)
                self.note(node, event)
                parts.append(node)
                open_nodes.append((node, parts))
                if len(open_nodes) > DEEPEST:
                    raise too_deep(event)
                parts = []
            elif kind in ends:
                node, above = open_nodes.pop()
                self.fill(node, parts, event.end_mark.index + base)
                parts = above
            elif kind is alias:
                node = Node("alias", event.start_mark.index + base, event.end_mark.index + base, "")
                node.value = event.anchor
                found.aliases.append(node)
                parts.append(node)
        return found

    def note(self, node: Node, event: Any) -> None:
        if event.anchor:
            node.anchor = event.anchor
            self.found.anchors.append(Anchor(node.start, event.anchor, node))
        if event.tag is not None:
            node.tag = str(event.tag)

    def scalar(self, event: Any, style: str) -> Node:
        """Return the node of a scalar with anchor or tag, or of one whose end the parser does not tell."""
        start, end = event.start_mark.index + self.base, event.end_mark.index + self.base
        if style in ("|", ">"):
            end = self.block_end(start, end, event.value)
        node = Node("scalar", start, end, style)
        node.value = event.value
        if event.anchor or event.tag is not None:
            self.note(node, event)
            if not node.value and not style:
                found = _PROPERTIES.match(self.text, start, end)
                assert found is not None
                node.end = start + len(self.text[start : found.end()].rstrip())
        return node

    def block_end(self, start: int, end: int, value: str) -> int:
        """Return the end of the last line of a block scalar, which means value, before its line end."""
        found = _PROPERTIES.match(self.text, start, end)
        assert found is not None
        header = _HEADER.match(self.text, found.end())
        if header is not None and "+" in header[0]:
            return end - len(_LAST_BREAK.search(self.text, max(0, end - 2), end)[0])  # type: ignore[index]
        content = self.text[start:end]
        last = len(content.rstrip(" \t\r\n"))
        # a line of spaces beyond the indentation is content, too
        if value.rstrip("\n").endswith((" ", "\t")):
            indent = _indent_of(content, value)
            for line in reversed(list(_BLANK_LINE.finditer(content, last))):
                if len(line[0]) > indent:
                    return start + line.end()
        rest = _BREAK.search(content, last)
        return start + (rest.start() if rest else len(content))

    def fill(self, node: Node, parts: list[Node], mark: int) -> None:
        """Give a collection its entries, made of the nodes met in it, and its end."""
        flow = node.style == "flow"
        at = node.end if flow and node.start != node.end else node.start
        if not flow and (node.anchor is not None or node.tag is not None):
            found = _PROPERTIES.match(self.text, node.start)
            assert found is not None
            at = found.end()
        if node.kind == "map":
            at = self.fill_map(node, parts, at)
        elif flow:
            node.entries = [Entry(part.start, None, None, part) for part in parts]
        else:
            at = self.fill_sequence(node, parts, at)
        node.end = mark if flow else at
        if flow and self.text[mark - 1 : mark] not in ("}", "]"):
            node.end = at  # one pair of a flow sequence, written without braces

    def fill_map(self, node: Node, parts: list[Node], at: int) -> int:
        text = self.text
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            start = key.start
            if text.find("?", at, start) >= 0:
                place = SKIP.match(text, at).end()  # type: ignore[union-attr]
                if text[place : place + 1] == ",":
                    place = SKIP.match(text, place + 1).end()  # type: ignore[union-attr]
                if text[place : place + 1] == "?" and place < start:
                    start = place
            if value.kind == "scalar" and not value.style and not value.value and not value.anchor and not value.tag:
                colon = _COLON.match(text, key.end)
                value.start = value.end = colon.end() if colon else key.end
            node.entries.append(Entry(start, key, key_name(text, key), value))
            at = value.end
        return at

    def fill_sequence(self, node: Node, parts: list[Node], at: int) -> int:
        text = self.text
        for part in parts:
            place = SKIP.match(text, at).end()  # type: ignore[union-attr]
            if text[place : place + 1] != "-":
                raise ParseError("this list is written in a way that cannot be followed")
            if part.kind == "scalar" and not part.style and not part.value and not part.anchor and not part.tag:
                part.start = part.end = place + 1
            node.entries.append(Entry(place, None, None, part))
            at = part.end
        return at


def key_name(text: str, key: Node) -> str:
    """Return what a key goes by in paths: a scalar's text, of other keys what stands in the file."""
    return key.value if key.kind == "scalar" else text[key.start : key.end].rstrip()
