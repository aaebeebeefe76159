"""Whatever devenv.yaml holds: problems or a Spec, never another exception; and what is text stays text."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from devenv.box import lock as locks
from devenv.box import reference, schema, spec, yamlfile
from devenv.box.lock import Lock
from devenv.box.spec import Spec
from devenv.errors import ConfigError, Problem

PROJECT = Path("/nowhere/hello")
SCHEMA = schema.json_schema()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "a.sh").write_text("true\n")
    return folder


def as_yaml(value: Any) -> str:
    """Return JSON-like data as YAML in which every character that is not plain is an escape."""
    if isinstance(value, str):
        return '"' + "".join(_escape(character) for character in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(as_yaml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"? {as_yaml(key)} : {as_yaml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def _escape(character: str) -> str:
    if character.isascii() and character.isprintable() and character not in '"\\':
        return character
    return f"\\U{ord(character):08x}"


def resolve(read: Spec, project: Path) -> Lock:
    return locks.resolve(read, project_dir=project, runner="# runner\n")


def only_config_errors(data: bytes) -> None:
    """Parse data; whatever is wrong with it must be told in problems of one line each."""
    problems: list[Problem] = []
    try:
        read = spec.parse(data, project_dir=PROJECT)
    except ConfigError as exc:
        problems, read = exc.problems, None
    if read is not None:
        assert locks.loads(locks.dumps(resolve(read, PROJECT))).name == read.name
        return
    assert problems
    for problem in problems:
        assert problem.message
        assert str(problem).encode().count(b"\n") == 0


# ---- anything at all


@given(st.binary(max_size=300))
def test_any_bytes_give_problems_or_a_spec(data: bytes) -> None:
    only_config_errors(data)


@given(st.text(max_size=300))
def test_any_text_gives_problems_or_a_spec(text: str) -> None:
    only_config_errors(text.encode(errors="ignore"))


WORDS = [key.name for key in (*schema.TOP.keys, schema.PRIMARY)]
PIECES = [
    *WORDS,
    ": ",
    ":",
    "\n",
    "\n  ",
    "\n  - ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "&a ",
    "*a",
    "!!x ",
    "<<",
    "|\n ",
    ">",
    "'",
]
MORE = [
    '"',
    "\\",
    "#",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "? ",
    "~",
    "yes",
    "1",
    "80:80",
    "0x1F",
    ".nan",
    "@",
    "`",
    "\t",
    "\0",
    "é",
]


@given(st.lists(st.sampled_from([*PIECES, *MORE]), max_size=60))
@settings(max_examples=300)
def test_any_heap_of_yaml_gives_problems_or_a_spec(pieces: list[str]) -> None:
    only_config_errors("".join(pieces).encode())


@given(st.data())
@settings(max_examples=200)
def test_any_damage_to_a_good_file_gives_problems_or_a_spec(data: st.DataObject) -> None:
    text = reference.EXAMPLE
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    middle = data.draw(st.one_of(st.text(max_size=5), st.sampled_from([*PIECES, *MORE])))
    only_config_errors((text[:start] + middle + text[end:]).encode(errors="ignore"))


# ---- the schema and the validator are of one mind

NUMBERS = st.one_of(st.integers(-2, 70_000), st.floats(allow_nan=False, allow_infinity=False), st.integers())
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=12)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=6,
)


def nearly(*values: Any) -> st.SearchStrategy[Any]:
    """One of a few values, right or almost right."""
    return st.sampled_from(values)


PORT_LIKE = st.one_of(
    NUMBERS,
    nearly(
        "80", "80:80", "0", "080", "65535", "65536", "8081:80/udp", "1.2.3.4:1:2", "1.2.3:1:2", "[::1]:1:2", "80/sctp"
    ),
    nearly(
        "1:2:3", ":80", "80:", "80\n", "8 0", "٨٠", "127.0.0.1:80", "256.0.0.1:1:2", "01.2.3.4:1:2", " 80", "80/tcp/udp"
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "guest": NUMBERS,
            "host": NUMBERS,
            "protocol": nearly("tcp", "udp", "TCP", 1),
            "address": nearly("0.0.0.0", "::1", "1.2.3", "", "localhost", None),
            "gest": st.just(1),
        },
    ),
)
SYNC_TYPE = nearly("auto", "rsync", "9p", "nfs4", "", None, {"libvirt": "9p"}, {"libvrt": "9p"}, {"docker": 1}, [])
SYNC_LIKE = st.one_of(
    nearly(".:/vagrant", ".:/", ":/x", "a:b", ".:/a/..", ".:/../a", "C:/x:/y", "/x:/y z", "a\n:/x", "a:/x\0", ".://x"),
    nearly(".:/.", ".:/..a", ".:/.a", "./:/a:b", "", None, 3, ".:/a\n"),
    st.fixed_dictionaries(
        {}, optional={"host": nearly(".", "", "a\tb"), "guest": nearly("/x", "x", "/", "/a/../b"), "type": SYNC_TYPE}
    ),
)
STEP_LIKE = st.fixed_dictionaries(
    {},
    optional={
        "name": nearly("a", "set up", "", "packages", "a\n", " a", "a.", "é", "x" * 63, "x" * 64, None, 1),
        "run": nearly("true", "", "a\0b", "a\nb\n", None, 1),
        "path": nearly("a.sh", "/a", "../a", "a/../b", "~a", "\\a", "a\\b", "", "a\nb", "..a", "a/.."),
        "privileged": nearly(True, False, 1, "yes"),
        "when": nearly("once", "always", "never", None),
        "user": st.just("x"),
    },
)
PACKAGE_LIST = st.lists(
    nearly("git", "g++", "a=1", "-x", "x-", "a b", "@x", "x" * 255, "x" * 256, 1, None, "", "a\n"), max_size=3
)
SETTINGS = st.dictionaries(nearly("driver", "cpu_mode", "Driver", "x y", "_x", ""), JSON, max_size=3)
SHARED: dict[str, st.SearchStrategy[Any]] = {
    "box": nearly("a/b", "a", "a/b/c", "/a", "a/", "-a", "", "a\n", 1, "x" * 255, "x" * 256),
    "box_version": nearly("1.2", ">= 1", "", 12, 12.5, -1, True, None, "1\n", "1~rc1"),
    "box_url": nearly("https://x", "ftp://x", "https://", "file:///x", "https://x y", "https://x\n"),
    "hostname": nearly("a", "a.b", "-a", "a-", "a..b", "", "A1", "x" * 63, "x" * 64, "a_b", "a\n", 1),
    "cpus": st.one_of(NUMBERS, nearly("2", True, None, 2.0, 1024, 1025, [])),
    "memory": nearly(
        64, 63, 1024, 1024.0, 1.5, "2 GiB", "2GB", "1024", "2 g", "2  GiB", "2 GHz", "-1", "", True, None, [], 2**40
    ),
    "ports": st.one_of(st.lists(PORT_LIKE, max_size=3), nearly(None, 80, {})),
    "sync": st.one_of(st.lists(SYNC_LIKE, max_size=3), nearly(None, ".:/x")),
    "packages": st.one_of(
        PACKAGE_LIST, st.dictionaries(nearly("apt", "dnf", "apk", "yum"), PACKAGE_LIST, max_size=2), nearly(None, "git")
    ),
    "env": st.one_of(st.dictionaries(nearly("A", "a_1", "1A", "A-B", "A\n", ""), JSON, max_size=3), nearly(None, [])),
    "trust_host_certificates": nearly(True, False, "yes", 1, None),
    "provision": st.one_of(st.lists(STEP_LIKE, max_size=3), nearly(None, {})),
    "provider": nearly("docker", "libvirt", "Docker", "", None, 1),
    "providers": st.one_of(
        st.dictionaries(nearly("docker", "libvirt", "dokcer"), SETTINGS, max_size=2), nearly(None, [])
    ),
}
MACHINE = st.fixed_dictionaries({}, optional={**SHARED, "primary": nearly(True, False, 1), "name": st.just("x")})
DOCUMENT = st.fixed_dictionaries(
    {},
    optional={
        **SHARED,
        "version": nearly(1, 1.0, 2, "1", None, True),
        "name": nearly("a", "A.b_c", "-a", "a-", "", "a b", "a\n", "x" * 63, "x" * 64, 1),
        "machines": st.one_of(
            st.dictionaries(nearly("web", "db", "a b", "", "x" * 64), st.one_of(st.none(), MACHINE), max_size=2),
            nearly(None, []),
        ),
        "pakages": st.just([]),
    },
)

BEYOND = re.compile(r"is not an address \(127|is too (much|little) \(at")
"""What no JSON Schema can say: whether an IPv6 address is one, how much ``2 GiB`` is."""


def ecma_pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    """As editors read a pattern: $ is the very end, not the place before a last line end."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


VALIDATOR = jsonschema.validators.extend(jsonschema.Draft7Validator, {"pattern": ecma_pattern})(SCHEMA)


def shape_problems(document: Any) -> list[str]:
    """Return what is wrong with a document apart from what only checks across values find."""
    report = yamlfile.Report("devenv.yaml")
    try:
        spec.read(yamlfile.parse(as_yaml(document).encode(), report), report, PROJECT)
    except ConfigError as exc:
        return [str(problem) for problem in exc.problems]
    return [str(problem) for problem in report.problems]


def of_one_mind(document: Any) -> None:
    problems = shape_problems(document)
    assume(not any(BEYOND.search(problem) for problem in problems))
    errors = [error.message for error in VALIDATOR.iter_errors(document)]
    assert bool(problems) == bool(errors), (problems, errors)


@given(DOCUMENT)
@example({})
@example({"ports": ["80\n"]})
@settings(max_examples=500, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_schema_and_validator_agree(document: Any) -> None:
    of_one_mind(document)


@pytest.mark.parametrize("key", sorted(SHARED))
def test_schema_and_validator_agree_on_each_key(key: str) -> None:
    @given(SHARED[key])
    @settings(max_examples=150, suppress_health_check=[HealthCheck.filter_too_much])
    def agree(value: Any) -> None:
        of_one_mind({key: value})

    agree()


@given(JSON)
def test_schema_and_validator_agree_on_any_json(document: Any) -> None:
    of_one_mind(document)


# ---- good files

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
HOSTILE = st.one_of(
    TEXT,
    st.sampled_from(
        ["\"; system('id') #", "#{system('id')}", "$(id)", "`id`", "'; id; '", "END\nid\nEND", "\\", "a\\\nb"]
    ),
)
GOOD = st.fixed_dictionaries(
    {"name": st.just("hello")},
    optional={
        "box": st.just("a/b"),
        "cpus": st.integers(1, 1024),
        "memory": st.integers(64, 2**20),
        "ports": st.lists(st.integers(1, 65535), unique=True, max_size=4),
        "packages": st.lists(st.from_regex(r"[a-z][a-z0-9+.]{0,8}", fullmatch=True), max_size=3),
        "env": st.dictionaries(st.from_regex(r"[A-OQ-Z_][A-Z0-9_]{0,6}", fullmatch=True), HOSTILE, max_size=3),
        "trust_host_certificates": st.booleans(),
        "provision": st.lists(
            st.fixed_dictionaries({"name": st.from_regex(r"[a-z]{4}", fullmatch=True), "run": HOSTILE.filter(bool)}),
            max_size=3,
            unique_by=lambda step: str(step["name"]),
        ),
        "providers": st.dictionaries(
            st.sampled_from(["docker", "libvirt"]),
            st.dictionaries(st.just("setting"), st.one_of(HOSTILE, st.integers(), st.lists(HOSTILE, max_size=2))),
            max_size=2,
        ),
    },
)


@given(GOOD)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_good_file_goes_through_the_lock_unchanged(project: Path, document: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(document)
    read = spec.parse(as_yaml(document).encode(), project_dir=project)
    lock = resolve(read, project)
    text = locks.dumps(lock)
    assert locks.loads(text) == lock
    assert locks.dumps(locks.loads(text)) == text
    assert resolve(read, project) == lock
    machine = json.loads(text)["machines"]["default"]
    assert [port["host"] for port in machine["ports"]] == document.get("ports", [])
    assert machine["providers"] == document.get("providers", {})
    steps = [step for step in machine["steps"] if step["source"] == "provision"]
    assert [step["run"] for step in steps] == [step["run"] for step in document.get("provision", [])]


@given(st.dictionaries(st.sampled_from(["A", "B"]), HOSTILE, min_size=1))
@example({"A": "END"})
@example({"A": "END\nEND_"})
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_variable_is_quoted_and_cannot_leave_its_here_document(project: Path, env: dict[str, str]) -> None:
    read = spec.parse(as_yaml({"env": env}).encode(), project_dir=project)
    (step,) = resolve(read, project).machines["default"].steps
    assert step.run is not None
    found = re.search(r"\nprofile\(\) \{\ncat <<'(END_*)'\n(.*?)\n\1\n\}\nenvironment\(\)", step.run, re.DOTALL)
    assert found is not None
    words = shlex.split(found[2])
    assert words == [word for name in env for word in ("export", f"{name}={env[name]}")]
