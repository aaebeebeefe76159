"""Strict JSON to Nodes, in Python: exact messages, and no library to load. For texts that are not large."""

import re

from devenv.editor.jsontext.node import Node
from devenv.editor.lens import place
from devenv.errors import ParseError

DEEPEST = 250
"""Levels of nesting, as in YAML: what is deeper would be more than can be printed and compared level by level."""

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_SCALAR = re.compile(
    rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![0-9.eE+-])|(?:true|false|null)(?![0-9A-Za-z_])"
)
_KEY = re.compile(
    rb'[ \t\r\n]*("[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*")[ \t\r\n]*:[ \t\r\n]*'
)
_NEXT = re.compile(rb"[ \t\r\n]*([,\]}])[ \t\r\n]*")

OPEN_OBJECT, OPEN_ARRAY, QUOTE, COMMA, CLOSE_OBJECT, CLOSE_ARRAY = b'{["' + b",}]"


def scan(text: bytes) -> Node | None:
    """Return the root of a strict JSON text, all below it filled in; None for nothing but white space.

    Raises ParseError at the first byte that is not JSON.
    """
    at = _skip(text, 0)
    if at == len(text):
        return None
    root, at = _Scan(text).value(at)
    at = _skip(text, at)
    if at != len(text):
        raise wrong(text, at, "nothing may follow the value")
    return root


class _Scan:
    """One pass over a text; the containers that are open are kept in a list, not on Python's stack."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.open: list[Node] = []
        self.key = ""

    def value(self, at: int) -> tuple[Node, int]:
        """Return the value that begins at a byte and where it ends."""
        text = self.text
        while True:
            node, at = self._begin(at)
            if node.end:
                # a value is complete: it joins what is open, as do the containers that it closes
                while True:
                    if not self.open:
                        return node, node.end
                    parent = self.open[-1]
                    found = _NEXT.match(text, node.end)
                    if found is None:
                        raise self._expected(node.end)
                    mark, at = found[1][0], found.end()
                    if mark == COMMA:
                        at = self._key(at) if isinstance(parent.items, dict) else at
                        break
                    if mark != (CLOSE_OBJECT if isinstance(parent.items, dict) else CLOSE_ARRAY):
                        raise self._expected(node.end)
                    parent.end = found.start(1) + 1
                    node = self.open.pop()

    def _begin(self, at: int) -> tuple[Node, int]:
        """Return the value that begins here; a container with entries stays open and has no end yet."""
        text = self.text
        first = text[at] if at < len(text) else None
        if first in (OPEN_OBJECT, OPEN_ARRAY):
            node = Node(at, 0)
            node.items = {} if first == OPEN_OBJECT else []
            self._join(node)
            inside = _skip(text, at + 1)
            if text[inside : inside + 1] == (b"}" if first == OPEN_OBJECT else b"]"):
                node.end = inside + 1
                return node, node.end
            if len(self.open) >= DEEPEST:
                raise wrong(text, at, f"nested deeper than {DEEPEST} levels")
            self.open.append(node)
            return node, self._key(inside) if first == OPEN_OBJECT else inside
        found = (_STRING if first == QUOTE else _SCALAR).match(text, at)
        if found is None:
            raise self._no_value(at)
        node = Node(at, found.end())
        self._join(node)
        return node, node.end

    def _join(self, node: Node) -> None:
        if not self.open:
            return
        parent = self.open[-1]
        if isinstance(parent.items, dict):
            parent.items[self.key] = node
        elif parent.items is not None:
            parent.items.append(node)

    def _key(self, at: int) -> int:
        found = _KEY.match(self.text, at)
        if found is None:
            raise self._no_key(at)
        self.key = string_value(found[1])
        return found.end()

    def _no_key(self, at: int) -> ParseError:
        text = self.text
        if text[at : at + 1] == b"}":
            return wrong(text, text.rindex(b",", 0, at), "a comma before the closing brace")
        key = _STRING.match(text, at)
        if key:
            return wrong(text, _skip(text, key.end()), "a colon is expected after the key")
        return (
            self._bad_string(at) if text[at : at + 1] == b'"' else wrong(text, at, "a key in double quotes is expected")
        )

    def _no_value(self, at: int) -> ParseError:
        text = self.text
        first = text[at : at + 1]
        if first == b'"':
            return self._bad_string(at)
        if first == b"]" and text[:at].rstrip()[-1:] == b",":
            return wrong(text, text.rindex(b",", 0, at), "a comma before the closing bracket")
        if not first:
            return wrong(text, at, "the text ends where a value is expected")
        return wrong(text, at, "a value is expected")

    def _bad_string(self, at: int) -> ParseError:
        text = self.text
        good = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*').match(text, at)
        end = good.end() if good else at + 1
        if end >= len(text):
            return wrong(text, at, "the string is not closed")
        if text[end : end + 1] == b"\\":
            return wrong(text, end, "no such escape in a JSON string")
        return wrong(text, end, "a control character in a string: it is written with a backslash")

    def _expected(self, at: int) -> ParseError:
        at = _skip(self.text, at)
        close = "}" if isinstance(self.open[-1].items, dict) else "]"
        if at >= len(self.text):
            return wrong(self.text, self.open[-1].start, f"no {close} closes what opens here")
        return wrong(self.text, at, f"a comma or {close} is expected")


def _skip(text: bytes, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def string_value(quoted: bytes) -> str:
    """Return the text of a JSON string with its quotes."""
    if b"\\" in quoted:
        import json

        return str(json.loads(quoted))
    return quoted[1:-1].decode()


def wrong(text: bytes, at: int, what: str) -> ParseError:
    """Return the error for what is wrong at a byte."""
    line, column = place(text, at)
    return ParseError(what, line=line, column=column)
