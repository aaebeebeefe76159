"""Vim and Neovim: where their plugin goes, how they are started."""

from pathlib import Path

import pytest

from devenv.ide import vim
from devenv.ide.editors import Editor
from devenv.ide.pieces import OwnFile
from devenv.ide.target import Target
from devenv.ide.user import User

VIM, NEOVIM = vim.EDITORS["vim"], vim.EDITORS["neovim"]


def user(home: Path, platform: str = "linux", **environ: str) -> User:
    return User(home, home / ".config", home / ".local/share", platform, environ)


def target(root: Path, name: str = "hello") -> Target:
    return Target(
        root=root,
        name=name,
        machine="default",
        alias=f"{name}.devenv",
        user="vagrant",
        home="/home/vagrant",
        mappings=((root, "/vagrant"),),
        host="127.0.0.1",
        port=2222,
        keys=(),
        host_keys=(),
    )


def plugin(editor: Editor, found: User) -> Path:
    (placed,) = editor.pieces(target(found.home), found, {})
    assert isinstance(placed.piece, OwnFile)
    assert placed.scope == "own"
    return placed.file


@pytest.mark.parametrize(
    ("there", "folder"),
    [
        ([], ".vim"),
        ([".vim"], ".vim"),
        ([".config/vim"], ".config/vim"),
        ([".config/vim", ".vim"], ".vim"),
        ([".config/vim", ".vimrc"], ".vim"),
    ],
)
def test_vim_finds_the_plugin_and_goes_on_finding_the_users_own(tmp_path: Path, there: list[str], folder: str) -> None:
    for name in there:
        (tmp_path / name).mkdir(parents=True)
    assert plugin(VIM, user(tmp_path)) == tmp_path / folder / "plugin/devenv.vim"


def test_neovims_folder_is_that_of_its_own_rules(tmp_path: Path) -> None:
    assert plugin(NEOVIM, user(tmp_path)) == tmp_path / ".config/nvim/plugin/devenv.vim"
    assert plugin(NEOVIM, user(tmp_path, "darwin")) == tmp_path / ".config/nvim/plugin/devenv.vim"
    assert plugin(NEOVIM, user(tmp_path, NVIM_APPNAME="lazy")) == tmp_path / ".config/lazy/plugin/devenv.vim"
    assert plugin(NEOVIM, user(tmp_path, XDG_CONFIG_HOME="/x")) == Path("/x/nvim/plugin/devenv.vim")
    windows = user(tmp_path, "win32", LOCALAPPDATA=str(tmp_path / "Local"))
    assert plugin(NEOVIM, windows) == tmp_path / "Local/nvim/plugin/devenv.vim"
    assert plugin(VIM, windows) == tmp_path / "vimfiles/plugin/devenv.vim"


def test_all_projects_share_the_plugin(tmp_path: Path) -> None:
    for editor in (VIM, NEOVIM):
        one, other = (editor.pieces(target(tmp_path / name, name), user(tmp_path), {}) for name in ("a", "b"))
        assert one == other


@pytest.mark.parametrize(("editor", "name"), [(VIM, "vim"), (NEOVIM, "nvim")])
def test_it_opens_the_boxs_folder_over_scp(tmp_path: Path, editor: Editor, name: str) -> None:
    here = user(tmp_path, PATH=str(tmp_path))
    by_hand = editor.opening(target(tmp_path), here, {})
    assert by_hand.argv == ()
    assert by_hand.by_hand.endswith(":edit scp://hello.devenv//vagrant/")
    assert editor.found(here) == []
    (tmp_path / name).write_text("#!/bin/sh\n")
    (tmp_path / name).chmod(0o755)
    opening = editor.opening(target(tmp_path), here, {})
    assert opening.argv == (str(tmp_path / name), "scp://hello.devenv//vagrant/")
    assert opening.terminal
    assert [one.where for one in editor.found(here)] == [str(tmp_path / name)]
