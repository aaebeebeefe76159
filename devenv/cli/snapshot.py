"""snapshot save, restore, list, delete. What does the work is imported by the command that needs it."""

from typing import Annotated

import typer

from devenv.cli import report
from devenv.cli.life import job
from devenv.cli.words import Force, Json, MachineOption, Quiet, confirm

commands = typer.Typer(no_args_is_help=True, help="Save and restore the box's disk.", rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the snapshot.")]


@commands.command()
def save(name: Name, machine: MachineOption = None, force: Force = False, quiet: Quiet = False) -> None:
    """Save the box as it is under a name."""
    from devenv.box import snapshots

    machine = _machine(machine)
    with job("snapshot save", [machine], quiet=quiet) as (session, _):
        snapshots.check_name(name)
        if name in snapshots.names(session, machine) and not confirm(f"Replace the snapshot {name}?", force=force):
            raise typer.Exit(1)
        snapshots.save(session, machine, name)
    if not quiet:
        report.say(f"{machine}: saved as {name}")


@commands.command()
def restore(name: Name, machine: MachineOption = None, force: Force = False, quiet: Quiet = False) -> None:
    """Put the box back to a snapshot.

    What changed on its disk since is lost.
    """
    from devenv.box import snapshots

    machine = _machine(machine)
    question = f"Put {machine} back to {name}, losing what changed on its disk since?"
    if not confirm(question, force=force):
        raise typer.Exit(1)
    with job("snapshot restore", [machine], quiet=quiet) as (session, _):
        snapshots.restore(session, machine, name)
    if not quiet:
        report.say(f"{machine}: restored from {name}; devenv up runs the steps that are due now")


@commands.command("list")
def list_all(machine: MachineOption = None, as_json: Json = False) -> None:
    """List the box's snapshots, oldest first."""
    from devenv.box import snapshots

    machine = _machine(machine)
    with job("snapshot list", [machine], quiet=True) as (session, _):
        found = snapshots.names(session, machine)
    if as_json:
        report.out_json({"name": machine, "snapshots": found})
        return
    for name in found:
        report.out(name)


@commands.command()
def delete(name: Name, machine: MachineOption = None, force: Force = False, quiet: Quiet = False) -> None:
    """Delete a snapshot."""
    from devenv.box import snapshots

    machine = _machine(machine)
    if not confirm(f"Delete the snapshot {name} of {machine}?", force=force):
        raise typer.Exit(1)
    with job("snapshot delete", [machine], quiet=quiet) as (session, _):
        snapshots.delete(session, machine, name)
    if not quiet:
        report.say(f"{machine}: deleted {name}")


def _machine(wanted: str | None) -> str:
    from devenv.box import project as projects
    from devenv.cli import guest

    return guest.one_machine(projects.find(), wanted)


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(commands, name="snapshot")
