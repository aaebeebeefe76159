"""status, run, ssh, ports, ssh-config, logs: look at a box and work in it.

``devenv --help`` loads this module too, so what does the work is imported by the command that needs it.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from devenv.cli import report
from devenv.cli.words import Json, MachineOption, Machines, OneMachine
from devenv.errors import BoxError


def status(machines: Machines = None, as_json: Json = False) -> None:
    """Say how the machines are."""
    from devenv.cli import guest

    raise typer.Exit(guest.status(list(machines or []), as_json=as_json))


def run(
    command: Annotated[list[str], typer.Argument(metavar="COMMAND", help="The command and its arguments.")],
    machine: MachineOption = None,
    tty: Annotated[
        bool | None,
        typer.Option("--tty/--no-tty", "-t/-T", help="Give it a terminal (by default when there is one here)."),
    ] = None,
) -> None:
    """Run a command in the box, in this folder's counterpart.

    Exit code, input, output, terminal and signals are the command's own.
    """
    from devenv.cli import guest

    raise typer.Exit(guest.run(command, machine=machine, tty=tty))


def open_shell(machine: OneMachine = None) -> None:
    """Open a shell in the box."""
    from devenv.cli import guest

    raise typer.Exit(guest.shell(machine=machine))


def ports(machines: Machines = None, as_json: Json = False) -> None:
    """Say where the box's ports are on this computer."""
    from devenv.box import forwards, observe
    from devenv.box import project as projects
    from devenv.process import SystemRunner

    project, runner = projects.find(), SystemRunner()
    names = projects.choose(observe.machine_names(project, runner), list(machines or []))
    found = {name: forwards.ports(project, runner, name) for name in names}
    if as_json:
        data = [{"name": name, "ports": [forward._asdict() for forward in ports]} for name, ports in found.items()]
        report.out_json({"machines": data})
        return
    rows = [
        [name, f"{forward.guest}/{forward.protocol}", f"{forward.address}:{forward.host}"]
        for name, forwards in found.items()
        for forward in forwards
    ]
    report.table(rows, ["machine", "guest", "host"])


def ssh_config(machine: OneMachine = None, as_json: Json = False) -> None:
    """Print an ssh_config section for other programs."""
    from devenv.box import project as projects
    from devenv.box import ssh
    from devenv.box.connect import connect
    from devenv.cli import guest
    from devenv.process import SystemRunner

    project, runner = projects.find(), SystemRunner()
    name = guest.one_machine(project, machine)
    connection = connect(project, runner, name)
    info = connection.info
    if as_json:
        report.out_json(
            {
                "name": name,
                "host": info.host,
                "port": info.port,
                "user": info.user,
                "keys": list(info.keys),
                "known_hosts": str(connection.known_hosts),
                "host_key_alias": connection.alias,
            }
        )
        return
    lines = [
        f"Host {name}",
        f"  HostName {info.host}",
        f"  Port {info.port}",
        f"  User {info.user}",
        *(f"  IdentityFile {ssh.quote(key)}" for key in info.keys),
        "  IdentitiesOnly yes",
        f"  HostKeyAlias {connection.alias}",
        f"  UserKnownHostsFile {ssh.quote(str(connection.known_hosts))}",
        "  StrictHostKeyChecking yes",
        "  LogLevel ERROR",
    ]
    report.out("\n".join(lines))


def logs(
    show_all: Annotated[bool, typer.Option("--list", help="List all logs instead.")] = False,
    path: Annotated[bool, typer.Option("--path", help="Print the newest log's path instead.")] = False,
    as_json: Json = False,
) -> None:
    """Print the log of the last command that changed a box."""
    from devenv.box import project as projects

    project = projects.find()
    # a command that asked Vagrant for nothing leaves an empty one
    found = [file for file in sorted((project.state / "logs").glob("*.log")) if file.stat().st_size]
    if as_json:
        report.out_json({"logs": [str(file) for file in found]})
    elif show_all:
        for file in found:
            report.out(str(file))
    elif not found:
        raise BoxError("there is no log here yet", hint="devenv up writes one")
    elif path:
        report.out(str(found[-1]))
    else:
        _print(found[-1])


def _print(file: Path) -> None:
    with file.open(encoding="utf-8", errors="replace") as handle:
        for line in handle:
            sys.stdout.write(line)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command(context_settings={"allow_interspersed_args": False})(run)
    app.command("ssh")(open_shell)
    app.command()(ports)
    app.command("ssh-config")(ssh_config)
    app.command()(logs)
