"""devenv config and the streams it was started with: interrupted, too long, unreadable, full."""

import errno
import io
import sys
from pathlib import Path

import pytest

from devenv.cli import configread, quick
from devenv.cli.configfiles import read_stdin
from devenv.editor import snapshot
from devenv.errors import FileError


class Input:
    """A standard input whose reading does this."""

    def __init__(self, does: BaseException | bytes) -> None:
        self.does = does
        self.buffer = self

    def read(self, limit: int) -> bytes:
        if isinstance(self.does, BaseException):
            raise self.does
        return self.does[:limit]


def test_an_interrupt_while_it_reads_is_exit_130_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Input(KeyboardInterrupt()))
    assert quick.run(["config", "set", "-", "a=1", "--format", "json"]) == 130
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "\ninterrupted\n")


def test_an_interrupt_while_devenv_is_loading_is_exit_130_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from devenv import __main__

    def interrupted(argv: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(quick, "run", interrupted)
    with pytest.raises(SystemExit) as raised:
        __main__.main()
    assert raised.value.code == 130
    assert capsys.readouterr().err == "\ninterrupted\n"


def test_an_interrupt_before_the_file_is_written_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a": 1}\n')
    monkeypatch.setattr(sys, "stdin", Input(KeyboardInterrupt()))
    assert quick.run(["config", "merge", str(file), "-"]) == 130
    assert file.read_text() == '{"a": 1}\n'
    assert capsys.readouterr().err == "\ninterrupted\n"


def test_standard_input_that_does_not_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "LARGEST", 4)
    monkeypatch.setattr(sys, "stdin", Input(b"12345678"))
    with pytest.raises(FileError, match="standard input is larger than"):
        read_stdin()
    monkeypatch.setattr(sys, "stdin", Input(b"1234"))
    assert read_stdin() == b"1234"


def test_standard_input_that_cannot_be_read_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Input(OSError(errno.EIO, "Input/output error")))
    assert quick.run(["config", "get", "-", "a", "--format", "json"]) == 4
    assert capsys.readouterr().err.startswith("error: standard input cannot be read: the disk reports an error\n")


def test_a_full_output_is_told_apart_from_a_trouble_with_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full(io.StringIO):
        @property
        def buffer(self) -> "Full":
            return self

        def write(self, _data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "a.json"
    file.write_text('{"a": 1}\n')
    monkeypatch.setattr(sys, "stdout", Full())
    assert quick.run(["config", "get", str(file), "a"]) == 4
    assert capsys.readouterr().err == "error: standard output cannot be written: the disk is full\n"

    def refused(_words: object) -> int:
        raise OSError(errno.EIO, "Input/output error", "/somewhere")

    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(configread, "get", refused)
    assert quick.run(["config", "get", str(file), "a"]) != 4
    assert "/somewhere" in capsys.readouterr().err
