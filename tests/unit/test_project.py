"""Finding a project and what is kept in it."""

import os
import stat
from pathlib import Path

import pytest

from devenv.box import project as projects
from devenv.box.project import Machine, Project
from devenv.errors import BoxError, ConfigError, UsageError


@pytest.mark.parametrize("file", ["devenv.yaml", "devenv.lock", "Vagrantfile"])
def test_a_project_is_found_from_any_folder_in_it(tmp_path: Path, file: str) -> None:
    deep = tmp_path / "a/b c/ü"
    deep.mkdir(parents=True)
    (tmp_path / file).touch()
    assert projects.find(deep).root == tmp_path
    assert projects.find(tmp_path).root == tmp_path


def test_the_nearest_project_is_meant(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "devenv.yaml").touch()
    (inner / "Vagrantfile").touch()
    assert projects.find(inner).root == inner
    assert not projects.find(inner).has_config
    assert projects.find(tmp_path).has_config


def test_no_project_is_one_line_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no devenv\.yaml and no Vagrantfile in this folder") as caught:
        projects.find(tmp_path)
    assert caught.value.hint == "make one with: devenv init"


@pytest.mark.parametrize("beside", [(), ("devenv.yaml",), ("devenv.yaml", "devenv.lock"), ("devenv.lock",)])
def test_a_folder_of_the_other_tool_is_left_alone(tmp_path: Path, beside: tuple[str, ...]) -> None:
    below = tmp_path / "below"
    below.mkdir()
    for name in ("devenv.nix", *beside):
        (tmp_path / name).write_text("theirs")
    for start in (tmp_path, below):
        with pytest.raises(ConfigError, match=r"devenv\.nix: belongs to another tool called devenv"):
            projects.find(start)
    assert {file.name for file in tmp_path.iterdir()} == {"below", "devenv.nix", *beside}


def test_the_current_folder_keeps_the_link_the_user_came_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    monkeypatch.chdir(link)
    monkeypatch.setenv("PWD", str(link))
    assert projects.current_folder() == link
    # a PWD somebody forgot to change, a relative one, one that is gone
    for wrong in (str(tmp_path), "link", str(tmp_path / "gone"), ""):
        monkeypatch.setenv("PWD", wrong)
        assert projects.current_folder() == real


def test_a_deleted_current_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match="the current folder does not exist any more"):
        projects.current_folder()


def test_machines_are_read_from_vagrants_own_files(tmp_path: Path) -> None:
    for name, provider, text in (("web", "docker", "abc\n"), ("db", "libvirt", ""), ("x", "lxc", "  id  ")):
        folder = tmp_path / ".vagrant/machines" / name / provider
        folder.mkdir(parents=True)
        (folder / "id").write_text(text)
    (tmp_path / ".vagrant/machines/web/libvirt").mkdir()
    created = Project(tmp_path).created()
    machines = tmp_path / ".vagrant/machines"
    assert created == {
        "web": Machine("web", "docker", "abc", machines / "web/docker"),
        "x": Machine("x", "lxc", "id", machines / "x/lxc"),
    }


def test_state_files_that_are_no_text_count_as_not_there(tmp_path: Path) -> None:
    folder = tmp_path / ".vagrant/machines/web/docker"
    folder.mkdir(parents=True)
    (folder / "id").write_bytes(b"\xff\xfe\x00")
    assert Project(tmp_path).created() == {}


def test_vagrants_state_can_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "dot/machines/web/docker"
    folder.mkdir(parents=True)
    (folder / "id").write_text("abc")
    monkeypatch.setenv("VAGRANT_DOTFILE_PATH", str(tmp_path / "dot"))
    assert list(Project(tmp_path / "project").created()) == ["web"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"'])
def test_a_damaged_local_file_counts_as_empty(tmp_path: Path, text: str) -> None:
    project = Project(tmp_path)
    project.write_local({"machines": {}})
    (project.state / "local.json").write_text(text)
    assert project.local() == {}


def test_local_settings_are_kept_and_an_empty_file_is_removed(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert project.local() == {}
    data = {"machines": {"web": {"ports": {"80/tcp": 8081}}}}
    project.write_local(data)
    assert project.local() == data
    project.write_local({})
    assert not (project.state / "local.json").exists()
    project.write_local({})


def test_machine_names_are_checked_and_the_nearest_is_offered() -> None:
    names = ["web", "database"]
    assert projects.choose(names, []) == names
    assert projects.choose(names, ["database", "database"]) == ["database"]
    with pytest.raises(UsageError, match="there is no machine 'datbase' here") as caught:
        projects.choose(names, ["web", "datbase"])
    assert caught.value.hint == "did you mean database?"
    with pytest.raises(UsageError) as caught:
        projects.choose(names, ["zzz"])
    assert caught.value.hint == "there are: web, database"
    with pytest.raises(UsageError) as caught:
        projects.choose([], ["zzz"])
    assert caught.value.hint is None


def test_private_files_are_replaced_whole_and_private(tmp_path: Path) -> None:
    file = tmp_path / "a/b.json"
    projects.write_private(file, "one")
    projects.write_private(file, "two ü")
    assert file.read_text(encoding="utf-8") == "two ü"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["b.json"]


def test_a_private_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "f"
    projects.write_private(file, "old")

    def full(*_args: object, **_kwargs: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        projects.write_private(file, "new")
    monkeypatch.undo()
    assert file.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["f"]


class TestRuntimeFolder:
    """ssh's control socket needs a short path that is nobody else's."""

    def test_it_is_private_short_and_differs_by_project_and_machine(self, tmp_path: Path) -> None:
        long = tmp_path / ("x" * 200)
        folders = {
            projects.runtime_folder(Project(root), name) for root in (long, tmp_path) for name in ("default", "web")
        }
        assert len(folders) == 4
        for folder in folders:
            # sockaddr_un has 104 bytes on macOS; ssh adds 17 of its own while it connects
            assert len(str(folder / "s")) + 17 < 104
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert projects.runtime_folder(Project(tmp_path), "web") in folders

    def test_xdgs_folder_is_used_when_it_is_short_and_writable(
        self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        short = Path(os.environ["HOME"]) / "r"
        short.mkdir()
        if len(str(short)) < 40:
            monkeypatch.setenv("XDG_RUNTIME_DIR", str(short))
            assert projects.runtime_folder(Project(Path("/p")), "m").parent == short / "devenv"
        monkeypatch.setenv("XDG_RUNTIME_DIR", "/" + "x" * 60)
        home = projects.runtime_folder(Project(Path("/p")), "m").parent
        assert home == Path(os.environ["TMPDIR"]) / f"devenv-{os.getuid()}"

    def test_a_folder_others_can_write_to_is_refused(self, tmp_path: Path) -> None:
        top = projects.runtime_folder(Project(tmp_path), "m").parent
        top.chmod(0o777)
        with pytest.raises(BoxError, match=f"{top} is not yours alone"):
            projects.runtime_folder(Project(tmp_path), "m")

    def test_a_link_in_its_place_is_refused(self, tmp_path: Path) -> None:
        top = Path(os.environ["TMPDIR"]) / f"devenv-{os.getuid()}"
        target = tmp_path / "elsewhere"
        target.mkdir(mode=0o700)
        top.symlink_to(target)
        with pytest.raises(BoxError, match="is not yours alone"):
            projects.runtime_folder(Project(tmp_path), "m")
        assert list(target.iterdir()) == []

    def test_a_file_in_its_place_is_said(self, tmp_path: Path) -> None:
        (Path(os.environ["TMPDIR"]) / f"devenv-{os.getuid()}").touch()
        with pytest.raises(BoxError, match="cannot be made: File exists"):
            projects.runtime_folder(Project(tmp_path), "m")
