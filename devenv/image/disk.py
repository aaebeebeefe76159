"""A bootable disk from the root file system, without mounts or loop devices: partition table, ext4, GRUB."""

import re
import struct
from collections.abc import Callable
from pathlib import Path

from devenv import process
from devenv.image import recipe, tarball, workspace
from devenv.image.workspace import Work

SECTOR = 512
GRUB_FIRST = 34
"""First sector of the partition GRUB's core lives in, right behind the partition table."""
ROOT_FIRST = 2048
"""First sector of the root partition: 1 MiB."""
TAIL = 2048
"""Sectors left free at the end for the copy of the partition table."""

TOOLS = ("mke2fs", "debugfs", "grub-mkimage", "qemu-img", "sfdisk", "tar")
GRUB_FILES = Path("/usr/lib/grub/i386-pc")
GRUB_MODULES = ("biosdisk", "part_gpt", "ext2", "normal", "linux", "configfile", "search", "search_fs_uuid", "serial")

PARTITIONS = f"""\
label: gpt
label-id: {recipe.DISK_ID}
first-lba: {GRUB_FIRST}
unit: sectors
start={GRUB_FIRST}, size={ROOT_FIRST - GRUB_FIRST}, type=21686148-6449-6E6F-744E-656564454649, uuid={recipe.GRUB_PART}
start={ROOT_FIRST}, size={{size}}, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, uuid={recipe.ROOT_PART}
"""
"""BIOS boot partition, and Linux root for x86-64 (the type systemd-repart grows)."""

EARLY = f"search --no-floppy --fs-uuid --set=root {recipe.ROOT_UUID}\nset prefix=($root)/boot/grub\n"
"""What GRUB's core does by itself: find the root file system, whose grub.cfg it then reads."""

Progress = Callable[[float | None, str], None]


def raw_disk(
    rootfs: Path,
    personal: list[tarball.Entry],
    epoch: int,
    work: Work,
    runner: process.Runner,
    progress: Progress,
    *,
    size: int = recipe.DISK_SIZE,
) -> Path:
    """Make a sparse raw disk of size bytes from the tar rootfs plus personal entries; return its path in work."""
    disk, tree = work.scratch / "disk.raw", work.scratch / "tree"
    progress(0.0, "unpacking")
    _unpack(rootfs, personal, epoch, tree, work, runner)
    with disk.open("wb") as file:
        file.truncate(size)
    # mke2fs may be another user, in a namespace
    disk.chmod(0o666)
    sectors = size // SECTOR - ROOT_FIRST - TAIL
    _run(runner, work, ["sfdisk", "--quiet", "--no-reread", str(disk)], stdin=PARTITIONS.format(size=sectors))
    progress(0.2, "file system")
    _file_system(disk, tree, sectors, epoch, work, runner)
    _run(runner, work, workspace.as_owner(["rm", "-rf", str(tree)]))
    progress(0.9, "boot loader")
    _boot_loader(disk, work, runner)
    return disk


def qcow2(disk: Path, target: Path, work: Work, runner: process.Runner) -> None:
    """Write disk as a compressed qcow2 image; the same disk gives the same bytes."""
    _run(runner, work, ["qemu-img", "convert", "-c", "-m", "4", "-f", "raw", "-O", "qcow2", str(disk), str(target)])


def vmdk(disk: Path, target: Path, work: Work, runner: process.Runner) -> None:
    """Write disk as a streamOptimized VMDK; the same disk gives the same bytes."""
    options = ["-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized,adapter_type=ide"]
    _run(runner, work, ["qemu-img", "convert", *options, str(disk), str(target)])
    settle_content_id(target)


def settle_content_id(path: Path) -> None:
    """Replace the random content id in a sparse VMDK's description by a fixed one.

    The header says where the description is (VMware's "Virtual Disk Format 5.0", hosted sparse extents). qemu-img
    writes the id without leading zeros, so one in sixteen is shorter than ours, and what follows it moves; it writes it
    twice, so behind the text's end there may be a rest of the first time.
    """
    with path.open("r+b") as file:
        offset, sectors = struct.unpack_from("<QQ", file.read(SECTOR), 28)
        file.seek(offset * SECTOR)
        text = file.read(sectors * SECTOR).partition(b"\0")[0]
        settled, found = re.subn(rb"^CID=[0-9a-f]{1,8}$", b"CID=%08x" % recipe.CONTENT_ID, text, flags=re.MULTILINE)
        if found != 1 or len(settled) > sectors * SECTOR:
            raise ValueError(f"the description of {path} is not what qemu-img writes")
        file.seek(offset * SECTOR)
        file.write(settled.ljust(sectors * SECTOR, b"\0"))


def install_grub(disk: Path, boot: bytes, core: bytes) -> None:
    """Put GRUB's first sector and its core where the partition table left room.

    Both hold sector numbers for the core's usual place right behind an MBR, which GPT uses itself.
    """
    if len(core) > (ROOT_FIRST - GRUB_FIRST) * SECTOR:
        raise ValueError(f"GRUB's core is {len(core)} bytes long and does not fit")
    first = bytearray(boot[:440])
    struct.pack_into("<Q", first, 0x5C, GRUB_FIRST)
    # "jump over the floppy check", as grub-install sets it for a hard disk
    struct.pack_into("<H", first, 0x66, 0x9090)
    body = bytearray(core)
    struct.pack_into("<Q", body, SECTOR - 12, GRUB_FIRST + 1)
    with disk.open("r+b") as file:
        file.write(first)
        file.seek(GRUB_FIRST * SECTOR)
        file.write(body)


def _unpack(
    rootfs: Path, personal: list[tarball.Entry], epoch: int, tree: Path, work: Work, runner: process.Runner
) -> None:
    _run(runner, work, workspace.as_owner(["mkdir", str(tree)]))
    own = work / "personal.tar"
    tarball.write_entries(own, personal, epoch)
    for source in (rootfs, own):
        words = [
            "tar",
            "-x",
            "--numeric-owner",
            "--xattrs",
            "--xattrs-include=*",
            "--exclude=./dev/*",
            "-f",
            str(source),
            "-C",
            str(tree),
        ]
        _run(runner, work, workspace.as_owner(words))
    # the second archive changed the times of the folders it put something into
    parents = sorted({str(tree / entry.path.rpartition("/")[0]) for entry in personal})
    _run(runner, work, workspace.as_owner(["touch", f"--date=@{epoch}", *parents]))


def _file_system(disk: Path, tree: Path, sectors: int, epoch: int, work: Work, runner: process.Runner) -> None:
    offset = ROOT_FIRST * SECTOR
    # 8 KiB of disk to an inode is too many for 20 GiB; nothing is left for the kernel to prepare after boot
    options = f"offset={offset},hash_seed={recipe.HASH_SEED},lazy_itable_init=0,lazy_journal_init=0,nodiscard"
    command = ["mke2fs", "-q", "-F", "-t", "ext4", "-U", recipe.ROOT_UUID, "-L", "root", "-m", "1", "-i", "32768"]
    command += ["-E", options, "-d", str(tree), str(disk), f"{sectors // 2}k"]
    fixed = {"E2FSPROGS_FAKE_TIME": str(epoch), "SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC"}
    _run(runner, work, workspace.as_owner(command), env=fixed)
    settle_times(disk, offset, epoch, work, runner)


def settle_times(disk: Path, offset: int, epoch: int, work: Work, runner: process.Runner) -> None:
    """Set the times mke2fs takes from the unpacked files (change and access) to epoch, on every inode in use."""
    image = f"{disk}?offset={offset}"
    fixed = {"E2FSPROGS_FAKE_TIME": str(epoch), "TZ": "UTC"}
    stats = _run(runner, work, ["debugfs", "-R", "stats", image], env=fixed).stdout
    script = work / "times.debugfs"
    fields = (f"ctime @{epoch}", "ctime_extra 0", f"atime @{epoch}", "atime_extra 0")
    script.write_text("".join(f"sif <{inode}> {field}\n" for inode in inodes_in_use(stats) for field in fields))
    _run(runner, work, ["debugfs", "-w", "-f", str(script), image], env=fixed)


def inodes_in_use(stats: str) -> list[int]:
    """Return the numbers of the inodes that may be in use, from what debugfs says of an ext4 file system."""
    per_group = int(re.search(r"^Inodes per group:\s+(\d+)", stats, re.MULTILINE)[1])  # type: ignore[index]
    unused = [int(number) for number in re.findall(r"(\d+) unused inodes", stats)]
    ranges = [range(group * per_group + 1, (group + 1) * per_group + 1 - free) for group, free in enumerate(unused)]
    # the first ten belong to the file system itself; of those only the root folder has times
    return [inode for numbers in ranges for inode in numbers if inode == 2 or inode > 10]


def _boot_loader(disk: Path, work: Work, runner: process.Runner) -> None:
    early, core = work / "early.cfg", work / "core.img"
    early.write_text(EARLY)
    command = ["grub-mkimage", "-O", "i386-pc", "-c", str(early), "-p", "/boot/grub", "-o", str(core), *GRUB_MODULES]
    _run(runner, work, command)
    install_grub(disk, (GRUB_FILES / "boot.img").read_bytes(), core.read_bytes())


def _run(
    runner: process.Runner, work: Work, argv: list[str], *, stdin: str | None = None, env: dict[str, str] | None = None
) -> process.Completed:
    done = runner.run(work.guarded(argv), stdin=stdin, env=env)
    if done.code != 0:
        raise workspace.tool_failed(argv, done, "the disk image could not be made")
    return done
