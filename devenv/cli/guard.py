"""The one place where errors become text and exit codes."""

from __future__ import annotations

import os
import sys

from devenv.errors import EXIT_BUG, EXIT_INTERRUPTED, DevenvError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REPORT_TO = "the issue tracker of devenv"


def guarded(body: Callable[[], int]) -> int:
    """Run body and return its exit code; errors are printed and become theirs."""
    try:
        return _told(body)
    except BrokenPipeError:
        # the reader of our output went away (devenv … | head): not our error, and nothing more can be said
        drop_output()
        return 141


def _told(body: Callable[[], int]) -> int:
    try:
        code = body()
        # here, where it can still be told: what fails at the interpreter's own exit is only printed as a warning
        sys.stdout.flush()
        return code
    except DevenvError as exc:
        from devenv.cli import report

        report.error(exc)
        return exc.code
    except KeyboardInterrupt as exc:
        sys.stderr.write(f"\ninterrupted{f'; {exc}' if exc.args else ''}\n")
        return getattr(exc, "code", EXIT_INTERRUPTED)
    except BrokenPipeError:
        raise
    except OSError as exc:
        from devenv.cli import report

        drop_output()
        report.error(_of_system(exc))
        return _of_system(exc).code
    except Exception as exc:
        return _bug(exc)


def open_streams() -> None:
    """Open what devenv was started without (``devenv … >&-``): Python leaves None there, and the numbers to files."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123


def drop_output() -> None:
    """Let what standard output cannot take go nowhere, so that the interpreter does not try again at its exit."""
    try:
        sys.stdout.flush()
    except OSError:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (OSError, ValueError):
            pass


def _of_system(exc: OSError) -> DevenvError:
    import errno

    from devenv.errors import BoxError

    where = f": {exc.filename}" if exc.filename else ""
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return BoxError(f"the disk is full{where}", hint="free some space (devenv box prune), then try again")
    return BoxError(f"{exc.strerror or exc}{where}")


def _bug(exc: Exception) -> int:
    import tempfile
    import traceback

    from devenv import __version__

    with tempfile.NamedTemporaryFile("w", prefix="devenv-bug-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write(f"devenv {__version__}, Python {sys.version}\n{' '.join(sys.argv)}\n\n")
        traceback.print_exception(exc, file=file)
    sys.stderr.write(
        f"error: this is a bug in devenv: {type(exc).__name__}: {exc}\n"
        f"log: {file.name}\nhint: report it with that file to {REPORT_TO}\n"
    )
    return EXIT_BUG
