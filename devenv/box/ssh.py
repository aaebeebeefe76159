"""One kept, pinned ssh connection to a machine, and commands over it.

The connection's facts (``ssh.json``) are written by the Vagrantfile's trigger after ``up``, ``reload`` and ``resume``;
for a hand-written Vagrantfile they come from one ``vagrant ssh-config``. The host's key is pinned under an alias made
of the machine's id: another machine behind the same port, or the same one with another key, is refused by ssh itself.
"""

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from devenv.box.project import Machine, Project, runtime_folder, write_private
from devenv.box.providers.base import Provider
from devenv.errors import BoxError
from devenv.process import Completed, Runner

PERSIST = "yes"
"""The connection stays until the machine goes or ``halt`` closes it; a dead peer is noticed within 45 s."""


class SshInfo(NamedTuple):
    """How to reach a machine: host, port, user, private key files, and the id of the machine that is."""

    id: str
    host: str
    port: int
    user: str
    keys: tuple[str, ...]
    proxy_command: str | None = None
    forward_agent: bool = False


class Connection:
    """The ssh connection to one machine; everything it needs on disk lies in ``folder``."""

    def __init__(self, project: Project, machine: Machine, info: SshInfo) -> None:
        self.project = project
        self.machine = machine
        self.info = info
        self.folder = runtime_folder(project, machine.name)
        self.config = self.folder / "config"
        self.known_hosts = project.machine_state(machine.name) / "known_hosts"

    @property
    def alias(self) -> str:
        """The name the host's key is pinned under."""
        return f"devenv-{self.info.id}"

    def prepare(self) -> None:
        """Write the ssh configuration if what it should say is not what is there."""
        wanted = ssh_config(self)
        try:
            if self.config.read_text(encoding="utf-8") == wanted:
                return
        except (OSError, UnicodeDecodeError):
            pass
        for number, key in enumerate(self.info.keys):
            _link(self.folder / f"key{number}", key)
        _link(self.folder / "known_hosts", str(self.known_hosts))
        write_private(self.config, wanted)

    def argv(self, *options: str) -> list[str]:
        """Return ssh's words up to and with the host; options go before the host."""
        return ["ssh", "-F", str(self.config), *options, self.alias]

    def is_pinned(self) -> bool:
        """Say whether the machine's host key is known."""
        return is_pinned(self.project, self.machine)

    def pin(self, runner: Runner, provider: Provider) -> None:
        """Learn the host's key: past the network where the provider can, else from its first answer."""
        assert self.machine.id is not None
        if pin_keys(self.project, self.machine, provider.host_keys(runner, self.machine.id)):
            return
        # the first connection pins what it met; it stays open, so nothing is asked twice
        self.known_hosts.parent.mkdir(parents=True, exist_ok=True)
        self.known_hosts.unlink(missing_ok=True)
        done = runner.run([*self.argv("-T", "-o", "StrictHostKeyChecking=accept-new"), "true"], timeout=180)
        if done.code != 0 or not self.is_pinned():
            raise unreachable(self, done.stderr)

    def has_socket(self) -> bool:
        """Say whether there is a kept connection; its machine may have gone since."""
        return SHARES and (self.folder / "s").exists()

    def close(self, runner: Runner) -> None:
        """Close the kept connection, if there is one."""
        if self.has_socket():
            runner.run(self.argv("-O", "exit"), timeout=15)
            (self.folder / "s").unlink(missing_ok=True)

    def forward(self, runner: Runner, address: str, host: int, guest: int) -> None:
        """Forward a host port to the guest over the kept connection."""
        spec = f"{address}:{host}:127.0.0.1:{guest}"
        self.execute(runner, ["true"])
        runner.run(self.argv("-O", "forward", "-L", spec), timeout=30).check(
            f"port {host} could not be forwarded", hint="another program may use it: devenv ports"
        )

    def execute(self, runner: Runner, command: Sequence[str], *, stdin: str | bytes | None = None) -> Completed:
        """Run a command in the guest with its output captured; raise BoxError when the machine is not reached."""
        done = runner.run([*self.argv("-T"), shlex.join(command)], stdin=stdin)
        if done.code == 255:
            raise unreachable(self, done.stderr)
        return done


SHARES = sys.platform != "win32"
"""Windows' ssh has no connection sharing: each command connects anew there, slower."""


def is_pinned(project: Project, machine: Machine) -> bool:
    """Say whether a machine's host key is known."""
    try:
        text = (project.machine_state(machine.name) / "known_hosts").read_text(encoding="utf-8")
    except OSError:
        return False
    return f"devenv-{machine.id} " in text


def pin_keys(project: Project, machine: Machine, keys: Sequence[str]) -> bool:
    """Make these public keys the known ones of a machine; False when there are none."""
    lines = sorted({f"devenv-{machine.id} {' '.join(key.split()[:2])}" for key in keys})
    if lines:
        write_private(project.machine_state(machine.name) / "known_hosts", "\n".join(lines) + "\n")
    return bool(lines)


def ssh_config(connection: Connection) -> str:
    """Return the text of the configuration file for ssh -F."""
    info = connection.info
    folder = connection.folder
    lines = [
        f"Host {connection.alias}",
        f"  HostName {info.host}",
        f"  Port {info.port}",
        f"  User {info.user}",
        f"  HostKeyAlias {connection.alias}",
        f"  UserKnownHostsFile {quote(str(folder / 'known_hosts'))}",
        "  GlobalKnownHostsFile none",
        "  StrictHostKeyChecking yes",
        "  PasswordAuthentication no",
        "  IdentitiesOnly yes",
        "  LogLevel ERROR",
        "  ConnectTimeout 30",
        "  ServerAliveInterval 15",
        "  ServerAliveCountMax 3",
    ]
    lines += [f"  IdentityFile {quote(str(folder / f'key{number}'))}" for number in range(len(info.keys))]
    if info.proxy_command:
        lines.append(f"  ProxyCommand {info.proxy_command}")
    if info.forward_agent:
        lines.append("  ForwardAgent yes")
    if SHARES:
        lines += ["  ControlMaster auto", f"  ControlPath {quote(str(folder / 's'))}", f"  ControlPersist {PERSIST}"]
    return "\n".join(lines) + "\n"


def quote(path: str) -> str:
    """Return a path as ssh_config reads it: in double quotes, with ``%`` doubled (ssh_config(5), TOKENS)."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def load(project: Project, machine: Machine) -> SshInfo | None:
    """Return what is remembered of how to reach a machine; None when nothing is, or it is of another machine."""
    try:
        data = json.loads((project.machine_state(machine.name) / "ssh.json").read_text(encoding="utf-8"))
        keys = data.get("private_key_path") or []
        if data["id"] != machine.id:
            return None
        return SshInfo(
            id=str(data["id"]),
            host=str(data["host"]),
            port=int(data["port"]),
            user=str(data.get("username") or "vagrant"),
            keys=tuple([keys] if isinstance(keys, str) else [str(key) for key in keys]),
            proxy_command=data.get("proxy_command") or None,
            forward_agent=bool(data.get("forward_agent")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def save(project: Project, machine: Machine, info: SshInfo) -> None:
    """Remember how to reach a machine, in the form the Vagrantfile's trigger writes."""
    data = {
        "host": info.host,
        "port": info.port,
        "username": info.user,
        "private_key_path": list(info.keys),
        "proxy_command": info.proxy_command,
        "forward_agent": info.forward_agent,
        "id": info.id,
        "provider": machine.provider,
    }
    write_private(project.machine_state(machine.name) / "ssh.json", json.dumps(data) + "\n")


def unreachable(connection: Connection, stderr: str) -> BoxError:
    """Return the error for an ssh that exited with 255, by what it said."""
    name = connection.machine.name
    where = f"{connection.info.host} port {connection.info.port}"
    text = stderr.lower()
    if "host identification has changed" in text or "host key verification failed" in text:
        return BoxError(
            f"what answers on {where} is not the machine {name}: its host key is another one",
            hint="if you rebuilt it by other means, run: devenv up --trust-host-key",
        )
    if "permission denied" in text:
        return BoxError(f"{name} ({where}) refuses the key", hint="devenv reload, or devenv destroy and devenv up")
    last = ([line for line in stderr.splitlines() if line.strip()] or ["no answer"])[-1]
    return BoxError(f"{name} cannot be reached on {where}: {last}", hint="look at: devenv status; devenv up")


def guest_folder(sync: Sequence[tuple[Path, str]], current: Path) -> str | None:
    """Return the guest's folder for a host folder, by the longest synced folder that holds it; None when none does."""
    best: tuple[int, str] | None = None
    for host, guest in sync:
        try:
            rest = current.relative_to(host)
        except ValueError:
            continue
        depth = len(host.parts)
        if best is None or depth > best[0]:
            best = (depth, guest if str(rest) == "." else f"{guest.rstrip('/')}/{rest.as_posix()}")
    return best[1] if best else None


def _link(link: Path, target: str) -> None:
    """Point a link at target; where links cannot be made (Windows without the right to), copy the file."""
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(target)
    except OSError:
        link.write_bytes(Path(target).read_bytes())
        link.chmod(0o600)
