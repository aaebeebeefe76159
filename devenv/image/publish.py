"""Hand a packed box to Vagrant, and a docker box's root file system to docker."""

import json
from pathlib import Path

from devenv import process
from devenv.errors import ToolFailed
from devenv.image import boxfile, installed, workspace
from devenv.image.boxfile import Label, PackedBox
from devenv.image.installed import InstalledBox
from devenv.image.workspace import Cache


def find(label: Label, vagrant_home: Path) -> InstalledBox | None:
    """Return the installed box with this name, version and provider."""
    wanted = (label.name, label.version, label.provider)
    boxes = installed.installed_boxes(vagrant_home)
    return next((box for box in boxes if (box.name, box.version, box.provider) == wanted), None)


def add(box: PackedBox, cache: Cache, vagrant_home: Path, runner: process.Runner) -> InstalledBox:
    """Add a packed box to Vagrant, in the place of one with the same name, version and provider."""
    catalogue = write_catalogue(box)
    label = box.label
    command = ["vagrant", "box", "add", "--force", "--provider", label.provider, "--box-version", label.version]
    # Vagrant runs in a folder without a Vagrantfile: one of the user's must not be read, nor can it be broken, here
    done = runner.run(
        [*command, str(catalogue)],
        env={"VAGRANT_HOME": str(vagrant_home), "VAGRANT_CWD": str(cache.boxes), "VAGRANT_NO_COLOR": "1"},
    )
    if done.code != 0:
        raise _failed(done)
    added = find(label, vagrant_home)
    if added is None:
        raise ToolFailed(done.argv, 0, process.tail(done.stdout), message=f"Vagrant did not add the box {label.name}")
    return added


def write_catalogue(box: PackedBox) -> Path:
    """Write the catalogue of one box that ``vagrant box add`` reads: where it is, and its checksum."""
    label = box.label
    provider = {
        "name": label.provider,
        "url": box.path.as_uri(),
        "checksum_type": "sha256",
        "checksum": box.sha256,
    }
    data = {
        "name": label.name,
        "description": "Made by devenv for the person on this machine; not to be published.",
        "versions": [{"version": label.version, "providers": [provider]}],
    }
    path = boxfile.catalogue(box.path)
    path.write_text(json.dumps(data, indent=1) + "\n")
    return path


def image_rootfs(image: str, runner: process.Runner) -> str | None:
    """Return the SHA-256 (hex) of the root file system a docker image was made from; None: no such image."""
    label = '{{index .Config.Labels "devenv.rootfs"}}'
    shown = runner.run(["docker", "image", "inspect", "--format", label, image])
    return shown.stdout.strip() if shown.code == 0 else None


def make_image(box: InstalledBox, label: Label, runner: process.Runner) -> bool:
    """Make the docker image of an installed docker box unless it is there; False: docker cannot be asked.

    It is only done ahead for the first ``up``: without it the box's Vagrantfile has docker make it then.
    """
    if runner.which("docker") is None or runner.run(["docker", "version", "--format", "{{.Server.Version}}"]).code != 0:
        return False
    rootfs = installed.recorded_files(box.path)["rootfs.tar.gz"]
    image = label.image(rootfs)
    if image_rootfs(image, runner) == rootfs:
        return True
    done = runner.run(["docker", "build", "--quiet", "--tag", image, str(box.path)])
    if done.code != 0:
        raise workspace.tool_failed(done.argv, done, f"docker could not make the image {image}")
    return True


def forget_image(label: Label, old: dict[str, str], box: InstalledBox, runner: process.Runner) -> None:
    """Remove the docker image of a replaced box; docker itself keeps it while a machine is made of it."""
    name = "rootfs.tar.gz"
    if name in old and old[name] != installed.recorded_files(box.path)[name] and runner.which("docker") is not None:
        runner.run(["docker", "image", "rm", label.image(old[name])])


def forget_volume(label: Label, runner: process.Runner) -> str | None:
    """Remove the copy of a replaced box that vagrant-libvirt keeps in libvirt's storage, known by its version alone.

    While a machine's disk is based on it, it stays: then return a sentence that says so.
    """
    if runner.which("virsh") is None:
        return None
    virsh = ["virsh", "--connect", "qemu:///system"]
    listed = runner.run([*virsh, "vol-list", "default"], timeout=60)
    rows = [line.split(None, 1) for line in listed.stdout.splitlines()]
    volumes = {row[0]: row[1].strip() for row in rows if len(row) == 2 and row[1].startswith("/")}
    stem = f"{label.name.replace('/', '-VAGRANTSLASH-')}_vagrant_box_image_{label.version}"
    for name in [name for name in volumes if name.startswith(stem)]:
        for other in volumes.keys() - {name}:
            shown = runner.run([*virsh, "vol-dumpxml", "--pool", "default", other], timeout=60).stdout
            backing = shown.partition("<backingStore>")[2].partition("</backingStore>")[0]
            if f"<path>{volumes[name]}</path>" in backing:
                return (
                    f"machines are based on the old box; destroy them and run: virsh vol-delete --pool default {name}"
                )
        runner.run([*virsh, "vol-delete", "--pool", "default", name], timeout=60)
    return None


def _failed(done: process.Completed) -> ToolFailed:
    text = done.stderr or done.stdout
    if "No space left on device" in text:
        message, hint = "the box could not be added to Vagrant: the disk is full", "make room in Vagrant's folder"
    else:
        message, hint = "the box could not be added to Vagrant", "the last lines above are Vagrant's own"
    return ToolFailed(done.argv, done.code, process.tail(text), message=message, hint=hint)
