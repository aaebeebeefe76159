"""A file read with a lens, to be changed, as the engine wants it: see devenv.editor.document."""

from __future__ import annotations

from devenv.editor.document import Document, Match, Steps
from devenv.editor.keypath import spelled
from devenv.editor.lens import CANNOT_HOLD
from devenv.editor.trees import change, shape
from devenv.editor.trees.parse import INI, Node, Parsed, Trail
from devenv.editor.trees.reading import ReadTree
from devenv.editor.trees.view import HIDDEN, Spot, is_number
from devenv.editor.values import Value
from devenv.errors import EditError, ForceNeeded, PathNotFound
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class _Waiting(Record):
    """What is to be made and cannot be as it is: an entry of hosts with an address and no name yet."""

    top: Steps
    value: Value
    refusal: EditError


class TreeDocument(ReadTree):
    """A tree that can be changed.

    What makes what is not there yet, and what only some lenses need, is loaded when it comes to that.
    """

    change: Any = change
    """What writes changes: the module change, or another with its functions."""

    def __init__(self, data: bytes, lens: str) -> None:
        self._waiting: _Waiting | None = None
        self._named: dict[Steps, int] = {}
        self._from_expressions: set[Steps] = set()
        self._exact = False
        super().__init__(data, lens)

    @property
    def data(self) -> bytes:
        """The text with all changes so far; EditError when something to be made is not whole after all."""
        if self._waiting:
            raise self._waiting.refusal
        return super().data

    def made_by(self, expression: str) -> Steps | None:
        """Return the steps of what a path expression would make, as ``augtool set`` does: labels below one node."""
        from devenv.editor.trees import expressions

        steps = expressions.made_by(self.view, expression, self._named)
        if steps is not None:
            self._from_expressions.add(steps)
        return steps

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it and its parents.

        What the lens does not take because more is to come waits for the next edit, or for data to be asked for.
        """
        before, waiting = self.parsed, self._waiting
        self._exact = steps in self._from_expressions
        top, whole = self._top(steps), value
        if top is not None:
            from devenv.editor.absent import nested
            from devenv.editor.trees import making

            whole = nested(steps[len(top) :], value, top)
            if waiting and waiting.top == top:
                whole = making.joined(waiting.value, whole)
                steps, value, self._waiting = top, whole, None
        try:
            self._put(steps, value, force=force)
        except PathNotFound:
            self._use(before)
            raise
        except EditError as exc:
            self._use(before)
            if top is None or (waiting and waiting.top != top):
                raise
            self._waiting = _Waiting(top, whole, waiting.refusal if waiting else exc)
        except BaseException:
            self._use(before)
            raise

    def _top(self, steps: Steps) -> Steps | None:
        """Return the place of the entry that has to be made for steps, where it can have more than one part."""
        if self.view.find(steps):
            return None
        # from the end: steps that a label with dots joins lead to nothing one by one
        length = next(length for length in range(len(steps) - 1, -1, -1) if self.view.find(steps[:length]))
        longer = length + 1 < len(steps) and isinstance(steps[length + 1], int)
        top = steps[: length + 1 + longer]
        return top if len(top) < len(steps) and not any(isinstance(step, Match) for step in steps) else None

    def _put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        found = self.view.find(steps)
        if len(found) > 1:
            raise EditError(f"{spelled(steps)} is ambiguous: there are {len(found)} of it")
        if not found:
            self._make(steps, value)
        elif not self.same(self.view.read(found[0]), value):
            self._replace(found[0], value, force=force)

    def _replace(self, spot: Spot, value: Value, *, force: bool = False) -> None:
        if isinstance(value, dict):
            self._replace_by_object(spot, value)
        elif isinstance(value, list):
            self._replace_by_list(spot, value)
        elif spot.what == "group":
            self._replace_members(spot, shape.as_text(value))
        elif not spot.trail:
            raise EditError("the whole file cannot be one value")
        elif spot.what == "node" and self.view.is_array(spot.trail):
            if not force:
                raise ForceNeeded(
                    f"{spelled(spot.steps)} is an array, which a string would replace", hint="add --force if it should"
                )
            self._replace_by_list(spot, [value])
        else:
            self._replace_by_text(spot, shape.as_text(value))

    def _replace_by_text(self, spot: Spot, text: str) -> None:
        """Set the value of a node, or what stands behind its key when the lens takes that apart.

        Entries that the lens reads from that text go with it; a block keeps its lines, and a line its comment.
        """
        whole = spot.what == "node" and self.view.by_line and self._is_taken_apart(spot.trail)
        fresh, refusal = None, EditError(CANNOT_HOLD)
        try:
            fresh = None if whole else self.change.set_value(self.parsed, self.view.valued(spot.trail), text)
        except change.Misread:
            raise
        except EditError as exc:
            refusal = exc
        # a node with entries and no value of its own stays as it is without one
        if (fresh is None or fresh.text == self.parsed.text) and spot.what != "value" and self.view.by_line:
            from devenv.editor.trees import lines

            fresh = lines.replace(self.view, self.view_of, spot.trail, text)
            if fresh is None and isinstance(spot.steps[-1], str):
                fresh = lines.replace_members(self.parsed, spot.trails, text)
        if fresh is None and whole and self.view.text(spot.trail):
            raise lines.no_place_for_all(spot.steps)
        if fresh is None:
            if refusal.message.startswith(CANNOT_HOLD) and self.view.kind(spot) == "object":
                raise EditError(f"{spelled(spot.steps)} is an object, and can be no single value in this format")
            raise refusal
        self._use(fresh)

    def _is_taken_apart(self, trail: Trail) -> bool:
        from devenv.editor.trees.written import is_taken_apart

        return is_taken_apart(self.view.value(trail))

    def _replace_members(self, spot: Spot, text: str) -> None:
        """Replace all of a label by what is read from a text that has several of it: the options of a mount."""
        from devenv.editor.trees import lines

        fresh = lines.replace_members(self.parsed, spot.trails, text) if self.view.by_line else None
        if fresh is None:
            raise _several(spot)
        self._use(fresh)

    def _replace_by_object(self, spot: Spot, value: dict[str, Value]) -> None:
        if spot.what != "node":
            raise EditError(f"{spelled(spot.steps)} is an {self.view.kind(spot)}, which an object cannot replace")
        for key, item in value.items():
            self._put((*spot.steps, key), item)
        for entry in list(self.view.entries(self._spot(spot.steps))):
            if entry not in value:
                self._delete((*spot.steps, entry))

    def _replace_by_list(self, spot: Spot, value: list[Value]) -> None:
        whole = not spot.trail and self.view.kind(spot) != "array" and self.view.children(())
        if spot.what == "value" or whole:
            raise EditError(f"{spelled(spot.steps)} is no array")
        count = len(self._members(spot))
        if not value and spot.steps:
            raise EditError(
                "an empty list has no place in this format", hint="an entry that is not to be there is unset"
            )
        for index in range(count - 1, len(value) - 1, -1):
            self._delete(self._member(spot.steps, index))
        for index, item in enumerate(value):
            if index < count:
                self._put(self._member(spot.steps, index), item)
            else:
                self._insert(spot.steps, index, item)

    def _members(self, spot: Spot) -> tuple[Trail, ...]:
        """Return the trails of what a list there counts: several of a label, numbered children, or the one node."""
        if spot.what == "group":
            return spot.trails
        if self.view.is_array(spot.trail) or not spot.trail:
            return tuple(at for _, at in self.view.children(spot.trail))
        return (spot.trail,)

    def _member(self, steps: Steps, index: int) -> Steps:
        spot = self._spot(steps)
        return (*steps, index) if spot.what == "group" or self.view.is_array(spot.trail) else steps

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry index; beside the one node of its label where there is no array yet."""
        before = self.parsed
        try:
            self._insert(steps, index, value)
        except BaseException:
            self._use(before)
            raise

    def _insert(self, steps: Steps, index: int, value: Value) -> None:
        spot = self._spot(steps)
        members = self._members(spot)
        inside = spot.what == "node" and (self.view.is_array(spot.trail) or not spot.trail)
        parent = spot.trail if inside else spot.trail[:-1]
        label = self.parsed.at(members[-1] if members else spot.trail).label or "0"
        if inside and is_number(label):
            label = str(1 + max((int(self.parsed.at(at).label) for at in members), default=0))
        if members:
            at = members[index][-1] if index < len(members) else members[-1][-1] + 1
        else:
            at = len(self.parsed.at(parent).children)
        if not steps and self.view.children(()) and not self.view.is_array(()):
            raise _no_array()
        self._add(parent, [at], label, value)
        if not steps and not self.view.is_array(()):
            raise _no_array()

    def _add(self, parent: Trail, indices: list[int], label: str, value: Value) -> None:
        """Add what a value is under a label, in the first way the lens takes."""
        if value == []:
            raise EditError(
                "an empty list has no place in this format", hint="an entry that is not to be there is unset"
            )
        refusal: EditError | None = None
        start = self.parsed
        for nodes in self._ways(label, value):
            try:
                for offset, node in enumerate(nodes):
                    self._use(self.change.insert(self.parsed, parent, [at + offset for at in indices], node))
                if self._is_read_as(start, parent, value):
                    return
            except change.Misread:
                raise
            except EditError as exc:
                refusal = refusal or exc
            self._use(start)
        if not self._add_lines(parent, indices, label, value):
            raise refusal or EditError(CANNOT_HOLD)

    def _ways(self, label: str, value: Value) -> Iterator[list[Node]]:
        """Yield the nodes that a value may be."""
        yield from shape.nodes(label, value, wrapped=self.view.wrapped)

    def _is_read_as(self, before: Parsed, parent: Trail, value: Value) -> bool:
        """Say whether a node that was added is the value: a number, or a wrapper's label, may have become a key."""
        if not self.view.by_line and self.parsed.lens not in INI:
            return True
        old = [child for child in before.at(parent).children if child.label not in HIDDEN]
        new = [(at, child) for at, child in enumerate(self.parsed.at(parent).children) if child.label not in HIDDEN]
        if len(new) != len(old) + 1:
            return True
        at = next(at for index, (at, child) in enumerate(new) if index == len(old) or child != old[index])
        have, plain = self.view.value((*parent, at)), shape.unwrapped(value, self.view.wrapped)
        return shape.agrees(have, value) or shape.agrees(have, plain)

    def _add_lines(self, parent: Trail, indices: list[int], label: str, value: Value) -> bool:
        """Add values as texts that the lens takes apart; False, and nothing added, where it does not."""
        if not self.view.by_line:
            return False
        from devenv.editor.trees import lines

        start = self.parsed
        for offset, item in enumerate(value if isinstance(value, list) else [value]):
            places = [at + offset for at in indices]
            fresh = lines.insert(self.view, self.view_of, parent, places, label, item)
            if fresh is None:
                self._use(start)
                return False
            self._use(fresh)
        return self.parsed is not start

    def _make(self, steps: Steps, value: Value) -> None:
        """Make what is not there, and its parents."""
        length = len(steps)
        found: list[Spot] = []
        while not found:
            length -= 1
            found = self.view.find(steps[:length])
        if len(found) > 1:
            raise EditError(f"{spelled(steps[:length])} is ambiguous: there are {len(found)} of it")
        spot, rest = found[0], steps[length:]
        if isinstance(rest[0], Match):
            from devenv.editor.absent import no_match

            raise no_match(spot.steps, rest[0])
        if isinstance(rest[0], int) or (rest[0] == "-" and self.view.kind(spot) == "array"):
            self._make_entry(spot, rest, value)
            return
        if spot.what == "group":
            raise _several(spot)
        if spot.what == "value":
            raise EditError(f"{spelled(spot.steps)} is a value: nothing can be below it")
        if rest[0] == ".":
            self._replace(spot, value)
            return
        self._make_below(spot.trail, rest, value)

    def _make_entry(self, spot: Spot, rest: Steps, value: Value) -> None:
        """Make an entry after the last of an array."""
        from devenv.editor.absent import nested, not_in_array

        count = len(self._members(spot))
        if rest[0] != "-" and rest[0] != count:
            raise not_in_array(spot.steps, rest[0], count)
        self._insert(spot.steps, count, nested(rest[1:], value, (*spot.steps, rest[0])))

    def _make_below(self, parent: Trail, rest: Steps, value: Value) -> None:
        """Make a child and what is below it: nested first, then with steps joined to one label with dots."""
        from devenv.editor.absent import nested, not_in_array

        refusal: EditError | None = None
        # the labels of an expression are those to be made
        for way in [rest] if self._exact else self._joinings(parent, rest):
            label, below = way[0], way[1:]
            if below and isinstance(below[0], int):
                if below[0] != 0:
                    raise not_in_array((label,), below[0], 0)
                below = below[1:]
            try:
                whole = nested(below, value, (str(label),))
                self._add(parent, self._places(parent, str(label), whole), str(label), whole)
                return
            except EditError as exc:
                refusal = refusal or exc
        assert refusal is not None
        if self._exact and len(rest) > 1:
            from devenv.editor.trees import expressions

            raise EditError(refusal.message, hint=expressions.QUOTE_IT)
        raise refusal

    def _joinings(self, parent: Trail, rest: Steps) -> Iterator[Steps]:
        """Yield the ways steps below a node may be labels, which may have dots."""
        from devenv.editor.trees import making

        return making.joinings(rest, joined=making.has_dots(self.parsed, parent))

    def _places(self, parent: Trail, label: str, value: Value) -> list[int]:
        """Return the indices a new child may be put before, the best first."""
        from devenv.editor.trees import making

        return making.places(self.parsed, parent, label, block=isinstance(value, dict))

    def delete(self, steps: Steps) -> None:
        """Take out what is at plain steps; all of them where several share a label."""
        before = self.parsed
        try:
            self._delete(steps)
        except BaseException:
            self._use(before)
            raise

    def _delete(self, steps: Steps) -> None:
        spot = self._spot(steps)
        if spot.what == "value":
            if self.view.text(spot.trail):
                self._use(self.change.set_value(self.parsed, spot.trail, ""))
            return
        for trail in reversed(spot.trails):
            self._remove(trail)

    def _remove(self, trail: Trail) -> None:
        try:
            self._use(self.change.remove(self.parsed, trail))
        except EditError:
            parent = trail[:-1]
            alone = len(self.view.children(parent)) == 1 and not self.view.text(parent)
            if not parent or not alone:
                raise
            # what cannot be without its last entry goes as a whole: a list of words, a Subsystem of sshd
            self._remove(parent)

    def verify(self, before: Document, touched: list[Steps]) -> None:
        """Raise EditError when more than touched differs from before."""
        from devenv.editor.trees.verify import unchanged

        assert isinstance(before, TreeDocument)
        unchanged(before.view, self.view, touched)


def _no_array() -> EditError:
    """Return the error of an entry for a whole file whose lens does not number what is in it."""
    return EditError("the whole file is an object in this format, not an array", hint="name a key in it")


def _several(spot: Spot) -> EditError:
    """Return the error of a label that several nodes have where one is meant."""
    names = ", ".join(spelled((*spot.steps, index)) for index in range(min(3, len(spot.trails))))
    return EditError(
        f"{spelled(spot.steps)} is ambiguous: there are {len(spot.trails)} of it", hint=f"name one: {names}"
    )
