"""Build base boxes: one root file system, a box per provider, each added to Vagrant."""

import contextlib
import errno
import math
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devenv import paths, process
from devenv.errors import BoxError, ToolMissing, UsageError
from devenv.image import archive, boxfile, disk, installed, publish, recipe, rootfs, workspace
from devenv.image.archive import Archive
from devenv.image.boxfile import Label, PackedBox
from devenv.image.key import BoxKey, box_key
from devenv.image.rootfs import RootFs
from devenv.image.suites import DISK_PROVIDERS, PROVIDERS, SUITES, Suite
from devenv.image.workspace import Cache, Work


@dataclass(frozen=True)
class BuildRequest:
    """What to build: a suite's code name, the providers, and whether to build what is there already."""

    suite: str = "bookworm"
    providers: tuple[str, ...] = PROVIDERS
    force: bool = False


@dataclass(frozen=True)
class Phase:
    """What the builder is doing: its name, how much of it is done (0 to 1; None: unknown), a word on details."""

    name: str
    fraction: float | None = None
    detail: str = ""


def describe(phase: Phase) -> str:
    """Return a phase as a person reads it: ``disk 40 %: file system``."""
    done = "" if phase.fraction is None else f" {phase.fraction * 100:.0f} %"
    return f"{phase.name}{done}{': ' + phase.detail if phase.detail else ''}"


@dataclass(frozen=True)
class BuiltBox:
    """A box that is there now: the packed file, its SHA-256 (hex), the installed folder and its checksum.

    ``built`` tells whether this call made it, ``added`` whether this call added it to Vagrant.
    """

    name: str
    version: str
    provider: str
    path: Path
    sha256: str
    installed: Path
    checksum: str
    built: bool
    added: bool


Report = Callable[[Phase], None]


@dataclass(frozen=True)
class _Build:
    """What every part of one build needs."""

    suite: Suite
    archive: Archive
    key: BoxKey
    cache: Cache
    runner: process.Runner
    report: Report

    def label(self, provider: str) -> Label:
        """Return the label the box for provider must have."""
        version = self.archive.version(recipe.REVISION)
        identity = boxfile.identity(provider, version, self.archive.sources, self.key)
        return Label(self.suite.box_name, version, provider, self.suite.codename, identity)

    def progress(self, name: str) -> rootfs.Progress:
        """Return a progress function that reports as the phase name."""
        last: list[tuple[float, str]] = []

        def tell(fraction: float | None, detail: str = "") -> None:
            # steps of 5 %: enough for an eye, and few enough for a log
            step = (-1.0 if fraction is None else math.floor(fraction * 20) / 20, detail)
            if last != [step]:
                last[:] = [step]
                self.report(Phase(name, None if fraction is None else step[0], detail))

        return tell


def build(
    request: BuildRequest,
    *,
    runner: process.Runner,
    report: Report,
    cache: Path | None = None,
    vagrant_home: Path | None = None,
) -> list[BuiltBox]:
    """Make sure that the requested boxes are built from the archive's present day and added to Vagrant.

    A box that is there and whole is left alone, unless the request is to force it.
    Raises UsageError, ToolMissing, ToolFailed, BoxError.
    """
    suite = _check(request, runner)
    store = Cache(cache or paths.user_cache())
    home = vagrant_home or paths.vagrant_home()

    def waiting(sentence: str) -> None:
        report(Phase("waiting", None, sentence))

    with _disk_full(store.root), workspace.build_lock(store, waiting):
        workspace.sweep(store, waiting, runner)
        report(Phase("package lists", None, suite.codename))
        state = archive.refresh(suite, store.archive(suite.codename), runner)
        job = _Build(suite, state, box_key(runner), store, runner, report)
        ready = {} if request.force else _ready(job, request.providers)
        missing = [provider for provider in request.providers if provider not in ready]
        made = _make(job, missing, again=request.force) if missing else {}
        return [_publish(job, {**ready, **made}[provider], home, provider in made) for provider in request.providers]


def _check(request: BuildRequest, runner: process.Runner) -> Suite:
    suite = SUITES.get(request.suite)
    if suite is None:
        raise UsageError(f"no box is known for the suite {request.suite}", hint=f"one of: {', '.join(SUITES)}")
    for provider in request.providers:
        if provider not in PROVIDERS:
            raise UsageError(f"no box can be built for {provider}", hint=f"one of: {', '.join(PROVIDERS)}")
    if sys.platform != "linux":
        raise BoxError(
            "base boxes are built on Linux only",
            hint="set `box:` in devenv.yaml to a published box, such as debian/bookworm64, or build on a Linux machine",
        )
    disks = [provider for provider in request.providers if provider in DISK_PROVIDERS]
    if disks and platform.machine() not in ("x86_64", "AMD64"):
        raise BoxError(
            f"{' and '.join(disks)} boxes are built on x86-64 only, not on {platform.machine()}",
            hint="use --provider docker or --provider lxc",
        )
    if os.geteuid() != 0 and runner.which("newuidmap") is None:
        raise ToolMissing("newuidmap", install="apt-get install uidmap", why="without root, boxes are built with it")
    needed = ["mmdebstrap", "ssh-keygen", "vagrant", *(disk.TOOLS if disks else ())]
    for name in needed:
        if runner.which(name) is None:
            raise ToolMissing(name, install=process.INSTALL.get(name) or _INSTALL.get(name))
    return suite


_INSTALL = {
    "ssh-keygen": "apt-get install openssh-client",
    "debugfs": "apt-get install e2fsprogs",
    "sfdisk": "apt-get install fdisk",
}


@contextlib.contextmanager
def _disk_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise BoxError(
            f"the disk is full: {folder}",
            hint="make room there, or set DEVENV_CACHE to a folder on a larger disk; nothing half-made was kept",
        ) from exc


def _ready(job: _Build, providers: tuple[str, ...]) -> dict[str, PackedBox]:
    found = {}
    for provider in providers:
        job.report(Phase("checking", None, provider))
        if (box := boxfile.cached(job.label(provider), job.cache)) is not None:
            found[provider] = box
    return found


def _make(job: _Build, providers: list[str], *, again: bool) -> dict[str, PackedBox]:
    disks = [provider for provider in providers if provider in DISK_PROVIDERS]
    workspace.need_space(job.cache.root, NEEDED + (NEEDED_FOR_DISKS if disks else 0))
    with workspace.work_folder(job.cache, job.runner) as work:
        progress = job.progress("root file system")
        progress(0.0, "")
        plain = rootfs.base(job.archive, job.cache, work, job.runner, progress, again=again)
        progress(1.0, "")
        made = {}
        for provider in providers:
            if provider not in DISK_PROVIDERS:
                made[provider] = _container_box(job, provider, plain, work)
        if disks:
            made |= _disk_boxes(job, disks, plain, work)
    return made


def _container_box(job: _Build, provider: str, plain: RootFs, work: Work) -> PackedBox:
    folder = work / f"box-{provider}"
    folder.mkdir()
    progress = job.progress("box")
    fill = boxfile.docker if provider == "docker" else boxfile.lxc
    fill(folder, job.label(provider), plain, job.key, lambda done: progress(done, provider))
    progress(1.0, provider)
    return boxfile.finish(folder, job.label(provider), job.key, plain, job.cache)


def _disk_boxes(job: _Build, providers: list[str], plain: RootFs, work: Work) -> dict[str, PackedBox]:
    progress = job.progress("disk")
    progress(0.0, "kernel")
    full = rootfs.with_kernel(
        plain, job.archive, job.cache, work, job.runner, lambda done, text: progress((done or 0) / 2, "kernel")
    )
    raw = disk.raw_disk(
        full.tar,
        boxfile.personal_entries(job.key),
        full.epoch,
        work,
        job.runner,
        lambda done, text: progress(0.5 + (done or 0) / 2, text),
    )
    progress(1.0, "")
    made = {}
    for provider in providers:
        folder = work / f"box-{provider}"
        folder.mkdir()
        job.report(Phase("box", None, provider))
        if provider == "libvirt":
            boxfile.libvirt(folder, raw, work, job.runner)
        else:
            boxfile.virtualbox(folder, raw, job.suite.number, work, job.runner)
        made[provider] = boxfile.finish(folder, job.label(provider), job.key, full, job.cache)
    return made


def _publish(job: _Build, box: PackedBox, home: Path, built: bool) -> BuiltBox:
    label = box.label
    there = publish.find(label, home)
    # by content: a box that was built again and came out the same is left alone
    added = there is None or installed.box_checksum(there.path) != box.checksum
    if added or there is None:
        job.report(Phase("add to Vagrant", None, label.provider))
        old = {} if there is None else installed.recorded_files(there.path)
        there = publish.add(box, job.cache, home, job.runner)
        if old and label.provider == "docker":
            publish.forget_image(label, old, there, job.runner)
        if old and label.provider == "libvirt" and (note := publish.forget_volume(label, job.runner)):
            job.report(Phase("add to Vagrant", None, note))
    if label.provider == "docker":
        job.report(Phase("docker image", None, label.name))
        publish.make_image(there, label, job.runner)
    return BuiltBox(
        label.name, label.version, label.provider, box.path, box.sha256, there.path, box.checksum, built, added
    )


NEEDED = 1 << 30
NEEDED_FOR_DISKS = 2 << 30
