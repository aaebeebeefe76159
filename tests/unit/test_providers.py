"""What each provider's own tool says, in its own words, and what devenv makes of it."""

import json
import sys

import pytest

from devenv.box import providers
from devenv.box.providers.base import Forward, Observed, Provider, Usable
from devenv.errors import BoxError
from devenv.paths import vagrant_home
from fakes import FakeRunner


def plugin(name: str) -> None:
    vagrant_home().mkdir(parents=True, exist_ok=True)
    (vagrant_home() / "plugins.json").write_text(json.dumps({"installed": {name: {"gem_version": "1.2"}}}))


def test_every_known_provider_is_there_under_its_own_name() -> None:
    for name in providers.KNOWN:
        assert providers.get(name).name == name
    for name in providers.AUTOMATIC:
        assert name.removesuffix("-emulated") in providers.KNOWN


def test_a_provider_devenv_does_not_know_leaves_it_to_vagrant() -> None:
    other = providers.get("aws")
    assert (other.name, other.answers, other.own_snapshots) == ("aws", False, False)
    assert not other.usable(FakeRunner()).ok
    assert other.host_keys(FakeRunner(), "i") == []
    assert other.before_destroy(FakeRunner(), "i") == []
    for ask in (
        lambda: other.observe(FakeRunner(), "i"),
        lambda: other.snapshot_save(FakeRunner(), "i", "n"),
        lambda: other.snapshot_restore(FakeRunner(), "i", "n"),
        lambda: other.snapshot_list(FakeRunner(), "i"),
        lambda: other.snapshot_delete(FakeRunner(), "i", "n"),
    ):
        with pytest.raises(BoxError, match="aws"):
            ask()


class TestUsable:
    """Can a box be booted; if not, why, and with which command that changes."""

    @pytest.mark.parametrize(
        ("name", "runner", "plugins", "reason", "fix"),
        [
            ("docker", FakeRunner(), "", "docker is not installed", "apt-get install docker.io"),
            (
                "docker",
                FakeRunner().on("docker", "info", code=1, err="Cannot connect to the Docker daemon"),
                "",
                "the Docker daemon does not answer",
                "systemctl start docker",
            ),
            (
                "docker",
                FakeRunner().on("docker", "info", code=1, err="Got permission denied while trying to connect"),
                "",
                "you may not use the Docker daemon",
                "usermod -aG docker",
            ),
            # an old client exits with 0 and says it on standard error
            (
                "docker",
                FakeRunner().on("docker", "info", out="\n", err="ERROR: Cannot connect"),
                "",
                "the Docker daemon does not answer",
                "systemctl start docker",
            ),
            ("libvirt", FakeRunner(), "vagrant-libvirt", "libvirt is not installed", "apt-get install libvirt"),
            ("libvirt", FakeRunner("virsh"), "", "the plugin vagrant-libvirt is not", "apt-get install vagrant-lib"),
            (
                "libvirt",
                FakeRunner().on("virsh", code=1, err="error: Failed to connect socket to '/run/libvirt/libvirt-sock'"),
                "vagrant-libvirt",
                "libvirtd does not answer",
                "systemctl start libvirtd",
            ),
            (
                "libvirt",
                FakeRunner().on("virsh", code=1, err="error: authentication unavailable: no polkit agent"),
                "vagrant-libvirt",
                "you may not use libvirtd",
                "usermod -aG libvirt",
            ),
            ("lxc", FakeRunner(), "vagrant-lxc", "lxc is not installed", "apt-get install lxc"),
            ("lxc", FakeRunner("lxc-info"), "", "the plugin vagrant-lxc is not", "apt-get install vagrant-lxc"),
            (
                "lxc",
                FakeRunner("lxc-info").on("ip", code=1, err='Device "lxcbr0" does not exist.'),
                "vagrant-lxc",
                "the bridge lxcbr0 is not there",
                "systemctl start lxc-net",
            ),
            ("virtualbox", FakeRunner(), "", "VirtualBox is not installed", "virtualbox.org"),
            (
                "virtualbox",
                FakeRunner().on("VBoxManage", out="WARNING: The vboxdrv kernel module is not loaded.\n7.0.10r1\n"),
                "",
                "VirtualBox's kernel module is not loaded",
                "vboxconfig",
            ),
            ("vmware_desktop", FakeRunner(), "", "VMware Workstation or Fusion is not installed", "install it"),
            (
                "vmware_desktop",
                FakeRunner("vmrun"),
                "",
                "the plugin vagrant-vmware-desktop is not",
                "vagrant plugin install vagrant-vmware-desktop",
            ),
            ("parallels", FakeRunner(), "", "Parallels Desktop is not installed", "install it"),
            ("parallels", FakeRunner("prlctl"), "", "the plugin vagrant-parallels", "vagrant plugin install"),
        ],
    )
    def test_not(
        self, monkeypatch: pytest.MonkeyPatch, name: str, runner: FakeRunner, plugins: str, reason: str, fix: str
    ) -> None:
        monkeypatch.setattr("devenv.box.providers.plugins.SYSTEM_LISTS", ())
        if plugins:
            plugin(plugins)
        found = providers.get(name).usable(runner)
        assert not found.ok
        assert reason in found.reason
        assert fix in (found.fix or "")

    @pytest.mark.parametrize(
        ("name", "runner", "plugins", "reason"),
        [
            ("docker", FakeRunner().on("docker", "info", out="20.10.24\n"), "", "Docker 20.10.24"),
            (
                "libvirt",
                FakeRunner().on(
                    "virsh", out="Compiled against library: libvirt 9.0.0\nRunning hypervisor: QEMU 7.2.9\n"
                ),
                "vagrant-libvirt",
                "QEMU 7.2.9",
            ),
            ("lxc", FakeRunner().on("ip").on("lxc-info", "--version", out="5.0.2\n"), "vagrant-lxc", "LXC 5.0.2"),
            ("virtualbox", FakeRunner().on("VBoxManage", out="7.0.10r158379\n"), "", "VirtualBox 7.0.10r158379"),
            ("vmware_desktop", FakeRunner("vmware"), "vagrant-vmware-desktop", "VMware"),
            ("parallels", FakeRunner("prlctl"), "vagrant-parallels", "Parallels Desktop"),
        ],
    )
    def test_yes(self, name: str, runner: FakeRunner, plugins: str, reason: str) -> None:
        if plugins:
            plugin(plugins)
        assert providers.get(name).usable(runner) == Usable(True, reason)

    def test_hyperv_is_windows_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hyperv = providers.get("hyperv")
        assert hyperv.usable(FakeRunner()) == Usable(False, "Hyper-V is part of Windows only")
        monkeypatch.setattr(sys, "platform", "win32")
        assert hyperv.usable(FakeRunner().on("powershell", out="Running\n")).ok
        assert "Enable-WindowsOptionalFeature" in (hyperv.usable(FakeRunner().on("powershell")).fix or "")


class TestPlugins:
    """Vagrant's lists of plugins, without Ruby."""

    def test_the_users_and_the_systems(self, tmp_path_factory: pytest.TempPathFactory, monkeypatch) -> None:  # type: ignore[no-untyped-def]
        from devenv.box.providers import plugins

        system = tmp_path_factory.mktemp("plugins.d")
        (system / "libvirt.json").write_text('{"vagrant-libvirt": {"gem_version": "0.11.2"}}')
        (system / "broken.json").write_text("{")
        monkeypatch.setattr(plugins, "SYSTEM_LISTS", (str(system),))
        plugin("vagrant-lxc")
        assert plugins.plugins() == {"vagrant-lxc": "1.2", "vagrant-libvirt": "0.11.2"}
        assert plugins.has_plugin("vagrant-libvirt")
        assert not plugins.has_plugin("vagrant-parallels")

    @pytest.mark.parametrize("text", ["", "[]", "null", "3", '{"installed": []}', '{"installed": null}', '{"a": 1}'])
    def test_a_damaged_list_is_an_empty_one(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        from devenv.box.providers import plugins

        monkeypatch.setattr(plugins, "SYSTEM_LISTS", ())
        vagrant_home().mkdir(parents=True)
        (vagrant_home() / "plugins.json").write_text(text)
        assert plugins.plugins() == {}


def docker_says(out: str = "", err: str = "", code: int = 0) -> FakeRunner:
    return FakeRunner().on("docker", "inspect", out=out, err=err, code=code)


DOCKER: Provider = providers.get("docker")


class TestDocker:
    PORTS = (
        '{"22/tcp":[{"HostIp":"127.0.0.1","HostPort":"2222"}],"53/udp":[{"HostIp":"0.0.0.0","HostPort":"5353"}],'
        '"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"},{"HostIp":"::1","HostPort":"8080"}],"9000/tcp":null}'
    )

    @pytest.mark.parametrize(
        ("out", "seen"),
        [
            ("true {}\n", Observed("running", ())),
            ("true null\n", Observed("running", ())),
            ("false {}\n", Observed("stopped")),
        ],
    )
    def test_states(self, out: str, seen: Observed) -> None:
        assert DOCKER.observe(docker_says(out), "abc") == seen

    def test_ports(self) -> None:
        assert DOCKER.observe(docker_says(f"true {self.PORTS}\n"), "abc").forwards == (
            Forward(22, 2222),
            Forward(53, 5353, "udp", "0.0.0.0"),
            Forward(80, 8080),
            Forward(80, 8080, "tcp", "::1"),
        )

    def test_a_machine_vagrant_is_just_making_is_not_asked_about(self) -> None:
        assert DOCKER.observe(FakeRunner(), "preparing") == Observed("preparing")

    def test_one_that_was_removed_behind_our_back_is_not_created(self) -> None:
        assert DOCKER.observe(docker_says("", "Error: No such container: abc\n", 1), "abc") == Observed("not_created")

    @pytest.mark.parametrize(
        ("err", "message"),
        [
            ("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "does not answer"),
            ("Got permission denied while trying to connect to the Docker daemon socket", "you may not use"),
            ("error during connect: Get http://…: dial tcp: lookup nowhere", "does not answer"),
        ],
    )
    def test_a_daemon_that_does_not_answer_is_no_machine_that_is_gone(self, err: str, message: str) -> None:
        with pytest.raises(BoxError, match=message):
            DOCKER.observe(docker_says("", err, 1), "abc")

    def test_host_keys_come_from_inside(self) -> None:
        runner = FakeRunner().on("docker", "exec", "abc", out="ssh-ed25519 A x\n\nssh-rsa B y\n")
        assert DOCKER.host_keys(runner, "abc") == ["ssh-ed25519 A x", "ssh-rsa B y"]
        assert DOCKER.host_keys(FakeRunner().on("docker", code=1, out="half"), "abc") == []


VIRSH: Provider = providers.get("libvirt")


class TestLibvirt:
    @pytest.mark.parametrize(
        ("word", "state"),
        [
            ("shut off", "shutoff"),
            ("paused", "paused"),
            ("in shutdown", "shutting_down"),
            ("crashed", "crashed"),
            ("pmsuspended", "pmsuspended"),
            ("idle", "blocked"),
            ("no state", "nostate"),
        ],
    )
    def test_states(self, word: str, state: str) -> None:
        runner = FakeRunner().on("virsh", out=f"{word}\n\n")
        assert VIRSH.observe(runner, "uuid") == Observed(state)
        assert "qemu:///system" in runner.calls[0].argv

    def test_a_running_machine_has_its_address(self) -> None:
        lease = " vnet0      52:54:00:aa:bb:cc    ipv4         192.168.121.5/24\n"
        assert VIRSH.observe(FakeRunner().on("virsh", out=f"running\n\n{lease}\n"), "uuid") == Observed(
            "running", address="192.168.121.5"
        )

    def test_without_a_lease_it_is_what_vagrant_calls_inaccessible(self) -> None:
        assert VIRSH.observe(FakeRunner().on("virsh", out="running\n\n\n"), "uuid").state == "inaccessible"

    def test_one_that_was_undefined_behind_our_back_is_not_created(self) -> None:
        runner = FakeRunner().on("virsh", code=1, err="error: failed to get domain 'uuid'\n")
        assert VIRSH.observe(runner, "uuid") == Observed("not_created")

    def test_a_daemon_that_does_not_answer_is_no_machine_that_is_gone(self) -> None:
        runner = FakeRunner().on("virsh", code=1, err="error: failed to connect to the hypervisor\n")
        with pytest.raises(BoxError, match="libvirtd does not answer"):
            VIRSH.observe(runner, "uuid")

    def test_another_connection_can_be_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LIBVIRT_DEFAULT_URI", "qemu+unix:///system?socket=/s")
        runner = FakeRunner().on("virsh", out="shut off\n")
        VIRSH.observe(runner, "uuid")
        assert runner.calls[0].argv[:4] == ["virsh", "--quiet", "--connect", "qemu+unix:///system?socket=/s"]


LXC: Provider = providers.get("lxc")


class TestLxc:
    @pytest.fixture(autouse=True)
    def _as_root(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("os.geteuid", lambda: 0)

    def test_states_and_address(self) -> None:
        up = FakeRunner().on("lxc-info", out="State:RUNNING\nIP:10.0.3.7\nIP:fd00::7\n")
        assert LXC.observe(up, "p_1") == Observed("running", address="10.0.3.7")
        down = FakeRunner().on("lxc-info", out="State:STOPPED\n")
        assert LXC.observe(down, "p_1") == Observed("stopped")

    def test_gone_and_failing(self) -> None:
        gone = FakeRunner().on("lxc-info", code=1, err="p_1 doesn't exist\n")
        assert LXC.observe(gone, "p_1") == Observed("not_created")
        with pytest.raises(BoxError, match="lxc-info failed: no liblxc"):
            LXC.observe(FakeRunner().on("lxc-info", code=1, err="x\nno liblxc\n"), "p_1")

    def test_only_root_sees_vagrants_containers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("os.geteuid", lambda: 1000)
        runner = FakeRunner().on("sudo", out="State:RUNNING\n")
        LXC.observe(runner, "p_1")
        assert runner.calls[0].argv[:3] == ["sudo", "-n", "lxc-info"]

    def test_snapshots_have_names_of_their_own(self) -> None:
        listed = iter(["No snapshots\n", "snap0 (/x) 2026:01:01 00:00:00\n"])
        runner = (
            FakeRunner("mkdir", "ln")
            .on("find", out="2.0 second\n1.0 first\n")
            .on("lxc-snapshot", "--name", "p_1")
            .on("lxc-snapshot", "--name", "p_1", "--list", does=lambda _: next(listed))
            .on("mkdir")
            .on("ln")
        )
        assert LXC.snapshot_list(runner, "p_1") == ["first", "second"]
        LXC.snapshot_save(runner, "p_1", "third")
        assert runner.calls[-1].argv == ["ln", "-sfn", "snap0", "/var/lib/lxc/p_1/snaps/devenv-names/third"]

    def test_a_snapshot_that_is_not_there(self) -> None:
        with pytest.raises(BoxError, match="there is no snapshot 'x'"):
            LXC.snapshot_restore(FakeRunner().on("readlink", code=1), "p_1", "x")


VBOX: Provider = providers.get("virtualbox")


class TestVirtualBox:
    INFO = 'name="p"\nVMState="{state}"\nForwarding(0)="ssh,tcp,127.0.0.1,2222,,22"\nForwarding(1)="x,udp,,53,,5353"\n'

    @pytest.mark.parametrize("state", ["running", "poweroff", "saved", "aborted", "paused", "starting"])
    def test_states(self, state: str) -> None:
        seen = VBOX.observe(FakeRunner().on("VBoxManage", out=self.INFO.replace("{state}", state)), "uuid")
        assert seen.state == state
        assert seen.forwards == (Forward(22, 2222), Forward(5353, 53, "udp", "0.0.0.0"))

    def test_gone_inaccessible_and_failing(self) -> None:
        gone = FakeRunner().on("VBoxManage", code=1, err="VBoxManage: error: Could not find a registered machine\n")
        assert VBOX.observe(gone, "uuid") == Observed("not_created")
        lost = FakeRunner().on("VBoxManage", out='name="<inaccessible>"\n')
        assert VBOX.observe(lost, "uuid").state == "inaccessible"
        with pytest.raises(BoxError, match="VBoxManage failed: Segmentation fault"):
            VBOX.observe(FakeRunner().on("VBoxManage", code=139, err="Segmentation fault\n"), "uuid")
