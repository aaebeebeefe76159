"""The life of a machine: up, halt, suspend, resume, reload, destroy, provision."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field

from devenv.box import boxes, choose, halfmade, hostports, observe, plan, providers, steps, sync
from devenv.box.boot import after_boot, boot, check_room, close, write_local
from devenv.box.forwards import NO_FORWARDING, SSH_FORWARDING, ensure_forwards, ports
from devenv.box.project import runtime_folder
from devenv.box.projectfiles import check_vagrantfile, refresh_lock, write_schema
from devenv.box.providers.base import NOT_CREATED, Forward
from devenv.box.session import Session
from devenv.errors import BoxError


@dataclass(frozen=True)
class UpResult:
    """What ``up`` did with one machine: what changed ([]: nothing), which steps ran, where its ports are."""

    machine: str
    provider: str
    changed: list[str]
    steps: list[str]
    forwards: tuple[Forward, ...]
    notes: list[str] = field(default_factory=list)


def up(
    job: Session,
    names: Sequence[str],
    *,
    provider: str | None = None,
    provision: bool = True,
    force_steps: bool = False,
    frozen: bool = False,
) -> list[UpResult]:
    """Bring machines up, one after the other, and return what was done with each."""
    job.lock = refresh_lock(job.project, frozen=frozen)
    check_vagrantfile(job.project, job.report)
    if job.lock is not None:
        write_schema(job.project.root)
    results = []
    for name in names:
        results.append(_up(job, name, provider=provider, provision=provision, force=force_steps, frozen=frozen))
    return results


def _up(job: Session, name: str, *, provider: str | None, provision: bool, force: bool, frozen: bool) -> UpResult:
    if provider is not None:
        choose.check_name(provider, "--provider")
    state = observe.one(job.project, job.runner, name)
    if state.id is not None and provider and provider != state.provider and state.state != NOT_CREATED:
        raise BoxError(
            f"{name} is there already, on {state.provider}",
            hint=f"to move it to {provider}: devenv destroy {name}, then devenv up --provider {provider}",
        )
    changed: list[str] = []
    notes: list[str] = []
    if state.running:
        chosen = state.provider or ""
        if job.lock is not None and not frozen:
            job.lock = boxes.record_existing(job, name, chosen)
        notes += _drift(job, name, chosen)
    else:
        chosen = boot(job, name, state, provider, provision=provision, frozen=frozen)
        changed.append("created" if state.state == NOT_CREATED else "started")
    # asked once: each question starts a program
    now = state if state.running else observe.one(job.project, job.runner, name)
    ran: list[str] = []
    if job.lock is not None:
        made = ensure_forwards(job.project, job.runner, name, job.lock.machines[name], now)
        if made:
            changed.append("forwarded ports")
        if state.running:
            # a boot copies by itself
            changed += _copy(job, name)
        if chosen in NO_FORWARDING | SSH_FORWARDING:
            udp = [f"{port.guest}/udp" for port in job.lock.machines[name].ports if port.protocol == "udp"]
            notes += [f"{port} is not forwarded: {chosen} forwards TCP only" for port in udp]
        if provision:
            ran = run_steps(job, name, force=force)
    forwards = ports(job.project, job.runner, name, now)
    return UpResult(name, chosen, changed, ran, forwards, notes)


def _copy(job: Session, name: str) -> list[str]:
    """Bring copied folders of a running machine up to date; return what to say of it."""
    assert job.lock is not None
    machine = job.lock.machines[name]
    if not sync.copied(machine, job.machine(name).provider or ""):
        return []
    with job.report.phase(name, "copy files"):
        folders = sync.push(job.connection(name), job.runner, job.project.root, machine)
    return [f"copied {folder}" for folder in folders]


def _drift(job: Session, name: str, provider: str) -> list[str]:
    """Return what devenv.yaml says otherwise than the running machine was booted with, and how to apply it."""
    if job.lock is None:
        return []
    try:
        kept = json.loads((job.project.machine_state(name) / "applied.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    machine = job.project.created().get(name)
    if machine is None or not isinstance(kept, dict) or kept.get("id") != machine.id:
        return []
    change, parts = plan.compare(kept.get("parts", {}), plan.applied(job.lock.machines[name], provider), provider)
    if change == "none":
        return []
    how = f"devenv reload {name}" if change == "reload" else f"devenv destroy {name}, then devenv up {name}"
    return [f"{', '.join(parts)} changed in devenv.yaml; {name} takes it over with: {how}"]


def run_steps(job: Session, name: str, *, force: bool = False) -> list[str]:
    """Run a machine's steps that are not recorded as done with their present hash; return their names."""
    if job.lock is None:
        return []
    machine = job.lock.machines[name]
    if not machine.steps:
        return []
    connection = job.connection(name)
    todo = steps.pending(machine.steps, steps.recorded(connection, job.runner), force=force)
    for step in todo:
        with job.report.phase(name, f"step {step.name}"):
            job.log.write(f"$ step {step.name}\n")
            text = steps.program(job.project.root, job.lock, machine, step, connection.info.user, again=force)
            done = steps.run(connection, job.runner, text, on_line=job.report.line, log=job.log)
            if done.code != 0:
                raise steps.failed(connection, step, done, job.log.name)
    return [step.name for step in todo]


def halt(job: Session, name: str, *, force: bool = False) -> bool:
    """Shut a machine down; return False when it was not running."""
    status = observe.one(job.project, job.runner, name)
    if status.state == NOT_CREATED or not status.running:
        return False
    close(job, name)
    with job.report.phase(name, "halt"):
        job.vagrant.halt(name, force=force)
    return True


def suspend(job: Session, name: str) -> bool:
    """Suspend a running machine; return False when it was not running."""
    status = observe.one(job.project, job.runner, name)
    if not status.running:
        return False
    if status.provider and not providers.get(status.provider).suspends:
        raise BoxError(f"{status.provider} cannot suspend a machine", hint=f"stop it with: devenv halt {name}")
    close(job, name)
    with job.report.phase(name, "suspend"):
        job.vagrant.suspend(name)
    return True


def resume(job: Session, name: str) -> bool:
    """Go on with a suspended machine; return False when it was running already."""
    status = observe.one(job.project, job.runner, name)
    if status.running:
        return False
    if status.state == NOT_CREATED:
        raise BoxError(f"{name} is not created", hint="create it with: devenv up")
    if status.provider and not providers.get(status.provider).suspends:
        raise BoxError(
            f"{name} is not suspended: {status.provider} cannot suspend a machine",
            hint=f"start it with: devenv up {name}",
        )
    job.lock = refresh_lock(job.project)
    with job.report.phase(name, "resume"):
        job.vagrant.resume(name)
    after_boot(job, name, status.provider or "")
    if job.lock is not None:
        ensure_forwards(job.project, job.runner, name, job.lock.machines[name])
    return True


def reload(job: Session, name: str, *, provision: bool = True) -> UpResult:
    """Restart a machine with what is new in devenv.yaml, and run the steps that are not done."""
    status = observe.one(job.project, job.runner, name)
    if status.state == NOT_CREATED:
        raise BoxError(f"{name} is not created", hint="create it with: devenv up")
    check_room(job.project)
    check_vagrantfile(job.project, job.report)
    job.lock = refresh_lock(job.project)
    notes = _drift(job, name, status.provider or "") if status.provider == "docker" else []
    close(job, name)
    if job.lock is not None and status.provider != "docker":
        machine = job.lock.machines[name]
        settings = choose.machine_settings(status.provider or "", machine.providers)
        owner = f"{job.project.root}\0{name}"
        with job.report.phase(name, "halt"):
            if status.running:
                job.vagrant.halt(name)
        moved = hostports.choose(machine.ports, owner)
        choice = choose.Choice(status.provider or "", "it is there already", settings)
        write_local(job.project, name, choice, moved, keep_ports=False)
        hostports.release(owner)
    with job.report.phase(name, "reload"):
        job.vagrant.reload(name)
    if not (job.lock is not None and status.provider == "docker" and notes):
        after_boot(job, name, status.provider or "")
    ran: list[str] = []
    if job.lock is not None:
        ensure_forwards(job.project, job.runner, name, job.lock.machines[name])
        ran = run_steps(job, name) if provision else []
    return UpResult(name, status.provider or "", ["reloaded"], ran, ports(job.project, job.runner, name), notes)


def destroy(job: Session, name: str) -> bool:
    """Delete a machine, its disk and what devenv keeps of it; return False when there was none."""
    machine = job.project.created().get(name)
    if machine is None:
        forget(job, name)
        return False
    provider = providers.get(machine.provider or "")
    remains = provider.before_destroy(job.runner, machine.id or "")
    close(job, name)
    with job.report.phase(name, "destroy"):
        job.vagrant.destroy(name)
    provider.after_destroy(job.runner, remains)
    forget(job, name)
    return True


def forget(job: Session, name: str) -> None:
    """Remove what devenv remembers of a machine that is gone; its logs stay."""
    halfmade.clear(job.project, job.runner, name)
    folder = job.project.machine_state(name)
    for file in ("ssh.json", "known_hosts", "applied.json"):
        (folder / file).unlink(missing_ok=True)
    shutil.rmtree(runtime_folder(job.project, name), ignore_errors=True)
    data = job.project.local()
    if data.get("machines", {}).pop(name, None) is not None:
        job.project.write_local(data if data["machines"] else {})


def unpin(job: Session, name: str) -> None:
    """Forget the host key of a machine, so that its present one is learnt at the next connection."""
    close(job, name)
    (job.project.machine_state(name) / "known_hosts").unlink(missing_ok=True)


def vagrant_provision(job: Session, name: str) -> list[str]:
    """Run the provisioners of a hand-written Vagrantfile."""
    with job.report.phase(name, "provision"):
        job.vagrant.call(["provision", name])
    return ["vagrant provision"]
