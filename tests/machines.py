"""Projects with real machines, for the tests that need them: devenv in a folder of its own, and what it left behind."""

import contextlib
import fcntl
import json
import os
import pty
import secrets
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BOX = "devenv/debian-12"
YAML = f"version: 1\nbox: {BOX}\ncpus: 1\nmemory: 512\n"

Result = subprocess.CompletedProcess[str]


def wait_for(what: str, seen: Callable[[], Any], seconds: float = 30) -> Any:
    """Return what seen() returns as soon as it is true; fail when it is not within so many seconds."""
    deadline = time.monotonic() + seconds
    nothing = threading.Event()
    while not (found := seen()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        nothing.wait(0.05)
    return found


def checked(done: Result) -> Result:
    assert done.returncode == 0, f"{done.args} ended with {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def trouble(done: Result) -> str:
    """Return an error's first line; fail unless there is one error, perhaps with a hint and a log, and no trace."""
    error = done.stderr[done.stderr.index("error: ") :].splitlines()
    assert "Traceback" not in done.stderr, done.stderr
    assert all(line.startswith(("hint: ", "log: ")) for line in error[1:]), done.stderr
    return error[0]


def command(*argv: str, stdin: str | None = None, timeout: float = 120) -> str:
    """Run a program that has to succeed and return its output."""
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=timeout, check=False)
    return checked(done).stdout.strip()


@dataclass
class Project:
    """A folder with a devenv.yaml or a Vagrantfile; ``env`` is what differs from the test's own environment."""

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    started: list["subprocess.Popen[Any]"] = field(default_factory=list)

    def write(self, file: str, text: str) -> Path:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def yaml(self, more: str = "", *, base: str = YAML) -> None:
        self.write("devenv.yaml", base + more)

    def environment(self, changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
        # PWD names the folder as the user sees it; a shell would set it
        wanted = {**os.environ, "PWD": str(self.folder), **self.env, **(changes or {})}
        return {name: value for name, value in wanted.items() if value is not None}

    def devenv(
        self,
        *words: str,
        stdin: str = "",
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        timeout: float = 300,
    ) -> Result:
        """Run devenv to its end, as a person would with nothing on standard input."""
        where = cwd or self.folder
        return subprocess.run(
            devenv_argv(*words),
            cwd=where,
            env=self.environment({"PWD": str(where), **(env or {})}),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def ok(self, *words: str, **how: Any) -> Result:
        return checked(self.devenv(*words, **how))

    def guest(self, script: str, *arguments: str) -> str:
        """Return what a script prints in the box."""
        return self.ok("run", "--", "sh", "-c", script, "test", *arguments).stdout.strip()

    def start(self, *words: str, **how: Any) -> "subprocess.Popen[str]":
        """Start devenv and leave it running."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
        process: subprocess.Popen[str] = subprocess.Popen(
            devenv_argv(*words), cwd=self.folder, env=self.environment(), text=True, **pipes
        )
        self.started.append(process)
        return process

    def vagrant(self, *words: str, timeout: float = 300) -> Result:
        env = self.environment({"VAGRANT_CHECKPOINT_DISABLE": "1", "VAGRANT_NO_COLOR": "1"})
        return subprocess.run(
            ["vagrant", *words],
            cwd=self.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def state(self, name: str = "default") -> str:
        machines = json.loads(self.ok("status", "--json").stdout)["machines"]
        return str({machine["name"]: machine["state"] for machine in machines}[name])

    def id(self, name: str = "default") -> str:
        (file,) = (self.folder / ".vagrant/machines" / name).glob("*/id")
        return file.read_text()

    def ports(self, name: str = "default") -> dict[int, int]:
        """Return guest port -> host port."""
        machines = json.loads(self.ok("ports", "--json").stdout)["machines"]
        (ports,) = (machine["ports"] for machine in machines if machine["name"] == name)
        return {port["guest"]: port["host"] for port in ports}

    def socket(self, name: str = "default") -> Path:
        """Return the kept connection's socket, which need not be there."""
        from devenv.box.project import Project as Found
        from devenv.box.project import runtime_folder

        return runtime_folder(Found(self.folder), name) / "s"

    def log(self) -> str:
        return Path(self.ok("logs", "--path").stdout.strip()).read_text()

    def destroy(self) -> None:
        """Remove every machine of this project, whatever state the test left it in."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        machines = list(self.folder.glob(".vagrant/machines/*/*/id"))
        if any(file.parent.name != "docker" for file in machines):
            self.devenv("destroy", "--force")
        # docker's are removed past Vagrant, which takes seconds
        ids = [file.read_text() for file in machines if file.parent.name == "docker"]
        for container in [*ids, *containers_of(self.folder)]:
            subprocess.run(["docker", "rm", "--force", "--volumes", container], capture_output=True, check=False)
            # nobody else would: the connection stays as long as it can
            self.close()

    def close(self) -> None:
        """End the kept connections."""
        for folder in self.folder.glob(".vagrant/machines/*"):
            socket = self.socket(folder.name)
            if socket.exists():
                subprocess.run(["ssh", "-S", str(socket), "-O", "exit", "x"], capture_output=True, check=False)


def devenv_argv(*words: str) -> list[str]:
    return [sys.executable, "-m", "devenv", *words]


def containers_of(folder: Path) -> list[str]:
    """Return the ids of all containers, running or not, that mount a folder."""
    found = command("docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", f"volume={folder.resolve()}")
    return found.split()


@contextmanager
def project(folder: Path, yaml: str | None = "", **env: str) -> Iterator[Project]:
    """Give a project in a new folder and remove its machines afterwards; yaml None: without devenv.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Project(folder, env)
    if yaml is not None:
        made.yaml(yaml)
    try:
        yield made
    finally:
        made.destroy()


def home_environment(home: Path) -> dict[str, str]:
    """Return the variables that give devenv another home folder, with Vagrant's and devenv's boxes where they are.

    OpenSSH takes the home folder of the account and not HOME, so ``ssh`` and ``scp`` on the PATH of programs under
    test are two-line programs in ``HOME/bin`` that name the configuration below HOME.
    """
    from devenv import paths

    programs = home / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    for name in ("ssh", "scp", "sftp"):
        real = shutil.which(name)
        assert real is not None
        wrapper = programs / name
        # the last -F counts: who names a configuration, as devenv does, means that one
        wrapper.write_text(f'#!/bin/sh\nexec {real} -F "{home}/.ssh/config" "$@"\n')
        wrapper.chmod(0o755)
    return {
        "HOME": str(home),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "VAGRANT_HOME": str(paths.vagrant_home()),
        "DEVENV_CACHE": str(paths.user_cache()),
    }


def descendants(pid: int) -> set[int]:
    """Return the ids of a process's children and theirs."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # the name in brackets may hold blanks and brackets itself (proc(5))
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, fresh = set[int](), {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def path_without(folder: Path, *names: str) -> str:
    """Return a PATH with every program of today's but those named: links in a folder."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*"):
            link = folder / program.name
            if program.name not in names and not link.exists() and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


class Terminal:
    """A program on a terminal of its own, typed to and read from; stdout "pipe" leaves it its keys and its errors."""

    def __init__(self, argv: list[str], *, cwd: Path, env: Mapping[str, str], stdout: str = "terminal") -> None:
        self.master, terminal = pty.openpty()
        self.seen = b""
        self.resize(24, 80)
        self.process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=env,
            stdin=terminal,
            stdout=terminal if stdout == "terminal" else subprocess.PIPE,
            stderr=terminal,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(terminal, termios.TIOCSCTTY, 0),
        )
        os.close(terminal)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def read(self, seconds: float) -> bool:
        """Read what is there within so many seconds; False at the end of the output."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return True
        try:
            fresh = os.read(self.master, 65536)
        except OSError:
            return False
        self.seen += fresh
        return bool(fresh)

    def expect(self, text: str, seconds: float = 30) -> str:
        """Wait until text is on the terminal; return all up to its end and forget it."""
        deadline = time.monotonic() + seconds
        wanted = text.encode()
        while wanted not in self.seen:
            more = self.read(0.1)
            assert more, f"{text!r} did not come before the end; there was {self.seen!r}"
            assert time.monotonic() < deadline, f"{text!r} did not come; there was {self.seen!r}"
        before, found, self.seen = self.seen.partition(wanted)
        return (before + found).decode(errors="replace")

    def end(self, seconds: float = 30) -> int:
        """Wait for the program's end and return its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            self.read(0.05)
            assert time.monotonic() < deadline, f"the program did not end; there was {self.seen!r}"
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        os.close(self.master)


@contextmanager
def terminal(project: Project, *words: str, stdout: str = "terminal") -> Iterator[Terminal]:
    """Give devenv on a terminal, a person before it: no CI, where devenv asks nothing."""
    env = project.environment({"TERM": "xterm", "CI": None})
    made = Terminal(devenv_argv(*words), cwd=project.folder, env=env, stdout=stdout)
    try:
        yield made
    finally:
        made.close()


def files_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return relative path -> time of last change (ns) and bytes of all files, without Vagrant's and devenv's state."""
    return {
        file.relative_to(folder).as_posix(): (file.stat().st_mtime_ns, file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file() and ".vagrant" not in file.parts
    }


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Mount an empty file system of so many bytes (512k, 64m) as a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    command("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield
    finally:
        command("umount", "--lazy", str(folder))


def free_port() -> int:
    """Return a TCP port nobody has now, below those the system hands out by itself."""
    while True:
        port = 20000 + secrets.randbelow(10000)
        with contextlib.closing(socket.socket()) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
