"""The one place that starts programs, with real ones: exit codes, streams, time limits, nothing left behind."""

import io
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from devenv import process
from devenv.errors import ToolFailed, ToolMissing
from devenv.process import Completed, Held, SystemRunner, tail

pytestmark = pytest.mark.starts_programs

RUNNER = SystemRunner()


def wait_gone(pid: int) -> bool:
    """Wait for the end of a process that is no child of ours; False when it does not come."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 10)[0])
    finally:
        os.close(descriptor)


def python(text: str) -> list[str]:
    return [sys.executable, "-S", "-c", text]


def test_run_gives_output_code_and_time() -> None:
    done = RUNNER.run(["sh", "-c", "cat; echo err >&2; exit 3"], stdin="ünïcode\n")
    assert (done.code, done.stdout, done.stderr) == (3, "ünïcode\n", "err\n")
    assert done.seconds > 0
    assert done.argv[0] == "sh"


def test_run_reads_nothing_from_our_own_input() -> None:
    assert RUNNER.run(["cat"]).stdout == ""


def test_bytes_that_are_no_text_do_not_stop_it() -> None:
    assert RUNNER.run(["printf", r"a\377b"]).stdout == "a�b"


def test_the_environment_is_added_to_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OURS", "1")
    done = RUNNER.run(["sh", "-c", 'echo "$OURS $THEIRS"; pwd'], env={"THEIRS": "2"}, cwd=tmp_path)
    assert done.stdout == f"1 2\n{tmp_path}\n"


def test_a_program_that_is_not_there_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    for start in (
        lambda: RUNNER.run(["rsync"]),
        lambda: RUNNER.stream(["rsync"], print),
        lambda: process.attach(["rsync"], lambda _: None, terminal=False),
    ):
        with pytest.raises(ToolMissing, match="rsync is not installed") as caught:
            start()
        assert caught.value.hint == "get it with: apt-get install rsync"
    assert RUNNER.which("rsync") is None


def test_a_folder_that_is_not_there_is_not_called_a_missing_program(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RUNNER.run(["true"], cwd=tmp_path / "gone")


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 600 & echo $! >{pids}; echo $$ >>{pids}; wait"
    with pytest.raises(ToolFailed, match=r"sh did not answer within 0\.5 s"):
        RUNNER.run(["sh", "-c", script], timeout=0.5)
    assert all(wait_gone(int(pid)) for pid in pids.read_text().split())


def test_check_raises_with_the_last_lines_that_say_something() -> None:
    lines = "\n".join(f"line {number}\n  " for number in range(30))
    with pytest.raises(ToolFailed) as caught:
        Completed(["prog", "x"], 4, "out", lines).check("it went wrong", hint="try again")
    assert caught.value.tail.splitlines() == [f"line {number}" for number in range(15, 30)]
    assert (caught.value.message, caught.value.hint, caught.value.exit_code) == ("it went wrong", "try again", 4)
    ok = Completed(["prog"], 0, "", "")
    assert ok.check() is ok


def test_what_a_program_said_on_stdout_counts_when_stderr_is_empty() -> None:
    with pytest.raises(ToolFailed, match="prog failed with exit code 1") as caught:
        Completed(["prog"], 1, "on stdout", "").check()
    assert caught.value.tail == "on stdout"


def test_tail_leaves_out_empty_lines() -> None:
    assert tail("a\n\n b \n\n", 1) == " b"
    assert tail("") == ""


def test_stream_gives_lines_as_they_come_and_keeps_them_in_the_log() -> None:
    seen: list[str] = []
    log = io.StringIO()
    done = RUNNER.stream(["sh", "-c", "echo out; echo err >&2; cat; exit 7"], seen.append, stdin="in\n", log=log)
    assert done.code == 7
    assert seen == ["out", "err", "in"]
    assert log.getvalue() == "out\nerr\nin\n"
    assert done.stdout == "out\nerr\nin"


def test_a_progress_bar_that_redraws_itself_is_one_line() -> None:
    seen: list[str] = []
    log = io.StringIO()
    RUNNER.stream(["printf", r"1%%\r50%%\r100%%\r\nnext\n"], seen.append, log=log)
    assert seen == ["100%", "next"]
    assert "\r" not in log.getvalue()


def test_a_program_that_does_not_read_its_input_is_no_error() -> None:
    assert RUNNER.stream(["true"], lambda _: None, stdin="x" * 1_000_000).code == 0
    assert RUNNER.run(["true"], stdin="x" * 1_000_000).code == 0


def test_an_interrupt_while_streaming_lets_the_program_tidy_up(tmp_path: Path) -> None:
    mark = tmp_path / "tidied"
    script = f"trap 'echo bye >{mark}; exit 0' INT; echo $$; while :; do sleep 0.05; done"
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        RUNNER.stream(["sh", "-c", script], interrupt)
    assert mark.read_text() == "bye\n"
    assert wait_gone(pids[0])


def test_a_program_that_ignores_an_interrupt_is_killed_after_its_grace() -> None:
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        RUNNER.stream(["sh", "-c", "trap '' INT; echo $$; while :; do sleep 0.05; done"], interrupt, grace=0.2)
    assert wait_gone(pids[0])


def test_a_program_that_takes_its_time_to_tidy_up_is_told_of_once(tmp_path: Path) -> None:
    said = tmp_path / "said"
    script = f"trap 'until [ -e {said} ]; do sleep 0.05; done; exit 0' INT; echo go; while :; do sleep 0.05; done"
    told: list[bool] = []

    def tell() -> None:
        told.append(said.exists())
        said.touch()

    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        RUNNER.stream(["sh", "-c", script], interrupt, grace=60, on_grace=tell)
    assert told == [False]


def test_a_second_interrupt_does_not_wait_for_the_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    pids: list[int] = []
    wait = subprocess.Popen.wait

    def interrupted_again(self: "subprocess.Popen[bytes]", timeout: float | None = None) -> int:
        if timeout is not None:
            raise KeyboardInterrupt
        return wait(self)

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted_again)
    with pytest.raises(KeyboardInterrupt):
        RUNNER.stream(["sh", "-c", "trap '' INT; echo $$; while :; do sleep 0.05; done"], interrupt, grace=60)
    assert wait_gone(pids[0])


def test_a_program_gets_an_interrupt_when_we_are_killed(tmp_path: Path) -> None:
    mark = tmp_path / "tidied"
    script = f"trap 'echo bye >{mark}; exit 0' INT; echo $$; while :; do sleep 0.05; done"
    ours = (
        "import sys; from devenv.process import SystemRunner\n"
        f"SystemRunner().stream(['sh', '-c', {script!r}], lambda line: print(line, flush=True))"
    )
    python = subprocess.Popen([sys.executable, "-c", ours], stdout=subprocess.PIPE, text=True)
    assert python.stdout is not None
    pid = int(python.stdout.readline())
    python.kill()
    python.communicate()
    assert wait_gone(pid)
    assert mark.read_text() == "bye\n"


def test_attach_gives_the_programs_own_code() -> None:
    assert process.attach(["sh", "-c", "exit 42"], lambda _: None, terminal=False) == 42
    assert process.attach(["sh", "-c", "kill -9 $$"], lambda _: None, terminal=False) == -9


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_us_is_passed_on_and_our_handlers_come_back(tmp_path: Path, number: int) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    before = signal.getsignal(number)
    seen: list[int] = []

    def on_signal(got: int) -> None:
        seen.append(got)
        # lets the program end: it waits for one line
        fifo.write_text("go\n")

    started = tmp_path / "started"
    os.mkfifo(started)

    def tell() -> None:
        started.read_text()
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=tell)
    thread.start()
    code = process.attach(["sh", "-c", f"echo up >{started}; read x <{fifo}; exit 5"], on_signal, terminal=False)
    thread.join()
    assert (code, seen) == (5, [number])
    assert signal.getsignal(number) == before


def test_a_held_program_ends_with_its_input_and_its_words_are_kept() -> None:
    held = Held(["sh", "-c", "read first; echo got $first; cat >/dev/null; echo bye >&2; exit 3"], b"it\n")
    assert held.line() == "got it"
    done = held.release()
    assert (done.code, done.stderr) == (3, "bye\n")


def test_a_held_program_that_ended_by_itself_says_nothing_more() -> None:
    held = Held(["sh", "-c", "echo why >&2; exit 4"], b"never read\n" * 100_000)
    assert held.line() == ""
    done = held.release()
    assert (done.code, done.stderr) == (4, "why\n")


def test_a_held_program_that_does_not_let_go_is_killed() -> None:
    held = Held(["sh", "-c", "echo on; exec sleep 1000"], b"")
    assert held.line() == "on"
    assert held.release(0.1).code == -signal.SIGKILL


def test_a_held_program_that_is_not_there_is_said() -> None:
    with pytest.raises(ToolMissing):
        Held(["there-is-no-such-program"], b"")


# what is done should devenv be killed


def dies(tmp_path: Path, end: str, *, will: str = "touch done; echo $$ >pid") -> Path:
    """Have a process end in some way inside if_killed, and return its folder once what waited beside it is gone."""
    text = (
        "import os, signal, sys\n"
        f"sys.path.insert(0, {str(Path(process.__file__).parents[1])!r})\n"
        "from devenv.process import if_killed\n"
        f"with if_killed(['sh', '-c', {will!r}]):\n"
        f"    {end}\n"
    )
    # what waits has no stream of ours, so it is told by this pipe, which it keeps until it is gone
    reads, writes = os.pipe()
    os.set_inheritable(writes, True)
    done = subprocess.Popen(python(text), cwd=tmp_path, pass_fds=[writes], stderr=subprocess.DEVNULL)
    os.close(writes)
    done.wait(10)
    try:
        # its end of file comes when nobody holds the other end any more
        assert select.select([reads], [], [], 10)[0]
        assert os.read(reads, 1) == b""
    finally:
        os.close(reads)
    return tmp_path


def test_who_is_killed_has_its_last_will_done(tmp_path: Path) -> None:
    assert (dies(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)") / "done").exists()


@pytest.mark.parametrize("end", ["pass", "raise ValueError", "sys.exit(3)", "raise KeyboardInterrupt"])
def test_who_ends_in_any_other_way_has_not(tmp_path: Path, end: str) -> None:
    assert not (dies(tmp_path, end) / "done").exists()


def test_what_waits_is_not_of_the_terminals_group(tmp_path: Path) -> None:
    """Ctrl-C and a closed terminal go to a group: what waits is in a session of its own."""
    folder = dies(tmp_path, "os.setpgid(0, 0); os.killpg(0, signal.SIGKILL)")
    assert (folder / "done").exists()


def test_a_last_will_that_cannot_be_started_leaves_nothing_behind(tmp_path: Path) -> None:
    assert (
        list(dies(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)", will="exec /nowhere 2>/dev/null").iterdir()) == []
    )


def test_all_goes_well_without_a_child_left_to_wait_for() -> None:
    with process.if_killed(["false"]):
        pass
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_program_that_is_left_has_no_stream_of_ours_and_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    told = "(os.readlink('/proc/self/fd/1') + ' ' + str(os.getsid(0) == os.getpid())).encode()"
    program = f"import os; os.write({writes}, {told})"
    os.set_inheritable(writes, True)
    real = subprocess.Popen.__init__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", lambda *args, **more: real(*args, **more, close_fds=False))
        process.leave(python(program))
    os.close(writes)
    assert select.select([reads], [], [], 10)[0]
    assert os.read(reads, 100) == b"/dev/null True"
    os.close(reads)
    with pytest.raises(ToolMissing, match="no-such-editor"):
        process.leave(["no-such-editor"])
