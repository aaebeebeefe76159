"""A user's own settings of JetBrains' programs: ssh configurations, servers and interpreters, in ``<config>/options``.

The shapes are those the programs write themselves, as seen in public repositories. No password is ever written, and
host, port and key stay in ssh's own configuration, which ``authType="OPEN_SSH"`` with ``useOpenSSHConfig`` means: the
host in these files is the name ssh knows the machine by, the port ssh's usual one.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path

from devenv.ide.pieces import Placed
from devenv.ide.target import Target
from devenv.ide.user import User
from devenv.ide.xmlpieces import XmlElement
from devenv.ide.xmltext import Node, node

PORT = "22"
_IDS = uuid.uuid5(uuid.NAMESPACE_OID, "devenv ide jetbrains")
_APPLICATION = node("application")
_FOUND_OUT = ("INITIALIZED", "SKELETONS_PATH", "VALID", "VERSION")
"""What an IDE writes into an interpreter's entry when it has looked at it."""

_NEWER = "targetEnvironmentConfiguration"
"""What an interpreter has in it that an IDE has brought into the form of its targets (seen in files of 2026.1)."""


def identity(kind: str, target: Target) -> str:
    """Return the id of a thing of ours: the same at every set-up of the machine by this user."""
    return str(uuid.uuid5(_IDS, f"{kind}/{target.alias}/{target.name}"))


def server_name(target: Target) -> str:
    """Return what the server is called in IDEs: the same on every computer, since project files speak of it."""
    return target.sdk


def address(target: Target) -> str:
    """Return the machine as user@host:port, where ssh's configuration knows the host."""
    return f"{target.user}@{target.alias}:{PORT}"


def user_pieces(options: Path, target: Target, user: User, route: str) -> Iterator[Placed]:
    """Yield what is to be in a version's ``options`` folder; ``route`` is ``ssh`` or ``vagrant``."""
    if route == "ssh":
        yield Placed(options / "sshConfigs.xml", _ssh_config(target))
        yield Placed(options / "webServers.xml", _web_server(target))
    yield Placed(options / "jdk.table.xml", _interpreter(target, user, route))


def _ssh_config(target: Target) -> XmlElement:
    facts = {
        "authType": "OPEN_SSH",
        "host": target.alias,
        "id": identity("ssh", target),
        "port": PORT,
        "nameFormat": "DESCRIPTIVE",
        "username": target.user,
        "useOpenSSHConfig": "true",
    }
    path = (_APPLICATION, node("component", {"name": "SshConfigs"}), node("configs"))
    return XmlElement(path, node("sshConfig", facts), ("id",), declaration=False, own=True)


def _web_server(target: Target) -> XmlElement:
    # the advanced options are the IDE's defaults, which it writes with every server
    advanced = {"dataProtectionLevel": "Private", "keepAliveTimeout": "0", "passiveMode": "true"}
    transfer = {
        "rootFolder": "/",
        "accessType": "SFTP",
        "host": target.alias,
        "port": PORT,
        "sshConfigId": identity("ssh", target),
        "sshConfig": f"{address(target)} agent",
        "authAgent": "true",
    }
    options = node("advancedOptions", {}, node("advancedOptions", advanced | {"shareSSLContext": "true"}))
    server = node(
        "webServer",
        {"id": identity("server", target), "name": server_name(target)},
        node("fileTransfer", transfer, options),
    )
    path = (_APPLICATION, node("component", {"name": "WebServers"}), node("option", {"name": "servers"}))
    return XmlElement(path, server, ("id",), declaration=False, own=True)


def _interpreter(target: Target, user: User, route: str) -> XmlElement:
    home, facts = _by_vagrant(target, user) if route == "vagrant" else _by_ssh(target)
    facts |= {
        "INTERPRETER_PATH": target.python,
        "HELPERS_PATH": f"{target.home}/.pycharm_helpers",
        "INITIALIZED": "false",
        "VALID": "true",
        "SKELETONS_PATH": "",
        "VERSION": "",
    }
    version = (node("version", {"value": f"Python {target.python_version}"}),) if target.python_version else ()
    empty = node("root", {"type": "composite"})
    sdk = node(
        "jdk",
        {"version": "2"},
        node("name", {"value": target.sdk}),
        node("type", {"value": "Python SDK"}),
        *version,
        node("homePath", {"value": home}),
        node("roots", {}, node("classPath", {}, empty), node("sourcePath", {}, empty)),
        node("additional", facts, mappings([(spelled(host, user), guest) for host, guest in target.mappings])),
    )
    path = (_APPLICATION, node("component", {"name": "ProjectJdkTable"}))
    return XmlElement(
        path,
        sdk,
        ("name/value",),
        declaration=False,
        once=_FOUND_OUT,
        own=True,
        unless=_NEWER,
        variant=route,
    )


def _by_ssh(target: Target) -> tuple[str, dict[str, str]]:
    facts = {
        "WEB_SERVER_CONFIG_ID": identity("server", target),
        "WEB_SERVER_CONFIG_NAME": server_name(target),
        "WEB_SERVER_CREDENTIALS_ID": f"sftp://{address(target)}",
        "RUN_AS_ROOT_VIA_SUDO": "false",
    }
    return f"sftp://{address(target)}{target.python}", facts


def _by_vagrant(target: Target, user: User) -> tuple[str, dict[str, str]]:
    # of all paths in these files only this one is written in full
    home = f"vagrant://{target.root.as_posix()}"
    facts = {"VAGRANT_FOLDER": spelled(target.root, user)}
    if target.machine != "default":
        home += f"@{target.machine}"
        facts["MACHINE_NAME"] = target.machine
    return f"{home}{target.python}", facts


def spelled(folder: Path, user: User) -> str:
    """Return a folder as the programs write it in a user's settings."""
    if folder.is_relative_to(user.home):
        return f"$USER_HOME$/{folder.relative_to(user.home).as_posix()}".removesuffix("/.")
    return folder.as_posix()


def mappings(pairs: list[tuple[str, str]]) -> Node:
    """Return which folder here is which in the box."""
    inside = [node("mapping", {"local-root": here, "remote-root": there}) for here, there in pairs]
    return node("PathMappingSettings", {}, node("option", {"name": "pathMappings"}, node("list", {}, *inside)))
