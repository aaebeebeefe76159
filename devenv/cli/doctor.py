"""doctor."""

import typer

from devenv.cli import report
from devenv.cli.words import Json

MARKS = {"ok": "ok", "warning": "warning", "failing": "FAILING", "absent": "-"}


def doctor(as_json: Json = False) -> None:
    """Check what a box needs here and how to mend it.

    Exits with 8 when no box could be booted.
    """
    from devenv.box import doctor as checks
    from devenv.box import project as projects
    from devenv.errors import BoxError, UsageError
    from devenv.process import SystemRunner

    try:
        project: projects.Project | None = projects.find()
    except UsageError:
        project = None
    found = checks.examine(SystemRunner(), project)
    bootable = checks.can_boot(found)
    if as_json:
        report.out_json({"can_boot": bootable, "checks": [vars(check) for check in found]})
        raise typer.Exit(0 if bootable else BoxError.code)
    width = max(len(check.name) for check in found)
    for check in found:
        report.out(f"{check.name.ljust(width)}  {MARKS[check.state]:<8} {check.detail}")
        if check.fix and check.state != "ok":
            report.out(f"{' ' * width}           {'to get it' if check.state == 'absent' else 'mend it'}: {check.fix}")
    report.say("devenv up can work here" if bootable else "devenv up cannot work here yet")
    raise typer.Exit(0 if bootable else BoxError.code)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)
