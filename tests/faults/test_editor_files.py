"""Edits of files on bad days: full and read-only disks, other people's files, odd files, many processes at once."""

import os
import re
import resource
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devenv.editor import Set, edit_file, edit_files
from devenv.editor.snapshot import LARGEST
from devenv.editor.store import Store
from devenv.errors import ConflictError, DevenvError, FileError
from tests.machines import small_disk

pytestmark = pytest.mark.system

CHECKOUT = Path(__file__).resolve().parents[2]
NOBODY = 65534
ACL = "system.posix_acl_access"


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVENV_DATA", str(tmp_path / "data"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


# the interpreter may lie where only root can read, so everything is loaded before the user changes
AS_NOBODY = f"""
import os, sys, tempfile
sys.path.insert(0, {str(CHECKOUT)!r})
from devenv.editor import Set, edit_file, journal, recovery, overwrite
from devenv.errors import DevenvError
with tempfile.TemporaryDirectory() as folder:
    os.environ["DEVENV_DATA"] = folder
    edit_file(folder + "/warm.json", [Set("a", "b"), Set("c.d", "e")], create=True)
    edit_file(folder + "/warm.json", [Set("a", "c")], in_place=True)
os.setgroups([])
os.setresgid({NOBODY}, {NOBODY}, {NOBODY})
os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
os.environ["DEVENV_DATA"] = os.path.abspath("data")
"""

EDIT = """
try:
    edit_file(sys.argv[1], [Set(sys.argv[2], sys.argv[3])], in_place="in place" in sys.argv)
except DevenvError as exc:
    print(f"{type(exc).__name__}: {exc} | {exc.hint}")
    sys.exit(exc.code)
"""


def as_nobody(folder: Path, *args: str) -> "subprocess.CompletedProcess[str]":
    """Edit a file as a user who owns nothing."""
    argv = [sys.executable, "-c", AS_NOBODY + EDIT, *args]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def acl(*entries: tuple[int, int, int]) -> bytes:
    """Return an ACL as the kernel keeps it: tag, permissions, id."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


READABLE_TO_NOBODY = acl(
    (1, 6, 0xFFFFFFFF), (2, 4, NOBODY), (4, 0, 0xFFFFFFFF), (0x10, 4, 0xFFFFFFFF), (0x20, 0, 0xFFFFFFFF)
)


def test_fifty_processes_lose_none_of_a_thousand_edits(folder: Path) -> None:
    (folder / "shared.json").write_text("{}\n")
    program = """
from devenv.editor import Set, edit_file
for number in range(20):
    edit_file("shared.json", [Set(f"p{sys.argv[1]}.n{number}", number)])
"""
    text = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n{program}"
    running = [subprocess.Popen([sys.executable, "-c", text, str(each)], cwd=folder) for each in range(50)]
    assert [process.wait(timeout=300) for process in running] == [0] * 50
    import json

    found = json.loads((folder / "shared.json").read_text())
    assert found == {f"p{each}": {f"n{number}": number for number in range(20)} for each in range(50)}
    assert names(folder) == ["shared.json"]


def test_processes_that_edit_several_files_in_any_order_neither_wait_for_ever_nor_lose_an_edit(tmp_path: Path) -> None:
    for each in "abc":
        (tmp_path / each).mkdir()
        (tmp_path / each / "x.json").write_text("{}")
    program = """
import random
from devenv.editor import Set, edit_files
for number in range(10):
    files = random.sample(["a/x.json", "b/x.json", "c/x.json"], 3)
    edit_files({file: [Set(f"p{sys.argv[1]}n{number}", number)] for file in files})
"""
    text = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n{program}"
    running = [subprocess.Popen([sys.executable, "-c", text, str(each)], cwd=tmp_path) for each in range(10)]
    assert [process.wait(timeout=300) for process in running] == [0] * 10
    import json

    wanted = {f"p{each}n{number}": number for each in range(10) for number in range(10)}
    assert all(json.loads((tmp_path / each / "x.json").read_text()) == wanted for each in "abc")


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "64k"):
        file = disk / "a.json"
        file.write_text('{"a": "' + "x" * 30_000 + '"}\n')
        before = file.read_bytes()
        for in_place in (False, True):
            doing = "written" if in_place else "replaced"
            with pytest.raises(FileError, match=rf"a\.json cannot be {doing}: the disk is full") as raised:
                edit_file(file, [Set("b", "y" * 60_000)], in_place=in_place)
            assert raised.value.hint == "free some space, then try again; the file is as it was"
            assert file.read_bytes() == before
            assert names(disk) == ["a.json"]


def test_a_full_disk_under_one_of_many_files_leaves_all_as_they_were(tmp_path: Path, folder: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "64k"):
        files = [folder / "a.json", disk / "b.json", folder / "c.json"]
        for file in files:
            file.write_text("{}\n")
        with pytest.raises(FileError, match=r"b\.json cannot be replaced: the disk is full"):
            edit_files({file: [Set("b", "y" * 90_000)] for file in files})
        assert {file.read_text() for file in files} == {"{}\n"}
        assert (names(folder), names(disk)) == (["a.json", "c.json"], ["b.json"])


def test_a_read_only_disk_is_named_as_such(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "64k"):
        (disk / "a.json").write_text("{}\n")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for in_place in (False, True):
            doing = "written" if in_place else "replaced"
            with pytest.raises(FileError, match=rf"a\.json cannot be {doing}: the file system is read-only"):
                edit_file(disk / "a.json", [Set("a", 1)], in_place=in_place)
        assert not edit_file(disk / "a.json", []).changed


def test_root_keeps_owner_group_mode_attributes_and_acl(folder: Path) -> None:
    file = folder / "a.json"
    file.write_text("{}\n")
    file.chmod(0o640)
    os.chown(file, NOBODY, NOBODY)
    os.setxattr(file, "user.note", b"\0mine\xff")
    os.setxattr(file, ACL, READABLE_TO_NOBODY)
    before = file.stat()
    edit_file(file, [Set("a", 1)], backup=True)
    for path in (file, folder / "a.json.~1~"):
        now = path.stat()
        assert (now.st_uid, now.st_gid, now.st_mode) == (NOBODY, NOBODY, before.st_mode)
        assert os.getxattr(path, "user.note") == b"\0mine\xff"
        assert os.getxattr(path, ACL) == READABLE_TO_NOBODY
    assert file.stat().st_ino != before.st_ino


def test_the_folders_default_acl_is_not_given_to_a_file_that_had_none(folder: Path) -> None:
    file = folder / "a.json"
    file.write_text("{}\n")
    file.chmod(0o600)
    os.setxattr(folder, "system.posix_acl_default", READABLE_TO_NOBODY)
    edit_file(file, [Set("a", 1)])
    assert ACL not in os.listxattr(file)
    assert file.stat().st_mode & 0o777 == 0o600
    edit_file(folder / "new.json", [Set("a", 1)], create=True)
    assert ACL in os.listxattr(folder / "new.json")


@pytest.fixture
def open_folder(folder: Path) -> Path:
    """A folder that everybody may write to, and reach."""
    for each in (folder, *folder.parents):
        if str(each).startswith("/tmp/") and each.stat().st_uid == 0:
            each.chmod(each.stat().st_mode | 0o711)
    folder.chmod(0o777)
    return folder


def test_another_users_file_is_not_taken_over(open_folder: Path) -> None:
    file = open_folder / "a.json"
    file.write_text("{}\n")
    file.chmod(0o666)
    done = as_nobody(open_folder, "a.json", "a", "b")
    assert done.returncode == 4, done.stderr
    assert done.stdout.startswith("FileError: a.json belongs to user 0 and group 0, and only root could replace it")
    assert "--in-place" in done.stdout
    assert (file.read_text(), file.stat().st_uid) == ("{}\n", 0)
    assert names(open_folder) == ["a.json"]
    inode = file.stat().st_ino
    done = as_nobody(open_folder, "a.json", "a", "b", "in place")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (file.stat().st_uid, file.stat().st_ino) == (0, inode)
    assert '"b"' in file.read_text()


def test_a_file_that_may_not_be_written_in_place_is_not_told_to_be_written_in_place(open_folder: Path) -> None:
    file = open_folder / "a.json"
    file.write_text("{}\n")
    file.chmod(0o644)
    done = as_nobody(open_folder, "a.json", "a", "b", "in place")
    assert done.returncode == 4
    assert done.stdout == "FileError: a.json cannot be written: permission denied | None\n"
    assert file.read_text() == "{}\n"


def test_a_write_protected_file_of_ones_own_is_replaced_and_stays_write_protected(open_folder: Path) -> None:
    file = open_folder / "a.json"
    file.write_text("{}\n")
    os.chown(file, NOBODY, NOBODY)
    file.chmod(0o444)
    done = as_nobody(open_folder, "a.json", "a", "b")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"b"' in file.read_text()
    assert (file.stat().st_mode & 0o777, file.stat().st_uid) == (0o444, NOBODY)


def test_in_a_write_protected_folder_only_the_file_itself_can_be_written(open_folder: Path) -> None:
    file = open_folder / "sub" / "a.json"
    file.parent.mkdir(mode=0o755)
    file.write_text("{}\n")
    os.chown(file, NOBODY, NOBODY)
    done = as_nobody(open_folder, "sub/a.json", "a", "b")
    assert done.returncode == 4
    assert done.stdout == (
        "FileError: sub/a.json cannot be replaced: permission denied"
        " | --in-place writes into the file itself instead of replacing it\n"
    )
    assert file.read_text() == "{}\n"
    assert as_nobody(open_folder, "sub/a.json", "a", "b", "in place").returncode == 0
    assert '"b"' in file.read_text()


def test_a_file_or_folder_that_may_not_be_read_is_named(open_folder: Path) -> None:
    (open_folder / "secret.json").write_text("{}\n")
    (open_folder / "secret.json").chmod(0o600)
    (open_folder / "closed").mkdir(mode=0o700)
    (open_folder / "closed" / "a.json").write_text("{}\n")
    for name in ("secret.json", "closed/a.json"):
        done = as_nobody(open_folder, name, "a", "b")
        assert done.stdout == f"FileError: {name} cannot be read: permission denied | None\n", done.stderr


def test_a_folder_one_may_write_to_and_not_read_takes_edits_by_many(open_folder: Path) -> None:
    inner = open_folder / "blind"
    inner.mkdir()
    (inner / "a.json").write_text("{}\n")
    for path in (inner / "a.json", inner):
        os.chown(path, NOBODY, NOBODY)
    inner.chmod(0o300)
    program = """
for number in range(10):
    edit_file("blind/a.json", [Set(f"p{sys.argv[1]}n{number}", number)])
"""
    argv = [sys.executable, "-c", AS_NOBODY + program]
    running = [subprocess.Popen([*argv, str(each)], cwd=open_folder) for each in range(6)]
    assert [process.wait(timeout=120) for process in running] == [0] * 6
    assert (inner / "a.json").read_text().count('"p') == 60


def test_a_mounted_file_says_that_it_can_be_written_in_place(folder: Path) -> None:
    for name in ("a.json", "b.json"):
        (folder / name).write_text("{}\n")
    subprocess.run(["mount", "--bind", str(folder / "b.json"), str(folder / "a.json")], check=True)
    try:
        with pytest.raises(FileError, match="the system holds it") as raised:
            edit_file(folder / "a.json", [Set("a", 1)])
        assert raised.value.hint is not None
        assert raised.value.hint.startswith("--in-place")
        assert edit_file(folder / "a.json", [Set("a", 1)], in_place=True).changed
        assert (folder / "b.json").read_text() != "{}\n"
    finally:
        subprocess.run(["umount", str(folder / "a.json")], check=True)


@pytest.fixture
def odd(folder: Path) -> Iterator[dict[str, str]]:
    """Files that are none, with what is said of them."""
    os.mkfifo(folder / "fifo")
    (folder / "folder.json").mkdir()
    (folder / "dangling").symlink_to("nowhere")
    (folder / "circle").symlink_to("circle")
    (folder / "zero").symlink_to("/dev/zero")
    os.truncate(os.open(folder / "huge.json", os.O_CREAT | os.O_WRONLY), LARGEST + 1)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / "socket"))
        yield {
            "fifo": "fifo is a pipe, not a file",
            "folder.json": "folder.json is a folder, not a file",
            "dangling": "dangling is a link to .*nowhere, which is not there",
            "circle": "circle cannot be read: symbolic links lead in a circle",
            "zero": "zero is a device, not a file",
            "/dev/zero": "/dev/zero is a device, not a file",
            "/dev/tty": "/dev/tty is a device, not a file",
            "huge.json": "huge.json is larger than 512 MiB: it is not edited",
            "socket": "socket is a socket, not a file",
            "missing.json": "there is no file .*missing.json",
            "missing/a.json": "there is no file .*missing/a.json",
            "huge.json/a.json": "huge.json/a.json cannot be read: a part of the path is a file, not a folder",
            "a\nb.json": r'there is no file .*\\nb\.json"',
            "n" * 300: "cannot be read: the name is too long",
        }


def test_what_is_no_file_is_refused_at_once_in_one_line_and_little_memory(folder: Path, odd: dict[str, str]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, message in odd.items():
        with pytest.raises(FileError, match=message) as raised:
            Store().read(folder / name)
        assert "\n" not in raised.value.message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_proc_files_are_read_and_cannot_be_replaced(tmp_path: Path) -> None:
    store = Store()
    assert store.read("/proc/sys/kernel/hostname").data
    found = store.read("/proc/self/comm")
    with pytest.raises((FileError, ConflictError)):
        store.replace(found, b"other")


def test_a_lock_somebody_holds_too_long_is_a_conflict_that_was_announced(folder: Path) -> None:
    file = folder / "a.json"
    file.write_text("{}\n")
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
            "from devenv.editor.store import Store\n"
            f"with Store().locked([{str(file)!r}]):\n    print('held', flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        told: list[str] = []
        store = Store(tell=told.append, patience=1.2)
        with pytest.raises(ConflictError, match="another process has been editing in"), store.locked([file]):
            pass
        assert told == [f"waiting for another process that edits in {folder}"]
        quiet = Store(tell=told.append, quiet=True, patience=1.2)
        with pytest.raises(ConflictError), quiet.locked([file]):
            pass
        assert len(told) == 1
    finally:
        holder.communicate("")
    with Store(patience=0).locked([file]):
        pass


def test_leftovers_go_with_the_next_edit_and_others_files_stay(folder: Path) -> None:
    from devenv.editor import temporary

    (folder / "a.json").write_text("{}\n")
    (folder / temporary.fresh_name()).write_text("left")
    foreign = f"{temporary.PREFIX}00000000-0123456789abcdef"
    (folder / foreign).write_text("another computer's")
    (folder / ".devenv-edit").write_text("somebody's")
    edit_file(folder / "a.json", [Set("a", 1)])
    assert names(folder) == [".devenv-edit", foreign, "a.json"]


def test_a_journal_that_others_could_have_written_is_not_obeyed(folder: Path, tmp_path: Path) -> None:
    import json

    from devenv import paths
    from devenv.editor import temporary

    victim, bait = folder / "victim", folder / "bait"
    victim.write_text("safe\n")
    bait.write_text("evil\n")
    found = victim.stat()
    was = [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns]
    entry = [str(victim), str(bait), "", False, was]
    journals = Path(paths.unfinished_edits() or "")
    journals.mkdir(parents=True)
    journal = journals / temporary.fresh_name("")
    journal.write_text("C" + json.dumps([entry]) + "\n" + json.dumps([[0, 0]]) + "\n")
    for owner, mode in ((NOBODY, 0o700), (0, 0o777)):
        os.chown(journals, owner, owner)
        journals.chmod(mode)
        Store().recover()
        assert victim.read_text() == "safe\n"
        with pytest.raises(FileError, match="may be written to by others"):
            edit_files({folder / name: [Set("a", 1)] for name in ("x.json", "y.json")}, create=True)
    os.chown(journals, 0, 0)
    journals.chmod(0o700)
    Store().recover()
    assert victim.read_text() == "evil\n"


def test_errors_are_one_line_each_and_of_our_tree(folder: Path) -> None:
    (folder / "a.json").write_text("{}\n")
    os.chdir(folder)
    try:
        gone = folder / "gone"
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()
        with pytest.raises(DevenvError) as raised:
            edit_file("a.json", [Set("a", 1)], format="json")
        assert re.fullmatch(r"a\.json cannot be found: it is not there", raised.value.message)
    finally:
        os.chdir(CHECKOUT)
