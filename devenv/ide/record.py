"""What was put in, so that exactly that can be taken out again.

Two files: ``ide.json`` in the project's state folder says which editors are set up and what each of them needed, with
paths from the project's folder, which may be moved; ``ide.json`` in the user's data folder says, for pieces in files
outside the project, how to take them out and which projects rely on them: the last one to go takes the piece along.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from devenv import paths
from devenv.box.project import Project, write_private
from devenv.errors import ConflictError, ParseError
from devenv.ide.pieces import Undo

VERSION = 1


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


@contextlib.contextmanager
def locked(waiting: Callable[[str], None]) -> Iterator[None]:
    """Keep the user's record, and the choice of host names, from other projects' set-ups until it is written."""
    from devenv.box.filelock import locked as held

    with held(
        paths.user_data() / "ide.lock",
        what="devenv ide",
        waiting=lambda holder: waiting(f"waiting for {holder} in another project"),
    ):
        yield


def of_project(put: Put, project: Project) -> bool:
    """Say whether a piece is the project's alone, so that its own record says how to take it out."""
    return put.scope in ("project", "box") or Path(put.file).is_relative_to(project.state)


def read(project: Project) -> dict[str, Setup]:
    """Return what is set up for a project, by editor; {} when nothing is.

    Raises ParseError for a record that somebody spoilt: without it nobody knows what to take out.
    """
    found = {}
    for name, data in _table(_load(file_of(project), strict=True), "editors").items():
        try:
            put = tuple(_put(each, project.root) for each in data["put"])
            options = {str(key): str(value) for key, value in data["options"].items()}
            found[name] = Setup(name, str(data["machine"]), options, put)
        except (KeyError, TypeError, AttributeError):
            continue
    return found


def write(project: Project, setups: Mapping[str, Setup]) -> None:
    """Replace a project's record; with no editor left it goes."""
    file = file_of(project)
    if not setups:
        file.unlink(missing_ok=True)
        return
    editors = {
        name: {
            "machine": each.machine,
            "options": each.options,
            "put": [_moved(put, lambda path: _inside(path, project.root))._asdict() for put in each.put],
        }
        for name, each in setups.items()
    }
    _replace(file, {"version": VERSION, "editors": editors})


def write_both(project: Project, setups: Mapping[str, Setup], shared: "Shared") -> None:
    """Replace both records; the project's comes first: the user's asks it whether a project relies on a piece."""
    write(project, setups)
    shared.write()


class Shared:
    """The user's record: pieces outside of projects, by file and key."""

    def __init__(self) -> None:
        self.data: dict[tuple[str, str], dict[str, Any]] = {}
        pieces = _load(user_file()).get("pieces")
        for each in pieces if isinstance(pieces, list) else ():
            try:
                undo, projects = dict(each["undo"]), [str(root) for root in each["projects"]]
                data = {"kind": str(each["kind"]), "undo": undo, "projects": projects}
                self.data[str(each["file"]), str(each["key"])] = data
            except (KeyError, TypeError, ValueError):
                continue

    def undo(self, put: Put) -> Undo | None:
        """Return how to take a piece out; None when it is not known."""
        found = self.data.get(put.id)
        return found["undo"] if found else None

    def others(self, piece: tuple[str, str], root: Path) -> list[str]:
        """Return the folders of other projects that rely on a piece."""
        projects = self.data.get(piece, {}).get("projects", [])
        return [other for other in projects if other != str(root) and _relies(other)]

    def claim(self, put: Put, undo: Undo, root: Path) -> None:
        """Say that a project relies on a piece, and how it is taken out now."""
        each = self.data.setdefault(put.id, {"kind": put.kind, "undo": undo, "projects": []})
        each["undo"] = undo
        if str(root) not in each["projects"]:
            each["projects"].append(str(root))

    def release(self, put: Put, root: Path) -> Undo | None:
        """Say that a project no longer relies on a piece; return how to take it out when nobody does."""
        each = self.data.get(put.id)
        if each is None:
            return None
        each["projects"] = [other for other in each["projects"] if other != str(root) and _relies(other)]
        if each["projects"]:
            return None
        undo: Undo = self.data.pop(put.id)["undo"]
        return undo

    def write(self) -> None:
        """Replace the user's record; an empty one goes."""
        if self.data:
            pieces = [{"file": file, "key": key, **each} for (file, key), each in self.data.items()]
            _replace(user_file(), {"version": VERSION, "pieces": pieces})
        else:
            user_file().unlink(missing_ok=True)


def pieces(known: Mapping[str, Setup], shared: Shared, machine: str) -> dict[tuple[str, str], tuple[str, Undo]]:
    """Return the kind and the undo of all pieces that are devenv's by both records; in boxes those of one machine."""
    found = {
        put.id: (put.kind, put.undo)
        for setup in known.values()
        for put in setup.put
        if put.undo is not None and (put.scope != "box" or setup.machine == machine)
    }
    return {piece: (each["kind"], each["undo"]) for piece, each in shared.data.items()} | found


def by_file(given: Mapping[tuple[str, str], tuple[str, Undo]]) -> dict[str, list[tuple[str, Undo]]]:
    """Return the kinds and undos of pieces by the file they are in."""
    found: dict[str, list[tuple[str, Undo]]] = {}
    for (file, _), each in given.items():
        found.setdefault(file, []).append(each)
    return found


def _relies(root: str) -> bool:
    return file_of(Project(Path(root))).exists()


def _put(data: Any, root: Path) -> Put:
    put = Put(*(data[field] for field in Put._fields))
    texts = all(isinstance(word, str) for word in put[:4])
    if not texts or not isinstance(put.undo, dict | None):
        raise TypeError(data)
    return _moved(put, lambda path: str(root / path)) if put.scope != "box" else put


def _moved(put: Put, path: Callable[[str], str]) -> Put:
    """Return a piece with its file and the folders made for it under other paths."""
    if put.scope == "box":
        return put
    undo = put.undo
    if undo is not None and "folders" in undo:
        undo = undo | {"folders": [path(each) for each in undo["folders"]]}
    return put._replace(file=path(put.file), undo=undo)


def _inside(path: str, root: Path) -> str:
    return str(Path(path).relative_to(root)) if Path(path).is_relative_to(root) else path


def _replace(file: Path, data: dict[str, Any]) -> None:
    if _load(file) != data:
        write_private(file, json.dumps(data, indent=1) + "\n")


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _load(file: Path, *, strict: bool = False) -> dict[str, Any]:
    """Return a record; {} for one that is not there or damaged, which is a ParseError if strict.

    Raises ConflictError for one of a later devenv.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(data, dict):
            raise TypeError("is not an object")
    except OSError:
        return {}
    except (ValueError, TypeError, RecursionError) as exc:
        if strict:
            line, column = (exc.lineno, exc.colno) if isinstance(exc, json.JSONDecodeError) else (1, 1)
            hint = "it says what is set up here: move it away, then set the editors up again"
            raise ParseError(
                "is not a record of devenv ide", line=line, column=column, file=str(file), hint=hint
            ) from None
        return {}
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        raise ConflictError(f"{file} was written by a later devenv", hint="use that one; this one would lose its words")
    return data
