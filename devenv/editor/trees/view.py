"""A lens tree as values: objects, arrays and text, and the way from steps to nodes.

- A node without children is its value, always text; a value that is not there is "".
- A node with children is an object of them; its own value, if it has one, is the entry ``"."``, first.
- A label that several children share is one entry, an array of them: ``Host[0]``, ``Host[-1]``.
- A node whose children are all numbered by the lens (entries of hosts, words of AcceptEnv) is an array.
- Comments are kept, and found when asked for by name, but are no part of a value.
- One step may be a label with dots (``net.ipv4.ip_forward``): steps that an existing label joins are that label.
"""

from __future__ import annotations

from devenv.editor.document import Match, Step, Steps
from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.values import Value
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

CASELESS = frozenset({"ssh", "sshd", "httpd", "samba", "proftpd", "gitconfig", "dockerfile", "requirements"})
"""Modules of lenses whose programs read keys in any case."""

MARKS = frozenset({"#bare", "#void", "#indented", "#flat", "#sections"})
"""Labels our lenses give to how a thing is written: what is put may be written in another of these ways."""

HIDDEN = MARKS | {
    *("#comment", "#mcomment", "#scomment", "#title_comment", "!comment", "#empty", "#eol", "#inline"),
    # of XML
    *("#declaration", "!DOCTYPE", "#pi", "#text", "#CDATA"),
}
"""Labels that are no part of a value."""


WRAPPED = {"systemd": "value"}
"""Modules of lenses that put each value of an entry in a child: the entry itself is its value, or the array of them."""


NO_LINES = frozenset(
    {"ini", "configparser", "xml", "dotenv", "gitconfig", "npmrc", "requirements", "dockerfile", "vagrantfile"}
)
"""Modules of lenses whose entries are never given as a text that the lens takes apart."""

MANY = 64
"""Children that are listed once and remembered."""


class Spot(Record):
    """A place: plain steps to it and the node there, or the nodes that share a label (group), or a node's own value."""

    steps: Steps
    trails: tuple[Trail, ...]
    what: str = "node"
    """node, group or value."""

    @property
    def trail(self) -> Trail:
        """The first node's trail."""
        return self.trails[0]


class View:
    """The values of one parsed text."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        module = parsed.lens.partition(".")[0].lower()
        self.caseless = module in CASELESS
        self.wrapped = WRAPPED.get(module)
        self.by_line = module not in NO_LINES
        self._arrays: dict[Trail, bool] = {}
        self._children: dict[Trail, list[tuple[str, Trail]]] = {}

    def children(self, trail: Trail) -> list[tuple[str, Trail]]:
        """Return key and trail of each child that is part of the node's value; nobody changes the list."""
        known = self._children.get(trail)
        if known is not None:
            return known
        nodes = self.parsed.at(trail).children
        children = [(child.label, (*trail, index)) for index, child in enumerate(nodes) if child.label not in HIDDEN]
        if len(nodes) > MANY and not self.wrapped:
            self._children[trail] = children
        if self.wrapped and children and all(map(self._is_wrapper, children)):
            return [(str(number), at) for number, (_, at) in enumerate(children, 1)] if len(children) > 1 else []
        return children

    def valued(self, trail: Trail) -> Trail:
        """Return the trail of what holds a node's own value: the node, or its one child where the lens has it so."""
        node = self.parsed.at(trail)
        if self.wrapped:
            inner = [(child.label, (*trail, at)) for at, child in enumerate(node.children) if child.label not in HIDDEN]
            if len(inner) == 1 and self._is_wrapper(inner[0]):
                return inner[0][1]
        return trail

    def _is_wrapper(self, child: tuple[str, Trail]) -> bool:
        """Say whether a child is one that only holds a value, and no variable that happens to be named so."""
        return child[0] == self.wrapped and self._counted(child[1])

    def text(self, trail: Trail) -> str:
        """Return a node's own value."""
        return self.parsed.at(self.valued(trail)).value

    def named(self, trail: Trail, key: str) -> list[Trail]:
        """Return the trails of the children with a key, comments too."""
        found = [at for name, at in self.children(trail) if name == key]
        if not found and self.caseless:
            found = [at for name, at in self.children(trail) if name.lower() == key.lower()]
        if not found:
            found = [(*trail, i) for i, child in enumerate(self.parsed.at(trail).children) if child.label == key]
        return found

    def numbered(self, trail: Trail) -> list[Trail]:
        """Return the trails of the children that the lens numbers; keys of digits in the text are none."""
        found = [at for name, at in self.children(trail) if is_number(name)]
        return found if found and self._counted(found[0]) else []

    def _counted(self, trail: Trail) -> bool:
        span = self.parsed.span(trail)
        return span.label_start == span.label_end

    def is_array(self, trail: Trail) -> bool:
        """Say whether the node is an array: all its children numbered, and no value of its own."""
        known = self._arrays.get(trail)
        if known is None:
            children = self.children(trail)
            numbers = bool(children) and not self.text(trail) and all(is_number(name) for name, _ in children)
            known = self._arrays[trail] = numbers and self._counted(children[0][1])
        return known

    def value(self, trail: Trail) -> Value:
        """Return what a node is as a value, all the way down."""
        children = self.children(trail)
        own = self.text(trail)
        if not children:
            # the whole of a file without entries is an object
            return own if trail else {}
        if self.is_array(trail):
            items = [self.value(at) for _, at in children]
            return self._placed(items, trail) if self.by_line else items
        out: dict[str, Value] = {".": own} if own else {}
        for key, trails in grouped(children).items():
            out[key] = self.value(trails[0]) if len(trails) == 1 else self._values(tuple(trails))
        return self._placed(out, trail) if self.by_line and trail else out

    def _placed(self, value: Value, trail: Trail) -> Value:
        from devenv.editor.trees.written import placed

        return placed(value, self.parsed, trail)

    def _values(self, trails: tuple[Trail, ...]) -> list[Value]:
        values = [self.value(trail) for trail in trails]
        if not self.by_line:
            return values
        from devenv.editor.trees.written import of_members

        return of_members(values, self.parsed, trails)

    def goes_by_name(self, label: str) -> bool:
        """Say whether what has entries below a label at the top has that for its name, and another label to Augeas."""
        return False

    def key(self, trail: Trail) -> str:
        """Return the key a node goes by: its label."""
        return self.parsed.at(trail).label

    def raw(self, steps: Steps) -> Steps:
        """Return steps as the lens has them, where keys are not its labels."""
        return steps

    def labels(self, node: Node) -> tuple[str, ...]:
        """Return what a node is known by below its parent when two trees are compared, as raw() has it."""
        return (node.label,)

    def read(self, spot: Spot) -> Value:
        """Return the value of a place."""
        if spot.what == "value":
            return self.text(spot.trail)
        if spot.what == "group":
            return self._values(spot.trails)
        return self.value(spot.trail)

    def kind(self, spot: Spot) -> str:
        """Return object, array or string."""
        if spot.what != "node":
            return "array" if spot.what == "group" else "string"
        if not self.children(spot.trail):
            return "string" if spot.trail else "object"
        return "array" if self.is_array(spot.trail) else "object"

    def entries(self, spot: Spot) -> Iterator[Step]:
        """Yield the keys of an object or the indices of an array."""
        if spot.what == "group":
            yield from range(len(spot.trails))
        elif spot.what == "node":
            if self.is_array(spot.trail):
                yield from range(len(self.children(spot.trail)))
                return
            children = self.children(spot.trail)
            if children and self.text(spot.trail):
                yield "."
            yield from grouped(children)

    def find(self, steps: Steps) -> list[Spot]:
        """Return the places steps lead to; several where they cross a repeated label or a Match without an index."""
        return self.below(Spot((), ((),)), steps)

    def below(self, spot: Spot, steps: Steps) -> list[Spot]:
        """Return the places steps lead to from a place."""
        if not steps:
            return [spot]
        if spot.what == "value":
            return []
        step = steps[0]
        if isinstance(step, int):
            return [found for at in self._at(spot, step) for found in self.below(at, steps[1:])]
        if isinstance(step, Match):
            return [found for at in self._matching(spot, step) for found in self.below(at, steps[1:])]
        if spot.what == "group":
            singles = [Spot((*spot.steps, index), (trail,)) for index, trail in enumerate(spot.trails)]
            return [found for single in singles for found in self.below(single, steps)]
        if step == ".":
            return self.below(Spot((*spot.steps, "."), spot.trails, "value"), steps[1:])
        for length in range(self._joinable(steps), 0, -1):
            label = ".".join(str(part) for part in steps[:length])
            trails = self.named(spot.trail, label)
            if trails:
                name = self._key(spot.trail, trails[0], label)
                below = Spot((*spot.steps, name), tuple(trails), "node" if len(trails) == 1 else "group")
                found = self.below(below, steps[length:])
                if found:
                    return found
        return []

    def _key(self, parent: Trail, trail: Trail, label: str) -> str:
        """Return the key of a child as it is in the file."""
        if not self.caseless:
            return label
        return next((name for name, at in self.children(parent) if at == trail), label)

    def _joinable(self, steps: Steps) -> int:
        length = 0
        while length < len(steps) and isinstance(steps[length], str):
            length += 1
        return min(length, 12)

    def _listed(self, spot: Spot) -> list[Trail]:
        """Return what indices at a place count: nodes of one label, numbered children, or the one node itself."""
        if spot.what == "group":
            return list(spot.trails)
        numbered = self.numbered(spot.trail)
        if numbered:
            return numbered
        return [spot.trail] if spot.steps and isinstance(spot.steps[-1], str) else []

    def _member(self, spot: Spot, index: int, trail: Trail) -> Spot:
        """Return the place of one of what _listed() gives."""
        if spot.what == "group" or self.is_array(spot.trail):
            return Spot((*spot.steps, index), (trail,), "node")
        if trail == spot.trail:
            return spot
        return Spot((*spot.steps, self.parsed.at(trail).label), (trail,), "node")

    def _at(self, spot: Spot, index: int) -> list[Spot]:
        listed = self._listed(spot)
        place = index + len(listed) if index < 0 else index
        return [self._member(spot, place, listed[place])] if 0 <= place < len(listed) else []

    def matches(self, trail: Trail, match: Match) -> bool:
        """Say whether a node is the one a match means."""
        if match.key is None:
            return self.text(trail) == match.value
        found = self.below(Spot((), (trail,), "node"), (match.key,))
        return any(self.text(at) == match.value for other in found for at in other.trails)

    def _matching(self, spot: Spot, match: Match) -> list[Spot]:
        listed = enumerate(self._listed(spot))
        return [self._member(spot, index, trail) for index, trail in listed if self.matches(trail, match)]


def grouped(children: list[tuple[str, Trail]]) -> dict[str, list[Trail]]:
    """Return key -> trails, keys in the order they first come."""
    groups: dict[str, list[Trail]] = {}
    for key, trail in children:
        groups.setdefault(key, []).append(trail)
    return groups


def is_number(label: str) -> bool:
    """Say whether a label is one that a lens counts with."""
    return label.isascii() and label.isdigit()


def same_tree(left: Node, right: Node) -> bool:
    """Say whether two trees hold the same; the numbers a lens gives, and whose a comment is, may differ."""
    if _same(left, right, MARKS):
        return True
    return _same(left, right, HIDDEN) and comments(left) == comments(right)


def _same(left: Node, right: Node, but: frozenset[str]) -> bool:
    if left.children == right.children and left.value == right.value:
        return True
    mine = [child for child in left.children if child.label not in but]
    others = [child for child in right.children if child.label not in but]
    if left.value != right.value or len(mine) != len(others):
        return False
    for one, other in zip(mine, others, strict=True):
        if one == other:
            continue
        if one.label != other.label and not (is_number(one.label) and is_number(other.label)):
            return False
        if not _same(one, other, but):
            return False
    return True


def comments(root: Node) -> list[tuple[str, str]]:
    """Return label and text of all comments of a tree, in order."""
    found = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.label in HIDDEN and node.label not in MARKS:
            found.append((node.label, node.value))
        stack += reversed(node.children)
    return found
