"""Entries of what stands in brackets or braces: where one goes in and how one goes out, commas and lines included.

``spans`` are the entries' offsets; what is returned is a splice: from, to, and what to put there.
"""

from typing import NamedTuple


class Splice(NamedTuple):
    """Text to put in place of a span."""

    start: int
    end: int
    text: str


Spans = list[tuple[int, int]]


def insert(
    text: str, start: int, end: int, spans: Spans, index: int, new: list[str], *, indent: str, pad: str
) -> Splice:
    """Return the splice that puts new ones before entry index of what stands in text[start:end].

    indent is that of the line it begins on, pad what goes inside the braces when they are empty.
    """
    if not spans:
        return _first(text, start, end, ", ".join(new), indent=indent, pad=pad)
    before = max(index - 1, 0)
    line = _line_start(text, spans[before][0])
    beside = 0 < index < len(spans) and "\n" not in text[spans[before][1] : spans[index][0]]
    if beside or line <= start or text[line : spans[before][0]].strip(" \t"):
        mark = _separator(text, spans)
        if index < len(spans):
            at = spans[index][0]
            return Splice(at, at, "".join(f"{one}{mark}" for one in new))
        comma = _comma(text, spans[-1][1], end)
        if comma is None:
            return Splice(spans[-1][1], spans[-1][1], "".join(f"{mark}{one}" for one in new))
        return Splice(comma, comma, "".join(f"{mark[1:]}{one}," for one in new))
    inner = text[line : spans[before][0]]
    newline = _newline(text, line)
    if index == 0:
        at = _above_comments(text, line, _line_start(text, start))
        return Splice(at, at, "".join(f"{inner}{one},{newline}" for one in new))
    after = spans[before][1]
    comma = _comma(text, after, spans[index][0] if index < len(spans) else end)
    stop = _comment_end(text, after if comma is None else comma)
    if comma is not None:
        return Splice(stop, stop, "".join(f"{newline}{inner}{one}," for one in new))
    return Splice(after, stop, f",{text[after:stop]}" + ",".join(f"{newline}{inner}{one}" for one in new))


def _above_comments(text: str, line: int, least: int) -> int:
    """Return where the comment lines right above a line begin, which belong to what is on it; none up to least."""
    while line > least:
        above = _line_start(text, line - 1)
        if above <= least or text[above:line].lstrip(" \t")[:1] != "#":
            return line
        line = above
    return line


def _separator(text: str, spans: Spans) -> str:
    """Return what stands between two entries on a line."""
    between = text[spans[0][1] : spans[1][0]] if len(spans) > 1 else ", "
    return between if between.rstrip(" ") == "," else ", "


def _first(text: str, start: int, end: int, new: str, *, indent: str, pad: str) -> Splice:
    inside = text[start + 1 : end - 1]
    if "\n" not in inside:
        return Splice(start + 1, end - 1, f"{pad}{new}{pad}")
    line = _line_start(text, end - 1)
    newline = _newline(text, line)
    inner = _indent_of_comment(inside) or indent + "    "
    if text[line : end - 1].strip(" \t"):
        return Splice(end - 1, end - 1, f"{newline}{inner}{new},{newline}{indent}")
    return Splice(line, line, f"{inner}{new},{newline}")


def _indent_of_comment(inside: str) -> str | None:
    for line in inside.split("\n")[1:]:
        if line.lstrip(" \t").startswith("#"):
            return line[: line.index("#")]
    return None


def delete(text: str, start: int, end: int, spans: Spans, index: int) -> list[Splice]:
    """Return the splices that take entry index out of what stands in text[start:end]; the last one first."""
    first, last = spans[index]
    following = spans[index + 1][0] if index + 1 < len(spans) else end - 1
    comma = _comma(text, last, following)
    line = _line_start(text, first)
    stop = _comment_end(text, last if comma is None else comma)
    if len(spans) == 1 and not (text[start + 1 : first] + text[stop : end - 1]).strip():
        return [Splice(start + 1, end - 1, "")]
    alone = line > start and not text[line:first].strip(" \t") and text[stop : stop + 2].lstrip("\r")[:1] == "\n"
    if alone:
        whole = Splice(line, text.index("\n", stop) + 1, "")
        if comma is None and index:
            # the one before was not the last, this was: its comma goes, as the file has none after the last
            cut = _comma(text, spans[index - 1][1], first)
            assert cut is not None
            return [whole, Splice(cut - 1, cut, "")]
        return [whole]
    if index + 1 < len(spans):
        return [Splice(first, following, "")] if "#" not in text[last:following] else [Splice(first, comma or last, "")]
    if index == 0:
        return [Splice(first, last if comma is None else comma, "")]
    if "#" in text[spans[index - 1][1] : first]:
        return [Splice(first, last if comma is None else comma, "")]
    return [Splice(spans[index - 1][1], last, "")]


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _newline(text: str, line: int) -> str:
    return "\r\n" if line > 1 and text[line - 2 : line] == "\r\n" else "\n"


def _comma(text: str, at: int, end: int) -> int | None:
    """Return where the comma after an entry ends; None when there is none."""
    while at < end:
        mark = text[at]
        if mark == ",":
            return at + 1
        if mark == "#":
            at = text.index("\n", at)
        at += 1
    return None


def _comment_end(text: str, at: int) -> int:
    """Return where the line ends, or at itself when more than a comment follows."""
    gap = at
    while text[gap] in " \t":
        gap += 1
    if text[gap] in "\r\n":
        return gap
    if text[gap] != "#":
        return at
    end = text.index("\n", gap)
    return end - 1 if text[end - 1] == "\r" else end
