"""Looking once more, in another way than the one that wrote: every leaf and comment but the touched ones is there."""

from devenv.editor.document import Steps
from devenv.editor.trees.parse import Node
from devenv.editor.trees.view import HIDDEN, MARKS, View, is_number
from devenv.errors import EditError

Labels = tuple[str, ...]


def unchanged(before: View, after: View, touched: list[Steps]) -> None:
    """Raise EditError when nodes other than those of touched labels, or comments, came, went or changed."""
    # what a step is that is to be made, the text with it tells
    roots = list(dict.fromkeys(_labels(view.raw(steps)) for view in (before, after) for steps in touched))
    one, other = before.parsed.root.children, after.parsed.root.children
    head, tail = _alike(one, other)
    old, old_comments = _leaves(before, one[head : len(one) - tail], roots)
    new, new_comments = _leaves(after, other[head : len(other) - tail], roots)
    if old != new:
        raise _astray(next((one for one, other in zip(old, new, strict=False) if one != other), (("its end",), ""))[0])
    if any(label in HIDDEN for labels in roots for label in labels):
        return
    there: dict[str, int] = {}
    for value, _ in new_comments:
        there[value] = there.get(value, 0) + 1
    for value, inside in old_comments:
        there[value] = there.get(value, 0) - (not inside)
    if any(count < 0 for count in there.values()) or len(new_comments) > len(old_comments):
        raise _astray(("its comments",))


def _astray(labels: Labels) -> EditError:
    return EditError(
        f"the edit was given up: it would change {'.'.join(labels)} as well",
        hint="the file is as it was; please report this with the file's lines there",
    )


def _labels(steps: Steps) -> Labels:
    """Return what stays the same of a place when entries are added or taken out beside it."""
    return tuple(part for step in steps if isinstance(step, str) and step != "." for part in [step] if part)


def _alike(one: list[Node], other: list[Node]) -> tuple[int, int]:
    """Return how many nodes both begin with alike, and how many they end with: nothing is lost in those."""
    size, head, tail = min(len(one), len(other)), 0, 0
    while head < size and one[head] == other[head]:
        head += 1
    while tail < size - head and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    return head, tail


def _leaves(
    view: View, nodes: list[Node], touched: list[Labels]
) -> tuple[list[tuple[Labels, str]], list[tuple[str, bool]]]:
    """Return labels and value of every leaf that is not below a touched place, numbers left out; and all comments.

    A comment comes with whether it is below a touched place: it may move out of a section that goes.
    """
    found: list[tuple[Labels, str]] = []
    comments: list[tuple[str, bool]] = []
    places = [tuple(name for name in place if not is_number(name)) for place in touched]
    stack: list[tuple[Labels, Node]] = [((), Node("", "", nodes))]
    while stack:
        labels, node = stack.pop()
        if labels and not node.children:
            inside = any(_below(labels, place) for place in places)
            if labels[-1] in MARKS:
                continue
            if labels[-1] in HIDDEN:
                comments.append((node.value, inside))
            elif not inside:
                found.append((labels, node.value))
        for child in reversed(node.children):
            stack.append((labels if is_number(child.label) else (*labels, *view.labels(child)), child))
    return found, comments


def _below(labels: Labels, names: Labels) -> bool:
    """Say whether a node is at or below a touched place, or where one that is made would stand."""
    return labels[: len(names)] == names or (names[: len(labels)] == labels)
