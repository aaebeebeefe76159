"""scripts/setup.sh for real: on this machine, which it has set up already, and in a bare Debian."""

import hashlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPTS = CHECKOUT / "scripts"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def run(*argv: str, timeout: float = 600, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **environment},
        check=False,
    )


def checked(*argv: str, timeout: float = 600) -> str:
    done = run(*argv, timeout=timeout)
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


def daemons() -> dict[str, str]:
    """Process id by name of what set-up starts."""
    names = {}
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            name = comm.read_text().strip()
        except OSError:
            continue
        if name in ("dockerd", "libvirtd", "virtlogd"):
            names[f"{name} {comm.parent.name}"] = name
    return names


def test_the_scripts_pass_shellcheck() -> None:
    scripts = sorted(str(path) for path in SCRIPTS.rglob("*.sh"))
    assert len(scripts) >= 7
    assert checked("shellcheck", "-x", *scripts, str(CHECKOUT / ".ci/run")) == ""


def test_a_second_run_takes_seconds_and_changes_nothing() -> None:
    # the first brings the machine to where nothing is left to do, whoever set it up
    checked(str(SCRIPTS / "setup.sh"), "--for-tests")
    venv = Path(os.environ.get("VENV", CHECKOUT / ".venv"))
    before = (checked("dpkg-query", "-W"), daemons(), (venv / ".devenv-setup").stat().st_mtime_ns)
    started = time.monotonic()
    done = run(str(SCRIPTS / "setup.sh"), "--for-tests")
    assert time.monotonic() - started < 10
    assert (done.returncode, done.stderr) == (0, "")
    # no line but the last, unless it names something that is not its to change
    assert "setup: nothing to do" in done.stdout
    assert before == (checked("dpkg-query", "-W"), daemons(), (venv / ".devenv-setup").stat().st_mtime_ns)


def test_the_launcher_it_leaves_loads_little() -> None:
    venv = Path(os.environ.get("VENV", CHECKOUT / ".venv"))
    done = run(f"{venv}/bin/python", "-X", "importtime", f"{venv}/bin/devenv", "--version")
    assert done.stdout.startswith("devenv ")
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "devenv.cli.quick" in loaded
    assert "re" not in loaded
    # what setuptools, which nothing here needs, has every start of Python load
    assert "_distutils_hack" not in loaded


def test_what_it_started_answers() -> None:
    checked("docker", "info", timeout=30)
    assert "default" in checked("virsh", "-c", "qemu:///system", "net-list", "--name", timeout=30).split()
    assert Path("/sys/class/net/lxcbr0").exists()


def test_libvirt_defines_a_machine_at_once_even_where_kvm_is_broken(tmp_path: Path) -> None:
    name = f"devenv-test-{uuid.uuid4().hex[:8]}"
    xml = tmp_path / "domain.xml"
    xml.write_text(
        f"<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory>"
        "<os><type arch='x86_64'>hvm</type></os></domain>"
    )
    virsh = ("virsh", "-c", "qemu:///system")
    # the first asks QEMU what it can do; the second finds that remembered
    for _ in range(2):
        started = time.monotonic()
        try:
            checked(*virsh, "define", str(xml), timeout=120)
            seconds = time.monotonic() - started
        finally:
            run(*virsh, "undefine", name, timeout=120)
    assert seconds < 5


def test_hiding_kvm_changes_nothing_outside() -> None:
    conf = Path("/etc/libvirt/qemu.conf")
    before = (sorted(Path("/dev").iterdir()), hashlib.sha256(conf.read_bytes()).hexdigest())
    inside = checked(
        *("unshare", "--mount", "--propagation", "slave", "sh", str(SCRIPTS / "setup/without-kvm.sh")),
        *("sh", "-c", "ls /dev; ls /dev/pts/ptmx; echo x >/dev/null; tail -n 1 /etc/libvirt/qemu.conf"),
    ).split("\n")
    assert "kvm" not in inside
    assert {"null", "urandom", "net", "/dev/pts/ptmx", "namespaces = []"} <= set(inside)
    assert before == (sorted(Path("/dev").iterdir()), hashlib.sha256(conf.read_bytes()).hexdigest())


def test_a_daemon_outlives_the_script_and_holds_no_pipe_of_its_caller(tmp_path: Path) -> None:
    functions = f'checkout={CHECKOUT} root= log_dir={tmp_path}; as_root() {{ "$@"; }}; . {SCRIPTS}/setup/daemons.sh'
    pid_file = tmp_path / "pid"
    # its number comes last: who sees it finds all else done
    daemon = f"sh -c 'echo started; echo $$ >{pid_file}.new; mv {pid_file}.new {pid_file}; exec sleep 1000'"
    # were a pipe of ours held open, reading it to its end would take a thousand seconds
    done = run("bash", "-c", f"exec 5>&1; {functions}; by_hand one.log {daemon}", timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    while not pid_file.exists():
        pass
    pid = int(pid_file.read_text())
    try:
        files = {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
        assert files == {"/dev/null", str(tmp_path / "one.log")}
        assert (tmp_path / "one.log").read_text() == "started\n"
        assert os.getsid(pid) != os.getsid(0)
    finally:
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def bare() -> Iterator[str]:
    """A running container of Debian with git, make and Python, and a copy of this checkout in /src."""
    image = container = f"devenv-test-bare-{uuid.uuid4().hex[:8]}"
    packages = "--include=python3,git,make,ca-certificates"
    made = subprocess.Popen(
        ["mmdebstrap", "--quiet", "--variant=minbase", packages, "bookworm", "-"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        imported = subprocess.run(["docker", "import", "-", image], stdin=made.stdout, capture_output=True, check=False)
        assert (made.wait(), imported.returncode) == (0, 0)
        checked("docker", "run", "--detach", "--rm", "--init", "--name", container, image, "sleep", "infinity")
        checked("docker", "cp", CERTIFICATES, f"{container}:{CERTIFICATES}")
        checked("docker", "exec", container, "mkdir", "/src")
        files = subprocess.Popen(
            ["sh", "-c", "git ls-files -z --cached --others --exclude-standard | tar c --null --files-from=-"],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
        )
        subprocess.run(["docker", "cp", "-", f"{container}:/src"], stdin=files.stdout, check=True)
        assert files.wait() == 0
        yield container
    finally:
        made.kill()
        run("docker", "rm", "--force", container)
        run("docker", "rmi", "--force", image)


def test_in_a_bare_debian_the_plan_names_everything(bare: str) -> None:
    plan = checked("docker", "exec", bare, "/src/scripts/setup.sh", "--dry-run")
    packages = next(line for line in plan.splitlines() if "apt-get install" in line).split()
    for package in ("vagrant", "vagrant-libvirt", "vagrant-lxc", "docker.io", "libvirt-daemon-system", "lxc"):
        assert package in packages
    for package in ("qemu-system-x86", "mmdebstrap", "libaugeas-dev", "gcc", "python3-venv", "python3-dev"):
        assert package in packages
    for thing in ("dockerd", "virtlogd", "libvirtd", "lxcbr0", "virtual environment /src/.venv", "pip install"):
        assert thing in plan
    assert "nothing was done" in plan


def test_in_a_bare_debian_python_and_devenv_are_installed_once(bare: str) -> None:
    first = checked("docker", "exec", bare, "/src/scripts/setup.sh", "--only", "python")
    assert "setup: done" in first
    assert "devenv" in checked("docker", "exec", bare, "/src/.venv/bin/devenv", "--version")
    second = checked("docker", "exec", bare, "/src/scripts/setup.sh", "--only", "python")
    assert second.startswith("setup: nothing to do")
    # what was not asked for was not installed
    assert run("docker", "exec", bare, "sh", "-c", "command -v vagrant dockerd gdb").returncode != 0
