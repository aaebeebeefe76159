"""One changing command on one project: nobody else changes it meanwhile, and everything goes into a log."""

import contextlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from devenv.box import lock as locks
from devenv.box import ssh
from devenv.box.connect import connect
from devenv.box.filelock import locked
from devenv.box.project import Machine, Project
from devenv.box.report import Report
from devenv.box.vagrant import VagrantAdapter
from devenv.errors import BoxError
from devenv.process import Runner

KEPT_LOGS = 20


@dataclass
class Session:
    """One changing command on one project: the project's lock is held, the log is open."""

    project: Project
    runner: Runner
    report: Report
    log: IO[str]
    lock: locks.Lock | None

    @property
    def vagrant(self) -> VagrantAdapter:
        """Vagrant on this project, with its output in the log."""
        return VagrantAdapter(
            self.project.root, self.runner, log=self.log, on_line=self.report.line, on_wait=self.report.note
        )

    def machine(self, name: str) -> Machine:
        """Return a machine Vagrant has created; BoxError when it has not."""
        found = self.project.created().get(name)
        if found is None:
            raise BoxError(f"{name} is not created", hint="create it with: devenv up")
        return found

    def connection(self, name: str) -> ssh.Connection:
        """Return the pinned connection to a running machine."""
        return connect(self.project, self.runner, name)


class Log(io.TextIOBase):
    """A log file that loses its lines rather than the work when the disk is full."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._file = path.open("ab", buffering=0)

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._file.write(text.encode(errors="backslashreplace"))
        return len(text)

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def session(project: Project, runner: Runner, report: Report, command: str) -> Iterator[Session]:
    """Hold the project for one changing command; a second one waits and says so."""
    with locked(
        project.state / "busy",
        what=f"devenv {command}",
        waiting=lambda holder: report.note(f"waiting for {holder} in this folder"),
    ):
        folder = project.state / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob("*.log"))[: -KEPT_LOGS + 1]:
            old.unlink(missing_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{command.partition(' ')[0]}.log"
        with Log(folder / name) as log:
            yield Session(project, runner, report, cast("IO[str]", log), None)
