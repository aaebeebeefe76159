"""JSONC read as JSON: comments and trailing commas become spaces, so that every byte stays where it is."""

import re

from devenv.editor.jsontext.scan import wrong

_TO_COMMENT = re.compile(rb'[^"/]*(?:"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?[^"/]*)*')
_COMMENT = re.compile(rb"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_TRAILING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|,(?=[ \t\r\n]*[\]}])')
_NOT_LINE_END = re.compile(rb"[^\r\n]")


def blanked(text: bytes) -> bytes:
    """Return text with spaces for comments and trailing commas; ParseError for a comment that is not closed.

    A lone slash, and all else that is wrong, is left for the scanner to find.
    """
    return _without_trailing(_without_comments(text))


def _without_comments(text: bytes) -> bytes:
    if b"/" not in text:
        return text
    parts: list[bytes] = []
    at = 0
    while at < len(text):
        found = _TO_COMMENT.match(text, at)
        end = found.end() if found else at
        parts.append(text[at:end])
        if end == len(text):
            break
        comment = _COMMENT.match(text, end)
        if comment is None:
            if text[end : end + 2] == b"/*":
                raise wrong(text, end, "the comment is not closed")
            # a slash where none may be
            parts.append(text[end:])
            break
        parts.append(_NOT_LINE_END.sub(b" ", comment[0]))
        at = comment.end()
    return b"".join(parts)


def _without_trailing(text: bytes) -> bytes:
    return _TRAILING.sub(_blank_comma, text)


def _blank_comma(found: re.Match[bytes]) -> bytes:
    if found[0] != b",":
        return found[0]
    text, at = found.string, found.start() - 1
    while at >= 0 and text[at] in b" \t\r\n":
        at -= 1
    # a comma trails only what is there: [,] is wrong
    return b"," if at < 0 or text[at] in b"[{," else b" "
