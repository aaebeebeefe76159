"""Lines between two marks in a text file that is somebody else's: put in, replaced, taken out; all else stays.

The file's own line ends are kept. A section at the top is put there again wherever it stands.
"""

from collections.abc import Sequence

from devenv.errors import ParseError

_BOM = b"\xef\xbb\xbf"


def placed(data: bytes, name: str, lines: Sequence[str], comment: str, *, top: bool) -> bytes:
    """Return the text with the section in it; the same bytes when it is there as it should be.

    Raises ParseError for what is no text, or has half a section or two of the same name.
    """
    _check(data)
    end = _line_end(data)
    first, last = _marks(name, comment)
    section = end.join([first, *(line.encode() for line in lines), last]) + end
    at = _find(data, first, last)
    start = len(_BOM) if data.startswith(_BOM) else 0
    if at is not None and not (top and at[0] != start):
        return data[: at[0]] + section + data[at[1] :]
    rest = removed(data, name, comment)
    if top:
        return rest[:start] + section + rest[start:]
    return rest + (end if lacks_end(rest) else b"") + section


def lacks_end(data: bytes) -> bool:
    """Say whether the last line of a text has no end, so that one is put there before a section."""
    return data not in (b"", _BOM) and not data.endswith(b"\n")


def without_end(data: bytes) -> bytes:
    """Return a text without the end of its last line."""
    return data.removesuffix(b"\n").removesuffix(b"\r")


def removed(data: bytes, name: str, comment: str) -> bytes:
    """Return the text without the section; the same bytes when it has none."""
    at = _find(data, *_marks(name, comment))
    return data if at is None else data[: at[0]] + data[at[1] :]


def names(data: bytes, comment: str) -> list[str]:
    """Return the names of the sections a text has."""
    first = f"{comment} >>> devenv: ".encode()
    return [line.strip()[len(first) :].decode(errors="replace") for line in data.splitlines() if line.startswith(first)]


def _marks(name: str, comment: str) -> tuple[bytes, bytes]:
    return f"{comment} >>> devenv: {name}".encode(), f"{comment} <<< devenv: {name}".encode()


def _line_end(data: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in data[:4096] else b"\n"


def _find(data: bytes, first: bytes, last: bytes) -> tuple[int, int] | None:
    """Return where a section begins and ends; None when the text has none. Raises ParseError for half of one or two."""
    start = stop = None
    at = line_of_start = 0
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        mark = line.rstrip() if at else line.removeprefix(_BOM).rstrip()
        if mark == first:
            if start is not None:
                raise ParseError("a section of devenv begins twice", line=number, column=1)
            start, line_of_start = at + (len(_BOM) if at == 0 and line.startswith(_BOM) else 0), number
        at += len(line)
        if mark == last:
            if start is None or stop is not None:
                raise ParseError("a section of devenv ends that did not begin", line=number, column=1)
            stop = at
    if start is not None and stop is None:
        raise ParseError("a section of devenv has no end", line=line_of_start, column=1)
    return (start, stop) if start is not None and stop is not None else None


def _check(data: bytes) -> None:
    """Raise ParseError for what is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ParseError("this is UTF-16 text; UTF-8 is expected", line=1, column=1)
    at = data.find(b"\0")
    if at >= 0:
        line = data.count(b"\n", 0, at) + 1
        raise ParseError("this is no text: it holds a zero byte", line=line, column=at - data.rfind(b"\n", 0, at))
