"""``run``, ``ssh`` and ``status``: what both ways in (quick and app) end in. Imports little, as they should be fast;
``status`` needs no ssh, so each of the others imports that itself.
"""

from collections.abc import Sequence
from pathlib import Path

from devenv.box import observe
from devenv.box import project as projects
from devenv.cli import report
from devenv.process import SystemRunner


def run(command: Sequence[str], *, machine: str | None, tty: bool | None) -> int:
    """Run a command in a box and return its exit code."""
    from devenv.box import guestrun
    from devenv.box.connect import connect

    project = projects.find()
    runner = SystemRunner()
    name = one_machine(project, machine)
    connection = connect(project, runner, name)
    folder = guest_folder(project, name)
    return guestrun.run(connection, runner, command, folder=folder, tty=tty)


def python(
    arguments: Sequence[str], *, machine: str | None = None, project: projects.Project | None = None, first: str = ""
) -> int:
    """Run the box's Python with arguments, after the word first, and return its exit code."""
    from devenv.box import guestrun
    from devenv.box.connect import connect
    from devenv.ide import interpreter

    project = project or projects.find()
    runner = SystemRunner()
    name = one_machine(project, machine, how="devenv python --machine NAME …")
    connection = connect(project, runner, name)
    command = interpreter.command(project, name, arguments, module=first)
    return guestrun.run(connection, runner, command, folder=guest_folder(project, name), tty=None)


def shell(*, machine: str | None) -> int:
    """Open a shell in a box and return its exit code."""
    from devenv.box import guestrun
    from devenv.box.connect import connect

    project = projects.find()
    runner = SystemRunner()
    name = one_machine(project, machine)
    connection = connect(project, runner, name)
    # a shell wants a connection that works: the master is opened (or found) before the terminal is handed over
    connection.execute(runner, ["true"])
    return guestrun.shell(connection, runner, folder=guest_folder(project, name))


def status(machines: Sequence[str], *, as_json: bool) -> int:
    """Print the state of the machines."""
    project = projects.find()
    runner = SystemRunner()
    names = projects.choose(observe.machine_names(project, runner), list(machines))
    found = observe.status(project, runner, names)
    if as_json:
        report.out_json(
            {
                "project": str(project.root),
                "machines": [
                    {"name": one.name, "provider": one.provider, "state": one.state, "id": one.id} for one in found
                ],
            }
        )
        return 0
    rows = [[one.name, one.state.replace("_", " "), one.provider or "-"] for one in found]
    report.table(rows, ["machine", "state", "provider"])
    return 0


def one_machine(project: projects.Project, wanted: str | None, *, how: str = "name one with -m") -> str:
    """Return the machine meant: the named one, the only one, or the primary one; how says how one is named."""
    created = project.created()
    if wanted is None and len(created) == 1 and not project.has_config:
        return next(iter(created))
    if wanted is not None and wanted in created:
        return wanted
    names = observe.machine_names(project, SystemRunner())
    if wanted is not None:
        return projects.choose(names, [wanted])[0]
    if project.lock.exists():
        primary: str = observe.lock_data(project)["lock"].primary
        return primary
    if len(names) == 1:
        return names[0]
    from devenv.errors import UsageError

    raise UsageError(f"which machine? There are: {', '.join(names)}", hint=how)


def guest_folder(project: projects.Project, name: str, here: Path | None = None) -> str | None:
    """Return the guest's folder for one here (the current one); None when it is not shared."""
    here = here or projects.current_folder()
    if project.lock.exists():
        machine = observe.lock_data(project)["machines"].get(name)
        shared = [(_absolute(project.root, folder.host), folder.guest) for folder in machine.sync] if machine else []
    else:
        # Vagrant's own default; a hand-written Vagrantfile that changes it is only known to Ruby
        shared = [(project.root, "/vagrant")]
    from devenv.box.ssh import guest_folder as folder_in_guest

    return folder_in_guest(shared, here)


def _absolute(root: Path, host: str) -> Path:
    path = Path(host).expanduser()
    return path if path.is_absolute() else (root / path if host != "." else root)
