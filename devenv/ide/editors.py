"""Which editors there are, and what each family's module has to offer.

A new editor is one module with an ``Editor`` and a line in MODULES.
"""

import importlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from devenv.errors import UsageError
from devenv.ide.pieces import Placed
from devenv.ide.target import Target
from devenv.ide.user import User

Options = Mapping[str, str]
"""Choices of one set-up that a later one repeats, such as ``route``."""


class Found(NamedTuple):
    """An editor that is on this computer: its version or edition ("" unknown), and the program or folder that shows."""

    version: str
    where: str


class Opening(NamedTuple):
    """How to open the box's folder in an editor: a program and its words, or a link for the desktop; or how by hand."""

    argv: tuple[str, ...] = ()
    link: str = ""
    by_hand: str = ""
    terminal: bool = False
    """Whether the program takes over the terminal."""


class Editor(Protocol):
    """One editor. Its methods are pure but for reading what is on this computer; nothing is written here."""

    name: str
    """Its word on the command line, ``vscode``."""
    title: str
    """Its own name, ``VS Code``."""
    options: Mapping[str, Sequence[str]]
    """Which options it takes, and the values each may have; the first is the default."""

    def found(self, user: User) -> list[Found]:
        """Return the installations of the editor on this computer, without starting a program."""
        ...

    def packages(self, options: Options) -> tuple[str, ...]:
        """Return the Python packages it needs in the box's virtual environment, each ``name==version``."""
        ...

    def pieces(self, target: Target, user: User, options: Options) -> list[Placed]:
        """Return what is to be in which file on this computer, in the order they are said."""
        ...

    def box_pieces(self, target: Target, options: Options) -> list[Placed]:
        """Return the same for files inside the box (absolute paths there)."""
        ...

    def running(self, user: User) -> str | None:
        """Return the program's name when it runs now and would overwrite on its exit what is set; else None."""
        ...

    def opening(self, target: Target, user: User, options: Options) -> Opening:
        """Return how to open the box's folder."""
        ...

    def advice(self, target: Target, user: User, options: Options) -> list[str]:
        """Return what remains to be done or known, one line each; said after a set-up."""
        ...


MODULES = {
    "pycharm": "devenv.ide.jetbrains",
    "intellij": "devenv.ide.jetbrains",
    "vscode": "devenv.ide.vscode",
    "cursor": "devenv.ide.vscode",
    "windsurf": "devenv.ide.vscode",
    "vscodium": "devenv.ide.vscode",
    "zed": "devenv.ide.zed",
    "emacs": "devenv.ide.emacs",
    "vim": "devenv.ide.vim",
    "neovim": "devenv.ide.vim",
    "jupyter": "devenv.ide.jupyter",
}
"""The module of each editor, which has EDITORS: a mapping of the editors' names to Editor."""


ALSO = {"nvim": "neovim", "code": "vscode", "codium": "vscodium", "idea": "intellij", "notebook": "jupyter"}
"""What else people call them, mostly by their programs: who writes that is told the name."""


def get(name: str) -> Editor:
    """Return an editor by its name; UsageError when there is none of that name."""
    if name not in MODULES:
        from difflib import get_close_matches

        plain = name.lower().replace(" ", "")
        near = [ALSO[plain]] if plain in ALSO else get_close_matches(plain, MODULES, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(MODULES)}"
        raise UsageError(f"there is no editor {name!r} that devenv knows", hint=hint)
    editor: Editor = importlib.import_module(MODULES[name]).EDITORS[name]
    return editor
