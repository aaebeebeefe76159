"""An XML file as the engine wants it: elements and attributes by path, text escaped and unescaped."""

from __future__ import annotations

from devenv.editor.document import Steps
from devenv.editor.trees import making, xmlchange
from devenv.editor.trees.document import TreeDocument
from devenv.editor.trees.parse import Parsed, Trail
from devenv.editor.trees.view import HIDDEN, Spot, View
from devenv.editor.trees.xmlparse import TEXTS, wrong
from devenv.editor.values import Value
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class XmlView(View):
    """The values of an XML text: text between elements too, where it is not just blanks."""

    def children(self, trail: Trail) -> list[tuple[str, Trail]]:
        """Return key and trail of each child that is part of the element's value."""
        known = self._children.get(trail)
        if known is None:
            known = self._children[trail] = [
                (child.label, (*trail, index))
                for index, child in enumerate(self.parsed.at(trail).children)
                if child.label not in HIDDEN or (child.label in TEXTS and child.value.strip())
            ]
        return known


class XmlDocument(TreeDocument):
    """One XML text; see xmlparse.py for what a path names."""

    by_lines = False
    change = xmlchange

    def __init__(self, data: bytes, lens: str) -> None:
        super().__init__(data, lens)
        # the lens takes some of what no reader of XML does: an attribute twice, a < in a value
        ill = wrong(self.parsed.text) if self.parsed.encoding == "utf-8" else None
        if ill:
            raise ill

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return XmlView(parsed)

    def _places(self, parent: Trail, label: str, value: Value) -> list[int]:
        children = self.parsed.at(parent).children
        last = max((at for at, child in enumerate(children) if child.label == label), default=-1)
        return [last + 1 if last >= 0 else len(children)]

    def same(self, have: Value, wanted: Value, at: Steps = ()) -> bool:
        """Say whether what is there is what is wanted there; an element with nothing but attributes has no text."""
        bare = wanted in ("", None) and isinstance(have, dict) and not any(map(_is_element, have))
        return bare or super().same(have, wanted, at)

    def _joinings(self, parent: Trail, rest: Steps) -> Iterator[Steps]:
        """Yield the ways steps may be names: with dots where such names are, not where a step alone is no name."""
        joined = making.has_dots(self.parsed, parent)
        return making.joinings(rest, joined=True) if joined else iter([rest])

    def _remove(self, trail: Trail) -> None:
        """Take out an element or attribute; one that cannot go does not take with it what it is in."""
        self._use(self.change.remove(self.parsed, trail))

    def _replace_by_object(self, spot: Spot, value: dict[str, Value]) -> None:
        """Make an element what an object says; attributes come first and go last, since a prefix needs its own."""
        if spot.what != "node":
            super()._replace_by_object(spot, value)
        for key in sorted(value, key=_is_element):
            self._put((*spot.steps, key), value[key])
        entries = [str(entry) for entry in self.view.entries(self._spot(spot.steps))]
        for entry in sorted(entries, key=_is_element, reverse=True):
            if entry not in value:
                self._delete((*spot.steps, entry))

    def made_by(self, expression: str) -> Steps | None:
        """Return what an expression of plain labels would make; text and attributes are made by dotted paths."""
        made = super().made_by(expression)
        return None if made is None or any(str(step)[:1] == "#" for step in made) else made


def _is_element(key: str) -> bool:
    return key[:1] != "@"
