"""What is wrong in devenv.yaml: each problem's own words, and all of them at once, in file order."""

from pathlib import Path

import pytest

from devenv.box import spec
from devenv.errors import ConfigError

PROBLEMS = [
    ("pakages: [git]", "devenv.yaml:1:1: pakages is not a key that devenv knows (did you mean packages?)"),
    ("Memory: 1024", "devenv.yaml:1:1: Memory is not a key that devenv knows (did you mean memory?)"),
    ("version: 2", "devenv.yaml:1:10: version: 2 is not a version of devenv.yaml that this devenv reads (1 to 1)"),
    ("name: 12", 'devenv.yaml:1:7: name: 12 is not a name (put it in quotes: "12")'),
    ("name: [a]", "1:7: name: a list is not a name"),
    ("box: a/b/c", "1:6: box: a/b/c is not a box name"),
    ("box: https://x/y.box", "an address goes into box_url"),
    ('box_version: ">= 1"', "1:14: box_version: >= 1 is not a version (one exact version; devenv.lock pins it)"),
    ("box_url: ftp://x", "1:10: box_url: ftp://x is not an address"),
    ("hostname: a_b", "1:11: hostname: a_b is not a hostname"),
    ("hostname: -a", "1:11: hostname: -a is not a hostname"),
    (f"hostname: {'a' * 64}", "is not a hostname"),
    ('hostname: "a\\nb"', "1:11: hostname: 'a\\nb' is not a hostname"),
    ("cpus: 0", "devenv.yaml:1:7: cpus: 0 is not a number of processors (1 to 1024)"),
    ("cpus: many", "1:7: cpus: many is not a number of processors"),
    ("cpus: true", "1:7: cpus: true is not a number of processors"),
    ("cpus: 1.5", "1:7: cpus: 1.5 is not a number of processors"),
    ("cpus:", "1:6: cpus: has no value (leave the key out for its default)"),
    ("memory: yes", 'devenv.yaml:1:9: memory: yes is not a size (write 1024 (MiB) or "2 GiB")'),
    ("memory: 63", "1:9: memory: 63 is too little (at least 64 MiB)"),
    ("memory: 1 MB", "1:9: memory: 1 MB is too little"),
    ("memory: 99 TiB", "1:9: memory: 99 TiB is too much (at most 16 TiB)"),
    ("memory: -5", "1:9: memory: -5 is not a size"),
    ("memory: 2 GHz", "1:9: memory: 2 GHz is not a size"),
    ("ports: 8080", "1:8: ports: 8080 is not a list of ports"),
    ("ports:\n  - 99999", "devenv.yaml:2:5: ports: 99999 is not a port (1 to 65535)"),
    ("ports: [0]", "1:9: ports: 0 is not a port (1 to 65535)"),
    ('ports: ["80:99999"]', "1:9: ports: 99999 is not a port (1 to 65535)"),
    ('ports: ["80:80/tpc"]', "1:9: ports: tpc in 80:80/tpc is not a protocol (tcp or udp)"),
    ('ports: ["1.2.3.400:80:80"]', "1:9: ports: 1.2.3.400 is not an address"),
    ('ports: ["[::g]:80:80"]', "1:9: ports: ::g is not an address"),
    ('ports: ["localhost:80:80"]', "1:9: ports: localhost is not an address"),
    ('ports: ["80:"]', "1:9: ports: 80: is not a port (write 8080,"),
    ("ports: [true]", "1:9: ports: true is not a port"),
    ("ports: [{host: 80}]", "1:9: ports: guest is missing"),
    ("ports: [{guest: 80, hots: 81}]", "1:21: ports: hots is not a key that devenv knows (did you mean host?)"),
    ("ports: [{guest: 80, address: x}]", "1:30: ports.address: x is not an address"),
    ("ports: [80, 80]", "1:13: ports: host port 80/tcp is there twice (first in line 1)"),
    ('ports: [80, "0.0.0.0:80:81"]', "1:13: ports: host port 80/tcp is there twice"),
    ("sync: [vagrant]", "1:8: sync: vagrant is not a synced folder (write ./folder:/folder/in/the/box)"),
    ('sync: [".:/"]', "1:8: sync: .:/ is not a synced folder"),
    ('sync: [".:/a/../b"]', "1:8: sync: .:/a/../b is not a synced folder"),
    ('sync: [".:/x", ".:/x/"]', "1:16: sync: the box's folder /x is there twice"),
    ('sync: ["nope:/x"]', "1:8: sync: nope is not a folder here"),
    ("sync: [{guest: x}]", "1:16: sync.guest: x is not a folder of the box"),
    ("sync: [{guest: /x, type: rsink}]", "1:26: sync.type: rsink is not a way to sync (did you mean rsync?)"),
    ("sync: [{guest: /x, type: {libvrt: 9p}}]", "1:27: sync.type: libvrt is not a provider (did you mean libvirt?)"),
    ('packages: ["-rf"]', "1:12: packages: -rf is not a package name"),
    ('packages: ["git; id"]', "1:12: packages: git; id is not a package name"),
    ("packages: [git-]", "1:12: packages: git- is not a package name"),
    ("packages: {atp: [git]}", "1:12: packages: atp is not a package tool (did you mean apt?)"),
    ("env: {1A: x}", "1:7: env: 1A is not a variable's name"),
    ("env: {A=B: x}", "1:7: env: A=B is not a variable's name"),
    ("env: {A: }", 'has no value (write "" for an empty one)'),
    ("env: {A: [1]}", "1:10: env.A: a list is not the value of a variable"),
    ('env: {A: "\\0"}', "1:10: env.A: a variable cannot hold the character NUL"),
    ("env: {PATH: /x:$PATH}", "1:13: env.PATH: $PATH is not expanded"),
    ("env: [A]", "1:6: env: a list is not a mapping of variables"),
    ("trust_host_certificates: yes", "1:26: trust_host_certificates: yes is not true or false (write true)"),
    ("provision: [{run: x}]", "1:13: provision: name is missing"),
    ("provision: [{name: a}]", "1:13: provision: a step has either run or path"),
    ("provision: [{name: a, run: x, path: y}]", "1:13: provision: a step has either run or path"),
    ("provision: [{name: a, run: ''}]", "1:28: provision.run: '' is not a script"),
    ("provision: [{name: a, path: nope.sh}]", "1:29: provision: nope.sh is not there"),
    ("provision: [{name: a, path: ../x}]", "1:29: provision.path: ../x is not a path inside the project"),
    ("provision: [{name: a, path: /etc/passwd}]", "1:29: provision.path: /etc/passwd is not a path inside the project"),
    ("provision: [{name: a, path: out}]", "1:29: provision: out lies outside the project"),
    ("provision: [{name: a, path: folder}]", "1:29: provision: folder is not a file"),
    ("provision: [{name: a, path: loop}]", "1:29: provision: loop"),
    ("provision: [{name: a, run: x, when: allways}]", "(did you mean always?)"),
    (
        "provision: [{name: a, run: x, privileged: 1}]",
        "1:43: provision.privileged: 1 is not true or false (write true)",
    ),
    ("provision: [{name: a, run: x}, {name: a, run: y}]", "1:32: provision: the step a is there twice"),
    ("provision: [{name: packages, run: x}]", "1:20: provision.name: packages is a name devenv uses itself"),
    ("provision: [make]", "1:13: provision: make is not a step"),
    ("provider: virtulbox", "1:11: provider: virtulbox is not a provider (did you mean virtualbox?)"),
    ("providers: {libvrt: {}}", "1:13: providers: libvrt is not a provider (did you mean libvirt?)"),
    ('providers: {docker: {"x; y": 1}}', "1:22: providers.docker: x; y is not a setting's name"),
    ("providers: {docker: {a: .inf}}", "1:25: providers.docker.a: .inf is not a number that JSON can hold"),
    ('providers: {docker: {a: ["\\0"]}}', "1:26: providers.docker.a: text cannot hold the character NUL"),
    ("providers: {docker: }", "providers.docker: has no value"),
    ("machines: [web]", "1:11: machines: a list is not a mapping of machines"),
    ("machines: {a b: }", "1:12: machines: a b is not a machine's name"),
    (
        "machines: {web: {memroy: 1}}",
        "1:18: machines.web: memroy is not a key that devenv knows (did you mean memory?)",
    ),
    ("machines: {web: {name: x}}", "1:18: machines.web: name is not a key that devenv knows"),
    ("machines: {web: {ports: [0]}}", "1:26: machines.web.ports: 0 is not a port (1 to 65535)"),
    ("machines: {a: {primary: true}, b: {primary: true}}", "1:45: machines.b.primary: a is primary already"),
    ("machines: {a: {ports: [80]}, b: {ports: [80]}}", "1:42: machines.b.ports: host port 80/tcp is used by a too"),
    ("ports: [80]\nmachines: {a: , b: }", "2:19: machines.b.ports: host port 80/tcp is used by a too"),
    ("hostname: x\nmachines: {a: , b: }", "1:11: hostname: a and b would both be called x"),
    ("a: 1\na: 2", "devenv.yaml:2:1: a is there twice (first in line 1)"),
    ("env: {A: 1, A: 2}", "1:13: A is there twice"),
    ("env: {<<: {A: 1}}", "1:7: << (a merge key) is not read"),
    ("cpus: !!int 2", "1:7: tag:yaml.org,2002:int is a tag (tags are not read: leave it out)"),
    ("env: !!python/object/apply:os.system [id]", "is a tag"),
    ("name: !custom x", "1:7: !custom is a tag"),
    ("? [a]\n: b", "1:3: a key must be plain text"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "hello"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "outside").write_text("x")
    (folder / "out").symlink_to(tmp_path / "outside")
    (folder / "loop").symlink_to("loop")
    return folder


def problems(text: str, project: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        spec.parse(text.encode(), project_dir=project)
    assert caught.value.code == 3
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(("text", "expected"), PROBLEMS, ids=[text for text, _ in PROBLEMS])
def test_a_problem_says_where_and_what(text: str, expected: str, project: Path) -> None:
    found = problems(text, project)
    assert any(expected in line for line in found), found
    assert all("\n" not in line for line in found)


def test_all_problems_are_reported_at_once_in_file_order(project: Path) -> None:
    text = """\
version: 1
name: hello
pakages: [git]
memory: yes

ports:
  - 8080
  - 99999
machines:
  web:
    cpus: 0
    ports: [70000, "80:x"]
"""
    assert problems(text, project) == [
        "devenv.yaml:3:1: pakages is not a key that devenv knows (did you mean packages?)",
        'devenv.yaml:4:9: memory: yes is not a size (write 1024 (MiB) or "2 GiB")',
        "devenv.yaml:8:5: ports: 99999 is not a port (1 to 65535)",
        "devenv.yaml:11:11: machines.web.cpus: 0 is not a number of processors (1 to 1024)",
        "devenv.yaml:12:13: machines.web.ports: 70000 is not a port (1 to 65535)",
        'devenv.yaml:12:20: machines.web.ports: 80:x is not a port (write 8080, "8081:80" (host:guest), "53:53/udp" or '
        '"0.0.0.0:8080:80")',
    ]


def test_what_machines_inherit_is_reported_once(project: Path) -> None:
    text = "ports: [80, 80]\nprovision: [{name: a, path: nope}]\nmachines: {a: {ports: [81]}, b: {}, c: {ports: []}}"
    assert problems(text, project) == [
        "devenv.yaml:1:13: ports: host port 80/tcp is there twice (first in line 1)",
        "devenv.yaml:2:29: provision: nope is not there (paths are relative to devenv.yaml)",
    ]


def test_a_wrong_value_brings_no_problems_of_its_default(project: Path) -> None:
    text = "ports: [80]\nmachines: {a: {}, b: {ports: 80}}"
    assert problems(text, project) == [
        "devenv.yaml:2:30: machines.b.ports: 80 is not a list of ports (start each item with a dash, or use [ ])"
    ]


def test_long_values_are_shortened(project: Path) -> None:
    (line,) = problems(f"cpus: {'x' * 5000}", project)
    assert len(line) < 200
