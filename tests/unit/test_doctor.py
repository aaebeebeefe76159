"""What doctor concludes, and the command it gives for each failing check."""

import socket
from pathlib import Path

import pytest

from devenv.box import choose, doctor, kvm, providers, spec
from devenv.box import lock as locks
from devenv.box.doctor import Check
from devenv.box.project import Project
from devenv.box.providers.base import Usable
from devenv.errors import BoxError
from fakes import FakeRunner


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, Usable]:
    """What each provider says of itself; nothing is installed but what a test adds."""
    said: dict[str, Usable] = {}

    class One(providers.Provider):
        def usable(self, runner: object) -> Usable:
            return said.get(self.name, Usable(False, f"{self.name} is not installed", f"get {self.name}"))

    def get(name: str) -> providers.Provider:
        one = One()
        one.name = name
        return one

    monkeypatch.setattr(providers, "get", get)
    monkeypatch.setattr(choose, "kvm_works", lambda: False)
    monkeypatch.setattr(kvm, "probe", lambda: kvm.KvmState(kvm.BROKEN, "it stands still"))
    return said


def vagrant(text: str = "Vagrant 2.3.4\n", code: int = 0) -> FakeRunner:
    return FakeRunner("ssh", "rsync").on("vagrant", "--version", out=text, code=code)


def examine(runner: FakeRunner, project: Project | None = None) -> dict[str, Check]:
    found = doctor.examine(runner, project)
    assert len({check.name for check in found}) == len(found)
    return {check.name: check for check in found}


def test_every_failing_check_says_what_mends_it() -> None:
    for check in doctor.examine(FakeRunner(), None):
        assert check.state in ("ok", "warning", "failing", "absent")
        assert check.detail
        if check.state == "failing":
            assert check.fix, check


@pytest.mark.parametrize(
    ("runner", "state", "detail", "fix"),
    [
        (FakeRunner(), "failing", "not installed", "sudo apt-get install vagrant"),
        (vagrant("", 1), "failing", "does not run", "vagrant --version shows why"),
        (vagrant("Vagrant 2.2.3\n"), "failing", "2.2.3 is too old", "sudo apt-get install vagrant"),
        (vagrant("Vagrant 2.2.19\n"), "ok", "2.2.19", ""),
        (vagrant(), "ok", "2.3.4", ""),
        (vagrant("noise\nVagrant 10.0.1.dev\n"), "ok", "10.0.1", ""),
    ],
)
def test_vagrant(runner: FakeRunner, state: str, detail: str, fix: str) -> None:
    check = examine(runner)["vagrant"]
    assert check.state == state
    assert detail in check.detail
    assert fix in (check.fix or "")


def test_one_working_provider_is_enough(machine: dict[str, Usable]) -> None:
    assert not doctor.can_boot(doctor.examine(vagrant(), None))
    machine["docker"] = Usable(True, "Docker 20")
    assert doctor.can_boot(doctor.examine(vagrant(), None))
    assert not doctor.can_boot(doctor.examine(FakeRunner("ssh", "rsync"), None))
    without_ssh = vagrant()
    without_ssh.programs.discard("ssh")
    assert not doctor.can_boot(doctor.examine(without_ssh, None))


def test_a_provider_nobody_installed_is_absent_and_a_broken_one_fails(machine: dict[str, Usable]) -> None:
    machine["docker"] = Usable(False, "the Docker daemon does not answer", "start it")
    found = examine(vagrant())
    assert (found["docker"].state, found["docker"].fix) == ("failing", "start it")
    assert found["lxc"].state == "absent"


def test_libvirt_without_kvm_is_said_to_be_slow(machine: dict[str, Usable]) -> None:
    machine["libvirt"] = Usable(True, "QEMU 7")
    found = examine(vagrant())
    assert found["libvirt"].detail == "QEMU 7 (software emulation)"
    assert found["kvm"].state == "warning"
    assert found["kvm"].detail.startswith("it stands still; ")


@pytest.mark.parametrize(
    ("state", "kind", "fix"),
    [
        (kvm.USABLE, "ok", None),
        (kvm.MISSING, "absent", None),
        (kvm.NO_PERMISSION, "warning", "sudo usermod -aG kvm $USER, then log in again"),
    ],
)
def test_kvm(monkeypatch: pytest.MonkeyPatch, state: str, kind: str, fix: str | None) -> None:
    monkeypatch.setattr(kvm, "probe", lambda: kvm.KvmState(state, "said"))
    check = examine(vagrant())["kvm"]
    assert (check.state, check.fix) == (kind, fix)


def test_a_check_that_raises_is_a_failing_check(machine: dict[str, Usable], monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(_name: str) -> providers.Provider:
        raise BoxError("it hangs", hint="reboot")

    monkeypatch.setattr(providers, "get", raises)
    found = doctor.examine(vagrant(), None)
    assert any((check.state, check.detail, check.fix) == ("failing", "it hangs", "reboot") for check in found)


def test_little_room_is_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "MIN_DISK", 1 << 60)
    monkeypatch.setattr(doctor, "MIN_MEMORY", 1 << 60)
    found = examine(vagrant())
    disks = [check for name, check in found.items() if name.startswith("disk ")]
    assert disks
    assert all((check.state, check.fix) == ("failing", "devenv box prune") for check in disks)
    assert found["memory"].state == "failing"


def test_a_taken_port_of_the_project_is_named_with_who_has_it(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        (tmp_path / "devenv.yaml").write_text(f"name: x\nports: [{port}]\n")
        read = spec.load(tmp_path / "devenv.yaml")
        locks.write(tmp_path / "devenv.lock", locks.resolve(read, project_dir=tmp_path))
        check = examine(vagrant(), Project(tmp_path))[f"port {port}"]
    assert check.state == "warning"
    assert "taken by " in check.detail
    assert "default would get another" in check.detail
    check = examine(vagrant(), Project(tmp_path))[f"port {port}"]
    assert (check.state, check.detail) == ("ok", "free for default")
