"""What the editor promises of YAML, over generated texts and edits; PyYAML, which is not our parser, is the judge."""

import copy
import itertools
import json
import random
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from staying import in_both

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Edit, Set, Unset
from devenv.editor.keypath import spelled
from devenv.editor.values import Number, from_plain
from devenv.editor.yaml import events, parts, stream, view
from devenv.editor.yaml.layout import style_of
from devenv.errors import DevenvError, EditError, ParseError

YAML = formats.named("yaml")

KEYS = st.sampled_from(
    ["a", "b", "c", "name", "x.y", "", "0", "k8s.io/name", 'say "hi"', "on", "ключ", "😀", "a: b", "- d"]
)
WORDS = [
    "plain",
    "two words",
    "yes",
    "012",
    "1.10",
    "a: b",
    "# no",
    "it's",
    'say "hi"',
    "",
    " x ",
    "~",
    "é",
    "😀",
    "a\\b",
]
LINES = [
    "one\ntwo\n",
    "one\n\n  three",
    "tail\n",
    "\nlead\n",
    " lead\n",
    "#!/bin/sh\necho ${x} `id`\n",
    "end\n\n",
    "a \nb\t\n",
]
TEXTS = st.one_of(
    st.sampled_from(WORDS), st.sampled_from(LINES), st.text(max_size=8).filter(lambda text: text.isprintable())
)
NUMBERS = st.one_of(st.integers(-(10**20), 10**20), st.sampled_from([0.5, -1.25, 100.0]))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.one_of(st.dictionaries(KEYS, VALUES, max_size=5), st.lists(VALUES, max_size=4))


def load(text: str) -> Any:
    return yaml.load(text, yaml.CSafeLoader)


class Writer:
    """Writes data as different people do: comments, blank lines, quotes, both styles, several widths."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.unit = self.random.choice([1, 2, 2, 4])
        self.dash = self.random.choice([0, self.unit])
        self.gap = self.random.choice([1, 1, 3])
        self.newline = self.random.choice(["\n", "\n", "\r\n"])
        self.comments = self.random.choice([0.0, 0.2, 0.6])
        self.flow = self.random.choice([0.0, 0.3, 1.0])
        self.spaced = self.random.random() < 0.2
        self.number = 0

    def text(self, data: Any) -> str:
        lines: list[str] = self.above(0)
        if isinstance(data, dict | list) and data and self.random.random() >= self.flow / 2:
            lines += self.block(data, 0)
        else:
            lines += self.inline("", data, 0, " ")
        if self.random.random() < 0.3:
            lines.insert(0, "---")
        if self.random.random() < 0.2:
            lines.append(self.comment())
        end = self.random.choice(["", "\n"]) if not self.ends_in_block else "\n"
        return self.random.choice(["", "", "\ufeff"]) + ("\n".join(lines) + end).replace("\n", self.newline)

    ends_in_block = False

    def comment(self) -> str:
        self.number += 1
        return f"#<{self.number}> note: 'x"

    def above(self, column: int) -> list[str]:
        lines = [""] if self.spaced and self.random.random() < 0.5 else []
        return lines + ([" " * column + self.comment()] if self.random.random() < self.comments else [])

    def behind(self) -> str:
        return self.random.choice([" ", "   "]) + self.comment() if self.random.random() < self.comments else ""

    def block(self, data: Any, column: int) -> list[str]:
        lines: list[str] = []
        pad = " " * column
        if isinstance(data, dict):
            for key, item in data.items():
                lines += self.above(column)
                head = f"{pad}{self.scalar(key, flow=False, key=True)}:"
                deeper = column + (self.dash if isinstance(item, list) else self.unit)
                lines += self.inline(head, item, column, " ", deeper)
            return lines
        for item in data:
            lines += self.above(column)
            inner = column + 1 + self.gap
            if isinstance(item, dict | list) and item and self.random.random() > self.flow:
                first, *more = self.block(item, inner)
                while not first.strip() or first.strip().startswith("#"):
                    lines.append(pad + first.strip())
                    first, *more = more
                lines += [f"{pad}-{' ' * self.gap}{first[inner:]}", *more]
            else:
                lines += self.inline(f"{pad}-", item, column, " " * self.gap, inner)
        return lines

    def inline(self, head: str, item: Any, column: int, gap: str, deeper: int | None = None) -> list[str]:
        """Return head with a value behind it, or below it where it is a collection in block style."""
        self.ends_in_block = False
        many = isinstance(item, dict | list) and bool(item)
        if many and deeper is not None and self.random.random() >= self.flow:
            return [head + self.behind(), *self.block(item, deeper)]
        if (
            isinstance(item, str)
            and head
            and self.random.random() < 0.7
            and re.fullmatch(r"[!-~][ -~\n]*[!-~]\n?", item)
        ):
            chomp = "" if item.endswith("\n") else "-"
            body = item.removesuffix("\n").split("\n")
            pad = " " * max(column + self.unit, deeper or 0)
            self.ends_in_block = True
            return [f"{head}{gap}|{chomp}{self.behind()}", *(pad + line if line else "" for line in body)]
        lines = self.flow_lines(item, column + 1)
        if item is None and head and self.random.random() < 0.3:
            lines = [""]
        lines[-1] += self.behind()
        return [(head + gap if head and lines[0].strip() else head) + lines[0], *lines[1:]]

    def flow_lines(self, item: Any, column: int) -> list[str]:
        if not isinstance(item, dict | list):
            return [self.scalar(item, flow=column > 1 or True)]
        opening, closing = ("{", "}") if isinstance(item, dict) else ("[", "]")
        parts = [
            [self.scalar(key, flow=True, key=True) + ": " + lines[0], *lines[1:]]
            for key, value in item.items()
            for lines in [self.flow_lines(value, column)]
        ] if isinstance(item, dict) else [self.flow_lines(value, column) for value in item]  # fmt: skip
        if not parts or self.random.random() < 0.6:
            lines = [opening]
            for index, part in enumerate(parts):
                lines[-1] += (", " if index else "") + part[0]
                lines += part[1:]
            lines[-1] += closing
            return lines
        lines = [opening + self.behind()]
        for index, part in enumerate(parts):
            last = index + 1 == len(parts)
            part[-1] += ("" if last and self.random.random() < 0.5 else ",") + self.behind()
            lines += [" " * (column + 1) + line for line in part]
        return [*lines, " " * column + closing]

    def scalar(self, item: Any, *, flow: bool, key: bool = False) -> str:
        if item is None:
            return self.random.choice(["null", "~"])
        if not isinstance(item, str):
            return json.dumps(item)
        style = self.random.randrange(3)
        safe = re.fullmatch(r"[A-Za-z][A-Za-z0-9 ./-]*[A-Za-z0-9]|[A-Za-z]", item)
        if style == 0 and safe and load(item) == item:
            return item
        if style == 1 and re.fullmatch(r"[ -~]*", item):
            return "'" + item.replace("'", "''") + "'"
        return json.dumps(item, ensure_ascii=not item.isprintable())


def paths(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(data, dict):
        for key, item in data.items():
            yield from paths(item, (*at, key))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from paths(item, (*at, index))


def value_at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def put(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return data with value at path; a step one past the end of a list makes an entry."""
    if not path:
        return value
    data = copy.deepcopy(data)
    target = value_at(data, path[:-1])
    if isinstance(target, list) and path[-1] == len(target):
        target.append(value)
    else:
        target[path[-1]] = value
    return data


def run(text: str, edit: Edit) -> str:
    return engine.apply(text.encode(), [edit], YAML).data.decode()


def attempted(text: str, edit: Edit) -> str | DevenvError:
    try:
        return run(text, edit)
    except DevenvError as exc:
        return exc


def comments(text: str) -> set[str]:
    return set(re.findall(r"#<\d+>", text))


SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(DOCUMENTS, st.integers(), st.data())
def test_a_value_that_is_set_is_there_and_all_else_is_as_it_was(data: Any, seed: int, draw: Any) -> None:
    text = Writer(seed).text(data)
    assert load(text) == data
    path = draw.draw(st.sampled_from(list(paths(data))))
    value = draw.draw(VALUES)
    was = value_at(data, path)
    done = run(text, Set(spelled(path), value, force=True))
    assert load(done) == put(data, path, value)
    assert run(done, Set(spelled(path), value, force=True)) == done
    if not isinstance(was, dict | list):
        assert comments(done) == comments(text)
    if not isinstance(was, dict | list) and not isinstance(value, dict | list) and "\n" not in f"{was}{value}":
        pairs = list(zip_longest(text.splitlines(), done.splitlines()))
        # fewer lines are left where a block scalar stood
        assert sum(one != other for one, other in pairs) <= 1 or (len(pairs) > len(done.splitlines()) and "|" in text)
    assert text.endswith("\n") == done.endswith("\n") or "\n" in str(value) or isinstance(value, dict | list)


@SETTINGS
@given(DOCUMENTS, st.integers(), st.data())
def test_a_new_entry_leaves_every_line_that_was_there(data: Any, seed: int, draw: Any) -> None:
    text = Writer(seed).text(data)
    holders = [path for path in paths(data) if isinstance(value_at(data, path), dict | list)]
    path = draw.draw(st.sampled_from(holders))
    holder = value_at(data, path)
    value = draw.draw(VALUES)
    if isinstance(holder, list):
        index = draw.draw(st.integers(0, len(holder)))
        edit: Edit = Append(spelled(path), (value,), at=index)
        expected = put(data, path, [*holder[:index], value, *holder[index:]])
    else:
        key = draw.draw(KEYS.filter(lambda key: key not in holder))
        edit = Set(spelled((*path, key)), value)
        expected = put(data, (*path, key), value)
    done = run(text, edit)
    assert load(done) == expected
    assert comments(done) == comments(text)
    if isinstance(edit, Set):
        assert run(done, edit) == done


@SETTINGS
@given(DOCUMENTS, st.integers(), st.data())
def test_what_is_unset_is_gone_and_all_else_is_as_it_was(data: Any, seed: int, draw: Any) -> None:
    text = Writer(seed).text(data)
    places = [path for path in paths(data) if path]
    if not places:
        return
    path = draw.draw(st.sampled_from(places))
    done = run(text, Unset(spelled(path)))
    expected = copy.deepcopy(data)
    del value_at(expected, path[:-1])[path[-1]]
    assert load(done) == expected
    # the comments of what went, and the one behind it, may go
    lost = comments(text) - comments(done)
    assert len(lost) <= len(re.findall("\n", text)) - len(re.findall("\n", done)) + 1
    if isinstance(path[-1], str):
        assert run(done, Unset(spelled(path))) == done


@SETTINGS
@given(DOCUMENTS, st.integers(), st.data())
def test_edits_together_do_what_they_do_one_by_one(data: Any, seed: int, draw: Any) -> None:
    text = Writer(seed).text(data)
    places = st.sampled_from(list(paths(data)))
    edit = st.one_of(
        st.builds(lambda path, value: Set(spelled(path), value, force=True), places, SCALARS),
        st.builds(lambda path, value: Set(spelled((*path, "new")), value), places, SCALARS),
        st.builds(lambda value: Set('$..[?(@.a=="plain")].b', value), SCALARS),
    )
    edits = draw.draw(st.lists(edit, max_size=6))
    singly: str | DevenvError = text
    habits = {style_of(text)}
    for one in edits:
        if isinstance(singly, str):
            habits.add(style_of(singly))
            singly = attempted(singly, one)
    together: str | DevenvError
    try:
        together = engine.apply(text.encode(), edits, YAML).data.decode()
    except DevenvError as exc:
        together = exc
    if not isinstance(singly, str):
        assert not isinstance(together, str)
    elif len(habits) > 1:
        # the next of single edits goes by what the one before left of the file, not by what was there at first
        assert isinstance(together, str)
        assert load(together) == load(singly)
    else:
        assert together == singly


ENTRIES = st.lists(
    st.sampled_from(["a", "b", "c", "d e", 7, {"k": "a"}, {"k": "b"}, ["a"], ["b"]]), min_size=1, max_size=7
)


@st.composite
def lists(draw: Any) -> tuple[str, list[Any]]:
    """Generate a text with a list of which each entry has a comment above it and one behind it."""
    items = draw(ENTRIES)
    flow, comma = draw(st.booleans()), draw(st.booleans())
    lines = ["d: ["] if flow else ["d:"]
    for number, item in enumerate(items):
        mark = "," if flow and (comma or number + 1 < len(items)) else ""
        lines += [f"  # above {number}", f"  {'' if flow else '- '}{json.dumps(item)}{mark}  # behind {number}"]
    lines += (["  ]"] if flow else []) + draw(st.sampled_from([[], ["z: 1"], ["# end", "z: 1"]]))
    return draw(st.sampled_from(["\n", "\r\n"])).join([*lines, ""]), items


@SETTINGS
@given(lists(), ENTRIES)
def test_entries_that_stay_in_a_list_keep_their_comments(file: tuple[str, list[Any]], new: list[Any]) -> None:
    text, old = file
    done = run(text, Set("d", new))
    assert load(done) == {**load(text), "d": new}
    lines, stay = done.splitlines(), []
    assert ("\r" in done) == ("\r" in text)
    for above, line in itertools.pairwise(lines):
        found = re.fullmatch(r" *(?:- )?(.*?),? *# behind (\d+)", line)
        if found and load(found[1]) == old[int(found[2])]:
            stay.append(int(found[2]))
            assert above.strip() == f"# above {found[2]}"
    assert len(stay) >= in_both(old, new)
    assert stay == sorted(stay)
    assert all(f"# above {number}" in done for number in range(len(old)))


def remade(draw: Any, value: Any) -> Any:
    """Return a value of which some entries, at any depth, are gone, others are changed, and new ones are among them."""
    if isinstance(value, list):
        made = [item for old in value for item in draw.draw(st.sampled_from([[old], [old], [remade(draw, old)], []]))]
        for item in draw.draw(st.lists(VALUES, max_size=2)):
            made.insert(draw.draw(st.integers(0, len(made))), item)
        return made
    if isinstance(value, dict):
        kept = {key: draw.draw(st.sampled_from([old, remade(draw, old)])) for key, old in value.items()}
        gone = draw.draw(st.lists(st.sampled_from(list(kept)), max_size=1)) if kept else []
        return {key: item for key, item in kept.items() if key not in gone} | draw.draw(
            st.sampled_from([{}, {}, {"n": 1}, {"n": [2], "m": "x\n"}])
        )
    return draw.draw(st.one_of(st.just(value), SCALARS))


@SETTINGS
@given(st.one_of(DOCUMENTS, st.lists(SCALARS, max_size=6)), st.integers(), st.data())
def test_what_is_made_anew_of_what_is_there_is_read_back(data: Any, seed: int, draw: Any) -> None:
    text = Writer(seed).text(data)
    path = draw.draw(st.sampled_from([path for path in paths(data) if isinstance(value_at(data, path), dict | list)]))
    value = remade(draw, value_at(data, path))
    done = run(text, Set(spelled(path), value))
    assert load(done) == put(data, path, value)


MAPS = st.recursive(SCALARS, lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3), max_leaves=6)


@SETTINGS
@given(st.dictionaries(KEYS, st.one_of(MAPS, VALUES), min_size=1, max_size=3), st.integers(), st.data())
def test_what_waits_is_written_as_if_each_change_had_been_written_at_once(data: Any, seed: int, draw: Any) -> None:
    text = Writer(seed).text(data)
    there = list(paths(data))
    maps = [path for path in there if isinstance(value_at(data, path), dict)]
    new = st.lists(st.one_of(KEYS, st.sampled_from(["n", "m", "٣", "17", "-", 0])), min_size=1, max_size=2)
    below = st.builds(lambda above, keys: (*above, *keys), st.sampled_from(maps), new)
    steps_of_all = draw.draw(st.lists(st.one_of(below, below, below, st.sampled_from(there)), max_size=8))
    later, at_once = (formats.open_document(text.encode(), YAML) for _ in range(2))
    for steps in steps_of_all:
        value = from_plain(draw.draw(st.one_of(SCALARS, SCALARS, VALUES)))
        assert later.find(steps) == at_once.find(steps)
        done = []
        for document in (later, at_once):
            try:
                document.put(steps, value, force=True)
                done.append("")
            except DevenvError as exc:
                done.append(f"{type(exc)}: {exc}")
        assert done[0] == done[1]
        assert at_once.data is not None  # asked for it is written
        assert later.find(steps) == at_once.find(steps)
        if draw.draw(st.integers(0, 5)) == 0:
            assert [later.read(place) for place in later.find(steps)] == [
                at_once.read(place) for place in at_once.find(steps)
            ]
    assert later.data == at_once.data


HOSTILE = st.one_of(
    st.text(max_size=20),
    st.text(st.characters(min_codepoint=0x10000), max_size=4),
    st.text(st.sampled_from("\n\r\t \"'\\#:-?&*!|>%@`{}[],${}\0\x85\u2028\u2029\ufeff\ufffe\uffffa1.e_"), max_size=10),
    st.sampled_from(["\ud800", "a\udfff", "x" * 100_000, "\0" * 1000, "line\n" * 5000, "- " * 2000]),
)


@SETTINGS
@given(
    HOSTILE,
    st.sampled_from(["k: v\nz: 1\n", "k: 'v'\n", "k: |\n  v\nz: 1\n", "k: >\n  v\n", "{z: 1, k: v}", "k: \r\n"]),
)
def test_hostile_text_comes_out_as_it_went_in_or_is_refused_in_one_line(value: str, text: str) -> None:
    done = attempted(text, Set("k", value))
    if isinstance(done, DevenvError):
        assert "\n" not in done.message
        assert re.search("[\ud800-\udfff]", value)
        return
    assert load(done)["k"] == value
    assert run(done, Set("k", value)) == done


@SETTINGS
@given(HOSTILE.filter(lambda text: len(text) < 100), st.sampled_from(["z: 1\n", "{z: 1}", ""]))
def test_hostile_keys_come_out_as_they_went_in_or_are_refused_in_one_line(key: str, text: str) -> None:
    done = attempted(text, Set(spelled((key,)), 1))
    if isinstance(done, DevenvError):
        assert "\n" not in done.message
        assert re.search("[\ud800-\udfff]", key)
        return
    assert load(done)[key] == 1


def test_large_values_come_out_as_they_went_in() -> None:
    for value in ("a b " * 250_000 + "c", "line\n" * 200_000, "\U0001f600" * 100_000, "1" * 10_000):
        for text in ("k: v\n", "[{k: v}]", "k: |\n  v\n"):
            path = "[0].k" if text[0] == "[" else "k"
            done = load(run(text, Set(path, value)))
            assert (done[0] if text[0] == "[" else done)["k"] == value
    assert run("k: 1\n", Set("k", Number("9" * 10_000))) == "k: " + "9" * 10_000 + "\n"


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LARGE", 24)
    monkeypatch.setattr(parts, "PART", 16)


@pytest.fixture
def without_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_parsers", [None])


def both_ways(request: pytest.FixtureRequest, fixture: str, text: str, edit: Edit) -> None:
    """Do an edit, and do it again with the fixture: text or error are the same."""
    results: list[str | type] = []
    for wanted in (None, fixture):
        view._recent.clear()
        if wanted:
            request.getfixturevalue(wanted)
        done = attempted(text, edit)
        results.append(done if isinstance(done, str) else type(done))
    assert results[0] == results[1]


TRICKY = [
    'a: "x\nb: 1\nc: 2"\nd: 3\n',
    "a: {\nb: 1,\nc: 2\n}\nb: 3\n",
    "a:\n- x\n- y: 1\n  z: 2\n-\n  - q\nb: [\n1\n]\n",
    "l:\n  - 'a\n  - b'\n  - c\n  - d: |\n      - x\n      y: z\n",
    "x: &a 1\ny: *a\nz:\n  <<: {b: 1}\nw: '*a'\nv: &b {c: *a}\nb: 2\n",
    "a: 1\n---\nb: 2\n...\n# c\n---\n- c\n- d\n",
    "? a\n: b\nb: long enough to be cut in two\n",
    "a: |\n  b: 1\n  c: 2\nb: >\n  a: x\n\n\nc: 1\n",
    "b:\n    a:\n        - b: 1\n          c: 2\n        - d: 3\n    c: and so on it goes\n",
    "a: b: c\nb: this text is not yaml at all\n",
    "a: b\n c: d\nb: nor is this one, as it stands\n",
    "a: 1\na: 2\nb: here a key is there twice over\n",
    "- a: 1\n  b: 2\n- b: 3\n  c: 4\n\n# c\n- b: 5 # d\n- - e\n  - f\n",
    "\"b\": 1\n'a': 2\nc d: 3\ne:f: 4\n<<: {g: 1}\n",
    "don't: 'x\nb: 1'\na: \"it's\nb: 2\nc: don't\"\nb: isn't [\nc: {x: don't,\nb: 1}\n",
    "a b: 'x\nb: [1'\n\"c: d\": \"e\nb: f\"\nb: g # don't\nc: 'h' # \"\nd: 'i'\n",
    "- x: a 'b\n- y: 'c\n- z'\n- [a, 'b\n- c']\n- d # 'e\n- - 'f\n- g'\n",
    "a: [x 'y, ']\nb: 1'\n]\nb: ['c', \"d\", {e: 'f', g: [h]}, 'i\nb: 2']\nc: [don't, 'x]\nb: 3']\nd: {'a': [b]}\n",
    "a: plain\n  goes on\n  b\nb: 'single\n\n  quoted'\nc: \"dou\\\n  ble\"\n",
]  # fmt: skip


@pytest.mark.parametrize("fixture", ["in_small_parts", "without_c"])
@pytest.mark.parametrize("text", TRICKY)
@pytest.mark.parametrize("path", ["b", "a", "c", "[1]", "[0].b", "l[1]", "a[1].z", "b.a[0].c", "$", "e"])
def test_small_parts_and_the_pure_parser_give_the_same(
    request: pytest.FixtureRequest, fixture: str, text: str, path: str
) -> None:
    for edit in (Set(path, 7), Set(path, {"new": "x"}, force=True), Unset(path), Append(path, (1,), at=0)):
        both_ways(request, fixture, text, edit)


@pytest.mark.parametrize("seed", range(120))
def test_generated_files_in_small_parts_and_through_the_pure_parser_give_the_same(
    request: pytest.FixtureRequest, seed: int
) -> None:
    chance = random.Random(seed)

    def some(depth: int) -> Any:
        kind = chance.randrange(8)
        if depth and kind < 3:
            return {chance.choice(["a", "b", "c", "d e", "on", "0"]): some(depth - 1) for _ in range(4)}
        if depth and kind < 5:
            return [some(depth - 1) for _ in range(3)]
        return chance.choice([None, True, 12, "text", "a: b", "one\ntwo\n", "- x", 0.5, "it's"])

    data = {"first": some(3), "second": some(3), "third": some(2)}
    text = Writer(seed).text(data)
    path = chance.choice([path for path in paths(data) if path])
    edit = chance.choice(
        [Set(spelled(path), "new", force=True), Set(spelled((path[0], "n")), [1, 2], force=True), Unset(spelled(path))]
    )
    both_ways(request, chance.choice(["in_small_parts", "without_c"]), text, edit)


FLOW_TRICKY = [
    "{a: {x: 1, y: [p, q]}, b: {a: [1, {c: 2}]}, c: 'it''s, ]', d: \"e, }\", e: [[1], [2, [3, [4, {z: 5}]]]]}\n",
    "[a, b, {b: 1}, [c, 'd]'], \"e\\\"]\", f g, -1, - 2]\n",
    "[a, {z: 1, b: 2}, [c, d], b: 3, {}, [], null, ~, 'x': y]\n",
    "{\n  # [note, 'here\n  a: 1, # ] and \" there\n  b: [x, y, # z]\n    c, d],\n  c: 3 # ,\n  , e: 4,\n}\n",
    "{a: long enough\n  \"b: 1\", b: plain\n  goes on, c: 'single\n\n  ]', d: \"dou\\\n ble }\"}\n",
    "a: {x: 1, 'b': 2, \"c\\u0041\": 3, 'd''e': 4, f: [1, 2, 3, 4, 5]} # end ]\nb: [\n  {a: 1},\n]\nc: {}\n",
    "{a: &x {z: 1, y: 2}, b: *x, c: {<<: *x, n: 3}, e: [*x, *x], '<<': *x, k: '*x', l: \"&x\"}\n",
    "{a: http://x:80/y?z=1#f, b: [c#d, e #f\n, g], c: don't, e: x'y\"z, d: a:b}\n",
    "[a, b]: [c, d, e, f, g, h]\nb: 1\n",
    "{? a : 1, ? [b] : 2, c, d: , b: 3, e: !!str 4, f: !x {z: 1}, g: ! h}\n",
    "{a: 1, a: 2, b: {c: 1, c: 2}, b: 4, this one: holds two keys twice}\n",
    "{b: [1, 2, 3, 4, 5, 6, 7, 8]}}\na: this is not yaml\n",
    "[{a: 1}, {b: 2}, {c: 3}] # [x\n# ]\n---\n{b: {a: 1, c: [2, 3]}, a: [1, 2, 3]}\n",
    '{"a":{"z":1,"b":[1,2,{"c":3}]},"b":"x","c":[],"e":{"f":"#fff","g":" # ]"},"l":[1,2.5,true,null]}\n',
    "{a: &k 1, 'b':*k, c: {'d':*k, z: 3}, e: ['f':*k, x, {y: [1, 2, 3, 4, 5, 6, 7]}: 8], b.a: 2}\n",
    "{a: 1,, b: 2, c: nor is this one}\n",
    "b: {a: [1, 2]\n, c: {d: 3, e: 4}}\na: {x: 1,\n# c: ]\n  y: 2}\ne: [1\n]\n",
    "a: [x, y # ] z\n  , w] # , {\nb: {c: 1 #}\n  }\nc: [ # [\n  1, #]\n  2]\n",
]  # fmt: skip

MERGE_TRICKY = [
    "x: &x {z: 1}\na:\n  <<: *x\n  b: 2\nb:\n  <<: *x\n  z: 3\nc:\n  <<: [*x, *x]\ne: *x\n",
    "x: &x {z: 1}\nl:\n- *x\n- a: *x\n  b: 1\n- - *x\na: word\n  - *x\n  *x\nb: 1\n",
    "x: &x\n  z: 1\na: |\n  <<: *x\n  - *x\nb: >-\n  *x\nc: 'a\n  <<: *x'\ne: \"\n  - *x\"\n",
    "x: &x {z: 1}\na: {<<: *x, b: 1} # *x\n# *x\nb: {y: '*x', z: [*x, \"*x\"]}\nc: a *x\ne: {a: b *x}\n",
    "x: &x {z: 1}\na: &y\n  <<: *x\nb:\n  <<: *y\n  c: 1\nx2: &x {z: 9}\nc:\n  <<: *x\n",
    "a:\n  <<: *x\nb: 1\nx: &x {z: 1}\nc: this alias stands before its anchor\n",
    "x: &x {z: 1}\nl:\n  # here:\n  - *x\n  -   *x   # *x\n  - a\n  - *x\n  -\n    - *x\nb: *x\n",
    "x: &x 1\r\na:\r\n  b: *x\r\n  c: *x # *x\r\nb: *x\r\nl:\r\n- *x\r\n- *x\r\n",
    "x: &x {z: 1}\n*x : 1\n? *x\n: *x\nb: *x\na: !!map {<<: *x}\nc: !t\n  <<: *x\n",
]  # fmt: skip


@pytest.mark.parametrize("text", [*FLOW_TRICKY, *MERGE_TRICKY])
@pytest.mark.parametrize("path", ["b", "a", "c", "e", "x", "[1]", "b.a", "c.z", "l[1]", "b[0].a"])
def test_flow_collections_and_aliases_in_small_parts_give_the_same(
    request: pytest.FixtureRequest, text: str, path: str
) -> None:
    for edit in (
        Set(path, 7),
        Set(path, 7, force=True),
        Set(path, {"new": "x"}, force=True),
        Unset(path),
        Append(path, (1,), at=0),
    ):
        both_ways(request, "in_small_parts", text, edit)


def of_flow(chance: random.Random) -> str:
    """Return a flow collection of many entries, written in one of many ways."""
    scalars = [
        "a", "b c", "1", "-1.5", "~", "null", "'x, y'", "'it''s ]'", '"}"', '"a\\"b"', '"#f"', "a#b", "x'y", "*k", "[]",
        "{}", "http://h:1/p", "&m [*k]", "!!str 5", "'two\n  lines'", "some\n  more", '"\\u00e9"', "a:b", "q?", "",
        "- x",
    ]  # fmt: skip
    keys = ["k{}", "'k {}'", '"k{}"', "k {}", '"k\\t{}"', "-k{}", "? k{}", "<<"]
    gap = chance.choice([" ", "", "\n  ", " # ] 'x\n  ", "\r\n"])
    odd = chance.choice([0, 0.02, 0.2])
    least = 7 if odd else 3

    def value(depth: int) -> str:
        kind = chance.random()
        if depth and kind < 0.2:
            return "[" + ("," + gap).join(value(depth - 1) for _ in range(chance.randrange(4))) + "]"
        if depth and kind < 0.4:
            return "{" + ("," + gap).join(pair(depth - 1, index) for index in range(chance.randrange(4))) + "}"
        return chance.choice(scalars if chance.random() < odd else scalars[:13])

    def pair(depth: int, index: int) -> str:
        key = chance.choice(keys if chance.random() < odd else keys[:least])
        return key.format(index) + chance.choice([": ", ": ", " : ", ":" if key[0] in "'\"" else ": "]) + value(depth)

    many = range(chance.randrange(2, 12))
    end = chance.choice(["", gap, "," + gap])
    if chance.random() < 0.5:
        return "{k: &k {z: 1}," + gap + ("," + gap).join(pair(2, index) for index in many) + end + "}"
    return "[&k {z: 1}," + gap + ("," + gap).join(value(3) for _ in many) + end + "]"


@pytest.mark.parametrize("seed", range(80))
def test_generated_flow_collections_in_small_parts_give_the_same(request: pytest.FixtureRequest, seed: int) -> None:
    chance = random.Random(seed)
    text = of_flow(chance) + chance.choice(["\n", "", " # end ]\n"])
    if chance.random() < 0.4:
        text = f"a: 1\nb: {text}\nc: [2]\n"
    edits = [Set("b.k1", 7), Set("[2]", 7, force=True), Set("k1", "x", force=True), Unset("b.k2"), Unset("[1]")]
    edits += [Set("b.new", [1]), Set("k0.z", 2), Append("b", (1,)), Append("$", (1,)), Set("c", 5)]
    for edit in edits:
        both_ways(request, "in_small_parts", text, edit)


@pytest.mark.parametrize("seed", range(150))
def test_flow_collections_in_small_parts_are_read_as_pyyaml_reads_them(
    request: pytest.FixtureRequest, seed: int
) -> None:
    text = of_flow(random.Random(seed)) + "\n"
    try:
        told = yaml.load(text, yaml.CBaseLoader)
    except yaml.YAMLError:
        return
    request.getfixturevalue("in_small_parts")
    view._recent.clear()
    assert as_base(formats.open_document(text.encode(), YAML), ()) == told


LINES_WITH_ALIASES = [
    "a: 1\n", "b: *k\n", "- *k\n", "  - *k\n", "  *k\n", "c: word\n", 'd: "x\n', 'y"\n', "e: |\n", "  <<: *k\n",
    'f: [*k, "*k"]\n', "g:\n", "- h: *k\n", "  i: *k # *k\n", "# c:\n", "\n", "- word\n", "- - *k\n", "j: 'it\n",
    "k: {<<: *k}\n", "    - *k\n", "  l:\n", "m: {'n':*k}\n", "n: &k 1\n", "o: &k\n", "- &k x\n", "- &k\n",
    "  - &k y\n", "  &k z\n", "  p: &k [*k]\n", "q: word &k x\n", "  r: &k # &k\n", "s: !t &k 1\n", "- &k a: 1\n",
    "t: &m x\n", "u: *m\n", '  v: &m "w"\n', "&k w: x\n", "  - x: &k\n", "      y: *k\n", "x: &k &m z\n",
]  # fmt: skip


def shape(node: Any) -> Any:
    """Return all that is known of a node and of what is in it."""
    own = (node.kind, node.start, node.close(), node.style, node.anchor, node.tag, node.value)
    entries = [(entry.node, entry) for entry in node.children()]
    return own, [(shape(value), entry.start, entry.name, entry.key and shape(entry.key)) for value, entry in entries]


def shapes(text: str) -> Any:
    """Return the shape of each document with its aliases and what they stand for; the class of the error if any."""
    try:
        docs = stream.Stream(text).docs
    except ParseError:
        return ParseError
    aliases = [[(alias.start, alias.value, doc.target(alias).start) for alias in doc.aliases()] for doc in docs]
    return aliases, [doc.root and shape(doc.root) for doc in docs]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_cut_into_small_parts_has_the_shape_that_one_walk_gives(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    texts = [of_flow(chance) + "\n" for _ in range(25)]
    texts += [f"a: {of_flow(chance)} # x\nb: {of_flow(chance)}\n" for _ in range(10)]
    for text in texts[:20]:
        at = chance.randrange(len(text))
        texts.append(text[:at] + chance.choice("{}[],:\"'# \n*&-") + text[at + chance.randrange(2) :])
    for _ in range(40):
        lines = "".join(chance.choice(LINES_WITH_ALIASES) for _ in range(chance.randrange(3, 9)))
        texts += ["z: &k {q: 1}\n" + lines, "- &k {q: 1}\n" + "- ".join(["", *lines.splitlines(keepends=True)])]
    whole = [shapes(text) for text in texts]
    monkeypatch.setattr(parts, "LARGE", 24)
    monkeypatch.setattr(parts, "PART", 16)
    for text, expected in zip(texts, whole, strict=True):
        assert shapes(text) == expected, text


def as_base(document: Any, at: tuple[Any, ...]) -> Any:
    """Return what is there with every scalar as its text, as PyYAML's base loader gives it."""
    node = document.content.way(at).node
    if node.kind == "scalar":
        return node.value
    if node.kind == "seq":
        return [as_base(document, (*at, index)) for index in range(len(node.children()))]
    return {entry.name: as_base(document, (*at, entry.name)) for entry in node.children()}


# what would take for ever


def test_aliases_that_multiply_are_refused_and_what_is_beside_them_can_be_set() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 30))
    text = f"a: 1\nl0: &l0 x\n{levels}m: {{<<: &m {{k: *l29}}}}\n"
    opened = formats.open_document(text.encode(), YAML)
    for ask in (lambda: opened.read(()), lambda: list(opened.entries(())), lambda: opened.read(("l29", 0))):
        with pytest.raises(EditError, match="aliases written out"):
            ask()
    assert run(text, Set("a", 2)) == text.replace("a: 1", "a: 2")
    assert run(text, Set("l1[0]", "z", force=True)) == text.replace("l0: &l0 x", "l0: &l0 z")


def test_an_alias_to_what_holds_it_is_refused() -> None:
    text = "a: &a [1, *a]\nb: 2\n"
    opened = formats.open_document(text.encode(), YAML)
    for steps in ((), ("a",), ("a", 1)):
        with pytest.raises(EditError, match="&a at line 1 holds an alias to itself"):
            opened.read(steps)
    assert run(text, Set("b", 3)) == text.replace("2", "3")
    text = "a: &a\n  <<: *a\n"
    with pytest.raises(EditError, match="itself"):
        formats.open_document(text.encode(), YAML).read(("a",))
    assert run(text, Set("a.b", 1)) == text + "  b: 1\n"


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "[ # ]\n" * 100_000, "? " * 100_000])
def test_a_hundred_thousand_levels_are_refused(text: str) -> None:
    with pytest.raises(ParseError, match="nested deeper than") as caught:
        run(text, Set("a", 1))
    assert caught.value.line


def test_a_value_of_too_many_levels_is_refused() -> None:
    value: Any = 1
    for _ in range(300):
        value = [value]
    for text in ("a: 1\n", "{a: 1}"):
        with pytest.raises(EditError, match="nested deeper than"):
            run(text, Set("a", value))
