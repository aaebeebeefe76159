"""The smallest things devenv puts into files for editors, each with what it takes to get it out again.

A piece is a function from a file's bytes to its bytes, made by devenv.editor where the file has a format. ``put``
returns the new bytes and an *undo*: data (JSON) from which ``take`` makes the bytes without the piece, whatever else
has become of the file since; what the user has changed in it meanwhile is the user's, and stays.

Adding a kind of piece is a class here (or in a module named in KINDS) and nothing else.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

Undo = dict[str, Any]


class Piece(Protocol):
    """One thing to be in a file."""

    @property
    def kind(self) -> str:
        """Its word in KINDS."""
        ...

    @property
    def key(self) -> str:
        """What tells it from other pieces in the same file; the same at every setup."""
        ...

    def put(self, data: bytes | None) -> tuple[bytes, Undo]:
        """Return the file's bytes (None: it is not there) with the piece in it, and how to take it out.

        A piece that is there as it should be gives the same bytes. Raises ParseError or EditError for a file it
        cannot be put in.
        """
        ...


class Placed(NamedTuple):
    """A piece and the file it goes into."""

    file: Path
    piece: Piece
    scope: str = "user"
    """Whose the file is: ``user`` (asked before, backed up), ``project`` (shared in git) or ``own`` (devenv's)."""


@dataclass(frozen=True)
class JsonValue:
    """A value at a key path of a JSON file with comments; ``steps`` are the keys on the way, as they are.

    With ``keep`` a value of the user's own is left as it is.
    """

    steps: tuple[str, ...]
    value: Any
    keep: bool = False

    kind: ClassVar[str] = "json value"

    @property
    def key(self) -> str:
        return _path(self.steps)

    def put(self, data: bytes | None) -> tuple[bytes, Undo]:
        from devenv.editor import Set, edit_text

        text = _json(data)
        found, before = _read(text, self.key)
        undo: Undo = {"path": self.key, "value": self.value, "made": data is None}
        if found:
            undo["before"] = before
        if found and self.keep:
            return text if data is not None else b"", undo | {"value": before}
        undo["above"] = _missing_above(text, self.steps)
        return edit_text(text, [Set(self.key, self.value, force=True)], format="json").data, undo

    @staticmethod
    def take(data: bytes, undo: Undo) -> bytes | None:
        from devenv.editor import Set, edit_text

        found, now = _read(data, undo["path"])
        if not found or now != undo["value"]:
            return data
        if "before" in undo:
            return edit_text(data, [Set(undo["path"], undo["before"], force=True)], format="json").data
        return _without(data, undo["path"], undo.get("above", []), made=undo["made"])


@dataclass(frozen=True)
class JsonEntry:
    """An object in an array of a JSON file with comments, known by one of its keys; ``steps`` lead to the array."""

    steps: tuple[str, ...]
    value: Mapping[str, Any]
    by: tuple[str, ...] = ("name",)

    kind: ClassVar[str] = "json entry"

    @property
    def key(self) -> str:
        return _path(self.steps) + "[" + ",".join(f"{name}={self.value[name]}" for name in self.by) + "]"

    def put(self, data: bytes | None) -> tuple[bytes, Undo]:
        from devenv.editor import Append, Set, edit_text

        text = _json(data)
        path = _path(self.steps)
        found, array = _read(text, path)
        mark = {name: self.value[name] for name in self.by}
        undo: Undo = {"path": path, "mark": mark, "value": dict(self.value), "made": data is None}
        index = _index(array, mark) if found else None
        if index is not None:
            undo["before"] = array[index]
            return edit_text(text, [Set(f"{path}[{index}]", dict(self.value), force=True)], format="json").data, undo
        undo["above"] = _missing_above(text, self.steps)
        if not found:
            edit = Set(path, [dict(self.value)])
            return edit_text(text, [edit], format="json").data, undo | {"above": [*undo["above"], path]}
        return edit_text(text, [Append(path, (dict(self.value),))], format="json").data, undo

    @staticmethod
    def take(data: bytes, undo: Undo) -> bytes | None:
        from devenv.editor import Set, edit_text

        found, array = _read(data, undo["path"])
        index = _index(array, undo["mark"]) if found else None
        if index is None or array[index] != undo["value"]:
            return data
        place = f"{undo['path']}[{index}]"
        if "before" in undo:
            return edit_text(data, [Set(place, undo["before"], force=True)], format="json").data
        return _without(data, place, undo.get("above", []), made=undo["made"])


@dataclass(frozen=True)
class JsonItem:
    """A text or number in an array of a JSON file with comments, once."""

    steps: tuple[str, ...]
    value: str | int

    kind: ClassVar[str] = "json item"

    @property
    def key(self) -> str:
        return f"{_path(self.steps)}[={self.value}]"

    def put(self, data: bytes | None) -> tuple[bytes, Undo]:
        from devenv.editor import Append, Set, edit_text

        text = _json(data)
        path = _path(self.steps)
        found, array = _read(text, path)
        undo: Undo = {"path": path, "value": self.value, "made": data is None}
        if found and isinstance(array, list) and self.value in array:
            return text, undo | {"was": True}
        above = _missing_above(text, self.steps)
        if not found:
            edited = edit_text(text, [Set(path, [self.value])], format="json").data
            return edited, undo | {"above": [*above, path]}
        return edit_text(text, [Append(path, (self.value,))], format="json").data, undo | {"above": above}

    @staticmethod
    def take(data: bytes, undo: Undo) -> bytes | None:
        found, array = _read(data, undo["path"])
        if undo.get("was") or not found or not isinstance(array, list) or undo["value"] not in array:
            return data
        place = f"{undo['path']}[{array.index(undo['value'])}]"
        return _without(data, place, undo.get("above", []), made=undo["made"])


@dataclass(frozen=True)
class Section:
    """Lines of a text file between two marks of ours, at its end; ``top`` puts them at the very top.

    ``comment`` begins a comment in the file's language, ``name`` tells one section from others.
    """

    name: str
    lines: tuple[str, ...]
    comment: str = "#"
    top: bool = False

    kind: ClassVar[str] = "section"

    @property
    def key(self) -> str:
        return self.name

    def put(self, data: bytes | None) -> tuple[bytes, Undo]:
        from devenv.ide.sections import placed

        text = placed(data or b"", self.name, self.lines, self.comment, top=self.top)
        return text, {"name": self.name, "comment": self.comment, "made": data is None}

    @staticmethod
    def take(data: bytes, undo: Undo) -> bytes | None:
        from devenv.ide.sections import removed

        rest = removed(data, undo["name"], undo["comment"])
        return None if undo["made"] and not rest.strip() else rest


@dataclass(frozen=True)
class OwnFile:
    """A whole file that devenv makes. One that is there and is not devenv's is not overwritten (ConflictError)."""

    text: str
    executable: bool = False
    """Whether it is a program; see ``writing``."""

    kind: ClassVar[str] = "file"

    @property
    def key(self) -> str:
        return "file"

    def put(self, data: bytes | None) -> tuple[bytes, Undo]:
        wanted = self.text.encode()
        return wanted, {"sha256": hashlib.sha256(wanted).hexdigest()}

    @staticmethod
    def take(data: bytes, undo: Undo) -> bytes | None:
        return None if hashlib.sha256(data).hexdigest() == undo["sha256"] else data


KINDS = {
    "json value": "devenv.ide.pieces:JsonValue",
    "json entry": "devenv.ide.pieces:JsonEntry",
    "json item": "devenv.ide.pieces:JsonItem",
    "section": "devenv.ide.pieces:Section",
    "file": "devenv.ide.pieces:OwnFile",
    "xml element": "devenv.ide.xmlpieces:XmlElement",
}


def take(kind: str, data: bytes, undo: Undo) -> bytes | None:
    """Return a file's bytes without a piece; None when nothing of the file is left that was not devenv's."""
    import importlib

    module, _, name = KINDS[kind].partition(":")
    taken: bytes | None = getattr(importlib.import_module(module), name).take(data, undo)
    return taken


# JSON


def _json(data: bytes | None) -> bytes:
    """Return a JSON text: editors take a file with nothing in it for an empty object."""
    if data is None or not data.strip(b" \t\r\n\xef\xbb\xbf"):
        return (data or b"") if (data or b"").startswith(b"\xef\xbb\xbf") else b""
    return data


def _path(steps: tuple[str, ...]) -> str:
    from devenv.editor.keypath import spelled

    return spelled(steps)


def _read(data: bytes, path: str) -> tuple[bool, Any]:
    """Return whether there is a value at a path, and which."""
    from devenv.editor import formats, keypath
    from devenv.editor.values import to_plain

    if not data.strip(b" \t\r\n\xef\xbb\xbf"):
        return False, None
    document = formats.open_document(data, formats.named("json"))
    places = document.find(keypath.parse(path, tree=document.tree).steps)
    return (True, to_plain(document.read(places[0]))) if places else (False, None)


def _index(array: Any, mark: Mapping[str, Any]) -> int | None:
    """Return which entry of an array has these values."""
    from devenv.errors import EditError

    if not isinstance(array, list):
        raise EditError("what should be an array is something else")
    for index, entry in enumerate(array):
        if isinstance(entry, dict) and all(entry.get(name) == value for name, value in mark.items()):
            return index
    return None


def _missing_above(data: bytes, steps: tuple[str, ...]) -> list[str]:
    """Return the paths of the containers that putting something below will make, outermost first."""
    above = [_path(steps[:depth]) for depth in range(1, len(steps))]
    return [path for path in above if not _read(data, path)[0]]


def _without(data: bytes, path: str, above: list[str], *, made: bool) -> bytes | None:
    """Return the text without a value, nor the containers that were made for it, if they are empty now."""
    from devenv.editor import Unset, edit_text

    data = edit_text(data, [Unset(path)], format="json").data
    for container in reversed(above):
        if _read(data, container)[1] in ({}, []):
            data = edit_text(data, [Unset(container)], format="json").data
    return None if made and _read(data, "$")[1] == {} else data
