"""Docker, as Vagrant's built-in docker provider uses it: one container a machine, sshd inside."""

import json
import os
import time
from pathlib import Path
from typing import Any

from devenv.box.providers.base import NOT_CREATED, RUNNING, Forward, Observed, Provider, Usable, whose
from devenv.errors import BoxError
from devenv.process import Completed, Runner

SNAPSHOTS = "devenv-snapshot"
"""Image repository of snapshots: the tag is the time of saving, labels hold the name and the first container's id."""
START_DAEMON = "sudo systemctl start docker (without systemd: scripts/setup.sh --only docker)"


class Docker(Provider):
    name = "docker"
    answers = True
    own_snapshots = True
    suspends = False

    def usable(self, runner: Runner) -> Usable:
        if runner.which("docker") is None:
            return Usable(False, "docker is not installed", "sudo apt-get install docker.io")
        done = runner.run(["docker", "info", "--format", "{{.ServerVersion}}"], timeout=15)
        if done.code == 0 and done.stdout.strip():
            return Usable(True, f"Docker {done.stdout.strip()}")
        if "permission denied" in done.stderr.lower():
            return Usable(
                False, "you may not use the Docker daemon", "sudo usermod -aG docker $USER, then log in again"
            )
        return Usable(False, "the Docker daemon does not answer", START_DAEMON)

    def observe(self, runner: Runner, machine_id: str) -> Observed:
        if machine_id == "preparing":
            return Observed("preparing")
        done = runner.run(
            [
                "docker",
                "inspect",
                "--type",
                "container",
                "--format",
                "{{.State.Running}} {{json .NetworkSettings.Ports}}",
                machine_id,
            ],
            timeout=30,
        )
        if done.code != 0:
            if "no such" in done.stderr.lower():
                return Observed(NOT_CREATED)
            raise _unavailable(done)
        running, _, ports = done.stdout.strip().partition(" ")
        if running != "true":
            return Observed("stopped")
        return Observed(RUNNING, _forwards(json.loads(ports) or {}))

    def host_keys(self, runner: Runner, machine_id: str) -> list[str]:
        done = runner.run(["docker", "exec", machine_id, "sh", "-c", "cat /etc/ssh/ssh_host_*_key.pub"], timeout=30)
        return [line for line in done.stdout.splitlines() if line] if done.code == 0 else []

    # Vagrant's docker provider has no snapshots: an image of the container is one. Synced folders are not in it.

    def snapshot_save(self, runner: Runner, machine_id: str, name: str) -> None:
        older = [image for known, image in self._images(runner, machine_id) if known == name]
        family = self._family(runner, machine_id)
        argv = ["docker", "commit", "--change", f"LABEL devenv.machine={family}"]
        tag = f"{time.time_ns():016x}-{os.urandom(4).hex()}"
        argv += ["--change", f"LABEL devenv.snapshot={name}", machine_id, f"{SNAPSHOTS}:{tag}"]
        runner.run(argv).check(f"the snapshot {name} could not be saved")
        for image in older:
            self._forget(runner, name, image)

    def snapshot_restore(self, runner: Runner, machine_id: str, name: str) -> str:
        image = self._image(runner, machine_id, name)
        spec = json.loads(runner.run(["docker", "inspect", machine_id]).check().stdout)[0]
        family = self._family(runner, machine_id)
        aside = f"{spec['Name'].lstrip('/')}-old"
        # the old container is only removed after the new one runs: a failed restore loses nothing
        runner.run(["docker", "rename", machine_id, aside]).check()
        runner.run(["docker", "stop", "--time", "5", machine_id]).check()
        made = runner.run(_create_argv(spec, image, family))
        if made.code != 0:
            runner.run(["docker", "rm", "--force", spec["Name"].lstrip("/")])
            runner.run(["docker", "rename", machine_id, spec["Name"].lstrip("/")])
            runner.run(["docker", "start", machine_id])
            made.check(f"the snapshot {name} could not be restored; the machine is as it was")
        runner.run(["docker", "rm", "--force", "--volumes", machine_id])
        return made.stdout.strip().splitlines()[-1]

    def snapshot_list(self, runner: Runner, machine_id: str) -> list[str]:
        return [name for name, _ in self._images(runner, machine_id)]

    def snapshot_delete(self, runner: Runner, machine_id: str, name: str) -> None:
        self._forget(runner, name, self._image(runner, machine_id, name))

    def made_for(self, runner: Runner, root: Path, name: str) -> list[str]:
        label = f"label=devenv.of={whose(root, name)}"
        argv = ["docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", label]
        return runner.run(argv, timeout=30).stdout.split()

    def remove(self, runner: Runner, machine_id: str) -> None:
        runner.run(["docker", "rm", "--force", "--volumes", machine_id], timeout=120)

    def before_destroy(self, runner: Runner, machine_id: str) -> list[str]:
        # a deleted snapshot that others, or the container, are based on has no name any more, but is still there
        family = self._family(runner, machine_id)
        argv = ["docker", "images", "--all", "--quiet", "--filter", f"label=devenv.machine={family}"]
        nameless = runner.run(argv).stdout.split()
        return [*(image for _, image in self._images(runner, machine_id)), *dict.fromkeys(nameless)]

    def after_destroy(self, runner: Runner, remains: list[str]) -> None:
        for image in remains:
            runner.run(["docker", "image", "rm", "--force", image])

    def _family(self, runner: Runner, machine_id: str) -> str:
        """Return the id of the machine's first container: a restore makes a new one, its snapshots stay."""
        done = runner.run(["docker", "inspect", "--format", '{{index .Config.Labels "devenv.machine"}}', machine_id])
        return done.stdout.strip() or machine_id

    def _images(self, runner: Runner, machine_id: str) -> list[tuple[str, str]]:
        """Return (name, image) of the machine's snapshots, oldest first."""
        family = self._family(runner, machine_id)
        argv = ["docker", "images", "--filter", f"label=devenv.machine={family}", "--filter", f"reference={SNAPSHOTS}"]
        done = runner.run([*argv, "--format", "{{.Repository}}:{{.Tag}}"])
        if done.code != 0:
            raise _unavailable(done)
        found = []
        for image in sorted(done.stdout.split()):
            label = runner.run(["docker", "inspect", "--format", '{{index .Config.Labels "devenv.snapshot"}}', image])
            found.append((label.stdout.strip(), image))
        return found

    def _image(self, runner: Runner, machine_id: str, name: str) -> str:
        for known, image in self._images(runner, machine_id):
            if known == name:
                return image
        raise BoxError(f"there is no snapshot {name!r}", hint="list them with: devenv snapshot list")

    def _forget(self, runner: Runner, name: str, image: str) -> None:
        # by its tag and with force: one that others are based on, or that runs, only loses its name
        runner.run(["docker", "image", "rm", "--force", image]).check(f"the snapshot {name} could not be deleted")


def _unavailable(done: Completed) -> BoxError:
    """Return the error for a docker that did not answer."""
    if "permission denied" in done.stderr.lower():
        return BoxError(
            "you may not use the Docker daemon", hint="run: sudo usermod -aG docker $USER, then log in again"
        )
    return BoxError("the Docker daemon does not answer", hint=f"start it: {START_DAEMON}")


def _forwards(ports: dict[str, Any]) -> tuple[Forward, ...]:
    """Read Docker's ``{"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}``."""
    found = []
    for spec, bindings in ports.items():
        guest, _, protocol = spec.partition("/")
        for binding in bindings or []:
            found.append(Forward(int(guest), int(binding["HostPort"]), protocol or "tcp", binding["HostIp"]))
    return tuple(sorted(set(found)))


def _create_argv(spec: dict[str, Any], image: str, family: str) -> list[str]:
    """Return ``docker run`` with what the inspected container was made with, from another image."""
    host, config = spec["HostConfig"], spec["Config"]
    argv = ["docker", "run", "--detach", "--name", spec["Name"].lstrip("/"), "--hostname", config["Hostname"]]
    argv += ["--label", f"devenv.machine={family}"]
    for option, wanted in (
        ("--init", host.get("Init")),
        ("--privileged", host.get("Privileged")),
        (f"--memory={host.get('Memory')}", host.get("Memory")),
        (f"--cpus={(host.get('NanoCpus') or 0) / 1e9:g}", host.get("NanoCpus")),
        (f"--network={host.get('NetworkMode')}", host.get("NetworkMode") not in (None, "default")),
        (f"--shm-size={host.get('ShmSize')}", host.get("ShmSize")),
        (f"--restart={(host.get('RestartPolicy') or {}).get('Name')}", (host.get("RestartPolicy") or {}).get("Name")),
    ):
        if wanted:
            argv.append(option)
    labels = config.get("Labels") or {}
    for flag, values in (
        # what made_for finds the container by
        ("--label", [f"{name}={value}" for name, value in labels.items() if name == "devenv.of"]),
        ("--volume", host.get("Binds")),
        ("--cap-add", host.get("CapAdd")),
        ("--cap-drop", host.get("CapDrop")),
        ("--add-host", host.get("ExtraHosts")),
        ("--dns", host.get("Dns")),
        ("--security-opt", host.get("SecurityOpt")),
        ("--tmpfs", [f"{path}:{options}" for path, options in (host.get("Tmpfs") or {}).items()]),
        ("--device", [f"{d['PathOnHost']}:{d['PathInContainer']}" for d in host.get("Devices") or []]),
        ("--env", config.get("Env")),
    ):
        for value in values or []:
            argv += [flag, value]
    for guest, bindings in (host.get("PortBindings") or {}).items():
        for binding in bindings:
            argv += ["--publish", f"{binding['HostIp']}:{binding['HostPort']}:{guest}"]
    return [*argv, image, *(config.get("Cmd") or [])]
