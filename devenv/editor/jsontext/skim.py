"""Large strict JSON texts at the speed of C: msgspec checks all and builds one level at a time.

A msgspec.Raw is a view into the bytes it was decoded from, so where a value stands is the distance of two addresses.
"""

import re
from typing import Any

from devenv.editor.jsontext.node import Node
from devenv.editor.jsontext.scan import DEEPEST, wrong
from devenv.errors import ParseError

_LONE_SURROGATES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


SPACES = b" \t\r\n"


def skim(text: bytes) -> Node | None:
    """Return the root of a strict JSON text, checked to its end but not filled in; None for white space.

    Raises ParseError at the first byte that is not JSON.
    """
    import msgspec

    root = unchecked(text)
    if root is None:
        return None
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError as exc:
        raise _error(text, str(exc)) from None
    except RecursionError:
        raise _too_deep(text) from None
    return root


def unchecked(text: bytes) -> Node | None:
    """Return the root of a text that skim() has taken already."""
    start, end = 0, len(text)
    while start < end and text[start] in SPACES:
        start += 1
    while end > start and text[end - 1] in SPACES:
        end -= 1
    return Node(start, end) if start < end else None


def fill(text: bytes, node: Node) -> None:
    """Find the items of a container that skim() found; item() gives each of them as a Node."""
    import msgspec

    inner = memoryview(text)[node.start : node.end]
    kind = dict[str, msgspec.Raw] if text[node.start] == b"{"[0] else list[msgspec.Raw]
    found: Any = msgspec.json.decode(inner, type=kind)
    node.items = found


def lookup(text: bytes, node: Node, key: str) -> Node | None:
    """Return the value of one key of an object that skim() found, its other entries passed over; None without it.

    The value is the last one where the key comes more than once, as readers have it.
    """
    import msgspec

    try:
        probe = msgspec.defstruct("Probe", [("found", msgspec.Raw, b"")], rename={"found": key})
    except ValueError:
        # a key with quotes, backslashes or control characters
        fill(text, node)
        return item(text, node, key) if isinstance(node.items, dict) and key in node.items else None
    found: Any = msgspec.json.decode(memoryview(text)[node.start : node.end], type=probe)
    if not found.found:
        return None
    start = _offset(text, found.found)
    return Node(start, start + len(memoryview(found.found)))


def item(text: bytes, node: Node, key: str | int) -> Node:
    """Return an item of a container that fill() has filled."""
    items: Any = node.items
    found = items[key]
    if not isinstance(found, Node):
        start = _offset(text, found)
        found = items[key] = Node(start, start + len(memoryview(found)))
    return found


def _address(data: Any) -> int:
    from _augeas import ffi

    return int(ffi.cast("uintptr_t", ffi.from_buffer(data)))


def _offset(text: bytes, raw: Any) -> int:
    return _address(raw) - _address(text)


def plain_surrogates(text: bytes) -> bytes:
    """Return text with escapes of lone surrogates, which msgspec refuses, replaced by others as long."""
    return _LONE_SURROGATES.sub(rb"\\ufffd", text) if b"\\u" in text else text


def _error(text: bytes, message: str) -> ParseError:
    found = re.search(r"\(byte (\d+)\)", message)
    what = message.removeprefix("JSON is malformed: ").partition(" (byte")[0]
    if found is None:
        return wrong(text, len(text), "the text ends too early" if "truncated" in what else what)
    return wrong(text, int(found[1]), what)


def _too_deep(text: bytes) -> ParseError:
    depth = 0
    for found in re.finditer(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        mark = found[0]
        if mark in (b"[", b"{"):
            depth += 1
            if depth > DEEPEST:
                return wrong(text, found.start(), f"nested deeper than {DEEPEST} levels")
        elif mark in (b"]", b"}"):
            depth -= 1
    return ParseError(f"nested deeper than {DEEPEST} levels")
