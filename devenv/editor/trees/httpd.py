"""httpd's own files: new directives and sections on lines of their own, as far in as those beside them."""

from __future__ import annotations

from devenv.editor.trees import change, shape
from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.trees.view import HIDDEN
from devenv.errors import EditError

_WORDS = ("arg", "wordlist")
"""Labels of what stands behind a name."""


class HttpdChange:
    """The functions of devenv.editor.trees.change, with the indentation that Augeas's lens has no say in."""

    set_value = staticmethod(change.set_value)

    @staticmethod
    def remove(parsed: Parsed, trail: Trail) -> Parsed:
        """Return the text without one node: whole lines, for the lens counts the blanks behind a section to it."""
        if parsed.at(trail).label in _WORDS or parsed.at(trail).label in HIDDEN:
            return change.remove(parsed, trail)
        text, end = parsed.text, _end(parsed, trail)
        start = text.rfind(b"\n", 0, parsed.span(trail).start) + 1
        apart = not start or text[:start].endswith(b"\n\n")
        if apart and text[end : end + 1] == b"\n":
            end += 1
        elif apart and start and end == len(text):
            start -= 1
        fresh = change.judge(parsed, shape.without(parsed.root, trail))(text[:start] + text[end:])
        return fresh or change.remove(parsed, trail)

    @staticmethod
    def insert(parsed: Parsed, parent: Trail, indices: list[int], node: Node) -> Parsed:
        """Return the text with one more child of parent, before the first of indices where the format takes it."""
        if node.label == "arg" and parent and parsed.at(parent).label != "wordlist":
            given = _with_word(parsed, parent, indices[0], node)
            if given:
                return given
        section = node.label not in ("arg", "directive") and node.label not in HIDDEN
        if section or (node.label == "directive" and not parsed.text.strip()):
            # neighbours may be no sections, and the lens writes nothing new in an empty text
            first = _with_lines(parsed, parent, indices[0], node)
            if first:
                return first
        try:
            fresh = change.insert(parsed, parent, indices, node)
        except EditError:
            if node.label == "arg":
                raise
            lines = _with_lines(parsed, parent, indices[0], node)
            if lines is None:
                raise
            return lines
        if node.label == "arg" or node.label in HIDDEN:
            return fresh
        was, now = parsed.at(parent).children, fresh.at(parent).children
        index = next((at for at in indices if now[:at] == was[:at] and now[at + 1 :] == was[at:]), None)
        if index is None or _is_laid_out(fresh, (*parent, index), _indent(parsed, parent, index)):
            return fresh
        return _with_lines(parsed, parent, index, node) or fresh


def with_words(parsed: Parsed, trail: Trail, words: list[str], text: str) -> Parsed | None:
    """Return the text with other words behind the name of a directive, which stand there as text has them.

    None when that does not read as those words.
    """
    node, span = parsed.at(trail), parsed.span(trail)
    start = end = span.value_end
    if node.children:
        start, end = parsed.span((*trail, 0)).start, parsed.span((*trail, len(node.children) - 1)).end
    new = change.encoded(parsed, text if node.children else f" {text}")
    expected = shape.replaced(
        parsed.root, trail, lambda node: Node(node.label, node.value, [Node("arg", word, []) for word in words])
    )
    return change.judge(parsed, expected)(parsed.text[:start] + new + parsed.text[end:])


def _with_word(parsed: Parsed, parent: Trail, index: int, word: Node) -> Parsed | None:
    """Return the text with one more argument of a directive or section; None when that does not read as one."""
    node, span, text = parsed.at(parent), parsed.span(parent), parsed.text
    new = change.encoded(parsed, word.value)
    if index:
        point, new = parsed.span((*parent, index - 1)).end, b" " + new
    elif node.children and node.children[0].label in _WORDS:
        point, new = parsed.span((*parent, 0)).start, new + b" "
    else:
        point, new = span.value_end if node.label == "directive" else span.label_end, b" " + new
    expected = shape.with_child(parsed.root, parent, index, word)
    return change.judge(parsed, expected)(text[:point] + new + text[point:])


def _is_laid_out(parsed: Parsed, trail: Trail, indent: bytes) -> bool:
    """Say whether a node is as far in as it should be, and what is in it further."""
    own = _blanks(parsed, trail)
    inner = [(*trail, at) for at in _lines(parsed, trail)]
    return own == indent and all(_is_deeper(_blanks(parsed, at), own) for at in inner)


def _is_deeper(inner: bytes, outer: bytes) -> bool:
    return len(inner) > len(outer) and inner.startswith(outer)


def _lines(parsed: Parsed, parent: Trail) -> list[int]:
    """Return the indices of the directives and sections in a section or file."""
    children = enumerate(parsed.at(parent).children)
    return [at for at, child in children if child.label != "arg" and child.label not in HIDDEN]


def _blanks(parsed: Parsed, trail: Trail) -> bytes:
    """Return the blanks the line of a node begins with."""
    text, start = parsed.text, parsed.span(trail).start
    line = text[text.rfind(b"\n", 0, start) + 1 :].partition(b"\n")[0]
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _end(parsed: Parsed, trail: Trail) -> int:
    """Return where the last line of a node ends."""
    span = parsed.span(trail)
    last = span.start + len(parsed.text[span.start : span.end].rstrip())
    return parsed.text.find(b"\n", last) + 1 or len(parsed.text)


def _indent(parsed: Parsed, parent: Trail, index: int) -> bytes:
    """Return how far in a new child of parent is: as the nearest there is, else further than the section."""
    comments = [at for at, child in enumerate(parsed.at(parent).children) if child.label == "#comment"]
    beside = _lines(parsed, parent) or (comments if parent else [])
    if beside:
        return _blanks(parsed, (*parent, min(beside, key=lambda at: (abs(at - index + 0.5), at))))
    return _blanks(parsed, parent) + _unit(parsed) if parent else b""


def _unit(parsed: Parsed) -> bytes:
    """Return by what a section's lines are further in than itself: as in the first there is, else four blanks."""
    waiting: list[Trail] = [()]
    while waiting:
        outer = waiting.pop(0)
        for at in _lines(parsed, outer):
            inner, own = _blanks(parsed, (*outer, at)), _blanks(parsed, outer) if outer else b""
            if outer and _is_deeper(inner, own):
                return inner[len(own) :]
            waiting.append((*outer, at))
    return b"    "


def _with_lines(parsed: Parsed, parent: Trail, index: int, node: Node) -> Parsed | None:
    """Return the text with a node on lines of its own; None when that does not read as it should."""
    lines = _written(node, _indent(parsed, parent, index).decode(), _unit(parsed).decode())
    before = [at for at in range(index) if parsed.at((*parent, at)).label != "arg"]
    if before:
        point = _end(parsed, (*parent, before[-1]))
    else:
        point = parsed.span(parent).start if parent else 0
        point = parsed.text.find(b"\n", point) + 1 if parent else 0
    if point and parsed.text[point - 1 : point] != b"\n":
        rest = parsed.text[point:].partition(b"\n")[0]
        if rest.strip():
            return None
        point += len(rest) + 1
    head, tail = parsed.text[:point], parsed.text[point:]
    if node.label != "directive" and _is_apart(parsed, parent, index):
        before_it = "\n" if head and not head.endswith(b"\n\n") else ""
        lines = f"{before_it}{lines}" + ("\n" if tail and not tail.startswith(b"\n") else "")
    text = head + change.encoded(parsed, lines) + tail
    return change.judge(parsed, shape.with_child(parsed.root, parent, index, node))(text)


def _is_apart(parsed: Parsed, parent: Trail, index: int) -> bool:
    """Say whether a new section has a blank line before it: as the one before, or as the first of a file."""
    lines = _lines(parsed, parent)
    sections = [at for at in lines if at < index and parsed.at((*parent, at)).label != "directive"]
    if not sections:
        return not parent and bool(lines)
    start = parsed.span((*parent, sections[-1])).start
    start = parsed.text.rfind(b"\n", 0, start) + 1
    return parsed.text[:start].endswith(b"\n\n") or (not parent and not start and lines == sections)


def _written(node: Node, indent: str, unit: str) -> str:
    """Return a directive or a section as lines."""
    words = "".join(f" {child.value}" for child in node.children if child.label == "arg")
    if node.label == "directive":
        return f"{indent}{node.value}{words}\n"
    inner = [_written(child, indent + unit, unit) for child in node.children if child.label != "arg"]
    return f"{indent}<{node.label}{words}>\n{''.join(inner)}{indent}</{node.label}>\n"
