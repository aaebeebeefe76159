"""The box's interpreter from this computer: devenv python, devenv pip, and the program in .vagrant/devenv/bin."""

import json
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machines import Project, alive, command, descendants, wait_for
from tests.system.test_run import ODD

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def box(editors_box: Project) -> Iterator[Project]:
    editors_box.ok("ide", "setup", "zed", "--yes")
    yield editors_box
    editors_box.ok("ide", "remove", "zed", "--yes")


def shim(box: Project) -> Path:
    return box.folder / ".vagrant/devenv/bin/python"


def start(box: Project, code: str, *words: str, cwd: Path | None = None) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [shim(box), "-c", code, *words],
        cwd=cwd or box.folder,
        env=box.environment({"PWD": str(cwd or box.folder)}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    box.started.append(process)
    return process


def run(box: Project, code: str, *words: str, stdin: bytes = b"", cwd: Path | None = None) -> tuple[int, bytes, bytes]:
    process = start(box, code, *words, cwd=cwd)
    out, errors = process.communicate(stdin, timeout=60)
    return process.returncode, out, errors


def in_the_box(box: Project, mark: str) -> list[str]:
    processes = command("docker", "exec", box.id(), "ps", "-eo", "args", "--no-headers").splitlines()
    return [line for line in processes if mark in line]


def test_every_odd_word_arrives_as_it_is(box: Project) -> None:
    code = "import json, sys; print(json.dumps(sys.argv[1:]))"
    assert json.loads(run(box, code, *ODD)[1]) == ODD
    assert json.loads(box.ok("python", "-c", code, *ODD).stdout) == ODD


def test_streams_are_the_interpreters_own(box: Project) -> None:
    data = bytes(range(256)) * 1000
    code = "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(d[::-1]); sys.stderr.write(str(len(d)))"
    assert run(box, code, stdin=data) == (0, data[::-1], b"256000")


@pytest.mark.parametrize("code", [0, 1, 3, 42, 127, 254, 255])
def test_the_exit_code_is_the_interpreters(box: Project, code: int) -> None:
    assert run(box, f"import sys; sys.exit({code})")[0] == code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL], ids=lambda n: n.name)
def test_a_signal_ends_it_on_both_sides_and_leaves_nothing(box: Project, number: signal.Signals) -> None:
    mark = secrets.token_hex(8)
    process = start(box, f"import sys, time; print('{mark}', flush=True); time.sleep(1000)")
    assert process.stdout is not None
    assert process.stdout.readline().strip() == mark.encode()
    local = descendants(process.pid)
    process.send_signal(number)
    code = process.wait(30)
    # Python turns an interrupt into its own exit
    assert code in (-number, 128 + number) or (number == signal.SIGINT and code in (1, 130))
    wait_for("the end in the box", lambda: not in_the_box(box, mark))
    wait_for("the end here", lambda: not [pid for pid in local if alive(pid)])


def test_one_ended_in_the_box_by_a_signal_is_told_as_a_shell_would(box: Project) -> None:
    assert run(box, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")[0] == 137
    assert run(box, "import os, signal; os.kill(os.getpid(), signal.SIGTERM)")[0] == 143


def test_the_folder_is_the_counterpart_of_this_one(box: Project) -> None:
    code = "import os; print(os.getcwd())"
    inner = box.folder / "inner"
    inner.mkdir(exist_ok=True)
    assert run(box, code)[1] == b"/vagrant\n"
    assert run(box, code, cwd=inner)[1] == b"/vagrant/inner\n"
    assert run(box, code, cwd=Path("/"))[1] == b"/home/vagrant\n"


def test_pip_lists_what_the_box_has(box: Project) -> None:
    here = json.loads(box.ok("pip", "list", "--format", "json").stdout)
    there = json.loads(box.guest("/opt/devenv/venv/bin/python -m pip list --format json"))
    assert here == there
    assert "gevent" in {package["name"] for package in here}


def test_pip_installs_and_removes_without_root(box: Project) -> None:
    wheel = box.folder / "devenv_probe-1.0-py3-none-any.whl"
    import zipfile

    with zipfile.ZipFile(wheel, "w") as archive:
        info = "devenv_probe-1.0.dist-info"
        archive.writestr("devenv_probe.py", "answer = 42\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: devenv-probe\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    box.ok("pip", "install", "-q", wheel.name)
    assert box.ok("python", "-c", "import devenv_probe; print(devenv_probe.answer)").stdout == "42\n"
    box.ok("pip", "uninstall", "-q", "-y", "devenv-probe")
    wheel.unlink()


def test_another_interpreter_can_be_named(box: Project) -> None:
    box.ok("ide", "setup", "zed", "--interpreter", "/usr/bin/python3")
    assert box.ok("python", "-c", "import sys; print(sys.prefix)").stdout == "/usr\n"
    box.ok("ide", "setup", "zed", "--interpreter", "/opt/devenv/venv/bin/python")
    assert box.ok("python", "-c", "import sys; print(sys.prefix)").stdout == "/opt/devenv/venv\n"


def test_the_templates_tests_run_through_the_interpreter(box: Project) -> None:
    done = box.ok("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "6 passed" in done.stdout


def test_without_a_set_up_python_is_the_boxs_own(shared: Project) -> None:
    assert shared.ok("python", "-c", "import sys; print(sys.prefix)").stdout == "/usr\n"
