"""Which provider a machine is booted on: who is asked first, and what is said when none works."""

import pytest

from devenv.box import choose, providers
from devenv.box.providers.base import Usable
from devenv.errors import BoxError, UsageError
from fakes import FakeRunner


@pytest.fixture
def kvm(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether KVM works: the one item."""
    works = [False]
    monkeypatch.setattr(choose, "kvm_works", lambda: works[0])
    return works


@pytest.fixture
def usable(monkeypatch: pytest.MonkeyPatch, kvm: list[bool]) -> set[str]:
    """The providers that work."""
    names: set[str] = set()

    class One(providers.Provider):
        def usable(self, runner: object) -> Usable:
            return Usable(True, "fine") if self.name in names else Usable(False, f"no {self.name}", f"get {self.name}")

    def get(name: str) -> providers.Provider:
        one = One()
        one.name = name
        return one

    monkeypatch.setattr(providers, "get", get)
    return names


def pick(flag: str | None = None, configured: str | None = None, settings: dict[str, dict[str, object]] | None = None):  # type: ignore[no-untyped-def]
    return choose.choose(FakeRunner(), flag=flag, configured=configured, has_settings=settings or {})


def test_the_flag_comes_before_the_environment_before_the_file(
    usable: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usable |= set(providers.KNOWN)
    monkeypatch.setenv("VAGRANT_DEFAULT_PROVIDER", "lxc")
    assert (pick("docker", "libvirt").provider, pick("docker").because) == ("docker", "--provider")
    assert (pick(None, "libvirt").provider, pick().because) == ("lxc", "VAGRANT_DEFAULT_PROVIDER")
    monkeypatch.delenv("VAGRANT_DEFAULT_PROVIDER")
    assert (pick(None, "libvirt").provider, pick(None, "libvirt").because) == ("libvirt", "devenv.yaml")


def test_what_was_asked_for_and_does_not_work_is_not_replaced(usable: set[str]) -> None:
    usable.add("docker")
    with pytest.raises(BoxError, match=r"libvirt \(--provider\) cannot be used: no libvirt") as caught:
        pick("libvirt")
    assert caught.value.hint == "run: get libvirt"


def test_a_misspelt_provider_is_a_usage_error(usable: set[str]) -> None:
    with pytest.raises(UsageError, match="--provider: there is no provider 'dokcer'") as caught:
        pick("dokcer")
    assert caught.value.hint == "did you mean docker?"
    with pytest.raises(UsageError) as caught:
        pick("x")
    assert caught.value.hint == f"there are: {', '.join(sorted(providers.KNOWN))}"


@pytest.mark.parametrize(
    ("works", "with_kvm", "expected"),
    [
        ({"virtualbox", "docker", "libvirt"}, True, "virtualbox"),
        ({"vmware_desktop", "parallels", "docker"}, False, "vmware_desktop"),
        ({"docker", "libvirt"}, True, "libvirt"),
        ({"docker", "libvirt"}, False, "docker"),
        ({"libvirt"}, False, "libvirt"),
        ({"lxc", "docker"}, False, "docker"),
    ],
)
def test_hardware_comes_first_then_containers_then_emulation(
    usable: set[str], kvm: list[bool], works: set[str], with_kvm: bool, expected: str
) -> None:
    usable |= works
    kvm[0] = with_kvm
    assert pick().provider == expected


def test_without_a_provider_each_one_says_why_once(usable: set[str]) -> None:
    with pytest.raises(BoxError) as caught:
        pick()
    first, *lines = caught.value.message.splitlines()
    assert first == "no provider can be used here:"
    assert lines == [
        "  virtualbox: no virtualbox",
        "  vmware_desktop: no vmware_desktop",
        "  parallels: no parallels",
        "  hyperv: no hyperv",
        "  libvirt: KVM does not work here",
        "  docker: no docker",
        "  libvirt: no libvirt",
    ]
    assert caught.value.hint == "devenv doctor says how to mend each"


def test_libvirt_without_kvm_emulates_unless_the_file_says_otherwise(usable: set[str], kvm: list[bool]) -> None:
    usable.add("libvirt")
    assert pick("libvirt").settings == {"driver": "qemu"}
    assert pick("libvirt", settings={"libvirt": {"driver": "kvm"}}).settings == {}
    assert pick().settings == {"driver": "qemu"}
    kvm[0] = True
    assert pick("libvirt").settings == {}
    assert choose.machine_settings("docker", {}) == {}


@pytest.mark.parametrize(("state", "works"), [("usable", True), ("no_permission", True), ("broken", False)])
def test_no_permission_for_us_is_not_a_broken_kvm(monkeypatch: pytest.MonkeyPatch, state: str, works: bool) -> None:
    found = {"usable": choose.kvm.USABLE, "no_permission": choose.kvm.NO_PERMISSION, "broken": choose.kvm.BROKEN}
    monkeypatch.setattr(choose.kvm, "probe", lambda: choose.kvm.KvmState(found[state], "said"))
    choose.kvm_works.cache_clear()
    assert choose.kvm_works() is works
    choose.kvm_works.cache_clear()
