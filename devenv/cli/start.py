"""init."""

from pathlib import Path
from typing import Annotated

import typer

from devenv.cli import report
from devenv.cli.words import Json


def complete_template(incomplete: str) -> list[str]:
    """Return the template names that begin so."""
    from devenv.box import templates

    return [template.name for template in templates.available() if template.name.startswith(incomplete)]


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder; made when it is not there.")] = Path(),
    template: Annotated[
        str | None,
        typer.Option(
            "--template",
            "-t",
            help="minimal, python, python-asyncio, node, r or c.",
            autocompletion=complete_template,
        ),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the project; else the folder's.")] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace files that are there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
    as_json: Json = False,
) -> None:
    """Write devenv.yaml, a Vagrantfile and a small project.

    Files that are there are kept; with --force they are replaced.
    """
    from devenv.box import projectfiles, templates

    target = directory.expanduser()
    kind = templates.get(template or templates.DEFAULT)
    actions = templates.plan(
        kind,
        target,
        name=name or templates.project_name(target),
        vagrantfile=projectfiles.vagrantfile_text(),
        force=force,
    )
    if not dry_run:
        templates.apply(actions, target)
        projectfiles.write_schema(target)
    if as_json:
        files = [{"file": action.path, "action": action.kind.value, "note": action.note} for action in actions]
        report.out_json({"folder": str(target.resolve()), "template": kind.name, "files": files})
        return
    for action in actions:
        report.say(f"{action.kind.value:>8}  {action.path}{f' ({action.note})' if action.note else ''}")
    suggestion = templates.suggest(target) if template is None else None
    if suggestion is not None:
        report.say(
            f"{suggestion.because} looks like a {suggestion.template} project; packages it needs: "
            f"{', '.join(suggestion.packages)} (packages: in devenv.yaml)"
        )
    if not dry_run:
        report.say(f"next: {'' if target == Path() else f'cd {target} && '}devenv up")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(init)
