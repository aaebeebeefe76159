"""A project: the folder a box belongs to, found by walking up, and what Vagrant and devenv keep in it."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from devenv import paths
from devenv.errors import BoxError, ConfigError, Problem, UsageError

OTHER_TOOL_FILE = "devenv.nix"
"""What a project of the Nix-based tool of the same name has."""


class Machine(NamedTuple):
    """A machine Vagrant has (or will have): ``provider`` and ``id`` are None while it is not created."""

    name: str
    provider: str | None
    id: str | None
    data: Path | None


class Project:
    """The folder of a devenv.yaml or a Vagrantfile."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / paths.CONFIG
        self.lock = root / paths.LOCK
        self.vagrantfile = root / paths.VAGRANTFILE
        self.dot = Path(os.environ.get("VAGRANT_DOTFILE_PATH") or root / ".vagrant")
        self.state = root / paths.STATE

    @property
    def has_config(self) -> bool:
        """Whether the box is described by devenv.yaml (or at least its lock), not by a hand-written Vagrantfile."""
        return self.config.exists() or self.lock.exists()

    def machine_state(self, name: str) -> Path:
        """Return the folder of what devenv remembers of one machine."""
        return self.state / name

    def created(self) -> dict[str, Machine]:
        """Return the machines Vagrant has created here, by name, read from its own state files."""
        found: dict[str, Machine] = {}
        machines = self.dot / "machines"
        for id_file in sorted(machines.glob("*/*/id")):
            text = _read(id_file).strip()
            if text:
                name, provider = id_file.parent.parent.name, id_file.parent.name
                found[name] = Machine(name, provider, text, id_file.parent)
        return found

    def local(self) -> dict[str, Any]:
        """Return what holds for this computer only (see the Vagrantfile); {} when there is nothing."""
        try:
            data = json.loads(_read(self.state / "local.json") or "{}")
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}

    def write_local(self, data: dict[str, Any]) -> None:
        """Replace local.json; a file with nothing in it is removed."""
        file = self.state / "local.json"
        if not data:
            file.unlink(missing_ok=True)
            return
        write_private(file, json.dumps(data, indent=1) + "\n")


def find(start: Path | None = None) -> Project:
    """Return the project start (the current folder) lies in; raise UsageError when there is none up to the root."""
    here = (start or current_folder()).absolute()
    for folder in (here, *here.parents):
        if (folder / paths.CONFIG).exists() or (folder / paths.LOCK).exists() or (folder / paths.VAGRANTFILE).exists():
            project = Project(folder)
            refuse_other_tool(folder)
            return project
        if (folder / "devenv.nix").exists():
            refuse_other_tool(folder)
    raise UsageError(
        f"there is no {paths.CONFIG} and no {paths.VAGRANTFILE} in this folder or above it",
        hint="make one with: devenv init",
    )


def current_folder() -> Path:
    """Return the current folder as the user sees it (symbolic links kept); BoxError when it was deleted."""
    try:
        real = Path.cwd()
    except FileNotFoundError as exc:
        raise UsageError("the current folder does not exist any more") from exc
    shown = os.environ.get("PWD")
    if shown and Path(shown).is_absolute():
        try:
            if Path(shown).samefile(real):
                return Path(shown)
        except OSError:
            pass
    return real


def refuse_other_tool(root: Path) -> None:
    """Raise ConfigError when a folder has a devenv.nix: its devenv.yaml and devenv.lock are another tool's."""
    if (root / OTHER_TOOL_FILE).exists():
        raise other_tool(OTHER_TOOL_FILE)


def other_tool(file: str, line: int = 0, column: int = 0) -> ConfigError:
    """Return the error for a folder of the Nix-based tool that uses the same names, and the place that shows it."""
    message = "belongs to another tool called devenv (the one based on Nix); nothing was touched"
    return ConfigError([Problem(file, line, column, "", message)], hint="use another folder for a Vagrant box")


def choose(names: list[str], wanted: list[str]) -> list[str]:
    """Return the wanted machine names (all when none is named); raise UsageError for one that is not there."""
    for name in wanted:
        if name not in names:
            from difflib import get_close_matches

            near = get_close_matches(name, names, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}" if names else None
            raise UsageError(f"there is no machine {name!r} here", hint=hint)
    return list(dict.fromkeys(wanted)) or names


def runtime_folder(project: Project, machine: str) -> Path:
    """Return a private folder with a short path for a machine's ssh files and control socket.

    A control socket's path may have no more than about 104 bytes, so it cannot lie in the project.
    """
    base = os.environ.get("XDG_RUNTIME_DIR")
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    if base and len(base) < 40 and os.access(base, os.W_OK):
        top = Path(base) / "devenv"
    else:
        top = Path(os.environ.get("TMPDIR") or "/tmp" if os.name == "posix" else os.environ["TEMP"]) / f"devenv-{user}"
        if len(str(top)) > 60:
            top = Path("/tmp") / f"devenv-{user}"
    import hashlib

    key = hashlib.sha256(f"{project.root}\0{machine}".encode(errors="surrogateescape")).hexdigest()[:12]
    try:
        top.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise BoxError(
            f"{top} cannot be made: {exc.strerror}", hint="set XDG_RUNTIME_DIR to a folder of yours"
        ) from exc
    # somebody else's folder of that name could hold a socket that is theirs
    if hasattr(os, "getuid"):
        found = top.lstat()
        if found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise BoxError(f"{top} is not yours alone", hint="remove it, or set XDG_RUNTIME_DIR to a folder of yours")
    folder = top / key
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def write_private(file: Path, text: str) -> None:
    """Replace a state file of ours in one step, readable by its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        temporary.touch(mode=0o600)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
