"""Every key of devenv.yaml, once: what it accepts, its default, what it is for, examples.

From this table come the validation (``spec``), the JSON Schema for editors (``json_schema``) and the reference
(``reference``).
"""

from collections.abc import Mapping
from typing import Any

from devenv.box.kinds import (
    Fields,
    Flag,
    Free,
    Key,
    ListOf,
    Located,
    MapOf,
    Place,
    Record,
    Text,
    Whole,
    describe,
)
from devenv.box.lock import Json, LockedPort, LockedSync
from devenv.box.values import (
    PROVIDER,
    PROVIDERS,
    Packages,
    Port,
    ProvisionStep,
    Size,
    Step,
    Sync,
    Variable,
)
from devenv.box.yamlfile import Node

DEFAULT_BOX = "devenv/debian-12"
DEFAULT_SYNC = LockedSync(".", "/vagrant")

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_BOX_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"

VERSION = Key[int](
    "version",
    Whole("a version of devenv.yaml that this devenv reads", 1, 1),
    1,
    "The version of this file's form. There is only 1 so far.",
    type="1",
    examples=("1",),
)
NAME = Key[str | None](
    "name",
    Text(
        "a name",
        r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?",
        "letters, digits, dots and dashes, beginning with a letter or digit",
        most=63,
    ),
    None,
    "What the project is called. Machines and hostnames are named after it.",
    type="text",
    shown="the folder's name, made valid",
    examples=("hello",),
)
BOX = Key[str](
    "box",
    Text("a box name", f"{_BOX_PART}(?:/{_BOX_PART})?", "such as devenv/debian-12; an address goes into box_url"),
    DEFAULT_BOX,
    "The base box. Boxes called `devenv/…` are built on this machine when they are not there; any other name is "
    "looked up by Vagrant.",
    type="text",
    examples=("devenv/debian-12", "debian/bookworm64"),
)
BOX_VERSION = Key[str | None](
    "box_version",
    Text("a version", r"[0-9A-Za-z][0-9A-Za-z.+_~-]*", "one exact version; devenv.lock pins it", most=128, number=True),
    None,
    "One exact version of the box. Without it the newest is taken at the first `devenv up` and kept in devenv.lock.",
    type="text",
    shown="the version in devenv.lock, or else the newest",
    examples=('"12.20240905.1"',),
)
BOX_URL = Key[str | None](
    "box_url",
    Text("an address", r"(?:https?|file)://[!-~]+", "it begins with https://, http:// or file://", most=2048),
    None,
    "Where Vagrant gets the box when it is in no catalogue.",
    type="text",
    shown="none: Vagrant looks the name up",
    examples=("https://boxes.example.com/acme.json",),
)
HOSTNAME = Key[str | None](
    "hostname",
    Text(
        "a hostname",
        rf"{_LABEL}(?:\.{_LABEL})*",
        "letters, digits and dashes, at most 63 between dots, no dash at either end",
        most=253,
    ),
    None,
    "What the box calls itself (RFC 1123).",
    type="text",
    shown="the name; with several machines name-machine",
    examples=("hello", "hello.example.test"),
)
CPUS = Key[int](
    "cpus",
    Whole("a number of processors", 1, 1024),
    2,
    "How many processors the box has.",
    type="whole number",
    examples=("4",),
)
MEMORY = Key[int](
    "memory",
    Size(),
    1024,
    "How much memory the box has, in MiB, or with a unit. Units count in 1024s, as every provider does: MB is MiB, GB "
    "is GiB. At least 64 MiB.",
    type="whole number or text",
    examples=("2048", '"2 GiB"', '"512 MB"'),
)
PORTS = Key[tuple[Located[LockedPort], ...]](
    "ports",
    ListOf("ports", Port()),
    (),
    'Ports of the box that can be reached on the host. `8080` is the same port on both sides, `"8081:80"` is '
    "host:guest, `/udp` at the end is for UDP. They are bound to 127.0.0.1 unless an address comes first; IPv6 "
    "addresses stand in brackets. The long form has `guest`, `host`, `protocol` and `address`.",
    type="list of numbers, texts or mappings",
    shown="[]",
    examples=(
        '[8080, "8081:80", "53:53/udp", "0.0.0.0:8443:443", "[::1]:9000:9000"]',
        "- {guest: 5432, host: 15432}\n- {guest: 53, protocol: udp, address: 127.0.0.1}",
    ),
)
SYNC = Key[tuple[Located[LockedSync], ...]](
    "sync",
    ListOf("synced folders", Sync()),
    (Located(DEFAULT_SYNC, Node(0, 0, None)),),
    "Folders of the host that the box shares, as `host:guest`. The host's side is relative to devenv.yaml. The long "
    "form has `host`, `guest` and `type`: one way for all providers, or a mapping with a way for each. `auto` takes "
    "what Vagrant thinks best. `[]` shares nothing.",
    type="list of texts or mappings",
    shown='[".:/vagrant"]',
    examples=(
        '[".:/vagrant"]',
        "- .:/vagrant\n- {host: ., guest: /srv/app, type: rsync}\n"
        "- {host: ., guest: /data, type: {libvirt: 9p, virtualbox: auto}}",
    ),
)
PACKAGES = Key[Mapping[str, tuple[str, ...]]](
    "packages",
    Packages(),
    {},
    "Packages to install with the box's own tool: apt, dnf or apk. Where they are called differently, give a list for "
    "each tool.",
    type="list of texts, or mapping of tool to list",
    shown="[]",
    examples=("[git, curl]", "apt: [python3-venv]\ndnf: [python3]\napk: [python3, py3-pip]"),
)
ENV = Key[Mapping[str, Located[str]]](
    "env",
    MapOf(
        "variables",
        Text("a variable's name", r"[A-Za-z_][A-Za-z0-9_]*", "letters, digits and _, no digit first"),
        Variable(),
    ),
    {},
    "Environment variables for every login in the box, for `devenv run` and for the provisioning steps. Values are "
    "taken literally: nothing in them is expanded. Numbers and true/false are taken as they are written, so `3.10` "
    "stays `3.10`.",
    type="mapping of names to text, numbers or true/false",
    shown="{}",
    examples=("DEBUG: true\nPORT: 8080\nGREETING: It's $5, `really`",),
)
TRUST = Key[bool](
    "trust_host_certificates",
    Flag(),
    False,
    "Copy the certificate authorities that the host trusts into the box, so that pip, curl, git and node work there "
    "behind a proxy that re-signs TLS.",
    type="true or false",
    shown="false",
    examples=("true",),
)
PROVISION = Key[tuple[Located[Step], ...]](
    "provision",
    ListOf("steps", ProvisionStep()),
    (),
    "Steps that set the box up, in order, after those that `trust_host_certificates`, `env` and `packages` stand for. "
    "Each has a `name` and either `run` (commands for the shell) or `path` (a script inside the project). "
    "`privileged` is true by default, as with Vagrant's own shell provisioner: the step runs as root. `when: once` "
    "runs a step until it has succeeded, and again when it was changed; `when: always` at every `devenv up`. What a "
    "step did is not undone when it is taken out: `devenv destroy` and `devenv up` make a fresh box.",
    type="list of mappings",
    shown="[]",
    examples=(
        "- name: database\n  path: scripts/database.sh\n"
        "- name: serve\n  run: systemctl --user restart hello\n  privileged: false\n  when: always",
    ),
)
PROVIDER_KEY = Key[str | None](
    "provider",
    PROVIDER,
    None,
    f"The provider to prefer: {', '.join(PROVIDERS)}. The `--provider` flag and VAGRANT_DEFAULT_PROVIDER come first.",
    type="text",
    shown="the first that works on this machine",
    examples=("docker",),
)
PROVIDER_SETTINGS = Key[Mapping[str, Located[dict[str, Located[Json]]]]](
    "providers",
    MapOf(
        "providers",
        PROVIDER,
        MapOf("settings", Text("a setting's name", r"[a-z][a-z0-9_]*", "small letters, digits and _"), Free()),
    ),
    {},
    "Settings for one provider each, passed to it as they are. Which there are is in the documentation of Vagrant and "
    "of the provider's plugin.",
    type="mapping of providers to settings",
    shown="{}",
    examples=(
        'virtualbox:\n  gui: false\n  customize:\n    - [modifyvm, ":id", --nested-hw-virt, "on"]\n'
        "libvirt:\n  driver: qemu\n  cpu_mode: maximum",
    ),
)
PRIMARY = Key[bool](
    "primary",
    Flag(),
    False,
    "Whether commands mean this machine when none is named. At most one machine can be primary.",
    type="true or false",
    shown="true for the first machine when none says so",
    examples=("true",),
)

SHARED: tuple[Key[Any], ...] = (
    BOX,
    BOX_VERSION,
    BOX_URL,
    HOSTNAME,
    CPUS,
    MEMORY,
    PORTS,
    SYNC,
    PACKAGES,
    ENV,
    TRUST,
    PROVISION,
    PROVIDER_KEY,
    PROVIDER_SETTINGS,
)
"""The keys that may stand at the top and, overriding that, in each machine."""

MACHINE = Record("a machine", (*SHARED, PRIMARY))


class Machine:
    """One entry of machines; nothing at all stands for a machine that overrides nothing."""

    def read(self, node: Node, place: Place) -> Fields:
        return Fields(node, {}) if node.value is None else MACHINE.read(node, place)

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [{"type": "null"}, {"$ref": "#/definitions/machine"}]}


MACHINES = Key[Mapping[str, Located[Fields]]](
    "machines",
    MapOf(
        "machines",
        Text("a machine's name", "[A-Za-z0-9][A-Za-z0-9_-]*", "letters, digits, - and _", most=63),
        Machine(),
    ),
    {},
    "Several machines, by name. Each has what stands at the top of the file, and may override any of it: a list or "
    "text replaces the one at the top, while `env` is merged variable by variable and `providers` setting by setting. "
    "Machines share the host, so each needs its own host ports.",
    type="mapping of names to mappings",
    shown="one machine, called default",
    examples=(
        'web:\n  primary: true\n  ports: ["8080:80"]\ndb:\n  memory: 2 GiB\n  ports: [5432]\n'
        "  packages: [postgresql]\n  env: {ROLE: database}",
    ),
)

TOP = Record("a devenv.yaml", (VERSION, NAME, *SHARED, MACHINES))
"""The whole file."""


def json_schema() -> dict[str, Json]:
    """Return the JSON Schema (draft 7, which editors know best) of devenv.yaml."""

    def refer(keys: tuple[Key[Any], ...]) -> dict[str, Json]:
        return {key.name: {"$ref": f"#/definitions/{key.name}"} for key in keys}

    machine: dict[str, Json] = {"type": "object", "properties": refer(MACHINE.keys), "additionalProperties": False}
    definitions: dict[str, Json] = {key.name: _definition(key) for key in (*TOP.keys, PRIMARY)}
    definitions["machine"] = machine
    definitions["free"] = Free.definition()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "devenv.yaml",
        "description": "A development box: what it is made from, what it shares with the host, how it is set up.",
        "type": "object",
        "properties": refer(TOP.keys),
        "additionalProperties": False,
        "definitions": definitions,
    }


def _definition(key: Key[Any]) -> dict[str, Json]:
    schema = describe(key)
    if isinstance(key.default, bool | int | str):
        schema["default"] = key.default
    return schema
