"""One change of a lens tree, as a new text in which nothing else differs.

Each way of writing a change is tried in turn: a splice of the very bytes, a copy of how the neighbours are written, and
last what the lens itself would write. The lens reads each attempt, and one that reads as the tree should be is taken;
so no value can become anything but itself.
"""

from __future__ import annotations

from itertools import chain

from devenv.editor.trees import shape
from devenv.editor.trees.parse import INI, Node, Parsed, Trail, parse
from devenv.editor.trees.view import HIDDEN, is_number, same_tree
from devenv.editor.values import shown
from devenv.errors import EditError, ParseError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Judge = Callable[[bytes], Parsed | None]


class Misread(EditError):
    """A value that the lens takes and the program that reads the file would not, or not as that."""


LARGEST_PUT = 1 << 18
"""Bytes of a text that a lens is asked to write: that takes about the square of its length, and seconds here."""


def judge(parsed: Parsed, expected: Node) -> Judge:
    """Return what reads a text and gives its tree when that is the expected one."""

    def read(text: bytes) -> Parsed | None:
        try:
            fresh = parse(parsed.lens, text)
        except ParseError:
            return None
        return fresh if same_tree(fresh.root, expected) else None

    return read


def set_value(parsed: Parsed, trail: Trail, value: str) -> Parsed:
    """Return the text with another value of one node; EditError when the format has no place for it."""
    encoded(parsed, value)
    fresh = _with_value(parsed, trail, value)
    if not value and _is_assigned(parsed, trail) and not _is_assigned(fresh, trail):
        raise Misread("a key of this format has no empty value", hint="unset it, or set another value")
    _check_quotes(fresh, trail)
    return fresh


def _with_value(parsed: Parsed, trail: Trail, value: str) -> Parsed:
    accept = judge(parsed, shape.with_value(parsed.root, trail, value))
    for text in _value_texts(parsed, trail, value):
        fresh = accept(text)
        if fresh:
            return fresh
    span = parsed.span(trail)
    start, end = (span.start, span.end) if span.start != span.end else _parent_span(parsed, trail)
    from devenv.editor.trees import bylens

    return bylens.set_value(parsed, trail, value, accept, (start, end))


def _is_assigned(parsed: Parsed, trail: Trail) -> bool:
    """Say whether a node's key has a = behind it: without one it is a flag to most programs."""
    span, text = parsed.span(trail), parsed.text
    end = span.value_start if span.value_start != span.value_end else text.find(b"\n", span.label_end, span.end)
    return b"=" in text[span.label_end : end if end >= 0 else span.end]


def _check_quotes(parsed: Parsed, trail: Trail) -> None:
    """Raise Misread when the value of a node stands in quotes and has one of them: some lenses do not see to that."""
    span, text = parsed.span(trail), parsed.text
    quote, value = text[span.value_start - 1 : span.value_start], text[span.value_start : span.value_end]
    if quote not in (b'"', b"'") or quote not in value or text[span.value_end : span.value_end + 1] != quote:
        return
    if quote in value.replace(b"\\\\", b"").replace(b"\\" + quote, b""):
        raise Misread("the value stands in quotes there, and a quote in it would end them")


def _value_texts(parsed: Parsed, trail: Trail, value: str) -> Iterator[bytes]:
    text, span, new = parsed.text, parsed.span(trail), encoded(parsed, value)
    if span.value_start != span.value_end:
        start = span.value_start
        if not new:
            while text[start - 1 : start] in (b" ", b"\t") and start > span.start:
                start -= 1
            yield text[:start] + text[span.value_end :]
        yield text[: span.value_start] + new + text[span.value_end :]
        return
    bare = parsed.source(trail).rstrip(b"\r\n")
    if b"\n" in bare or any(child.label not in HIDDEN for child in parsed.at(trail).children):
        return
    end = span.start + len(bare)
    stripped = bare.rstrip(b" \t")
    spaced = stripped[-2:-1] in (b" ", b"\t")
    glue = b"" if bare != stripped or not spaced else b" "
    yield text[:end] + glue + new + text[end:]
    yield text[:end] + (b"" if glue else b" ") + new + text[end:]
    from devenv.editor.trees import template

    # a key without even a separator: written as its neighbours are
    node = Node(parsed.at(trail).label, value, [])
    for other, _ in template.renderings(parsed, trail[:-1], trail[-1], node):
        yield text[: span.start] + other + text[span.end :]


def _parent_span(parsed: Parsed, trail: Trail) -> tuple[int, int]:
    span = parsed.span(trail[:-1])
    return span.start, span.end


def remove(parsed: Parsed, trail: Trail) -> Parsed:
    """Return the text without one node; EditError when the format cannot be without it."""
    expected = shape.without(parsed.root, trail)
    moved, start_of_comments = _next_ones_comments(parsed, trail)
    if moved:
        fresh = _cut_before_comments(parsed, trail, start_of_comments, moved)
        if fresh:
            return fresh
    accept = judge(parsed, expected)
    for start, end in _cuts(parsed, trail):
        fresh = accept(parsed.text[:start] + parsed.text[end:])
        if fresh:
            return fresh
    from devenv.editor.trees import bylens

    span = parsed.span(trail)
    place = _gap_before(parsed, trail, span.start), _gap_after(parsed, trail, span.end)
    return bylens.remove(parsed, trail, accept, place)


def _cuts(parsed: Parsed, trail: Trail) -> Iterator[tuple[int, int]]:
    text, span = parsed.text, parsed.span(trail)
    start, end = span.start, span.end
    if parsed.lens == "Nginx.lns":
        from devenv.editor.trees import nginx

        yield from nginx.cuts(parsed, trail)
    whole_lines = (not start or text[start - 1 : start] == b"\n") and (text[end - 1 : end] == b"\n" or end == len(text))
    if not whole_lines:
        line = text.rfind(b"\n", 0, start) + 1
        rest = end if text[end - 1 : end] == b"\n" else text.find(b"\n", end) + 1
        if rest and not text[line:start].strip() and not text[end:rest].strip():
            # alone on its line, of which the lens counts indentation and end to nobody
            yield line, rest
        before, after = _gap_before(parsed, trail, start), _gap_after(parsed, trail, end)
        if b"\n" not in text[before:start] and before != start:
            yield before, end
        if b"\n" not in text[end:after] and after != end:
            yield start, after
        yield start, end
        while text[start - 1 : start] in (b" ", b"\t"):
            start -= 1
        yield start, end
        return
    blank_before = text[:start].endswith(b"\n\n")
    if blank_before and end == len(text):
        # the blank line before the last entry goes with it
        yield start - 1, end
    elif (blank_before or not start) and text[end : end + 1] == b"\n":
        yield start, end + 1
    yield start, end


def _gap_before(parsed: Parsed, trail: Trail, start: int) -> int:
    return parsed.span((*trail[:-1], trail[-1] - 1)).end if trail[-1] else start


def _gap_after(parsed: Parsed, trail: Trail, end: int) -> int:
    last = trail[-1] + 1 == len(parsed.at(trail[:-1]).children)
    return end if last else parsed.span((*trail[:-1], trail[-1] + 1)).start


def _next_ones_comments(parsed: Parsed, trail: Trail) -> tuple[list[Node], int]:
    """Return the comments at the end of a section that stand right above the next one, and where they begin."""
    children = parsed.at(trail).children
    following = (*trail[:-1], trail[-1] + 1)
    if not children or following[-1] >= len(parsed.at(trail[:-1]).children):
        return [], 0
    count, edge = 0, parsed.span(following).start
    while count < len(children) and children[-1 - count].label in HIDDEN:
        span = parsed.span((*trail, len(children) - 1 - count))
        if span.end != edge or parsed.text[span.start - 1 : span.start] != b"\n":
            break
        count, edge = count + 1, span.start
    return (children[-count:], edge) if count else ([], 0)


def _cut_before_comments(parsed: Parsed, trail: Trail, end: int, comments: list[Node]) -> Parsed | None:
    """Return the text without a section but with the comments of the next one."""
    expected, index = shape.without(parsed.root, trail), trail[-1]
    for comment in reversed(comments):
        expected = shape.with_child(expected, trail[:-1], index, comment)
    start = parsed.span(trail).start
    return judge(parsed, expected)(parsed.text[:start] + parsed.text[end:])


def insert(parsed: Parsed, parent: Trail, indices: list[int], node: Node) -> Parsed:
    """Return the text with one more child of parent, before the first of indices where the format takes it."""
    _encodable(parsed, node)
    for index in indices:
        accept = judge(parsed, shape.with_child(parsed.root, parent, index, node))
        from devenv.editor.trees import template

        renderings = template.renderings(parsed, parent, index, node)
        texts = insertions(parsed, parent, index, renderings)
        if parsed.lens == "Nginx.lns":
            from devenv.editor.trees import nginx

            fit = (one for one in renderings if nginx.fits(parsed, parent, index, one))
            texts = chain(insertions(parsed, parent, index, fit), nginx.insertions(parsed, parent, index, node))
        for text in texts:
            fresh = accept(text)
            if fresh:
                _check_quotes(fresh, (*parent, index))
                return fresh
    refusal: EditError | None = None
    for index in indices:
        try:
            return _insert_through_lens(parsed, parent, index, node)
        except EditError as exc:
            refusal = refusal or exc
    assert refusal is not None
    raise refusal


def _point(parsed: Parsed, parent: Trail, index: int) -> int | None:
    """Return where in the text a new child would stand; None when there is nobody to stand beside.

    What is below the heading of an INI file's section needs nobody.
    """
    if index:
        return parsed.span((*parent, index - 1)).end
    if parsed.at(parent).children:
        return parsed.span((*parent, 0)).start
    if parent and parsed.lens in INI:
        return (parsed.text.find(b"\n", parsed.span(parent).start) + 1) or None
    return None if parent else len(parsed.text)


def insertions(
    parsed: Parsed, parent: Trail, index: int, renderings: Iterable[tuple[bytes, Trail | None]]
) -> Iterator[bytes]:
    """Yield texts with a new child of parent, for each way it may be written and the neighbour that is written so."""
    point = _point(parsed, parent, index)
    if point is None:
        return
    from devenv.editor.trees import template

    before, after = parsed.text[:point], parsed.text[point:]
    gap = _separator(parsed, parent)
    for text, donor in renderings:
        # the blank line behind a neighbour sets it apart from the next one
        new = text if after else text.rstrip(b"\n") + b"\n" if text.endswith(b"\n\n") else text
        blanks = template.lead(parsed, donor, new) if donor else b""
        if gap and not new[:1].isspace():
            yield before + gap + new + after if index else before + new + gap + after
        elif blanks:
            yield before + blanks + new + after if index else before + new + blanks + after
        if _set_apart(parsed, donor, new):
            follows = index < len(parsed.at(parent).children) and not after.startswith(b"\n")
            block = new.rstrip(b"\n") + b"\n" if new.endswith(b"\n\n") else new
            yield before + _blank(before) + block + (b"\n" if follows else b"") + after
        elif before.endswith(b"\n") and new and not new.endswith(b"\n"):
            yield before + new + b"\n" + after
        yield before + new + after


def _separator(parsed: Parsed, parent: Trail) -> bytes:
    """Return what stands between two entries where no entry has its line to itself; nothing elsewhere."""
    children = parsed.at(parent).children
    for index in range(len(children) - 1, 0, -1):
        gap = parsed.text[parsed.span((*parent, index - 1)).end : parsed.span((*parent, index)).start]
        if gap and children[index].label not in HIDDEN:
            if b"\n" not in gap:
                return gap
            if not gap.strip() and not parsed.source((*parent, index - 1)).endswith(b"\n"):
                return b"\n" + gap.rpartition(b"\n")[2]
        if index < len(children) - 4:
            break
    return b""


def _set_apart(parsed: Parsed, donor: Trail | None, new: bytes) -> bool:
    """Say whether blocks like the new one have a blank line before them here."""
    if donor is None:
        return new.startswith(b"[")
    named = any(child.label not in HIDDEN and not is_number(child.label) for child in parsed.at(donor).children)
    if not named or (new.count(b"\n") < 2 and parsed.source(donor).count(b"\n") < 2):
        return False
    siblings = enumerate(parsed.at(donor[:-1]).children)
    others = [at for at, child in siblings if child.children and child.label not in HIDDEN]
    starts = [start for start in (parsed.span((*donor[:-1], at)).start for at in others[-2:]) if start]
    if not starts:
        # the only one of its kind: as one would write it
        return new.count(b"\n") > 1
    start = starts[-1]
    while start and not parsed.text[:start].endswith(b"\n\n") and _comment_line(parsed.text, start):
        start = parsed.text.rfind(b"\n", 0, start - 1) + 1
    return parsed.text[:start].endswith(b"\n\n")


def _comment_line(text: bytes, start: int) -> bool:
    """Say whether the line before the one at start is a comment."""
    line = text[text.rfind(b"\n", 0, start - 1) + 1 : start]
    return line.lstrip()[:1] in (b"#", b";")


def _blank(before: bytes) -> bytes:
    return b"" if not before or before.endswith(b"\n\n") else b"\n"


def _insert_through_lens(parsed: Parsed, parent: Trail, index: int, node: Node) -> Parsed:
    from devenv.editor.trees import bylens

    accept = judge(parsed, shape.with_child(parsed.root, parent, index, node))
    gap = _separator(parsed, parent) if index else b""
    return bylens.insert(parsed, (parent, index), node, accept, (_point(parsed, parent, index), gap))


def encoded(parsed: Parsed, text: str) -> bytes:
    """Return text as the file would have it; EditError for what it cannot have."""
    if "\0" in text:
        raise EditError("a NUL character cannot be written in this format")
    if "\r" in text:
        raise EditError("a carriage return cannot be written in this format")
    try:
        return text.encode(parsed.encoding)
    except UnicodeEncodeError as exc:
        if parsed.encoding == "utf-8":
            raise EditError("a lone surrogate cannot be written in this format") from None
        raise EditError(f"the file is not UTF-8, and {shown(text[exc.start])} is not in its encoding") from None


def _encodable(parsed: Parsed, node: Node) -> None:
    encoded(parsed, node.label)
    encoded(parsed, node.value)
    for child in node.children:
        _encodable(parsed, child)
