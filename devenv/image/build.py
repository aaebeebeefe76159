"""Build base boxes: one root file system, a box per provider, each added to Vagrant."""

import contextlib
import errno
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devenv import paths, process
from devenv.errors import BoxError, ToolMissing, UsageError
from devenv.image import archive, boxfile, disk, publish, rootfs, tarball, workspace
from devenv.image.archive import Archive
from devenv.image.boxfile import Label, PackedBox
from devenv.image.key import BoxKey, box_key
from devenv.image.suites import DISK_PROVIDERS, PROVIDERS, SUITES, Suite
from devenv.image.workspace import Cache


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
        state = f"{self.archive.epoch} {self.archive.sources}"
        return Label(
            self.suite.box_name,
            self.archive.version(boxfile.recipe.REVISION),
            provider,
            self.suite.codename,
            boxfile.identity(provider, state, self.key),
            self.archive.epoch,
        )

    def progress(self, name: str) -> rootfs.Progress:
        """Return a progress function that reports as the phase name."""
        return lambda fraction, detail="": self.report(Phase(name, fraction, detail))


def build(
    request: BuildRequest,
    *,
    runner: process.Runner,
    report: Report,
    cache: Path | None = None,
    vagrant_home: Path | None = None,
) -> list[BuiltBox]:
    """Make sure that the requested boxes are built from the archive's present state and added to Vagrant.

    A box that is there and whole is left alone. Raises UsageError, ToolMissing, ToolFailed, BoxError.
    """
    suite = _check(request, runner)
    store = Cache(cache or paths.user_cache())
    home = vagrant_home or paths.vagrant_home()

    def waiting(sentence: str) -> None:
        report(Phase("waiting", None, sentence))

    with _disk_full(store.root), workspace.build_lock(store, waiting):
        workspace.sweep(store, waiting)
        report(Phase("package lists", None, suite.codename))
        state = archive.refresh(suite, store.archive(suite.codename), runner)
        job = _Build(suite, state, box_key(runner), store, runner, report)
        ready = {} if request.force else _ready(job, request.providers)
        missing = [provider for provider in request.providers if provider not in ready]
        made = _make(job, missing) if missing else {}
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


def _make(job: _Build, providers: list[str]) -> dict[str, PackedBox]:
    disks = [provider for provider in providers if provider in DISK_PROVIDERS]
    workspace.need_space(job.cache.root, NEEDED + (NEEDED_FOR_DISKS if disks else 0))
    made = {}
    with workspace.work_folder(job.cache) as work:
        progress = job.progress("root file system")
        progress(0.0, "")
        plain = rootfs.base(job.archive, job.cache, work, job.runner, progress)
        progress(1.0, "")
        for provider in (provider for provider in providers if provider not in DISK_PROVIDERS):
            folder = work / f"box-{provider}"
            folder.mkdir()
            fill = boxfile.docker if provider == "docker" else boxfile.lxc
            step = job.progress("box")
            fill(folder, job.label(provider), plain, job.key, lambda done, step=step, name=provider: step(done, name))
            made[provider] = boxfile.finish(folder, job.label(provider), job.key, job.cache)
            step(1.0, provider)
        if disks:
            made |= disk.boxes(job, disks, plain, work)
    return made


def _publish(job: _Build, box: PackedBox, home: Path, built: bool) -> BuiltBox:
    label = box.label
    there = publish.find(label, home)
    added = built or not publish.is_current(there, label)
    if added or there is None:
        job.report(Phase("add to Vagrant", None, label.provider))
        there = publish.add(box, job.cache, home, job.runner)
    if label.provider == "docker":
        job.report(Phase("docker image", None, label.image))
        publish.make_image(there, job.runner)
    return BuiltBox(
        label.name, label.version, label.provider, box.path, box.sha256, there.path, box.checksum, built, added
    )


NEEDED = 1 << 30
NEEDED_FOR_DISKS = 2 << 30
