"""Bytes of a YAML text to characters: UTF-8, and UTF-16 with its byte order mark."""

import codecs

from devenv.editor.yaml.stream import LARGEST
from devenv.errors import ParseError

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decoded(data: bytes) -> tuple[str, str, bytes]:
    """Return the text without its byte order mark, its encoding, and the mark; ParseError for what is no text."""
    if len(data) > LARGEST:
        raise ParseError(f"{len(data) >> 20} MB are more than is read of a YAML file ({LARGEST >> 20} MB)")
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    try:
        return data[len(mark) :].decode(encoding), encoding, mark
    except UnicodeDecodeError as exc:
        before = data[len(mark) : len(mark) + exc.start]
        text = before.decode(encoding, "replace")
        line = text.count("\n") + 1
        column = len(text) - (text.rfind("\n") + 1) + 1
        raise ParseError(f"this is not {encoding.upper()}", line=line, column=column) from None
