"""The desktop hypervisors devenv passes settings to but does not ask itself: Vagrant answers for their machines."""

import sys

from devenv.box.providers.base import Provider, Usable
from devenv.box.providers.plugins import has_plugin
from devenv.process import Runner


class VMware(Provider):
    name = "vmware_desktop"

    def usable(self, runner: Runner) -> Usable:
        if not (runner.which("vmrun") or runner.which("vmware")):
            return Usable(
                False, "VMware Workstation or Fusion is not installed", "install it, or choose another provider"
            )
        if not has_plugin("vagrant-vmware-desktop"):
            return Usable(
                False,
                "the plugin vagrant-vmware-desktop is not installed",
                "vagrant plugin install vagrant-vmware-desktop",
            )
        return Usable(True, "VMware")


class Parallels(Provider):
    name = "parallels"

    def usable(self, runner: Runner) -> Usable:
        if runner.which("prlctl") is None:
            return Usable(False, "Parallels Desktop is not installed", "install it, or choose another provider")
        if not has_plugin("vagrant-parallels"):
            return Usable(
                False, "the plugin vagrant-parallels is not installed", "vagrant plugin install vagrant-parallels"
            )
        return Usable(True, "Parallels Desktop")


class HyperV(Provider):
    name = "hyperv"

    def usable(self, runner: Runner) -> Usable:
        if sys.platform != "win32":
            return Usable(False, "Hyper-V is part of Windows only")
        done = runner.run(["powershell", "-NoProfile", "-Command", "(Get-Service vmms).Status"], timeout=60)
        if done.stdout.strip() != "Running":
            return Usable(
                False,
                "the Hyper-V service does not run",
                "Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All",
            )
        return Usable(True, "Hyper-V")
