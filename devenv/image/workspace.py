"""The builder's cache folder: one build at a time, private work folders, no trace of a build that was ended.

A work folder holds a file ``.living`` that the build, and every program it starts, keeps locked. Whoever is next can
so tell the rest of a killed build from one whose programs are still running, and waits for those.
"""

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from devenv import process
from devenv.errors import BoxError, ToolFailed

LIVING = ".living"
SCRATCH = "scratch"

MEMORY_USED = 3 << 30
"""How large the scratch folder may grow, in bytes."""
MEMORY_NEEDED = 6 << 30
"""The scratch folder is in memory where so many bytes are free: unpacking is twenty times faster there."""


@dataclass(frozen=True)
class Cache:
    """Every name the builder uses under its cache folder."""

    root: Path

    @property
    def lock(self) -> Path:
        return self.root / "build.lock"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def rootfs(self) -> Path:
        return self.root / "rootfs"

    @property
    def boxes(self) -> Path:
        return self.root / "boxes"

    def archive(self, suite: str) -> Path:
        return self.root / "apt" / suite

    def packages(self, suite: str) -> Path:
        return self.root / "packages" / suite


@dataclass(frozen=True)
class Work:
    """One build's private folders: one on the cache's file system, and one for trees of files, in memory if it can."""

    folder: Path
    scratch: Path

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def guarded(self, argv: Sequence[str]) -> list[str]:
        """Return argv so that it, and all it starts, keeps the folder marked as in use."""
        # what root mounts in a namespace of its own goes with the program, even when it is killed
        apart = ["unshare", "--mount"] if os.geteuid() == 0 else []
        return ["flock", "--shared", "--no-fork", str(self.folder / LIVING), *apart, *argv]


@contextlib.contextmanager
def build_lock(cache: Cache, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the cache for one build; call waiting with a sentence first if another build holds it."""
    import fcntl

    cache.root.mkdir(parents=True, exist_ok=True)
    with cache.lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            if exc.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            file.seek(0)
            owner = file.read().strip()
            waiting(
                f"another build is running (process {owner}); waiting for it" if owner else "waiting for another build"
            )
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


@contextlib.contextmanager
def work_folder(cache: Cache, runner: process.Runner) -> Iterator[Work]:
    """Give a private folder inside the cache; it is gone afterwards, whatever happens."""
    import fcntl

    cache.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="build-", dir=cache.work))
    # without root's rights, programs enter it as other users of a user namespace
    folder.chmod(0o755)
    with (folder / LIVING).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        scratch = folder / SCRATCH
        scratch.mkdir()
        try:
            if os.geteuid() == 0 and memory_available() >= MEMORY_NEEDED:
                # where a container may not mount, the disk does
                runner.run(["mount", "-t", "tmpfs", "-o", f"size={MEMORY_USED},mode=755", "devenv", str(scratch)])
            scratch.chmod(0o1777 if os.geteuid() else 0o755)
            yield Work(folder, scratch)
        finally:
            remove_work(folder, runner)


def memory_available() -> int:
    """Return how many bytes of memory programs may still take without swapping; 0 if that is unknown."""
    try:
        text = Path("/proc/meminfo").read_text()
    except OSError:
        return 0
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) << 10 if found else 0


def sweep(cache: Cache, waiting: Callable[[str], None], runner: process.Runner) -> list[Path]:
    """Remove the work folders of builds that were killed; needs the build lock. Returns what was removed."""
    import fcntl

    gone = []
    for folder in sorted(cache.work.glob("build-*")):
        living = folder / LIVING
        if living.exists():
            with living.open("a") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    waiting("the last build was interrupted; waiting for its programs to end")
                    fcntl.flock(file, fcntl.LOCK_EX)
        remove_work(folder, runner)
        gone.append(folder)
    return gone


def remove_work(folder: Path, runner: process.Runner) -> None:
    """Remove a work folder with its scratch; where something stays mounted below it, it is left alone."""
    scratch = str(folder / SCRATCH)
    for point in sorted(_mounts_below(folder), reverse=True):
        if point == scratch:
            # emptied first: another mount namespace may keep the file system, but not what it held
            shutil.rmtree(scratch, ignore_errors=True)
        if runner.run(["umount", point]).code != 0:
            return
    remove_tree(folder)
    if folder.exists() and os.geteuid() != 0:
        # what is left belongs to the users of a namespace
        runner.run(as_owner(["rm", "-rf", "--", str(folder / SCRATCH)]))
        remove_tree(folder)


def as_owner(argv: list[str]) -> list[str]:
    """Return argv so that it may give files any owner: root may anyway, others do it in a user namespace."""
    return argv if os.geteuid() == 0 else ["mmdebstrap", "--unshare-helper", *argv]


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it, as far as that is possible."""
    shutil.rmtree(folder, ignore_errors=True)


def _mounts_below(folder: Path) -> list[str]:
    try:
        lines = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return []
    points = [line.split(" ")[1].encode().decode("unicode_escape") for line in lines]
    return [point for point in points if point.startswith(f"{folder}/")]


def need_space(folder: Path, needed: int) -> None:
    """Raise BoxError when the file system of folder has fewer than needed bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BoxError(
            f"building needs {gib(needed)} free in {folder}, and there is {gib(free)}",
            hint="make room there, or set DEVENV_CACHE to a folder on a larger disk",
        )


def gib(size: int) -> str:
    """Return a number of bytes as GiB with one decimal, rounded down."""
    return f"{size * 10 // (1 << 30) / 10:.1f} GiB"


def replace_file(fresh: Path, target: Path) -> None:
    """Put fresh in target's place at once and durably."""
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh.replace(target)


DISK_FULL_HINT = "make room, or set DEVENV_CACHE to a folder on a larger disk; nothing half-made was kept"


def is_disk_full(done: process.Completed) -> bool:
    """Tell whether a program says that it failed for want of room."""
    text = done.stdout + done.stderr
    # Linux' words, apt's, and those of mke2fs
    return any(words in text for words in ("No space left on device", "enough free space", "Could not allocate"))


def tool_failed(argv: Sequence[str], done: process.Completed, what: str) -> ToolFailed:
    """Turn a program that failed while building into an error of one clear line."""
    tail = process.tail(done.stderr or done.stdout)
    if is_disk_full(done):
        return ToolFailed(list(argv), done.code, tail, message=f"{what}: the disk is full", hint=DISK_FULL_HINT)
    return ToolFailed(list(argv), done.code, tail, message=f"{what}: {argv[0]} failed with exit code {done.code}")
