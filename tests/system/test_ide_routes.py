"""The python template's own tests and page in a box, by every route an editor has that can run here."""

import json
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.machines import Project, checked, devenv_argv, remove
from tests.system.test_ide_emacs_vim import RUN
from tests.system.test_ide_jupyter import kernel

pytestmark = pytest.mark.system

SET_UP = ("vscode", "emacs", "neovim", "jupyter")
COMPILE = """\
(let ((default-directory "/ssh:hello.devenv:/vagrant/") (done nil))
  (add-hook 'compilation-finish-functions (lambda (&rest _) (setq done t)))
  (compile "@COMMAND@")
  (while (not done) (accept-process-output nil 0.1))
  (princ (with-current-buffer "*compilation*" (buffer-string))))
"""


@pytest.fixture(scope="module")
def box(editors_box: Project) -> Iterator[Project]:
    program = Path(editors_box.env["HOME"]) / "bin/devenv"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(devenv_argv())} "$@"\n')
    program.chmod(0o755)
    for editor in SET_UP:
        editors_box.ok("ide", "setup", editor, "--yes")
    yield editors_box
    for editor in SET_UP:
        editors_box.ok("ide", "remove", editor, "--yes")
    remove(program)


def run(box: Project, argv: list[str]) -> str:
    done = subprocess.run(
        argv, cwd=box.folder, env=box.environment(), input="", capture_output=True, text=True, timeout=120, check=False
    )
    checked(done)
    return done.stdout


def task(box: Project, label: str) -> list[str]:
    """Return what VS Code starts for a task of ours."""
    tasks: list[dict[str, Any]] = json.loads((box.folder / ".vscode/tasks.json").read_text())["tasks"]
    (found,) = (each for each in tasks if each["label"] == label)
    return [found["command"], *found["args"]]


def in_emacs(command: str) -> list[str]:
    return [
        "emacs",
        "--batch",
        "-l",
        "~/.emacs.d/init.el",
        "--eval",
        f"(progn {COMPILE})".replace("@COMMAND@", command),
    ]


def as_vscode_in_the_box(box: Project) -> list[str]:
    """Return what the test view of a window on the box starts: its interpreter with the arguments of settings.json."""
    settings = json.loads((box.folder / ".vscode/settings.json").read_text())
    machine = json.loads(box.guest("cat ~/.vscode-server/data/Machine/settings.json"))
    words = [machine["python.defaultInterpreterPath"], "-m", "pytest", *settings["python.testing.pytestArgs"]]
    return ["ssh", "hello.devenv", f"cd /vagrant && {shlex.join(words)}"]


TESTS: dict[str, Callable[[Project], list[str]]] = {
    "ssh": lambda _: ["ssh", "hello.devenv", "make -C /vagrant test"],
    "devenv python": lambda _: ["devenv", "python", "-m", "pytest"],
    "the program": lambda box: [str(box.folder / ".vagrant/devenv/bin/python"), "-m", "pytest"],
    "VS Code's task": lambda box: task(box, "devenv: test"),
    "VS Code's test view": as_vscode_in_the_box,
    "debugger": lambda _: ["devenv", "debug", "--module", "pytest"],
    "Emacs": lambda _: in_emacs("make test"),
}
PAGES: dict[str, Callable[[Project], list[str]]] = {
    "ssh": lambda _: ["ssh", "hello.devenv", "make -C /vagrant start"],
    "VS Code's task": lambda box: task(box, "devenv: run"),
    "Emacs": lambda _: in_emacs("make start"),
}


@pytest.mark.parametrize("route", TESTS)
def test_the_templates_tests_pass(box: Project, route: str) -> None:
    assert "6 passed" in run(box, TESTS[route](box))


@pytest.mark.parametrize("route", PAGES)
def test_the_templates_page_is_served(box: Project, route: str) -> None:
    box.ok("run", "--", "make", "stop")
    run(box, PAGES[route](box))
    with urlopen(f"http://127.0.0.1:{box.ports()[8080]}/?name=Ada", timeout=10) as answer:
        assert "Hello, Ada!" in answer.read().decode()


def test_the_templates_tests_pass_in_a_notebook(box: Project, tmp_path: Path) -> None:
    with kernel(box, tmp_path) as made:
        ended, printed = made.run("!make test")
    assert ended == "ok"
    assert "6 passed" in printed


def test_the_templates_tests_pass_in_neovims_terminal(box: Project, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    script = tmp_path / "script.vim"
    words = {"FILE": str(box.folder / "app.py"), "COMMAND": "make test", "OUT": str(out)}
    text = RUN
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    script.write_text(text)
    run(box, ["nvim", "--headless", "-n", "-S", str(script)])
    assert "6 passed" in out.read_text()
