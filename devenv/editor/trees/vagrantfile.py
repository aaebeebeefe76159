"""A Vagrantfile: settings and calls wherever they stand, and new ones in the block they belong to.

What a call is given first is its value: ``config.vm.network[. = "forwarded_port"].host``. Lines that the lens keeps as
they are, ``end`` among them, are no values.
"""

from typing import Any

from devenv.editor.trees import change, shape
from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.trees.quoted import QuotedChange, QuotedDocument, QuotedView, written
from devenv.editor.trees.view import View
from devenv.editor.values import Value
from devenv.errors import EditError

_FIRST, _LINE = "@first", "#line"


def _first(parsed: Parsed, trail: Trail) -> Trail:
    """Return the trail of what has a node's value: what a call is given first, or the node."""
    children = parsed.at(trail).children
    return (*trail, 0) if trail and children and children[0].label == _FIRST else trail


class VagrantView(QuotedView):
    """The settings and calls of a Vagrantfile."""

    def text(self, trail: Trail) -> str:
        """Return what a setting is set to, or what a call is given first."""
        return super().text(_first(self.parsed, trail))

    def children(self, trail: Trail) -> list[tuple[str, Trail]]:
        """Return key and trail of each child that is part of the node's value."""
        return [(key, at) for key, at in super().children(trail) if key not in (_FIRST, _LINE)]


class VagrantChange(QuotedChange):
    """Changes of a Vagrantfile."""

    @staticmethod
    def set_value(parsed: Parsed, trail: Trail, value: str) -> Parsed:
        """Return the text with another value of one node."""
        return QuotedChange.set_value(parsed, _first(parsed, trail), value)

    @staticmethod
    def insert(parsed: Parsed, parent: Trail, indices: list[int], node: Node) -> Parsed:
        """Return the text with one more setting or call, or with one more option of a call."""
        if parent or not node.children:
            above = parsed.at(parent).label if parent else ""
            return change.insert(parsed, parent, indices, written(parsed.lens, above, node))
        call = Node(node.label, "", [Node(_FIRST, node.value, []), *node.children])
        call = written(parsed.lens, "", call)
        fresh = _with_call(parsed, indices[0], call)
        return fresh or change.insert(parsed, parent, indices, call)


def _with_call(parsed: Parsed, index: int, call: Node) -> Parsed | None:
    """Return the text with a call on a line of its own, as far in as the line before; None when that is no call."""
    before = parsed.source((index - 1,)) if index else b""
    indent = before[: len(before) - len(before.lstrip(b" \t"))]
    given = [item.value if item.label in (_FIRST, "@arg") else f"{item.label}: {item.value}" for item in call.children]
    line = indent + f"{call.label} {', '.join(given)}\n".encode(parsed.encoding)
    point = parsed.span((index - 1,)).end if index else 0
    if point and parsed.text[point - 1 : point] != b"\n":
        return None
    text = parsed.text[:point] + line + parsed.text[point:]
    return change.judge(parsed, shape.with_child(parsed.root, (), index, call))(text)


class VagrantDocument(QuotedDocument):
    """One Vagrantfile."""

    change: Any = VagrantChange

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return VagrantView(parsed)

    def _places(self, parent: Trail, label: str, value: Value) -> list[int]:
        if parent:
            return super()._places(parent, label, value)
        receiver, dot, _ = label.partition(".")
        if not dot:
            raise EditError(f"{label} is not in this Vagrantfile", hint="a new setting is named as in config.vm.box")
        children = self.parsed.root.children
        mine = [at for at, child in enumerate(children) if child.label.startswith(f"{receiver}.") and not _opens(child)]
        if mine:
            depth = self._depth(mine[0])
            mine = [at for at in mine if self._depth(at) == depth]
            calls = isinstance(value, dict)
            alike = [at for at in mine if children[at].label == label]
            alike = alike or [at for at in mine if bool(children[at].value) is not calls] or mine
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
        source = self.parsed.source((at,))
        return len(source) - len(source.lstrip(b" \t"))


def _opens(node: Node) -> bool:
    return any(child.label == "do" for child in node.children)


def _objects(node: Node) -> list[str]:
    """Return the names of the objects a block is about that begins here."""
    if node.label == _LINE:
        head, bar, rest = node.value.rstrip().partition(" do |")
        return [name.strip() for name in rest.rstrip("|").split(",")] if bar and head and rest.endswith("|") else []
    return [name.strip() for child in node.children if child.label == "do" for name in child.value.split(",")]
