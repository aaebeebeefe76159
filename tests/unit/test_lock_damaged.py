"""A devenv.lock that is not as devenv wrote it: one problem with its place, and how to mend it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from devenv.box import jsonplace, spec
from devenv.box import lock as locks
from devenv.errors import ConfigError

YAML = b"""\
name: hello
ports: [8080]
env: {A: b}
trust_host_certificates: true
provision: [{name: setup, path: setup.sh}]
providers: {libvirt: {driver: qemu}}
"""


@pytest.fixture
def text(tmp_path: Path) -> str:
    (tmp_path / "setup.sh").write_text("true\n")
    read = spec.parse(YAML, project_dir=tmp_path)
    return locks.dumps(locks.resolve(read, project_dir=tmp_path, runner="# runner\n"))


def swap(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


EDITS: list[tuple[str, Callable[[str], str], str]] = [
    ("empty", lambda text: "", "devenv.lock:1:1: is empty"),
    ("blank", lambda text: " \n\n", "devenv.lock:1:1: is empty"),
    ("list", lambda text: "[]", "devenv.lock:1:1: is not an object"),
    ("half", lambda text: text[: len(text) // 2], "ends in the middle"),
    ("one byte", lambda text: "{", "devenv.lock:1:2: ends in the middle"),
    ("without end", lambda text: text.rstrip()[:-1], "ends in the middle"),
    ("comma", swap('"cpus": 2,', '"cpus": 2,,'), "devenv.lock:20:17: is not JSON: expecting property name"),
    (
        "conflict",
        swap('      "cpus": 2,\n', '<<<<<<< HEAD\n      "cpus": 2,\n=======\n      "cpus": 4,\n>>>>>>> other\n'),
        "devenv.lock:20:1: holds the marks of a merge conflict",
    ),
    ("twice", swap('"cpus": 2,', '"cpus": 2, "cpus": 4,'), "has the key cpus twice"),
    ("nan", swap('"cpus": 2,', '"cpus": NaN,'), "holds NaN, which is not JSON"),
    ("long number", swap('"cpus": 2,', f'"cpus": {"9" * 5000},'), "holds a number that is too long"),
    ("deep", swap('"driver": "qemu"', f'"driver": {"[" * 100_000}'), "is nested too deeply"),
    ("surrogate", swap('"qemu"', '"\\ud800"'), "holds half a character"),
    (
        "other version",
        swap('"version": 1', '"version": 2'),
        "devenv.lock:2:14: version: is not 1: the file was written",
    ),
    ("missing key", swap('      "cpus": 2,\n', ""), "devenv.lock:10:16: machines.default: cpus is missing"),
    (
        "unknown key",
        swap('"cpus": 2,', '"cpus": 2, "cpu": 1,'),
        "devenv.lock:20:25: machines.default.cpu: cpu is not known",
    ),
    ("type", swap('"cpus": 2,', '"cpus": "2",'), "devenv.lock:20:15: machines.default.cpus: is not a whole number"),
    ("bool", swap('"cpus": 2,', '"cpus": true,'), "devenv.lock:20:15: machines.default.cpus: is not a whole number"),
    ("flag", swap('"primary": true', '"primary": 1'), "machines.default.primary: is not true or false"),
    (
        "no primary",
        swap('"primary": true', '"primary": false'),
        "machines: must have exactly one machine that is primary",
    ),
    (
        "port",
        swap('"guest": 8080', '"guest": 80800'),
        "devenv.lock:24:20: machines.default.ports.0.guest: is not a whole",
    ),
    ("protocol", swap('"tcp"', '"tpc"'), "machines.default.ports.0.protocol: is not one of tcp, udp"),
    ("hash", swap('"sha256": "', '"sha256": "x'), "source.sha256: is not a SHA-256 in hex"),
    ("checksum", swap('"checksums": {}', '"checksums": {"docker": "md5:1"}'), "checksums.docker: is not sha256:"),
    ("outside", swap('"path": "setup.sh"', '"path": "../../etc/shadow"'), "steps.2.path: is not inside the project"),
    ("absolute", swap('"path": "setup.sh"', '"path": "/etc/shadow"'), "steps.2.path: is not inside the project"),
    ("run and path", swap('"path": "setup.sh"', '"path": "setup.sh", "run": "x"'), "must have either run or path"),
    ("when", swap('"when": "once"', '"when": "never"'), "when: is not one of once, always"),
    ("machine's name", swap('"default": {', '"../x": {'), "is not a machine's name"),
    ("setting's name", swap('"driver":', '"system(1)":'), "is not a setting's name"),
    ("control", swap('"hostname": "hello"', '"hostname": "a\\nb"'), "hostname: is empty or has control characters"),
    ("empty name", swap('"name": "hello"', '"name": ""'), "devenv.lock:3:11: name: is empty or has control characters"),
    ("payload", swap('"$SSL_CERT_FILE"', "7"), "steps.0.payload.0: is not text"),
]


@pytest.mark.parametrize(("edit", "expected"), [case[1:] for case in EDITS], ids=[case[0] for case in EDITS])
def test_damage_is_one_problem_with_its_place(edit: Callable[[str], str], expected: str, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        locks.loads(edit(text))
    (problem,) = caught.value.problems
    assert expected in str(problem)
    assert caught.value.hint == "delete it and run devenv up, which writes it anew"


def test_every_half_of_a_lock_is_refused(text: str) -> None:
    whole = text.rstrip()
    for length in range(len(whole)):
        with pytest.raises(ConfigError):
            locks.loads(whole[:length])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xff\xfe{", "devenv.lock:1:1: is not UTF-8 text"),
        (b'{\n "a\xe9"', "devenv.lock:2:4: is not UTF-8 text"),
        (b" " * (8 * 1024 * 1024 + 1), "devenv.lock: is larger than 8 MiB"),
    ],
    ids=["utf-16", "latin-1", "huge"],
)
def test_bytes_that_are_no_lock(data: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / "devenv.lock").write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        locks.read(tmp_path / "devenv.lock")
    assert expected in str(caught.value)


def test_a_folder_instead_of_a_lock(tmp_path: Path) -> None:
    (tmp_path / "devenv.lock").mkdir()
    with pytest.raises(ConfigError, match=r"^devenv\.lock: cannot be read: "):
        locks.read(tmp_path / "devenv.lock")


@pytest.mark.parametrize(
    ("way", "place"),
    [
        ((), (1, 1)),
        (("a",), (1, 7)),
        (("b",), (2, 7)),
        (("b", 0), (2, 8)),
        (("b", 1), (2, 11)),
        (("b", 1, 'c"'), (2, 19)),
    ],
)
def test_places_in_json(way: tuple[str | int, ...], place: tuple[int, int]) -> None:
    assert jsonplace.locate('{"a": 1,\n "b": [2, {"c\\"": "x"}, [],{}], "d": null}', way) == place
