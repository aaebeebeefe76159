"""Host ports for a box: taken or free, and who gets which when several boxes start at once."""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from devenv.box.filelock import locked
from devenv.box.lock import LockedPort
from devenv.errors import BoxError
from devenv.paths import user_cache

TRIES = 200
"""How many ports above the wanted one are tried."""
LEASE = 600.0
"""Seconds a port stays reserved for a box that is starting; a box's start takes less."""


def is_free(port: int, address: str = "127.0.0.1", protocol: str = "tcp") -> bool:
    """Say whether a port of this machine can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    with contextlib.closing(socket.socket(family, kind)) as probe:
        if protocol == "tcp" and os.name == "posix":
            # a connection that just ended does not make a port taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def answers(port: int, address: str = "127.0.0.1") -> bool:
    """Say whether something accepts a TCP connection there."""
    where = "127.0.0.1" if address in ("0.0.0.0", "") else "::1" if address == "::" else address
    try:
        with socket.create_connection((where, port), timeout=2):
            return True
    except OSError:
        return False


def choose(ports: Iterable[LockedPort], owner: str) -> dict[str, int]:
    """Return ``"guest/protocol"`` -> host port for the ports that cannot have the one they ask for.

    owner names the machine; what it is given is reserved for it until it has booted (or LEASE seconds).
    """
    moved: dict[str, int] = {}
    with _leases() as leases:
        for key in [key for key, lease in leases.items() if lease[0] == owner]:
            del leases[key]
        for port in ports:
            for candidate in range(port.host, min(port.host + TRIES, 65536)):
                key = f"{candidate}/{port.protocol}"
                if key not in leases and is_free(candidate, port.address, port.protocol):
                    break
            else:
                raise BoxError(f"port {port.host} is taken, and so are the {TRIES} after it")
            leases[key] = [owner, time.time() + LEASE]
            if candidate != port.host:
                moved[f"{port.guest}/{port.protocol}"] = candidate
    return moved


def release(owner: str) -> None:
    """Give back what was reserved for a machine: it is bound by now, or the start failed."""
    with _leases() as leases:
        for key in [key for key, lease in leases.items() if lease[0] == owner]:
            del leases[key]


@contextlib.contextmanager
def _leases() -> Iterator[dict[str, list[object]]]:
    file = user_cache() / "ports.json"
    with locked(file.with_suffix(".lock")):
        leases = _read(file)
        before = dict(leases)
        yield leases
        if leases != before:
            temporary = file.with_suffix(f".{os.getpid()}")
            temporary.write_text(json.dumps(leases), encoding="utf-8")
            temporary.replace(file)


def _read(file: Path) -> dict[str, list[object]]:
    """Return the reservations that still hold; a file that is not ours to read counts as empty."""
    now = time.time()
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        # one that ends later than any can was made before the clock was put back
        return {key: [str(owner), end] for key, (owner, end) in data.items() if now < end <= now + LEASE}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def user_of(port: int) -> str | None:
    """Return the name and id of the process that listens on a TCP port (Linux, where it may be seen); else None."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            # 0A is LISTEN (linux/include/net/tcp_states.h); the port is the hexadecimal part after the colon
            if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{words[9]}]")
    for folder in Path("/proc").glob("[0-9]*/fd") if inodes else ():
        try:
            if any(str(fd.readlink()) in inodes for fd in folder.iterdir()):
                name = (folder.parent / "comm").read_text(encoding="utf-8", errors="replace").strip()
                return f"{name} (process {folder.parent.name})"
        except OSError:
            continue
    return None
