"""A Vagrantfile: settings and calls wherever they stand, and new ones in the block they belong to.

What a call is given first is its value: ``config.vm.network[. = "forwarded_port"].host``. Lines that the lens keeps as
they are, ``end`` among them, are no values. Values have kinds, as devenv.editor.ruby tells them.
"""

from __future__ import annotations

from devenv.editor import ruby
from devenv.editor.keypath import spelled
from devenv.editor.trees import change, shape
from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.trees.quoted import QuotedDocument, QuotedView
from devenv.editor.trees.view import Spot, View
from devenv.editor.values import SCALARS, Untyped, Value, kind_of
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from devenv.editor.document import Step, Steps

_FIRST, _LINE, _BLOCK = "@first", "#line", "do"

_CALLS = frozenset({"network", "synced_folder", "provision", "provider", "define"})
"""What is called in a Vagrantfile, and not set."""


def _first(parsed: Parsed, trail: Trail) -> Trail:
    """Return the trail of what has a node's value: what a call is given first, or the node."""
    return (*trail, 0) if trail and _called(parsed.at(trail)) else trail


def _called(node: Node) -> bool:
    return bool(node.children) and node.children[0].label == _FIRST


class VagrantView(QuotedView):
    """The settings and calls of a Vagrantfile."""

    def text(self, trail: Trail) -> str:
        """Return what a setting is set to, or what a call is given first."""
        return super().text(_first(self.parsed, trail))

    def kind(self, spot: Spot) -> str:
        """Return object or array, or the kind of a value."""
        kind = super().kind(spot)
        return kind_of(self.text(spot.trail)) if kind == "string" else kind

    def children(self, trail: Trail) -> list[tuple[str, Trail]]:
        """Return key and trail of each child that is part of the node's value."""
        return [(key, at) for key, at in super().children(trail) if key not in (_FIRST, _LINE)]


class VagrantChange:
    """The functions of devenv.editor.trees.change, for a Vagrantfile."""

    @staticmethod
    def remove(parsed: Parsed, trail: Trail) -> Parsed:
        """Return the text without a node, which opens no block: the end of that would be left."""
        _refuse_block(parsed.at(trail))
        return change.remove(parsed, trail)

    @staticmethod
    def set_value(parsed: Parsed, trail: Trail, value: str) -> Parsed:
        """Return the text with another value of one node."""
        trail = _first(parsed, trail)
        place = "/".join(parsed.at(trail[:length]).label for length in range(1, len(trail) + 1))
        old = parsed.at(trail).value
        return change.set_value(parsed, trail, ruby.encode(place, value, old or None, quote=_quote(parsed)))

    @staticmethod
    def insert(parsed: Parsed, parent: Trail, indices: list[int], node: Node) -> Parsed:
        """Return the text with one more setting or call, or with one more option of a call."""
        quote = _quote(parsed)
        _refuse_block(node)
        if parent:
            return change.insert(parsed, parent, indices, _written(parsed.at(parent).label, node, quote))
        if is_call(parsed, node.label, options=bool(node.children)):
            if not node.value:
                raise EditError(
                    f"{node.label} is a call, and what it is given first is missing",
                    hint=f"{node.label}[…]=VALUE says it, as one more edit",
                )
            node = Node(node.label, "", [Node(_FIRST, node.value, []), *node.children])
        node = _written("", node, quote)
        fresh = _with_line(parsed, indices[0], node)
        return fresh or change.insert(parsed, parent, indices, node)


def is_call(parsed: Parsed, label: str, *, options: bool) -> bool:
    """Say whether a new entry is a call: it has options, or those of its name are, or Vagrant calls it."""
    alike = [child for child in parsed.root.children if child.label == label]
    if options or not alike:
        return options or label.rpartition(".")[2] in _CALLS
    return _called(alike[-1])


def _written(above: str, node: Node, quote: str) -> Node:
    """Return a node with all values as the file has to have them; above is its parent's label."""
    place = f"{above}/{node.label}" if above else node.label
    raw = "" if _called(node) else ruby.encode(place, node.value, None, quote=quote)
    return Node(node.label, raw, [_written(node.label, child, quote) for child in node.children])


def _quote(parsed: Parsed) -> str:
    """Return the quotes most strings of a file are in."""
    nodes = [inner for child in parsed.root.children for inner in (child, *child.children)]
    single = sum(node.value[:1] == "'" for node in nodes)
    return "'" if single > sum(node.value[:1] == '"' for node in nodes) else '"'


def _with_line(parsed: Parsed, index: int, node: Node) -> Parsed | None:
    """Return the text with a node on a line of its own; None when that does not read as it should."""
    point = parsed.span((index - 1,)).end if index else 0
    if point and parsed.text[point - 1 : point] != b"\n":
        return None
    given = [item.value if item.label in (_FIRST, "@arg") else f"{item.label}: {item.value}" for item in node.children]
    line = f"{node.label} {', '.join(given)}\n" if given else f"{node.label} = {node.value}\n"
    change.encoded(parsed, line)
    text = parsed.text[:point] + _indent(parsed, index, node.label) + line.encode(parsed.encoding) + parsed.text[point:]
    return change.judge(parsed, shape.with_child(parsed.root, (), index, node))(text)


def _indent(parsed: Parsed, index: int, label: str) -> bytes:
    """Return how far in a line for a label stands: as the one before, or further when a block of its object begins."""
    if not index:
        return b""
    before = _blanks(parsed, index - 1)
    if label.partition(".")[0] not in _objects(parsed.root.children[index - 1]):
        return before
    after = _blanks(parsed, index) if index < len(parsed.root.children) else b""
    deeper = len(after) > len(before) and after.startswith(before)
    return after if deeper else before + (b"\t" if before[:1] == b"\t" else b"  ")


def _blanks(parsed: Parsed, at: int) -> bytes:
    source = parsed.source((at,))
    return source[: len(source) - len(source.lstrip(b" \t"))]


class VagrantDocument(QuotedDocument):
    """One Vagrantfile."""

    change: Any = VagrantChange

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return VagrantView(parsed)

    def literal(self, text: str, was: str, have: Value = None) -> Value:
        """Return text as it is: what it means is settled where what was there is known."""
        return Untyped(text)

    def same(self, have: Value, wanted: Value, at: Steps = ()) -> bool:
        """Say whether what is there is what is wanted there, and of its kind."""
        return ruby.agrees(have, wanted)

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it; the parts of a new setting's name are one step."""
        steps = self._named_at_once(steps)
        if self._waiting and steps == self._waiting.top and kind_of(value) in SCALARS:
            # what a call is given first, after its options
            steps = (*steps, ".")
        super().put(steps, self._meant(steps, value), force=force)

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry index."""
        super().insert(steps, index, self._meant((*steps, index), value))

    def delete(self, steps: Steps) -> None:
        """Take out what is at plain steps: a whole setting, a whole call or an option of one."""
        if steps and steps[-1] == ".":
            whole = spelled(steps[:-1])
            raise EditError(f"{whole} cannot be without what it is set to or given first", hint=f"unset {whole}")
        super().delete(steps)

    def _named_at_once(self, steps: Steps) -> Steps:
        names: list[Step] = []
        for step in steps:
            if not isinstance(step, str) or (names and "." in step):
                break
            names.append(step)
        if len(names) < 2 or any(self.view.find(steps[:length]) for length in range(1, len(names) + 1)):
            return steps
        if any("." in str(name) for name in names):
            # a name in quotes, and an option of the call
            return steps
        return (".".join(map(str, names)), *steps[len(names) :])

    def _meant(self, steps: Steps, value: Value) -> Value:
        """Return a value whose arrays of scalars are such in Ruby too, but where they are several calls or settings."""
        if isinstance(value, dict):
            return {key: self._meant((*steps, key), item) for key, item in value.items()}
        if not isinstance(value, list):
            return ruby.literal(value)
        found = self.view.find(steps)
        several = bool(found) and self.view.kind(found[0]) in ("array", "object")
        label = ".".join(str(step) for step in steps if isinstance(step, str))
        several = several or is_call(self.parsed, label, options=False) or not value
        if several or any(isinstance(item, dict | list | Untyped) for item in value):
            return [self._meant(steps, item) for item in value]
        return ruby.array(value)

    def _places(self, parent: Trail, label: str, value: Value) -> list[int]:
        if parent:
            return super()._places(parent, label, value)
        receiver, *parts = label.split(".")
        if not parts:
            raise EditError(f"{label} is not in this Vagrantfile", hint="a new setting is named as in config.vm.box")
        call = next((at for at, name in enumerate(parts[:-1], 2) if name in _CALLS), None)
        if call:
            name = ".".join(label.split(".")[:call])
            raise EditError(
                f"{name} is a call, and this Vagrantfile has none of it",
                hint=f"{name}[0]=VALUE says what it is given first",
            )
        children = self.parsed.root.children
        mine = [at for at, child in enumerate(children) if child.label.startswith(f"{receiver}.") and not _opens(child)]
        if mine:
            depth = self._depth(mine[0])
            mine = [at for at in mine if self._depth(at) == depth]
            calls = is_call(self.parsed, label, options=isinstance(value, dict))
            alike = [at for at in mine if children[at].label == label]
            alike = alike or [at for at in mine if _called(children[at]) is calls] or mine
            return [alike[-1] + 1]
        for at, child in enumerate(children):
            if receiver in _objects(child):
                return [at + 1]
        raise EditError(
            f"no block of this Vagrantfile has an object {receiver}",
            hint="add the block by hand, or name the object as the file does",
        )

    def _depth(self, at: int) -> int:
        """Return how far the line of a node is indented."""
        return len(_blanks(self.parsed, at))


def _refuse_block(node: Node) -> None:
    """Raise EditError for a node whose lines are the beginning of a block, or the words that make them that."""
    if node.label == _BLOCK or _opens(node):
        raise EditError("what opens a block is not made or taken out without its end", hint="change it by hand")


def _opens(node: Node) -> bool:
    return any(child.label == _BLOCK for child in node.children)


def _objects(node: Node) -> list[str]:
    """Return the names of the objects a block is about that begins here."""
    if node.label == _LINE:
        head, bar, rest = node.value.rstrip().partition(" do |")
        return [name.strip() for name in rest.rstrip("|").split(",")] if bar and head and rest.endswith("|") else []
    return [name.strip() for child in node.children if child.label == _BLOCK for name in child.value.split(",")]
