"""What of the builder's work may go: boxes and files a newer one has taken the place of, and that no machine uses."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from devenv import paths, process
from devenv.image import boxfile, installed, rootfs, suites, workspace
from devenv.image.boxfile import PackedBox
from devenv.image.installed import InstalledBox
from devenv.image.workspace import Cache


@dataclass(frozen=True)
class _Waste:
    """One thing that may go: a line about it, and what removes it."""

    line: str
    remove: Callable[[], None]


def prune(
    *, runner: process.Runner, dry_run: bool, cache: Path | None = None, vagrant_home: Path | None = None
) -> list[str]:
    """Remove what may go and return a line about each; with dry_run only return the lines.

    Of every name and provider the newest box stays. Boxes devenv did not build are never touched.
    """
    store, home = Cache(cache or paths.user_cache()), vagrant_home or paths.vagrant_home()
    waste = [*_installed_waste(home, runner), *_cached_waste(store)]
    if waste and not dry_run:
        with workspace.build_lock(store, lambda sentence: None):
            for item in waste:
                item.remove()
    return [item.line for item in waste]


def list_built(cache: Path) -> list[PackedBox]:
    """Return the packed boxes of a cache folder, oldest version first."""
    found = (boxfile.read(path) for path in Cache(cache).boxes.glob("*.box"))
    return sorted((box for box in found if box is not None), key=_packed_age)


def boxes_in_use(vagrant_home: Path) -> set[tuple[str, str, str]] | None:
    """Return (name, version, provider) of the boxes of all machines Vagrant knows; None: it cannot be told."""
    index = vagrant_home / "data/machine-index/index"
    try:
        text = index.read_text()
    except FileNotFoundError:
        return set()
    except OSError:
        return None
    if not text.strip():
        return set()
    try:
        machines = json.loads(text)["machines"].values()
        boxes = [machine.get("extra_data", {}).get("box") or {} for machine in machines]
        return {(str(box["name"]), str(box["version"]), str(box["provider"])) for box in boxes if "name" in box}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def outdated(boxes: Iterable[InstalledBox], used: set[tuple[str, str, str]]) -> list[InstalledBox]:
    """Return the boxes that have a newer one of the same name and provider beside them, and no machine."""
    newest: dict[tuple[str, str], InstalledBox] = {}
    ours = [box for box in boxes if suites.can_build(box.name) and installed.read_record(box.path) is not None]
    for box in sorted(ours, key=lambda box: installed.version_key(box.version)):
        newest[box.name, box.provider] = box
    return [
        box
        for box in ours
        if box is not newest[box.name, box.provider] and (box.name, box.version, box.provider) not in used
    ]


def _installed_waste(home: Path, runner: process.Runner) -> list[_Waste]:
    used = boxes_in_use(home)
    if used is None:
        return []
    return [
        _Waste(
            f"{box.name} {box.version} ({box.provider}) in Vagrant",
            lambda box=box: _remove_installed(box, home, runner),  # type: ignore[misc]
        )
        for box in outdated(installed.installed_boxes(home), used)
    ]


def _remove_installed(box: InstalledBox, home: Path, runner: process.Runner) -> None:
    image = boxfile.image_name(box.name, box.version, installed.recorded_files(box.path).get("rootfs.tar.gz", ""))
    command = ["vagrant", "box", "remove", box.name, "--provider", box.provider, "--box-version", box.version]
    runner.run([*command, "--force"], env={"VAGRANT_HOME": str(home), "VAGRANT_CWD": str(home)}).check(
        f"Vagrant could not remove the box {box.name} {box.version} ({box.provider})"
    )
    if box.provider == "docker" and runner.which("docker") is not None:
        # docker itself refuses while a container is made of it, and there may be none
        runner.run(["docker", "image", "rm", image])


def _cached_waste(store: Cache) -> list[_Waste]:
    newest: dict[tuple[str, str], PackedBox] = {}
    boxes = list_built(store.root)
    for box in boxes:
        newest[box.label.name, box.label.provider] = box
    keep = {box.path for box in newest.values()}
    old = [path for path in sorted(store.boxes.glob("*.box")) if path not in keep]
    waste = [_file_waste(path, boxfile.sidecar(path), boxfile.catalogue(path)) for path in old]
    for tar in rootfs.superseded(store):
        waste.append(_file_waste(tar, rootfs.record_file(tar)))
    for suite in suites.SUITES:
        if packages := rootfs.unused_packages(store, suite):
            size = workspace.gib(sum(path.stat().st_size for path in packages))
            waste.append(_files_waste(f"{len(packages)} packages of {suite} ({size}) in the cache", packages))
    return waste


def _file_waste(path: Path, *notes: Path) -> _Waste:
    return _files_waste(f"{path} ({workspace.gib(path.stat().st_size)})", [*notes, path])


def _files_waste(line: str, files: list[Path]) -> _Waste:
    def remove() -> None:
        for file in files:
            file.unlink(missing_ok=True)

    return _Waste(line, remove)


def _packed_age(box: PackedBox) -> tuple[str, str, tuple[tuple[int, int, str], ...]]:
    return (box.label.name, box.label.provider, installed.version_key(box.label.version))
