"""VS Code, Cursor, Windsurf and VSCodium: which files get what, and how each is started."""

import json
from pathlib import Path
from typing import Any

import pytest

from devenv.ide import editors
from devenv.ide.target import Target
from devenv.ide.user import User
from devenv.ide.vscode import EDITORS, FAMILY

ALL = sorted(FAMILY)


@pytest.fixture
def user(tmp_path: Path) -> User:
    (tmp_path / "home/.config").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    home = tmp_path / "home"
    return User(home, home / ".config", home / ".local/share", "linux", {"PATH": str(tmp_path / "bin")})


@pytest.fixture
def target(tmp_path: Path) -> Target:
    root = tmp_path / "hello"
    root.mkdir()
    return Target(
        root=root,
        name="hello",
        machine="default",
        alias="hello.devenv",
        user="vagrant",
        home="/home/vagrant",
        mappings=((root, "/vagrant"),),
        host="127.0.0.1",
        port=2222,
        keys=("/home/me/.ssh/key",),
        host_keys=("ssh-ed25519 AAAA",),
    )


def program(user: User, name: str) -> Path:
    file = Path(user.environ["PATH"]) / name
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


def written(target: Target, user: User, name: str = "vscode") -> dict[str, Any]:
    """Return what the files hold when every piece is put into files that are not there, by file."""
    texts: dict[Path, bytes | None] = {}
    for placed in EDITORS[name].pieces(target, user, {}):
        texts[placed.file], _ = placed.piece.put(texts.get(placed.file))
    return {str(file): json.loads(text or b"") for file, text in texts.items()}


def project(target: Target, user: User, file: str, name: str = "vscode") -> Any:
    return written(target, user, name)[str(target.root / ".vscode" / file)]


def launch(target: Target, user: User, name: str) -> Any:
    found = [each for each in project(target, user, "launch.json")["configurations"] if each["name"] == name]
    assert len(found) == 1
    return found[0]


# the project's files


@pytest.mark.parametrize("name", ALL)
def test_the_project_s_files_name_nothing_of_this_computer(target: Target, user: User, name: str) -> None:
    texts = json.dumps({Path(file).name: data for file, data in written(target, user, name).items()})
    for secret in ("2222", "127.0.0.1:2222", "vagrant@", str(target.root), str(user.home), "AAAA", ".ssh"):
        assert secret not in texts


def test_all_four_share_every_file_but_the_recommendations(target: Target, user: User) -> None:
    (target.root / "test_app.py").touch()
    shared = {
        json.dumps({file: data for file, data in written(target, user, name).items() if "extensions" not in file})
        for name in ALL
    }
    recommended = [project(target, user, "extensions.json", name)["recommendations"] for name in ALL]
    assert len(shared) == 1
    assert len({each[0] for each in recommended}) == 4
    assert all(each[1:] == ["ms-python.python", "ms-python.debugpy"] for each in recommended)


def test_one_attaches_through_the_forwarded_port_with_the_folders_mapped(target: Target, user: User) -> None:
    assert launch(target, user, "devenv: attach") == {
        "name": "devenv: attach",
        "type": "debugpy",
        "request": "attach",
        "connect": {"host": "127.0.0.1", "port": 5678},
        "pathMappings": [{"localRoot": "${workspaceFolder}", "remoteRoot": "/vagrant"}],
        "justMyCode": False,
    }


def test_synced_folders_inside_the_project_come_before_it_and_others_not_at_all(target: Target, user: User) -> None:
    root = target.root
    folders = ((root, "/vagrant"), (root / "src/lib", "/srv/lib"), (root.parent / "data", "/data"))
    assert launch(target._replace(mappings=folders), user, "devenv: attach")["pathMappings"] == [
        {"localRoot": "${workspaceFolder}/src/lib", "remoteRoot": "/srv/lib"},
        {"localRoot": "${workspaceFolder}", "remoteRoot": "/vagrant"},
    ]


def test_a_local_window_debugs_by_a_task_that_starts_the_program_in_the_box(target: Target, user: User) -> None:
    named = launch(target, user, "devenv: debug in box")["preLaunchTask"]
    task = next(each for each in project(target, user, "tasks.json")["tasks"] if each["label"] == named)
    assert [task["command"], *task["args"]] == ["devenv", "debug", "--wait", "--port", "5678", "${relativeFile}"]
    assert task["isBackground"]
    assert launch(target, user, "devenv: debug in box")["connect"]["port"] == 5678


def test_a_remote_window_runs_the_box_s_interpreter_which_no_local_one_can_be_taken_for(
    target: Target, user: User
) -> None:
    here = launch(target._replace(python="/srv/venv/bin/python"), user, "devenv: run in box (remote window)")
    assert (here["request"], here["program"], here["python"]) == ("launch", "${file}", "/srv/venv/bin/python")


def test_the_local_window_s_interpreter_is_left_alone(target: Target, user: User) -> None:
    (target.root / "test_app.py").touch()
    assert "python.defaultInterpreterPath" not in project(target, user, "settings.json")


@pytest.mark.parametrize(
    ("files", "arguments"),
    [
        (["tests/test_a.py"], ["tests"]),
        (["tests/unit/test_a.py"], ["tests"]),
        (["tests/conftest.py"], ["tests"]),
        (["test_app.py"], ["."]),
        (["test_app.py", "tests/test_a.py"], ["tests"]),
    ],
)
def test_pytest_looks_where_the_tests_are(target: Target, user: User, files: list[str], arguments: list[str]) -> None:
    for file in files:
        (target.root / file).parent.mkdir(parents=True, exist_ok=True)
        (target.root / file).touch()
    settings = project(target, user, "settings.json")
    assert settings == {"python.testing.pytestEnabled": True, "python.testing.pytestArgs": arguments}
    tasks = {each["label"]: each["args"] for each in project(target, user, "tasks.json")["tasks"]}
    assert tasks["devenv: test"] == ["python", "-m", "pytest"]


def test_a_project_without_tests_in_python_gets_no_settings(target: Target, user: User) -> None:
    (target.root / "tests").mkdir()
    (target.root / "tests/testthat.R").touch()
    assert str(target.root / ".vscode/settings.json") not in written(target, user)


def test_tasks_of_another_than_the_primary_machine_name_it(target: Target, user: User) -> None:
    (target.root / "test_app.py").touch()
    (target.root / "Makefile").write_text("run:\n\ttrue\n")
    other = target._replace(name="hello-db", machine="db", primary=False)
    tasks = {each["label"]: each["args"] for each in project(other, user, "tasks.json")["tasks"]}
    assert tasks["devenv: up"] == ["up", "db"]
    assert tasks["devenv: run"] == ["run", "--machine", "db", "--", "make", "run"]
    assert tasks["devenv: test"] == ["python", "--machine", "db", "-m", "pytest"]
    assert tasks["devenv: debug"][:3] == ["debug", "--machine", "db"]


@pytest.mark.parametrize(
    ("makefile", "wanted"),
    [
        ("run:\n\ttrue\n", {"devenv: run": ["run", "--", "make", "run"]}),
        ("all serve: x\n", {"devenv: run": ["run", "--", "make", "serve"]}),
        ("start:\nrun:\n", {"devenv: run": ["run", "--", "make", "run"]}),
        ("test:\n\ttrue\n", {"devenv: test": ["run", "--", "make", "test"]}),
        ("run := yes\nrunner:\n\trun:\n# run:\n", {}),
        (None, {}),
    ],
)
def test_make_s_targets_become_tasks_when_there_are_any(
    target: Target, user: User, makefile: str | None, wanted: dict[str, list[str]]
) -> None:
    if makefile is not None:
        (target.root / "Makefile").write_text(makefile)
    tasks = {each["label"]: each["args"] for each in project(target, user, "tasks.json")["tasks"]}
    assert tasks.pop("devenv: up") == ["up"]
    assert tasks.pop("devenv: debug")[0] == "debug"
    assert tasks == wanted


def test_what_the_user_said_of_tests_stays(target: Target, user: User) -> None:
    (target.root / "test_app.py").touch()
    before = b'{"python.testing.pytestArgs": ["-q", "mine"], "python.testing.pytestEnabled": false}\n'
    data = before
    for placed in EDITORS["vscode"].pieces(target, user, {}):
        if placed.file.name == "settings.json":
            data, _ = placed.piece.put(data)
    assert data == before


@pytest.mark.parametrize("name", ALL)
def test_a_second_setup_changes_no_byte(target: Target, user: User, name: str) -> None:
    (target.root / "test_app.py").touch()
    (user.config / FAMILY[name].settings / "User").mkdir(parents=True)
    texts: dict[Path, bytes | None] = {}
    for _ in range(2):
        before = dict(texts)
        for placed in EDITORS[name].pieces(target, user, {}):
            texts[placed.file], _ = placed.piece.put(texts.get(placed.file))
    assert texts == before
    assert len(texts) >= 4


# the user's settings, and the box's


@pytest.mark.parametrize("name", ["cursor", "vscode", "vscodium"])
def test_the_host_is_said_to_be_linux_where_the_editor_has_settings(target: Target, user: User, name: str) -> None:
    folder = user.config / FAMILY[name].settings / "User"
    assert not [each for each in EDITORS[name].pieces(target, user, {}) if each.scope == "user"]
    folder.mkdir(parents=True)
    (placed,) = [each for each in EDITORS[name].pieces(target, user, {}) if each.scope == "user"]
    assert placed.file == folder / "settings.json"
    assert json.loads(placed.piece.put(None)[0]) == {"remote.SSH.remotePlatform": {"hello.devenv": "linux"}}


def test_windsurf_has_no_such_setting(target: Target, user: User) -> None:
    (user.config / "Windsurf/User").mkdir(parents=True)
    assert {each.scope for each in EDITORS["windsurf"].pieces(target, user, {})} == {"project"}


@pytest.mark.parametrize("name", ALL)
def test_the_box_s_window_knows_the_interpreter(target: Target, name: str) -> None:
    (placed,) = EDITORS[name].box_pieces(target, {})
    assert placed.file == Path("/home/vagrant", FAMILY[name].server, "data/Machine/settings.json")
    assert json.loads(placed.piece.put(None)[0]) == {"python.defaultInterpreterPath": "/opt/devenv/venv/bin/python"}


# on this computer


@pytest.mark.parametrize("name", ALL)
def test_an_editor_whose_program_is_on_the_path_is_found_with_its_version(user: User, name: str) -> None:
    assert EDITORS[name].found(user) == []
    share = user.home / "share"
    (share / "bin").mkdir(parents=True)
    (share / "resources/app").mkdir(parents=True)
    (share / "resources/app/package.json").write_text('{"version": "1.96.2"}')
    real = share / "bin" / FAMILY[name].programs[-1]
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    link = Path(user.environ["PATH"]) / real.name
    link.symlink_to(real)
    assert EDITORS[name].found(user) == [("1.96.2", str(link))]


def test_a_version_that_cannot_be_read_is_left_out(user: User) -> None:
    file = program(user, "code")
    assert EDITORS["vscode"].found(user) == [("", str(file))]


def test_an_application_of_macos_is_found_without_its_program(user: User) -> None:
    app = user.home / "Applications/VSCodium.app"
    (app / "Contents/Resources/app/bin").mkdir(parents=True)
    (app / "Contents/Resources/app/package.json").write_text('{"version": "1.99.3"}')
    assert EDITORS["vscodium"].found(user._replace(platform="darwin")) == [("1.99.3", str(app))]


@pytest.mark.parametrize(
    ("name", "word", "link"),
    [
        ("vscode", "code", "vscode://vscode-remote/ssh-remote+hello.devenv/vagrant"),
        ("cursor", "cursor", "cursor://vscode-remote/ssh-remote+hello.devenv/vagrant"),
        ("windsurf", "windsurf", "windsurf://vscode-remote/ssh-remote+hello.devenv/vagrant"),
        ("vscodium", "codium", "vscodium://vscode-remote/ssh-remote+hello.devenv/vagrant"),
    ],
)
def test_each_opens_the_box_s_folder(target: Target, user: User, name: str, word: str, link: str) -> None:
    assert EDITORS[name].opening(target, user, {}).argv == ()
    file = program(user, word)
    opening = EDITORS[name].opening(target, user, {})
    assert opening.argv == (str(file), "--folder-uri=vscode-remote://ssh-remote+hello.devenv/vagrant")
    assert opening.link == link
    assert not opening.terminal


def test_a_folder_with_odd_characters_is_spelled_as_links_are(target: Target, user: User) -> None:
    odd = target._replace(mappings=((target.root, "/srv/my #1 café"),))
    link = EDITORS["vscode"].opening(odd, user, {}).link
    assert link == "vscode://vscode-remote/ssh-remote+hello.devenv/srv/my%20%231%20caf%C3%A9"


@pytest.mark.parametrize("name", ["vscode", "cursor", "vscodium"])
def test_the_extension_for_ssh_is_asked_for_once(target: Target, user: User, name: str) -> None:
    kind = FAMILY[name]
    (user.config / kind.settings / "User").mkdir(parents=True)
    program(user, kind.programs[0])
    assert EDITORS[name].advice(target, user, {}) == [f"once: {kind.programs[0]} --install-extension {kind.remote}"]
    (user.home / kind.extensions / f"{kind.remote}-edit-0.1.0").mkdir(parents=True)
    assert EDITORS[name].advice(target, user, {}) != []
    (user.home / kind.extensions / f"{kind.remote}-0.120.0").mkdir(parents=True)
    assert EDITORS[name].advice(target, user, {}) == []


def test_windsurf_brings_its_extension_along(target: Target, user: User) -> None:
    (user.config / "Windsurf/User").mkdir(parents=True)
    assert EDITORS["windsurf"].advice(target, user, {}) == []


def test_an_editor_that_never_ran_is_said_to_have_no_settings_yet(target: Target, user: User) -> None:
    assert any("start Cursor once" in line for line in EDITORS["cursor"].advice(target, user, {}))


@pytest.mark.parametrize("name", ALL)
def test_each_is_an_editor_that_the_command_knows(user: User, name: str) -> None:
    editor = editors.get(name)
    assert editor.name == name
    assert editor.title == FAMILY[name].title
    assert editor.running(user) is None
    assert [package.partition("==")[0] for package in editor.packages({})] == ["debugpy"]
