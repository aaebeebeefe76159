"""The spans of large texts without walking all of them.

The entries of a block collection begin at lines of one column. Where the text up to such a line is YAML by itself, no
quote and no bracket is open there, so the line does begin an entry, and what stands between two of them can be walked
alone. The C parser says so at fifty megabytes a second, twelve times what walking costs. So a large text is cut into
parts, all of them checked and only those walked that somebody looks into.
"""

import re

from devenv.editor.yaml import parts
from devenv.editor.yaml.events import has_c, is_yaml
from devenv.editor.yaml.flow import flow_outlined
from devenv.editor.yaml.lines import CLOSED
from devenv.editor.yaml.nodes import Entry, Found, Node
from devenv.editor.yaml.parts import Outline, Part

_ODD_BREAKS = ("\x85", "\u2028", "\u2029")
_DEEP = ("- - - - - - - -", "? ? ? ? ? ? ? ?", " " * 120)
"""What may stand deeper than anything should."""

_ALONE = re.compile(r"[:-][ \t]*(?:[ \t]#[^\r\n]*)?\r?\n")
_BEFORE_FLOW = re.compile(r"[:-][ \t\r\n]+(?=[\[{])")
_REST = re.compile(r"(?:[ \t\r\n]+#[^\r\n]*)*[ \t\r\n]*\Z")
"""What may follow a flow collection: nothing but comments."""
_FIRST = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*( *)(-(?=[ \r\n])|[^\s#])")
_OPENING = re.compile(r"""[^"'\[{]*\Z""")
"""Text in which nothing can be open."""

_HEADS: dict[tuple[int, bool], re.Pattern[str]] = {}


def _heads(column: int, *, sequence: bool) -> re.Pattern[str]:
    """Return the pattern of lines that may begin an entry at column.

    Of lists, group 1 is the dash; of maps, groups 1 to 3 hold a key that can be told, group 4 a dash.
    """
    known = _HEADS.get((column, sequence))
    if known is not None:
        return known
    if sequence:
        pattern = rf"^ {{{column}}}(?:(-)(?=[ \r\n]|\Z)|[^\s#])"
    else:
        word = r"""[^\s\-?:,\[\]{}#&*!|>'"%@`](?:[^\s:#]++|[:#](?=\S)|[ ]+(?=[^\s:#]))*+"""
        key = rf"""({word})|"([^"\\\r\n]*)"|'([^'\r\n]*)'"""
        pattern = rf"^ {{{column}}}(?:(?:{key}):(?=[ \t\r\n]|\Z)|(-)(?=[ \r\n]|\Z)|[^\s#])"
    return _HEADS.setdefault((column, sequence), re.compile(pattern, re.MULTILINE))


def outlined(text: str, start: int, end: int, *, least: int = -1) -> Outline | None:
    """Return the collection whose lines are ``text[start:end]``, in parts; None when it cannot be cut.

    A block collection's column is to be more than least, or, for a list, no less.
    """
    if not has_c() or end - start <= parts.LARGE or _has_odd_breaks(text, start, end):
        return None
    first = _FIRST.match(text, start, end)
    if first is None:
        return None
    if text[first.start(2)] in "[{":
        node = flow_outlined(text, first.start(2), end) if least < 0 else None
        return node if node is not None and _REST.match(text, node.end, end) else None
    column, sequence = len(first[1]), first[2] == "-"
    if column < least or (column == least and not sequence):
        return None
    kind = "seq" if sequence else "map"
    entries = _entries(text, column, first.start(1), end, sequence=sequence)
    if not entries or entries[0].start != first.start(2):
        return None  # it begins with a bracket that closes nothing
    made = _cut(text, kind, column, entries, end)
    return Outline(kind, entries[0].start, end, "block", made) if made else None


def recut(text: str, was: Outline, start: int, end: int, *, whole: bool) -> list[Part]:
    """Return the lines ``text[start:end]`` as parts of a block collection that was cut before; none when they are not.

    With whole, the first line begins an entry; else comments and blank lines may come before it.
    """
    column, sequence = was.parts[0].entries[0].start - was.parts[0].start, was.kind == "seq"
    first = _FIRST.match(text, start, end)
    if first is None or (len(first[1]), first[2] == "-") != (column, sequence) or _has_odd_breaks(text, start, end):
        return []
    if whole and first.start(1) != start:
        return []
    entries = _entries(text, column, first.start(1), end, sequence=sequence)
    return _cut(text, was.kind, column, entries, end) if entries and entries[0].start == first.start(2) else []


def _entries(text: str, column: int, start: int, end: int, *, sequence: bool) -> list[Entry]:
    """Return the entries of a block collection that the lines at a column begin; none when one cannot be told."""
    entries: list[Entry] = []
    for head in _heads(column, sequence=sequence).finditer(text, start, end):
        if head.lastindex is None:
            if text[head.start() + column] in "]}":
                continue  # what closes the value of the key above
            return []
        if head.lastindex == 4:
            continue  # a list as the value of the key above, at the key's own column
        name = None if sequence else head[head.lastindex]
        entries.append(Entry(head.start() + column, None, name, None))
    return entries


def _has_odd_breaks(text: str, start: int, end: int) -> bool:
    """Say whether lines end in other ways than with LF or CR LF."""
    if text.count("\r", start, end) != text.count("\r\n", start, end):
        return True
    return any(text.find(mark, start, end) >= 0 for mark in _ODD_BREAKS)


def _is_closed(text: str, start: int, end: int) -> bool:
    """Say whether no quote and no bracket is open after the lines of one entry."""
    if _OPENING.match(text, start, end) or CLOSED.match(text, start, end):
        return True
    return is_yaml(text[start:end])


def _cut(text: str, kind: str, column: int, entries: list[Entry], end: int) -> list[Part]:
    """Return entries in parts, each of them YAML by itself; none when one is not."""
    made: list[Part] = []
    group: list[Entry] = []
    for index, entry in enumerate(entries):
        after = entries[index + 1].start - column if index + 1 < len(entries) else end
        begins = entry.start - column
        nested = after - begins > parts.LARGE and _nest(text, kind, entry, after, column)
        if not nested and not _is_closed(text, begins, after):
            return []
        if nested and group:
            made.append(Part(text, group[0].start - column, begins, group))
            group = []
        group.append(entry)
        if nested or after - group[0].start >= parts.PART or index + 1 == len(entries):
            made.append(Part(text, group[0].start - column, after, group))
            group = []
            if nested:
                made[-1].found = Found()
    for part in made:
        if part.found is None and not is_yaml(text[part.start : part.end]):
            return []
        part.own()
        if part.found is None and any(text.find(deep, part.start, part.end) >= 0 for deep in _DEEP):
            part.walk()
    return made


def _nest(text: str, kind: str, entry: Entry, end: int, column: int) -> bool:
    """Cut the value of one large entry into parts of its own; False when it is not made so."""
    quote = text[entry.start] if kind == "map" and text[entry.start] in "\"'" else ""
    after_key = entry.start + len(entry.name or "") + 2 * len(quote)
    node = _block_below(text, after_key, end, column if kind == "map" else column + 1) or _flow_behind(
        text, after_key, end
    )
    if node is None:
        return False
    if kind == "map":
        entry.key = Node("scalar", entry.start, after_key, quote)
        entry.key.value = entry.name or ""
    entry.node = node
    return True


def _block_below(text: str, at: int, end: int, least: int) -> Outline | None:
    head = _ALONE.match(text, at)
    return outlined(text, head.end(), end, least=least) if head else None


def _flow_behind(text: str, at: int, end: int) -> Outline | None:
    head = _BEFORE_FLOW.match(text, at, end)
    node = flow_outlined(text, head.end(), end) if head else None
    return node if node is not None and _REST.match(text, node.end, end) else None
