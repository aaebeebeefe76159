"""Options and arguments that several commands take, said once."""

import os
import sys
from typing import Annotated

import typer

from devenv.errors import UsageError


def complete_machine(incomplete: str) -> list[str]:
    """Return the machine names that begin so, for the shell; nothing when there is no project."""
    from devenv.box import observe
    from devenv.box import project as projects
    from devenv.errors import DevenvError
    from devenv.process import SystemRunner

    try:
        names = observe.machine_names(projects.find(), SystemRunner())
    except DevenvError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def complete_provider(incomplete: str) -> list[str]:
    """Return the provider names that begin so."""
    from devenv.box.providers import KNOWN

    return [name for name in sorted(KNOWN) if name.startswith(incomplete)]


Machines = Annotated[
    list[str] | None,
    typer.Argument(metavar="MACHINE", help="Machines; all when none is named.", autocompletion=complete_machine),
]
OneMachine = Annotated[
    str | None,
    typer.Argument(metavar="MACHINE", help="The machine meant; else the primary one.", autocompletion=complete_machine),
]
MachineOption = Annotated[
    str | None,
    typer.Option("--machine", "-m", help="The machine meant; else the primary one.", autocompletion=complete_machine),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Do not ask.")]


def confirm(question: str, *, force: bool, option: str = "--force") -> bool:
    """Ask on a terminal; elsewhere refuse with a UsageError unless force says yes, which option does."""
    if force:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()) or os.environ.get("CI"):
        raise UsageError(f"{question} There is no terminal to ask on", hint=f"add {option} to say yes")
    try:
        return typer.confirm(question, err=True)
    except typer.Abort as exc:
        # Ctrl-C and the end of the input are one to click
        if isinstance(exc.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise


def agree(question: str, *, yes: bool) -> None:
    """Ask on a terminal, and leave with exit code 1 and nothing done when the answer is no; see confirm()."""
    if not confirm(question, force=yes, option="--yes"):
        from devenv.cli import report

        report.say("nothing was changed")
        raise typer.Exit(1)
