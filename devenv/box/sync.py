"""Synced folders that are copied: bring the box's copy up to date over the kept connection, as Vagrant's rsync does.

The options are those of Vagrant's own rsync synced folder (plugins/synced_folders/rsync/helper.rb of Vagrant 2.3): the
host's side wins, links are followed, the files belong to the box's user.
"""

import shlex
from pathlib import Path

from devenv.box.lock import LockedMachine
from devenv.box.ssh import Connection
from devenv.process import Runner

COPIED_BY_DEFAULT = frozenset({"libvirt"})
"""Providers whose folders are copied unless devenv.yaml says otherwise (see the Vagrantfile)."""
EXCLUDED = (".git/", ".vagrant/")


def copied(machine: LockedMachine, provider: str) -> list[tuple[str, str]]:
    """Return (host, guest) of the folders a provider keeps as copies."""
    default = "rsync" if provider in COPIED_BY_DEFAULT else None
    return [
        (folder.host, folder.guest)
        for folder in machine.sync
        if (folder.types.get(provider) or folder.type or default) == "rsync"
    ]


def push(connection: Connection, runner: Runner, root: Path, machine: LockedMachine) -> list[str]:
    """Copy what changed on the host into the box; return the guest's folders in which something did."""
    changed = []
    user = connection.info.user
    for host, guest in copied(machine, connection.machine.provider or ""):
        argv = ["rsync", "--archive", "--delete", "-z", "--copy-links", "--itemize-changes", "--omit-dir-times"]
        argv += [f"--chown={user}:{user}", "--rsync-path", "sudo -n rsync"]
        argv += [f"--exclude={pattern}" for pattern in EXCLUDED]
        argv += ["--rsh", shlex.join(connection.argv("-T")[:-1])]
        source = f"{(root / Path(host).expanduser()).as_posix().rstrip('/')}/"
        done = runner.run([*argv, "--", source, f"{connection.alias}:{guest}"], timeout=1800)
        done.check(f"{guest} could not be brought up to date", hint="try: devenv reload")
        if done.stdout.strip():
            changed.append(guest)
    return changed
