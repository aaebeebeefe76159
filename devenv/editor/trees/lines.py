"""Entries given as the text behind their key, which the lens makes nodes of: ``/bin/app -v`` of ExecStart.

A line is written as the neighbours are, or in one of the usual ways, and the lens reads it. It is taken when it has the
key asked for and that very text behind it, and all else is what it was.
"""

from __future__ import annotations

from devenv.editor.document import Steps
from devenv.editor.keypath import spelled
from devenv.editor.trees import change, shape
from devenv.editor.trees.parse import Node, Parsed, Trail, parse
from devenv.editor.trees.view import HIDDEN, View, comments, is_number, same_tree
from devenv.editor.trees.written import members_span, value_span, written
from devenv.editor.values import Value
from devenv.errors import EditError, ParseError
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    ViewOf = Callable[[Parsed], View]

_USUAL = (b" ", b"=", b" = ", b": ")
"""What stands between key and value, where no neighbour shows it."""

_BETWEEN = (b",", b" ", b", ")
"""What stands between entries of a line, where there is only one."""

_ASKED = 3
"""Ways of writing a line that are taken from a place."""

_LOOKED_AT = 50
"""Neighbours whose ways are counted."""


class _Form(Record):
    """How a line is written: what stands before the key, between key and value, and at the end; and who has it so."""

    head: bytes
    separator: bytes
    end: bytes
    donor: Trail | None
    keyed: bool = True


def insert(view: View, view_of: ViewOf, parent: Trail, indices: list[int], label: str, value: Value) -> Parsed | None:
    """Return the text with one more child of parent, whose value is a text or, in a section, an object of such."""
    parsed = view.parsed
    if not (_plain(value) or (view.wrapped and not parent and isinstance(value, dict))):
        return None
    if "\n" in label or len(parsed.text) > change.LARGEST_PUT:
        return None
    change.encoded(parsed, label)
    for index in indices:
        seen = set()
        for text in _texts(parsed, parent, index, label, value):
            if text not in seen:
                seen.add(text)
                fresh = _accepted(parsed, view_of, parent, index, label, value, text)
                if fresh:
                    return fresh
    return None


def replace(view: View, view_of: ViewOf, trail: Trail, value: Value) -> Parsed | None:
    """Return the text with another text behind the key of an entry of one line; None where that cannot be."""
    parsed, span = view.parsed, value_span(view.parsed, trail)
    if span is None or not isinstance(value, str) or not _plain(value) or len(parsed.text) > change.LARGEST_PUT:
        return None
    new = change.encoded(parsed, value)
    try:
        fresh = parse(parsed.lens, parsed.text[: span[0]] + new + parsed.text[span[1] :])
    except ParseError:
        return None
    if len(fresh.at(trail[:-1]).children) != len(parsed.at(trail[:-1]).children):
        return None
    node = fresh.at(trail)
    alike = node.label == parsed.at(trail).label and comments(node) == comments(parsed.at(trail))
    expected = shape.replaced(parsed.root, trail, lambda _: node)
    return fresh if alike and same_tree(fresh.root, expected) and _holds(view_of(fresh), trail, value) else None


def replace_members(parsed: Parsed, trails: tuple[Trail, ...], value: str) -> Parsed | None:
    """Return the text with other nodes for all of a label, written as one text; None where that is not several.

    Words with blanks between them are no list: they may be meant as one, which wants quotes.
    """
    span = members_span(parsed, trails)
    if span is None or value.split() != [value] or len(parsed.text) > change.LARGEST_PUT:
        return None
    new, parent, first = change.encoded(parsed, value), trails[0][:-1], trails[0][-1]
    try:
        fresh = parse(parsed.lens, parsed.text[: span[0]] + new + parsed.text[span[1] :])
    except ParseError:
        return None
    old = parsed.at(parent).children
    rest = old[first + len(trails) :]
    above = fresh.root
    for step in parent:
        if step >= len(above.children):
            return None
        above = above.children[step]
    count = len(above.children) - first - len(rest)
    nodes = above.children[first : first + count] if count > 1 else []
    if not nodes or any(node.label != old[first].label or comments(node) for node in nodes):
        return None
    there = members_span(fresh, tuple((*parent, first + at) for at in range(count)))
    expected = shape.replaced(parsed.root, parent, lambda node: node._replace(children=[*old[:first], *nodes, *rest]))
    return fresh if there == (span[0], span[0] + len(new)) and same_tree(fresh.root, expected) else None


def no_place_for_all(steps: Steps) -> EditError:
    """Return the error of a text that would stand for a value and the entries behind it, and cannot."""
    return EditError(
        f"{spelled(steps)} has entries beside its value, and the format cannot hold that in place of all",
        hint=f"its value alone is {spelled((*steps, '.'))}",
    )


def _plain(value: Value) -> bool:
    return isinstance(value, str) and "\n" not in value and value == value.strip()


def _accepted(
    parsed: Parsed, view_of: ViewOf, parent: Trail, index: int, label: str, value: Value, text: bytes
) -> Parsed | None:
    try:
        fresh = parse(parsed.lens, text)
    except ParseError:
        return None
    now = fresh.root
    for step in parent:
        if step >= len(now.children):
            return None
        now = now.children[step]
    if len(now.children) != len(parsed.at(parent).children) + 1:
        return None
    node = now.children[index]
    if node.label != label and not (is_number(node.label) and is_number(label)):
        return None
    if comments(node) or not same_tree(fresh.root, shape.with_child(parsed.root, parent, index, node)):
        return None
    return fresh if _holds(view_of(fresh), (*parent, index), value) else None


def _holds(view: View, trail: Trail, value: Value) -> bool:
    """Say whether what was read is the value asked for, as text, or with quotes around it."""
    if isinstance(value, dict):
        inner = dict(view.children(trail))
        return (
            not view.text(trail)
            and list(inner) == list(value)
            and all(_holds(view, inner[key], item) for key, item in value.items())
        )
    have = view.value(trail)
    return have == value if isinstance(have, str) else written(view.parsed, trail) in (value, f'"{value}"')


def _texts(parsed: Parsed, parent: Trail, index: int, label: str, value: Value) -> Iterator[bytes]:
    """Yield the whole text with the new entry, in each way it may be written."""
    rendered = list(
        _blocks(parsed, label, value) if isinstance(value, dict) else _lines(parsed, parent, index, label, value)
    )
    if parent and not parsed.at(parent).children:
        start = parsed.span(parent).start
        point = start + parsed.source(parent).find(b"\n") + 1
        if point > start:
            yield from (parsed.text[:point] + new + parsed.text[point:] for new, _ in rendered)
        return
    yield from change.insertions(parsed, parent, index, rendered)
    if index and not isinstance(value, dict):
        # beside an entry that is the first of a list on a line
        point = parsed.span((*parent, index - 1)).end
        for new, donor in rendered:
            if donor == (*parent, index - 1) and not new.endswith(b"\n"):
                yield from (parsed.text[:point] + gap + new + parsed.text[point:] for gap in _BETWEEN)


def _lines(parsed: Parsed, parent: Trail, index: int, label: str, value: str) -> Iterator[tuple[bytes, Trail | None]]:
    forms = list(_forms(parsed, parent, index, label))
    texts = [value, f'"{value}"'] if " " in value and '"' not in value else [value]
    for text in texts:
        for form in forms:
            yield _line(parsed, form, label, text), form.donor


def _line(parsed: Parsed, form: _Form, label: str, value: str) -> bytes:
    name = label.encode(parsed.encoding) if form.keyed else b""
    line = form.head + name + form.separator + change.encoded(parsed, value)
    return (line if value else line.rstrip(b" \t")) + form.end


def _blocks(parsed: Parsed, label: str, value: dict[str, Value]) -> Iterator[tuple[bytes, Trail | None]]:
    """Yield a section as text, with a line for each of its entries."""
    if not all(map(_plain, value.values())):
        return
    sections = [(at,) for at, child in enumerate(parsed.root.children) if child.label not in HIDDEN]
    donor = sections[-1] if sections else None
    inner = [form for above in reversed(sections) for form in _of_children(parsed, above)][:_ASKED]
    for form in [*inner, *(_Form(b"", usual, b"\n", None) for usual in _USUAL)]:
        for quote in ("", '"'):
            lines = [
                _line(parsed, form, key, f"{quote}{item}{quote}" if " " in item else item)
                for key, item in value.items()
            ]
            yield f"[{label}]\n".encode(parsed.encoding) + b"".join(lines), donor


def _forms(parsed: Parsed, parent: Trail, index: int, label: str) -> Iterator[_Form]:
    siblings = parsed.at(parent).children
    order = sorted(range(len(siblings)), key=lambda at: (siblings[at].label != label, abs(at - index + 0.5), at))
    alike = [at for at in order[:_ASKED] if siblings[at].label == label]
    yield from _of_children(parsed, parent, alike, label)
    yield from _of_children(parsed, parent, order, label)
    if is_number(label):
        return
    if parent:
        aunts = range(len(parsed.at(parent[:-1]).children))
        for at in sorted(aunts, key=lambda at: abs(at - parent[-1]))[1 : _ASKED + 1]:
            yield from _of_children(parsed, (*parent[:-1], at))
    for usual in _USUAL:
        yield _Form(b"", usual, b"\n", None)


def _of_children(parsed: Parsed, parent: Trail, order: list[int] | None = None, label: str = "") -> list[_Form]:
    """Return how the first children in an order are written, from the end without one: what most do comes first."""
    children = parsed.at(parent).children
    order = list(range(len(children) - 1, -1, -1)) if order is None else order
    found = [_form_of(parsed, (*parent, at), children[at], label) for at in order[:_LOOKED_AT]]
    forms = [form for form in found if form is not None]
    ways: dict[tuple[bytes, bytes], list[_Form]] = {}
    for form in forms:
        ways.setdefault((form.head, form.separator), []).append(form)
    return [alike[0] for alike in sorted(ways.values(), key=len, reverse=True)][:_ASKED]


def _form_of(parsed: Parsed, trail: Trail, node: Node, label: str) -> _Form | None:
    if node.label in HIDDEN:
        return None
    span, place = parsed.span(trail), value_span(parsed, trail)
    if place is None:
        return None
    source = parsed.source(trail)
    end = b"\n" if source.endswith(b"\n") else b""
    if span.label_start == span.label_end:
        alike = node.label == label or (is_number(node.label) and is_number(label))
        return _Form(b"", b"", end, trail, keyed=False) if alike else None
    separator = parsed.text[span.label_end : place[0]]
    return _Form(parsed.text[span.start : span.label_start], separator, end, trail) if separator else None
