"""Files are read as they are and replaced whole; what could lose something is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devenv.editor import snapshot, temporary
from devenv.editor.overwrite import is_between
from devenv.editor.store import Change, ReadOnlyStore, Store
from devenv.errors import ConflictError, FileError, FileMissing


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "files" / "a.txt"
    made.parent.mkdir()
    made.write_text("old\n")
    return made


def beside(file: Path) -> list[str]:
    return sorted(path.name for path in file.parent.iterdir())


def test_a_snapshot_tells_names_bytes_and_stat(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = file.parent / "link"
    link.symlink_to("a.txt")
    monkeypatch.chdir(file.parent)
    found = store.read("link")
    now = file.stat()
    assert (found.path, found.real, found.data) == ("link", os.path.realpath(file), b"old\n")
    assert found.stat is not None
    assert found.stat.identity == (now.st_dev, now.st_ino, 4, now.st_mtime_ns)
    assert (found.stat.mode, found.stat.uid, found.stat.nlink) == (now.st_mode, now.st_uid, 1)


def test_an_interrupt_when_all_files_are_new_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from devenv import paths

    journals = tmp_path / "journals"
    monkeypatch.setattr(paths, "unfinished_edits", lambda: str(journals))
    folder = tmp_path / "files"
    folder.mkdir()
    files = [folder / "a", folder / "b"]
    for file in files:
        file.write_text("old")
    store = Store(durable=False)
    pressed: list[str] = []
    discard = temporary.discard

    def press_once(path: str) -> bool:
        pressed.append(path)
        if len(pressed) == 1:
            raise KeyboardInterrupt
        return discard(path)

    monkeypatch.setattr(temporary, "discard", press_once)
    with pytest.raises(KeyboardInterrupt, match="the files were changed before it"):
        store.replace_all([Change(store.read(file), b"new") for file in files])
    assert [file.read_text() for file in files] == ["new", "new"]
    assert (beside(files[0]), list(journals.iterdir())) == (["a", "b"], [])


def test_a_name_no_file_system_has_is_said_so(store: Store) -> None:
    for use in (store.read, lambda name: store.locked([name]).__enter__()):
        with pytest.raises(FileError, match=r'^"a\\ud800" is not a file\'s name$'):
            use("a\ud800")


def test_with_quiet_nothing_is_told_but_what_went_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from devenv import paths
    from devenv.editor import journal

    folder = tmp_path / "journals"
    monkeypatch.setattr(paths, "unfinished_edits", lambda: str(folder))
    files = [tmp_path / "a", tmp_path / "b"]

    def killed() -> None:
        for file in files:
            file.write_text("old")
        store = Store(durable=False)
        # what a kill right after the commitment leaves: the journal, held by nobody
        monkeypatch.setattr(journal, "forward", lambda entry: None)
        monkeypatch.setattr(journal.Journal, "finish", lambda self: os.close(self._descriptor))
        store.replace_all([Change(store.read(file), b"new") for file in files])
        monkeypatch.undo()
        monkeypatch.setattr(paths, "unfinished_edits", lambda: str(folder))

    for quiet, says in ((False, ["finished an edit of 2 files that was killed"]), (True, [])):
        killed()
        told: list[str] = []
        Store(tell=told.append, quiet=quiet).recover()
        assert (told, [file.read_text() for file in files]) == (says, ["new", "new"])
    killed()
    files[0].write_text("theirs")
    told = []
    Store(tell=told.append, quiet=True).recover()
    assert [line.partition(" ")[2] for line in told] == [
        "was changed after an edit of it was killed; that edit is left out there"
    ]


def test_a_missing_file_is_an_error_or_an_empty_snapshot(store: Store, file: Path) -> None:
    missing = file.parent / "b.txt"
    with pytest.raises(FileMissing, match="there is no file"):
        store.read(missing)
    assert store.read(missing, missing_ok=True) == (str(missing), os.path.realpath(missing), b"", None)
    with pytest.raises(FileError, match="there is no folder"):
        store.read(file.parent / "no" / "b.txt", missing_ok=True)
    (file.parent / "dangling").symlink_to("b.txt")
    with pytest.raises(FileError, match=r"is a link to .*b\.txt, which is not there"):
        store.read(file.parent / "dangling", missing_ok=True)


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_is_no_name_is_said_so(store: Store, name: str) -> None:
    with pytest.raises(FileError, match="is not a file's name"):
        store.read(name)
    with store.locked([name or "."]):
        pass


def test_the_limit_holds_for_files_whose_size_is_known_and_for_others(store: Store, file: Path) -> None:
    assert store.read(file, limit=4).data == b"old\n"
    with pytest.raises(FileError, match="is larger than 3 bytes"):
        store.read(file, limit=3)
    if Path("/proc/self/status").exists():
        with pytest.raises(FileError, match="is larger than 100 bytes"):
            store.read("/proc/self/status", limit=100)


def test_a_file_is_replaced_by_another_with_the_same_mode(store: Store, file: Path) -> None:
    file.chmod(0o604)
    before = file.stat().st_ino
    assert store.replace(store.read(file), b"new\n") is True
    assert file.read_text() == "new\n"
    assert file.stat().st_ino != before
    assert file.stat().st_mode & 0o7777 == 0o604
    assert beside(file) == ["a.txt"]


def test_the_same_bytes_are_not_written(store: Store, file: Path) -> None:
    before = file.stat()
    found = store.read(file)
    assert store.replace(found, b"old\n", backup=True) is False
    assert store.replace(found, [b"ol", b"", bytearray(b"d"), memoryview(b"\n")], in_place=True) is False
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert beside(file) == ["a.txt"]


def test_pieces_are_written_in_order_however_many(store: Store, file: Path) -> None:
    pieces = [b"%d\n" % number for number in range(3000)]
    pieces.insert(7, b"")
    assert store.replace(store.read(file), pieces)
    assert file.read_bytes() == b"".join(pieces)
    assert not store.replace(store.read(file), pieces)
    assert store.replace(store.read(file), [*pieces[:-1], b"2998\n"])


def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(store: Store, file: Path) -> None:
    other = file.parent.parent / "link"
    other.symlink_to("files/a.txt")
    store.replace(store.read(other), b"new\n", backup=True)
    assert other.is_symlink()
    assert file.read_text() == "new\n"
    assert beside(file) == ["a.txt", "a.txt.~1~"]
    assert not (file.parent.parent / "link.~1~").exists()


def test_a_file_with_several_names_is_refused_or_written_in_place(store: Store, file: Path) -> None:
    twin = file.parent / "twin"
    twin.hardlink_to(file)
    found = store.read(file)
    for refusing in (store, ReadOnlyStore()):
        with pytest.raises(FileError, match="has 2 names") as raised:
            refusing.replace(found, b"new\n")
        assert raised.value.hint is not None
        assert raised.value.hint.startswith("--in-place")
    assert store.replace(found, b"new and longer\n", in_place=True)
    assert twin.read_text() == "new and longer\n"
    assert twin.stat().st_ino == file.stat().st_ino
    assert store.replace(store.read(file), b"x", in_place=True)
    assert twin.read_text() == "x"


def test_a_new_file_has_the_mode_of_any_new_file(store: Store, file: Path) -> None:
    before = os.umask(0o027)
    try:
        made = file.parent / "b.txt"
        assert store.replace(store.read(made, missing_ok=True), b"", in_place=True) is True
        assert made.read_bytes() == b""
        assert made.stat().st_mode & 0o777 == 0o640
        assert beside(file) == ["a.txt", "b.txt"]
    finally:
        os.umask(before)


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize(
    ("does", "what"),
    [
        (lambda file: file.write_text("theirs\n"), "changed"),
        (lambda file: (file.unlink(), file.write_text("old\n")), "changed"),
        (lambda file: file.unlink(), "removed"),
    ],
    ids=["written", "replaced", "removed"],
)
def test_somebody_elses_change_is_a_conflict(store: Store, file: Path, does: object, what: str, in_place: bool) -> None:
    found = store.read(file)
    assert callable(does)
    does(file)
    before = file.read_text() if file.exists() else None
    with pytest.raises(ConflictError, match=f"was {what} by somebody else"):
        store.replace(found, b"new\n", in_place=in_place, backup=True)
    assert (file.read_text() if file.exists() else None) == before
    assert [name for name in beside(file) if name != "a.txt"] == []


def test_a_change_within_one_tick_of_the_clock_is_seen_by_the_content(store: Store, file: Path) -> None:
    found = store.read(file)
    file.write_text("two\n")
    os.utime(file, ns=(0, found.stat.mtime_ns if found.stat else 0))
    with pytest.raises(ConflictError):
        store.replace(found, b"new\n")


def test_a_file_made_meanwhile_is_not_overwritten(store: Store, file: Path) -> None:
    made = file.parent / "b.txt"
    found = store.read(made, missing_ok=True)
    made.write_text("theirs\n")
    with pytest.raises(ConflictError, match="was made by somebody else"):
        store.replace(found, b"new\n")
    assert made.read_text() == "theirs\n"
    assert beside(file) == ["a.txt", "b.txt"]


def test_a_link_led_elsewhere_meanwhile_is_a_conflict(store: Store, file: Path) -> None:
    (file.parent / "b.txt").write_text("old\n")
    link = file.parent / "link"
    link.symlink_to("a.txt")
    found = store.read(link)
    link.unlink()
    link.symlink_to("b.txt")
    with pytest.raises(ConflictError):
        store.replace(found, b"new\n")
    assert file.read_text() == "old\n"


def test_a_mode_changed_meanwhile_is_kept(store: Store, file: Path) -> None:
    found = store.read(file)
    file.chmod(0o600)
    store.replace(found, b"new\n")
    assert file.stat().st_mode & 0o777 == 0o600


def test_backups_are_numbered_and_none_is_overwritten(store: Store, file: Path) -> None:
    (file.parent / "a.txt.~x~").write_text("")
    (file.parent / "a.txt.~7~").write_text("theirs\n")
    file.chmod(0o640)
    store.replace(store.read(file), b"second\n", backup=True)
    store.replace_all([Change(store.read(file), b"third\n", in_place=True, backup=True)])
    assert beside(file) == ["a.txt", "a.txt.~7~", "a.txt.~8~", "a.txt.~9~", "a.txt.~x~"]
    texts = [(file.parent / f"a.txt.~{number}~").read_text() for number in (7, 8, 9)]
    assert texts == ["theirs\n", "old\n", "second\n"]
    assert (file.parent / "a.txt.~8~").stat().st_mode & 0o777 == 0o640


def test_names_as_long_as_they_may_be_are_replaced(store: Store, file: Path) -> None:
    longest = file.parent / ("ä" * 127)
    longest.write_text("old\n")
    store.replace(store.read(longest), b"new\n")
    assert longest.read_text() == "new\n"


def test_several_files_are_replaced_as_one(store: Store, file: Path) -> None:
    others = [file.parent / name for name in ("b.txt", "c.txt", "new.txt")]
    for other in others[:2]:
        other.write_text("old\n")
    files = [file, *others]
    with store.locked(files):
        found = [store.read(path, missing_ok=True) for path in files]
        written = store.replace_all(
            [Change(each, b"old\n" if each.path.endswith("b.txt") else b"new\n") for each in found]
        )
    assert written == [True, False, True, True]
    assert [path.read_text() for path in files] == ["new\n", "old\n", "new\n", "new\n"]
    assert beside(file) == ["a.txt", "b.txt", "c.txt", "new.txt"]


def test_one_conflict_among_several_files_leaves_all(store: Store, file: Path) -> None:
    other = file.parent / "b.txt"
    other.write_text("old\n")
    found = [store.read(path) for path in (file, other)]
    other.write_text("theirs\n")
    with pytest.raises(ConflictError, match=r"b\.txt was changed"):
        store.replace_all([Change(each, b"new\n", backup=True) for each in found])
    assert (file.read_text(), other.read_text()) == ("old\n", "theirs\n")
    assert beside(file) == ["a.txt", "b.txt"]


def test_without_a_home_several_files_are_refused_and_one_is_edited(
    store: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from devenv import paths

    monkeypatch.setattr(paths, "unfinished_edits", lambda: None)
    (file.parent / "b.txt").write_text("old\n")
    with store.locked([file]):
        found = [store.read(path) for path in (file, file.parent / "b.txt")]
        with pytest.raises(FileError, match="no home folder") as raised:
            store.replace_all([Change(each, b"new\n") for each in found])
        assert raised.value.hint == "DEVENV_DATA=FOLDER names another place for it"
        assert store.replace(found[0], b"new\n")


def test_a_store_that_only_reads_remembers_what_would_be_written(file: Path) -> None:
    store = ReadOnlyStore()
    with store.locked([file]):
        found = store.read(file)
        assert store.replace(found, b"new\n") is True
        assert store.replace(found, b"old\n") is False
    assert [(change.snapshot.path, change.data) for change in store.written] == [(str(file), b"new\n")]
    assert file.read_text() == "old\n"


def test_one_process_may_lock_one_folder_under_several_names(store: Store, file: Path) -> None:
    link = file.parent.parent / "same"
    link.symlink_to("files")
    with store.locked([file, link / "b.txt", file.parent / "c.txt"]):
        assert beside(file) == ["a.txt"]
    with pytest.raises(ConflictError), store.locked([file]), Store(patience=0).locked([link / "x"]):
        pass


def test_leftovers_of_another_computer_stay(store: Store, file: Path) -> None:
    (file.parent / temporary.fresh_name()).write_text("")
    (file.parent / ".devenv-edit-00000000-0000000000000000").write_text("")
    with store.locked([file]):
        assert beside(file) == [".devenv-edit-00000000-0000000000000000", "a.txt"]


def test_an_error_while_writing_leaves_nothing(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = store.read(file)

    def interrupt(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.replace(found, b"new\n")
    monkeypatch.undo()
    assert file.read_text() == "old\n"
    assert beside(file) == ["a.txt"]


@pytest.mark.parametrize(
    ("now", "between"),
    [
        (b"", False),
        (b"aaaa", True),
        (b"bbbbbb", True),
        (b"bbaa", True),
        (b"bbaa\0\0", True),
        (b"bbbbb", True),
        (b"xaaa", False),
        (b"aaaaaaa", False),
    ],
)
def test_a_half_written_file_is_told_from_one_that_others_changed(now: bytes, between: bool) -> None:
    assert is_between(now, b"aaaa", b"bbbbbb") is between
    padding = b"same" * 3000
    assert is_between(padding + now, padding + b"aaaa", padding + b"bbbbbb") is between


@pytest.mark.starts_programs
def test_what_an_edit_of_a_small_file_does_not_load(file: Path) -> None:
    program = f"""
import sys
sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})
from devenv.editor import batch
from devenv.editor.store import Store
store = Store()
with store.locked([{str(file)!r}]):
    store.replace(store.read({str(file)!r}), b"new")
store.recover()
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    slow = {"pathlib", "dataclasses", "json", "glob", "difflib", "tempfile", "random", "shutil", "subprocess", "typer"}
    assert not slow & set(done.stdout.split())
    assert "devenv.editor.journal" not in done.stdout.split()


def test_a_hundred_megabytes_are_read_at_once_and_spliced_without_a_copy(tmp_path: Path) -> None:
    import tracemalloc

    big = tmp_path / "big"
    size = 100 << 20
    with big.open("wb") as out:
        out.truncate(size)
    tracemalloc.start()
    try:
        store = Store(durable=False)
        found = store.read(big)
        view = memoryview(found.data)
        store.replace(found, [view[:1000], b"changed", view[1000:]])
        assert tracemalloc.get_traced_memory()[1] < size + (4 << 20)
    finally:
        tracemalloc.stop()
    assert big.stat().st_size == size + 7
    assert snapshot.read(str(big)).data[990:1010] == b"\0" * 10 + b"changed\0\0\0"
