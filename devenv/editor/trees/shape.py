"""Trees as they should be after a change, made without touching the ones there are; and values as nodes."""

from __future__ import annotations

from devenv.editor.trees.parse import Node, Trail
from devenv.editor.values import Value, kind_of, shown, to_json
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


def replaced(root: Node, trail: Trail, change: Callable[[Node], Node]) -> Node:
    """Return the tree with the node at trail changed; what lies beside the way there is shared."""
    if not trail:
        return change(root)
    children = list(root.children)
    children[trail[0]] = replaced(children[trail[0]], trail[1:], change)
    return root._replace(children=children)


def with_value(root: Node, trail: Trail, value: str) -> Node:
    """Return the tree with another value at trail."""
    return replaced(root, trail, lambda node: node._replace(value=value))


def with_child(root: Node, parent: Trail, index: int, child: Node) -> Node:
    """Return the tree with one more child before the one of that index."""

    def change(node: Node) -> Node:
        return node._replace(children=[*node.children[:index], child, *node.children[index:]])

    return replaced(root, parent, change)


def without(root: Node, trail: Trail) -> Node:
    """Return the tree without the node at trail."""
    index = trail[-1]
    return replaced(
        root, trail[:-1], lambda node: node._replace(children=node.children[:index] + node.children[index + 1 :])
    )


def as_text(value: Value) -> str:
    """Return the text a scalar is in a file where all values are text; null is the empty one.

    A Number, Literal or Untyped stays one: a format that tells strings from numbers goes by that.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return to_json(value)
    raise EditError(f"{shown(to_json(value))} is an {kind_of(value)}, which has no place as a value of this format")


def agrees(have: Value, wanted: Value) -> bool:
    """Say whether what a file has is what was wanted of it.

    Values are text, the order of entries is the lens's affair, one entry is as good as a list of one, and a value
    wanted where entries are too is all of the text that they are read from, or the entry "." where they are not.
    """
    if isinstance(wanted, str) and not isinstance(have, str):
        from devenv.editor.trees.written import is_written

        if is_written(have, wanted):
            return True
    if isinstance(wanted, list):
        if not wanted and have == "":
            return True
        if not isinstance(have, list):
            return len(wanted) == 1 and agrees(have, wanted[0])
        return len(have) == len(wanted) and all(map(agrees, have, wanted))
    if isinstance(wanted, dict):
        if not isinstance(have, dict):
            return list(wanted) == ["."] and agrees(have, wanted["."])
        mine = {key: value for key, value in wanted.items() if key != "." or value not in ("", None)}
        return have.keys() == mine.keys() and all(agrees(have[key], mine[key]) for key in mine)
    if isinstance(have, dict):
        from devenv.editor.trees.written import is_taken_apart

        beside = have.keys() - {"."}
        return agrees(have.get(".", ""), wanted) and ("." in have or not have) and not (beside and is_taken_apart(have))
    if isinstance(have, list):
        return len(have) == 1 and agrees(have[0], wanted)
    return as_text(have) == as_text(wanted)


def nodes(label: str, value: Value, *, wrapped: str | None = None) -> Iterator[list[Node]]:
    """Yield what a value may be under a label: lists as repeated labels or as numbered children.

    With wrapped, first of all with every value in a child of that label.
    """
    if wrapped:
        yield [_wrapped(label, value, wrapped)]
    if _has_list(value):
        yield _repeated(label, value)
    yield [_numbered(label, value)]


def _has_list(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_list, value.values()))
    return isinstance(value, list)


def _repeated(label: str, value: Value) -> list[Node]:
    if isinstance(value, list):
        return [node for item in value for node in _repeated(label, item)]
    children = [node for key, item in _entries(value) for node in _repeated(key, item)]
    return [Node(label, _own(value), children)]


def _numbered(label: str, value: Value) -> Node:
    if isinstance(value, list):
        return Node(label, "", [_numbered(str(number), item) for number, item in enumerate(value, 1)])
    return Node(label, _own(value), [_numbered(key, item) for key, item in _entries(value)])


def _wrapped(label: str, value: Value, inner: str) -> Node:
    if isinstance(value, dict):
        return Node(label, _own(value), [_wrapped(key, item, inner) for key, item in _entries(value)])
    items = value if isinstance(value, list) else [value]
    return Node(label, "", [Node(inner, as_text(item), []) for item in items])


def unwrapped(value: Value, inner: str | None) -> Value:
    """Return a value as it is read: without objects that only hold one under the label inner, or entries by number."""
    if isinstance(value, dict):
        if value and all(key.isascii() and key.isdigit() for key in value):
            return [unwrapped(item, inner) for item in value.values()]
        alone = list(value) == [inner]
        return value[inner] if alone else {key: unwrapped(item, inner) for key, item in value.items()}
    return value


def _own(value: Value) -> str:
    """Return the text of a scalar, or of the value that an object has beside its entries."""
    return as_text(value.get(".", "") if isinstance(value, dict) else value)


def _entries(value: Value) -> list[tuple[str, Value]]:
    return [(key, item) for key, item in value.items() if key != "."] if isinstance(value, dict) else []
