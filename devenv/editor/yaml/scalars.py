"""What a plain scalar means, and when text needs quotes so that every common reader takes it for text.

Read by YAML 1.2's core schema. Words that YAML 1.1 readers (PyYAML, and with it Ansible) take for another type than
text, such as ``yes``, ``12:30:45``, ``1_000`` or a date, are a Literal: they are told as written, and are neither
text nor what JSON has.
"""

import re
from functools import lru_cache

from devenv.editor.values import Literal, Number, Value

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = frozenset(("true", "True", "TRUE"))
_FALSE = frozenset(("false", "False", "FALSE"))

_NUMBER = re.compile(
    r"""(?: [-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?
        | 0o[0-7]+ | 0x[0-9a-fA-F]+ | [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN) )\Z""",
    re.VERBOSE,
)
"""Int and float of YAML 1.2's core schema."""

_ELSEWHERE = re.compile(
    r"""(?: yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF | = | <<
        | [-+]?0b[01_]+ | [-+]?0x[0-9a-fA-F_]+ | [-+]?[0-9][0-9_]* | [-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+
        | [-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)? | \.[0-9][0-9_]*(?:[eE][-+][0-9]+)?
        | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]* | [-+]?\.(?:inf|Inf|INF)
        | [0-9]{4}-[0-9]{2}-[0-9]{2}
        | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}
          (?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))? )\Z""",
    re.VERBOSE,
)
"""What PyYAML takes for another type than text."""

_SUSPECT = re.compile(
    r"""(?: y|n | null|true|false|nan|\.nan|[-+]?\.?inf | none | ~
        | [-+]?[0-9][0-9_,]*(?:\.[0-9_,]*)?(?:e[-+]?[0-9_]*)? | [-+]?\.[0-9_,]+(?:e[-+]?[0-9_]*)? | [-+][0-9_]+
        | [-+]?0[xob][0-9a-f_]* | [-+]?[0-9_]+(?::[0-9]+)+(?:\.[0-9]*)? | [0-9]{1,4}-[0-9]{1,2}-[0-9]{1,4}\b.* )\Z""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
"""What some reader somewhere takes, or took, for another type than text: quotes cost nothing."""

_PREFIX = "tag:yaml.org,2002:"
_STANDARD = {f"{_PREFIX}{name}": name for name in ("str", "int", "float", "bool", "null")}


def plain(text: str) -> Value:
    """Return what a plain scalar without a tag means."""
    first = text[:1]
    if first.isalpha() and len(text) > 5:
        return text  # no word that means more is so long; most text ends here
    # what is asked for its kind is asked for its value next
    return _meant(text) if len(text) < _SHORT else _read(text)


def _read(text: str) -> Value:
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _NUMBER.match(text):
        return Number(text)
    return Literal(text) if _ELSEWHERE.match(text) else text


_SHORT = 100
"""Characters of scalars whose meaning is remembered."""

_meant = lru_cache(maxsize=256)(_read)


def tagged(text: str, style: str, tag: str, source: str) -> Value:
    """Return what a scalar with a tag means; source is how it stands in the file, tag included.

    The five tags of JSON's types are obeyed; every other makes a Literal of the source.
    """
    kind = _STANDARD.get(tag)
    if tag == "!" or kind == "str":
        return text
    if kind is None:
        return Literal(source if "\n" not in source and "\r" not in source else f"{source.split()[0]} {text}")
    read = plain(text)
    fits = {
        "null": read is None,
        "bool": isinstance(read, bool),
        "int": isinstance(read, Number),
        "float": isinstance(read, Number),
    }
    return read if fits[kind] else Literal(source)


def is_standard(tag: str) -> bool:
    """Say whether a tag is that of one of JSON's scalar types."""
    return tag in _STANDARD


def is_number(text: str) -> bool:
    """Say whether plain text is a number to YAML 1.2."""
    return _NUMBER.match(text) is not None


def portable(text: str) -> str | None:
    """Return the number of YAML 1.2 that text is, spelled so that YAML 1.1 has the same; None when 1.1 has another.

    To PyYAML ``1e3`` is text, for want of a dot and of the exponent's sign, ``010`` is eight, and ``0o10`` is text.
    """
    if form(text):
        return None
    found = _DECIMAL.match(text)
    if found is None:
        return text
    sign, whole, fraction, power, of = found.groups()
    if power is None:
        return f"{sign}0{fraction}" if sign and not whole else text
    return f"{sign}{whole or 0}{fraction or '.0'}{power}{of if of[0] in '+-' else '+' + of}"


def form(text: str) -> str:
    """Return how an integer begins that YAML 1.1 and 1.2 do not read alike: ``0``, ``0o``, or nothing."""
    found = _OLD_OR_NEW.match(text)
    return found[1] if found else ""


_DECIMAL = re.compile(r"([-+]?)([0-9]*)(\.[0-9]*)?(?:([eE])([-+]?[0-9]+))?\Z")
_OLD_OR_NEW = re.compile(r"[-+]?(0o?)[0-9]+\Z")


def is_ambiguous(text: str) -> bool:
    """Say whether plain text is text to YAML 1.2 and something else to YAML 1.1."""
    return isinstance(plain(text), Literal)


def is_text(text: str) -> bool:
    """Say whether plain text is text to YAML 1.2 and 1.1 alike."""
    read = plain(text)
    return isinstance(read, str) and not isinstance(read, Number | Literal)


_PLAIN = re.compile(
    r"""(?:[^\s\-?:,\[\]{}#&*!|>'"%@`\x00-\x1f\x7f-\x9f\ufeff\ufffe\uffff]|-(?=[^\s\-,\[\]{}?:])|--(?=[a-zA-Z]))
        (?:[^\s:#\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|:(?=[^\s])|(?<=[^\s])\#|[ ]+(?=[^\s#]))*\Z""",
    re.VERBOSE,
)
_FLOW_MARK = re.compile(r"[,\[\]{}:?]")
_ODD_SPACE = re.compile(r"[^\S ]")


def can_be_plain(text: str, *, flow: bool) -> bool:
    """Say whether text needs no quotes: every common reader takes it for this very text.

    flow is said inside braces and brackets, where more characters mean something.
    """
    if not text or text[-1] in ": " or _SUSPECT.match(text) or _ELSEWHERE.match(text):
        return False
    if flow and (_FLOW_MARK.search(text) or text[0] == "-"):
        return False
    if not is_text(text):
        return False
    return _PLAIN.match(text) is not None and not _ODD_SPACE.search(text) and not text.startswith(("---", "..."))


_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]')
_NAMED = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
    '"': '\\"',
    "\\": "\\\\",
}


def double_quoted(text: str) -> str:
    """Return text in double quotes on one line; what is not printable is escaped."""
    return '"' + _ESCAPED.sub(lambda found: _NAMED.get(found[0]) or _by_number(ord(found[0])), text) + '"'


def _by_number(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*\Z")


def is_printable(text: str) -> bool:
    """Say whether text is one line of characters that may stand in a file as they are."""
    return _PRINTABLE.match(text) is not None


def single_quoted(text: str) -> str:
    """Return printable text in single quotes."""
    return "'" + text.replace("'", "''") + "'"
