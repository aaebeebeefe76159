"""devenv config beside the others: whole processes, each on a file of its own, each run checked for its edit."""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from benchmarks import rivals
from benchmarks.contest import Contender, Faster, NotDone, Outcome, Under, Within, hold
from benchmarks.scratch import devenv

KILOBYTE = 1000
MEGABYTE = 1000 * KILOBYTE

RECORD = '  {"id": %d, "name": "user %d", "tags": ["a", "b"], "nested": {"x": 1.5, "y": null}, "k": "abc"}'
YAML_RECORD = "- id: {0}\n  name: user {0}  # as it was\n  tags: [a, b]\n  nested:\n    x: 1.5\n    y: null\n"

YAML_FLOW = "  k{0}: {{x: 1, y: [a, b, c], name: user {0}, q: 'hi, there'}},\n"
YAML_MERGED = "k{0}:\n  <<: *base\n  name: user {0}\n  z: {0}\n"


def all_outcomes(runs: int, say: Callable[[str], None]) -> Iterator[Outcome]:
    """Measure every row; runs is for the usual ones, the large files take a third, small ones three times it."""
    rivals.install()
    with tempfile.TemporaryDirectory(prefix="devenv-bench-") as folder:
        contest = _Contest(Path(folder), say)
        yield from contest.small(3 * runs)
        yield from contest.large(max(3, runs // 3))
        yield from contest.others(max(3, runs // 2))
        yield from contest.many(max(3, runs // 3))


class _File:
    """A file that is edited again and again, every time to another value."""

    def __init__(self, path: Path, parts: Iterable[str]) -> None:
        self.path = path
        self.number = 0
        # in parts: what this process once held in memory counts for the programs it starts
        with path.open("w", encoding="utf-8") as handle:
            handle.writelines(parts)

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def next(self) -> str:
        self.number += 1
        return f"value{self.number}"


class _Contest:
    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.say = say
        self.peaks: dict[str, list[float]] = {}

    # what is edited

    def json(self, name: str, size: int) -> _File:
        count = max(1, size // 96)
        records = (RECORD % (number, number) + (",\n" if number < count - 1 else "\n") for number in range(count))
        return _File(self.folder / name, chain(['{"users": [\n'], records, ['], "b": {"c": {"d": "old"}}}\n']))

    def flat(self, name: str, keys: int) -> _File:
        lines = (f'  "key {number}": "value {number}",\n' for number in range(keys))
        return _File(self.folder / name, chain(["{\n"], lines, ['  "b": {"c": {"d": "old"}}\n}\n']))

    # who edits

    def run(self, command: str, file: _File, argv: Callable[[str], list[str]], *, stdout: bool = False) -> Contender:
        """Return a contender: argv gets the value to set; with stdout the program prints the edited text."""

        def once() -> float:
            value = file.next()
            out = file.path.with_suffix(".out") if stdout else Path(os.devnull)
            seconds, peak = _measured(argv(value), out)
            self.peaks.setdefault(command, []).append(peak)
            # what the others print has another layout and size: the file stays as it is
            if not _holds(out if stdout else file.path, value):
                raise NotDone(f"{command} did not set {value}")
            return seconds

        return Contender(command, once)

    def ours(self, file: _File, label: str, path: str = "b.c.d") -> Contender:
        return self.run(
            f"devenv config set, {label}",
            file,
            lambda value: [*devenv(), "config", "set", "-q", str(file.path), f"{path}={value}"],
        )

    def jq(self, name: str, file: _File, label: str) -> Contender:
        program = rivals.program(name)
        words = ["-y"] if name == "yq" and file.path.suffix == ".yaml" else []
        return self.run(
            f"{name}, {label}",
            file,
            lambda value: [program, *words, f'.b.c.d = "{value}"', str(file.path)],
            stdout=True,
        )

    def _against(
        self, ours: Contender, other: Contender, runs: int, *, limit: float = 1.0, memory: bool = False
    ) -> Iterator[Outcome]:
        yield hold(ours, other, Faster(limit), runs=runs, progress=self.say)
        if memory:
            less, more = (self.peaks[side.command][-runs:] for side in (ours, other))
            yield Outcome(f"memory of {ours.command}", other.command, _Smaller(), less, more, "MiB")

    # the rows

    def small(self, runs: int) -> Iterator[Outcome]:
        file = self.json("small.json", KILOBYTE)
        ours = self.ours(file, "1 KB JSON")
        pass_ = Contender("python3 -c pass", lambda: _measured([sys.executable, "-c", "pass"], Path(os.devnull))[0])
        yield hold(ours, pass_, Within(0.025), runs=runs, progress=self.say)
        script = rivals.folder() / "set.js"
        node = rivals.program("node")
        yield from self._against(
            ours,
            self.run(
                "node jsonc-parser, 1 KB JSON", file, lambda value: [node, str(script), str(file.path), "b.c.d", value]
            ),
            runs,
        )
        yield from self._against(ours, self.jq("yq", file, "1 KB JSON"), runs)
        yaml_set = rivals.program("yaml-set")
        yield from self._against(
            ours,
            self.run("yaml-set, 1 KB JSON", file, lambda value: [yaml_set, "-g", "b.c.d", "-a", value, str(file.path)]),
            max(3, runs // 2),
        )
        yield from self.sections(runs)

    def sections(self, runs: int) -> Iterator[Outcome]:
        sections = "".join(f"[section {number}]\n; of it\nkey = value\nother = {number}\n\n" for number in range(140))
        ini = _File(self.folder / "app.ini", [sections, "[last]\nd = old\n"])
        ours = self.ours(ini, "7 KB INI", "last.d")
        crudini, augtool = rivals.program("crudini"), rivals.program("augtool")
        yield from self._against(
            ours,
            self.run("crudini, 7 KB INI", ini, lambda value: [crudini, "--set", str(ini.path), "last", "d", value]),
            runs,
        )
        base = ["--noautoload", "--transform", f"MySQL.lns incl {ini.path}"]
        yield from self._against(
            ours,
            self.run(
                "augtool, 7 KB INI",
                ini,
                lambda value: [augtool, *base, "--autosave", "set", f"/files{ini.path}/target[. = 'last']/d", value],
            ),
            runs,
        )

    def large(self, runs: int) -> Iterator[Outcome]:
        medians: dict[int, float] = {}
        sizes: dict[int, int] = {}
        for megabytes in (1, 10, 100):
            file = self.json(f"large{megabytes}.json", megabytes * MEGABYTE)
            sizes[megabytes] = file.size
            ours = self.ours(file, f"{megabytes} MB JSON")
            every: list[float] = []
            for name in ("jq", "gojq", "jaq"):
                # no limit is set for 1 MB, where the start of Python weighs most
                limit = 0.0 if megabytes == 1 else 1.0
                other = self.jq(name, file, f"{megabytes} MB JSON")
                for outcome in self._against(ours, other, runs, limit=limit, memory=megabytes > 1):
                    yield outcome
                    every += outcome.ours if outcome.unit == "s" else []
            medians[megabytes] = statistics.median(every)
            if megabytes == 100:
                yield Outcome(ours.command, "-", Under(1.1), every, [])
                peaks = self.peaks[ours.command]
                yield Outcome(f"memory of {ours.command}", "-", _Under(350), peaks, [], "MiB")
            file.path.unlink()
        growth = medians[100] / medians[10] / (sizes[100] / sizes[10])
        yield Outcome("devenv config set, 100 MB for 10 MB, per byte", "-", _Linear(), [growth], [], "times")
        flat = self.flat("flat.json", 100_000)
        ours = self.ours(flat, "100,000 keys")
        outcome = hold(ours, self.jq("jq", flat, "100,000 keys"), Faster(1), runs=runs, progress=self.say)
        yield outcome

    def others(self, runs: int) -> Iterator[Outcome]:
        records = "".join(YAML_RECORD.format(number) for number in range(MEGABYTE // 88))
        text = "users:\n" + records + "b:\n  c:\n    d: old\n"
        file = _File(self.folder / "large.yaml", [text])
        ours = self.ours(file, "1 MB YAML")
        yield hold(ours, None, Under(0.5), runs=runs, progress=self.say)
        yield from self._against(ours, self.jq("yq", file, "1 MB YAML"), 3)
        yield from self.shapes(runs)

    def shapes(self, runs: int) -> Iterator[Outcome]:
        """YAML that is not lines of keys: one flow collection, and a merge key in every entry."""
        lines = "".join(YAML_FLOW.format(number) for number in range(MEGABYTE // 63))
        merged = "".join(YAML_MERGED.format(number) for number in range(MEGABYTE // 48))
        texts = {
            "one flow collection": "{\n" + lines + "  b: {c: {d: old}}\n}\n",
            "merge keys": "base: &base\n  x: 1\n" + merged + "b:\n  c:\n    d: old\n",
        }
        for number, (label, text) in enumerate(texts.items()):
            file = _File(self.folder / f"shape{number}.yaml", [text])
            yield hold(self.ours(file, f"1 MB YAML, {label}"), None, Under(0.5), runs=runs, progress=self.say)

    def many(self, runs: int) -> Iterator[Outcome]:
        keys = 20
        for count in (1, 100):
            text = json.dumps({f"k{key}": "x" * 30 for key in range(keys)}, indent=2)
            files = [_File(self.folder / f"many{count}-{number}.json", [text]) for number in range(count)]
            where = "one file" if count == 1 else f"{count} files"
            yield hold(self._apply(files, where, keys), None, Under(0.5), runs=runs, progress=self.say)
        few: dict[str, object] = {"b": {"x": 1}}
        all_of_them = few | {f"k{number}": {"v": number} for number in range(1000)}
        for what, before, after, verb in [
            ("new keys", few, all_of_them, "set"),
            ("keys taken out", all_of_them, few, "unset"),
        ]:
            yield hold(self._come_and_go(what, before, after, verb), None, Under(0.5), runs=runs, progress=self.say)

    def _come_and_go(self, what: str, before: dict[str, object], after: dict[str, object], verb: str) -> Contender:
        file, edits = self.folder / "come-and-go.json", self.folder / "edits.json"
        command = f"devenv config apply, 1,000 {what}, one file"
        todo = [{verb: key} | ({"value": after[key]} if key in after else {}) for key in before.keys() ^ after.keys()]

        def once() -> float:
            file.write_text(json.dumps(before, indent=2), encoding="utf-8")
            edits.write_text(json.dumps({"version": 1, "files": {str(file): todo}}), encoding="utf-8")
            seconds, _ = _measured([*devenv(), "config", "apply", "-q", str(edits)], Path(os.devnull))
            if json.loads(file.read_text(encoding="utf-8")) != after:
                raise NotDone(f"{command} did not make its edits")
            return seconds

        return Contender(command, once)

    def _apply(self, files: list[_File], where: str, keys: int) -> Contender:
        edits = self.folder / "edits.json"
        command = f"devenv config apply, 1,000 edits in {where}"

        def once() -> float:
            value = files[0].next()
            each = 1000 // len(files)
            wanted = {
                str(file.path): [{"set": f"k{number % keys}", "value": f"{value} {number}"} for number in range(each)]
                for file in files
            }
            edits.write_text(json.dumps({"version": 1, "files": wanted}), encoding="utf-8")
            seconds, _ = _measured([*devenv(), "config", "apply", "-q", str(edits)], Path(os.devnull))
            if any(f"{value} {each - 1}" not in file.path.read_text(encoding="utf-8") for file in files):
                raise NotDone(f"{command} did not make its edits")
            return seconds

        return Contender(command, once)


class _Smaller:
    """Less memory."""

    text = "less memory"

    def result(self, ours: float, theirs: float) -> str:
        return f"{ours / theirs:.0%} of it"

    def met(self, ours: float, theirs: float) -> bool:
        return ours < theirs


class _Under:
    """Less than so many MiB."""

    def __init__(self, mebibytes: float) -> None:
        self.mebibytes = mebibytes
        self.text = f"under {mebibytes:g} MiB"

    def result(self, ours: float, theirs: float) -> str:
        return f"{ours:.0f} MiB"

    def met(self, ours: float, theirs: float) -> bool:
        return ours < self.mebibytes


class _Linear:
    """Ten times the bytes, at most eleven times the time."""

    text = "at most 1.1"

    def result(self, ours: float, theirs: float) -> str:
        return f"{ours:.2f}"

    def met(self, ours: float, theirs: float) -> bool:
        return ours <= 1.1


def _measured(argv: list[str], out: Path) -> tuple[float, float]:
    """Run argv with its output in a file; return seconds and the peak of its memory in MiB."""
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    errors = os.open(os.devnull, os.O_WRONLY)
    try:
        started = time.perf_counter()
        actions = [(os.POSIX_SPAWN_DUP2, descriptor, 1), (os.POSIX_SPAWN_DUP2, errors, 2)]
        pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
        _, status, usage = os.wait4(pid, 0)
        seconds = time.perf_counter() - started
    finally:
        os.close(descriptor)
        os.close(errors)
    if os.waitstatus_to_exitcode(status) != 0:
        raise NotDone(f"{' '.join(argv[:3])} ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_maxrss / 1024


def _holds(file: Path, value: str) -> bool:
    """Say whether a value stands in the first or the last bytes of a file: gojq puts keys in the order of letters."""
    with file.open("rb") as handle:
        first = handle.read(200)
        handle.seek(max(0, file.stat().st_size - 200))
        return value.encode() in first + handle.read()
