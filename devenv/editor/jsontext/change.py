"""Changes of a JSON text that take more than one token for another: entries that come, go, or become containers.

A change looks at the gaps round its place, has the lens weave a fragment of it (see weave), and splices that in. What
replaces a container by another of its kind is in rewrite.
"""

from devenv.editor.absent import below_scalar, nested, no_match, not_an_array, not_in_array
from devenv.editor.document import Match, Steps
from devenv.editor.jsontext.document import BOM, SPACES, JsonText
from devenv.editor.jsontext.layout import (
    Style,
    before_entry,
    breaks,
    indent_of_line,
    render,
)
from devenv.editor.jsontext.node import Node
from devenv.editor.jsontext.places import (
    back,
    entry_start,
    entry_value,
    forward,
    gap_before,
    has_lines,
    separator,
    style_at,
    style_of,
)
from devenv.editor.jsontext.scan import DEEPEST
from devenv.editor.jsontext.weave import NO_KEY, PLACEHOLDER, placed, woven
from devenv.editor.keypath import as_index, spelled
from devenv.editor.values import SCALARS, Value, depth, kind_of, scalar_to_json
from devenv.errors import EditError


def put(doc: JsonText, steps: Steps, value: Value, *, force: bool = False) -> None:
    """Replace what is there by value, or make it and its parents."""
    _check_depth(steps, value)
    if doc.root is None:
        _first(doc, steps, value)
        return
    place, node = _deepest(doc, steps)
    rest = steps[len(place) :]
    if not rest:
        _replace(doc, node, value)
        return
    kind = doc.kind_of_node(node)
    if kind in SCALARS:
        if not force and kind != "null":
            raise below_scalar(place, kind, rest)
        _replace(doc, node, nested(rest, value, place))
        return
    if isinstance(rest[0], Match):
        raise no_match(place, rest[0])
    inner = nested(rest[1:], value, (*place, rest[0]))
    if kind == "object":
        if not isinstance(rest[0], str):
            raise not_an_array(place, rest[0])
        _add(doc, node, rest[0], inner)
        return
    length = len(doc.items_of(node) or ())
    if as_index(rest[0], length) != length:
        raise not_in_array(place, rest[0], length)
    _add(doc, node, None, inner)


def _first(doc: JsonText, steps: Steps, value: Value) -> None:
    text = render(nested(steps, value, ()), Style(), "", lines=True) + "\n"
    doc.write(doc.text.rstrip(SPACES) + text.encode() if doc.text.startswith(BOM) else text.encode())


def _deepest(doc: JsonText, steps: Steps) -> tuple[Steps, Node]:
    """Return the longest way along steps that is there."""
    assert doc.root is not None
    place: Steps = ()
    node = doc.root
    for step in steps:
        found = doc.children(place, node, step)
        if len(found) != 1:
            if found:
                raise EditError(f"{spelled((*place, step))} is ambiguous: there are {len(found)} of it")
            return place, node
        place, node = found[0]
    return place, node


def _replace(doc: JsonText, node: Node, value: Value) -> None:
    node = doc.settled(node)
    if kind_of(value) not in SCALARS and kind_of(value) == doc.kind_of_node(node):
        from devenv.editor.jsontext.rewrite import rewrite

        rewrite(doc, node, value)
        return
    lines = node is doc.root or has_lines(doc, node)
    text = render(value, style_of(doc), indent_of_line(doc.text, node.start), lines=lines)
    doc.splice(node.start, node.end, text.encode())


def _add(doc: JsonText, container: Node, key: str | None, value: Value) -> None:
    """Put an entry at a container's end."""
    container = doc.settled(container)
    last = _last(doc, container)
    if last is None:
        _add_first(doc, container, key, value)
        return
    start = entry_start(doc, last)
    line, style = separator(doc, start), style_at(doc, last, start)
    head = doc.text[container.start : container.start + 1] + _without_key(doc, start, last) + PLACEHOLDER
    made = woven(head + doc.text[last.end : container.end], style, "append", line)
    small = kind_of(value) in SCALARS
    text = scalar_to_json(value) if small else entry_value(doc, value, style, line, last if key is None else None)
    doc.splice(last.end, container.end, placed(made, key, text)[len(head) :])


def _without_key(doc: JsonText, start: int, node: Node) -> bytes:
    """Return what stands before the value of an entry that begins at start, its key emptied."""
    if start == node.start:
        return b""
    # in plain there is no comment between the key and its colon
    end = doc.plain.rindex(b'"', start, node.start) + 1
    return NO_KEY + doc.text[end : node.start]


def _last(doc: JsonText, container: Node) -> Node | None:
    items = doc.items_of(container)
    if not items:
        return None
    if isinstance(items, list):
        return doc.item_of(container, len(items) - 1)
    node = doc.item_of(container, next(reversed(items)))
    if back(doc.plain, container.end - 1) == node.end - 1:
        return node
    # a key that comes twice keeps its first place in a dict
    return max((doc.item_of(container, key) for key in items), key=lambda node: node.start)


def _add_first(doc: JsonText, container: Node, key: str | None, value: Value) -> None:
    inner = doc.text[container.start + 1 : container.end - 1].decode()
    lines = container is doc.root or breaks(inner) or has_lines(doc, container)
    indent = indent_of_line(doc.text, container.start)
    newline = style_of(doc).newline
    line, close = (newline + indent + style_of(doc).unit, newline + indent) if lines else ("", "")
    text = doc.text[container.start : container.end]
    made = woven(text, style_of(doc), "first", line, close)
    small = kind_of(value) in SCALARS
    own = scalar_to_json(value) if small else render(value, style_of(doc), indent + style_of(doc).unit, lines=lines)
    doc.splice(container.start, container.end, placed(made, key, own))


def _check_depth(steps: Steps, value: Value) -> None:
    if len(steps) + depth(value) > DEEPEST:
        raise EditError(f"that would nest more than {DEEPEST} levels deep")


def insert(doc: JsonText, steps: Steps, index: int, value: Value) -> None:
    """Put value before an entry of the array there."""
    _check_depth((*steps, index), value)
    container = doc.settled(doc.node_at(steps))
    items = doc.items_of(container) or []
    if index >= len(items):
        _add(doc, container, None, value)
        return
    node = doc.item_of(container, index)
    line, gap = separator(doc, node.start), gap_before(doc, node.start)
    text = entry_value(doc, value, style_of(doc), line, node)
    at, new = before_entry(gap, line, [text])
    at += node.start - len(gap.encode())
    doc.splice(at, at, new.encode())


def delete(doc: JsonText, steps: Steps) -> None:
    """Take out what is there; of a key that comes twice, every one."""
    parent = doc.settled(doc.node_at(steps[:-1]))
    while True:
        _delete(doc, parent, doc.item_of(parent, steps[-1]))  # type: ignore[arg-type]
        if not isinstance(steps[-1], str):
            return
        parent = doc.node_at(steps[:-1])
        if steps[-1] not in (doc.items_of(parent) or ()):
            return


def _delete(doc: JsonText, parent: Node, node: Node) -> None:
    plain, data = doc.plain, doc.text
    start = entry_start(doc, node)
    before, after = back(plain, start), forward(plain, node.end)
    is_first, is_last = before == parent.start, after == parent.end - 1
    opening, closing = data[parent.start : parent.start + 1], data[parent.end - 1 : parent.end]
    own = _without_key(doc, start, node) + PLACEHOLDER
    if is_first and is_last:
        text = opening + data[before + 1 : start] + own + data[node.end : parent.end]
        doc.splice(parent.start, parent.end, woven(text, style_of(doc), "remove_only"))
    elif is_last:
        previous = back(plain, before) + 1
        head = opening + (b'"":0' if opening == b"{" else b"0")
        text = head + data[previous:start] + own + data[node.end : parent.end]
        doc.splice(previous, parent.end, woven(text, style_of(doc), "remove_last")[len(head) :])
    else:
        following = forward(plain, after + 1)
        tail = (b'"":0' if opening == b"{" else b"0") + closing
        text = opening + data[before + 1 : start] + own + data[node.end : following] + tail
        doc.splice(before + 1, following, woven(text, style_of(doc), "remove_first")[1 : -len(tail)])
