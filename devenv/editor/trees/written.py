"""The text behind the key of an entry: what a person sees there, whatever nodes the lens makes of it."""

from __future__ import annotations

from devenv.editor.trees.parse import Parsed, Trail
from devenv.editor.values import Value
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class Entries(dict[str, "Any"]):
    """The value of a node with named children, and the place it was read from."""

    __slots__ = ("place",)

    place: tuple[Parsed, Trail]


class Items(list["Any"]):
    """The value of a node with numbered children, and the place it was read from."""

    __slots__ = ("place",)

    place: tuple[Parsed, Trail]


class Members(list["Any"]):
    """The values of nodes that share a label, and the places they were read from."""

    __slots__ = ("places",)

    places: tuple[Parsed, tuple[Trail, ...]]


def of_members(values: list[Value], parsed: Parsed, trails: tuple[Trail, ...]) -> Members:
    """Return the values of nodes that share a label with the places they were read from."""
    found = Members(values)
    found.places = (parsed, trails)
    return found


def placed(value: Value, parsed: Parsed, trail: Trail) -> Value:
    """Return an object or an array with the place it was read from."""
    found: Entries | Items = Entries(value) if isinstance(value, dict) else Items(value)
    found.place = (parsed, trail)
    return found


def is_written(have: object, text: str) -> bool:
    """Say whether a value was read from an entry that has just this text behind its key, or has it in quotes.

    Several of a label that stand side by side without a key have the text from the first to the last.
    """
    if isinstance(have, Members):
        parsed, trails = have.places
        span = members_span(parsed, trails)
        return span is not None and parsed.text[span[0] : span[1]].decode(parsed.encoding) == text
    return isinstance(have, Entries | Items) and written(*have.place) in (text, f'"{text}"')


def members_span(parsed: Parsed, trails: tuple[Trail, ...]) -> tuple[int, int] | None:
    """Return where nodes stand that share a label; None where they have keys, or others are between them."""
    first, last = trails[0], trails[-1]
    if first[:-1] != last[:-1] or last[-1] - first[-1] != len(trails) - 1:
        return None
    spans = [parsed.span(trail) for trail in trails]
    start, end = spans[0].start, spans[-1].end
    keyed = any(span.label_start != span.label_end for span in spans)
    return None if keyed or b"\n" in parsed.text[start:end] else (start, end)


def is_taken_apart(have: object) -> bool:
    """Say whether entries were read from the text that begins with a value, for all of which a plain text would stand.

    Those of a block have lines of their own, and what stands before a value, as the time of a job does, stays there.
    """
    if not isinstance(have, Entries | Items):
        return False
    parsed, trail = have.place
    span = value_span(parsed, trail)
    if span is None:
        return False
    own = parsed.span(trail)
    start = own.value_end if own.value_start != own.value_end else span[0]
    entries = [(*trail, at) for at, child in enumerate(parsed.at(trail).children) if not child.label.startswith("#")]
    return any(start <= parsed.span(at).start < span[1] for at in entries)


def value_span(parsed: Parsed, trail: Trail) -> tuple[int, int] | None:
    """Return where the text of an entry stands, up to a comment; None for one of several lines."""
    text, span = parsed.text, parsed.span(trail)
    start, end = span.start, span.end
    for index, child in enumerate(parsed.at(trail).children):
        if child.label.startswith("#"):
            end = parsed.span((*trail, index)).start
            break
    if span.label_start != span.label_end:
        start = _behind_blanks(text, span.label_end)
        if text[start : start + 1] in (b"=", b":"):
            start = _behind_blanks(text, start + 1)
    while end > start and text[end - 1 : end] in (b" ", b"\t", b"\n"):
        end -= 1
    return (start, end) if start <= end and b"\n" not in text[start:end] else None


def _behind_blanks(text: bytes, at: int) -> int:
    while text[at : at + 1] in (b" ", b"\t"):
        at += 1
    return at


def written(parsed: Parsed, trail: Trail) -> str | None:
    """Return the text behind the key of an entry; None for one of several lines."""
    span = value_span(parsed, trail)
    return None if span is None else parsed.text[span[0] : span[1]].decode(parsed.encoding)
