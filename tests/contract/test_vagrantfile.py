"""The static Vagrantfile against the real Vagrant: what it makes of devenv.lock, and what it refuses to make of it."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from devenv.box import lock as locks
from devenv.box import spec, steps

pytestmark = pytest.mark.contract

CHECKOUT = Path(__file__).resolve().parents[2]
VAGRANTFILE = CHECKOUT / "Vagrantfile"
PROVIDERS = ("docker", "libvirt", "virtualbox", "lxc", "hyperv", "vmware_desktop", "parallels")

FULL = """\
name: hello
cpus: 2
memory: 1 GiB
ports: [8080, "8081:80", "5353:53/udp", "0.0.0.0:8443:443", "[::1]:9000:9000"]
sync: [".:/vagrant", {host: data, guest: /srv/data, type: rsync}, {host: ., guest: /src, type: {libvirt: 9p}}]
packages: [git]
env: {GREETING: "it's $5"}
provision:
  - {name: a step of words, run: "echo 'hello' \\"$USER\\"", privileged: false}
  - {name: script, path: scripts/set up.sh, when: always}
providers:
  virtualbox: {gui: true, linked_clone: true, customize: [[modifyvm, ":id", --nested-hw-virt, "on"]]}
  libvirt:
    cpu_mode: custom
    cpu_model: qemu64
    storage: [[file, {size: 20G}], [file, {device: cdrom, path: /x.iso}]]
    qemuargs: [{value: -device}]
    qemuenv: [{QEMU_AUDIO_DRV: pa}]
    cpu_feature: [{name: hypervisor, policy: disable}]
  docker: {volumes: ["/a:/b"], create_args: ["--cap-add", NET_ADMIN], privileged: true}
  lxc: {customize: [[cgroup.memory, 1G]], privileged: true}
  vmware_desktop: {gui: true, vmx: {a: b}}
  parallels: {optimize_power_consumption: false}
  hyperv: {vmname: x, enable_virtualization_extensions: true}
"""
SEVERAL = """\
name: many
box: acme/base
box_version: 1.2.3
box_url: https://boxes.example.com/acme.json
sync: []
machines:
  web: {ports: [8082], hostname: front.example.test}
  db: {primary: true, memory: 2048, ports: [5432], cpus: 1}
"""


def hostile(marker: Path) -> list[str]:
    """Strings that would make a file if anything took them for a program."""
    touch = f"touch {marker}"
    return [
        f'"; system("{touch}") #',
        f"'; system('{touch}') #",
        f'#{{system("{touch}")}}',
        f"`{touch}`",
        f"$({touch})",
        f"\n{touch}\n",
        f"'\n{touch}\nEND\nDEVENV\n{touch}\n",
        f"DEVENV\n{touch}",
        f"%x({touch})",
        f"%{{x}} <%= `{touch}` %>",
        f"| {touch}",
        f"; {touch} &",
        "ü \u2028 \\ \\0 \\x00 \t",
    ]


def project(folder: Path, text: str) -> Path:
    """Make a project with its lock in a folder and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "devenv.yaml").write_text(text, encoding="utf-8")
    shutil.copy(VAGRANTFILE, folder)
    read = spec.load(folder / "devenv.yaml")
    locks.write(folder / "devenv.lock", locks.resolve(read, project_dir=folder))
    return folder


def environment() -> dict[str, str]:
    return {**os.environ, "VAGRANT_CHECKPOINT_DISABLE": "1", "VAGRANT_NO_COLOR": "1", "LC_ALL": "C.UTF-8"}


def vagrant(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["vagrant", *words],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def evaluate(*folders: Path) -> dict[Path, Any]:
    """Return what Vagrant makes of each folder's Vagrantfile; one start of Ruby for all."""
    done = subprocess.run(
        ["ruby", str(Path(__file__).with_name("evaluate.rb")), *map(str, folders)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.rstrip("\n").rpartition("\n")[2])
    return {folder: found[str(folder)] for folder in folders}


class Projects:
    """All projects of this module, evaluated together."""

    def __init__(self, base: Path) -> None:
        self.marker = base / "MARKER"
        self.full = base / 'my "projects" #{1+1} ü' / "hello"
        for name, content in (("data/x", ""), ("scripts/set up.sh", "#!/bin/sh\necho \udcff\r\n")):
            file = self.full / name
            file.parent.mkdir(parents=True)
            file.write_bytes(content.encode(errors="surrogateescape"))
        project(self.full, FULL)
        self.several = project(base / "several", SEVERAL)
        self.local = project(base / "local", 'name: local\nports: ["8080:80", 9000]\nproviders: {libvirt: {cpus: 4}}\n')
        state = self.local / ".vagrant/devenv"
        state.mkdir(parents=True)
        mine = {"ports": {"80/tcp": 8081}, "providers": {"libvirt": {"driver": "qemu"}}}
        (state / "local.json").write_text(json.dumps({"machines": {"default": mine}}))
        self.strings = hostile(self.marker)
        self.hostile = self._hostile(base)
        self.found = evaluate(self.full, self.several, self.local, self.hostile)

    def _hostile(self, base: Path) -> Path:
        folder = base / f"`touch {self.marker.name}` $(touch x) #{{system('touch MARKER')}}".replace("/", "_")
        text = [
            one
            for one in self.strings
            if "\n" not in one and "\t" not in one and "/" not in one.replace(str(self.marker), "")
        ]
        hosts = [one.replace(str(self.marker), "MARKER") for one in text]
        for name in hosts:
            (folder / name).mkdir(parents=True)
        data = {
            "name": "hostile",
            "box_url": "https://x/#{system('touch${IFS}" + str(self.marker) + "')}`id`",
            "env": {f"V{number}": value for number, value in enumerate(self.strings)},
            "sync": [{"host": name, "guest": f"/g{number}/{name}"} for number, name in enumerate(hosts)
                     if ":" not in name],
            "provision": [{"name": f"s{number}", "run": value} for number, value in enumerate(self.strings)],
            "providers": {
                "docker": {"volumes": self.strings, "name": self.strings[2], "create_args": self.strings,
                           "env": {f"V{number}": value for number, value in enumerate(self.strings)}},
                "libvirt": {"title": self.strings[0], "description": self.strings[2], "cpu_mode": self.strings[3],
                            "storage": [["file", {"path": value}] for value in self.strings]},
                "virtualbox": {"name": self.strings[0], "customize": [["modifyvm", *self.strings]]},
                "lxc": {"container_name": self.strings[0], "customize": [[one, one] for one in self.strings]},
            },
        }  # fmt: skip
        # JSON is YAML too
        return project(folder, json.dumps(data))


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Projects:
    return Projects(tmp_path_factory.mktemp("vagrantfile"))


def of(projects: Projects, folder: Path, provider: str, machine: str = "default") -> Any:
    assert "error" not in projects.found[folder], projects.found[folder]
    return projects.found[folder][machine][provider]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_ports_are_forwarded_on_the_address_asked_for(projects: Projects, provider: str) -> None:
    ports = {
        (net["guest"], net["host"], net["protocol"], net["host_ip"])
        for kind, net in of(projects, projects.full, provider)["networks"]
        if kind == "forwarded_port"
    }
    expected = {
        (8080, 8080, "tcp", "127.0.0.1"),
        (80, 8081, "tcp", "127.0.0.1"),
        (53, 5353, "udp", "127.0.0.1"),
        (443, 8443, "tcp", "0.0.0.0"),
        (9000, 9000, "tcp", "::1"),
    }
    # lxc's own forwarding is broken and hyperv has none: see the Vagrantfile
    assert ports == (set() if provider in ("lxc", "hyperv") else expected)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_folders_are_shared_the_way_each_provider_can(projects: Projects, provider: str) -> None:
    folders = {folder["guestpath"]: folder for folder in of(projects, projects.full, provider)["folders"]}
    assert set(folders) == {"/vagrant", "/srv/data", "/src"}
    root = projects.full
    assert {path: folder["hostpath"] for path, folder in folders.items()} == {
        "/vagrant": str(root),
        "/srv/data": str(root / "data"),
        "/src": str(root),
    }
    types = {path: str(folder.get("type", "")).lstrip(":") for path, folder in folders.items()}
    assert types["/srv/data"] == "rsync"
    assert (types["/vagrant"], types["/src"]) == (("rsync", "9p") if provider == "libvirt" else ("", ""))
    assert not any(folder.get("disabled") for folder in folders.values())
    rsynced = [folder for path, folder in folders.items() if types[path] == "rsync"]
    assert all(".vagrant/" in folder["rsync__exclude"] for folder in rsynced)


def test_a_project_that_shares_nothing_shares_nothing(projects: Projects) -> None:
    for provider in PROVIDERS:
        folders = of(projects, projects.several, provider, "web")["folders"]
        assert all(folder.get("disabled") for folder in folders)


def test_every_providers_settings_reach_it(projects: Projects) -> None:
    docker = of(projects, projects.full, "docker")["settings"]
    assert docker["create_args"][0] == "--init"
    assert docker["create_args"][-4:] == ["--memory", "1024m", "--cap-add", "NET_ADMIN"]
    assert (docker["privileged"], docker["volumes"]) == (True, ["/a:/b"])
    libvirt = of(projects, projects.full, "libvirt")["settings"]
    assert (libvirt["cpus"], libvirt["memory"], libvirt["cpu_model"]) == (2, 1024, "qemu64")
    assert [disk["size"] for disk in libvirt["disks"]] == ["20G"]
    assert [cdrom["path"] for cdrom in libvirt["cdroms"]] == ["/x.iso"]
    assert libvirt["cpu_features"] == [{"name": "hypervisor", "policy": "disable"}]
    assert libvirt["qemu_args"] == [{"value": "-device"}]
    assert libvirt["qemu_env"] == {"QEMU_AUDIO_DRV": "pa"}
    virtualbox = of(projects, projects.full, "virtualbox")["settings"]
    assert (virtualbox["gui"], virtualbox["linked_clone"]) == (True, True)
    customized = [words for _, words in virtualbox["customizations"]]
    assert ["modifyvm", ":id", "--memory", "1024"] in customized
    # ":id" as a symbol, printed with its colon: Vagrant puts the machine's id there
    assert ["modifyvm", ":id", "--nested-hw-virt", "on"] in customized
    assert all(words[1] == ":id" for words in customized)
    lxc = of(projects, projects.full, "lxc")["settings"]
    assert (lxc["customizations"], lxc["privileged"]) == ([["cgroup.memory", "1G"]], True)
    hyperv = of(projects, projects.full, "hyperv")["settings"]
    assert (hyperv["cpus"], hyperv["memory"], hyperv["vmname"]) == (2, 1024, "x")


def test_virtualbox_gets_the_symbol_and_not_the_text(projects: Projects) -> None:
    source = VAGRANTFILE.read_text(encoding="utf-8")
    done = subprocess.run(
        ["ruby", "-e", RUBY_STAND_IN + 'o = Object.new; def o.customize(c) p c end; '
         'DevenvLock.invoke("virtualbox", o, "customize", ["modifyvm", ":id", "#{1}"])', source],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == '["modifyvm", :id, "#{1}"]\n'.replace("#{1}", "1")


RUBY_STAND_IN = """
require "json"; require "digest"; require "shellwords"
module Vagrant; module Errors; class VagrantError < StandardError; end; end; end
eval(ARGV[0][/^module DevenvLock.*?^end$/m])
"""
"""The Vagrantfile's module alone, without Vagrant."""


def test_several_machines(projects: Projects) -> None:
    assert projects.found[projects.several]["primary"] == ":db"
    web, db = (of(projects, projects.several, "libvirt", name) for name in ("web", "db"))
    assert (web["hostname"], db["hostname"]) == ("front.example.test", "many-db")
    for machine in (web, db):
        assert (machine["box"], machine["version"]) == ("acme/base", "1.2.3")
        assert machine["url"] == ["https://boxes.example.com/acme.json"]
    assert (db["settings"]["memory"], web["settings"]["memory"]) == (2048, 1024)


def test_what_holds_for_this_computer_comes_on_top(projects: Projects) -> None:
    libvirt = of(projects, projects.local, "libvirt")
    assert (libvirt["settings"]["driver"], libvirt["settings"]["cpus"]) == ("qemu", 4)
    assert {(net["guest"], net["host"]) for _, net in libvirt["networks"]} == {(80, 8081), (9000, 9000)}


def words_and_bodies(program: str) -> list[tuple[list[str], str]]:
    """Return each call of a program: its words as sh reads them, and its here-document."""
    calls = re.findall(r"^devenv_step (.*) <<'DEVENV' \|\| exit \$\?\n(.*\n.*\n)DEVENV\n", program, re.MULTILINE)
    return [(shlex.split(words), body) for words, body in calls]


@pytest.mark.parametrize("which", ["full", "hostile"])
def test_vagrant_sends_the_same_program_as_devenv(projects: Projects, which: str) -> None:
    folder: Path = getattr(projects, which)
    lock = locks.read(folder / "devenv.lock")
    assert lock is not None
    machine = lock.machines["default"]
    (program,) = of(projects, folder, "docker")["programs"]
    ours = [steps.program(folder, lock, machine, step, "vagrant") for step in machine.steps]
    assert program.startswith(lock.runner + "\n")
    assert all(text.startswith(lock.runner + "\n") for text in ours)
    assert words_and_bodies(program) == [words_and_bodies(text)[0] for text in ours]
    # nothing but these calls comes after the runner
    rest = program.removeprefix(lock.runner + "\n")
    assert len(re.findall("^devenv_step ", rest, re.MULTILINE)) == len(machine.steps)
    assert re.sub(r"^devenv_step .*\n[^\n]*\n[^\n]*\nDEVENV\n", "", rest, flags=re.MULTILINE) == ""


def test_hostile_strings_stay_strings(projects: Projects) -> None:
    strings = projects.strings
    docker = of(projects, projects.hostile, "docker")["settings"]
    assert docker["volumes"] == strings
    assert docker["create_args"][-len(strings) :] == strings
    assert list(docker["env"].values()) == strings
    assert docker["name"] == strings[2]
    libvirt = of(projects, projects.hostile, "libvirt")
    assert libvirt["settings"]["title"] == strings[0]
    assert [disk["path"] for disk in libvirt["settings"]["disks"]] == strings
    shared = [folder["hostpath"] for folder in libvirt["folders"] if not folder.get("disabled")]
    assert len(shared) > 5
    assert all(path.startswith(f"{projects.hostile}/") for path in shared)
    virtualbox = of(projects, projects.hostile, "virtualbox")["settings"]
    assert virtualbox["customizations"][-1][1] == ["modifyvm", *strings]
    lxc = of(projects, projects.hostile, "lxc")["settings"]
    assert lxc["customizations"] == [[one, one] for one in strings]


def test_vagrant_validates_them_and_runs_nothing(projects: Projects) -> None:
    for folder in (projects.full, projects.several, projects.hostile):
        done = vagrant(folder, "validate")
        assert (done.returncode, done.stderr) == (0, ""), f"{done.stdout}{done.stderr}"
        assert "validated successfully" in done.stdout
    status = vagrant(projects.hostile, "status", "--machine-readable")
    assert ",default,state,not_created" in status.stdout
    everything = [path.name for path in projects.marker.parent.rglob("*") if path.is_file()]
    assert projects.marker.name not in everything
    assert "x" not in {path.name for path in projects.hostile.iterdir()}


BAD_SETTINGS = [
    ("docker", {"system": [["touch MARKER"]]}, 'docker has no setting "system"'),
    ("docker", {"send": [["system", "touch MARKER"]]}, 'docker has no setting "send"'),
    ("libvirt", {"instance_eval": "system('touch MARKER')"}, 'libvirt has no setting "instance_eval"'),
    ("libvirt", {"instance_variable_set": [["a", "b"]]}, 'libvirt has no setting "instance_variable_set"'),
    ("libvirt", {"finalize!": []}, 'libvirt has no setting "finalize!"'),
    ("libvirt", {"cpu_mod": "x"}, 'libvirt has no setting "cpu_mod"'),
    ("virtualbox", {"public_send": [["system", "touch MARKER"]]}, 'virtualbox has no setting "public_send"'),
    ("libvirt", {"storage": 3}, "libvirt: storage is not a list of calls"),
]


def test_settings_that_are_none_are_refused_in_one_line(tmp_path: Path) -> None:
    folders = []
    for number, (provider, settings, _) in enumerate(BAD_SETTINGS):
        folder = project(tmp_path / str(number), "name: x\n")
        # by hand: devenv.yaml is stricter still
        data = json.loads((folder / "devenv.lock").read_text())
        data["machines"]["default"]["providers"] = {provider: settings}
        (folder / "devenv.lock").write_text(json.dumps(data))
        folders.append(folder)
    found = evaluate(*folders)
    for folder, (_, _, message) in zip(folders, BAD_SETTINGS, strict=True):
        assert found[folder] == {"error": f"devenv.yaml: providers: {message}."}
    assert not list(tmp_path.rglob("MARKER"))
    done = vagrant(folders[0], "validate")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == f"devenv.yaml: providers: {BAD_SETTINGS[0][2]}."
    assert ".rb:" not in done.stdout + done.stderr


def test_a_lock_that_is_missing_or_damaged_is_one_line(tmp_path: Path) -> None:
    missing = project(tmp_path / "missing", "name: x\n")
    (missing / "devenv.lock").unlink()
    damaged = {}
    for number, data in enumerate([b"", b"{", b"[]", b"null", b'{"machines": {}}', b"\xff\xfe", b"<<<<<<< HEAD\n{}"]):
        folder = project(tmp_path / str(number), "name: x\n")
        (folder / "devenv.lock").write_bytes(data)
        damaged[folder] = folder / "devenv.lock"
    found = evaluate(missing, *damaged)
    anew = "run `devenv up`, which writes it"
    assert found[missing] == {"error": f"devenv.lock is missing: {anew} from devenv.yaml."}
    for folder, file in damaged.items():
        assert found[folder] == {"error": f"{file} is damaged: delete it and {anew} anew."}


def test_a_script_that_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p/setup.sh").write_text("echo\n")
    folder = project(tmp_path / "p", "name: x\nprovision: [{name: set up, path: setup.sh}]\n")
    (folder / "setup.sh").unlink()
    done = vagrant(folder, "validate")
    assert done.returncode == 1
    assert "devenv.yaml: provision: set up: No such file or directory" in done.stderr
    assert ".rb:" not in done.stdout + done.stderr


def test_a_newer_devenv_yaml_is_said_once_and_the_command_goes_on(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", "name: x\n")
    (folder / "devenv.yaml").write_text("name: x\nmemory: 2048\n")
    done = vagrant(folder, "validate")
    assert done.returncode == 0
    assert "validated successfully" in done.stdout
    said = "devenv.yaml has changed since devenv.lock was written: run `devenv up` to bring it up to date.\n"
    assert done.stderr == said


def test_the_lock_alone_is_enough(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", "name: alone\n")
    (folder / "devenv.yaml").unlink()
    assert evaluate(folder)[folder]["default"]["docker"]["hostname"] == "alone"


NEWER_THAN_2_7 = {
    "endless method": r"^\s*def \w+[?!]?(\(.*?\))? = ",
    "numbered parameter": r"\b_[1-9]\b",
    "it as a parameter": r"\{ *it\b|\.it\b",
    "hash shorthand": r"[({,] *\w+:(?=[,)}])",
    "rightward assignment": r"^\s*[\w.\[\]\"]+ => \w+$",
    "argument forwarding": r"\((?:\w+, )?(?:\.\.\.|\*|\*\*|&)\)",
    "newer methods": r"\.(except|intersect\?|compact_blank|deconstruct)\b|transform_keys\(\{|Data\.define",
}


@pytest.mark.parametrize("name", NEWER_THAN_2_7)
def test_the_vagrantfile_is_ruby_2_7(name: str) -> None:
    # Vagrant's installers bring a Ruby of their own, which has been 2.7 for years
    assert re.findall(NEWER_THAN_2_7[name], VAGRANTFILE.read_text(encoding="utf-8"), re.MULTILINE) == []


def test_the_patterns_above_find_what_they_are_for() -> None:
    samples = ["def a(b) = 1", "x.map { _1 }", "x.map { it.y }", "f(a:, b: 1)", "x => y", "g(...)", "h.except(:a)"]
    for sample, pattern in zip(samples, NEWER_THAN_2_7.values(), strict=True):
        assert re.search(pattern, sample, re.MULTILINE), sample
