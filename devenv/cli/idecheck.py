"""``ide check``: what both ways in (quick and app) end in."""

from collections.abc import Sequence

from devenv.box import project as projects
from devenv.cli import report
from devenv.errors import EXIT_OK, EXIT_WOULD_CHANGE
from devenv.process import SystemRunner

HEADS = ["editor", "what", "", "says"]


def check(editors: Sequence[str], *, as_json: bool) -> int:
    """Print what was found and return the exit code: 1 when something is not as it was set up."""
    from devenv.ide import check, user

    found = check.check(projects.find(), SystemRunner(), user.current(), list(editors))
    good = all(each.ok for each in found)
    if as_json:
        report.out_json({"ok": good, "found": [each._asdict() for each in found]})
    elif not found:
        report.say("no editor is set up here: devenv ide setup EDITOR")
    else:
        report.table([[each.editor, each.what, "ok" if each.ok else "WRONG", each.says] for each in found], HEADS)
    return EXIT_OK if good else EXIT_WOULD_CHANGE
