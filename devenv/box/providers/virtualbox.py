"""VirtualBox through VBoxManage."""

import re

from devenv.box.providers.base import NOT_CREATED, RUNNING, Forward, Observed, Provider, Usable
from devenv.errors import BoxError
from devenv.process import Runner

STATES = {"running": RUNNING, "poweroff": "poweroff", "saved": "saved", "aborted": "aborted", "paused": "paused"}
FORWARD = re.compile(r'^Forwarding\(\d+\)="[^,]*,(tcp|udp),([^,]*),(\d+),[^,]*,(\d+)"')


class VirtualBox(Provider):
    name = "virtualbox"
    answers = True

    def usable(self, runner: Runner) -> Usable:
        if runner.which("VBoxManage") is None:
            return Usable(
                False, "VirtualBox is not installed", "install it from virtualbox.org, or choose another provider"
            )
        done = runner.run(["VBoxManage", "--version"], timeout=30)
        version = (done.stdout.strip().splitlines() or [""])[-1]
        if done.code != 0 or "WARNING" in done.stdout or not version[:1].isdigit():
            return Usable(False, "VirtualBox's kernel module is not loaded", "sudo /sbin/vboxconfig")
        return Usable(True, f"VirtualBox {version}")

    def observe(self, runner: Runner, machine_id: str) -> Observed:
        done = runner.run(["VBoxManage", "showvminfo", machine_id, "--machinereadable"], timeout=60)
        if done.code != 0:
            if "VBOX_E_OBJECT_NOT_FOUND" in done.stderr or "Could not find a registered machine" in done.stderr:
                return Observed(NOT_CREATED)
            raise BoxError("VBoxManage failed: " + (done.stderr.strip().splitlines() or ["no output"])[0])
        if "<inaccessible>" in done.stdout:
            return Observed("inaccessible")
        found = re.search(r'^VMState="(.+?)"', done.stdout, re.MULTILINE)
        state = found.group(1) if found else "unknown"
        forwards = [
            Forward(int(match[4]), int(match[3]), match[1], match[2] or "0.0.0.0")
            for line in done.stdout.splitlines()
            if (match := FORWARD.match(line))
        ]
        return Observed(STATES.get(state, state), tuple(forwards))
