"""Which Python of the box is meant: the one said at a set-up, the editors' own, or else the system's.

Imports little: ``devenv python`` and the program in ``.vagrant/devenv/bin`` wait for it.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from devenv import paths

if TYPE_CHECKING:
    from devenv.box.project import Project

# pip is a module everywhere, and a program of some name or other
_MODULE = 'm=$1; shift; [ -z "$m" ] || set -- -m "$m" "$@"; exec "$p" "$@"'


def command(project: "Project", machine: str, arguments: Sequence[str], *, module: str = "") -> list[str]:
    """Return the words that start the interpreter in the box with arguments, of a module where one is named."""
    said = chosen(project, machine)
    if said is not None:
        return [said, *(["-m", module] if module else []), *arguments]
    pick = f"p={paths.GUEST_VENV}/bin/python; [ -x $p ] || p=python3; "
    return ["sh", "-c", pick + _MODULE, "python", module, *arguments]


def chosen(project: "Project", machine: str) -> str | None:
    """Return the interpreter that a set-up for this machine was told to use; None: devenv's own choice."""
    try:
        data = json.loads((project.state / "ide.json").read_text(encoding="utf-8"))
        for each in data["editors"].values():
            if each["machine"] == machine and (said := each["options"].get("interpreter")):
                return str(said)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    return None
