"""The file of ``devenv config apply``: many edits over many files, as YAML or as JSON of the same shape.

::

    version: 1
    files:
      package.json:
        - set: scripts.test
          value: node --test      # typed as YAML types it; type: string and the like settle it
        - unset: private          # or a list of paths
        - append: files
          values: [dist]          # unique: true, at: 0, before: x, after: x
        - merge: compilerOptions  # "" merges into the whole file
          value: {strict: true}   # arrays: replace, append or unique
      "conf.d/*.ini":             # a glob: every file it matches
        - set: main.debug
          value: false
          format: ini             # or lens: Puppet.lns; augeas: true for Augeas's own path expressions

``set`` and ``merge`` take ``force: true``. All edits of one file share its format and lens. Words such as ``yes`` and
dates are text; aliases are not taken.
"""

from collections.abc import Callable, Iterator
from typing import Any

from devenv.editor import formats
from devenv.editor.batch import FileEdits
from devenv.editor.document import Format
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.values import SCALARS, TYPES, Literal, Number, Untyped, Value, kind_of, scalar_to_json, shown
from devenv.errors import ConfigError, EditError, ParseError, Problem

DEEPEST = 200
"""Levels of a value; what writes values goes down by recursion."""

_COMMON = ("format", "lens", "augeas")
_KEYS = {
    "set": ("value", "type", "force"),
    "unset": (),
    "append": ("value", "values", "unique", "at", "before", "after", "type"),
    "merge": ("value", "arrays", "force"),
}
_ARRAYS = ("replace", "append", "unique")
_KINDS = {"string": "text", "bool": "true or false", "object": "a mapping", "array": "a list", "number": "a number"}


def read_edits(data: bytes, name: str) -> list[FileEdits]:
    """Return what a file of edits asks for; ConfigError with every problem and its place when it is none.

    name is the file's, for messages.
    """
    if data.lstrip()[:1] == b"{":
        try:
            tree: Node | None = _of_json(data)
        except (ValueError, EditError, RecursionError):
            if name.endswith(".json"):
                raise _not_json(data, name) from None
            tree = None
        if tree is not None:
            reader = _Reader(name)
            found = reader.document(tree)
            if not reader.problems:
                return found
            try:
                # again, since YAML's parser knows the places
                tree = _of_yaml(data, name)
            except ConfigError:
                raise ConfigError(reader.problems) from None
            return _checked(tree, name)
    return _checked(_of_yaml(data, name), name)


def _not_json(data: bytes, name: str) -> ConfigError:
    """Return what is wrong with a file that says by its name that it is JSON: as YAML it may say something else."""
    from devenv.editor.jsontext.document import JsonText

    try:
        JsonText(data, comments=False)
    except ParseError as exc:
        return ConfigError([Problem(name, exc.line, exc.column, "", exc.reason)])
    return ConfigError([Problem(name, 1, 1, "", "this is not JSON that can be read")])


def _checked(tree: "Node", name: str) -> list[FileEdits]:
    reader = _Reader(name)
    found = reader.document(tree)
    if reader.problems:
        raise ConfigError(sorted(reader.problems, key=lambda problem: (problem.line, problem.column)))
    return found


class Node:
    """A value and where it stands; line and column count from 1, 0 is unknown."""

    __slots__ = ("column", "line", "repeated", "value")

    def __init__(self, value: Any, line: int = 0, column: int = 0) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.repeated: list[tuple[str, Node]] = []
        """Keys of a mapping that are there again."""

    def plain(self) -> Value:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value


# reading


def _of_json(data: bytes) -> Node:
    import json

    def pairs(found: list[tuple[str, Any]]) -> Node:
        node = Node({key: _wrapped(value) for key, value in found})
        if len(node.value) != len(found):
            keys = [key for key, _ in found]
            node.repeated = [(key, Node(None)) for key in node.value if keys.count(key) > 1]
        return node

    def refuse(word: str) -> None:
        raise ValueError(word)

    text = data.decode("utf-8-sig")
    return _wrapped(
        json.loads(text, object_pairs_hook=pairs, parse_int=Number, parse_float=Number, parse_constant=refuse)
    )


def _wrapped(value: Any) -> Node:
    if isinstance(value, Node):
        return value
    return Node([_wrapped(item) for item in value]) if isinstance(value, list) else Node(value)


def _of_yaml(data: bytes, name: str) -> Node:
    from devenv.editor.yaml import events

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise ConfigError([Problem(name, line, 1, "", "is not UTF-8 text")]) from None
    try:
        root = events.walk(text, _built)
    except ParseError as exc:
        raise ConfigError([Problem(name, exc.line, exc.column, "", exc.reason)]) from None
    assert isinstance(root, Node)
    return root


def _built(following: Callable[[], Any]) -> Node:
    """Return the tree of the one document the events are about."""
    from ruamel.yaml import events as kinds

    from devenv.editor.yaml.scalars import plain

    root: Node | None = None
    # what is open: each collection, and the key its next value goes under
    open_nodes: list[Node] = []
    keys: list[Node | None] = []

    def add(node: Node) -> None:
        nonlocal root
        if not open_nodes:
            if root is not None:
                raise ParseError("a second document", line=node.line, column=node.column)
            root = node
        elif isinstance(open_nodes[-1].value, list):
            open_nodes[-1].value.append(node)
        elif (key := keys[-1]) is None:
            if isinstance(node.value, dict | list):
                raise ParseError("a key is text", line=node.line, column=node.column)
            keys[-1] = node
        else:
            name = key.value if isinstance(key.value, str) else scalar_to_json(key.value)
            if name in open_nodes[-1].value:
                open_nodes[-1].repeated.append((name, key))
            open_nodes[-1].value[name] = node
            keys[-1] = None

    while (event := following()) is not None:
        kind = type(event)
        mark = event.start_mark
        if kind is kinds.ScalarEvent:
            value: Value = event.value
            if event.style in (None, "") and not event.tag:
                value = plain(event.value)
                if isinstance(value, Literal):
                    value = str(value)
            add(Node(value, mark.line + 1, mark.column + 1))
        elif kind is kinds.MappingStartEvent or kind is kinds.SequenceStartEvent:
            node = Node({} if kind is kinds.MappingStartEvent else [], mark.line + 1, mark.column + 1)
            add(node)
            open_nodes.append(node)
            keys.append(None)
            if len(open_nodes) > DEEPEST:
                raise ParseError(f"nested deeper than {DEEPEST} levels", line=node.line, column=node.column)
        elif kind is kinds.MappingEndEvent or kind is kinds.SequenceEndEvent:
            open_nodes.pop()
            keys.pop()
        elif kind is kinds.AliasEvent:
            raise ParseError("aliases are not taken here", line=mark.line + 1, column=mark.column + 1)
    return root or Node(None, 1, 1)


# checking


class _Reader:
    """Turns the tree into edits and collects what is wrong with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []

    def wrong(self, node: Node, key: str, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem(self.name, node.line, node.column, key, message, hint))

    def is_a(self, node: Node, kind: str, key: str) -> bool:
        """Say whether a node is of a kind, and note it when it is not."""
        if kind_of(node.value) == kind:
            return True
        self.wrong(node, key, f"is not {_KINDS[kind]}")
        return False

    def document(self, root: Node) -> list[FileEdits]:
        if not isinstance(root.value, dict):
            self.wrong(root, "", "is not a mapping with version and files")
            return []
        self.known(root, "", ("version", "files"))
        version = root.value.get("version")
        if version is None or version.value != Number("1") or not isinstance(version.value, Number):
            self.wrong(version or root, "version", "is missing or not 1", "this devenv reads version: 1")
        files = root.value.get("files")
        if files is None:
            self.wrong(root, "files", "is missing")
            return []
        if not self.is_a(files, "object", "files"):
            return []
        self.repeats(files, "files")
        return [self.file(file, node) for file, node in files.value.items()]

    def known(self, node: Node, key: str, names: tuple[str, ...]) -> None:
        """Note the keys of a mapping that are not among names, and those that are there twice."""
        self.repeats(node, key)
        for name, value in node.value.items():
            if name not in names:
                from difflib import get_close_matches

                near = get_close_matches(name, names, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(names)}"
                self.wrong(value, _below(key, name), "is not known", hint)

    def repeats(self, node: Node, key: str) -> None:
        for name, place in node.repeated:
            self.wrong(place if place.line else node, _below(key, name), "is there twice")

    def file(self, file: str, node: Node) -> FileEdits:
        key = f"files.{file}"
        edits: list[Edit] = []
        ways: dict[tuple[Format | None, bool], None] = {}
        if self.is_a(node, "array", key):
            items = [item.value for item in node.value if isinstance(item.value, dict)]
            augeas = any("augeas" in item and item["augeas"].value is True for item in items)
            for index, item in enumerate(node.value):
                place = f"{key}[{index}]"
                if self.is_a(item, "object", place):
                    edits += self.edit(item, place, augeas=augeas)
                    ways[self.format(item, place), self.option(item, place, "augeas", "bool") or False] = None
        chosen = [way for way in ways if way != (None, False)] or [(None, False)]
        if len(chosen) > 1:
            self.wrong(node, key, "has edits with several formats, lenses or path languages", "one file, one format")
        return FileEdits(file, edits, *chosen[0])

    def format(self, item: Node, place: str) -> Format | None:
        """Return the format an edit names, or that of its lens; None when it names none or one there is not."""
        lens = self.option(item, place, "lens", "string")
        name = self.option(item, place, "format", "string")
        if lens is not None:
            return formats.of_lens(lens)
        if name is None:
            return None
        try:
            return formats.named(name)
        except EditError as exc:
            self.wrong(item.value["format"], f"{place}.format", exc.message, exc.hint)
            return None

    def option(self, item: Node, place: str, name: str, kind: str) -> Any:
        """Return an optional value of a kind; None when it is not there or noted as wrong."""
        node = item.value.get(name)
        if node is None or not self.is_a(node, kind, _below(place, name)):
            return None
        return node.value

    def word(self, item: Node, place: str, name: str, words: tuple[str, ...]) -> str | None:
        """Return an optional word of a list."""
        found = self.option(item, place, name, "string")
        if found is not None and found not in words:
            self.wrong(item.value[name], _below(place, name), f"is not one of {', '.join(words)}")
        return found  # type: ignore[no-any-return]

    def path(self, node: Node, key: str, *, augeas: bool) -> None:
        """Note what no file takes as a path; whether one of Augeas is meant may depend on the file's format."""
        from devenv.editor import keypath

        try:
            path = keypath.parse(node.value, tree=True, augeas=augeas)
            if path.language == "jsonpath" and path.query is not None:
                from devenv.editor import jsonpath

                jsonpath.parsed(path.query)
        except EditError as exc:
            self.wrong(node, key, exc.message, exc.hint)

    def edit(self, item: Node, place: str, *, augeas: bool) -> Iterator[Edit]:
        verbs = [verb for verb in _KEYS if verb in item.value]
        if len(verbs) != 1:
            # a misspelt verb is better told as such
            self.known(item, place, (*_KEYS, *(key for keys in _KEYS.values() for key in keys), *_COMMON))
            self.wrong(item, place, f"has {'more than ' if verbs else 'not '}one of {', '.join(_KEYS)}")
            return iter(())
        verb = verbs[0]
        self.known(item, place, (verb, *_KEYS[verb], *_COMMON))
        node = item.value[verb]
        paths = node.value if verb == "unset" and isinstance(node.value, list) else [node]
        for path in paths:
            if not self.is_a(path, "string", _below(place, verb)):
                return iter(())
            if path.value or verb != "merge":
                self.path(path, _below(place, verb), augeas=augeas)
        if verb == "unset":
            names = [path.value for path in paths]
            return iter([Unset(names[0], tuple(names[1:]))] if names else [])
        made = {"set": self.set, "append": self.append, "merge": self.merge}[verb](item, place, node.value)
        return iter([made] if made is not None else [])

    def needed(self, item: Node, place: str, name: str) -> Node | None:
        if name not in item.value:
            self.wrong(item, place, f"has no {name}")
            return None
        return item.value[name]  # type: ignore[no-any-return]

    def typed(self, node: Node, kind: str | None) -> Any:
        """Return a value; where a type is said, a scalar as text that the type settles."""
        value = node.plain()
        if kind is None or kind_of(value) not in SCALARS:
            return value
        return Untyped(value if isinstance(value, str) else scalar_to_json(value))

    def set(self, item: Node, place: str, path: str) -> Edit | None:
        kind = self.word(item, place, "type", TYPES)
        force = self.option(item, place, "force", "bool") or False
        node = self.needed(item, place, "value")
        return None if node is None else Set(path, self.typed(node, kind), kind, force)

    def merge(self, item: Node, place: str, path: str) -> Edit | None:
        arrays = self.word(item, place, "arrays", _ARRAYS) or "replace"
        force = self.option(item, place, "force", "bool") or False
        node = self.needed(item, place, "value")
        return None if node is None else Merge(path, node.plain(), arrays, force)

    def append(self, item: Node, place: str, path: str) -> Edit | None:
        kind = self.word(item, place, "type", TYPES)
        unique = self.option(item, place, "unique", "bool") or False
        at = self.option(item, place, "at", "number")
        if at is not None and (not at.lstrip("-").isdigit() or len(at) > 18):
            self.wrong(item.value["at"], _below(place, "at"), f"{shown(at)} is not a whole number")
            at = None
        if len([name for name in ("at", "before", "after") if name in item.value]) > 1:
            self.wrong(item, place, "has more than one of at, before, after")
        if "value" in item.value:
            nodes = [item.value["value"]]
            if "values" in item.value:
                self.wrong(item, place, "has both value and values")
        else:
            node = self.needed(item, place, "values")
            nodes = node.value if node is not None and self.is_a(node, "array", _below(place, "values")) else []
        marks = [item.value[name].plain() if name in item.value else None for name in ("before", "after")]
        where = int(at) if at is not None else None
        return Append(path, tuple(self.typed(node, kind) for node in nodes), unique, where, marks[0], marks[1], kind)


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
