"""`init` in a folder that is not empty: nothing of the user's is lost, changed unasked or written through a link."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devenv.box import templates
from devenv.box.templates import Action, Kind
from devenv.errors import ConfigError, ConflictError, UsageError

Init = Callable[..., list[Action]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def plan(project: Path) -> Init:
    def planned(template: str = "python", *, force: bool = False) -> list[Action]:
        found = templates.get(template)
        return templates.plan(found, project, name="hello", vagrantfile="# Vagrantfile\n", force=force)

    return planned


def kinds(actions: list[Action]) -> dict[str, str]:
    return {action.path: str(action.kind) for action in actions}


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file below a folder: content and when it was changed."""
    found = (file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink())
    return {file.relative_to(folder).as_posix(): (file.read_bytes(), file.stat().st_mtime_ns) for file in found}


def test_the_box_comes_first_and_then_the_sources(plan: Init) -> None:
    assert [action.path for action in plan("c")] == [
        "devenv.yaml",
        "Vagrantfile",
        ".gitignore",
        "Makefile",
        "README.md",
        "serve.sh",
        "src/http.c",
        "src/http.h",
        "src/server.c",
        "test/test_http.c",
    ]


def test_a_new_folder_gets_everything(plan: Init, project: Path) -> None:
    project.rmdir()
    actions = plan("c")
    templates.apply(actions, project)
    assert {path: content for path, (content, _) in snapshot(project).items()} == {
        action.path: action.content for action in actions
    }


def test_planning_writes_nothing(plan: Init, project: Path) -> None:
    plan("python", force=True)
    assert list(project.iterdir()) == []


def test_a_second_init_changes_nothing(plan: Init, project: Path) -> None:
    templates.apply(plan(), project)
    before = snapshot(project)
    again = plan()
    assert set(kinds(again).values()) == {"keep"}
    templates.apply(again, project)
    assert snapshot(project) == before


def test_an_init_that_was_interrupted_is_finished_by_the_next(plan: Init, project: Path) -> None:
    actions = plan("c")
    templates.apply(actions[:4], project)
    again = plan("c")
    assert [action.kind for action in again] == [Kind.KEEP] * 4 + [Kind.WRITE] * 6
    templates.apply(again, project)
    assert len(snapshot(project)) == len(actions)


def test_a_file_with_other_content_is_left_alone_and_so_is_the_rest(plan: Init, project: Path) -> None:
    (project / "README.md").write_text("mine\n")
    (project / "Vagrantfile").write_text("Vagrant.configure('2') {}\n")
    before = snapshot(project)
    actions = plan()
    assert {path for path, kind in kinds(actions).items() if kind == "conflict"} == {"README.md", "Vagrantfile"}
    with pytest.raises(ConflictError) as caught:
        templates.apply(actions, project)
    assert "README.md: is there with other content" in caught.value.message
    assert caught.value.hint is not None
    assert "--force" in caught.value.hint
    assert snapshot(project) == before


def test_force_replaces_a_file_and_keeps_its_mode_and_all_others(plan: Init, project: Path) -> None:
    (project / "README.md").write_text("mine\n")
    (project / "README.md").chmod(0o600)
    (project / "notes.txt").write_text("mine too\n")
    actions = plan(force=True)
    assert kinds(actions)["README.md"] == "replace"
    templates.apply(actions, project)
    assert (project / "README.md").read_text().startswith("# hello\n")
    assert stat.S_IMODE((project / "README.md").stat().st_mode) == 0o600
    assert (project / "notes.txt").read_text() == "mine too\n"


def test_new_files_get_the_mode_any_program_would_give_them(plan: Init, project: Path) -> None:
    (project / "other").touch()
    templates.apply(plan(), project)
    assert (project / "app.py").stat().st_mode == (project / "other").stat().st_mode


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    ("path", "make", "says"),
    [
        ("devenv.yaml", lambda file, outside: file.symlink_to(outside / "theirs"), "devenv.yaml is a symbolic link"),
        ("devenv.yaml", lambda file, outside: file.symlink_to("nowhere"), "devenv.yaml is a symbolic link"),
        ("src", lambda file, outside: file.symlink_to(outside), "src is a symbolic link"),
        ("src", lambda file, outside: file.touch(), "src is not a folder"),
        ("Makefile", lambda file, outside: file.mkdir(), "Makefile is not a file"),
        ("Makefile", lambda file, outside: os.mkfifo(file), "Makefile is not a file"),
    ],
)
def test_nothing_is_written_through_a_link_or_in_the_place_of_something_else(
    path: str, make: Callable[[Path, Path], None], says: str, force: bool, plan: Init, project: Path
) -> None:
    outside = project.parent / "outside"
    outside.mkdir()
    (outside / "theirs").write_text("theirs\n")
    make(project / path, outside)
    actions = plan("c", force=force)
    assert says in [action.note for action in actions]
    with pytest.raises(ConflictError, match=says):
        templates.apply(actions, project)
    assert {path: content for path, (content, _) in snapshot(outside).items()} == {"theirs": b"theirs\n"}
    assert len(list(project.iterdir())) == 1


def test_a_file_that_came_after_the_plan_is_not_overwritten(plan: Init, project: Path) -> None:
    actions = plan("minimal")
    (project / "devenv.yaml").write_text("meanwhile\n")
    with pytest.raises(ConflictError, match="changed meanwhile"):
        templates.apply(actions, project)
    assert {path: content for path, (content, _) in snapshot(project).items()} == {"devenv.yaml": b"meanwhile\n"}


def test_a_file_that_was_changed_after_the_plan_is_not_overwritten(plan: Init, project: Path) -> None:
    (project / "devenv.yaml").write_text("before\n")
    actions = plan("minimal", force=True)
    (project / "devenv.yaml").write_text("meanwhile\n")
    with pytest.raises(ConflictError, match="changed meanwhile"):
        templates.apply(actions, project)
    assert (project / "devenv.yaml").read_text() == "meanwhile\n"


def test_a_write_that_fails_leaves_nothing_half_written(
    plan: Init, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        templates.apply(plan("minimal"), project)
    assert list(project.iterdir()) == []


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_of_the_other_tool_of_the_same_name_is_left_alone(project: Path, plan: Init, force: bool) -> None:
    (project / "devenv.yaml").write_text("# theirs\ninputs:\n  nixpkgs:\n    url: github:NixOS/nixpkgs\n")
    with pytest.raises(ConfigError, match="another tool called devenv"):
        plan("minimal", force=force)
    (project / "devenv.yaml").unlink()
    (project / "devenv.nix").write_text("{ }\n")
    with pytest.raises(ConfigError, match="another tool"):
        plan("minimal", force=force)


def test_a_target_that_is_a_file_is_not_a_place_for_a_project(plan: Init, project: Path) -> None:
    project.rmdir()
    project.touch()
    with pytest.raises(UsageError, match="is a file"):
        plan("minimal")


def test_an_ignore_file_gets_what_it_lacks_and_keeps_the_rest(plan: Init, project: Path) -> None:
    (project / ".gitignore").write_bytes(b"# mine\r\n*.log\r\n/.vagrant\r\nsecret")
    templates.apply(plan("python"), project)
    assert (project / ".gitignore").read_bytes() == (
        b"# mine\r\n*.log\r\n/.vagrant\r\nsecret\r\n__pycache__/\r\n.pytest_cache/\r\n"
    )


def test_a_linked_ignore_file_is_left_alone_and_the_project_made(plan: Init, project: Path) -> None:
    theirs = project.parent / "ignore"
    theirs.write_text("*.log\n")
    (project / ".gitignore").symlink_to(theirs)
    actions = plan("minimal")
    (ignore,) = [action for action in actions if action.path == ".gitignore"]
    assert ignore.kind is Kind.KEEP
    assert "these lines belong in it: .vagrant/" in ignore.note
    templates.apply(actions, project)
    assert theirs.read_text() == "*.log\n"
    assert (project / ".gitignore").is_symlink()
    assert (project / "devenv.yaml").is_file()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b".vagrant/\nbuild/\n"),
        (b"a\n", b"a\n.vagrant/\nbuild/\n"),
        (b"a", b"a\n.vagrant/\nbuild/\n"),
        (b"a\r\n", b"a\r\n.vagrant/\r\nbuild/\r\n"),
        (b"a\r\nb", b"a\r\nb\r\n.vagrant/\r\nbuild/\r\n"),
        (b".vagrant\n/build\n", b".vagrant\n/build\n"),
        (b"!.vagrant/\nbuild/", b"!.vagrant/\nbuild/"),
        (b"\xef\xbb\xbf.vagrant/\n", b"\xef\xbb\xbf.vagrant/\nbuild/\n"),
        (b"# .vagrant/\n\xff\xfe\n", b"# .vagrant/\n\xff\xfe\n.vagrant/\nbuild/\n"),
    ],
)
def test_lines_are_added_in_the_style_of_the_file(before: bytes, after: bytes) -> None:
    assert templates.add_lines(before, [".vagrant/", "build/"]) == after


@given(st.binary(max_size=200), st.lists(st.sampled_from([".vagrant/", "build/", "*.o"]), unique=True))
def test_adding_lines_keeps_every_byte_and_a_second_time_adds_nothing(before: bytes, lines: list[str]) -> None:
    after = templates.add_lines(before, lines)
    assert after.startswith(before)
    assert templates.add_lines(after, lines) == after
