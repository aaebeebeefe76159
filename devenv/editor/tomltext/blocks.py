"""The blocks of a text, and changes of whole lines in them."""

import re
from bisect import bisect_left, bisect_right

from devenv.editor.tomltext import layout, text
from devenv.editor.tomltext.scan import Block, Entry, Key, Lost, scan
from devenv.editor.tomltext.sequence import Splice
from devenv.editor.tomltext.tree import Home
from devenv.editor.values import Value
from devenv.errors import EditError

_COMMENTS = re.compile(r"(?:[ \t]*#[^\n]*(?:\n|\Z))*")
_BLANK = re.compile(r"(?:[ \t\r]*\n)*")
_BLANK_LINE = re.compile(r"[ \t\r]*(?:\n|\Z)")


class Blocks:
    """All blocks of a text, in order; the first has no header. ``version`` grows when a key comes or goes."""

    def __init__(self, blocks: list[Block]) -> None:
        self.all = blocks
        self.version = 0
        self.newline = layout.newline_of("".join(block.text for block in blocks[:2]))

    def splice(self, number: int, *splices: Splice) -> None:
        """Change the text of a block; splices come in order, the last in the text first."""
        block = self.all[number]
        parts: list[str] = []
        rest = len(block.text)
        for start, end, new in splices:
            parts += (block.text[end:rest], new)
            rest = start
        source = "".join([*parts, block.text[:rest]][::-1])
        fresh = _nearby(block, source, min(splice.start for splice in splices), max(splice.end for splice in splices))
        if fresh is not None:
            self.all[number] = fresh
            self.version += _keys(fresh) != _keys(block)
            return
        try:
            blocks = scan(source)
        except Lost:
            raise EditError("the edit was given up: what it would write is no TOML") from None
        # what begins with a header has nothing before it
        self.all[number : number + 1] = blocks if number == 0 else blocks[1:]
        self.version += 1

    def is_last(self, number: int) -> bool:
        """Say whether a block is the last one."""
        return number == len(self.all) - 1

    def brace_pad(self, number: int) -> str:
        """Return what goes inside braces: as the block has it, or else the file."""
        for block in (self.all[number], *self.all):
            pad = layout.brace_pad(block.text)
            if pad is not None:
                return pad
        return " "

    def equals(self) -> str:
        """Return what stands between key and value, as the last table has it."""
        model = next((block for block in reversed(self.all) if block.entries), None)
        tight = model is not None and not layout.style_of(model, model.entries).equals.startswith((" ", "\t"))
        return "=" if tight else " = "

    def sections(self, number: int, path: Key, value: Value, *, array: bool = False) -> list[text.Chunk]:
        """Return a value as headers with their lines, in the style of the file and of a block."""
        return text.sections(
            path, value, array=array, pad=self.brace_pad(number), equals=self.equals(), newline=self.newline
        )

    def add_line(self, home: Home, path: Key, value: Value) -> None:
        """Put ``path = value`` after the last entry of a table."""
        block = self.all[home.block]
        width = len(home.prefix)
        own = [entry for entry in block.entries if entry.key[:width] == home.prefix] if width else block.entries
        style = self._style(block, own)
        left = layout.left_side(path, style)
        pad = self.brace_pad(home.block) if isinstance(value, dict | list) else ""
        line = left + text.wide(value, len(left), style.indent, self.newline, like=style.quote, pad=pad)
        if own:
            at = own[-1].end
        elif block.path is None:
            self.add_chunks(home.block, [line])
            return
        else:
            at = layout.comments_end(block, is_last=self.is_last(home.block))
        self._put_line(home.block, at, line)

    def _style(self, block: Block, own: list[Entry]) -> layout.Style:
        if own:
            return layout.style_of(block, own)
        model = next((other for other in reversed(self.all) if other.entries), block)
        quote = layout.style_of(model, model.entries).quote
        indent = layout.header_indent(block) + layout.body_indent(self.all) if block.path is not None else ""
        return layout.Style(indent, self.equals(), quote, 0)

    def _put_line(self, number: int, at: int, line: str) -> None:
        source = self.all[number].text
        before = self.newline if at and source[at - 1] != "\n" else ""
        # a file that ends without a line end stays so
        self.splice(number, Splice(at, at, before + line + ("" if before else self.newline)))

    def add_chunks(self, number: int, chunks: list[str]) -> None:
        """Put paragraphs after what belongs to a block, with blank lines around them if the file has such."""
        block = self.all[number]
        at = layout.content_end(block, is_last=self.is_last(number))
        blank = self.newline if layout.blank_lines(self.all) else ""
        source = block.text
        open_end = at > 0 and source[at - 1] != "\n"
        rest = source[at:]
        head = (self.newline if open_end else "") + (blank if self._has_text(number, at) else "")
        body = (self.newline + blank).join(chunks)
        tail = "" if open_end else self.newline
        if not self.is_last(number) and not _blank_first(rest):
            tail += blank
        if self.is_last(number) and not rest.strip():
            # blank lines at the end of the file would stand in the middle otherwise
            rest = ""
        self.splice(number, Splice(at, len(source), head + body + tail + rest))

    def _has_text(self, number: int, at: int) -> bool:
        return at > 0 or any(block.text.strip() for block in self.all[:number])

    def remove_entries(self, number: int, indices: list[int]) -> None:
        """Take entries with their lines out of a block."""
        block = self.all[number]
        gone = [_lines_of(block, block.entries[index]) for index in sorted(indices, reverse=True)]
        self.splice(number, *gone)
        if self.is_last(number) and block.text[-1:] != "\n" and self.all[-1].text.endswith("\n"):
            end = self.all[-1].text.removesuffix("\n").removesuffix("\r")
            self.splice(number, Splice(len(end), len(self.all[-1].text), ""))

    def drop(self, number: int) -> None:
        """Take out a block with its header; comments that are not about it stay."""
        block, before = self.all[number], self.all[number - 1]
        floor = block.entries[-1].end if block.entries else block.body
        found = _COMMENTS.match(block.text, floor)
        stop = found.end() if found else floor
        if stop == len(block.text) and not self.is_last(number):
            stop = floor
        rest = block.text[stop:]
        source = before.text
        if not source or (source.endswith("\n") and not source[:-1].rpartition("\n")[2].strip()):
            rest = rest[_end(_BLANK, rest, 0) :]
            if not rest.strip() and self.is_last(number):
                rest, source = "", source.rstrip() + self.newline if source.strip() else ""
        if self.is_last(number) and not block.text.endswith("\n") and not rest:
            source = source.removesuffix("\n").removesuffix("\r")
        end = before.entries[-1].end if before.entries else before.body
        if end > len(source):
            fresh = scan(source + rest)
            self.all[number - 1 : number + 1] = fresh if number == 1 else fresh[1:]
        else:
            self.all[number - 1 : number + 1] = [
                Block(source + rest, before.path, before.array, before.body, before.entries)
            ]
        self.version += 1


def _keys(block: Block) -> list[Key]:
    return [entry.key for entry in block.entries]


def _nearby(block: Block, source: str, low: int, high: int) -> Block | None:
    """Return a block whose text is now source, scanned only where it differs; None when that is not enough.

    low and high are where in the old text it differs.
    """
    entries, moved = block.entries, len(source) - len(block.text)
    first = bisect_right(entries, low, key=lambda entry: entry.end)
    last = bisect_left(entries, high, lo=first, key=lambda entry: entry.line)
    start = entries[first - 1].end if first else block.body
    end = (entries[last].line if last < len(entries) else len(block.text)) + moved
    if low < start or (last < len(entries) and source[end - 1 : end] != "\n"):
        return None
    try:
        parts = scan(source[start:end])
    except Lost:
        return None
    if len(parts) != 1:
        return None
    fresh = [entry.moved(start) for entry in parts[0].entries]
    return Block(
        source,
        block.path,
        block.array,
        block.body,
        [*entries[:first], *fresh, *(entry.moved(moved) for entry in entries[last:])],
    )


def _end(pattern: re.Pattern[str], source: str, at: int) -> int:
    found = pattern.match(source, at)
    return found.end() if found else at


def _blank_first(source: str) -> bool:
    return source != "" and _BLANK_LINE.match(source) is not None


def _lines_of(block: Block, entry: Entry) -> Splice:
    """Return the splice that takes an entry's lines out, and one of two blank lines that would then meet."""
    source, start, end = block.text, entry.line, entry.end
    before = source[:start]
    blank_before = not before or (before.endswith("\n") and not before[:-1].rpartition("\n")[2].strip())
    following = _BLANK_LINE.match(source, end)
    if blank_before and following is not None:
        if following.end() < len(source) or following.end() > end:
            end = following.end()
        else:
            # nothing follows: the blank lines before would end the file
            start = len(before.rstrip(" \t\r\n"))
            start = _end(_BLANK_LINE, source, start) if start else 0
    return Splice(start, end, "")
