"""Key paths: where in a config file, in four languages.

- dotted, the one devenv prints: ``b.c.d``, ``servers[0].port``, ``servers[-1]``, ``tags[. = "b"]``,
  ``servers[name = "web"].port``, and quotes for odd keys: ``a."x.y".b``;
- JSONPath (RFC 9535, through jsonpath-ng): begins with ``$``;
- JSON Pointer (RFC 6901): begins with ``/``;
- an Augeas path expression: any path with an unquoted slash into a file that is read with a lens.
"""

from __future__ import annotations

from devenv.editor.document import Match, Step, Steps
from devenv.editor.values import quoted, shown
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable


class _Pattern:
    """A regular expression, compiled when it is asked: most paths are plain, and do not wait for re to load."""

    def __init__(self, text: str) -> None:
        self.text = text

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        import re

        return re.compile(self.text).match(text, at)

    def sub(self, other: str, text: str) -> str:
        import re

        return re.sub(self.text, other, text)


class Last(str):
    """``-`` as it is typed without quotes: the place after the last entry, of an array that is to be made too."""

    __slots__ = ()


class KeyPath(Record):
    """A parsed path: ``steps`` when it names one place, else the ``query`` to be asked of the document."""

    text: str
    language: str
    """dotted, pointer, jsonpath or augeas."""
    steps: Steps = ()
    query: str | None = None


_BARE = _Pattern(r"""[^\s.\[\]"'=/$:,{}()*?#&|<>`\\;!~^\x00-\x1f][^\s.\[\]"'=/:,{}()*?#&|<>`\\;!^\x00-\x1f]*\Z""")
"""Keys printed without quotes: what neither the languages above nor a shell take for something else."""

_KEY = _Pattern(r"""[^.\[\]"'\s=]+""")
_INDEX = _Pattern(r"\[\s*(-?[0-9]+)\s*\]")
_MATCH = _Pattern(
    r"""\[\s*(?:(\.)|("(?:[^"\\]|\\.)*"|'[^']*'|[^\]\s="'.\[]+))\s*==?\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^\]\s"']+)\s*\]"""
)
_QUOTED = _Pattern(r"""(?s:"(?:[^"\\]|\\.)*"|'[^']*')""")

LONGEST = 65_536
"""Characters of a path; more is a mistake or an attack."""

MOST = 1_000
"""Steps of a path; no format nests as deep."""


def parse(text: str, *, tree: bool = False, augeas: bool = False) -> KeyPath:
    """Return the parsed path; tree says that the file is read with a lens, augeas that text is an expression for it.

    Raises EditError with the column of what is wrong.
    """
    if len(text) > LONGEST:
        raise EditError(f"a path of {len(text)} characters; at most {LONGEST} are taken")
    if not text:
        raise _wrong(text, 0)
    if augeas or (tree and _has_slash(text)):
        return KeyPath(text, "augeas", query=text)
    path = _parsed(text)
    if len(path.steps) > MOST:
        raise EditError(f"a path of {len(path.steps)} steps; at most {MOST} are taken")
    return path


def _parsed(text: str) -> KeyPath:
    if text.startswith("$") and (len(text) == 1 or text[1] in ".["):
        steps = _plain_jsonpath(text)
        return KeyPath(text, "jsonpath", steps=steps) if steps is not None else KeyPath(text, "jsonpath", query=text)
    if text.startswith("/"):
        return KeyPath(text, "pointer", steps=_pointer(text))
    steps, end = dotted(text)
    if end != len(text):
        raise _wrong(text, end)
    return KeyPath(text, "dotted", steps=steps)


def assignment(text: str, *, tree: bool = False) -> tuple[str, str, str]:
    """Return path, ``=`` or ``:=``, and value of ``PATH=VALUE``; EditError when there is none.

    The first equals sign outside quotes and brackets ends the path.
    """
    depth, at = 0, 0
    while at < len(text):
        mark = text[at]
        if mark in "\"'":
            found = _QUOTED.match(text, at)
            if found is None:
                raise EditError(f"path {shown(text)}: column {at + 1}: a quote is not closed")
            at = found.end()
            continue
        if mark in "[(":
            depth += 1
        elif mark in "])":
            depth -= 1
        elif mark == "=" and depth == 0 and at:
            typed = text[at - 1] == ":"
            return text[: at - typed], text[at - typed : at + 1], text[at + 1 :]
        at += 1
    raise EditError(f"{shown(text)} is neither PATH VALUE nor PATH=VALUE", hint="write PATH=VALUE or PATH:=JSON")


def _has_slash(text: str) -> bool:
    return "/" in text and "/" in _QUOTED.sub("", text)


def dotted(text: str) -> tuple[Steps, int]:
    """Return the steps of a dotted path and where it ends in text."""
    plain = _plain(text)
    if plain is not None:
        return plain, len(text)
    steps: list[Step] = []
    at = 0
    while at < len(text):
        if text[at] == "[":
            step, at = _bracket(text, at)
            steps.append(step)
            continue
        if steps or at:
            if text[at] != "." or at + 1 == len(text):
                break
            at += 1
            if text[at] == "[":
                raise _wrong(text, at)
        quote = _QUOTED.match(text, at)
        if quote:
            steps.append(_unquoted(text, at, quote[0]))
            at = quote.end()
            continue
        bare = _KEY.match(text, at)
        if bare is None:
            raise _wrong(text, at)
        steps.append(bare[0] if bare[0] != "-" else Last(bare[0]))
        at = bare.end()
    return tuple(steps), at


def _plain(text: str) -> Steps | None:
    """Return the steps of a path of bare keys and indices; None for any other, and for one that is wrong."""
    if any(mark in text for mark in "\"'=") or text.split() != [text]:
        return None
    steps: list[Step] = []
    for part in text.split("."):
        key, *indices = part.split("[")
        if "]" in key or (not key and (steps or not indices)):
            return None
        if key:
            steps.append(key if key != "-" else Last(key))
        for index in indices:
            digits = index[:-1]
            number = digits.removeprefix("-")
            if index[-1:] != "]" or not (number.isdigit() and number.isascii()) or len(digits) > 18:
                return None
            steps.append(int(digits))
    return tuple(steps)


def _bracket(text: str, at: int) -> tuple[Step, int]:
    index = _INDEX.match(text, at)
    if index:
        if len(index[1]) > 18:
            raise _wrong(text, at)
        return int(index[1]), index.end()
    match = _MATCH.match(text, at)
    if match:
        key = None if match[1] else _bare_or_quoted(text, match.start(2), match[2])
        return Match(key, _bare_or_quoted(text, match.start(3), match[3])), match.end()
    inner = _QUOTED.match(text, at + 1)
    if inner and text[inner.end() : inner.end() + 1] == "]":
        return _unquoted(text, at + 1, inner[0]), inner.end() + 1
    raise _wrong(text, at)


def _bare_or_quoted(text: str, at: int, word: str) -> str:
    return _unquoted(text, at, word) if word[0] in "\"'" else word


def _unquoted(text: str, at: int, word: str) -> str:
    if word[0] == "'":
        return word[1:-1]
    import json

    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        raise EditError(f"path {shown(text)}: column {at + 1}: {word} has an escape that JSON has not") from None


def _wrong(text: str, at: int) -> EditError:
    if not text:
        return EditError("an empty path", hint="write a key, as in b.c.d, or $ for the whole file")
    what = shown(text[at:], 12) if at < len(text) else "the end"
    return EditError(
        f"path {shown(text)}: column {at + 1}: {what} is not expected here",
        hint='odd keys go in quotes: a."x.y".b',
    )


def _pointer(text: str) -> Steps:
    steps = []
    for token in text[1:].split("/"):
        if "~" in token.replace("~0", "_").replace("~1", "_"):
            raise EditError(f"path {shown(text)}: ~ stands for itself only as ~0 in a JSON Pointer, and / is ~1")
        steps.append(token.replace("~1", "/").replace("~0", "~") if token != "-" else Last(token))
    return tuple(steps)


_JSONPATH_STEP = _Pattern(
    r"""\.([^\W\d]\w*)(?![\w(])|\[\s*(-?[0-9]{1,18})\s*\]|\[\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*\]"""
)


def _plain_jsonpath(text: str) -> Steps | None:
    """Return the steps of a JSONPath that names one place; None for all others."""
    steps: list[Step] = []
    at = 1
    while at < len(text):
        found = _JSONPATH_STEP.match(text, at)
        if found is None:
            return None
        if found[1] is not None:
            steps.append(found[1])
        elif found[2] is not None:
            steps.append(int(found[2]))
        else:
            word = found[3]
            if word[0] == "'":
                word = '"' + word[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
            steps.append(_unquoted(text, at, word))
        at = found.end()
    return tuple(steps)


def spelled(steps: Steps) -> str:
    """Return steps as the dotted path that parse() reads back; ``$`` for the whole file."""
    if not steps:
        return "$"
    parts: list[str] = []
    for step in steps:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif isinstance(step, Match):
            key = "." if step.key is None else _key(step.key)
            parts.append(f"[{key} = {quoted(step.value)}]")
        else:
            parts.append(f".{_key(step)}" if parts else _key(step))
    return "".join(parts)


def pointer(steps: Iterable[str | int]) -> str:
    """Return steps as a JSON Pointer; "" for the whole file."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def _key(key: str) -> str:
    return key if key.isidentifier() or (_BARE.match(key) and key != "-") else quoted(key)


def as_index(step: Step, length: int) -> int | None:
    """Return the place in an array of so many entries that a step names (length itself: after the last), else None."""
    if isinstance(step, str):
        if step == "-":
            return length
        if not (step.isdigit() and step.isascii() and len(step) <= 18) or (step[0] == "0" and step != "0"):
            return None
        step = int(step)
    if not isinstance(step, int):
        return None
    place = step + length if step < 0 else step
    return place if 0 <= place <= length else None
