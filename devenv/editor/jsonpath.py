"""JSONPath over any document, through jsonpath-ng."""

from functools import lru_cache
from typing import Any

from devenv.editor.document import Document, Step, Steps
from devenv.editor.values import to_plain
from devenv.errors import EditError


def select(document: Document, expression: str) -> list[Steps]:
    """Return plain steps of every match, in the order the expression gives them, each once.

    EditError for what is no JSONPath, and for one that works values out, as ``$.a.`len``` does, which stand nowhere.
    """
    query = parsed(expression)
    whole = to_plain(document.read(()))
    try:
        matches = query.find(whole)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError) as exc:
        raise EditError(f"{expression} cannot be asked of this file: {exc}") from None
    places: dict[Steps, None] = {}
    for match in matches:
        steps = _placed(whole, _steps(match), match.value)
        if steps is None:
            raise EditError(f"{expression} gives values that it works out, which stand nowhere in the file")
        places[steps] = None
    return list(places)


def _placed(whole: object, steps: Steps, value: object) -> Steps | None:
    """Return steps with indices from the start, where they lead to this very value; None where they do not."""
    here: Any = whole
    plain: list[Step] = []
    for step in steps:
        if isinstance(here, list) and isinstance(step, int) and -len(here) <= step < len(here):
            step %= len(here)
        elif not isinstance(here, dict) or step not in here:
            return None
        plain.append(step)
        here = here[step]
    return tuple(plain) if here is value else None


@lru_cache(maxsize=1024)
def parsed(expression: str) -> Any:
    """Return what asks for an expression; EditError for what is no JSONPath."""
    from jsonpath_ng.ext.parser import parse

    try:
        return parse(expression)
    except Exception as exc:  # its lexer, its parser and ply raise each their own, and plain Exception too
        first = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
        raise EditError(f"{expression} is not a JSONPath: {first}") from None


def _steps(match: object) -> Steps:
    """Return the way from the root to a match of jsonpath-ng, whose links point upwards."""
    from jsonpath_ng import Fields, Index

    steps: list[Step] = []
    while match is not None and match.context is not None:  # type: ignore[attr-defined]
        path = match.path  # type: ignore[attr-defined]
        if isinstance(path, Fields):
            steps.append(path.fields[0])
        elif isinstance(path, Index):
            steps.append(path.indices[0])
        match = match.context  # type: ignore[attr-defined]
    return tuple(reversed(steps))
