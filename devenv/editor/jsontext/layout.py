"""How a JSON text is laid out: its indentation, the space round its colons and commas, its line ends.

Gaps are what stands between two tokens: white space and, in JSONC, comments. A gap is laid out anew without losing a
comment of it.
"""

import re

from devenv.editor.values import Value, kind_of, quoted, scalar_to_json
from devenv.record import Record

SPACE = " \t\r\n"
COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_TO_LINE_END = re.compile(r"[ \t]+|//[^\r\n]*|/\*.*?\*/", re.DOTALL)

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


def style_of(text: bytes, plain: bytes) -> Style:
    """Return the style of a text, by its first lines; plain is the text with spaces for its comments."""
    raw, sample = text[:_SAMPLE], plain[:_SAMPLE]

    def first(pattern: re.Pattern[bytes]) -> str | None:
        # what a comment stands in says nothing of spaces
        spans = (found.span(1) for found in pattern.finditer(sample))
        return next((sample[at:end].decode() for at, end in spans if raw[at:end] == sample[at:end]), None)

    colon, comma, indent = first(_COLON), first(_COMMA), _INDENT.search(sample)
    lf = sample.find(b"\n")
    newline = "\r" if lf < 0 and b"\r" in sample else "\r\n" if lf > 0 and sample[lf - 1 : lf] == b"\r" else "\n"
    between = ": " if colon is None else colon
    return Style(
        newline=newline,
        unit=(indent_of_line(text, indent.end(1)) if indent else "") or "  ",
        colon=between,
        comma=comma if comma is not None else " " if between.endswith(" ") else "",
        short_arrays=bool(_SHORT_ARRAY.search(sample)),
    )


def indent_of_line(data: bytes, at: int) -> str:
    """Return the white space that begins the line of a byte."""
    start = data.rfind(b"\n", 0, at) + 1
    start = max(start, data.rfind(b"\r", start, at) + 1)
    end = start
    while end < at and data[end] in b" \t":
        end += 1
    return data[start:end].decode()


def last_line(gap: str) -> str:
    """Return the last end of line in a gap and the white space right after it, "" when there is none.

    A comment is neither: what ends a line inside of one lays nothing out.
    """
    for space in reversed(COMMENT.split(gap)):
        at = max(space.rfind("\n"), space.rfind("\r"))
        if at >= 0:
            return space[at - 1 :] if space[at] == "\n" and at and space[at - 1] == "\r" else space[at:]
    return ""


def first_line(gap: str) -> str:
    """Return a gap up to its first end of line: what stands on the line of what is before it."""
    end = 0
    for found in _TO_LINE_END.finditer(gap):
        if found.start() != end:
            break
        end = found.end()
    return gap[:end]


def has_comment(gap: str) -> bool:
    """Say whether a gap is more than white space."""
    return bool(gap.strip(SPACE))


def breaks(gap: str) -> bool:
    """Say whether a gap goes over an end of line that is not inside a comment."""
    return bool(last_line(gap))


def starts_line(gap: str) -> bool:
    """Say whether an end of line is the first in a gap but for spaces."""
    return gap.lstrip(" \t")[:1] in ("\n", "\r")


def with_comments(gap: str, tail: str, newline: str) -> str:
    """Return a gap's comments as they stand, then tail; a comment to the line's end gets one."""
    return _kept(gap, tail, newline) + tail


def _kept(gap: str, tail: str, newline: str) -> str:
    if not has_comment(gap):
        return ""
    kept = gap.rstrip(SPACE)
    last = list(COMMENT.finditer(kept))[-1][0]
    return kept + newline if last.startswith("//") and not starts_line(tail) else kept


def closing(gap: str) -> str:
    """Return the white space that is to stay before a closing mark once a gap's comments stand further up."""
    space = gap[len(gap.rstrip(SPACE)) :]
    return space if breaks(space) or not breaks(gap) else last_line(gap)


def before_entry(gap: str, line: str, entries: list[str]) -> tuple[int, str]:
    """Return where in the gap before an entry others are put, and as what text; line is what goes between entries.

    A comment on a line of its own belongs to what follows it, one on the line of what it follows to that.
    """
    if breaks(gap):
        return len(first_line(gap).encode()), "".join(line + entry + "," for entry in entries)
    return len(gap.encode()), "".join(entry + "," + line for entry in entries)


def joined(gaps: list[str], newline: str) -> str:
    """Return what becomes of the gaps round things taken out: the first one's layout, every comment kept."""
    parts: list[str] = []
    last, *others = gaps
    for gap in others:
        if not has_comment(gap):
            continue
        if has_comment(last):
            follows = gap if starts_line(gap) else (last_line(last) or " ") + gap.lstrip(SPACE)
            parts.append(_kept(last, follows, newline))
            last = follows
        else:
            # a comment that stood on the line of what is gone gets that line
            last = gap if starts_line(gap) else last + gap.lstrip(" \t")
    return "".join([*parts, last])


def at_end(before: str, after: str, newline: str) -> str:
    """Return the gap before a closing mark when what stood between two gaps is gone: all comments, the last line."""
    if not has_comment(after):
        return with_comments(before, after, newline)
    if starts_line(after):
        return with_comments(before, after, newline)
    if not has_comment(before):
        return before + after.lstrip(" \t")
    return with_comments(before, (last_line(before) or " ") + after.lstrip(" \t"), newline)


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
