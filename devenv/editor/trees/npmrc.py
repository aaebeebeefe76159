"""An .npmrc: values as npm reads them, and lists under keys that end in []."""

from __future__ import annotations

from devenv.editor.keypath import spelled
from devenv.editor.trees.quoted import QuotedDocument
from devenv.editor.trees.view import HIDDEN
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from devenv.editor.trees.parse import Trail
    from devenv.editor.values import Value


class NpmrcDocument(QuotedDocument):
    """One .npmrc."""

    def _add(self, parent: Trail, indices: list[int], label: str, value: Value) -> None:
        """Add what a value is under a label; EditError for a second one of a key of which npm reads the last alone."""
        there = any(child.label == label for child in self.parsed.root.children)
        several = there or (isinstance(value, list) and len(value) > 1)
        if several and label not in HIDDEN and not label.endswith("[]"):
            raise EditError(
                f"{spelled((label,))} would be there more than once, and npm reads the last one alone",
                hint=f"a list has [] behind its name: {spelled((f'{label}[]',))}",
            )
        super()._add(parent, indices, label, value)
