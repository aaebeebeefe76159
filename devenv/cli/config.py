"""What ``devenv config`` does, however its words were read: the verbs that write, and formats."""

import os
import sys

from devenv.cli import report
from devenv.cli.configfiles import STDIN, STDIN_NAME, read_stdin, said_format, stdin_format
from devenv.cli.configwords import VERBS, ConfigWords
from devenv.editor import keypath
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.values import SCALARS, Untyped, Value, kind_of, shown
from devenv.errors import (
    EXIT_OK,
    EXIT_WOULD_CHANGE,
    EditError,
    FileError,
    FileMissing,
    ForceNeeded,
    ParseError,
    UsageError,
)
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from devenv.editor.batch import FileEdits, FileResult


def run(words: ConfigWords) -> int:
    """Do what the words ask and return the exit code; FileError when standard output cannot take what it says."""
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        raise
    except OSError as exc:
        if exc.filename is not None:
            raise
        # files are the store's, which translates what the system says: this is about what we print
        from devenv.cli.guard import drop_output
        from devenv.editor.filetrouble import file_error

        drop_output()
        raise FileError(file_error(exc, "standard output", "written").message) from exc


def _run(words: ConfigWords) -> int:
    if words.verb in ("get", "list"):
        from devenv.cli import configread

        return configread.get(words) if words.verb == "get" else configread.list_(words)
    if words.verb == "formats":
        return _formats(words)
    return _apply(words) if words.verb == "apply" else _edit(words)


def _formats(words: ConfigWords) -> int:
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
    if file == STDIN and words.verb == "merge" and words.operands[-1] == STDIN:
        raise UsageError(
            f"{STDIN_NAME} is the text to edit or what to merge, not both", hint="give one of them as a file"
        )
    _refuse_files(words)
    edits = edits_of(words)
    if file == STDIN:
        return _filter(words, edits)
    return _write(words, [FileEdits(file, edits, said_format(words), words.augeas)])


def _refuse_files(words: ConfigWords) -> None:
    """Raise UsageError where a glob without quotes has become several files, of which the second is no path."""
    second, rest = words.operands[1], words.operands[2:]
    follows = {"set": rest and _is_assignment(rest[-1]), "unset": rest, "append": rest, "merge": rest}
    if follows[words.verb] and not _is_assignment(second) and _is_file(second):
        raise UsageError(
            f"{shown(second)} is a file, and one FILE is taken",
            hint="a glob goes in quotes, so that devenv and not the shell reads it, as in 'conf.d/*.json'",
        )


def edits_of(words: ConfigWords) -> list[Edit]:
    """Return the edits the operands of a writing verb ask for; UsageError when they are not such operands."""
    rest = words.operands[1:]
    if words.verb == "set":
        return _sets(words, rest)
    if words.verb == "unset":
        return [Unset(rest[0], rest[1:])]
    if words.verb == "append":
        return [_appended(words, rest)]
    path, source = ("", rest[0]) if len(rest) == 1 else rest
    return [Merge(path, merged_value(source), arrays=words.arrays, force=words.force)]


def _sets(words: ConfigWords, rest: tuple[str, ...]) -> list[Edit]:
    if len(rest) == 2 and not _is_assignment(rest[0]):
        return [Set(rest[0], Untyped(rest[1]), words.type, words.force)]
    edits: list[Edit] = []
    for word in rest:
        try:
            path, sign, value = keypath.assignment(word)
        except EditError as exc:
            raise UsageError(
                exc.message if "=" in word else f"{shown(word)} has no value: it is no PATH=VALUE",
                hint="one PATH VALUE, or any number of PATH=VALUE and PATH:=JSON; what has spaces goes in quotes",
            ) from None
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
    from devenv.editor import batch, formats
    from devenv.editor.filetrouble import shown_path
    from devenv.editor.store import Store

    if not source.strip():
        raise UsageError("SOURCE is empty", hint="SOURCE is JSON, YAML, @FILE, the name of a file or -")
    name, data = "", source.encode(errors="surrogateescape")
    fmt = formats.named("json" if source.lstrip()[:1] in ("{", "[") else "yaml")
    if source == STDIN:
        name, data, fmt = STDIN_NAME, read_stdin(), formats.named("yaml")
    elif source.startswith("@") or (source.lstrip()[:1] not in ("{", "[") and _is_file(source)):
        name = source.removeprefix("@")
        found = Store().read(name)
        data, fmt = found.data, batch.format_of(found)
    # {a: 1} is YAML, and easier to type
    tried = [fmt, formats.named("yaml")] if fmt.name == "json" and not name else [fmt]
    for fmt in tried:
        try:
            value = formats.open_document(data, fmt).read(())
            break
        except ParseError as exc:
            if fmt is tried[-1]:
                raise exc.within(shown_path(name) if name else "SOURCE") from None
    if not name and kind_of(value) in SCALARS:
        raise UsageError(
            f"{shown(source)} is neither an object nor an array, nor is there a file of that name",
            hint="SOURCE is JSON, YAML, @FILE, the name of a file or -; a single value is for set",
        )
    return value


def _is_file(name: str) -> bool:
    try:
        return os.path.isfile(name)  # noqa: PTH113
    except ValueError:
        return False


def _filter(words: ConfigWords, edits: list[Edit]) -> int:
    """Edit standard input to standard output."""
    from devenv.editor import engine

    if words.backup or words.in_place or (words.json and not words.check):
        raise UsageError(
            "standard output is the edited text here: --json needs --check, --backup and --in-place are for files"
        )
    fmt = stdin_format(words)
    data = read_stdin()
    try:
        result = engine.apply(data, edits, fmt, augeas=words.augeas)
    except ParseError as exc:
        raise exc.within(STDIN_NAME) from None
    if words.check or words.diff:
        if words.json:
            entry = {"file": STDIN_NAME, "changed": result.changed, "diff": result.diff(STDIN_NAME)}
            report.out_json({"changed": result.changed, "files": [entry]})
        elif words.diff:
            report.out_diff(result.diff(STDIN_NAME))
        if words.check and not words.quiet:
            report.say(f"{'would change' if result.changed else 'unchanged'}: {STDIN_NAME}")
        return EXIT_WOULD_CHANGE if words.check and result.changed else EXIT_OK
    report.out_bytes(result.data)
    return EXIT_OK


def _apply(words: ConfigWords) -> int:
    from devenv.editor import batch
    from devenv.editor.filetrouble import shown_path
    from devenv.editor.store import Store

    name = words.operands[0]
    data = read_stdin() if name == STDIN else Store().read(name).data
    files = batch.read_edits(data, STDIN_NAME if name == STDIN else shown_path(name))
    try:
        return _write(words, files)
    except ForceNeeded as exc:
        # here each edit has its own
        hint = (exc.hint or "").replace("--force", "force: true") or None
        raise ForceNeeded(exc.message, hint=hint) from None


def _write(words: ConfigWords, files: "list[FileEdits]") -> int:
    from devenv.editor import batch
    from devenv.editor.filetrouble import shown_path
    from devenv.editor.store import ReadOnlyStore, Store

    store = ReadOnlyStore(tell=report.say) if words.check else Store(tell=report.say, quiet=words.quiet)
    try:
        results = batch.apply(files, store, backup=words.backup, in_place=words.in_place, create=words.create)
    except FileMissing as exc:
        hint = "--create makes it" if "create" in VERBS[words.verb] else None
        raise FileMissing(exc.message, hint=hint) from exc
    changed = any(result.changed for result in results)
    try:
        _show(words, results, changed)
        sys.stdout.flush()
    finally:
        # also when the diff could not be printed: the files are changed
        if not words.quiet:
            done = "would change" if words.check else "changed"
            for result in results:
                report.say(f"{done if result.changed else 'unchanged'}: {shown_path(result.file)}")
    return EXIT_WOULD_CHANGE if words.check and changed else EXIT_OK


def _show(words: ConfigWords, results: "list[FileResult]", changed: bool) -> None:
    """Print what changed, on standard output, as it was asked for."""
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
