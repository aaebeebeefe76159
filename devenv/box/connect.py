"""The connection to a machine by name: what is remembered of it, or what Vagrant says once."""

from devenv.box import observe, providers, ssh
from devenv.box.project import Project
from devenv.errors import BoxError
from devenv.process import Runner


def connect(project: Project, runner: Runner, name: str) -> ssh.Connection:
    """Return the pinned connection to a machine that exists; BoxError when it does not."""
    machine = project.created().get(name)
    if machine is None or machine.id is None or machine.provider is None:
        raise BoxError(f"{name} is not created", hint="create it with: devenv up")
    info = ssh.load(project, machine)
    if info is None:
        state = observe.one(project, runner, name).state
        if state != "running":
            raise BoxError(f"{name} is not running ({state.replace('_', ' ')})", hint="start it with: devenv up")
        from devenv.box.vagrant import VagrantAdapter

        info = VagrantAdapter(project.root, runner).ssh_info(name, machine.id)
        ssh.save(project, machine, info)
    connection = ssh.Connection(project, machine, info)
    connection.prepare()
    if not connection.is_pinned():
        connection.pin(runner, providers.get(machine.provider))
    return connection
