"""The values a config file holds, as all backends read and write them.

A value is None, a bool, a str, a Number, a Literal, a list of values or a dict from str to value. Numbers keep the text
they are written with: ``1.10`` is not ``1.1``, and a number of 10,000 digits comes out as it went in.
"""

from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Value: TypeAlias = Any
else:
    Value = object
"""None, bool, str, Number, Literal, list[Value] or dict[str, Value]."""

TYPES = ("string", "number", "bool", "null", "json")
"""The words that --type takes."""

SCALARS = ("string", "number", "bool", "null", "literal")
"""The kinds of a leaf; the other two kinds are object and array."""


class Number(str):
    """A number as its text in the file: ``8080``, ``-1.50``, ``0x1F`` in TOML, ``.inf`` in YAML."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Number({str(self)!r})"


class Worth(Number):
    """The number of a Python int or float, which has a worth and no digits that anybody chose: see kept()."""

    __slots__ = ()


class Literal(str):
    """A scalar written without quotes that JSON has no kind for: a date in TOML, a tagged scalar in YAML."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Literal({str(self)!r})"


class Moment(Literal):
    """A date, a time of day or both, from Python: as TOML and YAML spell them, and other formats refuse them."""

    __slots__ = ()


class Untyped(str):
    """Text from a command line, whose kind is settled by what it replaces: see settle()."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Untyped({str(self)!r})"


class Entries(list[Value]):
    """What is appended to nothing: entries, also where an array is one value of a format."""

    __slots__ = ()


def is_json_number(text: str) -> bool:
    """Say whether text is a number as JSON writes it."""
    # by hand, as all that an edit of one small file asks: re is a library to load, for a third of the time there is
    if not text.isascii():
        return False
    mantissa, mark, exponent = text.removeprefix("-").replace("E", "e").partition("e")
    if mark and not (exponent[1:] if exponent[:1] in ("+", "-") else exponent).isdigit():
        return False
    whole, dot, fraction = mantissa.partition(".")
    return whole.isdigit() and (whole[0] != "0" or whole == "0") and (not dot or fraction.isdigit())


def is_json(value: Value) -> bool:
    """Say whether all of a value is what JSON has: no other number, and no Literal."""
    if isinstance(value, dict):
        return all(map(is_json, value.values()))
    if isinstance(value, list):
        return all(map(is_json, value))
    return is_json_number(value) if isinstance(value, Number) else not isinstance(value, Literal)


def kind_of(value: Value) -> str:
    """Return the kind of a value: object, array, string, number, bool, null or literal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, Number):
        return "number"
    if isinstance(value, Literal):
        return "literal"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array"


def same(left: Value, right: Value) -> bool:
    """Say whether two values are the same to the letter: kinds, order of entries and the text of numbers too."""
    if kind_of(left) != kind_of(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def alike(left: Value, right: Value) -> bool:
    """Say whether two values are the same but for the order of keys."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(alike(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(alike, left, right))
    return same(left, right)


def kept(value: Value, have: Value, fitted: "Callable[[Value], Value] | None" = None) -> Value:
    """Return a value with what is in have, which stands there, as it is spelled there where it means the same.

    A number of Python's is the same as any of its worth, int for int and float for float; a moment of Python's as one
    at the same time, at the same offset; and any number as one that fitted, with which a format spells numbers its own
    way, makes the same of.
    """
    if value.__class__ is str or have is None:
        return value
    if isinstance(value, Number):
        return have if isinstance(have, Number) and _is_number(value, have, fitted) else value
    if isinstance(value, Moment):
        return have if isinstance(have, Literal) and _is_moment(value, have) else value
    if isinstance(value, dict) and isinstance(have, dict):
        return {key: kept(item, have.get(key), fitted) for key, item in value.items()}
    if isinstance(value, list) and isinstance(have, list):
        return _kept_entries(value, have, fitted)
    return value


def _kept_entries(value: list[Value], have: list[Value], fitted: "Callable[[Value], Value] | None") -> list[Value]:
    """Return entries as kept() does: each as the one in its place or, where some come or go, as those before or after.

    What comes or goes in one place leaves those before it in their places from the start, and the others in theirs from
    the end.
    """
    if len(value) == len(have):
        return [kept(item, other, fitted) for item, other in zip(value, have, strict=True)]
    found = list(value)
    least = min(len(value), len(have))
    head = 0
    while head < least and same(item := kept(value[head], have[head], fitted), have[head]):
        found[head] = item
        head += 1
    tail = 1
    while tail <= least - head and same(item := kept(value[-tail], have[-tail], fitted), have[-tail]):
        found[-tail] = item
        tail += 1
    return found


def _is_number(value: Number, have: Number, fitted: "Callable[[Value], Value] | None") -> bool:
    if value == have or (fitted is not None and bool(fitted(have) == value)):
        return True
    return isinstance(value, Worth) and _worth(value) == _worth(have)


def _worth(text: Number) -> str:
    """Return how Python writes a number, which is one for all of one worth; its text when it is none to Python."""
    number: Value = text
    if not is_json_number(text):
        from devenv.editor.fit import respelled

        try:
            number = respelled(text)
        except EditError:
            return str(text)
    plain = _number(number) if isinstance(number, Number) else number
    return str(plain)


def _is_moment(value: Moment, have: Literal) -> bool:
    if (":" in value) != (":" in have):
        return False
    import datetime

    for kind in (datetime.date, datetime.time, datetime.datetime):
        try:
            return kind.fromisoformat(have).isoformat() == str(value)
        except ValueError:
            pass
    return False


def depth(value: Value) -> int:
    """Return how many objects and arrays stand in each other in a value."""
    deepest, waiting = 0, [(value, 0)]
    while waiting:
        item, level = waiting.pop()
        deepest = max(deepest, level)
        inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        waiting += [(child, level + 1) for child in inner]
    return deepest


def from_plain(value: object, *, dates: bool = True) -> Value:
    """Return a plain Python value (int and float too, and with dates what datetime has) as a value.

    Others raise EditError.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return Worth(_digits(value))
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise EditError(f"{value} cannot be written: only finite numbers can")
        return Worth(float.__repr__(value))
    if isinstance(value, list | tuple):
        items = [from_plain(item, dates=dates) for item in value]
        return Entries(items) if isinstance(value, Entries) else items
    if isinstance(value, dict):
        return {_key(key): from_plain(item, dates=dates) for key, item in value.items()}
    import datetime

    if dates and isinstance(value, datetime.date | datetime.time):
        return Moment(value.isoformat())
    raise EditError(f"a {type(value).__name__} cannot be written to a config file")


def _digits(value: int) -> str:
    try:
        return str(value)
    except ValueError:
        # over 4,300 digits Python refuses decimal; json's own digits come through Number from text instead
        raise EditError("an int of so many digits: give it as Number(text)") from None


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise EditError(f"the key {key!r} is not text")
    return key


def to_plain(value: Value) -> object:
    """Return a value with numbers as int or float, and as Number where Python has no such number or JSON no such text.

    A float does not tell 1.10 from 1.1: kept() does, when it comes back.
    """
    if isinstance(value, Number):
        return _number(value)
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    return value


def _number(text: Number) -> object:
    if not is_json_number(text):
        return text
    if text.lstrip("-").isdigit():
        return int(text) if len(text) < 4000 else text
    number = float(text)
    return text if number in (float("inf"), float("-inf")) else number


def from_json(text: str) -> Value:
    """Return the value of one JSON text; EditError when it is none."""
    import json

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is not JSON")

    try:
        return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=refuse)
    except RecursionError:
        raise EditError("the JSON value is nested too deep") from None
    except ValueError:
        hint = "text is given with PATH=VALUE, or in double quotes" if text[:1] not in '{["' else None
        raise EditError(f"this is not JSON: {shown(text)} ({_wrong_with(text)})", hint=hint) from None


def _wrong_with(text: str) -> str:
    """Return what is wrong with a text that is no JSON, and where, as for a file."""
    from devenv.editor.jsontext.scan import scan
    from devenv.errors import ParseError

    try:
        scan(text.encode("utf-8", "surrogatepass"))
    except ParseError as exc:
        line = f"line {exc.line}, " if exc.line > 1 else ""
        return f"{line}column {exc.column}: {exc.reason}"
    return "there is nothing" if not text.strip(" \t\r\n") else "no value JSON knows"


def to_json(value: Value, *, indent: int | None = None) -> str:
    """Return a value as JSON; numbers as they are written, literals and numbers that JSON has not as strings."""
    if indent is None:
        return _compact(value)
    return _pretty(value, " " * indent, "\n")


def _compact(value: Value) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)}: {_compact(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_compact, value)) + "]"
    return scalar_to_json(value)


def _pretty(value: Value, indent: str, newline: str) -> str:
    if isinstance(value, dict) and value:
        inner = newline + indent
        entries = [f"{quoted(key)}: {_pretty(item, indent, inner)}" for key, item in value.items()]
        return "{" + inner + ("," + inner).join(entries) + newline + "}"
    if isinstance(value, list) and value:
        inner = newline + indent
        return "[" + inner + ("," + inner).join(_pretty(item, indent, inner) for item in value) + newline + "]"
    return _compact(value)


def scalar_to_json(value: Value) -> str:
    """Return a scalar as JSON."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, Number) and is_json_number(value):
        return str(value)
    return quoted(value)


_ESCAPED = r'["\\\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]'
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def quoted(text: str) -> str:
    """Return text as a JSON string: control characters, lone surrogates and the two line separators are escaped."""
    if text.isprintable():
        # nothing but the two marks
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    import re

    return '"' + re.sub(_ESCAPED, lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text) + '"'


def shown(text: str, limit: int = 40) -> str:
    """Return text in quotes for a message, cut to limit characters."""
    return quoted(text if len(text) <= limit else text[: limit - 1] + "…")


def settle(text: str, was: str | None, *, wanted: str | None = None) -> Value:
    """Return the value meant by text that replaces something of kind was (None: nothing is there).

    wanted is one of TYPES. Without it a string stays a string, other kinds stay when the text fits them, and what is
    new is a number, true, false or null when JSON reads it so, else a string. EditError when text does not fit wanted.
    """
    if wanted == "string" or (wanted is None and was == "string"):
        return str(text)
    if wanted == "json":
        return from_json(text)
    read = _read(text)
    if wanted is not None and kind_of(read) != wanted:
        article = "" if wanted == "null" else "a "
        raise EditError(f"{shown(text)} is not {article}{wanted}")
    return read


def _read(text: str) -> Value:
    if text in ("true", "false"):
        return text == "true"
    if text == "null":
        return None
    return Number(text) if is_json_number(text) else str(text)
