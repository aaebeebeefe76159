"""What is in a YAML text, and what waits to be written into it."""

from collections.abc import Iterator

from devenv.editor.document import Match, Step, Steps
from devenv.editor.fit import beyond, fitted, respelled
from devenv.editor.values import Literal, Moment, Number, Value, settle
from devenv.editor.yaml import scalars
from devenv.editor.yaml.content import Content, child_entries
from devenv.editor.yaml.encoding import decoded
from devenv.editor.yaml.events import uncollected
from devenv.editor.yaml.layout import style_of
from devenv.editor.yaml.place import spliced
from devenv.editor.yaml.render import Style, reads_as
from devenv.editor.yaml.waiting import Waiting
from devenv.errors import EditError, ParseError

_recent: list[tuple[bytes, Content]] = []
"""The last texts read: the engine opens what it wrote, and what was before, again."""


def read_content(data: bytes, style: Style | None = None) -> tuple[Content, str, bytes]:
    """Return the content of a text with its encoding and byte order mark; ParseError when it is not YAML.

    style is how it is written, where that is known.
    """
    text, encoding, mark = decoded(data)
    for known, content in _recent:
        if known == data:
            # it may have been kept with the habits of the text it was made from
            return content.written_in(style or style_of(text)), encoding, mark
    made: Content = uncollected(len(text), lambda: Content(text, style or style_of(text)))
    _recent.insert(0, (data, made))
    del _recent[2:]
    return made, encoding, mark


class View:
    """One YAML text to be looked into. See Document for what each method promises.

    Simple changes wait, and are written together as soon as somebody asks for the text or for what has to do with them.
    """

    tree = False

    def __init__(self, data: bytes) -> None:
        self._written = data
        self._commits = 0
        self.content, self.encoding, self.mark = read_content(data)
        self.waiting = Waiting()

    @property
    def data(self) -> bytes:
        """The text with all changes so far."""
        self.settle()
        return self._written

    @data.setter
    def data(self, data: bytes) -> None:
        self._written = data

    def settle(self) -> bool:
        """Write what waits; False when nothing does."""
        if not self.waiting:
            return False
        splices = self.waiting.splices()
        self.waiting = Waiting()
        self.commit(spliced(self.content.text, splices))
        return True

    def _settle_at(self, steps: Steps) -> None:
        """Write what waits when plain steps that find() gave have to do with it."""
        if self.waiting and (self.waiting.touches(steps) or not self.content.ways(steps)):
            self.settle()

    def _is_longer(self, steps: Steps) -> bool:
        """Say whether steps go into a list that waits for new entries."""
        return self.waiting.lengthens() and any(
            self.waiting.lengthens(self.content.plain(way))
            for length in range(len(steps))
            for way in self.content.ways(steps[:length])
        )

    def commit(self, text: str) -> None:
        """Take text for the document's; EditError when it is not YAML."""
        data = self.mark + text.encode(self.encoding)
        style = self.content.style if self.content.docs else None
        try:
            if self._commits and style is not None:
                # one of many: those between the first and the last are looked at by nobody else
                _recent[:] = [known for known in _recent if known[0] is not self._written]
                self.content = uncollected(len(text), lambda: Content(text, style, self.content))
            else:
                self.content = read_content(data, style)[0]
        except ParseError as exc:
            raise EditError(f"this cannot be written there: it would not be YAML ({exc.reason})") from None
        self._written = data
        self._commits += 1

    def find(self, steps: Steps) -> list[Steps]:
        if not steps:
            return [()]
        if any(isinstance(step, Match) for step in steps) or self._is_longer(steps):
            self.settle()
        elif self.waiting.adds():
            if self.content.many and self.content.numbered(steps)[0] is None:
                self.settle()  # it may lead to something in one document and to something new in another
            elif not self.content.ways(steps):
                above, rest = self.content.parted(steps)
                new = self.waiting.new(above, rest)
                return [] if new is None else [new]
        return [self.content.plain(way) for way in self.content.ways(steps)]

    def kind(self, steps: Steps) -> str:
        if self.waiting and self.waiting.appended(steps) is not None:
            return "array"
        self._settle_at(steps)
        if not steps and self.content.many:
            return "array"
        if not steps and not self.content.docs:
            return "null"
        way = self.content.way(steps)
        return self.content.kind(way.doc, way.node)

    def read(self, steps: Steps) -> Value:
        new = self.waiting.appended(steps) if self.waiting else None
        if new is None:
            self._settle_at(steps)
            return self._read(steps)
        if new.known is None:
            found = self._read(steps)
            assert isinstance(found, list)
            new.known = found
        return [*new.known, *new.items]

    def _read(self, steps: Steps) -> Value:
        """Return what is at plain steps without what waits."""
        content = self.content
        if not steps and content.many:
            return [self.read((index,)) for index in range(len(content.docs))]
        if not steps and not content.docs:
            return None
        way = content.way(steps)
        node = way.node
        if node is not None and node.kind != "scalar":
            way.doc.guard(node)
        return content.read(way.doc, node)

    def entries(self, steps: Steps) -> Iterator[Step]:
        self._settle_at(steps)
        if not steps and self.content.many:
            yield from range(len(self.content.docs))
            return
        if not steps and not self.content.docs:
            return
        way = self.content.way(steps)
        node = way.node
        if node is None or node.kind == "scalar":
            return
        way.doc.guard(node)
        for step, _, _ in child_entries(way.doc, node):
            yield step

    def select(self, expression: str) -> list[Steps]:
        raise EditError(f"{expression} is an Augeas expression, which YAML files are not read with")

    def fitted(self, value: Value) -> Value:
        """Return a value as YAML has it: a time becomes text, ``inf`` is ``.inf``."""
        return fitted(value, _fitted)

    def literal(self, text: str, was: str, have: Value = None) -> Value:
        """Return text as a value: dates, ``yes`` and the like, and tagged values stay such where one stands."""
        if was == "literal" and (scalars.is_ambiguous(text) or (text[:1] == "!" and reads_as(text))):
            return Literal(text)
        if was in ("number", "literal") and scalars.is_number(text):
            alike = isinstance(have, str) and scalars.form(text) == scalars.form(have)
            return Number(text) if alike or scalars.portable(text) else text
        return settle(text, was)


def _fitted(value: Value) -> Value:
    if isinstance(value, Moment):
        if value[2:3] == ":" or not reads_as(value):
            raise EditError(f"{value} is not a date, or a date and a time, as YAML has them")
        return value
    if isinstance(value, Literal) and reads_as(value):
        return value
    read = value
    if not (isinstance(value, Number) and scalars.is_number(value)):
        number = beyond(value) if isinstance(value, Number) else None
        if number:
            return Number(".".join(number) if number[1] == "inf" else ".nan")
        read = respelled(value)
        if not isinstance(read, Number):
            return read
    # what only some readers take for this number stays as it was given, with no other spelling to choose
    spelling = scalars.portable(read) or read
    return read if spelling == read else type(read)(spelling)
