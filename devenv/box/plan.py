"""What a change of devenv.lock means for a machine that is there already; pure."""

import hashlib
import json
from typing import Any, Literal

from devenv.box.lock import LockedMachine

Change = Literal["none", "reload", "recreate"]

RECREATE = frozenset({"box", "provider"})
"""Parts no provider can change in a machine that exists."""


def applied(machine: LockedMachine, provider: str) -> dict[str, str]:
    """Return part of the machine -> digest, for what Vagrant gives a machine when it is made or booted.

    Steps are left out: the box itself records those.
    """
    parts: dict[str, Any] = {
        "box": [machine.box.name, machine.box.version],
        "hostname": machine.hostname,
        "cpus": machine.cpus,
        "memory": machine.memory,
        "ports": [port._asdict() for port in machine.ports],
        "sync": [folder._asdict() for folder in machine.sync],
        f"providers.{provider}": machine.providers.get(provider, {}),
    }
    return {
        name: hashlib.sha256(json.dumps(value, sort_keys=True, default=dict).encode()).hexdigest()[:16]
        for name, value in parts.items()
    }


def compare(before: dict[str, str], after: dict[str, str], provider: str) -> tuple[Change, list[str]]:
    """Return what it takes to bring a machine from before to after, and the parts that differ.

    A container's settings are fixed when it is made, so on docker every change means another container.
    """
    if not before:
        # made by plain vagrant, or before devenv kept this: there is nothing to compare with
        return "none", []
    parts = sorted(name for name in after.keys() | before.keys() if before.get(name) != after.get(name))
    if not parts:
        return "none", []
    if provider == "docker" or RECREATE & set(parts):
        return "recreate", parts
    return "reload", parts
