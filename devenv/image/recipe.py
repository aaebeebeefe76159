"""The recipe of a base box: packages, files and settings, and a fingerprint over all of them."""

import hashlib
import json

from devenv.image import guest
from devenv.image.suites import Suite

REVISION = 1
"""Counts changes of the recipe; the last part of a box's version. A test fails when the recipe changes without it."""

PACKAGES = (
    "ca-certificates",
    "curl",
    "dbus",
    "iproute2",
    "netbase",
    "openssh-server",
    "procps",
    "python3-minimal",
    "rsync",
    "sudo",
    "systemd-resolved",
    "systemd-sysv",
    "udev",
)
"""What every box has on top of Debian's required packages and apt."""

DISK_PACKAGES = ("initramfs-tools", "linux-image-cloud-amd64", "systemd-timesyncd", "zstd")
"""What a box with a disk has in addition: its kernel, and a clock that stays right after a pause."""

SPLIT_OFF = {13: ("systemd-repart",)}
"""Debian's number -> what a disk needs from then on because it left another package."""

DISK_SIZE = 20 << 30
"""Virtual size of a disk in bytes; the file holds only what is used."""

ROOT_UUID = "de1e4f00-6465-4576-a656-6e7600000001"
HASH_SEED = "de1e4f00-6465-4576-a656-6e7600000002"
DISK_ID = "de1e4f00-6465-4576-a656-6e7600000003"
GRUB_PART = "de1e4f00-6465-4576-a656-6e7600000004"
ROOT_PART = "de1e4f00-6465-4576-a656-6e7600000005"
CONTENT_ID = 0xDE1E4F00


def disk_packages(suite: Suite) -> tuple[str, ...]:
    """Return the packages of DISK_PACKAGES as they are called in a suite."""
    more = [names for number, names in SPLIT_OFF.items() if suite.number >= number]
    return (*DISK_PACKAGES, *(name for names in more for name in names))


def fingerprint() -> str:
    """Return the SHA-256 (hex) of everything that decides what is inside a box, apart from Debian's archive."""
    files = [[file.path, file.text, file.mode, file.owner] for file in guest.FILES]
    texts = [guest.SETUP, guest.DISK_SETUP, guest.LAST, guest.GRUB_CFG, guest.FSTAB, guest.GROW]
    ids = [ROOT_UUID, HASH_SEED, DISK_ID, GRUB_PART, ROOT_PART, CONTENT_ID]
    parts = [PACKAGES, DISK_PACKAGES, sorted(SPLIT_OFF.items()), files, texts, DISK_SIZE, ids]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
