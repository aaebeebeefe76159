"""JSONPath over any document, through jsonpath-ng."""

from functools import lru_cache
from typing import Any

from devenv.editor.document import Document, Step, Steps
from devenv.editor.values import to_plain
from devenv.errors import EditError


def select(document: Document, expression: str) -> list[Steps]:
    """Return plain steps of every match, in document order, each once; EditError for what is no JSONPath."""
    query = parsed(expression)
    try:
        matches = query.find(to_plain(document.read(())))
    except (TypeError, ValueError, AttributeError, KeyError, IndexError) as exc:
        raise EditError(f"{expression} cannot be asked of this file: {exc}") from None
    places = dict.fromkeys(_steps(match) for match in matches)
    return list(places)


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
