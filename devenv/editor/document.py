"""What a backend gives the engine: one parsed text that can be looked into and changed.

A backend is one module in devenv.editor.backends with

- ``FORMATS``: a tuple of Format, each with its name, the file patterns it goes by and its lens if it has one;
- ``open_document(data, fmt)``: bytes in, a Document out; ParseError with line and column for what is no such text.

Importing it must cost next to nothing: what is heavy is imported when the first document is opened.

Steps say where: a str is a key, an int an index (negative from the end), a Match the entry whose own value, or whose
value under a key, is so and so. A str of digits, or ``-`` for the place after the last, is an index where an array is.
"""

from __future__ import annotations

from devenv.editor.values import Value
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol
else:
    Protocol = object


class Match(Record):
    """The entry whose value (key None), or whose value under key, is this text: ``[. = "b"]``, ``[name = "web"]``."""

    key: str | None
    value: str


Step = str | int | Match
Steps = tuple[Step, ...]


class Format(Record):
    """A format: its name, the backend's module name, the file patterns it goes by, and the lens it is read with.

    A pattern without a slash is matched against the file's name, one with a slash against the end of the whole path.
    """

    name: str
    backend: str
    patterns: tuple[str, ...] = ()
    lens: str | None = None
    guessed: bool = False
    """True for the format of a file whose name says little: its suffix, or the folder it lies in."""


class Document(Protocol):
    """One parsed text. A change is in ``data`` at once; one that fails raises EditError and leaves ``data`` alone."""

    @property
    def data(self) -> bytes:
        """The text with all changes so far, in the file's own encoding, byte order mark included."""
        ...

    @property
    def tree(self) -> bool:
        """True when this is an Augeas tree: labels may repeat, and a path with slashes is an Augeas expression."""
        ...

    def find(self, steps: Steps) -> list[Steps]:
        """Return where in the document steps lead: plain steps of str and int only.

        Empty when nothing is there; several where a Match or a repeated label is met. Indices come back from zero.
        """
        ...

    def kind(self, steps: Steps) -> str:
        """Return the kind of what is at plain steps that find() gave."""
        ...

    def read(self, steps: Steps) -> Value:
        """Return what is at plain steps that find() gave, all the way down."""
        ...

    def entries(self, steps: Steps) -> Iterator[Step]:
        """Yield the keys of the object, or the indices of the array, at plain steps that find() gave."""
        ...

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it and its parents.

        An index one past the end (and ``-``) makes a new last entry. The engine has seen to it that a change is needed
        and that a scalar replaces a container only with force; the backend asks for force where its format has further
        traps (an alias in YAML).
        """
        ...

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry ``index`` (0 to the length) of the array at plain steps that find() gave."""
        ...

    def delete(self, steps: Steps) -> None:
        """Take out what is at plain steps that find() gave."""
        ...

    def literal(self, text: str, was: str, have: Value = None) -> Value:
        """Return text as the value a person means by it in this format where something of kind was stands: have.

        Called with untyped text, once kind string is ruled out; most formats return values.settle(text, was).
        """
        ...

    def select(self, expression: str) -> list[Steps]:
        """Return plain steps of what an Augeas expression selects, where tree is true; EditError elsewhere."""
        ...

    def verify(self, before: Document, touched: list[Steps]) -> None:
        """Raise EditError when more than touched differs in value from before; cheap where splicing rules it out."""
        ...


class Typed(Document, Protocol):
    """A document whose ``tree`` is false: its values have kinds, which are not those of every other format."""

    def fitted(self, value: Value) -> Value:
        """Return a value, which may come from a file of another format, as this one has it.

        What it has no kind for becomes text, a number that it writes in another way is written so; EditError for what
        cannot be told either way, and for a Moment where it has no such kind.
        """
        ...


class Shared(Document, Protocol):
    """A document in which one thing may be seen in several places; no other has the method."""

    def stands(self, steps: Steps, *, itself: bool = False) -> tuple[Steps, bool]:
        """Return where the value at plain steps stands, and whether it is seen elsewhere, too, or may be.

        With itself, where the entry stands that leads there, which may be another (an alias in YAML).
        """
        ...


class Unordered(Document, Protocol):
    """A document whose objects need not keep an order of keys: it has ``ordered``, which is false; others have not."""

    ordered: bool


class Tree(Document, Protocol):
    """A document whose ``tree`` is true: three questions more, since labels repeat and all values are text."""

    def same(self, have: Value, wanted: Value, at: Steps = ()) -> bool:
        """Say whether a value that was read is what was to be put there."""
        ...

    def made_by(self, expression: str) -> Steps | None:
        """Return where an Augeas expression that matches nothing would make a node; None when it names no one place."""
        ...

    def is_one_entry(self, steps: Steps, values: tuple[Any, ...]) -> bool:
        """Say whether the array at plain steps is one entry to what is appended, which goes beside it: one line's."""
        ...
