"""Snapshots of a machine's disk: Vagrant's own where its provider has them, else the provider's tools."""

import re

from devenv.box import boot, forwards, lifecycle, observe, projectfiles, providers, ssh
from devenv.box import session as sessions
from devenv.box.project import Machine, write_private
from devenv.errors import BoxError, UsageError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")


def check_name(name: str) -> None:
    """Raise UsageError for a name some provider could not keep."""
    if not NAME.match(name):
        raise UsageError(
            f"{name!r} is not a name for a snapshot",
            hint="letters, digits, '.', '_' and '-', at most 63, beginning with a letter or digit",
        )


def save(job: sessions.Session, name: str, snapshot: str) -> None:
    """Save a machine as it is; an older snapshot of that name is replaced."""
    check_name(snapshot)
    machine, provider = _there(job, name)
    if not provider.own_snapshots:
        with job.report.phase(name, f"save {snapshot}"):
            job.vagrant.call(["snapshot", "save", name, snapshot, "--force"])
        return
    was_running = provider.snapshots_stopped and lifecycle.halt(job, name)
    try:
        with job.report.phase(name, f"save {snapshot}"):
            provider.snapshot_save(job.runner, machine.id or "", snapshot)
    finally:
        if was_running:
            _start(job, name, machine)


def restore(job: sessions.Session, name: str, snapshot: str) -> None:
    """Put a machine back to a snapshot and start it."""
    machine, provider = _there(job, name)
    if snapshot not in names(job, name):
        raise BoxError(f"there is no snapshot {snapshot!r}", hint="list them with: devenv snapshot list")
    if not provider.own_snapshots:
        boot.close(job, name)
        with job.report.phase(name, f"restore {snapshot}"):
            job.vagrant.call(["snapshot", "restore", name, snapshot, "--no-provision"])
    else:
        if provider.snapshots_stopped:
            lifecycle.halt(job, name, force=True)
        boot.close(job, name)
        with job.report.phase(name, f"restore {snapshot}"):
            fresh = provider.snapshot_restore(job.runner, machine.id or "", snapshot)
        if fresh != machine.id:
            _take_over(job, machine, fresh)
        elif provider.snapshots_stopped:
            _start(job, name, machine)
    boot.wait_for_ssh(job, name)
    lock = projectfiles.refresh_lock(job.project)
    if lock is not None:
        forwards.ensure_forwards(job.project, job.runner, name, lock.machines[name])


def names(job: sessions.Session, name: str) -> list[str]:
    """Return a machine's snapshots, oldest first."""
    machine, provider = _there(job, name)
    if provider.own_snapshots:
        return provider.snapshot_list(job.runner, machine.id or "")
    return job.vagrant.snapshots(name)


def delete(job: sessions.Session, name: str, snapshot: str) -> None:
    """Delete a snapshot; BoxError when there is none of that name."""
    machine, provider = _there(job, name)
    if snapshot not in names(job, name):
        raise BoxError(f"there is no snapshot {snapshot!r}", hint="list them with: devenv snapshot list")
    with job.report.phase(name, f"delete {snapshot}"):
        if provider.own_snapshots:
            provider.snapshot_delete(job.runner, machine.id or "", snapshot)
        else:
            job.vagrant.call(["snapshot", "delete", name, snapshot])


def _there(job: sessions.Session, name: str) -> tuple[Machine, providers.Provider]:
    machine = job.machine(name)
    state = observe.one(job.project, job.runner, name).state
    if state == "not_created":
        raise BoxError(f"{name} is not created", hint="create it with: devenv up")
    return machine, providers.get(machine.provider or "")


def _start(job: sessions.Session, name: str, machine: Machine) -> None:
    """Start a machine again through Vagrant, which also mounts its synced folders."""
    with job.report.phase(name, "start"):
        job.vagrant.up(name, machine.provider or "")
    boot.wait_for_ssh(job, name)
    lock = projectfiles.refresh_lock(job.project)
    if lock is not None:
        forwards.ensure_forwards(job.project, job.runner, name, lock.machines[name])


def _take_over(job: sessions.Session, machine: Machine, fresh: str) -> None:
    """Tell Vagrant and devenv the id of the container that took the place of another."""
    info = ssh.load(job.project, machine)
    if machine.data is not None:
        write_private(machine.data / "id", fresh)
    kept = job.project.machine_state(machine.name) / "applied.json"
    if kept.exists():
        # the new container was made with what the old one was made with
        write_private(kept, kept.read_text(encoding="utf-8").replace(f'"{machine.id}"', f'"{fresh}"'))
    if info is not None:
        ssh.save(job.project, machine._replace(id=fresh), info._replace(id=fresh))
