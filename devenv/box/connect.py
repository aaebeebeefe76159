"""The connection to a machine by name: what is remembered of it, brought up to date by its provider, or by Vagrant."""

from devenv.box import observe, providers, ssh
from devenv.box.project import Project
from devenv.errors import BoxError
from devenv.process import Runner


def connect(project: Project, runner: Runner, name: str) -> ssh.Connection:
    """Return the pinned connection to a machine; BoxError when it is not created or not running.

    While the kept connection is open it is used as it is. Else the provider is asked whether the machine runs and
    where it is now: its address can change with every start.
    """
    machine = project.created().get(name)
    if machine is None or machine.id is None or machine.provider is None:
        raise BoxError(f"{name} is not created", hint="create it with: devenv up")
    info = ssh.load(project, machine)
    if info is not None:
        connection = ssh.Connection(project, machine, info)
        if connection.has_socket() and connection.is_pinned():
            connection.prepare()
            return connection
    status = observe.one(project, runner, name)
    if not status.running:
        raise BoxError(f"{name} is not running ({status.state.replace('_', ' ')})", hint="start it with: devenv up")
    if info is None:
        from devenv.box.vagrant import VagrantAdapter

        info = VagrantAdapter(project.root, runner).ssh_info(name, machine.id)
        ssh.save(project, machine, info)
    else:
        present = where_now(info, status)
        if present != info:
            info = present
            ssh.save(project, machine, info)
    connection = ssh.Connection(project, machine, info)
    connection.prepare()
    if not connection.is_pinned():
        connection.pin(runner, providers.get(machine.provider))
    return connection


def where_now(info: ssh.SshInfo, status: observe.Status) -> ssh.SshInfo:
    """Return info with the address the provider tells, where it tells one."""
    for forward in status.forwards or ():
        if forward.guest == 22 and forward.protocol == "tcp":
            return info._replace(host=forward.address.replace("0.0.0.0", "127.0.0.1"), port=forward.host)
    if status.address is not None and not info.host.startswith("127.") and info.proxy_command is None:
        return info._replace(host=status.address)
    return info
