"""Zed: the box among the connections of its settings."""

import json
from pathlib import Path
from typing import Any

import pytest

from devenv.ide import editors, pieces
from devenv.ide.target import Target
from devenv.ide.user import User
from devenv.ide.zed import EDITORS

ZED = EDITORS["zed"]
HOST = "hello.devenv"


@pytest.fixture
def user(tmp_path: Path) -> User:
    (tmp_path / "bin").mkdir()
    return User(tmp_path, tmp_path / ".config", tmp_path / ".local/share", "linux", {"PATH": str(tmp_path / "bin")})


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target(
        root=tmp_path,
        name="hello",
        machine="default",
        alias=HOST,
        user="vagrant",
        home="/home/vagrant",
        mappings=((tmp_path, "/vagrant"),),
        host="127.0.0.1",
        port=2222,
        keys=(),
        host_keys=(),
    )


def put(target: Target, user: User, data: bytes | None) -> tuple[bytes, pieces.Undo]:
    (placed,) = ZED.pieces(target, user, {})
    return placed.piece.put(data)


def connections(data: bytes) -> Any:
    return json.loads(data)["ssh_connections"]


def test_the_box_is_a_connection_that_ssh_s_own_settings_complete(target: Target, user: User) -> None:
    assert connections(put(target, user, None)[0]) == [{"host": HOST, "projects": [{"paths": ["/vagrant"]}]}]


@pytest.mark.parametrize(
    ("platform", "folder"), [("linux", ".config/zed"), ("darwin", ".config/zed"), ("win32", ".config/Zed")]
)
def test_the_settings_lie_where_zed_has_them(target: Target, user: User, platform: str, folder: str) -> None:
    (placed,) = ZED.pieces(target, user._replace(platform=platform), {})
    assert placed.file == user.home / folder / "settings.json"
    assert placed.scope == "user"


def test_other_connections_and_comments_stay(target: Target, user: User) -> None:
    head = b'// mine\n{\n  "theme": "One Dark", // dark\n  "ssh_connections": [\n    { "host": "other", "port": 1 }'
    before = head + b",\n  ],\n}\n"
    after, undo = put(target, user, before)
    assert after.startswith(head)
    assert b'"hello.devenv"' in after
    assert put(target, user, after)[0] == after
    assert pieces.take("json entry", after, undo) == before


def test_folders_that_zed_added_stay_when_it_is_set_up_again(target: Target, user: User) -> None:
    added = {"host": HOST, "nickname": "box", "projects": [{"paths": ["/vagrant"]}, {"paths": ["/etc"]}]}
    before = json.dumps({"ssh_connections": [added]}, indent=2).encode()
    assert connections(put(target, user, before)[0]) == [added]


def test_a_connection_that_was_there_gets_the_folder_and_loses_it_again(target: Target, user: User) -> None:
    before = b'{"ssh_connections": [{"host": "hello.devenv", "projects": [{"paths": ["/etc"]}], "port": 3}]}'
    after, undo = put(target, user, before)
    (found,) = connections(after)
    assert found == {"host": HOST, "projects": [{"paths": ["/etc"]}, {"paths": ["/vagrant"]}], "port": 3}
    assert pieces.take("json entry", after, undo) == before


def test_taking_it_out_takes_what_zed_added_to_it(target: Target, user: User) -> None:
    after, undo = put(target, user, b'{"theme": "x"}\n')
    data = json.loads(after)
    data["ssh_connections"][0]["projects"].append({"paths": ["/etc"]})
    taken = pieces.take("json entry", json.dumps(data).encode(), undo)
    assert taken is not None
    assert json.loads(taken) == {"theme": "x"}


@pytest.mark.parametrize("word", ["zed", "zeditor", "zedit"])
def test_it_opens_the_box_s_folder_under_each_of_its_names(target: Target, user: User, word: str) -> None:
    assert ZED.found(user) == []
    assert ZED.opening(target, user, {}).argv == ()
    file = Path(user.environ["PATH"]) / word
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    assert ZED.found(user) == [("", str(file))]
    assert ZED.opening(target, user, {}).argv == (str(file), "ssh://hello.devenv/vagrant")
    assert ZED.opening(target, user, {}).link == "zed://ssh/hello.devenv/vagrant"


def test_an_application_of_macos_is_found(user: User) -> None:
    (user.home / "Applications/Zed.app").mkdir(parents=True)
    assert ZED.found(user._replace(platform="darwin")) == [("", str(user.home / "Applications/Zed.app"))]


def test_a_folder_with_a_space_is_spelled_as_links_are(target: Target, user: User) -> None:
    odd = target._replace(mappings=((target.root, "/srv/my app"),))
    assert ZED.opening(odd, user, {}).link == "zed://ssh/hello.devenv/srv/my%20app"


def test_it_is_an_editor_that_the_command_knows(target: Target, user: User) -> None:
    assert editors.get("zed").title == "Zed"
    assert ZED.packages({}) == ()
    assert ZED.box_pieces(target, {}) == []
    assert ZED.running(user) is None
    assert target.python in ZED.advice(target, user, {})[0]
