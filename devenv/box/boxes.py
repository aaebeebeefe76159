"""The base box of a machine: there, built or downloaded, and the one devenv.lock names."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from devenv.box import lock as locks
from devenv.box.project import write_private
from devenv.errors import BoxError, ConflictError
from devenv.paths import user_cache, vagrant_home

if TYPE_CHECKING:
    from devenv.box.session import Session
    from devenv.image.build import Phase
    from devenv.image.installed import InstalledBox


def ensure(job: "Session", name: str, provider: str, *, frozen: bool) -> locks.Lock:
    """Make sure Vagrant has the box of a machine, whole and as locked; return the lock that names it.

    The lock is written when it gains a version or a checksum; with frozen that is a ConflictError. Somebody else's box
    with another checksum than the locked one is a BoxError, as is one of ours with frozen.
    """
    from devenv.image import installed, suites

    assert job.lock is not None
    lock = job.lock
    box = lock.machines[name].box
    with job.report.phase(name, "box"):
        found = _find(box, provider)
        if found is None:
            found = _get(job, box, provider, frozen=frozen)
        whole = _verified(found)
        checksum = installed.shared_checksum(found, whole)
    version = found.version if found.version != "0" else None
    wanted = box.checksums.get(provider)
    differs = wanted is not None and version == box.version and wanted != checksum
    if differs and not frozen and suites.can_build(box.name) is not None:
        # a version of ours is a day of Debian's archive, which can change within it; the box is whole (see _verified)
        job.report.note(
            f"{box.name} {found.version} was built here of other packages than the one in devenv.lock; recording it"
        )
    elif differs:
        raise BoxError(
            f"the box {box.name} {found.version} for {provider} is not the one in devenv.lock (its checksum differs)",
            hint=f"vagrant box remove {box.name} --provider {provider} --box-version {found.version}, then devenv up"
            " (if the difference is meant, take its checksum out of devenv.lock)",
        )
    if version == box.version and wanted == checksum:
        return lock
    if frozen:
        raise ConflictError(
            f"devenv.lock does not name {box.name} {found.version} for {provider}, and --frozen forbids to write it",
            hint="run devenv up without --frozen and commit devenv.lock",
        )
    fresh = locks.with_box(lock, name, provider, version, checksum)
    locks.write(job.project.lock, fresh)
    return fresh


def _verified(found: "InstalledBox") -> str:
    """Return a box's checksum, or raise as ``installed.verify`` does; files untouched since are not read again.

    Reading a box of some hundred megabytes takes longer than all else devenv does before it calls Vagrant.
    """
    from devenv.image import installed

    stamps = [
        [str(file.relative_to(found.path)), facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino]
        for file in sorted(found.path.rglob("*"))
        if file.name not in installed.VAGRANTS_OWN and (facts := file.stat())
    ]
    memory = user_cache() / "verified.json"
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
        before = known.get(str(found.path), {})
        if before.get("files") == stamps:
            return str(before["checksum"])
    except (OSError, ValueError, KeyError, AttributeError):
        known = {}
    checksum = installed.verify(found)
    kept = {path: facts for path, facts in known.items() if Path(path).is_dir()} if isinstance(known, dict) else {}
    write_private(memory, json.dumps({**kept, str(found.path): {"files": stamps, "checksum": checksum}}) + "\n")
    return checksum


def record_existing(job: "Session", name: str, provider: str) -> locks.Lock:
    """Return the lock with the box an existing machine was made from, where the lock does not name a version yet."""
    from devenv.image import installed

    assert job.lock is not None
    box = job.lock.machines[name].box
    machine = job.project.created().get(name)
    if box.version is not None or machine is None or machine.data is None:
        return job.lock
    try:
        meta = json.loads((machine.data / "box_meta").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return job.lock
    if meta.get("name") != box.name or not meta.get("version") or meta["version"] == "0":
        return job.lock
    found = _find(box._replace(version=str(meta["version"])), provider)
    checksum = installed.shared_checksum(found) if found is not None else None
    fresh = locks.with_box(job.lock, name, provider, str(meta["version"]), checksum)
    locks.write(job.project.lock, fresh)
    return fresh


def _describe(phase: "Phase") -> str:
    done = "" if phase.fraction is None else f" {phase.fraction:.0%}"
    return f"{phase.name}{done}{': ' + phase.detail if phase.detail else ''}"


def _find(box: locks.LockedBox, provider: str) -> "InstalledBox | None":
    """Return the installed box to use: the locked version, or the newest when none is locked."""
    from devenv.image import installed

    fitting = [
        found
        for found in installed.installed_boxes(vagrant_home())
        if found.name == box.name and found.provider == provider and box.version in (None, found.version)
    ]
    return max(fitting, key=lambda found: installed.version_key(found.version), default=None)


def _get(job: "Session", box: locks.LockedBox, provider: str, *, frozen: bool) -> "InstalledBox":
    """Build a box of ours, download any other; return it as Vagrant now has it."""
    from devenv.image import suites

    suite = suites.can_build(box.name)
    if suite is None:
        job.vagrant.box_add(box.name, version=box.version, provider=provider, url=box.url)
        found = _find(box, provider)
    else:
        newest = _find(locks.LockedBox(box.name), provider)
        if newest is None:
            from devenv.image import build

            job.report.note(f"{box.name} is not here for {provider}: building it from Debian's packages")
            request = build.BuildRequest(suite=suite.codename, providers=(provider,))
            build.build(request, runner=job.runner, report=lambda phase: job.report.line(_describe(phase)))
            newest = _find(locks.LockedBox(box.name), provider)
        if newest is not None and box.version not in (None, newest.version):
            if frozen:
                raise ConflictError(
                    f"devenv.lock names {box.name} {box.version}, which is not here and cannot be built any more",
                    hint="run devenv up without --frozen, or get that box file and add it with: vagrant box add",
                )
            job.report.note(
                f"{box.name} {box.version} (devenv.lock) is not here; using {newest.version} and recording that"
            )
        found = newest
    if found is None:
        raise BoxError(f"Vagrant has no box {box.name} for {provider} after adding it", hint="see: vagrant box list")
    return found
