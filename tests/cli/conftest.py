"""Command-line tests: each ``*.txt`` is a script of commands with the files they need inline.

::

    # What this shows; the first line is the test's name.
    #! slow                            (only where it takes more than two seconds)
    #! contract                        (only where it needs docker or another program of a provider)
    $ devenv status web                a command, run by sh in a fresh folder; `devenv` is the real one
    exit 2                             its exit code (0 when nothing is said)
    err there is no machine 'web'      a regular expression found in standard error; `out` is standard output
    !err Traceback                     one that is not found; `!out .` says that there is no output at all
    lines err 2                        the number of lines
    json out version 1                 standard output is JSON, and what lies at this path is this
    file devenv.yaml text              a file that holds this regular expression
    file devenv.yaml                   a file that is there; `!file x` for one that is not
    same devenv.yaml                   a file that is byte by byte what the script began with
    -- devenv.yaml --                  everything below is files, up to the next such line
    name: hello

A file's name may end in a folder's slash (an empty folder) or in ``|base64``. No command may leave a back-trace, and
what standard error says is what a person can read: both are checked for every command.
"""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SECTION = re.compile(r"^-- (.+) --$")
TRACE = re.compile(r"Traceback \(most recent call last\)|\.rb:\d+:in |^\s+File \".*\", line \d+", re.MULTILINE)
CHECKS = ("exit", "out", "err", "!out", "!err", "lines", "json", "file", "!file", "same")


@dataclass
class Step:
    """One command and what is said of it: (line number, word, rest)."""

    command: str
    line: int
    checks: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass
class Script:
    """A script: its title, its marks (pytest's), its commands, its files."""

    title: str
    marks: list[str]
    steps: list[Step]
    files: dict[str, bytes]


def parse(text: str) -> Script:
    """Return the script in text; raise ValueError naming the line that is none."""
    title, marks, steps, files = "", list[str](), list[Step](), dict[str, bytes]()
    name: str | None = None
    body: list[str] = []
    for number, line in enumerate([*text.splitlines(), "-- end --"], 1):
        if match := SECTION.match(line):
            if name is not None:
                files.update([_file(name, body)])
            name, body = match[1], []
        elif name is not None:
            body.append(line)
        elif line.startswith("#!"):
            marks += line.removeprefix("#!").split()
        elif line.startswith("#"):
            title = title or line.lstrip("# ")
        elif line.startswith("$ "):
            steps.append(Step(line[2:], number))
        elif line.strip():
            word, _, rest = line.partition(" ")
            if word not in CHECKS or not steps:
                raise ValueError(f"line {number}: {line}")
            steps[-1].checks.append((number, word, rest))
    if not steps or not title:
        raise ValueError("a script has a title and at least one command")
    return Script(title, marks, steps, files)


def _file(name: str, body: Iterable[str]) -> tuple[str, bytes]:
    text = "".join(f"{line}\n" for line in body)
    if name.endswith("|base64"):
        return name.removesuffix("|base64"), base64.b64decode(text)
    return name, text.encode()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    return ScriptFile.from_parent(parent, path=file_path) if file_path.suffix == ".txt" else None


class ScriptFile(pytest.File):
    """A file with one script."""

    def collect(self) -> Iterator[pytest.Item]:
        script = parse(self.path.read_text(encoding="utf-8"))
        item = ScriptItem.from_parent(self, name=self.path.stem)
        item.script = script
        for mark in script.marks:
            item.add_marker(getattr(pytest.mark, mark))
        yield item


class Failed(AssertionError):
    """What a script's line says is not so."""


class ScriptItem(pytest.Item):
    """Runs one script."""

    script: Script

    def runtest(self) -> None:
        # no fixtures for an item of its own kind: the factory is the one behind tmp_path
        base = self.config._tmp_path_factory.mktemp(self.name)  # type: ignore[attr-defined]
        folder = base / "work"
        folder.mkdir()
        for name, content in self.script.files.items():
            path = folder / name
            if name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        env = environment(base)
        for step in self.script.steps:
            done = subprocess.run(
                ["sh", "-c", step.command],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=120,
                check=False,
            )
            Checker(self.script, step, folder, done).check()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        if isinstance(excinfo.value, Failed):
            return f"{self.path}: {self.script.title}\n{excinfo.value}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.name}: {self.script.title}"


def environment(base: Path) -> dict[str, str]:
    """Return an environment with the real ``devenv`` first in PATH and a home of its own."""
    programs, home = base / "bin", base / "home"
    programs.mkdir()
    home.mkdir()
    devenv = programs / "devenv"
    devenv.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m devenv "$@"\n')
    devenv.chmod(0o755)
    checkout = Path(__file__).resolve().parents[2]
    kept = {key: value for key, value in os.environ.items() if key in ("LANG", "LC_ALL", "SSL_CERT_FILE")}
    return {
        **kept,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "BIN": str(programs),
        "PYTHONPATH": str(checkout),
        "HOME": str(home),
        "TMPDIR": str(base),
        "VAGRANT_HOME": str(home / ".vagrant.d"),
        "DEVENV_CACHE": str(home / "cache"),
        "DEVENV_DATA": str(home / "data"),
        "COLUMNS": "100",
        "TERM": "xterm",
    }


class Checker:
    """Holds what one command did against what the script says."""

    def __init__(self, script: Script, step: Step, folder: Path, done: "subprocess.CompletedProcess[bytes]") -> None:
        self.script, self.step, self.folder, self.code = script, step, folder, done.returncode
        self.said = {"out": done.stdout.decode(errors="replace"), "err": done.stderr.decode(errors="replace")}

    def check(self) -> None:
        if TRACE.search(self.said["err"] + self.said["out"]):
            self.fail(self.step.line, "there is a back-trace")
        if not any(word == "exit" for _, word, _ in self.step.checks) and self.code != 0:
            self.fail(self.step.line, f"it exited with {self.code}")
        for number, word, rest in self.step.checks:
            getattr(self, f"_{word.replace('!', 'no_')}")(number, rest)

    def fail(self, number: int, why: str) -> None:
        shown = "".join(f"--- {name}\n{text}" for name, text in self.said.items())
        raise Failed(f"line {number}: {why}\n$ {self.step.command}\n--- exit {self.code}\n{shown}")

    def _exit(self, number: int, rest: str) -> None:
        if self.code != int(rest):
            self.fail(number, f"it exited with {self.code}, not {rest}")

    def _found(self, number: int, name: str, pattern: str, wanted: bool) -> None:
        if bool(re.search(pattern, self.said[name], re.MULTILINE)) != wanted:
            self.fail(number, f"{pattern!r} is {'not ' if wanted else ''}in {name}")

    def _out(self, number: int, rest: str) -> None:
        self._found(number, "out", rest, True)

    def _err(self, number: int, rest: str) -> None:
        self._found(number, "err", rest, True)

    def _no_out(self, number: int, rest: str) -> None:
        self._found(number, "out", rest, False)

    def _no_err(self, number: int, rest: str) -> None:
        self._found(number, "err", rest, False)

    def _lines(self, number: int, rest: str) -> None:
        name, count = rest.split()
        found = len(self.said[name].splitlines())
        if found != int(count):
            self.fail(number, f"{name} has {found} lines, not {count}")

    def _json(self, number: int, rest: str) -> None:
        name, way, wanted = rest.split(" ", 2)
        try:
            value = json.loads(self.said[name])
            for part in way.split("."):
                value = value[int(part)] if isinstance(value, list) else value[part]
        except (ValueError, LookupError, TypeError) as exc:
            self.fail(number, f"{way}: {exc!r}")
        if value != json.loads(wanted):
            self.fail(number, f"{way} is {json.dumps(value)}, not {wanted}")

    def _file(self, number: int, rest: str) -> None:
        name, _, pattern = rest.partition(" ")
        path = self.folder / name
        if not path.exists():
            self.fail(number, f"{name} is not there")
        if pattern and not re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE):
            self.fail(number, f"{pattern!r} is not in {name}")

    def _no_file(self, number: int, rest: str) -> None:
        if (self.folder / rest).exists():
            self.fail(number, f"{rest} is there")

    def _same(self, number: int, rest: str) -> None:
        if (self.folder / rest).read_bytes() != self.script.files[rest]:
            self.fail(number, f"{rest} was changed")
