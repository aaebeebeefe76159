"""The short way and the long way understand the same words: one table, both asked."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from devenv import __version__
from devenv.box import lifecycle
from devenv.box.project import Project
from devenv.cli import app, guest, idecheck, life, quick

RUNS = [
    # words, command, machine, tty
    (["run", "true"], ("true",), None, None),
    (["run", "--", "true"], ("true",), None, None),
    (["run", "ls", "-l", "--all"], ("ls", "-l", "--all"), None, None),
    (["run", "ls", "-m", "x"], ("ls", "-m", "x"), None, None),
    (["run", "ls", "--help"], ("ls", "--help"), None, None),
    (["run", "ls", "-h"], ("ls", "-h"), None, None),
    (["run", "--", "-m", "x"], ("-m", "x"), None, None),
    (["run", "--", "--version"], ("--version",), None, None),
    (["run", "-m", "web", "true"], ("true",), "web", None),
    (["run", "--machine", "web", "--", "true", "--machine", "db"], ("true", "--machine", "db"), "web", None),
    (["run", "--machine=web", "true"], ("true",), "web", None),
    (["run", "-mweb", "true"], ("true",), "web", None),
    (["run", "-m", "web", "-m", "db", "true"], ("true",), "db", None),
    (["run", "-m", "--", "true"], ("true",), "--", None),
    (["run", "-t", "top"], ("top",), None, True),
    (["run", "-T", "top"], ("top",), None, False),
    (["run", "--tty", "top"], ("top",), None, True),
    (["run", "--no-tty", "-m", "web", "--", "top"], ("top",), "web", False),
    (["run", "-t", "-T", "top"], ("top",), None, False),
    (["run", "-tm", "web", "top"], ("top",), "web", True),
    (["run", "sh", "-c", "echo a; exit 3"], ("sh", "-c", "echo a; exit 3"), None, None),
    (["run", "a", "--", "b"], ("a", "--", "b"), None, None),
    (["run", "--", "--", "b"], ("--", "b"), None, None),
    (["run", "--", "a", "--", "b"], ("a", "--", "b"), None, None),
    (["run", ""], ("",), None, None),
    (["run", "--", ""], ("",), None, None),
    (["run", "-", "x"], ("-", "x"), None, None),
    (["run", "echo", "ü", "a b", "$x", "-"], ("echo", "ü", "a b", "$x", "-"), None, None),
    (["run", "-m", "", "true"], ("true",), "", None),
]
STATUSES = [
    # words, machines, json
    (["status"], (), False),
    (["status", "--json"], (), True),
    (["status", "web", "db"], ("web", "db"), False),
    (["status", "web", "--json", "db"], ("web", "db"), True),
    (["status", "--json", "--json"], (), True),
    (["status", "--", "web"], ("web",), False),
    (["status", "--", "--json"], ("--json",), False),
    (["status", "web", "--", "--json"], ("web", "--json"), False),
    (["status", ""], ("",), False),
    (["status", "-"], ("-",), False),
]
INTERPRETERS = [
    # words, the interpreter's own words, the module they are for
    (["python"], (), ""),
    (["python", "-u", "-h"], ("-u", "-h"), ""),
    (["python", "a.py", "--machine", "db"], ("a.py", "--machine", "db"), ""),
    (["python", "-c", "pass", "a b", "*"], ("-c", "pass", "a b", "*"), ""),
    (["python", "--", "-x"], ("-x",), ""),
    (["python", "a.py", "--", "b"], ("a.py", "--", "b"), ""),
    (["python", "-u", "a.py", "--", "-h"], ("-u", "a.py", "--", "-h"), ""),
    (["python", "--help", "--version"], ("--help", "--version"), ""),
    (["python", "-m", "pytest", "-q"], ("-m", "pytest", "-q"), ""),
    (["python", ""], ("",), ""),
    (["pip", "list"], ("list",), "pip"),
    (["pip", "install", "--upgrade", "-h"], ("install", "--upgrade", "-h"), "pip"),
]
CHECKS = [
    # words, editors, json
    (["ide", "check"], (), False),
    (["ide", "check", "--json"], (), True),
    (["ide", "check", "vscode", "zed"], ("vscode", "zed"), False),
    (["ide", "check", "vscode", "--json"], ("vscode",), True),
]
WRONG = [
    ["run"],
    ["run", "--"],
    ["run", "-m"],
    ["run", "-m", "web"],
    ["run", "-m", "web", "--"],
    ["run", "--machine"],
    ["status", "--jsn"],
    ["status", "-x"],
    ["status", "--json=yes"],
]
UNKNOWN_OPTIONS = [
    ["run", "--jsn", "true"],
    ["run", "-x", "true"],
    ["run", "--tty=yes", "true"],
    ["run", "-Tx", "true"],
    ["run", "--machin", "web", "true"],
]


class Asked(Exception):
    """What a way in ended in: the name of the function and what it was called with."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    seen: list[tuple[object, ...]] = []

    def run(command: object, *, machine: str | None, tty: bool | None) -> int:
        seen.append(("run", tuple(command), machine, tty))  # type: ignore[arg-type]
        return 42

    def status(machines: object, *, as_json: bool) -> int:
        seen.append(("status", tuple(machines), as_json))  # type: ignore[arg-type]
        return 42

    def python(arguments: object, *, machine: str | None, first: str = "") -> int:
        seen.append(("python", tuple(arguments), first, *([machine] if machine else [])))  # type: ignore[arg-type]
        return 42

    def check(editors: object, *, as_json: bool) -> int:
        seen.append(("check", tuple(editors), as_json))  # type: ignore[arg-type]
        return 42

    monkeypatch.setattr(guest, "python", python)
    monkeypatch.setattr(idecheck, "check", check)
    monkeypatch.setattr(guest, "run", run)
    monkeypatch.setattr(guest, "status", status)
    return seen


@pytest.mark.parametrize(("words", "expected"), [(row[0], row) for row in RUNS + STATUSES], ids=lambda v: str(v)[:60])
def test_both_ways_call_the_same(
    asked: list[tuple[object, ...]], words: list[str], expected: tuple[object, ...]
) -> None:
    assert app.run(words) == 42
    assert asked == [(words[0], *expected[1:])]
    asked.clear()
    # None: the short way leaves it to the long one
    assert quick.run(words) in (42, None)
    assert asked in ([], [(words[0], *expected[1:])])


@pytest.mark.parametrize("row", INTERPRETERS + CHECKS, ids=lambda row: " ".join(row[0]))
def test_the_interpreter_and_the_check_of_editors_mean_the_same_either_way(
    asked: list[tuple[object, ...]], row: tuple[list[str], tuple[str, ...], object]
) -> None:
    words, rest, last = row
    assert [app.run(words), quick.run(words)] == [42, 42]
    assert asked == [("check" if words[0] == "ide" else "python", rest, last)] * 2


@pytest.mark.parametrize("words", [["--machine", "db"], ["--machine=db"]], ids=" ".join)
def test_another_machines_interpreter_is_named_in_front(asked: list[tuple[object, ...]], words: list[str]) -> None:
    assert [app.run(["python", *words, "-m", "pytest"]), quick.run(["python", *words, "-m", "pytest"])] == [42, 42]
    assert [app.run(["pip", *words, "--", "list"]), quick.run(["pip", *words, "--", "list"])] == [42, 42]
    assert asked == [("python", ("-m", "pytest"), "", "db")] * 2 + [("python", ("list",), "pip", "db")] * 2


def test_the_interpreters_own_help_is_asked_for_behind_two_dashes(asked: list[tuple[object, ...]]) -> None:
    assert quick.run(["python", "--", "-h"]) == 42
    assert asked == [("python", ("-h",), "")]


@pytest.mark.parametrize("words", [["python", "-h"], ["python", "--help"], ["pip", "--help"]], ids=" ".join)
def test_help_of_the_interpreter_commands_needs_no_box(
    asked: list[tuple[object, ...]], capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert quick.run(words) is None
    assert app.run(words) == 0
    assert "--machine" in capsys.readouterr().out
    assert not asked


def test_the_plain_forms_take_the_short_way(asked: list[tuple[object, ...]]) -> None:
    plain = [
        ["run", "true"],
        ["run", "--", "make", "test"],
        ["run", "-m", "web", "--", "make"],
        ["status"],
        ["status", "--json"],
        ["status", "web"],
    ]
    for words in plain:
        assert quick.run(words) == 42
    assert len(asked) == len(plain)


def test_a_plain_up_takes_the_short_way_and_does_what_the_long_one_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[tuple[object, ...]] = []

    @contextlib.contextmanager
    def job(*words: object, **options: object) -> Iterator[tuple[SimpleNamespace, list[str]]]:
        seen.append((words, options))
        yield SimpleNamespace(project=Project(tmp_path)), ["web"]

    def up(_job: object, names: object, **options: object) -> list[lifecycle.UpResult]:
        seen.append((names, options))
        return []

    monkeypatch.setattr(life, "job", job)
    monkeypatch.setattr(lifecycle, "up", up)
    for words in (["up"], ["up", "--provider", "docker"]):
        assert quick.run(words) == 0
        short, seen[:] = list(seen), []
        assert app.run(words) == 0
        assert seen == short
        assert len(short) == 2
        seen.clear()


@pytest.mark.parametrize("words", WRONG + UNKNOWN_OPTIONS, ids=" ".join)
def test_wrong_words_end_in_a_usage_error_either_way(
    asked: list[tuple[object, ...]], capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    code = quick.run(words)
    if code is None:
        code = app.run(words)
    assert code == 2
    assert asked == []
    assert capsys.readouterr().err.strip()


@pytest.mark.parametrize("words", [["run", "-h"], ["run", "--help"], ["status", "-h"], ["status", "web", "--help"]])
def test_help_is_the_long_ways(
    asked: list[tuple[object, ...]], capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert quick.run(words) is None
    assert app.run(words) == 0
    assert asked == []
    assert f"devenv {words[0]} [OPTIONS]" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [[], ["up", "web"], ["up", "--provider"], ["halt", "web"], ["--version", "x"], ["-V"], ["runs"], ["box", "list"]],
)
def test_everything_else_is_left_to_the_long_way(words: list[str]) -> None:
    assert quick.run(words) is None


def test_both_ways_print_the_same_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert quick.run(["--version"]) == 0
    short = capsys.readouterr()
    assert app.run(["--version"]) == 0
    assert capsys.readouterr() == short
    assert short.out == f"devenv {__version__}\n"


def test_errors_are_told_the_same_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from devenv.errors import BoxError

    def fails(*_args: object, **_kwargs: object) -> int:
        raise BoxError("web is not running", hint="devenv up")

    monkeypatch.setattr(guest, "run", fails)
    said = []
    for way in (quick.run, app.run):
        assert way(["run", "true"]) == 8
        said.append(capsys.readouterr())
    assert said[0] == said[1]
    assert said[0].err == "error: web is not running\nhint: devenv up\n"


def test_an_interrupt_is_130_either_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_args: object, **_kwargs: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(guest, "status", interrupted)
    for way in (quick.run, app.run):
        assert way(["status"]) == 130
        assert "Traceback" not in capsys.readouterr().err
