"""devenv run and ssh in a real box: codes, streams, words, folders, terminals, signals, lost and wrong connections."""

import hashlib
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.machines import (
    Project,
    alive,
    command,
    descendants,
    devenv_argv,
    remove,
    terminal,
    wait_for,
)
from tests.machines import project as new_project

pytestmark = pytest.mark.system

ODD = [
    "",
    " ",
    "two words",
    "it's",
    'say "hi"',
    "line\nbreak\n",
    "\ttab\r",
    "$HOME ${PATH} $(id) `id`",
    "-n",
    "--",
    "-",
    "*",
    "[a-z]?",
    "~",
    "a\\b\\\\",
    "!history",
    "#comment",
    "; exit 3",
    "& | < > ( ) { }",
    "%s %% %h",
    "ünïcödé ∑ 日本 🦊",
    "\x01\x1b[31m\x7f",
    "x" * 2_000,
]


def processes(box: Project) -> list[str]:
    """Return the command lines of all that runs in the box, asked past ssh."""
    return command("docker", "exec", box.id(), "ps", "-eo", "args", "--no-headers").splitlines()


def unique() -> str:
    """Return seconds to sleep that no other process in the box sleeps."""
    return f"1{secrets.randbelow(10**8):08d}"


def runs(box: Project, text: str) -> bool:
    """Say whether a program whose command line begins so runs in the box."""
    return any(line.startswith(text) for line in processes(box))


def test_the_exit_code_is_the_commands_own(shared: Project) -> None:
    script = {
        0: ["true"],
        1: ["false"],
        7: ["sh", "-c", "exit 7"],
        126: ["/etc/passwd"],
        127: ["there-is-no-such-program"],
        137: ["sh", "-c", "kill -KILL $$"],
        143: ["sh", "-c", "kill -TERM $$"],
        255: ["sh", "-c", "exit 255"],
    }
    for code, words in script.items():
        done = shared.devenv("run", "--", *words)
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
    # the shell in the box says what was wrong, in one line
    assert shared.devenv("run", "--", "there-is-no-such-program").stderr.count("\n") == 1


def test_standard_input_arrives_byte_by_byte(shared: Project) -> None:
    data = secrets.token_bytes(1_000_000) + bytes(range(256))
    done = subprocess.run(
        devenv_argv("run", "--", "cat"), cwd=shared.folder, input=data, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(data).digest()


def test_output_and_errors_stay_apart(shared: Project) -> None:
    done = shared.devenv("run", "--", "sh", "-c", "echo out; echo err >&2; printf 'no line end'")
    assert (done.returncode, done.stdout, done.stderr) == (0, "out\nno line end", "err\n")


def test_every_odd_argument_arrives_as_it_was_given(shared: Project) -> None:
    # as bytes: reading text would take \r for a line end
    done = subprocess.run(
        devenv_argv("run", "--", "printf", r"%s\0", *ODD),
        cwd=shared.folder,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.decode().split("\0") == [*ODD, ""]


def test_options_of_the_command_are_not_devenvs(shared: Project) -> None:
    assert shared.ok("run", "echo", "-m", "--json", "--help").stdout == "-m --json --help\n"
    assert shared.ok("run", "-T", "--", "echo", "--").stdout == "--\n"


def test_the_folder_in_the_box_is_the_one_that_corresponds(shared: Project) -> None:
    deep = shared.folder / "a b" / "ü $x"
    deep.mkdir(parents=True)
    try:
        assert shared.ok("run", "--", "pwd").stdout == "/vagrant\n"
        assert shared.ok("run", "--", "pwd", cwd=deep).stdout == "/vagrant/a b/ü $x\n"
        # the longest shared folder counts
        assert shared.ok("run", "--", "pwd", cwd=shared.folder / "inner").stdout == "/srv/inner\n"
    finally:
        remove(shared.folder / "a b")


def test_a_folder_that_cannot_be_entered_in_the_box_is_said_and_the_home_used(shared: Project) -> None:
    closed = shared.folder / "closed"
    closed.mkdir(mode=0o700)
    try:
        done = shared.devenv("run", "--", "pwd", cwd=closed)
    finally:
        remove(closed)
    assert (done.returncode, done.stdout) == (0, "/home/vagrant\n")
    assert done.stderr == "devenv: /vagrant/closed is not there in the box; running in /home/vagrant\n"


def test_variables_and_login_are_those_of_the_box(shared: Project) -> None:
    assert shared.guest("echo $GREETING; id -un; echo $HOME") == 'a "b" $c\nvagrant\n/home/vagrant'


def test_a_terminal_is_given_when_there_is_one(shared: Project) -> None:
    with terminal(shared, "run", "--", "sh", "-c", "tty; stty size; read line; echo got $line") as typing:
        typing.expect("/dev/pts/")
        typing.expect("24 80")
        typing.type("ünï\n")
        typing.expect("got ünï")
        assert typing.end() == 0
    assert shared.devenv("run", "--", "tty").stdout == "not a tty\n"
    with terminal(shared, "run", "-T", "--", "tty") as typing:
        typing.expect("not a tty")
        assert typing.end() == 1
    assert shared.devenv("run", "--tty", "--", "tty").stdout.startswith("/dev/pts/")


def test_the_window_may_change_its_size(shared: Project) -> None:
    script = "trap 'stty size; exit 4' WINCH; echo ready; while :; do read -r x </dev/null; done"
    with terminal(shared, "run", "--", "bash", "-c", script) as typing:
        typing.expect("ready")
        typing.resize(40, 132)
        typing.process.send_signal(signal.SIGWINCH)
        for child in descendants(typing.process.pid):
            # the first that hears of it may be the one that ends them all
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGWINCH)
        typing.expect("40 132")
        assert typing.end() == 4


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_command_in_the_box_and_all_it_started(
    shared: Project, number: signal.Signals, code: int
) -> None:
    one, two = unique(), unique()
    # the second is a child in the background, started as root
    running = shared.start("run", "--", "sh", "-c", f"sudo sleep {two} & echo here; sleep {one}; echo not here")
    assert running.stdout is not None
    assert running.stdout.readline() == "here\n"
    wait_for("both to run", lambda: runs(shared, f"sleep {one}") and runs(shared, f"sleep {two}"))
    running.send_signal(number)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (code, "", "")
    wait_for("no orphan", lambda: not any(one in line or two in line for line in processes(shared)), 10)


def test_a_signal_before_the_command_has_begun_is_not_lost(shared: Project) -> None:
    seconds = unique()
    running = shared.start("run", "--", "sleep", seconds)
    # as soon as there is an ssh, long before the box has started anything
    wait_for("ssh", lambda: descendants(running.pid) or running.poll() is not None)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 130
    wait_for("no orphan", lambda: not any(seconds in line for line in processes(shared)), 10)


@pytest.mark.parametrize("stdout", ["terminal", "pipe"])
def test_control_c_typed_on_the_keyboard_ends_the_command(shared: Project, stdout: str) -> None:
    seconds = unique()
    with terminal(shared, "run", "--", "sh", "-c", f"sleep {seconds}; echo not here", stdout=stdout) as typing:
        wait_for("it to run", lambda: runs(shared, f"sleep {seconds}"))
        typing.type("\x03")
        assert typing.end() == 130
        if typing.process.stdout is not None:
            assert typing.process.stdout.read() == b""
    wait_for("no orphan", lambda: not any(seconds in line for line in processes(shared)), 10)


def test_the_keyboard_reaches_a_command_whose_output_goes_into_a_pipe(shared: Project) -> None:
    with terminal(shared, "run", "--", "sh", "-c", "read line; echo got $line", stdout="pipe") as typing:
        typing.type("these words\n")
        assert typing.end() == 0
        assert typing.process.stdout is not None
        assert typing.process.stdout.read() == b"got these words\n"


def test_a_command_may_handle_an_interrupt_and_the_third_kills_it(shared: Project) -> None:
    seconds = unique()
    script = f"trap 'echo one more' INT; echo ready; while :; do sleep {seconds}; done"
    running = shared.start("run", "--", "sh", "-c", script)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    for _ in range(2):
        wait_for("it to sleep", lambda: runs(shared, f"sleep {seconds}"))
        running.send_signal(signal.SIGINT)
        assert running.stdout.readline() == "one more\n"
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
    assert running.returncode == 130
    wait_for("no orphan", lambda: not any(seconds in line for line in processes(shared)), 10)


def test_a_command_that_ignores_interrupts_is_killed_by_the_third(shared: Project) -> None:
    running = shared.start("run", "--", "sh", "-c", "trap '' INT TERM; echo ready; exec tail -f /dev/null --pid=1")
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    # one after the other: two of a kind that come at once are one to a process
    for number in (signal.SIGINT, signal.SIGTERM):
        running.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(timeout=1)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 130
    wait_for("no orphan", lambda: not any("tail -f /dev/null" in line for line in processes(shared)), 10)


def test_a_command_that_ends_well_after_an_interrupt_ended_well(shared: Project) -> None:
    running = shared.start("run", "--", "sh", "-c", "trap 'exit 0' INT; echo ready; while :; do sleep 0.1; done")
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 0


def test_after_devenv_was_killed_its_command_ends_and_the_next_run_works(shared: Project) -> None:
    seconds = unique()
    running = shared.start("run", "--", "sleep", seconds)
    wait_for("it to run", lambda: runs(shared, f"sleep {seconds}"))
    running.kill()
    running.wait()
    assert shared.ok("run", "--", "echo", "fine").stdout == "fine\n"
    wait_for("its end", lambda: not runs(shared, f"sleep {seconds}"))


def test_two_runs_at_once_keep_their_streams(shared: Project) -> None:
    # each waits in the box for the other: they have to overlap
    script = 'touch /tmp/$1; while [ ! -e /tmp/$2 ]; do sleep 0.05; done; echo "$1"'
    pairs = [("left", "right"), ("right", "left")]
    both = [shared.start("run", "--", "sh", "-c", script, "test", *pair) for pair in pairs]
    assert [each.communicate(timeout=30) for each in both] == [("left\n", ""), ("right\n", "")]
    shared.guest("rm /tmp/left /tmp/right")


def test_more_runs_at_once_than_one_connection_carries_all_work(shared: Project) -> None:
    # they end when all have begun; sshd carries ten sessions on one connection by default
    script = 'mkdir -p /tmp/many; touch /tmp/many/$1; while [ "$(ls /tmp/many | wc -l)" -lt 20 ]; do sleep 0.1; done'
    many = [shared.start("run", "--", "sh", "-c", f"{script}; echo $1", "test", str(n)) for n in range(20)]
    said = [each.communicate(timeout=90) for each in many]
    assert said == [(f"{n}\n", "") for n in range(20)]
    assert {each.returncode for each in many} == {0}
    shared.guest("rm -r /tmp/many")


def master(box: Project) -> int:
    """Return the process id of the kept connection."""
    box.ok("run", "--", "true")
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = cmdline.read_bytes()
        except OSError:
            continue
        if text.startswith(b"ssh: ") and str(box.socket()).encode() in text:
            return int(cmdline.parent.name)
    raise AssertionError("there is no kept connection")


def test_a_kept_connection_that_was_killed_is_made_anew(shared: Project) -> None:
    first = master(shared)
    os.kill(first, signal.SIGKILL)
    wait_for("its end", lambda: not alive(first))
    assert shared.socket().exists()
    assert shared.ok("run", "--", "echo", "fine").stdout == "fine\n"
    assert master(shared) != first


def test_the_first_run_holds_no_pipe_of_its_caller(shared: Project) -> None:
    os.kill(master(shared), signal.SIGTERM)
    # the kept connection lives on: were a pipe open in it, this would wait for ever
    done = shared.devenv("run", "--", "echo", "fine", timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "fine\n", "")
    assert alive(master(shared))


def test_many_first_runs_at_once_all_work(shared: Project) -> None:
    os.kill(master(shared), signal.SIGTERM)
    wait_for("the connection to close", lambda: not shared.socket().exists())
    many = [shared.start("run", "--", "echo", str(n)) for n in range(6)]
    assert [each.communicate(timeout=60) for each in many] == [(f"{n}\n", "") for n in range(6)]


def one_line_of_trouble(stderr: str) -> str:
    """Return an error's first line; fail unless it is one error and perhaps a hint, and no trace of a program."""
    lines = stderr.splitlines()
    assert lines, "there was no message"
    assert lines[0].startswith("error: "), stderr
    assert all(line.startswith(("hint: ", "log: ")) for line in lines[1:]), stderr
    return lines[0]


def test_a_connection_that_is_cut_while_a_command_runs_is_one_clear_line(shared: Project) -> None:
    seconds = unique()
    running = shared.start("run", "--", "sleep", seconds)
    wait_for("it to run", lambda: runs(shared, f"sleep {seconds}"))
    command("docker", "exec", shared.id(), "pkill", "-KILL", "-u", "vagrant", "sshd")
    _, err = running.communicate(timeout=60)
    assert running.returncode == 8
    assert "the connection to default was lost while 'sleep' ran" in one_line_of_trouble(err)
    shared.guest('pkill -f "$1"', f"^sleep {seconds}")


def test_a_shell_opens_in_the_folder_and_ends_with_its_code(shared: Project) -> None:
    with terminal(shared, "ssh") as typing:
        typing.expect("$ ")
        typing.type("echo $PWD:$(id -un):$GREETING:$(shopt -q login_shell && echo login)\n")
        typing.expect('\r/vagrant:vagrant:a "b" $c:login')
        typing.type("exit 5\n")
        assert typing.end() == 5


def test_a_shell_that_loses_its_connection_says_so(shared: Project) -> None:
    with terminal(shared, "ssh") as typing:
        typing.expect("$ ")
        typing.type("echo re''ady\n")
        typing.expect("ready")
        command("docker", "exec", shared.id(), "pkill", "-KILL", "-u", "vagrant", "sshd")
        assert typing.end() == 8
        typing.expect("the connection to default was lost")


@pytest.fixture
def box(shared: Project) -> Iterator[Project]:
    """The shared machine, for tests that change it: started again and with its own keys afterwards."""
    command("docker", "exec", shared.id(), "cp", "-a", "/etc/ssh", "/root/ssh-kept")
    yield shared
    command("docker", "start", shared.id())
    command(
        *("docker", "exec", shared.id(), "sh", "-c"),
        "rm -rf /etc/ssh && mv /root/ssh-kept /etc/ssh && service ssh restart; pkill -KILL -u vagrant sshd; true",
    )
    shared.ok("up", "--trust-host-key")


def test_a_box_that_is_stopped_is_an_error_with_a_hint(box: Project) -> None:
    box.ok("run", "--", "true")
    command("docker", "stop", "--time", "5", box.id())
    done = box.devenv("run", "--", "true")
    assert (done.returncode, done.stdout) == (8, "")
    assert one_line_of_trouble(done.stderr) == "error: default is not running (stopped)"
    assert "hint: start it with: devenv up" in done.stderr


def test_a_box_that_is_killed_while_a_command_runs_is_an_error(box: Project) -> None:
    seconds = unique()
    running = box.start("run", "--", "sleep", seconds)
    wait_for("it to run", lambda: runs(box, f"sleep {seconds}"))
    command("docker", "kill", box.id())
    _, err = running.communicate(timeout=60)
    assert running.returncode == 8
    assert "default" in one_line_of_trouble(err)


def test_a_changed_host_key_is_an_error_until_it_is_trusted(box: Project) -> None:
    command(
        *("docker", "exec", box.id(), "sh", "-c"),
        "rm /etc/ssh/ssh_host_*; /usr/lib/devenv/host-keys; service ssh restart; pkill -KILL -u vagrant sshd; true",
    )
    wait_for("the connection to close", lambda: not box.socket().exists())
    ran = box.folder / "ran"
    done = box.devenv("run", "--", "touch", "/vagrant/ran")
    assert done.returncode == 8
    assert "its host key is another one" in one_line_of_trouble(done.stderr)
    assert not ran.exists()
    done = box.devenv("up")
    assert done.returncode == 8
    assert "its host key is another one" in one_line_of_trouble(done.stderr)
    box.ok("up", "--trust-host-key")
    assert box.ok("run", "--", "echo", "fine").stdout == "fine\n"


def test_no_command_runs_in_another_machine_behind_the_same_port(box: Project, tmp_path: Path) -> None:
    port = command("docker", "port", box.id(), "22/tcp").rpartition(":")[2]
    stale = master(box)
    # a connection that was killed leaves its socket: devenv may think the connection is there
    os.kill(stale, signal.SIGKILL)
    command("docker", "stop", "--time", "5", box.id())
    image = command("docker", "inspect", "--format", "{{.Image}}", box.id())
    other = command(
        *("docker", "run", "--detach", "--init", "--tmpfs", "/run:exec,mode=755"),
        *("--publish", f"127.0.0.1:{port}:22", "--volume", f"{tmp_path}:/vagrant", image),
    )
    try:
        wait_for("its sshd", lambda: answers_ssh(int(port)))
        done = box.devenv("run", "--", "touch", "/vagrant/ran")
        assert done.returncode == 8
        assert "is not the machine default: its host key is another one" in one_line_of_trouble(done.stderr)
        # without the stale socket docker is asked first
        remove(box.socket())
        done = box.devenv("run", "--", "touch", "/vagrant/ran")
        assert done.returncode == 8
        assert "default is not running" in one_line_of_trouble(done.stderr)
        assert list(tmp_path.iterdir()) == []
    finally:
        command("docker", "rm", "--force", other)


def answers_ssh(port: int) -> bool:
    done = subprocess.run(
        ["ssh-keyscan", "-T", "5", "-p", str(port), "127.0.0.1"], capture_output=True, text=True, check=False
    )
    return "ssh-ed25519" in done.stdout


def test_outside_any_project_run_says_what_is_missing(tmp_path: Path) -> None:
    with new_project(tmp_path / "empty", None) as nothing:
        done = nothing.devenv("run", "--", "true")
    assert done.returncode == 2
    assert "there is no devenv.yaml and no Vagrantfile" in one_line_of_trouble(done.stderr)
