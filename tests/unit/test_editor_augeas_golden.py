"""Real files of many formats and what single edits make of them, to the byte: tests/golden/augeas/*.txt.

A case file begins with ``name: FILE``, which its format goes by. Then come sections: ``=== file`` with the text, then
for each edit ``=== VERB PATH`` or ``=== VERB PATH=VALUE`` (``:=`` and JSON), and what the edit does to the text as a
unified diff with one line of context, or ``! `` and the message of the error it ends in.
"""

import difflib
from pathlib import Path

import pytest

from devenv.editor import engine, formats, keypath
from devenv.editor.document import Document, Format, Steps
from devenv.editor.edits import Append, Edit, Set, Unset
from devenv.editor.values import Untyped, from_json
from devenv.errors import DevenvError

FOLDER = Path(__file__).resolve().parents[1] / "golden/augeas"


def cases(folder: Path = FOLDER) -> list[tuple[str, str, str, str, str]]:
    """Return case file, file name, text, edit and outcome of every case."""
    found = []
    for file in sorted(folder.glob("*.txt")):
        head, _, rest = file.read_text(encoding="utf-8").partition("=== file\n")
        text, *edits = rest.split("=== ")
        for edit in edits:
            command, _, outcome = edit.partition("\n")
            found.append((file.stem, head.partition(": ")[2].strip(), text, command, outcome))
    return found


def edit_of(command: str) -> Edit:
    verb, _, rest = command.partition(" ")
    if verb == "unset":
        return Unset(rest)
    path, sign, text = keypath.assignment(rest, tree=True)
    value = from_json(text) if sign == ":=" else Untyped(text)
    return Set(path, value) if verb == "set" else Append(path, (value,), unique=verb == "append-unique")


def outcome_of(text: str, command: str, fmt: Format) -> tuple[str, str]:
    """Return what an edit makes of a text, and that as a diff or an error."""
    try:
        done = engine.apply(text.encode(), [edit_of(command)], fmt).data.decode()
    except DevenvError as exc:
        return text, f"! {exc.message}\n"
    lines = list(difflib.unified_diff(text.splitlines(True), done.splitlines(True), n=1))[2:]
    return done, "".join(line if line.endswith("\n") else f"{line}\n\\\n" for line in lines)


CASES = [pytest.param(*case[1:], id=f"{case[0]}: {case[3]}") for case in cases()]


@pytest.mark.parametrize(("name", "text", "command", "outcome"), CASES)
def test_an_edit_of_a_real_file_changes_these_bytes_and_no_others(
    name: str, text: str, command: str, outcome: str
) -> None:
    fmt = formats.of_file(name)
    done, diff = outcome_of(text, command, fmt)
    assert diff == outcome
    edit = edit_of(command)
    if isinstance(edit, Set) and done != text:
        assert engine.apply(done.encode(), [edit], fmt).data.decode() == done
        was, now = formats.open_document(text.encode(), fmt), formats.open_document(done.encode(), fmt)
        made = first_made(was, now, edit.path)
        if made is not None:
            assert engine.apply(done.encode(), [Unset(keypath.spelled(made))], fmt).data.decode() == text


def first_made(was: Document, now: Document, path: str) -> Steps | None:
    """Return the highest place that an edit has made; None when it only changed what was there."""
    parsed = keypath.parse(path, tree=True)
    places = [parsed.steps] if parsed.query is None else now.select(parsed.query)
    steps = now.find(places[0])[0]
    return next((steps[:size] for size in range(1, len(steps) + 1) if not was.find(steps[:size])), None)


@pytest.mark.parametrize(("name", "text"), sorted({(name, text) for _, name, text, _, _ in cases()}))
def test_what_is_listed_can_be_set_as_it_is_listed_and_changes_nothing(name: str, text: str) -> None:
    fmt = formats.of_file(name)
    document = formats.open_document(text.encode(), fmt)
    edits: list[Edit] = [Set(keypath.spelled(steps), Untyped(value)) for steps, value in leaves(document, ())]
    assert edits
    assert engine.apply(text.encode(), edits, fmt).data.decode() == text


def leaves(document: Document, steps: Steps) -> list[tuple[Steps, str]]:
    if document.kind(steps) not in ("object", "array"):
        return [(steps, document.read(steps))]
    return [leaf for entry in document.entries(steps) for leaf in leaves(document, (*steps, entry))]


def test_every_format_named_in_the_plan_has_three_cases() -> None:
    counts: dict[str, int] = {}
    for stem, *_ in cases():
        counts[stem] = counts.get(stem, 0) + 1
    wanted = "hosts fstab sshd_config ssh_config sudoers nginx httpd systemd php mysql crontab sysctl resolv logrotate"
    for stem in (*wanted.split(), "npmrc", "pip", "ini", "pom"):
        assert counts.get(stem, 0) >= 3, stem
