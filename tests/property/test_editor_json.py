"""What the editor promises of JSON and JSONC, over generated texts and edits; stdlib json is the judge."""

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devenv.editor import engine, formats
from devenv.editor.document import Format
from devenv.editor.edits import Append, Set, Unset
from devenv.editor.jsontext import skim
from devenv.editor.jsontext.document import JsonText
from devenv.editor.jsontext.scan import scan
from devenv.editor.keypath import parse, spelled
from devenv.editor.values import Number
from devenv.errors import DevenvError, ParseError
from jsontexts import DOCUMENTS, KEYS, SEEDS, VALUES, Printer, at, comments_of, judged, places

JSON, JSONC = formats.named("json"), formats.named("jsonc")


@settings(max_examples=80, deadline=None)
@given(data=DOCUMENTS, seed=SEEDS, value=VALUES, comments=st.booleans(), choice=SEEDS)
def test_what_is_set_is_there_and_nothing_else_differs(
    data: Any, seed: int, value: Any, comments: bool, choice: int
) -> None:
    text = Printer(seed, comments=comments).text(data).encode()
    fmt = JSONC if comments else JSON
    place = random.Random(choice).choice(places(data)[1:] or [()])
    expected = copy.deepcopy(data)
    if not place:
        expected = value
    else:
        at(expected, place[:-1])[place[-1]] = value
    edit = Set(spelled(place), value, force=True)
    done = engine.apply(text, [edit], fmt)
    assert judged(done.data, comments=comments) == expected
    assert repr(judged(done.data, comments=comments)) == repr(expected), "types and the order of keys too"
    again = engine.apply(done.data, [edit], fmt)
    assert not again.changed
    if not isinstance(at(data, place), dict | list):
        assert comments_of(done.data.decode()) == comments_of(text.decode())
        outside = _outside(text, done.data)
        assert outside is not None, "one value was replaced in its place"
        assert len(text) - outside <= len(json.dumps(at(data, place))) * 6 + 2


def _outside(before: bytes, after: bytes) -> int | None:
    """Return how many bytes two texts have in common at their ends."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return head + tail


@settings(max_examples=80, deadline=None)
@given(data=DOCUMENTS, seed=SEEDS, key=KEYS, value=VALUES, comments=st.booleans(), choice=SEEDS)
def test_a_new_entry_comes_last_and_takes_nothing_away(
    data: Any, seed: int, key: str, value: Any, comments: bool, choice: int
) -> None:
    text = Printer(seed, comments=comments).text(data).encode()
    fmt = JSONC if comments else JSON
    containers = [place for place in places(data) if isinstance(at(data, place), dict | list)]
    place = random.Random(choice).choice(containers)
    expected = copy.deepcopy(data)
    inside = at(expected, place)
    if isinstance(inside, dict):
        inside.pop(key, None)
        if key in at(data, place):
            return
        inside[key] = value
        edit: Any = Set(spelled((*place, key)), value)
    else:
        inside.append(value)
        edit = Append(spelled(place), (value,))
    done = engine.apply(text, [edit], fmt)
    assert repr(judged(done.data, comments=comments)) == repr(expected)
    assert comments_of(done.data.decode()) == comments_of(text.decode())
    # every byte of the text before is still there, in its order; white space at the new entry's place may differ
    assert _is_subsequence(b"".join(text.split()), b"".join(done.data.split()))
    if isinstance(edit, Set):
        assert not engine.apply(done.data, [edit], fmt).changed
        removed = engine.apply(done.data, [Unset(edit.path)], fmt)
        assert judged(removed.data, comments=comments) == data


def _is_subsequence(short: bytes, long: bytes) -> bool:
    rest = iter(long)
    return all(byte in rest for byte in short)


@settings(max_examples=80, deadline=None)
@given(data=DOCUMENTS, seed=SEEDS, comments=st.booleans(), choice=SEEDS)
def test_what_is_unset_is_gone_and_its_neighbours_and_comments_stay(
    data: Any, seed: int, comments: bool, choice: int
) -> None:
    inner = places(data)[1:]
    if not inner:
        return
    text = Printer(seed, comments=comments).text(data).encode()
    fmt = JSONC if comments else JSON
    place = random.Random(choice).choice(inner)
    expected = copy.deepcopy(data)
    del at(expected, place[:-1])[place[-1]]
    done = engine.apply(text, [Unset(spelled(place))], fmt)
    assert repr(judged(done.data, comments=comments)) == repr(expected)
    if not isinstance(at(data, place), dict | list):
        kept = comments_of(done.data.decode())
        lost = [comment for comment in comments_of(text.decode()) if comment not in kept]
        # a comment between a key and its value goes with them
        assert len(lost) <= 2


@settings(max_examples=60, deadline=None)
@given(
    data=DOCUMENTS, seed=SEEDS, edits=st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=6), comments=st.booleans()
)
def test_many_edits_at_once_are_the_same_as_one_after_the_other(
    data: Any, seed: int, edits: list[tuple[str, Any]], comments: bool
) -> None:
    if not isinstance(data, dict):
        data = {"list": data}
    text = Printer(seed, comments=comments).text(data).encode()
    fmt = JSONC if comments else JSON
    sets = [Set(spelled((key,)), value, force=True) for key, value in edits]
    one_by_one = text
    for edit in sets:
        one_by_one = engine.apply(one_by_one, [edit], fmt).data
    together = engine.apply(text, sets, fmt).data
    assert repr(judged(together, comments=comments)) == repr(judged(one_by_one, comments=comments))


@settings(max_examples=300, deadline=None)
@given(data=DOCUMENTS, seed=SEEDS)
def test_paths_lead_where_they_were_spelled(data: Any, seed: int) -> None:
    document = JsonText(Printer(seed, comments=False).text(data).encode(), comments=False)
    for place in places(data):
        assert document.find(parse(spelled(place)).steps) == [place]


@settings(max_examples=200, deadline=None)
@given(data=DOCUMENTS, seed=SEEDS)
def test_the_two_ways_to_find_values_find_the_same(data: Any, seed: int) -> None:
    text = Printer(seed, comments=False).text(data).encode().removeprefix(b"\xef\xbb\xbf")
    slow, fast = scan(text), skim.skim(text)
    assert slow is not None
    assert fast is not None
    waiting = [(slow, fast)]
    while waiting:
        left, right = waiting.pop()
        assert (left.start, left.end) == (right.start, right.end)
        if left.items is not None:
            if isinstance(left.items, dict):
                for key, node in left.items.items():
                    alone = skim.lookup(text, right, key)
                    assert alone is not None
                    assert (alone.start, alone.end) == (node.start, node.end)
                assert skim.lookup(text, right, "no such key") is None
            skim.fill(text, right)
            assert list(left.entries()) == list(right.entries())
            waiting += [(left.items[key], skim.item(text, right, key)) for key in left.entries()]  # type: ignore[index,call-overload]


@settings(max_examples=400, deadline=None)
@given(text=st.text(alphabet='{}[]",:\\ \n0123456789.-+eEtrufalsn/*ab\x00\ufeff', max_size=24))
def test_what_is_no_json_is_refused_by_both_ways_as_by_the_standard_library(text: str) -> None:
    data = text.encode()

    def taken(read: Any) -> bool:
        try:
            return read(data) is not None
        except ParseError:
            return False

    try:
        json.loads(text, parse_constant=lambda word: (_ for _ in ()).throw(ValueError(word)))
        valid = True
    except ValueError:
        valid = False
    assert taken(scan) == valid
    assert taken(skim.skim) == valid


@settings(max_examples=200, deadline=None)
@given(text=st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_in_one_line(text: bytes) -> None:
    for fmt in (JSON, JSONC):
        assert "\n" not in refusal(text, fmt)


def refusal(text: bytes, fmt: Format) -> str:
    try:
        engine.apply(text, [Set("a", 1)], fmt)
    except DevenvError as exc:
        return exc.message
    return ""


@pytest.mark.parametrize("value", [Number("1" * 10_000), "x" * 1_000_000, "\ud800", "\x00", "\U0010ffff", "a\u2028b"])
def test_hostile_values_come_out_as_they_went_in(value: str) -> None:
    done = engine.apply(b'{"a": 1}\n', [Set("a", value), Set("b.c", value)], JSON)
    document = JsonText(done.data, comments=False)
    assert document.read(("a",)) == document.read(("b", "c")) == value
