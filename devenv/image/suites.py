"""Which base boxes exist: Debian suites, their box names, and the providers a box can be made for."""

from dataclasses import dataclass

PROVIDERS = ("docker", "libvirt", "lxc", "virtualbox")
"""Every provider a box can be built for, in the order boxes are built."""

DISK_PROVIDERS = ("libvirt", "virtualbox")
"""Providers whose box is a disk image with a kernel of its own; the others share the host's kernel."""

PREFIX = "devenv/debian-"


@dataclass(frozen=True)
class Suite:
    """A Debian release: its code name (``bookworm``), its number (``12``) and where its security fixes live."""

    codename: str
    number: int

    @property
    def box_name(self) -> str:
        """Return the name Vagrant knows the box by, such as ``devenv/debian-12``."""
        return f"{PREFIX}{self.number}"

    @property
    def pockets(self) -> tuple[tuple[str, str], ...]:
        """Return (archive, distribution) for the release, its updates and its security fixes."""
        return (
            ("debian", self.codename),
            ("debian", f"{self.codename}-updates"),
            ("debian-security", f"{self.codename}-security"),
        )


SUITES = {suite.codename: suite for suite in (Suite("bookworm", 12), Suite("trixie", 13))}


def can_build(name: str) -> Suite | None:
    """Return the suite whose box is called name (``devenv/debian-12``), or None if it is not one of ours."""
    return next((suite for suite in SUITES.values() if suite.box_name == name), None)
