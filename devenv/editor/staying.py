"""What stays of a container when another of its kind takes its place: which entry becomes which.

Entries that are in both, in the same order, stay where they are; what comes between two of those takes the places of
what was there, one for one, and what is left over is taken out or put in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

from devenv.editor.values import Value, same, to_json
from devenv.record import Record

_CELLS = 10_000
"""How many pairs of entries are compared where some of them come more than once."""

_LEVELS = 8
"""How often what comes between entries that stay is looked at again."""

Pairs = list[tuple[int, int]]


class Slot(Record):
    """An entry of the container to be: in the place of old entry ``old``, or a new one; key None is an array's."""

    old: int | None
    key: str | None
    value: Value


def slots(have: Value, want: Value) -> list[Slot]:
    """Return what becomes of the entries of an object or array, in the order of those to be: ``old`` rises."""
    keys: list[str | None] = list(want) if isinstance(want, dict) else [None] * len(want)
    values: list[Value] = list(want.values()) if isinstance(want, dict) else want
    made: list[Slot] = []
    old = new = 0
    for stays, index in [*_anchors(have, want), (len(have), len(want))]:
        for number in range(new, index):
            made.append(Slot(old if old < stays else None, keys[number], values[number]))
            old = min(old + 1, stays)
        if index < len(want):
            made.append(Slot(stays, keys[index], values[index]))
        old, new = stays + 1, index + 1
    return made


class Turn(Record):
    """How an array becomes another: first entries change, then some are taken out, then others are put in."""

    changed: list[tuple[int, Value]]
    """Old entries, by their index, with what is to stand there."""
    gone: list[int]
    """Old entries that are taken out, by their index."""
    new: list[tuple[int, list[Value]]]
    """What is put before an entry, by its index once those are gone and before anything is put in."""


def turned(have: list[Value], want: list[Value]) -> Turn:
    """Return how one array becomes the other; all numbers rise."""
    turn = Turn([], [], [])
    done = kept = 0
    for slot in slots(have, want):
        if slot.old is None:
            if not turn.new or turn.new[-1][0] != kept:
                turn.new.append((kept, []))
            turn.new[-1][1].append(slot.value)
            continue
        turn.gone.extend(range(done, slot.old))
        if not same(have[slot.old], slot.value):
            turn.changed.append((slot.old, slot.value))
        done, kept = slot.old + 1, kept + 1
    turn.gone.extend(range(done, len(have)))
    return turn


def apart(gone: list[int]) -> list[int]:
    """Return as many of rising numbers as can be had without one that follows another: of a row every second."""
    taken: list[int] = []
    for index in gone:
        if not taken or taken[-1] + 1 < index:
            taken.append(index)
    return taken


def left(gone: list[int], taken: list[int]) -> list[int]:
    """Return the numbers in gone that are not in taken, as they are once those in taken are no more."""
    known = set(taken)
    return [index - bisect_left(taken, index) for index in gone if index not in known]


def _anchors(have: Value, want: Value) -> Pairs:
    """Return the old and the new index of what stays: both rising."""
    if isinstance(have, dict):
        where = {key: index for index, key in enumerate(have)}
        return _rising([(where[key], index) for index, key in enumerate(want) if key in where])
    return _common(have, want, 0, len(have), 0, len(want))


def _common(have: list[Value], want: list[Value], start: int, end: int, first: int, last: int, level: int = 0) -> Pairs:
    """Return the old and the new index of entries that stay of have[start:end] in want[first:last]."""
    head: Pairs = []
    while start < end and first < last and same(have[start], want[first]):
        head.append((start, first))
        start, first = start + 1, first + 1
    tail: Pairs = []
    while start < end and first < last and same(have[end - 1], want[last - 1]):
        end, last = end - 1, last - 1
        tail.append((end, last))
    return [*head, *_middle(have, want, (start, end), (first, last), level), *reversed(tail)]


def _middle(have: list[Value], want: list[Value], old: tuple[int, int], new: tuple[int, int], level: int) -> Pairs:
    """Return what stays where neither the first nor the last entries are the same."""
    texts, others = ([to_json(item) for item in items[at:to]] for items, (at, to) in ((have, old), (want, new)))
    times, other_times = Counter(texts), Counter(others)
    shared = times.keys() & other_times.keys()
    once = {text for text in shared if times[text] == other_times[text] == 1}
    if len(once) < len(shared) and len(texts) * len(others) <= _CELLS:
        numbers = {text: number for number, text in enumerate([*texts, *others])}
        marks, other_marks = [numbers[text] for text in texts], [numbers[text] for text in others]
        found = [(old[0] + at, new[0] + to) for at, to in _longest(marks, other_marks)]
        return [(at, to) for at, to in found if same(have[at], want[to])]
    where = {text: old[0] + at for at, text in enumerate(texts) if text in once}
    pairs = [(where[text], new[0] + at) for at, text in enumerate(others) if text in once]
    # a date and the text of one are written alike in JSON
    found = _rising([(at, to) for at, to in pairs if same(have[at], want[to])])
    if len(once) == len(shared) or not found or level == _LEVELS:
        return found
    between: Pairs = []
    for at, to in [*found, (old[1], new[1])]:
        before = between[-1] if between else (old[0] - 1, new[0] - 1)
        between += _common(have, want, before[0] + 1, at, before[1] + 1, to, level + 1)
        if at < old[1]:
            between.append((at, to))
    return between


def _longest(have: list[int], want: list[int]) -> Pairs:
    """Return a longest common subsequence, every pair of entries compared."""
    height, width = len(have), len(want)
    lengths = [[0] * (width + 1) for _ in range(height + 1)]
    for at in reversed(range(height)):
        for to in reversed(range(width)):
            beside = max(lengths[at + 1][to], lengths[at][to + 1])
            lengths[at][to] = lengths[at + 1][to + 1] + 1 if have[at] == want[to] else beside
    found: Pairs = []
    at = to = 0
    while at < height and to < width:
        if have[at] == want[to]:
            found.append((at, to))
            at, to = at + 1, to + 1
        elif lengths[at + 1][to] >= lengths[at][to + 1]:
            at += 1
        else:
            to += 1
    return found


def _rising(pairs: Pairs) -> Pairs:
    """Return the most of pairs, in their order, whose first numbers rise."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, (number, _) in enumerate(pairs):
        length = bisect_left(ends, number)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        last[length : length + 1] = [at]
    found: Pairs = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
