"""A file that its name alone makes INI of: what its lines say to that.

Files called ``*.conf`` are of all kinds, and nearly any text is INI to a lens that takes what its programs take: a line
of Apache's is a key without a value, and a new section behind it would break the server.
"""

from devenv.editor.lens import place
from devenv.errors import ParseError

_HTTPD = (b"virtualhost", b"directory", b"location", b"files", b"if", b"limit", b"proxy", b"macro", b"require")
"""What the names of Apache's sections begin with."""

_NGINX = (b"server", b"http", b"location", b"upstream", b"events", b"stream", b"types", b"map")


def check_ini(text: bytes) -> None:
    """Raise ParseError with line and column, and what it may be, when a text is surely no INI."""
    sections = text.startswith(b"[") or b"\n[" in text
    # lines of words, with no mark or with blanks before it, and lines of a key with its value
    worded, first_worded, keyed = 0, 0, 0
    start = 0
    for line in text.split(b"\n"):
        bare = line.strip()
        at = start + len(line) - len(line.lstrip())
        start += len(line) + 1
        if bare[:1] in (b"", b"#", b";"):
            continue
        words = bare.lower().split(None, 1)
        if bare[:1] == b"<" and (bare[1:2].isalpha() or bare[1:2] in b"/!?") and not (sections and line[:1] != b"<"):
            httpd = words[0].strip(b"</>").startswith(_HTTPD)
            raise _none(text, at, "--lens Httpd.lns reads Apache's files" if httpd else "--format xml reads XML")
        if bare[-1:] == b"{" and not (sections and b"=" in bare):
            nginx = words[0].strip(b"{") in _NGINX
            raise _none(text, at, "--lens Nginx.lns reads nginx's files" if nginx else None)
        key = bare.replace(b":", b"=").partition(b"=")[0].strip()
        if len(key.split(None, 1)) > 1:
            first_worded = first_worded if worded else at
            worded += 1
        elif key != bare:
            keyed += 1
    if not sections and worded > keyed:
        raise _none(
            text, first_worded, "--lens Spacevars.simple_lns reads lines of a key and a value with blanks between"
        )


def _none(text: bytes, at: int, hint: str | None) -> ParseError:
    line, column = place(text, at)
    known = hint or "--format or --lens names another"
    return ParseError(
        "INI has no such line", line=line, column=column, hint=f"ini was guessed by the file's name: {known}"
    )
