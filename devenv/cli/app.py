"""The command line: which commands there are, and the one handler around them."""

from typing import Annotated

import typer

from devenv import __version__
from devenv.cli.guard import guarded

app = typer.Typer(
    name="devenv",
    help="The same development box for everybody, with one command: devenv up.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"devenv {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The same development box for everybody, with one command: devenv up."""


def _wire() -> None:
    from devenv.cli import configverbs, doctor, ide, image, interpret, life, look, snapshot, start

    for part in (start, life, look, snapshot, interpret, ide, image, doctor, configverbs):
        part.add_to(app)


_wire()


def run(argv: list[str]) -> int:
    """Parse argv, do what it says and return the exit code."""
    return guarded(lambda: _run(argv))


def _run(argv: list[str]) -> int:
    # standalone_mode prints usage errors itself and exits 2; everything else comes back to our handler
    try:
        app(args=argv, prog_name="devenv", standalone_mode=True)
    except SystemExit as exc:
        code = exc.code
        return code if isinstance(code, int) else 0 if code is None else 1
    return 0
