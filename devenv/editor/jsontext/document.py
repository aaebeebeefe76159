"""A JSON text as a Document."""

from __future__ import annotations

from devenv.editor import document
from devenv.editor.document import Match, Step, Steps
from devenv.editor.jsontext.node import KINDS, LARGE, Node
from devenv.editor.jsontext.scan import OPEN_OBJECT, scan, string_value
from devenv.editor.keypath import as_index
from devenv.editor.values import (
    SCALARS,
    Number,
    Value,
    from_json,
    is_json,
    kind_of,
    scalar_to_json,
    settle,
)
from devenv.errors import EditError, ParseError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devenv.editor.jsontext.layout import Style

BOM = b"\xef\xbb\xbf"
SPACES = b" \t\r\n"

_checked: list[tuple[bytes, bool, bytes]] = []
"""The last texts found to be JSON (or JSONC), and without their comments: a text is opened again to be compared."""


class JsonText:
    """One JSON text; ``comments`` allows for JSONC. It is read from ``plain``, where comments are spaces."""

    tree = False

    def __init__(self, data: bytes, *, comments: bool) -> None:
        self.text = data
        self.comments = comments
        self.pending: list[Node] = []
        self.style: Style | None = None
        """The text's habits, once a change has asked for them."""
        self.large = len(data) >= LARGE
        self._scanned = 0
        self._plain: bytes | None = None
        self._next_plain: bytes | None = None
        """What plain is to be, where a change tells: looking for all comments anew takes longer than all else."""
        self._root: Node | None = None
        if not self._is_checked():
            self._parse()

    @property
    def data(self) -> bytes:
        """The text with all changes so far."""
        if self.pending:
            changes = [(node.start, node.end, node.text or b"") for node in self.pending]
            self.pending = []
            self._write_all(sorted(changes))
        return self.text

    @property
    def plain(self) -> bytes:
        """The text with spaces for a byte order mark and for comments."""
        if self._plain is None:
            self._parse()
            assert self._plain is not None
        return self._plain

    @property
    def root(self) -> Node | None:
        """The value of the text; None when there is none."""
        if self._plain is None:
            self._parse()
        return self._root

    def write(self, data: bytes) -> None:
        """Take another text, which is read when it is next asked for."""
        self.text = data
        self.pending = []
        self._plain = self._next_plain = None

    def _write_all(self, changes: list[tuple[int, int, bytes]]) -> None:
        """Put texts in place of the bytes from start to end, in their order; each has whole comments, if any."""
        plain = self._plain if self.comments else None
        self.write(_spliced(self.text, changes))
        if plain is not None:
            # the value before it is what makes a comma a trailing one
            blank = [(start, end, _blanked(b"0" + text)[1:]) for start, end, text in changes]
            self._next_plain = _spliced(plain, blank)

    def _is_checked(self) -> bool:
        return any(known is self.text and comments == self.comments for known, comments, _ in _checked)

    def _parse(self) -> None:
        data = self.text
        for known, comments, plain in _checked:
            if known is data and comments == self.comments and self.large:
                from devenv.editor.jsontext import skim

                self._plain, self._root = plain, skim.unchecked(plain)
                return
        _check_encoding(data)
        plain = self._next_plain or (data if not data.startswith(BOM) else b"   " + data[len(BOM) :])
        if self.large:
            self._plain, self._root = self._skimmed(plain)
        else:
            self._scanned += len(data)
            # many small texts, one after the other, are as one large text
            self.large = self._scanned >= LARGE
            plain = _blanked(plain) if self.comments and self._next_plain is None else plain
            try:
                self._plain, self._root = plain, scan(plain)
            except ParseError as exc:
                raise self._explained(exc) from None
        _checked[:] = [*_checked[-1:], (data, self.comments, self._plain)]

    def _skimmed(self, plain: bytes) -> tuple[bytes, Node | None]:
        from devenv.editor.jsontext import skim

        try:
            return plain, skim.skim(plain)
        except ParseError as first:
            other = skim.plain_surrogates(plain)
            if self.comments:
                other = _blanked(other)
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
            JsonText(self.text, comments=True)
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
            found = [next_ for place, node in found for next_ in self.children(place, node, step)]
        return [place for place, _ in found]

    def children(self, place: Steps, node: Node, step: Step) -> list[tuple[Steps, Node]]:
        if self.large and isinstance(step, str) and node.items is None and self.plain[node.start] == OPEN_OBJECT:
            found = self._looked_up(node, step)
            return [((*place, step), found)] if found else []
        items = self.items_of(node)
        if items is None:
            return []
        if isinstance(step, Match):
            return [
                ((*place, key), child)
                for key in node.entries()
                if self._matches(child := self.item_of(node, key), step)
            ]
        if isinstance(items, dict):
            return [((*place, step), self.item_of(node, step))] if isinstance(step, str) and step in items else []
        index = as_index(step, len(items))
        return [((*place, index), self.item_of(node, index))] if index is not None and index < len(items) else []

    def _matches(self, node: Node, match: Match) -> bool:
        if match.key is None:
            return self.kind_of_node(node) in SCALARS and _text(self.value_of(node)) == match.value
        items = self.items_of(node)
        if not isinstance(items, dict) or match.key not in items:
            return False
        return self._matches(self.item_of(node, match.key), Match(None, match.value))

    def items_of(self, node: Node) -> dict[str, Node] | list[Node] | None:
        """Return the items of a container; of a large text they may not be Nodes yet: item_of() makes them such."""
        if node.items is None and self.plain[node.start] in b"{[" and node.text is None:
            from devenv.editor.jsontext import skim

            skim.fill(self.plain, node)
        return node.items

    def _looked_up(self, node: Node, key: str) -> Node | None:
        """Return one item of a large object without making Nodes of its others."""
        if key not in node.known:
            from devenv.editor.jsontext import skim

            node.known[key] = skim.lookup(self.plain, node, key)
        return node.known[key]

    def item_of(self, node: Node, key: str | int) -> Node:
        """Return one item of a container."""
        if isinstance(key, str) and (known := node.known.get(key)):
            return known
        items = self.items_of(node)
        if self.large:
            from devenv.editor.jsontext import skim

            return skim.item(self.plain, node, key)
        return items[key]  # type: ignore[index]

    def node_at(self, steps: Steps) -> Node:
        node = self.root
        for step in steps:
            assert node is not None
            node = self.item_of(node, step)  # type: ignore[arg-type]
        assert node is not None
        return node

    def kind_of_node(self, node: Node) -> str:
        return KINDS.get(node.text[0] if node.text else self.plain[node.start], "number")

    def kind(self, steps: Steps) -> str:
        """Return the kind of what is there."""
        return self.kind_of_node(self.node_at(steps))

    def read(self, steps: Steps) -> Value:
        """Return what is there."""
        if self.root is None and not steps:
            return {}
        return self.value_of(self.node_at(steps))

    def value_of(self, node: Node) -> Value:
        text = node.text if node.text is not None else None
        kind = self.kind_of_node(node)
        if kind in ("object", "array") and self.pending:
            inside = [other for other in self.pending if node.start <= other.start < node.end]
            if inside:
                steps = self.steps_of(node)
                self.data  # noqa: B018 (writes what is pending)
                node = self.node_at(steps)
        if text is None:
            # escapes of lone surrogates are blanked in plain
            source = self.text if kind == "string" else self.plain
            text = source[node.start : node.end]
        if kind == "number":
            return Number(text.decode())
        if kind == "string":
            return string_value(text)
        if kind in ("bool", "null"):
            return {b"t": True, b"f": False, b"n": None}[text[:1]]
        return from_json(text.decode())

    def steps_of(self, wanted: Node) -> Steps:
        steps: list[Step] = []
        node = self.root
        while node is not None and node is not wanted:
            found = self._holder(node, wanted.start)
            if found is None:
                break
            key, node = found
            steps.append(key)
        return tuple(steps)

    def _holder(self, node: Node, at: int) -> tuple[str | int, Node] | None:
        """Return the key and the value of the entry of a container that a byte is in."""
        for key, known in node.known.items():
            # those that were looked up alone come first: the others may not have been asked for yet
            if known is not None and known.start <= at < known.end:
                return key, known
        self.items_of(node)
        for step in node.entries():
            child = self.item_of(node, step)
            if child.start <= at < child.end:
                return step, child
        return None

    def entries(self, steps: Steps) -> Iterator[Step]:
        """Yield the keys or indices of the container there."""
        if self.root is None:
            return
        node = self.node_at(steps)
        self.items_of(node)
        yield from node.entries()

    def literal(self, text: str, was: str, have: Value = None) -> Value:
        """Return text as JSON means it."""
        return settle(text, was or None)

    def fitted(self, value: Value) -> Value:
        """Return a value as JSON has it."""
        if is_json(value):
            return value
        from devenv.editor import fit

        return fit.fitted(value, fit.for_json)

    def select(self, expression: str) -> list[Steps]:
        """Refuse: JSON is not read as a tree of Augeas."""
        raise EditError(f"{expression} is an Augeas expression, and JSON files are not read that way")

    def verify(self, before: document.Document, touched: list[Steps]) -> None:
        """Nothing to do: all bytes but those of a change are spliced from the text before."""

    # changing

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it and its parents."""
        found = self.find(steps)
        if len(found) == 1:
            node = self.node_at(found[0])
            if self.kind_of_node(node) in SCALARS and kind_of(value) in SCALARS:
                # one token for another: here is nothing for a lens to weave, nor a reason to load it
                if node.text is None:
                    self.pending.append(node)
                node.text = scalar_to_json(value).encode()
                return
        from devenv.editor.jsontext import change

        change.put(self, steps, value, force=force)

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before an entry of the array there."""
        from devenv.editor.jsontext import change

        change.insert(self, steps, index, value)

    def delete(self, steps: Steps) -> None:
        """Take out what is there; of a key that comes twice, every one."""
        from devenv.editor.jsontext import change

        change.delete(self, steps)

    def settled(self, node: Node) -> Node:
        """Return a node once all that is pending is written."""
        if not self.pending:
            return node
        steps = self.steps_of(node)
        self.write(self.data)
        return self.node_at(steps)

    def splice(self, start: int, end: int, text: bytes) -> None:
        """Put text in place of the bytes from start to end."""
        assert not self.pending
        self._write_all([(start, end, text)])


def _spliced(text: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    # views: a large text is copied once
    whole = memoryview(text)
    parts: list[bytes | memoryview] = []
    at = 0
    for start, end, new in changes:
        parts += [whole[at:start], new]
        at = end
    return b"".join([*parts, whole[at:]])


def _blanked(text: bytes) -> bytes:
    from devenv.editor.jsontext.comments import blanked

    return blanked(text)


def _text(value: Value) -> str:
    return str(value) if isinstance(value, str) else {None: "null", True: "true", False: "false"}[value]


def _check_encoding(data: bytes) -> None:
    if data.isascii():
        return
    import codecs

    from devenv.editor.lens import place

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
