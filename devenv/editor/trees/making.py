"""What is to be made: which nodes, and where they go.

A new node goes after the last one of its label; else below a comment that shows it commented out; else after the last
entry that is no block, so before the first Host, Match or section; else at the end. A block goes to the end.
"""

from __future__ import annotations

from itertools import takewhile

from devenv.editor.document import Steps
from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.trees.view import HIDDEN, is_number
from devenv.editor.values import Value
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def places(parsed: Parsed, parent: Trail, label: str, *, block: bool) -> list[int]:
    """Return the indices a new child of parent, a block or not, may be put before, the best first."""
    children = parsed.at(parent).children
    alike = [at for at, child in enumerate(children) if child.label == label]
    if is_number(label):
        alike = [at for at, child in enumerate(children) if is_number(child.label)]
    found = [alike[-1] + 1] if alike else []
    plain, first_block = _edges(parsed, parent)
    if not block:
        found += _shown_in_comment(children, label)
        found += [plain + 1] if plain >= 0 else []
    found.append(len(children))
    found += [first_block] if first_block >= 0 else []
    found += [plain + 1] if plain >= 0 else []
    return list(dict.fromkeys(found))


def _edges(parsed: Parsed, parent: Trail) -> tuple[int, int]:
    """Return the indices of the last entry before the first block, and of that block; -1 for what is not there."""
    last = -1
    known: dict[str, bool] = {}
    for at, child in enumerate(parsed.at(parent).children):
        # nodes of one label are of one kind: asking for the place of each would take long
        kind = "" if is_number(child.label) else child.label
        if kind not in known:
            known[kind] = is_block(parsed, (*parent, at))
        if known[kind]:
            return last, at
        if child.label not in HIDDEN and not child.label.startswith("#"):
            last = at
    return last, -1


def is_block(parsed: Parsed, trail: Trail) -> bool:
    """Say whether a node is a section or the like: named entries on lines of their own, or in braces."""
    if all(child.label in HIDDEN or is_number(child.label) for child in parsed.at(trail).children):
        return False
    source = parsed.source(trail).rstrip(b"\n")
    return b"\n" in source or (parsed.lens == "Nginx.lns" and source.endswith(b"}"))


def _shown_in_comment(children: list[Node], label: str) -> list[int]:
    """Return the place below the first comment that is an entry of this label commented out."""
    import re

    shown = re.compile(re.escape(label) + r"[ \t]*(=|:|[ \t])[ \t]*\S")
    for at, child in enumerate(children):
        if child.label in HIDDEN and shown.match(child.value.lstrip("#; \t")):
            return [at + 1]
    return []


def joined(one: Value, other: Value) -> Value:
    """Return two parts of what is to be made as one."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return one | {key: joined(one[key], value) if key in one else value for key, value in other.items()}


def has_dots(parsed: Parsed, parent: Trail) -> bool:
    """Say whether the entries of a node are keys with dots in them, side by side."""
    children = [child for child in parsed.at(parent).children if child.label not in HIDDEN]
    return any("." in child.label for child in children) and not any(child.children for child in children)


def joinings(steps: Steps, *, joined: bool) -> Iterator[Steps]:
    """Yield steps as they are, then with labels joined by dots: in two, then in one; with joined that first.

    What follows the first index stays as it is.
    """
    if joined and len(steps) > 1 and all(isinstance(step, str) for step in steps):
        yield (".".join(map(str, steps)),)
    yield steps
    names = [str(step) for step in takewhile(lambda step: isinstance(step, str), steps)]
    after = steps[len(names) :]
    if len(names) > 12:
        return
    for cut in range(1, len(names) - 1):
        yield ".".join(names[:cut]), ".".join(names[cut:]), *after
    if len(names) > 2:
        yield ".".join(names[:-1]), names[-1], *after
    if len(names) > 1:
        yield ".".join(names), *after
