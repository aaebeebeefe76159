"""libvirt through virsh, as the vagrant-libvirt plugin uses it."""

import os
from pathlib import Path

from devenv.box.providers.base import NOT_CREATED, RUNNING, Observed, Provider, Usable, whose
from devenv.box.providers.plugins import has_plugin
from devenv.errors import BoxError
from devenv.process import Runner

START_DAEMON = "sudo systemctl start libvirtd (without systemd: scripts/setup.sh --only libvirt)"
STATES = {
    # virsh's words -> vagrant-libvirt's (fog's list with "-" as "_")
    "no state": "nostate",
    "running": RUNNING,
    "idle": "blocked",
    "paused": "paused",
    "in shutdown": "shutting_down",
    "shut off": "shutoff",
    "crashed": "crashed",
    "pmsuspended": "pmsuspended",
}


def uri() -> str:
    """Return the connection vagrant-libvirt uses by default."""
    return os.environ.get("LIBVIRT_DEFAULT_URI") or "qemu:///system"


class Libvirt(Provider):
    name = "libvirt"
    answers = True

    def usable(self, runner: Runner) -> Usable:
        if runner.which("virsh") is None:
            return Usable(
                False, "libvirt is not installed", "sudo apt-get install libvirt-daemon-system libvirt-clients"
            )
        if not has_plugin("vagrant-libvirt"):
            return Usable(False, "the plugin vagrant-libvirt is not installed", "sudo apt-get install vagrant-libvirt")
        done = runner.run(["virsh", "--connect", uri(), "version", "--daemon"], timeout=60)
        if done.code == 0:
            version = next((line for line in done.stdout.splitlines() if "hypervisor" in line), "libvirt")
            return Usable(True, version.split(":")[-1].strip() or "libvirt")
        if "permission" in done.stderr.lower() or "authentication" in done.stderr.lower():
            return Usable(False, "you may not use libvirtd", "sudo usermod -aG libvirt $USER, then log in again")
        return Usable(False, "libvirtd does not answer", START_DAEMON)

    def observe(self, runner: Runner, machine_id: str) -> Observed:
        done = runner.run(
            ["virsh", "--quiet", "--connect", uri(), f"domstate {machine_id}; domifaddr {machine_id}"], timeout=60
        )
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        word = lines[0] if lines else ""
        if word not in STATES:
            if "failed to get domain" in done.stderr or "Domain not found" in done.stderr:
                return Observed(NOT_CREATED)
            raise BoxError("libvirtd does not answer", hint=f"start it: {START_DAEMON}")
        if word != "running":
            return Observed(STATES[word])
        address = next((w.partition("/")[0] for line in lines[1:] for w in line.split() if "/" in w), None)
        # vagrant-libvirt says so too of a domain that runs but has no lease
        return Observed(RUNNING if address else "inaccessible", address=address)

    def made_for(self, runner: Runner, root: Path, name: str) -> list[str]:
        end = f"_{whose(root, name)[:8]}_{name}"
        done = runner.run(["virsh", "--connect", uri(), "list", "--all", "--uuid", "--name"], timeout=60)
        return [words[0] for words in map(str.split, done.stdout.splitlines()) if words and words[-1].endswith(end)]

    def remove(self, runner: Runner, machine_id: str) -> None:
        words = f"destroy {machine_id}; undefine --remove-all-storage --snapshots-metadata {machine_id}"
        runner.run(["virsh", "--connect", uri(), words], timeout=120)
