"""What may go, and what never does."""

import json
import os
from pathlib import Path

import pytest

from devenv.image import boxfile, prune
from devenv.image.boxfile import Label
from devenv.image.workspace import Cache
from fakes import FakeRunner

OLD, NEW = "12.20261001.1", "12.20261121.1"


def install(home: Path, version: str, name: str = "devenv-VAGRANTSLASH-debian-12", record: str = "{}") -> Path:
    path = home / "boxes" / name / version / "docker"
    path.mkdir(parents=True)
    (path / "metadata.json").write_text('{"provider": "docker"}')
    if record:
        (path / "devenv.json").write_text(record)
    return path


def cache_box(cache: Cache, version: str) -> Path:
    label = Label("devenv/debian-12", version, "docker", "bookworm", "i")
    path = label.file(cache)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"box")
    note = {"name": label.name, "version": version, "provider": "docker", "suite": "bookworm", "identity": "i"}
    boxfile.sidecar(path).write_text(json.dumps({**note, "sha256": "s", "checksum": "c"}))
    return path


def use(home: Path, version: str) -> None:
    index = home / "data/machine-index/index"
    index.parent.mkdir(parents=True)
    box = {"name": "devenv/debian-12", "provider": "docker", "version": version}
    index.write_text(json.dumps({"version": 1, "machines": {"a": {"extra_data": {"box": box}}, "b": {}}}))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "vagrant"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def run(cache: Cache, home: Path, runner: FakeRunner, *, dry_run: bool = False) -> list[str]:
    return prune.prune(runner=runner, dry_run=dry_run, cache=cache.root, vagrant_home=home)


def test_an_old_box_goes_and_the_newest_stays(cache: Cache, home: Path, runner: FakeRunner) -> None:
    install(home, OLD, record='{"files": {"rootfs.tar.gz": "abcdef0123456789"}}')
    install(home, NEW)
    runner.on("vagrant", "box", "remove").on("docker", "image", "rm")
    assert run(cache, home, runner) == [f"devenv/debian-12 {OLD} (docker) in Vagrant"]
    (removed,) = runner.argvs("vagrant")
    assert removed[3:8] == ["devenv/debian-12", "--provider", "docker", "--box-version", OLD]
    assert runner.argvs("docker") == [["docker", "image", "rm", f"devenv/debian-12:{OLD}-abcdef012345"]]


def test_a_dry_run_removes_nothing(cache: Cache, home: Path, runner: FakeRunner) -> None:
    install(home, OLD)
    install(home, NEW)
    cached = cache_box(cache, OLD)
    cache_box(cache, NEW)
    assert len(run(cache, home, runner, dry_run=True)) == 2
    assert runner.calls == []
    assert cached.exists()


def test_the_box_of_a_machine_stays(cache: Cache, home: Path, runner: FakeRunner) -> None:
    install(home, OLD)
    install(home, NEW)
    use(home, OLD)
    assert run(cache, home, runner) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"machines": 1}'])
def test_when_it_cannot_be_told_which_machines_there_are_nothing_goes(
    text: str, cache: Cache, home: Path, runner: FakeRunner
) -> None:
    install(home, OLD)
    install(home, NEW)
    index = home / "data/machine-index/index"
    index.parent.mkdir(parents=True)
    index.write_text(text)
    assert prune.boxes_in_use(home) is None
    assert run(cache, home, runner) == []


def test_boxes_devenv_did_not_build_stay(cache: Cache, home: Path, runner: FakeRunner) -> None:
    for version in (OLD, NEW):
        install(home, version, "debian-VAGRANTSLASH-bookworm64", record="")
        install(home, version, record="")
    assert run(cache, home, runner) == []


def test_old_files_of_the_cache_go_with_their_notes(cache: Cache, home: Path, runner: FakeRunner) -> None:
    old, new = cache_box(cache, OLD), cache_box(cache, NEW)
    boxfile.catalogue(old).write_text("{}")
    (line,) = run(cache, home, runner)
    assert str(old) in line
    assert sorted(path.name for path in cache.boxes.iterdir()) == sorted([new.name, boxfile.sidecar(new).name])
    assert [box.path for box in prune.list_built(cache.root)] == [new]


def test_a_box_file_without_a_note_goes(cache: Cache, home: Path, runner: FakeRunner) -> None:
    orphan = cache_box(cache, NEW)
    boxfile.sidecar(orphan).write_text("{")
    run(cache, home, runner)
    assert not orphan.exists()


def test_old_root_file_systems_and_their_packages_go(cache: Cache, home: Path, runner: FakeRunner) -> None:
    cache.rootfs.mkdir(parents=True)
    for number, (name, packages) in enumerate({"1": ["a_1_all"], "2": ["a_1:2_all"]}.items()):
        tar = cache.rootfs / f"bookworm-{name}-x-base.tar"
        tar.write_bytes(b"tar")
        os.utime(tar, (number, number))
        tar.with_name(f"{tar.name}.json").write_text(json.dumps({"packages": packages}))
    debs = cache.packages("bookworm")
    debs.mkdir(parents=True)
    for name in ("a_1_all.deb", "a_1%3a2_all.deb"):
        (debs / name).touch()
    run(cache, home, runner)
    assert sorted(path.name for path in cache.rootfs.iterdir()) == [
        "bookworm-2-x-base.tar",
        "bookworm-2-x-base.tar.json",
    ]
    assert [path.name for path in debs.iterdir()] == ["a_1%3a2_all.deb"]
