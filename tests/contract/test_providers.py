"""What devenv reads from each provider's tool is what Vagrant says of the same machine: real ones, and a stand-in."""

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devenv.box import observe, providers
from devenv.box.project import Project
from devenv.box.providers.base import Forward
from devenv.errors import BoxError
from devenv.process import Runner, SystemRunner
from fakes import Call, FakeRunner

pytestmark = pytest.mark.contract

PREFIX = f"devenv-contract-{uuid.uuid4().hex[:8]}"
RUNNER = SystemRunner()
DOMAIN = """\
<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>32</memory>
  <vcpu>1</vcpu>
  <os><type>hvm</type></os>
</domain>
"""


def run(*argv: str) -> str:
    return RUNNER.run(argv, timeout=120).check().stdout.strip()


def image() -> str:
    """Return the newest image of a base box of ours; setting up for the tests builds one."""
    found = run("docker", "images", "--format", "{{.Repository}}:{{.Tag}}", "devenv/debian-12").splitlines()
    assert found, "no image of devenv/debian-12: make one with devenv box build --provider docker"
    return found[0]


def container(name: str) -> str:
    """Start a container with one published port and return its id."""
    argv = ["docker", "run", "--detach", "--name", name, "--publish", "127.0.0.1::80", "--entrypoint", "sleep"]
    return run(*argv, image(), "infinity")


def domain(name: str, folder: Path) -> str:
    """Define a machine without a disk and return its id."""
    file = folder / f"{name}.xml"
    file.write_text(DOMAIN.format(name=name))
    run("virsh", "--connect", "qemu:///system", "define", str(file))
    return run("virsh", "--connect", "qemu:///system", "domuuid", name)


def lxc(name: str) -> str:
    """Make a container with next to nothing in it; it is never started."""
    folder = Path("/var/lib/lxc") / name
    (folder / "rootfs").mkdir(parents=True)
    (folder / "rootfs/file").write_text("first\n")
    (folder / "config").write_text(f"lxc.rootfs.path = dir:{folder}/rootfs\nlxc.uts.name = {name}\n")
    return name


@dataclass
class Machines:
    """Real machines in every state they can have, by the name they have in the Vagrantfile."""

    project: Project
    made: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """name -> (provider, id, state expected)"""

    def add(self, provider: str, machine_id: str, state: str) -> None:
        name = f"{provider}-{state.replace('_', '-')}"
        self.made[name] = (provider, machine_id, state)
        folder = self.project.dot / "machines" / name / provider
        folder.mkdir(parents=True)
        (folder / "id").write_text(machine_id)

    def write_vagrantfile(self) -> None:
        lines = [
            f"  c.vm.define('{name}') {{ |m| m.vm.box = 'x'; m.vm.provider('{provider}') }}"
            for name, (provider, _, _) in self.made.items()
        ]
        self.project.vagrantfile.write_text("\n".join(["Vagrant.configure('2') do |c|", *lines, "end\n"]))


def remove() -> None:
    """Remove every machine that begins with our prefix."""
    ids = run("docker", "ps", "--all", "--quiet", "--filter", f"name=^{PREFIX}").split()
    if ids:
        run("docker", "rm", "--force", "--volumes", *ids)
    for name in run("virsh", "--connect", "qemu:///system", "list", "--all", "--name").split():
        if name.startswith(PREFIX):
            RUNNER.run(["virsh", "--connect", "qemu:///system", "destroy", name])
            run("virsh", "--connect", "qemu:///system", "undefine", name)
    for name in run("lxc-ls", "-1").split():
        if name.startswith(PREFIX):
            RUNNER.run(["lxc-destroy", "--name", name, "--snapshots"]).check()


def forget(container_id: str) -> None:
    """Remove what a test that failed left of a container's snapshots."""
    left = run("docker", "images", "--all", "--quiet", "--filter", f"label=devenv.machine={container_id}").split()
    for snapshot in dict.fromkeys(left):
        RUNNER.run(["docker", "image", "rm", "--force", snapshot])


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("machines")
    found = Machines(Project(folder))
    virsh = ["virsh", "--connect", "qemu:///system"]
    try:
        found.add("docker", container(f"{PREFIX}-running"), "running")
        stopped = container(f"{PREFIX}-stopped")
        run("docker", "kill", stopped)
        found.add("docker", stopped, "stopped")
        gone = container(f"{PREFIX}-gone")
        run("docker", "rm", "--force", gone)
        found.add("docker", gone, "not_created")
        found.add("libvirt", domain(f"{PREFIX}-off", folder), "shutoff")
        paused = domain(f"{PREFIX}-paused", folder)
        run(*virsh, "start", paused, "--paused")
        found.add("libvirt", paused, "paused")
        running = domain(f"{PREFIX}-running", folder)
        run(*virsh, "start", running)
        # it runs and has no address, having no network
        found.add("libvirt", running, "inaccessible")
        undefined = domain(f"{PREFIX}-undefined", folder)
        run(*virsh, "undefine", undefined)
        found.add("libvirt", undefined, "not_created")
        found.add("lxc", lxc(f"{PREFIX}-lxc"), "stopped")
        found.add("lxc", f"{PREFIX}-nothing", "not_created")
        found.write_vagrantfile()
        yield found
    finally:
        remove()


def test_states_are_those_vagrant_says(machines: Machines) -> None:
    expected = {name: state for name, (_, _, state) in machines.made.items()}
    ours = {
        name: providers.get(provider).observe(RUNNER, machine_id).state
        for name, (provider, machine_id, _) in machines.made.items()
    }
    assert ours == expected
    # Vagrant forgets the id of a machine that is gone: it is asked last
    env = {**os.environ, "VAGRANT_CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        ["vagrant", "status", "--machine-readable"],
        cwd=machines.project.root,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    said = {fields[1]: fields[3] for line in done.stdout.splitlines() if (fields := line.split(","))[2:3] == ["state"]}
    assert said == expected, done.stderr


def test_a_project_is_shown_as_it_is(machines: Machines) -> None:
    found = {one.name: one for one in observe.status(machines.project, RUNNER)}
    assert set(found) == set(machines.made)
    assert found["docker-running"].running
    assert found["libvirt-shutoff"].state == "shutoff"


def test_dockers_ports_are_the_real_ones(machines: Machines) -> None:
    _, machine_id, _ = machines.made["docker-running"]
    (forward,) = providers.get("docker").observe(RUNNER, machine_id).forwards or ()
    said = run("docker", "port", machine_id, "80/tcp")
    assert forward == Forward(80, int(said.rpartition(":")[2]), "tcp", "127.0.0.1")


def test_docker_gives_host_keys_past_the_network(machines: Machines) -> None:
    _, machine_id, _ = machines.made["docker-running"]
    run("docker", "exec", machine_id, "ssh-keygen", "-q", "-A")
    keys = providers.get("docker").host_keys(RUNNER, machine_id)
    assert any(key.startswith("ssh-ed25519 AAAA") for key in keys)
    assert providers.get("docker").host_keys(RUNNER, machines.made["docker-stopped"][1]) == []


def test_a_paused_container_still_runs_as_vagrant_sees_it(machines: Machines) -> None:
    _, machine_id, _ = machines.made["docker-running"]
    run("docker", "pause", machine_id)
    try:
        # what Vagrant's docker provider looks at: `docker ps` lists a paused container
        assert machine_id in run("docker", "ps", "--quiet", "--no-trunc").split()
        assert providers.get("docker").observe(RUNNER, machine_id).state == "running"
    finally:
        run("docker", "unpause", machine_id)


@pytest.mark.parametrize(
    ("provider", "variable", "value", "message"),
    [
        ("docker", "DOCKER_HOST", "unix:///nonexistent/docker.sock", "the Docker daemon does not answer"),
        ("docker", "DOCKER_HOST", "tcp://127.0.0.1:1", "the Docker daemon does not answer"),
        ("libvirt", "LIBVIRT_DEFAULT_URI", "qemu+unix:///system?socket=/nonexistent", "libvirtd does not answer"),
    ],
)
def test_a_daemon_that_does_not_answer_is_an_error_and_not_a_state(
    monkeypatch: pytest.MonkeyPatch, provider: str, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BoxError, match=message) as caught:
        providers.get(provider).observe(RUNNER, str(uuid.uuid4()))
    assert "start it: sudo systemctl start" in (caught.value.hint or "")
    usable = providers.get(provider).usable(RUNNER)
    assert (usable.ok, usable.reason) == (False, message)


def test_what_can_be_used_here_is_said_to_be() -> None:
    for name in ("docker", "libvirt", "lxc"):
        usable = providers.get(name).usable(RUNNER)
        assert usable.ok, usable
        assert any(character.isdigit() for character in usable.reason)


# ---- snapshots: the same cases for the real Docker, the real LXC, and a stand-in of Docker


class StandIn(FakeRunner):
    """A Docker that keeps containers and images in memory, one file's text standing for a disk."""

    def __init__(self) -> None:
        super().__init__("docker")
        self.disks = {"c0": "first"}
        self.images: dict[str, tuple[str, dict[str, str]]] = {}
        """tag -> (disk, labels), newest last"""
        self.labels: dict[str, dict[str, str]] = {"c0": {}}
        for word in ("inspect", "commit", "images", "image", "rename", "stop", "run", "rm"):
            self.on("docker", word, does=getattr(self, f"_{word}"))

    def _inspect(self, call: Call) -> str:
        if "--format" not in call.argv:
            empty = {"Name": "/box", "Config": {"Hostname": "box"}, "HostConfig": {}}
            return json.dumps([empty])
        what = call.argv[-1]
        label = next(word for word in ("devenv.machine", "devenv.snapshot") if word in call.argv[3])
        found = self.images[what][1] if what in self.images else self.labels[what]
        return found.get(label, "") + "\n"

    def _commit(self, call: Call) -> None:
        labels = dict(word.removeprefix("LABEL ").split("=", 1) for word in call.argv if word.startswith("LABEL "))
        self.images[call.argv[-1]] = (self.disks[call.argv[-2]], labels)

    def _images(self, call: Call) -> str:
        family = next(word for word in call.argv if word.startswith("label=")).rpartition("=")[2]
        fitting = [key for key, (_, labels) in self.images.items() if labels["devenv.machine"] == family]
        return "".join(f"{key}\n" for key in reversed(fitting))

    def _image(self, call: Call) -> None:
        self.images.pop(call.argv[-1], None)

    def _rename(self, call: Call) -> None: ...

    def _stop(self, call: Call) -> None: ...

    def _run(self, call: Call) -> str:
        name = f"c{len(self.labels)}"
        used = next(word for word in call.argv if word in self.images)
        self.disks[name], self.labels[name] = self.images[used][0], dict(self.images[used][1])
        return f"{name}\n"

    def _rm(self, call: Call) -> None:
        self.disks.pop(call.argv[-1], None)


@dataclass
class Disk:
    """One machine whose disk holds a file."""

    provider: str
    runner: Runner
    id: str

    def write(self, text: str) -> None:
        if isinstance(self.runner, StandIn):
            self.runner.disks[self.id] = text
        elif self.provider == "docker":
            run("docker", "exec", self.id, "sh", "-c", f"echo {text} >/file")
        else:
            (Path("/var/lib/lxc") / self.id / "rootfs/file").write_text(f"{text}\n")

    def read(self) -> str:
        if isinstance(self.runner, StandIn):
            return self.runner.disks[self.id]
        if self.provider == "docker":
            return run("docker", "exec", self.id, "cat", "/file")
        return (Path("/var/lib/lxc") / self.id / "rootfs/file").read_text().strip()


@pytest.fixture(params=["stand-in", "docker", "lxc"])
def disk(request: pytest.FixtureRequest) -> Iterator[Disk]:
    if request.param == "stand-in":
        yield Disk("docker", StandIn(), "c0")
        return
    name = f"{PREFIX}-disk"
    made = container(name) if request.param == "docker" else lxc(name)
    try:
        yield Disk(request.param, RUNNER, made)
    finally:
        remove()
        if request.param == "docker":
            forget(made)


def test_snapshots_are_saved_listed_restored_and_deleted(disk: Disk) -> None:
    provider = providers.get(disk.provider)
    assert provider.snapshot_list(disk.runner, disk.id) == []
    disk.write("first")
    provider.snapshot_save(disk.runner, disk.id, "one")
    disk.write("second")
    provider.snapshot_save(disk.runner, disk.id, "two-2.0")
    disk.write("third")
    assert provider.snapshot_list(disk.runner, disk.id) == ["one", "two-2.0"]
    before = disk.id
    disk.id = provider.snapshot_restore(disk.runner, disk.id, "one")
    assert disk.read() == "first"
    if disk.provider == "docker":
        # another container took the place of the first
        assert disk.id != before
    # a machine that was put back still has all its snapshots
    assert provider.snapshot_list(disk.runner, disk.id) == ["one", "two-2.0"]
    disk.id = provider.snapshot_restore(disk.runner, disk.id, "two-2.0")
    assert disk.read() == "second"
    # saving again under a name replaces it
    disk.write("fourth")
    provider.snapshot_save(disk.runner, disk.id, "one")
    disk.write("fifth")
    assert sorted(provider.snapshot_list(disk.runner, disk.id)) == ["one", "two-2.0"]
    disk.id = provider.snapshot_restore(disk.runner, disk.id, "one")
    assert disk.read() == "fourth"
    provider.snapshot_delete(disk.runner, disk.id, "two-2.0")
    assert provider.snapshot_list(disk.runner, disk.id) == ["one"]
    for lost in (provider.snapshot_delete, provider.snapshot_restore):
        with pytest.raises(BoxError, match=r"there is no snapshot 'two-2\.0'"):
            lost(disk.runner, disk.id, "two-2.0")
    assert disk.read() == "fourth"
    remains = provider.before_destroy(disk.runner, disk.id)
    if isinstance(disk.runner, SystemRunner) and disk.provider == "docker":
        run("docker", "rm", "--force", disk.id)
    provider.after_destroy(disk.runner, remains)
    if isinstance(disk.runner, StandIn):
        assert disk.runner.images == {}
    elif disk.provider == "docker":
        assert run("docker", "images", "--all", "--quiet", "--filter", f"label=devenv.machine={before}") == ""
    else:
        assert run("lxc-snapshot", "--name", disk.id, "--list") == "No snapshots"


def test_a_restored_container_is_made_as_the_first_was() -> None:
    options = ["--memory=64m", "--cpus=1", "--init", "--cap-add=NET_ADMIN", "--env=GREETING=it's $5"]
    options += ["--tmpfs=/t:size=1m", "--add-host=other:127.0.0.2", "--hostname=boxed", "--label=devenv.of=abc"]
    options += [f"--volume={Path(__file__).parent}:/mnt:ro"]
    docker = providers.get("docker")
    argv = ["docker", "run", "--detach", "--name", f"{PREFIX}-made", *options, "--publish", "127.0.0.1::80/tcp"]
    first = run(*argv, "--entrypoint", "sleep", image(), "infinity")
    try:
        docker.snapshot_save(RUNNER, first, "x")
        before = json.loads(run("docker", "inspect", first))[0]
        second = docker.snapshot_restore(RUNNER, first, "x")
        after = json.loads(run("docker", "inspect", second))[0]
        for key in ("Memory", "NanoCpus", "Init", "CapAdd", "Tmpfs", "ExtraHosts", "Binds", "Privileged"):
            assert after["HostConfig"][key] == before["HostConfig"][key], key
        for key in ("Hostname", "Cmd", "Entrypoint"):
            assert after["Config"][key] == before["Config"][key], key
        # the snapshot's image has them too, so their order may be another
        assert sorted(after["Config"]["Env"]) == sorted(before["Config"]["Env"])
        assert after["Name"] == before["Name"]
        assert after["Config"]["Labels"]["devenv.of"] == "abc"
        assert set(after["HostConfig"]["PortBindings"]) == {"80/tcp"}
        assert after["State"]["Running"]
        assert RUNNER.run(["docker", "inspect", first]).code != 0
    finally:
        remove()
        forget(first)
