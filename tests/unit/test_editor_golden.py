"""Real files and what single edits make of them, line by line: tests/golden/FORMAT/*.txt.

A case file begins with ``name: FILE`` (its format goes by it; ``format:`` or ``lens:`` name another). Then come
sections: ``=== file`` with the text, then for each edit ``=== VERB [--OPTION VALUE] PATH…`` as typed after ``devenv
config``, every word up to the next space, the last of set and merge to the end of the line, and the lines that go and
come, in order, as diff shows them without context.
"""

import difflib
from pathlib import Path

import pytest

from devenv.cli import config, configwords
from devenv.editor import engine, formats
from devenv.editor.edits import Append, Merge

FOLDER = Path(__file__).resolve().parents[1] / "golden"
FOLDERS = ("json", "toml", "yaml")
HEAD = ("name", "format", "lens")


def cases() -> list[object]:
    found = []
    for file in sorted(file for folder in FOLDERS for file in (FOLDER / folder).glob("*.txt")):
        head, _, rest = file.read_text(encoding="utf-8").partition("=== file\n")
        text, *edits = rest.split("=== ")
        facts = dict(line.split(": ", 1) for line in head.splitlines())
        for edit in edits:
            command, _, lines = edit.partition("\n")
            found.append(pytest.param(facts, text, command, lines, id=f"{file.stem}: {command}"))
    return found


def words_of(facts: dict[str, str], command: str) -> configwords.ConfigWords:
    """Return the words of a command; the value of set and the source of merge go to the end of the line."""
    words: list[str] = []
    verb, _, rest = command.partition(" ")
    while rest.startswith("--"):
        option, _, rest = rest.partition(" ")
        words.append(option)
        if option[2:] in configwords.VALUED:
            value, _, rest = rest.partition(" ")
            words.append(value)
    words.append(facts["name"])
    words += [rest] if verb in ("set", "merge") else rest.split(" ")
    if verb == "set":
        # two assignments need two words: none of the cases has them
        assert "=" in rest
    parsed = configwords.parse([verb, *words])
    assert parsed is not None, command
    return parsed


@pytest.mark.parametrize(("facts", "text", "command", "lines"), cases())
def test_an_edit_changes_these_lines_and_no_others(facts: dict[str, str], text: str, command: str, lines: str) -> None:
    edits = config.edits_of(words_of(facts, command))
    fmt = formats.of_file(facts["name"])
    done = engine.apply(text.encode(), edits, fmt).data
    diff = list(difflib.unified_diff(text.splitlines(True), done.decode().splitlines(True), n=0))[2:]
    assert "".join(line for line in diff if not line.startswith("@@")) == lines
    repeats = isinstance(edits[0], Append) and not edits[0].unique
    if not repeats and "[" not in command.partition("=")[0]:
        assert engine.apply(done, edits, fmt).data == done
    assert not isinstance(edits[0], Merge) or done.decode().count("{") >= text.count("{")
