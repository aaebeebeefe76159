"""Provisioning steps: which are to run, what is sent, what the box's record says, what a failure says."""

import base64
import io
import re
import shlex
from pathlib import Path

import pytest

from devenv.box import lock as locks
from devenv.box import spec, steps
from devenv.box.lock import Lock
from devenv.box.project import Machine, Project
from devenv.box.ssh import Connection, SshInfo
from devenv.errors import BoxError, ConfigError, ToolFailed
from devenv.process import Completed
from fakes import FakeRunner

TEXT = b"""\
name: hello
env: {GREETING: "it's"}
provision:
  - {name: one, run: "echo '#{x}' `id` \\"q\\""}
  - {name: two words, path: setup.sh, privileged: false}
  - {name: serve, run: serve, when: always}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "setup.sh").write_bytes(b"#!/bin/sh\necho \xff\r\n")
    return tmp_path


@pytest.fixture
def lock(project: Path) -> Lock:
    return locks.resolve(spec.parse(TEXT, project_dir=project), project_dir=project)


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return Connection(
        Project(tmp_path), Machine("default", "docker", "id", None), SshInfo("id", "127.0.0.1", 2222, "vagrant", ())
    )


def sent(text: str) -> tuple[list[str], bytes, bytes]:
    """Return the words, the script and the payload of a step's program, as the runner in the box reads them."""
    match = re.search(r"^devenv_step (.*) <<'DEVENV' \|\| exit \$\?\n(.*)\n(.*)\nDEVENV\n\Z", text, re.MULTILINE)
    assert match
    return shlex.split(match[1]), base64.b64decode(match[2]), base64.b64decode(match[3])


def test_a_step_is_sent_with_the_runner_before_it_and_nothing_of_the_user_readable(project: Path, lock: Lock) -> None:
    machine = lock.machines["default"]
    one = next(step for step in machine.steps if step.name == "one")
    text = steps.program(project, lock, machine, one, "vagrant")
    assert text.startswith(lock.runner + "\n")
    words, script, payload = sent(text)
    assert words == ["one", steps.step_id("one"), one.sha256, "once", "root", "/vagrant"]
    assert script == b"echo '#{x}' `id` \"q\""
    assert payload == b""
    assert "#{x}" not in text


def test_a_script_file_is_sent_byte_by_byte_and_runs_as_the_user(project: Path, lock: Lock) -> None:
    machine = lock.machines["default"]
    two = next(step for step in machine.steps if step.name == "two words")
    words, script, _ = sent(steps.program(project, lock, machine, two, "debian"))
    assert words[0] == "two words"
    assert words[3:5] == ["once", "debian"]
    assert script == b"#!/bin/sh\necho \xff\r\n"
    assert sent(steps.program(project, lock, machine, two, "debian", again=True))[0][3] == "always"


def test_a_script_that_is_gone_is_named(project: Path, lock: Lock) -> None:
    (project / "setup.sh").unlink()
    machine = lock.machines["default"]
    two = next(step for step in machine.steps if step.name == "two words")
    with pytest.raises(ConfigError) as caught:
        steps.program(project, lock, machine, two, "debian")
    expected = "devenv.yaml: provision: two words: setup.sh cannot be read: No such file or directory"
    assert caught.value.message == expected


def test_a_project_that_is_not_synced_runs_its_steps_at_home(project: Path) -> None:
    lock = locks.resolve(spec.parse(b"name: x\nsync: []\n", project_dir=project), project_dir=project)
    assert steps.workdir(lock.machines["default"]) == ""


def test_the_payload_is_the_first_file_that_is_there(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    second.write_bytes(b"second")
    step = locks.LockedStep("c", "x", True, "once", "0" * 64, run="", payload=("$SSL_CERT_FILE", "/gone", str(second)))
    assert steps.payload(step) == b"second"
    monkeypatch.setenv("SSL_CERT_FILE", str(first))
    assert steps.payload(step) == b"second"
    first.write_bytes(b"first")
    assert steps.payload(step) == b"first"
    assert steps.payload(locks.LockedStep("c", "x", True, "once", "0" * 64, run="", payload=("/gone",))) == b""


def record(key: str, name: str, sha: str, code: str = "0") -> str:
    """A record as grep prints it, the file's name before each line."""
    lines = [f"name={name}", f"sha256={sha}", f"exit={code}", "at=2026-01-01T00:00:00Z", "seconds=3"]
    return "".join(f"{key}:{line}\n" for line in lines)


A, B, D = "a" * 16, "b" * 16, "d" * 16


def test_the_boxs_record_is_read_in_one_command(connection: Connection) -> None:
    text = record(A, "x", "1" * 64) + record(B, "x", "2" * 64, "1") + record(D, "y", "3" * 64)
    runner = FakeRunner().on("ssh", out=text)
    found = steps.recorded(connection, runner)
    assert {key: (one.sha256, one.at, one.seconds) for key, one in found.items()} == {
        A: ("1" * 64, "2026-01-01T00:00:00Z", 3),
        D: ("3" * 64, "2026-01-01T00:00:00Z", 3),
    }
    assert len(runner.calls) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{A}:exit=0\n",
        f"{A}:sha256=1\n{A}:exit=0\n{A}:seconds=x\n{A}:name=%%%\n",
        f"welcome to the box\n{A}\n{A}:\n:exit=0\n",
    ],
)
def test_a_damaged_record_only_means_that_a_step_runs_again(connection: Connection, lock: Lock, text: str) -> None:
    found = steps.recorded(connection, FakeRunner().on("ssh", out=text))
    assert steps.pending(lock.machines["default"].steps, found) == list(lock.machines["default"].steps)


def test_a_box_that_is_not_reached_is_no_empty_record(connection: Connection) -> None:
    with pytest.raises(BoxError, match="default cannot be reached"):
        steps.recorded(connection, FakeRunner().on("ssh", code=255, err="Connection refused"))


def test_only_what_is_not_done_with_its_present_hash_runs(lock: Lock) -> None:
    all_steps = lock.machines["default"].steps
    done = {steps.step_id(step.name): steps.Record(step.name, step.sha256, "", 0) for step in all_steps}

    def names(found: list[locks.LockedStep]) -> list[str]:
        return [step.name for step in found]

    assert names(steps.pending(all_steps, done)) == ["serve"]
    assert names(steps.pending(all_steps, {})) == ["environment", "one", "two words", "serve"]
    assert names(steps.pending(all_steps, done, force=True)) == ["environment", "one", "two words", "serve"]
    done[steps.step_id("one")] = steps.Record("one", "0" * 64, "", 0)
    assert names(steps.pending(all_steps, done)) == ["one", "serve"]


def test_an_interrupted_step_is_ended_in_the_box_too(connection: Connection) -> None:
    signalled: list[str] = []

    def interrupted(call: object) -> None:
        if getattr(call, "streamed", False):
            raise KeyboardInterrupt
        signalled.append(call.argv[-1])  # type: ignore[attr-defined]

    with pytest.raises(KeyboardInterrupt):
        steps.run(connection, FakeRunner().on("ssh", does=interrupted), "text", on_line=print, log=None)
    assert len(signalled) == 1
    assert "kill -TERM " in signalled[0]


def test_a_step_is_over_when_its_program_is_whatever_it_left_in_the_background(connection: Connection) -> None:
    said: list[str] = []
    log = io.StringIO()

    def answer(call: object) -> Completed:
        (mark,) = re.findall(r"/tmp/devenv-run-[0-9a-f]{16} ended with ", call.argv[-1])  # type: ignore[attr-defined]
        return Completed(["ssh"], 0, f"one\n\ntwo{mark}255\nfrom the background\n", "")

    done = steps.run(connection, FakeRunner().on("ssh", does=answer), "text", on_line=said.append, log=log)
    assert (done.argv, done.code, done.stdout) == (["step"], 255, "one\n\ntwo")
    assert said == log.getvalue().splitlines() == ["one", "", "two"]


def test_a_failed_step_says_its_name_code_and_last_lines(connection: Connection, lock: Lock) -> None:
    step = lock.machines["default"].steps[1]
    error = steps.failed(connection, step, Completed(["ssh"], 3, "first\n\nlast\n", ""), "/log")
    assert isinstance(error, ToolFailed)
    assert error.message == "the step 'one' of default failed with exit code 3"
    assert (error.exit_code, error.tail, error.log) == (3, "first\nlast", "/log")
    assert "devenv up" in (error.hint or "")


def test_a_connection_lost_in_a_step_is_not_called_a_failed_step(connection: Connection, lock: Lock) -> None:
    step = lock.machines["default"].steps[1]
    error = steps.failed(connection, step, Completed(["ssh"], 255, "x\nConnection closed", ""), "/log")
    assert isinstance(error, BoxError)
    assert "cannot be reached" in error.message
    assert error.log == "/log"


def test_any_name_makes_a_safe_file_name() -> None:
    for name in ("a", "../../etc", "a\nb", "ü" * 60):
        assert re.fullmatch("[0-9a-f]{16}", steps.step_id(name))
    assert steps.step_id("a") != steps.step_id("b")
