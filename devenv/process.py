"""The only place that starts a program.

Programs are lists of words, never shell text. A program that cannot be found raises ToolMissing; what
a non-zero exit code means is left to the caller (``Completed.check``), because that is policy.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple, NoReturn, Protocol

from devenv.errors import ToolFailed, ToolMissing

TAIL_LINES = 15
"""How many of a failed program's last lines an error shows."""
PATIENCE = 3
"""So many signals are passed on to what an attached program controls; the next one kills the program."""


class Completed(NamedTuple):
    """A program that ended: its exit code (negative: killed by that signal), output and seconds taken."""

    argv: list[str]
    code: int
    stdout: str
    stderr: str
    seconds: float = 0.0

    def check(self, message: str | None = None, *, hint: str | None = None) -> "Completed":
        """Return self; raise ToolFailed with the last lines of output when the exit code is not 0."""
        if self.code != 0:
            raise ToolFailed(self.argv, self.code, tail(self.stderr or self.stdout), message=message, hint=hint)
        return self


def tail(text: str, lines: int = TAIL_LINES) -> str:
    """Return the last non-empty lines of text."""
    return "\n".join([line.rstrip() for line in text.splitlines() if line.strip()][-lines:])


class Runner(Protocol):
    """What the rest of devenv needs of the operating system to start programs."""

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float | None = None,
    ) -> Completed:
        """Run argv to its end with its output captured; env is added to the current environment."""
        ...

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
        """Run argv and hand each line of its joined output to on_line as it comes (and to log, if given).

        When devenv is interrupted the program gets INT and grace seconds to tidy up before it is killed; on_grace is
        called when that takes over a second.
        """
        ...

    def which(self, name: str) -> str | None:
        """Return the full path of a program, or None."""
        ...


INSTALL: dict[str, str] = {
    "vagrant": "scripts/setup.sh --only vagrant (Debian: apt-get install vagrant)",
    "docker": "apt-get install docker.io",
    "virsh": "apt-get install libvirt-clients libvirt-daemon-system",
    "ssh": "apt-get install openssh-client",
    "rsync": "apt-get install rsync",
    "mmdebstrap": "apt-get install mmdebstrap",
    "qemu-img": "apt-get install qemu-utils",
    "qemu-system-x86_64": "apt-get install qemu-system-x86",
    "lxc-info": "apt-get install lxc",
    "mke2fs": "apt-get install e2fsprogs",
    "grub-mkimage": "apt-get install grub-pc-bin grub2-common",
}
"""How to get a program, for the hint of ToolMissing."""


class SystemRunner:
    """Runs programs on this machine."""

    def which(self, name: str) -> str | None:
        # shutil brings the compression libraries with it, and most commands look nothing up
        import shutil

        return shutil.which(name)

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float | None = None,
    ) -> Completed:
        started = time.monotonic()
        data = stdin.encode() if isinstance(stdin, str) else stdin
        process = _start(argv, data is not None, env, cwd, merge=False)
        try:
            out, err = process.communicate(data, timeout=timeout)
        except BaseException as exc:
            _end(process)
            if isinstance(exc, subprocess.TimeoutExpired):
                raise ToolFailed(
                    list(argv), -signal.SIGKILL, "", message=f"{argv[0]} did not answer within {timeout:g} s"
                ) from exc
            raise
        return Completed(
            list(argv),
            process.returncode,
            out.decode(errors="replace"),
            err.decode(errors="replace"),
            time.monotonic() - started,
        )

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
        started = time.monotonic()
        data = stdin.encode() if isinstance(stdin, str) else stdin
        process = _start([*self._tie(argv[0]), *argv], data is not None, env, cwd, merge=True)
        kept: list[str] = []
        try:
            if process.stdin is not None:
                _feed(process.stdin, data or b"")
            assert process.stdout is not None
            for raw in process.stdout:
                # a progress bar redraws itself with \r: only its last state is a line
                line = raw.decode(errors="replace").rstrip("\r\n").rsplit("\r", 1)[-1]
                kept.append(line)
                if log is not None:
                    log.write(line + "\n")
                    log.flush()
                on_line(line)
            process.wait()
        except BaseException:
            _end(process, grace, on_grace)
            raise
        return Completed(list(argv), process.returncode, "\n".join(kept), "", time.monotonic() - started)

    def _tie(self, name: str) -> list[str]:
        """Return what makes a program get INT when devenv is killed and cannot send it itself (Linux)."""
        if sys.platform != "linux" or self.which("setpriv") is None:
            return []
        if self.which(name) is None:
            # setpriv would be found where the program is not
            raise ToolMissing(name, install=INSTALL.get(name))
        return ["setpriv", "--pdeathsig", "INT", "--"]


class Held:
    """A program that runs beside devenv until ``release``: told by the end of its input, so also when devenv is killed.

    It has a process group of its own: what ends devenv at the terminal does not end it before devenv is done with it.
    """

    def __init__(self, argv: Sequence[str], first: bytes) -> None:
        """Start a program and write ``first`` to its standard input, which stays open. Raises ToolMissing."""
        import tempfile

        # a file: a pipe nobody reads would stop the program once it is full
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        except FileNotFoundError as exc:
            raise ToolMissing(argv[0], install=INSTALL.get(argv[0])) from exc
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(first)
            self._process.stdin.flush()

    def line(self) -> str:
        """Return the next line it prints, when it comes; nothing when it has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode(errors="replace").rstrip("\r\n")

    def release(self, seconds: float = 10.0) -> Completed:
        """End it: the end of its input first, KILL for what is still there after so many seconds."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace")
        self._errors.close()
        assert isinstance(self._process.args, list)
        return Completed(self._process.args, self._process.returncode, "", said)


def attach(argv: Sequence[str], on_signal: Callable[[int], None] | None, *, terminal: bool) -> int:
    """Run argv on devenv's own stdin, stdout and stderr and return its exit code (negative: killed by that signal).

    INT, TERM and HUP sent to devenv do not end the program: on_signal is called with each, to end what the program
    controls in its own way. Whoever sends a fourth has no patience left: it kills the program. With on_signal None the
    program gets TERM and HUP itself.
    With terminal the program shares the terminal and gets its keys itself.
    """
    pump = not terminal and sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []
    count = 0

    def handle(number: int, _frame: object) -> None:
        nonlocal count
        if process is None:
            early.append(number)
            return
        count += 1
        if count > PATIENCE:
            process.kill()
        elif on_signal is not None:
            on_signal(number)
        elif number != signal.SIGINT:
            process.send_signal(number)

    # before the program starts: a signal in between would end devenv and leave the program behind
    before = {number: signal.signal(number, handle) for number in _passed_on()}
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE if pump else None,
            # outside the terminal's foreground group Ctrl-C is devenv's alone to handle
            process_group=None if terminal or os.name == "nt" else 0,
        )
        for number in early:
            handle(number, None)
        if pump:
            threading.Thread(target=_pump, args=(process,), daemon=True).start()
        return process.wait()
    except FileNotFoundError as exc:
        raise ToolMissing(argv[0], install=INSTALL.get(argv[0])) from exc
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave(argv: Sequence[str]) -> None:
    """Start a program that outlives us, and whose remarks are not for this terminal. Raises ToolMissing."""
    quiet = subprocess.DEVNULL
    try:
        subprocess.Popen(list(argv), stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=os.name == "posix")
    except FileNotFoundError as exc:
        raise ToolMissing(argv[0], install=INSTALL.get(argv[0])) from exc


@contextlib.contextmanager
def if_killed(argv: Sequence[str]) -> Iterator[None]:
    """Have a program run should devenv be killed inside the ``with`` block in a way that nobody can catch.

    A process beside us waits for the end of a pipe that only we hold open, and becomes the program then; a byte before
    that end says that all went well. Where there is no fork (Windows) nothing waits.
    """
    if not hasattr(os, "fork"):
        yield
        return
    reads, writes = os.pipe()
    # before any thread of ours starts, which a forked child would not have
    pid = os.fork()
    if pid == 0:
        _wait_for_death(reads, writes, list(argv))
    os.close(reads)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.write(writes, b".")
        os.close(writes)
        os.waitpid(pid, 0)


def _wait_for_death(reads: int, writes: int, argv: list[str]) -> NoReturn:
    try:
        # away from the terminal, and from whoever waits for the end of our output
        os.setsid()
        os.close(writes)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        if not os.read(reads, 1):
            os.execvp(argv[0], argv)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _passed_on() -> list[signal.Signals]:
    """Return the signals that are handed on; nohup's wish to outlive the terminal is left as it is."""
    found = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    return [each for each in found if each.name != "SIGHUP" or signal.getsignal(each) is not signal.SIG_IGN]


def _pump(process: "subprocess.Popen[bytes]") -> None:
    """Copy the terminal to a program that must not own it (a background group may not read a terminal)."""
    assert process.stdin is not None
    try:
        while data := os.read(0, 65536):
            process.stdin.write(data)
            process.stdin.flush()
        process.stdin.close()
    except (BrokenPipeError, OSError):
        pass


def _start(
    argv: Sequence[str], piped: bool, env: Mapping[str, str] | None, cwd: Path | None, *, merge: bool
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merge else subprocess.PIPE,
            env={**os.environ, **env} if env else None,
            cwd=cwd,
            # a group of its own: Ctrl-C reaches devenv, which then ends the program in an order it chooses
            start_new_session=True,
        )
    except FileNotFoundError as exc:
        if cwd is not None and not cwd.is_dir():
            raise
        raise ToolMissing(argv[0], install=INSTALL.get(argv[0])) from exc


def _feed(pipe: IO[bytes], data: bytes) -> None:
    try:
        pipe.write(data)
        pipe.close()
    except BrokenPipeError:
        # the program ended without reading its input; its exit code tells why
        pass


def _end(process: "subprocess.Popen[bytes]", grace: float = 10.0, on_grace: Callable[[], None] | None = None) -> None:
    """End a program and its children: INT first, as a person at a terminal would, then KILL.

    A second interrupt in the meantime means: now.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        try:
            process.wait(min(grace, 1.0))
        except subprocess.TimeoutExpired:
            if on_grace is not None:
                on_grace()
            process.wait(max(0.0, grace - 1.0))
    # also when it ended in time: a shell's children in the background do not get INT
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
