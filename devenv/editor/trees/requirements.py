"""A file of pip's requirements: a package goes by its name however that is spelled."""

from __future__ import annotations

from devenv.editor.lens import CANNOT_HOLD
from devenv.editor.trees.document import TreeDocument
from devenv.editor.trees.view import View
from devenv.editor.values import Value, shown
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from devenv.editor.document import Steps
    from devenv.editor.trees.parse import Parsed, Trail


class RequirementsView(View):
    """The packages and options of a file of requirements."""

    def named(self, trail: Trail, key: str) -> list[Trail]:
        """Return the trails of the children with a key: to pip, Zope_Interface and zope.interface are one package."""
        found = super().named(trail, key)
        if found or trail or key[:1] == "@" or not any(mark in key for mark in "-_.") or self._is_below(key):
            return found
        wanted = _normal(key)
        return [at for name, at in self.children(trail) if name[:1] != "@" and _normal(name) == wanted]

    def _is_below(self, key: str) -> bool:
        """Say whether a key with a dot is something of a package that is there: its extra or its marker."""
        package, dot, _ = key.partition(".")
        return dot != "" and bool(super().named((), package))

    def _key(self, parent: Trail, trail: Trail, label: str) -> str:
        return self.parsed.at(trail).label


class RequirementsDocument(TreeDocument):
    """One file of requirements."""

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return RequirementsView(parsed)

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it and its parents."""
        try:
            super().put(steps, value, force=force)
        except EditError as exc:
            raise _explained(exc, steps, value) from None

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry index."""
        try:
            super().insert(steps, index, value)
        except EditError as exc:
            raise _explained(exc, steps, value) from None


def _normal(name: str) -> str:
    """Return a package's name as PEP 503 has it."""
    parts = name.lower().replace("_", "-").replace(".", "-").split("-")
    return "-".join(part for part in parts if part)


def _explained(refusal: EditError, steps: Steps, value: Value) -> EditError:
    """Return what a person can do something about where the lens says only that it does not take a value."""
    one = len(steps) == 1 and isinstance(steps[0], str) and steps[0][:1] not in ("", "@") and isinstance(value, str)
    if not one or not value or not (refusal.message.startswith(CANNOT_HOLD) or "no single value" in refusal.message):
        return refusal
    version, marker, _ = value.partition(";")
    if marker:
        hint = f"the marker is an entry of its own: {steps[0]}.marker"
    elif "/" in value:
        hint = f"a URL is an entry of its own: {steps[0]}.url"
    else:
        number = version.strip(" =")
        plain = number.replace(".", "").isalnum()
        hint = f"write it as pip does: {steps[0]} '=={number if plain else '1.0'}'"
    return EditError(f"{shown(value)} is no version of a package", hint=hint)
