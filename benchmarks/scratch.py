"""Throw-away projects for the benchmarks, and the programs that work on them, each checked for what it did."""

import os
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.contest import NotDone
from devenv.box import hostports, kvm
from devenv.box.vagrant import environment
from devenv.process import Completed, SystemRunner

PAGE = "made by a provisioning step"
STEPS = 3
"""Steps of the project below: the two it names, and the one devenv makes of ``env``."""

PROJECT = """\
version: 1
name: bench
box: devenv/debian-12
memory: 512
ports: ["{port}:8000"]
env: {{GREETING: hello}}
{settings}provision:
  - name: page
    run: mkdir -p /srv/site && echo '{page}' >/srv/site/index.html
  - name: serve
    run: |
      cat >/srv/serve.py <<'PROGRAM'
      # the box has Python's smallest part only, which has no http.server
      import socket
      server = socket.create_server(("", 8000))
      while True:
          client, _ = server.accept()
          client.recv(65536)
          client.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n" + open("/srv/site/index.html", "rb").read())
          client.close()
      PROGRAM
      setsid nohup python3 /srv/serve.py >/var/log/serve.log 2>&1 </dev/null &
"""
EMULATED = "providers: {libvirt: {driver: qemu}}\n"
"""Both sides get it where KVM cannot be used; devenv alone would find out by itself."""

PATIENCE = 60.0
"""Seconds the page may take to answer after ``up`` is done; they are not counted."""


def devenv() -> list[str]:
    """Return the words that start the devenv of this Python's environment, as its users do."""
    script = Path(sys.executable).with_name("devenv")
    return [str(script)] if script.exists() else [sys.executable, "-m", "devenv"]


class Scratch:
    """A project in a folder of its own, with at most one machine at a time."""

    def __init__(self, provider: str, *, certificates: bool = False) -> None:
        """Make a folder with a devenv.yaml; with certificates the box trusts those of the host (one step more)."""
        self.runner = SystemRunner()
        self.steps = STEPS + certificates
        self.provider = provider
        self.root = Path(tempfile.mkdtemp(prefix="devenv-bench-"))
        # the box's own user has to be able to enter it
        self.root.chmod(0o755)
        # two runs at once do not meet: a port that is taken would be moved on one side only
        first = 20000 + os.getpid() % 10000
        self.port = next(port for port in range(first, first + 1000) if hostports.is_free(port))
        emulated = provider == "libvirt" and not kvm.probe().usable
        settings = (EMULATED if emulated else "") + ("trust_host_certificates: true\n" if certificates else "")
        text = PROJECT.format(port=self.port, page=PAGE, settings=settings)
        (self.root / "devenv.yaml").write_text(text, encoding="utf-8")

    def __enter__(self) -> "Scratch":
        # a first up makes the lock and the Vagrantfile both sides share, and fetches what only the first needs
        try:
            self.devenv_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.destroy()
        shutil.rmtree(self.root, ignore_errors=True)

    def devenv(self, *words: str, **env: str) -> Completed:
        return self._run([*devenv(), *words], **env)

    def vagrant(self, *words: str) -> Completed:
        return self._run(["vagrant", *words])

    def _run(self, argv: list[str], **env: str) -> Completed:
        done = self.runner.run(argv, cwd=self.root, env=environment() | env)
        if done.code != 0:
            raise NotDone(f"{' '.join(argv)} failed with {done.code}:\n{done.stdout}{done.stderr}")
        return done

    # each of these is one timed command with a check of what it did

    def devenv_status(self) -> float:
        return self._saying(self.devenv("status"), "running", self.provider)

    def vagrant_status(self) -> float:
        return self._saying(self.vagrant("status"), "running", self.provider)

    def devenv_run(self) -> float:
        return self.devenv("run", "--", "true").seconds

    def vagrant_run(self) -> float:
        return self.vagrant("ssh", "-c", "true").seconds

    def devenv_up(self) -> float:
        done = self.devenv("up", "--provider", self.provider)
        self.check_up()
        return done.seconds

    def vagrant_up(self) -> float:
        done = self.vagrant("up", "--provider", self.provider)
        self.check_up()
        return done.seconds

    def devenv_up_again(self) -> float:
        done = self.devenv("up")
        return self._saying(done, "nothing to do")

    def vagrant_up_again(self) -> float:
        return self.vagrant("up").seconds

    def fresh_devenv_up(self) -> float:
        self.destroy()
        return self.devenv_up()

    def fresh_vagrant_up(self) -> float:
        self.destroy()
        return self.vagrant_up()

    def check_run(self) -> None:
        """Both ways of running a command reach the same machine and tell how the command ended."""
        ours = self.devenv("run", "--", "cat", "/etc/machine-id", "/etc/hostname").stdout
        theirs = self.vagrant("ssh", "-c", "cat /etc/machine-id /etc/hostname").stdout
        if not ours.strip() or ours.split() != theirs.split():
            raise NotDone(f"devenv run and vagrant ssh are not in the same machine: {ours!r}, {theirs!r}")
        if self.runner.run([*devenv(), "run", "--", "sh", "-c", "exit 3"], cwd=self.root).code != 3:
            raise NotDone("devenv run does not tell the command's exit code")

    def check_up(self) -> None:
        """The page answers on the host, and every step is recorded as done in the box."""
        deadline = time.monotonic() + PATIENCE
        while (said := self._page()) != PAGE:
            if time.monotonic() > deadline:
                raise NotDone(f"the page on port {self.port} says {said!r}")
            time.sleep(0.1)
        steps = self.devenv("run", "--", "sh", "-c", "ls /var/lib/devenv/steps | wc -l").stdout.strip()
        if steps != str(self.steps):
            raise NotDone(f"{steps} steps are recorded, not {self.steps}")

    def _page(self) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
                return str(answer.read().decode()).strip()
        except (OSError, urllib.error.URLError) as exc:
            return str(exc)

    def destroy(self) -> None:
        self.devenv("destroy", "--force")

    @staticmethod
    def _saying(done: Completed, *words: str) -> float:
        said = f"{done.stdout}\n{done.stderr}"
        for word in words:
            if word not in said:
                raise NotDone(f"{' '.join(done.argv)} does not say {word!r}:\n{said}")
        return done.seconds


def python(*words: str, expect: str = "") -> float:
    """Run this Python with words and return the seconds."""
    return _plain([sys.executable, *words], expect)


def command_line(*words: str, expect: str) -> float:
    """Run devenv with words and return the seconds; what it prints has to hold expect."""
    return _plain([*devenv(), *words], expect)


def _plain(argv: list[str], expect: str) -> float:
    done = SystemRunner().run(argv)
    if done.code != 0 or expect not in done.stdout:
        raise NotDone(f"{' '.join(argv)}: {done.code} {done.stdout!r} {done.stderr!r}")
    return done.seconds


def rebuild_box() -> float:
    """Build the docker box in a cache of its own that holds nothing but downloaded packages; return the seconds."""
    from devenv.paths import user_cache

    with tempfile.TemporaryDirectory(prefix="devenv-bench-") as name:
        home, cache = Path(name) / "vagrant", Path(name) / "cache"
        for part in ("apt", "packages"):
            if (user_cache() / part).is_dir():
                shutil.copytree(user_cache() / part, cache / part)
        done = SystemRunner().run(
            [*devenv(), "box", "build", "--again", "--provider", "docker"],
            env={"DEVENV_CACHE": str(cache), "VAGRANT_HOME": str(home)},
        )
        if done.code != 0 or not list(home.glob("boxes/*/*/docker/metadata.json")):
            raise NotDone(f"devenv box build failed with {done.code}:\n{done.stderr}")
        return done.seconds
