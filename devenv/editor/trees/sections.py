"""Files whose lens gives all sections one label, and their names as values: here a section goes by its name.

``mysqld.port`` is what ``target[. = "mysqld"].port`` is, and both lead there.
"""

from __future__ import annotations

from devenv.editor.document import Match, Steps
from devenv.editor.keypath import spelled
from devenv.editor.trees.document import TreeDocument
from devenv.editor.trees.parse import Parsed, Trail
from devenv.editor.trees.view import Spot, View
from devenv.editor.values import Value
from devenv.errors import EditError

LABELS = {
    "MySQL": "target",
    "Samba": "target",
    "SSSD": "target",
    "Darkice": "target",
    "Dput": "target",
    "Splunk": "target",
    "Semanage": "@group",
}
"""The label of all sections, by the module of the lens."""


def label_of(lens: str) -> str | None:
    """Return the label a lens gives to all sections; None when they have labels of their own."""
    return LABELS.get(lens.partition(".")[0])


class SectionView(View):
    """The values of a text, its sections by name."""

    def __init__(self, parsed: Parsed) -> None:
        super().__init__(parsed)
        self.label = label_of(parsed.lens)

    def goes_by_name(self, label: str) -> bool:
        """Say whether what has entries below a label at the top is a section, which goes by its name."""
        return label != self.label

    def is_section(self, trail: Trail) -> bool:
        """Say whether a node is a section."""
        return len(trail) == 1 and self.parsed.at(trail).label == self.label

    def text(self, trail: Trail) -> str:
        """Return a node's own value; that of a section is its name."""
        return "" if self.is_section(trail) else super().text(trail)

    def key(self, trail: Trail) -> str:
        """Return the key a node goes by."""
        return self.parsed.at(trail).value if self.is_section(trail) else super().key(trail)

    def children(self, trail: Trail) -> list[tuple[str, Trail]]:
        """Return key and trail of each child that is part of the node's value."""
        found = super().children(trail)
        return found if trail else [(self.key(at), at) for _, at in found]

    def _key(self, parent: Trail, trail: Trail, label: str) -> str:
        return label if label == self.label else super()._key(parent, trail, label)

    def matches(self, trail: Trail, match: Match) -> bool:
        """Say whether a node is the one a match means: a section by its name."""
        if match.key is None and self.is_section(trail):
            return self.key(trail) == match.value
        return super().matches(trail, match)

    def read(self, spot: Spot) -> Value:
        """Return the value of a place: under their label, sections have their names in them."""
        if spot.what == "value" and self.is_section(spot.trail):
            return self.key(spot.trail)
        if spot.steps[:1] != (self.label,):
            return super().read(spot)
        values = [self._with_name(trail) for trail in spot.trails]
        return values if spot.what == "group" else values[0]

    def _with_name(self, trail: Trail) -> Value:
        value = self.value(trail)
        if not self.is_section(trail):
            return value
        return {".": self.key(trail)} | value if isinstance(value, dict) else self.key(trail)

    def _counted(self, trail: Trail) -> bool:
        return not self.is_section(trail) and super()._counted(trail)

    def raw(self, steps: Steps) -> Steps:
        """Return steps as the lens has them."""
        if not steps or self.label is None or not isinstance(steps[0], str):
            return steps
        plain = any(child.label == steps[0] for child in self.parsed.root.children)
        return steps if plain else (self.label, *steps[1:])


class SectionDocument(TreeDocument):
    """One text whose sections go by their names."""

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return SectionView(parsed)

    def _places(self, parent: Trail, label: str, value: Value) -> list[int]:
        section = label_of(self.parsed.lens)
        return super()._places(parent, section if section and not parent and isinstance(value, dict) else label, value)

    def _add(self, parent: Trail, indices: list[int], label: str, value: Value) -> None:
        section = label_of(self.parsed.lens)
        if not parent and isinstance(value, dict) and section and label != section and "." not in value:
            label, value = section, {".": label, **value}
        super()._add(parent, indices, label, value)

    def _is_read_as(self, before: Parsed, parent: Trail, value: Value) -> bool:
        return not parent or super()._is_read_as(before, parent, value)

    def _by_name(self, spot: Spot) -> bool:
        """Say whether a place is a section, or several of a name, named so."""
        if not spot.steps:
            return False
        view = self.view
        named = len(spot.steps) == 1 or spot.steps[-1] == "." or isinstance(spot.steps[-1], int)
        assert isinstance(view, SectionView)
        return named and spot.steps[:1] != (view.label,) and view.is_section(spot.trail)

    def _replace(self, spot: Spot, value: Value, *, force: bool = False) -> None:
        if not isinstance(value, dict) and self._by_name(spot):
            raise _is_section(spot)
        super()._replace(spot, value, force=force)

    def _insert(self, steps: Steps, index: int, value: Value) -> None:
        spot = self._spot(steps)
        if self._by_name(spot):
            raise _is_section(spot)
        super()._insert(steps, index, value)


def _is_section(spot: Spot) -> EditError:
    name = spelled(spot.steps[:-1] if spot.what == "value" else spot.steps)
    return EditError(f"{name} is a section, which has keys and no value", hint=f"name a key in it: {name}.KEY")
