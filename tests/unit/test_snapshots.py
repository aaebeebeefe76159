"""Snapshots: whose tools take them, and what has to stop and start around them."""

from pathlib import Path

import pytest

from devenv.box import boot, providers, snapshots
from devenv.box import session as sessions
from devenv.box.project import Project
from devenv.box.providers.base import Observed, Provider
from devenv.errors import BoxError, UsageError
from fakes import FakeRunner, Watcher


@pytest.mark.parametrize("name", ["a", "v1.0", "before_upgrade-2", "0", "x" * 63])
def test_names_every_provider_can_keep(name: str) -> None:
    snapshots.check_name(name)


@pytest.mark.parametrize("name", ["", "-x", ".x", "a b", "a/b", "../x", "x" * 64, "ü", "a\n", "$(id)", "a;b"])
def test_any_other_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is not a name for a snapshot") as caught:
        snapshots.check_name(name)
    assert "at most 63" in (caught.value.hint or "")


class Own(Provider):
    """A provider that takes its own snapshots of a stopped machine, and remembers what was asked."""

    name = "own"
    answers = True
    own_snapshots = True
    snapshots_stopped = True

    def __init__(self) -> None:
        self.state = "running"
        self.asked: list[str] = []
        self.kept = ["old"]

    def observe(self, runner: object, machine_id: str) -> Observed:
        return Observed(self.state)

    def snapshot_save(self, runner: object, machine_id: str, name: str) -> None:
        self.asked.append(f"save {name} while {self.state}")

    def snapshot_restore(self, runner: object, machine_id: str, name: str) -> str:
        self.asked.append(f"restore {name} while {self.state}")
        return machine_id

    def snapshot_list(self, runner: object, machine_id: str) -> list[str]:
        return self.kept

    def snapshot_delete(self, runner: object, machine_id: str, name: str) -> None:
        self.asked.append(f"delete {name}")


class World:
    def __init__(self, root: Path, provider: Provider, runner: FakeRunner) -> None:
        folder = root / ".vagrant/machines/default" / provider.name
        folder.mkdir(parents=True)
        (folder / "id").write_text("abc")
        (root / "Vagrantfile").touch()
        self.project = Project(root)
        self.runner = runner
        self.watcher = Watcher()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runner: FakeRunner) -> tuple[World, Own]:
    provider = Own()
    monkeypatch.setattr(providers, "get", lambda _name: provider)
    monkeypatch.setattr(boot, "wait_for_ssh", lambda *_args, **_kwargs: None)

    def turn(state: str):  # type: ignore[no-untyped-def]
        def does(_call: object) -> None:
            provider.state = state

        return does

    runner.on("vagrant", "halt", does=turn("stopped")).on("vagrant", "up", does=turn("running"))
    return World(tmp_path, provider, runner), provider


def session(world: World):  # type: ignore[no-untyped-def]
    return sessions.session(world.project, world.runner, world.watcher, "snapshot")


def test_a_machine_that_has_to_stop_for_it_is_started_again(own: tuple[World, Own]) -> None:
    world, provider = own
    with session(world) as job:
        snapshots.save(job, "default", "new")
    assert provider.asked == ["save new while stopped"]
    assert provider.state == "running"
    assert [argv[1] for argv in world.runner.argvs("vagrant")] == ["halt", "up"]


def test_one_that_was_stopped_stays_so(own: tuple[World, Own]) -> None:
    world, provider = own
    provider.state = "stopped"
    with session(world) as job:
        snapshots.save(job, "default", "new")
    assert provider.state == "stopped"
    assert world.runner.argvs("vagrant") == []


def test_a_save_that_fails_does_not_leave_the_machine_stopped(
    own: tuple[World, Own], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, provider = own

    def fails(*_args: object) -> None:
        raise BoxError("no room")

    monkeypatch.setattr(provider, "snapshot_save", fails)
    with session(world) as job, pytest.raises(BoxError, match="no room"):
        snapshots.save(job, "default", "new")
    assert provider.state == "running"


def test_a_restored_machine_runs(own: tuple[World, Own]) -> None:
    world, provider = own
    with session(world) as job:
        snapshots.restore(job, "default", "old")
    assert provider.asked == ["restore old while stopped"]
    assert provider.state == "running"


def test_what_is_not_there_is_said_before_anything_stops(own: tuple[World, Own]) -> None:
    world, provider = own
    with session(world) as job:
        for action in (snapshots.restore, snapshots.delete):
            with pytest.raises(BoxError, match="there is no snapshot 'nothing'"):
                action(job, "default", "nothing")
    assert (provider.asked, provider.state) == ([], "running")
    assert world.runner.argvs("vagrant") == []


def test_delete_and_list(own: tuple[World, Own]) -> None:
    world, provider = own
    with session(world) as job:
        assert snapshots.names(job, "default") == ["old"]
        snapshots.delete(job, "default", "old")
    assert provider.asked == ["delete old"]


def test_where_vagrant_has_them_vagrant_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runner: FakeRunner
) -> None:
    monkeypatch.setattr(boot, "wait_for_ssh", lambda *_args, **_kwargs: None)
    runner.on("virsh", out="running\n\n vnet0 52:54:00:aa:bb:cc ipv4 192.168.121.5/24\n")
    runner.on("vagrant", "snapshot", "list", out="1,default,ui,detail,old\n")
    for word in ("save", "restore", "delete"):
        runner.on("vagrant", "snapshot", word)
    world = World(tmp_path, providers.get("libvirt"), runner)
    with session(world) as job:
        snapshots.save(job, "default", "new")
        snapshots.restore(job, "default", "old")
        snapshots.delete(job, "default", "old")
    asked = [argv[2:] for argv in runner.argvs("vagrant", "snapshot") if argv[2] != "list"]
    assert asked == [
        ["save", "default", "new", "--force"],
        ["restore", "default", "old", "--no-provision"],
        ["delete", "default", "old"],
    ]


def test_a_machine_that_is_not_there_has_none(own: tuple[World, Own]) -> None:
    world, provider = own
    provider.state = "not_created"
    with session(world) as job, pytest.raises(BoxError, match="default is not created"):
        snapshots.names(job, "default")
