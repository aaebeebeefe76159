"""python, pip, debug: the box's interpreter from this computer."""

from typing import TYPE_CHECKING, Annotated

import typer

from devenv.cli import report
from devenv.cli.quick import HELP
from devenv.cli.words import MachineOption, complete_machine

if TYPE_CHECKING:
    from devenv.box.project import Project

PASS_ON = {
    "ignore_unknown_options": True,
    "allow_extra_args": True,
    "allow_interspersed_args": False,
    "help_option_names": [],
}
"""Every word after the command's name is the interpreter's own, but for a machine's name in front."""


InFront = Annotated[
    str | None,
    typer.Option(
        "--machine",
        metavar="NAME",
        help="Another than the primary machine; in front of all other words.",
        autocompletion=complete_machine,
    ),
]


def python(context: typer.Context, machine: InFront = None) -> None:
    """Run the box's Python: devenv python -m pytest.

    All words but --machine are the interpreter's own, and so are exit code, streams and signals.
    Its own help: devenv python -- -h
    """
    _run(context, machine, "")


def pip(context: typer.Context, machine: InFront = None) -> None:
    """Run pip in the box: devenv pip install requests.

    All words but --machine are pip's own.
    """
    _run(context, machine, "pip")


def _run(context: typer.Context, machine: str | None, module: str) -> None:
    from devenv.cli import guest

    if context.args in HELP:
        report.out(context.get_help())
        raise typer.Exit
    raise typer.Exit(guest.python(context.args, machine=machine, first=module))


def debug(
    script: Annotated[str, typer.Argument(metavar="SCRIPT", help="The program, relative to this folder.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="ARGUMENTS", help="The program's own arguments.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", "-w", help="Begin when a debugger has attached.")] = False,
    port: Annotated[
        int | None,
        typer.Option("--port", "-p", min=1, max=65535, help="The port, on both sides; else 5678 or the next."),
    ] = None,
    module: Annotated[bool, typer.Option("--module", help="SCRIPT is a module's name, as after python -m.")] = False,
    machine: MachineOption = None,
) -> None:
    """Run a program in the box under debugpy, and say how to attach."""
    from devenv.box import project as projects
    from devenv.box.connect import connect
    from devenv.cli import guest
    from devenv.ide import debug
    from devenv.process import SystemRunner

    project, runner = projects.find(), SystemRunner()
    name = guest.one_machine(project, machine)
    folder = guest.guest_folder(project, name)

    def tell(number: int) -> str:
        if folder is not None:
            report.say(f"path mapping: {projects.current_folder()} is {folder} in the box")
        return f"{'waiting for a debugger' if wait else 'a debugger can attach'} at 127.0.0.1:{number}"

    words = [*(["-m", script] if module else [_in_the_box(project, name, script)]), *(arguments or [])]
    connection = connect(project, runner, name)
    raise typer.Exit(debug.run(project, runner, connection, words, wait=wait, port=port, folder=folder, tell=tell))


def _in_the_box(project: "Project", machine: str, script: str) -> str:
    """Return a script's path there: one that is given in full and lies in a synced folder is its counterpart's."""
    from pathlib import Path

    from devenv.cli import guest

    path = Path(script)
    folder = guest.guest_folder(project, machine, path.parent) if path.is_absolute() and path.exists() else None
    return script if folder is None else f"{folder}/{path.name}"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(context_settings=PASS_ON, options_metavar="ARGUMENTS…")(python)
    app.command(context_settings=PASS_ON, options_metavar="ARGUMENTS…")(pip)
    app.command(context_settings={"allow_interspersed_args": False})(debug)
