"""How a TOML file is laid out, read from what stands beside the place of a change."""

import re
from typing import NamedTuple

from devenv.editor.tomltext.scan import Block, Entry
from devenv.editor.tomltext.text import key as key_text

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_COMMENTS = re.compile(r"(?:[ \t]*#[^\n]*(?:\n|\Z))*")
_BRACES = re.compile(r"[=,\[][ \t]*\{( ?)[^}\s]")


class Style(NamedTuple):
    """How an entry is written: what stands before its key, around its equals sign, and its kind of quotes."""

    indent: str
    equals: str
    quote: str
    column: int
    """The column of the equals signs where they stand below each other, else 0."""


def style_of(block: Block, entries: list[Entry], like: str = '"') -> Style:
    """Return how the entries of a table are written in a block; the last of them counts, like is the other quote."""
    if not entries:
        return Style("", " = ", like, 0)
    # those near the end are what a person would look at
    entries = entries[-50:]
    text, last = block.text, entries[-1]
    quote = next((text[e.value] for e in reversed(entries) if text[e.value] in "\"'"), like)
    return Style(text[last.line : last.start], text[last.key_end : last.value], quote, _column(text, entries))


def _column(text: str, entries: list[Entry]) -> int:
    """Return the one column all equals signs have, where one at least is padded to it; else 0."""
    columns = set()
    padded = False
    for entry in entries:
        gap = text[entry.key_end : entry.value].partition("=")[0]
        columns.add(entry.key_end - entry.line + len(gap))
        padded = padded or len(gap) > 1
    return columns.pop() if padded and len(columns) == 1 else 0


def left_side(path: tuple[str, ...], style: Style) -> str:
    """Return the text of an entry up to its value."""
    name = ".".join(map(key_text, path))
    before, _, after = style.equals.partition("=")
    if style.column:
        # a longer key than all others stands out by itself
        before = " " * max(style.column - len(style.indent) - len(name), 1)
    elif len(before) > 1:
        before = " "
    return f"{style.indent}{name}{before}={after}"


def content_end(block: Block, *, is_last: bool) -> int:
    """Return where in a block's text what belongs to it ends.

    Comments right above the next header belong to that header; blank lines at the end belong to nobody.
    """
    floor = block.entries[-1].end if block.entries else block.body
    lines = _LINE.findall(block.text, floor)
    end = len(lines)
    while not is_last and end and lines[end - 1].strip():
        end -= 1
    while end and not lines[end - 1].strip():
        end -= 1
    return floor + sum(map(len, lines[:end]))


def comments_end(block: Block, *, is_last: bool) -> int:
    """Return where the comments right below a block's header end; the header's end when they are the next one's."""
    found = _COMMENTS.match(block.text, block.body)
    end = found.end() if found else block.body
    return block.body if end == len(block.text) and not is_last else end


def blank_lines(blocks: list[Block]) -> bool:
    """Say whether the file puts blank lines before its headers."""
    seen = False
    for block in blocks[:-1]:
        if block.path is None and not block.entries:
            continue
        seen = True
        lines = block.text[block.entries[-1].end if block.entries else block.body :]
        if any(not line.strip() for line in lines.split("\n")[:-1]):
            return True
    return not seen


def brace_pad(text: str) -> str | None:
    """Return what a text puts inside the braces of inline tables; None when it has none."""
    found = _BRACES.search(text)
    return found[1] if found else None


def body_indent(blocks: list[Block]) -> str:
    """Return how far entries are indented below a header's own indentation, by the last table that has entries."""
    for block in reversed(blocks):
        if block.path is not None and block.entries:
            own = header_indent(block)
            inner = block.text[block.entries[0].line : block.entries[0].start]
            return inner.removeprefix(own) if inner.startswith(own) else ""
    return ""


def header_indent(block: Block) -> str:
    """Return what stands before a block's header."""
    return block.text[: len(block.text) - len(block.text.lstrip(" \t"))]


def newline_of(text: str) -> str:
    """Return the line end of a text: that of its first line."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"
