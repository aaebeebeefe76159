"""Where things are in a TOML text: blocks, their entries, and the parts of one value.

The scanner goes first, so that tomllib never sees what takes it a quadratic time or too deep; tomllib then says whether
the text is TOML. What is read here therefore needs no second check of every rule.
"""

import re
from typing import NamedTuple

from devenv.editor.values import Literal, Number, Value
from devenv.errors import ParseError

DEEPEST = 100
"""Levels of tables and arrays, and parts of a dotted key; deeper is refused."""

_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')"""
_KEY = rf"{_PART}(?:[ \t]*+\.[ \t]*+{_PART})*+"
_PARTS = re.compile(_PART)
_SKIP = re.compile(r"(?:[ \t\r]*+(?:#[^\n]*+)?+\n)*+")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9:.]++(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?+)?+"
_BARE = rf"(?:{_DATE}|[A-Za-z0-9_+.:-]++)"
_LONG = r'"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}+' + r"|'''(?:[^']++|'(?!''))*+'{3,5}+"
_SHORT = r'"(?:[^"\\\n]++|\\.)*+"' + r"|'[^'\n]*+'"
_KEYED = re.compile(rf"[ \t]*+({_KEY})(?:[ \t]*+=[ \t]*+)?+", re.DOTALL)
_HEADER = re.compile(rf"[ \t]*+(\[\[?)[ \t]*+({_KEY})[ \t]*+(\]\]?)?+")
_SCALAR = re.compile(rf"({_LONG})|({_SHORT})|({_BARE})", re.DOTALL)
_TOKEN = re.compile(rf"""{_LONG}|{_SHORT}|#[^\n]*+|([\[{{])|([\]}}])|([^"'#\[\]{{}}]++)""", re.DOTALL)
_TAIL = re.compile(r"[ \t\r]*+(?:#[^\n]*+)?+(?:\n|\Z)")
_GAP = re.compile(r"(?:[ \t\r\n,]++|#[^\n]*+)*+")

Key = tuple[str, ...]


class Entry(NamedTuple):
    """One ``key = value`` of a block: offsets in the block's text."""

    key: Key
    line: int
    start: int
    key_end: int
    value: int
    value_end: int
    end: int
    """After the end of the line."""
    levels: int
    """How deep the value is."""

    def moved(self, by: int) -> "Entry":
        """Return the entry so many characters further on."""
        if not by:
            return self
        key, line, start, key_end, value, value_end, end, levels = self
        return Entry(key, line + by, start + by, key_end + by, value + by, value_end + by, end + by, levels)


class Node:
    """One value: its kind, its span in the block's text and what is in it."""

    __slots__ = ("end", "entries", "items", "kind", "start", "value")

    def __init__(self, kind: str, start: int, end: int, value: Value = None) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.value = value
        self.items: list[Node] = []
        self.entries: list[Keyed] = []


class Keyed(NamedTuple):
    """One ``key = value`` of an inline table."""

    key: Key
    start: int
    key_end: int
    node: Node


class Block:
    """A header with all that follows it up to the next, or what stands before the first header. Never changed."""

    __slots__ = ("_nodes", "array", "body", "entries", "path", "text")

    def __init__(self, text: str, path: Key | None, array: bool, body: int, entries: list[Entry]) -> None:
        self.text = text
        self.path = path
        self.array = array
        self.body = body
        """Where the header's line ends."""
        self.entries = entries
        self._nodes: dict[int, Node] = {}

    def node(self, index: int) -> Node:
        """Return the value of an entry, parsed when first asked for."""
        if index not in self._nodes:
            self._nodes[index] = parse_value(self.text, self.entries[index].value)
        return self._nodes[index]


class Lost(Exception):
    """The scanner cannot go on: the text is not TOML."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def scan(text: str) -> list[Block]:
    """Return the blocks of a text, in order, the one without a header first; Lost where it is no TOML."""
    blocks: list[Block] = []
    path: Key | None = None
    array, start, body, at, size = False, 0, 0, 0, len(text)
    entries: list[Entry] = []
    while at < size:
        at = _past_blank(text, at)
        if at >= size:
            break
        header = _HEADER.match(text, at)
        if header:
            key = _parts(text, header.start(2), header[2])
            if header[3] is None or len(header[3]) != len(header[1]):
                raise Lost(at)
            blocks.append(Block(text[start:at], path, array, body - start, entries))
            path, array, start, entries = key, header[1] == "[[", at, []
            at = body = _line_end(text, header.end())
            continue
        entry = _entry(text, at, start)
        entries.append(entry)
        at = entry.end + start
    blocks.append(Block(text[start:], path, array, body - start, entries))
    return blocks


def _past_blank(text: str, at: int) -> int:
    found = _SKIP.match(text, at)
    at = found.end() if found else at
    # the last line may have no end
    tail = _TAIL.match(text, at)
    return tail.end() if tail else at


def _entry(text: str, at: int, base: int) -> Entry:
    found = _KEYED.match(text, at)
    if found is None:
        raise Lost(at)
    key = _parts(text, found.start(1), found[1])
    if found.end() == found.end(1):
        raise Lost(at)
    value_end, levels = _value_end(text, found.end())
    end = _line_end(text, value_end)
    return Entry(
        key,
        at - base,
        found.start(1) - base,
        found.end(1) - base,
        found.end() - base,
        value_end - base,
        end - base,
        levels,
    )


def _line_end(text: str, at: int) -> int:
    found = _TAIL.match(text, at)
    if found is None:
        raise Lost(at)
    return found.end()


def _value_end(text: str, at: int) -> tuple[int, int]:
    """Return where the value ends and how many levels it has, those of dotted keys in it too."""
    if text[at : at + 1] not in ("[", "{"):
        found = _SCALAR.match(text, at)
        if found is None:
            raise Lost(at)
        return found.end(), 0
    depth = deepest = dots = 0
    steps: list[int] = []
    while True:
        token = _TOKEN.match(text, at)
        if token is None:
            raise Lost(at)
        kind = token.lastindex
        if kind == 1:
            steps.append(dots + 1)
            depth, dots = depth + dots + 1, 0
        elif kind == 2:
            depth, dots = depth - steps.pop(), 0
            if not steps:
                return token.end(), deepest
        elif kind == 3 and ("." in token[3] or dots):
            dots, most = _dots(token[3], dots)
            deepest = max(deepest, depth + most)
        deepest = max(deepest, depth)
        if deepest > DEEPEST:
            raise too_deep(text, at)
        at = token.end()


def _dots(token: str, dots: int) -> tuple[int, int]:
    """Return how many dots the key at the end of token has so far, and the most that any has."""
    # a fraction's dot counts as well, which only errs by one
    counts = [piece.count(".") for piece in re.split(r"[,\n]", token)]
    counts[0] += dots
    return counts[-1], max(counts)


def _parts(text: str, at: int, key: str) -> Key:
    """Return the parts of a dotted key; ParseError when there are too many."""
    if "." not in key and key[0] not in "\"'":
        return (key,)
    words = _PARTS.findall(key)
    if len(words) > DEEPEST:
        raise too_deep(text, at)
    return tuple(unquoted(word) if word[0] in "\"'" else word for word in words)


def too_deep(text: str, at: int) -> ParseError:
    """Return the error for what is nested deeper than is taken."""
    line, column = line_column(text, at)
    return ParseError(f"nested more than {DEEPEST} levels deep", line=line, column=column)


def line_column(text: str, at: int) -> tuple[int, int]:
    """Return line and column, from 1, of an offset."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def parse_value(text: str, at: int) -> Node:
    """Return the value that begins at an offset; the text is known to be TOML."""
    mark = text[at]
    if mark == "[":
        node, at = Node("array", at, at), _gap(text, at + 1)
        while text[at] != "]":
            item = parse_value(text, at)
            node.items.append(item)
            at = _gap(text, item.end)
        node.end = at + 1
        return node
    if mark == "{":
        node, at = Node("object", at, at), _gap(text, at + 1)
        while text[at] != "}":
            found = _KEYED.match(text, at)
            assert found is not None
            value = parse_value(text, found.end())
            node.entries.append(Keyed(_parts(text, at, found[1]), found.start(1), found.end(1), value))
            at = _gap(text, value.end)
        node.end = at + 1
        return node
    found = _SCALAR.match(text, at)
    assert found is not None
    if found[3] is None:
        return Node("string", at, found.end(), unquoted(found[0]))
    return bare(found[3], at)


def bare(word: str, at: int = 0) -> Node:
    """Return the node of a value without quotes."""
    end = at + len(word)
    if word in ("true", "false"):
        return Node("bool", at, end, word == "true")
    if ":" in word or (len(word) == 10 and word[4] == word[7] == "-"):
        return Node("literal", at, end, Literal(word))
    return Node("number", at, end, Number(word))


def _gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[ \t]*\n[ \t\n]*|.)", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def unquoted(word: str) -> str:
    """Return the text a TOML string stands for."""
    quote = word[0]
    if word.startswith(quote * 3):
        # both kinds of line end read the same
        inner = word[3:-3].replace("\r\n", "\n")
        inner = inner.removeprefix("\n")
    else:
        inner = word[1:-1]
    return inner if quote == "'" or "\\" not in inner else _ESCAPE.sub(_escaped, inner)


def _escaped(found: re.Match[str]) -> str:
    word = found[1]
    if word[0] in "uU" and len(word) > 1:
        return chr(int(word[1:], 16))
    return _ESCAPES.get(word, "")
