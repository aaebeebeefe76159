"""``ide check``: what both ways in (quick and app) end in."""

from collections.abc import Collection, Sequence

from devenv.box import project as projects
from devenv.cli import report
from devenv.errors import EXIT_OK, EXIT_WOULD_CHANGE
from devenv.process import SystemRunner

HEADS = ["editor", "what", "", "says"]


def _whose(names: Sequence[str], every: Collection[str]) -> str:
    return "all" if 1 < len(names) == len(every) else ", ".join(names)


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
        every = {name for each in found for name in each.editors}
        report.table(
            [[_whose(each.editors, every), each.what, "ok" if each.ok else "WRONG", each.says] for each in found], HEADS
        )
    return EXIT_OK if good else EXIT_WOULD_CHANGE
