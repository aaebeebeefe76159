"""The root file system, made by mmdebstrap: once without a kernel, and from that one again with a kernel for disks."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devenv import process
from devenv.errors import ToolFailed
from devenv.image import guest, recipe, tarball, workspace
from devenv.image.archive import Archive, proxy_environment
from devenv.image.workspace import Cache

Progress = Callable[[float | None, str], None]
"""Called with how much is done (0 to 1, None: unknown) and what is being done."""

STAGES = {
    "running --setup-hook": 0.02,
    "downloading packages": 0.05,
    "extracting archives": 0.15,
    "installing essential packages": 0.3,
    "installing remaining packages": 0.45,
    "running --customize-hook": 0.85,
    "cleaning package lists": 0.92,
    "creating tarball": 0.95,
}
"""How far mmdebstrap is when it says so; measured."""


@dataclass(frozen=True)
class RootFs:
    """A root file system in the cache: an uncompressed tar, its SHA-256 (hex) and the packages in it."""

    tar: Path
    sha256: str
    packages: tuple[str, ...]
    fresh: bool


def base(archive: Archive, cache: Cache, work: Path, runner: process.Runner, progress: Progress) -> RootFs:
    """Return the root file system without a kernel, from the cache when it is there and whole."""
    target = _target(archive, cache, "base")
    if (kept := _kept(target)) is not None:
        return kept
    files = work / "files.tar"
    entries = [tarball.Entry(file.path.lstrip("/"), file.text.encode(), file.mode, file.owner) for file in guest.FILES]
    tarball.write_entries(files, _with_folders(entries), archive.epoch)
    options = [
        "--variant=minbase",
        f"--include={','.join(recipe.PACKAGES)}",
        # as options and not as a file put there first: mmdebstrap unpacks the essential packages by itself
        *(f"--dpkgopt={line}" for line in guest.DPKG_SMALL.splitlines() if not line.startswith("#")),
        f"--customize-hook=tar-in {shlex.quote(str(files))} /",
        f"--customize-hook={_script(work, 'setup', guest.SETUP)}",
    ]
    return _make(archive, cache, work, runner, progress, target, options)


def with_kernel(
    plain: RootFs, archive: Archive, cache: Cache, work: Path, runner: process.Runner, progress: Progress
) -> RootFs:
    """Return plain with the packages of a disk on top, from the cache when it is there and whole."""
    target = _target(archive, cache, "disk")
    if (kept := _kept(target)) is not None:
        return kept
    unpack = f'#!/bin/sh\nset -eu\ntar -x --xattrs --xattrs-include="*" -f {shlex.quote(str(plain.tar))} -C "$1"\n'
    finish = (
        '#!/bin/sh\nset -eu\nroot=$1\nmkdir -p "$root/boot/grub"\n'
        f'printf %s {shlex.quote(guest.GRUB_CFG.replace("@UUID@", recipe.ROOT_UUID))} > "$root/boot/grub/grub.cfg"\n'
        f'echo "UUID={recipe.ROOT_UUID} / ext4 errors=remount-ro 0 1" > "$root/etc/fstab"\n'
        'chroot "$root" systemctl enable --quiet systemd-timesyncd.service\n'
        'rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap\n'
    )
    options = [
        "--variant=custom",
        f"--include={','.join(recipe.DISK_PACKAGES)}",
        f"--setup-hook={_script(work, 'unpack', unpack)}",
        f"--customize-hook={_script(work, 'finish', finish)}",
    ]
    return _make(archive, cache, work, runner, progress, target, options)


def _make(
    archive: Archive,
    cache: Cache,
    work: Path,
    runner: process.Runner,
    progress: Progress,
    target: Path,
    options: list[str],
) -> RootFs:
    debs = cache.packages(archive.suite.codename)
    debs.mkdir(parents=True, exist_ok=True)
    fresh, listed = work / target.name, work / "packages.txt"
    listed.unlink(missing_ok=True)
    take = (
        '#!/bin/sh\nset -eu\nmkdir -p "$1/var/cache/apt/archives/partial" "$1/var/lib/apt/lists/partial"\n'
        f'cp {shlex.quote(str(archive.lists))}/*_* "$1/var/lib/apt/lists/"\n'
        f'find {shlex.quote(str(debs))} -name "*.deb" -size +0 -exec cp -t "$1/var/cache/apt/archives" {{}} +\n'
    )
    give = (
        f'#!/bin/sh\nset -eu\ncp -n "$1"/var/cache/apt/archives/*.deb {shlex.quote(str(work / "debs"))}/\n'
        f'chroot "$1" dpkg-query -W -f \'${{Package}}_${{Version}}_${{Architecture}}\\n\' > {shlex.quote(str(listed))}\n'
    )
    (work / "debs").mkdir(exist_ok=True)
    (work / "debs").chmod(0o777)
    work.chmod(0o777)
    command = [
        "mmdebstrap",
        "--format=tar",
        # the package lists were fetched before: they decide the version, so the box is made from exactly them
        "--skip=update,download/empty,essential/unlink",
        f"--setup-hook={_script(work, 'take', take)}",
        *options,
        f"--customize-hook={_script(work, 'give', give)}",
        archive.suite.codename,
        str(fresh),
        "-",
    ]
    env = {
        "TMPDIR": str(work),
        "SOURCE_DATE_EPOCH": str(archive.epoch),
        "LC_ALL": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
        **proxy_environment(runner),
    }
    done = runner.stream(
        workspace.guarded(command, work), lambda line: _say(line, progress), stdin=archive.sources, env=env
    )
    if done.code != 0:
        raise failed(done)
    packages = tuple(sorted(listed.read_text().split()))
    _keep_packages(work / "debs", debs)
    digest = tarball.sha256(fresh)
    record = {"sha256": digest, "size": fresh.stat().st_size, "packages": packages}
    workspace.replace_file(fresh, target)
    note = work / "record.json"
    note.write_text(json.dumps(record, indent=1) + "\n")
    workspace.replace_file(note, _record(target))
    return RootFs(target, digest, packages, fresh=True)


def failed(done: process.Completed) -> ToolFailed:
    """Turn a failed mmdebstrap into an error of one clear line."""
    lines = [line for line in done.stdout.splitlines() if line.startswith("E: ")]
    if "No space left on device" in done.stdout:
        reason = "the disk is full"
        hint: str | None = "make room, or set DEVENV_CACHE to a folder on a larger disk"
    elif any("Failed to fetch" in line or "Temporary failure resolving" in line for line in lines):
        reason, hint = "a package could not be downloaded", "check the network and run the build again"
    else:
        reason, hint = (lines[0][3:] if lines else f"exit code {done.code}"), None
    return ToolFailed(
        ["mmdebstrap"],
        done.code,
        process.tail(done.stdout),
        message=f"the root file system could not be built: {reason}",
        hint=hint,
    )


def _say(line: str, progress: Progress) -> None:
    if not line.startswith("I: "):
        return
    text = re.sub(r" in shell:.*", "", line[3:])
    for stage, fraction in STAGES.items():
        if text.startswith(stage):
            progress(fraction, stage)


def _with_folders(entries: list[tarball.Entry]) -> list[tarball.Entry]:
    """Put the folder /usr/lib/devenv, which no package brings, in front of its files; the others are there."""
    folders = sorted({entry.path.rpartition("/")[0] for entry in entries})
    made = [tarball.Entry(folder, b"", 0o755, folder=True) for folder in folders]
    return [*made, *entries]


def _keep_packages(source: Path, target: Path) -> None:
    for deb in source.glob("*.deb"):
        if not (target / deb.name).exists():
            deb.replace(target / deb.name)


def _script(work: Path, name: str, text: str) -> str:
    path = work / f"{name}.sh"
    path.write_text(text)
    path.chmod(0o755)
    # a hook is shell text
    return f'{shlex.quote(str(path))} "$1"'


def _target(archive: Archive, cache: Cache, kind: str) -> Path:
    version = archive.version(recipe.REVISION)
    # the day alone does not tell two states of the archive apart, nor two recipes under development
    state = tarball.text_sha256(f"{archive.epoch} {archive.sources} {recipe.fingerprint()}")[:12]
    return cache.rootfs / f"{archive.suite.codename}-{version}-{state}-{kind}.tar"


def _record(tar: Path) -> Path:
    return tar.with_name(f"{tar.name}.json")


def _kept(target: Path) -> RootFs | None:
    try:
        record = json.loads(_record(target).read_text())
        if tarball.sha256(target) == record["sha256"]:
            return RootFs(target, record["sha256"], tuple(record["packages"]), fresh=False)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None
