"""One change of an XML text as a splice, laid out as its neighbours are and judged by Augeas's Xml lens."""

from __future__ import annotations

import re

from devenv.editor.trees import shape, xmlnames
from devenv.editor.trees.change import judge
from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.trees.xmlparse import TEXTS, XmlParsed, cdata, escaped
from devenv.editor.values import shown
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devenv.editor.trees.change import Judge

_NAME = re.compile(r"@?([A-Za-z_][A-Za-z0-9_.-]*:)?[A-Za-z_][A-Za-z0-9_.-]*\Z", re.ASCII)


def set_value(parsed: Parsed, trail: Trail, value: str) -> Parsed:
    """Return the text with another text of an element, or another value of an attribute."""
    assert isinstance(parsed, XmlParsed)
    node = parsed.at(trail)
    if any(child.label[:1] not in ("@", "#", "!") for child in node.children):
        raise EditError(f"the element {node.label} has elements in it, and so no text")
    expected = shape.with_value(parsed.root, trail, value)
    fresh = _first(judge(parsed, expected), _value_texts(parsed, trail, value), value)
    xmlnames.check(parsed, fresh)
    return fresh


def _first(accept: Judge, texts: Iterator[bytes], what: str) -> Parsed:
    for text in texts:
        fresh = accept(text)
        if fresh:
            return fresh
    raise EditError(f"{shown(what)} has no place there in XML as Augeas reads it")


def _value_texts(parsed: XmlParsed, trail: Trail, value: str) -> Iterator[bytes]:
    text, span = parsed.text, parsed.span(trail)
    if parsed.at(trail).label[:1] == "@":
        start, end = span.value_start, span.value_end
        if start == end:
            start = end = span.end - 1
        yield text[:start] + escaped(parsed, value, text[start - 1 : start].decode("latin-1")) + text[end:]
        return
    if parsed.at(trail).label in TEXTS:
        stray = parsed.text_span(trail)
        new = cdata(parsed, value) if parsed.at(trail).label == "#CDATA" else escaped(parsed, value)
        if new is None:
            raise EditError(f"{shown(value)} cannot be written in a CDATA section")
        yield text[: stray.start] + new + text[stray.end :]
        return
    pieces = parsed.pieces.get(trail, [])
    if len(pieces) == 1:
        piece = parsed.raw_span(pieces[0])
        section = cdata(parsed, value) if text[piece.start : piece.end].startswith(b"<![CDATA[") else None
        yield text[: piece.start] + (section or escaped(parsed, value)) + text[piece.end :]
        # blanks around a CDATA section are layout, and around another text part of it
        start, end = parsed.text_around(pieces[0])
        yield text[:start] + escaped(parsed, value) + text[end:]
    elif pieces:
        first, last = parsed.raw_span(pieces[0]), parsed.raw_span(pieces[-1])
        yield text[: first.start] + escaped(parsed, value) + text[last.end :]
    else:
        opened, closing = _opened(parsed, trail)
        yield opened + escaped(parsed, value) + closing


def _opened(parsed: XmlParsed, trail: Trail) -> tuple[bytes, bytes]:
    """Return the text up to the inside of an element without text, and from there on; ``<a/>`` becomes ``<a></a>``."""
    text, span = parsed.text, parsed.span(trail)
    source = text[span.start : span.end]
    if source.endswith(b"/>"):
        name = parsed.at(trail).label.encode()
        head = source[:-2].rstrip(b" \t\r\n")
        return text[: span.start] + head + b">", b"</" + name + b">" + text[span.end :]
    at = span.start + source.rindex(b"</")
    return text[:at], text[at:]


def remove(parsed: Parsed, trail: Trail) -> Parsed:
    """Return the text without an element, with the line it stands on alone, or an attribute."""
    assert isinstance(parsed, XmlParsed)
    label = parsed.at(trail).label
    if len(trail) == 1 and label[:1] not in "#!":
        raise EditError(f"{label} is the one element at the top, which an XML file has to have")
    beside = [child for child in parsed.at(trail[:-1]).children if child.label in TEXTS and child.value.strip()]
    try:
        fresh = _first(judge(parsed, shape.without(parsed.root, trail)), _cuts(parsed, trail), label)
    except EditError:
        if label in TEXTS or not beside:
            raise
        # the pieces would become one, or the text of an element without elements
        raise EditError(
            f"text stands beside {label}, and would be another value without it", hint="take it out by hand"
        ) from None
    xmlnames.check(parsed, fresh, removed=label)
    return fresh


def _cuts(parsed: XmlParsed, trail: Trail) -> Iterator[bytes]:
    text, span = parsed.text, parsed.span(trail)
    start, end = span.start, span.end
    line, after = text.rfind(b"\n", 0, start) + 1, text.find(b"\n", end)
    after = len(text) if after < 0 else after + 1
    if parsed.at(trail).label[:1] != "@" and not text[line:start].strip() and not text[end:after].strip():
        blank_around = text[:line].endswith(b"\n\n") and text[after : after + 1] == b"\n"
        yield text[:line] + text[after + blank_around :]
    if parsed.at(trail).label[:1] != "@":
        yield from _closed(parsed, trail)
    yield text[:start] + text[end:]


def _closed(parsed: XmlParsed, trail: Trail) -> Iterator[bytes]:
    """Yield the text with the element that the only element in it goes from closed at once: ``<a/>``."""
    text, outer = parsed.text, parsed.span(trail[:-1])
    inside = [child for child in parsed.at(trail[:-1]).children if child.label[:1] != "@"]
    if len(inside) > 1 or len(trail) < 2:
        return
    source = text[outer.start : outer.end]
    opened = text[: parsed.span(trail).start].rstrip(b" \t\r\n")
    if opened.endswith(b">"):
        yield opened[:-1] + _self_closed(parsed) + text[outer.end :]
    yield opened + source[source.rindex(b"</") :] + text[outer.end :]


def insert(parsed: Parsed, parent: Trail, indices: list[int], node: Node) -> Parsed:
    """Return the text with one more element or attribute of parent."""
    assert isinstance(parsed, XmlParsed)
    _check_names(node)
    fresh = _inserted(parsed, parent, indices[0], _attributes_first(node))
    xmlnames.check(parsed, fresh)
    return fresh


def _inserted(parsed: XmlParsed, parent: Trail, index: int, node: Node) -> Parsed:
    if not parent:
        return _insert_top(parsed, node)
    if node.label[:1] == "@":
        return _insert_attribute(parsed, parent, node)
    above = parsed.at(parent)
    if above.value.strip():
        raise EditError(f"the element {above.label} has text in it, and so no elements")
    expected = shape.with_child(shape.with_value(parsed.root, parent, ""), parent, index, node)
    return _first(judge(parsed, expected), _element_texts(parsed, parent, index, node), node.label)


def _insert_top(parsed: XmlParsed, node: Node) -> Parsed:
    """Return an empty text with the element that a file of XML is."""
    there = next((child.label for child in parsed.root.children if child.label[:1] not in "#!"), None)
    if there:
        raise EditError(f"an XML file has one element at the top, and that is {there}")
    if node.label[:1] == "@":
        raise EditError(f"an XML file has one element at the top, and {node.label} is an attribute")
    text = _written(parsed, node, b"", b"  ") + b"\n"
    return _first(judge(parsed, shape.with_child(parsed.root, (), 0, node)), iter([text]), node.label)


def _attributes_first(node: Node) -> Node:
    children = sorted(map(_attributes_first, node.children), key=lambda child: child.label[:1] != "@")
    return node._replace(children=children)


def _check_names(node: Node) -> None:
    if node.label in TEXTS:
        raise EditError(
            "text cannot be put between elements, only changed there", hint="an element without elements is its text"
        )
    if not _NAME.match(node.label):
        raise EditError(f"{shown(node.label)} is no name of an element or attribute")
    for child in node.children:
        _check_names(child)


def _insert_attribute(parsed: XmlParsed, parent: Trail, node: Node) -> Parsed:
    own = [at for at, child in enumerate(parsed.at(parent).children) if child.label[:1] == "@"]
    index = own[-1] + 1 if own else 0
    at = parsed.span((*parent, own[-1])).end if own else parsed.span(parent).label_end
    new = f" {node.label[1:]}=".encode() + b'"' + escaped(parsed, node.value, '"') + b'"'
    expected = shape.with_child(parsed.root, parent, index, node)
    return _first(judge(parsed, expected), iter([parsed.text[:at] + new + parsed.text[at:]]), node.label)


def _element_texts(parsed: XmlParsed, parent: Trail, index: int, node: Node) -> Iterator[bytes]:
    text = parsed.text
    siblings = [at for at, child in enumerate(parsed.at(parent).children) if child.label[:1] not in ("@", "!")]
    before = [at for at in siblings if at < index and parsed.at(parent).children[at].label != "#text"]
    after = [at for at in siblings if at >= index]
    unit = _unit(parsed, parent)
    if before:
        span = parsed.span((*parent, before[-1]))
        indent = _indent(text, span.start)
        lead = b"" if indent is None else b"\n" + indent
        yield text[: span.end] + lead + _written(parsed, node, indent, unit) + text[span.end :]
        return
    if after:
        start = parsed.span((*parent, after[0])).start
        indent = _indent(text, start)
        tail = b"" if indent is None else b"\n" + indent
        yield text[:start] + _written(parsed, node, indent, unit) + tail + text[start:]
        return
    outer = _indent(text, parsed.span(parent).start)
    one_line = b"\n" not in text.strip() and parent != (0,)
    indent = None if outer is None or one_line else outer + unit
    opened, closing = _opened(parsed, parent)
    opened = opened.rstrip(b" \t\r\n") if parsed.at(parent).value else opened
    if indent is None or outer is None:
        yield opened + _written(parsed, node, None, unit) + closing
    else:
        yield opened + b"\n" + indent + _written(parsed, node, indent, unit) + b"\n" + outer + closing


def _indent(text: bytes, start: int) -> bytes | None:
    """Return the blanks before what begins at start; None when something else stands before it on its line."""
    lead = text[text.rfind(b"\n", 0, start) + 1 : start]
    return None if lead.strip() else lead


def _unit(parsed: XmlParsed, parent: Trail) -> bytes:
    """Return by what an element is indented more than the one it is in: as it is near by, else two blanks."""
    for depth in range(len(parent), 0, -1):
        above = parent[:depth]
        outer = _indent(parsed.text, parsed.span(above).start)
        for at, child in enumerate(parsed.at(above).children):
            if child.label[:1] not in ("@", "#", "!"):
                inner = _indent(parsed.text, parsed.span((*above, at)).start)
                if outer is not None and inner is not None and inner.startswith(outer) and inner != outer:
                    return inner[len(outer) :]
    return b"  "


def _self_closed(parsed: XmlParsed) -> bytes:
    """Return how an empty element ends here."""
    return b" />" if 2 * parsed.text.count(b" />") > parsed.text.count(b"/>") else b"/>"


def _written(parsed: XmlParsed, node: Node, indent: bytes | None, unit: bytes) -> bytes:
    """Return an element as text; what is in it on lines of their own unless indent is None."""
    name = node.label.encode()
    attributes = [child for child in node.children if child.label[:1] == "@"]
    elements = [child for child in node.children if child.label[:1] != "@"]
    head = b"<" + name
    for child in attributes:
        head += f" {child.label[1:]}=".encode() + b'"' + escaped(parsed, child.value, '"') + b'"'
    if elements and node.value:
        raise EditError(f"the element {node.label} cannot have both text and elements")
    if not elements:
        return head + (b">" + escaped(parsed, node.value) + b"</" + name + b">" if node.value else _self_closed(parsed))
    inner = None if indent is None else indent + unit
    lead = b"" if inner is None else b"\n" + inner
    body = b"".join(lead + _written(parsed, child, inner, unit) for child in elements)
    return head + b">" + body + (b"" if indent is None else b"\n" + indent) + b"</" + name + b">"
