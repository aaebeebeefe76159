"""The only place that prints: data on stdout, everything else on stderr."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from devenv.errors import ConfigError, DevenvError, ToolFailed


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
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


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


def watcher(*, quiet: bool = False) -> "Lines | Live":
    """Return the watcher that fits standard error: live on a terminal, one line a phase elsewhere."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not quiet:
        return Live()
    return Lines(quiet=quiet)


class Lines:
    """One line a phase, with its time."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.open = False

    @contextlib.contextmanager
    def phase(self, machine: str, name: str) -> Iterator[None]:
        """Print the phase when it begins and its time when it ends."""
        started = time.monotonic()
        title = f"{machine}: {name} ... "
        self._write(title, stays_open=True)
        try:
            yield
        except BaseException:
            self._end(f"failed after {time.monotonic() - started:.1f} s", title)
            raise
        self._end(f"{time.monotonic() - started:.1f} s", title)

    def note(self, text: str) -> None:
        """Print one line."""
        if self.open:
            self._end("")
        self._write(text + "\n", stays_open=False)

    def line(self, text: str) -> None:
        """Leave a program's lines to the log."""

    def _write(self, text: str, *, stays_open: bool) -> None:
        if self.quiet:
            return
        if self.open:
            sys.stderr.write("\n")
        sys.stderr.write(text)
        sys.stderr.flush()
        self.open = stays_open

    def _end(self, text: str, title: str = "") -> None:
        if self.quiet:
            return
        # something came between: the line says again what it is about
        sys.stderr.write(("" if self.open else title) + text + "\n")
        sys.stderr.flush()
        self.open = False


class Live:
    """A spinner with the phase, the seconds it takes and the line at work; done phases stay as one line each."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(stderr=True, highlight=False, no_color=bool(os.environ.get("NO_COLOR")) or None)
        self.status: Any = None

    @contextlib.contextmanager
    def phase(self, machine: str, name: str) -> Iterator[None]:
        """Show the phase while it lasts, then leave a line with its time."""
        from rich.markup import escape
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        title = escape(f"{machine}: {name}")
        started = time.monotonic()
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[now]}"),
        )
        progress = Progress(*columns, console=self.console, transient=True)
        task = progress.add_task(title, total=None, now="")
        outer, self.status = self.status, (progress, task)
        try:
            with progress:
                yield
        except BaseException:
            self.console.print(f"[red]✗[/] {title}  [dim]failed after {time.monotonic() - started:.1f} s")
            raise
        finally:
            self.status = outer
        self.console.print(f"[green]✓[/] {title}  [dim]{time.monotonic() - started:.1f} s")

    def note(self, text: str) -> None:
        """Print one line above the spinner."""
        (self.status[0].console if self.status else self.console).print(text, markup=False)

    def line(self, text: str) -> None:
        """Show a program's line beside the spinner."""
        if self.status:
            from rich.markup import escape

            clean = "".join(c for c in text if c.isprintable()).strip().removeprefix("==> ")
            width = max(20, self.console.width - 50)
            self.status[0].update(self.status[1], now=escape(clean[:width]))
