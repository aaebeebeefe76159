"""Which provider a machine is booted on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from devenv.box import kvm, providers
from devenv.errors import BoxError, UsageError
from devenv.process import Runner

ALIASES = {"libvirt-emulated": "libvirt"}


@dataclass(frozen=True)
class Choice:
    """A provider, why it was chosen, and what this computer adds to its settings (software emulation)."""

    provider: str
    because: str
    settings: Mapping[str, object]


@cache
def kvm_works() -> bool:
    """Say whether a vCPU really runs here (asked once a process).

    No permission is not broken: libvirt's own user may use a device that we may not.
    """
    return kvm.probe().state in (kvm.USABLE, kvm.NO_PERMISSION)


def emulation() -> dict[str, object]:
    """Return vagrant-libvirt's settings for a host whose KVM cannot be used."""
    return {"driver": "qemu"}


def choose(
    runner: Runner, *, flag: str | None, configured: str | None, has_settings: Mapping[str, Mapping[str, object]]
) -> Choice:
    """Return the provider to use: what was asked for, checked; else the first usable one in the documented order.

    Raises UsageError for a name no provider has, BoxError with one line per provider when none can be used.
    """
    asked = (
        (flag, "--provider"),
        (os.environ.get("VAGRANT_DEFAULT_PROVIDER"), "VAGRANT_DEFAULT_PROVIDER"),
        (configured, "devenv.yaml"),
    )
    for name, source in asked:
        if name:
            return _asked(runner, name, source, has_settings.get(name, {}))
    refused = []
    for name in providers.AUTOMATIC:
        real = ALIASES.get(name, name)
        if name == "libvirt" and not kvm_works():
            refused.append("libvirt: KVM does not work here")
            continue
        usable = providers.get(real).usable(runner)
        if usable.ok:
            return Choice(real, "the first that works here", machine_settings(real, has_settings))
        line = f"{real}: {usable.reason}"
        if line not in refused:
            refused.append(line)
    raise BoxError(
        "no provider can be used here:\n" + "\n".join(f"  {line}" for line in refused),
        hint="devenv doctor says how to mend each",
    )


def check_name(name: str, source: str) -> None:
    """Raise UsageError for a provider nobody has heard of; source says where the name stands."""
    if name not in providers.KNOWN:
        from difflib import get_close_matches

        near = get_close_matches(name, list(providers.KNOWN), 1)
        known = f"there are: {', '.join(sorted(providers.KNOWN))}"
        raise UsageError(f"{source}: there is no provider {name!r}", hint=f"did you mean {near[0]}?" if near else known)


def _asked(runner: Runner, name: str, source: str, settings: Mapping[str, object]) -> Choice:
    check_name(name, source)
    usable = providers.get(name).usable(runner)
    if not usable.ok:
        raise BoxError(f"{name} ({source}) cannot be used: {usable.reason}", hint=usable.fix and f"run: {usable.fix}")
    return Choice(name, source, machine_settings(name, {name: settings}))


def machine_settings(name: str, settings: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Return what this computer adds to a provider's settings; settings are those of devenv.yaml, by provider."""
    if name == "libvirt" and "driver" not in settings.get(name, {}) and not kvm_works():
        return emulation()
    return {}
