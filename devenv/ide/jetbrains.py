"""PyCharm, and IntelliJ IDEA with its Python plugin: every version whose settings folder is on this computer.

Interpreters are the user's (``jetbrainsfiles``), a project only names one (``jetbrainsproject``). Where settings lie
is told in JetBrains' documentation, "Directories used by the IDE".
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from devenv.ide import jetbrainsfiles, jetbrainsproject
from devenv.ide.editors import Found, Opening, Options
from devenv.ide.pieces import Placed
from devenv.ide.target import DEBUG_PORT, Target
from devenv.ide.user import User

PYDEVD = "pydevd-pycharm==253.33813.30"
"""The debugger that calls an IDE; its number is that of the IDE's build (253: 2025.3), others are told apart."""

PROCESSES = Path("/proc")


class Product(NamedTuple):
    """An IDE: its names, the folders of its editions and its programs (as packages, Toolbox and itself name them)."""

    title: str
    folders: tuple[str, ...]
    programs: tuple[str, ...]
    launcher: str
    """Its own program, in the ``bin`` folder of its own."""
    paid: str
    """The edition that has remote interpreters."""


PRODUCTS = {
    "pycharm": Product(
        "PyCharm",
        ("PyCharm", "PyCharmCE"),
        ("pycharm", "pycharm-professional", "charm", "pycharm-community", "pycharm.sh"),
        "pycharm",
        "PyCharm Professional (since 2025.1: PyCharm with a Pro subscription)",
    ),
    "intellij": Product(
        "IntelliJ IDEA",
        ("IntelliJIdea", "IdeaIC"),
        ("idea", "intellij-idea-ultimate", "idea-ultimate", "intellij-idea-community", "idea.sh"),
        "idea",
        "IntelliJ IDEA Ultimate with the Python plugin",
    ),
}

_VERSION = re.compile(r"\d{4}\.\d+")
_SELECTOR = re.compile(rb"^-Didea\.paths\.selector=([A-Za-z]+)")


class JetBrains:
    """One IDE; see devenv.ide.editors.Editor."""

    def __init__(self, name: str, product: Product) -> None:
        self.name = name
        self.title = product.title
        self.options = {"route": ("ssh", "vagrant")}
        self.product = product

    def found(self, user: User) -> list[Found]:
        found = [Found(folder.name, str(folder)) for folder in self.settings(user)]
        program = self.program(user)
        return found if found or program is None else [Found("", program)]

    def settings(self, user: User) -> list[Path]:
        """Return the settings folders of all versions, the oldest first."""
        folders = []
        for folder in (user.config / "JetBrains").glob("*"):
            edition = next((name for name in self.product.folders if folder.name.startswith(name)), None)
            if (
                edition
                and folder.is_dir()
                and any(_VERSION.fullmatch(folder.name.removeprefix(name)) for name in self.product.folders)
            ):
                folders.append(folder)
        return sorted(folders, key=_age)

    def program(self, user: User) -> str | None:
        """Return the program that starts the IDE: from the PATH, else as JetBrains Toolbox made it."""
        found = user.program(*self.product.programs)
        if found is not None:
            return found
        scripts = _toolbox(user) / "scripts"
        ending = ".cmd" if user.platform == "win32" else ""
        places = [scripts / f"{name}{ending}" for name in self.product.programs]
        return next((str(file) for file in places if file.is_file()), None)

    def packages(self, options: Options) -> tuple[str, ...]:
        return (PYDEVD,)

    def pieces(self, target: Target, user: User, options: Options) -> list[Placed]:
        route = _route(options)
        placed = list(jetbrainsproject.project_pieces(target, route))
        for folder in self.settings(user):
            placed += jetbrainsfiles.user_pieces(folder / "options", target, user, route)
        return placed

    def box_pieces(self, target: Target, options: Options) -> list[Placed]:
        return []

    def running(self, user: User) -> str | None:
        # elsewhere a program would have to be started to find out
        if user.platform != "linux":
            return None
        for words in _command_lines():
            if self._is(words):
                return self.title
        return None

    def _is(self, words: list[bytes]) -> bool:
        """Return whether a command line is the IDE's: its launcher, its own program, or the Java it runs in."""
        selectors = [found[1].decode() for word in words if (found := _SELECTOR.match(word))]
        if selectors:
            return any(name in self.product.folders for name in selectors)
        if words[0].rpartition(b"/")[2] in (b"sh", b"bash") and len(words) > 1:
            words = words[1:]
        folder, _, name = words[0].rpartition(b"/")
        program = self.product.launcher.encode()
        if name == program + b".sh":
            return True
        # as its own folder has it; a system's /usr/bin has scripts that start it
        return name == program and folder.endswith(b"/bin") and folder != b"/usr/bin"

    def opening(self, target: Target, user: User, options: Options) -> Opening:
        program = self.program(user)
        place = f"host={quote(target.alias)}&port={jetbrainsfiles.PORT}&user={quote(target.user)}"
        link = f"jetbrains-gateway://connect#projectPath={quote(target.folder)}&{place}&type=ssh&deploy=false"
        by_hand = f"{self.title}: open the folder {target.root}"
        return Opening((program, str(target.root)) if program else (), link, by_hand)

    def advice(self, target: Target, user: User, options: Options) -> list[str]:
        return list(self._advice(target, user, _route(options)))

    def _advice(self, target: Target, user: User, route: str) -> Iterator[str]:
        if not self.settings(user):
            yield (
                f"no settings of {self.title} were found here: only the project's .idea was written; start the IDE "
                f"once, then devenv ide setup {self.name}"
            )
        if (own := jetbrainsproject.own_interpreter(target)) is not None:
            yield f"the module names an interpreter of its own, {own!r}: Settings, Python Interpreter: {target.sdk!r}"
        if jetbrainsproject.program_of(target.root) is None:
            yield "no program was found (app.py, main.py, a package with __main__.py): its run configuration is yours"
        if route == "vagrant":
            yield "the IDE needs its Vagrant plugin, which it has not come with since 2024: Settings, Plugins"
        yield f"remote interpreters need {self.product.paid}"
        yield (
            f"debug server: ssh -R {DEBUG_PORT}:localhost:{DEBUG_PORT} {target.alias}, and in the program: "
            f"import pydevd_pycharm; pydevd_pycharm.settrace('localhost', port={DEBUG_PORT}); "
            f"the box has {PYDEVD}, an IDE of another build wants its own number"
        )
        yield f"devenv was not tried with {self.title} itself: if it does not take {target.sdk!r}, tell us"


def _route(options: Options) -> str:
    return options.get("route", "ssh")


def _age(folder: Path) -> tuple[tuple[int, ...], str]:
    version = _VERSION.search(folder.name)
    return tuple(int(part) for part in version[0].split(".")) if version else (), folder.name


def _toolbox(user: User) -> Path:
    if user.platform == "win32":
        local = user.environ.get("LOCALAPPDATA")
        return (Path(local) if local else user.home / "AppData/Local") / "JetBrains/Toolbox"
    return user.data / "JetBrains/Toolbox"


def _command_lines() -> Iterator[list[bytes]]:
    """Yield the words of the programs that this user runs; Linux's /proc tells them."""
    import os

    own = os.getuid()
    for folder in PROCESSES.glob("[0-9]*"):
        try:
            if folder.stat().st_uid == own and (line := (folder / "cmdline").read_bytes()):
                yield line.rstrip(b"\0").split(b"\0")
        except OSError:
            # it has ended meanwhile
            continue


EDITORS = {name: JetBrains(name, product) for name, product in PRODUCTS.items()}
