"""Names of XML: a prefix is declared where it is used, or on an element around it, or no reader takes the file.

A file that is read without namespaces, and so has prefixes that nothing declares, can be edited all the same.
"""

from __future__ import annotations

from collections import Counter

from devenv.editor.keypath import spelled
from devenv.editor.trees.parse import Node, Parsed
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECLARES = "@xmlns:"


def check(before: Parsed, after: Parsed, *, removed: str = "") -> None:
    """Raise EditError when readers would not take a text for its names, and took the one before.

    With removed, the name of what was taken out, which is not there to be declared first.
    """
    fresh = Counter(_unbound(after.root, frozenset({"xml"}))) - Counter(_unbound(before.root, frozenset({"xml"})))
    if fresh:
        name = next(iter(fresh))
        prefix = name.lstrip("@").partition(":")[0]
        if removed:
            raise EditError(f"{removed} declares the prefix of {name}, which stays", hint=f"take {name} out first")
        top = next(child.label for child in after.root.children if child.label[:1] not in "#!")
        hint = f"set {spelled((top, _DECLARES + prefix))} to its namespace first"
        raise EditError(f"the prefix {prefix} of {name} is declared nowhere around it", hint=hint)
    wrong = _wrong(after.text)
    if wrong and not (before.text.strip() and _wrong(before.text)):
        raise EditError(f"readers of XML would not take the file then: {wrong}")


def _unbound(node: Node, bound: frozenset[str]) -> Iterator[str]:
    """Yield each name at or below a node whose prefix nothing declares that is around it."""
    declared = [child.label.removeprefix(_DECLARES) for child in node.children if child.label.startswith(_DECLARES)]
    bound = bound.union(declared) if declared else bound
    for name in (node.label, *(child.label for child in node.children if child.label[:1] == "@")):
        prefix, colon, _ = name.lstrip("@").partition(":")
        if colon and prefix not in bound and not name.startswith(_DECLARES):
            yield name
    for child in node.children:
        if child.label[:1] not in "@#!":
            yield from _unbound(child, bound)


def _wrong(text: bytes) -> str | None:
    """Return what else a reader that knows namespaces has against a text: two attributes that are the same."""
    if b"<!ENTITY" in text:
        return None
    from xml.parsers import expat

    try:
        expat.ParserCreate(namespace_separator=" ").Parse(text, True)
    except expat.ExpatError as exc:
        return expat.errors.messages.get(exc.code, "not well-formed")
    except (LookupError, ValueError):
        # an encoding that this reader does not know
        return None
    return None
