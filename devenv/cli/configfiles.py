"""What the verbs of ``devenv config`` are about: a file or standard input, and the format said for it."""

import sys

from devenv.cli.configwords import ConfigWords
from devenv.editor.document import Document, Format
from devenv.errors import FileError, FileMissing, ParseError, UsageError

STDIN = "-"
STDIN_NAME = "standard input"


def read_stdin() -> bytes:
    """Return what comes on standard input; FileError when it does not end in time or cannot be read."""
    from devenv.editor.filetrouble import translated
    from devenv.editor.snapshot import LARGEST

    with translated(STDIN_NAME, "read"):
        data = sys.stdin.buffer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise FileError(f"{STDIN_NAME} is larger than {LARGEST >> 20} MiB: it is not edited")
    return data


def said_format(words: ConfigWords) -> Format | None:
    """Return the format the options say; None when they say none."""
    from devenv.editor import formats

    if words.format is not None and words.lens is not None:
        raise UsageError("--format and --lens say the same thing: give one of them")
    if words.lens is not None:
        return formats.of_lens(words.lens)
    return formats.named(words.format) if words.format is not None else None


def stdin_format(words: ConfigWords) -> Format:
    """Return the format of standard input, which the options have to say."""
    fmt = said_format(words)
    if fmt is None:
        raise UsageError(f"{STDIN_NAME} has no name to tell its format by", hint="add --format or --lens")
    return fmt


def opened(words: ConfigWords) -> tuple[str, Document]:
    """Return the name of the file a reading verb is about, and the document in it."""
    from devenv.cli import report
    from devenv.editor import batch, formats
    from devenv.editor.filetrouble import shown_path
    from devenv.editor.store import Store

    file = words.operands[0]
    if file == STDIN:
        name, fmt = STDIN_NAME, stdin_format(words)
        data = read_stdin()
    else:
        said = said_format(words)
        store = Store(tell=report.say)
        store.recover()
        try:
            found = store.read(file)
        except FileMissing as exc:
            raise FileMissing(exc.message, hint=_of_glob(file)) from exc
        name, data, fmt = file, found.data, said or batch.format_of(found)
    try:
        return name, formats.open_document(data, fmt)
    except ParseError as exc:
        raise exc.within(shown_path(name)) from None


def _of_glob(name: str) -> str | None:
    """Return what to say to somebody who meant many files."""
    from glob import glob

    if not any(mark in name for mark in "*?[") or not glob(name):  # noqa: PTH207
        return None
    return f'one file is read at a time: for file in {name}; do devenv config … "$file"; done'
