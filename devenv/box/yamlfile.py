"""A YAML file as a tree of values that know their line and column, read without trusting the file.

ruamel.yaml's parser gives events; the tree is built here, so that size, depth and aliases are counted before anything
is built, tags are never acted on, and every value keeps its place and the text it was written as (``12.10`` stays
``12.10``). Scalars follow YAML 1.2's core schema: ``yes``, ``on`` and ``8081:80`` are text.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from devenv.errors import ConfigError, Problem

MAX_BYTES = 1024 * 1024
MAX_LINE = 100_000
"""Bytes in one line; a few forms of very long lines take the parser minutes."""
MAX_DEPTH = 40
MAX_NODES = 20_000
"""Values in one file, each alias counted as often as it stands for one."""
MAX_NUMBER = 300
"""Characters in a number."""

Scalar: TypeAlias = "bool | int | float | str | None"

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value and its place, from 1. ``text`` is a scalar as written; ``keys`` holds the places of a mapping's keys."""

    line: int
    column: int
    value: "Scalar | list[Node] | dict[str, Node]"
    text: str = ""
    keys: "dict[str, Node] | None" = None
    size: int = 1
    height: int = 0

    def plain(self) -> object:
        """Return the value as plain Python, without places."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value


class Report:
    """Collects problems of one file, each once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[tuple[int, int, str, str], Problem] = {}

    def add(self, node: Node, key: str, message: str, hint: str | None = None) -> None:
        problem = Problem(self.file, node.line, node.column, key, message, hint)
        self._found.setdefault((node.line, node.column, key, message), problem)

    @property
    def problems(self) -> list[Problem]:
        """All problems in file order."""
        return sorted(self._found.values(), key=lambda problem: (problem.line, problem.column))

    def check(self) -> None:
        """Raise ConfigError when there are problems."""
        if self._found:
            raise ConfigError(self.problems)


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a regular file of at most limit bytes; raise ConfigError for anything else.

    Never waits: a pipe or a device under this name is refused before it is read.
    """
    try:
        # without O_NONBLOCK, opening a pipe would wait for a writer that never comes
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _whole_file(path.name, "is not a file")
            data = stream.read(limit + 1)
    except FileNotFoundError as exc:
        raise _whole_file(path.name, "does not exist", "devenv init writes one") from exc
    except IsADirectoryError as exc:
        raise _whole_file(path.name, "is a folder, not a file") from exc
    except OSError as exc:
        raise _whole_file(path.name, f"cannot be read: {exc.strerror}") from exc
    if len(data) > limit:
        raise _whole_file(path.name, f"is larger than {limit // 1024} KiB")
    return data


def parse(data: bytes, report: Report) -> Node:
    """Return the tree of the one document in data.

    Raises ConfigError when there is no tree to return; tags, duplicate keys and the like are put in report.
    """
    text = _decode(data, report.file)
    try:
        return _Composer(report, _events(text)).document()
    except _Stop as exc:
        report.add(exc.node, "", exc.message, exc.hint)
        raise ConfigError(report.problems) from exc


def _whole_file(file: str, message: str, hint: str | None = None) -> ConfigError:
    return ConfigError([Problem(file, 0, 0, "", message, hint)])


def _decode(data: bytes, file: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _whole_file(file, "is UTF-16", "save it as UTF-8")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as exc:
        line, column = _place(data[: exc.start].decode(errors="replace"))
        raise ConfigError([Problem(file, line, column, "", "is not UTF-8 text")]) from exc
    if found := _CONTROL.search(text):
        line, column = _place(text[: found.start()])
        message = f"holds the control character \\x{ord(found.group()):02x}"
        raise ConfigError([Problem(file, line, column, "", message, "is it a text file?")])
    for number, line_text in enumerate(text.split("\n"), 1):
        if len(line_text) > MAX_LINE:
            raise ConfigError([Problem(file, number, 1, "", f"is a line of more than {MAX_LINE} characters")])
    return text


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Stop(Exception):
    """Reading cannot go on after this problem."""

    def __init__(self, node: Node, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.node = node
        self.message = message
        self.hint = hint


def _events(text: str) -> Iterator[Any]:
    """Yield ruamel.yaml's events; whatever its parser raises becomes _Stop with a place."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    mark = None
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            mark = event.end_mark
            yield event
    except MarkedYAMLError as exc:
        problem = str(exc.problem or exc.context or "unreadable")
        raise _Stop(_at(exc.problem_mark or exc.context_mark), f"is not YAML: {problem}", _hint(problem)) from exc
    except YAMLError as exc:
        raise _Stop(_at(mark), f"is not YAML: {str(exc).splitlines()[0]}") from exc
    except (ValueError, OverflowError, LookupError, TypeError, AttributeError, AssertionError) as exc:
        # the parser's own slips, such as chr() of an escape beyond the last character
        raise _Stop(_at(mark), "is not YAML: something after this place cannot be read") from exc


def _at(mark: Any) -> Node:
    return Node(1, 1, None) if mark is None else Node(mark.line + 1, mark.column + 1, None)


def _hint(problem: str) -> str | None:
    if "'\\t'" in problem:
        return "YAML indents with blanks, not with tabs"
    if "cannot start any token" in problem or "mapping values are not allowed" in problem:
        return "text with special characters needs quotes"
    return None


class _Composer:
    """Builds the tree out of events."""

    def __init__(self, report: Report, events: Iterator[Any]) -> None:
        self._report = report
        self._events = events
        self._anchors: dict[str, Node | None] = {}
        self._count = 0

    def document(self) -> Node:
        next(self._events)  # the stream's start
        start = next(self._events)
        if not hasattr(start, "version"):
            raise _Stop(Node(1, 1, None), "is empty", "devenv init writes one to start from")
        if start.version is not None and tuple(start.version) != (1, 2):
            raise _Stop(Node(1, 1, None), "asks for another YAML than 1.2", "leave the %YAML line out")
        root = self._node(next(self._events), 0)
        next(self._events)  # the document's end
        after = next(self._events)
        if hasattr(after, "version"):
            self._report.add(_at(after.start_mark), "", "is a second document in one file", "leave only one")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        place = _at(event.start_mark)
        if not hasattr(event, "implicit"):
            return self._alias(event.anchor, place, depth)
        self._spend(1, place)
        self._limit_depth(depth, place)
        if event.anchor:
            self._anchors[event.anchor] = None
        if event.tag and event.tag != "!":
            self._report.add(place, "", f"{_clip(event.tag)} is a tag", "tags are not read: leave it out")
        if hasattr(event, "value"):
            node = self._scalar(event, place)
        elif type(event).__name__ == "SequenceStartEvent":
            node = self._list(place, depth)
        else:
            node = self._mapping(place, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _spend(self, nodes: int, place: Node) -> None:
        self._count += nodes
        if self._count > MAX_NODES:
            raise _Stop(place, f"the file holds more than {MAX_NODES} values, aliases expanded")

    def _limit_depth(self, depth: int, place: Node) -> None:
        if depth > MAX_DEPTH:
            raise _Stop(place, f"is nested more than {MAX_DEPTH} levels deep")

    def _alias(self, anchor: str, place: Node, depth: int) -> Node:
        if anchor not in self._anchors:
            raise _Stop(place, f"*{_clip(anchor)} refers to an anchor that is not there")
        node = self._anchors[anchor]
        if node is None:
            raise _Stop(place, f"*{_clip(anchor)} holds itself")
        self._spend(node.size, place)
        self._limit_depth(depth + node.height, place)
        return node

    def _scalar(self, event: Any, place: Node) -> Node:
        text: str = event.value
        if _SURROGATE.search(text):
            raise _Stop(place, "holds half a character (a lone surrogate)")
        value: Scalar = text
        if event.style is None and not event.tag:
            value = self._resolve(text, place)
        return Node(place.line, place.column, value, text)

    def _resolve(self, text: str, place: Node) -> Scalar:
        if text in _WORDS:
            return _WORDS[text]
        is_int = _INT.fullmatch(text)
        if not is_int and not _FLOAT.fullmatch(text):
            return text
        if len(text) > MAX_NUMBER:
            self._report.add(place, "", "this number is too long", "is it meant as text? then it needs quotes")
            return 0
        if not is_int:
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        return int(text, {"0x": 16, "0o": 8}.get(text[:2], 10))

    def _list(self, place: Node, depth: int) -> Node:
        items: list[Node] = []
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            items.append(self._node(event, depth + 1))
        size = 1 + sum(item.size for item in items)
        height = 1 + max((item.height for item in items), default=0)
        return Node(place.line, place.column, items, size=size, height=height)

    def _mapping(self, place: Node, depth: int) -> Node:
        values: dict[str, Node] = {}
        keys: dict[str, Node] = {}
        size = 1
        height = 0
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            size += key.size + value.size
            height = max(height, key.height, value.height)
            if isinstance(key.value, list | dict):
                self._report.add(key, "", "a key must be plain text")
            elif key.text == "<<":
                self._report.add(key, "", "<< (a merge key) is not read", "write the keys out, or use machines:")
            elif key.text in values:
                first = keys[key.text]
                self._report.add(key, "", f"{_clip(key.text)} is there twice", f"first in line {first.line}")
            else:
                keys[key.text], values[key.text] = key, value
        return Node(place.line, place.column, values, keys=keys, size=size, height=height + 1)


def _clip(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
