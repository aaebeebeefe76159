"""The only place that prints: data on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys

from devenv.errors import ConfigError, DevenvError, ToolFailed
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from devenv.cli.watchers import Lines, Live


def out(text: str) -> None:
    """Print data."""
    _write(text if text.endswith("\n") else text + "\n")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        # a file's name may hold bytes that are no text; they are shown as escapes
        encoding = sys.stdout.encoding
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def out_bytes(data: bytes) -> None:
    """Print bytes as they are, all of them: without a buffer (PYTHONUNBUFFERED) one write may take a part only."""
    sys.stdout.flush()
    rest = memoryview(data)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) :]


def out_diff(text: str) -> None:
    """Print a diff, in colours on a terminal."""
    if not (sys.stdout.isatty() and colours()):
        _write(text)
        return
    marks = {"+": "\033[32m", "-": "\033[31m", "@": "\033[36m"}
    for line in text.splitlines():
        mark = marks.get(line[:1], "")
        _write(f"{mark}{line}\033[0m\n" if mark else line + "\n")


def out_json(data: dict[str, Any]) -> None:
    """Print data as one JSON document with the version of its form."""
    import json

    text = json.dumps({"version": 1, **data}, indent=2, ensure_ascii=False)
    # lone surrogates, which UTF-8 has not, become what JSON has for them
    out(text.encode(errors="backslashreplace").decode())


def say(text: str) -> None:
    """Print one line for a person; where standard error cannot be written, that changes nothing else."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        raise
    except OSError:
        # or the interpreter tries again at its exit, and exits with 120
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        except (OSError, ValueError):
            pass


def table(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> None:
    """Print rows as a table with heads; nothing is cut."""
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    for row in [heads, *rows]:
        out("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def colours() -> bool:
    """Say whether standard error may be given colours."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def error(exc: DevenvError) -> None:
    """Print an error: what happened, a failed program's last lines, where the log is, what to do."""
    mark = "\033[31merror:\033[0m" if colours() else "error:"
    lines = exc.message.splitlines() or [type(exc).__name__]
    if isinstance(exc, ConfigError):
        for line in lines:
            say(line)
    else:
        say(f"{mark} {lines[0]}")
        for line in lines[1:]:
            say(line)
    if isinstance(exc, ToolFailed) and exc.tail:
        for line in exc.tail.splitlines():
            say(f"  | {line}")
    if exc.log:
        say(f"log: {exc.log}")
    if exc.hint:
        say(f"hint: {exc.hint}")


def watcher(*, quiet: bool = False) -> Lines | Live:
    """Return the watcher that fits standard error: live on a terminal, one line a phase elsewhere."""
    from devenv.cli.watchers import Lines, Live

    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not quiet:
        return Live()
    return Lines(quiet=quiet)
