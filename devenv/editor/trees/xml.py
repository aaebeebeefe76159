"""An XML file as the engine wants it: elements and attributes by path, text escaped and unescaped."""

from devenv.editor.document import Steps
from devenv.editor.trees import xmlchange
from devenv.editor.trees.document import TreeDocument
from devenv.editor.trees.parse import Parsed, Trail
from devenv.editor.trees.view import HIDDEN, View
from devenv.editor.trees.xmlparse import TEXTS
from devenv.editor.values import Value


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

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return XmlView(parsed)

    def _places(self, parent: Trail, label: str, value: Value) -> list[int]:
        children = self.parsed.at(parent).children
        last = max((at for at, child in enumerate(children) if child.label == label), default=-1)
        return [last + 1 if last >= 0 else len(children)]

    def made_by(self, expression: str) -> Steps | None:
        """Return what an expression of plain labels would make; text and attributes are made by dotted paths."""
        made = super().made_by(expression)
        return None if made is None or any(str(step)[:1] == "#" for step in made) else made
