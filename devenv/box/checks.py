"""What is wrong in devenv.yaml although every value alone is right: things given twice, things that are not there."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from devenv.box import schema
from devenv.box.kinds import Key, Located, Place
from devenv.box.lock import LockedPort
from devenv.box.yamlfile import Node

if TYPE_CHECKING:
    from devenv.box.spec import Draft

T = TypeVar("T")

MAX_SCRIPT = 1024 * 1024
"""Bytes in a script that ``path`` names."""


def check(machines: "tuple[Draft, ...]", project_dir: Path) -> None:
    """Report what is wrong with the machines of one file, each alone and among each other."""
    for draft in machines:
        # what a machine inherits is reported where it stands, under the top's key
        _ports(draft)
        _sync(draft, project_dir)
        _steps(draft, project_dir)
        _environment(draft)
    _shared_ports(machines)
    _shared_hostnames(machines)
    _one_primary(machines)


def _place(draft: "Draft", key: Key[Any]) -> Place:
    """Return the place of a machine's value: its own, or the one at the top that it inherits."""
    return (draft.place if key in draft.own else Place(draft.place.report)).below(key.name)


def _twice(items: Iterable[Located[T]], name: Callable[[T], str], place: Place, what: str) -> None:
    first: dict[str, Located[T]] = {}
    for item in items:
        key = name(item.value)
        if key in first and key:
            place.add(item.node, f"{what} {key} is there twice", f"first in line {first[key].node.line}")
        first.setdefault(key, item)


def _ports(draft: "Draft") -> None:
    place = _place(draft, schema.PORTS)
    seen: dict[tuple[int, str], list[Located[LockedPort]]] = {}
    for port in draft.ports:
        alike = seen.setdefault((port.value.host, port.value.protocol), [])
        for earlier in alike:
            if collide(port.value, earlier.value):
                message = f"host port {port.value.host}/{port.value.protocol} is there twice"
                place.add(port.node, message, f"first in line {earlier.node.line}")
                break
        alike.append(port)


def collide(one: LockedPort, other: LockedPort) -> bool:
    """Return whether two ports cannot be bound on one host at the same time."""
    if (one.host, one.protocol) != (other.host, other.protocol):
        return False
    addresses = [ipaddress.ip_address(port.address) for port in (one, other)]
    return addresses[0] == addresses[1] or any(address.is_unspecified for address in addresses)


def _sync(draft: "Draft", project_dir: Path) -> None:
    place = _place(draft, schema.SYNC)
    _twice(draft.sync, lambda sync: sync.guest, place, "the box's folder")
    for sync in draft.sync:
        host = sync.value.host
        # ~ and folders outside the project differ from host to host; Vagrant looks at them when it needs them
        if not host.startswith(("~", "/", "\\")) and ":" not in host and not (project_dir / host).is_dir():
            place.add(sync.node, f"{host} is not a folder here", "make it, or leave it out")


def _steps(draft: "Draft", project_dir: Path) -> None:
    place = _place(draft, schema.PROVISION)
    _twice(draft.provision, lambda step: step.name, place, "the step")
    root = project_dir.resolve()
    for step in draft.provision:
        if step.value.path is None:
            continue
        at = Node(step.value.line, step.value.column, None)
        try:
            real = (project_dir / step.value.path).resolve()
            if not real.is_relative_to(root):
                place.add(at, f"{step.value.path} lies outside the project")
            elif not real.exists():
                place.add(at, f"{step.value.path} is not there", "paths are relative to devenv.yaml")
            elif not real.is_file():
                place.add(at, f"{step.value.path} is not a file")
            elif real.stat().st_size > MAX_SCRIPT:
                place.add(at, f"{step.value.path} is larger than {MAX_SCRIPT // 1024} KiB")
        except (OSError, RuntimeError):
            place.add(at, f"{step.value.path} cannot be looked at")


def _environment(draft: "Draft") -> None:
    path = draft.env.get("PATH")
    if path is not None and re.search(r"\$\{?PATH", path.value):
        _place(draft, schema.ENV).below("PATH").add(
            path.node, "$PATH is not expanded: values are taken literally", "write the whole path"
        )


def _shared_ports(machines: "tuple[Draft, ...]") -> None:
    seen: dict[tuple[int, str], list[tuple[Draft, LockedPort]]] = {}
    for draft in machines:
        for port in draft.ports:
            alike = seen.setdefault((port.value.host, port.value.protocol), [])
            for other, theirs in alike:
                if other is not draft and collide(port.value, theirs):
                    message = f"host port {port.value.host}/{port.value.protocol} is used by {other.name} too"
                    where = port.node if schema.PORTS in draft.own else draft.own.node
                    draft.place.below(schema.PORTS.name).add(where, message, "give one of them another host port")
                    break
            alike.append((draft, port.value))


def _shared_hostnames(machines: "tuple[Draft, ...]") -> None:
    first: dict[str, str] = {}
    for draft in machines:
        hostname = draft.hostname.value.lower()
        if hostname in first:
            message = f"{first[hostname]} and {draft.name} would both be called {hostname}"
            _place(draft, schema.HOSTNAME).add(draft.hostname.node, message, "give each machine its own hostname")
        first.setdefault(hostname, draft.name)


def _one_primary(machines: "tuple[Draft, ...]") -> None:
    primary = [draft for draft in machines if draft.primary.value]
    for draft in primary[1:]:
        draft.place.below("primary").add(draft.primary.node, f"{primary[0].name} is primary already")
