"""Setting editors up and removing them: in every order the files are in the end what they were at the beginning."""

import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ideworld import Box, files_of, only_user

from devenv.box.project import runtime_folder
from devenv.box.steps import step_id
from devenv.errors import BoxError, ConflictError, FileError, ParseError, UsageError
from devenv.ide import record, setup, sshfile, writing
from devenv.ide.editors import MODULES
from devenv.ide.user import User

EDITORS = ("vscode", "vscodium", "zed")
MACHINE_SETTINGS = "/home/vagrant/.vscode-server/data/Machine/settings.json"


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    return only_user(tmp_path / "home", monkeypatch)


@pytest.fixture
def box(tmp_path: Path, user: User) -> Box:
    return Box(tmp_path / "hello", user, 2222)


@pytest.fixture
def other(tmp_path: Path, user: User) -> Box:
    return Box(tmp_path / "elsewhere/hello", user, 2200)


def some_files(box: Box) -> None:
    """Write what a user may have."""
    (box.user.home / ".ssh").mkdir(mode=0o700)
    (box.user.home / ".ssh/config").write_text("Host *\n  User me\n")
    zed = box.user.config / "zed"
    zed.mkdir(parents=True)
    (zed / "settings.json").write_text('// mine\n{\n  "theme": "One", // nice\n}\n')
    folder = box.project.root / ".vscode"
    folder.mkdir()
    (folder / "settings.json").write_text('{"editor.rulers": [120]}')
    (folder / "extensions.json").write_text('{\r\n\t"recommendations": ["a.b"]\r\n}\r\n')


def nothing(_box: Box) -> None:
    """Begin with a home folder that is empty."""


BEGINNINGS = pytest.mark.parametrize("begin", [nothing, some_files], ids=["nothing", "some files"])


@BEGINNINGS
@pytest.mark.parametrize("out", list(itertools.permutations(EDITORS)), ids=" ".join)
def test_editors_that_share_pieces_go_in_any_order(
    box: Box, begin: Callable[[Box], None], out: tuple[str, ...]
) -> None:
    begin(box)
    before = files_of(box.user.home, box.project.root)
    for name in EDITORS:
        box.set_up(name)
    for name in out:
        box.remove(name)
    assert files_of(box.user.home, box.project.root) == before
    assert not [file for file in box.files if box.files[file]]
    assert not record.user_file().exists()


@BEGINNINGS
@pytest.mark.parametrize(
    "out", list(itertools.permutations(["0 vscode", "0 zed", "1 vscode", "1 zed"]))[::3], ids=", ".join
)
def test_projects_that_share_the_users_files_go_in_any_order(
    box: Box, other: Box, begin: Callable[[Box], None], out: tuple[str, ...]
) -> None:
    begin(box)
    boxes = (box, other)
    tops = (box.user.home, box.project.root, other.project.root)
    before = files_of(*tops)
    for each in ("0 zed", "1 vscode", "1 zed", "0 vscode"):
        boxes[int(each[0])].set_up(each[2:])
    for each in out:
        boxes[int(each[0])].remove(each[2:])
    assert files_of(*tops) == before
    assert not record.user_file().exists()


INSTALLED = {
    "pycharm": ("JetBrains/PyCharm2024.1/options", "JetBrains/PyCharmCE2023.3/options"),
    "intellij": ("JetBrains/IntelliJIdea2024.1/options",),
    "vscode": ("Code/User",),
    "cursor": ("Cursor/User",),
    "windsurf": ("Windsurf/User",),
    "vscodium": ("VSCodium/User",),
    "emacs": ("emacs",),
    "neovim": ("nvim",),
}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("name", MODULES)
def test_of_every_editor_nothing_stays_of_two_projects(box: Box, tmp_path: Path, name: str, first: int) -> None:
    other = Box(tmp_path / "world", box.user, 2200)
    for folder in INSTALLED.get(name, ()):
        (box.user.config / folder).mkdir(parents=True)
        (box.user.config / folder / "other").write_text("")
    tops = (box.user.home, box.project.root, other.project.root)
    before = files_of(*tops)
    boxes = (box, other)
    for each in boxes:
        each.set_up(name)
    for each in boxes:
        plan = each.plan(name)
        assert plan.contested == ()
        assert [done.file for done in plan.files if done.changed] == []
        assert not plan.unrecorded
    for each in (boxes[first], boxes[1 - first]):
        each.remove(name)
    assert files_of(*tops) == before
    assert not record.user_file().exists()


def test_a_file_that_devenv_alone_has_written_is_not_backed_up(box: Box, other: Box) -> None:
    settings = box.user.config / "zed/settings.json"
    box.set_up("zed")
    other.set_up("zed")
    assert [path.name for path in settings.parent.iterdir()] == ["settings.json"]
    other.remove("zed")
    settings.write_text("// mine\n" + settings.read_text())
    other.set_up("zed")
    assert [path.name for path in sorted(settings.parent.iterdir())] == ["settings.json", "settings.json.~1~"]


def test_an_editor_none_of_whose_own_settings_are_written_is_not_connected(box: Box) -> None:
    assert box.plan("pycharm").only_project
    (box.user.config / "JetBrains/PyCharm2024.1/options").mkdir(parents=True)
    for name in MODULES:
        if name != "intellij":
            assert not box.plan(name).only_project, name


def test_two_projects_of_one_name_that_would_share_an_interpreters_name_are_told(box: Box, other: Box) -> None:
    """A project's files in git name the interpreter, so that it cannot have a number on one computer."""
    (box.user.config / "JetBrains/PyCharm2024.1/options").mkdir(parents=True)
    box.set_up("pycharm")
    assert other.plan("pycharm").contested == (str(box.project.root),)
    other.set_up("pycharm")
    assert other.plan("pycharm").contested == ()
    shutil.rmtree(other.project.root)
    assert box.plan("pycharm").contested == ()


def test_a_second_set_up_changes_nothing_and_says_so(box: Box) -> None:
    some_files(box)
    for name in EDITORS:
        box.set_up(name)
    before = files_of(box.user.home, box.project.root)
    stamps = {path: path.stat().st_mtime_ns for path in box.user.home.rglob("*") if path.is_file()}
    for name in EDITORS:
        plan = box.plan(name)
        assert not plan.changed
        assert not plan.unrecorded
        assert not any(done.changed for done in box.set_up(name))
    assert files_of(box.user.home, box.project.root) == before
    assert {path: path.stat().st_mtime_ns for path in stamps if path.suffix != ".lock"} == {
        path: stamp for path, stamp in stamps.items() if path.suffix != ".lock"
    }


def test_a_plan_and_a_rehearsed_removal_write_nothing_at_all(box: Box) -> None:
    everything = [(path, path.lstat().st_mtime_ns) for path in sorted(box.user.home.parent.rglob("*"))]
    plan = box.plan("vscode")
    assert plan.changed
    now = [(path, path.lstat().st_mtime_ns) for path in sorted(box.user.home.parent.rglob("*"))]
    # what every command keeps of its connection
    assert [each for each in now if "/devenv-" not in str(each[0])] == [
        each for each in everything if "/devenv-" not in str(each[0])
    ]
    box.set_up("vscode")
    before = files_of(box.user.home, box.project.root)
    assert any(done.changed for done in box.rehearse_removal("vscode"))
    assert files_of(box.user.home, box.project.root) == before


def test_the_users_own_files_are_told_from_others(box: Box) -> None:
    some_files(box)
    plan = box.plan("zed")
    assert plan.user_files == [str(box.user.home / ".ssh/config"), str(box.user.config / "zed/settings.json")]


def test_what_was_changed_while_the_user_was_asked_is_not_written_without_asking(box: Box) -> None:
    box.set_up("zed")
    plan = box.plan("zed", interpreter="/usr/bin/python3")
    settings = box.user.config / "zed/settings.json"
    settings.write_text("{}\n")
    with box.session() as job, pytest.raises(ConflictError, match="changed meanwhile"):
        setup.carry_out(job, plan, box.user, writing.Store())
    assert settings.read_text() == "{}\n"


# the box


def test_the_step_runs_once_for_what_is_wanted_and_stays_done_when_an_editor_goes(box: Box) -> None:
    box.set_up("vscode")
    box.set_up("jupyter")
    assert box.steps == 2
    assert "debugpy" in box.packages
    assert "ipykernel" in box.packages
    box.remove("vscode")
    assert box.plan("jupyter").step is None
    box.set_up("vscode")
    assert box.steps == 2


def test_another_version_of_a_package_takes_the_place_of_the_one_that_is_there(box: Box) -> None:
    box.set_up("vscode")
    box.packages = " ".join(f"{word.partition('==')[0]}==0.1" for word in box.packages.split())
    box.recorded = "0" * 64
    box.set_up("vscode")
    assert "==0.1" not in box.packages


def test_the_step_is_recorded_under_a_name_that_no_step_of_a_file_can_have(box: Box) -> None:
    box.set_up("vscode")
    (call,) = [call for call in box.runner.calls if call.streamed]
    assert isinstance(call.stdin, str)
    line = next(line for line in call.stdin.splitlines() if line.startswith("devenv_step 'devenv ide'"))
    assert step_id("devenv ide") not in line


def test_files_in_the_box_are_mended_and_taken_out_again(box: Box) -> None:
    box.files[MACHINE_SETTINGS] = b'{\n  // theirs\n  "a": 1\n}\n'
    box.set_up("vscode")
    assert b"/opt/devenv/venv/bin/python" in box.files[MACHINE_SETTINGS]
    assert not box.plan("vscode").changed
    box.remove("vscode")
    assert box.files[MACHINE_SETTINGS] == b'{\n  // theirs\n  "a": 1\n}\n'


def test_the_folders_of_a_file_in_the_box_go_with_it(box: Box) -> None:
    box.set_up("vscode")
    box.asked.clear()
    assert [done.file for done in box.rehearse_removal("vscode") if done.scope == "box"] == [MACHINE_SETTINGS]
    found = box.removal("vscode")
    assert [(done.file, done.after) for done in found.files if done.scope == "box"] == [(MACHINE_SETTINGS, None)]
    assert found.stays == ()
    assert any(text.startswith(f"rm -f {MACHINE_SETTINGS} && ") and "rmdir" in text for text in box.asked)


def test_a_file_in_a_box_that_is_not_reached_stays_and_one_of_a_box_that_is_gone_does_not(box: Box) -> None:
    box.set_up("vscode")
    box.set_up("vscodium")
    box.runner.on("ssh", "-F", "*", "-T", "*", f"…base64 {MACHINE_SETTINGS}…", code=255, err="no route to host")
    (line,) = box.removal("vscode").stays
    assert line.endswith(f": {MACHINE_SETTINGS} in the box stays")
    (box.project.root / ".vagrant/machines/default/docker/id").unlink()
    found = box.removal("vscodium")
    assert found.stays == ()
    assert "box" not in {done.scope for done in found.files}


def test_a_file_of_ours_that_was_changed_is_left_and_said(box: Box) -> None:
    box.set_up("vim")
    shim = box.project.root / setup.SHIM
    shim.write_text("#!/bin/sh\n# mine\n")
    assert box.removal("vim").left == (str(shim),)
    assert shim.exists()


def test_a_malformed_file_in_the_box_stops_all_before_anything_is_written(box: Box) -> None:
    box.files[MACHINE_SETTINGS] = b"{"
    before = files_of(box.user.home, box.project.root)
    with pytest.raises(ParseError, match=r"Machine/settings\.json:1:"):
        box.set_up("vscode")
    assert files_of(box.user.home, box.project.root) == before


def test_a_file_in_the_box_that_cannot_be_read_is_not_taken_for_one_that_is_not_there(box: Box) -> None:
    box.runner.on("ssh", "-F", "*", "-T", "*", f"…base64 {MACHINE_SETTINGS}…", code=1, err="permission denied")
    with pytest.raises(BoxError, match="cannot be read: permission denied"):
        box.plan("vscode")


def test_what_a_shell_says_in_greeting_is_not_taken_for_the_home_folder(box: Box) -> None:
    box.greeting = "welcome\n/etc\n"
    assert box.plan("vscode").target.home == "/home/vagrant"


# choices


def test_other_choices_take_the_old_pieces_out(box: Box) -> None:
    before = files_of(box.user.home, box.project.root)
    box.set_up("vscode", interpreter="/usr/bin/python3")
    assert b"/usr/bin/python3" in box.files[MACHINE_SETTINGS]
    assert box.plan("vscode").target.python == "/usr/bin/python3"
    box.set_up("vscode", interpreter="/opt/devenv/venv/bin/python")
    assert record.read(box.project)["vscode"].options == {}
    box.remove("vscode")
    assert files_of(box.user.home, box.project.root) == before


def test_an_interpreter_that_is_not_in_the_box_is_refused_when_it_is_named(box: Box) -> None:
    box.set_up("zed", interpreter="/venv/bin/python")
    box.python, box.interpreter = "", ""
    with pytest.raises(UsageError, match="there is no program /other/bin/python in default"):
        box.plan("zed", interpreter="/other/bin/python")
    # a box that was made anew may get it later
    assert box.plan("zed").target.python == "/venv/bin/python"


def test_a_second_editor_has_the_interpreter_that_was_chosen_for_the_first(box: Box) -> None:
    box.set_up("vscode", interpreter="/usr/bin/python3")
    assert box.plan("cursor").target.python == "/usr/bin/python3"
    assert box.plan("cursor", interpreter="/opt/devenv/venv/bin/python").options == {}
    box.set_up("cursor")
    assert not box.plan("vscode").changed


def test_an_editor_set_up_for_another_machine_leaves_the_first(box: Box) -> None:
    tops = (box.user.home, box.project.root)
    second = Box(box.project.root, box.user, 2300, machine="db")
    before = files_of(*tops)
    box.set_up("vscode")
    box.runner.on("ssh", "-F", f"…{sshs_folder(second)}…", does=second._ssh)
    second.runner.on("ssh", "-F", f"…{sshs_folder(box)}…", does=box._ssh)
    assert second.plan("vscode").left == "default"
    second.set_up("vscode")
    assert second.plan("vscode").left is None
    assert box.files == {}
    assert MACHINE_SETTINGS in second.files
    text = sshfile.config_file(box.user).read_text()
    assert "Host hello-db.devenv\n" in text
    assert "Host hello.devenv\n" not in text
    assert "Host hello-default.devenv\n" not in text
    second.remove("vscode")
    assert second.files == {}
    assert files_of(*tops) == before


def test_two_editors_for_two_machines_have_a_program_each(box: Box) -> None:
    tops = (box.user.home, box.project.root)
    second = Box(box.project.root, box.user, 2300, machine="db")
    box.runner.on("ssh", "-F", f"…{sshs_folder(second)}…", does=second._ssh)
    second.runner.on("ssh", "-F", f"…{sshs_folder(box)}…", does=box._ssh)
    before = files_of(*tops)
    box.set_up("vscode")
    second.set_up("zed")
    assert not box.plan("vscode").changed
    assert not second.plan("zed").changed
    root = box.project.root
    assert " default " in (root / setup.SHIM).read_text()
    assert " db " in (root / f"{setup.SHIM}-db").read_text()
    box.remove("vscode")
    second.remove("zed")
    assert files_of(*tops) == before


def sshs_folder(box: Box) -> str:
    return runtime_folder(box.project, box.machine).name


@pytest.mark.parametrize("first", ["ssh", "vagrant"])
def test_the_routes_of_jetbrains_take_each_others_place(box: Box, first: str) -> None:
    options = box.user.config / "JetBrains/PyCharm2024.1/options"
    options.mkdir(parents=True)
    (options / "jdk.table.xml").write_text("<application>\n</application>\n")
    before = files_of(box.user.home, box.project.root)
    box.set_up("pycharm", route=first)
    box.set_up("pycharm", route="vagrant" if first == "ssh" else "ssh")
    box.set_up("pycharm", route=first)
    assert not box.plan("pycharm").changed
    box.remove("pycharm")
    assert files_of(box.user.home, box.project.root) == before


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("vscode", {"route": "ssh"}, "no choice of route"),
        ("pycharm", {"route": "air"}, "route 'air' is not known"),
        ("zed", {"interpreter": "venv/bin/python"}, "not an absolute path"),
        ("zed", {"interpreter": "/a\n/b"}, "not an absolute path"),
        ("emcas", {}, "no editor 'emcas'"),
    ],
)
def test_choices_that_cannot_be_are_refused(box: Box, name: str, given: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        box.plan(name, **given)


def test_an_editor_that_is_not_set_up_is_not_removed(box: Box) -> None:
    with pytest.raises(UsageError, match="zed is not set up") as none:
        box.remove("zed")
    assert none.value.hint == "nothing is set up here"
    box.set_up("vim")
    with pytest.raises(UsageError) as one:
        box.remove("zed")
    assert one.value.hint == "set up are: vim"


# what becomes of the machine


def test_after_a_boot_at_another_port_what_is_set_up_follows(box: Box) -> None:
    for name in EDITORS:
        box.set_up(name)
    box.start(2345)
    changed, wrong = box.refresh()
    # the first writes what all of them share
    assert (changed, wrong) == (list(EDITORS), [])
    assert "Port 2345" in sshfile.config_file(box.user).read_text()
    assert box.refresh() == ([], [])


def test_without_provisioning_the_step_waits_and_the_hosts_do_not(box: Box) -> None:
    box.set_up("zed")
    box.start(2345)
    box.recorded = box.packages = ""
    with box.session() as job:
        assert setup.refresh(job, "default", box.user, provision=False) == (["zed"], [])
    assert box.steps == 1
    assert "Port 2345" in sshfile.config_file(box.user).read_text()
    assert box.refresh() == (["zed"], [])
    assert box.steps == 2


def test_an_editor_whose_file_is_malformed_does_not_keep_others_from_following(box: Box) -> None:
    box.set_up("vscode")
    box.set_up("zed")
    (box.project.root / ".vscode/launch.json").write_text("{")
    box.start(2345)
    changed, wrong = box.refresh()
    assert changed == ["zed"]
    assert len(wrong) == 1
    assert "launch.json" in wrong[0]


def test_a_machine_that_is_gone_leaves_sshs_hosts_and_comes_back(box: Box, other: Box) -> None:
    before = files_of(box.user.home, box.project.root, other.project.root)
    box.set_up("zed")
    other.set_up("zed")
    own = sshfile.config_file(box.user)
    assert setup.forget_host(box.project, "default", box.user) == ["hello.devenv"]
    assert "hello.devenv" not in own.read_text()
    assert "hello-2.devenv" in own.read_text()
    assert setup.forget_host(box.project, "default", box.user) == []
    assert setup.forget_host(other.project, "default", box.user) == ["hello-2.devenv"]
    assert not own.exists()
    box.start(2223)
    assert box.refresh() == (["zed"], [])
    assert "hello.devenv" in own.read_text()
    box.remove("zed")
    other.remove("zed")
    assert files_of(box.user.home, box.project.root, other.project.root) == before


def test_a_project_that_was_moved_is_set_up_where_it_is_now(box: Box, tmp_path: Path) -> None:
    before = files_of(box.project.root)
    box.set_up("vscode")
    moved = tmp_path / "moved/hello"
    moved.parent.mkdir()
    box.project.root.rename(moved)
    again = Box(moved, box.user, 2222)
    again.recorded, again.packages, again.files = box.recorded, box.packages, box.files
    again.set_up("vscode")
    assert "moved/hello" in (moved / setup.SHIM).read_text()
    assert sshfile.config_file(box.user).read_text().count("Host ") == 1
    again.remove("vscode")
    assert files_of(moved) == before
    assert not (box.user.home / ".ssh").exists()


def test_a_project_that_was_deleted_does_not_keep_what_another_shares_with_it(box: Box, other: Box) -> None:
    box.set_up("vim")
    other.set_up("vim")
    shutil.rmtree(box.project.root)
    other.remove("vim")
    assert not (box.user.home / ".ssh/config").exists()


# bad days


@pytest.mark.parametrize(
    ("text", "place"),
    [("", "1:1"), ('{\n "editors":', "2:12"), ("[]", "1:1"), ('"x"', "1:1"), ("\0", "1:1"), ("[" * 5000, "1:1")],
)
def test_a_damaged_record_of_the_project_is_said_with_its_place(box: Box, text: str, place: str) -> None:
    box.set_up("zed")
    file = record.file_of(box.project)
    file.write_text(text)
    before = files_of(box.user.home, box.project.root)
    for act in (box.remove, box.set_up):
        with pytest.raises(ParseError, match=f"ide.json:{place}: is not a record") as error:
            act("zed")
        assert "move it away" in str(error.value.hint)
    assert files_of(box.user.home, box.project.root) == before
    file.unlink()
    box.set_up("zed")
    box.remove("zed")
    assert not (box.user.home / ".ssh/config").exists()


@pytest.mark.parametrize("text", ['{"editors": []}', '{"editors": {"zed": 1}}'])
def test_a_record_of_the_project_that_says_nothing_is_as_none(box: Box, text: str) -> None:
    box.set_up("zed")
    file = record.file_of(box.project)
    file.write_text(text)
    assert record.read(box.project) == {}
    box.set_up("zed")
    assert list(record.read(box.project)) == ["zed"]


@pytest.mark.parametrize(
    "put", [[1], [{}], 1, [{"file": 1, "scope": "user", "kind": "section", "key": "a", "undo": None}]]
)
def test_an_editor_with_a_damaged_record_is_left_out(box: Box, put: object) -> None:
    box.set_up("zed")
    file = record.file_of(box.project)
    data = json.loads(file.read_text())
    data["editors"]["vim"] = {"machine": "default", "options": {}, "put": put}
    file.write_text(json.dumps(data))
    assert list(record.read(box.project)) == ["zed"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"pieces": {}}', '{"pieces": [1, {}, {"file": "a", "key": "b", "undo": 1, "projects": 2}]}'],
)
def test_a_damaged_record_of_the_user_is_as_none(box: Box, text: str) -> None:
    box.set_up("zed")
    record.user_file().write_text(text)
    assert record.Shared().data == {}
    assert not any(done.changed for done in box.set_up("zed"))


def test_a_record_of_a_later_devenv_is_not_overwritten(box: Box) -> None:
    box.set_up("zed")
    for file in (record.file_of(box.project), record.user_file()):
        text = file.read_text()
        later = text.replace('"version": 1', '"version": 2')
        file.write_text(later)
        with pytest.raises(ConflictError, match="later devenv"):
            box.set_up("zed")
        assert file.read_text() == later
        file.write_text(text)


class Killed(BaseException):
    """The end of a process that nobody can catch."""


def kill(*_args: object, **_options: object) -> None:
    raise Killed


@BEGINNINGS
@pytest.mark.parametrize("when", ["before the files", "after the files", "between the records"])
def test_who_is_killed_leaves_nothing_that_a_removal_does_not_take_out(
    box: Box, begin: Callable[[Box], None], when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(box)
    before = files_of(box.user.home, box.project.root)
    plan = box.plan("vscode")
    with monkeypatch.context() as patch:
        if when == "before the files":
            patch.setattr(writing, "write", kill)
        elif when == "after the files":
            real, calls = record.write_both, iter([False, True])
            patch.setattr(record, "write_both", lambda *args: kill() if next(calls) else real(*args))
        else:
            patch.setattr(record.Shared, "write", kill)
        with box.session() as job, pytest.raises(Killed):
            setup.carry_out(job, plan, box.user, writing.Store())
    if when != "after the files":
        box.set_up("vscode")
    box.remove("vscode")
    assert files_of(box.user.home, box.project.root) == before
    assert not box.files


@pytest.mark.parametrize("when", ["before the files", "after the files"])
def test_who_is_killed_while_a_piece_is_replaced_knows_how_to_take_either_out(
    box: Box, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_files(box)
    before = files_of(box.user.home, box.project.root)
    box.set_up("vscode")
    plan = box.plan("vscode", interpreter="/usr/bin/python3")
    with monkeypatch.context() as patch:
        if when == "before the files":
            patch.setattr(writing, "write", kill)
        else:
            real, calls = record.write_both, iter([False, True])
            patch.setattr(record, "write_both", lambda *args: kill() if next(calls) else real(*args))
        with box.session() as job, pytest.raises(Killed):
            setup.carry_out(job, plan, box.user, writing.Store())
    box.remove("vscode")
    assert files_of(box.user.home, box.project.root) == before
    assert not box.files


def test_a_disk_that_is_full_leaves_files_and_records_as_they_were(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    some_files(box)
    box.set_up("zed")
    before = files_of(box.user.home, box.project.root), record.user_file().read_bytes(), dict(box.files)

    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("devenv.editor.temporary.write", full)
        with pytest.raises(FileError, match="disk is full"):
            box.set_up("vscode")
    assert (files_of(box.user.home, box.project.root), record.user_file().read_bytes(), dict(box.files)) == before


def test_of_two_projects_at_once_the_second_waits_and_none_is_forgotten(box: Box, other: Box) -> None:
    """Both have planned before either writes: they may not choose the same host name, nor lose the other's record."""
    plans = [(each, each.plan("zed")) for each in (box, other)]
    for each, plan in plans:
        with each.session() as job:
            last, _ = setup.carry_out(job, plan, box.user, writing.Store())
    assert last.target.alias == "hello-2.devenv"
    claims = {tuple(each["projects"]) for each in record.Shared().data.values()}
    assert (str(box.project.root), str(other.project.root)) in claims


def test_a_project_copied_with_its_state_takes_nothing_from_the_first(box: Box, tmp_path: Path) -> None:
    box.set_up("zed")
    copy = tmp_path / "copies/hello"
    shutil.copytree(box.project.root, copy)
    second = Box(copy, box.user, 2201)
    second.set_up("zed")
    text = sshfile.config_file(box.user).read_text()
    assert "Host hello.devenv\n" in text
    assert "Host hello-2.devenv\n" in text
    second.remove("zed")
    assert not box.plan("zed").changed
