"""The pinned connection: what is written for ssh, what is remembered, and what its failures mean."""

import json
from pathlib import Path

import pytest

from devenv.box import providers, ssh
from devenv.box.project import Machine, Project
from devenv.box.ssh import Connection, SshInfo
from devenv.errors import BoxError
from fakes import Call, FakeRunner

INFO = SshInfo("abc123", "127.0.0.1", 2222, "vagrant", ("/home/me/my keys/key",))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def machine() -> Machine:
    return Machine("default", "docker", "abc123", None)


@pytest.fixture
def connection(project: Project, machine: Machine) -> Connection:
    return Connection(project, machine, INFO)


def options(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        key, _, value = line.strip().partition(" ")
        assert key not in found
        found[key] = value
    return found


def test_the_configuration_pins_the_host_key_and_shares_the_connection(connection: Connection) -> None:
    said = options(ssh.ssh_config(connection))
    assert said["Host"] == said["HostKeyAlias"] == "devenv-abc123"
    assert (said["HostName"], said["Port"], said["User"]) == ("127.0.0.1", "2222", "vagrant")
    assert said["StrictHostKeyChecking"] == "yes"
    assert said["GlobalKnownHostsFile"] == "none"
    assert (said["PasswordAuthentication"], said["IdentitiesOnly"]) == ("no", "yes")
    assert (said["ControlMaster"], said["ControlPersist"]) == ("auto", "yes")
    assert said["ControlPath"] == f'"{connection.folder}/s"'
    assert "ProxyCommand" not in said
    assert "ForwardAgent" not in said


def test_proxy_and_agent_are_taken_over_from_vagrant(project: Project, machine: Machine) -> None:
    info = INFO._replace(proxy_command="ssh -W %h:%p jump", forward_agent=True, keys=("/a", "/b"))
    text = ssh.ssh_config(Connection(project, machine, info))
    assert "  ProxyCommand ssh -W %h:%p jump\n" in text
    assert "  ForwardAgent yes\n" in text
    assert text.count("IdentityFile") == 2


def test_without_connection_sharing_the_rest_still_works(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "SHARES", False)
    assert "Control" not in ssh.ssh_config(connection)
    (connection.folder / "s").touch()
    assert not connection.has_socket()


def test_preparing_writes_only_when_something_changed(connection: Connection, project: Project) -> None:
    connection.prepare()
    assert connection.config.read_text() == ssh.ssh_config(connection)
    assert (connection.folder / "key0").readlink() == Path("/home/me/my keys/key")
    assert (connection.folder / "known_hosts").readlink() == connection.known_hosts
    before = connection.config.stat()
    connection.prepare()
    assert connection.config.stat() == before
    connection.config.write_bytes(b"\xff")
    connection.prepare()
    assert connection.config.read_text() == ssh.ssh_config(connection)
    moved = Connection(project, connection.machine, INFO._replace(port=2200))
    moved.prepare()
    assert "Port 2200" in moved.config.read_text()


def test_the_key_is_learnt_from_the_provider_and_pinned_under_the_machines_id(connection: Connection) -> None:
    runner = FakeRunner().on("docker", "exec", out="ssh-ed25519 AAAA root@box\nssh-rsa BBBB root@box\n")
    assert not connection.is_pinned()
    connection.pin(runner, providers.get("docker"))
    assert connection.known_hosts.read_text() == "devenv-abc123 ssh-ed25519 AAAA\ndevenv-abc123 ssh-rsa BBBB\n"
    assert connection.is_pinned()


def test_a_key_of_another_machine_is_not_ours(connection: Connection) -> None:
    connection.known_hosts.parent.mkdir(parents=True)
    connection.known_hosts.write_text("devenv-abc1234 ssh-ed25519 AAAA\n")
    assert not connection.is_pinned()


def test_where_the_provider_cannot_tell_the_first_connection_pins_what_it_met(connection: Connection) -> None:
    connection.known_hosts.parent.mkdir(parents=True)
    connection.known_hosts.write_text("devenv-abc123 ssh-ed25519 OLD\n")

    def first_met(call: Call) -> None:
        assert "StrictHostKeyChecking=accept-new" in call.argv
        assert not connection.known_hosts.exists()
        connection.known_hosts.write_text("devenv-abc123 ssh-ed25519 AAAA\n")

    connection.pin(FakeRunner().on("docker", "exec", code=1).on("ssh", does=first_met), providers.get("docker"))
    assert connection.is_pinned()


def test_a_machine_that_does_not_answer_is_not_pinned(connection: Connection) -> None:
    refused = FakeRunner().on("docker", "exec", code=1).on("ssh", code=255, err="Connection refused")
    with pytest.raises(BoxError, match=r"default cannot be reached on 127\.0\.0\.1 port 2222: Connection refused"):
        connection.pin(refused, providers.get("docker"))
    assert not connection.is_pinned()


def test_a_command_reaches_the_guest_as_words(connection: Connection) -> None:
    runner = FakeRunner().on("ssh", out="ok", code=3)
    done = connection.execute(runner, ["echo", "a b", "$x", "it's"], stdin="in")
    assert done.code == 3
    argv = runner.calls[0].argv
    assert argv[:4] == ["ssh", "-F", str(connection.config), "-T"]
    assert argv[4:] == ["devenv-abc123", "echo 'a b' '$x' 'it'\"'\"'s'"]
    assert runner.calls[0].stdin == "in"


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        (
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key…",
            "not the machine default",
            "trust-host-key",
        ),
        ("No host key is known.\nHost key verification failed.", "not the machine default", "trust-host-key"),
        ("vagrant@127.0.0.1: Permission denied (publickey).", "refuses the key", "devenv reload"),
        ("ssh: connect to host 127.0.0.1 port 2222: Connection refused\n\n", "Connection refused", "devenv up"),
        ("", "no answer", "devenv status"),
    ],
)
def test_what_ssh_says_becomes_one_line(connection: Connection, said: str, message: str, hint: str) -> None:
    runner = FakeRunner().on("ssh", err=said, code=255)
    with pytest.raises(BoxError) as caught:
        connection.execute(runner, ["true"])
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert hint in (caught.value.hint or "")


def test_closing_ends_the_kept_connection_only_when_there_is_one(connection: Connection) -> None:
    runner = FakeRunner()
    connection.close(runner)
    assert runner.calls == []
    (connection.folder / "s").touch()
    runner.on("ssh", code=255, err="Control socket connect: Connection refused")
    connection.close(runner)
    assert runner.calls[0].argv[3:] == ["-O", "exit", "devenv-abc123"]
    assert not connection.has_socket()


def test_a_forward_goes_over_the_kept_connection(connection: Connection) -> None:
    runner = FakeRunner().on("ssh")
    connection.forward(runner, "127.0.0.1", 8080, 80)
    assert runner.calls[-1].argv[3:] == ["-O", "forward", "-L", "127.0.0.1:8080:127.0.0.1:80", "devenv-abc123"]


@pytest.mark.parametrize(
    ("path", "quoted"),
    [("/a b", '"/a b"'), ("/100%", '"/100%%"'), ('/"q"', r'"/\"q\""'), ("/back\\slash", r'"/back\\slash"')],
)
def test_paths_are_quoted_for_ssh(path: str, quoted: str) -> None:
    assert ssh.quote(path) == quoted


def test_what_is_remembered_comes_back(project: Project, machine: Machine) -> None:
    for info in (INFO, INFO._replace(keys=(), proxy_command="p", forward_agent=True, host="::1")):
        ssh.save(project, machine, info)
        assert ssh.load(project, machine) == info


def test_vagrants_own_form_is_read(project: Project, machine: Machine) -> None:
    data = {"host": "127.0.0.1", "port": "2222", "private_key_path": "/home/me/my keys/key", "id": "abc123"}
    (project.machine_state("default")).mkdir(parents=True)
    (project.machine_state("default") / "ssh.json").write_text(json.dumps(data))
    assert ssh.load(project, machine) == INFO


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"id": "abc123"}', '{"id": "other", "host": "h", "port": 1}',
             '{"id": "abc123", "host": "h", "port": "x"}']
)  # fmt: skip
def test_what_cannot_be_read_or_is_another_machines_counts_as_nothing(
    project: Project, machine: Machine, text: str
) -> None:
    (project.machine_state("default")).mkdir(parents=True)
    (project.machine_state("default") / "ssh.json").write_text(text)
    assert ssh.load(project, machine) is None


SYNC = [(Path("/p"), "/vagrant"), (Path("/p/data"), "/srv/"), (Path("/home/me"), "/me")]


@pytest.mark.parametrize(
    ("current", "guest"),
    [
        ("/p", "/vagrant"),
        ("/p/src/a b", "/vagrant/src/a b"),
        ("/p/data", "/srv/"),
        ("/p/data/x", "/srv/x"),
        ("/p/database", "/vagrant/database"),
        ("/home/me/ü", "/me/ü"),
        ("/elsewhere", None),
        ("/", None),
    ],
)
def test_the_guests_folder_is_that_of_the_nearest_synced_one(current: str, guest: str | None) -> None:
    assert ssh.guest_folder(SYNC, Path(current)) == guest
    assert ssh.guest_folder(SYNC[::-1], Path(current)) == guest
