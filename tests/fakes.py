"""Stand-ins for what a unit test must not touch: a runner that answers from a table, a watcher that remembers."""

import contextlib
import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from devenv.process import Completed


@dataclass(frozen=True)
class Call:
    """One program that would have been started."""

    argv: list[str]
    stdin: str | bytes | None = None
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    timeout: float | None = None
    streamed: bool = False


@dataclass
class Answer:
    """What a program says: its output, its exit code, an error instead, or something it does besides."""

    words: tuple[str, ...]
    out: str = ""
    err: str = ""
    code: int = 0
    raises: BaseException | None = None
    does: Callable[[Call], object] | None = None


class FakeRunner:
    """Answers for programs by the words their command line begins with; a program nobody spoke of is an error.

    The longest answer that fits is taken; of two alike the later one.
    """

    def __init__(self, *programs: str) -> None:
        self.programs = set(programs)
        self.answers: list[Answer] = []
        self.calls: list[Call] = []

    def on(
        self,
        *words: str,
        out: str = "",
        err: str = "",
        code: int = 0,
        raises: BaseException | None = None,
        does: Callable[[Call], object] | None = None,
    ) -> "FakeRunner":
        """Say what a program answers. A word ``*`` stands for any one word, ``…text…`` for one that holds text."""
        self.answers.append(Answer(words, out, err, code, raises, does))
        self.programs.add(words[0])
        return self

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float | None = None,
    ) -> Completed:
        return self._answer(Call(list(argv), stdin, env, cwd, timeout))

    def stream(
        self,
        argv: Sequence[str],
        on_line: Callable[[str], None],
        *,
        stdin: str | bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        log: IO[str] | None = None,
        grace: float = 10.0,
        on_grace: Callable[[], None] | None = None,
    ) -> Completed:
        done = self._answer(Call(list(argv), stdin, env, cwd, streamed=True))
        for line in done.stdout.splitlines():
            on_line(line)
            if log is not None:
                log.write(line + "\n")
        return done

    def which(self, name: str) -> str | None:
        return f"/usr/bin/{name}" if name in self.programs else None

    def argvs(self, *words: str) -> list[list[str]]:
        """Return the command lines, in order, that begin so."""
        return [call.argv for call in self.calls if _fits(words, call.argv)]

    def _answer(self, call: Call) -> Completed:
        self.calls.append(call)
        fitting = [answer for answer in self.answers if _fits(answer.words, call.argv)]
        assert fitting, f"nobody expected: {shlex.join(call.argv)}"
        answer = max(reversed(fitting), key=lambda found: len(found.words))
        if answer.raises is not None:
            raise answer.raises
        said = answer.does(call) if answer.does is not None else None
        if isinstance(said, Completed):
            return said
        return Completed(call.argv, answer.code, said if isinstance(said, str) else answer.out, answer.err)


def _fits(words: Sequence[str], argv: Sequence[str]) -> bool:
    if len(words) > len(argv):
        return False
    pairs = zip(words, argv, strict=False)
    return all(word in ("*", given) or (word[:1] == "…" and word.strip("…") in given) for word, given in pairs)


@dataclass
class Watcher:
    """Remembers what a use case reported."""

    phases: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def phase(self, machine: str, name: str) -> Iterator[None]:
        self.phases.append(f"{machine}: {name}")
        try:
            yield
        except BaseException:
            self.failed.append(f"{machine}: {name}")
            raise

    def note(self, text: str) -> None:
        self.notes.append(text)

    def line(self, text: str) -> None:
        self.lines.append(text)


class FakeDocker:
    """A Docker daemon with a Vagrant in front of it, as far as devenv talks to them about one project.

    Its box takes what is sent to its ssh: a step's program runs as ``step`` says and is recorded when that is 0.
    """

    def __init__(self, root: Path, runner: FakeRunner) -> None:
        self.root = root
        self.runner = runner
        self.containers: dict[str, bool] = {}
        """id -> whether it runs"""
        self.ports: dict[str, list[dict[str, str]]] = {"22/tcp": [{"HostIp": "127.0.0.1", "HostPort": "2222"}]}
        self.record: dict[str, str] = {}
        """step id -> the text of its record"""
        self.ran: list[str] = []
        self.step: dict[str, tuple[int, str]] = {}
        """step name -> exit code and output; 0 and nothing for others"""
        self.up_fails: Completed | None = None
        self._count = 0
        # whatever else is asked finds nothing
        runner.on("docker", out="")
        runner.on("docker", "info", out="20.10.24\n")
        runner.on("docker", "inspect", "--type", "container", does=self._inspect)
        runner.on("docker", "exec", out="ssh-ed25519 AAAAC3Nz root@box\n")
        runner.on("docker", "inspect", "--format", out="\n")
        runner.on("vagrant", "up", does=self._up)
        runner.on("vagrant", "reload", does=self._up)
        runner.on("vagrant", "halt", does=self._halt)
        runner.on("vagrant", "destroy", does=self._destroy)
        runner.on("ssh", does=self._ssh)

    def machine_folder(self, name: str = "default") -> Path:
        return self.root / ".vagrant/machines" / name / "docker"

    def id_of(self, name: str = "default") -> str | None:
        file = self.machine_folder(name) / "id"
        return file.read_text() if file.exists() else None

    def _inspect(self, call: Call) -> Completed:
        machine = call.argv[-1]
        if machine not in self.containers:
            return Completed(call.argv, 1, "", f"Error: No such container: {machine}\n")
        running = self.containers[machine]
        ports = json.dumps(self.ports if running else {})
        return Completed(call.argv, 0, f"{'true' if running else 'false'} {ports}\n", "")

    def _up(self, call: Call) -> Completed | None:
        if self.up_fails is not None:
            return self.up_fails
        name = next((word for word in call.argv[2:] if not word.startswith("-")), "default")
        made = self.id_of(name)
        if made not in self.containers:
            self._count += 1
            made = f"{self._count:064x}"
            folder = self.machine_folder(name)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "id").write_text(made)
            self.record.clear()
        assert made is not None
        self.containers[made] = True
        state = self.root / ".vagrant/devenv" / name
        state.mkdir(parents=True, exist_ok=True)
        data = {"host": "127.0.0.1", "port": 2222, "username": "vagrant", "private_key_path": ["/key"]}
        (state / "ssh.json").write_text(json.dumps({**data, "id": made, "provider": "docker"}))
        return None

    def _halt(self, call: Call) -> None:
        for name in self.containers:
            self.containers[name] = False

    def _destroy(self, call: Call) -> None:
        name = next((word for word in call.argv[2:] if not word.startswith("-")), "default")
        made = self.id_of(name)
        assert made is not None
        self.containers.pop(made, None)
        (self.machine_folder(name) / "id").unlink()

    def _ssh(self, call: Call) -> str | Completed:
        if "-O" in call.argv:
            return ""
        if not any(self.containers.values()):
            return Completed(call.argv, 255, "", "ssh: connect to host 127.0.0.1 port 2222: Connection refused\n")
        text = call.argv[-1]
        if "/steps" in text and "grep" in text:
            return "".join(f"{key}:{line}\n" for key, value in self.record.items() for line in value.splitlines())
        if call.stdin is not None and call.streamed:
            assert isinstance(call.stdin, str)
            line = next(line for line in call.stdin.splitlines() if line.startswith("devenv_step ") and "<<" in line)
            name, key, digest = shlex.split(line.partition(" <<")[0])[1:4]
            self.ran.append(name)
            code, output = self.step.get(name, (0, ""))
            if code == 0:
                self.record[key] = f"name={name}\nsha256={digest}\nexit=0\nat=2026-01-01T00:00:00Z\nseconds=1\n"
            return Completed(call.argv, code, output, "")
        return ""
