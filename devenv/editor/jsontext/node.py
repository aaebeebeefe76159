"""Where a value stands in a JSON text."""

from __future__ import annotations

from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {b"{"[0]: "object", b"["[0]: "array", b'"'[0]: "string", b"t"[0]: "bool", b"f"[0]: "bool", b"n"[0]: "null"}
"""First byte of a value -> its kind; all others begin a number."""

LARGE = 64 * 1024
"""Bytes from which loading msgspec costs less than scanning in Python."""


class Node:
    """A value: the bytes from start to end. ``items`` of a container are its values, once they are asked for.

    Items are a dict from key to Node (the last of duplicate keys, which is the one readers see) or a list of Nodes.
    """

    __slots__ = ("end", "items", "known", "start", "text")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.items: dict[str, Node] | list[Node] | None = None
        self.known: dict[str, Node | None] = {}
        """Items that were looked up alone, in a container that is not filled in."""
        self.text: bytes | None = None
        """What stands there instead, when it has been set and the text is not yet written anew."""

    def entries(self) -> Iterator[str | int]:
        """Yield the keys of an object, the indices of an array, nothing else."""
        if isinstance(self.items, dict):
            yield from self.items
        elif self.items is not None:
            yield from range(len(self.items))
