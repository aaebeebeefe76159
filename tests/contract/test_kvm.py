"""The KVM probe against this machine's real KVM, whatever it is, with QEMU as the witness."""

import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devenv.box import kvm

pytestmark = pytest.mark.contract

BOUND = 1.5
"""Seconds a probe may take on the worst KVM: its time limit and the start of a Python or two."""


def boot_sector(iterations: int) -> bytes:
    """A disk's first sector: counts down in memory, then ends QEMU through its debug exit device."""
    code = (
        b"\xfa\x31\xc0\x8e\xd8"  # cli; ds = 0
        b"\x66\xb9" + struct.pack("<I", iterations) + b"\x66\x89\x0e\x00\x80"  # ecx; again: mov [0x8000], ecx
        b"\x66\x49\x75\xf7"  # dec ecx; jnz again
        b"\xba\xf4\x00\xb0\x01\xee\xf4"  # out 0xf4, 1; hlt
    )
    return code.ljust(510, b"\0") + b"\x55\xaa"


def qemu_seconds(folder: Path, accelerator: str, iterations: int) -> float | None:
    """Seconds QEMU takes to boot and count down; None when it refuses that accelerator."""
    disk = folder / "disk"
    disk.write_bytes(boot_sector(iterations))
    started = time.monotonic()
    machine = f"-accel {accelerator} -display none -device isa-debug-exit,iobase=0xf4,iosize=4"
    done = subprocess.run(
        ["qemu-system-x86_64", *machine.split(), "-drive", f"file={disk},format=raw"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return time.monotonic() - started if done.returncode == 3 else None


def test_the_probe_says_of_this_machine_what_qemu_shows(tmp_path: Path) -> None:
    state = kvm.probe()
    # enough for the slower of the two to need longer than QEMU's own start
    iterations = 300_000 if state.state == "broken" else 400_000_000
    with_kvm = qemu_seconds(tmp_path, "kvm", iterations)
    emulated = qemu_seconds(tmp_path, "tcg", iterations)
    assert emulated is not None
    if state.usable:
        assert with_kvm is not None
        assert with_kvm < emulated
    else:
        # refused (missing, no permission), or slower than having no KVM at all
        assert with_kvm is None or with_kvm > emulated


def test_the_probe_is_bounded_and_says_the_same_twice() -> None:
    started = time.monotonic()
    first = kvm.probe()
    assert time.monotonic() - started < BOUND
    assert kvm.probe().state == first.state


def test_the_command_needs_nothing_installed_and_agrees_with_the_probe() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", "devenv.box.kvm"],
        cwd=Path(kvm.__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    state = kvm.probe()
    assert done.returncode == (0 if state.usable else 1)
    assert done.stdout.startswith(f"KVM is {state.state}: ")
    assert done.stdout.count("\n") == 1


def test_a_child_killed_in_the_middle_is_gone() -> None:
    child = subprocess.Popen(
        [sys.executable, "-S", "-m", "devenv.box.kvm", "--vcpu", kvm.DEVICE, "60"],
        cwd=Path(kvm.__file__).parents[2],
        stdout=subprocess.DEVNULL,
    )
    try:
        # a tenth of a second of processor time is past Python's start and inside the guest (or the child has ended)
        while child.poll() is None and processor_ticks(child.pid) < 10:
            pass
    finally:
        child.kill()
    assert child.wait(timeout=5) in (0, -9)
    assert not Path(f"/proc/{child.pid}").exists()


def processor_ticks(pid: int) -> int:
    """Hundredths of a second of processor time (user and system) a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
