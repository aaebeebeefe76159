"""Values of files whose lens stores them as they are written: what the program sees, and how to write it.

``encode`` and ``decode`` are the two ways between them. ``place`` names a node by its label and its parent's label:
``ENV/PATH``, ``remote/url``, or the label alone at the top of the file. ``old`` is the text in the file before, None
where there is none; its kind of quotes stays where the new value allows it. ``lines`` says that other values of the
file have their line breaks as they are; it decides for a value that had none.
"""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from devenv.editor import ruby
from devenv.editor.values import shown, to_json
from devenv.errors import EditError

_PLAIN_ENV = re.compile(r"[A-Za-z0-9_.,:/@%+=^?*!-]+\Z")
"""What needs no quotes: to the libraries that read such files, and to a shell that takes one in with ``.``."""
_DOUBLE = re.compile(r"\\(.)", re.DOTALL)
_ENV_NAMES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$", "`": "`"}


class _Quoting(NamedTuple):
    decode: Callable[[str, str], str]
    encode: Callable[[str, str, str | None], str]
    encode_lines: Callable[[str, str, str | None], str] | None = None
    """encode() with line breaks as they are, of a format that has an escape for them, too."""


def decode(lens: str, place: str, text: str) -> str:
    """Return what the text of a node means to the program."""
    return _LENSES[lens].decode(place, text) if text else text


def encode(lens: str, place: str, text: str, old: str | None, *, lines: bool = False) -> str:
    """Return text as the file has to have it; EditError when the format has no way to write it."""
    quoting = _LENSES[lens]
    way = quoting.encode_lines if lines and quoting.encode_lines else quoting.encode
    return way(place, text, old)


def has(lens: str) -> bool:
    """Say whether values of a lens are written otherwise than they are read."""
    return lens in _LENSES


# .env


def _env_decode(place: str, text: str) -> str:
    if text[0] == '"':
        return _DOUBLE.sub(lambda found: _ENV_NAMES.get(found[1], found[0]), text[1:-1])
    return text[1:-1] if text[0] in "'`" else text


def _env_encode(place: str, text: str, old: str | None, *, lines: bool = False) -> str:
    quote = old[0] if old and old[0] in "\"'`" else ""
    if not text:
        return quote * 2
    # most libraries see no end of the quotes in one with a backslash before it
    closed = text[-1] != "\\"
    if quote in ("'", "`") and quote not in text and "\r" not in text and closed:
        return f"{quote}{text}{quote}"
    if not quote and _PLAIN_ENV.match(text):
        return text
    if old and "\n" in _env_decode(place, old):
        # a shell knows no escape for it
        lines = "\n" in old
    # between single quotes nothing has a meaning to nearly all readers, so what could have one goes there
    if closed and not re.search("['\r]" if lines else "['\n\r]", text) and re.search(r"[$`\\\"]", text):
        return f"'{text}'"
    written = re.sub(r'[\\"$`]', r"\\\g<0>", text).replace("\r", "\\r")
    return f'"{written}"' if lines else '"' + written.replace("\n", "\\n") + '"'


# git


_GIT_NAMES = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\", "\n": ""}
_GIT_ESCAPES = {"\n": "\\n", "\t": "\\t", "\b": "\\b", '"': '\\"', "\\": "\\\\"}


def _git_decode(place: str, text: str) -> str:
    if "/" not in place:
        return _DOUBLE.sub(r"\1", text)
    return re.sub(r'\\(.)|"', lambda found: _GIT_NAMES.get(found[1] or "", found[1] or ""), text, flags=re.DOTALL)


def _git_encode(place: str, text: str, old: str | None) -> str:
    if "/" not in place:
        if "\n" in text:
            raise EditError("the name of a section cannot have several lines")
        return re.sub(r'[\\"]', r"\\\g<0>", text)
    written = re.sub(r'[\n\t\b"\\]', lambda found: _GIT_ESCAPES[found[0]], text)
    quoted = old is not None and len(old) > 1 and old[0] == old[-1] == '"' and old.count('"') == 2
    if quoted or not text or text != text.strip() or re.search("[#;]", text) or "  " in text:
        return f'"{written}"'
    return written


# Dockerfile


def _docker_is_word(place: str) -> bool:
    parent, _, label = place.rpartition("/")
    return bool(label) and parent.upper() in ("ENV", "ARG", "LABEL")


def _docker_decode(place: str, text: str) -> str:
    if not _docker_is_word(place):
        return text

    def piece(found: re.Match[str]) -> str:
        word = found[0]
        if word[0] == "'":
            return word[1:-1]
        if word[0] == '"':
            return re.sub(r'\\(["\\])', r"\1", word[1:-1])
        return word[1:] if word[0] == "\\" and word[1] != "$" else word

    return re.sub(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.""", piece, text, flags=re.DOTALL)


def _docker_encode(place: str, text: str, old: str | None) -> str:
    if not _docker_is_word(place):
        if text and (text != text.strip() or ("\n" in text.replace("\\\n", "") and "<<" not in text)):
            raise EditError(f"{shown(text)} cannot be what an instruction of a Dockerfile takes")
        return text
    if "\n" in text:
        raise EditError("a variable of a Dockerfile cannot have several lines")
    quote = old[0] if old and old[0] in "\"'" else ""
    if quote == "'" and "'" not in text:
        return f"'{text}'"
    if not quote and text and not re.search(r"[\s\"'\\#<]", text):
        return text
    # $ stays as it is: a variable is what most people mean by it
    return '"' + re.sub(r'["\\]', r"\\\g<0>", text) + '"'


# npm


def _npm_decode(place: str, text: str) -> str:
    """Return what npm's ini module makes of a value."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        inner = text[1:-1] if text[0] == "'" else text
        try:
            meant = json.loads(inner)
        except ValueError:
            return inner
        return meant if isinstance(meant, str) else inner
    end = re.match(r"(?:[^;#\\]|\\.|\\\Z)*", text)
    return re.sub(r"\\([;#\\])", r"\1", end[0] if end else "").strip()


def _npm_encode(place: str, text: str, old: str | None) -> str:
    quote = old[0] if old and len(old) > 1 and old[0] == old[-1] and old[0] in "\"'" else ""
    plain = re.sub(r"[;#]|\\(?=[;#\\])", r"\\\g<0>", text)
    for way in (f"'{text}'" if quote == "'" else "", "" if quote or text[:1] in ("'", '"') else plain):
        if not re.search(r"[\x00-\x1f]", way) and (way or not text) and _npm_decode(place, way) == text:
            return way
    return to_json(text)


_LENSES = {
    "Dotenv.lns": _Quoting(_env_decode, _env_encode, partial(_env_encode, lines=True)),
    "Gitconfig.lns": _Quoting(_git_decode, _git_encode),
    "Dockerfile.lns": _Quoting(_docker_decode, _docker_encode),
    "Npmrc.lns": _Quoting(_npm_decode, _npm_encode),
    "Vagrantfile.lns": _Quoting(ruby.decode, ruby.encode),
}
