"""Where in a JSON text a value stands: needed only to say what is wrong with it, so it is slow and simple."""

import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # untyped, and there since Python 2.6

_BLANK = re.compile(r"[ \t\r\n]*")
_ATOM = re.compile(r"[^\s,:\[\]{}\"]+")


def locate(text: str, way: tuple[str | int, ...]) -> tuple[int, int]:
    """Return line and column, from 1, of the value at the end of way (keys and indexes) in valid JSON text."""
    offset = _skip_blank(text, 0)
    for step in way:
        offset = _child(text, offset, step)
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _skip_blank(text: str, offset: int) -> int:
    match = _BLANK.match(text, offset)
    return match.end() if match else offset


def _child(text: str, offset: int, step: str | int) -> int:
    """Return where the member called step (or the step-th item) of the object or list at offset begins."""
    found = offset
    index = 0
    is_object = text[offset] == "{"
    at = _skip_blank(text, offset + 1)
    while text[at] not in "]}":
        name: str | int = index
        if is_object:
            name, at = scanstring(text, at + 1)
            at = _skip_blank(text, _skip_blank(text, at) + 1)
        if name == step:
            found = at
        at = _skip_blank(text, _end(text, at))
        index += 1
        if text[at] == ",":
            at = _skip_blank(text, at + 1)
    return found


def _end(text: str, offset: int) -> int:
    """Return the offset after the value that begins at offset."""
    depth = 0
    at = offset
    while True:
        if text[at] == '"':
            at = scanstring(text, at + 1)[1]
        elif text[at] in "{[":
            depth += 1
            at += 1
        elif text[at] in "}]":
            depth -= 1
            at += 1
        elif depth and text[at] in ",: \t\r\n":
            at += 1
            continue
        else:
            match = _ATOM.match(text, at)
            at = match.end() if match else at + 1
        if depth == 0:
            return at
