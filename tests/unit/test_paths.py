"""Where things lie, by platform and environment."""

import sys
from pathlib import Path

import pytest

from devenv import paths


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DEVENV_CACHE", "DEVENV_DATA", "VAGRANT_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "cache", "data"),
    [
        ("linux", ".cache/devenv", ".local/share/devenv"),
        ("darwin", "Library/Caches/devenv", "Library/Application Support/devenv"),
    ],
)
def test_user_folders_follow_the_platforms_rules(
    home: Path, monkeypatch: pytest.MonkeyPatch, platform: str, cache: str, data: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert paths.user_cache() == home / cache
    assert paths.user_data() == home / data


def test_user_folders_on_windows(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(home / "Local"))
    assert paths.user_cache() == home / "Local/devenv/cache"
    assert paths.user_data() == home / "Local/devenv"


@pytest.mark.parametrize("empty", [True, False])
def test_xdg_moves_them_unless_it_is_empty(home: Path, monkeypatch: pytest.MonkeyPatch, empty: bool) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "" if empty else str(home / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", "" if empty else str(home / "d"))
    assert paths.user_cache() == (home / ".cache/devenv" if empty else home / "c/devenv")
    assert paths.user_data() == (home / ".local/share/devenv" if empty else home / "d/devenv")


def test_our_own_variables_come_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    monkeypatch.setenv("DEVENV_CACHE", str(home / "mine"))
    monkeypatch.setenv("DEVENV_DATA", str(home / "data"))
    assert (paths.user_cache(), paths.user_data()) == (home / "mine", home / "data")


def test_vagrants_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.vagrant_home() == home / ".vagrant.d"
    monkeypatch.setenv("VAGRANT_HOME", "/big/disk")
    assert paths.vagrant_home() == Path("/big/disk")


def test_package_data_lies_beside_the_package_in_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (paths.package_data("templates") / "python/devenv.yaml").is_file()
    package = tmp_path / "devenv"
    package.mkdir()
    monkeypatch.setattr(paths, "__file__", str(package / "paths.py"))
    assert paths.package_data("templates") == tmp_path / "templates"
    (package / "templates").mkdir()
    assert paths.package_data("templates") == package / "templates"
