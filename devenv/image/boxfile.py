"""A Vagrant box: the files of each provider's, packed into one archive with a record of what they are."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devenv import process
from devenv.image import disk, installed, recipe, tarball, vagrantfiles, workspace
from devenv.image.guest import VAGRANT_UID
from devenv.image.key import BoxKey
from devenv.image.rootfs import RootFs
from devenv.image.workspace import Cache, Work

FORMAT = 2
"""Counts changes in how a box is put together that its texts do not show."""


@dataclass(frozen=True)
class Label:
    """What a box says of itself: Vagrant's name, version and provider, the suite, and the identity of its content."""

    name: str
    version: str
    provider: str
    suite: str
    identity: str

    def image(self, rootfs_sha256: str) -> str:
        """Return the name of the docker image that belongs to the box."""
        return image_name(self.name, self.version, rootfs_sha256)

    def file(self, cache: Cache) -> Path:
        """Return where the packed box is kept."""
        return cache.boxes / f"{self.name.replace('/', '-')}_{self.version}_{self.provider}.box"


@dataclass(frozen=True)
class PackedBox:
    """A box in the cache: its label, the archive and its SHA-256 (hex), and the checksum it has once installed."""

    label: Label
    path: Path
    sha256: str
    checksum: str


def image_name(name: str, version: str, rootfs_sha256: str) -> str:
    """Return the name of the docker image of a box.

    It names the content as well: one docker may serve several people, whose boxes differ by their keys.
    """
    return f"{name}:{version}-{rootfs_sha256[:12]}"


def identity(provider: str, version: str, sources: str, key: BoxKey) -> str:
    """Return a SHA-256 (hex) over what decides a box's content, a day of the archive being one state of it."""
    return tarball.text_sha256(json.dumps([version, sources, key.public, *_recipe(provider)]))


def content(provider: str, rootfs: RootFs) -> str:
    """Return ``sha256:…`` over what is in a box but its owner's key: the same for all who built it of one archive.

    This is what devenv.lock keeps of a box of ours. That the box's files are what its record says, and so this too, is
    for ``installed.verify`` to see.
    """
    return "sha256:" + tarball.text_sha256(json.dumps([rootfs.sha256, *_recipe(provider)]))


def _recipe(provider: str) -> list[object]:
    texts = {
        "docker": vagrantfiles.docker("", "") + vagrantfiles.dockerfile("") + vagrantfiles.DOCKERIGNORE,
        "libvirt": vagrantfiles.libvirt(),
        "lxc": vagrantfiles.lxc() + vagrantfiles.LXC_CONFIG,
        "virtualbox": vagrantfiles.virtualbox() + vagrantfiles.OVF,
    }
    return [FORMAT, provider, recipe.fingerprint(), texts[provider], vagrantfiles.metadata(provider)]


def personal_entries(key: BoxKey) -> list[tarball.Entry]:
    """Return what makes a root file system one person's: the key that may log in."""
    line = f"{key.public}\n".encode()
    return [
        tarball.Entry("home/vagrant/.ssh", b"", 0o700, VAGRANT_UID, folder=True),
        tarball.Entry("home/vagrant/.ssh/authorized_keys", line, 0o600, VAGRANT_UID),
    ]


def docker(folder: Path, label: Label, plain: RootFs, key: BoxKey, progress: Callable[[float], None]) -> None:
    """Fill folder with a docker box's files."""
    rootfs = folder / "rootfs.tar.gz"
    # docker brings its own /dev, and writes /etc/resolv.conf, which cannot be a link into an empty /run
    tarball.derive(
        plain.tar,
        rootfs,
        extra=personal_entries(key),
        leave_out=lambda name: name.startswith("dev/") or name == "etc/resolv.conf",
        mtime=plain.epoch,
        progress=progress,
    )
    digest = tarball.sha256(rootfs)
    (folder / "Vagrantfile").write_text(vagrantfiles.docker(label.image(digest), digest))
    (folder / "Dockerfile").write_text(vagrantfiles.dockerfile(digest))
    (folder / ".dockerignore").write_text(vagrantfiles.DOCKERIGNORE)


def lxc(folder: Path, label: Label, plain: RootFs, key: BoxKey, progress: Callable[[float], None]) -> None:
    """Fill folder with an lxc box's files."""
    tarball.derive(
        plain.tar,
        folder / "rootfs.tar.gz",
        extra=personal_entries(key),
        # vagrant-lxc strips two levels when it unpacks
        prefix="./rootfs/",
        leave_out=lambda name: name.startswith("dev/"),
        mtime=plain.epoch,
        progress=progress,
    )
    (folder / "Vagrantfile").write_text(vagrantfiles.lxc())
    (folder / "lxc-config").write_text(vagrantfiles.LXC_CONFIG)


def libvirt(folder: Path, raw: Path, work: Work, runner: process.Runner) -> None:
    """Fill folder with a libvirt box's files."""
    disk.qcow2(raw, folder / "box.img", work, runner)
    (folder / "Vagrantfile").write_text(vagrantfiles.libvirt())


def virtualbox(folder: Path, raw: Path, number: int, work: Work, runner: process.Runner) -> None:
    """Fill folder with the files of a VirtualBox box for Debian release number."""
    image = folder / "box-disk001.vmdk"
    disk.vmdk(raw, image, work, runner)
    (folder / "box.ovf").write_text(vagrantfiles.ovf(number, image.stat().st_size))
    (folder / "Vagrantfile").write_text(vagrantfiles.virtualbox())


def finish(folder: Path, label: Label, key: BoxKey, rootfs: RootFs, cache: Cache) -> PackedBox:
    """Add to folder what every box has, pack it, and put it into the cache; rootfs is what folder was made of."""
    (folder / "metadata.json").write_text(vagrantfiles.metadata(label.provider))
    private = folder / "box_key"
    private.write_text(key.private)
    for path in folder.iterdir():
        path.chmod(0o644)
    private.chmod(0o600)
    record = {
        "format": FORMAT,
        "name": label.name,
        "version": label.version,
        "provider": label.provider,
        "suite": label.suite,
        "content": content(label.provider, rootfs),
        "files": installed.file_checksums(folder),
    }
    (folder / installed.RECORD).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    checksum = installed.box_checksum(folder)
    packed = folder.with_suffix(".box")
    tarball.pack(packed, folder, sorted(path.name for path in folder.iterdir()), rootfs.epoch)
    workspace.remove_tree(folder)
    digest = tarball.sha256(packed)
    target = label.file(cache)
    note = packed.with_suffix(".json")
    note.write_text(json.dumps({**_as_json(label), "sha256": digest, "checksum": checksum}, indent=1) + "\n")
    # the archive first: a note without its archive would be believed, an archive without its note is not
    sidecar(target).unlink(missing_ok=True)
    workspace.replace_file(packed, target)
    workspace.replace_file(note, sidecar(target))
    return PackedBox(label, target, digest, checksum)


def cached(label: Label, cache: Cache) -> PackedBox | None:
    """Return the packed box with this label from the cache if it is there and whole."""
    found = read(label.file(cache))
    if found is None or found.label.identity != label.identity:
        return None
    try:
        return found if tarball.sha256(found.path) == found.sha256 else None
    except OSError:
        return None


def read(path: Path) -> PackedBox | None:
    """Return what the note beside a packed box says of it; its bytes are not looked at."""
    try:
        note = json.loads(sidecar(path).read_text())
        label = Label(**{name: note[name] for name in Label.__dataclass_fields__})
        return PackedBox(label, path, note["sha256"], note["checksum"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def sidecar(path: Path) -> Path:
    """Return the note that lies beside a packed box."""
    return path.with_name(f"{path.name}.json")


def catalogue(path: Path) -> Path:
    """Return the catalogue that hands a packed box to Vagrant."""
    return path.with_name(f"{path.name}.catalogue.json")


def _as_json(label: Label) -> dict[str, object]:
    return {name: getattr(label, name) for name in Label.__dataclass_fields__}
