"""From a machine to a Target: what is known here, and what the box says."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from devenv.box import observe
from devenv.box.connect import connect
from devenv.box.project import Project
from devenv.box.ssh import Connection, SshInfo, is_pinned
from devenv.box.ssh import load as load_info
from devenv.errors import BoxError
from devenv.ide import guest, sshfile
from devenv.ide.editors import Options
from devenv.ide.target import PYTHON, Target
from devenv.ide.user import User
from devenv.process import Runner


class Reached(NamedTuple):
    """A running machine: its target, the open connection to it, and what the box said."""

    target: Target
    connection: Connection
    facts: guest.Facts


class NoMachine(BoxError):
    """A machine that the project had once; ``instead`` is one that it has."""

    def __init__(self, machine: str, instead: str) -> None:
        hint = f"connect the editor to another: devenv ide setup EDITOR {instead}"
        super().__init__(f"the project has no machine {machine!r} any more", hint=hint)
        self.instead = instead


def reach(
    project: Project, runner: Runner, machine: str, user: User, options: Options, packages: Sequence[str] = ()
) -> Reached:
    """Return a running machine as a target; BoxError when it is not created, not running or not reached.

    ``packages`` are names to look for in an interpreter that was chosen.
    """
    if machine not in project.created() and (project.lock.exists() or project.config.exists()):
        names = observe.machine_names(project, runner)
        if machine not in names:
            raise NoMachine(machine, names[0])
    connection = connect(project, runner, machine)
    target = _target(project, machine, user, options, connection.info)
    folders = [guest_folder for _, guest_folder in target.mappings]
    facts = guest.facts(connection, runner, target.python, folders, target.folder, _mark(project, target), packages)
    return Reached(target._replace(home=facts.home, python_version=facts.version), connection, facts)


def remembered(project: Project, machine: str, user: User, options: Options) -> Target:
    """Return a machine as a target by what was last known of it, without asking anybody; BoxError when nothing is."""
    created = project.created().get(machine)
    info = load_info(project, created) if created else None
    if created is None or info is None or not is_pinned(project, created):
        raise BoxError(f"{machine} is not created", hint="create it with: devenv up")
    return _target(project, machine, user, options, info)


def name_of(project: Project, machine: str) -> str:
    """Return what a machine is called in editors: the project's name, and its own where it is not the primary one."""
    from devenv.box.names import valid_label

    shared = project.lock.exists()
    label = valid_label(observe.lock_data(project)["lock"].name if shared else project.root.name)
    return label if is_primary(project, machine) else f"{label}-{valid_label(machine)}"


def is_primary(project: Project, machine: str) -> bool:
    """Return whether a machine is its project's primary one."""
    if project.lock.exists():
        # by what is shared in git alone, so that it is the same on every computer
        return bool(machine == observe.lock_data(project)["lock"].primary)
    # which machine of a hand-written Vagrantfile is the primary one is known to Ruby alone
    return machine == "default" or len(project.created()) == 1


def _target(project: Project, machine: str, user: User, options: Options, info: SshInfo) -> Target:
    name = name_of(project, machine)
    created = project.created()[machine]
    known = (project.machine_state(machine) / "known_hosts").read_text(encoding="utf-8")
    keys = [match[1] for match in re.finditer(rf"^devenv-{re.escape(created.id or '')} (\S+ \S+)", known, re.MULTILINE)]
    return Target(
        root=project.root,
        name=name,
        machine=machine,
        alias=sshfile.alias(name, project.root, machine, user),
        user=info.user,
        home="/root" if info.user == "root" else f"/home/{info.user}",
        mappings=tuple(_mappings(project, machine)),
        host=info.host,
        port=info.port,
        keys=info.keys,
        host_keys=tuple(keys),
        proxy_command=info.proxy_command,
        forward_agent=info.forward_agent,
        python=options.get("interpreter") or PYTHON,
        primary=is_primary(project, machine),
    )


def _mappings(project: Project, machine: str) -> list[tuple[Path, str]]:
    if not project.lock.exists():
        # Vagrant's own default; a hand-written Vagrantfile that changes it is only known to Ruby
        return [(project.root, "/vagrant")]
    locked = observe.lock_data(project)["machines"].get(machine)
    if locked is None:
        return []
    found = []
    for folder in locked.sync:
        path = Path(folder.host).expanduser()
        host = path if path.is_absolute() else project.root if folder.host == "." else project.root / path
        found.append((host, folder.guest))
    return found


def _mark(project: Project, target: Target) -> str | None:
    """Return a file that is in the project's folder on both sides, if that is synced."""
    if not any(host == project.root for host, _ in target.mappings):
        return None
    return next((file.name for file in (project.config, project.lock, project.vagrantfile) if file.exists()), None)
