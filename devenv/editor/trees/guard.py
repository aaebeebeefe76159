"""What is not given to libaugeas, because it would crash there, hang, or take no end of memory."""

from devenv.editor.lens import LARGEST, place
from devenv.editor.trees import filters
from devenv.errors import EditError, ParseError

LARGEST_NESTED = 1 << 20
"""Bytes of a text whose lens calls itself: it takes some 600 bytes of memory for each."""

DEEPEST = 200
"""Levels of nesting; libaugeas recurses, and crashes some ten thousand levels down."""

_NESTING = (
    rb"(?P<tag><[A-Za-z_][^<>]*>)|(?P<open>[{\[(]|^[ \t]*(?:if|case|for|while|until|\$if)\b)"
    rb"|(?P<close>[}\])]|</|^[ \t]*(?:fi|esac|done|\$endif)\b)"
)


_NGINX = (
    rb"[ \t\r\n;]+|\#[^\n]*|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|(?P<open>\{)|(?P<close>\})"
    rb"|(?s:\$\{|\\.|[^ \t\r\n;{\\])+|\\"
)
"""The words of files of nginx: braces nest, but in quotes and comments, and brackets are parts of words."""


def check(lens: str, text: bytes) -> None:
    """Raise ParseError for a text that is not to be read with a lens, EditError for what is no lens's name."""
    module, _, name = lens.partition(".")
    if not (lens.isascii() and module.isidentifier() and name.isidentifier()):
        raise EditError(f"{lens} is no name of a lens", hint="a lens is named as in Hosts.lns")
    if b"\0" in text:
        line, column = place(text, text.index(b"\0"))
        raise ParseError("a NUL byte, which no lens takes", line=line, column=column)
    nested = _nested(lens)
    limit = LARGEST_NESTED if nested else LARGEST
    if len(text) > limit:
        raise ParseError(f"{len(text)} bytes are more than goes through a lens ({limit})")
    if nested:
        _check_depth(text, _NGINX if lens.startswith("Nginx.") else _NESTING)


def _nested(lens: str) -> bool:
    """Say whether a lens may call itself; one that is not known may."""
    if lens.startswith(("Ini.", "Configparser.")):
        # known without a table to load
        return False
    if lens.startswith("Nginx."):
        # the only one of ours that calls itself
        return True
    module = lens.partition(".")[0]
    known = next((entry for entry in filters.stock() if entry.lens.partition(".")[0] == module), None)
    return known.recursive if known else not any(fmt.lens == lens for fmt in filters.own())


def _check_depth(text: bytes, nesting: bytes) -> None:
    if max(text.count(mark) for mark in (b"<", b"{", b"[", b"(", b"if", b"case")) <= DEEPEST // 4:
        return
    import re

    depth = 0
    for found in re.finditer(nesting, text, re.MULTILINE):
        if found.lastgroup == "close":
            depth = max(depth - 1, 0)
        elif found.lastgroup == "open" or (found.lastgroup == "tag" and not found[0].endswith(b"/>")):
            depth += 1
            if depth > DEEPEST:
                line, column = place(text, found.start())
                raise ParseError(f"nested more than {DEEPEST} levels deep", line=line, column=column)
