"""New entries written as the neighbours are: their text with another key and another value in it.

Whether the outcome is right is not decided here: the lens reads it and says.
"""

from __future__ import annotations

import re

from devenv.editor.trees.parse import INI, Node, Parsed, Trail
from devenv.editor.trees.view import HIDDEN, MARKS, is_number
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASKED = 3
"""Neighbours looked at in each direction."""


def renderings(parsed: Parsed, parent: Trail, index: int, node: Node) -> Iterator[tuple[bytes, Trail | None]]:
    """Yield texts for a new child of parent before the one of that index, and the neighbour each is like."""
    seen = set()
    donors = list(_donors(parsed, parent, index, node))
    donors.sort(key=lambda donor: bool(parsed.at(donor).value) != bool(node.value))
    if all(char.isalnum() or char in "_.+/:@-" for char in node.value):
        # a word needs no quotes, though the neighbour's value may
        donors.sort(key=lambda donor: _quoted(parsed, donor))
    if parsed.lens in INI and not parent and node.children and all(is_number(child.label) for child in node.children):
        # a list is no section
        donors = [donor for donor in donors if all(is_number(child.label) for child in parsed.at(donor).children)]
    for way in (like, _shorter, _block) if node.children else (like,):
        for donor in donors:
            text = way(parsed, donor, node)
            if text is not None and parsed.lens == "Dotenv.lns":
                text = _exported_as_all(parsed, text)
            if text is not None and text not in seen:
                seen.add(text)
                yield text, donor
    if parsed.lens in INI:
        yield _ini(node, parent).encode(parsed.encoding), None
    elif parsed.lens == "Npmrc.lns" and not node.children:
        yield f"{node.label}={node.value}\n".encode(parsed.encoding), None


_EXPORT = re.compile(rb"[ \t]*export[ \t]+")


def _exported_as_all(parsed: Parsed, text: bytes) -> bytes:
    """Return the text of a new variable; with ``export`` only where all others have it."""
    word = _EXPORT.match(text)
    names = (at for at, child in enumerate(parsed.root.children) if child.label not in HIDDEN)
    return text if word is None or all(_EXPORT.match(parsed.source((at,))) for at in names) else text[word.end() :]


def _quoted(parsed: Parsed, donor: Trail) -> bool:
    span = parsed.span(donor)
    return span.value_start > 0 and parsed.text[span.value_start - 1 : span.value_start] in (b'"', b"'")


def _ini(node: Node, parent: Trail) -> str:
    """Return an entry of an INI file as most people write it, for where there is none to go by."""
    if not parent and node.children and not all(is_number(child.label) for child in node.children):
        return f"[{node.label}]\n" + "".join(_ini(child, (0,)) for child in node.children)
    lines = "".join(f"    {child.value}\n" for child in node.children)
    return f"{node.label} = {node.value}".rstrip() + "\n" + lines


def _donors(parsed: Parsed, parent: Trail, index: int, node: Node) -> Iterator[Trail]:
    siblings = parsed.at(parent).children
    order = sorted(range(len(siblings)), key=lambda at: (abs(at - index + 0.5), at))
    fitting = [at for at in order if siblings[at].label not in HIDDEN and _leaf(siblings[at]) == _leaf(node)]
    near = [at for at in fitting if siblings[at].label == node.label][:_ASKED]
    near += [at for at in fitting if at not in near][:_ASKED]
    yield from ((*parent, at) for at in near)
    if parent:
        cousins = list(_cousins(parsed, parent, node))
        own = [at for at in cousins if parsed.at(at).label == node.label]
        yield from (own if near else own + [at for at in cousins if at not in own])[:_ASKED]


def _cousins(parsed: Parsed, parent: Trail, node: Node) -> Iterator[Trail]:
    """Yield the children of nodes beside parent, those of its label and those near it first."""
    aunts = parsed.at(parent[:-1]).children
    label = aunts[parent[-1]].label
    order = sorted(range(len(aunts)), key=lambda at: (not _alike(aunts[at].label, label), abs(at - parent[-1])))
    for at in order[:50]:
        if at != parent[-1]:
            for index, child in reversed(list(enumerate(aunts[at].children))):
                if child.label not in HIDDEN and _leaf(child) == _leaf(node):
                    yield (*parent[:-1], at, index)


def _leaf(node: Node) -> bool:
    return not any(child.label not in HIDDEN for child in node.children)


def like(parsed: Parsed, donor: Trail, node: Node) -> bytes | None:
    """Return the text of donor with what node holds in its place; None where that cannot be done."""
    changes: list[tuple[int, int, bytes]] = []
    if _same_shape(parsed, donor, node, changes):
        span = parsed.span(donor)
        return _spliced(parsed.text, span.start, span.end, changes)
    return None


def _shorter(parsed: Parsed, donor: Trail, node: Node) -> bytes | None:
    """Return the text of a line that has more entries than node, without those at its end."""
    model, span = parsed.at(donor), parsed.span(donor)
    source = parsed.text[span.start : span.end]
    inner = [at for at, child in enumerate(model.children) if child.label not in MARKS]
    changes: list[tuple[int, int, bytes]] = []
    size = len(node.children)
    if source.count(b"\n") != 1 or source[-1:] != b"\n" or len(inner) <= size:
        return None
    if not _head(parsed, donor, node, changes):
        return None
    for at, child in zip(inner, node.children, strict=False):
        if not _alike(model.children[at].label, child.label) or not _same_shape(parsed, (*donor, at), child, changes):
            return None
    return _spliced(parsed.text, span.start, parsed.span((*donor, inner[size - 1])).end, changes) + b"\n"


def _spliced(text: bytes, start: int, end: int, changes: list[tuple[int, int, bytes]]) -> bytes:
    parts, at = [], start
    for first, last, new in sorted(changes):
        parts += [text[at:first], new]
        at = last
        blanks = _blanks(text, last, end)
        if blanks > 1:
            # columns stay where they are while there is room
            parts.append(b" " * max(1, blanks + last - first - len(new)))
            at += blanks
    return b"".join([*parts, text[at:end]])


def _blanks(text: bytes, start: int, end: int) -> int:
    """Return how many spaces stand between something that ends at start and what follows it on its line."""
    at = start
    while at < end and text[at : at + 1] == b" ":
        at += 1
    return at - start if text[at : at + 1] not in (b"", b"\n", b"\t") else 0


def _same_shape(parsed: Parsed, donor: Trail, node: Node, changes: list[tuple[int, int, bytes]]) -> bool:
    """Note what has to be changed in donor's text; False when it is built otherwise than node."""
    model = parsed.at(donor)
    inner = [(at, child) for at, child in enumerate(model.children) if child.label not in MARKS]
    if len(inner) != len(node.children) or not _head(parsed, donor, node, changes):
        return False
    return all(
        _alike(one.label, other.label) and _same_shape(parsed, (*donor, at), other, changes)
        for (at, one), other in zip(inner, node.children, strict=True)
    )


def _alike(one: str, other: str) -> bool:
    """Say whether one entry may stand for the other: they are named alike, or both by a key that is text."""
    if one == other:
        return True
    return is_number(one) == is_number(other) and "#" not in (one[:1], other[:1])


def _head(parsed: Parsed, donor: Trail, node: Node, changes: list[tuple[int, int, bytes]]) -> bool:
    """Note the changes of label and value; False when donor has no place for one of them."""
    model, span = parsed.at(donor), parsed.span(donor)
    if model.label != node.label:
        if span.label_start != span.label_end:
            if parsed.text[span.label_start : span.label_end] != model.label.encode(parsed.encoding):
                return False
            changes.append((span.label_start, span.label_end, node.label.encode(parsed.encoding)))
        elif not (is_number(model.label) and is_number(node.label)):
            # only a number that a lens gives stands nowhere in the text
            return False
    if model.value == node.value:
        return True
    if span.value_start == span.value_end:
        return False
    start = span.value_start
    if not node.value:
        while start > span.start and parsed.text[start - 1 : start] in (b" ", b"\t"):
            start -= 1
    changes.append((start, span.value_end, node.value.encode(parsed.encoding)))
    return True


def _block(parsed: Parsed, donor: Trail, node: Node) -> bytes | None:
    """Return a block like donor: its first line, node's entries each like one of its own, its last lines."""
    model, span = parsed.at(donor), parsed.span(donor)
    inner = [at for at, child in enumerate(model.children) if child.label not in MARKS]
    spans = {at: parsed.span((*donor, at)) for at in inner}
    # what stands on the first line, as the argument of a section does
    first = next((number for number, at in enumerate(inner) if b"\n" in parsed.text[span.start : spans[at].start]), 0)
    lines = [at for at in inner[first:] if model.children[at].label not in HIDDEN]
    changes: list[tuple[int, int, bytes]] = []
    if not lines or len(node.children) < first or not _head(parsed, donor, node, changes):
        return None
    start = spans[inner[first]].start
    for at, child in zip(inner[:first], node.children[:first], strict=True):
        if model.children[at].label != child.label or not _same_shape(parsed, (*donor, at), child, changes):
            return None
    if any(end > start for _, end, _ in changes):
        return None
    body = []
    for child in node.children[first:]:
        ways = (like, _block) if child.children else (like,)
        # a flag is written as a flag is
        near = sorted(lines, key=lambda at: (bool(model.children[at].value) != bool(child.value), -at))
        texts = (way(parsed, (*donor, at), child) for way in ways for at in near)
        text = next((text for text in texts if text is not None), None)
        if text is None:
            return None
        body.append(text)
    gap = parsed.text[spans[inner[-2]].end : spans[inner[-1]].start] if len(inner) - first > 1 else b""
    gap = gap.rpartition(b"\n")[2] if not gap.strip() else gap
    head = _without_blank_lines(_spliced(parsed.text, span.start, start, changes))
    return head + gap.join(body) + _without_blank_lines(parsed.text[spans[inner[-1]].end : span.end])


def _without_blank_lines(text: bytes) -> bytes:
    """Return text without lines that have nothing but blanks; blanks before what follows it stay."""
    return b"".join(line for line in text.splitlines(keepends=True) if line.strip() or not line.endswith(b"\n"))


def lead(parsed: Parsed, donor: Trail, new: bytes) -> bytes:
    """Return the blanks before a neighbour that has its line alone, where the lens counts them to no entry."""
    start = parsed.span(donor).start
    blanks = parsed.text[parsed.text.rfind(b"\n", 0, start) + 1 : start]
    return blanks if new.endswith(b"\n") and not blanks.strip() else b""
