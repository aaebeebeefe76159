"""Every on-disk name devenv reads or writes, in one place."""

import os
import sys
from pathlib import Path

CONFIG = "devenv.yaml"
LOCK = "devenv.lock"
VAGRANTFILE = "Vagrantfile"
STATE = ".vagrant/devenv"
"""Our state inside a project: every Vagrant project already ignores ``.vagrant``."""

GUEST_STATE = "/var/lib/devenv"
"""Where a box keeps the record of its provisioning steps."""


def package_data(name: str) -> Path:
    """Return the folder ``templates`` or ``lenses``: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / name
    return inside if inside.is_dir() else here.parent / name


def user_cache() -> Path:
    """Return the folder for what can be made again (boxes, root file systems); DEVENV_CACHE overrides it."""
    if override := os.environ.get("DEVENV_CACHE"):
        return Path(override)
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/devenv"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "devenv/cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "devenv"


def user_data() -> Path:
    """Return the folder for what cannot be made again (the boxes' ssh key); DEVENV_DATA overrides it."""
    if override := os.environ.get("DEVENV_DATA"):
        return Path(override)
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/devenv"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "devenv"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "devenv"


def vagrant_home() -> Path:
    """Return Vagrant's own folder (boxes, plugins)."""
    return Path(os.environ.get("VAGRANT_HOME") or Path.home() / ".vagrant.d")
