"""How machines are: from Vagrant's state files and the provider itself, without starting Ruby."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from devenv import paths
from devenv.box import providers
from devenv.box.project import Machine, Project, write_private
from devenv.box.providers.base import NOT_CREATED, RUNNING, Forward, Observed
from devenv.errors import BoxError
from devenv.process import Runner


class Status(NamedTuple):
    """One machine: its provider (None while not created and not chosen) and Vagrant's short state."""

    name: str
    provider: str | None
    state: str
    id: str | None = None
    forwards: tuple[Forward, ...] | None = None
    address: str | None = None

    @property
    def running(self) -> bool:
        return self.state == RUNNING


def machine_names(project: Project, runner: Runner) -> list[str]:
    """Return the machines a project defines, in order.

    With devenv.lock (or devenv.yaml) from there; for a hand-written Vagrantfile Vagrant is asked once, and again when
    the Vagrantfile has changed: only Ruby can read Ruby.
    """
    if project.lock.exists():
        return list(lock_data(project)["machines"])
    if project.config.exists():
        from devenv.box import spec

        return [machine.name for machine in spec.load(project.config).machines]
    return list(_vagrant_machines(project, runner))


def lock_data(project: Project) -> dict[str, Any]:
    """Return devenv.lock checked, as data: for commands that only need a few of its words."""
    from devenv.box import lock

    locked = lock.read(project.lock)
    assert locked is not None
    return {"machines": locked.machines, "lock": locked}


def status(project: Project, runner: Runner, names: list[str] | None = None) -> list[Status]:
    """Return the state of the named machines (all by default), as true as ``vagrant status``."""
    created = project.created()
    wanted = machine_names(project, runner) if names is None else names
    chosen = _providers_to_be(project, runner)
    return [_one(project, runner, name, created.get(name), chosen.get(name)) for name in wanted]


def one(project: Project, runner: Runner, name: str) -> Status:
    """Return the state of one machine."""
    return _one(project, runner, name, project.created().get(name), None)


def _one(project: Project, runner: Runner, name: str, machine: Machine | None, provider: str | None) -> Status:
    if machine is None or machine.provider is None or machine.id is None:
        return Status(name, provider, NOT_CREATED)
    found = providers.get(machine.provider)
    if found.answers:
        seen = found.observe(runner, machine.id)
    else:
        from devenv.box.vagrant import VagrantAdapter

        seen = Observed(VagrantAdapter(project.root, runner).status().get(name, ("", "unknown"))[1])
    return Status(name, machine.provider, seen.state, machine.id, seen.forwards, seen.address)


def _providers_to_be(project: Project, runner: Runner) -> dict[str, str]:
    if project.has_config:
        return {}
    return {name: provider for name, provider in _vagrant_machines(project, runner).items() if provider}


def _vagrant_machines(project: Project, runner: Runner) -> dict[str, str]:
    """Return machine -> provider of a hand-written Vagrantfile, remembered by the hash of all that decides it."""
    if not project.vagrantfile.exists():
        raise BoxError(f"there is no {paths.VAGRANTFILE} in {project.root}", hint="make one with: devenv init")
    import hashlib

    key = hashlib.sha256()
    for file in (project.vagrantfile, paths.vagrant_home() / paths.VAGRANTFILE):
        key.update(_bytes(file) + b"\0")
    for name, value in sorted(os.environ.items()):
        if name.startswith("VAGRANT_"):
            key.update(f"{name}={value}\0".encode(errors="surrogateescape"))
    cache = project.state / "machines.json"
    digest = key.hexdigest()
    try:
        data = json.loads(cache.read_text(encoding="utf-8"))
        if data.get("of") == digest:
            return dict(data["machines"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        pass
    from devenv.box.vagrant import VagrantAdapter

    found = {name: provider for name, (provider, _) in VagrantAdapter(project.root, runner).status().items()}
    write_private(cache, json.dumps({"of": digest, "machines": found}) + "\n")
    return found


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
