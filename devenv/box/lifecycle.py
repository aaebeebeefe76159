"""The life of a machine: up, halt, suspend, resume, reload, destroy, provision, snapshots."""

import contextlib
import io
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from devenv import paths
from devenv.box import boxes, choose, halfmade, hostports, implied, observe, plan, providers, ssh, steps, sync
from devenv.box import lock as locks
from devenv.box.connect import EarlyPin, connect
from devenv.box.filelock import locked
from devenv.box.project import Machine, Project, runtime_folder, write_private
from devenv.box.providers.base import NOT_CREATED, Forward
from devenv.box.report import Report
from devenv.box.vagrant import VagrantAdapter
from devenv.errors import BoxError, ConfigError, ConflictError, Problem
from devenv.process import Runner

KEPT_LOGS = 20
ROOM = 4 * 1024 * 1024
"""Bytes that must be free where the project is before a machine is made or started: its state is kept there."""
NO_FORWARDING = frozenset({"lxc"})
"""Providers whose forwarded ports devenv makes itself, over the kept connection (see the Vagrantfile)."""
SSH_FORWARDING = frozenset({"libvirt"})
"""Providers whose plugin forwards with an ssh of its own that may die unnoticed."""


@dataclass(frozen=True)
class UpResult:
    """What ``up`` did with one machine: what changed ([]: nothing), which steps ran, where its ports are."""

    machine: str
    provider: str
    changed: list[str]
    steps: list[str]
    forwards: tuple[Forward, ...]
    notes: list[str] = field(default_factory=list)


@dataclass
class Session:
    """One changing command on one project: the project's lock is held, the log is open."""

    project: Project
    runner: Runner
    report: Report
    log: IO[str]
    lock: locks.Lock | None

    @property
    def vagrant(self) -> VagrantAdapter:
        """Vagrant on this project, with its output in the log."""
        return VagrantAdapter(
            self.project.root, self.runner, log=self.log, on_line=self.report.line, on_wait=self.report.note
        )

    def machine(self, name: str) -> Machine:
        """Return a machine Vagrant has created; BoxError when it has not."""
        found = self.project.created().get(name)
        if found is None:
            raise BoxError(f"{name} is not created", hint="create it with: devenv up")
        return found

    def connection(self, name: str) -> ssh.Connection:
        """Return the pinned connection to a running machine."""
        return connect(self.project, self.runner, name)


class Log(io.TextIOBase):
    """A log file that loses its lines rather than the work when the disk is full."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._file = path.open("ab", buffering=0)

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._file.write(text.encode(errors="backslashreplace"))
        return len(text)

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def session(project: Project, runner: Runner, report: Report, command: str) -> Iterator[Session]:
    """Hold the project for one changing command; a second one waits and says so."""
    with locked(
        project.state / "busy",
        what=f"devenv {command}",
        waiting=lambda holder: report.note(f"waiting for {holder} in this folder"),
    ):
        folder = project.state / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob("*.log"))[: -KEPT_LOGS + 1]:
            old.unlink(missing_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{command.partition(' ')[0]}.log"
        with Log(folder / name) as log:
            yield Session(project, runner, report, cast("IO[str]", log), None)


def refresh_lock(project: Project, *, frozen: bool = False) -> locks.Lock | None:
    """Bring devenv.lock up to date with devenv.yaml and its scripts and return it; None without a devenv.yaml.

    The file is only written when something differs; with frozen a difference is a ConflictError instead.
    """
    previous = locks.read(project.lock) if project.lock.exists() else None
    if not project.config.exists():
        return previous
    if previous is not None and _is_current(project, previous):
        return previous
    from devenv.box import spec as specs

    spec = specs.load(project.config)
    fresh = locks.resolve(spec, project_dir=project.root, previous=previous)
    if fresh == previous:
        return previous
    if frozen:
        raise ConflictError(
            "devenv.lock is not up to date with devenv.yaml, and --frozen forbids to write it",
            hint="run devenv up without --frozen and commit devenv.lock",
        )
    locks.write(project.lock, fresh)
    return fresh


def _is_current(project: Project, lock: locks.Lock) -> bool:
    """Say whether the lock is what devenv.yaml and the scripts resolve to, by their hashes alone."""
    if lock.runner != implied.script("runner"):
        # another version of devenv: its steps are called in another way
        return False
    if locks.drift(lock, project.config.read_bytes()):
        return False
    for machine in lock.machines.values():
        for step in machine.steps:
            if step.path is None:
                continue
            try:
                content = (project.root / step.path).read_bytes()
            except OSError:
                return False
            if locks.step_digest(step.name, content, privileged=step.privileged) != step.sha256:
                return False
    return True


def check_vagrantfile(project: Project, report: Report) -> None:
    """Write the Vagrantfile when there is none; refuse one that is not devenv's beside a devenv.yaml."""
    if not project.has_config:
        return
    wanted = vagrantfile_text()
    if not project.vagrantfile.exists():
        if project.config.exists():
            from devenv.box import spec as specs

            # nothing is written beside a devenv.yaml that is wrong
            specs.load(project.config)
        project.vagrantfile.write_text(wanted, encoding="utf-8")
        report.note("wrote Vagrantfile (it reads devenv.lock; commit both)")
        return
    text = project.vagrantfile.read_text(encoding="utf-8", errors="replace")
    if not text.startswith("# devenv Vagrantfile"):
        raise ConfigError(
            [Problem(paths.VAGRANTFILE, 1, 1, "", "was not written by devenv and does not read devenv.lock")],
            hint="rename it and run devenv up again, or remove devenv.yaml and use the Vagrantfile alone",
        )


def write_schema(root: Path) -> None:
    """Put the schema of devenv.yaml where the first line of a template tells editors to look for it."""
    wanted = (Path(__file__).resolve().parent / "devenv.schema.json").read_text(encoding="utf-8")
    file = root / paths.STATE / "devenv.schema.json"
    if not file.exists() or file.read_text(encoding="utf-8", errors="replace") != wanted:
        write_private(file, wanted)


def vagrantfile_text() -> str:
    """Return the Vagrantfile devenv writes into a project."""
    packaged = Path(__file__).resolve().parent / paths.VAGRANTFILE
    # in a checkout there is one copy, at the top
    source = packaged if packaged.exists() else Path(__file__).resolve().parents[2] / paths.VAGRANTFILE
    return source.read_text(encoding="utf-8")


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
        chosen = _boot(job, name, state, provider, provision=provision, frozen=frozen)
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


def _boot(
    job: Session, name: str, state: observe.Status, provider: str | None, *, provision: bool, frozen: bool
) -> str:
    """Create or start a machine through Vagrant and return its provider."""
    project, runner = job.project, job.runner
    # Vagrant's docker provider says "preparing" of a container it was about to make
    exists = state.state not in (NOT_CREATED, "preparing")
    _check_room(project)
    for gone in halfmade.clear(project, runner, name):
        job.report.note(f"removed what an interrupted start of {name} left behind ({gone[:12]})")
    machine = job.lock.machines[name] if job.lock is not None else None
    if exists and state.provider:
        settings = choose.machine_settings(state.provider, machine.providers if machine else {})
        choice = choose.Choice(state.provider, "it is there already", settings)
    else:
        with job.report.phase(name, "choose a provider"):
            choice = choose.choose(
                runner,
                flag=provider,
                configured=machine.provider if machine else _remembered_provider(project, runner, name),
                has_settings=machine.providers if machine else {},
            )
    owner = f"{project.root}\0{name}"
    try:
        if machine is not None and job.lock is not None:
            if not exists:
                job.lock = boxes.ensure(job, name, choice.provider, frozen=frozen)
                machine = job.lock.machines[name]
            moved = {} if exists and choice.provider == "docker" else hostports.choose(machine.ports, owner)
            for guest, host in moved.items():
                wanted = next(p.host for p in machine.ports if f"{p.guest}/{p.protocol}" == guest)
                job.report.note(f"port {wanted} is taken: {name}'s {guest.partition('/')[0]} is on {host} instead")
            _write_local(project, name, choice, moved, keep_ports=exists and choice.provider == "docker")
        if exists:
            _check_ports(job, name, state)
        else:
            halfmade.begin(project, runner, name, choice.provider)
        with job.report.phase(name, f"{'start' if exists else 'create'} on {choice.provider}"):
            # the steps of devenv.yaml are run by devenv itself, those of a hand-written Vagrantfile by Vagrant
            _vagrant_up(job, name, choice.provider, provision=provision and job.lock is None)
        halfmade.end(project, name)
    finally:
        hostports.release(owner)
    after_boot(job, name, choice.provider)
    return choice.provider


def _check_room(project: Project) -> None:
    """Raise BoxError while nothing has begun when there is no room for what Vagrant has to remember of a machine."""
    free = shutil.disk_usage(project.root).free
    if free < ROOM:
        raise BoxError(
            f"the disk is full: {project.root} has {free >> 10} KiB free", hint="free some space, then try again"
        )


def _check_ports(job: Session, name: str, state: observe.Status) -> None:
    """Raise BoxError when a port that was given to a container when it was made is taken now: it cannot be moved."""
    if state.provider != "docker":
        return
    wanted = set()
    if job.lock is not None:
        moved = job.project.local().get("machines", {}).get(name, {}).get("ports", {})
        for port in job.lock.machines[name].ports:
            wanted.add((moved.get(f"{port.guest}/{port.protocol}", port.host), port.address, port.protocol))
    info = ssh.load(job.project, job.machine(name))
    if info is not None:
        wanted.add((info.port, info.host, "tcp"))
    for host, address, protocol in sorted(wanted):
        if not hostports.is_free(host, address, protocol):
            user = hostports.user_of(host)
            raise BoxError(
                f"port {host}, which {name} was made with, is taken{f' by {user}' if user else ''}",
                hint=f"free it and run devenv up; or move the box to other ports, losing what is on its disk: "
                f"devenv destroy {name}, then devenv up",
            )


def _vagrant_up(job: Session, name: str, provider: str, *, provision: bool) -> None:
    """Have Vagrant create or start a machine; a new one's host key is learnt while Vagrant ends."""
    vagrant, early = job.vagrant, EarlyPin(job.project, job.runner, name)
    vagrant.on_line = early.beside(vagrant.on_line)
    vagrant.up(name, provider, provision=provision)
    early.wait()


def after_boot(job: Session, name: str, provider: str) -> None:
    """Connect to a machine that was just booted, and remember what it was booted with."""
    with job.report.phase(name, "connect"):
        machine = job.machine(name)
        old = ssh.load(job.project, machine)
        if old is not None:
            ssh.Connection(job.project, machine, old).close(job.runner)
        connection = connect(job.project, job.runner, name)
        connection.execute(job.runner, ["true"])
    if job.lock is not None:
        text = json.dumps({"id": machine.id, "parts": plan.applied(job.lock.machines[name], provider)})
        write_private(job.project.machine_state(name) / "applied.json", text + "\n")


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


def _remembered_provider(project: Project, runner: Runner, name: str) -> str | None:
    return next((status.provider for status in observe.status(project, runner, [name])), None)


def _write_local(
    project: Project, name: str, choice: choose.Choice, moved: dict[str, int], *, keep_ports: bool
) -> None:
    data = project.local()
    mine = data.setdefault("machines", {}).setdefault(name, {})
    if not keep_ports:
        mine["ports"] = moved
    mine["providers"] = {choice.provider: dict(choice.settings)} if choice.settings else {}
    data["machines"] = {key: {k: v for k, v in value.items() if v} for key, value in data["machines"].items()}
    data["machines"] = {key: value for key, value in data["machines"].items() if value}
    project.write_local({key: value for key, value in data.items() if value})


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


def ports(project: Project, runner: Runner, name: str, status: observe.Status | None = None) -> tuple[Forward, ...]:
    """Return the forwards a running machine really has, without ssh's own."""
    status = status or observe.one(project, runner, name)
    if not status.running:
        return ()
    if status.forwards is not None:
        return tuple(forward for forward in status.forwards if forward.guest != 22)
    if not project.has_config or status.provider not in NO_FORWARDING | SSH_FORWARDING:
        found = VagrantAdapter(project.root, runner).ports(name)
        return tuple(Forward(guest, host) for guest, host in sorted(found.items()) if guest != 22)
    moved = project.local().get("machines", {}).get(name, {}).get("ports", {})
    machine = observe.lock_data(project)["machines"][name]
    return tuple(
        Forward(port.guest, moved.get(f"{port.guest}/{port.protocol}", port.host), port.protocol, port.address)
        for port in machine.ports
        # ssh carries TCP alone
        if port.protocol == "tcp"
    )


def ensure_forwards(
    project: Project, runner: Runner, name: str, machine: locks.LockedMachine, status: observe.Status | None = None
) -> list[int]:
    """Forward over the kept connection what the provider does not forward, or no longer does; return those ports."""
    status = status or observe.one(project, runner, name)
    if status.provider not in NO_FORWARDING | SSH_FORWARDING:
        return []
    made = []
    for forward in ports(project, runner, name, status):
        if not hostports.answers(forward.host, forward.address):
            connect(project, runner, name).forward(runner, forward.address, forward.host, forward.guest)
            made.append(forward.host)
    return made


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
    _check_room(job.project)
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
        _write_local(job.project, name, choice, moved, keep_ports=False)
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


def close(job: Session, name: str) -> None:
    """Close the kept connection to a machine, if there is one."""
    machine = job.project.created().get(name)
    info = ssh.load(job.project, machine) if machine else None
    if machine is not None and info is not None:
        ssh.Connection(job.project, machine, info).close(job.runner)


def unpin(job: Session, name: str) -> None:
    """Forget the host key of a machine, so that its present one is learnt at the next connection."""
    close(job, name)
    (job.project.machine_state(name) / "known_hosts").unlink(missing_ok=True)


def wait_for_ssh(job: Session, name: str, *, patience: float = 120.0) -> ssh.Connection:
    """Return a working connection to a machine that is booting; BoxError when it does not answer in time."""
    deadline = time.monotonic() + patience
    with job.report.phase(name, "connect"):
        while True:
            try:
                connection = connect(job.project, job.runner, name)
                connection.execute(job.runner, ["true"])
            except BoxError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                return connection


def vagrant_provision(job: Session, name: str) -> list[str]:
    """Run the provisioners of a hand-written Vagrantfile."""
    with job.report.phase(name, "provision"):
        job.vagrant.call(["provision", name])
    return ["vagrant provision"]
