"""Edits of files that are killed, or refused by the system, at every one of their system calls.

A worker edits files under strace, which kills it (SIGKILL) as it enters one call, or makes that call fail. The worker
looks for a file of the name MARK when its modules are loaded: what follows is the edit.
"""

import atexit
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

CHECKOUT = Path(__file__).resolve().parents[2]
MARK = "/the-edit-begins-here"
OLD = {"a": "old a\n" * 900, "b": "old b\n", "sub/c": "old c\n" * 2000, "linked": "old and longer\n" * 700}
NEW = {"a": "new a\n", "b": "new b\n" * 900, "sub/c": "new c\n" * 2000, "linked": "new\n" * 500, "made": "new file\n"}

PROLOGUE = f"""
import binascii, json, os, sys
sys.path.insert(0, {str(CHECKOUT)!r})
from devenv import paths
from devenv.editor import journal, recovery
from devenv.editor.store import Change, Store
from devenv.errors import DevenvError
OLD, NEW = {OLD!r}, {NEW!r}
store = Store(tell=lambda line: None)
try:
    os.stat({MARK!r})
except OSError:
    pass
"""

EPILOGUE = """
except DevenvError as exc:
    print(f"{type(exc).__name__}: {exc}")
    sys.exit(exc.code)
"""

REPLACE = """
with store.locked(["a"]):
    store.replace(store.read("a"), NEW["a"].encode())
"""
BACK_UP = REPLACE.replace(".encode())", ".encode(), backup=True)")
MAKE = """
with store.locked(["made"]):
    store.replace(store.read("made", missing_ok=True), NEW["made"].encode())
"""
IN_PLACE = """
with store.locked(["linked"]):
    store.replace(store.read("linked"), NEW["linked"].encode(), in_place=True)
"""
GROW_IN_PLACE = IN_PLACE.replace("linked", "b")
MANY = """
with store.locked(NEW):
    found = {name: store.read(name, missing_ok=True) for name in NEW}
    store.replace_all([Change(found[name], [NEW[name].encode()], name == "linked", name == "a") for name in NEW])
"""
NEXT = """
with store.locked(["other"]):
    store.replace(store.read("other"), b"next\\n")
"""


@functools.cache
def compiled() -> str:
    """Return a folder with all modules that a worker loads, compiled."""
    folder = tempfile.mkdtemp(prefix="devenv-compiled-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run([sys.executable, "-X", f"pycache_prefix={folder}", "-I", "-S", "-c", PROLOGUE], check=True)
    return folder


class Place:
    """A folder with files to edit, and one worker's life in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "files"
        self.data = folder / "data"
        self.trace = folder / "trace"
        self.run: subprocess.CompletedProcess[str] | None = None
        (self.folder / "sub").mkdir(parents=True)
        for name, text in OLD.items():
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o640)
        (self.folder / "second name").hardlink_to(self.folder / "linked")
        (self.folder / "other").write_text("other\n")

    def work(self, body: str, *strace: str) -> "subprocess.CompletedProcess[str]":
        program = f"{PROLOGUE}\ntry:\n{textwrap.indent(body, '    ')}\n{EPILOGUE}"
        # with modules that are all compiled already each run has the same calls
        worker = [sys.executable, "-B", "-X", f"pycache_prefix={compiled()}", "-I", "-S", "-c", program]
        argv = ["strace", "-qq", "-o", str(self.trace), *strace, "--", *worker] if strace else worker
        env = {**os.environ, "DEVENV_DATA": str(self.data)}
        return subprocess.run(argv, cwd=self.folder, env=env, capture_output=True, text=True, timeout=60, check=False)

    def recover(self) -> None:
        """Edit another file, as the next devenv config does."""
        done = self.work(NEXT)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (self.folder / "other").read_text() == "next\n"

    def files(self) -> dict[str, str]:
        found = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                found[str(path.relative_to(self.folder))] = path.read_text()
        return found

    def state(self, *names: str) -> str:
        """Say whether files are all old or all new, that nothing else is there, and that the modes are kept."""
        found = self.files()
        extra = set(found) - set(OLD) - {"second name", "other", "made"}
        assert all(re.fullmatch(r"a\.~\d~", name) and found[name] == OLD["a"] for name in extra), extra
        assert found["second name"] == found["linked"]
        assert all(found[name] == OLD[name] for name in OLD if name not in names)
        for name in set(found) & set(OLD):
            assert (self.folder / name).stat().st_mode & 0o7777 == 0o640, name
        texts = {name: found.get(name) for name in names}
        if texts == {name: OLD.get(name) for name in names}:
            return "old"
        assert texts == {name: NEW[name] for name in names}, {name: (text or "")[:20] for name, text in texts.items()}
        return "new"

    def state_now(self, names: list[str]) -> str:
        """Say whether files are all old or all new, whatever else is there."""
        found = self.files()
        texts = {name: found.get(name) for name in names}
        if texts == {name: OLD.get(name) for name in names}:
            return "old"
        return "new" if texts == {name: NEW[name] for name in names} else "neither"

    def journals(self) -> list[str]:
        return [path.name for path in self.data.rglob("*") if path.is_file()]


def calls(place: Place, body: str) -> Iterator[tuple[str, int]]:
    """Run the worker once; yield each system call of its edit by its name and how often it came until then."""
    done = place.work(body, "-e", "trace=all")
    assert done.returncode in (0, 4), done.stdout + done.stderr
    counted: Counter[str] = Counter()
    begun = False
    for line in place.trace.read_text(errors="replace").splitlines():
        found = re.match(r"(\w+)\(", line)
        if found is None:
            continue
        counted[found[1]] += 1
        if begun and found[1] not in ("brk", "mmap", "munmap", "exit_group"):
            yield found[1], counted[found[1]]
        begun = begun or MARK in line


def at_every_call(
    folder: Path,
    body: str,
    check: Callable[[Place], str],
    *,
    before: Callable[[Place], None] = lambda place: None,
    after: Callable[[Place], None] = lambda place: None,
) -> Counter[str]:
    """Kill the worker at every call of its edit, each time with fresh files; return how often check said what."""
    rehearsal = Place(folder / "rehearsal")
    before(rehearsal)
    try:
        points = list(calls(rehearsal, body))
    finally:
        after(rehearsal)

    def kill(numbered: tuple[int, tuple[str, int]]) -> str:
        number, (call, count) = numbered
        place = Place(folder / str(number))
        before(place)
        try:
            done = place.work(body, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={count}")
            assert done.returncode in (-9, 137), f"{call} {count}: {done.returncode} {done.stdout}{done.stderr}"
            said = check(place)
        finally:
            after(place)
        shutil.rmtree(place.folder)
        return said

    with ThreadPoolExecutor(2) as pool:
        return Counter(pool.map(kill, enumerate(points)))


@pytest.mark.parametrize(
    ("body", "name"), [(REPLACE, "a"), (BACK_UP, "a"), (MAKE, "made")], ids=["replace", "backup", "make"]
)
def test_a_file_killed_at_any_call_is_the_old_or_the_new_one_at_once(tmp_path: Path, body: str, name: str) -> None:
    def check(place: Place) -> str:
        at_once = place.files().get(name)
        place.recover()
        # recovery does nothing to it but to clear up
        assert place.files().get(name) == at_once
        return place.state(name)

    said = at_every_call(tmp_path, body, check)
    assert said["old"] > 10
    assert said["new"] >= 2


@pytest.mark.parametrize(("body", "name"), [(IN_PLACE, "linked"), (GROW_IN_PLACE, "b")], ids=["shorter", "longer"])
def test_a_file_written_in_place_is_the_old_or_the_new_one_after_the_next_run(
    tmp_path: Path, body: str, name: str
) -> None:
    between = []

    def check(place: Place) -> str:
        if place.files()[name] not in (OLD[name], NEW[name]):
            between.append(place)
        place.recover()
        assert place.journals() == []
        return place.state(name)

    said = at_every_call(tmp_path, body, check)
    assert said["old"] > 10
    assert said["new"] > 5
    assert between, "no kill met the file half written: this test tests nothing"


def test_many_files_killed_at_any_call_are_all_old_or_all_new_after_the_next_run(tmp_path: Path) -> None:
    mixed = []

    def check(place: Place) -> str:
        found = place.files()
        if len({found.get(name) == NEW[name] for name in NEW}) == 2:
            mixed.append(place)
        place.recover()
        assert place.journals() == []
        said = place.state(*NEW)
        assert ("a.~1~" in place.files()) is (said == "new")
        return said

    said = at_every_call(tmp_path, MANY, check)
    assert said["old"] > 50
    assert said["new"] > 20
    assert mixed, "no kill came between two files: this test tests nothing"


def killed_half_way(place: Place) -> None:
    """Kill an edit of many files after its second file has its name."""
    points = [point for point in calls_of_many(place) if point[0].startswith("rename")]
    call, count = points[2]
    done = place.work(MANY, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={count}")
    assert done.returncode in (-9, 137)
    assert len({place.files().get(name) == NEW[name] for name in NEW}) == 2


_points: list[tuple[str, int]] = []


def calls_of_many(place: Place) -> list[tuple[str, int]]:
    if not _points:
        _points.extend(calls(Place(place.folder.parent / "points"), MANY))
    return _points


def test_recovery_itself_may_be_killed_at_any_call(tmp_path: Path) -> None:
    def check(place: Place) -> str:
        place.recover()
        assert place.journals() == []
        return place.state(*NEW)

    said = at_every_call(tmp_path, "store.recover()", check, before=killed_half_way)
    assert set(said) == {"new"}
    assert said["new"] > 40


def test_what_others_changed_after_the_kill_is_theirs_and_the_rest_is_finished(tmp_path: Path) -> None:
    place = Place(tmp_path)
    killed_half_way(place)
    (place.folder / "linked").write_text("theirs\n")
    theirs = place.folder / "sub/c"
    assert theirs.read_text() == OLD["sub/c"]
    theirs.write_text("theirs too\n")
    done = place.work("Store(tell=print).recover()")
    left_out = "was changed after an edit of it was killed; that edit is left out there"
    assert done.stdout.splitlines() == [
        f"{theirs} {left_out}",
        f"{place.folder / 'linked'} {left_out}",
        "finished an edit of 6 files that was killed",
    ]
    wanted = {**NEW, "sub/c": "theirs too\n", "linked": "theirs\n", "second name": "theirs\n"}
    assert place.files() == {**wanted, "other": "other\n", "a.~1~": OLD["a"]}
    assert place.journals() == []


def with_a_mount(place: Place) -> None:
    """Make one file of many a mount point, which nothing can take the name of."""
    aside = place.folder.parent / "aside"
    aside.write_text(OLD["sub/c"])
    aside.chmod(0o640)
    subprocess.run(["mount", "--bind", str(aside), str(place.folder / "sub/c")], check=True)


def unmount(place: Place) -> None:
    subprocess.run(["umount", str(place.folder / "sub/c")], check=True)


def test_when_one_of_many_files_cannot_be_replaced_all_are_put_back_and_the_error_names_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with_a_mount(place)
    try:
        done = place.work(MANY)
        assert done.returncode == 4
        assert done.stdout == (
            "FileError: sub/c cannot be replaced: the system holds it (a file mounted by itself, as in a container)\n"
        )
        assert place.state(*NEW) == "old"
        assert "a.~1~" not in place.files()
        assert place.journals() == []
        done = place.work(MANY.replace('name == "linked"', "True"))
        assert done.returncode == 0, done.stdout + done.stderr
        assert place.state(*NEW) == "new"
    finally:
        unmount(place)


def test_putting_back_may_be_killed_at_any_call(tmp_path: Path) -> None:
    def check(place: Place) -> str:
        place.recover()
        assert place.journals() == []
        return place.state(*NEW)

    said = at_every_call(tmp_path, MANY, check, before=with_a_mount, after=unmount)
    assert set(said) == {"old"}
    assert said["old"] > 100


@pytest.mark.parametrize(
    ("body", "names", "error"),
    [
        (REPLACE, ["a"], "EIO"),
        (REPLACE, ["a"], "EACCES"),
        (BACK_UP, ["a"], "ENOSPC"),
        (MAKE, ["made"], "EIO"),
        (GROW_IN_PLACE, ["b"], "ENOSPC"),
        (MANY, list(NEW), "EIO"),
    ],
    ids=["replace", "not permitted", "backup", "make", "in place", "many"],
)
def test_when_any_call_fails_files_are_whole_and_the_error_is_one_line(
    tmp_path: Path, body: str, names: list[str], error: str
) -> None:
    rehearsal = Place(tmp_path / "rehearsal")
    outcomes: Counter[str] = Counter()

    def fail(numbered: tuple[int, tuple[str, int]]) -> str:
        number, (call, count) = numbered
        place = Place(tmp_path / str(number))
        done = place.work(body, "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={count}")
        at_once = place.state_now(names)
        place.recover()
        assert place.state(*names) == at_once, f"{call} {count}"
        told = not done.stderr and done.stdout.count("\n") == (1 if done.returncode else 0)
        shutil.rmtree(place.folder)
        return f"{at_once}, exit {done.returncode}" if told else f"{call} {count}: {done.stdout}{done.stderr}"

    with ThreadPoolExecutor(2) as pool:
        outcomes.update(pool.map(fail, enumerate(calls(rehearsal, body))))
    # the last: the file has its name, but its folder could not be brought to the disk
    assert set(outcomes) <= {"old, exit 4", "old, exit 9", "new, exit 0", "new, exit 4"}
    assert outcomes["old, exit 4"] > 10
    assert outcomes["new, exit 0"] > 2
    assert outcomes["new, exit 4"] < outcomes["old, exit 4"] / 4
