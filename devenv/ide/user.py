"""Whose computer this is, and where programs keep a user's settings there."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from devenv.errors import UsageError


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
    home = _home()
    if sys.platform == "darwin":
        support = home / "Library/Application Support"
        return User(home, support, support, "darwin", os.environ)
    if sys.platform == "win32":
        roaming = Path(os.environ.get("APPDATA") or home / "AppData/Roaming")
        return User(home, roaming, roaming, "win32", os.environ)
    config = _xdg("XDG_CONFIG_HOME", home / ".config")
    data = _xdg("XDG_DATA_HOME", home / ".local/share")
    return User(home, config, data, "linux", os.environ)


def _home() -> Path:
    try:
        home = Path.home()
    except RuntimeError:
        home = Path()
    # an empty one would be taken for the root of all folders
    if not home.is_absolute() or os.environ.get("HOME") == "":
        raise UsageError("it is not known where your home folder is", hint="set HOME to it")
    return home


def _xdg(name: str, default: Path) -> Path:
    """Return a folder of the XDG Base Directory Specification, by which a relative one is as none."""
    said = os.environ.get(name, "")
    return Path(said) if said.startswith("/") else default
