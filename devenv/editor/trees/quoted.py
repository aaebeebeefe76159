"""Files whose lens stores values as they are written: shown without quotes, written with those they need.

A section of git's configuration goes by its name and its subsection's: ``remote.origin.url``.
"""

from __future__ import annotations

from devenv.editor import quoting
from devenv.editor.document import Steps
from devenv.editor.keypath import spelled
from devenv.editor.trees import change
from devenv.editor.trees.document import TreeDocument
from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.trees.view import HIDDEN, View
from devenv.editor.values import Value
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class QuotedView(View):
    """The values of a text, without their quotes."""

    def text(self, trail: Trail) -> str:
        """Return what a node's own value means."""
        node = self.parsed.at(trail)
        return "" if self._in_key(trail) else quoting.decode(self.parsed.lens, _place(self.parsed, trail), node.value)

    def _in_key(self, trail: Trail) -> bool:
        """Say whether a node's value is shown as a part of its key."""
        return self.parsed.lens == "Gitconfig.lns" and len(trail) == 1 and self.parsed.at(trail).label not in HIDDEN

    def key(self, trail: Trail) -> str:
        """Return the key a node goes by."""
        node = self.parsed.at(trail)
        if not node.value or not self._in_key(trail):
            return node.label
        return f"{node.label}.{quoting.decode(self.parsed.lens, node.label, node.value)}"

    def children(self, trail: Trail) -> list[tuple[str, Trail]]:
        """Return key and trail of each child that is part of the node's value."""
        return [(self.key(at), at) for _, at in super().children(trail)]

    def named(self, trail: Trail, key: str) -> list[Trail]:
        """Return the trails of the children with a key; a section without its subsection's name is none."""
        found = super().named(trail, key)
        return [at for at in found if self.key(at).lower() == key.lower()]

    def raw(self, steps: Steps) -> Steps:
        """Return steps with the lens's labels."""
        if self.parsed.lens != "Gitconfig.lns" or not steps or not isinstance(steps[0], str):
            return steps
        return (steps[0].partition(".")[0], *steps[1:])


class QuotedChange:
    """The functions of devenv.editor.trees.change, for values as they are meant."""

    @staticmethod
    def set_value(parsed: Parsed, trail: Trail, value: str) -> Parsed:
        """Return the text with another value of one node."""
        old = parsed.at(trail).value or None
        raw = quoting.encode(parsed.lens, _place(parsed, trail), value, old, lines=_has_lines(parsed, value))
        return change.set_value(parsed, trail, raw)

    @staticmethod
    def insert(parsed: Parsed, parent: Trail, indices: list[int], node: Node) -> Parsed:
        """Return the text with one more child of parent."""
        above = parsed.at(parent).label if parent else ""
        fresh = written(parsed.lens, above, node, lines=_has_lines(parsed, node.value))
        return change.insert(parsed, parent, indices, fresh)

    remove = staticmethod(change.remove)


def _has_lines(parsed: Parsed, value: str) -> bool:
    """Say whether a value is of several lines, and a variable in the file has its own as they are."""
    return "\n" in value and any("\n" in node.value for node in parsed.root.children)


def written(lens: str, above: str, node: Node, *, lines: bool = False) -> Node:
    """Return a node with all values as the file has to have them; above is its parent's label."""
    label, value = node.label, node.value
    if lens == "Gitconfig.lns" and not above and not value and "." in label:
        label, _, value = label.partition(".")
    place = f"{above}/{label}" if above else label
    # a variable of a Dockerfile is not without a value, and one of git's without is true
    variable = (lens == "Dockerfile.lns" and above.upper() in ("ENV", "LABEL")) or (lens == "Gitconfig.lns" and above)
    given = value or variable
    raw = quoting.encode(lens, place, value, None, lines=lines) if given else value
    return Node(label, raw, [written(lens, label, child) for child in node.children])


def _place(parsed: Parsed, trail: Trail) -> str:
    return "/".join(parsed.at(trail[:length]).label for length in range(max(len(trail) - 1, 1), len(trail) + 1))


class QuotedDocument(TreeDocument):
    """One text whose values are quoted in a way of its own."""

    change: Any = QuotedChange

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return QuotedView(parsed)

    def _make_below(self, parent: Trail, rest: Steps, value: Value) -> None:
        section = not parent and self.parsed.lens == "Gitconfig.lns" and not isinstance(value, dict)
        if section and len(rest) == 1 and isinstance(rest[0], str) and "." not in rest[0]:
            raise EditError(f"{spelled(rest)} is a section to git, and no variable", hint="name one of it")
        super()._make_below(parent, rest, value)

    def _is_read_as(self, before: Parsed, parent: Trail, value: Value) -> bool:
        """Say whether a node that was added is the value; a section of git's is not for being named like a variable."""
        items = value if isinstance(value, list) else [value]
        if self.parsed.lens == "Gitconfig.lns" and not parent and not any(isinstance(item, dict) for item in items):
            return False
        return super()._is_read_as(before, parent, value)
