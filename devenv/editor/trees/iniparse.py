"""INI as a tree: what lenses/ini.aug or configparser.aug makes of a text, to the node and the byte, without libaugeas.

A 7 KB file is read in a tenth of the time. That both read the same, and refuse the same, is proved by a property test;
what is written is tried here and, where copying a neighbour does not do, by the lens itself.
"""

from __future__ import annotations

from devenv.editor.lens import place
from devenv.editor.trees import guard
from devenv.editor.trees.parse import Node, Parsed, Span, Trail, encoding_of
from devenv.errors import ParseError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from re import Match, Pattern

_BLANKS = b" \t"
_ODD = frozenset((b"", b" ", b"\t", b"#", b";", b"["))
"""What lines begin with that are no key at the beginning of a line."""

_COMMENT = b"#; \t"
_COMMENTED = (b"", b"#", b";")
"""What lines begin with, past blanks, that hold nothing or a comment."""

_MARKED = (b'"', b"'", b"\x07")
"""What values begin with that are not plain."""
_PYTHON = "Configparser.lns"
"""The lens of INI as Python reads it: nothing behind a value is a comment, and every key stands in a section."""
_KEYS = ("valued", "void", "unclosed", "bare")
_PYTHON_KEYS = ("python valued", "python void")
_new = tuple.__new__
_VOID = Node("#void", "", [])


class IniParsed(Parsed):
    """A parsed INI text: what stands before the first section, and the sections, each read by itself."""

    def __init__(self, lens: str, text: bytes, near: Parsed | None = None) -> None:
        self.lens = lens
        self.text = text
        guard.check(lens, text)
        self.encoding = encoding_of(text)
        # an edit leaves most sections as they were
        known = near._bodies if isinstance(near, IniParsed) and near._is_alike(self) else {}
        self._bodies: dict[bytes, _Body] = {}
        self._parts: list[tuple[_Body, int]] = []
        self.root = Node("", "", [])
        start = 0
        for part in _parts(text):
            body = self._bodies.get(part) or known.get(part)
            if body is None:
                try:
                    body = _Body(part, self.encoding, python=lens == _PYTHON)
                except _Wrong as exc:
                    line, column = place(text, start + exc.at)
                    raise ParseError(exc.reason, line=line, column=column, hint=self._hint()) from None
            self._bodies[part] = body
            self._parts.append((body, start))
            start += len(part)
        self._check_first(self._parts[0][0])
        self.root.children.extend(self._parts[0][0].node.children)
        self._sections = len(self.root.children)
        if len(self._parts) > 1:
            self.root.children.append(Node("#sections", "", []))
            self.root.children.extend(body.node for body, _ in self._parts[1:])

    def _check_first(self, body: _Body) -> None:
        """Raise ParseError for a key before the first section, where none may be."""
        keys = (at for at, child in enumerate(body.into) if child.label[:1] != "#")
        at = next(keys, None) if self.lens == _PYTHON else None
        if at is not None:
            found = body.span((at,))
            line, column = place(self.text, found.start if found else 0)
            reason = "a key above the first section, which Python's programs do not read"
            raise ParseError(reason, line=line, column=column, hint=self._hint())

    def _hint(self) -> str | None:
        """Return what may help with a text that Python's own parser would not read."""
        return "other programs' INI files are read with --format ini" if self.lens == _PYTHON else None

    def _is_alike(self, other: Parsed) -> bool:
        """Say whether the same bytes are read alike in another text."""
        return self.lens == other.lens and self.encoding == other.encoding

    def select(self, expression: str) -> list[Trail]:
        """Return the trails of what an Augeas path expression matches: asked of libaugeas."""
        return Parsed(self.lens, self.text).select(expression)

    def span(self, trail: Trail) -> Span:
        """Return where a node is in the text."""
        if not trail:
            return Span(0, 0, 0, 0, 0, len(self.text))
        section = trail[0] - self._sections
        body, start = self._parts[max(section, 0)]
        found = body.span(trail[1:] if section > 0 else trail) if section else None
        return _moved(found, start) if found else self._nowhere(trail)


class _Wrong(Exception):
    """What a part cannot be read for: the line that begins at this byte of it."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(at, reason)
        self.at = at
        self.reason = reason


class _Body:
    """A section with its heading, or what stands before the first; all places are counted from where it begins.

    What it is says its text alone: no comment and no list goes on over the heading of the next one.
    """

    __slots__ = ("comments", "encoding", "entry", "indented", "into", "node", "plain", "python", "spans", "text")

    def __init__(self, text: bytes, encoding: str, *, python: bool) -> None:
        self.text = text
        self.encoding = encoding
        self.python = python
        self.into: list[Node] = []
        self.node = Node("", "", self.into)
        self.spans: dict[Trail, Span] = {}
        # where the lines of plain keys and of comments begin, by index: most spans are never asked for
        self.plain: dict[int, int] = {}
        # the last key at the beginning of a line, and the comments since, with where their lines begin
        self.entry: int | None = None
        self.comments: list[tuple[Node, int]] = []
        # how far the last key is indented, when keys are
        self.indented = 0
        at = 0
        for line in text.split(b"\n"):
            if line[:1] not in _ODD:
                if self.indented:
                    self._end_indented()
                if self.comments:
                    self._settle()
                self.entry = len(self.into)
                self._key(line, at)
            elif line:
                self._odd(line, at)
            at += len(line) + 1
        if self.comments:
            self._settle()
        if self.indented:
            self._end_indented()

    def span(self, trail: Trail) -> Span | None:
        """Return where a node is; None for one that no text stands for."""
        known = self.spans.get(trail)
        if known:
            return known
        if not trail:
            return Span(1, self.text.index(b"]"), 0, 0, 0, len(self.text))
        start = self.plain.get(trail[0]) if len(trail) == 1 else None
        return None if start is None else self._of_line(self.into[trail[0]], start)

    def _of_line(self, node: Node, start: int) -> Span:
        """Return the span of a comment, or of a plain key with its value, whose line begins at start."""
        end = self._end_of_line(start)
        line = self.text[start:end].rstrip(b"\n")
        if node.label == "#comment":
            at = start + len(line) - len(line.lstrip(_COMMENT))
            return Span(0, 0, at, start + len(line.rstrip(_BLANKS)), start, end)
        key, mark, value = _parted(line)
        first = start + line.index(key)
        value_at = start + line.index(value, line.index(mark) + 1) if value else 0
        return Span(first, first + len(key), value_at, value_at + len(value), start, end)

    def _end_of_line(self, start: int) -> int:
        """Return where the line that begins at start ends, with its newline."""
        return self.text.find(b"\n", start) + 1 or len(self.text)

    def _odd(self, line: bytes, start: int) -> None:
        """Read a line that does not begin with a key."""
        if line[:1] == b"[":
            self._heading(line)
            return
        bare = line.strip(_BLANKS)
        if bare[:1] in _COMMENTED:
            text = bare.lstrip(_COMMENT)
            if text:
                self.comments.append((_new(Node, ("#comment", text.decode(self.encoding), [])), start))
                if self.entry is None:
                    self._settle()
        elif self.entry is None:
            self._indented_key(line, start, len(line) - len(line.lstrip(_BLANKS)))
        else:
            self._continued(self.entry, line, bare, start)

    def _str(self, text: bytes) -> str:
        return text.decode(self.encoding)

    def _add(self, node: Node, span: Span) -> Trail:
        trail = (len(self.into),)
        self.into.append(node)
        self.spans[trail] = span
        return trail

    def _settle(self) -> None:
        """Put the comments that were read where they belong, now that is known: here, not to a key's lines."""
        for node, start in self.comments:
            self.plain[len(self.into)] = start
            self.into.append(node)
        self.comments = []

    def _end_indented(self) -> None:
        self.into.append(Node("#flat", "", []))
        self.indented = 0

    def _indented_key(self, line: bytes, start: int, indent: int) -> None:
        if not self.indented:
            self.into.append(Node("#indented", "", []))
        elif self.python and indent > self.indented:
            raise _Wrong(start, "indented deeper than the key above, which Python takes for more of its value")
        self.indented = indent
        self._key(line, start)

    def _heading(self, line: bytes) -> None:
        """Read the first line of a section."""
        name = line[1:-1]
        if line[-1:] == b"]" and name and name == name.translate(None, b"[]#").strip(_BLANKS):
            self.node = _new(Node, (name.decode(self.encoding), "", self.into))
            return
        found = _patterns()["python section" if self.python else "section"].match(line)
        if found is None:
            raise _Wrong(0, "this is not a section's name")
        self.node = Node(self._str(found["name"]), "", self.into)
        self.spans[()] = Span(found.start("name"), found.end("name"), 0, 0, 0, len(self.text))
        if found["comment"]:
            span = Span(0, 0, *_place(found, "comment", 0), found.start("inline"), self._end_of_line(0))
            self._add(Node("#inline", self._str(found["comment"]), []), span)

    def _continued(self, entry: int, line: bytes, bare: bytes, start: int) -> None:
        """Read an indented line below a key: it and the comments before it are of that key."""
        node = self.into[entry]
        for comment, at in self.comments:
            self.spans[entry, len(node.children)] = self._of_line(comment, at)
            node.children.append(comment)
        self.comments = []
        number = 1 + sum(child.label[:1] != "#" for child in node.children)
        at, end = start + line.index(bare), self._end_of_line(start)
        self.spans[entry, len(node.children)] = Span(0, 0, at, at + len(bare), start, end)
        node.children.append(Node(str(number), self._str(bare), []))
        key = self.span((entry,))
        assert key is not None
        self.spans[entry,] = key._replace(end=end)

    def _key(self, line: bytes, start: int) -> None:
        key, mark, value = _parted(line)
        # the plain line, which most are; all others are left to a pattern
        if not mark or not key or key[:1] in b"][" or value[:1] in _MARKED:
            self._odd_key(line, start)
            return
        if not self.python and (b";" in line or b"#" in line):
            self._odd_key(line, start)
            return
        self.plain[len(self.into)] = start
        self.into.append(_new(Node, (key.decode(self.encoding), value.decode(self.encoding), [] if value else [_VOID])))

    def _odd_key(self, line: bytes, start: int) -> None:
        patterns = _patterns()
        ways = _PYTHON_KEYS if self.python else _KEYS
        found = next((found for way in ways if (found := patterns[way].match(line))), None)
        if found is None:
            raise _Wrong(start, "this is not a key and its value")
        parts = found.groupdict()
        key, value = _place(found, "key", start), _place(found, "value", start)
        end = self._end_of_line(start)
        node = Node(self._str(found["key"]), self._str(parts.get("value") or b""), [])
        trail = self._add(node, Span(*key, *value, start, end))
        if parts.get("unclosed"):
            at = _place(found, "unclosed", start)
            self._child(trail, node, "#unclosed", self._str(found["unclosed"]), Span(0, 0, *at, *at))
        elif not node.value or node.value == "\x07":
            node.children.append(Node("#bare", "", []) if found.re is patterns["bare"] else _VOID)
        if parts.get("comment"):
            span = Span(0, 0, *_place(found, "comment", start), start + found.start("inline"), end)
            self._child(trail, node, "#inline", self._str(found["comment"]), span)

    def _child(self, trail: Trail, node: Node, label: str, value: str, span: Span) -> None:
        self.spans[(*trail, len(node.children))] = span
        node.children.append(Node(label, value, []))


def _parts(text: bytes) -> list[bytes]:
    """Return what stands before the first section, which may be nothing, and each section with its heading."""
    first, *sections = (b"\n" + text).split(b"\n[")
    if not sections:
        return [text]
    parts = [first[1:] + b"\n" if first else b""]
    parts += [b"[" + section + b"\n" for section in sections]
    parts[-1] = parts[-1][:-1]
    return parts


def _moved(span: Span, start: int) -> Span:
    """Return a span of a part as one of the text; a place that is none stays none."""
    label, label_end, value, value_end, first, end = span
    if label != label_end:
        label, label_end = label + start, label_end + start
    if value != value_end:
        value, value_end = value + start, value_end + start
    return Span(label, label_end, value, value_end, first + start, end + start)


def _parted(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Return what is before the first mark between a key and a value, the mark, if any, and what is after it."""
    key, mark, value = line.partition(b"=")
    if b":" in key:
        key, mark, value = line.partition(b":")
    return key.strip(_BLANKS), mark, value.strip(_BLANKS)


def _place(found: Match[bytes], group: str, start: int) -> tuple[int, int]:
    """Return where in the text a group of a line's match is; 0 and 0 when it is not there."""
    if not found.groupdict().get(group):
        return 0, 0
    return start + found.start(group), start + found.end(group)


_INLINE = rb"(?P<inline>[ \t]+(?:;[ \t]*|#[ \t]+)(?P<comment>[^ \t](?:.*[^ \t])?)[ \t]*|(?:[ \t]+[;#])?[ \t]*)\Z"
_KEY = rb"[ \t]*(?P<key>[^] \t#;=:[][^ \t#;=:]*(?:[ \t]+[^ \t#;=:]+)*)"
_MORE = rb"(?:[ \t]+(?:[^ \t#;]|#[^ \t])[^ \t]*)*"
_VALUE = rb"(?:(?:\"[^\"]*\"|'[^']*')[^ \t]*|(?:[^ \t\x07#;\"']|#[^ \t])[^ \t]*)" + _MORE
_compiled: dict[str, Pattern[bytes]] = {}


def _patterns() -> dict[str, Pattern[bytes]]:
    """Return what a line may be that is not a plain key and value; they are those of the lenses."""
    if not _compiled:
        import re

        unclosed = rb"(?P<unclosed>\"(?:[^\"]*[^\" \t])?|'(?:[^']*[^' \t])?)[ \t]*\Z"
        first, part = rb"(?:[^] \t#[]|\[[^][]*\])", rb"(?:[^] \t[]|\[[^][]*\])"
        heading = rb"\[[ \t]*(?P<name>" + first + rb"(?:[ \t]*" + part + rb")*)[ \t]*\]"
        python_key, end = rb"[ \t]*(?P<key>[^] \t#;=:[][^ \t=:]*(?:[ \t]+[^ \t=:]+)*)[ \t]*[=:]", rb"[ \t]*\Z"
        sources = {
            "valued": _KEY + rb"[ \t]*[=:](?:[ \t]*(?P<value>" + _VALUE + rb"))?" + _INLINE,
            "void": _KEY + rb"[ \t]*[=:](?P<value>\x07)" + _INLINE,
            "unclosed": _KEY + rb"[ \t]*[=:][ \t]*" + unclosed,
            "bare": _KEY + _INLINE,
            "section": heading + _INLINE,
            "python valued": python_key + rb"(?:[ \t]*(?P<value>[^ \t\x07](?:.*[^ \t])?))?" + end,
            "python void": python_key + rb"(?P<value>\x07)" + end,
            # the name goes up to the last bracket of the line
            "python section": heading + rb"(?![^\]]*\])" + _INLINE,
        }
        _compiled.update((name, re.compile(source, re.DOTALL)) for name, source in sources.items())
    return _compiled
