"""What makes a boot quick: the host key is learnt while Vagrant ends, and an unchanged box is read once."""

from pathlib import Path

import pytest

from devenv.box import boxes
from devenv.box.connect import EarlyPin
from devenv.box.project import Project
from devenv.errors import BoxError, ToolMissing
from devenv.image.installed import InstalledBox
from fakes import FakeRunner

READY = "==> default: Machine booted and ready!"
KEY = "ssh-ed25519 AAAAC3Nza root@box"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / ".vagrant/machines/default/docker"
    folder.mkdir(parents=True)
    (folder / "id").write_text("c0ffee")
    return Project(tmp_path)


def known(project: Project) -> str:
    file = project.machine_state("default") / "known_hosts"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def test_the_key_is_read_once_when_the_machine_is_there(project: Project) -> None:
    runner = FakeRunner().on("docker", "exec", out=f"{KEY}\n")
    early = EarlyPin(project, runner, "default")
    seen: list[str] = []
    lines = ["==> default: Creating the container...", READY, READY, "    default: Running trigger..."]
    take = early.beside(seen.append)
    for line in lines:
        take(line)
    early.wait()
    assert seen == lines
    assert len(runner.argvs("docker", "exec")) == 1
    assert known(project) == "devenv-c0ffee ssh-ed25519 AAAAC3Nza\n"


def test_nothing_is_asked_before_the_machine_is_there(project: Project) -> None:
    early = EarlyPin(project, FakeRunner(), "default")
    early.beside(lambda _line: None)("==> default: Waiting for machine to boot.")
    early.wait()
    assert known(project) == ""


def test_a_provider_that_tells_no_key_leaves_the_known_ones_alone(project: Project) -> None:
    early = EarlyPin(project, FakeRunner().on("docker", "exec", code=1), "default")
    early.beside(lambda _line: None)(READY)
    early.wait()
    assert known(project) == ""


def test_a_failure_is_left_to_the_connection(project: Project) -> None:
    early = EarlyPin(project, FakeRunner().on("docker", "exec", raises=ToolMissing("docker")), "default")
    early.beside(lambda _line: None)(READY)
    early.wait()
    assert known(project) == ""


def test_a_key_that_is_known_stays(project: Project) -> None:
    file = project.machine_state("default") / "known_hosts"
    file.parent.mkdir(parents=True)
    file.write_text("devenv-c0ffee ssh-ed25519 BBBB\n")
    runner = FakeRunner()
    early = EarlyPin(project, runner, "default")
    early.beside(lambda _line: None)(READY)
    early.wait()
    assert runner.calls == []
    assert known(project) == "devenv-c0ffee ssh-ed25519 BBBB\n"


# the box a machine is made of: what was verified once is not read again until it changes


@pytest.fixture
def box(tmp_path: Path) -> InstalledBox:
    folder = tmp_path / "boxes/box/1/docker"
    folder.mkdir(parents=True)
    (folder / "rootfs.tar.gz").write_bytes(b"first")
    return InstalledBox("box", "1", "docker", folder)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from devenv.image import installed

    seen: list[str] = []
    verify = installed.verify

    def counted(found: InstalledBox) -> str:
        seen.append(found.name)
        return verify(found)

    monkeypatch.setattr(installed, "verify", counted)
    return seen


def test_an_unchanged_box_is_read_once(box: InstalledBox, reads: list[str]) -> None:
    first = boxes._verified(box)
    assert boxes._verified(box) == first
    assert reads == ["box"]


def test_a_changed_box_is_read_again(box: InstalledBox, reads: list[str]) -> None:
    first = boxes._verified(box)
    (box.path / "rootfs.tar.gz").write_bytes(b"other")
    assert boxes._verified(box) != first
    (box.path / "more").write_bytes(b"")
    boxes._verified(box)
    assert reads == ["box"] * 3


def test_a_box_that_was_damaged_is_refused_every_time(box: InstalledBox, reads: list[str]) -> None:
    (box.path / "devenv.json").write_text('{"suite": "bookworm", "files": {"rootfs.tar.gz": "00"}}', encoding="utf-8")
    for _ in range(2):
        with pytest.raises(BoxError, match="is damaged"):
            boxes._verified(box)
    assert reads == ["box"] * 2


@pytest.mark.parametrize("text", ["", "[]", '"x"', "{", '{"x": 1}'])
def test_a_damaged_memory_of_boxes_is_written_anew(box: InstalledBox, reads: list[str], text: str) -> None:
    from devenv.paths import user_cache

    user_cache().mkdir(parents=True, exist_ok=True)
    (user_cache() / "verified.json").write_text(text, encoding="utf-8")
    first = boxes._verified(box)
    assert boxes._verified(box) == first
    assert reads == ["box"]
