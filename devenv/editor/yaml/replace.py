"""Splices that put another value where one stands."""

import re

from devenv.editor.values import Value
from devenv.editor.yaml.layout import begins_line, column, line_end, line_start, next_line
from devenv.editor.yaml.nodes import inner
from devenv.editor.yaml.place import Place, Splice
from devenv.editor.yaml.render import block_lines, flow_text, scalar_lines

_HEADER = re.compile(r"[|>][0-9+-]*")
_CASES = {"True": ("True", "False"), "False": ("True", "False"), "TRUE": ("TRUE", "FALSE"), "FALSE": ("TRUE", "FALSE")}


def replace(place: Place, value: Value) -> list[Splice]:
    """Return the splices after which value stands at place; comments that are not inside a collection stay."""
    many = isinstance(value, dict | list) and bool(value)
    if place.flow:
        return _in_flow(place, value)
    place = place.before_line(next_line(place.text, place.node.close()))
    if place.is_block:
        return _block_by_block(place, value) if many else _block_by_scalar(place, value)
    return _line_by_block(place, value) if many else _line_by_scalar(place, value)


def _first_lines(place: Place, value: Value) -> list[str]:
    """Return a scalar's lines, with what stays of the style of the one that is there."""
    node = place.node
    was = node.style if node.kind == "scalar" else ""
    if isinstance(value, bool) and node.kind == "scalar" and not was and node.value in _CASES:
        return [_CASES[node.value][0 if value else 1]]
    return scalar_lines(value, was, place.style, place.content_indent(), flow=False)


def _in_flow(place: Place, value: Value) -> list[Splice]:
    node, text = place.node, place.text
    props, _ = place.kept(value)
    if isinstance(value, dict | list) and value:
        new = flow_text(value, place.style)
    elif isinstance(value, bool) and node.kind == "scalar" and not node.style and node.value in _CASES:
        new = _CASES[node.value][0 if value else 1]
    else:
        new = scalar_lines(value, node.style if node.kind == "scalar" else "", place.style, -1, flow=True)[0]
    new = f"{props} {new}" if props else new
    if node.start != node.end:
        return [Splice(node.start, node.end, new)]
    key = place.entry.key if place.entry is not None else None
    if key is not None and node.start == key.end and text[node.start - 1] != ":":
        return [Splice(node.start, node.end, f": {new}")]
    return [Splice(node.start, node.end, f" {new}")]


def _is_empty(place: Place) -> bool:
    return place.node.start == place.node.end


def _gap(place: Place) -> tuple[int, int]:
    """Return the stretch on the head's line that an empty value takes: white space before a line's end goes."""
    start = place.head_end()
    end = line_end(place.text, start)
    return start, end if not place.text[start:end].strip() else start


def _line_by_scalar(place: Place, value: Value) -> list[Splice]:
    """Return splices for a scalar, alias or flow collection that becomes a scalar or an empty collection."""
    text, node, newline = place.text, place.node, place.style.newline
    first, *rest = _first_lines(place, value)
    props, _ = place.kept(value)
    new = f"{props} {first}" if props else first
    body = "".join(newline + line for line in rest)
    if _is_empty(place):
        start, end = _gap(place)
        line = line_end(text, end)
        return [Splice(start, end, f" {new}"), *_after(place, line, line, body, value)]
    if node.style in ("|", ">"):
        header = _header_end(place)
        line = line_end(text, header)
        return [Splice(node.start, header, new), *_after(place, line, max(node.end, line), body, value)]
    line = line_end(text, node.end)
    return [Splice(node.start, node.end, new), *_after(place, line, line, body, value)]


def _header_end(place: Place) -> int:
    found = _HEADER.match(place.text, inner(place.text, place.node))
    assert found is not None
    return found.end()


def _after(place: Place, start: int, end: int, body: str, value: Value = None) -> list[Splice]:
    """Return the splice of lines that follow the one a value begins on."""
    if not body and start == end:
        return []
    if body and end == len(place.text) and needs_line_end(value):
        body += place.style.newline
    return [Splice(start, end, body)]


def needs_line_end(value: Value) -> bool:
    """Say whether a value, written last in a file, may end in a block scalar that needs the line end."""
    while isinstance(value, dict | list) and value:
        value = list(value.values())[-1] if isinstance(value, dict) else value[-1]
    return isinstance(value, str) and value.endswith("\n")


def _line_by_block(place: Place, value: Value) -> list[Splice]:
    """Return splices for a scalar, alias or flow collection that becomes a collection on lines of its own."""
    text, node, newline = place.text, place.node, place.style.newline
    props, _ = place.kept(value)
    lines = block_lines(value, place.style, place.deeper(value))
    end = node.end
    body_start = body_end = line_end(text, end)
    if node.style in ("|", ">") and node.kind == "scalar":
        end = _header_end(place)
        body_start = line_end(text, end)
        body_end = max(node.end, body_start)
    if _is_empty(place):
        start, end = _gap(place)
        body_start = body_end = line_end(text, end)
    else:
        start = node.start
    own_line = not _is_empty(place) and begins_line(text, start)
    if own_line and not props:
        first, *lines = lines
        splices = [Splice(line_start(text, start), end, first)]
    elif place.in_list and not props:
        first, *lines = lines
        splices = [Splice(start, end, (" " if _is_empty(place) else "") + first.lstrip(" "))]
    else:
        while text[start - 1] in " \t" and not own_line:
            start -= 1
        if not text[end:body_start].strip():
            end = body_start
        splices = [Splice(start, end, f" {props}" if props else "")]
    return [*splices, *_after(place, body_start, body_end, "".join(newline + line for line in lines), value)]


def _block_by_scalar(place: Place, value: Value) -> list[Splice]:
    """Return splices for a block collection that becomes a scalar or an empty collection."""
    text, node, newline = place.text, place.node, place.style.newline
    first, *rest = _first_lines(place, value)
    body = "".join(newline + line for line in rest)
    begin, end = inner(text, node), place.last_line_end()
    if body and end == len(text) and needs_line_end(value):
        body += newline
    if place.entry is None and not node.anchor and not node.tag:
        return [Splice(line_start(text, begin), end, first + body)]
    if place.compact():
        return [Splice(begin, end, first + body)]
    props, props_end = place.kept(value)
    if node.anchor is not None or node.tag is not None:
        head = Splice(node.start, props_end, f"{props} {first}" if props else first)
        line = line_end(text, props_end)
    else:
        at = place.head_end()
        line = line_end(text, at)
        head = Splice(at, line if not text[at:line].strip() else at, f" {first}")
    return [head, *_after(place, line, end, body)]


def _block_by_block(place: Place, value: Value) -> list[Splice]:
    """Return splices for a block collection that becomes another."""
    text, node = place.text, place.node
    begin, end = inner(text, node), place.last_line_end()
    same = (node.kind, type(value)) in (("map", dict), ("seq", list))
    at = column(text, begin) if same or place.compact() else place.deeper(value)
    joined = place.style.newline.join(block_lines(value, place.style, at))
    if end == len(text) and needs_line_end(value):
        joined += place.style.newline
    if place.compact():
        return [Splice(begin, end, joined.lstrip(" "))]
    splices = [Splice(line_start(text, begin), end, joined)]
    if node.tag is not None:
        props, props_end = place.kept(value)
        start = node.start
        while not props and text[start - 1] in " \t":
            start -= 1
        splices.append(Splice(start, props_end, props))
    return splices
