"""What the editor promises of YAML with anchors, aliases, merge keys and several documents; PyYAML is the judge.

Its graph of nodes says where things stand, and so what an edit may change; its values say what did.
"""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import yaml

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.keypath import spelled
from devenv.editor.yaml import parts
from devenv.errors import EditError, ForceNeeded

YAML = formats.named("yaml")

Path = tuple[Any, ...]
WORDS = ["1", "2", "x", "two words", "'q'", "true", "null"]
KEYS = ["a", "b", "c", "d", "e"]


class Writer:
    """Writes texts in which much is shared."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0
        self.names: dict[str, str] = {}
        """The anchors so far, by name, with what stands at them: map, list of maps, or other."""

    def text(self) -> str:
        return "---\n".join(self.document() for _ in range(self.random.choice([1, 1, 1, 2])))

    def document(self) -> str:
        self.names = {}
        lines = [line for key in "pqrstuvw"[: self.random.randrange(3, 8)] for line in self.entry(key, 0, 2)]
        if self.random.random() < 0.3:
            lines.append("# the end")
        return "\n".join(lines) + "\n"

    def entry(self, key: str, column: int, depth: int) -> list[str]:
        head = " " * column + key + ":"
        kind = self.random.random()
        if self.names and kind < 0.2:
            return [f"{head} *{self.random.choice(list(self.names))}"]
        made = "m" if kind < 0.55 else "l" if kind < 0.75 else "s"
        if made == "s" or not depth:
            name, mark = self.anchor("s", 0.25)
            lines = [f"{head}{mark} {self.random.choice(WORDS)}"]
        else:
            flow = self.random.random() < 0.3
            maps = made == "l" and self.random.random() < 0.5
            name, mark = self.anchor("lm" if maps else made, 0.6)
            if flow:
                lines = [f"{head}{mark} {self.flow(made, depth, maps=maps)}"]
            else:
                body = self.map(column + 2, depth - 1) if made == "m" else self.list(column, depth - 1, maps=maps)
                lines = [head + mark + self.random.choice(["", "", "  # about it"]), *body]
        if name:
            self.names[name] = "lm" if made == "l" and depth and maps else made if depth else "s"
        return lines

    def anchor(self, kind: str, share: float) -> tuple[str, str]:
        if self.random.random() > share:
            return "", ""
        self.number += 1
        name = f"{kind}{self.number}"
        return name, f" &{name}"

    def of(self, *kinds: str) -> list[str]:
        return [name for name, kind in self.names.items() if kind in kinds]

    def keys(self, least: int = 1) -> list[str]:
        return sorted(self.random.sample(KEYS, self.random.randrange(least, 4)))

    def map(self, column: int, depth: int) -> list[str]:
        merge = self.merge()
        lines = [line for key in self.keys() for line in self.entry(key, column, depth)]
        if merge:
            lines = [" " * column + merge, *lines] if self.random.random() < 0.7 else [*lines, " " * column + merge]
        return lines

    def merge(self) -> str:
        maps, lists = self.of("m"), self.of("lm")
        chance = self.random.random()
        if maps and chance < 0.5:
            return f"<<: *{self.random.choice(maps)}"
        if maps and chance < 0.6:
            return f"<<: [*{self.random.choice(maps)}, *{self.random.choice(maps)}]"
        if lists and chance < 0.75:
            return f"<<: *{self.random.choice(lists)}"
        return "<<: {e: 7, d: 8}" if chance > 0.95 else ""

    def list(self, column: int, depth: int, *, maps: bool) -> list[str]:
        lines = []
        for _ in range(self.random.randrange(1, 4)):
            if maps:
                shared = self.of("m")
                item = f"*{self.random.choice(shared)}" if shared and self.random.random() < 0.5 else self.flow("m", 1)
                lines.append(" " * column + f"- {item}")
            elif depth and self.random.random() < 0.3:
                first, *more = self.map(column + 2, depth - 1)
                lines += [f"{' ' * column}- {first.strip()}", *more]
            elif self.names and self.random.random() < 0.3:
                lines.append(" " * column + f"- *{self.random.choice(list(self.names))}")
            else:
                lines.append(" " * column + f"- {self.random.choice(WORDS)}")
        return lines

    def flow(self, kind: str, depth: int, *, maps: bool = False) -> str:
        if kind == "l":
            items = [self.flow("m", 1) if maps else self.leaf() for _ in range(self.random.randrange(4))]
            return f"[{', '.join(items)}]"
        merge = self.merge() if depth > 1 else ""
        pairs = [f"{key}: {self.leaf()}" for key in self.keys(0)]
        return "{" + ", ".join([*([merge] if merge else []), *pairs]) + "}"

    def leaf(self) -> str:
        if self.names and self.random.random() < 0.25:
            return f"*{self.random.choice(list(self.names))} "
        return self.random.choice(WORDS)


def values(text: str) -> Any:
    """Return the documents as PyYAML has them: aliases and merge keys written out."""
    return list(yaml.load_all(text, yaml.CSafeLoader))


class Found(NamedTuple):
    """What one step leads to."""

    node: Any
    entry: Path
    """Where the entry stands that has it."""
    aliased: bool = False
    """It comes through a merge key from somewhere else."""
    through: tuple[Path, ...] = ()
    """The merge keys, and where what they merge stands."""


class Graph:
    """Where everything stands in a text."""

    def __init__(self, text: str) -> None:
        self.roots = list(yaml.compose_all(text, yaml.CSafeLoader))
        self.places: dict[int, Path] = {}
        """Each node's own place; an alias is the node it stands for, met before."""
        for index, root in enumerate(self.roots):
            self.note(root, (index,))

    def note(self, node: Any, at: Path) -> None:
        if id(node) in self.places:
            return
        self.places[id(node)] = at
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self.note(value, (*at, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self.note(value, (*at, index))

    def place(self, node: Any) -> Path:
        return self.places[id(node)]

    def step(self, node: Any, step: Any) -> "Found | None":
        at = self.place(node)
        if isinstance(node, yaml.SequenceNode):
            inside = isinstance(step, int) and step < len(node.value)
            return Found(node.value[step], (*at, step)) if inside else None
        if not isinstance(node, yaml.MappingNode):
            return None
        for key, value in node.value:
            if key.value == step and step != "<<":
                return Found(value, (*at, step))
        for key, value in node.value:
            if key.value != "<<":
                continue
            many = isinstance(value, yaml.SequenceNode)
            for index, source in enumerate(value.value if many else [value]):
                found = self.step(source, step)
                if found is not None:
                    own = ((*at, "<<"), (*at, "<<", index)) if many else ((*at, "<<"),)
                    through = ((*at, "<<"), self.place(value), *([self.place(source)] if many else ()))
                    aliased = self.place(value) != own[0] or self.place(source) != own[-1]
                    return Found(found.node, found.entry, aliased or found.aliased, (*through, *found.through))
        return None

    def looked(self, node: Any, step: Any) -> Iterator[Path]:
        """Yield where an entry would stand that came in the way of a merged one: in the map, or in another source."""
        yield self.place(node)
        if isinstance(node, yaml.SequenceNode):
            for source in node.value:
                yield from self.looked(source, step)
        elif isinstance(node, yaml.MappingNode):
            yield (*self.place(node), step)
            for key, value in node.value:
                if key.value == "<<":
                    yield from self.looked(value, step)

    def entries(self, path: Path) -> Iterator[Path]:
        """Yield the place of each entry that a path goes through."""
        node = self.roots[path[0]]
        yield (path[0],)
        for step in path[1:]:
            found = self.step(node, step)
            if found is None:
                return
            if found.through:
                yield from self.looked(node, step)
            yield from found.through
            yield found.entry
            node = found.node
            yield self.place(node)

    def changed_by(self, path: Path, edit: Edit) -> tuple[Path, bool]:
        """Return the place an edit at a path may change, and whether only with force."""
        node = self.roots[path[0]]
        shared = False
        for number, step in enumerate(path[1:], 1):
            last = number == len(path) - 1
            found = self.step(node, step)
            if found is not None and found.aliased:
                return (*self.place(node), step), True
            if found is None or (last and isinstance(edit, Unset)):
                inside = isinstance(node, yaml.SequenceNode)
                return self.place(node) if inside else (found.entry if found else (*self.place(node), step)), shared
            node = found.node
            shared = shared or self.place(node) != found.entry
        return self.place(node), shared


def leaves(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*at, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*at, index))
    else:
        yield at, value


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*at, key))


def value_at(value: Any, path: Path) -> Any:
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return LookupError
    return value


def an_edit(chance: random.Random, text: str) -> tuple[Path, Edit]:
    """Return an edit, and where it leads in the documents as PyYAML has them."""
    documents = values(text)
    path = chance.choice([path for path in paths(documents) if len(path) > 1])
    there = value_at(documents, path)
    value = chance.choice([1, 5, "new", [], [1], {}, {"a": 9}, {"n": {"m": 1}}, [{"a": 9}], [{"z": 1}, {}], None])
    kind = chance.random()
    if isinstance(there, dict) and kind < 0.3:
        path = (*path, chance.choice(["n", *KEYS]))
    elif isinstance(there, list) and kind < 0.2:
        path = (*path, len(there))
    name = spelled(path if len(documents) > 1 else path[1:])
    force = chance.random() < 0.5
    if kind > 0.8:
        return path, Unset(name)
    if (isinstance(there, list) and kind > 0.4) or kind > 0.75:
        return path, Append(name, (value,), at=0 if isinstance(there, list) and kind > 0.7 else None)
    if kind > 0.6:
        return path, Merge(name, {"m": value, "a": 1}, chance.choice(["replace", "append", "unique"]), force=force)
    return path, Set(name, value, force=force)


def run(text: str, *edits: Edit) -> str:
    return engine.apply(text.encode(), list(edits), YAML).data.decode()


def attempted(text: str, *edits: Edit) -> str | EditError:
    try:
        return run(text, *edits)
    except EditError as exc:
        return exc


def judge(text: str, done: str, path: Path, edit: Edit) -> None:
    """Fail when anything changed but what the edit was about, in it or wherever it is used."""
    was, now = values(text), values(done)
    before, after = Graph(text), Graph(done)
    steps = [(*path, key) for key in edit.value] if isinstance(edit, Merge) else [path]
    free = set()
    for each in steps:
        place, shared = before.changed_by(each, edit)
        free.add(place)
        if shared and value_at(was, each) != value_at(now, each):
            assert getattr(edit, "force", False), f"{each} was changed without force"
    for one, other, graph in ((was, now, before), (now, was, after)):
        for leaf, value in leaves(one):
            # what is anchored in what is set is used elsewhere, too
            if any(own[: len(place)] == place for own in graph.entries(leaf) for place in free):
                continue
            kept = value_at(other, leaf)
            if kept == value and type(kept) is type(value):
                continue
            # only what holds the place may be empty or nothing, before or after; a scalar there may give way
            assert any(place[: len(own)] == own for place in free for own in graph.entries(leaf)), leaf
            gives_way = one is was and (isinstance(edit, Merge) or getattr(edit, "force", False))
            assert value in ({}, [], None) or gives_way, leaf
    found = value_at(now, path)
    if isinstance(edit, Set):
        assert found == edit.value
    elif isinstance(edit, Unset):
        there = value_at(was, path[:-1])
        kept = [*there[: path[-1]], *there[path[-1] + 1 :]] if isinstance(there, list) else LookupError
        assert (value_at(now, path[:-1]) if isinstance(there, list) else found) == kept
    elif isinstance(edit, Append):
        there = value_at(was, path)
        old = there if isinstance(there, list) else []
        assert found == ([*edit.values, *old] if edit.at == 0 else [*old, *edit.values])


def at_work(seed: int) -> int:
    """Make a text and some edits, one by one and all at once; return how many were made."""
    chance = random.Random(seed)
    text = started = Writer(seed).text()
    edits: list[Edit] = []
    for _ in range(4):
        if not any(isinstance(document, dict | list) and document for document in values(text)):
            break
        path, edit = an_edit(chance, text)
        done = attempted(text, edit)
        if isinstance(done, EditError):
            refused(text, edit, done)
            continue
        judge(text, done, path, edit)
        text = done
        edits.append(edit)
    together = attempted(started, *edits)
    assert isinstance(together, str), (started, edits, together)
    # what is written first may be what the layout of all else is taken from
    assert values(together) == values(text)
    return len(edits)


def refused(text: str, edit: Edit, exc: EditError) -> None:
    """Fail when an edit was refused in passing, or where a hint about force is wrong: with it the edit is made."""
    assert "given up" not in exc.message, (text, edit, exc.message)
    assert "would not be YAML" not in exc.message, (text, edit, exc.message)
    if not isinstance(exc, ForceNeeded):
        return
    assert "force" in str(exc.hint)
    assert not isinstance(edit, Unset | Append)
    forced = attempted(text, edit._replace(force=True))
    if isinstance(edit, Merge) and isinstance(forced, EditError):
        # the next entry of what is merged may be one that force is no answer to
        assert not isinstance(forced, ForceNeeded), (text, edit)
    else:
        assert isinstance(forced, str), (text, edit, forced)
        assert forced != text


@pytest.mark.parametrize("seed", range(0, 500, 100))
def test_what_is_shared_changes_only_where_it_was_said(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    if seed % 200:
        # as large files are read
        monkeypatch.setattr(parts, "LARGE", 24)
        monkeypatch.setattr(parts, "PART", 16)
    assert sum(at_work(each) for each in range(seed, seed + 100)) > 150
