"""Splices that take an entry out of a collection."""

from bisect import bisect_left

from devenv.editor.yaml.insert import blank_behind, entry_end
from devenv.editor.yaml.layout import (
    COMMENT_LINE,
    WHITE,
    all_blank_end,
    begins_line,
    blank_lines_before,
    blank_lines_end,
    column,
    is_blank_after,
    line_end,
    line_start,
    next_line,
)
from devenv.editor.yaml.nodes import SKIP, Entry, Node, inner, keeps, last_scalar, scalar_indent
from devenv.editor.yaml.place import Place, Splice
from devenv.errors import EditError


def remove(place: Place, above: Place) -> list[Splice]:
    """Return the splices that take out the entry at place, which stands in the collection at above.

    Its lines go with the comment behind it; comment lines above other entries, and above it, stay.
    """
    assert place.entry is not None
    assert place.parent is not None
    if place.parent.style == "flow":
        return _from_flow(place, place.parent, place.entry)
    if len(place.parent.children()) == 1:
        return _only_entry(place, above)
    return _from_block(place, place.parent, place.entry)


def _only_entry(place: Place, above: Place) -> list[Splice]:
    """Return splices that leave an empty collection in the place of one with a single entry."""
    assert place.entry is not None
    text = place.text
    empty = "{}" if above.node.kind == "map" else "[]"
    start, end = place.entry.start, place.last_line_end()
    if above.entry is None and not above.node.anchor and not above.node.tag:
        return [Splice(start, end, empty)]
    if not begins_line(text, start):
        return [Splice(start, place.node.close(), empty)]
    if above.node.anchor is not None or above.node.tag is not None:
        head = above.kept({} if above.node.kind == "map" else [])[1]
    else:
        head = above.head_end()
    line = line_end(text, head)
    lines = Splice(*_whole_lines(text, start, end), "")
    if not text[head:line].strip() and line < lines.start:
        return [Splice(head, line, f" {empty}"), lines]
    return [Splice(head, head, f" {empty}"), lines]


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the stretch to take out so that the lines from start to end go, and a final line end is as it was."""
    first, after = line_start(text, start), next_line(text, end)
    if after == len(text) and line_end(text, end) == len(text) and first > 0:
        first -= 2 if text[first - 2 : first] == "\r\n" else 1
    return first, after


def _from_block(place: Place, parent: Node, entry: Entry) -> list[Splice]:
    text = place.text
    entries = parent.children()
    index = _number(entries, entry)
    end = place.last_line_end()
    if not begins_line(text, entry.start):
        if index + 1 == len(entries):
            raise EditError(
                f"the entry at line {place.doc.line(place.node)} is laid out in a way that cannot be followed"
            )
        following = entries[index + 1]
        if not text[end : following.start].strip():
            return [Splice(entry.start, following.start, "")]
        start = entry.start
        while text[start - 1] in " \t":
            start -= 1
        return [Splice(start, end, "")]
    start, after = _whole_lines(text, entry.start, end)
    above = last_scalar(entries[index - 1].node) if index else None
    if above is not None and above.style in ("|", ">") and above.value.endswith("\n"):
        start = line_start(text, entry.start)  # a block scalar at the end of a file needs its line end
    if line_end(text, end) < len(text):
        least = entries[index - 1].node.close() if index else start
        least = next_line(text, least) if index else start
        blank = blank_lines_before(text, start, least)
        if after == len(text):
            start = blank if index else start
        elif is_blank_after(text, after) and (blank < start or not index):
            after = blank_lines_end(text, after) if blank < start else after
    if above is not None and above.style in ("|", ">"):
        return _below_scalar(text, above, Splice(start, after, ""), column(text, entry.start))
    return [Splice(start, after, "")]


def _number(entries: list[Entry], entry: Entry) -> int:
    """Return which of entries one is."""
    return bisect_left(entries, entry.start, key=lambda other: other.start)


def _below_scalar(text: str, above: Node, splice: Splice, at: int) -> list[Splice]:
    """Return the splices that take out an entry at a column so that what follows is no more of the scalar above it.

    Blank lines that would be go, comments that would be move left to the entry's column.
    """
    end = all_blank_end(text, splice.end)
    if not keeps(text, above):
        indent = scalar_indent(text, above)
        wide = [found.end() for found in WHITE.finditer(text, splice.end, end) if len(found[0]) > indent]
        end = next_line(text, wide[-1]) if wide else splice.end
    return [splice._replace(end=end), *_moved_left(text, all_blank_end(text, end), at, scalar_indent(text, above))]


def _moved_left(text: str, line: int, at: int, indent: int) -> list[Splice]:
    """Return the splices that move comment lines from a line's start on, which stand at indent or beyond, to at."""
    splices = []
    while (found := COMMENT_LINE.match(text, line)) and len(found[1]) >= indent:
        splices.append(Splice(line + at, line + len(found[1]), ""))
        line = all_blank_end(text, found.end())
    return splices


def _from_flow(place: Place, parent: Node, entry: Entry) -> list[Splice]:
    text = place.text
    entries = parent.children()
    index = _number(entries, entry)
    end = entry_end(entry)
    after = SKIP.match(text, end).end()  # type: ignore[union-attr]
    comma = text[after : after + 1] == ","
    past = after + 1 if comma else end
    if len(entries) == 1:
        opened = inner(text, parent) + 1
        if text[opened - 1] not in "{[":
            return [Splice(entry.start, end, "{}")]  # a pair of a list without braces
        if "#" not in text[opened : entry.start] and "#" not in text[past : parent.end - 1]:
            return [Splice(opened, parent.end - 1, "")]
        return [Splice(entry.start, past, "")]
    before = entries[index - 1] if index else None
    line = line_end(text, past)
    rest = text[past:line].strip()
    if begins_line(text, entry.start) and (not rest or rest.startswith("#")):
        splices = [Splice(line_start(text, entry.start), next_line(text, past), "")]
        if not comma and before is not None:
            mark = SKIP.match(text, entry_end(before)).end()  # type: ignore[union-attr]
            splices.append(Splice(mark, mark + 1, ""))
        return splices
    if comma and index + 1 < len(entries):
        following = entries[index + 1].start
        return [Splice(entry.start, following if "#" not in text[past:following] else past, "")]
    if before is None:
        return [Splice(entry.start, past, "")]
    start = entry_end(before)
    if "#" not in text[start : entry.start]:
        return [Splice(start, end, blank_behind(text, before))]
    mark = SKIP.match(text, start).end()  # type: ignore[union-attr]
    return [Splice(mark, mark + 1, ""), Splice(entry.start, past, "")]
