"""Lines between two marks in a text file that is somebody else's: put in, replaced, taken out; all else stays.

The file's own line ends are kept. A section at the top is put there again wherever it stands.
"""

from collections.abc import Sequence

from devenv.errors import ParseError

_BOM = b"\xef\xbb\xbf"


def placed(data: bytes, name: str, lines: Sequence[str], comment: str, *, top: bool) -> bytes:
    """Return the text with the section in it; the same bytes when it is there as it should be."""
    _check(data)
    end = b"\r\n" if b"\r\n" in data[:4096] else b"\n"
    first, last = _marks(name, comment)
    section = end.join([first, *(line.encode() for line in lines), last]) + end
    at = _find(data, first, last)
    if at is not None and not (top and at[0] != 0):
        return data[: at[0]] + section + data[at[1] :]
    rest = removed(data, name, comment)
    if top:
        return section + rest
    if rest and not rest.endswith(b"\n"):
        rest += end
    return rest + section


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


def _find(data: bytes, first: bytes, last: bytes) -> tuple[int, int] | None:
    """Return where a section begins and ends; None when the text has none. Raises ParseError for half of one."""
    start = stop = None
    at = 0
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        if line.rstrip() == first:
            if start is not None:
                raise ParseError("a section of devenv begins twice", line=number, column=1)
            start = (at, number)
        at += len(line)
        if line.rstrip() == last and start is not None:
            stop = at
            break
    if start is not None and stop is None:
        raise ParseError("a section of devenv has no end", line=start[1], column=1)
    return (start[0], stop) if start is not None and stop is not None else None


def _check(data: bytes) -> None:
    """Raise ParseError for what is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ParseError("this is UTF-16 text; UTF-8 is expected", line=1, column=1)
    at = data.find(b"\0")
    if at >= 0:
        line = data.count(b"\n", 0, at) + 1
        raise ParseError("this is no text: it holds a zero byte", line=line, column=at - data.rfind(b"\n", 0, at))
