"""Every comment of a JSONC text outlives an edit, once and in its place, unless it stood in what the edit took out."""

import copy
import json
import random
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.jsontext import document
from devenv.editor.keypath import spelled
from jsontexts import DOCUMENTS, SEEDS, VALUES, at, places, strict

JSONC = formats.named("jsonc")

Place = tuple[Any, ...]
KEY = "#key"
"""Ends the place of a comment between a key and its value."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|// (\d+)[^\r\n]*|/\* (\d+).*?\*/', re.DOTALL)


class Commented:
    """Writes data with numbered comments in all gaps, and notes in which value each of them stands."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.newline = self.random.choice(["\n", "\r\n"])
        self.often = self.random.choice([0.2, 0.6, 1])
        self.lines = self.random.choice([0, 0.5, 1])
        self.trailing = self.random.choice([0, 0.5])
        self.owners: list[Place] = []

    def gap(self, owner: Place) -> str:
        parts = []
        while self.random.random() < self.often and len(parts) < 2:
            number = len(self.owners)
            self.owners.append(owner)
            line = f'// {number} 0, ]}}" /*{self.newline}'
            parts += [self.random.choice([line, f'/* {number} 0,"*/', f"/* {number}{self.newline} // */", line])]
            parts[-1] = self.space() + parts[-1]
        return "".join(parts) + self.space()

    def space(self) -> str:
        if self.random.random() < self.lines:
            return self.newline * self.random.choice([1, 1, 2]) + self.random.choice(["", "  ", "\t"])
        return self.random.choice(["", "", " "])

    def text(self, data: Any) -> str:
        return self.gap(()) + self.value(data, ()) + self.gap(())

    def value(self, data: Any, place: Place) -> str:
        if not isinstance(data, dict | list):
            return json.dumps(data)
        opening, close = "{}" if isinstance(data, dict) else "[]"
        text = opening + self.gap(place)
        keys = list(data) if isinstance(data, dict) else list(range(len(data)))
        for number, key in enumerate(keys):
            inner = (*place, key)
            if isinstance(data, dict):
                text += json.dumps(key) + self.gap((*inner, KEY)) + ":" + self.gap((*inner, KEY))
            text += self.value(data[key], inner) + self.gap(place)
            if number + 1 < len(keys) or self.random.random() < self.trailing:
                text += "," + self.gap(place)
        return text + close


def numbers(text: str) -> list[int]:
    """Return the numbers of a text's comments, in order."""
    return [int(found[1] or found[2]) for found in _TOKEN.finditer(text) if found[1] or found[2]]


def common(left: list[str], right: list[str]) -> int:
    """Return how many entries two lists begin with alike."""
    return next(
        (at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), min(len(left), len(right))
    )


def may_go(owner: Place, have: Any, want: Any) -> bool:
    """Say whether a comment of one text may be gone from another: what it stood in is gone, or another value."""
    for step in owner:
        if step == KEY:
            return False
        if isinstance(have, dict) and isinstance(want, dict):
            if step not in want or [key for key in have if key in want] != [key for key in want if key in have]:
                return True
            have, want = have[step], want[step]
        elif isinstance(have, list) and isinstance(want, list):
            head = common([repr(item) for item in have], [repr(item) for item in want])
            most = min(len(have), len(want)) - head
            tail = common([repr(item) for item in have[::-1]], [repr(item) for item in want[::-1]][:most])
            if step < head or step >= len(have) - tail:
                return False
            differ = [at for at, (old, new) in enumerate(zip(have, want, strict=False)) if repr(old) != repr(new)]
            if len(have) != len(want) or differ != [step]:
                # which of them stays is the editor's to say
                return True
            have, want = have[step], want[step]
        else:
            return True
    return not any(isinstance(have, kind) and isinstance(want, kind) for kind in (dict, list))


def any_edit(data: Any, choose: random.Random, value: Any) -> tuple[Edit, Any, Place | None]:
    """Return an edit, the data it makes, and the place that it takes out."""
    expected = copy.deepcopy(data)
    containers = [place for place in places(data) if isinstance(at(data, place), dict | list)]
    place = choose.choice(containers)
    inside = at(expected, place)
    what = choose.randrange(4)
    if what == 0 and places(data)[1:]:
        place = choose.choice(places(data)[1:])
        at(expected, place[:-1])[place[-1]] = value
        return Set(spelled(place), value, force=True), expected, None
    if what == 1 and len(inside):
        gone = (*place, choose.choice(list(inside) if isinstance(inside, dict) else list(range(len(inside)))))
        del inside[gone[-1]]
        return Unset(spelled(gone)), expected, gone
    if what == 2:
        changed = mixed(inside, choose, value)
        if place:
            at(expected, place[:-1])[place[-1]] = changed
        else:
            expected = changed
        return Set(spelled(place), changed), expected, None
    if isinstance(inside, dict):
        new = {choose.choice(["a", "new", "name"]): value, "newer": [value]}
        for key, item in new.items():
            inside[key] = merged(inside[key], item) if key in inside else item
        return Merge(spelled(place) if place else "", new, force=True), expected, None
    index = choose.choice([None, *range(len(inside) + 1)])
    where = len(inside) if index is None else index
    inside[where:where] = [value, value]
    return Append(spelled(place), (value, value), at=index), expected, None


def merged(have: Any, new: Any) -> Any:
    if isinstance(have, dict) and isinstance(new, dict):
        return have | {key: merged(have[key], item) if key in have else item for key, item in new.items()}
    return new


def mixed(inside: Any, choose: random.Random, value: Any) -> Any:
    """Return a container with some of its entries gone, some new, some other and some moved."""
    entries = list(inside.items()) if isinstance(inside, dict) else [(None, item) for item in inside]
    entries = [entry for entry in entries if choose.random() < 0.7]
    entries = [(key, value if choose.random() < 0.2 else item) for key, item in entries]
    if choose.random() < 0.2:
        choose.shuffle(entries)
    for number in range(choose.randrange(3)):
        entries.insert(choose.randrange(len(entries) + 1), (f"new{number}", value))
    return dict(entries) if isinstance(inside, dict) else [item for _, item in entries]


@settings(max_examples=400, deadline=None)
@given(data=DOCUMENTS, seed=SEEDS, value=VALUES, choice=SEEDS, large=st.booleans())
def test_comments_outlive_every_edit_around_them(data: Any, seed: int, value: Any, choice: int, large: bool) -> None:
    printer = Commented(seed)
    text = printer.text(data)
    edit, expected, gone = any_edit(data, random.Random(choice), value)
    with pytest.MonkeyPatch.context() as patch:
        # as texts are read that are large, or that are not
        patch.setattr(document, "LARGE", 0 if large else len(text) * 4)
        done = engine.apply(text.encode(), [edit], JSONC).data.decode()
    assert repr(strict(done.encode())) == repr(expected)
    left = numbers(done)
    assert left == sorted(set(left)), "each comment once, and in order"
    for number, owner in enumerate(printer.owners):
        out = gone is not None and owner[: len(gone)] == gone
        assert number in left or out or may_go(owner, data, expected), f"comment {number} of {owner} is lost"


@settings(max_examples=200, deadline=None)
@given(data=DOCUMENTS, seed=SEEDS, choices=st.lists(SEEDS, min_size=2, max_size=5), value=VALUES, limit=SEEDS)
def test_edits_together_do_among_comments_what_they_do_one_by_one(
    data: Any, seed: int, choices: list[int], value: Any, limit: int
) -> None:
    text = Commented(seed).text(data)
    edits = []
    for choice in choices if isinstance(data, dict | list) else []:
        # nothing in it twice, as one object
        edit, data, _ = any_edit(json.loads(json.dumps(data)), random.Random(choice), value)
        edits.append(edit)
    singly = text.encode()
    for edit in edits:
        singly = engine.apply(singly, [edit], JSONC).data
    with pytest.MonkeyPatch.context() as patch:
        # from where on it is read as large texts are
        patch.setattr(document, "LARGE", len(text) * (limit % 4))
        together = engine.apply(text.encode(), edits, JSONC).data
    # how what is new is spaced may differ: one by one each goes by what the one before left
    assert repr(strict(together)) == repr(strict(singly))
    assert numbers(together.decode()) == numbers(singly.decode())


@settings(max_examples=150, deadline=None)
@given(data=DOCUMENTS, seed=SEEDS, choice=SEEDS)
def test_a_container_in_which_one_value_differs_changes_as_that_value_alone(data: Any, seed: int, choice: int) -> None:
    leaves = [place for place in places(data)[1:] if not isinstance(at(data, place), dict | list)]
    if not leaves:
        return
    text = Commented(seed).text(data).encode()
    choose = random.Random(choice)
    leaf = choose.choice(leaves)
    expected = copy.deepcopy(data)
    at(expected, leaf[:-1])[leaf[-1]] = "another value"
    alone = engine.apply(text, [Set(spelled(leaf), "another value")], JSONC).data
    above = leaf[: choose.randrange(len(leaf))]
    assert engine.apply(text, [Set(spelled(above), at(expected, above))], JSONC).data == alone
