"""Changes of a JSON text that take more than one token for another: entries that come, go, or become containers.

A change looks at the gaps round its place, has the lens weave a fragment of it (see weave), and splices that in.
"""

import re

from devenv.editor.absent import below_scalar, nested, no_match, not_an_array, not_in_array
from devenv.editor.document import Match, Steps
from devenv.editor.jsontext.document import BOM, SPACES, JsonText
from devenv.editor.jsontext.layout import Style, breaks, has_comment, indent_of_line, last_line, render, style_of
from devenv.editor.jsontext.node import Node
from devenv.editor.jsontext.scan import DEEPEST
from devenv.editor.jsontext.weave import PLACEHOLDER, Fragment
from devenv.editor.keypath import as_index, spelled
from devenv.editor.values import SCALARS, Number, Value, depth, kind_of
from devenv.errors import EditError

BACKSLASH = b"\\"[0]


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
    lines = node is doc.root or _has_lines(doc, node)
    text = render(value, _style(doc), indent_of_line(doc.text, node.start), lines=lines)
    doc.splice(node.start, node.end, text.encode())


def _has_lines(doc: JsonText, node: Node) -> bool:
    """Say whether the entry of a value stands on a line of its own."""
    return breaks(_gap_before(doc, _entry_start(doc, node)))


def _entry_start(doc: JsonText, node: Node) -> int:
    """Return where the entry of a value begins: at its key, if it has one."""
    plain = doc.plain
    at = _back(plain, node.start)
    if plain[at : at + 1] != b":":
        return node.start
    at = _back(plain, at)
    # the next quote that no odd number of backslashes precedes opens the key
    while True:
        at = plain.rindex(b'"', 0, at)
        slashes = 0
        while plain[at - 1 - slashes] == BACKSLASH:
            slashes += 1
        if slashes % 2 == 0:
            return at


def _gap_before(doc: JsonText, start: int) -> str:
    return doc.text[_back(doc.plain, start) + 1 : start].decode()


def _add(doc: JsonText, container: Node, key: str | None, value: Value) -> None:
    """Put an entry at a container's end."""
    container = doc.settled(container)
    last = _last(doc, container)
    if last is None:
        _add_first(doc, container, key, value)
        return
    start = _entry_start(doc, last)
    line = _separator(doc, container, start)
    head = doc.text[container.start : container.start + 1] + doc.text[start : last.start] + PLACEHOLDER
    fragment = Fragment(head + doc.text[last.end : container.end], _style_at(doc, last, start))
    _weave(doc, fragment, key, value, line, last, (last.end, container.end), len(head), append=True)


def _last(doc: JsonText, container: Node) -> Node | None:
    items = doc.items_of(container)
    if not items:
        return None
    if isinstance(items, list):
        return doc.item_of(container, len(items) - 1)
    node = doc.item_of(container, next(reversed(items)))
    if _back(doc.plain, container.end - 1) == node.end - 1:
        return node
    # a key that comes twice keeps its first place in a dict
    return max((doc.item_of(container, key) for key in items), key=lambda node: node.start)


def _separator(doc: JsonText, container: Node, start: int) -> str:
    """Return what is to stand between two entries: a line's end and indentation, or the space after a comma."""
    gap = _gap_before(doc, start)
    if breaks(gap):
        return last_line(gap)
    return gap if doc.plain[_back(doc.plain, start)] == b","[0] and not has_comment(gap) else _style(doc).comma


def _style_at(doc: JsonText, node: Node, start: int) -> Style:
    """Return the style with the colon of the entry of a value."""
    between = doc.text[start : node.start].decode()
    found = re.search(r'"([ \t]*:[ \t]*)$', between)
    return _style(doc)._replace(colon=found[1]) if found else _style(doc)


def _add_first(doc: JsonText, container: Node, key: str | None, value: Value) -> None:
    inner = doc.text[container.start + 1 : container.end - 1].decode()
    lines = container is doc.root or breaks(inner) or _has_lines(doc, container)
    indent = indent_of_line(doc.text, container.start)
    newline = _style(doc).newline
    line, close = (newline + indent + _style(doc).unit, newline + indent) if lines else ("", "")
    text = doc.text[container.start : container.end]
    fragment = Fragment(text, _style(doc))
    small = value if kind_of(value) in SCALARS else Number("0")
    fragment.first(key, small, line, close)
    made = fragment.render()
    if small is not value:
        made = _placed(made, render(value, _style(doc), indent + _style(doc).unit, lines=lines))
    doc.splice(container.start, container.end, made)


def _weave(
    doc: JsonText,
    fragment: Fragment,
    key: str | None,
    value: Value,
    line: str,
    like: Node,
    span: tuple[int, int],
    head: int,
    *,
    append: bool,
) -> None:
    """Put an entry into a fragment and the fragment's text, without its head, into the place it is of."""
    small = value if kind_of(value) in SCALARS else Number("0")
    if append:
        fragment.append(key, small, line)
    else:
        fragment.prepend(key, small, line)
    made = fragment.render()
    if small is not value:
        indent = line.lstrip("\r\n") if breaks(line) else ""
        # entries of an array look like their neighbours
        lines = breaks(line) and (key is not None or not _on_one_line(doc, like))
        text = render(value, fragment.style, indent, lines=lines)
        made = _placed(made, text) if append else _placed_first(made, text)
    doc.splice(*span, made[head : len(made) if append else len(made) - 2])


def _on_one_line(doc: JsonText, node: Node) -> bool:
    """Say whether a value is a container with entries, all on one line."""
    text = doc.plain[node.start : node.end]
    return text[:1] in (b"{", b"[") and len(text) > 2 and b"\n" not in text and b"\r" not in text


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
    line = _separator(doc, container, node.start)
    gap = doc.text[_back(doc.plain, node.start) + 1 : node.start]
    fragment = Fragment(b"[" + gap + PLACEHOLDER + b"]", _style(doc))
    _weave(doc, fragment, None, value, line, node, (node.start, node.start), 1 + len(gap), append=False)


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
    start = _entry_start(doc, node)
    before, after = _back(plain, start), _forward(plain, node.end)
    is_first, is_last = before == parent.start, after == parent.end - 1
    opening, closing = data[parent.start : parent.start + 1], data[parent.end - 1 : parent.end]
    own = data[start : node.start] + PLACEHOLDER
    if is_first and is_last:
        fragment = Fragment(opening + data[before + 1 : start] + own + data[node.end : parent.end], _style(doc))
        fragment.remove_only()
        doc.splice(parent.start, parent.end, fragment.render())
    elif is_last:
        previous = _back(plain, before) + 1
        head = opening + (b'"":0' if opening == b"{" else b"0")
        fragment = Fragment(head + data[previous:start] + own + data[node.end : parent.end], _style(doc))
        fragment.remove_last()
        doc.splice(previous, parent.end, fragment.render()[len(head) :])
    else:
        following = _forward(plain, after + 1)
        tail = (b'"":0' if opening == b"{" else b"0") + closing
        fragment = Fragment(opening + data[before + 1 : start] + own + data[node.end : following] + tail, _style(doc))
        fragment.remove_first()
        doc.splice(before + 1, following, fragment.render()[1 : -len(tail)])


def _style(doc: JsonText) -> Style:
    if doc.style is None:
        doc.style = style_of(doc.plain)
    return doc.style


def _back(plain: bytes, at: int) -> int:
    """Return the place of the last byte before one that is no white space."""
    at -= 1
    while plain[at] in SPACES:
        at -= 1
    return at


def _forward(plain: bytes, at: int) -> int:
    """Return the place of the first byte from one on that is no white space."""
    while plain[at] in SPACES:
        at += 1
    return at


def _placed(made: bytes, text: str) -> bytes:
    """Return a fragment with text in place of its last 0."""
    found = list(re.finditer(rb"0(?=(?:[ \t\r\n,]|//[^\r\n]*[\r\n]|/\*.*?\*/)*[\]}]$)", made, re.DOTALL))[-1]
    return made[: found.start()] + text.encode() + made[found.end() :]


def _placed_first(made: bytes, text: str) -> bytes:
    """Return a fragment whose first 0 is before its first comma, with text in that place."""
    at = made.rindex(b"0", 0, made.rindex(b","))
    return made[:at] + text.encode() + made[at + 1 :]
