"""The one place where errors become text and exit codes."""

import errno
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from devenv.cli.guard import REPORT_TO, guarded, open_streams
from devenv.errors import BoxError, ConfigError, ConflictError, Problem, ToolFailed, ToolMissing, UsageError


def raising(error: BaseException) -> Callable[[], int]:
    def body() -> int:
        raise error

    return body


def test_a_body_that_works_gives_its_own_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: 42) == 42
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (UsageError("wrong word", hint="another"), 2, "error: wrong word\nhint: another\n"),
        (
            ConfigError([Problem("f.yaml", 1, 2, "k", "m"), Problem("f.yaml", 3, 4, "", "n", "h")]),
            3,
            "f.yaml:1:2: k: m\nf.yaml:3:4: n (h)\n",
        ),
        (ToolMissing("rsync", install="apt-get install rsync"), 6, "error: rsync is not installed\nhint: get it with"),
        (
            ToolFailed(["x"], 1, "a\nb", message="it failed", hint="again", log="/l"),
            7,
            "error: it failed\n  | a\n  | b\nlog: /l\nhint: again\n",
        ),
        (BoxError("first\n  second", log="/log"), 8, "error: first\n  second\nlog: /log\n"),
        (ConflictError("busy"), 9, "error: busy\n"),
        (BoxError(""), 8, "error: BoxError\n"),
    ],
)
def test_an_error_is_told_on_standard_error_and_becomes_its_code(
    capsys: pytest.CaptureFixture[str], error: Exception, code: int, text: str
) -> None:
    assert guarded(raising(error)) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(text)
    assert "Traceback" not in said.err


def test_an_interrupt_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "\ninterrupted\n"


def test_a_full_disk_is_said_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(raising(OSError(errno.ENOSPC, "No space left on device", "/x/y"))) == 8
    assert capsys.readouterr().err.splitlines()[0] == "error: the disk is full: /x/y"


def test_what_the_system_refuses_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(raising(PermissionError(errno.EACCES, "Permission denied", "/x"))) == 8
    assert capsys.readouterr().err == "error: Permission denied: /x\n"
    assert guarded(raising(OSError("odd"))) == 8
    assert capsys.readouterr().err == "error: odd\n"


class Broken(io.StringIO):
    """An output nobody reads any more."""

    def flush(self) -> None:
        raise BrokenPipeError


class Full(io.StringIO):
    """An output on a full disk, as long as there is something to write."""

    def flush(self) -> None:
        if self.getvalue():
            raise OSError(errno.ENOSPC, "No space left on device")


def test_a_reader_that_went_away_is_no_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert guarded(raising(BrokenPipeError())) == 141
    monkeypatch.setattr(sys, "stdout", Broken())
    assert guarded(lambda: 0) == 141
    assert capsys.readouterr().err == ""


def test_standard_error_can_be_the_pipe_that_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    assert guarded(raising(UsageError("x"))) == 141


def test_output_that_does_not_fit_is_an_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Full())

    def body() -> int:
        print("something")
        return 0

    assert guarded(body) == 8
    assert capsys.readouterr().err.splitlines()[0] == "error: the disk is full"


def test_streams_that_were_closed_are_opened_on_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    open_streams()
    streams = (sys.stdin, sys.stdout, sys.stderr)
    assert sys.stdin.read() == ""
    assert sys.stdout.write("x") == 1
    assert sys.stderr.write("x") == 1
    for stream in streams:
        stream.close()


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), RuntimeError(), AssertionError("no"), KeyError("k")])
def test_a_bug_says_where_to_report_it_and_leaves_its_trace_in_a_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["devenv", "up"])
    assert guarded(raising(error)) == 70
    said = capsys.readouterr()
    assert said.out == ""
    first, log, hint = said.err.splitlines()
    assert first == f"error: this is a bug in devenv: {type(error).__name__}: {error}"
    assert hint == f"hint: report it with that file to {REPORT_TO}"
    match = re.fullmatch(r"log: (.*)", log)
    assert match
    trace = Path(match[1]).read_text()
    assert "devenv up" in trace
    assert f"{type(error).__name__}" in trace
    assert "in body" in trace
