"""Strict JSON to Nodes, in Python: exact messages, and no library to load. For texts that are not large.

By hand and not with regular expressions: loading re takes as long as all else that an edit of a small file does.
"""

from __future__ import annotations

from devenv.editor.jsontext.node import Node
from devenv.editor.lens import place
from devenv.editor.values import is_json_number
from devenv.errors import ParseError

DEEPEST = 250
"""Levels of nesting, as in YAML: what is deeper would be more than can be printed and compared level by level."""

OPEN_OBJECT, OPEN_ARRAY, QUOTE, COMMA, CLOSE_OBJECT, CLOSE_ARRAY = b'{["' + b",}]"

_SPACES = b" \t\r\n"
_CONTROLS = bytes(range(0x20))
_DIGITS = b"0123456789+-.eE"
_HEX = b"0123456789abcdefABCDEF"
_WORDS = {b"t"[0]: b"true", b"f"[0]: b"false", b"n"[0]: b"null"}
_ESCAPED = tuple(bytes([mark]) for mark in b'"\\/bfnrt')
_BACKSLASH = b"\\"[0]
_AT_ONCE = 64
"""Bytes that are looked at together: more than most gaps and numbers are long."""


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
        text, size = self.text, len(self.text)
        while True:
            node, at = self._begin(at)
            if node.end:
                # a value is complete: it joins what is open, as do the containers that it closes
                while True:
                    if not self.open:
                        return node, node.end
                    parent = self.open[-1]
                    at = _skip(text, node.end)
                    mark = text[at] if at < size else None
                    if mark == COMMA:
                        at = _skip(text, at + 1)
                        at = self._key(at) if isinstance(parent.items, dict) else at
                        break
                    if mark != (CLOSE_OBJECT if isinstance(parent.items, dict) else CLOSE_ARRAY):
                        raise self._expected(node.end)
                    parent.end = at + 1
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
        end = _string_end(text, at) if first == QUOTE else _scalar_end(text, at)
        if end is None:
            raise self._no_value(at)
        node = Node(at, end)
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
        text = self.text
        end = _string_end(text, at) if text[at : at + 1] == b'"' else None
        if end is None:
            raise self._no_key(at)
        colon = _skip(text, end)
        if text[colon : colon + 1] != b":":
            raise wrong(text, colon, "a colon is expected after the key")
        self.key = string_value(text[at:end])
        return _skip(text, colon + 1)

    def _no_key(self, at: int) -> ParseError:
        text = self.text
        if text[at : at + 1] == b"}":
            return wrong(text, text.rindex(b",", 0, at), "a comma before the closing brace")
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
        import re

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
    """Return the first byte from at on that is no white space."""
    return _past(text, at, _SPACES) if text[at : at + 1] in _SPACES else at


def _past(text: bytes, at: int, chars: bytes) -> int:
    """Return the first byte from at on that is none of chars."""
    while True:
        part = text[at : at + _AT_ONCE]
        run = len(part) - len(part.lstrip(chars))
        at += run
        if run < _AT_ONCE:
            return at


def _string_end(text: bytes, at: int) -> int | None:
    """Return where the string that begins at a byte ends; None when it is no JSON string."""
    end = text.find(b'"', at + 1)
    while end > 0 and text[end - 1] == _BACKSLASH:
        before = end - 1
        while text[before - 1] == _BACKSLASH:
            before -= 1
        if (end - before) % 2 == 0:
            break
        # after an odd number of backslashes it is a quote in the string
        end = text.find(b'"', end + 1)
    if end < 0:
        return None
    inner = text[at + 1 : end]
    if len(inner.translate(None, _CONTROLS)) != len(inner):
        return None
    return end + 1 if b"\\" not in inner or _escapes_are_right(inner) else None


def _escapes_are_right(inner: bytes) -> bool:
    """Say whether all that follows a backslash is what JSON knows."""
    # a mark in the place of each escaped backslash: what stands around it is not to come together
    for escape in inner.replace(rb"\\", b"__").split(b"\\")[1:]:
        known = len(escape) > 4 and not escape[1:5].strip(_HEX) if escape[:1] == b"u" else escape[:1] in _ESCAPED
        if not known:
            return False
    return True


def _scalar_end(text: bytes, at: int) -> int | None:
    """Return where the number or word that begins at a byte ends; None when JSON has no such."""
    word = _WORDS.get(text[at]) if at < len(text) else None
    if word is None:
        end = _past(text, at, _DIGITS)
        return end if is_json_number(text[at:end].decode()) else None
    end = at + len(word)
    after = text[end : end + 1]
    return end if text.startswith(word, at) and not (after.isalnum() or after == b"_") else None


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
