"""Start an editor on the box's folder, or say how that is done."""

from collections.abc import Callable

from devenv.box.project import Project
from devenv.errors import BoxError, UsageError
from devenv.ide.editors import Editor
from devenv.ide.reach import remembered
from devenv.ide.record import Setup
from devenv.ide.user import User
from devenv.process import Runner, attach, leave


def known(setup: Setup | None, editor: Editor, machine: str | None) -> Setup:
    """Return what is set up of an editor, for a machine if one is meant; UsageError when that is nothing."""
    if setup is None or (machine is not None and setup.machine != machine):
        words = f"{editor.name} {machine}" if machine else editor.name
        what = f"{editor.title} is not set up for {machine or 'this project'}"
        raise UsageError(what, hint=f"devenv ide setup {words}")
    return setup


def start(
    project: Project,
    runner: Runner,
    editor: Editor,
    user: User,
    known: Setup,
    *,
    link: bool,
    out: Callable[[str], None],
    say: Callable[[str], None],
) -> int:
    """Start the editor and return the exit code; with link, or where the program is not here, print how to.

    out is for links and commands, say for a person. Raises BoxError when the machine does not run.
    """
    machine = known.machine
    target = remembered(project, machine, user, known.options)
    opening = editor.opening(target, user, known.options)
    if link or not opening.argv:
        import shlex

        words = opening.link or shlex.join(opening.argv)
        if not link:
            rest = "; the link:" if words else ""
            say(f"the program of {editor.title} is not on the PATH: nothing was started{rest}")
        if words:
            out(words)
        else:
            say(f"by hand: {opening.by_hand}")
        return 0
    from devenv.box import observe

    status = observe.one(project, runner, machine)
    if not status.running:
        raise BoxError(f"{machine} is not running", hint="start it with: devenv up")
    if opening.terminal:
        return attach(list(opening.argv), None, terminal=True)
    leave(opening.argv)
    return 0
