"""Keys that have dots themselves, as those of VS Code's settings have, where a path without quotes was typed."""

from __future__ import annotations

from devenv.editor.document import Document, Steps
from devenv.editor.keypath import KeyPath, pointer, spelled
from devenv.editor.values import quoted
from devenv.errors import EditError


def refuse(document: Document, path: KeyPath, text: bytes, *, making: bool) -> None:
    """Raise EditError, with the path as it was meant, where keys with dots are beside a path that leads nowhere.

    Such is a key that the path is, or begins with; when making, also one whose beginning the path shares: an object of
    that beginning is not made beside it by mistake. text is the document's as it was before all edits.
    """
    steps = path.steps
    there = next((at for at in range(len(steps)) if not document.find(steps[: at + 1])), len(steps))
    first = f"{steps[there]}." if there < len(steps) - 1 else ""
    # most files have no such keys, and are not searched
    if not first or first.encode("utf-8", "replace") not in text:
        return
    found = document.find(steps[:there])
    if len(found) != 1 or document.kind(found[0]) != "object":
        return
    meant = _meant(document, found[0], steps[there:])
    if meant is not None:
        key, whole = meant
        raise EditError(f"{path.text}: {quoted(key)} is a key with dots in it", hint=f"write {spelled(whole)!r}")
    like = next((key for key in document.entries(found[0]) if str(key).startswith(first)), None)
    if not making or like is None:
        return
    whole = (*found[0], _joined(steps[there:]))
    raise EditError(
        f"{path.text}: keys have dots in them here, as {quoted(str(like))} has",
        hint=f"write {spelled(whole)!r} for such a key, {pointer(map(str, steps))} for an object in an object",
    )


def _meant(document: Document, parent: Steps, rest: Steps) -> tuple[str, Steps] | None:
    """Return the longest key with dots in parent that rest is or begins with, and the steps with it."""
    for end in range(len(rest), 1, -1):
        key = _joined(rest[:end])
        found = document.find((*parent, key))
        if found and (end == len(rest) or document.kind(found[0]) in ("object", "array")):
            return key, (*parent, key, *rest[end:])
    return None


def _joined(steps: Steps) -> str:
    return ".".join(str(step) for step in steps)
