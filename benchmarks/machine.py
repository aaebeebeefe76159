"""What the benchmarks ran on, in words that mean something on another machine too."""

import os
import platform
import re
import sys
from pathlib import Path

from devenv import __version__
from devenv.process import SystemRunner

VERSIONS = (
    ("Vagrant", ["vagrant", "--version"]),
    ("Docker", ["docker", "--version"]),
    ("libvirt", ["virsh", "--version"]),
    ("QEMU", ["qemu-system-x86_64", "--version"]),
    ("OpenSSH", ["ssh", "-V"]),
)


def describe() -> list[tuple[str, str]]:
    """Return facts about this machine and its programs, as (what, value)."""
    facts = [
        ("Processor", f"{_processor()}, {os.cpu_count()} of its threads"),
        ("Memory", f"{_memory():.0f} GiB"),
        ("System", _system()),
        ("devenv", __version__),
        ("Python", platform.python_version()),
    ]
    return facts + [(name, version) for name, argv in VERSIONS if (version := _version(argv))]


def load() -> str:
    """Return how busy the machine is: processes that want a processor, averaged over a minute."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()


def _memory() -> float:
    found = re.search(r"^MemTotal:\s*(\d+) kB", _read("/proc/meminfo"), re.MULTILINE)
    return int(found[1]) / (1 << 20) if found else 0.0


def _system() -> str:
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)', _read("/etc/os-release"), re.MULTILINE)
    return found[1] if found else f"{platform.system()} {platform.release()}"


def _version(argv: list[str]) -> str:
    runner = SystemRunner()
    if runner.which(argv[0]) is None:
        return ""
    done = runner.run(argv, timeout=60)
    found = re.search(r"\d+(\.\d+)+(p\d+)?", done.stdout or done.stderr)
    return found[0] if found else ""


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError:
        return ""


if __name__ == "__main__":
    for what, value in describe():
        sys.stdout.write(f"{what}: {value}\n")
