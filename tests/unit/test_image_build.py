"""The builder's decisions, with no program behind it: what is refused, waited for, kept, and said when it fails."""

import errno
import fcntl
import io
import json
import os
import tarfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devenv.errors import BoxError, DevenvError, ToolFailed, ToolMissing, UsageError
from devenv.image import archive, boxfile, build, installed, key, publish, rootfs, workspace
from devenv.image.build import BuildRequest, Phase
from devenv.image.suites import SUITES
from devenv.image.workspace import Cache
from devenv.process import Completed
from fakes import Call, FakeRunner

TOOLS = ("mmdebstrap", "ssh-keygen", "vagrant", "newuidmap", "mke2fs", "debugfs", "grub-mkimage", "qemu-img", "sfdisk")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")


class World:
    """A machine on which building works at once: an archive, a key, mmdebstrap, Vagrant; counts what is done."""

    def __init__(self, runner: FakeRunner, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runner, self.home, self.cache = runner, folder / "vagrant", folder / "cache"
        self.day = 21
        self.phases: list[Phase] = []
        runner.programs.update(TOOLS)
        monkeypatch.setattr(archive, "refresh", self._refresh)
        monkeypatch.setattr(workspace, "need_space", lambda folder, needed: None)
        monkeypatch.setattr(workspace, "memory_available", lambda: 0)
        runner.on("apt-config", "dump")
        runner.on("ssh-keygen", "-q", does=lambda call: Path(call.argv[-1]).write_text("PRIVATE"))
        runner.on("ssh-keygen", "-y", out="ssh-ed25519 AAAA comment\n")
        runner.on("flock", does=self._mmdebstrap)
        runner.on("vagrant", "box", "add", does=self._add)

    def build(self, *providers: str, force: bool = False) -> list[build.BuiltBox]:
        request = BuildRequest("bookworm", providers or ("lxc",), force)
        return build.build(
            request, runner=self.runner, report=self.phases.append, cache=self.cache, vagrant_home=self.home
        )

    @property
    def bootstraps(self) -> int:
        return len(self.runner.argvs("flock"))

    def _refresh(self, suite: object, folder: Path, runner: object) -> archive.Archive:
        return archive.Archive(SUITES["bookworm"], "deb x\n", folder, datetime(2026, 11, self.day, tzinfo=UTC))

    def _mmdebstrap(self, call: Call) -> str:
        work = Path(call.argv[-2]).parent
        (work / "packages.txt").write_text("apt_2.6_amd64\n")
        with tarfile.open(call.argv[-2], "w") as tar:
            for name in ("./etc/hosts", "./etc/resolv.conf", "./dev/null"):
                info = tarfile.TarInfo(name)
                info.size = 2
                tar.addfile(info, io.BytesIO(b"ab"))
        return "I: downloading packages with apt...\nI: creating tarball...\n"

    def _add(self, call: Call) -> None:
        data = json.loads(Path(call.argv[-1]).read_text())
        (version,) = data["versions"]
        (provider,) = version["providers"]
        folder = (
            self.home / "boxes" / data["name"].replace("/", "-VAGRANTSLASH-") / version["version"] / provider["name"]
        )
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(provider["url"].removeprefix("file://")) as tar:
            # Debian 12's Python 3.11.2 has no filters yet
            tar.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))


@pytest.fixture
def world(runner: FakeRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linux: None) -> World:
    return World(runner, tmp_path, monkeypatch)


def test_a_box_is_built_added_and_named_by_the_archives_day(world: World) -> None:
    (box,) = world.build("lxc")
    assert (box.name, box.version, box.provider, box.built, box.added) == (
        "devenv/debian-12",
        "12.20261121.1",
        "lxc",
        True,
        True,
    )
    assert installed.box_checksum(box.installed) == box.checksum
    assert (box.installed / "box_key").read_text() == "PRIVATE"
    assert (box.installed / "box_key").stat().st_mode & 0o777 == 0o600
    assert (key.private_key_path()).stat().st_mode & 0o077 == 0


def test_building_again_does_nothing(world: World) -> None:
    world.build("lxc")
    before = len(world.runner.argvs("vagrant"))
    (box,) = world.build("lxc")
    assert (box.built, box.added) == (False, False)
    assert world.bootstraps == 1
    assert len(world.runner.argvs("vagrant")) == before


def test_one_root_file_system_serves_all_providers_of_a_day(world: World) -> None:
    world.build("docker")
    world.build("lxc")
    assert world.bootstraps == 1


def test_another_day_is_another_version_beside_the_first(world: World) -> None:
    world.build("lxc")
    world.day = 22
    (box,) = world.build("lxc")
    assert box.version == "12.20261122.1"
    assert [tar.name[:23] for tar in (world.cache / "rootfs").glob("*.tar")] == ["bookworm-12.20261122.1-"]
    assert [found.version for found in installed.installed_boxes(world.home)] == ["12.20261121.1", "12.20261122.1"]


def test_force_builds_what_is_there_and_adds_only_what_differs(world: World) -> None:
    world.build("lxc")
    (box,) = world.build("lxc", force=True)
    assert (box.built, box.added) == (True, False)
    assert world.bootstraps == 2


def test_a_corrupted_file_in_the_cache_is_built_again(world: World) -> None:
    (box,) = world.build("lxc")
    with box.path.open("r+b") as file:
        file.write(b"\xff\xff")
    (again,) = world.build("lxc")
    assert again.built
    assert again.sha256 == box.sha256
    assert world.bootstraps == 1


def test_a_corrupted_root_file_system_is_built_again(world: World) -> None:
    (box,) = world.build("lxc")
    (tar,) = (world.cache / "rootfs").glob("*.tar")
    tar.write_bytes(b"half")
    box.path.unlink()
    world.build("lxc")
    assert world.bootstraps == 2


def test_a_damaged_box_in_vagrant_is_replaced(world: World) -> None:
    (box,) = world.build("lxc")
    (box.installed / "rootfs.tar.gz").write_bytes(b"")
    (again,) = world.build("lxc")
    assert (again.built, again.added) == (False, True)
    assert installed.box_checksum(again.installed) == box.checksum


def test_a_lost_key_makes_new_boxes(world: World) -> None:
    world.build("lxc")
    key.private_key_path().unlink()
    world.runner.on("ssh-keygen", "-y", out="ssh-ed25519 BBBB comment\n")
    (box,) = world.build("lxc")
    assert (box.built, box.added) == (True, True)
    assert world.bootstraps == 1


def test_a_docker_box_leaves_out_devices_and_the_resolvers_link(world: World) -> None:
    (box,) = world.build("docker")
    with tarfile.open(box.installed / "rootfs.tar.gz") as tar:
        assert tar.getnames() == ["./etc/hosts", "./home/vagrant/.ssh", "./home/vagrant/.ssh/authorized_keys"]
    digest = installed.file_checksums(box.installed)["rootfs.tar.gz"]
    assert f"devenv/debian-12:12.20261121.1-{digest[:12]}" in (box.installed / "Vagrantfile").read_text()


def test_the_docker_image_is_made_at_once_and_only_once(world: World) -> None:
    world.runner.on("docker", "version", out="20\n").on("docker", "image", "inspect", code=1).on("docker", "build")
    (box,) = world.build("docker")
    (made,) = world.runner.argvs("docker", "build")
    assert made[-1] == str(box.installed)
    digest = installed.file_checksums(box.installed)["rootfs.tar.gz"]
    world.runner.on("docker", "image", "inspect", out=f"{digest}\n")
    world.build("docker")
    assert len(world.runner.argvs("docker", "build")) == 1


def test_the_image_of_a_replaced_box_goes(world: World) -> None:
    (old,) = world.build("docker")
    digest = installed.recorded_files(old.installed)["rootfs.tar.gz"]
    key.private_key_path().unlink()
    world.runner.on("ssh-keygen", "-y", out="ssh-ed25519 BBBB comment\n")
    world.runner.on("docker", "image", "rm").on("docker", "version", code=1)
    world.build("docker")
    assert world.runner.argvs("docker", "image", "rm") == [
        ["docker", "image", "rm", f"devenv/debian-12:{old.version}-{digest[:12]}"]
    ]


def test_without_a_docker_that_answers_the_image_is_left_to_the_first_up(world: World) -> None:
    world.runner.on("docker", "version", code=1, err="Cannot connect")
    (box,) = world.build("docker")
    assert box.added
    assert world.runner.argvs("docker", "build") == []


def test_a_failed_build_leaves_no_work_folder(world: World) -> None:
    world.runner.on("flock", does=lambda call: Completed(call.argv, 1, "E: setup failed\n", ""))
    with pytest.raises(ToolFailed, match="could not be built: setup failed"):
        world.build("lxc")
    assert list((world.cache / "work").iterdir()) == []
    assert not (world.cache / "rootfs").exists()


def test_an_interrupted_build_leaves_no_work_folder(world: World) -> None:
    world.runner.on("flock", raises=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        world.build("lxc")
    assert list((world.cache / "work").iterdir()) == []


def test_a_full_disk_is_one_clear_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("devenv.image.tarball.derive", full)
    with pytest.raises(BoxError, match="the disk is full") as caught:
        world.build("lxc")
    assert "DEVENV_CACHE" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("dpkg: error: No space left on device\nE: setup failed\n", "the disk is full"),
        ("E: Failed to fetch http://x  Connection timed out\n", "a package could not be downloaded"),
        ("I: running\nE: some reason\n", "some reason"),
        ("", "exit code 25"),
    ],
)
def test_each_way_mmdebstrap_fails_has_its_words(said: str, message: str) -> None:
    failed = rootfs.failed(Completed(["mmdebstrap"], 25, said, ""))
    assert failed.message == f"the root file system could not be built: {message}"


def test_vagrants_failure_to_add_is_told_without_a_trace(world: World) -> None:
    world.runner.on("vagrant", "box", "add", code=1, err="bsdtar: No space left on device\n")
    with pytest.raises(ToolFailed, match="could not be added to Vagrant: the disk is full"):
        world.build("lxc")


@pytest.mark.parametrize(
    ("system", "machine", "request_", "error", "words"),
    [
        ("linux", "x86_64", BuildRequest("sarge"), UsageError, "sarge"),
        ("linux", "x86_64", BuildRequest(providers=("hyperv",)), UsageError, "hyperv"),
        ("darwin", "arm64", BuildRequest(), BoxError, "on Linux only"),
        (
            "linux",
            "aarch64",
            BuildRequest(providers=("docker", "libvirt")),
            BoxError,
            "libvirt boxes are built on x86-64",
        ),
    ],
)
def test_what_cannot_be_built_is_said_before_anything_is_done(
    system: str,
    machine: str,
    request_: BuildRequest,
    error: type[DevenvError],
    words: str,
    runner: FakeRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runner.programs.update(TOOLS)
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    with pytest.raises(error, match=words) as caught:
        build.build(request_, runner=runner, report=lambda phase: None)
    assert caught.value.hint
    assert runner.calls == []


@pytest.mark.parametrize("missing", ["mmdebstrap", "vagrant", "qemu-img", "sfdisk", "debugfs"])
def test_a_missing_program_is_named_with_how_to_get_it(missing: str, runner: FakeRunner, linux: None) -> None:
    runner.programs.update(set(TOOLS) | {"tar"})
    runner.programs.discard(missing)
    with pytest.raises(ToolMissing) as caught:
        build.build(BuildRequest(), runner=runner, report=lambda phase: None)
    assert caught.value.name == missing
    assert caught.value.install


def test_without_root_a_user_namespace_is_needed(
    runner: FakeRunner, linux: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.programs.update(TOOLS)
    runner.programs.discard("newuidmap")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ToolMissing, match="without root"):
        build.build(BuildRequest(), runner=runner, report=lambda phase: None)
    assert workspace.as_owner(["tar"]) == ["mmdebstrap", "--unshare-helper", "tar"]


def test_too_little_room_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(BoxError, match=r"needs 1048576.0 GiB free in .*, and there is \d") as caught:
        workspace.need_space(tmp_path, 1 << 50)
    assert "DEVENV_CACHE" in (caught.value.hint or "")


def test_a_second_build_waits_for_the_first_and_says_so(cache: Cache) -> None:
    said: list[str] = []
    told, done = threading.Event(), threading.Event()

    def waiting(sentence: str) -> None:
        said.append(sentence)
        told.set()

    def second() -> None:
        with workspace.build_lock(cache, waiting):
            done.set()

    with workspace.build_lock(cache, said.append):
        thread = threading.Thread(target=second)
        thread.start()
        assert told.wait(10)
        assert not done.is_set()
    assert done.wait(10)
    thread.join()
    assert said == [f"another build is running (process {os.getpid()}); waiting for it"]


def test_what_a_killed_build_left_is_removed(cache: Cache, runner: FakeRunner) -> None:
    left = cache.work / "build-old"
    (left / "scratch/root").mkdir(parents=True)
    (left / workspace.LIVING).touch()
    said: list[str] = []
    assert workspace.sweep(cache, said.append, runner) == [left]
    assert not left.exists()
    assert said == []


def test_a_killed_builds_programs_are_waited_for(cache: Cache, runner: FakeRunner) -> None:
    left = cache.work / "build-old"
    left.mkdir(parents=True)
    said = threading.Event()
    with (left / workspace.LIVING).open("w") as program:
        fcntl.flock(program, fcntl.LOCK_SH)
        thread = threading.Thread(target=workspace.sweep, args=(cache, lambda sentence: said.set(), runner))
        thread.start()
        assert said.wait(10)
        assert left.exists()
    thread.join(10)
    assert not left.exists()


def test_a_key_two_builds_make_at_once_is_one_key(runner: FakeRunner) -> None:
    path = key.private_key_path()

    def slower(call: Call) -> None:
        Path(call.argv[-1]).write_text("MINE")
        path.write_text("THEIRS")

    runner.on("ssh-keygen", "-q", does=slower).on("ssh-keygen", "-y", out="ssh-ed25519 AAAA x\n")
    assert key.box_key(runner) == key.BoxKey("THEIRS", "ssh-ed25519 AAAA devenv-box")


def test_a_broken_key_is_an_error_that_says_what_to_do(runner: FakeRunner) -> None:
    key.private_key_path().parent.mkdir(parents=True)
    key.private_key_path().write_text("nonsense")
    runner.on("ssh-keygen", "-y", code=255, err="invalid format\n")
    with pytest.raises(ToolFailed, match="not a usable ssh key") as caught:
        key.box_key(runner)
    assert "mv " in (caught.value.hint or "")


LISTED = """\
 Name                                                       Path
-----------------------------------------------------------------------------
 devenv-VAGRANTSLASH-debian-12_vagrant_box_image_1_box.img  /pool/base.img
 hello_default.img                                          /pool/hello.img
"""


@pytest.mark.parametrize("based", [True, False])
def test_libvirts_copy_of_a_replaced_box_goes_unless_a_machine_is_based_on_it(based: bool, runner: FakeRunner) -> None:
    virsh = ("virsh", "--connect", "qemu:///system")
    backing = "/pool/base.img" if based else "/pool/other.img"
    runner.on(*virsh, "vol-list", "default", out=LISTED)
    runner.on(*virsh, "vol-dumpxml", out=f"<volume><backingStore>\n<path>{backing}</path></backingStore></volume>")
    runner.on(*virsh, "vol-delete")
    label = boxfile.Label("devenv/debian-12", "1", "libvirt", "bookworm", "i")
    said = publish.forget_volume(label, runner)
    assert (said is not None) == based
    assert bool(runner.argvs(*virsh, "vol-delete")) != based


def test_phases_are_told_in_steps_a_person_can_follow(world: World) -> None:
    world.build("lxc")
    told = [build.describe(phase) for phase in world.phases]
    assert told[0] == "package lists: bookworm"
    assert "root file system 95 %: creating tarball" in told
    assert "add to Vagrant: lxc" in told
    assert len(told) == len(set(told))
