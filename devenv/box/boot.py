"""Create or start a machine through Vagrant: the provider, the box, the ports, and the connection to it after."""

import json
import shutil
import time

from devenv.box import boxes, choose, halfmade, hostports, observe, plan, ssh
from devenv.box.connect import EarlyPin, connect
from devenv.box.project import Project, write_private
from devenv.box.providers.base import NOT_CREATED
from devenv.box.session import Session
from devenv.errors import BoxError
from devenv.process import Runner

ROOM = 4 * 1024 * 1024
"""Bytes that must be free where the project is before a machine is made or started: its state is kept there."""


def boot(job: Session, name: str, state: observe.Status, provider: str | None, *, provision: bool, frozen: bool) -> str:
    """Create or start a machine through Vagrant and return its provider."""
    project, runner = job.project, job.runner
    # Vagrant's docker provider says "preparing" of a container it was about to make
    exists = state.state not in (NOT_CREATED, "preparing")
    check_room(project)
    for gone in halfmade.clear(project, runner, name):
        job.report.note(f"removed what an interrupted start of {name} left behind ({gone[:12]})")
    machine = job.lock.machines[name] if job.lock is not None else None
    if exists and state.provider:
        settings = choose.machine_settings(state.provider, machine.providers if machine else {})
        choice = choose.Choice(state.provider, "it is there already", settings)
    else:
        with job.report.phase(name, "choose a provider"):
            choice = choose.choose(
                runner,
                flag=provider,
                configured=machine.provider if machine else _remembered_provider(project, runner, name),
                has_settings=machine.providers if machine else {},
            )
    owner = f"{project.root}\0{name}"
    try:
        if machine is not None and job.lock is not None:
            if not exists:
                job.lock = boxes.ensure(job, name, choice.provider, frozen=frozen)
                machine = job.lock.machines[name]
            moved = {} if exists and choice.provider == "docker" else hostports.choose(machine.ports, owner)
            for guest, host in moved.items():
                wanted = next(p.host for p in machine.ports if f"{p.guest}/{p.protocol}" == guest)
                job.report.note(f"port {wanted} is taken: {name}'s {guest.partition('/')[0]} is on {host} instead")
            write_local(project, name, choice, moved, keep_ports=exists and choice.provider == "docker")
        if exists:
            _check_ports(job, name, state)
        else:
            halfmade.begin(project, runner, name, choice.provider)
        with job.report.phase(name, f"{'start' if exists else 'create'} on {choice.provider}"):
            # the steps of devenv.yaml are run by devenv itself, those of a hand-written Vagrantfile by Vagrant
            _vagrant_up(job, name, choice.provider, provision=provision and job.lock is None)
        halfmade.end(project, name)
    finally:
        hostports.release(owner)
    after_boot(job, name, choice.provider)
    return choice.provider


def check_room(project: Project) -> None:
    """Raise BoxError while nothing has begun when there is no room for what Vagrant has to remember of a machine."""
    free = shutil.disk_usage(project.root).free
    if free < ROOM:
        raise BoxError(
            f"the disk is full: {project.root} has {free >> 10} KiB free", hint="free some space, then try again"
        )


def _check_ports(job: Session, name: str, state: observe.Status) -> None:
    """Raise BoxError when a port that was given to a container when it was made is taken now: it cannot be moved."""
    if state.provider != "docker":
        return
    wanted = set()
    if job.lock is not None:
        moved = job.project.local().get("machines", {}).get(name, {}).get("ports", {})
        for port in job.lock.machines[name].ports:
            wanted.add((moved.get(f"{port.guest}/{port.protocol}", port.host), port.address, port.protocol))
    info = ssh.load(job.project, job.machine(name))
    if info is not None:
        wanted.add((info.port, info.host, "tcp"))
    for host, address, protocol in sorted(wanted):
        if not hostports.is_free(host, address, protocol):
            user = hostports.user_of(host)
            raise BoxError(
                f"port {host}, which {name} was made with, is taken{f' by {user}' if user else ''}",
                hint=f"free it and run devenv up; or move the box to other ports, losing what is on its disk: "
                f"devenv destroy {name}, then devenv up",
            )


def _vagrant_up(job: Session, name: str, provider: str, *, provision: bool) -> None:
    """Have Vagrant create or start a machine; a new one's host key is learnt while Vagrant ends."""
    vagrant, early = job.vagrant, EarlyPin(job.project, job.runner, name)
    vagrant.on_line = early.beside(vagrant.on_line)
    vagrant.up(name, provider, provision=provision)
    early.wait()


def after_boot(job: Session, name: str, provider: str) -> None:
    """Connect to a machine that was just booted, and remember what it was booted with."""
    with job.report.phase(name, "connect"):
        machine = job.machine(name)
        old = ssh.load(job.project, machine)
        if old is not None:
            ssh.Connection(job.project, machine, old).close(job.runner)
        connection = connect(job.project, job.runner, name)
        connection.execute(job.runner, ["true"])
    if job.lock is not None:
        text = json.dumps({"id": machine.id, "parts": plan.applied(job.lock.machines[name], provider)})
        write_private(job.project.machine_state(name) / "applied.json", text + "\n")


def _remembered_provider(project: Project, runner: Runner, name: str) -> str | None:
    return next((status.provider for status in observe.status(project, runner, [name])), None)


def write_local(project: Project, name: str, choice: choose.Choice, moved: dict[str, int], *, keep_ports: bool) -> None:
    data = project.local()
    mine = data.setdefault("machines", {}).setdefault(name, {})
    if not keep_ports:
        mine["ports"] = moved
    mine["providers"] = {choice.provider: dict(choice.settings)} if choice.settings else {}
    data["machines"] = {key: {k: v for k, v in value.items() if v} for key, value in data["machines"].items()}
    data["machines"] = {key: value for key, value in data["machines"].items() if value}
    project.write_local({key: value for key, value in data.items() if value})


def close(job: Session, name: str) -> None:
    """Close the kept connection to a machine, if there is one."""
    machine = job.project.created().get(name)
    info = ssh.load(job.project, machine) if machine else None
    if machine is not None and info is not None:
        ssh.Connection(job.project, machine, info).close(job.runner)


def wait_for_ssh(job: Session, name: str, *, patience: float = 120.0) -> ssh.Connection:
    """Return a working connection to a machine that is booting; BoxError when it does not answer in time."""
    deadline = time.monotonic() + patience
    with job.report.phase(name, "connect"):
        while True:
            try:
                connection = connect(job.project, job.runner, name)
                connection.execute(job.runner, ["true"])
            except BoxError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                return connection
