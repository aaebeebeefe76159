"""devenv.yaml -> Spec: every default filled in, every machine complete, every problem found at once.

``load`` reads a project's file, ``parse`` its bytes. What a value may be is said in ``schema``; here values are
inherited from the top of the file and become machines, and ``checks`` looks at what can only be seen from afar (a
port given twice, a script that is not there).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from devenv import paths
from devenv.box import schema, yamlfile
from devenv.box.kinds import Fields, Key, Located, Place, Wrong
from devenv.box.lock import DEFAULT_MACHINE, Json, LockedPort, LockedSync
from devenv.box.names import valid_label, valid_name
from devenv.box.project import other_tool, refuse_other_tool
from devenv.box.values import Step
from devenv.box.yamlfile import Node, Report
from devenv.errors import ConfigError

__all__ = ["MachineSpec", "Spec", "Step", "load", "parse"]

T = TypeVar("T")

OTHER_TOOL_KEY = "inputs"


@dataclass(frozen=True)
class MachineSpec:
    """One machine, everything resolved; memory in MiB, packages by tool (apt, dnf, apk)."""

    name: str
    primary: bool
    box: str
    box_version: str | None
    box_url: str | None
    provider: str | None
    hostname: str
    cpus: int
    memory: int
    ports: tuple[LockedPort, ...]
    sync: tuple[LockedSync, ...]
    packages: Mapping[str, tuple[str, ...]]
    env: Mapping[str, str]
    trust_host_certificates: bool
    provision: tuple[Step, ...]
    providers: Mapping[str, Mapping[str, Json]]


@dataclass(frozen=True)
class Spec:
    """What devenv.yaml asks for; file and sha256 say which bytes it was read from."""

    name: str
    file: str
    sha256: str
    machines: tuple[MachineSpec, ...]


def load(file: Path) -> Spec:
    """Return the Spec in a project's devenv.yaml; raise ConfigError with all its problems."""
    refuse_other_tool(file.parent)
    return parse(yamlfile.read_bytes(file), project_dir=file.parent, file=file.name)


def parse(data: bytes, *, project_dir: Path, file: str = paths.CONFIG) -> Spec:
    """Return the Spec in data; raise ConfigError with all its problems.

    project_dir names the project where data does not, and is where folders and scripts are looked for.
    """
    from devenv.box import checks

    report = Report(file)
    root = yamlfile.parse(data, report)
    if isinstance(root.value, dict) and OTHER_TOOL_KEY in root.value:
        where = (root.keys or {})[OTHER_TOOL_KEY]
        raise other_tool(file, where.line, where.column)
    drafts = read(root, report, project_dir)
    checks.check(drafts.machines, project_dir)
    report.check()
    return Spec(
        name=drafts.name,
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        machines=tuple(draft.machine() for draft in drafts.machines),
    )


@dataclass(frozen=True)
class Draft:
    """A machine's values with their places, before they are checked against each other."""

    name: str
    place: Place
    primary: Located[bool]
    hostname: Located[str]
    ports: tuple[Located[LockedPort], ...]
    sync: tuple[Located[LockedSync], ...]
    env: Mapping[str, Located[str]]
    provision: tuple[Located[Step], ...]
    own: Fields
    top: Fields

    def get(self, key: Key[T]) -> T:
        return self.own.get(key) if key in self.own else self.top.get(key)

    def machine(self) -> MachineSpec:
        return MachineSpec(
            name=self.name,
            primary=self.primary.value,
            box=self.get(schema.BOX),
            box_version=self.get(schema.BOX_VERSION),
            box_url=self.get(schema.BOX_URL),
            provider=self.get(schema.PROVIDER_KEY),
            hostname=self.hostname.value,
            cpus=self.get(schema.CPUS),
            memory=self.get(schema.MEMORY),
            ports=tuple(port.value for port in self.ports),
            sync=tuple(sync.value for sync in self.sync),
            packages=self.get(schema.PACKAGES),
            env={name: value.value for name, value in self.env.items()},
            trust_host_certificates=self.get(schema.TRUST),
            provision=tuple(step.value for step in self.provision),
            providers=_providers(self.top, self.own),
        )


@dataclass(frozen=True)
class Drafts:
    """All machines of a file, the first one primary unless another says it is."""

    name: str
    machines: tuple[Draft, ...]


def read(root: Node, report: Report, project_dir: Path) -> Drafts:
    """Return the machines in a tree, putting in report every value that the schema does not allow."""
    place = Place(report)
    try:
        top = schema.TOP.read(root, place)
    except Wrong as exc:
        report.add(exc.node or root, "", f"{exc.message}: it must be a mapping of keys to values")
        raise ConfigError(report.problems) from exc
    name = top.get(schema.NAME) or valid_name(project_dir.resolve().name)
    named = top.get(schema.MACHINES)
    if not named:
        alone = _draft(DEFAULT_MACHINE, place, top, Fields(root, {}), Located(True, root), valid_label(name))
        return Drafts(name, (alone,))
    says_primary = any(fields.value.get(schema.PRIMARY) for fields in named.values())
    drafts = []
    for index, (machine, found) in enumerate(named.items()):
        own = found.value
        primary = own.get(schema.PRIMARY) if says_primary else index == 0
        below = place.below(schema.MACHINES.name).below(machine)
        located = Located(primary, own.at(schema.PRIMARY))
        drafts.append(_draft(machine, below, top, own, located, valid_label(f"{name}-{machine}")))
    return Drafts(name, tuple(drafts))


def _draft(name: str, place: Place, top: Fields, own: Fields, primary: Located[bool], hostname: str) -> Draft:
    def pick(key: Key[T]) -> Located[T]:
        fields = own if key in own else top
        return Located(fields.get(key), fields.at(key))

    given = pick(schema.HOSTNAME)
    return Draft(
        name=name,
        place=place,
        primary=primary,
        hostname=Located(given.value, given.node) if given.value else Located(hostname, own.node),
        ports=pick(schema.PORTS).value,
        sync=pick(schema.SYNC).value,
        env={**top.get(schema.ENV), **own.get(schema.ENV)},
        provision=pick(schema.PROVISION).value,
        own=own,
        top=top,
    )


def _providers(top: Fields, own: Fields) -> dict[str, dict[str, Json]]:
    merged: dict[str, dict[str, Json]] = {}
    for fields in (top, own):
        for provider, settings in fields.get(schema.PROVIDER_SETTINGS).items():
            values = {key: setting.value for key, setting in settings.value.items()}
            merged.setdefault(provider, {}).update(values)
    return merged
