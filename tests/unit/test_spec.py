"""devenv.yaml -> Spec: defaults, the forms a value may have, what machines inherit."""

from pathlib import Path

import pytest

from devenv.box import spec
from devenv.box.lock import LockedPort, LockedSync
from devenv.box.names import valid_name
from devenv.box.spec import MachineSpec, Spec


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "hello"
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts/setup.sh").write_text("echo set up\n")
    return folder


def parse(text: str, project: Path) -> Spec:
    return spec.parse(text.encode(), project_dir=project)


def only(text: str, project: Path) -> MachineSpec:
    (machine,) = parse(text, project).machines
    return machine


def test_an_empty_mapping_is_a_whole_file(project: Path) -> None:
    assert parse("{}", project).name == "hello"
    assert only("{}", project) == MachineSpec(
        name="default",
        primary=True,
        box="devenv/debian-12",
        box_version=None,
        box_url=None,
        provider=None,
        hostname="hello",
        cpus=2,
        memory=1024,
        ports=(),
        sync=(LockedSync(".", "/vagrant"),),
        packages={},
        env={},
        trust_host_certificates=False,
        provision=(),
        providers={},
    )


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("hello", "hello"),
        ("My Project", "my-project"),
        ("it's “quoted”", "it-s-quoted"),
        ("Über_Öl", "uber-ol"),
        ("日本", "devenv"),
        ("-x-", "x"),
        ("a" * 80, "a" * 63),
        ("1.2", "1.2"),
    ],
)
def test_the_name_comes_from_the_folder(folder: str, name: str) -> None:
    assert valid_name(folder) == name


def test_the_hostname_comes_from_the_name(project: Path) -> None:
    assert only("name: My_App.v2", project).hostname == "my-app-v2"
    assert only("{name: a, hostname: b.example.test}", project).hostname == "b.example.test"


@pytest.mark.parametrize(
    ("text", "mib"),
    [
        ("2048", 2048),
        ('"2048"', 2048),
        ("2 GiB", 2048),
        ("2GB", 2048),
        ("2g", 2048),
        ("512 MB", 512),
        ("512MiB", 512),
        ("1.5 GiB", 1536),
        ("1 TiB", 1048576),
        ("64", 64),
        ("1024.0", 1024),
    ],
)
def test_sizes(text: str, mib: int, project: Path) -> None:
    assert only(f"memory: {text}", project).memory == mib


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("8080", LockedPort(8080, 8080)),
        ('"8080"', LockedPort(8080, 8080)),
        ('"8081:80"', LockedPort(80, 8081)),
        ("8081:80", LockedPort(80, 8081)),
        ("20:30", LockedPort(30, 20)),
        ('"53:53/udp"', LockedPort(53, 53, "udp")),
        ("9000/tcp", LockedPort(9000, 9000)),
        ('"0.0.0.0:8080:80"', LockedPort(80, 8080, "tcp", "0.0.0.0")),
        ('"[::1]:8080:80/udp"', LockedPort(80, 8080, "udp", "::1")),
        ("{guest: 80}", LockedPort(80, 80)),
        ('{guest: 80, host: 8080, protocol: udp, address: "::"}', LockedPort(80, 8080, "udp", "::")),
        ("65535", LockedPort(65535, 65535)),
    ],
)
def test_ports(text: str, port: LockedPort, project: Path) -> None:
    assert only(f"ports:\n  - {text}", project).ports == (port,)


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        (".:/vagrant", LockedSync(".", "/vagrant")),
        ("./:/vagrant/", LockedSync(".", "/vagrant")),
        ("./scripts:/srv//x", LockedSync("scripts", "/srv/x")),
        ("~/data:/data", LockedSync("~/data", "/data")),
        ('"C:/data:/data"', LockedSync("C:/data", "/data")),
        ("{guest: /x}", LockedSync(".", "/x")),
        ("{guest: /x, type: auto}", LockedSync(".", "/x")),
        ("{guest: /x, type: rsync}", LockedSync(".", "/x", "rsync")),
        ("{guest: /x, type: {libvirt: 9p, docker: auto}}", LockedSync(".", "/x", None, {"libvirt": "9p"})),
    ],
)
def test_synced_folders(text: str, folder: LockedSync, project: Path) -> None:
    assert only(f"sync:\n  - {text}", project).sync == (folder,)


def test_nothing_is_synced_when_the_list_is_empty(project: Path) -> None:
    assert only("sync: []", project).sync == ()


def test_packages_for_every_tool_or_for_each(project: Path) -> None:
    names = ("git", "g++")
    assert only("packages: [git, g++, git]", project).packages == {"apt": names, "dnf": names, "apk": names}
    assert only("packages: {apk: [git], apt: []}", project).packages == {"apt": (), "apk": ("git",)}


def test_numbers_stay_as_they_are_written(project: Path) -> None:
    text = 'box_version: 12.10\nenv: {A: 3.10, B: true, C: 0x10, D: "", E: 1e3, F: "007"}'
    machine = only(text, project)
    assert machine.box_version == "12.10"
    assert machine.env == {"A": "3.10", "B": "true", "C": "0x10", "D": "", "E": "1e3", "F": "007"}


def test_steps(project: Path) -> None:
    text = """\
provision:
  - name: set up
    path: ./scripts/setup.sh
  - {name: serve, run: "make serve", privileged: false, when: always}
"""
    first, second = only(text, project).provision
    assert first == spec.Step("set up", None, "scripts/setup.sh", True, "once", 3, 11)
    assert (second.name, second.run, second.privileged, second.when) == ("serve", "make serve", False, "always")


def test_provider_settings_pass_through_as_they_are(project: Path) -> None:
    text = """\
providers:
  virtualbox: {gui: false, name: x, customize: [[modifyvm, ":id", --vram, 16]]}
  libvirt: {driver: qemu, ratio: 1.5, nothing: null, deep: {a: [1, {b: c}]}}
  docker: {}
"""
    assert only(text, project).providers == {
        "virtualbox": {"gui": False, "name": "x", "customize": [["modifyvm", ":id", "--vram", 16]]},
        "libvirt": {"driver": "qemu", "ratio": 1.5, "nothing": None, "deep": {"a": [1, {"b": "c"}]}},
        "docker": {},
    }


MACHINES = """\
name: shop
box: acme/base
memory: 512
ports: [8000]
packages: [git]
env: {SHARED: top, ROLE: none}
providers: {libvirt: {driver: qemu, cpus: 1}}
provision: [{name: all, run: 'true'}]
machines:
  web:
  db:
    box: acme/db
    primary: true
    memory: 2 GiB
    ports: []
    packages: []
    env: {ROLE: db}
    providers: {libvirt: {cpus: 4}, docker: {x: 1}}
    provision: []
"""


def test_a_machine_inherits_what_it_does_not_override(project: Path) -> None:
    web, db = parse(MACHINES, project).machines
    assert (web.name, web.box, web.memory, web.hostname) == ("web", "acme/base", 512, "shop-web")
    assert web.ports == (LockedPort(8000, 8000),)
    assert web.env == {"SHARED": "top", "ROLE": "none"}
    assert (db.name, db.box, db.memory, db.hostname) == ("db", "acme/db", 2048, "shop-db")
    assert [step.name for step in web.provision] == ["all"]


def test_lists_replace_while_env_and_providers_merge(project: Path) -> None:
    _, db = parse(MACHINES, project).machines
    assert (db.ports, db.packages, db.provision) == ((), {}, ())
    assert db.env == {"SHARED": "top", "ROLE": "db"}
    assert db.providers == {"libvirt": {"driver": "qemu", "cpus": 4}, "docker": {"x": 1}}


def test_the_primary_machine_is_the_one_that_says_so_or_the_first(project: Path) -> None:
    assert [machine.primary for machine in parse(MACHINES, project).machines] == [False, True]
    assert [machine.primary for machine in parse("machines: {a: , b: }", project).machines] == [True, False]


def test_one_port_may_be_bound_to_two_addresses(project: Path) -> None:
    assert len(only('ports: ["127.0.0.1:80:80", "127.0.0.2:80:80", "80:80/udp"]', project).ports) == 3


def test_anchors_and_aliases_are_read(project: Path) -> None:
    text = "env: &e {A: 1}\nmachines: {a: {env: *e}}"
    assert only(text, project).env == {"A": "1"}


@pytest.mark.parametrize(
    "text", ["\"; system('id') #", "#{system('id')}", "$(id)", "`id`", "%{x}", "<%= id %>", "é\n\t"]
)
def test_text_stays_text(text: str, project: Path) -> None:
    quoted = "'" + text.replace("'", "''") + "'" if "\n" not in text else '"é\\n\\t"'
    data = f"env: {{A: {quoted}}}\nprovision: [{{name: a, run: {quoted}}}]\nproviders: {{docker: {{a: [{quoted}]}}}}"
    machine = only(data, project)
    assert machine.env == {"A": text}
    assert machine.provision[0].run == text
    assert machine.providers == {"docker": {"a": [text]}}
