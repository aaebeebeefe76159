"""How much of a list can stay when it becomes another, found in the plainest way: a judge of what an edit keeps."""

from typing import Any


def in_both(old: list[Any], new: list[Any]) -> int:
    """Return how many entries of one list can stay when it becomes another."""
    most = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for at, item in enumerate(old):
        for to, other in enumerate(new):
            most[at + 1][to + 1] = most[at][to] + 1 if item == other else max(most[at][to + 1], most[at + 1][to])
    return most[-1][-1]
