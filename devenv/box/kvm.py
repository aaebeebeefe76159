"""Whether KVM on this machine can really run a guest.

A device file that opens proves little: some nested set-ups (seen: kvm-pvm without svm or vmx underneath)
accept every request and then emulate each kernel instruction of the guest one by one. A Linux guest seems
to hang there while it unpacks itself, thousands of times slower than on a processor and hundreds of times
slower than in QEMU's own software emulation. So a virtual processor is started for real, as a kernel would
run (64 bit, paging on, ring 0), and has to finish a loop within a time limit.

Only the standard library is used, and nothing but this package's errors and process: ``python -m
devenv.box.kvm`` answers before any dependency is installed. It prints one line and exits 0 when KVM is
usable, 1 when it is not. With ``--vcpu DEVICE SECONDS`` it is the child that holds the virtual processor.
"""

import json
import mmap
import os
import platform
import struct
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devenv.errors import DevenvError
from devenv.process import Runner, SystemRunner, tail

DEVICE = "/dev/kvm"
DEFAULT_TIMEOUT = 0.3
"""Seconds the virtual processor gets; a good one needs about 0.01."""

SLOWEST = 50e6
"""Guest instructions a second under which KVM is no better than QEMU's software emulation (100 to 500 million)."""

USABLE, MISSING, NO_PERMISSION, BROKEN = "usable", "missing", "no permission", "broken"

ITERATIONS = 4_000_000
INSTRUCTIONS_PER_ITERATION = 3


@dataclass(frozen=True)
class KvmState:
    """What was found: ``state`` is usable, missing, "no permission" or broken; ``reason`` is one line for people.

    ``speed`` is in guest instructions a second, None where it was not measured.
    """

    state: str
    reason: str
    speed: float | None = None

    @property
    def usable(self) -> bool:
        return self.state == USABLE

    def __str__(self) -> str:
        return f"KVM is {self.state}: {self.reason}"


def probe(*, timeout: float = DEFAULT_TIMEOUT, runner: Runner | None = None, device: str = DEVICE) -> KvmState:
    """Start a virtual processor in a child process and say what became of it; never raises.

    ``timeout`` (seconds) bounds the virtual processor; the child's own start comes on top (about 0.05 s).
    The answer holds until the machine is started again: callers may keep it by ``boot_id()``.
    """
    if found := _without_starting(device):
        return found
    # -S: no site-packages, whose start-up hooks can take longer than the probe itself
    argv = [sys.executable, "-S", "-m", "devenv.box.kvm", "--vcpu", device, str(timeout)]
    package_parent = Path(__file__).resolve().parent.parent.parent
    try:
        done = (runner or SystemRunner()).run(argv, cwd=package_parent, timeout=timeout + 3)
    except (DevenvError, OSError) as exc:
        return KvmState(BROKEN, f"the child that held the virtual processor did not end: {exc}")
    return judge(done.code, done.stdout, done.stderr)


def _without_starting(device: str) -> KvmState | None:
    if not sys.platform.startswith("linux"):
        return KvmState(MISSING, "KVM is a part of Linux")
    if not Path(device).exists():
        return KvmState(MISSING, f"there is no {device}")
    if not os.access(device, os.R_OK | os.W_OK):
        return KvmState(NO_PERMISSION, f"{device} is not yours to open: sudo adduser $USER kvm, then log in again")
    return None


def judge(code: int, stdout: str, stderr: str) -> KvmState:
    """Turn what the child said (JSON on stdout, see ``_run_vcpu``) into a state."""
    try:
        said = json.loads(stdout)
    except ValueError:
        last = tail(stderr, 1) or f"exit code {code}"
        return KvmState(BROKEN, f"the virtual processor could not be started: {last}")
    if "error" in said:
        return KvmState(NO_PERMISSION if said["denied"] else BROKEN, said["error"])
    if said["iterations"] is None:
        return KvmState(USABLE, f"a virtual machine was made (speed is not measured on {platform.machine()})")
    speed = said["iterations"] * INSTRUCTIONS_PER_ITERATION / max(said["cpu_seconds"], 1e-6)
    if not said["iterations"]:
        return KvmState(BROKEN, f"a virtual processor was started and ran nothing in {said['seconds']:.1f} s", 0.0)
    if not said["finished"] and said["cpu_seconds"] < said["seconds"] / 10:
        return KvmState(BROKEN, f"a virtual processor was started and stood still for {said['seconds']:.1f} s", speed)
    if speed < SLOWEST:
        pace = f"{speed / 1e6:.1f} million instructions a second"
        return KvmState(BROKEN, f"it runs guests at {pace}, slower than software emulation", speed)
    if said["exit_reason"] not in (None, KVM_EXIT_IO):
        return KvmState(BROKEN, f"a virtual processor stopped with KVM exit reason {said['exit_reason']}", speed)
    return KvmState(USABLE, f"a virtual processor ran {speed / 1e6:.0f} million instructions a second", speed)


def boot_id() -> str:
    """Return the kernel's name for this boot, "" where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


# From here on: what runs in the child. Numbers from the kernel's include/uapi/linux/kvm.h.

KVM_CREATE_VM = 0xAE01
KVM_GET_VCPU_MMAP_SIZE = 0xAE04
KVM_CREATE_VCPU = 0xAE41
KVM_SET_TSS_ADDR = 0xAE47
KVM_RUN = 0xAE80
KVM_SET_USER_MEMORY_REGION = 0x4020AE46
KVM_SET_REGS = 0x4090AE82
KVM_GET_SREGS = 0x8138AE83
KVM_SET_SREGS = 0x4138AE84
KVM_EXIT_IO = 2

MEMORY = 0x10000
PML4, PDPT, PAGE_DIRECTORY, CODE, COUNTER = 0x1000, 0x2000, 0x3000, 0x4000, 0x8000

LOOP = (
    b"\xb9" + struct.pack("<I", ITERATIONS)  # mov ecx, ITERATIONS
    + b"\x89\x0c\x25" + struct.pack("<I", COUNTER)  # again: mov [COUNTER], ecx
    + b"\xff\xc9"  # dec ecx
    + b"\x75\xf5"  # jnz again
    + b"\xe6\x10"  # out 0x10, al: leaves the guest
)  # fmt: skip


class _TimeUp(Exception):
    """The time limit's signal arrived while the virtual processor ran."""


def _run_vcpu(device: str, seconds: float) -> dict[str, object]:
    """Run the loop for at most ``seconds``.

    Returns ``iterations`` done (None where this architecture is not measured), ``finished``, ``seconds`` and
    ``cpu_seconds`` taken, ``exit_reason`` of the virtual processor (None when time was up).
    """
    # not at the top: neither exists on Windows
    import fcntl
    import signal

    kvm = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    machine = fcntl.ioctl(kvm, KVM_CREATE_VM, 0)
    if platform.machine() != "x86_64":
        return {"iterations": None}
    memory, vcpu, shared = _make_vcpu(kvm, machine)

    def time_up(_number: int, _frame: object) -> None:
        raise _TimeUp

    signal.signal(signal.SIGALRM, time_up)
    # processor time beside the clock: a busy host must not make a good KVM look slow
    wall, cpu = time.monotonic(), time.process_time()
    exit_reason: int | None = None
    try:
        # repeats: should one signal be lost, the next ends the run
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
        fcntl.ioctl(vcpu, KVM_RUN, 0)
        exit_reason = struct.unpack_from("<I", shared, 8)[0]
    except (_TimeUp, InterruptedError):
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    left = struct.unpack_from("<I", memory, COUNTER)[0]
    return {
        "iterations": ITERATIONS - left,
        "finished": exit_reason is not None,
        "seconds": time.monotonic() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "exit_reason": exit_reason,
    }


def _make_vcpu(kvm: int, machine: int) -> tuple[mmap.mmap, int, mmap.mmap]:
    """Return the guest's memory with the loop in it, the virtual processor at its start, its shared page."""
    import ctypes
    import fcntl

    memory = mmap.mmap(-1, MEMORY)
    memory[CODE : CODE + len(LOOP)] = LOOP
    struct.pack_into("<I", memory, COUNTER, ITERATIONS)
    # one 2 MiB page, address for address
    struct.pack_into("<Q", memory, PML4, PDPT | 0x3)
    struct.pack_into("<Q", memory, PDPT, PAGE_DIRECTORY | 0x3)
    struct.pack_into("<Q", memory, PAGE_DIRECTORY, 0x83)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    try:
        # Intel's processors need three pages of their own, above the guest's memory (and Python's ioctl a signed int)
        fcntl.ioctl(machine, KVM_SET_TSS_ADDR, 0x7FFBD000)
    except OSError:
        pass
    fcntl.ioctl(machine, KVM_SET_USER_MEMORY_REGION, struct.pack("=IIQQQ", 0, 0, 0, MEMORY, address))
    vcpu = fcntl.ioctl(machine, KVM_CREATE_VCPU, 0)
    shared = mmap.mmap(vcpu, fcntl.ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0))
    fcntl.ioctl(vcpu, KVM_SET_SREGS, _long_mode(fcntl.ioctl(vcpu, KVM_GET_SREGS, bytes(0x138))))
    # general registers 0, then rip and rflags
    fcntl.ioctl(vcpu, KVM_SET_REGS, struct.pack("=18Q", *([0] * 16), CODE, 0x2))
    return memory, vcpu, shared


def _long_mode(reset: bytes) -> bytes:
    """Return struct kvm_sregs of a processor in 64-bit mode with paging, ring 0, from that after a reset."""
    sregs = bytearray(reset)
    # base, limit, selector, type, present, dpl, db, s, l, g, avl, unusable, padding
    code = struct.pack("=QIH10B", 0, 0xFFFFFFFF, 0x08, 11, 1, 0, 0, 1, 1, 1, 0, 0, 0)
    data = struct.pack("=QIH10B", 0, 0xFFFFFFFF, 0x10, 3, 1, 0, 1, 1, 0, 1, 0, 0, 0)
    # cs, ds, es, fs, gs, ss
    sregs[: 6 * 24] = code + data * 5
    # cr0 (PE, ET, NE, WP, PG), cr2, cr3, cr4 (PAE), cr8, efer (LME, LMA)
    struct.pack_into("=6Q", sregs, 224, 0x80010031, 0, PML4, 0x20, 0, 0x500)
    return bytes(sregs)


def _child(device: str, seconds: str) -> None:
    said: dict[str, object]
    try:
        said = _run_vcpu(device, float(seconds))
    except OSError as exc:
        said = {"error": f"{device}: {exc.strerror}", "denied": isinstance(exc, PermissionError)}
    # nothing is torn down in order: the process ends, and with it the guest
    os.write(1, json.dumps(said).encode())
    os._exit(0)


def main(argv: Sequence[str]) -> int:
    """Print the state in one line; 0 usable, 1 not."""
    if len(argv) == 3 and argv[0] == "--vcpu":
        _child(argv[1], argv[2])
    state = probe()
    sys.stdout.write(f"{state}\n")
    return 0 if state.usable else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
