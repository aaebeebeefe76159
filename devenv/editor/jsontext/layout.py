"""How a JSON text is laid out: its indentation, the space round its colons and commas, its line ends.

Gaps are what stands between two tokens: white space and, in JSONC, comments. A gap is laid out anew without losing a
comment of it.
"""

import re

from devenv.editor.values import Value, kind_of, quoted, scalar_to_json
from devenv.record import Record

SPACE = " \t\r\n"
COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)

_SAMPLE = 64 * 1024
"""Bytes of a text that are looked at to learn its style."""

_COLON = re.compile(rb'"([ \t]*:[ \t]*)[^\s]')
_COMMA = re.compile(rb'["\dtrue\]}],([ \t]*)[^\s]')
_INDENT = re.compile(rb"[\r\n]([ \t]+)[^\s]")
_SHORT_ARRAY = re.compile(rb"[:,\[][ \t]*\[[ \t]*[^\s\[\]{}]")


class Style(Record):
    """A text's habits; all but unit hold for the text as a whole."""

    newline: str = "\n"
    unit: str = "  "
    colon: str = ": "
    comma: str = " "
    short_arrays: bool = False
    """True when arrays of scalars stand on one line."""


def style_of(data: bytes) -> Style:
    """Return the style of a text, by its first lines."""
    sample = data[:_SAMPLE]
    colon, comma, indent = _COLON.search(sample), _COMMA.search(sample), _INDENT.search(sample)
    lf = sample.find(b"\n")
    newline = "\r" if lf < 0 and b"\r" in sample else "\r\n" if lf > 0 and sample[lf - 1 : lf] == b"\r" else "\n"
    between = colon[1].decode() if colon else ": "
    return Style(
        newline=newline,
        unit=indent[1].decode() if indent else "  ",
        colon=between,
        comma=comma[1].decode() if comma else " " if between.endswith(" ") else "",
        short_arrays=bool(_SHORT_ARRAY.search(sample)),
    )


def indent_of_line(data: bytes, at: int) -> str:
    """Return the white space that begins the line of a byte."""
    start = max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1
    end = start
    while end < at and data[end] in b" \t":
        end += 1
    return data[start:end].decode()


def last_line(gap: str) -> str:
    """Return a gap from its last end of line on; "" when it is on one line."""
    at = max(gap.rfind("\n"), gap.rfind("\r"))
    if at < 0:
        return ""
    return gap[at - 1 :] if gap[at] == "\n" and at and gap[at - 1] == "\r" else gap[at:]


def has_comment(gap: str) -> bool:
    """Say whether a gap is more than white space."""
    return bool(gap.strip(SPACE))


def breaks(gap: str) -> bool:
    """Say whether a gap goes over an end of line."""
    return "\n" in gap or "\r" in gap


def with_comments(gap: str, tail: str, newline: str) -> str:
    """Return a gap's comments as they stand, then tail; a comment to the line's end gets one."""
    if not has_comment(gap):
        return tail
    kept = gap.rstrip(SPACE)
    last = list(COMMENT.finditer(kept))[-1][0]
    return kept + (tail if breaks(tail) or not last.startswith("//") else newline + tail)


def joined(before: str, after: str, newline: str) -> str:
    """Return what becomes of the gaps round something taken out: its place's layout, every comment kept."""
    if not has_comment(after):
        return before
    if not has_comment(before):
        # a comment that stood on the line of what is gone gets that line
        return before + after.lstrip(" \t") if not breaks(after[: len(after) - len(after.lstrip(SPACE))]) else after
    return with_comments(
        before, after if breaks(after[:2]) else (last_line(before) or " ") + after.lstrip(SPACE), newline
    )


def render(value: Value, style: Style, indent: str, *, lines: bool) -> str:
    """Return a value as text; with lines a container goes over several, the first at indent."""
    if isinstance(value, dict):
        entries = [
            quoted(key) + style.colon + render(item, style, indent + style.unit, lines=lines)
            for key, item in value.items()
        ]
        return _container("{", entries, "}", style, indent, lines=lines)
    if isinstance(value, list):
        flat = all(kind_of(item) not in ("object", "array") for item in value)
        lines = lines and not (flat and style.short_arrays)
        entries = [render(item, style, indent + style.unit, lines=lines) for item in value]
        return _container("[", entries, "]", style, indent, lines=lines)
    return scalar_to_json(value)


def _container(opening: str, entries: list[str], closing: str, style: Style, indent: str, *, lines: bool) -> str:
    if not entries:
        return opening + closing
    if not lines:
        return opening + ("," + style.comma).join(entries) + closing
    inner = style.newline + indent + style.unit
    return opening + inner + ("," + inner).join(entries) + style.newline + indent + closing
