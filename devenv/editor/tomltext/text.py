"""TOML values and keys as text, in the style that is asked for."""

import re
from typing import NamedTuple

from devenv.editor.tomltext.scan import Key
from devenv.editor.values import Literal, Number, Value, kind_of, shown
from devenv.errors import EditError

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")
_INTEGER = re.compile(
    r"[+-]?(?:0|[1-9](?:_?[0-9])*)\Z|0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*\Z|0o[0-7](?:_?[0-7])*\Z|0b[01](?:_?[01])*\Z"
)
_DIGITS = r"[0-9](?:_?[0-9])*"
_FLOAT = re.compile(
    rf"[+-]?(?:(?:0|[1-9](?:_?[0-9])*)(?:\.{_DIGITS}(?:[eE][+-]?{_DIGITS})?|[eE][+-]?{_DIGITS})|inf|nan)\Z"
)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?)?\Z"
    r"|[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?\Z"
)
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f\u2028\u2029]')
_NAMES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_LONG_ESCAPED = re.compile(r'\\|[\x00-\x08\x0b-\x1f\x7f]|"(?="")|"(?="?\Z)')
_NOT_LITERAL = re.compile(r"['\x00-\x08\x0a-\x1f\x7f]")
_NOT_LONG_LITERAL = re.compile(r"'''|'\Z|[\x00-\x08\x0b-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")

WIDEST = 100
"""Columns after which a new array goes on several lines."""


def key(name: str) -> str:
    """Return one part of a key, in quotes when it needs them."""
    return name if _BARE_KEY.match(name) else string(name)


def dotted(path: Key) -> str:
    """Return a dotted key."""
    return ".".join(map(key, path))


def is_number(text: str) -> bool:
    """Say whether text is a number as TOML writes them."""
    return bool(_INTEGER.match(text) or _FLOAT.match(text))


def is_moment(text: str) -> bool:
    """Say whether text is a date, a time or both that TOML takes."""
    if not _MOMENT.match(text):
        return False
    import tomllib

    try:
        tomllib.loads(f"x = {text}")
    except ValueError:
        return False
    return True


def string(text: str, like: str = '"', newline: str = "\n") -> str:
    """Return text as a TOML string, in the style of the string ``like`` (or its first characters) where it can be."""
    if _SURROGATE.search(text):
        raise EditError("a lone surrogate cannot be written in TOML")
    if like.startswith("'''") and not _NOT_LONG_LITERAL.search(text):
        return f"'''{_opening(text, like, newline)}{_lines(text, newline)}'''"
    if like.startswith('"""') or (like.startswith("'''") and "\n" in text):
        return f'"""{_opening(text, like, newline)}{_lines(_LONG_ESCAPED.sub(_escape, text), newline)}"""'
    if like.startswith("'") and not _NOT_LITERAL.search(text):
        return f"'{text}'"
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _opening(text: str, like: str, newline: str) -> str:
    """Return the line end after the opening quotes, where the old text had one or the new one begins with one."""
    return newline if like[3:4] in ("\n", "\r") or text.startswith("\n") else ""


def _lines(text: str, newline: str) -> str:
    return text if newline == "\n" else text.replace("\n", newline)


def _escape(found: re.Match[str]) -> str:
    mark = found[0]
    return _NAMES.get(mark) or f"\\u{ord(mark):04X}"


def scalar(value: Value, like: str = '"', newline: str = "\n") -> str:
    """Return a scalar as TOML; EditError for what TOML has not."""
    if value is None:
        raise EditError("TOML has no null", hint="devenv config unset takes a key out")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return _number(value)
    if isinstance(value, Literal):
        if not is_moment(value):
            raise EditError(f"{shown(value)} is not a date or time as TOML has them")
        return str(value)
    return string(value, like, newline)


def _number(value: Number) -> str:
    if not is_number(value):
        raise EditError(f"{shown(value)} is not a number as TOML writes them")
    if _INTEGER.match(value):
        digits = value.replace("_", "")
        if len(digits) > 70 or not -(1 << 63) <= int(digits, 0) < 1 << 63:
            raise EditError(f"{shown(value)} does not fit TOML's 64 bits", hint="--type string writes it as text")
    return str(value)


def inline(value: Value, *, like: str = '"', pad: str = " ") -> str:
    """Return any value on one line; pad is what stands inside the braces of an inline table."""
    kind = kind_of(value)
    if kind == "object":
        entries = ", ".join(f"{key(name)} = {inline(item, like=like, pad=pad)}" for name, item in value.items())
        return f"{{{pad}{entries}{pad}}}" if entries else "{}"
    if kind == "array":
        return "[" + ", ".join(inline(item, like=like, pad=pad) for item in value) + "]"
    # what stands in braces stays on one line
    return scalar(value, like[:1])


def wide(value: Value, width: int, indent: str, newline: str, *, like: str = '"', pad: str = " ") -> str:
    """Return a value that begins at column ``width``; an array that would be too wide has an entry a line."""
    text = inline(value, like=like, pad=pad)
    if kind_of(value) != "array" or width + len(text) <= WIDEST or not value:
        return text
    inner = newline + indent + "    "
    return "[" + "".join(f"{inner}{inline(item, like=like, pad=pad)}," for item in value) + newline + indent + "]"


def as_section(value: Value) -> bool:
    """Say whether a value can be a table, or an array of tables, under headers of its own."""
    if isinstance(value, dict):
        return True
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


class Chunk(NamedTuple):
    """A header with the lines below it."""

    path: Key
    lines: list[str]


def sections(
    path: Key, value: Value, *, array: bool = False, pad: str = " ", equals: str = " = ", newline: str = "\n"
) -> list[Chunk]:
    """Return a value that as_section() takes as headers with their lines, in the order it has its entries.

    Entries before the last that is none are written under the header, tables among them inline, since what follows a
    header belongs to it.
    """
    if isinstance(value, list):
        each = (sections(path, item, array=True, pad=pad, equals=equals, newline=newline) for item in value)
        return [chunk for chunks in each for chunk in chunks]
    items = list(value.items())
    cut = len(items)
    while cut and as_section(items[cut - 1][1]):
        cut -= 1
    chunks = []
    if cut or array or not items:
        lines = [f"[[{dotted(path)}]]" if array else f"[{dotted(path)}]"]
        for name, item in items[:cut]:
            start = key(name) + equals
            lines.append(start + wide(item, len(start), "", newline, pad=pad))
        chunks.append(Chunk(path, lines))
    for name, item in items[cut:]:
        chunks += sections((*path, name), item, pad=pad, equals=equals, newline=newline)
    return chunks
