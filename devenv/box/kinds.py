"""Kinds of value in devenv.yaml. Each kind reads a node, says what it accepts as JSON Schema, and names itself.

Reading and schema stand side by side in one class, so that they cannot drift apart. ``read`` returns the value or
raises Wrong; kinds that hold others put what is wrong with a member in the report and go on, so that all problems of a
file are found at once.
"""

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, cast

from devenv.box.lock import Json
from devenv.box.yamlfile import Node, Report

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

NO_CONTROL = r"[^\u0000-\u001f\u007f]"
"""One character of a text of one line, as a regular expression that Python and JavaScript read alike."""


class Wrong(Exception):
    """What is wrong with a value; node is given where it is not the value read itself."""

    def __init__(self, message: str, hint: str | None = None, *, node: Node | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.node = node


@dataclass(frozen=True)
class Place:
    """Where reading stands: the report, and the key shown with a problem, such as ``machines.web.ports``."""

    report: Report
    key: str = ""

    def below(self, key: str) -> "Place":
        return Place(self.report, f"{self.key}.{key}" if self.key else key)

    def add(self, node: Node, message: str, hint: str | None = None) -> None:
        self.report.add(node, self.key, message, hint)

    def read(self, kind: "Kind[T]", node: Node) -> "Located[T] | None":
        """Return what kind reads from node, or None after reporting what is wrong with it."""
        try:
            return Located(kind.read(node, self), node)
        except Wrong as exc:
            self.add(exc.node or node, exc.message, exc.hint)
            return None


@dataclass(frozen=True)
class Located(Generic[T_co]):
    """A value and the node it was read from."""

    value: T_co
    node: Node


class Kind(Protocol[T_co]):
    """What a key accepts."""

    def read(self, node: Node, place: Place) -> T_co: ...

    def schema(self) -> dict[str, Json]: ...


def show(node: Node) -> str:
    """Return a value as a message names it: short, on one line, without control characters."""
    if isinstance(node.value, list):
        return "a list"
    if isinstance(node.value, dict):
        return "a mapping"
    if node.value is None:
        return "an empty value"
    text = node.text if len(node.text) <= 60 else node.text[:59] + "…"
    return repr(text) if not text or not text.isprintable() or text != text.strip() else text


def nearest(word: str, words: Sequence[str]) -> str | None:
    """Return the hint for a word that is nearly one of words, or None."""
    by_folded = {known.lower(): known for known in words}
    found = difflib.get_close_matches(word.lower(), list(by_folded), n=1, cutoff=0.6)
    return f"did you mean {by_folded[found[0]]}?" if found else None


def _empty(node: Node) -> None:
    if node.value is None and not node.text:
        raise Wrong("has no value", "leave the key out for its default")


@dataclass(frozen=True)
class Whole:
    """A whole number from least to most."""

    what: str
    least: int
    most: int

    def read(self, node: Node, place: Place) -> int:
        _empty(node)
        value = node.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not self.least <= value <= self.most:
            raise Wrong(f"{show(node)} is not {self.what}", f"{self.least} to {self.most}")
        return value

    def schema(self) -> dict[str, Json]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def read(self, node: Node, place: Place) -> bool:
        _empty(node)
        if isinstance(node.value, bool):
            return node.value
        meant = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
        hint = meant.get(node.text.lower()) if not isinstance(node.value, list | dict) else None
        raise Wrong(f"{show(node)} is not true or false", f"write {hint}" if hint else None)

    def schema(self) -> dict[str, Json]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Text:
    """Text that matches pattern whole; with number, a number's own digits will do too."""

    what: str
    pattern: str
    hint: str | None = None
    most: int = 255
    number: bool = False
    forbidden: tuple[str, ...] = ()

    def read(self, node: Node, place: Place) -> str:
        _empty(node)
        is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
        if not isinstance(node.value, str) and not (self.number and is_number):
            quotes = f'put it in quotes: "{node.text}"' if isinstance(node.value, bool | int | float) else self.hint
            raise Wrong(f"{show(node)} is not {self.what}", quotes)
        if len(node.text) > self.most:
            raise Wrong(f"{show(node)} is too long", f"at most {self.most} characters")
        if not re.fullmatch(self.pattern, node.text):
            raise Wrong(f"{show(node)} is not {self.what}", self.hint)
        if node.text in self.forbidden:
            raise Wrong(f"{show(node)} is a name devenv uses itself", "choose another")
        return node.text

    def schema(self) -> dict[str, Json]:
        text: dict[str, Json] = {"type": "string", "pattern": f"^(?:{self.pattern})$", "maxLength": self.most}
        if self.forbidden:
            text["not"] = {"enum": list(self.forbidden)}
        return {"anyOf": [text, {"type": "number", "minimum": 0}]} if self.number else text


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    what: str
    words: tuple[str, ...]

    def read(self, node: Node, place: Place) -> str:
        _empty(node)
        if not isinstance(node.value, str) or node.value not in self.words:
            near = nearest(node.text, self.words) if isinstance(node.value, str) else None
            raise Wrong(f"{show(node)} is not {self.what}", near or f"one of {', '.join(self.words)}")
        return node.value

    def schema(self) -> dict[str, Json]:
        return {"type": "string", "enum": list(self.words)}


@dataclass(frozen=True)
class Free:
    """Anything JSON can hold."""

    def read(self, node: Node, place: Place) -> Json:
        value = node.value
        if isinstance(value, list):
            return [self._member(item, place) for item in value]
        if isinstance(value, dict):
            for key, where in (node.keys or {}).items():
                if "\0" in key:
                    place.add(where, "a key cannot hold the character NUL")
            return {key: self._member(item, place) for key, item in value.items()}
        if isinstance(value, float) and not math.isfinite(value):
            raise Wrong(f"{show(node)} is not a number that JSON can hold")
        if isinstance(value, str) and "\0" in value:
            raise Wrong("text cannot hold the character NUL")
        return value

    def _member(self, node: Node, place: Place) -> Json:
        found = place.read(self, node)
        return found.value if found else None

    def schema(self) -> dict[str, Json]:
        return {"$ref": "#/definitions/free"}

    @staticmethod
    def definition() -> dict[str, Json]:
        text: dict[str, Json] = {"type": "string", "pattern": r"^[^\u0000]*$"}
        return {
            "anyOf": [
                {"type": ["null", "boolean", "number"]},
                text,
                {"type": "array", "items": {"$ref": "#/definitions/free"}},
                {"type": "object", "propertyNames": text, "additionalProperties": {"$ref": "#/definitions/free"}},
            ]
        }


@dataclass(frozen=True)
class ListOf(Generic[T]):
    """A list of values of one kind."""

    what: str
    item: Kind[T]
    most: int = 500

    def read(self, node: Node, place: Place) -> tuple[Located[T], ...]:
        _empty(node)
        if not isinstance(node.value, list):
            raise Wrong(f"{show(node)} is not a list of {self.what}", "start each item with a dash, or use [ ]")
        if len(node.value) > self.most:
            raise Wrong(f"is a list of more than {self.most} {self.what}")
        found = (place.read(self.item, item) for item in node.value)
        return tuple(item for item in found if item is not None)

    def schema(self) -> dict[str, Json]:
        return {"type": "array", "items": self.item.schema(), "maxItems": self.most}


@dataclass(frozen=True)
class MapOf(Generic[T]):
    """A mapping from names of one kind to values of another."""

    what: str
    name: Text | Choice
    item: Kind[T]

    def read(self, node: Node, place: Place) -> dict[str, Located[T]]:
        _empty(node)
        if not isinstance(node.value, dict):
            raise Wrong(f"{show(node)} is not a mapping of {self.what}", "write name: value, one a line")
        found: dict[str, Located[T]] = {}
        for key, value in node.value.items():
            where = (node.keys or {})[key]
            # a key is text whatever YAML would make of it as a value
            name = place.read(self.name, Node(where.line, where.column, key, key))
            item = place.below(key if key.isprintable() else repr(key)).read(self.item, value)
            if name is not None and item is not None:
                found[key] = item
        return found

    def schema(self) -> dict[str, Json]:
        return {"type": "object", "propertyNames": self.name.schema(), "additionalProperties": self.item.schema()}


@dataclass(frozen=True)
class Key(Generic[T_co]):
    """One key of a mapping: what it accepts and, for the reference and for editors, what it is for.

    ``shown`` is the default as the reference words it; examples are YAML text of the value.
    """

    name: str
    kind: Kind[T_co]
    default: T_co
    about: str
    type: str = ""
    shown: str = ""
    examples: tuple[str, ...] = ()
    required: bool = False


class Fields:
    """The values of a mapping by Key; a key that was wrong counts as given, with its default."""

    def __init__(self, node: Node, values: Mapping[str, Located[Any]]) -> None:
        self.node = node
        self._values = values

    def __contains__(self, key: Key[Any]) -> bool:
        return key.name in self._values

    def get(self, key: Key[T]) -> T:
        return cast(T, self._values[key.name].value) if key.name in self._values else key.default

    def at(self, key: Key[Any]) -> Node:
        """Return where the key's value stands, or the mapping when it is not given."""
        return self._values[key.name].node if key.name in self._values else self.node


@dataclass(frozen=True)
class Record:
    """A mapping with known keys."""

    what: str
    keys: tuple[Key[Any], ...]
    rules: Mapping[str, Json] = field(default_factory=dict)

    def read(self, node: Node, place: Place) -> Fields:
        if not isinstance(node.value, dict):
            raise Wrong(f"{show(node)} is not {self.what}", f"a mapping with {', '.join(k.name for k in self.keys)}")
        known = {key.name: key for key in self.keys}
        values: dict[str, Located[Any]] = {}
        for name, value in node.value.items():
            key = known.get(name)
            if key is None:
                self._unknown(name, (node.keys or {})[name], place)
                continue
            found = place.below(name).read(key.kind, value)
            values[name] = found or Located(key.default, value)
        for key in self.keys:
            if key.required and key.name not in values:
                place.add(node, f"{key.name} is missing")
        return Fields(node, values)

    def _unknown(self, name: str, where: Node, place: Place) -> None:
        names = [key.name for key in self.keys]
        hint = nearest(name, names) or (f"one of {', '.join(names)}" if len(names) < 8 else None)
        shown = show(Node(0, 0, name, name))
        place.add(where, f"{shown} is not a key that devenv knows", hint)

    def schema(self) -> dict[str, Json]:
        required: list[Json] = [key.name for key in self.keys if key.required]
        return {
            "type": "object",
            "properties": {key.name: describe(key) for key in self.keys},
            "additionalProperties": False,
            **({"required": required} if required else {}),
            **self.rules,
        }


def describe(key: Key[Any]) -> dict[str, Json]:
    """Return the schema of a key's value with its description for editors."""
    return {"description": key.about, **key.kind.schema()}
