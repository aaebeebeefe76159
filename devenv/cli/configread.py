"""The verbs of ``devenv config`` that read: get and list."""

from collections.abc import Iterable, Iterator
from itertools import islice

from devenv.cli import report
from devenv.cli.configfiles import opened
from devenv.cli.configwords import ConfigWords
from devenv.editor import keypath
from devenv.editor.document import Document, Steps
from devenv.editor.values import SCALARS, Untyped, Value, kind_of, to_json
from devenv.errors import EXIT_OK, PathNotFound, UsageError


def get(words: ConfigWords) -> int:
    """Print the values at the paths and return the exit code."""
    file, document = opened(words)
    values: list[tuple[str, Value]] = []
    paths = words.operands[1:] or ("$",)
    for text in paths:
        places = _places(document, text, words)
        if not places and words.default is not None:
            values.append((text, words.default))
        elif not places:
            if words.exists:
                return PathNotFound.code
            raise _nothing(document, text, file, words)
        values += [(keypath.spelled(place), document.read(place)) for place in places]
    if words.exists:
        return EXIT_OK
    if words.json:
        entries = ", ".join(f'{{"path": {to_json(path)}, "value": {to_json(value)}}}' for path, value in values)
        _print([f'{{"version": 1, "file": {to_json(file)}, "values": [{entries}]}}'], end="" if words.raw else "\n")
        return EXIT_OK
    texts = [value if isinstance(value, str) else to_json(value, indent=2) for _, value in values]
    if words.raw:
        _print(["\n".join(texts)], end="")
    else:
        _print(texts)
    return EXIT_OK


def _print(lines: Iterable[str], *, end: str = "\n") -> None:
    """Print lines in UTF-8, many at a time; a lone surrogate, which no encoding has, as its escape."""
    rest = iter(lines)
    while some := [f"{line}{end}" for line in islice(rest, 1000)]:
        report.out_bytes("".join(some).encode(errors="backslashreplace"))


def _places(document: Document, text: str, words: ConfigWords) -> list[Steps]:
    from devenv.editor import engine

    path = keypath.parse(text, tree=document.tree, augeas=words.augeas)
    return document.find(path.steps) if path.query is None else engine.select(document, path)


def _nothing(document: Document, text: str, file: str, words: ConfigWords) -> PathNotFound:
    """Return the error for a path that leads nowhere, with the nearest keys that are there."""
    from devenv.editor.filetrouble import shown_path

    if text == "$":
        return PathNotFound(f"{shown_path(file)} is empty")
    path = keypath.parse(text, tree=document.tree, augeas=words.augeas)
    hint = None
    for length in range(len(path.steps) - 1, -1, -1):
        found = document.find(path.steps[:length])
        if len(found) == 1 and path.query is None:
            hint = _near(document, found[0], path.steps[length:])
            break
    return PathNotFound(f"there is no {text} in {shown_path(file)}", hint=hint)


def _near(document: Document, place: Steps, rest: Steps) -> str | None:
    from difflib import get_close_matches

    if document.kind(place) in SCALARS:
        return f"{keypath.spelled(place)} is a {document.kind(place)}"
    keys = [key for key in islice(document.entries(place), 1000) if isinstance(key, str)]
    # a key may have the dots itself, as those of VS Code's settings have
    dotted = ".".join(str(step) for step in rest)
    near = [dotted] if dotted in keys else [*get_close_matches(str(rest[0]), keys), *get_close_matches(dotted, keys)]
    if not near:
        return None
    path = keypath.spelled((*place, near[0]))
    # quotes of a path's own need others around them in a shell
    return f"did you mean {path!r}?" if '"' in path and "'" not in path else f"did you mean {path}?"


def leaves(document: Document, place: Steps) -> Iterator[tuple[Steps, Value]]:
    """Yield every value that can be set below a place, empty containers too, in the order of the file."""
    waiting: list[Iterator[Steps]] = [iter([place])]
    while waiting:
        here = next(waiting[-1], None)
        if here is None:
            waiting.pop()
            continue
        if document.kind(here) in SCALARS:
            yield here, document.read(here)
            continue
        below = [(*here, step) for step in document.entries(here)]
        if below:
            waiting.append(iter(below))
        else:
            yield here, document.read(here)


def list_(words: ConfigWords) -> int:
    """Print what is below a path and return the exit code."""
    if words.tree and words.json:
        raise UsageError("--tree is for people and --json for programs: give one of them")
    file, document = opened(words)
    text = words.operands[1] if len(words.operands) > 1 else "$"
    places = _places(document, text, words)
    if not places and text != "$":
        raise _nothing(document, text, file, words)
    if words.tree:
        _print(line for place in places for line in _tree(document, place))
        return EXIT_OK
    found = (leaf for place in places for leaf in leaves(document, place))
    if words.json:
        entries = [f'{{"path": {to_json(keypath.spelled(at))}, "value": {to_json(value)}}}' for at, value in found]
        _print([f'{{"version": 1, "file": {to_json(file)}, "leaves": [{", ".join(entries)}]}}'])
        return EXIT_OK
    _print(assigned(document, at, value) for at, value in found)
    return EXIT_OK


def assigned(document: Document, place: Steps, value: Value) -> str:
    """Return a leaf as a word that ``set`` takes: ``PATH=VALUE`` where that makes it, else ``PATH:=JSON``.

    Dates and what else JSON has not stay what they are where they are there already; elsewhere they would be text.
    """
    path = keypath.spelled(place)
    if isinstance(value, str) and value.isprintable():
        kind = kind_of(value)
        for was in ("",) if kind == "string" else ("", kind):
            read = document.literal(str(value), was, value)
            # what is no string and has no kind in JSON stays what it is where an untyped text is the same
            if read == value and (type(read) is type(value) or (isinstance(read, Untyped) and kind == "literal")):
                return f"{path}={value}"
    if value is None or isinstance(value, bool):
        return f"{path}={to_json(value)}"
    return f"{path}:={to_json(value)}"


def _tree(document: Document, place: Steps, depth: int = 0) -> Iterator[str]:
    """Yield one line for every entry, indented by its depth."""
    waiting: list[tuple[Steps, int]] = [(place, depth)]
    while waiting:
        here, level = waiting.pop()
        name = keypath.spelled(here[-1:]) if here else ""
        if document.kind(here) in SCALARS:
            value = document.read(here)
            text = value if isinstance(value, str) and value.isprintable() and value else to_json(value)
            yield "  " * max(level - 1, 0) + (f"{name}: {text}" if name else text)
            continue
        below = [(*here, step) for step in document.entries(here)]
        empty = "" if below else " {}" if document.kind(here) == "object" else " []"
        if name or empty:
            yield "  " * max(level - 1, 0) + f"{name}{':' if name else ''}{empty}".strip()
        waiting += [(child, level + 1) for child in reversed(below)]
