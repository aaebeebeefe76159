"""XML text: where its elements stand, by byte offsets, and splices that leave every other byte as it is.

The standard library's expat says where each tag begins; nothing is ever written out of a tree. Texts are UTF-8. A
document type is refused, and with it every entity that a document could define. New elements are written as JetBrains'
programs write them: two blanks for each level unless the file has another way, and ``<a b="c" />``.
"""

import gc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from xml.parsers import expat

from devenv.errors import EditError, ParseError

DEEPEST = 500
"""How many elements may stand in each other; settings have about ten."""

Edit = tuple[int, int, bytes]
"""From one offset to another: what is to stand there."""

_TAG = re.compile(rb"""<[^\s/>]+((?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>""")
_ATTRIBUTE = re.compile(rb"""(\s+)([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


class Node(NamedTuple):
    """An element to be written: its tag, attributes in order, and elements inside."""

    tag: str
    attributes: Mapping[str, str]
    children: tuple["Node", ...] = ()

    def plain(self) -> list[Any]:
        """Return the same as JSON's lists and objects."""
        return [self.tag, dict(self.attributes), [child.plain() for child in self.children]]


def from_plain(plain: Sequence[Any]) -> Node:
    """Return what ``plain`` was made of."""
    tag, attributes, children = plain
    return Node(tag, attributes, tuple(from_plain(child) for child in children))


def node(tag: str, attributes: Mapping[str, str] | None = None, *children: Node) -> Node:
    return Node(tag, attributes or {}, children)


class Element:
    """An element of a text: ``start`` is where its tag begins, ``stop`` where expat saw it end (see ``end_of``)."""

    __slots__ = ("attributes", "children", "parent", "start", "stop", "tag")

    def __init__(self, tag: str, attributes: dict[str, str], start: int, parent: "Element | None") -> None:
        self.tag = tag
        self.attributes = attributes
        self.start = start
        self.stop = start
        self.parent = parent
        # most elements have none, and a list each takes time
        self.children: Sequence[Element] = ()


def outline(data: bytes) -> Element:
    """Return the root element of a text with all elements below it.

    Raises ParseError, with line and column, for what is no well-formed XML, for a document type, for another encoding
    than UTF-8 and for elements nested beyond DEEPEST.
    """
    parser = _parser(data)
    top: list[Element] = []
    open_elements: list[Element] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        parent = open_elements[-1] if open_elements else None
        element = Element(tag, attributes, parser.CurrentByteIndex, parent)
        if parent is None:
            top.append(element)
        elif isinstance(parent.children, list):
            parent.children.append(element)
        else:
            parent.children = [element]
        open_elements.append(element)
        if len(open_elements) > DEEPEST:
            raise _wrong(parser, f"elements are nested more than {DEEPEST} deep")

    def end(_tag: str) -> None:
        open_elements.pop().stop = parser.CurrentByteIndex

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    _parse(parser, data)
    return top[0]


def tree(data: bytes) -> Any:
    """Return the text as a tree of xml.etree's, comments and processing instructions included; raises as outline."""
    from xml.etree.ElementTree import TreeBuilder

    builder = TreeBuilder(insert_comments=True, insert_pis=True)
    parser = _parser(data)
    parser.buffer_text = True
    # names as they are written: what a prefix stands for is nobody's business here
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.CommentHandler = builder.comment
    parser.ProcessingInstructionHandler = builder.pi
    _parse(parser, data)
    return builder.close()


def blank(data: bytes | None) -> bool:
    """Return whether a file is not there or has nothing in it."""
    return data is None or not data.removeprefix(_BOM).strip(_SPACE)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: there is none while a text is read, and looking takes half of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _parser(data: bytes) -> expat.XMLParserType:
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")):
        raise ParseError("this is UTF-16 text; UTF-8 is expected", line=1, column=1)
    parser = expat.ParserCreate()

    def declared(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "utf8"):
            raise _wrong(parser, f"the text is declared as {encoding}; only UTF-8 is edited")

    def doctype(*_facts: Any) -> None:
        raise _wrong(parser, "a document type (<!DOCTYPE) is not read: it could define entities")

    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = doctype
    return parser


def _parse(parser: expat.XMLParserType, data: bytes) -> None:
    try:
        parser.Parse(data, True)
    except expat.ExpatError as exc:
        raise ParseError(expat.ErrorString(exc.code), line=exc.lineno, column=exc.offset + 1) from None


def _wrong(parser: expat.XMLParserType, reason: str) -> ParseError:
    return ParseError(reason, line=parser.CurrentLineNumber, column=parser.CurrentColumnNumber + 1)


# where things stand


class _Tag(NamedTuple):
    """A start tag: the offset after its last attribute (or its name), its end, and whether it is the whole element."""

    attributes_end: int
    end: int
    whole: bool


def _tag(data: bytes, element: Element) -> _Tag:
    found = _TAG.match(data, element.start)
    assert found is not None, "expat took it for a tag"
    return _Tag(found.end(1), found.end(), bool(found[2]))


def end_of(data: bytes, element: Element) -> int:
    """Return the offset after an element."""
    tag = _tag(data, element)
    return tag.end if tag.whole else data.index(b">", element.stop) + 1


def raw(data: bytes, element: Element) -> bytes:
    """Return an element as it is written."""
    return data[element.start : end_of(data, element)]


def hollow(data: bytes, element: Element) -> bool:
    """Return whether there is nothing in an element: no elements, no text, no comments."""
    tag = _tag(data, element)
    return tag.whole or not data[tag.end : element.stop].strip(_SPACE)


def tail(data: bytes, element: Element) -> bytes:
    """Return an element from the end of its attributes on: `` />`` for an empty one."""
    return data[_tag(data, element).attributes_end : end_of(data, element)]


def only(data: bytes, parent: Element, child: Element) -> bool:
    """Return whether there is nothing else in an element than one other."""
    if list(parent.children) != [child]:
        return False
    before, after = data[_tag(data, parent).end : child.start], data[end_of(data, child) : parent.stop]
    return not before.strip(_SPACE) and not after.strip(_SPACE)


def alone(data: bytes, root: Element) -> bool:
    """Return whether there is nothing in a text but its root and perhaps a declaration."""
    before = data[: root.start].removeprefix(_BOM).strip(_SPACE)
    declared = before.startswith(b"<?xml ") and before.find(b"?>") == len(before) - 2
    return (not before or declared) and not data[end_of(data, root) :].strip(_SPACE)


def _attribute(data: bytes, element: Element, name: str) -> tuple[int, int, int]:
    """Return where an attribute with the space before it begins, where its quotes do, and where it ends."""
    tag = _TAG.match(data, element.start)
    assert tag is not None
    wanted = name.encode()
    found = next(each for each in _ATTRIBUTE.finditer(data, *tag.span(1)) if each[2] == wanted)
    return found.start(), found.start(3), found.end()


# edits


def spliced(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the text with edits applied, which do not overlap; those at one offset in the order they came."""
    parts = []
    at = 0
    for start, stop, new in sorted(edits, key=lambda edit: edit[:2]):
        parts += [data[at:start], new]
        at = stop
    return b"".join([*parts, data[at:]])


def attribute_set(data: bytes, element: Element, name: str, value: str) -> list[Edit]:
    """Return the edits that give an attribute a value: in its place, or after the last one."""
    if name not in element.attributes:
        at = _tag(data, element).attributes_end
        return [(at, at, f' {name}="{escaped(value)}"'.encode())]
    if element.attributes[name] == value:
        return []
    _, start, end = _attribute(data, element, name)
    quote = chr(data[start])
    return [(start, end, f"{quote}{escaped(value, quote)}{quote}".encode())]


def attribute_removed(data: bytes, element: Element, name: str) -> list[Edit]:
    if name not in element.attributes:
        return []
    start, _, end = _attribute(data, element, name)
    return [(start, end, b"")]


def inserted(data: bytes, parent: Element, nodes: Sequence[Node]) -> list[Edit]:
    """Return the edits that put elements at the end of another, in the file's way of indenting.

    What is in the other stays as it is, so that ``removed`` gives back the very bytes; only from an element with
    nothing in it the white space goes (``tail`` tells it).
    """
    tag = _tag(data, parent)
    end = _line_end(data)
    at = tag.end + len(data[tag.end : parent.stop].rstrip(_SPACE))
    in_lines = hollow(data, parent) or b"\n" in data[at : parent.stop]
    indent = _indent_within(data, parent) if in_lines else None
    text = "".join(_joint(end, indent) + rendered(each, indent, _unit(data, parent), end) for each in nodes).encode()
    if not hollow(data, parent):
        return [(at, at, text)]
    closing = _joint(end, indent if indent is None else _indent(data, parent.start) or "")
    return [(tag.attributes_end, end_of(data, parent), b">" + text + f"{closing}</{parent.tag}>".encode())]


def removed(data: bytes, element: Element) -> list[Edit]:
    """Return the edits that take an element out, with the white space before it."""
    start = len(data[: element.start].rstrip(_SPACE))
    return [(start, end_of(data, element), b"")]


def tail_set(data: bytes, element: Element, spelled: bytes) -> list[Edit]:
    """Return the edits that end an element as ``tail`` once said."""
    return [(_tag(data, element).attributes_end, end_of(data, element), spelled)]


def document(root: Node, *, declaration: bool, before: bytes = b"") -> bytes:
    """Return a new file as JetBrains' programs write it: with no line end at its end."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' if declaration else ""
    mark = _BOM if before.startswith(_BOM) else b""
    return mark + (head + rendered(root, "", "  ", "\n")).encode()


def rendered(each: Node, indent: str | None, unit: str, end: str) -> str:
    """Return an element as text: over several lines, or in one for an indent of None."""
    attributes = "".join(f' {name}="{escaped(value)}"' for name, value in each.attributes.items())
    if not each.children:
        return f"<{each.tag}{attributes} />"
    within = None if indent is None else indent + unit
    inside = "".join(_joint(end, within) + rendered(child, within, unit, end) for child in each.children)
    return f"<{each.tag}{attributes}>{inside}{_joint(end, indent)}</{each.tag}>"


def escaped(value: str, quote: str = '"') -> str:
    """Return an attribute's value as it is written between quotes; EditError for what no XML can hold."""
    if wrong := _NOT_XML.search(value):
        raise EditError(f"the character U+{ord(wrong[0]):04X} cannot stand in XML")
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    value = value.replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;")
    return value.replace(quote, "&quot;" if quote == '"' else "&apos;")


def _joint(end: str, indent: str | None) -> str:
    return "" if indent is None else end + indent


def _line_end(data: bytes) -> str:
    at = data.find(b"\n")
    return "\r\n" if at > 0 and data[at - 1] == 13 else "\n"


def _indent(data: bytes, offset: int) -> str | None:
    """Return the white space a line begins with that has nothing else before an offset; None where it has."""
    before = data[data.rfind(b"\n", 0, offset) + 1 : offset].removeprefix(_BOM)
    return None if before.strip(b" \t\r") else before.decode()


def _indent_within(data: bytes, parent: Element) -> str | None:
    """Return how far the elements in another are to be indented; None where they stand in one line."""
    if parent.children:
        return _indent(data, parent.children[-1].start)
    own = _indent(data, parent.start)
    if own is None:
        return None if parent.parent else _unit(data, parent)
    return own + _unit(data, parent)


def _unit(data: bytes, element: Element) -> str:
    """Return what a file indents a level by."""
    while element.parent:
        element = element.parent
    first = _indent(data, element.children[0].start) if element.children else None
    own = _indent(data, element.start) or ""
    return first.removeprefix(own) or "  " if first else "  "
