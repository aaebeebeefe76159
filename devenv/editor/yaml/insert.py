"""Splices that put a new entry into a collection."""

import re

from devenv.editor.values import Value
from devenv.editor.yaml.layout import begins_line, column, is_spaced, key_habit, line_end, line_start, next_line
from devenv.editor.yaml.nodes import SKIP, Entry, Node, inner, keeps, last_scalar
from devenv.editor.yaml.place import Place, Splice
from devenv.editor.yaml.render import entry_lines, flow_text, item_lines, key_text
from devenv.editor.yaml.replace import needs_line_end, replace
from devenv.errors import EditError

_HEADER = re.compile(r"([|>])([0-9]*)([+-]?)([0-9]*)")
_COMMENT_LINE = re.compile(r"[ \t]*#[^\r\n]*(?:\r\n|[\r\n])")


def insert_pairs(place: Place, pairs: list[tuple[str, Value]]) -> list[Splice]:
    """Return the splices that give the map at place more entries, after its last."""
    node, text = place.node, place.text
    habit = key_habit(text, node)
    if node.style == "flow":
        if not place.flow and _is_bare(place):
            return replace(place, dict(pairs))
        colon = ":" if habit in ("'", '"') and _is_tight(text, node) else ": "
        heads = [f"{key_text(key, place.style, habit, flow=True)}{colon}" for key, _ in pairs]
        new = [head + flow_text(value, place.style) for head, (_, value) in zip(heads, pairs, strict=True)]
        return _into_flow(place, len(node.children()), new)
    at = column(text, node.children()[0].start)
    place = place.before_line(next_line(text, node.close()))
    heads = [" " * at + key_text(key, place.style, habit, flow=False) for key, _ in pairs]
    entries = [entry_lines(head, value, place.style, at) for head, (_, value) in zip(heads, pairs, strict=True)]
    return _after_entry(place, node.children()[-1], entries, pairs[-1][1])


def append_items(place: Place, values: list[Value]) -> list[Splice]:
    """Return the splices that give the list at place more entries, after its last."""
    node = place.node
    entries = node.children()
    if node.style == "flow":
        if not place.flow and _is_bare(place):
            return replace(place, values)
        return _into_flow(place, len(entries), [flow_text(value, place.style) for value in values])
    return _below_item(place, len(entries) - 1, values)


def insert_items(place: Place, index: int, values: list[Value]) -> list[Splice]:
    """Return the splices that put entries before the index-th of the list at place, or after its last."""
    node, text = place.node, place.text
    entries = node.children()
    if index == len(entries):
        return append_items(place, values)
    if node.style == "flow":
        return _into_flow(place, index, [flow_text(value, place.style) for value in values])
    if index:
        return _below_item(place, index - 1, values)
    first = entries[0]
    at = line_start(text, first.start)
    if place.entry is not None:
        at = _above_comments(text, at, line_end(text, place.head_end()))
    below = place.before_line(at)
    lines = [line for value in values for line in _lines_of(below, value)]
    newline = place.style.newline
    if not begins_line(text, first.start):
        pad = " " * column(text, first.start)
        return [Splice(first.start, first.start, newline.join(lines).lstrip(" ") + newline + pad)]
    return [Splice(at, at, newline.join(lines) + newline)]


def _below_item(place: Place, index: int, values: list[Value]) -> list[Splice]:
    """Return the splices that put entries below the index-th of the block list at place."""
    entry = place.node.children()[index]
    place = place.before_line(next_line(place.text, entry.node.close()))
    return _after_entry(place, entry, [_lines_of(place, value) for value in values], values[-1])


def _lines_of(place: Place, value: Value) -> list[str]:
    """Return a new entry of the block list at place as lines."""
    text, first = place.text, place.node.children()[0]
    gap = first.node.start - first.start - 1
    if not 1 <= gap <= 8 or text[first.start + 1 : first.node.start].strip(" "):
        gap = place.style.gap
    return item_lines(value, place.style._replace(gap=gap), column(text, first.start))


def _above_comments(text: str, at: int, least: int) -> int:
    """Return where the comment lines right above a line begin, which belong to the entry below; none up to least."""
    while at > 0:
        above = line_start(text, at - (2 if text[at - 2 : at] == "\r\n" else 1))
        if above <= least or not _COMMENT_LINE.fullmatch(text, above, at):
            return at
        at = above
    return at


def _after_entry(place: Place, entry: Entry, new: list[list[str]], value: Value) -> list[Splice]:
    """Return the splices that put the lines of new entries, the last of which has value, after those of an entry."""
    text, newline = place.text, place.style.newline
    end = line_end(text, entry.node.close())
    gap = newline if is_spaced(text, place.node) and not keeps(text, last_scalar(entry.node)) else ""
    joined = "".join(gap + "".join(newline + line for line in lines) for lines in new)
    if end < len(text):
        return [Splice(end, end, joined)]
    ending = newline if needs_line_end(value) else ""
    return [*_settled_last(text, entry.node), Splice(end, end, joined + ending)]


def _settled_last(text: str, node: Node) -> list[Splice]:
    """Return the splice that lets a block scalar at the end of a file without line end stay what it is."""
    node = last_scalar(node)
    if node.kind != "scalar" or node.style not in ("|", ">") or node.value.endswith("\n"):
        return []
    header = _HEADER.match(text, inner(text, node))
    if header is None or header[3] == "-":
        return []
    at = header.end(2)
    return [Splice(at, header.end(3), "-")]


def _is_bare(place: Place) -> bool:
    """Say whether a flow collection holds nothing, no comment either."""
    text, node = place.text, place.node
    return not node.children() and not text[inner(text, node) + 1 : node.end - 1].strip()


def _is_tight(text: str, node: Node) -> bool:
    """Say whether no space follows the colon of a flow map's first entry."""
    entries = node.children()
    return bool(entries) and entries[0].node.start > 0 and text[entries[0].node.start - 1] == ":"


def entry_end(entry: Entry) -> int:
    """Return where an entry of a flow collection ends."""
    return max(entry.node.end, entry.key.end if entry.key is not None else 0)


def blank_behind(text: str, entry: Entry) -> str:
    """Return what keeps an entry of a flow collection as it is before a comma or bracket.

    The colon of a key without a value is one before a blank alone, not the end of a name.
    """
    end = entry_end(entry)
    pair = entry.node.children() if entry.key is None and text[end - 1 : end] == ":" else []
    if pair:  # an entry of a list, without braces
        return blank_behind(text, pair[-1])
    return " " if text[end - 1 : end] == ":" and entry.key is not None and entry.key.end < end else ""


def _into_flow(place: Place, index: int, new: list[str]) -> list[Splice]:
    node, text = place.node, place.text
    open_at = inner(text, node)
    if text[open_at : open_at + 1] not in ("{", "["):
        raise EditError(f"line {place.doc.line(node)} holds a pair without braces: put them there first")
    entries = node.children()
    if not entries:
        joined = ", ".join(new)
        bare = _is_bare(place)
        return [Splice(open_at + 1, node.end - 1 if bare else open_at + 1, joined if bare else f"{joined} ")]
    tight = len(entries) > 1 and text[entry_end(entries[0]) : entries[1].start] == ","
    newline = place.style.newline
    if index < len(entries):
        at = entries[index].start
        if begins_line(text, at):
            pad = text[line_start(text, at) : at]
            least = line_end(text, entry_end(entries[index - 1]) if index else open_at)
            line = _above_comments(text, line_start(text, at), least)
            return [Splice(line, line, "".join(f"{pad}{entry},{newline}" for entry in new))]
        return [Splice(at, at, "".join(entry + ("," if tight else ", ") for entry in new))]
    return _at_flow_end(place, new, tight=tight)


def _at_flow_end(place: Place, new: list[str], *, tight: bool) -> list[Splice]:
    """Return the splices that put new after the last entry: each on a line of its own where the last has one."""
    node, text, newline = place.node, place.text, place.style.newline
    last = node.children()[-1]
    end = entry_end(last)
    after = SKIP.match(text, end).end()  # type: ignore[union-attr]
    comma = text[after : after + 1] == ","
    own_line = begins_line(text, last.start) and text.find("\n", inner(text, node), last.start) >= 0
    blank = blank_behind(text, last)
    if not own_line:
        if comma:
            return [Splice(after + 1, after + 1, "".join(f" {entry}," for entry in new))]
        return [Splice(end, end, blank + "".join(("," if tight else ", ") + entry for entry in new))]
    pad = text[line_start(text, last.start) : last.start]
    settled = after + 1 if comma else end
    line = line_end(text, settled)
    rest = text[settled:line].strip()
    at = line if not rest or rest.startswith("#") else settled
    lines = ",".join(f"{newline}{pad}{entry}" for entry in new)
    if comma:
        return [Splice(at, at, f"{lines},")]
    if at == end:
        return [Splice(end, end, f"{blank},{lines}")]
    return [Splice(end, end, f"{blank},"), Splice(at, at, lines)]
