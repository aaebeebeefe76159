"""Values of one format as another has them: what JSON has no number for, and what only YAML or TOML has a kind for.

A Literal becomes text where a format does not know it, a number another spelling of the same number. Nothing is
rounded: what has no exact place is text, or refused.
"""

import re

from devenv.editor.values import Literal, Moment, Number, Value, is_json_number, shown
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BASED = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)\Z")
_DECIMAL = re.compile(r"([-+]?)([0-9][0-9_]*)?(?:(\.)([0-9][0-9_]*)?)?([eE][-+]?[0-9][0-9_]*)?\Z")
_BEYOND = re.compile(r"([-+]?)\.?(inf|nan)\Z", re.IGNORECASE)

_LONGEST = 3000
"""Digits of a number to another base than ten: Python turns no more of them into decimal ones."""


def fitted(value: Value, leaf: "Callable[[Value], Value]") -> Value:
    """Return a value with what leaf makes of each Number and Literal in it."""
    if isinstance(value, dict):
        return {key: fitted(item, leaf) for key, item in value.items()}
    if isinstance(value, list):
        return [fitted(item, leaf) for item in value]
    return leaf(value) if isinstance(value, Number | Literal) else value


def for_json(value: Value) -> Value:
    """Return a Number or Literal as JSON has it: a number it can write, or text; EditError for what is infinite."""
    if isinstance(value, Number) and is_json_number(value):
        return value
    if isinstance(value, Moment):
        raise EditError(f"JSON has no date and no time: {value}", hint="a string can stand for it")
    if isinstance(value, Number) and beyond(value):
        raise EditError(f"JSON has no number {value}", hint="a string or null can stand for it")
    return respelled(value)


def respelled(value: Value) -> Value:
    """Return a Number or Literal as a number JSON can write, of the same worth, or else as text.

    A Number that is one in no format raises EditError.
    """
    text = str(value)
    if _BASED.match(text):
        if len(text) > _LONGEST:
            raise EditError(f"{shown(text)} has too many digits to be written to base ten")
        try:
            return Number(int(text, 0))
        except ValueError:
            return text
    found = _DECIMAL.match(text)
    if found is None or not (found[2] or found[4]):
        if isinstance(value, Number):
            raise EditError(f"{shown(text)} is not a number")
        return text
    sign, whole, dot, fraction, power = (part or "" for part in found.groups())
    whole = whole.replace("_", "")
    if not dot and not power and len(whole) > 1 and whole[0] == "0":
        # eight to some readers, ten to others, and most often a file mode or a code
        return text
    decimal = (whole.lstrip("0") or "0") + (f".{fraction.replace('_', '') or '0'}" if dot else "")
    number = sign.replace("+", "") + decimal + power.replace("_", "")
    return Number(number) if is_json_number(number) else text


def beyond(value: Value) -> tuple[str, str] | None:
    """Return the sign and the word, in small letters, of a number that is infinite or none: ``-.inf``, ``nan``."""
    found = _BEYOND.match(str(value))
    return (found[1], found[2].lower()) if found else None
