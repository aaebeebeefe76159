"""What was put in, so that exactly that can be taken out again.

Two files: ``ide.json`` in the project's state folder says which editors are set up and what each of them needed;
``ide.json`` in the user's data folder says, for pieces in files outside the project, how to take them out and which
projects rely on them: the last one to go takes the piece along.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from devenv import paths
from devenv.box.project import Project, write_private
from devenv.ide.pieces import Undo


class Put(NamedTuple):
    """A piece that was put into a file; undo is None where the user's own record has it."""

    file: str
    scope: str
    kind: str
    key: str
    undo: Undo | None

    @property
    def id(self) -> tuple[str, str]:
        return self.file, self.key


class Setup(NamedTuple):
    """One editor set up for a machine of a project: the choices made, and all that was put in."""

    editor: str
    machine: str
    options: dict[str, str]
    put: tuple[Put, ...]


def file_of(project: Project) -> Path:
    """Return the project's record."""
    return project.state / "ide.json"


def user_file() -> Path:
    """Return the user's record."""
    return paths.user_data() / "ide.json"


def read(project: Project) -> dict[str, Setup]:
    """Return what is set up for a project, by editor; {} when nothing is, or the record cannot be read."""
    found = {}
    for name, data in _load(file_of(project)).get("editors", {}).items():
        try:
            put = tuple(Put(*(each[field] for field in Put._fields)) for each in data["put"])
            found[name] = Setup(name, data["machine"], dict(data["options"]), put)
        except (KeyError, TypeError):
            continue
    return found


def write(project: Project, setups: dict[str, Setup]) -> None:
    """Replace a project's record; with no editor left it goes."""
    file = file_of(project)
    if not setups:
        file.unlink(missing_ok=True)
        return
    editors = {
        name: {"machine": each.machine, "options": each.options, "put": [put._asdict() for put in each.put]}
        for name, each in setups.items()
    }
    _replace(file, {"version": 1, "editors": editors})


class Shared:
    """The user's record: pieces outside of projects, by file and key."""

    def __init__(self) -> None:
        self.data: dict[str, dict[str, Any]] = {}
        for word, each in _load(user_file()).get("pieces", {}).items():
            if isinstance(each, dict) and isinstance(each.get("projects"), list):
                self.data[word] = each

    def undo(self, put: Put) -> Undo | None:
        """Return how to take a piece out; None when it is not known."""
        found = self.data.get(_word(put))
        return found["undo"] if found else None

    def claim(self, put: Put, undo: Undo, root: Path) -> None:
        """Say that a project relies on a piece, and how it is taken out now."""
        each = self.data.setdefault(_word(put), {"undo": undo, "projects": []})
        each["undo"] = undo
        if str(root) not in each["projects"]:
            each["projects"].append(str(root))

    def release(self, put: Put, root: Path) -> Undo | None:
        """Say that a project no longer relies on a piece; return how to take it out when nobody does."""
        each = self.data.get(_word(put))
        if each is None:
            return None
        each["projects"] = [other for other in each["projects"] if other != str(root) and _relies(other)]
        if each["projects"]:
            return None
        undo: Undo = self.data.pop(_word(put))["undo"]
        return undo

    def write(self) -> None:
        """Replace the user's record; an empty one goes."""
        if self.data:
            _replace(user_file(), {"version": 1, "pieces": self.data})
        else:
            user_file().unlink(missing_ok=True)


def _relies(root: str) -> bool:
    return file_of(Project(Path(root))).exists()


def _word(put: Put) -> str:
    return f"{put.file}\n{put.key}"


def _replace(file: Path, data: dict[str, Any]) -> None:
    if _load(file) != data:
        write_private(file, json.dumps(data, indent=1) + "\n")


def _load(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
