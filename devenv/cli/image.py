"""box build, list, prune."""

from typing import Annotated

import typer

from devenv.cli import report
from devenv.cli.words import Force, Json, Quiet, complete_provider, confirm
from devenv.process import SystemRunner

commands = typer.Typer(no_args_is_help=True, help="Build, list and remove base boxes.", rich_markup_mode=None)


@commands.command()
def build(
    suite: Annotated[str, typer.Option("--suite", help="Debian's code name of the release.")] = "bookworm",
    provider: Annotated[
        list[str] | None,
        typer.Option(
            "--provider", help="docker, libvirt, lxc or virtualbox; repeatable.", autocompletion=complete_provider
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Build what is there already as well.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Build base boxes from Debian's packages."""
    from devenv.image import build as builder
    from devenv.image.suites import PROVIDERS

    request = builder.BuildRequest(suite, tuple(dict.fromkeys(provider or PROVIDERS)), again)
    watcher = report.watcher(quiet=quiet or as_json)
    with watcher.phase(suite, f"boxes for {', '.join(request.providers)}"):
        made = builder.build(request, runner=SystemRunner(), report=lambda phase: watcher.line(builder.describe(phase)))
    if as_json:
        report.out_json(
            {
                "boxes": [
                    {
                        "name": box.name,
                        "version": box.version,
                        "provider": box.provider,
                        "file": str(box.path),
                        "sha256": box.sha256,
                        "checksum": box.checksum,
                        "built": box.built,
                    }
                    for box in made
                ]
            }
        )
    elif not quiet:
        for box in made:
            report.say(f"{box.name} {box.version} ({box.provider}): {'built' if box.built else 'already built'}")


@commands.command("list")
def list_all(as_json: Json = False) -> None:
    """List the boxes Vagrant has."""
    from devenv.image.installed import installed_boxes
    from devenv.paths import vagrant_home

    found = installed_boxes(vagrant_home())
    if as_json:
        data = [{"name": b.name, "version": b.version, "provider": b.provider, "path": str(b.path)} for b in found]
        report.out_json({"boxes": data})
        return
    report.table([[box.name, box.version, box.provider] for box in found], ["box", "version", "provider"])


@commands.command()
def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Remove older boxes that devenv built.

    The newest of each kind stays, and what a machine was made from.
    """
    from devenv.image import prune as pruner

    going = pruner.prune(runner=SystemRunner(), dry_run=True)
    if going and not dry_run:
        for line in going:
            report.say(f"  {line}")
        if not confirm("Remove these?", force=force):
            raise typer.Exit(1)
        going = pruner.prune(runner=SystemRunner(), dry_run=False)
    if as_json:
        report.out_json({"removed": [] if dry_run else going, "would_remove": going if dry_run else []})
    else:
        for line in going:
            report.out(line)
        if not going:
            report.say("nothing to remove")


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(commands, name="box")
