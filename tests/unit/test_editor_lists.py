"""A list set over another: entries that stay keep their comments, those that go take theirs, new ones have none."""

from typing import Any

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Merge, Set, Unset
from devenv.editor.staying import apart, left, turned
from devenv.editor.values import Literal


def edited(text: str, value: Any, name: str) -> str:
    return engine.apply(text.encode(), [Set("d", value)], formats.named(name)).data.decode()


THREE = "d:\n  - a  # ca\n  # own b\n  - b  # cb\n  - c  # cc\nz: 1\n"


@pytest.mark.parametrize(
    ("text", "value", "done"),
    [
        ("d:\n  - a  # ca\n  # own c\n  - c  # cc\n", ["c", "n"], 'd:\n  # own c\n  - c  # cc\n  - "n"\n'),
        (THREE, ["c", "x"], "d:\n  # own b\n  - c  # cc\n  - x\nz: 1\n"),
        (THREE, ["a", "x", "c"], "d:\n  - a  # ca\n  # own b\n  - x  # cb\n  - c  # cc\nz: 1\n"),
        (THREE, ["b", "a", "c"], "d:\n  - b\n  - a  # ca\n  # own b\n  - c  # cc\nz: 1\n"),
        (THREE, ["u", "v", "a", "b", "c"], THREE.replace("d:\n", "d:\n  - u\n  - v\n")),
        ("d:\r\n- a # ca\r\n- b # cb\r\n", ["b", "x"], "d:\r\n- b # cb\r\n- x\r\n"),
        ("d: [a, b,  c] # x\n", ["b", "c", "e"], "d: [b,  c, e] # x\n"),
        (
            "d: [\n  # own a\n  a, # ca\n  b # cb\n]\n",
            ["x", "a", "b"],
            "d: [\n  x,\n  # own a\n  a, # ca\n  b # cb\n]\n",
        ),
        ("d: [\n  a, # ca\n  b # cb\n]\n", ["b", "x"], "d: [\n  b, # cb\n  x\n]\n"),
        ("d:\n  - [a, b]  # ab\n  - [c]  # c\n", [["c"], ["e"]], "d:\n  - [c]  # c\n  - - e\n"),
        (
            "d:\n  - k: a  # a\n    v: 1  # v\n  - k: b  # b\n    v: 2\n",
            [{"k": "b", "v": 2}, {"k": "c"}],
            "d:\n  - k: b  # b\n    v: 2\n  - k: c\n",
        ),
        # within an entry that changes all else stays
        (
            "d:\n  - k: a  # a\n    v: 1  # v\n    w: 1\n  - k: b  # b\n    l:\n      - x # x\n      - y # y\n",
            [{"k": "a", "v": 2}, {"k": "b", "l": ["y"], "m": 1}],
            "d:\n  - k: a  # a\n    v: 2  # v\n  - k: b  # b\n    l:\n      - y # y\n    m: 1\n",
        ),
    ],
)
def test_yaml_entries_keep_their_comments(text: str, value: list[Any], done: str) -> None:
    assert edited(text, value, "yaml") == done


ARRAY = 'd = [\n  "a", # ca\n  # own b\n  "b", # cb\n  "c", # cc\n]\nz = 1\n'


@pytest.mark.parametrize(
    ("text", "value", "done"),
    [
        (ARRAY, ["c", "x"], 'd = [\n  # own b\n  "c", # cc\n  "x",\n]\nz = 1\n'),
        (ARRAY, ["a", "x", "c"], ARRAY.replace('"b"', '"x"')),
        (ARRAY, ["b", "a", "c"], 'd = [\n  "b",\n  "a", # ca\n  # own b\n  "c", # cc\n]\nz = 1\n'),
        (ARRAY, ["u", "v", "a", "b", "c"], ARRAY.replace("[\n", '[\n  "u",\n  "v",\n')),
        (ARRAY.replace("\n", "\r\n"), ["a", "b"], ARRAY.replace('  "c", # cc\n', "").replace("\n", "\r\n")),
        # what is new comes above the comment of the entry it is put before
        ("d = [\n  # own a\n  1 # ca\n]\n", [7, 8, 1], "d = [\n  7,\n  8,\n  # own a\n  1 # ca\n]\n"),
        ("d = ['a', 'b',  'c'] # x\n", ["b", "c", "e"], "d = ['b',  'c',  'e'] # x\n"),
        ("d = [\n  [ 1, 2 ], # a\n  [3], # b\n]\n", [[3], [4]], "d = [\n  [3], # b\n  [4],\n]\n"),
        ("d = [\n  { k = 1, v=2 }, # a\n  {k=3}, # b\n]\n", [{"k": 1, "v": 3}], "d = [\n  { k = 1, v=3 }, # a\n]\n"),
        ("d = [\n  # none\n]\n", [1, 2], "d = [\n  # none\n  1,\n  2,\n]\n"),
        ("[[d]]\nk = 1 # a\n[[d]]\nk = 2 # b\n", [{"k": 2}, {"k": 3}], "[[d]]\nk = 2 # b\n\n[[d]]\nk = 3\n"),
    ],
)
def test_toml_entries_keep_their_comments(text: str, value: list[Any], done: str) -> None:
    assert edited(text, value, "toml") == done


@pytest.mark.parametrize(
    ("value", "done"),
    [
        (["c", "n"], '{"d": [\n  // ca\n  // own c\n  "c", // cc\n  "n"\n]}\n'),
        (["a", "n"], '{"d": [\n  "a", // ca\n  // own c\n  "n" // cc\n]}\n'),
        (["a", "a", "c"], '{"d": [\n  "a", // ca\n  "a",\n  // own c\n  "c" // cc\n]}\n'),
    ],
)
def test_json_entries_keep_their_comments(value: list[Any], done: str) -> None:
    assert edited('{"d": [\n  "a", // ca\n  // own c\n  "c" // cc\n]}\n', value, "jsonc") == done


def test_merge_replaces_an_array_in_the_same_way() -> None:
    done = engine.apply(THREE.encode(), [Merge("", {"d": ["c", "x"]}, arrays="replace")], formats.named("yaml")).data
    assert done.decode() == edited(THREE, ["c", "x"], "yaml")


@pytest.mark.parametrize(
    ("name", "text", "done"),
    [
        ("yaml", "# above\na: 1 # behind\nb: 2\n", "# above\nb: 2\n"),
        ("toml", "# above\na = 1 # behind\nb = 2\n", "# above\nb = 2\n"),
        ("jsonc", '{\n // above\n "a": 1, // behind\n "b": 2\n}\n', '{\n // above\n // behind\n "b": 2\n}\n'),
    ],
)
def test_what_is_unset_takes_the_comment_behind_it_but_in_json(name: str, text: str, done: str) -> None:
    assert engine.apply(text.encode(), [Unset("a")], formats.named(name)).data.decode() == done


@pytest.mark.parametrize(
    ("value", "done"),
    [
        ({"b": 5, "a": 1}, "d:\n  <<: {a: 1}\n  b: 5 # b\n"),
        ({"b": 2, "a": 7}, "d:\n  <<: {a: 7}\n  b: 2 # b\n"),
        ({"b": 2, "a": 1, "n": 3}, "d:\n  b: 2\n  a: 1\n  n: 3\n"),
    ],
)
def test_a_map_with_a_merge_key_becomes_another(value: Any, done: str) -> None:
    assert edited("d:\n  <<: {a: 1}\n  b: 2 # b\n", value, "yaml") == done


def large(name: str, entry: str, count: int) -> str:
    lines = [entry.format(number) for number in range(count)]
    return {"yaml": "d:\n" + "".join(lines), "toml": "d = [\n" + "".join(lines) + "]\n"}[name]


@pytest.mark.parametrize(("name", "entry"), [("yaml", "  - e{0}  # c{0}\n"), ("toml", "  'e{0}', # c{0}\n")])
def test_a_thousand_changes_leave_all_other_comments(name: str, entry: str) -> None:
    text = large(name, entry, 3000)
    value = [f"e{number}" for number in range(3000) if not 1000 <= number < 1500]
    value[::5] = [f"n{number}" for number in range(500)]
    value[700:700] = [f"m{number}" for number in range(200)]
    done = edited(text, value, name)
    stays = [line for line in text.splitlines(keepends=True) if line.split("#")[0].strip(" -'\",\n") in set(value)]
    assert len(stays) == 2000
    assert [line for line in done.splitlines(keepends=True) if line in set(stays)] == stays
    assert done.count("#") == 2500


@pytest.mark.parametrize(
    ("have", "want", "changed", "gone", "new"),
    [
        ("abc", "cn", [], [0, 1], [(1, ["n"])]),
        ("abc", "axc", [(1, "x")], [], []),
        ("ab", "ba", [], [1], [(0, ["b"])]),
        ("xaay", "aaz", [(3, "z")], [0], []),
        ("abcde", "xcy", [(0, "x"), (3, "y")], [1, 4], []),
        ("a", "bcad", [], [], [(0, ["b", "c"]), (1, ["d"])]),
    ],
)
def test_what_is_in_both_stays(have: str, want: str, changed: Any, gone: Any, new: Any) -> None:
    assert tuple(turned(list(have), list(want))) == (changed, gone, new)


def test_a_date_is_not_the_text_of_one() -> None:
    assert turned(["x", "2020-01-01", "y"], ["y", Literal("2020-01-01"), "z"]).gone == [0, 1]


def test_large_lists_with_entries_that_come_twice_keep_what_is_between_others() -> None:
    have = [text for number in range(300) for text in (f"u{number}", "same", "same")]
    want = [text for number in range(300) for text in ("same", f"u{number}", "same")]
    turn = turned(have, want)
    assert len(turn.gone) + len(turn.changed) <= 300


def test_a_row_goes_in_few_rounds() -> None:
    gone, rounds = list(range(3, 1003)), 0
    while gone:
        taken = apart(gone)
        gone, rounds = left(gone, taken), rounds + 1
    assert rounds == 10
