"""devenv.lock: a Spec with every default resolved, as JSON that Vagrant, devenv and people read.

``resolve`` makes a Lock of a Spec, ``dumps`` and ``loads`` are its text form, ``read`` and ``write`` its file.
The text depends on nothing but the Lock: keys in one order, two blanks of indent, ASCII only (Ruby reads the file
in whatever encoding the locale names), one newline at the end.

This module is read by every command, so it imports nothing slow: its records are named tuples, because importing and
applying ``dataclass`` to them takes longer than all the rest of ``devenv status``.
"""

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from devenv import paths
from devenv.errors import ConfigError, Problem

if TYPE_CHECKING:
    from devenv.box.spec import MachineSpec, Spec, Step

VERSION = 1
"""The version of the lock's own form."""

MAX_BYTES = 8 * 1024 * 1024
"""A lock larger than this is not one of ours; it is not read any further."""

RENEW = "delete it and run devenv up, which writes it anew"
"""The hint of every problem with a lock."""

DEFAULT_MACHINE = "default"
"""What a machine is called when devenv.yaml names none; Vagrant's own word for it."""

EMPTY: Mapping[str, Any] = MappingProxyType({})
"""The default of a mapping: records share it, so nobody may be able to change it."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class LockedSource(NamedTuple):
    """The file the lock was made from: its name and the SHA-256 of its bytes, in hex."""

    file: str
    sha256: str


class LockedBox(NamedTuple):
    """A base box; version is None until one was chosen, checksums map a provider to ``sha256:…``."""

    name: str
    version: str | None = None
    url: str | None = None
    checksums: Mapping[str, str] = EMPTY


class LockedPort(NamedTuple):
    """One port of the guest reachable on the host; address is the host's, without brackets."""

    guest: int
    host: int
    protocol: str = "tcp"
    address: str = "127.0.0.1"


class LockedSync(NamedTuple):
    """One shared folder; type None lets Vagrant choose, types overrides it for the providers named."""

    host: str
    guest: str
    type: str | None = None
    types: Mapping[str, str] = EMPTY


class LockedStep(NamedTuple):
    """One provisioning step: either run (text for sh) or path (a file, relative to the project).

    ``source`` is the key of devenv.yaml it comes from, ``when`` is ``once`` or ``always``, ``sha256`` is what
    ``step_digest`` says. A step with ``payload`` is given one file of the host: the first of these that exists
    (``$NAME`` stands for the path in that environment variable); the guest finds it in ``$DEVENV_PAYLOAD``.
    """

    name: str
    source: str
    privileged: bool
    when: str
    sha256: str
    run: str | None = None
    path: str | None = None
    payload: tuple[str, ...] = ()


class LockedMachine(NamedTuple):
    """One machine, ready for Vagrant; memory in MiB, provider None means: whichever works here."""

    primary: bool
    box: LockedBox
    provider: str | None
    hostname: str
    cpus: int
    memory: int
    ports: tuple[LockedPort, ...] = ()
    sync: tuple[LockedSync, ...] = ()
    steps: tuple[LockedStep, ...] = ()
    providers: Mapping[str, Mapping[str, Json]] = EMPTY


class Lock(NamedTuple):
    """Everything in devenv.lock; runner is the sh text that runs and records the steps inside a box."""

    name: str
    source: LockedSource
    runner: str
    machines: Mapping[str, LockedMachine]
    version: int = VERSION

    @property
    def primary(self) -> str:
        """The name of the machine meant when none is named."""
        return next(name for name, machine in self.machines.items() if machine.primary)


# ---- Spec -> Lock


def resolve(spec: "Spec", *, project_dir: Path, previous: Lock | None = None, runner: str | None = None) -> Lock:
    """Return the Lock of spec, with the box versions and checksums of previous where the box is still the same.

    Reads the scripts of ``path:`` steps below project_dir for their hash, and writes nothing. ``runner`` is the
    text of guest/runner.sh unless given.
    """
    from devenv.box.implied import script, steps

    return Lock(
        name=spec.name,
        source=LockedSource(spec.file, spec.sha256),
        runner=script("runner") if runner is None else runner,
        machines={
            machine.name: LockedMachine(
                primary=machine.primary,
                box=_box(machine, previous),
                provider=machine.provider,
                hostname=machine.hostname,
                cpus=machine.cpus,
                memory=machine.memory,
                ports=machine.ports,
                sync=machine.sync,
                steps=(*steps(machine), *(_step(step, project_dir, spec.file) for step in machine.provision)),
                providers=machine.providers,
            )
            for machine in spec.machines
        },
    )


def _box(machine: "MachineSpec", previous: Lock | None) -> LockedBox:
    wanted = LockedBox(machine.box, machine.box_version, machine.box_url)
    before = dict(previous.machines) if previous else {}
    # the machine's own entry first; a new machine joins the version its neighbours already have
    for old in [before.pop(machine.name, None), *before.values()]:
        if old is None or (old.box.name, old.box.url) != (wanted.name, wanted.url):
            continue
        if wanted.version in (None, old.box.version):
            return old.box
    return wanted


def _step(step: "Step", project_dir: Path, file: str) -> LockedStep:
    if step.path is None:
        content = (step.run or "").encode()
    else:
        try:
            content = (project_dir / step.path).read_bytes()
        except OSError as exc:
            message = f"{step.path} cannot be read: {exc.strerror}"
            raise ConfigError([Problem(file, step.line, step.column, "provision", message)]) from exc
    digest = step_digest(step.name, content, privileged=step.privileged)
    return LockedStep(step.name, "provision", step.privileged, step.when, digest, step.run, step.path)


def step_digest(name: str, content: bytes, *, privileged: bool) -> str:
    """Return the SHA-256, in hex, of what makes a step run again: its name, its text or file, and who runs it."""
    import hashlib

    who = "root" if privileged else "user"
    return hashlib.sha256(f"{name}\0{who}\0".encode() + content).hexdigest()


def with_box(lock: Lock, machine: str, provider: str, version: str | None, checksum: str | None) -> Lock:
    """Return lock with the box of one machine pinned: its version, and its checksum (``sha256:…``) for provider."""
    old = lock.machines[machine]
    # checksums of other providers belong to the version they were taken from
    checksums = dict(old.box.checksums) if version == old.box.version else {}
    if checksum is not None:
        checksums[provider] = checksum
    box = old.box._replace(version=version, checksums=dict(sorted(checksums.items())))
    return lock._replace(machines={**lock.machines, machine: old._replace(box=box)})


def drift(lock: Lock, yaml_bytes: bytes) -> bool:
    """Return whether devenv.yaml is no longer the file the lock was made from."""
    import hashlib

    return hashlib.sha256(yaml_bytes).hexdigest() != lock.source.sha256


# ---- Lock <-> text


def dumps(lock: Lock) -> str:
    """Return the text of devenv.lock; the same text for the same Lock, always."""
    data: dict[str, Json] = {
        "version": lock.version,
        "name": lock.name,
        "source": {"file": lock.source.file, "sha256": lock.source.sha256},
        "runner": lock.runner,
        "machines": {name: _machine_json(machine) for name, machine in lock.machines.items()},
    }
    return json.dumps(data, indent=2, allow_nan=False) + "\n"


def _machine_json(machine: LockedMachine) -> Json:
    box = machine.box
    return {
        "primary": machine.primary,
        "box": {"name": box.name, "version": box.version, "url": box.url, "checksums": dict(box.checksums)},
        "provider": machine.provider,
        "hostname": machine.hostname,
        "cpus": machine.cpus,
        "memory": machine.memory,
        "ports": [
            {"guest": port.guest, "host": port.host, "protocol": port.protocol, "address": port.address}
            for port in machine.ports
        ],
        "sync": [
            {"host": sync.host, "guest": sync.guest, "type": sync.type, "types": dict(sync.types)}
            for sync in machine.sync
        ],
        "steps": [_step_json(step) for step in machine.steps],
        "providers": {name: dict(settings) for name, settings in machine.providers.items()},
    }


def _step_json(step: LockedStep) -> Json:
    data: dict[str, Json] = {
        "name": step.name,
        "source": step.source,
        "privileged": step.privileged,
        "when": step.when,
        "sha256": step.sha256,
    }
    if step.run is not None:
        data["run"] = step.run
    if step.path is not None:
        data["path"] = step.path
    if step.payload:
        data["payload"] = list(step.payload)
    return data


def loads(text: str, file: str = paths.LOCK) -> Lock:
    """Return the Lock in text; raise ConfigError with the place of whatever is not as dumps writes it."""
    from devenv.box import lockcheck

    return lockcheck.parse(text, file)


# ---- Lock <-> file


def read(path: Path) -> Lock | None:
    """Return the Lock in the file, None when there is no such file; raise ConfigError when it is wrong."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ConfigError([Problem(path.name, 0, 0, "", f"cannot be read: {exc.strerror}")]) from exc
    if len(data) > MAX_BYTES:
        raise ConfigError([Problem(path.name, 0, 0, "", f"is larger than {MAX_BYTES >> 20} MiB")], hint=RENEW)
    try:
        text = data.decode()
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        column = exc.start - data.rfind(b"\n", 0, exc.start)
        raise ConfigError([Problem(path.name, line, column, "", "is not UTF-8 text")], hint=RENEW) from exc
    return loads(text, path.name)


def write(path: Path, lock: Lock) -> bool:
    """Make the file hold lock, whole or not at all; return whether it had to be written.

    A file that holds the same text already is left alone, its modification time too.
    """
    data = dumps(lock).encode()
    path = path.resolve()  # a link stays a link: what it points to is replaced
    try:
        if _holds(path, data):
            return False
        _replace(path, data)
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            # nothing is wrong with the file
            raise OSError(exc.errno, exc.strerror, str(path)) from exc
        raise ConfigError([Problem(path.name, 0, 0, "", f"cannot be written: {exc.strerror}")]) from exc
    return True


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
