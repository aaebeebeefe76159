"""A file read with a lens, as the engine wants it: see devenv.editor.document, and view.py for what is a value.

Where a new node goes: after the last one of its label; else below a comment that shows it commented out; else after the
last entry that is no block, so before the first Host, Match or section; else at the end. A block goes to the end.
"""

from __future__ import annotations

import re

from devenv.editor.document import Document, Match, Step, Steps
from devenv.editor.keypath import spelled
from devenv.editor.trees import change, shape
from devenv.editor.trees.parse import Node, Parsed, Trail, parse
from devenv.editor.trees.view import HIDDEN, Spot, View, is_number
from devenv.editor.values import Value
from devenv.errors import EditError, PathNotFound
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_BOM = b"\xef\xbb\xbf"


class _Waiting(Record):
    """What is to be made and cannot be as it is: an entry of hosts with an address and no name yet."""

    top: Steps
    value: Value
    refusal: EditError


class TreeDocument:
    """One text and the tree its lens makes of it."""

    tree = True
    by_lines = True
    """Whether a last line without an end is read as if it had one; it gets none for that."""
    change: Any = change
    """What writes changes: the module change, or another with its functions."""

    def __init__(self, data: bytes, lens: str) -> None:
        self._waiting: _Waiting | None = None
        self._bom = data.startswith(_BOM)
        text = data[len(_BOM) :] if self._bom else data
        lines = text.count(b"\n")
        # lenses that take CR LF are few; lines that all end in it are read as if they ended in LF
        self._crlf = lines > 0 and text.count(b"\r\n") == lines == text.count(b"\r")
        text = text.replace(b"\r\n", b"\n") if self._crlf else text
        self._unended = self.by_lines and text != b"" and not text.endswith(b"\n")
        self._named: dict[Steps, int] = {}
        self._use(parse(lens, text + b"\n" if self._unended else text))

    def _use(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.view = self.view_of(parsed)

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return View(parsed)

    @property
    def data(self) -> bytes:
        """The text with all changes so far; EditError when something to be made is not whole after all."""
        if self._waiting:
            raise self._waiting.refusal
        text = self.parsed.text.removesuffix(b"\n") if self._unended else self.parsed.text
        text = text.replace(b"\n", b"\r\n") if self._crlf else text
        return _BOM + text if self._bom else text

    def find(self, steps: Steps) -> list[Steps]:
        """Return where in the document steps lead."""
        return list(dict.fromkeys(spot.steps for spot in self.view.find(steps)))

    def _spot(self, steps: Steps) -> Spot:
        found = self.view.find(steps)
        if len(found) != 1:
            raise PathNotFound(f"{spelled(steps)} names {len(found)} places")
        return found[0]

    def kind(self, steps: Steps) -> str:
        """Return object, array or string: the leaves of these files are text."""
        return self.view.kind(self._spot(steps))

    def read(self, steps: Steps) -> Value:
        """Return what is at plain steps."""
        return self.view.read(self._spot(steps))

    def entries(self, steps: Steps) -> Iterator[Step]:
        """Yield the keys of the object or the indices of the array."""
        return self.view.entries(self._spot(steps))

    def literal(self, text: str, was: str) -> Value:
        """Return text as it is: the format has no other values."""
        return str(text)

    def same(self, have: Value, wanted: Value) -> bool:
        """Say whether what is there is what is wanted there."""
        return shape.agrees(have, wanted)

    def select(self, expression: str) -> list[Steps]:
        """Return plain steps of what a path expression matches."""
        return [self._steps(trail) for trail in self.parsed.select(expression)]

    def _steps(self, trail: Trail) -> Steps:
        """Return the plain steps of a node."""
        steps: list[Step] = []
        for length in range(1, len(trail) + 1):
            parent, at = trail[: length - 1], trail[:length]
            label = self.view.key(at)
            if self.view.is_array(parent) and label not in HIDDEN:
                steps.append([child for _, child in self.view.children(parent)].index(at))
                continue
            trails = self.view.named(parent, label)
            steps += [label] if len(trails) == 1 else [label, trails.index(at)]
        return tuple(steps)

    def made_by(self, expression: str) -> Steps | None:
        """Return the steps of what a path expression would make, as ``augtool set`` does: labels below one node."""
        labels: list[str] = []
        head = expression
        while True:
            head, label = _last_step(head)
            if label is None:
                return None
            labels.insert(0, label)
            parents = self.parsed.select(head) if head else [()]
            if len(parents) > 1:
                return None
            if parents:
                break
        above, label = self._steps(parents[0]), labels[0]
        if is_number(label) and (self.view.is_array(parents[0]) or not self.view.children(parents[0])):
            # the same number in the next edit means the same entry, though the lens gives it another
            number = self._named.setdefault((*above, label), len(self.view.children(parents[0])))
            return (*above, number, *labels[1:])
        here = len(self.view.named(parents[0], label))
        return (*above, label, *([here] if here else []), *labels[1:])

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it and its parents.

        What the lens does not take because more is to come waits for the next edit, or for data to be asked for.
        """
        before, waiting = self.parsed, self._waiting
        top, whole = self._top(steps), value
        if top is not None:
            whole = _nested(steps[len(top) :], value)
            if waiting and waiting.top == top:
                whole = _joined(waiting.value, whole)
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
        for length in range(len(steps)):
            if not self.view.find(steps[: length + 1]):
                longer = length + 1 < len(steps) and isinstance(steps[length + 1], int)
                top = steps[: length + 1 + longer]
                return top if len(top) < len(steps) and not any(isinstance(step, Match) for step in steps) else None
        return None

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
            names = ", ".join(spelled((*spot.steps, index)) for index in range(min(3, len(spot.trails))))
            raise EditError(
                f"{spelled(spot.steps)} is ambiguous: there are {len(spot.trails)} of it", hint=f"name one: {names}"
            )
        elif not spot.trail:
            raise EditError("the whole file cannot be one value")
        elif spot.what == "node" and self.view.is_array(spot.trail):
            if not force:
                raise EditError(
                    f"{spelled(spot.steps)} is an array, which a string would replace", hint="add --force if it should"
                )
            self._replace_by_list(spot, [value])
        else:
            trail = self.view.valued(spot.trail)
            self._use(self.change.set_value(self.parsed, trail, shape.as_text(value)))

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
            self._delete(spot.steps)
            return
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
        self._add(parent, [at], label, value)

    def _add(self, parent: Trail, indices: list[int], label: str, value: Value) -> None:
        """Add what a value is under a label, in the first way the lens takes."""
        refusal: EditError | None = None
        start = self.parsed
        for nodes in shape.nodes(label, value, numbered=self.parsed.lens.startswith("Ini."), wrapped=self.view.wrapped):
            try:
                for offset, node in enumerate(nodes):
                    self._use(self.change.insert(self.parsed, parent, [at + offset for at in indices], node))
                return
            except EditError as exc:
                refusal = refusal or exc
                self._use(start)
        if refusal:
            raise refusal

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
            raise PathNotFound(f"nothing matches {spelled(steps[: length + 1])}")
        if isinstance(rest[0], int) or (rest[0] == "-" and self.view.kind(spot) == "array"):
            self._make_entry(spot, rest, value)
            return
        if spot.what == "group":
            names = ", ".join(spelled((*spot.steps, index)) for index in range(min(3, len(spot.trails))))
            raise EditError(
                f"{spelled(spot.steps)} is ambiguous: there are {len(spot.trails)} of it", hint=f"name one: {names}"
            )
        if spot.what == "value":
            raise EditError(f"{spelled(spot.steps)} is a value: nothing can be below it")
        if rest[0] == ".":
            self._replace(spot, value)
            return
        self._make_below(spot.trail, rest, value)

    def _make_entry(self, spot: Spot, rest: Steps, value: Value) -> None:
        """Make an entry after the last of an array."""
        count = len(self._members(spot))
        if rest[0] != "-" and rest[0] != count:
            raise PathNotFound(f"{spelled((*spot.steps, rest[0]))} is not there: {spelled(spot.steps)} has {count}")
        self._insert(spot.steps, count, _nested(rest[1:], value))

    def _make_below(self, parent: Trail, rest: Steps, value: Value) -> None:
        """Make a child and what is below it: nested first, then with steps joined to one label with dots."""
        refusal: EditError | None = None
        for way in _joinings(rest):
            label, below = way[0], way[1:]
            if below and isinstance(below[0], int):
                if below[0] != 0:
                    raise PathNotFound(f"{spelled(rest[:2])} is not there: there is no {label!s} yet")
                below = below[1:]
            try:
                whole = _nested(below, value)
                self._add(parent, self._places(parent, str(label), whole), str(label), whole)
                return
            except EditError as exc:
                refusal = refusal or exc
        assert refusal is not None
        raise refusal

    def _places(self, parent: Trail, label: str, value: Value) -> list[int]:
        """Return the indices a new child may be put before, the best first."""
        children = self.parsed.at(parent).children
        last = max((at for at, child in enumerate(children) if child.label == label), default=-1)
        if is_number(label):
            last = max((at for at, child in enumerate(children) if is_number(child.label)), default=-1)
        places = [last + 1] if last >= 0 else []
        plain = self._last_plain(parent, children)
        if not isinstance(value, dict):
            places += self._shown_in_comment(children, label)
            places += [plain + 1] if plain >= 0 else []
        places.append(len(children))
        block = next((at for at, child in enumerate(children) if self._is_block((*parent, at), child)), None)
        places += [] if block is None else [block]
        places += [plain + 1] if plain >= 0 else []
        return list(dict.fromkeys(places))

    def _last_plain(self, parent: Trail, children: list[Node]) -> int:
        """Return the index of the last entry before the first block; -1 when there is none."""
        last = -1
        for at, child in enumerate(children):
            if self._is_block((*parent, at), child):
                break
            if child.label not in HIDDEN and not child.label.startswith("#"):
                last = at
        return last

    def _is_block(self, trail: Trail, node: Node) -> bool:
        """Say whether a node is a section or the like: named entries on lines of their own."""
        if all(child.label in HIDDEN or is_number(child.label) for child in node.children):
            return False
        return b"\n" in self.parsed.source(trail).rstrip(b"\n")

    def _shown_in_comment(self, children: list[Node], label: str) -> list[int]:
        """Return the place below the first comment that is an entry of this label commented out."""
        shown = re.compile(re.escape(label) + r"[ \t]*(=|:|[ \t])[ \t]*\S")
        for at, child in enumerate(children):
            if child.label in HIDDEN and shown.match(child.value.lstrip("#; \t")):
                return [at + 1]
        return []

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
            self._use(self.change.set_value(self.parsed, spot.trail, ""))
            return
        for trail in reversed(spot.trails):
            self._remove(trail)

    def _remove(self, trail: Trail) -> None:
        try:
            self._use(self.change.remove(self.parsed, trail))
        except EditError:
            parent = trail[:-1]
            alone = len(self.view.children(parent)) == 1 and self.view.is_array(parent)
            if not parent or not alone:
                raise
            # a list of words that would be empty goes as a whole
            self._remove(parent)

    def verify(self, before: Document, touched: list[Steps]) -> None:
        """Raise EditError when more than touched differs from before."""
        from devenv.editor.trees.verify import unchanged

        assert isinstance(before, TreeDocument)
        unchanged(before.view, self.view, touched)


def _nested(steps: Steps, value: Value) -> Value:
    """Return value as it is under steps: objects in objects."""
    for step in reversed(steps):
        if isinstance(step, Match):
            raise PathNotFound(f"nothing matches {spelled(steps)} yet")
        if isinstance(step, int) or step == "-":
            if step not in (0, "-"):
                raise PathNotFound(f"index {step} is not there yet")
            value = [value]
        else:
            value = {step: value}
    return value


def _joined(one: Value, other: Value) -> Value:
    """Return two parts of what is to be made as one."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return one | {key: _joined(one[key], value) if key in one else value for key, value in other.items()}


def _joinings(steps: Steps) -> Iterator[Steps]:
    """Yield steps as they are, then with labels joined by dots: in two, then in one."""
    yield steps
    names = [step for step in steps if isinstance(step, str)]
    if len(names) != len(steps) or len(names) > 12:
        return
    for cut in range(1, len(names) - 1):
        yield (names[0], ".".join(names[1:])) if cut == 1 else (".".join(names[:cut]), ".".join(names[cut:]))
    if len(names) > 2:
        yield ".".join(names[:-1]), names[-1]
    if len(names) > 1:
        yield (".".join(names),)


_STEP = r"(?:\\.|[^][|/=()!,\\\s])+"
_NEXT = r"\[\s*(?:last\s*\(\s*\)\s*\+\s*1|[0-9]+)\s*\]\Z"


def _last_step(expression: str) -> tuple[str, str | None]:
    """Return what leads to the parent and the label of the last step; None when it is no plain label."""
    relative = re.sub(_NEXT, "", expression.strip("/"))
    at, depth, quote = len(relative), 0, ""
    for index in range(len(relative) - 1, -1, -1):
        char = relative[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "]":
            depth += 1
        elif char == "[":
            depth -= 1
        elif char == "/" and not depth and relative[index - 1 : index] != "\\":
            at = index + 1
            break
    else:
        at = 0
    name = relative[at:]
    if not re.fullmatch(_STEP, name) or name in (".", "..", "*"):
        return "", None
    return relative[: max(at - 1, 0)], re.sub(r"\\(.)", r"\1", name)
