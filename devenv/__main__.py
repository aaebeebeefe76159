"""The one door: ``devenv`` and ``python -m devenv``.

``--version``, ``run``, ``status``, ``up`` and ``config`` are typed all day and scripts call them in loops, so their
plain forms do not wait for the command-line library to load. Anything unusual in them goes the long way.
"""

import gc
import os
import sys

_FRESH_BEFORE_COLLECTING = 50_000
"""Objects: all that a short command makes. What is loaded at the start is no garbage, and not searched for any."""

_LEAVING_AT_ONCE = ("config", "--version")
"""Commands that start no thread, hold no temporary file and ask for nothing to be done at the end."""


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        _run()
    except KeyboardInterrupt:
        # while it was loading: what runs has the one handler around it
        from devenv.errors import EXIT_INTERRUPTED

        sys.stderr.write("\ninterrupted\n")
        sys.exit(EXIT_INTERRUPTED)


def _run() -> None:
    gc.set_threshold(_FRESH_BEFORE_COLLECTING)
    from devenv.cli import guard, quick

    guard.open_streams()
    code = quick.run(sys.argv[1:])
    if code is None:
        from devenv.cli import app

        code = app.run(sys.argv[1:])
    elif sys.argv[1] in _LEAVING_AT_ONCE:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> None:
    """End without taking the interpreter apart, which takes a tenth of an edit's time."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        # the interpreter's own end knows what to do with streams that cannot be written
        return
    os._exit(code)


if __name__ == "__main__":
    main()
