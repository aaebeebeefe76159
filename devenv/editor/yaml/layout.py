"""How a file is laid out: its line ends, its indentation, its lists, its quotes."""

import re

from devenv.editor.yaml.nodes import Node
from devenv.editor.yaml.render import Style

_BREAK = re.compile(r"\r\n|\n|\r")
_BLANK = re.compile(r"[ \t]*(?:\r\n|[\r\n])")
_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|[\r\n]))*+(?:[ \t]+\Z)?")
COMMENT_LINE = re.compile(r"([ \t]*)#[^\r\n]*(?:\r\n|[\r\n]|\Z)")
WHITE = re.compile(r"[ \t]+")
_WIDEST = 1000
_LOOKED_AT = 65_536
"""Characters of a file from which its habits are told."""

_KEY_ALONE = r"^( *)(- +)?[^\s#\-][^\r\n]*:[ \t]*(?:#[^\r\n]*)?\r?\n(?=(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*( *)"
_NESTED = re.compile(_KEY_ALONE + r"[^\s#\-])", re.MULTILINE)
_LIST = re.compile(_KEY_ALONE + r"-[ \r\n])", re.MULTILINE)
_DASH = re.compile(r"^ *-( +)\S", re.MULTILINE)
_QUOTED = re.compile(r"""[:\-] (["'])""")


def style_of(text: str) -> Style:
    """Return how a text is written; where it does not tell, with two spaces and double quotes."""
    head = text[:_LOOKED_AT]
    newline = _BREAK.search(head)
    unit = _commonest(_differences(_NESTED, head, least=1), 2)
    quotes = _QUOTED.findall(head)
    return Style(
        newline=newline[0] if newline else "\n",
        unit=unit,
        dash=_commonest(_differences(_LIST, head, least=0), unit),
        gap=_commonest([len(found[1]) for found, _ in zip(_DASH.finditer(head), range(50), strict=False)], 1),
        quote="'" if quotes.count("'") * 2 > len(quotes) else '"',
    )


def _commonest(found: list[int], otherwise: int) -> int:
    return max(set(found), key=found.count) if found else otherwise


def _differences(pattern: re.Pattern[str], text: str, *, least: int) -> list[int]:
    """Return by how many columns what is in a key stands right of it; of keys behind a dash if there are no others."""
    found: dict[bool, list[int]] = {False: [], True: []}
    for match in pattern.finditer(text):
        difference = len(match[3]) - len(match[1]) - len(match[2] or "")
        if least <= difference <= 16:
            found[bool(match[2])].append(difference)
        if len(found[False]) == 50:
            break
    return found[False] or found[True]


def line_start(text: str, at: int) -> int:
    """Return where the line of a place begins."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def line_end(text: str, at: int) -> int:
    """Return where the line of a place ends, before its line end."""
    found = _BREAK.search(text, at)
    return found.start() if found else len(text)


def next_line(text: str, at: int) -> int:
    """Return where the line after that of a place begins; the text's length when there is none."""
    found = _BREAK.search(text, at)
    return found.end() if found else len(text)


def comment_indent(text: str, line: int) -> int:
    """Return how far to the right a block scalar must begin above a line's start so that it swallows nothing below.

    That is the indentation of the first line that is not blank if it is a comment, or what blank lines above it are
    wider than, else -1: a scalar's lines are to stand further right.
    """
    end = all_blank_end(text, line)
    found = COMMENT_LINE.match(text, end)
    wide = [_WIDEST if "\t" in white[0] else len(white[0]) - 1 for white in WHITE.finditer(text, line, end)]
    return max(len(found[1]) if found else -1, *wide, -1)


def column(text: str, at: int) -> int:
    """Return the column of a place, counted from 0."""
    return at - line_start(text, at)


def begins_line(text: str, at: int) -> bool:
    """Say whether nothing but spaces stands before a place on its line."""
    return not text[line_start(text, at) : at].strip(" \t\ufeff")


def is_blank_after(text: str, at: int) -> bool:
    """Say whether the line that begins at a place is blank."""
    return _BLANK.match(text, at) is not None


def blank_lines_end(text: str, at: int) -> int:
    """Return where the blank lines that begin at a place end."""
    while found := _BLANK.match(text, at):
        at = found.end()
    return at


def all_blank_end(text: str, at: int) -> int:
    """Return where the blank lines that begin at a place end, a last one without line end included."""
    found = _BLANK_LINES.match(text, at)
    return found.end() if found else at


def blank_lines_before(text: str, at: int, least: int) -> int:
    """Return where the blank lines before a line's start begin, no earlier than least."""
    while at > least:
        start = line_start(text, at - 1 if text[at - 2 : at] != "\r\n" else at - 2)
        if start < least or text[start:at].strip():
            return at
        at = start
    return at


def is_spaced(text: str, node: Node) -> bool:
    """Say whether a blank line stands between the last two entries of a block collection."""
    entries = node.children()
    if len(entries) < 2:
        return False
    end = line_end(text, entries[-2].node.close())
    return is_blank_after(text, next_line(text, end)) if end < len(text) else False


def key_habit(text: str, node: Node) -> str:
    """Return the quote all keys of a map are in, ``0`` when plain numbers are among them, else nothing."""
    firsts = [text[entry.start : entry.start + 1] for entry in node.children()[:50]]
    plain_number = any(
        first.isdigit() and (entry.name or "").isdigit() for first, entry in zip(firsts, node.children(), strict=False)
    )
    if plain_number:
        return "0"
    return firsts[0] if firsts and firsts[0] in ("'", '"') and len(set(firsts)) == 1 else ""
