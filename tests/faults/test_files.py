"""Files and folders on bad days: damaged, missing, somebody else's, full, read-only, oddly named."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.machines import BOX, Project, command, containers_of, files_of, small_disk, trouble
from tests.machines import project as new_project

pytestmark = pytest.mark.system


@pytest.fixture
def locked(project: Project) -> Project:
    """A project with its lock and no machine."""
    assert project.devenv("up", "--provider", "hyperv").returncode == 8
    return project


def test_a_damaged_lock_is_named_with_its_place_and_left_alone(locked: Project) -> None:
    file = locked.folder / "devenv.lock"
    whole = file.read_text()
    conflict = whole.replace('  "name"', '<<<<<<< HEAD\n  "name"', 1).replace('  "source"', '=======\n  "source"', 1)
    cases = {
        whole[: len(whole) // 2]: "ends in the middle",
        conflict: "holds the marks of a merge conflict",
        whole.replace('"cpus": 1', '"cpus": "many"'): "machines.default.cpus: is not a whole number",
        whole.replace('"version": 1', '"version": 99', 1): "version: is not 1",
        "": "is empty",
    }
    for text, message in cases.items():
        file.write_text(text)
        before = files_of(locked.folder)
        for words in (("up",), ("status",), ("run", "--", "true"), ("ports",)):
            done = locked.devenv(*words)
            assert done.returncode == 3, (message, words, done.stderr)
            first = next(line for line in done.stderr.splitlines() if line.startswith("devenv.lock:"))
            _, line, column, said = first.split(":", 3)
            assert int(line) >= 1
            assert int(column) >= 1
            assert message in said
            assert "hint: delete it" in done.stderr
            assert files_of(locked.folder) == before
    file.unlink()
    assert locked.devenv("up", "--provider", "hyperv").returncode == 8
    assert file.read_text() == whole


def test_a_devenv_yaml_that_is_none_is_said_and_left_alone(project: Project) -> None:
    file = project.folder / "devenv.yaml"
    for content, message in {
        b"": "is empty",
        b"- one\n- two\n": "list",
        b"\x00\x01\xff\xfebinary": "UTF-8",
        b"box: [\n": "",
        b"pakages: [git]\nbox: devenv/debian-12\n": "did you mean packages?",
    }.items():
        file.write_bytes(content)
        done = project.devenv("up", "--provider", "docker")
        assert done.returncode == 3, (content, done.stderr)
        assert done.stderr.startswith("devenv.yaml:"), done.stderr
        assert message in done.stderr
        assert file.read_bytes() == content
        assert set(files_of(project.folder)) == {"devenv.yaml"}
    file.unlink()
    done = project.devenv("up")
    assert (done.returncode, trouble(done)) == (
        2,
        "error: there is no devenv.yaml and no Vagrantfile in this folder or above it",
    )
    assert not (project.folder / ".vagrant").exists() or files_of(project.folder) == {}


def test_a_full_disk_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with small_disk(tmp_path / "full", "1m"):
        full = Project(tmp_path / "full")
        full.yaml()
        filler = full.folder / "filler"
        command("sh", "-c", f"head -c 2000000 /dev/zero >{filler} 2>/dev/null || true")
        before = (full.folder / "devenv.yaml").read_bytes()
        done = full.devenv("up", "--provider", "docker")
        assert done.returncode == 8
        assert trouble(done).startswith("error: the disk is full")
        assert (full.folder / "devenv.yaml").read_bytes() == before
        assert not (full.folder / "devenv.lock").exists()
        # with room for the lock but not for a machine nothing is made either
        filler.unlink()
        done = full.devenv("up", "--provider", "docker")
        assert done.returncode == 8
        assert trouble(done) == f"error: the disk is full: {full.folder} has " + trouble(done).rpartition(" has ")[2]
        assert containers_of(full.folder) == []


def test_a_disk_that_fills_up_later_loses_no_machine(tmp_path: Path) -> None:
    with small_disk(tmp_path / "fills", "16m"), new_project(tmp_path / "fills") as fills:
        fills.ok("up", "--provider", "docker")
        filler = fills.folder / "filler"
        command("sh", "-c", f"head -c 20000000 /dev/zero >{filler} 2>/dev/null || true")
        assert fills.ok("run", "--", "echo", "fine").stdout == "fine\n"
        assert "default: nothing to do" in fills.ok("up").stderr
        fills.yaml("memory: 600\n", base=f"version: 1\nbox: {BOX}\n")
        lock = (fills.folder / "devenv.lock").read_bytes()
        done = fills.devenv("up")
        assert done.returncode == 8
        assert trouble(done).startswith("error: the disk is full")
        assert (fills.folder / "devenv.lock").read_bytes() == lock
        filler.unlink()
        fills.yaml()
        assert "default: nothing to do" in fills.ok("up").stderr


def test_a_read_only_project_is_said(tmp_path: Path) -> None:
    with small_disk(tmp_path / "fixed", "16m"):
        fixed = Project(tmp_path / "fixed")
        fixed.yaml()
        command("mount", "-o", "remount,ro", str(fixed.folder))
        done = fixed.devenv("up", "--provider", "docker")
        assert done.returncode == 8
        assert "Read-only file system" in trouble(done)
        done = fixed.devenv("status")
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ['- it\'s "quoted" 50%h %% $HOME `id` #{x} \\n & ; ünï', "日本 🦊" * 12])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    real = tmp_path / name / "deep"
    real.mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / name, target_is_directory=True)
    with new_project(tmp_path / name, 'provision: [{name: one, run: "pwd >/home/where"}]\n', LC_ALL="C") as odd:
        odd.ok("up", "--provider", "docker")
        assert odd.ok("run", "--", "pwd", cwd=real).stdout == "/vagrant/deep\n"
        # the same project by another name is the same machine
        assert odd.ok("run", "--", "pwd", cwd=link / "deep").stdout == "/vagrant/deep\n"
        assert "default: nothing to do" in odd.ok("up", cwd=link).stderr
        assert odd.guest("cat /home/where") == "/vagrant"
        odd.ok("destroy", "-f")
        assert containers_of(odd.folder) == []


def test_odd_places_for_temporary_and_runtime_files_will_do(shared: Project, tmp_path: Path) -> None:
    long = tmp_path / ("l" * 90)
    unwritable, strangers = tmp_path / "file", tmp_path / "strangers"
    long.mkdir()
    unwritable.write_text("")
    strangers.mkdir(mode=0o777)
    (strangers / "devenv").mkdir(mode=0o777)
    os.chown(strangers / "devenv", 12345, 12345)
    home = tmp_path / "home of 'somebody'"
    home.mkdir()
    (home / ".vagrant.d").symlink_to(Path.home() / ".vagrant.d")
    for changes in (
        {"TMPDIR": str(long)},
        {"XDG_RUNTIME_DIR": None},
        {"XDG_RUNTIME_DIR": str(unwritable / "not")},
        {"XDG_RUNTIME_DIR": str(long)},
        {"HOME": str(home)},
    ):
        assert shared.ok("run", "--", "echo", "fine", env=changes).stdout == "fine\n", changes
        assert "default: nothing to do" in shared.ok("up", env=changes).stderr, changes


def test_a_runtime_folder_of_somebody_else_is_not_trusted(shared: Project) -> None:
    # short: a long one is not used at all
    place = Path(command("mktemp", "-d", "/tmp/dXXXXXX"))
    try:
        (place / "devenv").mkdir(mode=0o777)
        os.chown(place / "devenv", 12345, 12345)
        done = shared.devenv("run", "--", "true", env={"XDG_RUNTIME_DIR": str(place)})
        assert done.returncode == 8
        assert trouble(done) == f"error: {place}/devenv is not yours alone"
    finally:
        command("rm", "-r", str(place))


def test_the_state_devenv_keeps_may_be_damaged_or_lost(shared: Project) -> None:
    state = shared.folder / ".vagrant/devenv/default"
    port = shared.ports()
    for damage in ("", "[]"):
        for file in ("ssh.json", "applied.json", "known_hosts"):
            (state / file).write_text(damage)
        command("rm", "-f", str(shared.socket()))
        assert shared.ok("run", "--", "echo", "fine").stdout == "fine\n"
        assert "default: nothing to do" in shared.ok("up").stderr
    command("rm", "-rf", str(state.parent))
    assert shared.ok("run", "--", "echo", "fine").stdout == "fine\n"
    assert "default: nothing to do" in shared.ok("up").stderr
    assert shared.ports() == port


def test_a_deleted_current_folder_is_said(shared: Project, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", 'rmdir "$1"; shift; exec "$@"', "sh", str(gone), *_devenv("status")],
        cwd=gone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "the current folder does not exist any more" in done.stderr


def _devenv(*words: str) -> list[str]:
    from tests.machines import devenv_argv

    return devenv_argv(*words)
