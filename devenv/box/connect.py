"""The connection to a machine by name: what is remembered of it, brought up to date by its provider, or by Vagrant."""

import threading
from collections.abc import Callable

from devenv.box import observe, providers, ssh
from devenv.box.project import Project
from devenv.box.providers.base import NOT_CREATED
from devenv.errors import BoxError, DevenvError
from devenv.process import Runner

BOOTED = "Machine booted and ready!"
"""What Vagrant prints when ssh answers; it goes on for about a second."""


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
    if status.state == NOT_CREATED:
        raise BoxError(f"{name} is not created", hint="create it with: devenv up")
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


class EarlyPin:
    """Learns the host key of a machine while Vagrant is still ending; a program in a container takes long to start.

    Where that fails, ``connect`` does it in its own time and tells what is wrong.
    """

    def __init__(self, project: Project, runner: Runner, name: str) -> None:
        self.project = project
        self.runner = runner
        self.name = name
        self.thread: threading.Thread | None = None

    def beside(self, on_line: Callable[[str], None]) -> Callable[[str], None]:
        """Return a taker of Vagrant's lines that begins when one says that the machine is there, and hands all on."""

        def take(line: str) -> None:
            if BOOTED in line and self.thread is None:
                self.thread = threading.Thread(target=self._pin, daemon=True)
                self.thread.start()
            on_line(line)

        return take

    def wait(self) -> None:
        """Return when the key is known, or could not be learnt; at once when it was never begun."""
        if self.thread is not None:
            self.thread.join()

    def _pin(self) -> None:
        machine = self.project.created().get(self.name)
        # a key that is known stays the known one: another would be somebody else's
        if machine is None or machine.id is None or machine.provider is None or ssh.is_pinned(self.project, machine):
            return
        try:
            keys = providers.get(machine.provider).host_keys(self.runner, machine.id)
            ssh.pin_keys(self.project, machine, keys)
        except (DevenvError, OSError):
            return
