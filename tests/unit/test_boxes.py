"""The base box of a machine: found, built or downloaded, and held against devenv.lock."""

import io
from pathlib import Path

import pytest

from devenv.box import boxes, spec
from devenv.box import lock as locks
from devenv.box.project import Project
from devenv.box.session import Session
from devenv.errors import BoxError, ConflictError
from devenv.paths import vagrant_home
from fakes import FakeRunner, Watcher


def install(name: str, version: str, provider: str = "docker") -> Path:
    folder = vagrant_home() / "boxes" / name.replace("/", "-VAGRANTSLASH-") / version / provider
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text(f'{{"provider": "{provider}"}}')
    return folder


def session(root: Path, runner: FakeRunner, text: str) -> Session:
    (root / "devenv.yaml").write_text(text)
    lock = locks.resolve(spec.load(root / "devenv.yaml"), project_dir=root)
    return Session(Project(root), runner, Watcher(), io.StringIO(), lock)


def ensure(job: Session, *, frozen: bool = False) -> locks.LockedBox:
    job.lock = boxes.ensure(job, "default", "docker", frozen=frozen)
    return job.lock.machines["default"].box


def test_the_newest_box_is_taken_and_locked(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0"):
        install("acme/base", version)
    install("acme/base", "2.0.0", "libvirt")
    job = session(tmp_path, FakeRunner(), "name: x\nbox: acme/base\n")
    box = ensure(job)
    assert box.version == "1.10.0"
    assert list(box.checksums) == ["docker"]
    written = locks.read(tmp_path / "devenv.lock")
    assert written == job.lock


def test_the_locked_version_is_taken_although_there_is_a_newer_one(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0"):
        install("acme/base", version)
    job = session(tmp_path, FakeRunner(), "name: x\nbox: acme/base\nbox_version: 1.9.0\n")
    assert ensure(job).version == "1.9.0"


def test_what_is_as_locked_is_not_written_again(tmp_path: Path) -> None:
    install("acme/base", "1.0.0")
    job = session(tmp_path, FakeRunner(), "name: x\nbox: acme/base\n")
    ensure(job)
    before = (tmp_path / "devenv.lock").stat()
    assert ensure(job, frozen=True).version == "1.0.0"
    assert (tmp_path / "devenv.lock").stat() == before


def test_another_checksum_is_refused(tmp_path: Path) -> None:
    folder = install("acme/base", "1.0.0")
    job = session(tmp_path, FakeRunner(), "name: x\nbox: acme/base\n")
    ensure(job)
    (folder / "extra").write_text("tampered")
    with pytest.raises(BoxError, match=r"acme/base 1\.0\.0 for docker is not the one in devenv\.lock") as caught:
        ensure(job)
    assert "vagrant box remove acme/base --provider docker --box-version 1.0.0" in (caught.value.hint or "")


def test_a_box_of_ours_built_of_other_packages_is_recorded_but_not_with_frozen(tmp_path: Path) -> None:
    folder = install("devenv/debian-12", "12.20260101.1")
    (folder / "rootfs.tar.gz").write_text("one")
    job = session(tmp_path, FakeRunner(), "name: x\n")
    before = ensure(job).checksums["docker"]
    (folder / "rootfs.tar.gz").write_text("another")
    with pytest.raises(BoxError, match=r"is not the one in devenv\.lock"):
        ensure(job, frozen=True)
    assert ensure(job).checksums["docker"] != before
    assert "was built here of other packages than the one in devenv.lock" in job.report.notes[-1]


def test_frozen_refuses_what_the_lock_does_not_name(tmp_path: Path) -> None:
    install("acme/base", "1.0.0")
    job = session(tmp_path, FakeRunner(), "name: x\nbox: acme/base\n")
    with pytest.raises(ConflictError, match="--frozen forbids to write it"):
        ensure(job, frozen=True)
    assert not (tmp_path / "devenv.lock").exists()


def test_a_box_that_is_not_here_is_downloaded(tmp_path: Path) -> None:
    runner = FakeRunner().on("vagrant", "box", "add", does=lambda _call: install("acme/base", "3.0") and None)
    job = session(tmp_path, runner, "name: x\nbox: acme/base\nbox_url: https://x.example/b.json\n")
    assert ensure(job).version == "3.0"
    (argv,) = runner.argvs("vagrant", "box", "add")
    assert argv[3:] == ["https://x.example/b.json", "--provider", "docker", "--name", "acme/base"]


def test_a_download_that_brings_nothing_is_said(tmp_path: Path) -> None:
    job = session(tmp_path, FakeRunner().on("vagrant", "box", "add"), "name: x\nbox: acme/base\n")
    with pytest.raises(BoxError, match="Vagrant has no box acme/base for docker after adding it"):
        ensure(job)


def test_a_box_of_ours_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from devenv.image import build

    asked: list[build.BuildRequest] = []

    def fake(request: build.BuildRequest, **_options: object) -> list[object]:
        asked.append(request)
        install("devenv/debian-12", "12.1")
        return []

    monkeypatch.setattr(build, "build", fake)
    job = session(tmp_path, FakeRunner(), "name: x\n")
    assert ensure(job).version == "12.1"
    assert (asked[0].suite, asked[0].providers) == ("bookworm", ("docker",))
    assert any("building it from Debian's packages" in note for note in job.report.notes)  # type: ignore[attr-defined]


def test_a_locked_build_that_is_gone_is_replaced_and_said_unless_frozen(tmp_path: Path) -> None:
    install("devenv/debian-12", "12.2")
    job = session(tmp_path, FakeRunner(), "name: x\nbox_version: '12.1'\n")
    with pytest.raises(ConflictError, match=r"devenv/debian-12 12\.1, which is not here and cannot be built any more"):
        ensure(job, frozen=True)
    assert ensure(job).version == "12.2"
    assert any("using 12.2" in note for note in job.report.notes)  # type: ignore[attr-defined]
