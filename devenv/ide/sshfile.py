"""Host names for ssh: one file of our own with a section for each machine, and one line in the user's configuration.

The line is an ``Include`` at the very top: after a ``Host`` block it would hold for that block's hosts alone
(ssh_config(5)). It names one file, as not every client reads patterns, and names it in full: some take ``~`` for a
folder's name. paramiko reads no ``Include`` at all; it is given our file itself.
"""

from pathlib import Path

from devenv.box.ssh import quote
from devenv.ide.pieces import Placed, Section
from devenv.ide.record import Put
from devenv.ide.sections import names
from devenv.ide.target import Target
from devenv.ide.user import User

INCLUDE = "hosts of development boxes"


def config_file(user: User) -> Path:
    """Return the file with our hosts."""
    return user.home / ".ssh/devenv/config"


def known_hosts_file(user: User) -> Path:
    """Return the file with their host keys."""
    return user.home / ".ssh/devenv/known_hosts"


def user_config(user: User) -> Path:
    """Return the user's own ssh configuration."""
    return user.home / ".ssh/config"


def alias(name: str, root: Path, user: User) -> str:
    """Return the host name for a machine: ``hello.devenv``, or with a number when another project has that."""
    data = _read(config_file(user))
    number = 1
    while True:
        wanted = f"{name}.devenv" if number == 1 else f"{name}-{number}.devenv"
        owner = _owner(data, wanted)
        if owner is None or owner == str(root) or not Path(owner).exists():
            return wanted
        number += 1


def pieces(target: Target, user: User) -> list[Placed]:
    """Return what makes ssh, and all that is built on it, know a machine by its alias."""
    include = Section(INCLUDE, (f"Include {_word(str(config_file(user)))}",), top=True)
    return [
        Placed(user_config(user), include, "user"),
        Placed(config_file(user), Section(target.alias, tuple(_host(target, user))), "own"),
        Placed(known_hosts_file(user), Section(target.alias, tuple(_known(target))), "own"),
    ]


def stale(user: User) -> list[Put]:
    """Return the sections of projects whose folder is gone, as pieces to take out."""
    data = _read(config_file(user))
    gone = [name for name in names(data, "#") if not Path(_owner(data, name) or "/").exists()]
    return [
        Put(str(file), "own", Section.kind, name, {"name": name, "comment": "#", "made": True})
        for file in (config_file(user), known_hosts_file(user))
        for name in gone
    ]


def _host(target: Target, user: User) -> list[str]:
    lines = [
        f"# project: {target.root}",
        f"Host {target.alias}",
        f"  HostName {target.host}",
        f"  Port {target.port}",
        f"  User {target.user}",
        f"  HostKeyAlias {target.alias}",
        f"  UserKnownHostsFile {_word(str(known_hosts_file(user)))}",
        "  StrictHostKeyChecking yes",
        "  IdentitiesOnly yes",
        *(f"  IdentityFile {_word(key)}" for key in target.keys),
        # said also where there is none: those of a later "Host *" would be taken otherwise
        f"  ProxyCommand {target.proxy_command or 'none'}",
        "  ProxyJump none",
        "  ServerAliveInterval 15",
    ]
    if target.forward_agent:
        lines.append("  ForwardAgent yes")
    return lines


def _known(target: Target) -> list[str]:
    # the alias is what OpenSSH looks for, the address what clients look for that know no HostKeyAlias
    place = target.host if target.port == 22 else f"[{target.host}]:{target.port}"
    return [f"{target.alias},{place} {key}" for key in target.host_keys]


def _word(path: str) -> str:
    """Return a path as a word of ssh_config: quoted only where it must be, for parsers that know no quotes."""
    return quote(path) if any(mark in path for mark in ' \t"\\%#') else path


def _owner(data: bytes, name: str) -> str | None:
    """Return the project that a section of our file belongs to; None when there is no such section."""
    lines = data.decode(errors="surrogateescape").splitlines()
    try:
        at = lines.index(f"# >>> devenv: {name}")
    except ValueError:
        return None
    project = lines[at + 1] if at + 1 < len(lines) else ""
    return project.removeprefix("# project: ")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
