"""What is printed: data on standard output, all else on standard error, no codes where nobody sees them."""

import errno
import io
import json
import re
import sys

import pytest

from devenv.cli import report, watchers
from devenv.errors import BoxError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_json_has_the_version_of_its_form_first_and_keeps_text_readable(capsys: pytest.CaptureFixture[str]) -> None:
    report.out_json({"name": "ü"})
    said = capsys.readouterr()
    assert said.out == '{\n  "version": 1,\n  "name": "ü"\n}\n'
    assert json.loads(said.out) == {"version": 1, "name": "ü"}
    assert said.err == ""


def test_a_table_is_aligned_and_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    report.table([["a" * 50, "running"], ["b", "not created"]], ["machine", "state"])
    assert capsys.readouterr().out.splitlines() == [
        f"machine{' ' * 43}  state",
        f"{'a' * 50}  running",
        f"b{' ' * 49}  not created",
    ]
    report.table([], ["machine"])
    assert capsys.readouterr().out == "machine\n"


def test_out_ends_its_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    report.out("a")
    report.out("b\n")
    assert capsys.readouterr() == ("a\nb\n", "")


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_only_on_a_terminal_that_wants_them(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], coloured: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", Terminal())
    report.error(BoxError("no"))
    assert sys.stderr.getvalue() == ("\033[31merror:\033[0m no\n" if coloured else "error: no\n")  # type: ignore[attr-defined]
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    report.error(BoxError("no"))
    assert sys.stderr.getvalue() == "error: no\n"  # type: ignore[attr-defined]


def test_off_a_terminal_a_phase_is_one_line_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    watcher = report.watcher()
    assert isinstance(watcher, watchers.Lines)
    with watcher.phase("web", "create on docker"):
        watcher.line("lots of output")
    assert re.fullmatch(r"web: create on docker \.\.\. \d+\.\d s\n", capsys.readouterr().err)


def test_a_note_or_a_phase_inside_another_keeps_lines_apart(capsys: pytest.CaptureFixture[str]) -> None:
    watcher = watchers.Lines()
    with watcher.phase("web", "outer"):
        watcher.note("a note")
        with watcher.phase("web", "inner"):
            pass
    lines = capsys.readouterr().err.splitlines()
    assert [line.rstrip() for line in lines[:2]] == ["web: outer ...", "a note"]
    assert re.fullmatch(r"web: inner \.\.\. \d+\.\d s", lines[2])
    assert re.fullmatch(r"web: outer \.\.\. \d+\.\d s", lines[3])
    assert len(lines) == 4


def test_a_failed_phase_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), watchers.Lines().phase("web", "step x"):
        raise ZeroDivisionError
    assert re.fullmatch(r"web: step x \.\.\. failed after \d+\.\d s\n", capsys.readouterr().err)


def test_a_phase_that_is_interrupted_did_not_fail(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), watchers.Lines().phase("web", "step x"):
        raise KeyboardInterrupt
    assert re.fullmatch(r"web: step x \.\.\. interrupted after \d+\.\d s\n", capsys.readouterr().err)


def test_quiet_prints_nothing_but_errors(capsys: pytest.CaptureFixture[str]) -> None:
    watcher = report.watcher(quiet=True)
    with watcher.phase("web", "x"):
        watcher.note("note")
        watcher.line("line")
    assert capsys.readouterr() == ("", "")


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make standard error a terminal; in the test itself, because pytest sets it anew after the fixtures."""
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


class TestLive:
    """On a terminal: a spinner, then one line a phase."""

    def test_phases_notes_and_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal = on_terminal(monkeypatch)
        watcher = report.watcher()
        assert isinstance(watcher, watchers.Live)
        with watcher.phase("web", "step [bold]x"):
            watcher.line("==> web: \x1b[31mred\x07 [/nonsense]")
            watcher.note("port [80] is taken")
        with pytest.raises(ZeroDivisionError), watcher.phase("web", "y"):
            raise ZeroDivisionError
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
        assert re.search(r"✓ web: step \[bold\]x +\d+\.\d s", text)
        assert "port [80] is taken" in text
        assert re.search(r"✗ web: y +failed after \d+\.\d s", text)
        assert "\x07" not in terminal.getvalue()

    def test_no_color(self, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal = on_terminal(monkeypatch)
        monkeypatch.setenv("NO_COLOR", "1")
        watcher = report.watcher()
        with watcher.phase("web", "x"):
            pass
        assert not re.search(r"\x1b\[[0-9;]*3[0-7]", terminal.getvalue())

    def test_a_line_before_any_phase_is_ignored(self, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal = on_terminal(monkeypatch)
        watchers.Live().line("x")
        assert terminal.getvalue() == ""

    def test_a_dumb_terminal_gets_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        on_terminal(monkeypatch)
        monkeypatch.setenv("TERM", "dumb")
        assert isinstance(report.watcher(), watchers.Lines)


class Narrow:
    """A standard output without a buffer that takes three bytes at a time."""

    def __init__(self) -> None:
        self.taken = b""
        self.buffer = self

    def flush(self) -> None:
        pass

    def write(self, data: memoryview) -> int:
        self.taken += bytes(data[:3])
        return min(3, len(data))


def test_bytes_arrive_whole_where_each_write_takes_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Narrow()
    monkeypatch.setattr(sys, "stdout", out)
    report.out_bytes(b"a line of text\n")
    assert out.taken == b"a line of text\n"


def test_names_that_are_no_text_are_printed_as_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    report.out("n\udcff")
    report.out_json({"file": "n\udcff"})
    said = capsys.readouterr().out
    assert said.startswith("n\\udcff\n")
    assert json.loads(said.partition("\n")[2])["file"] == "n\udcff"


def test_what_standard_error_does_not_take_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(sys, "stderr", Full())
    report.say("x")
