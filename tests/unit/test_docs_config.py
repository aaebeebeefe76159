"""docs/config-editing.md and its part of the README do what they show: command blocks are run, their output compared.

A page is its own fixture. Each section begins in an empty folder. A block whose first line names a file after its
language (``json test.json``) is that file, there before any command of its section; ``console`` blocks are commands
after ``$ ``, run by sh, with what a terminal shows of them; ``augtool`` blocks are given to Augeas, whose files are
those in ``/tmp``; ``pycon`` blocks are Python sessions.
"""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from devenv import paths
from devenv.editor import formats
from devenv.editor.trees import filters

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/config-editing.md"
README = ROOT / "README.md"
BLOCK = re.compile(r"^```([a-z]+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
RUN = ("console", "augtool", "pycon")


class Block(NamedTuple):
    """A fenced block: its language, the file it is, its text."""

    language: str
    file: str
    text: str


def sections(page: Path = PAGE) -> dict[str, list[Block]]:
    """Return a page's sections that have blocks, with these."""
    parts = SECTION.split(page.read_text(encoding="utf-8"))[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {title: [Block(*match) for match in BLOCK.findall(text)] for title, text in pairs if BLOCK.search(text)}


def of_files(page: Path) -> dict[str, list[Block]]:
    """Return the sections of another page that bring files of their own along."""
    return {title: blocks for title, blocks in sections(page).items() if any(block.file for block in blocks)}


def commands(text: str) -> list[tuple[str, str]]:
    """Return each command of a console block with what it prints."""
    pieces = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert pieces[0] == ""
    return [(piece.partition("\n")[0], piece.partition("\n")[2]) for piece in pieces[1:]]


class Session:
    """A section at work in a folder of its own."""

    def __init__(self, base: Path, blocks: list[Block]) -> None:
        self.folder, self.elsewhere = base / "work", base / "tmp"
        self.elsewhere.mkdir()
        programs = base / "bin"
        programs.mkdir()
        devenv = programs / "devenv"
        devenv.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m devenv "$@"\n')
        devenv.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "100",
        }
        for block in blocks:
            # what augtool works on in /tmp begins as the same file
            for folder in (self.folder, self.elsewhere) if block.file else ():
                (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
                (folder / block.file).write_text(block.text, encoding="utf-8")
        self.folder.mkdir(exist_ok=True)
        self.augeas = None

    def console(self, text: str) -> None:
        for command, shown in commands(text):
            done = subprocess.run(
                ["sh", "-c", command.replace("/tmp/", f"{self.elsewhere}/")],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=60,
                check=False,
            )
            assert done.stdout.decode() == shown, command
            assert done.returncode == 0 or shown.startswith("error: "), f"{command}: exit {done.returncode}"

    def augtool(self, text: str) -> None:
        from augeas import Augeas

        if self.augeas is None:
            start, _, text = text.partition("\n")
            match = re.fullmatch(r'\$ augtool --noload --noautoload --transform "(\S+) incl (\S+)"', start)
            assert match
            self.augeas = Augeas(flags=Augeas.NO_LOAD | Augeas.NO_MODL_AUTOLOAD)
            self.augeas.add_transform(match[1], [match[2].replace("/tmp/", f"{self.elsewhere}/")])
        said = self.elsewhere / "said"
        for piece in text.split("augtool> ")[1:]:
            command, _, shown = piece.partition("\n")
            with said.open("w") as out:
                self.augeas.srun(out, command.replace("/tmp/", f"{self.elsewhere}/") + "\n")
            saved = "Saved 1 file(s)\n" if command == "save" else ""
            printed = said.read_text(encoding="utf-8").replace(f"{self.elsewhere}/", "/tmp/")
            if not command.startswith("rm "):
                assert (printed or saved) == shown, command

    def pycon(self, text: str) -> None:
        self.names = getattr(self, "names", {})
        test = doctest.DocTestParser().get_doctest(text, self.names, PAGE.name, str(PAGE), 0)
        said: list[str] = []
        failed = doctest.DocTestRunner(verbose=False).run(test, out=said.append, clear_globs=False).failed
        self.names.update(test.globs)
        assert failed == 0, "".join(said)


def test_the_page_has_blocks_of_each_kind_to_run() -> None:
    languages = [block.language for blocks in sections().values() for block in blocks]
    assert set(RUN) <= set(languages)
    assert (
        sum(len(commands(block.text)) for each in sections().values() for block in each if block.language == "console")
        > 60
    )


def test_every_block_is_run_or_is_a_file() -> None:
    idle = [block for blocks in sections().values() for block in blocks if not block.file and block.language not in RUN]
    assert idle == []


@pytest.mark.slow
@pytest.mark.starts_programs
@pytest.mark.parametrize("title", {**sections(), **of_files(README)})
def test_a_section_shows_what_its_commands_print(title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = {**sections(), **of_files(README)}[title]
    session = Session(tmp_path, blocks)
    monkeypatch.chdir(session.folder)
    for block in blocks:
        if block.language in RUN and not block.file:
            getattr(session, block.language)(block.text)


def test_the_table_of_formats_names_formats_there_are_with_files_that_go_by_them() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("\n## Formats\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z]+)` \| (.*?) \|", table, re.MULTILINE)
    assert len(rows) > 4
    for name, files in rows:
        for pattern in re.findall(r"`([^`]+)`", files):
            assert formats.of_file(f"/home/me/{pattern.replace('*', 'x')}").name == name, pattern


def test_the_lens_shown_is_known_by_its_filter_once_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for block in sections()["Adding a format"]:
        if block.file.endswith(".aug"):
            (tmp_path / block.file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    monkeypatch.setattr(paths, "data_folder", lambda name: str(tmp_path / name))
    filters._ours.cache_clear()
    try:
        found = filters.of_file("/home/me/all.greetings")
    finally:
        filters._ours.cache_clear()
    assert found is not None
    assert (found.name, found.lens) == ("greetings", "Greetings.lns")
