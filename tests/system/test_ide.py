"""devenv ide on a real box: what set-up puts on this computer, ssh clients that use it, and how it is kept true."""

import asyncio
import contextlib
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import paramiko
import pytest

from tests.machines import Project, checked, files_of, terminal, trouble

pytestmark = pytest.mark.system


def home_of(box: Project) -> Path:
    return Path(box.env["HOME"])


def everything(box: Project) -> dict[str, str]:
    """Return path -> hash of all files of the project and the home folder, without logs, backups and known state."""
    found = {}
    for top in (box.folder, home_of(box)):
        for file in top.rglob("*"):
            name = str(file.relative_to(top.parent))
            state = any(part in name for part in ("/logs/", "/.local/share/devenv", "/busy", "__pycache__"))
            if file.is_file() and not state and not file.name.endswith("~"):
                found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


@pytest.fixture(autouse=True)
def _nothing_set_up(editors_box: Project) -> Iterator[None]:
    yield
    for name in json.loads(editors_box.ok("ide", "list", "--json").stdout)["editors"]:
        if name["machine"] is not None:
            editors_box.ok("ide", "remove", name["name"], "--yes")


@pytest.fixture
def connected(editors_box: Project) -> Project:
    """The box with Zed set up: ssh's part and nothing in the project but devenv's own."""
    editors_box.ok("ide", "setup", "zed", "--yes")
    return editors_box


def test_set_up_twice_changes_nothing_and_remove_takes_out_all(editors_box: Project) -> None:
    box = editors_box
    home = home_of(box)
    (home / ".ssh").mkdir(mode=0o700, exist_ok=True)
    config = home / ".ssh/config"
    config.write_text("# mine\nHost *\n  User me\n  ProxyJump nowhere.invalid\n\nMatch host other\n  Port 7\n")
    before = everything(box)
    first = box.ok("ide", "setup", "vscode", "--yes")
    assert "VS Code is connected to hello.devenv" in first.stderr
    lines = config.read_text().splitlines()
    assert lines[1] == f"Include {home}/.ssh/devenv/config"
    assert lines[3] == "# mine"
    files = files_of(box.folder) | files_of(home)
    again = box.ok("ide", "setup", "vscode")
    assert "nothing to do" in again.stderr
    assert files_of(box.folder) | files_of(home) == files
    assert box.ok("ide", "setup", "vscode", "--check").stdout == ""
    removed = box.devenv("ide", "remove", "vscode", "--check")
    assert removed.returncode == 1
    box.ok("ide", "remove", "vscode", "--yes")
    assert everything(box) == before


def test_files_in_the_home_folder_are_changed_only_after_asking(editors_box: Project) -> None:
    before = everything(editors_box)
    done = editors_box.devenv("ide", "setup", "zed")
    assert done.returncode == 2
    assert "~/.ssh/config" in trouble(done)
    assert everything(editors_box) == before


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("\x03", 130), ("\x04", 1)], ids=["no", "Ctrl-C", "Ctrl-D"])
def test_on_a_terminal_it_is_asked_and_no_other_answer_than_yes_changes_anything(
    editors_box: Project, answer: str, code: int
) -> None:
    before = everything(editors_box)
    with terminal(editors_box, "ide", "setup", "zed") as typing:
        typing.expect("[y/N]")
        typing.type(answer)
        if answer == "n\n":
            typing.expect("nothing was changed")
        assert typing.end() == code
    assert everything(editors_box) == before


def test_on_a_terminal_yes_is_enough_and_nothing_is_asked_where_nothing_changes(editors_box: Project) -> None:
    with terminal(editors_box, "ide", "setup", "zed") as typing:
        typing.expect("~/.ssh/config")
        typing.type("y\n")
        assert typing.end() == 0
    with terminal(editors_box, "ide", "setup", "zed") as typing:
        assert typing.end() == 0
        typing.expect("nothing to do", 1)


def test_check_writes_nothing_at_all_not_even_a_log(editors_box: Project) -> None:
    def all_files() -> dict[Path, int]:
        tops = (editors_box.folder, home_of(editors_box))
        return {path: path.lstat().st_mtime_ns for top in tops for path in top.rglob("*")}

    before = all_files()
    done = editors_box.devenv("ide", "setup", "vscode", "--check", "--diff", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["version"], said["changed"], said["host"]) == (1, 1, True, "hello.devenv")
    assert {file["scope"] for file in said["files"]} == {"user", "project", "own", "box"}
    assert all(file["diff"] for file in said["files"] if file["changed"])
    assert all_files() == before


def test_the_users_own_files_are_backed_up(editors_box: Project) -> None:
    config = home_of(editors_box) / ".ssh/config"
    before = config.read_bytes()
    editors_box.ok("ide", "setup", "zed", "--yes")
    newest = max(config.parent.glob("config.~*~"), key=lambda file: int(file.name.split("~")[1]))
    assert newest.read_bytes() == before


def test_openssh_connects_by_the_alias_whatever_the_users_own_lines_say(connected: Project) -> None:
    env = connected.environment()
    done = subprocess.run(
        ["ssh", "-T", "hello.devenv", "id -un; pwd"], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert checked(done).stdout.split() == ["vagrant", "/home/vagrant"]


def test_another_host_key_is_refused(connected: Project) -> None:
    known = home_of(connected) / ".ssh/devenv/known_hosts"
    real = known.read_text()
    # the same length and form, another key
    known.write_text(real.replace("AAAAC3NzaC1lZDI1NTE5AAAAI", "AAAAC3NzaC1lZDI1NTE5AAAAJ").replace("ecdsa", "ecdsx"))
    done = subprocess.run(
        ["ssh", "-T", "-oBatchMode=yes", "hello.devenv", "true"],
        env=connected.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    known.write_text(real)
    assert done.returncode == 255
    assert "verification failed" in done.stderr


def test_asyncssh_connects_by_the_users_configuration(connected: Project) -> None:
    async def ask() -> str:
        config = str(home_of(connected) / ".ssh/config")
        async with asyncssh.connect("hello.devenv", config=[config]) as connection:
            return str((await connection.run("id -un", check=True)).stdout)

    assert asyncio.run(ask()) == "vagrant\n"


def test_paramiko_connects_by_devenvs_file(connected: Project) -> None:
    # paramiko reads no Include, so it is given the file itself
    config = paramiko.SSHConfig.from_path(str(home_of(connected) / ".ssh/devenv/config"))
    host = config.lookup("hello.devenv")
    with contextlib.closing(paramiko.SSHClient()) as client:
        client.load_host_keys(host["userknownhostsfile"])
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.connect(
            host["hostname"],
            port=int(host["port"]),
            username=host["user"],
            key_filename=host["identityfile"],
            allow_agent=False,
            look_for_keys=False,
        )
        _, out, _ = client.exec_command("id -un")
        assert out.read() == b"vagrant\n"


def test_check_finds_what_is_no_longer_so(connected: Project) -> None:
    assert connected.ok("ide", "check").returncode == 0
    said = json.loads(connected.ok("ide", "check", "--json").stdout)
    assert said["ok"]
    assert {found["what"] for found in said["found"]} == {"ssh", "interpreter", "folder", "file"}
    own = home_of(connected) / ".ssh/devenv/config"
    real = own.read_text()
    own.write_text(real.replace("  User vagrant", "  User root"))
    wrong = connected.devenv("ide", "check")
    assert wrong.returncode == 1
    assert [line.split()[:2] for line in wrong.stdout.splitlines() if "WRONG" in line] == [
        ["zed", "ssh"],
        ["zed", "file"],
    ]
    connected.ok("ide", "setup", "zed")
    assert own.read_text() == real


def test_the_step_in_the_box_is_recorded_like_the_others(connected: Project) -> None:
    names = connected.guest("sed -n s/^name=//p /var/lib/devenv/steps/*").splitlines()
    assert "devenv ide" in names
    assert connected.guest("/opt/devenv/venv/bin/python -c 'import pip, gevent; print(1)'") == "1"
    assert (
        connected.guest('for p in tar curl; do command -v "$p"; done; ls /usr/lib/openssh/sftp-server').count("\n") == 2
    )


def test_a_program_of_the_users_own_in_place_of_ours_is_left_alone(connected: Project) -> None:
    shim = connected.folder / ".vagrant/devenv/bin/python"
    real = shim.read_bytes()
    shim.write_text("#!/bin/sh\necho mine\n")
    done = connected.devenv("ide", "setup", "zed")
    assert done.returncode == 9
    assert "was changed since devenv wrote it" in trouble(done)
    assert shim.read_text() == "#!/bin/sh\necho mine\n"
    connected.ok("ide", "setup", "zed", "--force")
    assert shim.read_bytes() == real


def test_a_malformed_file_is_left_alone_with_its_place(editors_box: Project) -> None:
    file = editors_box.write(".vscode/launch.json", '{\n  "version": "0.2.0",\n  "configurations": [}\n}\n')
    before = everything(editors_box)
    done = editors_box.devenv("ide", "setup", "vscode", "--yes")
    assert done.returncode == 5
    assert ".vscode/launch.json:3:" in trouble(done)
    assert everything(editors_box) == before
    shutil.rmtree(file.parent)


def test_words_that_are_wrong_are_said_in_one_line(editors_box: Project) -> None:
    assert "no editor 'vscoed'" in trouble(editors_box.devenv("ide", "setup", "vscoed"))
    assert "nothing to do: VS Code is not set up" in editors_box.ok("ide", "remove", "vscode").stderr
    assert "not set up" in trouble(editors_box.devenv("ide", "open", "vscode"))
    assert "no choice of route" in trouble(editors_box.devenv("ide", "setup", "vscode", "--route", "ssh"))
    assert "absolute" in trouble(editors_box.devenv("ide", "setup", "zed", "--interpreter", "venv/bin/python"))


def test_up_brings_what_is_set_up_up_to_date(connected: Project) -> None:
    own = home_of(connected) / ".ssh/devenv/config"
    real = own.read_text()
    own.write_text(re.sub("Port .*", "Port 7", real))
    assert "brought up to date: zed" in connected.ok("up").stderr
    assert own.read_text() == real
    assert "brought up to date" not in connected.ok("up").stderr


def test_what_is_set_up_follows_the_machine(tmp_path: Path) -> None:
    """Nothing after destroy, all of it again after up, one line each time. Other ports: unit tests."""
    from tests import machines

    home = tmp_path / "home"
    with machines.project(
        tmp_path / "hello", "trust_host_certificates: true\n", **machines.home_environment(home)
    ) as box:
        box.ok("up", "--provider", "docker")
        box.ok("ide", "setup", "zed", "--yes")
        own = home / ".ssh/devenv/config"
        first = own.read_text()
        gone = box.ok("destroy", "--force")
        assert "ssh knows hello.devenv again after the next devenv up" in gone.stderr
        assert not own.exists()
        assert "is not created" in box.devenv("ide", "check").stdout
        # with the step that would be another ten seconds
        back = box.ok("up", "--provider", "docker", "--no-provision")
        assert "brought up to date: zed" in back.stderr
        assert own.read_text().splitlines()[3] == first.splitlines()[3] == "Host hello.devenv"
        found = json.loads(box.devenv("ide", "check", "--json").stdout)["found"]
        assert [each["says"].partition(";")[0] for each in found if not each["ok"]] == [
            "there is no /opt/devenv/venv/bin/python in the box",
            "the step 'devenv ide' is not done there",
        ]
