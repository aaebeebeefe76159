"""up, halt, suspend, resume, reload, destroy, provision.

``devenv --help`` loads this module too, so what does the work is imported by the command that needs it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from devenv.cli import report
from devenv.cli.words import Force, Json, Machines, Quiet, complete_provider, confirm

if TYPE_CHECKING:
    from devenv.box import lifecycle
    from devenv.box.project import Project
    from devenv.box.session import Session


def up(
    machines: Machines = None,
    provider: Annotated[
        str | None,
        typer.Option(
            "--provider",
            help="docker, libvirt, lxc, virtualbox, …; else the first that works here.",
            autocompletion=complete_provider,
        ),
    ] = None,
    provision: Annotated[bool, typer.Option(help="Run the provisioning steps that are not done.")] = True,
    frozen: Annotated[bool, typer.Option("--frozen", help="Fail rather than change devenv.lock.")] = False,
    trust_host_key: Annotated[
        bool, typer.Option("--trust-host-key", help="Accept the machine's present ssh host key as its new one.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Create or start the box and run its provisioning steps."""
    from devenv.box import lifecycle

    with job("up", machines, quiet=quiet or as_json, make_lock=not frozen) as (session, names):
        if trust_host_key:
            for name in names:
                lifecycle.unpin(session, name)
        results = lifecycle.up(session, names, provider=provider, provision=provision, frozen=frozen)
        _refresh_editors(session, names, provision=provision)
    if as_json:
        report.out_json({"machines": [_up_json(result) for result in results]})
    elif not quiet:
        for result in results:
            _tell_up(result, alone=len(_known(session.project)) == 1)


def provision(
    machines: Machines = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Run all steps, done or not.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run the provisioning steps that are not done yet."""
    from devenv.box import lifecycle, projectfiles

    with job("provision", machines, quiet=quiet or as_json) as (session, names):
        session.lock = projectfiles.refresh_lock(session.project)
        if session.lock is None:
            done = {name: lifecycle.vagrant_provision(session, name) for name in names}
        else:
            done = {name: lifecycle.run_steps(session, name, force=force) for name in names}
    if as_json:
        report.out_json({"machines": [{"name": name, "steps": steps} for name, steps in done.items()]})
    elif not quiet:
        for name, steps in done.items():
            report.say(f"{name}: {_steps(steps)}")


def halt(
    machines: Machines = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Cut the power instead of shutting down.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Shut the box down."""
    from devenv.box import lifecycle

    _each("halt", machines, lambda job, name: lifecycle.halt(job, name, force=force), "halted", as_json, quiet)


def suspend(machines: Machines = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Save the running box and stop it."""
    from devenv.box import lifecycle

    _each("suspend", machines, lifecycle.suspend, "suspended", as_json, quiet)


def resume(machines: Machines = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Go on with a suspended box."""
    from devenv.box import lifecycle

    _each("resume", machines, lifecycle.resume, "resumed", as_json, quiet)


def reload(
    machines: Machines = None,
    provision: Annotated[bool, typer.Option(help="Run the provisioning steps that are not done.")] = True,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Restart the box with what is new in devenv.yaml."""
    from devenv.box import lifecycle

    with job("reload", machines, quiet=quiet or as_json) as (session, names):
        results = [lifecycle.reload(session, name, provision=provision) for name in names]
        _refresh_editors(session, names, provision=provision)
    if as_json:
        report.out_json({"machines": [_up_json(result) for result in results]})
    elif not quiet:
        for result in results:
            _tell_up(result, alone=len(_known(session.project)) == 1)


def destroy(machines: Machines = None, force: Force = False, as_json: Json = False, quiet: Quiet = False) -> None:
    """Delete the box and its disk; your files stay."""
    from devenv.box import project as projects

    project = projects.find()
    names = projects.choose(_known(project), list(machines or []))
    there = [name for name in names if name in project.created()]
    if there and not confirm(f"Delete {', '.join(there)} with all that is on its disk?", force=force):
        raise typer.Exit(1)
    _each("destroy", machines, _destroy, "destroyed", as_json, quiet)


def _destroy(session: "Session", name: str) -> bool:
    from devenv.box import lifecycle

    done = lifecycle.destroy(session, name)
    _forget_host(session, name)
    return done


@contextmanager
def job(
    command: str, machines: list[str] | None, *, quiet: bool, make_lock: bool = False
) -> "Iterator[tuple[Session, list[str]]]":
    """Hold the project for one command: gives the session and the machines meant."""
    from devenv.box import project as projects
    from devenv.box import projectfiles
    from devenv.box import session as sessions
    from devenv.box.ending import signals_interrupt
    from devenv.process import SystemRunner

    project = projects.find()
    if not project.lock.exists() and project.config.exists():
        from devenv.box import spec

        # before the first file of ours is written: the folder may be another tool's
        spec.load(project.config)
    try:
        with (
            signals_interrupt(),
            sessions.session(project, SystemRunner(), report.watcher(quiet=quiet), command) as session,
        ):
            if make_lock:
                # what is wrong with devenv.yaml is said before anything is written
                projectfiles.refresh_lock(project)
                projectfiles.check_vagrantfile(project, session.report)
            yield session, projects.choose(_known(project), list(machines or []))
    except KeyboardInterrupt as exc:
        exc.args = ("the same command again goes on from here (devenv status says how the box is)",)
        raise


def _refresh_editors(session: "Session", names: list[str], *, provision: bool) -> None:
    """Bring editors that are set up for these machines up to date: addresses and keys change with a boot.

    What goes wrong here is said, and does not make the boot a failure.
    """
    if not (session.project.state / "ide.json").exists():
        return
    from devenv.errors import DevenvError
    from devenv.ide import setup, user

    for name in names:
        changed: list[str] = []
        wrong: list[DevenvError] | list[OSError] = []
        try:
            changed, wrong = setup.refresh(session, name, user.current(), provision=provision)
        except OSError as exc:
            wrong = [exc]
        except DevenvError as exc:
            wrong = [exc]
        for message in dict.fromkeys(getattr(each, "message", str(each)) for each in wrong):
            session.report.note(f"editors are not up to date: {message} (devenv ide check)")
        if changed:
            session.report.note(f"brought up to date: {', '.join(changed)}")


def _forget_host(session: "Session", name: str) -> None:
    if not (session.project.state / "ide.json").exists():
        return
    from devenv.errors import DevenvError
    from devenv.ide import setup, user

    try:
        for alias in setup.forget_host(session.project, name, user.current(), session.report.note):
            session.report.note(f"ssh knows {alias} again after the next devenv up")
    except (DevenvError, OSError) as exc:
        session.report.note(f"ssh's hosts are not up to date: {getattr(exc, 'message', exc)}")


def _known(project: "Project") -> list[str]:
    from devenv.box import observe
    from devenv.process import SystemRunner

    names = observe.machine_names(project, SystemRunner())
    # a machine that was taken out of devenv.yaml can still be halted and destroyed
    return names + [name for name in project.created() if name not in names]


def _each(
    command: str,
    machines: list[str] | None,
    action: "Callable[[Session, str], bool]",
    past: str,
    as_json: bool,
    quiet: bool,
) -> None:
    with job(command, machines, quiet=quiet or as_json) as (session, names):
        done = {name: action(session, name) for name in names}
    if as_json:
        report.out_json({"machines": [{"name": name, "changed": changed} for name, changed in done.items()]})
    elif not quiet:
        for name, changed in done.items():
            report.say(f"{name}: {past if changed else 'nothing to do'}")


def _up_json(result: "lifecycle.UpResult") -> dict[str, Any]:
    return {
        "name": result.machine,
        "provider": result.provider,
        "changed": result.changed,
        "steps": result.steps,
        "ports": [forward._asdict() for forward in result.forwards],
        "notes": result.notes,
    }


def _tell_up(result: "lifecycle.UpResult", *, alone: bool) -> None:
    what = ", ".join(result.changed) or "already up"
    if result.changed or result.steps:
        report.say(f"{result.machine}: {what} on {result.provider}; {_steps(result.steps)}")
    else:
        report.say(f"{result.machine}: nothing to do (running on {result.provider}, all steps done)")
    for note in result.notes:
        report.say(note)
    for forward in result.forwards:
        address = "127.0.0.1" if forward.address in ("0.0.0.0", "") else forward.address
        where = f"http://{address}:{forward.host}" if forward.protocol == "tcp" else f"{address}:{forward.host}/udp"
        report.say(f"  port {forward.guest} of the box is at {where}")
    option = "" if alone else f" -m {result.machine}"
    argument = "" if alone else f" {result.machine}"
    report.say(f"  a command in it: devenv run{option} -- COMMAND    a shell: devenv ssh{argument}")


def _steps(steps: list[str]) -> str:
    return f"steps run: {', '.join(steps)}" if steps else "no steps to run"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (up, halt, suspend, resume, reload, destroy, provision):
        app.command()(command)
