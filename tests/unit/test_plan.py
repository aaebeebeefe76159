"""What a changed devenv.yaml means for a machine that is there."""

import pytest

from devenv.box import plan
from devenv.box.lock import LockedBox, LockedMachine, LockedPort, LockedStep, LockedSync

MACHINE = LockedMachine(
    primary=True,
    box=LockedBox("devenv/debian-12", "12.1", None, {"docker": "sha256:1"}),
    provider=None,
    hostname="hello",
    cpus=2,
    memory=1024,
    ports=(LockedPort(80, 8080),),
    sync=(LockedSync(".", "/vagrant", None, {"libvirt": "rsync"}),),
    steps=(LockedStep("a", "provision", True, "once", "0" * 64, run="x"),),
    providers={"libvirt": {"cpu_mode": "maximum", "list": [1, {"a": None}]}, "docker": {"volumes": []}},
)


def changed(provider: str, machine: LockedMachine) -> tuple[str, list[str]]:
    return plan.compare(plan.applied(MACHINE, provider), plan.applied(machine, provider), provider)


@pytest.mark.parametrize(
    ("machine", "parts"),
    [
        (MACHINE._replace(memory=2048), ["memory"]),
        (MACHINE._replace(cpus=4, hostname="x"), ["cpus", "hostname"]),
        (MACHINE._replace(ports=()), ["ports"]),
        (MACHINE._replace(sync=(*MACHINE.sync, LockedSync("d", "/d"))), ["sync"]),
        (MACHINE._replace(providers={"libvirt": {"cpu_mode": "x"}}), ["providers.libvirt"]),
    ],
)
def test_what_a_restart_brings_in(machine: LockedMachine, parts: list[str]) -> None:
    assert changed("libvirt", machine) == ("reload", parts)


def test_on_docker_every_change_means_another_container() -> None:
    assert changed("docker", MACHINE._replace(memory=2048)) == ("recreate", ["memory"])


@pytest.mark.parametrize("provider", ["libvirt", "docker"])
def test_another_box_means_another_machine(provider: str) -> None:
    assert changed(provider, MACHINE._replace(box=LockedBox("devenv/debian-12", "12.2"))) == ("recreate", ["box"])


@pytest.mark.parametrize(
    "machine",
    [
        MACHINE,
        MACHINE._replace(steps=()),
        MACHINE._replace(primary=False, provider="docker"),
        # another provider's settings are not this machine's
        MACHINE._replace(providers={"libvirt": MACHINE.providers["libvirt"], "docker": {"volumes": ["a:b"]}}),
        # a checksum learnt later is no other box
        MACHINE._replace(box=MACHINE.box._replace(checksums={})),
    ],
)
def test_what_does_not_concern_the_machine_changes_nothing(machine: LockedMachine) -> None:
    assert changed("libvirt", machine) == ("none", [])


def test_a_machine_devenv_did_not_boot_is_not_judged() -> None:
    assert plan.compare({}, plan.applied(MACHINE, "docker"), "docker") == ("none", [])


def test_digests_do_not_depend_on_the_order_of_settings() -> None:
    turned = MACHINE._replace(providers={"libvirt": dict(reversed(MACHINE.providers["libvirt"].items()))})
    assert plan.applied(turned, "libvirt") == plan.applied(MACHINE, "libvirt")
