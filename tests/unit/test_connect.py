"""The connection to a machine by name: what is remembered, what the provider corrects, what Vagrant is asked."""

import json
from pathlib import Path

import pytest

from devenv.box import ssh
from devenv.box.connect import connect
from devenv.box.project import Machine, Project
from devenv.box.ssh import SshInfo
from devenv.errors import BoxError
from fakes import FakeRunner

MACHINE = Machine("default", "docker", "abc", None)
INFO = SshInfo("abc", "127.0.0.1", 2222, "vagrant", ("/key",))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / ".vagrant/machines/default/docker"
    folder.mkdir(parents=True)
    (folder / "id").write_text("abc")
    return Project(tmp_path)


def docker(port: str = "2222", *, running: bool = True) -> FakeRunner:
    ports = json.dumps({"22/tcp": [{"HostIp": "127.0.0.1", "HostPort": port}]} if running else {})
    state = "true" if running else "false"
    return (
        FakeRunner().on("docker", "inspect", out=f"{state} {ports}\n").on("docker", "exec", out="ssh-ed25519 AAAA x\n")
    )


def test_a_machine_that_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(BoxError, match="default is not created") as caught:
        connect(Project(tmp_path), FakeRunner(), "default")
    assert caught.value.hint == "create it with: devenv up"


def test_one_that_does_not_run(project: Project) -> None:
    ssh.save(project, MACHINE, INFO)
    with pytest.raises(BoxError, match=r"default is not running \(stopped\)"):
        connect(project, docker(running=False), "default")


def test_the_provider_knows_the_present_port(project: Project) -> None:
    ssh.save(project, MACHINE, INFO)
    connection = connect(project, docker("2200"), "default")
    assert connection.info == INFO._replace(port=2200)
    assert ssh.load(project, MACHINE) == INFO._replace(port=2200)
    assert connection.known_hosts.read_text() == "devenv-abc ssh-ed25519 AAAA\n"
    assert "Port 2200" in connection.config.read_text()


def test_an_open_connection_asks_nobody(project: Project) -> None:
    ssh.save(project, MACHINE, INFO)
    first = connect(project, docker(), "default")
    (first.folder / "s").touch()
    nobody = FakeRunner()
    assert connect(project, nobody, "default").info == INFO
    assert nobody.calls == []


def test_a_pinned_key_is_not_learnt_anew(project: Project) -> None:
    ssh.save(project, MACHINE, INFO)
    connect(project, docker(), "default")
    runner = docker()
    connect(project, runner, "default")
    assert runner.argvs("docker", "exec") == []


def test_another_container_is_another_machine(project: Project) -> None:
    ssh.save(project, MACHINE, INFO)
    connect(project, docker(), "default")
    (project.dot / "machines/default/docker/id").write_text("def")
    runner = docker().on(
        "vagrant", "ssh-config", out="Host default\n  HostName 127.0.0.1\n  User u\n  Port 2201\n  IdentityFile /k\n"
    )
    connection = connect(project, runner, "default")
    assert (connection.alias, connection.info.user) == ("devenv-def", "u")
    assert "devenv-def ssh-ed25519 AAAA\n" in connection.known_hosts.read_text()


def test_a_hand_written_vagrantfile_is_asked_once(project: Project) -> None:
    text = "Host default\n  HostName 127.0.0.1\n  User vagrant\n  Port 2222\n  IdentityFile /key\n"
    runner = docker().on("vagrant", "ssh-config", out=text)
    assert connect(project, runner, "default").info == INFO
    assert connect(project, runner, "default").info == INFO
    assert len(runner.argvs("vagrant")) == 1


def test_the_address_of_a_virtual_machine_can_change(tmp_path: Path) -> None:
    folder = tmp_path / ".vagrant/machines/default/libvirt"
    folder.mkdir(parents=True)
    (folder / "id").write_text("uuid")
    project = Project(tmp_path)
    machine = Machine("default", "libvirt", "uuid", None)
    info = SshInfo("uuid", "192.168.121.5", 22, "vagrant", ("/key",))
    ssh.save(project, machine, info)

    def accept(_call: object) -> None:
        known = project.machine_state("default") / "known_hosts"
        known.write_text("devenv-uuid ssh-ed25519 AAAA\n")

    runner = FakeRunner().on("virsh", out="running\n\n vnet0 52:54:00:aa:bb:cc ipv4 192.168.121.77/24\n")
    runner.on("ssh", does=accept)
    assert connect(project, runner, "default").info == info._replace(host="192.168.121.77")
    ssh.save(project, machine, info._replace(proxy_command="ssh jump"))
    assert connect(project, runner, "default").info.host == "192.168.121.5"
