"""Providers by Vagrant's own names; each is imported only when it is asked for."""

from importlib import import_module

from devenv.box.providers.base import Forward, Observed, Provider, Usable

__all__ = ["AUTOMATIC", "KNOWN", "Forward", "Observed", "Provider", "Usable", "get"]

KNOWN = {
    "docker": "docker:Docker",
    "hyperv": "desktop:HyperV",
    "libvirt": "libvirt:Libvirt",
    "lxc": "lxc:Lxc",
    "parallels": "desktop:Parallels",
    "virtualbox": "virtualbox:VirtualBox",
    "vmware_desktop": "desktop:VMware",
}

AUTOMATIC = ("virtualbox", "vmware_desktop", "parallels", "hyperv", "libvirt", "docker", "libvirt-emulated")
"""The order ``up`` tries when nobody said which: hardware first, then containers, then emulation."""


def get(name: str) -> Provider:
    """Return the provider of that name; one that always defers to Vagrant when devenv does not know it."""
    place = KNOWN.get(name)
    if place is None:
        provider = Provider()
        provider.name = name
        return provider
    module, _, cls = place.partition(":")
    found: Provider = getattr(import_module(f"devenv.box.providers.{module}"), cls)()
    return found
