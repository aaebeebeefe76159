"""The box's Python as a program on this computer: what ``.vagrant/devenv/bin/python`` starts.

``python -I -m devenv.cli.shim ROOT MACHINE ARGUMENTS…``: the project is known, wherever it is started from.
"""

import sys


def main(argv: list[str]) -> int:
    """Run the box's Python with the arguments after the project's folder and the machine; return its exit code."""
    from devenv.cli.guard import guarded

    return guarded(lambda: _run(argv))


def _run(argv: list[str]) -> int:
    from pathlib import Path

    from devenv.box.project import Project
    from devenv.cli import guest

    root, machine, *arguments = argv
    return guest.python(arguments, machine=machine, project=Project(Path(root)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
