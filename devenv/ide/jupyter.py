"""Jupyter: a kernelspec, which any of its front ends starts; the kernel runs in the box (see ``kernel``).

Where kernelspecs lie, and their keys: jupyter-client.readthedocs.io, "Making kernels for Jupyter"; the user's folder:
docs.jupyter.org, "Common directories and file locations".
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from devenv.ide.editors import Editor, Found, Opening, Options
from devenv.ide.pieces import OwnFile, Placed
from devenv.ide.target import PYTHON, Target
from devenv.ide.user import User

IPYKERNEL = "ipykernel==6.31.0"
"""Runs on every Python from 3.9 on."""


class Jupyter:
    """Jupyter's notebook, lab, console and what else starts kernels, such as VS Code's notebooks."""

    name = "jupyter"
    title = "Jupyter"
    options: Mapping[str, Sequence[str]] = {}

    def found(self, user: User) -> list[Found]:
        programs = (user.program(name) for name in ("jupyter-lab", "jupyter-notebook", "jupyter", "jupyter-console"))
        return [Found("", found) for found in programs if found][:1]

    def packages(self, options: Options) -> tuple[str, ...]:
        return (IPYKERNEL,)

    def pieces(self, target: Target, user: User, options: Options) -> list[Placed]:
        file = data_folder(user) / "kernels" / kernel_name(target) / "kernel.json"
        return [Placed(file, OwnFile(kernelspec(target)), "own")]

    def box_pieces(self, target: Target, options: Options) -> list[Placed]:
        return []

    def running(self, user: User) -> str | None:
        return None

    def opening(self, target: Target, user: User, options: Options) -> Opening:
        lab, notebook = user.program("jupyter-lab"), user.program("jupyter-notebook")
        if lab:
            return Opening((lab, str(target.root)), terminal=True)
        if notebook:
            return Opening((notebook, str(target.root)), terminal=True)
        return Opening(by_hand=f"start a notebook in {target.root} and choose the kernel {display_name(target)!r}")

    def advice(self, target: Target, user: User, options: Options) -> list[str]:
        lines = [f"choose the kernel {display_name(target)!r} in a notebook; its folder in the box is the notebook's"]
        if target.python != PYTHON:
            lines.append(f"{target.python} needs {IPYKERNEL}: what devenv installs goes into {PYTHON}")
        return lines


def data_folder(user: User) -> Path:
    """Return the folder of the user's own kernelspecs and more, by the rules of jupyter_core."""
    if given := user.environ.get("JUPYTER_DATA_DIR"):
        return Path(given)
    if user.platform == "darwin":
        return user.home / "Library/Jupyter"
    return user.data / "jupyter"


def kernel_name(target: Target) -> str:
    """Return the kernelspec's name, which notebooks keep: letters, digits, ``.``, ``_``, ``-``, in lower case."""
    return "devenv-" + re.sub(r"[^a-z0-9._-]", "-", _own_name(target).lower())


def display_name(target: Target) -> str:
    return f"devenv: {_own_name(target)}"


def kernelspec(target: Target) -> str:
    """Return the text of kernel.json. ssh relays no SIGINT, so Jupyter is to interrupt by a message."""
    program = [sys.executable, "-I", "-m", "devenv.ide.kernel"]
    spec = {
        "argv": [*program, str(target.root), target.machine, target.python, "{connection_file}"],
        "display_name": display_name(target),
        "language": "python",
        "interrupt_mode": "message",
        "metadata": {"debugger": True},
    }
    return json.dumps(spec, indent=1, ensure_ascii=False) + "\n"


def _own_name(target: Target) -> str:
    """Return the name of the machine that is no other project's on this computer."""
    return target.alias.removesuffix(".devenv")


EDITORS: dict[str, Editor] = {"jupyter": Jupyter()}
