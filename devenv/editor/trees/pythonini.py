"""An INI file that Python's configparser reads as it is by default: setup.cfg, tox.ini, pip.conf and the like.

https://docs.python.org/3/library/configparser.html says how: no comments behind values, no key outside of a section, no
key or section twice.
"""

from __future__ import annotations

from devenv.editor.document import Steps
from devenv.editor.keypath import spelled
from devenv.editor.trees.ini import IniDocument, blanks_at_ends
from devenv.editor.trees.parse import Trail
from devenv.editor.values import Value
from devenv.errors import EditError


class PythonIniDocument(IniDocument):
    """One text of such a file."""

    marked = False

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it and its parents; EditError for what Python would strip off."""
        _check_ends(list(steps))
        _check_ends(value)
        super().put(steps, value, force=force)

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before an entry of a list of lines; EditError for what Python would strip off."""
        _check_ends(value)
        super().insert(steps, index, value)

    def _make_below(self, parent: Trail, rest: Steps, value: Value) -> None:
        if not parent and len(rest) == 1 and not isinstance(value, dict):
            raise EditError(
                f"{spelled(rest)} would stand above the first section, where Python's programs read no key",
                hint=f"name its section: SECTION.{spelled(rest)}",
            )
        super()._make_below(parent, rest, value)

    def _repeats(self) -> bool:
        """Say that a key comes once: a list is one with a line for each entry."""
        return False


def _check_ends(value: object) -> None:
    """Raise EditError for text with blanks at its ends that are none to the lens."""
    if isinstance(value, dict):
        _check_ends(list(value))
        _check_ends(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            _check_ends(item)
    elif isinstance(value, str) and value.strip(" \t") != value.strip():
        raise blanks_at_ends(value)
