"""A user's computer with projects whose boxes run, made up as far as devenv ide asks: ssh is answered from memory."""

import base64
import contextlib
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from devenv.box import session as sessions
from devenv.box.project import Project, runtime_folder
from devenv.box.session import Session
from devenv.editor.store import ReadOnlyStore, Store
from devenv.ide import removal, setup
from devenv.ide.user import User
from devenv.ide.writing import Done
from devenv.process import Completed
from fakes import Call, FakeRunner, Watcher

KEY = "ssh-ed25519 AAAAC3Nz"


class Box:
    """A project with a machine that runs: its files, and what its step recorded."""

    def __init__(self, root: Path, user: User, port: int, machine: str = "default") -> None:
        self.user = user
        self.machine = machine
        self.runner = FakeRunner()
        self.watcher = Watcher()
        self.files: dict[str, bytes] = {}
        self.recorded = ""
        self.packages = ""
        self.python = "3.11.2"
        self.interpreter = "/an/interpreter"
        self.steps = 0
        self.shared = True
        self.absent = ""
        self.greeting = ""
        self.asked: list[str] = []
        root.mkdir(parents=True, exist_ok=True)
        if not (root / "Vagrantfile").exists():
            (root / "Vagrantfile").write_text("# by hand\n")
        self.project = Project(root)
        self.start(port)
        self.runner.on("ssh", does=self._ssh)

    def start(self, port: int) -> None:
        """Boot at a port."""
        root, name = self.project.root, self.machine
        made = f"{port:064x}"
        folder = root / ".vagrant/machines" / name / "docker"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "id").write_text(made)
        state = self.project.machine_state(name)
        state.mkdir(parents=True, exist_ok=True)
        key = folder / "private_key"
        key.write_text("key\n")
        data = {"host": "127.0.0.1", "port": port, "username": "vagrant", "private_key_path": [str(key)]}
        (state / "ssh.json").write_text(json.dumps({**data, "id": made, "provider": "docker"}))
        (state / "known_hosts").write_text(f"devenv-{made} {KEY}{port}\n")
        # the kept connection
        (runtime_folder(self.project, name) / "s").touch()

    def plan(self, name: str, *, force: bool = False, **given: str) -> setup.Plan:
        return setup.plan(self.project, self.runner, name, self.machine, given, self.user, force=force)

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        with sessions.session(self.project, self.runner, self.watcher, "ide setup") as job:
            yield job

    def set_up(self, name: str, *, force: bool = False, **given: str) -> list[Done]:
        plan = self.plan(name, force=force, **given)
        with self.session() as job:
            return setup.carry_out(job, plan, self.user, Store())[1]

    def remove(self, name: str) -> list[Done]:
        return self.removal(name).files

    def removal(self, name: str) -> removal.Removal:
        return removal.remove(self.project, self.runner, name, Store())

    def rehearse_removal(self, name: str) -> list[Done]:
        return removal.remove(self.project, self.runner, name, ReadOnlyStore()).files

    def refresh(self) -> tuple[list[str], list[str]]:
        with self.session() as job:
            changed, wrong = setup.refresh(job, self.machine, self.user)
        return changed, [each.message for each in wrong]

    def _ssh(self, call: Call) -> Completed:
        text = call.argv[-1]
        if call.streamed:
            assert isinstance(call.stdin, str)
            return self._step(call, call.stdin)
        self.asked.append(text)
        if "echo =devenv=" in text:
            said = ["=devenv=", "/home/vagrant", self.interpreter, self.python, self.recorded, self.packages]
            said += ["shared" if self.shared else "", self.absent]
            return Completed(call.argv, 0, self.greeting + "\n".join(said) + "\n", "")
        words = shlex.split(text)
        if words[:2] == ["[", "-e"]:
            data = self.files.get(words[2])
            return Completed(call.argv, 44 if data is None else 0, base64.b64encode(data or b"").decode(), "")
        if words[:2] == ["rm", "-f"]:
            self.files.pop(words[2])
        else:
            assert isinstance(call.stdin, bytes)
            name = text.partition("readlink -f ")[2].partition(")")[0]
            self.files[shlex.split(name)[0]] = call.stdin
        return Completed(call.argv, 0, "", "")

    def _step(self, call: Call, text: str) -> Completed:
        at = text.index("\ndevenv_step ")
        first, script, *_ = text[at + 1 :].splitlines()
        self.recorded = shlex.split(first.partition(" <<")[0])[3]
        lines = base64.b64decode(script).decode().splitlines()
        given = next(line for line in lines if line.startswith("requirements="))
        self.packages = shlex.split(given.removeprefix("requirements="))[0] if given != "requirements=''" else ""
        self.steps += 1
        return Completed(call.argv, 0, "", "")


def user_at(home: Path) -> User:
    """Return a user whose folders lie in a home folder."""
    (home / "bin").mkdir(parents=True, exist_ok=True)
    return User(home, home / ".config", home / ".local/share", "linux", {"PATH": str(home / "bin")})


def only_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    """Return such a user as the one devenv runs for."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(home))
    monkeypatch.setenv("DEVENV_DATA", str(home / "data"))
    return user_at(home)


def files_of(*tops: Path) -> dict[str, bytes]:
    """Return path -> bytes of all files below these folders, and of empty folders; without logs, backups and state."""
    found: dict[str, bytes] = {}
    for top in tops:
        for path in sorted(top.rglob("*")):
            name = f"{top.name}/{path.relative_to(top)}"
            state = any(part in name for part in (".vagrant/machines", "/logs", "/busy", "home/data", "home/devenv-"))
            if state or name.endswith("~") or ".vagrant/devenv/default" in name:
                continue
            if path.is_file():
                found[name] = path.read_bytes()
            elif path.is_dir() and not any(path.iterdir()):
                found[name + "/"] = b""
    return found
