"""The life of a machine, with a Docker and a Vagrant that are made up (see fakes.FakeDocker)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devenv.box import hostports, lifecycle, projectfiles
from devenv.box import lock as locks
from devenv.box import session as sessions
from devenv.box.project import Project
from devenv.box.session import Session
from devenv.errors import BoxError, ConfigError, ConflictError, ToolFailed
from devenv.paths import vagrant_home
from devenv.process import Completed
from fakes import FakeDocker, FakeRunner, Watcher

YAML = """\
name: hello
box: acme/base
ports: ["8080:80"]
provision:
  - {name: one, run: echo one}
  - {name: serve, run: serve, when: always}
"""


class World:
    """A project, its made-up Docker, and the watcher of what happens to it."""

    def __init__(self, root: Path) -> None:
        self.project = Project(root)
        self.runner = FakeRunner()
        self.docker = FakeDocker(root, self.runner)
        self.docker.ports["80/tcp"] = [{"HostIp": "127.0.0.1", "HostPort": "8080"}]
        self.watcher = Watcher()

    def yaml(self, text: str) -> None:
        self.project.config.write_text(text)

    @contextmanager
    def session(self, command: str = "up") -> Iterator[Session]:
        with sessions.session(self.project, self.runner, self.watcher, command) as job:
            yield job

    def up(self, **options: object) -> lifecycle.UpResult:
        with self.session() as job:
            (result,) = lifecycle.up(job, ["default"], **{"provider": "docker", **options})  # type: ignore[arg-type]
        return result


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    box = vagrant_home() / "boxes/acme-VAGRANTSLASH-base/1.0.0/docker"
    box.mkdir(parents=True)
    (box / "metadata.json").write_text('{"provider": "docker"}')
    monkeypatch.setattr(hostports, "is_free", lambda *_args: True)
    root = tmp_path / 'my "project" ü'
    root.mkdir()
    made = World(root)
    made.yaml(YAML)
    return made


def vagrants(world: World) -> list[str]:
    return [argv[1] for argv in world.runner.argvs("vagrant")]


def test_the_first_up_makes_everything_and_the_second_nothing(world: World) -> None:
    first = world.up()
    assert (first.changed, first.steps, first.provider) == (["created"], ["one", "serve"], "docker")
    assert [(forward.guest, forward.host) for forward in first.forwards] == [(80, 8080)]
    assert world.docker.ran == ["one", "serve"]
    assert world.project.vagrantfile.read_text() == projectfiles.vagrantfile_text()
    lock = locks.read(world.project.lock)
    assert lock is not None
    assert (lock.machines["default"].box.version, list(lock.machines["default"].box.checksums)) == ("1.0.0", ["docker"])
    before = world.project.lock.stat()
    world.runner.calls.clear()
    second = world.up()
    assert (second.changed, second.steps, second.notes) == ([], ["serve"], [])
    assert vagrants(world) == []
    assert world.project.lock.stat() == before


def test_the_order_of_phases_is_told(world: World) -> None:
    world.up()
    told = [phase.removeprefix("default: ") for phase in world.watcher.phases]
    assert told[:2] == ["choose a provider", "box"]
    assert told[2:] == ["create on docker", "connect", "step one", "step serve"]
    assert world.watcher.notes == ["wrote Vagrantfile (it reads devenv.lock; commit both)"]


def test_vagrant_never_provisions_for_devenv(world: World) -> None:
    world.up()
    (argv,) = world.runner.argvs("vagrant", "up")
    assert "--no-provision" in argv
    assert "--provider=docker" in argv


def test_a_failed_step_leaves_the_box_and_runs_again(world: World) -> None:
    world.docker.step["one"] = (3, "line 1\nno such thing\n")
    with pytest.raises(ToolFailed, match="the step 'one' of default failed with exit code 3") as caught:
        world.up()
    assert "no such thing" in caught.value.tail
    assert "no such thing" in Path(caught.value.log or "").read_text()
    assert world.watcher.failed == ["default: step one"]
    assert any(world.docker.containers.values())
    world.docker.step.clear()
    assert world.up().steps == ["one", "serve"]
    assert world.up().steps == ["serve"]


def test_only_a_changed_step_runs_again(world: World) -> None:
    world.up()
    world.yaml(YAML.replace("echo one", "echo two"))
    assert world.up().steps == ["one", "serve"]
    assert world.up(provision=False).steps == []


def test_all_steps_run_when_told(world: World) -> None:
    world.up()
    with world.session("provision") as job:
        job.lock = projectfiles.refresh_lock(world.project)
        assert lifecycle.run_steps(job, "default", force=True) == ["one", "serve"]


def test_what_a_running_machine_does_not_take_over_is_said(world: World) -> None:
    world.up()
    world.yaml(YAML + "memory: 2048\n")
    result = world.up()
    assert result.changed == []
    (note,) = result.notes
    assert note.startswith("memory changed in devenv.yaml; default takes it over with: devenv destroy")


def test_a_failed_start_shows_what_vagrant_said_and_keeps_no_port(world: World) -> None:
    world.docker.up_fails = Completed(["vagrant", "up", "default"], 1, "Bind failed: port is already allocated\n", "")
    with pytest.raises(ToolFailed, match="a port the box needs is taken by another program"):
        world.up()
    assert hostports.choose([locks.LockedPort(80, 8080)], "other") == {}


def test_a_taken_port_moves_and_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostports, "is_free", lambda port, *_args: port != 8080)
    world.up()
    assert "port 8080 is taken: default's 80 is on 8081 instead" in world.watcher.notes
    assert world.project.local()["machines"]["default"]["ports"] == {"80/tcp": 8081}


def test_a_machine_on_another_provider_is_not_moved(world: World) -> None:
    world.up()
    with pytest.raises(BoxError, match="default is there already, on docker") as caught:
        world.up(provider="libvirt")
    assert "devenv destroy default" in (caught.value.hint or "")


def test_one_that_was_removed_behind_our_back_is_made_anew(world: World) -> None:
    world.up()
    world.docker.containers.clear()
    again = world.up()
    assert (again.changed, again.steps) == (["created"], ["one", "serve"])


def test_halt_up_and_destroy(world: World) -> None:
    world.up()
    with world.session("halt") as job:
        assert lifecycle.halt(job, "default")
        assert not lifecycle.halt(job, "default")
    assert world.up().changed == ["started"]
    state = world.project.machine_state("default")
    assert (state / "ssh.json").exists()
    with world.session("destroy") as job:
        assert lifecycle.destroy(job, "default")
        assert not lifecycle.destroy(job, "default")
    assert not [name for name in ("ssh.json", "known_hosts", "applied.json") if (state / name).exists()]
    assert world.docker.containers == {}
    assert world.project.config.exists()
    assert world.project.lock.exists()


def test_a_container_cannot_be_suspended(world: World) -> None:
    world.up()
    with world.session("suspend") as job, pytest.raises(BoxError, match="docker cannot suspend a machine"):
        lifecycle.suspend(job, "default")


@pytest.mark.parametrize("action", [lifecycle.resume, lifecycle.reload])
def test_what_is_not_created_cannot_go_on(world: World, action) -> None:  # type: ignore[no-untyped-def]
    with world.session("x") as job, pytest.raises(BoxError, match="default is not created"):
        action(job, "default")


def test_frozen_writes_no_lock(world: World) -> None:
    with pytest.raises(ConflictError, match="--frozen forbids to write it"):
        world.up(frozen=True)
    assert not world.project.lock.exists()
    world.up()
    world.yaml(YAML + "memory: 2048\n")
    before = world.project.lock.read_bytes()
    with pytest.raises(ConflictError):
        world.up(frozen=True)
    assert world.project.lock.read_bytes() == before


def test_a_box_that_is_not_the_locked_one_is_refused(world: World) -> None:
    world.up()
    with world.session("destroy") as job:
        lifecycle.destroy(job, "default")
    (vagrant_home() / "boxes/acme-VAGRANTSLASH-base/1.0.0/docker/extra").write_text("tampered")
    with pytest.raises(BoxError, match="is not the one in devenv"):
        world.up()
    assert world.docker.containers == {}


def test_a_vagrantfile_of_somebody_else_is_refused(world: World) -> None:
    world.project.vagrantfile.write_text("Vagrant.configure('2') { }")
    with pytest.raises(ConfigError, match="Vagrantfile:1:1: was not written by devenv"):
        world.up()
    assert vagrants(world) == []


def test_nothing_is_written_beside_a_wrong_devenv_yaml(world: World) -> None:
    world.yaml("prots: [80]\n")
    with pytest.raises(ConfigError, match="did you mean ports"):
        world.up()
    assert not world.project.vagrantfile.exists()
    assert not world.project.lock.exists()


def test_a_script_that_changed_is_seen(world: World) -> None:
    script = world.project.root / "setup.sh"
    script.write_text("echo 1\n")
    world.yaml("name: hello\nbox: acme/base\nprovision: [{name: set up, path: setup.sh}]\n")
    assert world.up().steps == ["set up"]
    assert world.up().steps == []
    script.write_text("echo 2\n")
    assert world.up().steps == ["set up"]


def test_the_machine_is_remembered_with_what_it_was_made_of(world: World) -> None:
    world.up()
    kept = json.loads((world.project.machine_state("default") / "applied.json").read_text())
    assert kept["id"] == world.docker.id_of()
    assert {"box", "memory", "cpus", "ports"} <= set(kept["parts"])


def test_old_logs_go(world: World) -> None:
    folder = world.project.state / "logs"
    folder.mkdir(parents=True)
    for number in range(30):
        (folder / f"20200101T0000{number:02}-1-up.log").touch()
    with world.session("halt"):
        pass
    left = sorted(file.name for file in folder.iterdir())
    assert len(left) == sessions.KEPT_LOGS
    assert left[-1].endswith("-halt.log")
    assert left[0] == "20200101T000011-1-up.log"


def test_a_hand_written_project_needs_no_lock(world: World) -> None:
    world.project.config.unlink()
    world.project.vagrantfile.write_text("Vagrant.configure('2') { }")
    world.runner.on("vagrant", "status", out="1,default,provider-name,docker\n1,default,state,not_created\n")
    result = world.up()
    assert (result.changed, result.steps) == (["created"], [])
    assert not world.project.lock.exists()
    assert world.project.vagrantfile.read_text() == "Vagrant.configure('2') { }"
