"""A TOML text that can be looked into and changed, one splice at a time."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from devenv.editor import document
from devenv.editor.absent import below_scalar, nested, no_match, not_an_array, not_in_array
from devenv.editor.document import Match, Step, Steps
from devenv.editor.fit import beyond, fitted, respelled
from devenv.editor.keypath import as_index, spelled
from devenv.editor.lens import place
from devenv.editor.tomltext import text, tree, verify
from devenv.editor.tomltext.change import Change
from devenv.editor.tomltext.scan import DEEPEST, Block, Lost, line_column, scan
from devenv.editor.tomltext.tree import Thing
from devenv.editor.values import SCALARS, Literal, Moment, Number, Value, depth, settle
from devenv.errors import EditError, ParseError

LARGEST = 64 << 20
"""Bytes of a file; tomllib takes a quarter of a second for each million."""

REMEMBERED = 8 << 20
"""Bytes of a text whose parts are kept for the next time: the engine reads each text twice."""

_AT = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)\Z", re.DOTALL)


class Parsed(NamedTuple):
    """A text as the scanner and as tomllib see it."""

    blocks: list[Block]
    plain: dict[str, Any]


_recent: dict[bytes, Parsed] = {}


def parsed(data: bytes) -> Parsed:
    """Return the parts of a text; ParseError with line and column when it is no TOML."""
    if data in _recent:
        return _recent[data]
    found = _parse(data)
    if len(data) <= REMEMBERED:
        while len(_recent) > 1:
            del _recent[next(iter(_recent))]
        _recent[data] = found
    return found


def _parse(data: bytes) -> Parsed:
    if len(data) > LARGEST:
        raise ParseError(f"{len(data)} bytes are more than is taken of TOML ({LARGEST})")
    try:
        source = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        line, column = place(data, exc.start)
        raise ParseError("not UTF-8, as TOML has to be", line=line, column=column) from None
    if source.startswith("\ufeff"):
        raise ParseError("a byte order mark, which TOML does not allow", line=1, column=1)
    try:
        blocks = scan(source)
    except Lost as lost:
        _explain(source, lost.at)
    plain = _judged(source)
    if _too_deep(blocks):
        raise ParseError(f"nested more than {DEEPEST} levels deep")
    return Parsed(blocks, plain)


def _too_deep(blocks: list[Block]) -> bool:
    """Say whether headers, keys and values together go too deep; each by itself does not."""
    return any(
        len(block.path or ()) + len(entry.key) + entry.levels > DEEPEST for block in blocks for entry in block.entries
    )


def _explain(source: str, at: int) -> NoReturn:
    """Raise what tomllib says about the line at an offset, where the scanner found no way on."""
    end = source.find("\n", at)
    cut = source if end < 0 else source[: end + 1]
    if at >= 0 and len(cut) - at <= 65_536:
        _judged(cut)
        _judged(source)
    line, column = line_column(source, at)
    raise ParseError("not a table, a key or a value as TOML has them", line=line, column=column)


def _judged(source: str) -> dict[str, Any]:
    """Return what tomllib reads, floats as text; ParseError when it is no TOML."""
    try:
        # no int of more than 64 bits is written, but one may be read
        return tomllib.loads(source, parse_float=Number)
    except tomllib.TOMLDecodeError as exc:
        found = _AT.match(str(exc))
        if found is None:
            raise ParseError(str(exc)) from None
        line, column = (int(found[2]), int(found[3])) if found[2] else line_column(source, len(source))
        raise ParseError(found[1], line=line, column=column) from None
    except (ValueError, RecursionError) as exc:
        reason = "nested too deep" if isinstance(exc, RecursionError) else "a number of more digits than are taken"
        raise ParseError(reason) from None


class TomlDocument:
    """One TOML text; see devenv.editor.document."""

    tree = False
    ordered = False

    def __init__(self, data: bytes) -> None:
        found = parsed(data)
        self.plain = found.plain
        self._change = Change(list(found.blocks))

    @property
    def data(self) -> bytes:
        """The text with all changes so far."""
        return "".join(block.text for block in self._change.blocks).encode()

    def find(self, steps: Steps) -> list[Steps]:
        """Return where in the document steps lead."""
        return [place for place, _ in tree.find(self._change.blocks, self._change.root, steps)]

    def kind(self, steps: Steps) -> str:
        """Return the kind of what is there."""
        return tree.kind(self._change.thing(steps))

    def read(self, steps: Steps) -> Value:
        """Return what is there."""
        return self._change.read(steps)

    def entries(self, steps: Steps) -> Iterator[Step]:
        """Yield the keys or indices of what is there."""
        yield from tree.keys(self._change.thing(steps))

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it and its parents."""
        if len(steps) + depth(value) > DEEPEST:
            raise EditError(f"that would nest more than {DEEPEST} levels deep")
        with self._change.whole():
            here, there = self._deepest(steps)
            rest = steps[len(here) :]
            if not rest:
                self._change.replace(here, value)
                return
            kind = tree.kind(there)
            if kind in SCALARS:
                if not force:
                    raise below_scalar(here, kind, rest)
                self._change.replace(here, nested(rest, value, here))
                return
            if isinstance(rest[0], Match):
                raise no_match(here, rest[0])
            inner = nested(rest[1:], value, (*here, rest[0]))
            if kind == "object":
                if not isinstance(rest[0], str):
                    raise not_an_array(here, rest[0])
                self._change.add(here, rest[0], inner)
                return
            length = tree.length(there)
            if as_index(rest[0], length) != length:
                raise not_in_array(here, rest[0], length)
            self._change.insert(here, length, inner)

    def _deepest(self, steps: Steps) -> tuple[Steps, Thing]:
        """Return the longest way along steps that is there, and where it leads."""
        here: tuple[Steps, Thing] = ((), self._change.root)
        for number in range(len(steps)):
            found = tree.find_one(self._change.blocks, *here, steps[number])
            if len(found) > 1:
                raise EditError(f"{spelled(steps[: number + 1])} is ambiguous: there are {len(found)} of it")
            if not found:
                break
            here = found[0]
        return here

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry index of the array there."""
        if len(steps) + 1 + depth(value) > DEEPEST:
            raise EditError(f"that would nest more than {DEEPEST} levels deep")
        with self._change.whole():
            self._change.insert(steps, index, value)

    def delete(self, steps: Steps) -> None:
        """Take out what is there."""
        with self._change.whole():
            self._change.delete(steps)

    def literal(self, source: str, was: str, have: Value = None) -> Value:
        """Return text as TOML means it: a date stays a date, a number may be written in any of TOML's ways."""
        if was == "literal" and text.is_moment(source):
            return Literal(source)
        if was == "number" and text.is_number(source):
            return Number(source)
        return settle(source, was or None)

    def fitted(self, value: Value) -> Value:
        """Return a value as TOML has it: what is no date to it becomes text, ``.inf`` is ``inf``."""
        return fitted(value, _fitted)

    def select(self, expression: str) -> list[Steps]:
        """Refuse: TOML is not read as a tree of Augeas."""
        raise EditError(f"{expression} is an Augeas expression, and TOML files are not read that way")

    def verify(self, before: document.Document, touched: list[Steps]) -> None:
        """Raise EditError when tomllib reads more changes than in touched."""
        assert isinstance(before, TomlDocument)
        verify.compare(before.plain, self.plain, touched)


def _fitted(value: Value) -> Value:
    if text.is_number(value) if isinstance(value, Number) else text.is_moment(value):
        return value
    if isinstance(value, Moment):
        raise EditError(f"{value} is not a date or time as TOML has them")
    number = beyond(value) if isinstance(value, Number) else None
    return Number("".join(number)) if number else respelled(value)
