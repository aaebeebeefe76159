"""What commands of sudo inherit: a runas list and tags hold for the commands behind them, to the end of the list.

So a command that goes, comes or changes may let those behind it run as somebody else, or without a password: they are
given what they had, or the edit is refused.
"""

from __future__ import annotations

from devenv.editor.trees.parse import Node, Parsed, Trail, parse
from devenv.editor.values import shown
from devenv.errors import EditError, ParseError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Held = dict[str, str]
"""What holds for a command: the runas list in its brackets, and the tag of each kind that was given."""

_RUNAS = "runas"
_KINDS = (_RUNAS, "EXEC", "PASSWD", "SETENV")


def kept(before: Parsed, after: Parsed) -> Parsed:
    """Return a text after an edit of commands with all else that stayed run as it was; EditError where that cannot be.

    A command that is edited itself, or is new, has what the text says of it.
    """
    for parent in _lists(before, after):
        after = _kept_in(before, after, parent)
    return after


def inherits_nothing(before: Parsed, after: Parsed) -> str | None:
    """Return a command that is new, the first of its list and bare, where the first one had runas or tags."""
    for parent in _lists(before, after):
        old, new = commands(before, parent), commands(after, parent)
        if len(new) > len(old) and old and _own(before, old[0]) and not _own(after, new[0]):
            return after.at(new[0]).value
    return None


def commands(parsed: Parsed, parent: Trail) -> list[Trail]:
    """Return the commands of one list."""
    return [(*parent, at) for at, child in enumerate(parsed.at(parent).children) if child.label == "command"]


def _lists(before: Parsed, after: Parsed) -> Iterator[Trail]:
    """Yield where lists of commands are that differ."""
    old, new = before.root.children, after.root.children
    if len(old) != len(new):
        return
    for top, (one, other) in enumerate(zip(old, new, strict=True)):
        if one != other and one.label == other.label == "spec" and len(one.children) == len(other.children):
            for at, (mine, theirs) in enumerate(zip(one.children, other.children, strict=True)):
                if mine != theirs and mine.label == theirs.label == "host_group":
                    yield top, at


def _kept_in(before: Parsed, after: Parsed, parent: Trail) -> Parsed:
    old, new = commands(before, parent), commands(after, parent)
    was_held, held = _held(before, old), _held(after, new)
    for at, was in _stayed([before.at(each) for each in old], [after.at(each) for each in new]).items():
        mine = _named(before.at(old[was]))
        if mine != _named(after.at(new[at])):
            raise EditError(
                f"{shown(mine[0])} would be {'allowed' if mine[1] else 'forbidden'} where it was not",
                hint="unset and append single commands, or set the whole line: spec[N]='joe ALL=(root) /bin/ls'",
            )
        lost = [kind for kind in _KINDS if held[at].get(kind) != was_held[was].get(kind)]
        if any(kind not in was_held[was] or kind in _own(after, new[at]) for kind in lost):
            raise _would_change(mine[0], was_held[was], held[at])
        if lost:
            after = _given(after, new[at], {kind: was_held[was][kind] for kind in lost})
            held = _held(after, new)
    return after


def _stayed(old: list[Node], new: list[Node]) -> dict[int, int]:
    """Return which command of a new list is which of the old one, in order; one that is edited in place is none."""
    size, head, tail = min(len(old), len(new)), 0, 0
    while head < size and old[head] == new[head]:
        head += 1
    while tail < size - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    found = {at: at for at in range(head)}
    rest = list(range(head, len(old) - tail))
    if len(rest) != 1:
        for at in range(head, len(new) - tail):
            alike = [was for was in rest if old[was].value == new[at].value]
            if alike:
                found[at] = next((was for was in alike if _named(old[was]) == _named(new[at])), alike[0])
                rest.remove(found[at])
    return found | {len(new) - 1 - back: len(old) - 1 - back for back in range(tail - 1, -1, -1)}


def _named(command: Node) -> tuple[str, bool]:
    return command.value, any(child.label == "negate" for child in command.children)


def _own(parsed: Parsed, trail: Trail) -> Held:
    """Return the runas list and the tags that stand before a command."""
    node, source = parsed.at(trail), parsed.source(trail)
    own = {child.value.removeprefix("NO"): child.value for child in node.children if child.label == "tag"}
    if source.startswith(b"("):
        own[_RUNAS] = source[: source.index(b")") + 1].decode(parsed.encoding)
    return own


def _held(parsed: Parsed, trails: list[Trail]) -> list[Held]:
    """Return what holds for each command of a list: what stands before it, and before those in front of it."""
    found: list[Held] = []
    inherited: Held = {}
    for trail in trails:
        own = _own(parsed, trail)
        held = inherited | own
        if _named(parsed.at(trail)) == ("ALL", False) and "SETENV" not in own:
            # ALL has this tag by itself, and what follows has neither that nor an earlier one
            held.pop("SETENV", None)
        found.append(held)
        inherited = held
    return found


def _given(parsed: Parsed, trail: Trail, more: Held) -> Parsed:
    """Return the text with more written before a command."""
    text, span, node = parsed.text, parsed.span(trail), parsed.at(trail)
    first = span.start
    if text[first : first + 1] == b"(":
        first = text.index(b")", first) + 1
        while text[first : first + 1] in (b" ", b"\t"):
            first += 1
    runas = f"{more[_RUNAS]} " if _RUNAS in more else ""
    tags = "".join(f"{more[kind]}: " for kind in _KINDS[1:] if kind in more)
    try:
        fresh = parse(parsed.lens, text[:first] + (runas + tags).encode(parsed.encoding) + text[first:])
    except ParseError:
        raise _would_change(node.value, more, {}) from None
    if _own(fresh, trail) != _own(parsed, trail) | more or _named(fresh.at(trail)) != _named(node):
        raise _would_change(node.value, more, {})
    return fresh


def _would_change(command: str, had: Held, now: Held) -> EditError:
    return EditError(
        f"{shown(command)} inherits what stands before it, and would change from {_said(had)} to {_said(now)}",
        hint="give it a runas_user or tag of its own first, or set the whole line: spec[N]='joe ALL=(root) /bin/ls'",
    )


def _said(held: Held) -> str:
    words = [held[kind] if kind == _RUNAS else f"{held[kind]}:" for kind in _KINDS if kind in held]
    return " ".join(words) or "no runas and no tag"
