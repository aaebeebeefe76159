"""Where the parts of an entry stand in a JSON text, and how it is written."""

import re

from devenv.editor.jsontext import layout
from devenv.editor.jsontext.document import SPACES, JsonText
from devenv.editor.jsontext.layout import Style, breaks, has_comment, last_line, render
from devenv.editor.jsontext.node import Node
from devenv.editor.values import Value

BACKSLASH = b"\\"[0]


def has_lines(doc: JsonText, node: Node) -> bool:
    """Say whether the entry of a value stands on a line of its own."""
    return breaks(gap_before(doc, entry_start(doc, node)))


def entry_start(doc: JsonText, node: Node) -> int:
    """Return where the entry of a value begins: at its key, if it has one."""
    plain = doc.plain
    at = back(plain, node.start)
    if plain[at : at + 1] != b":":
        return node.start
    at = back(plain, at)
    # the next quote that no odd number of backslashes precedes opens the key
    while True:
        at = plain.rindex(b'"', 0, at)
        slashes = 0
        while plain[at - 1 - slashes] == BACKSLASH:
            slashes += 1
        if slashes % 2 == 0:
            return at


def gap_before(doc: JsonText, start: int) -> str:
    return doc.text[back(doc.plain, start) + 1 : start].decode()


def separator(doc: JsonText, start: int) -> str:
    """Return what is to stand between two entries: a line's end and indentation, or the space after a comma."""
    gap = gap_before(doc, start)
    if breaks(gap):
        return last_line(gap)
    return gap if doc.plain[back(doc.plain, start)] == b","[0] and not has_comment(gap) else style_of(doc).comma


def style_at(doc: JsonText, node: Node, start: int) -> Style:
    """Return the style with the colon of the entry of a value."""
    between = doc.text[start : node.start].decode()
    found = re.search(r'"([ \t]*:[ \t]*)$', between)
    return style_of(doc)._replace(colon=found[1]) if found else style_of(doc)


def entry_value(doc: JsonText, value: Value, style: Style, line: str, like: Node | None) -> str:
    """Return the value of a new entry as text; what follows line looks like its neighbour in an array."""
    lines = breaks(line) and (like is None or not _on_one_line(doc, like))
    return render(value, style, line.lstrip("\r\n"), lines=lines)


def _on_one_line(doc: JsonText, node: Node) -> bool:
    """Say whether a value is a container with entries, all on one line."""
    text = doc.plain[node.start : node.end]
    return text[:1] in (b"{", b"[") and len(text) > 2 and b"\n" not in text and b"\r" not in text


def style_of(doc: JsonText) -> Style:
    if doc.style is None:
        doc.style = layout.style_of(doc.text, doc.plain)
    return doc.style


def back(plain: bytes, at: int) -> int:
    """Return the place of the last byte before one that is no white space."""
    at -= 1
    while plain[at] in SPACES:
        at -= 1
    return at


def forward(plain: bytes, at: int) -> int:
    """Return the place of the first byte from one on that is no white space."""
    while plain[at] in SPACES:
        at += 1
    return at
