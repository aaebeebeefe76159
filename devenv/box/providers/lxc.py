"""LXC through its own tools, as the vagrant-lxc plugin uses it."""

import os

from devenv.box.providers.base import NOT_CREATED, Observed, Provider, Usable
from devenv.box.providers.plugins import has_plugin
from devenv.errors import BoxError
from devenv.process import Completed, Runner

START_NETWORK = "sudo systemctl start lxc-net (without systemd: scripts/setup.sh --only lxc)"


def _run(runner: Runner, argv: list[str]) -> Completed:
    # vagrant-lxc makes privileged containers: only root sees them
    prefix = [] if not hasattr(os, "geteuid") or os.geteuid() == 0 else ["sudo", "-n"]
    return runner.run([*prefix, *argv], timeout=300)


class Lxc(Provider):
    name = "lxc"
    answers = True
    own_snapshots = True
    snapshots_stopped = True
    suspends = False

    def usable(self, runner: Runner) -> Usable:
        if runner.which("lxc-info") is None:
            return Usable(False, "lxc is not installed", "sudo apt-get install lxc")
        if not has_plugin("vagrant-lxc"):
            return Usable(False, "the plugin vagrant-lxc is not installed", "sudo apt-get install vagrant-lxc")
        if runner.run(["ip", "link", "show", "lxcbr0"], timeout=15).code != 0:
            return Usable(False, "the bridge lxcbr0 is not there", START_NETWORK)
        return Usable(True, f"LXC {runner.run(['lxc-info', '--version'], timeout=15).stdout.strip()}")

    def observe(self, runner: Runner, machine_id: str) -> Observed:
        done = _run(runner, ["lxc-info", "--name", machine_id, "--state", "--ips", "--no-humanize"])
        facts = [(key, value.strip()) for key, _, value in (line.partition(":") for line in done.stdout.splitlines())]
        if done.code != 0:
            text = f"{done.stderr} {done.stdout}"
            if "doesn't exist" in text or "is not defined" in text:
                return Observed(NOT_CREATED)
            raise BoxError("lxc-info failed: " + (text.strip().splitlines() or ["no output"])[-1])
        state = next((value for key, value in facts if key == "State"), "unknown")
        return Observed(state.lower(), address=next((value for key, value in facts if key == "IP"), None))

    def host_keys(self, runner: Runner, machine_id: str) -> list[str]:
        done = _run(
            runner,
            ["lxc-attach", "--name", machine_id, "--clear-env", "--", "sh", "-c", "cat /etc/ssh/ssh_host_*_key.pub"],
        )
        return [line for line in done.stdout.splitlines() if line] if done.code == 0 else []

    # vagrant-lxc has no snapshots; lxc's own are copies, numbered by lxc. A link names each.

    def snapshot_save(self, runner: Runner, machine_id: str, name: str) -> None:
        if name in self.snapshot_list(runner, machine_id):
            self.snapshot_delete(runner, machine_id, name)
        before = set(self._numbers(runner, machine_id))
        _run(runner, ["lxc-snapshot", "--name", machine_id]).check(f"the snapshot {name} could not be saved")
        made = sorted(set(self._numbers(runner, machine_id)) - before)
        _run(runner, ["mkdir", "-p", _names(machine_id)]).check()
        _run(runner, ["ln", "-sfn", made[-1], f"{_names(machine_id)}/{name}"]).check()

    def snapshot_restore(self, runner: Runner, machine_id: str, name: str) -> str:
        number = self._number(runner, machine_id, name)
        _run(runner, ["lxc-snapshot", "--name", machine_id, "--restore", number]).check(
            f"the snapshot {name} could not be restored"
        )
        return machine_id

    def snapshot_list(self, runner: Runner, machine_id: str) -> list[str]:
        done = _run(runner, ["find", _names(machine_id), "-type", "l", "-printf", "%T@ %f\n"])
        return [line.partition(" ")[2] for line in sorted(done.stdout.splitlines())]

    def snapshot_delete(self, runner: Runner, machine_id: str, name: str) -> None:
        number = self._number(runner, machine_id, name)
        _run(runner, ["lxc-snapshot", "--name", machine_id, "--destroy", number]).check()
        _run(runner, ["rm", "-f", f"{_names(machine_id)}/{name}"]).check()

    def before_destroy(self, runner: Runner, machine_id: str) -> list[str]:
        # lxc-destroy, as vagrant-lxc calls it, refuses a container that has snapshots
        for name in self.snapshot_list(runner, machine_id):
            self.snapshot_delete(runner, machine_id, name)
        _run(runner, ["rm", "-rf", _names(machine_id)])
        _run(runner, ["rmdir", "--ignore-fail-on-non-empty", f"/var/lib/lxc/{machine_id}/snaps"])
        return []

    def _number(self, runner: Runner, machine_id: str, name: str) -> str:
        done = _run(runner, ["readlink", f"{_names(machine_id)}/{name}"])
        if done.code != 0:
            raise BoxError(f"there is no snapshot {name!r}", hint="list them with: devenv snapshot list")
        return done.stdout.strip()

    def _numbers(self, runner: Runner, machine_id: str) -> list[str]:
        done = _run(runner, ["lxc-snapshot", "--name", machine_id, "--list"])
        return [line.split()[0] for line in done.stdout.splitlines() if line.startswith("snap")]


def _names(machine_id: str) -> str:
    """Return the folder of links from a snapshot's name to lxc's own number for it, beside the snapshots."""
    return f"/var/lib/lxc/{machine_id}/snaps/devenv-names"
