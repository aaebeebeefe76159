"""What is shown while a box is at work: one line a phase, or a spinner on a terminal. Made by report.watcher()."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from typing import Any


def _how(exc: BaseException) -> str:
    return "interrupted" if isinstance(exc, KeyboardInterrupt) else "failed"


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
        except BaseException as exc:
            self._end(f"{_how(exc)} after {time.monotonic() - started:.1f} s", title)
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
        except BaseException as exc:
            self.console.print(f"[red]✗[/] {title}  [dim]{_how(exc)} after {time.monotonic() - started:.1f} s")
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
