"""A container replaced by another of its kind, entry by entry: only the bytes of what differs are changed.

What becomes of which entry is said in staying. All of it is one pass over the text, however much changes.
"""

from __future__ import annotations

import itertools
import re

from devenv.editor.jsontext import layout
from devenv.editor.jsontext.document import JsonText
from devenv.editor.jsontext.layout import COMMENT
from devenv.editor.jsontext.node import Node
from devenv.editor.jsontext.places import (
    back,
    entry_start,
    entry_value,
    gap_before,
    has_lines,
    separator,
    style_at,
    style_of,
)
from devenv.editor.staying import Slot, slots
from devenv.editor.values import SCALARS, Value, kind_of, quoted, same
from devenv.record import Record

# atomic: what a comment has taken is not given back, as the commas in it are none
_TRAILING = re.compile(rf"((?>[ \t\r\n]+|{COMMENT.pattern})*+),", re.DOTALL)


class _Entry(Record):
    """Where an entry stands: its key's start and end (its value's start in an array), and its value."""

    start: int
    key_end: int
    node: Node


def rewrite(doc: JsonText, node: Node, value: Value) -> None:
    """Make of the container at a node another of its kind; nothing may be pending in the document."""
    work = _Rewrite(doc)
    work.container(node, doc.value_of(node), value)
    whole = memoryview(doc.text)
    parts: list[bytes | memoryview] = []
    at = 0
    for start, end, text in work.changes:
        parts += [whole[at:start], text.encode()]
        at = end
    doc.write(b"".join([*parts, whole[at:]]))


class _Rewrite:
    """The changes of a text, from its start to its end."""

    def __init__(self, doc: JsonText) -> None:
        self.doc = doc
        self.changes: list[tuple[int, int, str]] = []
        self.newline = style_of(doc).newline

    def container(self, node: Node, have: Value, want: Value) -> None:
        """Note the changes that make a container's value another of its kind."""
        entries = self._entries(node, have)
        if entries is None:
            # a key that comes twice
            self._put(node.start, node.end, self._rendered(node, want))
        elif not have:
            self._fill(node, want)
        elif not want:
            before = self._gap(node.start + 1, entries[0].start)
            inner, trailing = self._tail(node, entries[-1])
            after = inner + trailing[1:]
            gap = layout.at_end(self._joined(before, entries), after, self.newline)
            self._put(node.start + 1, node.end - 1, gap if layout.has_comment(gap) else "")
        else:
            self._entry_by_entry(node, entries, have, slots(have, want))

    def _entry_by_entry(self, node: Node, entries: list[_Entry], have: Value, slots: list[Slot]) -> None:
        values = list(have.values()) if isinstance(have, dict) else have
        keys = list(have) if isinstance(have, dict) else [None] * len(values)
        done = 0
        new: list[Slot] = []
        for slot in slots:
            if slot.old is None:
                new.append(slot)
                continue
            if slot.old > done:
                self._take_out(node, entries, done, slot.old)
            elif new:
                self._put_before(node, entries, slot.old, new)
            new = []
            self._change(entries[slot.old], keys[slot.old], values[slot.old], slot)
            done = slot.old + 1
        if done < len(entries):
            self._take_out_last(node, entries, done)
        elif new:
            self._put_last(node, entries[-1], new)

    def _change(self, entry: _Entry, key: str | None, have: Value, slot: Slot) -> None:
        """Make of one entry another in its place."""
        node = entry.node
        if slot.key is not None and slot.key != key:
            self._put(entry.start, entry.key_end, quoted(slot.key))
        if same(have, slot.value):
            return
        if kind_of(have) == kind_of(slot.value) and kind_of(have) not in SCALARS:
            self.container(node, have, slot.value)
        else:
            self._put(node.start, node.end, self._rendered(node, slot.value))

    def _take_out(self, node: Node, entries: list[_Entry], first: int, following: int) -> None:
        """Take out entries that others follow."""
        start = node.start + 1 if not first else back(self.doc.plain, entries[first].start) + 1
        before = self._gap(start, entries[first].start)
        self._put(start, entries[following].start, self._joined(before, entries[first : following + 1]))

    def _take_out_last(self, node: Node, entries: list[_Entry], first: int) -> None:
        """Take out entries up to the end, after one that stays; a trailing comma stays one."""
        last = entries[first - 1].node.end
        before = self._joined(self._between(entries[first - 1], entries[first]), entries[first:])
        inner, trailing = self._tail(node, entries[-1])
        gap = layout.at_end(before, inner + trailing[1:], self.newline)
        self._put(last, node.end - 1, trailing[:1] + gap)

    def _put_before(self, node: Node, entries: list[_Entry], index: int, new: list[Slot]) -> None:
        """Put entries before one that stays."""
        entry = entries[index]
        gap = gap_before(self.doc, entry.start)
        line = separator(self.doc, entry.start)
        at, text = layout.before_entry(gap, line, self._new(entry, line, new))
        at += entry.start - len(gap.encode())
        self._put(at, at, text)

    def _put_last(self, node: Node, last: _Entry, new: list[Slot]) -> None:
        """Put entries after the last one, and after the comments that follow it."""
        line = separator(self.doc, last.start)
        inner, trailing = self._tail(node, last)
        tail = trailing[1:] if trailing else inner
        text = layout.with_comments(tail, line, self.newline) + ("," + line).join(self._new(last, line, new))
        text += trailing[:1] + layout.closing(tail)
        self._put(last.node.end, node.end - 1, (inner if trailing else "") + "," + text)

    def _new(self, beside: _Entry, line: str, new: list[Slot]) -> list[str]:
        """Return new entries as text, written as the one they stand beside."""
        style = style_at(self.doc, beside.node, beside.start)
        texts = []
        for slot in new:
            text = entry_value(self.doc, slot.value, style, line, beside.node if slot.key is None else None)
            texts.append(text if slot.key is None else quoted(slot.key) + style.colon + text)
        return texts

    def _fill(self, node: Node, want: Value) -> None:
        """Give entries to a container without one; its comments stay before them."""
        gap = self._gap(node.start + 1, node.end - 1)
        lines = node is self.doc.root or layout.breaks(gap) or has_lines(self.doc, node)
        indent = layout.indent_of_line(self.doc.text, node.start) if lines else ""
        text = layout.render(want, style_of(self.doc), indent, lines=lines)
        inner = text[1:-1]
        if layout.has_comment(gap):
            glue = "" if inner[:1] in ("\r", "\n") else " "
            inner = layout.with_comments(gap, glue + inner, self.newline)
        self._put(node.start + 1, node.end - 1, inner)

    def _entries(self, node: Node, have: Value) -> list[_Entry] | None:
        """Return where a container's entries stand; None when a key comes twice."""
        doc, plain = self.doc, self.doc.plain
        entries: list[_Entry] = []
        # what is before an entry: the opening mark, or the value before it
        before = node.start
        for key in have if isinstance(have, dict) else range(len(have)):
            value = doc.item_of(node, key)
            start = entry_start(doc, value)
            at = back(plain, start)
            if at != before and (not entries or plain[at] != b","[0] or back(plain, at) != before):
                return None
            key_end = back(plain, back(plain, value.start)) + 1 if isinstance(have, dict) else start
            entries.append(_Entry(start, key_end, value))
            before = value.end - 1
        return entries if not entries or back(plain, node.end - 1) == before else None

    def _rendered(self, node: Node, value: Value) -> str:
        lines = kind_of(value) not in SCALARS and has_lines(self.doc, node)
        # on one line nothing is indented, and the line's start may be far
        indent = layout.indent_of_line(self.doc.text, node.start) if lines else ""
        return layout.render(value, style_of(self.doc), indent, lines=lines)

    def _gap(self, start: int, end: int) -> str:
        return self.doc.text[start:end].decode()

    def _between(self, entry: _Entry, following: _Entry) -> str:
        """Return the gap between two entries that follow each other, without its comma."""
        comma = back(self.doc.plain, following.start)
        return self._gap(entry.node.end, comma) + self._gap(comma + 1, following.start)

    def _joined(self, gap: str, entries: list[_Entry]) -> str:
        """Return a gap and those between entries as one."""
        pairs = itertools.pairwise(entries)
        return layout.joined([gap, *(self._between(entry, following) for entry, following in pairs)], self.newline)

    def _tail(self, node: Node, last: _Entry) -> tuple[str, str]:
        """Return what stands after the last entry: up to a trailing comma, and from that on."""
        tail = self._gap(last.node.end, node.end - 1)
        found = _TRAILING.match(tail) if "," in tail else None
        return (found[1], tail[len(found[1]) :]) if found else (tail, "")

    def _put(self, start: int, end: int, text: str) -> None:
        self.changes.append((start, end, text))
