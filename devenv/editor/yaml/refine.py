"""A new object or array in the place of another, entry by entry, so that what is alike stays as it is written."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from devenv.editor.document import Steps
from devenv.editor.values import Value, same
from devenv.editor.yaml.place import Place

if TYPE_CHECKING:
    from devenv.editor.yaml.document import YamlDocument

_MOST = 48
"""Operations of which each reads the text again; with more the whole is written anew."""

Operation = Callable[["YamlDocument"], None]


def operations(document: "YamlDocument", steps: Steps, place: Place, value: Value) -> list[Operation] | None:
    """Return what to do to the collection at steps so that it becomes value; None when it is to be written anew."""
    node = place.node
    if (node.kind, type(value)) not in (("map", dict), ("seq", list)) or not value or not node.children():
        return None
    end = node.close()
    if any(node.start <= alias.start < end for alias in place.doc.aliases()):
        return None
    names = [entry.name for entry in node.children()]
    if node.kind == "map" and len(set(names)) < len(names):
        return None
    old = document.content.read(place.doc, node)
    found = _of_objects(steps, old, value) if isinstance(value, dict) else _of_arrays(steps, old, value)
    return found if found is not None and len(found) <= _MOST else None


def _put(steps: Steps, value: Value) -> Operation:
    return lambda document: document.put(steps, value, force=True)


def _delete(steps: Steps) -> Operation:
    return lambda document: document.delete(steps)


def _insert(steps: Steps, index: int, value: Value) -> Operation:
    return lambda document: document.insert(steps, index, value)


def _of_objects(steps: Steps, old: dict[str, Value], new: dict[str, Value]) -> list[Operation] | None:
    common = [key for key in old if key in new]
    added = [key for key in new if key not in old]
    if not common or list(new) != common + added:
        return None
    gone = [_delete((*steps, key)) for key in old if key not in new]
    changed = [_put((*steps, key), new[key]) for key in common if not same(old[key], new[key])]
    return [*gone, *changed, *(_put((*steps, key), new[key]) for key in added)]


def _of_arrays(steps: Steps, old: list[Value], new: list[Value]) -> list[Operation] | None:
    least = min(len(old), len(new))
    head = next((index for index in range(least) if not same(old[index], new[index])), least)
    tail = 0
    while tail < least - head and same(old[len(old) - 1 - tail], new[len(new) - 1 - tail]):
        tail += 1
    if not head and not tail and len(old) != len(new):
        return None
    both = range(head, least - tail)
    changed = [_put((*steps, index), new[index]) for index in both]
    gone = [_delete((*steps, index)) for index in reversed(range(least - tail, len(old) - tail))]
    fresh = [_insert(steps, index, new[index]) for index in range(least - tail, len(new) - tail)]
    return [*changed, *gone, *fresh]
