"""Emacs: which files are its own on this computer, what is put into them, how it is started."""

from pathlib import Path
from typing import Any

import pytest

from devenv.ide import emacs
from devenv.ide.pieces import OwnFile, Section, take
from devenv.ide.target import PYTHON, Target
from devenv.ide.user import User

EMACS = emacs.EDITORS["emacs"]


def user(home: Path, platform: str = "linux", **environ: str) -> User:
    config = home / {"linux": ".config", "darwin": "Library/Application Support", "win32": "AppData/Roaming"}[platform]
    return User(home, config, config, platform, environ)


def target(root: Path, **changes: Any) -> Target:
    given: dict[str, Any] = {
        "root": root,
        "name": "hello",
        "machine": "default",
        "alias": "hello.devenv",
        "user": "vagrant",
        "home": "/home/vagrant",
        "mappings": ((root, "/vagrant"),),
        "host": "127.0.0.1",
        "port": 2222,
        "keys": (),
        "host_keys": (),
    }
    return Target(**{**given, **changes})


def program(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / name
    made.write_text("#!/bin/sh\n")
    made.chmod(0o755)
    return made


@pytest.mark.parametrize(
    ("there", "folder", "init"),
    [
        ([], ".emacs.d", ".emacs.d/init.el"),
        ([".emacs.d/"], ".emacs.d", ".emacs.d/init.el"),
        ([".config/emacs/"], ".config/emacs", ".config/emacs/init.el"),
        ([".config/emacs/", ".emacs.d/"], ".emacs.d", ".emacs.d/init.el"),
        ([".config/emacs/", ".emacs"], ".emacs.d", ".emacs"),
        ([".emacs"], ".emacs.d", ".emacs"),
        ([".emacs", ".emacs.el"], ".emacs.d", ".emacs.el"),
        ([".emacs", ".emacs.d/init.el"], ".emacs.d", ".emacs"),
        # Emacs asks for .emacs alone before it goes to XDG's folder, and reads nothing else from then on
        ([".config/emacs/", ".emacs.el"], ".config/emacs", ".config/emacs/init.el"),
    ],
)
def test_the_files_are_those_emacs_reads(tmp_path: Path, there: list[str], folder: str, init: str) -> None:
    for name in there:
        if name.endswith("/"):
            (tmp_path / name).mkdir(parents=True)
        else:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
    assert emacs.folder(user(tmp_path)) == tmp_path / folder
    assert emacs.init_file(user(tmp_path)) == tmp_path / init


def test_another_folder_for_settings_is_honoured(tmp_path: Path) -> None:
    (tmp_path / "elsewhere/emacs").mkdir(parents=True)
    found = user(tmp_path / "home", XDG_CONFIG_HOME=str(tmp_path / "elsewhere"))
    assert emacs.init_file(found) == tmp_path / "elsewhere/emacs/init.el"
    # macOS' own folder for settings is not Emacs'
    assert emacs.folder(user(tmp_path, "darwin")) == tmp_path / ".emacs.d"


def test_on_windows_the_home_is_roaming_data_unless_home_is_set(tmp_path: Path) -> None:
    roaming = tmp_path / "AppData/Roaming"
    assert emacs.init_file(user(tmp_path, "win32")) == roaming / ".emacs.d/init.el"
    assert emacs.init_file(user(tmp_path, "win32", HOME=str(tmp_path))) == tmp_path / ".emacs.d/init.el"
    roaming.mkdir(parents=True)
    (roaming / "_emacs").touch()
    assert emacs.init_file(user(tmp_path, "win32")) == roaming / "_emacs"
    (roaming / ".emacs").touch()
    assert emacs.init_file(user(tmp_path, "win32")) == roaming / ".emacs"


def test_all_projects_share_the_same_files(tmp_path: Path) -> None:
    here = user(tmp_path)
    other = target(tmp_path / "b", name="b", alias="b.devenv", port=1, python="/usr/bin/python3")
    assert EMACS.pieces(target(tmp_path / "a"), here, {}) == EMACS.pieces(other, here, {})


def test_the_init_file_gains_one_load_and_gives_it_back(tmp_path: Path) -> None:
    own, init = EMACS.pieces(target(tmp_path), user(tmp_path), {})
    assert isinstance(own.piece, OwnFile)
    assert isinstance(init.piece, Section)
    assert (own.scope, init.scope) == ("own", "user")
    for before in (b"", b"(setq a 1)\n", b"(setq a 1)", b";; caf\xc3\xa9\r\n(setq a 1)\r\n"):
        put, undo = init.piece.put(before)
        assert put.startswith(before)
        assert emacs.LOAD.encode() in put.splitlines()
        assert init.piece.put(put)[0] == put
        assert (take("section", put, undo) or b"").rstrip(b"\n") == before.rstrip(b"\n")
    made, undo = init.piece.put(None)
    assert take("section", made, undo) is None


def test_the_own_file_names_the_boxes_interpreter_and_balances_its_brackets() -> None:
    assert f'(defvar devenv-python "{PYTHON}"' in emacs.ELISP
    code = [line.partition(";;")[0] for line in emacs.ELISP.splitlines()]
    assert sum(line.count("(") - line.count(")") for line in code) == 0


def test_emacs_is_found_with_the_version_of_its_lisp_files(tmp_path: Path) -> None:
    made = program(tmp_path / "usr/bin", "emacs-gtk")
    (tmp_path / "usr/bin/emacs").symlink_to(made)
    (tmp_path / "usr/share/emacs/28.2").mkdir(parents=True)
    (tmp_path / "usr/share/emacs/site-lisp").mkdir()
    found = user(tmp_path, PATH=str(tmp_path / "usr/bin"))
    assert EMACS.found(found) == [(("28.2"), str(tmp_path / "usr/bin/emacs"))]
    # which of two it is cannot be told without starting it
    (tmp_path / "usr/share/emacs/29.4").mkdir()
    assert [one.version for one in EMACS.found(found)] == [""]
    assert EMACS.found(user(tmp_path, PATH=str(tmp_path / "nothing"))) == []


def test_it_opens_the_boxs_folder_over_tramp(tmp_path: Path) -> None:
    made = program(tmp_path / "bin", "emacs")
    shown = user(tmp_path, PATH=str(tmp_path / "bin"), DISPLAY=":0")
    opening = EMACS.opening(target(tmp_path), shown, {})
    assert opening.argv == (str(made), "/ssh:hello.devenv:/vagrant/")
    assert not opening.terminal
    assert EMACS.opening(target(tmp_path), user(tmp_path, PATH=str(tmp_path / "bin")), {}).terminal
    missing = EMACS.opening(target(tmp_path), user(tmp_path, PATH=""), {})
    assert (missing.argv, "/ssh:hello.devenv:/vagrant/" in missing.by_hand) == ((), True)


def test_an_emacs_without_windows_takes_the_terminal(tmp_path: Path) -> None:
    made = program(tmp_path / "bin", "emacs-nox")
    (tmp_path / "bin/emacs").symlink_to(made)
    assert EMACS.opening(target(tmp_path), user(tmp_path, PATH=str(tmp_path / "bin"), DISPLAY=":0"), {}).terminal


def test_another_interpreter_is_said_to_be_set_by_hand(tmp_path: Path) -> None:
    said = EMACS.advice(target(tmp_path, python="/srv/venv/bin/python"), user(tmp_path), {})
    assert any('(setq devenv-python "/srv/venv/bin/python")' in line for line in said)
    assert not any("setq" in line for line in EMACS.advice(target(tmp_path), user(tmp_path), {}))
