"""Augeas path expressions: which places of a text they mean, and which they would make."""

from __future__ import annotations

from devenv.editor.document import Steps
from devenv.editor.keypath import dotted, spelled
from devenv.editor.trees.parse import Trail
from devenv.editor.trees.view import HIDDEN, View, is_number
from devenv.errors import EditError, PathNotFound

QUOTE_IT = "a key with a slash in it goes in quotes: '\"a/b\"'; what is not in quotes is an Augeas expression"


def as_key(view: View, expression: str) -> Steps | None:
    """Return an expression as the path of an entry that is there and has the slashes in its key; else None."""
    if "/" not in expression:
        return None
    if view.named((), expression):
        return (expression,)
    try:
        steps, end = dotted(expression)
    except EditError:
        return None
    return steps if end == len(expression) and view.find(steps) else None


def steps_of(view: View, trail: Trail) -> Steps:
    """Return the plain steps of a node."""
    steps: list[str | int] = []
    for length in range(1, len(trail) + 1):
        parent, at = trail[: length - 1], trail[:length]
        label = view.key(at)
        if view.is_array(parent) and label not in HIDDEN:
            steps.append([child for _, child in view.children(parent)].index(at))
            continue
        trails = view.named(parent, label)
        steps += [label] if len(trails) == 1 else [label, trails.index(at)]
    return tuple(steps)


def made_by(view: View, expression: str, numbers: dict[Steps, int]) -> Steps | None:
    """Return the steps of what an expression that matches nothing would make: labels below one node.

    The same number in the next edit means the same entry, though the lens gives it another: numbers remembers which.
    """
    if view.parsed.lens == "Npmrc.lns" and "/" in expression and not any(mark in expression for mark in "\\*[]\"'"):
        # its keys are addresses, and it has nothing below them
        return (expression,)
    if expression.startswith("//"):
        raise PathNotFound(f"nothing matches {expression}", hint=QUOTE_IT)
    labels: list[str] = []
    head = expression
    while True:
        head, label = last_step(head)
        if label is None:
            return None
        labels.insert(0, label)
        parents = view.parsed.select(head) if head else [()]
        if len(parents) > 1:
            return None
        if parents:
            break
    above, label = steps_of(view, parents[0]), labels[0]
    if is_number(label) and (view.is_array(parents[0]) or not view.children(parents[0])):
        number = numbers.setdefault((*above, label), len(view.children(parents[0])))
        return (*above, number, *labels[1:])
    if "." in label and view.named(parents[0], label.partition(".")[0]):
        # a dotted path to a key with a slash, rather than an expression
        raise PathNotFound(f"nothing matches {expression}", hint=QUOTE_IT)
    if not above and len(labels) > 1 and view.goes_by_name(label):
        # Augeas has the section under another label, and would not find again what was made here
        hint = f"a section goes by its name in a path with dots: {spelled(tuple(labels))}"
        raise PathNotFound(f"nothing matches {expression}", hint=hint)
    here = len(view.named(parents[0], label))
    return (*above, label, *([here] if here else []), *labels[1:])


_STEP = r"(?:\\.|[^][|/=()!,\\\s])+"
_NEXT = r"\[\s*(?:last\s*\(\s*\)\s*\+\s*1|[0-9]+)\s*\]\Z"


def last_step(expression: str) -> tuple[str, str | None]:
    """Return what leads to the parent and the label of the last step; None when it is no plain label."""
    import re

    relative = re.sub(_NEXT, "", expression.strip("/"))
    at, depth, quote = len(relative), 0, ""
    for index in range(len(relative) - 1, -1, -1):
        char = relative[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "]":
            depth += 1
        elif char == "[":
            depth -= 1
        elif char == "/" and not depth and relative[index - 1 : index] != "\\":
            at = index + 1
            break
    else:
        at = 0
    name = relative[at:]
    if not re.fullmatch(_STEP, name) or name in (".", "..", "*"):
        return "", None
    return relative[: max(at - 1, 0)], re.sub(r"\\(.)", r"\1", name)
