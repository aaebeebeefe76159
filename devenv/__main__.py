"""The one door: ``devenv`` and ``python -m devenv``.

``--version``, ``run``, ``status``, ``up`` and ``config`` are typed all day and scripts call them in loops, so their
plain forms do not wait for the command-line library to load. Anything unusual in them goes the long way.
"""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from devenv.cli import guard, quick

    guard.open_streams()
    code = quick.run(sys.argv[1:])
    if code is None:
        from devenv.cli import app

        code = app.run(sys.argv[1:])
    sys.exit(code)


if __name__ == "__main__":
    main()
