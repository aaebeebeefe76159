"""The spans of large flow collections without walking all of them.

Tokens that can be told by their first character alone, and brackets that are counted, lead from comma to comma; what
is written in another way is left to a walk. Then each part is checked by the parser: where the bracket, some entries
and the comma after them are one collection and nothing else, the parser stands after that comma as it stood after the
bracket, so that the parts, one after the other, are read as the whole is.
"""

import re

from devenv.editor.yaml import parts
from devenv.editor.yaml.events import is_yaml, walk
from devenv.editor.yaml.nodes import Builder, Entry, Found, Node
from devenv.editor.yaml.parts import Outline, Part

_DEEPEST = 100
"""Brackets in one another that are followed."""

_OUTLINES = 20
"""Collections in one another that are cut into parts."""

_SPACE = r"(?:[ \t\r\n]++|(?<=[\s,\[\]{}])\#[^\r\n]*+(?=[\r\n]))"
_QUOTED = r"""(?:"(?:[^"\\]++|\\.)*+"|'(?:[^']++|'')*+')"""
_WORDS = r"""(?:(?:[^\s\-?:,\[\]{}#&*!|>'"%@`]|-(?=[^\s,\[\]{}:\#?\-]))
                (?:[^\s:?#,\[\]{}]++|:(?=[^\s,\[\]{}"'])|(?<=\S)\#|[ ]++(?=[^\s:?#,\[\]{}]))*+
                (?=[ \t\r\n]*+(?:[,\]}]|:[ \t\r\n]|(?<=[ \t\r\n])\#)))"""
_MARK = r"(?:[&*][A-Za-z0-9_-]++(?=[\s,\]}])|![A-Za-z0-9_!./-]*+(?=[ \t\r\n]))"
_TOKEN = rf"""{_QUOTED}(?::(?=["'\[{{A-Za-z0-9 \-]))?+|{_WORDS}|{_SPACE}|:(?=[ \t\r\n])|{_MARK}"""
"""A colon right behind a quote ends a key whatever follows."""

_RUN = rf"(?:,|{_TOKEN})*+"
_ONE = rf"(?:\[{_RUN}\]|\{{{_RUN}\}})"
_TWO = rf"(?:\[(?:,|{_TOKEN}|{_ONE})*+\]|\{{(?:,|{_TOKEN}|{_ONE})*+\}})"
_KEY = rf"""(?:({_WORDS})|"([^"\\\r\n]*+)"|'([^'\r\n]*+)'|({_QUOTED}))[ \t]*+:"""

_ALL = re.compile(_RUN, re.VERBOSE | re.DOTALL)
_REST = re.compile(rf"(?:{_TOKEN}|{_TWO})*+", re.VERBOSE | re.DOTALL)
"""What may stand in one entry, up to the comma or bracket after it or a bracket too deep for this."""
_HEAD = re.compile(_KEY, re.VERBOSE | re.DOTALL)
_PAIR = re.compile(rf"{_SPACE}*+{_KEY}(?:{_TOKEN}|{_TWO})*+(?=[,}}])", re.VERBOSE | re.DOTALL)
_ITEM = re.compile(rf"{_SPACE}*+(?![,\]])()(?:{_TOKEN}|{_TWO})*+(?=[,\]])", re.VERBOSE | re.DOTALL)
"""Most entries of maps and of lists."""
_BLANK = re.compile(rf"{_SPACE}*+", re.VERBOSE)

_FOLLOWED = re.compile(rf"{_SPACE}*+[,\]}}]", re.VERBOSE)
_SWALLOWED = re.compile(r"(?:[\]}]|[\r\n]|\A)[ \t]*#")
"""A comment that might hold the end of its part."""


def flow_outlined(text: str, start: int, end: int, level: int = 0) -> Outline | None:
    """Return the flow collection whose bracket stands at start, in parts; None when it cannot be cut."""
    if level > _OUTLINES or end - start <= parts.LARGE:
        return None
    brackets = "{}" if text[start] == "{" else "[]"
    cut = _Cut(text, end, brackets, level)
    past = cut.entries(start)
    if past < 0 or not cut.made:
        return None
    return Outline("map" if brackets == "{}" else "seq", start, past, "flow", cut.made)


def _past(text: str, at: int, end: int) -> int:
    """Return the place after the collection whose bracket stands at a place; -1 when that cannot be told."""
    depth = 0
    while at < end:
        if text[at] in "[{":
            depth += 1
        elif text[at] in "]}":
            depth -= 1
        else:
            return -1
        if not depth:
            return at + 1
        if depth > _DEEPEST:
            return -1
        at = _end(_ALL, text, at + 1, end)
    return -1


def _end(pattern: re.Pattern[str], text: str, at: int, end: int) -> int:
    """Return where what a pattern that takes nothing, too, matches at a place ends."""
    found = pattern.match(text, at, end)
    return found.end() if found else at


class _Cut:
    """One flow collection on the way into parts."""

    def __init__(self, text: str, end: int, brackets: str, level: int) -> None:
        self.text = text
        self.end = end
        self.brackets = brackets
        self.level = level
        self.made: list[Part] = []
        self.group: list[Entry] = []

    def entries(self, start: int) -> int:
        """Cut what follows the bracket at start; return the place after the bracket that closes it, else -1."""
        text, closing = self.text, self.brackets[1]
        common = _PAIR if closing == "}" else _ITEM
        at = begins = start
        while True:
            found = common.match(text, at + 1, min(self.end, at + parts.LARGE))
            if found is not None and found.lastindex != 4:
                group = found.lastindex or 0
                name = found[group] if closing == "}" else None
                entry, after = Entry(found.start(group) - (group in (2, 3)), None, name, None), found.end()
            else:
                first = _end(_BLANK, text, at + 1, self.end)
                if text[first : first + 1] == closing:
                    return first + 1 if self.part(begins, first) else -1
                told = self.entry(first)
                if told is None:
                    return -1
                entry, after = told
            nested = entry.is_walked()
            if nested and self.group:
                if not self.part(begins, at):
                    return -1
                begins = at
            self.group.append(entry)
            if text[after] == closing:
                return after + 1 if self.part(begins, after) else -1
            if nested or (after - begins >= parts.PART and not self.swallowed(begins, after)):
                if not self.part(begins, after):
                    return -1
                begins = after
            at = after

    def entry(self, first: int) -> tuple[Entry, int] | None:
        """Return the entry that begins at a place and where it ends; None when that cannot be told."""
        entry, value = Entry(first, None, None, None), first
        if self.brackets == "{}":
            head = _HEAD.match(self.text, first, self.end)
            if head is None:
                return None
            entry.name = head[head.lastindex or 0]
            if head.lastindex == 4:
                entry.name = walk(head[4], Builder(head[4], 0).visit).roots[0].value
            value = head.end()
        after = self.after(entry, value)
        return (entry, after) if after >= 0 and self.text[after] in (",", self.brackets[1]) else None

    def after(self, entry: Entry, value: int) -> int:
        """Return the place of the comma or bracket after an entry, else -1; a large value is cut into parts."""
        text, at, limit = self.text, value, min(self.end, value + parts.LARGE)
        opens = _end(_BLANK, text, value, self.end)
        while True:
            stop = _end(_REST, text, at, limit)
            if stop >= self.end:
                return -1
            if text[stop] in ",]}":
                return stop
            if text[stop] in "[{":
                at = _past(text, stop, limit)
                if at < 0 and stop == opens and not entry.is_walked():
                    at = self.nest(entry, value, stop)
                if at < 0:
                    at = _past(text, stop, self.end)
                if at < 0:
                    return -1
            elif limit == self.end:
                return -1
            limit = self.end

    def nest(self, entry: Entry, value: int, opens: int) -> int:
        """Cut the value of one large entry into parts of its own; return the place after it, -1 when it cannot be."""
        node = flow_outlined(self.text, opens, self.end, self.level + 1)
        if node is None or not _FOLLOWED.match(self.text, node.end, self.end):
            return -1  # before a colon it is a key
        if entry.name is not None:
            stop = len(self.text[entry.start : value - 1].rstrip()) + entry.start
            quote = self.text[entry.start] if self.text[entry.start] in "\"'" else ""
            entry.key = Node("scalar", entry.start, stop, quote)
            entry.key.value = entry.name
        entry.node = node
        return node.end

    def part(self, begins: int, after: int) -> bool:
        """Make a part of the entries between two places, each a comma or bracket; False when it is not YAML."""
        text, group = self.text, self.group
        made = Part(text, begins, after, group, self.brackets)
        if not group:
            source = "0," + text[begins + 1 : after]
        elif group[0].is_walked():
            node = group[0].node
            source = text[begins + 1 : node.start] + "[]" + text[node.end : after]
            made.found = Found()
        else:
            source = text[begins + 1 : after]
        if self.swallowed(begins, after):
            return False
        comma = "," if text[after] == "," else ""
        # after --- nothing but the one collection may stand, and it is no key
        if not is_yaml(f"--- {self.brackets[0]}{source}{comma}{self.brackets[1]}"):
            return False
        made.own()
        if group:
            self.made.append(made)
        self.group = []
        return True

    def swallowed(self, begins: int, after: int) -> bool:
        """Say whether a comment might hold the end of a part."""
        line = self.text.rfind("\n", begins, after)
        if self.text.find("#", max(line, begins), after) < 0:
            return False
        return _SWALLOWED.search(self.text, max(line, begins + 1), after) is not None
