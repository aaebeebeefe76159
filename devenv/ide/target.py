"""What an editor is connected to: one machine of one project, as facts."""

from pathlib import Path
from typing import NamedTuple

from devenv.paths import GUEST_VENV

PYTHON = f"{GUEST_VENV}/bin/python"
"""The interpreter of the box's virtual environment for editors."""

DEBUG_PORT = 5678
"""The port debuggers of Python have by default, on either side."""


class Target(NamedTuple):
    """A machine and how to reach it.

    What a team shares (names, guest folders, the interpreter) is the same on every computer; ``alias`` is the name
    ssh knows the machine by here; host, port, keys and known keys belong to this computer, now.
    """

    root: Path
    """The project's folder on this computer."""
    name: str
    """The project's name, ``hello``; with the machine's where it is not the primary one: ``hello-db``."""
    machine: str
    alias: str
    user: str
    home: str
    """The user's home folder in the box."""
    mappings: tuple[tuple[Path, str], ...]
    """Synced folders: the folder on this computer and the same one in the box."""
    host: str
    port: int
    keys: tuple[str, ...]
    host_keys: tuple[str, ...]
    """The machine's public keys, each ``TYPE BASE64``."""
    proxy_command: str | None = None
    forward_agent: bool = False
    python: str = PYTHON
    """The interpreter in the box."""
    python_version: str = ""
    """Such as ``3.11.2``; nothing while it is not known."""
    primary: bool = True
    """Whether it is the project's primary machine, which what is named after the project alone belongs to."""

    @property
    def folder(self) -> str:
        """The project's folder in the box; the home folder when it is not synced."""
        return next((guest for host, guest in self.mappings if host == self.root), self.home)

    @property
    def sdk(self) -> str:
        """What the interpreter is called in IDEs: the same on every computer."""
        return f"devenv: {self.name}"
