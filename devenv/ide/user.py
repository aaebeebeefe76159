"""Whose computer this is, and where programs keep a user's settings there."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class User(NamedTuple):
    """A user's folders: home, settings (XDG's ``~/.config`` and its counterparts), data; and the platform."""

    home: Path
    config: Path
    data: Path
    platform: str = "linux"
    environ: Mapping[str, str] = {}

    def program(self, *names: str) -> str | None:
        """Return the path of the first of these programs that is on the PATH."""
        path = self.environ.get("PATH")
        return next((found for name in names if (found := shutil.which(name, path=path))), None)


def current() -> User:
    """Return the user devenv runs for."""
    home = Path.home()
    if sys.platform == "darwin":
        support = home / "Library/Application Support"
        return User(home, support, support, "darwin", os.environ)
    if sys.platform == "win32":
        roaming = Path(os.environ.get("APPDATA") or home / "AppData/Roaming")
        return User(home, roaming, roaming, "win32", os.environ)
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    return User(home, config, data, "linux", os.environ)
