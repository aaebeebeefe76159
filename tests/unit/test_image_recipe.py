"""What is in a box: the recipe's fingerprint, the texts, and the bytes of a disk that are written by hand."""

import json
import re
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from devenv.image import disk, guest, recipe, vagrantfiles
from devenv.image.suites import SUITES

FINGERPRINTS = {1: "2dd95548247f187b7a648ac7508f892e81727aa378c12a433a913fc72d2d7b8d"}
"""Revision -> fingerprint. A new fingerprint needs a new revision: equal versions hold equal things."""


def test_a_changed_recipe_has_a_new_revision() -> None:
    assert recipe.fingerprint() == FINGERPRINTS.get(recipe.REVISION), (
        "the recipe changed: raise recipe.REVISION and note the new fingerprint here"
    )


def test_no_box_ships_host_keys_and_every_machine_makes_its_own() -> None:
    assert 'rm -f "$root"/etc/ssh/ssh_host_*' in guest.SETUP
    assert "/usr/lib/devenv/host-keys" in guest.CONTAINER_START
    assert "Before=ssh.service" in guest.HOST_KEYS_UNIT


def test_a_newer_debian_brings_what_was_split_off() -> None:
    assert "systemd-repart" not in recipe.disk_packages(SUITES["bookworm"])
    assert "systemd-repart" in recipe.disk_packages(SUITES["trixie"])


@pytest.mark.parametrize("script", [guest.CONTAINER_START, guest.HOST_KEYS, guest.SETUP, guest.DISK_SETUP, guest.LAST])
def test_scripts_say_what_runs_them(script: str) -> None:
    assert script.startswith("#!/bin/sh\n")
    assert "@" not in script.replace("serial-getty@ttyS0", "").replace("$@", "")


def test_a_docker_box_publishes_nothing_by_itself_and_asks_for_its_own_content() -> None:
    text = vagrantfiles.docker("devenv/debian-12:1-abc", "abcdef")
    assert 'image = "devenv/debian-12:1-abc"' in text
    assert 'if found == "abcdef"' in text
    assert "docker.ports" not in text
    assert '"-p"' not in text
    assert 'LABEL devenv.rootfs="abcdef"' in vagrantfiles.dockerfile("abcdef")
    assert vagrantfiles.DOCKERIGNORE.startswith("*\n")


@pytest.mark.parametrize(
    "text",
    [vagrantfiles.docker("a", "b"), vagrantfiles.libvirt(), vagrantfiles.lxc(), vagrantfiles.virtualbox()],
)
def test_every_box_brings_its_key_and_keeps_it(text: str) -> None:
    assert 'config.ssh.private_key_path = File.expand_path("box_key", __dir__)' in text
    assert "config.ssh.insert_key = false" in text
    assert text.count("do |") == len(re.findall(r"^ *end$", text, re.MULTILINE)) - text.count("begin") - text.count(
        "if f"
    )


def test_metadata_names_the_provider() -> None:
    assert json.loads(vagrantfiles.metadata("docker")) == {"provider": "docker"}
    assert json.loads(vagrantfiles.metadata("libvirt")) == {
        "provider": "libvirt",
        "format": "qcow2",
        "virtual_size": 20,
    }


def test_the_virtualbox_description_is_xml_that_fits_the_disk() -> None:
    space = {"o": "http://schemas.dmtf.org/ovf/envelope/1"}
    root = ET.fromstring(vagrantfiles.ovf(12, 4711))
    file, image = root.find("o:References/o:File", space), root.find("o:DiskSection/o:Disk", space)
    assert file is not None
    assert image is not None
    assert file.get(f"{{{space['o']}}}size") == "4711"
    assert file.get(f"{{{space['o']}}}href") == "box-disk001.vmdk"
    assert image.get(f"{{{space['o']}}}capacity") == str(recipe.DISK_SIZE)
    assert image.get(f"{{{space['o']}}}fileRef") == file.get(f"{{{space['o']}}}id")


def test_grub_is_put_where_the_partition_table_leaves_room(tmp_path: Path) -> None:
    image = tmp_path / "disk"
    image.write_bytes(b"\xff" * (disk.ROOT_FIRST + 1) * disk.SECTOR)
    disk.install_grub(image, b"\0" * 512, b"C" * 1000)
    data = image.read_bytes()
    start = disk.GRUB_FIRST * disk.SECTOR
    assert struct.unpack_from("<Q", data, 0x5C) == (disk.GRUB_FIRST,)
    assert struct.unpack_from("<Q", data, start + disk.SECTOR - 12) == (disk.GRUB_FIRST + 1,)
    # the rest of the first sector is the protective partition table
    assert data[440 : disk.SECTOR] == b"\xff" * (disk.SECTOR - 440)
    assert data[disk.SECTOR : start] == b"\xff" * (start - disk.SECTOR)
    assert len(data) == (disk.ROOT_FIRST + 1) * disk.SECTOR


def test_a_boot_loader_that_would_run_into_the_root_file_system_is_refused(tmp_path: Path) -> None:
    image = tmp_path / "disk"
    image.write_bytes(b"\0" * disk.SECTOR)
    with pytest.raises(ValueError, match="does not fit"):
        disk.install_grub(image, b"\0" * 512, b"C" * disk.ROOT_FIRST * disk.SECTOR)


def test_the_inodes_in_use_are_read_from_debugfs() -> None:
    stats = (
        "Inodes per group:         16\n"
        " Group  0: block bitmap at 1\n  0 free blocks, 0 free inodes, 3 used directories, 0 unused inodes\n"
        " Group  1: block bitmap at 2\n  9 free blocks, 14 free inodes, 0 used directories, 14 unused inodes\n"
    )
    assert disk.inodes_in_use(stats) == [2, 11, 12, 13, 14, 15, 16, 17, 18]


@pytest.mark.parametrize("random", ["1a2b3c4d", "2b3c4d", "0"])
@pytest.mark.parametrize("rest", ["", "\0f\n"])
def test_a_vmdks_random_id_is_settled_however_long_it_is(tmp_path: Path, random: str, rest: str) -> None:
    image = tmp_path / "a.vmdk"
    image.write_bytes(sparse_vmdk(f"# Disk DescriptorFile\nversion=1\nCID={random}\nparentCID=ffffffff\n{rest}"))
    disk.settle_content_id(image)
    settled = "# Disk DescriptorFile\nversion=1\nCID=de1e4f00\nparentCID=ffffffff\n"
    assert image.read_bytes() == sparse_vmdk(settled)


@pytest.mark.parametrize("text", ["version=1\n", "CID=1\nCID=2\n", "CID=1a2b3c4d5\n", f"CID=1\n{'#' * 1018}"])
def test_a_vmdk_that_is_not_qemus_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    image = tmp_path / "a.vmdk"
    image.write_bytes(sparse_vmdk(text))
    with pytest.raises(ValueError, match="is not what qemu-img writes"):
        disk.settle_content_id(image)
    assert image.read_bytes() == sparse_vmdk(text)


def sparse_vmdk(description: str) -> bytes:
    """A header, a description of two sectors that the header points to, and a sector of something else."""
    header = struct.pack("<4sIIQQQQ", b"KDMV", 3, 0x30001, 8192, 128, 1, 2)
    return header.ljust(disk.SECTOR, b"\0") + description.encode().ljust(2 * disk.SECTOR, b"\0") + b"G" * disk.SECTOR
