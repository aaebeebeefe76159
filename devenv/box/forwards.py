"""Which host ports lead to a machine, and those that devenv forwards itself, over the kept connection."""

from devenv.box import hostports, observe
from devenv.box import lock as locks
from devenv.box.connect import connect
from devenv.box.project import Project
from devenv.box.providers.base import Forward
from devenv.box.vagrant import VagrantAdapter
from devenv.process import Runner

NO_FORWARDING = frozenset({"lxc"})
"""Providers whose forwarded ports devenv makes itself, over the kept connection (see the Vagrantfile)."""
SSH_FORWARDING = frozenset({"libvirt"})
"""Providers whose plugin forwards with an ssh of its own that may die unnoticed."""


def ports(project: Project, runner: Runner, name: str, status: observe.Status | None = None) -> tuple[Forward, ...]:
    """Return the forwards a running machine really has, without ssh's own."""
    status = status or observe.one(project, runner, name)
    if not status.running:
        return ()
    if status.forwards is not None:
        return tuple(forward for forward in status.forwards if forward.guest != 22)
    if not project.has_config and status.provider in NO_FORWARDING:
        # Vagrant itself has none to tell of, and says so with an error
        return ()
    if not project.has_config or status.provider not in NO_FORWARDING | SSH_FORWARDING:
        found = VagrantAdapter(project.root, runner).ports(name)
        return tuple(Forward(guest, host) for guest, host in sorted(found.items()) if guest != 22)
    moved = project.local().get("machines", {}).get(name, {}).get("ports", {})
    machine = observe.lock_data(project)["machines"][name]
    return tuple(
        Forward(port.guest, moved.get(f"{port.guest}/{port.protocol}", port.host), port.protocol, port.address)
        for port in machine.ports
        # ssh carries TCP alone
        if port.protocol == "tcp"
    )


def ensure_forwards(
    project: Project, runner: Runner, name: str, machine: locks.LockedMachine, status: observe.Status | None = None
) -> list[int]:
    """Forward over the kept connection what the provider does not forward, or no longer does; return those ports."""
    status = status or observe.one(project, runner, name)
    if status.provider not in NO_FORWARDING | SSH_FORWARDING:
        return []
    made = []
    for forward in ports(project, runner, name, status):
        if not hostports.answers(forward.host, forward.address):
            connect(project, runner, name).forward(runner, forward.address, forward.host, forward.guest)
            made.append(forward.host)
    return made
