"""devenv config, the long way: help, completion, and what is wrong with words that the short way does not take."""

from enum import Enum, StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from devenv.cli.configwords import ConfigWords
from devenv.cli.words import Json
from devenv.errors import DevenvError

config = typer.Typer(
    help="Set, get and remove single values in config files of any format; only the bytes that must change, change.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Verb(TyperCommand):
    """A command that says how a value may begin with a dash."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return what is left of args, as its class does."""
        try:
            return super().parse_args(ctx, args)
        except Exception as exc:  # typer brings the class of no such option along, or takes it from click
            if hasattr(exc, "message"):
                # what checks the words for typer says first that it is an error of values
                exc.message = exc.message.removeprefix("Value error, ")
                # meant as a value, as -5 and -Xmx1g are; what is near an option of ours is misspelt
                unknown = bool(getattr(exc, "option_name", "")) and not getattr(exc, "possibilities", None)
                if unknown and self.name in ("set", "append"):
                    exc.message += "; a value that begins with - goes behind --, or behind = in PATH=VALUE"
            raise


class Type(StrEnum):
    """The kinds a value can be given."""

    STRING = "string"
    NUMBER = "number"
    BOOL = "bool"
    NULL = "null"
    JSON = "json"


class Arrays(StrEnum):
    """What becomes of an array that meets an array."""

    REPLACE = "replace"
    APPEND = "append"
    UNIQUE = "unique"


def complete_format(incomplete: str) -> list[str]:
    """Return the format names that begin so."""
    from devenv.editor import formats

    return [fmt.name for fmt in formats.every() if fmt.name.startswith(incomplete)]


def complete_path(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the paths in the file named before that begin so, one key further."""
    from devenv.cli.configfiles import STDIN, opened
    from devenv.editor import keypath

    file = ctx.params.get("file")
    if not file or file == STDIN:
        return []
    try:
        _, document = opened(ConfigWords("list", (file,)))
        parent = incomplete[: max(incomplete.rfind("."), incomplete.rfind("["), 0)]
        places = document.find(keypath.parse(parent).steps if parent else ())
        below = [keypath.spelled((*place, step)) for place in places for step in document.entries(place)]
    except DevenvError:
        return []
    return [path for path in below if path.startswith(incomplete)]


ReadFile = Annotated[str, typer.Argument(metavar="FILE", help="The file; - for standard input.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="The file; - for standard input and output; or a glob.")]
Path = Annotated[
    str, typer.Argument(metavar="PATH", help="Where: b.c.d, $.b.c, /b/c/d …", autocompletion=complete_path)
]
Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Where: b.c.d, $.b.c, /b/c/d …", autocompletion=complete_path),
]
SomePaths = Annotated[
    list[str], typer.Argument(metavar="PATH", help="Where: b.c.d, $.b.c, /b/c/d …", autocompletion=complete_path)
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="F", help="The file's format, when its name does not say.", autocompletion=complete_format
    ),
]
Lens = Annotated[
    str | None, typer.Option("--lens", metavar="L", help="Read it with this Augeas lens, as in Hosts.lns.")
]
Augeas = Annotated[bool, typer.Option("--augeas", help="Paths are Augeas path expressions.")]
Check = Annotated[bool, typer.Option("--check", help="Change nothing; exit with 1 if something would change.")]
Diff = Annotated[bool, typer.Option("--diff", help="Print what changes as a unified diff.")]
Backup = Annotated[bool, typer.Option("--backup", help="Keep the old file beside it as FILE.~1~, FILE.~2~ …")]
InPlace = Annotated[bool, typer.Option("--in-place", help="Write into the file itself (hard links, mounted files).")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on standard error but errors.")]
Create = Annotated[bool, typer.Option("--create", help="Make the file if it is not there.")]
Forced = Annotated[
    bool, typer.Option("--force", help="Let a value replace an object or array, or go through an alias.")
]
TypeOption = Annotated[Type | None, typer.Option("--type", help="The kind the value gets.")]


def _run(verb: str, operands: list[str], **options: Any) -> None:
    from devenv.cli import config as verbs

    given = {name: value.value if isinstance(value, Enum) else value for name, value in options.items()}
    raise typer.Exit(verbs.run(ConfigWords(verb, tuple(operands), **given)))


def get(
    file: ReadFile,
    paths: Paths = None,
    format_: FormatOption = None,
    lens: Lens = None,
    augeas: Augeas = False,
    as_json: Json = False,
    raw: Annotated[bool, typer.Option("--raw", help="Print no end of line after the last value.")] = False,
    default: Annotated[
        str | None, typer.Option("--default", metavar="V", help="Print this for a path where nothing is.")
    ] = None,
    exists: Annotated[
        bool, typer.Option("--exists", help="Print no value; exit with 0 if it is there, with 4 if not.")
    ] = False,
) -> None:
    """Print values; the whole file as JSON when no path is given."""
    _run(
        "get", [file, *(paths or [])], format=format_, lens=lens, augeas=augeas, json=as_json, raw=raw, default=default,
        exists=exists,
    )  # fmt: skip


def list_(
    file: ReadFile,
    path: Annotated[
        str | None, typer.Argument(metavar="PATH", help="Only what is below.", autocompletion=complete_path)
    ] = None,
    format_: FormatOption = None,
    lens: Lens = None,
    augeas: Augeas = False,
    as_json: Json = False,
    tree: Annotated[bool, typer.Option("--tree", help="Print an indented tree.")] = False,
) -> None:
    """Print every value as PATH=VALUE, spelled as set takes it."""
    operands = [file] if path is None else [file, path]
    _run("list", operands, format=format_, lens=lens, augeas=augeas, json=as_json, tree=tree)


def set_(
    file: File,
    assignments: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH VALUE | PATH=VALUE… | PATH:=JSON…",
            help="One path and its value, or any number of assignments.",
            autocompletion=complete_path,
        ),
    ],
    format_: FormatOption = None,
    lens: Lens = None,
    augeas: Augeas = False,
    as_json: Json = False,
    check: Check = False,
    diff: Diff = False,
    backup: Backup = False,
    in_place: InPlace = False,
    quiet: Quiet = False,
    create: Create = False,
    force: Forced = False,
    type_: TypeOption = None,
) -> None:
    """Set values; parents that are not there are made."""
    _run(
        "set", [file, *assignments], format=format_, lens=lens, augeas=augeas, json=as_json, check=check, diff=diff,
        backup=backup, in_place=in_place, quiet=quiet, create=create, force=force, type=type_,
    )  # fmt: skip


def unset(
    file: File,
    paths: SomePaths,
    format_: FormatOption = None,
    lens: Lens = None,
    augeas: Augeas = False,
    as_json: Json = False,
    check: Check = False,
    diff: Diff = False,
    backup: Backup = False,
    in_place: InPlace = False,
    quiet: Quiet = False,
) -> None:
    """Take out what is at the paths; nothing there is nothing to do."""
    _run(
        "unset", [file, *paths], format=format_, lens=lens, augeas=augeas, json=as_json, check=check, diff=diff,
        backup=backup, in_place=in_place, quiet=quiet,
    )  # fmt: skip


def append(
    file: File,
    path: Path,
    values: Annotated[list[str], typer.Argument(metavar="VALUE", help="What to add.")],
    format_: FormatOption = None,
    lens: Lens = None,
    augeas: Augeas = False,
    as_json: Json = False,
    check: Check = False,
    diff: Diff = False,
    backup: Backup = False,
    in_place: InPlace = False,
    quiet: Quiet = False,
    create: Create = False,
    type_: TypeOption = None,
    unique: Annotated[bool, typer.Option("--unique", help="Do not add what is there already.")] = False,
    at: Annotated[int | None, typer.Option("--at", metavar="INDEX", help="Before the entry of this index.")] = None,
    before: Annotated[
        str | None,
        typer.Option("--before", metavar="MATCH", help="Before the entry with this value, or this of a key: name=web."),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="MATCH", help="After the entry with this value, or this of a key: name=web."),
    ] = None,
) -> None:
    """Add entries to an array; it is made when it is not there."""
    _run(
        "append", [file, path, *values], format=format_, lens=lens, augeas=augeas, json=as_json, check=check, diff=diff,
        backup=backup, in_place=in_place, quiet=quiet, create=create, type=type_, unique=unique, at=at, before=before,
        after=after,
    )  # fmt: skip


def merge(
    file: File,
    words: Annotated[
        list[str], typer.Argument(metavar="[PATH] SOURCE", help="JSON, YAML, @FILE, a file's name, or -.")
    ],
    format_: FormatOption = None,
    lens: Lens = None,
    augeas: Augeas = False,
    as_json: Json = False,
    check: Check = False,
    diff: Diff = False,
    backup: Backup = False,
    in_place: InPlace = False,
    quiet: Quiet = False,
    create: Create = False,
    force: Forced = False,
    arrays: Annotated[
        Arrays, typer.Option("--arrays", help="What becomes of an array that meets one.")
    ] = Arrays.REPLACE,
) -> None:
    """Merge a value or a file into what is there, entry by entry."""
    if len(words) > 2:
        raise typer.BadParameter("at most PATH and SOURCE", param_hint="'[PATH] SOURCE'")
    _run(
        "merge", [file, *words], format=format_, lens=lens, augeas=augeas, json=as_json, check=check, diff=diff,
        backup=backup, in_place=in_place, quiet=quiet, create=create, force=force, arrays=arrays,
    )  # fmt: skip


def apply(
    edits: Annotated[
        str, typer.Argument(metavar="EDITS", help="A file of edits in YAML or JSON; - for standard input.")
    ],
    as_json: Json = False,
    check: Check = False,
    diff: Diff = False,
    backup: Backup = False,
    in_place: InPlace = False,
    quiet: Quiet = False,
) -> None:
    """Make many edits in many files: all of them or none."""
    _run(
        "apply", [edits], json=as_json, check=check, diff=diff, backup=backup, in_place=in_place, quiet=quiet
    )  # fmt: skip


def formats(as_json: Json = False) -> None:
    """List the formats: backend, lens and the files that go by them."""
    _run("formats", [], json=as_json)


EXAMPLES = {
    "get": "devenv config get package.json scripts.test",
    "set": "devenv config set test.json b.c.d=world 'tags:=[\"a\"]'",
    "unset": "devenv config unset package.json private",
    "append": "devenv config append pyproject.toml project.dependencies 'rich>=13' --unique",
    "merge": "devenv config merge tsconfig.json '{compilerOptions: {strict: true}}'",
    "list": "devenv config list ~/.ssh/config",
    "apply": "devenv config apply edits.yaml --check --diff",
    "formats": "devenv config formats | grep nginx",
}
"""A command line for each verb, for its help."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(config, name="config")
    for verb, name in (
        (get, "get"), (set_, "set"), (unset, "unset"), (append, "append"), (merge, "merge"), (list_, "list"),
        (apply, "apply"), (formats, "formats"),
    ):  # fmt: skip
        config.command(name, cls=Verb, epilog=f"Example: {EXAMPLES[name]}")(verb)
