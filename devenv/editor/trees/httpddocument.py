"""One file of httpd, whose directives go by their names: see httpdview for what is a value.

Steps that name ``directive`` are the tree as Augeas's lens has it, ``directive[. = "Listen"].arg``: they are read and
written as those of any other lens.
"""

from __future__ import annotations

from devenv.editor.document import Document
from devenv.editor.keypath import spelled
from devenv.editor.trees import httpdvalues, httpdwords, shape
from devenv.editor.trees.httpd import HttpdChange, with_words
from devenv.editor.trees.httpdview import ARG, DIRECTIVE, WORDLIST, HttpdView, is_section, name_of
from devenv.editor.trees.marked import MarkedDocument
from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.trees.view import HIDDEN, Spot, View
from devenv.editor.values import Value, shown
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from devenv.editor.document import Step, Steps

_LISTS = frozenset(
    {
        *("options", "allowoverride", "allowoverridelist", "indexoptions", "indexignore", "directoryindex"),
        *("serveralias", "sslprotocol", "sslproxyprotocol", "protocols", "passenv", "unsetenv"),
    }
)
"""Directives whose arguments are a list: what is appended to one is one argument more."""


class HttpdDocument(MarkedDocument):
    """One file of httpd."""

    change: Any = HttpdChange
    _as_lens = False
    """Whether the steps at hand are those of the lens."""

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return View(parsed) if self._as_lens else HttpdView(parsed)

    def _go_by(self, steps: Steps) -> None:
        """Read the text as steps have it."""
        as_lens = DIRECTIVE in steps
        if as_lens != self._as_lens:
            self._as_lens = as_lens
            self.view = self.view_of(self.parsed)

    def find(self, steps: Steps) -> list[Steps]:
        """Return where in the document steps lead."""
        self._go_by(steps)
        return super().find(steps)

    def kind(self, steps: Steps) -> str:
        """Return object, array or string."""
        self._go_by(steps)
        return super().kind(steps)

    def read(self, steps: Steps) -> Value:
        """Return what is at plain steps."""
        self._go_by(steps)
        return super().read(steps)

    def entries(self, steps: Steps) -> Iterator[Step]:
        """Yield the keys of the object or the indices of the array."""
        self._go_by(steps)
        return super().entries(steps)

    def select(self, expression: str) -> list[Steps]:
        """Return plain steps of what a path expression matches, as the lens has it."""
        self._go_by((DIRECTIVE,))
        return super().select(expression)

    def made_by(self, expression: str) -> Steps | None:
        """Return the steps of what a path expression would make."""
        self._go_by((DIRECTIVE,))
        return super().made_by(expression)

    def same(self, have: Value, wanted: Value, at: Steps = ()) -> bool:
        """Say whether what is there is what is wanted there."""
        if DIRECTIVE in at:
            return shape.agrees(have, wanted)
        found = HttpdView(self.parsed).find(at) if at and isinstance(wanted, str) else []
        if len(found) == 1 and self._is_literal(found[0]):
            return bool(have == wanted)
        return httpdvalues.agrees(have, httpdvalues.by_name(wanted))

    def _is_literal(self, spot: Spot) -> bool:
        """Say whether a place is one argument whatever is put there, and not a text for httpd to take apart."""
        if self.parsed.at(spot.trail).label != ARG or spot.what == "group":
            return False
        return isinstance(spot.steps[-1], int) or not is_section(self.parsed.at(spot.trail[:-1]))

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it and its parents."""
        self._go_by(steps)
        super().put(steps, value if self._as_lens else httpdvalues.by_name(value), force=force)

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry index."""
        self._go_by(steps)
        super().insert(steps, index, value if self._as_lens else httpdvalues.by_name(value))

    def delete(self, steps: Steps) -> None:
        """Take out what is at plain steps; a section stays one of something."""
        self._go_by(steps)
        super().delete(steps)

    def verify(self, before: Document, touched: list[Steps]) -> None:
        """Raise EditError when more than touched differs from before."""
        assert isinstance(before, HttpdDocument)
        before._go_by(())
        self._go_by(())
        super().verify(before, touched)

    def _look_at_words(self, steps: Steps, value: Value) -> None:
        if self._as_lens:
            super()._look_at_words(steps, value)

    def _put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        if not self._as_lens:
            found = self.view.find(steps)
            if len(found) == 1 and self.same(self.view.read(found[0]), value, steps):
                return
        super()._put(steps, value, force=force)

    def _replace(self, spot: Spot, value: Value, *, force: bool = False) -> None:
        node = self.parsed.at(spot.trail)
        if self._as_lens or not spot.trail or (spot.what == "group" and not isinstance(value, list)):
            super()._replace(spot, value, force=force)
        elif isinstance(value, list) and node.label not in (ARG, WORDLIST):
            self._replace_all(spot, value)
        elif node.label == DIRECTIVE:
            self._replace_words(spot, value, force=force)
        elif is_section(node) and not isinstance(value, dict):
            raise _is_section(spot.steps)
        elif node.label == ARG and isinstance(value, dict | list):
            self._replace_args(spot, value)
        else:
            super()._replace(spot, value, force=force)

    def _replace_args(self, spot: Spot, value: dict[str, Value] | list[Value]) -> None:
        """Replace the arguments of a section, or those of a directive that are named so, by those of a list."""
        trails, above = spot.trails, self.parsed.at(spot.trail[:-1])
        if isinstance(value, dict) or isinstance(spot.steps[-1], int):
            raise EditError(f"{spelled(spot.steps)} is one argument, and can be neither several nor an object")
        httpdvalues.look_at_length(value)
        for trail in reversed(trails[len(value) :]):
            self._remove(trail)
        for at, item in enumerate(value):
            if at >= len(trails):
                self._add(trails[0][:-1], [trails[0][-1] + at], ARG, [item])
                continue
            old = self.parsed.at(trails[at]).value
            if httpdwords.meant(old) != item:
                word = httpdwords.written(shape.as_text(item), old, above=above.label)
                self._use(self.change.set_value(self.parsed, trails[at], word))

    def _replace_by_text(self, spot: Spot, text: str) -> None:
        """Set one argument; what of a section is no item of an array may be meant as several, and is refused."""
        if self._as_lens:
            super()._replace_by_text(spot, text)
            return
        above, old = self.parsed.at(spot.trail[:-1]), self.parsed.at(spot.trail).value
        literal = self._is_literal(spot) or (old[:1] in httpdvalues.QUOTES and text[:1] not in httpdvalues.QUOTES)
        word = (
            httpdwords.written(text, old, above=above.label)
            if literal
            else httpdvalues.one_word(text, above=above.label)
        )
        self._use(self.change.set_value(self.parsed, spot.trail, word))

    def _replace_words(self, spot: Spot, value: Value, *, force: bool) -> None:
        """Replace what stands behind the name of one directive."""
        trail, node = spot.trail, self.parsed.at(spot.trail)
        if isinstance(value, dict):
            raise _is_directive(spot.steps)
        text = shape.as_text(value)
        words = httpdvalues.line_of(text, node)
        if len(words) < 2 and len(node.children) > 1 and not force:
            raise EditError(
                f"{spelled(spot.steps)} is an array, which a string would replace", hint="add --force if it should"
            )
        self._write_words(trail, words, text)

    def _write_words(self, trail: Trail, words: list[str], text: str) -> None:
        """Write words behind the name of a directive: as text has them where it has just those."""
        if not words:
            raise httpdvalues.without(self.parsed.at(trail).value)
        children = self.parsed.at(trail).children
        if len(words) == len(children) and all(child.label == ARG for child in children):
            for at, word in enumerate(words):
                if self.parsed.at((*trail, at)).value != word:
                    self._use(self.change.set_value(self.parsed, (*trail, at), word))
            return
        fresh = with_words(self.parsed, trail, words, text) if httpdwords.split(text) == words else None
        fresh = fresh or with_words(self.parsed, trail, words, " ".join(words))
        if fresh is None:
            raise EditError(f"{shown(text)} cannot stand behind {self.parsed.at(trail).value}")
        self._use(fresh)

    def _replace_all(self, spot: Spot, value: list[Value]) -> None:
        """Replace all directives or sections of a name by those of a list, or the arguments of one."""
        trails, node = spot.trails, self.parsed.at(spot.trail)
        httpdvalues.look_at_length(value)
        if len(trails) == 1 and node.label == DIRECTIVE and httpdvalues.is_line(node.value, value):
            old = [child.value if child.label == ARG else "" for child in node.children]
            old += [""] * len(value)
            words = [httpdwords.written(shape.as_text(item), had) for item, had in zip(value, old, strict=False)]
            self._write_words(spot.trail, words, " ".join(words))
            return
        key = self.view.key(spot.trail)
        for trail in reversed(trails[len(value) :]):
            self._remove(trail)
        for at, item in enumerate(value):
            if at >= len(trails):
                self._add(trails[0][:-1], [self._behind(trails[-1], at - len(trails))], key, item)
                continue
            steps = (*spot.steps, at) if len(value) > 1 else spot.steps
            if not self.same(self.view.value(trails[at]), item, steps):
                self._replace(Spot(steps, (trails[at],)), item, force=True)

    def _behind(self, last: Trail, count: int) -> int:
        return last[-1] + 1 + count

    def _replace_by_object(self, spot: Spot, value: dict[str, Value]) -> None:
        if self._as_lens or spot.what != "node":
            super()._replace_by_object(spot, value)
            return
        value = {self._spelled_as(spot.trail, key): item for key, item in value.items()}
        for key, item in value.items():
            self._put((*spot.steps, key), item, force=True)
        for entry in list(self.view.entries(self._spot(spot.steps))):
            if entry not in value:
                self._delete((*spot.steps, entry))

    def _spelled_as(self, trail: Trail, key: str) -> str:
        found = self.view.named(trail, key)
        return self.view.key(found[0]) if found else key

    def _make_entry(self, spot: Spot, rest: Steps, value: Value) -> None:
        node = self.parsed.at(spot.trail)
        one = not self._as_lens and spot.what == "node" and node.label == DIRECTIVE and len(rest) == 1
        if one and len(node.children) == 1 and rest[0] in (1, "-") and httpdvalues.is_line(node.value, [value]):
            self._add(spot.trail, [1], ARG, [value])
            return
        super()._make_entry(spot, rest, value)

    def _insert(self, steps: Steps, index: int, value: Value) -> None:
        spot = self._spot(steps)
        node = self.parsed.at(spot.trail)
        if self._as_lens or (node.label not in (DIRECTIVE, ARG) and not is_section(node)):
            super()._insert(steps, index, value)
            return
        if not spot.trail:
            raise EditError("the file is no array: nothing can be appended to it")
        if spot.what == "node" and node.label == DIRECTIVE and self._takes_word(node, value):
            self._add(spot.trail, [index], ARG, [value])
            return
        if node.label == ARG and spot.what == "node" and isinstance(steps[-1], int):
            raise EditError(f"{spelled(steps)} is one argument, and no array")
        if is_section(node) and not httpdvalues.has_section(value):
            raise _is_section(steps)
        if node.label == DIRECTIVE and httpdvalues.has_section(value):
            raise _is_directive(steps)
        trails = spot.trails
        at = self._behind(trails[-1], 0) if index and index >= len(trails) else trails[index][-1]
        key = ARG if node.label == ARG else self.view.key(spot.trail)
        several = isinstance(value, list) or (node.label == ARG and spot.what == "group")
        self._add(spot.trail[:-1], [at], key, [value] if several else value)

    def is_one_entry(self, steps: Steps, values: tuple[Any, ...]) -> bool:
        """Say whether an array is the arguments of one directive, and values are directives of their own."""
        self._go_by(steps)
        spot = self._spot(steps)
        one = not self._as_lens and spot.what == "node" and self.parsed.at(spot.trail).label == DIRECTIVE
        return one and all(httpdvalues.is_several(value) for value in values)

    def _takes_word(self, node: Node, value: Value) -> bool:
        """Say whether what is inserted is one more argument of a directive, and no directive of its own."""
        if httpdvalues.is_several(value):
            return False
        return len(node.children) > 1 or node.value.lower() in _LISTS

    def _make_below(self, parent: Trail, rest: Steps, value: Value) -> None:
        """Make a child and what is below it; a name is one step, whatever dots it has."""
        if self._as_lens:
            super()._make_below(parent, rest, value)
            return
        from devenv.editor.absent import nested, not_in_array

        label, below = str(rest[0]), rest[1:]
        above = self.parsed.at(parent)
        if parent and not is_section(above) and (label != ARG or above.label != DIRECTIVE):
            raise EditError(f"{name_of(above)} is a directive: nothing can be below it")
        if below and isinstance(below[0], int):
            if below[0] != 0:
                raise not_in_array((label,), below[0], 0)
            below = below[1:]
        whole = nested(below, value, (label,))
        self._add(parent, self._places(parent, label, whole), label, whole)

    def _ways(self, label: str, value: Value) -> Iterator[list[Node]]:
        if self._as_lens:
            yield from super()._ways(label, value)
        else:
            yield httpdvalues.nodes(label, value)

    def _places(self, parent: Trail, label: str, value: Value) -> list[int]:
        if self._as_lens:
            return super()._places(parent, label, value)
        children = self.parsed.at(parent).children
        words = sum(child.label in (ARG, WORDLIST) for child in children)
        if label == ARG:
            return [words]
        alike = self.view.named(parent, label)
        if alike:
            return [alike[-1][-1] + 1]
        if httpdvalues.has_section(value):
            entries = [at for at, child in enumerate(children, 1) if child.label not in HIDDEN] if parent else []
            return [max(entries, default=len(children))]
        last = words if parent and any(map(is_section, children)) else len(children)
        return [self._shown(parent, label) or self._behind_directives(parent) or last]

    def _shown(self, parent: Trail, label: str) -> int:
        """Return the place below the first comment that is a directive of this name commented out; 0 for none."""
        wanted = f"#{label} ".lower()
        for at, child in enumerate(self.parsed.at(parent).children):
            if child.label == "#comment" and child.value.lower().startswith(wanted[1:]):
                line = self.parsed.source((*parent, at)).decode(self.parsed.encoding).strip()
                if line.lower().startswith(wanted):
                    return at + 1
        return 0

    def _behind_directives(self, parent: Trail) -> int:
        """Return the place behind the last directive before the first section; 0 where there is none."""
        last = 0
        for at, child in enumerate(self.parsed.at(parent).children):
            if child.label == DIRECTIVE:
                last = at + 1
            elif is_section(child):
                break
        return last

    def _delete(self, steps: Steps) -> None:
        spot = self._spot(steps)
        if not self._as_lens and spot.trail:
            section = self.parsed.at(spot.trail[:-1])
            words = sum(child.label == ARG for child in section.children)
            node = self.parsed.at(spot.trail)
            if spot.what == "value":
                raise EditError(
                    f"{spelled(steps[:-1])} cannot be without its value", hint=f"unset {spelled(steps[:-1])}"
                )
            if node.label == ARG and section.label.lower() in httpdvalues.OF_SOMETHING and len(spot.trails) >= words:
                raise EditError(f"{section.label} is a section that cannot be without its argument")
        super()._delete(steps)


def _is_section(steps: Steps) -> EditError:
    return EditError(
        f"{spelled(steps)} is a section, which has directives and no value",
        hint=f"name one in it, or its argument: {spelled((*steps, ARG))}",
    )


def _is_directive(steps: Steps) -> EditError:
    return EditError(f"{spelled(steps)} is a directive, which has no keys", hint="give a value or an array")
