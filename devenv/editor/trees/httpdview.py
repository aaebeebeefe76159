"""httpd's files as values: a directive goes by its name, and is what stands behind it.

A directive with one argument is that text, with several an array of them; a section keeps its arguments under ``arg``.
Names that differ in case alone are one, spelled as the first of them. Quotes are no part of a value.
"""

from __future__ import annotations

from devenv.editor.trees import httpdwords
from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.trees.view import HIDDEN, Spot, View
from devenv.editor.values import Value
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from devenv.editor.document import Match, Steps

DIRECTIVE, ARG, WORDLIST = "directive", "arg", "wordlist"
"""Labels of Augeas's lens that are no names of sections."""

_PERL = "Perl"


def is_section(node: Node) -> bool:
    """Say whether a node is a section, whose arguments and directives are below it."""
    return node.label not in (DIRECTIVE, ARG, WORDLIST, _PERL) and node.label not in HIDDEN


def name_of(node: Node) -> str:
    """Return the name of a directive or a section, or the label of what is neither."""
    return node.value if node.label == DIRECTIVE else node.label


class HttpdView(View):
    """The values of one file of httpd."""

    def __init__(self, parsed: Parsed) -> None:
        super().__init__(parsed)
        # what stands behind a name is taken apart here, quotes and all
        self.by_line = False
        self._raw: dict[Steps, Steps] = {}

    def children(self, trail: Trail) -> list[tuple[str, Trail]]:
        """Return key and trail of each child that is part of the node's value."""
        known = self._children.get(trail)
        if known is None:
            node = self.parsed.at(trail)
            below = [((*trail, at), child) for at, child in enumerate(node.children) if child.label not in HIDDEN]
            if node.label == DIRECTIVE or node.label == WORDLIST:
                known = [] if _is_one(node) else [(str(number), at) for number, (at, _) in enumerate(below, 1)]
            else:
                spelled: dict[str, str] = {}
                known = [(spelled.setdefault(name_of(child).lower(), name_of(child)), at) for at, child in below]
            self._children[trail] = known
        return known

    def valued(self, trail: Trail) -> Trail:
        """Return the trail of what holds a node's own value: the one argument of a directive."""
        node = self.parsed.at(trail)
        return (*trail, 0) if node.children and _is_one(node) else trail

    def text(self, trail: Trail) -> str:
        """Return what a node's own value means."""
        node = self.parsed.at(self.valued(trail))
        if node.label == ARG:
            return httpdwords.meant(node.value)
        return "" if node.label == DIRECTIVE else node.value

    def key(self, trail: Trail) -> str:
        """Return the key a node goes by."""
        return next((key for key, at in self.children(trail[:-1]) if at == trail), super().key(trail))

    def named(self, trail: Trail, key: str) -> list[Trail]:
        """Return the trails of the children with a key, in any case; comments too."""
        wanted = key.lower()
        found = [at for name, at in self.children(trail) if name.lower() == wanted]
        return found or super().named(trail, key)

    def value(self, trail: Trail) -> Value:
        """Return what a node is as a value, all the way down."""
        return {} if self._is_empty(trail) else super().value(trail)

    def kind(self, spot: Spot) -> str:
        """Return object, array or string."""
        return "object" if spot.what == "node" and self._is_empty(spot.trail) else super().kind(spot)

    def _is_empty(self, trail: Trail) -> bool:
        """Say whether a node is a section with nothing in it."""
        return bool(trail) and is_section(self.parsed.at(trail)) and not self.children(trail)

    def matches(self, trail: Trail, match: Match) -> bool:
        """Say whether a node is the one a match means: a directive by all that stands behind its name."""
        node = self.parsed.at(trail)
        if match.key is None and node.label == DIRECTIVE and len(node.children) > 1:
            return " ".join(httpdwords.meant(child.value) for child in node.children) == match.value
        return super().matches(trail, match)

    def labels(self, node: Node) -> tuple[str, ...]:
        """Return what a node is known by when two trees are compared: a directive by its name, too."""
        label = node.label if node.label in HIDDEN else node.label.lower()
        return (label, node.value.lower()) if label == DIRECTIVE else (label,)

    def raw(self, steps: Steps) -> Steps:
        """Return steps as labels() has them, without indices."""
        names = tuple(step for step in steps if isinstance(step, str) and step != ".")
        found = self._raw.get(names)
        if found is None:
            found = self._raw[names] = self._named_so(names)
        return found

    def _named_so(self, names: Steps) -> Steps:
        found: list[str] = []
        trails: list[Trail] = [()]
        for at, name in enumerate(map(str, names)):
            if name == DIRECTIVE or name in HIDDEN:
                # as the lens has it from here on, whichever directives or comments those are
                return (*found, name)
            trails = [there for trail in trails for there in self.named(trail, name)]
            # what is to be made is a section when something is to be in it
            directive = at == len(names) - 1 and name != ARG
            if trails:
                directive = self.parsed.at(trails[0]).label == DIRECTIVE
            found += [DIRECTIVE, name.lower()] if directive else [name.lower()]
        return tuple(found)


def _is_one(node: Node) -> bool:
    """Say whether a directive has one argument alone, or none."""
    return node.label == DIRECTIVE and not node.children[1:] and all(child.label == ARG for child in node.children)
