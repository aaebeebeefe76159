"""Vagrant, through python-vagrant: the only file that knows its words and its output.

python-vagrant makes the argument lists and reads the answers; it would throw the program's output away and cannot be
interrupted, so the programs are started by our own Runner, which keeps a log and shows progress.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, cast

from devenv.box.ssh import SshInfo
from devenv.errors import ToolFailed, ToolMissing
from devenv.process import Completed, Runner, tail

INSTALL = "sudo apt-get install vagrant (other systems: developer.hashicorp.com/vagrant/install)"
RUBY_TRACE = re.compile(r"^\s*(?:\d+: )?(?:from )?\S+:\d+:in [`'][^']*'(?:: (?P<what>.+))?$|^\S+\.rb:\d+: warning: ")
"""A line of a Ruby back-trace or a warning of Ruby's own; the first of a trace ends in what went wrong."""


BUSY = re.compile(r"another process is already\s+executing an action|locked by another")
"""A vagrant somebody else started, or one that outlived a devenv that was killed."""
BUSY_PATIENCE = 600.0
"""Seconds to wait for it."""

KNOWN_FAILURES: tuple[tuple[str, str, str | None], ...] = (
    # what Vagrant prints (a regular expression), what it means in one line, what to do
    (
        r"address already in use|port is already allocated|is already in use\s+on the host",
        "a port the box needs is taken by another program",
        "see which: devenv doctor; free it, or change it in devenv.yaml and run devenv up",
    ),
    (
        BUSY.pattern,
        "another vagrant is working on this machine",
        "wait for it to end, then try again",
    ),
    (r"No space left on device|ENOSPC", "the disk is full", "free some space (devenv box prune), then try again"),
    (
        r"Cannot connect to the Docker daemon|Is the docker daemon running",
        "the Docker daemon does not answer",
        "start it: sudo systemctl start docker (without systemd: scripts/setup.sh --only docker)",
    ),
    (
        r"Error while connecting to Libvirt|Failed to connect socket to '.*libvirt",
        "libvirtd does not answer",
        "start it: sudo systemctl start libvirtd (without systemd: scripts/setup.sh --only libvirt)",
    ),
    (
        r"Call to virDomainCreateWithFlags failed: (?P<why>.*)",
        "libvirt cannot start the machine",
        "devenv doctor names what is wrong",
    ),
    (
        r"Name `(?P<why>[^`]*)` of domain about to create is already taken",
        "a libvirt machine of that name is there already",
        "remove it: virsh undefine --remove-all-storage NAME",
    ),
    (
        r"The provider '(?P<why>[^']*)' could not be found",
        "Vagrant has no such provider",
        "devenv doctor lists the providers and how to get them",
    ),
    (
        r"Timed out while waiting for the machine to boot",
        "the machine did not answer over ssh in time",
        "look at its console: devenv logs; try again: devenv reload",
    ),
    (
        r"The box '(?P<why>[^']*)' could not be found or\s*could not be accessed",
        "the box cannot be found or downloaded",
        "check its name in devenv.yaml and the network",
    ),
)


def environment() -> dict[str, str]:
    """Return what is added to Vagrant's environment: no colour codes, no checks for updates."""
    added = {"VAGRANT_CHECKPOINT_DISABLE": "1", "VAGRANT_NO_COLOR": "1"}
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    if "utf" not in locale.lower() and os.name == "posix":
        # Vagrant's Ruby fails in a folder whose name is not ASCII, under a locale that is
        added["LC_ALL"] = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    for name in ("RUBYOPT", "GEM_HOME", "GEM_PATH", "BUNDLE_GEMFILE"):
        # a Ruby project's own settings would reach Vagrant's Ruby; empty means unset to all of these
        if os.environ.get(name):
            added[name] = ""
    return added


class VagrantAdapter:
    """Vagrant's commands on one project."""

    def __init__(
        self,
        root: Path,
        runner: Runner,
        *,
        log: IO[str] | None = None,
        on_line: Callable[[str], None] | None = None,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:
        self.root = root
        self.runner = runner
        self.log = log
        self.on_line = on_line or (lambda _line: None)
        self.on_wait = on_wait
        self.patience = BUSY_PATIENCE

    def _vagrant(self) -> Any:
        if self.runner.which("vagrant") is None:
            raise ToolMissing("vagrant", install=INSTALL)
        import vagrant

        adapter = self

        class Ours(vagrant.Vagrant):
            def _call_vagrant_command(self, args: Sequence[str | None]) -> None:
                adapter.call([word for word in args if word is not None])

            def _run_vagrant_command(self, args: Sequence[str | None]) -> str:
                return adapter.ask([word for word in args if word is not None])

        return cast(Any, Ours)(root=str(self.root))

    def call(self, words: Sequence[str]) -> Completed:
        """Run a changing command with its output in the log; raise ToolFailed in words a person can use."""
        deadline = time.monotonic() + self.patience
        told = False
        while True:
            if self.log is not None:
                self.log.write(f"$ vagrant {' '.join(words)}\n")
            done = self.runner.stream(
                ["vagrant", *words],
                self.on_line,
                env=environment(),
                cwd=self.root,
                log=self.log,
                grace=60,
                on_grace=self._tell_grace,
            )
            if done.code == 0:
                return done
            if self.on_wait is None or time.monotonic() > deadline or not BUSY.search(done.stdout):
                raise failure(done, self.log.name if self.log is not None else None)
            if not told:
                self.on_wait("waiting for another vagrant that works on this machine")
                told = True
            time.sleep(1)

    def _tell_grace(self) -> None:
        if self.on_wait is not None:
            self.on_wait("interrupted: vagrant is tidying up; interrupt once more to stop it as it is")

    def ask(self, words: Sequence[str]) -> str:
        """Run a reading command and return its standard output."""
        done = self.runner.run(["vagrant", *words], env=environment(), cwd=self.root)
        if done.code != 0:
            raise failure(done, None)
        return done.stdout

    def up(self, machine: str, provider: str, *, provision: bool = False) -> None:
        """Create or start a machine; without provision none of the Vagrantfile's provisioners run.

        With it Vagrant decides, as always: all of them for a new machine, those of every start for another.
        """
        self._vagrant().up(vm_name=machine, provider=provider, no_provision=not provision)

    def reload(self, machine: str) -> None:
        """Restart a machine with what is new in its configuration, without provisioning."""
        self._vagrant().reload(vm_name=machine, provision=False)

    def halt(self, machine: str, *, force: bool = False) -> None:
        """Shut a machine down."""
        self._vagrant().halt(vm_name=machine, force=force)

    def suspend(self, machine: str) -> None:
        """Write a machine's memory to disk and stop it."""
        self._vagrant().suspend(vm_name=machine)

    def resume(self, machine: str) -> None:
        """Go on with a suspended machine."""
        self._vagrant().resume(vm_name=machine)

    def destroy(self, machine: str) -> None:
        """Delete a machine and its disk; python-vagrant always passes --force, we ask before."""
        self._vagrant().destroy(vm_name=machine)

    def status(self) -> dict[str, tuple[str, str]]:
        """Return machine name -> (provider, short state) from ``vagrant status``."""
        found: dict[str, dict[str, str]] = {}
        for _, target, kind, *data in machine_readable(self.ask(["status", "--machine-readable"])):
            if target and kind in ("provider-name", "state"):
                found.setdefault(target, {})[kind] = data[0] if data else ""
        return {
            name: (facts.get("provider-name", ""), facts["state"]) for name, facts in found.items() if "state" in facts
        }

    def ssh_info(self, machine: str, machine_id: str) -> SshInfo:
        """Return how to reach a machine from ``vagrant ssh-config``."""
        vagrant = self._vagrant()
        conf = cast(dict[str, str], vagrant.conf(vm_name=machine))
        return SshInfo(
            id=machine_id,
            host=conf["HostName"],
            port=int(conf["Port"]),
            user=conf["User"],
            keys=tuple(key.strip('"') for key in [conf.get("IdentityFile", "")] if key),
            proxy_command=conf.get("ProxyCommand"),
            forward_agent=conf.get("ForwardAgent") == "yes",
        )

    def ports(self, machine: str) -> dict[int, int]:
        """Return guest port -> host port from ``vagrant port``."""
        found = {}
        for _, _, kind, *data in machine_readable(self.ask(["port", machine, "--machine-readable"])):
            if kind == "forwarded_port":
                found[int(data[0])] = int(data[1])
        return found

    def snapshots(self, machine: str) -> list[str]:
        """Return the names of a machine's snapshots."""
        text = self.ask(["snapshot", "list", machine, "--machine-readable"])
        ui = [data[1] for _, _, kind, *data in machine_readable(text) if kind == "ui" and data[:1] == ["output"]]
        details = [data[1] for _, _, kind, *data in machine_readable(text) if kind == "ui" and data[:1] == ["detail"]]
        return [line for line in details or ui if not line.startswith("==>") and " " not in line.strip()]

    def box_add(self, name: str, *, version: str | None, provider: str, url: str | None) -> None:
        """Download a box into Vagrant's own store."""
        words = ["box", "add", url or name, "--provider", provider]
        if url:
            words += ["--name", name]
        elif version:
            words += ["--box-version", version]
        self.call(words)


def machine_readable(text: str) -> list[list[str]]:
    """Return the fields of Vagrant's ``--machine-readable`` lines, leaving out lines that are none.

    Format: ``timestamp,target,kind,data…`` with ``,`` written as ``%!(VAGRANT_COMMA)`` and line ends as ``\\n``
    (developer.hashicorp.com/vagrant/docs/cli/machine-readable).
    """
    found = []
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) >= 3 and fields[0].isdigit():
            found.append(
                [f.replace("%!(VAGRANT_COMMA)", ",").replace("\\n", "\n").replace("\\r", "\r") for f in fields]
            )
    return found


def failure(done: Completed, log: str | None) -> ToolFailed:
    """Return the error for a vagrant that failed: what it means in one line, its last lines without back-traces."""
    text = f"{done.stdout}\n{done.stderr}"
    clean = [line for line in map(_without_trace, text.splitlines()) if line.strip()]
    for pattern, meaning, hint in KNOWN_FAILURES:
        if match := re.search(pattern, text, re.IGNORECASE):
            why = match.groupdict().get("why")
            message = f"{meaning}: {why.strip()}" if why else meaning
            return ToolFailed(done.argv, done.code, "", message=message, hint=hint, log=log)
    last = tail(
        "\n".join(line for line in clean if not line.startswith(("==>", "    default:"))) or "\n".join(clean), 8
    )
    return ToolFailed(
        done.argv,
        done.code,
        last,
        message=f"vagrant {' '.join(done.argv[1:3])} failed with exit code {done.code}",
        hint=None,
        log=log,
    )


def _without_trace(line: str) -> str:
    """Return a line; of a back-trace's line only what went wrong, where it says that."""
    match = RUBY_TRACE.search(line)
    return line if match is None else match["what"] or ""
