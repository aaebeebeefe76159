"""The exception tree: its exit codes are a promise, and every error has a message a person can read."""

import pytest

from devenv import errors
from devenv.errors import ConfigError, DevenvError, Problem, ToolFailed, ToolMissing

CODES = {
    "UsageError": 2,
    "ConfigError": 3,
    "EditError": 4,
    "ParseError": 5,
    "ToolMissing": 6,
    "ToolFailed": 7,
    "BoxError": 8,
    "ConflictError": 9,
}


def test_exit_codes_are_those_of_the_documentation() -> None:
    found = {cls.__name__: cls.code for cls in DevenvError.__subclasses__()}
    assert found == CODES
    for name, code in CODES.items():
        line = next(line for line in (errors.__doc__ or "").splitlines() if name in line)
        assert f" {code} " in line
    assert (errors.EXIT_OK, errors.EXIT_WOULD_CHANGE, errors.EXIT_BUG, errors.EXIT_INTERRUPTED) == (0, 1, 70, 130)
    assert DevenvError.code == errors.EXIT_BUG


def test_every_error_is_a_devenv_error_that_carries_its_data() -> None:
    error = ToolFailed(["docker", "run"], 125, "last line", log="/log")
    assert (str(error), error.argv, error.exit_code, error.tail, error.log, error.hint) == (
        "docker failed with exit code 125",
        ["docker", "run"],
        125,
        "last line",
        "/log",
        None,
    )
    assert str(ToolFailed(["x"], 1, "", message="said better", hint="do this")) == "said better"


def test_a_missing_tool_says_how_to_get_it() -> None:
    error = ToolMissing("vagrant", install="apt-get install vagrant", why="it boots the box")
    assert (error.message, error.hint) == (
        "vagrant is not installed: it boots the box",
        "get it with: apt-get install vagrant",
    )
    assert ToolMissing("x").hint is None
    assert ToolMissing("x").message == "x is not installed"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("devenv.yaml", 7, 11, "ports", "99999 is not a port"), "devenv.yaml:7:11: ports: 99999 is not a port"),
        (Problem("f", 1, 2, "", "m", "h"), "f:1:2: m (h)"),
        (Problem("f", 0, 0, "k", "m"), "f: k: m"),
    ],
)
def test_a_problem_is_one_line_with_its_place(problem: Problem, text: str) -> None:
    assert str(problem) == text
    assert repr(problem) == f"Problem({text!r})"


def test_a_config_error_lists_all_problems_in_order() -> None:
    problems = [Problem("f", line, 1, "", f"wrong {line}") for line in (1, 2)]
    error = ConfigError(problems, hint="mend it")
    assert str(error).splitlines() == ["f:1:1: wrong 1", "f:2:1: wrong 2"]
    assert (error.problems, error.hint) == (problems, "mend it")
