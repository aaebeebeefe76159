"""Host names for ssh: one file of our own with a section for each machine, and one line in the user's configuration.

The line is an ``Include`` at the very top: after a ``Host`` block it would hold for that block's hosts alone
(ssh_config(5)). It names one file, as not every client reads patterns, and names it in full: some take ``~`` for a
folder's name. paramiko reads no ``Include`` at all; it is given our file itself.
"""

import json
import re
from pathlib import Path

from devenv.box.ssh import quote
from devenv.errors import BoxError
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


def alias(name: str, root: Path, machine: str, user: User) -> str:
    """Return the host name for a machine: ``hello.devenv``, or with a number when another one has that.

    One that a machine has is its own for as long as its project is there, whatever becomes of the others.
    """
    owners = _owners(_read(config_file(user)))
    form = re.compile(rf"{re.escape(name)}(-\d+)?\.devenv")
    for taken, owner in owners.items():
        if owner == (str(root), machine) and form.fullmatch(taken):
            return taken
    number = 1
    while True:
        wanted = f"{name}.devenv" if number == 1 else f"{name}-{number}.devenv"
        if wanted not in owners or _is_gone(owners[wanted][0]):
            return wanted
        number += 1


def pieces(target: Target, user: User) -> list[Placed]:
    """Return what makes ssh, and all that is built on it, know a machine by its alias.

    Raises BoxError for a path that ssh's configuration has no way to name.
    """
    include = Section(INCLUDE, (f"Include {_pattern(str(config_file(user)))}",), top=True)
    return [
        Placed(user_config(user), include, "user"),
        Placed(config_file(user), Section(target.alias, tuple(_host(target, user))), "own"),
        Placed(known_hosts_file(user), Section(target.alias, tuple(_known(target))), "own"),
    ]


def stale(user: User) -> list[Put]:
    """Return the sections of projects whose folder is gone, as pieces to take out."""
    data = _read(config_file(user))
    owners = _owners(data)
    gone = [name for name in names(data, "#") if name in owners and _is_gone(owners[name][0])]
    return [
        Put(str(file), "own", Section.kind, name, {"name": name, "comment": "#", "made": True})
        for file in (config_file(user), known_hosts_file(user))
        for name in gone
    ]


def _host(target: Target, user: User) -> list[str]:
    lines = [
        f"# project: {_plain(str(target.root))}",
        f"# machine: {_plain(target.machine)}",
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
    if any(mark in path for mark in "\n\r\0") or not _is_text(path):
        raise BoxError(f"ssh's configuration cannot name {path!r}", hint="move it to a folder with a plainer name")
    return quote(path) if any(mark in path for mark in " \t\"'\\%#") else path


def _pattern(path: str) -> str:
    """Return a path as a word of Include, which takes it for a pattern, and ``%`` for one sign or for the start of two,
    by its age: ``?`` is any sign."""
    return _word(re.sub(r'[%*?\[\]\\"]', "?", path))


def _plain(text: str) -> str:
    """Return a text for a comment's line: as it is, or as JSON where it would not be one line of text."""
    return text if text.isprintable() and not text.startswith('"') else json.dumps(text)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _owners(data: bytes) -> dict[str, tuple[str, str]]:
    """Return whose the sections of our file are: the project's folder and the machine, by alias."""
    lines = data.decode(errors="replace").split("\n")
    found = {}
    for at, line in enumerate(lines[:-2]):
        if line.startswith("# >>> devenv: "):
            owner = [_said(lines[at + 1], "# project: "), _said(lines[at + 2], "# machine: ")]
            found[line.removeprefix("# >>> devenv: ").strip()] = (owner[0], owner[1])
    return found


def _said(line: str, word: str) -> str:
    text = line.removeprefix(word) if line.startswith(word) else ""
    try:
        return str(json.loads(text)) if text.startswith('"') else text
    except ValueError:
        return ""


def _is_gone(root: str) -> bool:
    """Say whether a project's folder is not there; one that is not said may be anywhere."""
    return root != "" and not Path(root).exists()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
