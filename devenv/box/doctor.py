"""Can a box be booted here? Each provider is tried for real; each failing check names the one command that mends it."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from devenv import paths
from devenv.box import choose, hostports, kvm, observe, providers
from devenv.box.project import Project
from devenv.box.providers.plugins import plugins
from devenv.errors import DevenvError
from devenv.process import Runner

State = Literal["ok", "warning", "failing", "absent"]

MIN_VAGRANT = (2, 2, 19)
MIN_DISK = 3 << 30
"""Bytes a box, its build and a machine's disk need."""
MIN_MEMORY = 512 << 20


@dataclass(frozen=True)
class Check:
    """One thing looked at: ``absent`` is not there and not needed, ``fix`` is the command that mends it."""

    name: str
    state: State
    detail: str
    fix: str | None = None


def examine(runner: Runner, project: Project | None) -> list[Check]:
    """Return all checks, in the order people read them; takes a few seconds at most."""
    parts: list[Callable[[], list[Check]]] = [
        lambda: [_vagrant(runner)],
        lambda: [_program(runner, "ssh", "openssh-client"), _program(runner, "rsync", "rsync")],
        _kvm,
        *[lambda name=name: [_provider(runner, name)] for name in providers.KNOWN],
        lambda: [_memory(), *_disks()],
        lambda: _ports(runner, project),
    ]
    with ThreadPoolExecutor(max_workers=4) as pool:
        return [check for part in pool.map(_safely, parts) for check in part]


def can_boot(checks: list[Check]) -> bool:
    """Say whether ``devenv up`` can work: Vagrant, ssh and at least one provider are right."""
    state = {check.name: check.state for check in checks}
    usable = any(state.get(name) == "ok" for name in providers.KNOWN)
    return usable and state.get("vagrant") in ("ok", "warning") and state.get("ssh") == "ok"


def _safely(part: Callable[[], list[Check]]) -> list[Check]:
    try:
        return part()
    except DevenvError as exc:
        return [Check("check", "failing", exc.message, exc.hint)]


def _vagrant(runner: Runner) -> Check:
    if runner.which("vagrant") is None:
        return Check("vagrant", "failing", "not installed", "sudo apt-get install vagrant")
    text = runner.run(["vagrant", "--version"], timeout=60).stdout
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    if match is None:
        return Check(
            "vagrant",
            "failing",
            "does not run",
            "vagrant --version shows why; sudo apt-get install --reinstall vagrant",
        )
    version = tuple(int(part) for part in match.groups())
    names = ", ".join(sorted(plugins())) or "none"
    detail = f"{match.group()} (plugins: {names})"
    if version < MIN_VAGRANT:
        return Check("vagrant", "failing", f"{match.group()} is too old", "sudo apt-get install vagrant")
    return Check("vagrant", "ok", detail)


def _program(runner: Runner, name: str, package: str) -> Check:
    where = runner.which(name)
    if where is None:
        return Check(name, "failing", "not installed", f"sudo apt-get install {package}")
    return Check(name, "ok", where)


def _kvm() -> list[Check]:
    if not sys.platform.startswith("linux"):
        return []
    state = kvm.probe()
    if state.usable:
        return [Check("kvm", "ok", state.reason)]
    fixes = {kvm.NO_PERMISSION: "sudo usermod -aG kvm $USER, then log in again"}
    kind: State = "absent" if state.state == kvm.MISSING else "warning"
    return [Check("kvm", kind, f"{state.reason}; libvirt runs boxes in software, slowly", fixes.get(state.state))]


def _provider(runner: Runner, name: str) -> Check:
    usable = providers.get(name).usable(runner)
    if usable.ok:
        slow = name == "libvirt" and not choose.kvm_works()
        return Check(name, "ok", usable.reason + (" (software emulation)" if slow else ""))
    missing = "not installed" in usable.reason or "part of Windows" in usable.reason
    return Check(name, "absent" if missing else "failing", usable.reason, usable.fix)


def _memory() -> Check:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        free = int(re.findall(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)[0]) << 10
    except (OSError, IndexError):
        return Check("memory", "ok", "not measured on this system")
    if free < MIN_MEMORY:
        return Check(
            "memory",
            "failing",
            f"{_gib(free)} free; a box needs some",
            "close programs, or lower memory: in devenv.yaml",
        )
    return Check("memory", "ok", f"{_gib(free)} free")


def _disks() -> list[Check]:
    found: dict[int, Check] = {}
    for folder in (paths.vagrant_home(), paths.user_cache(), Path("/var/lib/docker"), Path("/var/lib/libvirt/images")):
        there = next((part for part in (folder, *folder.parents) if part.exists()), None)
        if there is None or not os.access(there, os.R_OK):
            continue
        device = there.stat().st_dev
        free = shutil.disk_usage(there).free
        state: State = "ok" if free >= MIN_DISK else "failing"
        fix = None if state == "ok" else "devenv box prune"
        found.setdefault(device, Check(f"disk {folder}", state, f"{_gib(free)} free", fix))
    return list(found.values())


def _ports(runner: Runner, project: Project | None) -> list[Check]:
    """Check the project's ports: one that is taken, while the machine that wants it does not run, will be moved."""
    if project is None or not project.lock.exists():
        return []
    checks = []
    running = {status.name for status in observe.status(project, runner) if status.running}
    for name, machine in observe.lock_data(project)["machines"].items():
        for port in machine.ports:
            what = f"port {port.host}"
            if name in running:
                checks.append(Check(what, "ok", f"{name} runs and uses it"))
            elif hostports.is_free(port.host, port.address, port.protocol):
                checks.append(Check(what, "ok", f"free for {name}"))
            else:
                who = hostports.user_of(port.host)
                detail = f"taken{f' by {who}' if who else ''}; {name} would get another"
                checks.append(Check(what, "warning", detail, "end that program, or change ports: in devenv.yaml"))
    return checks


def _gib(size: int) -> str:
    return f"{size / (1 << 30):.1f} GiB"
