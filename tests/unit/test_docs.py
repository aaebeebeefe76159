"""The documentation is true where a program can tell: links, commands, exit codes, the index of records."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from devenv import errors
from devenv.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md")])
README = ROOT / "README.md"
STARTED = ROOT / "docs/getting-started.md"
RECORDS = ROOT / "docs/adr"

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
COMMAND_ROW = re.compile(r"^\| `devenv ([a-z -]+?)` \|", re.MULTILINE)
CODE_ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)


def prose(file: Path) -> str:
    """Return a page without its code blocks."""
    return FENCE.sub("", file.read_text(encoding="utf-8"))


def anchors(file: Path) -> set[str]:
    """Return the names GitHub gives a page's headings."""
    names = set()
    for heading in HEADING.findall(prose(file)):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        names.add(re.sub(r"[^\w\- ]", "", text).replace(" ", "-"))
    return names


def local_links() -> list[tuple[Path, str]]:
    return [
        (file, link)
        for file in DOCS
        for link in LINK.findall(prose(file))
        if not re.match(r"[a-z]+:", link, re.IGNORECASE)
    ]


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every command one can type, as its words, with those of groups and without the groups themselves."""
    for name, command in group.commands.items():
        words = f"{before}{name}"
        if hasattr(command, "commands"):
            yield from commands(command, f"{words} ")
        else:
            yield words, command


def split(line: str) -> list[str]:
    """Return the words of a command, or of prose where quotes have no end."""
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    group = typer.main.get_command(app)
    assert hasattr(group, "commands")
    return dict(commands(group))


def exit_codes() -> set[int]:
    """Return every exit code devenv.errors speaks of."""
    classes = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.DevenvError)
    ]
    return {each.code for each in classes} | {
        value for name, value in vars(errors).items() if name.startswith("EXIT_") and isinstance(value, int)
    }


def test_there_are_pages_and_links_to_look_at() -> None:
    assert {README, STARTED} <= set(DOCS)
    assert len(local_links()) > 20


def test_every_link_inside_the_documentation_leads_somewhere() -> None:
    broken = []
    for file, link in local_links():
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{file.relative_to(ROOT)}: {link}")
    assert broken == []


def test_the_readme_lists_every_command_and_no_other(known: dict[str, Any]) -> None:
    listed = COMMAND_ROW.findall(README.read_text(encoding="utf-8"))
    assert len(listed) == len(set(listed))
    assert set(listed) == set(known)


def test_commands_in_examples_exist(known: dict[str, Any]) -> None:
    unknown = []
    for file in DOCS:
        for line in re.findall(r"^\$ (?:.*[|&;] *)?devenv (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE):
            words = line.split()
            if words[0].startswith("-"):
                continue
            if words[0] not in known and " ".join(words[:2]) not in known:
                unknown.append(f"{file.relative_to(ROOT)}: devenv {line}")
    assert unknown == []


def test_options_in_examples_exist(known: dict[str, Any]) -> None:
    unknown = []
    for file in DOCS:
        for line in re.findall(r"devenv ([a-z][^`|\n)]*)", file.read_text(encoding="utf-8")):
            words = [word for word in split(line.partition(" -- ")[0]) if " " not in word]
            name = next((name for name in (" ".join(words[:2]), *words[:1]) if name in known), None)
            if name is None:
                continue
            has = {option for parameter in known[name].params for option in parameter.opts + parameter.secondary_opts}
            used = [re.match(r"--[a-z-]+", word) for word in words]
            wrong = [match[0] for match in used if match and match[0] not in has | {"--help"}]
            unknown += [f"{file.relative_to(ROOT)}: devenv {name} {option}" for option in wrong]
    assert unknown == []


def test_no_line_of_help_is_cut_short(known: dict[str, Any]) -> None:
    cut = {name for name, command in known.items() if command.get_short_help_str(62).endswith("...")}
    assert cut == set()


def test_the_table_of_exit_codes_is_that_of_the_errors() -> None:
    table = STARTED.read_text(encoding="utf-8").partition("### Exit codes")[2]
    codes = [int(code) for code in CODE_ROW.findall(table)]
    assert codes == sorted(exit_codes())


def test_every_record_is_in_the_index_and_has_its_number() -> None:
    index = (RECORDS / "README.md").read_text(encoding="utf-8")
    records = sorted(RECORDS.glob("[0-9]*.md"))
    assert records
    listed = [Path(link).name for link in LINK.findall(index) if re.match(r"\d{4}-", link)]
    assert sorted(listed) == [record.name for record in records]
    for record in records:
        number = int(record.name[:4])
        assert record.read_text(encoding="utf-8").startswith(f"# {number}. "), record.name
        assert f"[{number}]({record.name})" in index


def test_numbers_of_records_are_given_once() -> None:
    numbers = [record.name[:4] for record in RECORDS.glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))
