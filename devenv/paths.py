"""Every on-disk name devenv reads or writes, in one place."""

from __future__ import annotations

import os
import sys

from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "devenv.yaml"
LOCK = "devenv.lock"
VAGRANTFILE = "Vagrantfile"
STATE = ".vagrant/devenv"
"""Our state inside a project: every Vagrant project already ignores ``.vagrant``."""

GUEST_STATE = "/var/lib/devenv"
"""Where a box keeps the record of its provisioning steps."""


GUEST_VENV = "/opt/devenv/venv"
"""The box's virtual environment for editors: it sees the box's own packages, and has the debuggers."""


def package_data(name: str) -> Path:
    """Return the folder ``templates`` or ``lenses``: inside the installed package, or beside it in a checkout."""
    from pathlib import Path

    return Path(data_folder(name))


def data_folder(name: str) -> str:
    """Return package_data() as text, for those who do not wait for pathlib to load."""
    here = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120
    inside = os.path.join(here, name)  # noqa: PTH118
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(here), name)  # noqa: PTH112, PTH118, PTH120


def user_cache() -> Path:
    """Return the folder for what can be made again (boxes, root file systems); DEVENV_CACHE overrides it."""
    from pathlib import Path

    if override := os.environ.get("DEVENV_CACHE"):
        return Path(override)
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/devenv"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "devenv/cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "devenv"


def user_data() -> Path:
    """Return the folder for what cannot be made again (the boxes' ssh key); DEVENV_DATA overrides it."""
    from pathlib import Path

    return Path(_user_data())


def _user_data() -> str:
    """Return user_data() as text: an edit of one small file does not wait for pathlib to load."""
    if override := os.environ.get("DEVENV_DATA"):
        return override
    home = os.path.expanduser("~")  # noqa: PTH111
    if home.startswith("~"):
        raise RuntimeError("Could not determine home directory.")
    if sys.platform == "darwin":
        return f"{home}/Library/Application Support/devenv"
    if sys.platform == "win32":
        return (os.environ.get("LOCALAPPDATA") or home) + "/devenv"
    return (os.environ.get("XDG_DATA_HOME") or f"{home}/.local/share") + "/devenv"


def unfinished_edits() -> str | None:
    """Return the folder for journals of edits under way, a user's own even where root has another's HOME.

    None where the user has no home; the folder need not be there.
    """
    try:
        folder = _user_data()
    except RuntimeError:
        return None
    return os.path.abspath(f"{folder}/edits-{os.getuid() if hasattr(os, 'getuid') else 0}")  # noqa: PTH100


def vagrant_home() -> Path:
    """Return Vagrant's own folder (boxes, plugins)."""
    from pathlib import Path

    return Path(os.environ.get("VAGRANT_HOME") or Path.home() / ".vagrant.d")
