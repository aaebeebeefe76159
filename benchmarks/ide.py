"""Editors on a box: the interpreter against plain ssh, a set-up, a check; in a home folder of their own."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.contest import Contender, NotDone, Outcome, Under, Within, hold
from benchmarks.scratch import Scratch
from devenv.box.vagrant import environment
from devenv.process import SystemRunner

PROGRAM = "/opt/devenv/venv/bin/python"


def all_outcomes(project: Scratch, runs: int, say: Callable[[str], None]) -> Iterator[Outcome]:
    """Hold the contests on a running machine."""
    with tempfile.TemporaryDirectory(prefix="devenv-bench-") as folder:
        contest = _Contest(project, Path(folder))
        contest.set_up()
        ours = Contender("devenv python -c pass", contest.python)
        yield hold(ours, Contender("ssh, connection shared", contest.ssh), Within(0.12), runs=runs, progress=say)
        yield hold(Contender("devenv ide check", contest.check), None, Under(0.2), runs=runs, progress=say)
        again = Contender("devenv ide setup, nothing to do", contest.again)
        yield hold(again, None, Under(1), runs=runs, progress=say)
        anew = Contender("devenv ide setup, 9 files", contest.anew)
        yield hold(anew, None, Under(1), runs=max(3, runs // 3), progress=say)


class _Contest:
    def __init__(self, project: Scratch, home: Path) -> None:
        self.project = project
        self.home = home
        (home / ".ssh").mkdir(mode=0o700)
        (home / ".ssh/config").write_text("Host *\n  ServerAliveInterval 30\n")
        (home / ".config/Code/User").mkdir(parents=True)
        real = environment()
        from devenv import paths

        self.env = {
            "HOME": str(home),
            "VAGRANT_HOME": real.get("VAGRANT_HOME", str(paths.vagrant_home())),
            "DEVENV_CACHE": str(paths.user_cache()),
        }

    def set_up(self) -> None:
        """The first one runs the step in the box."""
        self.project.devenv("ide", "setup", "vscode", "--yes", **self.env)
        said = self.project.devenv("python", "-c", "import sys; print(sys.executable)", **self.env).stdout
        if said.strip() != PROGRAM:
            raise NotDone(f"devenv python is {said!r}")

    def python(self) -> float:
        return self.project.devenv("python", "-c", "pass", **self.env).seconds

    def ssh(self) -> float:
        """The same over the same connection, which is open already."""
        from devenv.box.connect import connect
        from devenv.box.project import Project

        runner = SystemRunner()
        argv = connect(Project(self.project.root), runner, "default").argv("-T")
        done = runner.run([*argv, f"cd /vagrant && {PROGRAM} -c pass"])
        if done.code != 0:
            raise NotDone(f"ssh failed with {done.code}: {done.stderr}")
        return done.seconds

    def check(self) -> float:
        done = self.project.devenv("ide", "check", **self.env)
        if done.stdout.count(" ok ") < 10:
            raise NotDone(f"devenv ide check says {done.stdout}")
        return done.seconds

    def again(self) -> float:
        done = self.project.devenv("ide", "setup", "vscode", **self.env)
        if "nothing to do" not in done.stderr:
            raise NotDone(f"devenv ide setup says {done.stderr}")
        return done.seconds

    def anew(self) -> float:
        self.project.devenv("ide", "remove", "vscode", "--yes", **self.env)
        done = self.project.devenv("ide", "setup", "vscode", "--yes", **self.env)
        if "Include" not in (self.home / ".ssh/config").read_text():
            raise NotDone(f"devenv ide setup says {done.stderr}")
        return done.seconds
