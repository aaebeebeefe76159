"""New entries written as the neighbours are: their text with another key and another value in it.

Whether the outcome is right is not decided here: the lens reads it and says.
"""

from collections.abc import Iterator

from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.trees.view import HIDDEN, MARKS, is_number

_ASKED = 3
"""Neighbours looked at in each direction."""


def renderings(parsed: Parsed, parent: Trail, index: int, node: Node) -> Iterator[tuple[bytes, Trail | None]]:
    """Yield texts for a new child of parent before the one of that index, and the neighbour each is like."""
    seen = set()
    for donor in _donors(parsed, parent, index, node):
        text = like(parsed, donor, node)
        if text is not None and text not in seen:
            seen.add(text)
            yield text, donor
    if parsed.lens.startswith("Ini."):
        yield _ini(node, parent).encode(parsed.encoding), None


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
    if not parent or near:
        return
    # nobody beside: the children of parents like this one
    aunts = parsed.at(parent[:-1]).children
    for at in sorted(
        range(len(aunts)), key=lambda at: (aunts[at].label != aunts[parent[-1]].label, abs(at - parent[-1]))
    ):
        cousins = [i for i, child in enumerate(aunts[at].children) if child.label not in HIDDEN]
        cousins = [i for i in cousins if _leaf(aunts[at].children[i]) == _leaf(node)]
        if at != parent[-1] and cousins:
            yield (*parent[:-1], at, cousins[-1])
            return


def _leaf(node: Node) -> bool:
    return not any(child.label not in HIDDEN for child in node.children)


def like(parsed: Parsed, donor: Trail, node: Node) -> bytes | None:
    """Return the text of donor with what node holds in its place; None where that cannot be done."""
    changes: list[tuple[int, int, bytes]] = []
    if _same_shape(parsed, donor, node, changes):
        span = parsed.span(donor)
        return _spliced(parsed.text, span.start, span.end, changes)
    if node.children:
        return _block(parsed, donor, node)
    return None


def _spliced(text: bytes, start: int, end: int, changes: list[tuple[int, int, bytes]]) -> bytes:
    parts, at = [], start
    for first, last, new in sorted(changes):
        parts += [text[at:first], new]
        at = last
    return b"".join([*parts, text[at:end]])


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
    return one == other or (is_number(one) and is_number(other))


def _head(parsed: Parsed, donor: Trail, node: Node, changes: list[tuple[int, int, bytes]]) -> bool:
    """Note the changes of label and value; False when donor has no place for one of them."""
    model, span = parsed.at(donor), parsed.span(donor)
    if model.label != node.label:
        if span.label_start != span.label_end:
            if parsed.text[span.label_start : span.label_end] != model.label.encode(parsed.encoding):
                return False
            changes.append((span.label_start, span.label_end, node.label.encode(parsed.encoding)))
        elif not _alike(model.label, node.label):
            # a number that a lens gives stands nowhere in the text
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
    inner = [at for at, child in enumerate(model.children) if child.label not in HIDDEN]
    if not inner:
        return None
    spans = [parsed.span((*donor, at)) for at in range(len(model.children))]
    changes: list[tuple[int, int, bytes]] = []
    if not _head(parsed, donor, node, changes):
        return None
    if any(end > spans[0].start for _, end, _ in changes):
        return None
    first = _spliced(parsed.text, span.start, spans[0].start, changes)
    body = []
    for child in node.children:
        texts = (like(parsed, (*donor, at), child) for at in reversed(inner))
        text = next((text for text in texts if text is not None), None)
        if text is None:
            return None
        body.append(text)
    between = parsed.text[spans[0].end : spans[1].start] if len(spans) > 1 else b""
    gap = b"" if b"\n" in between else between
    return _without_blank_lines(first) + gap.join(body) + _without_blank_lines(parsed.text[spans[-1].end : span.end])


def _without_blank_lines(text: bytes) -> bytes:
    first, *rest = text.splitlines(keepends=True) or [b""]
    kept = [first] if first.strip() else []
    return b"".join(kept + [line for line in rest if line.strip()])
