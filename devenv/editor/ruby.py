"""Values of Ruby, as a Vagrantfile has them: what a text there means, and how a value is written.

A string is a str and a number a Number. All else is a Literal: true, false, nil, arrays and other expressions as they
are written, and a Symbol without its colon.
"""

import re

from devenv.editor.values import Literal, Number, Untyped, Value, from_json, is_json_number, shown
from devenv.errors import EditError

_NAMES = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "s": " ", "0": "\0", "\n": ""}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_STRING = re.compile(r"""'(?:[^'\\]|\\.)*'\Z|"(?:[^"\\#]|\\.|#(?![{$@]))*"\Z""", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z", re.ASCII)
_SYMBOL = re.compile(r":[A-Za-z_]\w*\Z", re.ASCII)
_NAMED = re.compile(r"[a-z_]\w*(?:[ \t]*,[ \t]*[a-z_]\w*)*\Z")
_OPEN = re.compile(r"\b(?:do|if|unless|while|until|and|or|rescue)\b|[-+*/|&=.,\\]\Z")
"""What an expression has that says more than a value, or that goes on in the next line."""

_WORDS = ("true", "false", "nil")

_KEYWORDS = frozenset(
    (
        *("alias", "and", "begin", "break", "case", "class", "def", "do", "else", "elsif", "end", "ensure", "false"),
        *("for", "if", "in", "module", "next", "nil", "not", "or", "redo", "rescue", "retry", "return", "self"),
        *("super", "then", "true", "undef", "unless", "until", "when", "while", "yield"),
    )
)
"""What is no name of a variable."""

_TEXTS = frozenset(
    ("box", "hostname", "ip", "name", "version", "mac", "netmask", "gateway", "bridge", "username", "password", "id")
)
_TEXT_ENDS = ("_version", "_name", "_ip", "_mac", "_path", "_url", "_prefix", "_username", "_password")
"""Settings that are text to Vagrant, whatever they look like: a version 1.10 is not the number 1.1."""


class Symbol(Literal):
    """A symbol, without its colon."""

    __slots__ = ()


def decode(place: str, text: str) -> str:
    """Return the value of a text: a str, Number, Symbol or Literal; what a block calls its object is a str."""
    if place.endswith("/do"):
        return text
    if _STRING.match(text):
        if text[0] == "'":
            return re.sub(r"\\(['\\])", r"\1", text[1:-1])
        return _ESCAPE.sub(lambda found: _NAMES.get(found[1], found[1]), text[1:-1])
    if _SYMBOL.match(text):
        return Symbol(text[1:])
    return Number(text) if _NUMBER.match(text) else Literal(text)


def encode(place: str, text: str, old: str | None, *, quote: str = '"') -> str:
    """Return a value as Ruby has it, by its class, and by what was there before; new strings are quoted like quote.

    place is the name of what is set, after its parent's and a slash where it has one.
    """
    if place.endswith("/do"):
        if not _NAMED.match(text) or not _KEYWORDS.isdisjoint(re.split(r"[ \t]*,[ \t]*", text)):
            raise EditError(f"{shown(text)} is no name for the object of a block in Ruby")
        return str(text)
    if old is not None and _STRING.match(old):
        quote = old[0]
    elif old is not None and not _SYMBOL.match(old) and old[:2] != "<<" and _OPEN.search(old):
        raise EditError(f"{shown(old)} is more than a value in Ruby", hint="change it by hand")
    if isinstance(text, Untyped):
        text = _meant(place, text, old)
    if isinstance(text, Number):
        if not _NUMBER.match(text):
            raise EditError(f"{shown(text)} is no number in Ruby")
        return str(text)
    if isinstance(text, Symbol):
        return f":{text}"
    if isinstance(text, Literal) and (text in _WORDS or items(text) is not None):
        return str(text)
    return _string(text, quote)


def _meant(place: str, text: str, old: str | None) -> str:
    """Return the value a person means by a text where old stands, which is None where nothing does."""
    if old is not None and _STRING.match(old):
        return str(text)
    if _SYMBOL.match(text):
        return Symbol(text[1:])
    if old is not None and _SYMBOL.match(old):
        return Symbol(text) if _SYMBOL.match(f":{text}") else str(text)
    if text[:1] == "[" and items(text) is not None:
        return array(items(text))
    name = re.split(r"[./]", place)[-1]
    if old is None and (name in _TEXTS or name.endswith(_TEXT_ENDS) or name[:1] == "@"):
        return str(text)
    if text in _WORDS:
        return Literal(text)
    # a fraction that was no number before is a version, of which Ruby would drop the last nought
    number = is_json_number(text) and (text.lstrip("-").isdigit() or (old is not None and _NUMBER.match(old)))
    return Number(text) if number else str(text)


def _string(text: str, quote: str) -> str:
    if quote == "'" and not re.search(r"[\\'\n\t\r]", text):
        return f"'{text}'"
    written = re.sub(r'[\\"]|#(?=[{$@])', r"\\\g<0>", text).replace("\n", "\\n").replace("\t", "\\t")
    return f'"{written}"'.replace("\r", "\\r")


def items(text: str) -> list[Value] | None:
    """Return the entries of an array of scalars, which is the same in JSON and Ruby; None for any other text."""
    try:
        found = from_json(text) if text[:1] == "[" else None
    except EditError:
        return None
    flat = isinstance(found, list) and not any(isinstance(item, dict | list) or item is None for item in found)
    return found if flat else None


def array(values: Value) -> Literal:
    """Return an array of scalars."""
    return Literal("[" + ", ".join(_item(item) for item in values) + "]")


def _item(value: Value) -> str:
    known = literal(value)
    return str(known) if isinstance(known, Literal | Number) else _string(str(known), '"')


def literal(value: Value) -> Value:
    """Return a value with null and the two others that are words as Ruby has them."""
    if isinstance(value, bool):
        return Literal("true" if value else "false")
    return Literal("nil") if value is None else value


def agrees(have: Value, wanted: Value) -> bool:
    """Say whether what a file has is what was wanted of it; see trees.shape.agrees. A symbol is as good as a string."""
    if isinstance(wanted, list):
        if isinstance(have, list):
            return len(have) == len(wanted) and all(map(agrees, have, wanted))
        return _array_agrees(have, wanted) or (len(wanted) == 1 and agrees(have, wanted[0]))
    if isinstance(wanted, dict):
        if not isinstance(have, dict):
            return list(wanted) == ["."] and agrees(have, wanted["."])
        mine = {key: value for key, value in wanted.items() if key != "." or value not in ("", None)}
        return have.keys() == mine.keys() and all(agrees(have[key], mine[key]) for key in mine)
    if isinstance(have, dict):
        return "." in have and agrees(have["."], wanted)
    if isinstance(have, list):
        return len(have) == 1 and agrees(have[0], wanted)
    return _leaf_agrees(have, literal(wanted))


def _leaf_agrees(have: Value, wanted: Value) -> bool:
    if isinstance(wanted, Untyped):
        symbol = isinstance(have, Symbol) and _SYMBOL.match(wanted) and wanted[1:] == have
        return have == wanted or bool(symbol) or _array_agrees(have, items(wanted))
    if have != wanted:
        return False
    if have[:2] == "<<" and isinstance(have, Literal):
        # a here-document has no other way to be named
        return True
    if isinstance(wanted, Number | Literal):
        return isinstance(have, Number) is isinstance(wanted, Number)
    return isinstance(have, Symbol) or not isinstance(have, Number | Literal)


def _array_agrees(have: Value, wanted: list[Value] | None) -> bool:
    flat = wanted is not None and not any(isinstance(item, dict | list) for item in wanted)
    return flat and isinstance(have, Literal) and have == array(wanted)
