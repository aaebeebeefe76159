"""What devenv asks of a provider without starting Vagrant: can it be used, what state is a machine in, where is it.

State names are Vagrant's own short ids (``running``, ``stopped``, ``shutoff``, ``poweroff``, ``not_created`` …):
``devenv status`` and ``vagrant status`` say the same word for the same thing.
"""

import os
from pathlib import Path
from typing import NamedTuple

from devenv.errors import BoxError
from devenv.process import Runner

NOT_CREATED = "not_created"
RUNNING = "running"


class Usable(NamedTuple):
    """Whether a provider can boot a machine here; when not, why, and the one command that mends it."""

    ok: bool
    reason: str
    fix: str | None = None


class Forward(NamedTuple):
    """A guest port and the host address it can be reached at."""

    guest: int
    host: int
    protocol: str = "tcp"
    address: str = "127.0.0.1"


class Observed(NamedTuple):
    """What a provider says of one machine; ``forwards`` is None when the provider does not know them itself."""

    state: str
    forwards: tuple[Forward, ...] | None = None
    address: str | None = None


def whose(root: Path, name: str) -> str:
    """Return 16 hex digits for a project's machine; the Vagrantfile puts them into what it makes."""
    import hashlib

    return hashlib.sha256(os.fsencode(f"{os.path.realpath(root)}\0{name}")).hexdigest()[:16]


class Provider:
    """One provider; the base class answers nothing by itself, so that Vagrant is asked instead."""

    name = "unknown"
    answers = False
    """True when ``observe`` is as true as ``vagrant status``; otherwise the caller asks Vagrant."""
    own_snapshots = False
    """True when snapshots are taken by this class, because Vagrant's provider cannot."""
    snapshots_stopped = False
    """True when a snapshot is saved and restored while the machine is stopped; the caller stops and starts it."""
    suspends = True

    def usable(self, runner: Runner) -> Usable:
        """Say whether a machine could be booted; may start programs, each with a time limit."""
        return Usable(False, f"devenv does not know how to check {self.name}")

    def observe(self, runner: Runner, machine_id: str) -> Observed:
        """Return the machine's state and ports; raise BoxError when the provider does not answer."""
        raise BoxError(f"{self.name} cannot be asked directly")

    def host_keys(self, runner: Runner, machine_id: str) -> list[str]:
        """Return the machine's public ssh host keys read past the network, or [] when that cannot be done."""
        return []

    def snapshot_save(self, runner: Runner, machine_id: str, name: str) -> None:
        """Save the machine's disk under a name."""
        raise BoxError(f"{self.name} has no snapshots of its own")

    def snapshot_restore(self, runner: Runner, machine_id: str, name: str) -> str:
        """Put the machine back to a snapshot; return its id, which may be a new one."""
        raise BoxError(f"{self.name} has no snapshots of its own")

    def snapshot_list(self, runner: Runner, machine_id: str) -> list[str]:
        """Return the names of the machine's snapshots, oldest first."""
        raise BoxError(f"{self.name} has no snapshots of its own")

    def snapshot_delete(self, runner: Runner, machine_id: str, name: str) -> None:
        """Delete one snapshot."""
        raise BoxError(f"{self.name} has no snapshots of its own")

    def made_for(self, runner: Runner, root: Path, name: str) -> list[str]:
        """Return the ids of all machines made for a project's machine, also of those Vagrant does not know."""
        return []

    def remove(self, runner: Runner, machine_id: str) -> None:
        """Delete a machine Vagrant does not know."""

    def before_destroy(self, runner: Runner, machine_id: str) -> list[str]:
        """Remove what would keep the machine from being destroyed; return what ``after_destroy`` is to remove."""
        return []

    def after_destroy(self, runner: Runner, remains: list[str]) -> None:
        """Remove what devenv kept for a machine beside it (its snapshots)."""
