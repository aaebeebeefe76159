"""The smallest things devenv puts into files for editors, each with what it takes to get it out again.

A piece is a function from a file's bytes to its bytes, made by devenv.editor where the file has a format. ``put``
returns the new bytes and an *undo*: data (JSON) from which ``take`` makes the bytes without the piece, whatever else
has become of the file since; what the user has changed in it meanwhile is the user's, and stays.

Adding a kind of piece is a class here (or in a module named in KINDS) and nothing else.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

from devenv.ide.jsonfile import BLANK, JsonFile, edited, gone_back, same, way_back
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from devenv.editor.edits import Edit

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
        from devenv.editor import Set

        file = JsonFile(data or b"")
        file.expect(self.steps, array=False)
        found, before = file.find(self.steps)
        undo: Undo = {"steps": list(self.steps), "value": self.value, "made": data is None}
        if found and (self.keep or same(before, self.value)):
            return file.data, undo | {"was": True}
        if found:
            undo["before"] = file.source(self.steps)
        else:
            undo["above"] = file.missing_above(self.steps)
        return _put(file, [Set(_pointer(self.steps), self.value, force=True)], undo)

    @staticmethod
    def take(data: bytes, undo: Undo) -> bytes | None:
        return _take(data, undo, undo["steps"], changed=lambda now: not same(now, undo["value"]))


@dataclass(frozen=True)
class JsonEntry:
    """An object in an array of a JSON file with comments, known by some of its keys; ``steps`` lead to the array.

    What the user adds to it (``env``, ``args``) stays when it is put again, and makes it theirs when it is taken out.
    With ``shared`` the editor too adds to the entry, to its arrays as well: that goes with it when it is taken out,
    unless the entry was there before.
    """

    steps: tuple[str, ...]
    value: Mapping[str, Any]
    by: tuple[str, ...] = ("name",)
    shared: bool = False

    kind: ClassVar[str] = "json entry"

    @property
    def key(self) -> str:
        return _path(self.steps) + "[" + ",".join(f"{name}={self.value[name]}" for name in self.by) + "]"

    def put(self, data: bytes | None) -> tuple[bytes, Undo]:
        from devenv.editor import Append, Merge, Set

        file = JsonFile(data or b"")
        file.expect(self.steps, array=True)
        found, array = file.find(self.steps)
        mark = {name: self.value[name] for name in self.by}
        value = dict(self.value)
        undo: Undo = {"steps": list(self.steps), "mark": mark, "value": value, "made": data is None}
        index = _index(array, mark) if found else None
        if index is None:
            undo |= {"shared": self.shared, "above": file.missing_above((*self.steps, ""))}
            path = _pointer(self.steps)
            return _put(file, [Append(path, (value,)) if found else Set(path, [value])], undo)
        place = _pointer((*self.steps, index))
        arrays = "unique" if self.shared else "replace"
        after, undo = _put(file, [Merge(place, value, arrays=arrays, force=True)], undo)
        if after == file.data:
            return after, undo | {"was": True}
        undo["before"] = file.source((*self.steps, index))
        return after, undo | {"value": JsonFile(after).find((*self.steps, index))[1]}

    @staticmethod
    def take(data: bytes, undo: Undo) -> bytes | None:
        found, array = JsonFile(data).find(undo["steps"])
        index = _index(array, undo["mark"]) if found and isinstance(array, list) else None
        if index is None:
            return data

        def changed(now: Any) -> bool:
            return not undo.get("shared") and not same(now, undo["value"])

        return _take(data, undo, [*undo["steps"], index], changed=changed)


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
        from devenv.editor import Append, Set

        file = JsonFile(data or b"")
        file.expect(self.steps, array=True)
        found, array = file.find(self.steps)
        undo: Undo = {"steps": list(self.steps), "value": self.value, "made": data is None}
        if found and _place(array, self.value) is not None:
            return file.data, undo | {"was": True}
        undo["above"] = file.missing_above((*self.steps, ""))
        path = _pointer(self.steps)
        return _put(file, [Append(path, (self.value,)) if found else Set(path, [self.value])], undo)

    @staticmethod
    def take(data: bytes, undo: Undo) -> bytes | None:
        found, array = JsonFile(data).find(undo["steps"])
        index = _place(array, undo["value"]) if found and isinstance(array, list) else None
        if index is None:
            return data
        return _take(data, undo, [*undo["steps"], index], changed=lambda now: False)


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
        from devenv.ide.sections import lacks_end, placed

        before = data or b""
        text = placed(before, self.name, self.lines, self.comment, top=self.top)
        undo = {"name": self.name, "comment": self.comment, "made": data is None}
        return text, undo | {"ended": not self.top and lacks_end(before)}

    @staticmethod
    def take(data: bytes, undo: Undo) -> bytes | None:
        from devenv.ide.sections import removed, without_end

        rest = removed(data, undo["name"], undo["comment"])
        if undo.get("ended") and rest != data and data.startswith(rest):
            rest = without_end(rest)
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


def _path(steps: Sequence[str | int]) -> str:
    from devenv.editor.keypath import spelled

    return spelled(tuple(steps))


def _pointer(steps: Sequence[str | int]) -> str:
    """Return the path of an edit: keys are keys here, whatever dots the keys beside them have."""
    from devenv.editor.keypath import pointer

    return pointer(steps)


def _index(array: list[Any], mark: Mapping[str, Any]) -> int | None:
    """Return which entry of an array has these values; None when none has."""
    for index, entry in enumerate(array):
        if isinstance(entry, dict) and all(same(entry.get(name), value) for name, value in mark.items()):
            return index
    return None


def _place(array: list[Any], value: str | int) -> int | None:
    return next((index for index, each in enumerate(array) if same(each, value)), None)


def _put(file: JsonFile, edits: "list[Edit]", undo: Undo) -> tuple[bytes, Undo]:
    """Make the edits; the undo also knows the very bytes of before, for a file that nobody changes until then."""
    after = edited(file.data, edits, bare=file.bare)
    return after, undo | {"bare": file.bare, "back": None if undo["made"] else way_back(file.data, after)}


def _take(data: bytes, undo: Undo, steps: list[str | int], *, changed: Callable[[Any], bool]) -> bytes | None:
    """Return the text without what was put there, or with what had been there; as it is if somebody changed it."""
    from devenv.editor import Set, Unset
    from devenv.editor.values import from_json

    back = gone_back(data, undo.get("back"))
    if back is not None:
        return back
    found, now = JsonFile(data).find(steps)
    if undo.get("was") or not found or changed(now):
        return data
    if "before" in undo:
        return edited(data, [Set(_pointer(steps), from_json(undo["before"]), force=True)], bare=False)
    data = edited(data, [Unset(_pointer(steps))], bare=False)
    for container in reversed(undo["above"]):
        if JsonFile(data).find(container)[1] in ({}, []):
            data = edited(data, [Unset(_pointer(container))], bare=False)
    rest = JsonFile(data)
    if not undo["bare"] or rest.find(())[1] != {}:
        return data
    without = rest.without_object()
    return without if without.strip(BLANK) or not undo["made"] else None
