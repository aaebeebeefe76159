"""Vagrant's words and output: what is asked, what its answers and failures mean."""

import io
from pathlib import Path

import pytest

from devenv.box.vagrant import KNOWN_FAILURES, VagrantAdapter, environment, failure, machine_readable
from devenv.errors import ToolFailed, ToolMissing
from devenv.process import Completed
from fakes import FakeRunner

STATUS = """\
1700000000,default,metadata,provider,docker
1700000000,default,provider-name,docker
1700000000,default,state,running
1700000000,default,state-human-short,running
1700000000,default,state-human-long,The container is created and running.
1700000000,db,provider-name,libvirt
1700000000,db,state,not_created
1700000000,,ui,info,Current machine states:\\n\\ndefault  running (docker)
"""


def said(text: str, code: int = 1, stderr: str = "") -> Completed:
    return Completed(["vagrant", "up", "default"], code, text, stderr)


def test_lines_of_the_machine_readable_form_are_taken_apart() -> None:
    text = "1,web,state,running\nnoise\n\nx,web,state,y\n2,,ui,info,a%!(VAGRANT_COMMA) b\\nc\\r\n"
    assert machine_readable(text) == [["1", "web", "state", "running"], ["2", "", "ui", "info", "a, b\nc\r"]]


def test_status_gives_provider_and_state_by_machine(tmp_path: Path) -> None:
    runner = FakeRunner().on("vagrant", "status", "--machine-readable", out=STATUS)
    assert VagrantAdapter(tmp_path, runner).status() == {
        "default": ("docker", "running"),
        "db": ("libvirt", "not_created"),
    }
    assert runner.calls[0].cwd == tmp_path


@pytest.mark.parametrize(
    ("call", "argv"),
    [
        (lambda v: v.up("web", "docker"), ["vagrant", "up", "web", "--no-provision", "--provider=docker"]),
        (lambda v: v.halt("web"), ["vagrant", "halt", "web"]),
        (lambda v: v.halt("web", force=True), ["vagrant", "halt", "web", "--force"]),
        (lambda v: v.reload("web"), ["vagrant", "reload", "web", "--no-provision"]),
        (lambda v: v.suspend("web"), ["vagrant", "suspend", "web"]),
        (lambda v: v.resume("web"), ["vagrant", "resume", "web"]),
        (lambda v: v.destroy("web"), ["vagrant", "destroy", "web", "--force"]),
        (
            lambda v: v.box_add("a/b", version="1.2", provider="docker", url=None),
            ["vagrant", "box", "add", "a/b", "--provider", "docker", "--box-version", "1.2"],
        ),
        (
            lambda v: v.box_add("a/b", version="1.2", provider="docker", url="https://x/y.box"),
            ["vagrant", "box", "add", "https://x/y.box", "--provider", "docker", "--name", "a/b"],
        ),
    ],
)
def test_the_words_vagrant_gets(tmp_path: Path, call, argv: list[str]) -> None:  # type: ignore[no-untyped-def]
    runner = FakeRunner().on("vagrant", out="==> web: line one\nline two\n")
    log = io.StringIO()
    log.name = "/log"  # type: ignore[misc]
    seen: list[str] = []
    call(VagrantAdapter(tmp_path, runner, log=log, on_line=seen.append))
    assert [sorted(one.argv[2:]) for one in runner.calls] == [sorted(argv[2:])]
    assert runner.calls[0].argv[:2] == argv[:2]
    assert runner.calls[0].cwd == tmp_path
    assert log.getvalue().startswith(f"$ {' '.join(runner.calls[0].argv)}\n==> web: line one\n")
    assert seen == ["==> web: line one", "line two"]


def test_vagrant_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="vagrant is not installed") as caught:
        VagrantAdapter(tmp_path, FakeRunner()).up("web", "docker")
    assert "apt-get install vagrant" in (caught.value.hint or "")


def test_vagrant_does_not_get_a_ruby_projects_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUBYOPT", "GEM_HOME", "GEM_PATH", "BUNDLE_GEMFILE"):
        monkeypatch.delenv(name, raising=False)
    assert environment() == {"VAGRANT_CHECKPOINT_DISABLE": "1", "VAGRANT_NO_COLOR": "1"}
    monkeypatch.setenv("BUNDLE_GEMFILE", "/p/Gemfile")
    assert environment()["BUNDLE_GEMFILE"] == ""


SSH_CONFIG = """\
Host web
  HostName 192.168.121.5
  User vagrant
  Port 22
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  PasswordAuthentication no
  IdentityFile "/home/me/my project/.vagrant/key"
  IdentitiesOnly yes
  LogLevel FATAL
  ForwardAgent yes
"""


def test_how_to_reach_a_machine(tmp_path: Path) -> None:
    runner = FakeRunner().on("vagrant", "ssh-config", out=SSH_CONFIG)
    info = VagrantAdapter(tmp_path, runner).ssh_info("web", "id1")
    assert (info.id, info.host, info.port, info.user, info.forward_agent, info.proxy_command) == (
        "id1",
        "192.168.121.5",
        22,
        "vagrant",
        True,
        None,
    )
    assert info.keys == ("/home/me/my project/.vagrant/key",)


def test_ports_and_snapshots(tmp_path: Path) -> None:
    ports = "1,web,forwarded_port,22,2222\n1,web,forwarded_port,80,8080\n1,web,ui,info,text\n"
    snapshots = "1,web,metadata,provider,libvirt\n1,,ui,output,==> web: \n1,,ui,detail,first\n1,,ui,detail,second-2.0\n"
    runner = (
        FakeRunner().on("vagrant", "port", "web", out=ports).on("vagrant", "snapshot", "list", "web", out=snapshots)
    )
    adapter = VagrantAdapter(tmp_path, runner)
    assert adapter.ports("web") == {22: 2222, 80: 8080}
    assert adapter.snapshots("web") == ["first", "second-2.0"]


REAL = [
    (
        "docker: Error response from daemon: driver failed programming external connectivity on endpoint x: "
        "Bind for 127.0.0.1:8080 failed: port is already allocated.",
        "a port the box needs is taken by another program",
    ),
    (
        "Vagrant cannot forward the specified ports on this VM, since they would collide with some other application "
        "that is already listening on these ports. The forwarded port to 8080 is already in use\non the host machine.",
        "a port the box needs is taken by another program",
    ),
    (
        "An action 'up' was attempted on the machine 'default',\nbut another process is already executing an action "
        "on the machine.\nVagrant locks each machine for access by only one process at a time.",
        "another vagrant is working on this machine",
    ),
    ("tar: ./usr: Cannot write: No space left on device", "the disk is full"),
    (
        "Stderr: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "the Docker daemon does not answer",
    ),
    (
        "Error while connecting to Libvirt: Error making a connection to libvirt URI qemu:///system:\n"
        "Call to virConnectOpen failed: Failed to connect socket to '/var/run/libvirt/libvirt-sock'",
        "libvirtd does not answer",
    ),
    (
        "There was an error talking to Libvirt. The error message is shown\nbelow:\n\nCall to "
        "virDomainCreateWithFlags failed: internal error: qemu unexpectedly closed the monitor",
        "libvirt cannot start the machine: internal error: qemu unexpectedly closed the monitor",
    ),
    (
        "Name `p_default` of domain about to create is already taken. Please try to run\n`vagrant up` command again.",
        "a libvirt machine of that name is there already: p_default",
    ),
    (
        "The provider 'virtualbx' could not be found, but was requested to\nback the machine 'default'.",
        "Vagrant has no such provider: virtualbx",
    ),
    (
        "Timed out while waiting for the machine to boot. This means that\nVagrant was unable to communicate",
        "the machine did not answer over ssh in time",
    ),
    (
        "The box 'nobody/nothing' could not be found or\ncould not be accessed in the remote catalog.",
        "the box cannot be found or downloaded: nobody/nothing",
    ),
]


@pytest.mark.parametrize(("text", "message"), REAL)
def test_failures_people_meet_are_one_clear_line(text: str, message: str) -> None:
    for done in (said(text), said("", stderr=text)):
        error = failure(done, "/log")
        assert error.message == message
        assert error.hint
        assert (error.tail, error.log, error.exit_code) == ("", "/log", 1)


def test_every_known_failure_is_one_that_was_seen() -> None:
    meanings = {meaning for _, meaning, _ in KNOWN_FAILURES}
    assert meanings == {meaning for meaning in meanings if any(message.startswith(meaning) for _, message in REAL)}


TRACE = """\
==> default: Booting...
/usr/share/ruby-vagrant/lib/vagrant.rb:1:in `require': cannot load such file (LoadError)
\tfrom /usr/share/ruby-vagrant/lib/vagrant.rb:1:in `<main>'
\t 3: from /usr/bin/vagrant:25:in `<main>'
/usr/lib/ruby/vendor_ruby/fog/libvirt/x.rb:12: warning: already initialized
Something nobody knows went wrong.
It has two lines.
"""


def test_any_other_failure_shows_its_last_lines_without_back_traces() -> None:
    error = failure(said(TRACE, 3), "/log")
    assert error.message == "vagrant up default failed with exit code 3"
    assert error.tail.splitlines() == [
        "cannot load such file (LoadError)",
        "Something nobody knows went wrong.",
        "It has two lines.",
    ]


def test_a_failure_that_is_all_progress_shows_that() -> None:
    assert failure(said("==> default: Booting\n"), None).tail == "==> default: Booting"


def test_a_failed_question_is_an_error_too(tmp_path: Path) -> None:
    runner = FakeRunner().on("vagrant", code=1, err="The Vagrantfile is wrong.\n")
    with pytest.raises(ToolFailed) as caught:
        VagrantAdapter(tmp_path, runner).status()
    assert caught.value.tail == "The Vagrantfile is wrong."
