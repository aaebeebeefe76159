"""A JSON text as a Document."""

import re
from collections.abc import Iterator

from devenv.editor import document
from devenv.editor.document import Match, Step, Steps
from devenv.editor.jsontext import skim
from devenv.editor.jsontext.comments import blanked
from devenv.editor.jsontext.layout import Style, breaks, has_comment, indent_of_line, last_line, render, style_of
from devenv.editor.jsontext.node import KINDS, Node
from devenv.editor.jsontext.scan import scan, string_value
from devenv.editor.jsontext.weave import PLACEHOLDER, Fragment, scalar
from devenv.editor.keypath import as_index, spelled
from devenv.editor.lens import place
from devenv.editor.values import SCALARS, Number, Value, from_json, kind_of, settle
from devenv.errors import EditError, ParseError, PathNotFound

BOM = b"\xef\xbb\xbf"
SPACES = b" \t\r\n"

_checked: list[tuple[bytes, bytes]] = []
"""The last texts found to be JSON, with their comments blanked: a text is opened again to be compared."""


class JsonText:
    """One JSON text; ``comments`` allows for JSONC. It is read from ``plain``, where comments are spaces."""

    tree = False

    def __init__(self, data: bytes, *, comments: bool) -> None:
        self._data = data
        self.comments = comments
        self._pending: list[Node] = []
        self._style: Style | None = None
        self.large = len(data) >= skim.LARGE
        self._parse()

    @property
    def data(self) -> bytes:
        """The text with all changes so far."""
        if self._pending:
            # views: a large text is copied once
            whole = memoryview(self._data)
            parts: list[bytes | memoryview] = []
            at = 0
            for node in sorted(self._pending, key=lambda node: node.start):
                parts += [whole[at : node.start], node.text or b""]
                at = node.end
            self._write(b"".join([*parts, whole[at:]]))
        return self._data

    def _write(self, data: bytes) -> None:
        self._data = data
        self._pending = []
        self._parse()

    def _parse(self) -> None:
        data = self._data
        for known, plain in _checked:
            if known is data and self.large:
                self.plain, self.root = plain, skim.skim_again(plain)
                return
        _check_encoding(data)
        plain = data if not data.startswith(BOM) else b"   " + data[len(BOM) :]
        if not self.large:
            self.plain = blanked(plain) if self.comments else plain
            try:
                self.root = scan(self.plain)
            except ParseError as exc:
                raise self._explained(exc) from None
            return
        self.plain, self.root = self._skimmed(plain)
        _checked[:] = [*_checked[-1:], (data, self.plain)]

    def _skimmed(self, plain: bytes) -> tuple[bytes, Node | None]:
        try:
            return plain, skim.skim(plain)
        except ParseError as first:
            other = skim.plain_surrogates(plain)
            if self.comments:
                other = blanked(other)
            if other == plain:
                raise self._explained(first) from None
        try:
            return other, skim.skim(other)
        except ParseError as exc:
            raise self._explained(exc) from None

    def _explained(self, exc: ParseError) -> ParseError:
        if self.comments or exc.hint:
            return exc
        try:
            root = blanked(self._data.removeprefix(BOM))
            skim.skim(root) if self.large else scan(root)
        except ParseError:
            return exc
        return ParseError(
            exc.reason,
            line=exc.line,
            column=exc.column,
            hint="it is JSON with comments or trailing commas: take it as that with --format jsonc",
        )

    # reading

    def find(self, steps: Steps) -> list[Steps]:
        """Return where in the document steps lead."""
        if self.root is None:
            return []
        found: list[tuple[Steps, Node]] = [((), self.root)]
        for step in steps:
            found = [next_ for place, node in found for next_ in self._children(place, node, step)]
        return [place for place, _ in found]

    def _children(self, place: Steps, node: Node, step: Step) -> list[tuple[Steps, Node]]:
        items = self._items(node)
        if items is None:
            return []
        if isinstance(step, Match):
            return [
                ((*place, key), child) for key in node.entries() if self._matches(child := self._item(node, key), step)
            ]
        if isinstance(items, dict):
            return [((*place, step), self._item(node, step))] if isinstance(step, str) and step in items else []
        index = as_index(step, len(items))
        return [((*place, index), self._item(node, index))] if index is not None and index < len(items) else []

    def _matches(self, node: Node, match: Match) -> bool:
        if match.key is None:
            return self._kind(node) in SCALARS and _text(self._value(node)) == match.value
        items = self._items(node)
        if not isinstance(items, dict) or match.key not in items:
            return False
        return self._matches(self._item(node, match.key), Match(None, match.value))

    def _items(self, node: Node) -> "dict[str, Node] | list[Node] | None":
        if node.items is None and self.plain[node.start] in b"{[" and node.text is None:
            skim.fill(self.plain, node)
        return node.items

    def _item(self, node: Node, key: str | int) -> Node:
        self._items(node)
        return skim.item(self.plain, node, key) if self.large else node.items[key]  # type: ignore[index]

    def _node(self, steps: Steps) -> Node:
        node = self.root
        for step in steps:
            assert node is not None
            node = self._item(node, step)  # type: ignore[arg-type]
        assert node is not None
        return node

    def _kind(self, node: Node) -> str:
        return KINDS.get(node.text[0] if node.text else self.plain[node.start], "number")

    def kind(self, steps: Steps) -> str:
        """Return the kind of what is there."""
        return self._kind(self._node(steps))

    def read(self, steps: Steps) -> Value:
        """Return what is there."""
        if self.root is None and not steps:
            return {}
        return self._value(self._node(steps))

    def _value(self, node: Node) -> Value:
        text = node.text if node.text is not None else None
        kind = self._kind(node)
        if kind in ("object", "array") and self._pending:
            inside = [other for other in self._pending if node.start <= other.start < node.end]
            if inside:
                steps = self._steps_of(node)
                self.data  # noqa: B018 (writes what is pending)
                node = self._node(steps)
        if text is None:
            # escapes of lone surrogates are blanked in plain
            source = self._data if kind == "string" else self.plain
            text = source[node.start : node.end]
        if kind == "number":
            return Number(text.decode())
        if kind == "string":
            return string_value(text)
        if kind in ("bool", "null"):
            return {b"t": True, b"f": False, b"n": None}[text[:1]]
        return from_json(text.decode())

    def _steps_of(self, wanted: Node) -> Steps:
        steps: list[Step] = []
        node = self.root
        while node is not None and node is not wanted:
            for key in node.entries():
                child = self._item(node, key)
                if child.start <= wanted.start < child.end:
                    steps.append(key)
                    node = child
                    break
            else:
                break
        return tuple(steps)

    def entries(self, steps: Steps) -> Iterator[Step]:
        """Yield the keys or indices of the container there."""
        if self.root is None:
            return
        node = self._node(steps)
        self._items(node)
        yield from node.entries()

    def literal(self, text: str, was: str) -> Value:
        """Return text as JSON means it."""
        return settle(text, was or None)

    def select(self, expression: str) -> list[Steps]:
        """Refuse: JSON is not read as a tree of Augeas."""
        raise EditError(f"{expression} is an Augeas expression, and JSON files are not read that way")

    def verify(self, before: document.Document, touched: list[Steps]) -> None:
        """Nothing to do: all bytes but those of a change are spliced from the text before."""

    # changing

    @property
    def style(self) -> Style:
        """The text's habits."""
        if self._style is None:
            self._style = style_of(self.plain)
        return self._style

    def _splice(self, start: int, end: int, text: bytes) -> None:
        assert not self._pending
        whole = memoryview(self._data)
        self._write(b"".join((whole[:start], text, whole[end:])))

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it and its parents."""
        if self.root is None:
            self._first(steps, value)
            return
        place, node = self._deepest(steps)
        rest = steps[len(place) :]
        if not rest:
            self._replace(node, value)
            return
        kind = self._kind(node)
        if kind in SCALARS:
            if not force and kind != "null":
                raise EditError(
                    f"{spelled(place)} is a {kind}, so there is no {spelled(rest)} in it",
                    hint="add --force to put an object in its place",
                )
            self._replace(node, nested(rest, value, place))
            return
        if isinstance(rest[0], Match):
            raise _no_match(place, rest[0])
        inner = nested(rest[1:], value, (*place, rest[0]))
        if kind == "object":
            if not isinstance(rest[0], str):
                raise PathNotFound(
                    f"{spelled(place)} is an object, not an array: there is no {spelled(rest[:1])} in it"
                )
            self._add(node, rest[0], inner)
            return
        length = len(self._items(node) or ())
        if as_index(rest[0], length) != length:
            raise _not_in_array(place, rest[0], length)
        self._add(node, None, inner)

    def _first(self, steps: Steps, value: Value) -> None:
        text = render(nested(steps, value, ()), Style(), "", lines=True) + "\n"
        self._write(self._data.rstrip(SPACES) + text.encode() if self._data.startswith(BOM) else text.encode())

    def _deepest(self, steps: Steps) -> tuple[Steps, Node]:
        """Return the longest way along steps that is there."""
        assert self.root is not None
        place: Steps = ()
        node = self.root
        for step in steps:
            found = self._children(place, node, step)
            if len(found) != 1:
                if found:
                    raise EditError(f"{spelled((*place, step))} is ambiguous: there are {len(found)} of it")
                return place, node
            place, node = found[0]
        return place, node

    def _replace(self, node: Node, value: Value) -> None:
        if self._kind(node) in SCALARS and kind_of(value) in SCALARS:
            old = node.text if node.text is not None else self._data[node.start : node.end]
            if node.text is None:
                self._pending.append(node)
            node.text = scalar(old, value)
            return
        start = node.start
        if self._pending:
            steps = self._steps_of(node)
            self._write(self.data)
            node = self._node(steps)
            start = node.start
        lines = node is self.root or self._has_lines(node)
        text = render(value, self.style, indent_of_line(self._data, start), lines=lines)
        self._splice(start, node.end, text.encode())

    def _has_lines(self, node: Node) -> bool:
        """Say whether the entry of a value stands on a line of its own."""
        return breaks(self._gap_before(self._entry_start(node)))

    def _entry_start(self, node: Node) -> int:
        """Return where the entry of a value begins: at its key, if it has one."""
        plain = self.plain
        at = _back(plain, node.start)
        if plain[at : at + 1] != b":":
            return node.start
        at = _back(plain, at)
        # the next quote that no odd number of backslashes precedes opens the key
        while True:
            at = plain.rindex(b'"', 0, at)
            slashes = len(plain[max(0, at - 64) : at]) - len(plain[max(0, at - 64) : at].rstrip(b"\\"))
            if slashes % 2 == 0:
                return at

    def _gap_before(self, start: int) -> str:
        return self._data[_back(self.plain, start) + 1 : start].decode()

    def _add(self, container: Node, key: str | None, value: Value) -> None:
        """Put an entry at a container's end."""
        container = self._settled(container)
        last = self._last(container)
        if last is None:
            self._add_first(container, key, value)
            return
        start = self._entry_start(last)
        line = self._separator(container, start)
        head = self._data[container.start : container.start + 1] + self._data[start : last.start] + PLACEHOLDER
        fragment = Fragment(head + self._data[last.end : container.end], self._style_at(last, start))
        self._weave(fragment, key, value, line, last, (last.end, container.end), len(head), append=True)

    def _settled(self, node: Node) -> Node:
        """Return the node once all that is pending is written."""
        if not self._pending:
            return node
        steps = self._steps_of(node)
        self._write(self.data)
        return self._node(steps)

    def _last(self, container: Node) -> Node | None:
        items = self._items(container)
        if not items:
            return None
        if isinstance(items, list):
            return self._item(container, len(items) - 1)
        key = next(reversed(items))
        node = self._item(container, key)
        # a key that comes twice keeps its first place in a dict
        return (
            max((self._item(container, key) for key in items), key=lambda node: node.start)
            if container.repeated
            else node
        )

    def _separator(self, container: Node, start: int) -> str:
        """Return what is to stand between two entries: a line's end and indentation, or the space after a comma."""
        gap = self._gap_before(start)
        if breaks(gap):
            return last_line(gap)
        return gap if self.plain[_back(self.plain, start)] == b","[0] and not has_comment(gap) else self.style.comma

    def _style_at(self, node: Node, start: int) -> Style:
        """Return the style with the colon of the entry of a value."""
        between = self._data[start : node.start].decode()
        found = re.search(r'"([ \t]*:[ \t]*)$', between)
        return self.style._replace(colon=found[1]) if found else self.style

    def _add_first(self, container: Node, key: str | None, value: Value) -> None:
        inner = self._data[container.start + 1 : container.end - 1].decode()
        lines = container is self.root or breaks(inner) or self._has_lines(container)
        indent = indent_of_line(self._data, container.start)
        newline = self.style.newline
        line, close = (newline + indent + self.style.unit, newline + indent) if lines else ("", "")
        text = self._data[container.start : container.end]
        fragment = Fragment(text, self.style)
        small = value if kind_of(value) in SCALARS else Number("0")
        fragment.first(key, small, line, close)
        made = fragment.render()
        if small is not value:
            made = _placed(made, render(value, self.style, indent + self.style.unit, lines=lines))
        self._splice(container.start, container.end, made)

    def _weave(
        self,
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
            lines = breaks(line) and (key is not None or not self._on_one_line(like))
            text = render(value, fragment.style, indent, lines=lines)
            made = _placed(made, text) if append else _placed_first(made, text)
        self._splice(*span, made[head : len(made) if append else len(made) - 2])

    def _on_one_line(self, node: Node) -> bool:
        """Say whether a value is a container with entries, all on one line."""
        text = self.plain[node.start : node.end]
        return text[:1] in (b"{", b"[") and len(text) > 2 and b"\n" not in text and b"\r" not in text

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before an entry of the array there."""
        container = self._settled(self._node(steps))
        items = self._items(container) or []
        if index >= len(items):
            self._add(container, None, value)
            return
        node = self._item(container, index)
        line = self._separator(container, node.start)
        gap = self._data[_back(self.plain, node.start) + 1 : node.start]
        fragment = Fragment(b"[" + gap + PLACEHOLDER + b"]", self.style)
        self._weave(fragment, None, value, line, node, (node.start, node.start), 1 + len(gap), append=False)

    def delete(self, steps: Steps) -> None:
        """Take out what is there; of a key that comes twice, every one."""
        parent = self._settled(self._node(steps[:-1]))
        while True:
            self._delete(parent, self._item(parent, steps[-1]))  # type: ignore[arg-type]
            if not isinstance(steps[-1], str):
                return
            parent = self._node(steps[:-1])
            if steps[-1] not in (self._items(parent) or ()):
                return

    def _delete(self, parent: Node, node: Node) -> None:
        plain, data = self.plain, self._data
        start = self._entry_start(node)
        before, after = _back(plain, start), _forward(plain, node.end)
        is_first, is_last = before == parent.start, after == parent.end - 1
        opening, closing = data[parent.start : parent.start + 1], data[parent.end - 1 : parent.end]
        own = data[start : node.start] + PLACEHOLDER
        if is_first and is_last:
            fragment = Fragment(opening + data[before + 1 : start] + own + data[node.end : parent.end], self.style)
            fragment.remove_only()
            self._splice(parent.start, parent.end, fragment.render())
        elif is_last:
            previous = _back(plain, before) + 1
            head = opening + (b'"":0' if opening == b"{" else b"0")
            fragment = Fragment(head + data[previous:start] + own + data[node.end : parent.end], self.style)
            fragment.remove_last()
            self._splice(previous, parent.end, fragment.render()[len(head) :])
        else:
            following = _forward(plain, after + 1)
            tail = (b'"":0' if opening == b"{" else b"0") + closing
            fragment = Fragment(
                opening + data[before + 1 : start] + own + data[node.end : following] + tail, self.style
            )
            fragment.remove_first()
            self._splice(before + 1, following, fragment.render()[1 : -len(tail)])


def nested(rest: Steps, value: Value, place: Steps) -> Value:
    """Return value inside new objects and arrays, one for each step of rest."""
    for step in reversed(rest):
        if isinstance(step, Match):
            raise _no_match(place, step)
        if isinstance(step, int) or step == "-":
            if step not in (0, "-", -1):
                raise _not_in_array(place, step, 0)
            value = [value]
        else:
            value = {step: value}
    return value


def _no_match(place: Steps, step: Match) -> PathNotFound:
    return PathNotFound(f"nothing in {spelled(place)} matches {spelled((step,))}")


def _not_in_array(place: Steps, step: Step, length: int) -> PathNotFound:
    what = spelled((step,))
    has = f"has {length} {'entry' if length == 1 else 'entries'}"
    return PathNotFound(f"{spelled(place)} {has}: there is no {what} in it", hint="the next index, or append, adds one")


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


def _text(value: Value) -> str:
    return str(value) if isinstance(value, str) else {None: "null", True: "true", False: "false"}[value]


def _check_encoding(data: bytes) -> None:
    if data.isascii():
        return
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    step = 1 << 20
    for at in range(0, len(data), step):
        try:
            decoder.decode(data[at : at + step], at + step >= len(data))
        except UnicodeDecodeError as exc:
            # what the decoder kept back of the step before stands before this one
            offset = min(at + exc.start, len(data) - 1)
            line, column = place(data, offset)
            raise ParseError("not UTF-8, as JSON has to be", line=line, column=column) from None
