"""A YAML text that is read again after a change is what it would be were it read for the first time."""

import random
from typing import Any

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.values import from_plain
from devenv.editor.yaml import again, parts, view
from devenv.editor.yaml.stream import Stream
from devenv.errors import DevenvError, ParseError

YAML = formats.named("yaml")

ODD = ["\n", "   \n", "f: g\r\n", "\tn\n"]
LINES = (
    ODD
    + """a: 1
b:
  c: 2 # c
  d: [1, 2]
- e
  - f
  - g: 1
    h: 'i'
# j
  # k
l: |
  m
    n
o: >+
---
...
--- # p
q: {r: 1, s: [t, u]}
v: [
  w,
  x]
]
y: "z
  a"
b: &k 1
c: *k
- - d
? e
%TAG ! x
  - h: |
      i
    j:
      - k
      - l: 1
        m: 2
o: 'p
q'
""".splitlines(keepends=True)
)


@pytest.fixture(autouse=True)
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LARGE", 24)
    monkeypatch.setattr(parts, "PART", 16)


def of_lines(chance: random.Random) -> str:
    """Return a text that may be YAML: an object or an array of many entries, some of them nested."""
    kind = chance.random()
    if kind < 0.2:
        return "".join(chance.choice(LINES) for _ in range(chance.randrange(2, 20)))
    entries = []
    for number in range(chance.randrange(2, 9)):
        head = f"k{number}:" if kind < 0.7 else "-"
        inner = ["  - a\n", "  - b: 1\n    c: [d, e]\n", "  # f\n", "  - |\n    g\n\n", "  - {h: 1}\n", "\n"]
        body = "".join(chance.choice(inner) for _ in range(chance.randrange(8)))
        entries.append(
            chance.choice([f"{head} {number} # c\n", f"{head}\n{body}", f"{head} |\n  x\n", "# m\n", "---\n"])
        )
    return "".join(entries)


def after(chance: random.Random, text: str) -> str:
    """Return a text with one or two stretches taken out, put in or replaced, most of them whole lines."""
    for _ in range(chance.choice([1, 1, 2])):
        lines = text.splitlines(keepends=True)
        at = chance.randrange(len(lines) + 1)
        new = [] if chance.random() < 0.5 else [chance.choice([*LINES, "  - z\n", "k9: 1\n", "  y: 1\n"])]
        lines[at : at + chance.choice([0, 1, 1, 3])] = new
        text = "".join(lines)
        if chance.random() < 0.2:
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(["", "x", "#", "\n", "'", "[", ": ", "-"]) + text[at + 1 :]
    return text


def shape(node: Any) -> Any:
    """Return all that is known of a node and of what is in it."""
    own = (node.kind, node.start, node.close(), node.style, node.anchor, node.tag, node.value)
    entries = [(entry.node, entry) for entry in node.children()]
    return own, [(shape(value), entry.start, entry.name, entry.key and shape(entry.key)) for value, entry in entries]


def shapes(text: str, was: Stream | None = None) -> Any:
    """Return the shape of each document, and what its aliases stand for; the class of the error if any."""
    try:
        made = Stream(text, was)
    except ParseError:
        return ParseError, None
    told = []
    for doc in made.docs:
        aliases = [(alias.start, alias.value, doc.target(alias).start) for alias in doc.aliases()]
        told.append((doc.start, doc.body, doc.end, aliases, doc.root and shape(doc.root)))
    return told, made


@pytest.mark.parametrize("seed", range(30))
def test_what_is_read_again_has_the_shape_that_a_first_reading_gives(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        text = of_lines(chance)
        was = shapes(text)[1]
        for _ in range(4):
            new = after(chance, text)
            told, made = shapes(new, was)
            assert told == shapes(new)[0], (text, new)
            if made is not None:
                text, was = new, made


def test_a_large_text_that_begins_with_a_bracket_that_closes_nothing_is_not_yaml() -> None:
    for text in ("]\na: 1\nb: 2\nc: and so on\n", "a:\n  }\n  b: 1\n  c: and so on it goes\n"):
        with pytest.raises(ParseError):
            Stream(text)


def test_a_change_is_told_by_what_is_alike_before_and_after_it() -> None:
    chance = random.Random(1)
    for _ in range(500):
        old = "".join(chance.choice("ab") for _ in range(chance.randrange(8)))
        new = "".join(chance.choice("ab") for _ in range(chance.randrange(8)))
        start, end = again.changed(old, new)
        assert 0 <= start <= end <= len(old)
        assert old[:start] + new[start : end + len(new) - len(old)] + old[end:] == new
        assert start == end == len(old) or old != new


def one_by_one(text: str, edits: list[Edit]) -> str | type[DevenvError]:
    for edit in edits:
        view._recent.clear()
        try:
            text = engine.apply(text.encode(), [edit], YAML).data.decode()
        except DevenvError as exc:
            return type(exc)
    return text


def together(text: str, edits: list[Edit]) -> str | type[DevenvError]:
    view._recent.clear()
    try:
        return engine.apply(text.encode(), edits, YAML).data.decode()
    except DevenvError as exc:
        return type(exc)


VALUES = [5, "new", "m\nn\n", "q\n\n", None, [], {}, [1, {"z": 2}], {"u": 1, "v": ["w\nx\n"]}, "# no", "yes"]


def some_edit(chance: random.Random) -> Edit:
    path = chance.choice(
        ["k0", "k1", "k2", "k3", "$", "[0]", "[1]", "[2]", "k1[0]", "k1[-1]", "k2[1]", "k4.b", "[1][0]"]
    )
    value = chance.choice(VALUES)
    return chance.choice(
        [
            Set(path, value, force=True),
            Set(f"{path}.new", value),
            Unset(path),
            Append(path, (value,)),
            Append(path, (value, 7)),
            Append(path, (value,), at=chance.choice([0, 1])),
            Append(path, (value,), unique=True),
            Merge(path, {"a": value, "c": [value]}, arrays="append", force=True),
        ]
    )


@pytest.mark.parametrize("seed", range(40))
def test_entries_that_wait_are_written_as_if_each_had_been_written_at_once(seed: int) -> None:
    chance = random.Random(seed)
    heads = ["a: 1\n", "l:\n  - a\n", "l:\n- a\n\n- b: 1\n", "l: [a]\n", "l: [\n  a,\n  b,  # c\n  ]\n", "l: [a,b,]\n"]
    tails = [
        "",
        "# c\n",
        "\n",
        "  # c\n",
        "m: {l: [x]}\nn:\n  - [y]\n",
        "\n   \n",
        "    - |+\n      x\n\n",
        "---\nl: [1]\n",
    ]
    for _ in range(12):
        text = chance.choice(heads) + chance.choice(tails)
        text = chance.choice([text, text.replace("\n", "\r\n"), text.rstrip("\n")])
        try:
            later, at_once = (formats.open_document(text.encode(), YAML) for _ in range(2))
        except ParseError:
            continue
        for _ in range(8):
            steps = chance.choice([("l",), ("l",), ("l",), ("l", 1), ("m", "l"), ("n", 0), ("n",), ("l", -1), (0, "l")])
            value = from_plain(chance.choice(VALUES))
            found = later.find(steps)
            assert found == at_once.find(steps)
            if len(found) != 1:
                continue
            kinds = {document.kind(found[0]) for document in (later, at_once)}
            assert len(kinds) == 1
            done = []
            inserts = kinds == {"array"} and chance.random() < 0.9
            for document in (later, at_once):
                try:
                    if inserts:
                        values = document.read(found[0])
                        assert isinstance(values, list)
                        document.insert(found[0], len(values), value)
                    elif kinds == {"object"}:
                        document.put((*found[0], "k"), value, force=True)
                    else:
                        document.put(found[0], value, force=True)
                    done.append("")
                except DevenvError as exc:
                    done.append(f"{type(exc)}: {exc}")
            assert done[0] == done[1]
            assert at_once.data is not None  # asked for it is written
        assert later.data == at_once.data


@pytest.mark.parametrize("seed", range(40))
def test_many_edits_at_once_give_what_they_give_one_at_a_time(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        text = of_lines(chance)
        kept: list[Edit] = []
        # those that are refused would end it
        for _ in range(12):
            edit = some_edit(chance)
            if isinstance(one_by_one(text, [*kept, edit]), str):
                kept.append(edit)
        assert not kept or together(text, kept) == one_by_one(text, kept), (text, kept)
