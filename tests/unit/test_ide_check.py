"""Is what is set up still true: each thing that can be otherwise is found."""

import hashlib
from pathlib import Path

import pytest
from ideworld import Box, only_user

from devenv.errors import UsageError
from devenv.ide import check, record, setup, sshfile
from devenv.ide.check import Finding
from devenv.ide.reach import name_of
from devenv.ide.user import User, current
from fakes import Call


class Sshd:
    """What ``ssh -G`` says; a word can be made another."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.other: dict[str, str] = {}
        self.asked = 0
        box.runner.on("ssh", "-G", does=self.says)

    def says(self, call: Call) -> str:
        self.asked += 1
        text = sshfile.config_file(self.box.user).read_text()
        words = [line.split(None, 1) for line in text.splitlines() if line.startswith("  ")]
        said = {word.lower(): value.strip('"') for word, value in words} | self.other
        return "".join(f"{word} {value}\n" for word, value in said.items())


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    return only_user(tmp_path / "home", monkeypatch)


@pytest.fixture
def box(tmp_path: Path, user: User) -> Box:
    made = Box(tmp_path / "hello", user, 2222)
    made.set_up("vscode")
    return made


@pytest.fixture
def ssh(box: Box) -> Sshd:
    return Sshd(box)


def look(box: Box, *names: str) -> list[Finding]:
    return check.check(box.project, box.runner, box.user, list(names))


def wrong(box: Box, *names: str) -> list[tuple[str, str]]:
    return [(each.what, each.says) for each in look(box, *names) if not each.ok]


def test_all_that_is_set_up_is_looked_at(box: Box, ssh: Sshd) -> None:
    found = look(box)
    assert all(each.ok for each in found)
    assert [each.what for each in found][:3] == ["ssh", "interpreter", "folder"]
    says = [each.says for each in found]
    assert "hello.devenv is vagrant@127.0.0.1:2222, with its key" in says
    assert "/opt/devenv/venv/bin/python is Python 3.11.2" in says
    assert ".vscode/launch.json" in says
    assert "~/.ssh/config" in says
    assert any(each.endswith("Machine/settings.json in the box") for each in says)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("hostname", "hello.devenv"),
        ("port", "22"),
        ("user", "root"),
        ("hostkeyalias", "none"),
        ("userknownhostsfile", "/dev/null"),
        ("identityfile", "/another"),
    ],
)
def test_what_ssh_makes_of_the_host_is_asked_of_ssh(box: Box, ssh: Sshd, word: str, value: str) -> None:
    ssh.other[word] = value
    ((what, says),) = wrong(box)
    assert what == "ssh"
    assert (value if word != "identityfile" else "no key") in says
    assert says.endswith("devenv ide setup vscode mends it")


def test_a_key_that_is_not_there_is_found(box: Box, ssh: Sshd) -> None:
    key = box.project.root / ".vagrant/machines/default/docker/private_key"
    key.unlink()
    ((what, says),) = wrong(box)
    assert (what, says.partition(";")[0]) == ("ssh", f"the key {key} is not there")


def test_an_interpreter_that_is_gone_is_found(box: Box, ssh: Sshd) -> None:
    box.runner.on(
        "ssh",
        "-F",
        "*",
        "-T",
        "*",
        "…echo =devenv=…",
        out=f"=devenv=\n/home/vagrant\n\n\n{box.recorded}\n{box.packages}\nshared\n\n",
    )
    assert wrong(box) == [
        ("interpreter", "there is no /opt/devenv/venv/bin/python in the box; devenv ide setup vscode mends it")
    ]


def test_another_folder_in_the_box_is_found(box: Box, ssh: Sshd) -> None:
    box.shared = False
    assert wrong(box) == [("folder", "/vagrant is not the project")]


def test_a_step_that_is_not_done_is_found(box: Box, ssh: Sshd) -> None:
    box.recorded = ""
    assert wrong(box) == [("box", "the step 'devenv ide' is not done there; devenv ide setup vscode mends it")]


@pytest.mark.parametrize("gone", [True, False])
def test_a_file_that_says_something_else_is_found(box: Box, ssh: Sshd, gone: bool) -> None:
    file = box.project.root / ".vscode/launch.json"
    if gone:
        file.unlink()
    else:
        file.write_text("{}")
    says = "is not there" if gone else "does not say what it should"
    assert wrong(box) == [("file", f".vscode/launch.json {says}; devenv ide setup vscode mends it")]


def test_a_file_in_the_box_that_says_something_else_is_found(box: Box, ssh: Sshd) -> None:
    box.files.clear()
    ((what, says),) = wrong(box)
    assert what == "file"
    assert "Machine/settings.json in the box is not there" in says


def test_a_file_that_cannot_be_read_is_said_with_its_place(box: Box, ssh: Sshd) -> None:
    (box.project.root / ".vscode/launch.json").write_text("{\n  x")
    ((what, says),) = wrong(box)
    assert what == "file"
    assert "launch.json:2:3" in says


def test_a_boot_at_another_port_is_found_in_our_files(box: Box, ssh: Sshd) -> None:
    box.start(2345)
    assert [what for what, _ in wrong(box)] == ["ssh", "file", "file"]


def test_a_box_that_does_not_run_is_one_finding(box: Box, ssh: Sshd) -> None:
    box.set_up("zed")
    (box.project.root / ".vagrant/machines/default/docker/id").unlink()
    said = "default is not created; create it with: devenv up"
    assert wrong(box) == [("box", said)]


def test_ssh_and_the_box_are_asked_once_for_all_editors(box: Box, ssh: Sshd) -> None:
    box.set_up("zed")
    box.asked.clear()
    look(box)
    assert ssh.asked == 1
    assert len([text for text in box.asked if "echo =devenv=" in text]) == 1


def test_what_editors_share_is_said_once(box: Box, ssh: Sshd) -> None:
    box.set_up("zed")
    found = look(box)
    both = [each.what for each in found if each.editors == ("vscode", "zed")]
    assert both == ["ssh", "interpreter", "folder", "file", "file", "file", "file"]
    assert len({each.says for each in found}) == len(found)
    assert look(box, "zed", "zed") == look(box, "zed")


def test_a_file_of_ours_that_was_changed_wants_force(box: Box, ssh: Sshd) -> None:
    shim = box.project.root / setup.SHIM
    shim.write_text("#!/bin/sh\n")
    assert wrong(box)[0][1].endswith("; devenv ide setup vscode --force writes it anew")
    known = record.read(box.project)["vscode"]
    old = hashlib.sha256(b"#!/bin/sh\n").hexdigest()
    put = tuple(each._replace(undo={"sha256": old}) if each.file == str(shim) else each for each in known.put)
    record.write(box.project, {"vscode": known._replace(put=put)})
    assert wrong(box)[0][1].endswith("; devenv ide setup vscode mends it")


def test_packages_are_looked_for_in_an_interpreter_that_was_chosen(box: Box, ssh: Sshd) -> None:
    box.set_up("zed")
    box.asked.clear()
    look(box)
    assert not any("importlib" in text for text in box.asked)
    box.set_up("jupyter", interpreter="/usr/bin/python3")
    assert wrong(box, "jupyter") == []
    box.absent = "ipykernel"
    lacks = "/usr/bin/python3 has no ipykernel: install it there"
    advice = "devenv ide setup jupyter --interpreter /opt/devenv/venv/bin/python takes devenv's own"
    assert wrong(box, "jupyter") == [("packages", f"{lacks}; {advice}")]
    assert any("importlib" in text and text.count(" ipykernel ") for text in box.asked)


def test_a_machine_that_the_project_no_longer_has_is_said(box: Box, ssh: Sshd) -> None:
    known = record.read(box.project)["vscode"]
    record.write(box.project, {"vscode": known._replace(machine="gone")})
    (box.project.root / "devenv.yaml").write_text("name: hello\n")
    says = "the project has no machine 'gone' any more; devenv ide setup vscode default"
    assert wrong(box) == [("box", says)]


def test_an_editor_named_that_is_not_set_up_is_wrong_and_one_that_is_none_is_an_error(box: Box, ssh: Sshd) -> None:
    assert wrong(box, "zed") == [("set-up", "is not set up here: devenv ide setup zed")]
    with pytest.raises(UsageError, match="no editor 'zde'"):
        look(box, "zde")


def test_an_editor_of_a_later_devenv_is_said(box: Box, ssh: Sshd) -> None:
    known = record.read(box.project)
    record.write(box.project, known | {"brief": known["vscode"]._replace(editor="brief")})
    assert wrong(box) == [("set-up", "was set up by a later devenv, and cannot be looked at")]


# names


def test_a_machine_of_a_hand_written_vagrantfile_is_called_after_the_folder(box: Box, tmp_path: Path) -> None:
    assert name_of(box.project, "default") == "hello"
    assert name_of(Box(tmp_path / "My Ünit_1", box.user, 2201).project, "default") == "my-nit-1"
    two = Box(tmp_path / "two", box.user, 2202, machine="web")
    assert name_of(two.project, "web") == "two"
    Box(tmp_path / "two", box.user, 2203, machine="db")
    assert name_of(two.project, "web") == "two-web"


# the user


def test_without_a_home_folder_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "")
    with pytest.raises(UsageError, match="home folder"):
        current()
    monkeypatch.setenv("HOME", "relative")
    with pytest.raises(UsageError, match="home folder"):
        current()


def test_without_the_variable_the_accounts_home_folder_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    assert current().home.is_absolute()


def test_a_relative_folder_of_settings_is_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", "settings")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    found = current()
    if found.platform == "linux":
        assert (found.config, found.data) == (tmp_path / ".config", Path("/data"))
