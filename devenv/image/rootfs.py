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
from devenv.image.workspace import Cache, Work

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
    """A root file system in the cache: an uncompressed tar, its SHA-256 (hex), its packages and its time (seconds)."""

    tar: Path
    sha256: str
    packages: tuple[str, ...]
    epoch: int


def base(
    archive: Archive, cache: Cache, work: Work, runner: process.Runner, progress: Progress, *, again: bool = False
) -> RootFs:
    """Return the root file system without a kernel, from the cache when it is there and whole; again: always anew."""
    target = _target(archive, cache, "base")
    if not again and (kept := _kept(target)) is not None:
        return kept
    files = work / "files.tar"
    entries = _entries(guest.FILES)
    tarball.write_entries(files, _with_folders(entries), archive.epoch)
    small = work / "small.tar"
    tarball.write_entries(small, _with_folders([e for e in entries if "dpkg.cfg.d" in e.path]), archive.epoch)
    options = [
        "--variant=minbase",
        f"--include={','.join(recipe.PACKAGES)}",
        # a file and not --dpkgopt, for which mmdebstrap sends every package through a slow filter (15 s); what it
        # unpacks by itself before dpkg runs is removed by SETUP
        f"--setup-hook=tar-in {shlex.quote(str(small))} /",
        f"--customize-hook=tar-in {shlex.quote(str(files))} /",
        f"--customize-hook={_script(work, 'setup', guest.SETUP)}",
    ]
    return _make(archive, cache, work, runner, progress, target, options, "")


def with_kernel(
    plain: RootFs, archive: Archive, cache: Cache, work: Work, runner: process.Runner, progress: Progress
) -> RootFs:
    """Return plain with the packages of a disk on top, from the cache when it is there, whole, and made from plain."""
    target = _target(archive, cache, "disk")
    if (kept := _kept(target, plain.sha256)) is not None:
        return kept
    # devices cannot be made in a user namespace; mmdebstrap brings them itself
    options_of_tar = '--exclude="./dev/*" --xattrs --xattrs-include="*"'
    unpack = f'#!/bin/sh\nset -eu\ntar -x {options_of_tar} -f {shlex.quote(str(plain.tar))} -C "$1"\n'
    files = work / "disk-files.tar"
    entries = _entries(guest.disk_files(recipe.ROOT_UUID))
    tarball.write_entries(files, _with_folders(entries), archive.epoch)
    options = [
        "--variant=custom",
        f"--include={','.join(recipe.disk_packages(archive.suite))}",
        f"--setup-hook={_script(work, 'unpack', unpack)}",
        f"--customize-hook=tar-in {shlex.quote(str(files))} /",
        f"--customize-hook={_script(work, 'disk-setup', guest.DISK_SETUP)}",
    ]
    return _make(archive, cache, work, runner, progress, target, options, plain.sha256)


def _make(
    archive: Archive,
    cache: Cache,
    work: Work,
    runner: process.Runner,
    progress: Progress,
    target: Path,
    options: list[str],
    parent: str,
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
        "#!/bin/sh\nset -eu\n"
        'chroot "$1" dpkg-query -W -f \'${Package}_${Version}_${Architecture}\\n\' > "$1/packages.txt"\n'
    )
    (work / "debs").mkdir(exist_ok=True)
    command = [
        "mmdebstrap",
        "--format=tar",
        # a build that is cut off starts anew: what dpkg writes need not be safe on disk
        "--dpkgopt=force-unsafe-io",
        # the package lists were fetched before: they decide the version, so the box is made from exactly them
        "--skip=update,download/empty,essential/unlink",
        f"--setup-hook={_script(work, 'take', take)}",
        *options,
        f"--customize-hook={_script(work, 'give', give)}",
        # mmdebstrap's own commands: without root's rights a script of ours may not write out here
        f"--customize-hook=download /packages.txt {shlex.quote(str(listed))}",
        f"--customize-hook=sync-out /var/cache/apt/archives {shlex.quote(str(work / 'debs'))}",
        f"--customize-hook={_script(work, 'last', guest.LAST)}",
        archive.suite.codename,
        str(fresh),
        "-",
    ]
    env = {
        "TMPDIR": str(work.scratch),
        "SOURCE_DATE_EPOCH": str(archive.epoch),
        "LC_ALL": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
        # the kernel's package does not make an initramfs, DISK_SETUP does: 10 s less
        "INITRD": "No",
        **proxy_environment(runner),
    }
    done = runner.stream(work.guarded(command), lambda line: _say(line, progress), stdin=archive.sources, env=env)
    if done.code != 0:
        raise failed(done)
    packages = tuple(sorted(listed.read_text().split()))
    _keep_packages(work / "debs", debs)
    digest = tarball.sha256(fresh)
    record = {"sha256": digest, "parent": parent, "epoch": archive.epoch, "packages": packages}
    workspace.replace_file(fresh, target)
    note = work / "record.json"
    note.write_text(json.dumps(record, indent=1) + "\n")
    workspace.replace_file(note, record_file(target))
    # they are large, and nothing is made from an old one again
    for old in superseded(cache):
        record_file(old).unlink(missing_ok=True)
        old.unlink()
    return RootFs(target, digest, packages, archive.epoch)


def failed(done: process.Completed) -> ToolFailed:
    """Turn a failed mmdebstrap into an error of one clear line."""
    lines = [line for line in done.stdout.splitlines() if line.startswith("E: ")]
    if workspace.is_disk_full(done):
        reason = "the disk is full"
        hint: str | None = workspace.DISK_FULL_HINT
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


def _entries(files: tuple[guest.GuestFile, ...]) -> list[tarball.Entry]:
    return [tarball.Entry(file.path.lstrip("/"), file.text.encode(), file.mode, file.owner) for file in files]


def _with_folders(entries: list[tarball.Entry]) -> list[tarball.Entry]:
    """Put the folders of files in front of them: some are in no package."""
    folders = sorted({entry.path.rpartition("/")[0] for entry in entries})
    made = [tarball.Entry(folder, b"", 0o755, folder=True) for folder in folders]
    return [*made, *entries]


def _keep_packages(source: Path, target: Path) -> None:
    for deb in source.glob("*.deb"):
        if not (target / deb.name).exists():
            deb.replace(target / deb.name)


def _script(work: Work, name: str, text: str) -> str:
    path = work / f"{name}.sh"
    path.write_text(text)
    path.chmod(0o755)
    # a hook is shell text
    return f'{shlex.quote(str(path))} "$1"'


def _target(archive: Archive, cache: Cache, kind: str) -> Path:
    version = archive.version(recipe.REVISION)
    # the day decides, as it does in the version: the first state of it that was built stays, for every provider
    state = tarball.text_sha256(f"{archive.sources} {recipe.fingerprint()}")[:12]
    return cache.rootfs / f"{archive.suite.codename}-{version}-{state}-{kind}.tar"


def superseded(cache: Cache) -> list[Path]:
    """Return the root file systems that have a newer one of the same suite and kind beside them."""
    newest: dict[tuple[str, str], Path] = {}
    tars = sorted(cache.rootfs.glob("*.tar"), key=lambda tar: tar.stat().st_mtime)
    for tar in tars:
        newest[_kind(tar)] = tar
    return [tar for tar in tars if newest[_kind(tar)] != tar]


def unused_packages(cache: Cache, suite: str) -> list[Path]:
    """Return the kept packages of a suite that are in none of its newest root file systems."""
    old = superseded(cache)
    used: set[str] = set()
    for tar in cache.rootfs.glob(f"{suite}-*.tar"):
        if tar not in old:
            used.update(json.loads(record_file(tar).read_text())["packages"] if record_file(tar).exists() else ())
    # apt writes the colon of an epoch as %3a
    names = {f"{package.replace(':', '%3a')}.deb" for package in used}
    return [deb for deb in sorted(cache.packages(suite).glob("*.deb")) if deb.name not in names]


def _kind(tar: Path) -> tuple[str, str]:
    parts = tar.stem.split("-")
    return parts[0], parts[-1]


def record_file(tar: Path) -> Path:
    """Return the note that lies beside a root file system."""
    return tar.with_name(f"{tar.name}.json")


def _kept(target: Path, parent: str = "") -> RootFs | None:
    try:
        record = json.loads(record_file(target).read_text())
        if record["parent"] == parent and tarball.sha256(target) == record["sha256"]:
            return RootFs(target, record["sha256"], tuple(record["packages"]), int(record["epoch"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None
