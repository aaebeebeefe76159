"""The scripts of implied steps, run for real: in a container of the base box, and under busybox as on Alpine."""

import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devenv.box import implied, spec
from devenv.box.spec import MachineSpec

pytestmark = pytest.mark.contract

IMAGE = "devenv/debian-12"


class Guest:
    """A running container that steps are run in."""

    def __init__(self, image: str, *extra: str) -> None:
        self.name = f"devenv-test-{uuid.uuid4().hex[:12]}"
        docker("run", "-d", "--init", "--name", self.name, *extra, image, "tail", "-f", "/dev/null")

    def end(self) -> None:
        subprocess.run(["docker", "rm", "-f", self.name], check=True, capture_output=True)

    def sh(self, script: str, *, stdin: bytes = b"", code: int = 0) -> str:
        """Run sh text as root; the exit code must be code. Return its output, both streams."""
        done = subprocess.run(["docker", "exec", "-i", self.name, "sh", "-c", script], input=stdin, capture_output=True)
        output = (done.stdout + done.stderr).decode()
        assert done.returncode == code, output
        return output

    def variables(self, *command: str) -> dict[str, str]:
        """Return the environment a command that prints it with ``env -0`` has."""
        done = subprocess.run(["docker", "exec", self.name, *command], check=True, capture_output=True)
        return dict(item.split("=", 1) for item in done.stdout.decode().split("\0") if item)

    def write(self, path: str, data: bytes | str) -> None:
        self.sh(f"cat >'{path}'", stdin=data.encode() if isinstance(data, str) else data)

    def read(self, path: str) -> str:
        return self.sh(f"cat '{path}'")

    def step(self, text: str, *, shell: str = "", env: str = "", code: int = 0) -> str:
        """Run a step's text as the runner does, from a file."""
        self.write("/tmp/step", text)
        return self.sh(f"chmod 755 /tmp/step; cd /; {env} DEVENV_PAYLOAD=/tmp/payload {shell} /tmp/step", code=code)


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def image() -> str:
    found = docker("images", "--format", "{{.Repository}}:{{.Tag}}", IMAGE).split()
    if not found:
        pytest.fail(f"docker has no image {IMAGE}: make it with `devenv box build --provider docker`")
    return found[0]


@pytest.fixture
def guest(image: str) -> Iterator[Guest]:
    guest = Guest(image)
    yield guest
    guest.end()


@pytest.fixture(scope="module")
def busybox(image: str) -> Iterator[Guest]:
    """A container in which busybox is all there is, on the path /bb, as on Alpine; /fake is for package tools."""
    guest = Guest(image)
    guest.sh("apt-get -qq update && apt-get -qq install -y busybox-static >/dev/null")
    guest.sh("mkdir /bb /fake && busybox --install -s /bb && rm -f /bb/dpkg* /bb/rpm* /bb/apk")
    yield guest
    guest.end()


BUSYBOX = "PATH=/fake:/bb busybox sh"


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> MachineSpec:
    (found,) = spec.parse(b"{}", project_dir=tmp_path_factory.mktemp("project")).machines
    return found


def text_of(machine: MachineSpec, **keys: object) -> str:
    (step,) = implied.steps(replace(machine, **keys))  # type: ignore[arg-type]
    assert step.run is not None
    return step.run


# ---- env

PLAIN = {
    "PLAIN": "x",
    "BLANKS": "  a  b ",
    "EMPTY": "",
    "DOLLAR": "$HOME ${x} $(id)",
    "TICK": "`id`",
    "UNI": "Grüße 日本",
}
HARD = {
    "QUOTE": "it's",
    "DOUBLE": 'say "hi"',
    "LINES": "a\nEND\nb\n",
    "BACK": "a\\b\\",
    "HASH": "a # b",
    "RUBY": "#{system('id')}",
    "LONG": "x" * 5000,
    "TAB": "a\tb\x1b[0m",
    "SEMICOLON": "\"; system('id') #",
}


def login(guest: Guest) -> None:
    """Make `ssh vagrant@localhost` work inside the guest."""
    guest.sh("""
        set -e
        mkdir -p /run/sshd ~/.ssh /home/vagrant/.ssh
        ssh-keygen -A >/dev/null
        ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519
        cp ~/.ssh/id_ed25519.pub /home/vagrant/.ssh/authorized_keys
        chown -R vagrant: /home/vagrant/.ssh
        printf 'Host localhost\n StrictHostKeyChecking accept-new\n User vagrant\n' >~/.ssh/config
        /usr/sbin/sshd
    """)


def test_variables_reach_every_way_in(guest: Guest, machine: MachineSpec) -> None:
    env = PLAIN | HARD
    guest.step(text_of(machine, env=env))
    shell = guest.variables("bash", "-lc", "env -0")
    assert {name: shell.get(name) for name in env} == env
    assert guest.variables("sh", "-lc", "env -0")["QUOTE"] == "it's"
    login(guest)
    command = guest.variables("ssh", "localhost", "env -0")
    assert {name: command.get(name) for name in PLAIN} == PLAIN
    assert not HARD.keys() & command.keys()
    by_sudo = guest.variables("ssh", "localhost", "sudo env -0")
    assert {name: by_sudo.get(name) for name in PLAIN} == PLAIN
    by_login_sudo = guest.variables("ssh", "localhost", "bash -lc 'sudo env -0'")
    assert {name: by_login_sudo.get(name) for name in env} == env


def test_variables_change_and_go_and_leave_others_alone(guest: Guest, machine: MachineSpec) -> None:
    guest.write("/etc/environment", "THEIRS=1\n")
    first = text_of(machine, env={"A": "1", "B": "2"})
    guest.step(first)
    once = guest.read("/etc/environment")
    guest.step(first)
    assert guest.read("/etc/environment") == once
    guest.sh("echo LATER=1 >>/etc/environment")
    guest.step(text_of(machine, env={"A": "3"}))
    lines = guest.read("/etc/environment").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["THEIRS=1", "LATER=1", 'A="3"']
    assert "B" not in guest.variables("bash", "-lc", "env -0")
    assert guest.sh("ls -A /etc/profile.d /etc/sudoers.d; stat -c %a /etc/environment").split().count("devenv.sh") == 1


def test_a_cut_block_loses_nothing_of_others(guest: Guest, machine: MachineSpec) -> None:
    guest.write("/etc/environment", "# devenv: written by devenv, do not change\nTHEIRS=1\n")
    guest.step(text_of(machine, env={"A": "1"}))
    assert "THEIRS=1\n" in guest.read("/etc/environment")


def test_variables_under_busybox(busybox: Guest, machine: MachineSpec) -> None:
    text = text_of(machine, env=PLAIN | HARD)
    for _ in range(2):
        busybox.step(text, shell=BUSYBOX)
    found = busybox.variables("/bb/sh", "-c", ". /etc/profile.d/devenv.sh; env -0")
    assert {name: found.get(name) for name in PLAIN | HARD} == PLAIN | HARD
    assert busybox.read("/etc/environment").count("DOLLAR") == 1


# ---- packages


def packages(machine: MachineSpec, *names: str) -> str:
    return text_of(machine, packages=dict.fromkeys(("apt", "dnf", "apk"), names))


def test_packages_are_installed_once(guest: Guest, machine: MachineSpec) -> None:
    text = packages(machine, "tree", "sudo")
    output = guest.step(text)
    assert "installing tree\n" in output
    guest.sh("tree --version")
    # a second time there is nothing to fetch, so it works without a network
    docker("network", "disconnect", "bridge", guest.name)
    assert guest.step(text) == "installed: tree sudo\n"


def test_an_installation_that_was_interrupted_is_finished_first(guest: Guest, machine: MachineSpec) -> None:
    # what dpkg leaves when it is killed: its notes, which apt refuses to pass by
    guest.sh("dpkg-query -s sudo >/var/lib/dpkg/updates/0001")
    assert "dpkg was interrupted" in guest.sh("apt-get install -y sudo 2>&1", code=100)
    output = guest.step(packages(machine, "tree"))
    assert "finishing an installation that was interrupted\n" in output
    guest.sh("tree --version && dpkg --audit && [ ! -e /var/lib/dpkg/updates/0001 ]")


def test_a_version_is_compared(guest: Guest, machine: MachineSpec) -> None:
    version = guest.sh("dpkg-query -W -f '${Version}' sudo")
    assert guest.step(packages(machine, f"sudo={version}")) == f"installed: sudo={version}\n"
    guest.step(packages(machine, "sudo=0.1"), code=100)


def test_a_package_that_is_not_there_fails_with_its_name(guest: Guest, machine: MachineSpec) -> None:
    assert "Unable to locate package no-such-package" in guest.step(packages(machine, "no-such-package"), code=100)


def test_a_box_with_another_tool_says_which_list_is_missing(guest: Guest, machine: MachineSpec) -> None:
    output = guest.step(text_of(machine, packages={"apk": ("git",), "dnf": ()}), code=1)
    assert output.startswith("packages are named for apk dnf, but this box has apt: add a list for it")


FAKE_TOOL = """#!/bin/sh
echo "${0##*/} $*" >>/tmp/calls
case "$*" in "info -e tree" | "-q --whatprovides tree") exit 1 ;; esac
"""


@pytest.mark.parametrize(
    ("tools", "calls"),
    [
        (("apk",), ["apk info -e tree", "apk info -e sudo", "apk add -q --no-cache tree"]),
        (
            ("dnf", "rpm"),
            [
                "rpm -q --whatprovides tree",
                "rpm -q --whatprovides sudo",
                "dnf -q -y --setopt=install_weak_deps=False install tree",
            ],
        ),
    ],
)
def test_other_tools_are_asked_the_same(
    tools: tuple[str, ...], calls: list[str], guest: Guest, machine: MachineSpec
) -> None:
    guest.sh("rm /usr/bin/apt-get")
    for tool in tools:
        guest.write(f"/usr/local/bin/{tool}", FAKE_TOOL)
        guest.sh(f"chmod 755 /usr/local/bin/{tool}")
    assert guest.step(packages(machine, "tree", "sudo")) == "installing tree\ninstalled: tree sudo\n"
    assert guest.read("/tmp/calls").splitlines() == calls


# ---- trust_host_certificates

AUTHORITY = """
set -e
mkdir -p /ca && cd /ca
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj "/CN=Test proxy $NAME" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout key.pem -out csr.pem -subj /CN=localhost 2>/dev/null
printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' >ext
openssl x509 -req -in csr.pem -CA ca.crt -CAkey ca.key -CAcreateserial -out cert.pem -days 30 -extfile ext 2>/dev/null
"""

SERVER = """
import http.server, os, ssl
os.chdir("/site")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8443), http.server.SimpleHTTPRequestHandler)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("/ca/cert.pem", "/ca/key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
os.mkfifo("/tmp/ready") if not os.path.exists("/tmp/ready") else None
open("/tmp/ready", "w").write("ready")
server.serve_forever()
"""

SITE = """
set -e
mkdir -p /site/simple/tiny && cd /site
python3 - <<'END'
import zipfile
with zipfile.ZipFile("/site/simple/tiny/tiny-1-py3-none-any.whl", "w") as wheel:
    wheel.writestr("tiny.py", "")
    wheel.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
    about = "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    wheel.writestr("tiny-1.dist-info/WHEEL", about)
    wheel.writestr("tiny-1.dist-info/RECORD", "")
END
echo '<a href="tiny-1-py3-none-any.whl">tiny-1-py3-none-any.whl</a>' >simple/tiny/index.html
git init -q --bare repo.git && git -C repo.git update-server-info
python3 -m venv /venv
"""

CURL = "curl -sS -o /dev/null https://localhost:8443/"
CLIENTS = {
    "curl": CURL,
    "git": "git ls-remote https://localhost:8443/repo.git",
    "python": "python3 -c 'import urllib.request as r; r.urlopen(\"https://localhost:8443/\")'",
    "pip in a venv": "/venv/bin/pip -q download --no-deps -d /tmp/d -i https://localhost:8443/simple tiny",
    "pip": "pip -q download --no-deps -d /tmp/e -i https://localhost:8443/simple tiny",
}


def new_authority(guest: Guest, name: str) -> None:
    guest.sh(f"NAME={name}\n{AUTHORITY}")
    guest.sh("[ ! -e /tmp/pid ] || kill $(cat /tmp/pid)")
    guest.write("/tmp/server.py", SERVER)
    guest.sh(
        "rm -f /tmp/ready; mkfifo /tmp/ready; python3 /tmp/server.py >/dev/null 2>&1 &\n"
        "echo $! >/tmp/pid; cat /tmp/ready"
    )


def certificates(machine: MachineSpec) -> str:
    return text_of(machine, trust_host_certificates=True)


def test_clients_in_the_box_trust_what_the_host_trusts(guest: Guest, machine: MachineSpec) -> None:
    guest.step(packages(machine, "git", "python3-venv", "python3-pip"))
    guest.sh(SITE)
    new_authority(guest, "one")
    for client, command in CLIENTS.items():
        output = guest.sh(
            f"bash -lc '{command.replace(chr(39), chr(39) + chr(92) + chr(39) + chr(39))}' 2>&1 || echo FAILED"
        )
        assert "FAILED" in output, f"{client} trusts an authority nobody told it of"

    # the host's bundle: all the usual ones in another order of line ends, then the proxy's
    guest.write("/etc/pip.conf", "[global]\ntimeout = 60\n")
    guest.sh("{ sed 's/$/\\r/' /etc/ssl/certs/ca-certificates.crt; echo '# the proxy'; cat /ca/ca.crt; } >/tmp/payload")
    assert "the host's authorities this box did not have: 1\n" in guest.step(certificates(machine))
    login(guest)
    for client, command in CLIENTS.items():
        quoted = command.replace("'", "'\\''")
        for way in (f"bash -lc '{quoted}'", f"ssh localhost '{quoted}'", f"ssh localhost sudo -H sh -c \"'{quoted}'\""):
            if client == "python" and "sudo" in way:
                continue  # its own quotes do not survive a third shell
            guest.sh(f"rm -rf /tmp/d /tmp/e; {way} 2>&1")
    # also without any environment: the trust store and pip's own settings are enough
    for client in ("curl", "git", "python", "pip", "pip in a venv"):
        guest.sh(f"rm -rf /tmp/d /tmp/e; env -i PATH=/usr/bin:/bin {CLIENTS[client]} 2>&1")
    assert guest.read("/etc/pip.conf") == "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\ntimeout = 60\n"

    # the proxy changes its authority: the old one goes
    files = guest.sh("ls /usr/local/share/ca-certificates")
    guest.sh("cp /ca/ca.crt /tmp/old.crt")
    new_authority(guest, "two")
    guest.sh("cat /ca/ca.crt >/tmp/payload")
    guest.step(certificates(machine))
    guest.sh(CURL)
    assert guest.sh("ls /usr/local/share/ca-certificates") != files
    assert len(guest.sh("ls /usr/local/share/ca-certificates").split()) == 1
    guest.sh("openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt /tmp/old.crt >/dev/null 2>&1", code=2)
    before = guest.sh("cat /etc/environment /etc/pip.conf; ls -la /usr/local/share/ca-certificates | grep -c devenv")
    guest.step(certificates(machine))
    after = guest.sh("cat /etc/environment /etc/pip.conf; ls -la /usr/local/share/ca-certificates | grep -c devenv")
    assert before == after


@pytest.mark.parametrize("payload", [b"", b"no certificates here\n"])
def test_a_host_without_certificates_is_told(payload: bytes, guest: Guest, machine: MachineSpec) -> None:
    guest.write("/tmp/payload", payload)
    output = guest.step(certificates(machine), code=1)
    assert output == "no certificates came from the host: name its bundle in SSL_CERT_FILE there\n"


def test_the_tool_is_installed_where_it_is_missing(busybox: Guest, machine: MachineSpec) -> None:
    busybox.sh("rm -rf /fake/* /tmp/calls /usr/share/ca-certificates")
    busybox.sh(f"NAME=alpine\n{AUTHORITY}\ncat /ca/ca.crt /ca/ca.crt >/tmp/payload")
    refresh = "#!/bin/sh\\necho refreshed >>/tmp/calls\\n"
    busybox.write(
        "/fake/apk",
        '#!/bin/sh\necho "apk $*" >>/tmp/calls\n[ "$1" = add ] || exit 1\n'
        f"printf '{refresh}' >/fake/update-ca-certificates; chmod 755 /fake/update-ca-certificates\n",
    )
    busybox.sh("chmod 755 /fake/apk")
    assert "did not have: 1\n" in busybox.step(certificates(machine), shell=BUSYBOX)
    calls = ["apk info -e ca-certificates", "apk add -q --no-cache ca-certificates", "refreshed"]
    assert busybox.read("/tmp/calls").splitlines() == calls
    busybox.sh("openssl verify -CAfile /usr/local/share/ca-certificates/devenv-*.crt /ca/cert.pem")


def test_fedoras_trust_store(busybox: Guest, machine: MachineSpec) -> None:
    busybox.sh("rm -rf /fake/* /tmp/calls /etc/pki; mkdir -p /etc/pki/tls/certs; : >/etc/pki/tls/certs/ca-bundle.crt")
    busybox.sh(f"NAME=fedora\n{AUTHORITY}\ncp /ca/ca.crt /tmp/payload")
    busybox.write("/fake/update-ca-trust", "#!/bin/sh\necho refreshed >>/tmp/calls\n")
    busybox.sh("chmod 755 /fake/*")
    busybox.step(certificates(machine), shell=BUSYBOX)
    assert busybox.read("/tmp/calls") == "refreshed\n"
    busybox.sh("openssl verify -CAfile /etc/pki/ca-trust/source/anchors/devenv-*.crt /ca/cert.pem")
    assert 'SSL_CERT_FILE="/etc/pki/tls/certs/ca-bundle.crt"' in busybox.read("/etc/environment")


# ---- all of them


def test_shellcheck_has_nothing_to_say(machine: MachineSpec, tmp_path: Path) -> None:
    steps = implied.steps(
        replace(machine, trust_host_certificates=True, env=PLAIN | HARD, packages={"apt": ("git",), "dnf": ()})
    )
    for step in steps:
        assert step.run is not None
        file = tmp_path / f"{step.name}.sh"
        file.write_text(step.run)
        done = subprocess.run(["shellcheck", "-s", "sh", str(file)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
