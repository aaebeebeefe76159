"""What ``devenv config`` does, however its words were read."""

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from devenv.cli.configwords import ConfigWords
from devenv.editor import keypath
from devenv.editor.document import Document, Format, Steps
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.values import SCALARS, Untyped, Value, to_json
from devenv.errors import EXIT_OK, EXIT_WOULD_CHANGE, EditError, ParseError, PathNotFound, UsageError

if TYPE_CHECKING:
    from devenv.editor.batch import FileEdits

STDIN = "-"


def run(words: ConfigWords) -> int:
    """Do what the words ask and return the exit code."""
    verbs = {"get": _get, "list": _list, "apply": _apply, "formats": _formats}
    return verbs.get(words.verb, _edit)(words)


# reading


def _open(words: ConfigWords) -> tuple[str, Document]:
    """Return the name of the file and the document in it."""
    from devenv.editor import formats
    from devenv.editor.store import Store

    file = words.operands[0]
    fmt = format_of(file, words)
    data = sys.stdin.buffer.read() if file == STDIN else Store().read(file).data
    name = "standard input" if file == STDIN else file
    try:
        return name, formats.open_document(data, fmt)
    except ParseError as exc:
        raise exc.within(name) from None


def format_of(file: str, words: ConfigWords) -> Format:
    """Return the format named by the options, else the one the file's name goes by."""
    from devenv.editor import formats

    if words.format and words.lens:
        raise UsageError("--format and --lens say the same thing: give one of them")
    if words.lens:
        return formats.of_lens(words.lens)
    if words.format:
        return formats.named(words.format)
    if file == STDIN:
        raise UsageError("standard input has no name to tell its format by", hint="add --format or --lens")
    return formats.of_file(file)


def _get(words: ConfigWords) -> int:
    from devenv.cli import report

    file, document = _open(words)
    values: list[tuple[str, Value]] = []
    paths = words.operands[1:] or ("$",)
    for text in paths:
        places = _places(document, text, words)
        if not places and words.default is not None:
            values.append((text, words.default))
        elif not places:
            if words.exists:
                return PathNotFound.code
            raise _nothing(document, text, file)
        values += [(keypath.spelled(place), document.read(place)) for place in places]
    if words.exists:
        return EXIT_OK
    if words.json:
        entries = ", ".join(f'{{"path": {to_json(path)}, "value": {to_json(value)}}}' for path, value in values)
        report.out(f'{{"version": 1, "file": {to_json(file)}, "values": [{entries}]}}')
        return EXIT_OK
    for _, value in values:
        text = value if isinstance(value, str) else to_json(value, indent=2)
        _print(text if words.raw else text + "\n")
    return EXIT_OK


def _print(text: str) -> None:
    """Print a value; a lone surrogate, which no encoding has, as its escape."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = text.encode(errors="backslashreplace")
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def _places(document: Document, text: str, words: ConfigWords) -> list[Steps]:
    from devenv.editor import engine

    path = keypath.parse(text, tree=document.tree, augeas=words.augeas)
    return document.find(path.steps) if path.query is None else engine.select(document, path)


def _nothing(document: Document, text: str, file: str) -> PathNotFound:
    """Return the error for a path that leads nowhere, with the nearest keys that are there."""
    path = keypath.parse(text, tree=document.tree)
    hint = None
    for length in range(len(path.steps) - 1, -1, -1):
        found = document.find(path.steps[:length])
        if len(found) == 1 and path.query is None:
            hint = _near(document, found[0], str(path.steps[length]))
            break
    return PathNotFound(f"there is no {text} in {file}", hint=hint)


def _near(document: Document, place: Steps, wanted: str) -> str | None:
    from difflib import get_close_matches
    from itertools import islice

    if document.kind(place) in SCALARS:
        return f"{keypath.spelled(place)} is a {document.kind(place)}"
    keys = [key for key in islice(document.entries(place), 1000) if isinstance(key, str)]
    near = get_close_matches(wanted, keys, n=1)
    return f"did you mean {keypath.spelled((*place, near[0]))}?" if near else None


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


def _list(words: ConfigWords) -> int:
    from devenv.cli import report

    file, document = _open(words)
    text = words.operands[1] if len(words.operands) > 1 else "$"
    places = _places(document, text, words)
    if not places and text != "$":
        raise _nothing(document, text, file)
    if words.tree:
        for place in places:
            for line in _tree(document, place):
                report.out(line)
        return EXIT_OK
    found = (leaf for place in places for leaf in leaves(document, place))
    if words.json:
        entries = [f'{{"path": {to_json(keypath.spelled(at))}, "value": {to_json(value)}}}' for at, value in found]
        report.out(f'{{"version": 1, "file": {to_json(file)}, "leaves": [{", ".join(entries)}]}}')
        return EXIT_OK
    for at, value in found:
        report.out(assigned(document, at, value))
    return EXIT_OK


def assigned(document: Document, place: Steps, value: Value) -> str:
    """Return a leaf as a word that ``set`` takes: ``PATH=VALUE`` where that makes the value anew, else ``PATH:=JSON``."""
    path = keypath.spelled(place)
    if isinstance(value, str) and value.isprintable() and document.literal(str(value), "") == value:
        read = document.literal(str(value), "")
        if type(read) is type(value):
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


def _formats(words: ConfigWords) -> int:
    from devenv.cli import report
    from devenv.editor import formats

    every = list(formats.every())
    if words.json:
        report.out_json({"formats": [fmt._asdict() for fmt in every]})
        return EXIT_OK
    rows = [(fmt.name, fmt.backend, fmt.lens or "", " ".join(fmt.patterns)) for fmt in every]
    report.table(rows, ("FORMAT", "BACKEND", "LENS", "FILES"))
    return EXIT_OK


# writing


def _edit(words: ConfigWords) -> int:
    from devenv.editor.batch import FileEdits

    file = words.operands[0]
    edits = edits_of(words)
    if file == STDIN:
        return _filter(words, edits)
    fmt = format_of(file, words) if words.format or words.lens else None
    return _write(words, [FileEdits(file, edits, fmt, words.augeas)])


def edits_of(words: ConfigWords) -> list[Edit]:
    """Return the edits the operands of a writing verb ask for; UsageError when they are not such operands."""
    rest = words.operands[1:]
    if words.verb == "set":
        return _sets(words, rest)
    if words.verb == "unset":
        return [Unset(path) for path in rest]
    if words.verb == "append":
        return [_appended(words, rest)]
    path, source = ("", rest[0]) if len(rest) == 1 else rest
    return [Merge(path, merged_value(source), arrays=words.arrays, force=words.force)]


def _sets(words: ConfigWords, rest: tuple[str, ...]) -> list[Edit]:
    if len(rest) == 2 and not _is_assignment(rest[0]):
        return [Set(rest[0], Untyped(rest[1]), words.type, words.force)]
    edits: list[Edit] = []
    for word in rest:
        path, sign, value = keypath.assignment(word)
        typed = "json" if sign == ":=" else words.type
        edits.append(Set(path, Untyped(value), typed, words.force))
    return edits


def _is_assignment(word: str) -> bool:
    try:
        keypath.assignment(word)
    except EditError:
        return False
    return True


def _appended(words: ConfigWords, rest: tuple[str, ...]) -> Append:
    if sum(option is not None for option in (words.at, words.before, words.after)) > 1:
        raise UsageError("--at, --before and --after each say where: give one of them")
    return Append(
        rest[0],
        tuple(Untyped(value) for value in rest[1:]),
        unique=words.unique,
        at=words.at,
        before=Untyped(words.before) if words.before is not None else None,
        after=Untyped(words.after) if words.after is not None else None,
        type=words.type,
    )


def merged_value(source: str) -> Value:
    """Return what to merge: ``-`` and ``@FILE`` are read, the name of a file that is there too; all else is a value."""
    from devenv.editor import formats
    from devenv.editor.store import Store

    name, data = "the value", source.encode(errors="surrogateescape")
    fmt = formats.named("json" if source.lstrip()[:1] in ("{", "[") else "yaml")
    if source == STDIN:
        name, data, fmt = "standard input", sys.stdin.buffer.read(), formats.named("yaml")
    elif source.startswith("@") or (source.lstrip()[:1] not in ("{", "[") and _is_file(source)):
        name = source.removeprefix("@")
        data, fmt = Store().read(name).data, formats.of_file(name)
    try:
        return formats.open_document(data, fmt).read(())
    except ParseError as exc:
        if fmt.name == "json" and name == "the value":
            # {a: 1} is YAML, and easier to type
            return formats.open_document(data, formats.named("yaml")).read(())
        raise exc.within(name) from None


def _is_file(name: str) -> bool:
    try:
        return os.path.isfile(name)  # noqa: PTH113
    except ValueError:
        return False


def _filter(words: ConfigWords, edits: list[Edit]) -> int:
    """Edit standard input to standard output."""
    from devenv.cli import report
    from devenv.editor import engine

    if words.json or words.backup or words.in_place:
        raise UsageError("standard output is the edited text here: --json, --backup and --in-place are for files")
    fmt = format_of(STDIN, words)
    data = sys.stdin.buffer.read()
    try:
        result = engine.apply(data, edits, fmt, augeas=words.augeas)
    except ParseError as exc:
        raise exc.within("standard input") from None
    if words.check or words.diff:
        if words.diff:
            report.out_diff(result.diff("standard input"))
        return EXIT_WOULD_CHANGE if words.check and result.changed else EXIT_OK
    sys.stdout.buffer.write(result.data)
    return EXIT_OK


def _apply(words: ConfigWords) -> int:
    from devenv.editor import batch
    from devenv.editor.store import Store

    name = words.operands[0]
    data = sys.stdin.buffer.read() if name == STDIN else Store().read(name).data
    return _write(words, batch.read_edits(data, "standard input" if name == STDIN else name))


def _write(words: ConfigWords, files: "list[FileEdits]") -> int:
    from devenv.cli import report
    from devenv.editor import batch
    from devenv.editor.store import ReadOnlyStore, Store

    store = ReadOnlyStore(tell=report.say) if words.check else Store(tell=report.say)
    results = batch.apply(files, store, backup=words.backup, in_place=words.in_place, create=words.create)
    changed = any(result.changed for result in results)
    if words.json:
        report.out_json(
            {
                "changed": changed,
                "files": [{"file": result.file, "changed": result.changed, "diff": result.diff} for result in results],
            }
        )
    elif words.diff:
        for result in results:
            report.out_diff(result.diff)
    if not words.quiet:
        done = "would change" if words.check else "changed"
        for result in results:
            report.say(f"{done if result.changed else 'unchanged'}: {result.file}")
    return EXIT_WOULD_CHANGE if words.check and changed else EXIT_OK
