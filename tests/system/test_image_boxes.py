"""Base boxes for real: built once by mmdebstrap, then looked into, booted, damaged, killed half-way and built again."""

import json
import os
import select
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from devenv import process
from devenv.errors import BoxError
from devenv.image import build, disk, installed, tarball, workspace
from devenv.image.build import BuildRequest, BuiltBox
from devenv.image.suites import PROVIDERS
from devenv.image.workspace import Cache
from devenv.process import SystemRunner

pytestmark = pytest.mark.system

DRIVER = """\
import sys
from devenv.errors import DevenvError
from devenv.image import build
from devenv.process import SystemRunner

if "--small" in sys.argv:
    build.NEEDED = 0
    build.workspace.memory_available = lambda: 0
request = build.BuildRequest("bookworm", tuple(w for w in sys.argv[1:] if w[0] != "-"), "--force" in sys.argv)
try:
    for box in build.build(request, runner=SystemRunner(), report=lambda p: print(build.describe(p), flush=True)):
        print("BOX", box.provider, box.built, box.added, box.sha256, flush=True)
except DevenvError as error:
    print("ERROR", type(error).__name__, error.message, "|", error.hint, flush=True)
    sys.exit(error.code)
"""


@dataclass(frozen=True)
class Lab:
    """Folders apart from the user's own, and the boxes built there."""

    root: Path
    boxes: dict[str, BuiltBox]
    runner: SystemRunner

    @property
    def environment(self) -> dict[str, str]:
        return environment_of(self.root)

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    def build(self, *words: str) -> list[BuiltBox]:
        request = BuildRequest("bookworm", tuple(word for word in words if word != "--force"), "--force" in words)
        return build.build(
            request,
            runner=self.runner,
            report=lambda phase: None,
            cache=self.cache,
            vagrant_home=self.root / "vagrant",
        )

    @contextmanager
    def driver(self, *words: str, before: tuple[str, ...] = (), **env: str) -> Iterator["subprocess.Popen[str]"]:
        """A build in a process of its own, which can be killed."""
        command = [*before, sys.executable, "-c", DRIVER, *words]
        started = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**self.environment, **env}
        )
        try:
            yield started
        finally:
            started.kill()
            started.wait()
            assert started.stdout is not None
            started.stdout.close()

    def leftovers(self) -> list[str]:
        """Work folders, mounts and programs of builds that are over."""
        folders = [str(path) for path in (self.cache / "work").iterdir()]
        mounts = [line for line in Path("/proc/mounts").read_text().splitlines() if str(self.cache) in line]
        return [*folders, *mounts, *self.programs()]

    def programs(self) -> list[str]:
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.cache / "work") in words:
                found.append(words)
        return found


def environment_of(root: Path) -> dict[str, str]:
    folders = {"DEVENV_CACHE": "cache", "DEVENV_DATA": "data", "VAGRANT_HOME": "vagrant"}
    return {**os.environ, **{name: str(root / folder) for name, folder in folders.items()}}


def wait_for(stream: "subprocess.Popen[str]", words: str) -> list[str]:
    """Read a program's lines until one holds words; return them all."""
    assert stream.stdout is not None
    seen = []
    for line in stream.stdout:
        seen.append(line.rstrip())
        if words in line:
            return seen
    raise AssertionError(f"{words!r} never came: {seen}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    root = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment_of(root).items():
            patch.setenv(name, value)
        empty = Lab(root, {}, SystemRunner())
        made = empty.build(*PROVIDERS)
        yield Lab(root, {box.provider: box for box in made}, empty.runner)
        for image in docker_images(made[0]):
            subprocess.run(["docker", "image", "rm", "-f", image], check=False, capture_output=True)


def docker_images(box: BuiltBox) -> list[str]:
    digest = installed.recorded_files(box.installed)["rootfs.tar.gz"]
    return [f"{box.name}:{box.version}-{digest[:12]}"]


def output(*argv: str, env: dict[str, str] | None = None, cwd: Path | None = None, timeout: float = 300) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, env=env, cwd=cwd, timeout=timeout, check=False)
    assert done.returncode == 0, f"{argv}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def test_one_build_makes_a_box_for_every_provider_and_adds_it(lab: Lab) -> None:
    assert list(lab.boxes) == list(PROVIDERS)
    assert {box.version for box in lab.boxes.values()} == {lab.boxes["docker"].version}
    listed = output("vagrant", "box", "list", env=lab.environment, cwd=lab.root)
    for box in lab.boxes.values():
        assert (box.built, box.added) == (True, True)
        assert f"({box.provider}, {box.version})" in listed
        (found,) = [one for one in installed.installed_boxes(lab.root / "vagrant") if one.provider == box.provider]
        assert installed.verify(found) == box.checksum == installed.box_checksum(box.installed)
    assert lab.leftovers() == []


def test_a_second_build_takes_seconds_and_does_nothing(lab: Lab) -> None:
    started = time.monotonic()
    again = lab.build(*PROVIDERS)
    assert [(box.built, box.added) for box in again] == [(False, False)] * len(PROVIDERS)
    assert time.monotonic() - started < 30


def test_the_root_file_system_is_small_and_holds_nothing_of_anybodys(lab: Lab) -> None:
    (path,) = (lab.cache / "rootfs").glob("*-base.tar")
    with tarfile.open(path) as tar:
        names = {member.name: member for member in tar}
        machine_id = tar.extractfile("./etc/machine-id")
        shadow = tar.extractfile("./etc/shadow")
        assert machine_id is not None
        assert shadow is not None
        assert machine_id.read() == b""
        assert b"\nvagrant:*:" in shadow.read()
    assert not [
        name for name in names if name.startswith(("./etc/ssh/ssh_host_", "./boot/vmlinuz", "./tmp/", "./run/"))
    ]
    assert not [name for name in names if name.endswith(".deb") or name.startswith("./var/lib/apt/lists/d")]
    assert path.stat().st_size < 250 << 20
    assert (names["./etc/sudoers.d/vagrant"].mode, names["./home/vagrant"].uid) == (0o440, 1000)


def test_the_same_root_file_system_gives_the_same_disks_to_the_bit(lab: Lab) -> None:
    disks = ("libvirt", "virtualbox")
    for provider in disks:
        lab.boxes[provider].path.unlink()
    again = lab.build(*disks)
    assert [(box.built, box.added, box.sha256) for box in again] == [
        (True, False, lab.boxes[provider].sha256) for provider in disks
    ]


def test_a_virtualbox_disk_is_the_same_whatever_id_it_was_given(lab: Lab, tmp_path: Path) -> None:
    raw = tmp_path / "disk.raw"
    with raw.open("wb") as file:
        file.write(os.urandom(1 << 20))
        file.truncate(8 << 20)
    with workspace.work_folder(Cache(tmp_path / "cache"), lab.runner) as work:
        # qemu-img's own random id is shorter in one of sixteen disks
        made = set()
        for _ in range(100):
            disk.vmdk(raw, tmp_path / "disk.vmdk", work, lab.runner)
            made.add((tmp_path / "disk.vmdk").read_bytes())
    assert len(made) == 1
    output("qemu-img", "convert", "-f", "vmdk", "-O", "raw", str(tmp_path / "disk.vmdk"), str(tmp_path / "back.raw"))
    assert (tmp_path / "back.raw").read_bytes() == raw.read_bytes()


def test_a_build_that_was_killed_is_made_good_by_the_next_and_gives_the_same_bytes(lab: Lab) -> None:
    with lab.driver("lxc", "--force") as killed:
        wait_for(killed, "installing remaining packages")
        killed.kill()
        killed.wait()
    (box,) = lab.build("lxc", "--force")
    assert (box.built, box.added, box.sha256) == (True, False, lab.boxes["lxc"].sha256)
    assert lab.leftovers() == []


def test_ctrl_c_ends_a_build_with_all_its_programs(lab: Lab) -> None:
    with lab.driver("lxc", "--force") as stopped:
        wait_for(stopped, "extracting archives")
        stopped.send_signal(signal.SIGINT)
        stopped.wait(60)
        assert stopped.returncode != 0
    assert lab.leftovers() == []


def test_a_second_build_at_the_same_time_waits_and_says_for_whom(lab: Lab) -> None:
    with lab.driver("lxc", "--force") as first:
        wait_for(first, "root file system")
        with lab.driver("lxc") as second:
            wait_for(second, f"another build is running (process {first.pid}); waiting for it")
            first.send_signal(signal.SIGINT)
            assert f"BOX lxc False False {lab.boxes['lxc'].sha256}" in wait_for(second, "BOX lxc")[-1]


def test_a_full_disk_is_one_clear_line_and_leaves_nothing(lab: Lab, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 48) as small:
        with lab.driver("lxc", DEVENV_CACHE=str(small)) as refused:
            line = wait_for(refused, "ERROR")[-1]
        assert f"building needs 1.0 GiB free in {small}, and there is 0.0 GiB" in line
        with lab.driver("lxc", "--small", DEVENV_CACHE=str(small)) as filled:
            line = wait_for(filled, "ERROR")[-1]
        assert "the disk is full" in line
        assert "DEVENV_CACHE" in line
        assert list((small / "work").iterdir()) == []


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system of size MiB."""
    folder.mkdir()
    output("mount", "-t", "tmpfs", "-o", f"size={size}m", "small", str(folder))
    try:
        yield folder
    finally:
        output("umount", str(folder))


def test_no_network_is_one_clear_line(lab: Lab, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with lab.driver("docker", before=("unshare", "--net"), DEVENV_CACHE=str(cache)) as alone:
        line = wait_for(alone, "ERROR")[-1]
    assert "ERROR ToolFailed the package lists could not be fetched from" in line
    assert "check the network" in line


def test_a_box_damaged_in_vagrant_is_found_and_mended_by_the_command_named(lab: Lab) -> None:
    box = lab.boxes["lxc"]
    with (box.installed / "rootfs.tar.gz").open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\0\0\0")
    (found,) = [one for one in installed.installed_boxes(lab.root / "vagrant") if one.provider == "lxc"]
    with pytest.raises(BoxError, match=r"damaged: rootfs\.tar\.gz changed") as caught:
        installed.verify(found)
    assert caught.value.hint == "make it again with: devenv box build --suite bookworm --provider lxc"
    (mended,) = lab.build("lxc")
    assert (mended.built, mended.added) == (False, True)
    assert installed.verify(found) == box.checksum


VAGRANTFILE = """\
Vagrant.configure("2") do |config|
  config.vm.box = "devenv/debian-12"
  config.vm.hostname = "boxtest"
end
"""

LOOK = """\
hostname; id -un; sudo -n id -un; echo "$LANG"; getent hosts deb.debian.org >/dev/null && echo names
runlevel=$(/usr/sbin/runlevel); echo "$runlevel"; pgrep -x sshd >/dev/null && echo sshd
test -s /etc/machine-id && echo id
"""
SEEN = ["boxtest", "vagrant", "root", "C.UTF-8", "names", "N 2", "sshd", "id"]


@pytest.fixture
def project(lab: Lab, tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "Vagrantfile").write_text(VAGRANTFILE)
    yield tmp_path
    output("vagrant", "destroy", "--force", env=lab.environment, cwd=tmp_path)


def up(lab: Lab, project: Path) -> str:
    """Bring the machine up with docker and plain Vagrant; return the container's id."""
    output("vagrant", "up", "--provider", "docker", env=lab.environment, cwd=project)
    return (project / ".vagrant/machines/default/docker/id").read_text()


def test_the_docker_box_boots_with_plain_vagrant_and_is_reached_from_here_only(lab: Lab, project: Path) -> None:
    (image,) = docker_images(lab.boxes["docker"])
    container = up(lab, project)
    data = json.loads(output("docker", "inspect", container))[0]
    assert data["Config"]["Image"] == image
    bindings = data["HostConfig"]["PortBindings"]
    assert list(bindings) == ["22/tcp"]
    assert {binding["HostIp"] for binding in bindings["22/tcp"]} == {"127.0.0.1"}
    assert output("vagrant", "ssh", "-c", LOOK, env=lab.environment, cwd=project).split("\n")[:-1] == SEEN

    # a package that brings a service starts it, and so does the next boot; the machine stops without being killed
    install = "sudo apt-get update -q && sudo apt-get install -qy --no-install-recommends cron && pgrep -x cron"
    output("vagrant", "ssh", "-c", install, env=lab.environment, cwd=project)
    keys = output("docker", "exec", container, "cat", "/etc/ssh/ssh_host_ed25519_key.pub")
    output("vagrant", "halt", env=lab.environment, cwd=project)
    assert json.loads(output("docker", "inspect", container))[0]["State"]["ExitCode"] == 0
    assert up(lab, project) == container
    output("vagrant", "ssh", "-c", "pgrep -x cron", env=lab.environment, cwd=project)
    assert output("docker", "exec", container, "cat", "/etc/ssh/ssh_host_ed25519_key.pub") == keys


def test_the_docker_box_builds_its_image_where_docker_has_another_of_that_name(lab: Lab, project: Path) -> None:
    (image,) = docker_images(lab.boxes["docker"])
    output("docker", "image", "rm", "--force", image)
    subprocess.run(
        ["docker", "build", "--quiet", "--tag", image, "-"], input=b"FROM scratch\nLABEL devenv.rootfs=x\n", check=True
    )
    container = up(lab, project)
    data = json.loads(output("docker", "inspect", container))[0]
    assert data["Config"]["Labels"]["devenv.rootfs"] == tarball.sha256(lab.boxes["docker"].installed / "rootfs.tar.gz")
    output("vagrant", "ssh", "-c", "true", env=lab.environment, cwd=project)
    # the builder puts the right image behind the name again
    lab.build("docker")
    label = '{{index .Config.Labels "devenv.rootfs"}}'
    made = output("docker", "image", "inspect", "--format", label, image).strip()
    assert made == data["Config"]["Labels"]["devenv.rootfs"]


def test_up_builds_the_base_box_when_it_is_not_there(lab: Lab, tmp_path: Path) -> None:
    output("vagrant", "box", "remove", "--force", "--provider", "docker", "devenv/debian-12", env=lab.environment)
    (tmp_path / "devenv.yaml").write_text("version: 1\nname: fresh\nbox: devenv/debian-12\n")
    devenv = [sys.executable, "-m", "devenv"]
    try:
        done = subprocess.run(
            [*devenv, "up", "--provider", "docker"], cwd=tmp_path, env=lab.environment, capture_output=True, text=True,
            timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "devenv/debian-12 is not here for docker: building it from Debian's packages" in done.stderr
        assert output(*devenv, "run", "--", "hostname", env=lab.environment, cwd=tmp_path) == "fresh\n"
        (found,) = [one for one in installed.installed_boxes(lab.root / "vagrant") if one.provider == "docker"]
        assert installed.verify(found) == lab.boxes["docker"].checksum
    finally:
        output(*devenv, "destroy", "--force", env=lab.environment, cwd=tmp_path)


def test_the_virtualbox_disk_boots_to_a_login_and_lets_its_owner_in(lab: Lab, tmp_path: Path) -> None:
    """With the hardware box.ovf asks for: an IDE disk and a virtio network card; emulated, so that no KVM is needed."""
    image = lab.boxes["virtualbox"].installed / "box-disk001.vmdk"
    assert json.loads(output("qemu-img", "info", "--output=json", str(image)))["virtual-size"] == 20 << 30
    overlay = tmp_path / "overlay.qcow2"
    output("qemu-img", "create", "-q", "-f", "qcow2", "-b", str(image), "-F", "vmdk", str(overlay), "24G")
    key = lab.boxes["virtualbox"].installed / "box_key"
    machine = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-smp", "2", "-m", "1024", "-nodefaults"]
    machine += ["-display", "none", "-serial", "stdio", "-drive", f"file={overlay},if=ide"]
    machine += ["-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:0-:22", "-device", "virtio-net-pci,netdev=n"]
    machine += ["-monitor", f"unix:{tmp_path}/monitor,server,nowait"]
    with subprocess.Popen(machine, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as started:
        try:
            assert started.stdout is not None
            console = read_until(started.stdout.fileno(), b"debian login:", 240)
            assert b"Debian GNU/Linux 12 debian ttyS0" in console
            ssh = [
                "ssh",
                "-F",
                "none",
                "-i",
                str(key),
                "-p",
                str(forwarded(tmp_path / "monitor")),
                "-o",
                "BatchMode=yes",
            ]
            ssh += ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path}/known"]
            ssh += ["-o", "ConnectTimeout=60", "vagrant@127.0.0.1"]
            said = output(*ssh, "sudo id -un; df --output=size -BG / | tail -1; systemctl --failed --no-legend | wc -l")
            # the root file system has grown with the disk
            assert said.split() == ["root", "24G", "0"]
        finally:
            started.kill()


def read_until(fd: int, words: bytes, seconds: float) -> bytes:
    """Read from fd until words have come."""
    seen, deadline = b"", time.monotonic() + seconds
    while words not in seen:
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{words!r} did not come within {seconds} s: {seen[-500:]!r}"
        more = os.read(fd, 65536)
        assert more, f"the machine ended: {seen[-500:]!r}"
        seen += more
    return seen


def forwarded(monitor: Path) -> int:
    """Ask QEMU which port of this machine it forwards to the guest's ssh."""
    import re
    import socket

    with socket.socket(socket.AF_UNIX) as talk:
        talk.connect(str(monitor))
        read_until(talk.fileno(), b"(qemu) ", 30)
        talk.sendall(b"info usernet\n")
        text = read_until(talk.fileno(), b"(qemu) ", 30).decode(errors="replace")
    found = re.search(r"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)", text)
    assert found, process.tail(text)
    return int(found[1])
