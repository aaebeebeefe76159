"""The kinds of value that only devenv.yaml has: sizes, ports, synced folders, packages, variables, steps."""

import ipaddress
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from devenv.box.kinds import (
    NO_CONTROL,
    Choice,
    Fields,
    Flag,
    Key,
    ListOf,
    Located,
    MapOf,
    Place,
    Record,
    Text,
    Whole,
    Wrong,
    show,
)
from devenv.box.lock import Json, LockedPort, LockedSync
from devenv.box.yamlfile import Node

PROVIDERS = ("virtualbox", "libvirt", "docker", "lxc", "vmware_desktop", "parallels", "hyperv")
PACKAGE_TOOLS = ("apt", "dnf", "apk")
SYNC_TYPES = ("auto", "rsync", "nfs", "9p", "virtiofs", "virtualbox", "vmware", "parallels", "smb", "sshfs")
IMPLIED_STEPS = ("certificates", "environment", "packages")
"""The names of the steps that keys such as ``packages`` stand for."""

PROVIDER = Choice("a provider", PROVIDERS)

LEAST_MEMORY = 64
MOST_MEMORY = 16 * 1024 * 1024

_NUMBER = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_IPV6 = r"[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}"
_PORT = rf"(?:(?:({_IPV4}|\[{_IPV6}\]):)?({_NUMBER}):)?({_NUMBER})(?:/(tcp|udp))?"
_LOOSE_PORT = r"(?:(?P<address>.*?):)?(?:(?P<host>[^:\]]*):)?(?P<guest>[^:/\]]*)(?:/(?P<protocol>.*))?"
_SIZE = r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([mMgGtT]?)(?:[iI]?[bB])?"
_GUEST = r"(?!(?:.*/)?\.{1,2}(?:/|$))/+[^\u0000-\u001f\u007f/:][^\u0000-\u001f\u007f:]*"
_HOST = rf"{NO_CONTROL}+"
_FOLDERS = rf"({_HOST}?):({_GUEST})"
_PATH = rf"(?![/\\~])(?!(?:.*/)?\.\.(?:/|$)){NO_CONTROL}+"

PORT_FORMS = 'write 8080, "8081:80" (host:guest), "53:53/udp" or "0.0.0.0:8080:80"'


@dataclass(frozen=True)
class Size:
    """An amount of memory in MiB: a number, or text with a unit."""

    def read(self, node: Node, place: Place) -> int:
        text = node.text if isinstance(node.value, int | float | str) and not isinstance(node.value, bool) else ""
        match = re.fullmatch(_SIZE, text)
        if match is None or (isinstance(node.value, float) and not node.value.is_integer()):
            raise Wrong(f"{show(node)} is not a size", 'write 1024 (MiB) or "2 GiB"')
        factor = {"": 1, "m": 1, "g": 1024, "t": 1024 * 1024}[match[2].lower()]
        size = int(float(match[1]) * factor)
        if size < LEAST_MEMORY:
            raise Wrong(f"{show(node)} is too little", f"at least {LEAST_MEMORY} MiB")
        if size > MOST_MEMORY:
            raise Wrong(f"{show(node)} is too much", f"at most {MOST_MEMORY // 1024 // 1024} TiB")
        return size

    def schema(self) -> dict[str, Json]:
        return {
            "anyOf": [
                {"type": "integer", "minimum": LEAST_MEMORY, "maximum": MOST_MEMORY},
                {"type": "string", "pattern": f"^(?:{_SIZE})$"},
            ]
        }


def _port_number(text: str) -> int:
    if not re.fullmatch(_NUMBER, text):
        raise Wrong(f"{show(Node(0, 0, text, text))} is not a port", "1 to 65535")
    return int(text)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as exc:
        hint = "127.0.0.1 for this machine alone, 0.0.0.0 for the network"
        raise Wrong(f"{show(Node(0, 0, text, text))} is not an address", hint) from exc


PORT_GUEST = Key[int]("guest", Whole("a port", 1, 65535), 0, "The port inside the box.", required=True)
PORT_HOST = Key[int]("host", Whole("a port", 1, 65535), 0, "The port on the host; the same number unless given.")
PORT_PROTOCOL = Key[str]("protocol", Choice("a protocol", ("tcp", "udp")), "tcp", "tcp or udp.")
PORT_ADDRESS = Key[str](
    "address",
    Text("an address", f"{_IPV4}|{_IPV6}", "127.0.0.1 for this machine alone, 0.0.0.0 for the network"),
    "127.0.0.1",
    "The host's address the port is bound to.",
)


@dataclass(frozen=True)
class Port:
    """A forwarded port in any of its forms."""

    record = Record("a port", (PORT_GUEST, PORT_HOST, PORT_PROTOCOL, PORT_ADDRESS))

    def read(self, node: Node, place: Place) -> LockedPort:
        if isinstance(node.value, dict):
            fields = self.record.read(node, place)
            guest, host = fields.get(PORT_GUEST), fields.get(PORT_HOST)
            address = fields.get(PORT_ADDRESS)
            try:
                address = _address(address)
            except Wrong as exc:
                raise Wrong(exc.message, exc.hint, node=fields.at(PORT_ADDRESS)) from exc
            return LockedPort(guest, host or guest, fields.get(PORT_PROTOCOL), address)
        if isinstance(node.value, float) and node.value.is_integer() and 1 <= node.value <= 65535:
            return LockedPort(int(node.value), int(node.value))
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            if not 1 <= node.value <= 65535:
                raise Wrong(f"{show(node)} is not a port", "1 to 65535")
            return LockedPort(node.value, node.value)
        if not isinstance(node.value, str):
            raise Wrong(f"{show(node)} is not a port", PORT_FORMS)
        return self._text(node)

    def _text(self, node: Node) -> LockedPort:
        if match := re.fullmatch(_PORT, node.text):
            address, host, guest, protocol = match.groups()
            address = _address(address.strip("[]")) if address else PORT_ADDRESS.default
            return LockedPort(int(guest), int(host or guest), protocol or "tcp", address)
        # not a port: find the part to blame
        if loose := re.fullmatch(_LOOSE_PORT, node.text):
            if loose["guest"].isdigit() and (loose["host"] or "0").isdigit():
                _port_number(loose["guest"])
                _port_number(loose["host"] or loose["guest"])
            if loose["protocol"] not in (None, "tcp", "udp"):
                raise Wrong(f"{loose['protocol']} in {show(node)} is not a protocol", "tcp or udp")
            if loose["address"] and not loose["address"].isdigit() and loose["host"]:
                _address(loose["address"].strip("[]"))
        raise Wrong(f"{show(node)} is not a port", PORT_FORMS)

    def schema(self) -> dict[str, Json]:
        number: dict[str, Json] = {"type": "integer", "minimum": 1, "maximum": 65535}
        return {"anyOf": [number, {"type": "string", "pattern": f"^(?:{_PORT})$"}, self.record.schema()]}


_SYNC_TYPE = Choice("a way to sync", SYNC_TYPES)
_SYNC_TYPES = MapOf("providers", PROVIDER, _SYNC_TYPE)


@dataclass(frozen=True)
class SyncType:
    """One way to sync, or one for each provider; auto leaves it to Vagrant."""

    def read(self, node: Node, place: Place) -> tuple[str | None, dict[str, str]]:
        if isinstance(node.value, dict):
            found = _SYNC_TYPES.read(node, place)
            return None, {name: item.value for name, item in found.items() if item.value != "auto"}
        word = _SYNC_TYPE.read(node, place)
        return (None if word == "auto" else word), {}

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [_SYNC_TYPE.schema(), _SYNC_TYPES.schema()]}


SYNC_HOST = Key[str]("host", Text("a folder", _HOST, most=4096), ".", "The folder on the host, seen from devenv.yaml.")
SYNC_GUEST = Key[str](
    "guest",
    Text("a folder of the box", _GUEST, "it begins with / and has no .. in it", most=4096),
    "",
    "The folder inside the box.",
    required=True,
)
SYNC_TYPE = Key[tuple[str | None, dict[str, str]]](
    "type", SyncType(), (None, {}), f"How: {', '.join(SYNC_TYPES)}; or a mapping with a way for each provider."
)


@dataclass(frozen=True)
class Sync:
    """A folder shared between host and box."""

    record = Record("a synced folder", (SYNC_HOST, SYNC_GUEST, SYNC_TYPE))

    def read(self, node: Node, place: Place) -> LockedSync:
        if isinstance(node.value, dict):
            fields = self.record.read(node, place)
            way, ways = fields.get(SYNC_TYPE)
            guest = fields.get(SYNC_GUEST)
            return LockedSync(_host(fields.get(SYNC_HOST)), _folder(guest) if guest else "", way, ways)
        match = re.fullmatch(_FOLDERS, node.text) if isinstance(node.value, str) else None
        if match is None or len(node.text) > 4096:
            raise Wrong(f"{show(node)} is not a synced folder", "write ./folder:/folder/in/the/box")
        return LockedSync(_host(match[1]), _folder(match[2]))

    def schema(self) -> dict[str, Json]:
        text: dict[str, Json] = {"type": "string", "pattern": f"^(?:{_FOLDERS})$", "maxLength": 4096}
        return {"anyOf": [text, self.record.schema()]}


def _host(folder: str) -> str:
    """Return the host's folder in its shortest form: the project itself is ``.`` however it was written."""
    return posixpath.normpath(folder)


def _folder(guest: str) -> str:
    """Return the guest's folder without doubled or closing slashes, so that equal folders are equal text."""
    return "/" + posixpath.normpath(guest).lstrip("/")


_PACKAGE = Text("a package name", r"[A-Za-z0-9@](?:[A-Za-z0-9+._:~=@/-]*[A-Za-z0-9+._~])?")
_PACKAGE_LIST = ListOf("packages", _PACKAGE)
_PACKAGE_LISTS = MapOf("package tools", Choice("a package tool", PACKAGE_TOOLS), _PACKAGE_LIST)


@dataclass(frozen=True)
class Packages:
    """A list of packages, or one for each package tool; read as a mapping from tool to names."""

    def read(self, node: Node, place: Place) -> Mapping[str, tuple[str, ...]]:
        if isinstance(node.value, dict):
            found = _PACKAGE_LISTS.read(node, place)
            return {tool: _names(found[tool].value) for tool in PACKAGE_TOOLS if tool in found}
        names = _names(_PACKAGE_LIST.read(node, place))
        return dict.fromkeys(PACKAGE_TOOLS, names) if names else {}

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [_PACKAGE_LIST.schema(), _PACKAGE_LISTS.schema()]}


def _names(found: tuple[Located[str], ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.value for item in found))


@dataclass(frozen=True)
class Variable:
    """The value of an environment variable: text, or a number or true/false taken as it is written."""

    most = 32_768

    def read(self, node: Node, place: Place) -> str:
        if node.value is None and not node.text:
            raise Wrong("has no value", 'write "" for an empty one')
        if node.value is None or isinstance(node.value, list | dict):
            raise Wrong(f"{show(node)} is not the value of a variable", "text in quotes is")
        if "\0" in node.text:
            raise Wrong("a variable cannot hold the character NUL")
        if len(node.text) > self.most:
            raise Wrong("is too long for a variable", f"at most {self.most} characters")
        return node.text

    def schema(self) -> dict[str, Json]:
        text: dict[str, Json] = {"type": "string", "pattern": r"^[^\u0000]*$", "maxLength": self.most}
        return {"anyOf": [text, {"type": ["number", "boolean"]}]}


@dataclass(frozen=True)
class Step:
    """A provisioning step: run is text for sh, path a script relative to devenv.yaml; line and column its place."""

    name: str
    run: str | None = None
    path: str | None = None
    privileged: bool = True
    when: str = "once"
    line: int = 0
    column: int = 0


STEP_NAME = Key[str](
    "name",
    Text(
        "a step's name",
        r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9])?",
        "letters, digits, blanks, dots, dashes",
        most=63,
        forbidden=IMPLIED_STEPS,
    ),
    "",
    "Names the step in messages and in the record inside the box. Each name once.",
    required=True,
)
STEP_RUN = Key[str | None](
    "run",
    Text("a script", r"[^\u0000]+", most=262_144),
    None,
    "The commands, run by a login shell: bash, or sh where there is none; or by what a first line `#!…` names.",
)
STEP_PATH = Key[str | None](
    "path",
    Text("a path inside the project", _PATH, "relative to devenv.yaml, without .."),
    None,
    "A script in the project, relative to devenv.yaml.",
)
STEP_PRIVILEGED = Key[bool]("privileged", Flag(), True, "Run as root; false runs as the box's own user.")
STEP_WHEN = Key[str](
    "when",
    Choice("a time to run", ("once", "always")),
    "once",
    "once: until it has succeeded, and again when it was changed. always: at every `devenv up`.",
)


@dataclass(frozen=True)
class ProvisionStep:
    """One item of provision."""

    record = Record(
        "a step",
        (STEP_NAME, STEP_RUN, STEP_PATH, STEP_PRIVILEGED, STEP_WHEN),
        {"oneOf": [{"required": ["run"]}, {"required": ["path"]}]},
    )

    def read(self, node: Node, place: Place) -> Step:
        fields: Fields = self.record.read(node, place)
        if (STEP_RUN in fields) == (STEP_PATH in fields):
            raise Wrong("a step has either run or path", "run: commands, or path: a script in the project")
        path = fields.get(STEP_PATH)
        at = fields.at(STEP_PATH)
        return Step(
            name=fields.get(STEP_NAME),
            run=fields.get(STEP_RUN),
            path=None if path is None else posixpath.normpath(path),
            privileged=fields.get(STEP_PRIVILEGED),
            when=fields.get(STEP_WHEN),
            line=at.line,
            column=at.column,
        )

    def schema(self) -> dict[str, Json]:
        return self.record.schema()
