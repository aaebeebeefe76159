"""XML as a tree of elements: what Augeas's Xml lens makes of it, with text and attributes where one looks for them.

- An element without elements in it is its text: ``project.version``.
- An attribute is an entry named ``@`` and its name: ``project."@id"``; the text of an element that has attributes is
  the entry ``"."``: ``dependency."."``.
- Elements of one name are an array. Comments and instructions are kept and are no values.
- Text between elements is an entry ``"#text"`` of the element they are in, an array where there are several.

Character references and the five entities of XML are read; no other entity is ever looked at, so none can grow.
"""

import re

from devenv.editor.trees import guard
from devenv.editor.trees.parse import Node, Parsed, Span, Trail
from devenv.errors import EditError, ParseError

_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|(lt|gt|amp|quot|apos));", re.ASCII)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NEWER = re.compile(rb"<\?xml\s+version\s*=\s*[\"']1\.1")
TEXTS = ("#text", "#CDATA")


class XmlParsed(Parsed):
    """A parsed XML text: ``root`` and all trails are of elements, attributes, comments and stray text."""

    def __init__(self, lens: str, text: bytes, near: Parsed | None = None) -> None:
        guard.check(lens, text)
        try:
            super().__init__(lens, text, near)
        except ParseError as exc:
            raise wrong(text) or ParseError(
                exc.reason, line=exc.line, column=exc.column, hint=exc.hint or _limits(text)
            ) from None
        self.raw = self.root
        self._raw_trails: dict[Trail, Trail] = {}
        self.pieces: dict[Trail, list[Trail]] = {}
        """Element without elements -> raw trails of the text in it."""
        self.root = self._element("", self.raw, (), ())

    def _element(self, label: str, raw: Node, at: Trail, trail: Trail) -> Node:
        self._raw_trails[trail] = at
        node = Node(label, "", [])
        texts: list[tuple[Trail, str]] = []
        elements = any(child.label[:1] not in "#!" for child in raw.children)
        for index, child in enumerate(raw.children):
            here, below = (*at, index), (*trail, len(node.children))
            if child.label == "#attribute":
                for number, attribute in enumerate(child.children):
                    self._raw_trails[(*trail, len(node.children))] = (*here, number)
                    node.children.append(Node(f"@{attribute.label}", unescaped(attribute.value), []))
            elif child.label in TEXTS and (not elements or not child.value.strip()):
                texts.append((here, _said(child)))
            elif child.label[:1] in "#!":
                self._raw_trails[below] = here
                node.children.append(_kept(child))
            else:
                node.children.append(self._element(child.label, child, here, below))
        if elements:
            return node
        said = [piece for piece in texts if piece[1].strip()] or texts
        self.pieces[trail] = [piece for piece, _ in said]
        return node._replace(value="".join(value for _, value in said))

    def raw_span(self, raw: Trail) -> Span:
        """Return where a node of the lens's own tree is."""
        return super().span(raw)

    def text_around(self, raw: Trail) -> tuple[int, int]:
        """Return where the text that a piece is part of begins and ends, blanks and CDATA sections all in one."""
        above, first = self.raw, raw[-1]
        for index in raw[:-1]:
            above = above.children[index]
        last = first
        while first and above.children[first - 1].label in TEXTS:
            first -= 1
        while last + 1 < len(above.children) and above.children[last + 1].label in TEXTS:
            last += 1
        return self.raw_span((*raw[:-1], first)).start, self.raw_span((*raw[:-1], last)).end

    def text_span(self, trail: Trail) -> Span:
        """Return where a text between elements is, blanks and all."""
        return self.raw_span(self._raw_trails[trail])

    def span(self, trail: Trail) -> Span:
        """Return where an element, attribute or comment is; an element ends where its last tag does."""
        known = self.raw_span(self._raw_trails[trail])
        if not trail:
            return known
        return known._replace(end=known.start + len(self.text[known.start : known.end].rstrip(b" \t\r\n")))

    def select(self, expression: str) -> list[Trail]:
        """Return what a path expression, which is about the lens's own tree, matches; text is its element."""
        mine = {raw: trail for trail, raw in self._raw_trails.items()}
        mine |= {raw: trail for trail, raws in self.pieces.items() for raw in raws}
        kept, self.root = self.root, self.raw
        try:
            found = super().select(expression)
        finally:
            self.root = kept
        return list(dict.fromkeys(mine[raw] for raw in found if raw in mine))


def _kept(raw: Node) -> Node:
    """Return a comment or the like, or a text between elements, as what it says."""
    if raw.label not in TEXTS:
        return Node(raw.label, raw.value, raw.children)
    return Node(raw.label, _said(raw), [])


def _said(raw: Node) -> str:
    """Return what a text says: its lines end in LF however they are written, and CDATA has no references."""
    value = raw.value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in raw.value else raw.value
    return value if raw.label == "#CDATA" else unescaped(value)


def wrong(text: bytes) -> ParseError | None:
    """Return what is wrong with a text that is no XML, in the words of another parser, which knows the place better.

    None for an empty text, and for what that parser does not read: entities of the text's own, and XML 1.1.
    """
    if b"<!ENTITY" in text or not text.strip() or _NEWER.match(text):
        return None
    from xml.parsers import expat

    try:
        expat.ParserCreate().Parse(text, True)
    except expat.ExpatError as exc:
        reason = expat.errors.messages.get(exc.code, "not well-formed")
        return ParseError(f"this is not XML: {reason}", line=exc.lineno, column=exc.offset + 1)
    except (LookupError, ValueError):
        # an encoding that the other parser does not know
        return None
    return None


def _limits(text: bytes) -> str | None:
    """Return what in a text Augeas's Xml lens is known not to take; None when nothing of it is there."""
    if text.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in text[:64]:
        return "only UTF-8 and other encodings of which ASCII is a part are read"
    if re.search(rb"<!DOCTYPE[^>\[]*(PUBLIC|SYSTEM)[^>\[]*\[", text):
        return "a <!DOCTYPE with both an external and an internal part is not read"
    if re.search(rb"</?[^\s<>/!?]*[\x80-\xff]", text):
        return "names of elements outside ASCII are not read"
    return None


def unescaped(text: str) -> str:
    """Return text with the references of XML replaced; what is no such reference stays as it is."""

    def character(found: re.Match[str]) -> str:
        if found[3]:
            return _ENTITIES[found[3]]
        number = int(found[1]) if found[1] else int(found[2], 16)
        return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else found[0]

    return _REFERENCE.sub(character, text) if "&" in text else text


def escaped(parsed: Parsed, text: str, quote: str = "") -> bytes:
    """Return text as XML has it, in quotes of that kind or, without, between tags."""
    check_characters(text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    if quote:
        text = text.replace("\n", "&#10;").replace("\t", "&#9;")
        # the lens takes no value with quotes of both kinds
        text = text.replace('"', "&quot;").replace("'", "&apos;" if quote == "'" else "'")
    return text.encode(charset(parsed), "xmlcharrefreplace")


def cdata(parsed: Parsed, text: str) -> bytes | None:
    """Return text as a CDATA section; None where only references could say it, which CDATA has not."""
    check_characters(text)
    if "]]>" in text or "\r" in text:
        return None
    try:
        return b"<![CDATA[" + text.encode(charset(parsed)) + b"]]>"
    except UnicodeEncodeError:
        return None


def check_characters(text: str) -> None:
    """Raise EditError for a text with characters that are nowhere in XML, not even as references."""
    if _NOT_XML.search(text):
        raise EditError("a control character cannot be written in XML")
    if any(0xD800 <= ord(char) < 0xE000 for char in text):
        raise EditError("a lone surrogate cannot be written in this format")


def charset(parsed: Parsed) -> str:
    """Return in what to write: UTF-8, or ASCII where the file is, or says it is, in something else."""
    declared = re.match(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", parsed.text)
    utf8 = declared is None or declared[1].lower() in (b"utf-8", b"utf8")
    return "utf-8" if utf8 and parsed.encoding == "utf-8" else "ascii"
