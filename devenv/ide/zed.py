"""Zed: the box among its ssh connections.

Zed's settings are one JSON file with comments: ``~/.config/zed/settings.json`` (``%APPDATA%\\Zed`` on Windows; on macOS
too it is ``~/.config``). ``ssh_connections`` is a list of hosts, each with ``projects``, whose ``paths`` are folders to
open (Zed's documentation of remote development). Zed starts the system's ``ssh``, so host, port, user and key are what
our ssh file says; it adds to the list itself, and reads the file again when it changes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from devenv.ide.editors import Found, Opening, Options
from devenv.ide.pieces import JsonEntry, Placed
from devenv.ide.target import Target
from devenv.ide.user import User

PROGRAMS = ("zed", "zeditor", "zedit")
"""Distributions name it differently, as ``zed`` is another program's name."""


class Zed:
    """See devenv.ide.editors.Editor."""

    name = "zed"
    title = "Zed"
    options: Mapping[str, Sequence[str]] = {}

    def found(self, user: User) -> list[Found]:
        program = user.program(*PROGRAMS)
        if program is not None:
            return [Found("", program)]
        folders = (Path("/Applications"), user.home / "Applications") if user.platform == "darwin" else ()
        return [Found("", str(folder / "Zed.app")) for folder in folders if (folder / "Zed.app").is_dir()][:1]

    def packages(self, options: Options) -> tuple[str, ...]:
        return ()

    def pieces(self, target: Target, user: User, options: Options) -> list[Placed]:
        # Zed adds the folders that are opened to the same entry
        connection = {"host": target.alias, "projects": [{"paths": [target.folder]}]}
        entry = JsonEntry(("ssh_connections",), connection, by=("host",), shared=True)
        return [Placed(settings_folder(user) / "settings.json", entry)]

    def box_pieces(self, target: Target, options: Options) -> list[Placed]:
        return []

    def running(self, user: User) -> str | None:
        return None

    def opening(self, target: Target, user: User, options: Options) -> Opening:
        place = f"{target.alias}{quote(target.folder)}"
        program = user.program(*PROGRAMS)
        argv = (program, f"ssh://{place}") if program else ()
        by_hand = f"Zed: projects: open remote, then {target.alias} and {target.folder}"
        return Opening(argv, f"zed://ssh/{place}", by_hand)

    def advice(self, target: Target, user: User, options: Options) -> list[str]:
        return [f"in a window on the box: toolchain: select, then {target.python}"]


EDITORS = {"zed": Zed()}


def settings_folder(user: User) -> Path:
    """Return where Zed keeps its settings; on macOS that is not where other programs do."""
    if user.platform == "win32":
        return user.config / "Zed"
    if user.platform == "darwin":
        return Path(user.environ.get("XDG_CONFIG_HOME") or user.home / ".config") / "zed"
    return user.config / "zed"
