"""The heart of the editor: apply edits to a text, and look again before anybody may use the result."""

from __future__ import annotations

from devenv.editor import formats, keypath
from devenv.editor.document import Document, Format, Match, Step, Steps
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.keypath import KeyPath, as_index, spelled
from devenv.editor.ledger import Ledger
from devenv.editor.turns import ONE_AT_A_TIME
from devenv.editor.values import (
    SCALARS,
    Entries,
    Untyped,
    Value,
    alike,
    from_json,
    from_plain,
    kept,
    kind_of,
    same,
    settle,
)
from devenv.errors import EditError, ForceNeeded, PathNotFound
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any


class EditResult(Record):
    """What apply() gives: the text after the edits, the text before, and where they went."""

    data: bytes
    before: bytes
    touched: tuple[Steps, ...]

    @property
    def changed(self) -> bool:
        """True when any byte differs."""
        return self.data != self.before

    def diff(self, name: str) -> str:
        """Return a unified diff; "" when nothing changed."""
        from devenv.editor.diff import unified

        return unified(self.before, self.data, name)


def apply(data: bytes, edits: list[Edit], fmt: Format, *, augeas: bool = False) -> EditResult:
    """Return data with edits applied, the same data if nothing changes. Pure: no file is touched; threads take turns.

    The result is read back before it is returned: it parses, the targets have their values, all else is what it was,
    and applying the edits again changes nothing (but for an Append without unique). Raises ParseError when data is not
    in format fmt, EditError for all else; augeas says that all paths are Augeas expressions.
    """
    try:
        with ONE_AT_A_TIME:
            return _applied(data, edits, fmt, augeas=augeas)
    except RecursionError:
        raise EditError("that is nested too deep to be edited") from None


def _applied(data: bytes, edits: list[Edit], fmt: Format, *, augeas: bool) -> EditResult:
    document = formats.open_document(data, fmt)
    work = _Work(document, augeas=augeas, text=data)
    for edit in edits:
        try:
            work.do(edit)
        except EditError as exc:
            # of several values the one that is meant is named
            if len(edits) > 1 and edit.path not in [word.strip(":,;") for word in exc.message.split()]:
                exc.message = f"{spelled_path(edit.path)}: {exc.message}"
                exc.args = (exc.message,)
            if _has_json_as_text(edit):
                exc.hint = "it was taken as a text: --type json takes it as JSON"
            raise
    if not work.ledger.touched:
        return EditResult(data, data, ())
    _look_again(data, document.data, edits, fmt, work)
    return EditResult(document.data, data, tuple(work.ledger.touched))


def _has_json_as_text(edit: Edit) -> bool:
    """Say whether an edit has an object or array spelled out where a text is meant."""
    if not isinstance(edit, Set | Append) or edit.type is not None:
        return False
    given = edit.values if isinstance(edit, Append) else (edit.value,)
    texts = [value for value in given if isinstance(value, Untyped) and value[:1] in ("{", "[")]
    try:
        return bool(texts) and all(from_json(text) is not None for text in texts)
    except EditError:
        return False


def _look_again(before: bytes, after: bytes, edits: list[Edit], fmt: Format, work: _Work) -> None:
    """Raise when the result of edits is not what it should be; nothing of it is then written."""
    fresh = formats.open_document(after, fmt)
    for steps, value in work.ledger.wanted():
        found = fresh.find(steps)
        if len(found) != 1 or not _reads_as(fresh, fresh.read(found[0]), value, found[0]):
            raise _astray(f"{spelled(steps)} does not read back as it was set")
    for steps in work.ledger.gone():
        if fresh.find(steps):
            raise _astray(f"{spelled(steps)} is still there")
    fresh.verify(formats.open_document(before, fmt), work.ledger.touched)
    if len(edits) == 1 and _repeatable(edits[0], work):
        _Work(fresh, augeas=work.augeas).do(edits[0])
        if fresh.data != after:
            raise _astray("the same edit would change it again")


def _reads_as(fresh: Document, have: Value, wanted: Value, at: Steps) -> bool:
    """Say whether what is there is what was set there; the order of keys may be another where a format has none."""
    return _same(fresh, have, wanted, at) or (not getattr(fresh, "ordered", True) and alike(have, wanted))


def _repeatable(edit: Edit, work: _Work) -> bool:
    """Say whether an edit done again must change nothing: not where its path may lead elsewhere afterwards."""
    if isinstance(edit, Append) and not edit.unique:
        return False
    if not edit.path:
        return not isinstance(edit, Merge) or edit.arrays != "append"
    for text in (edit.path, *edit.others) if isinstance(edit, Unset) else (edit.path,):
        path = keypath.parse(text, tree=work.document.tree, augeas=work.augeas)
        if path.query is not None or any(isinstance(step, Match) or step == "-" for step in path.steps):
            return False
    if isinstance(edit, Merge):
        return edit.arrays != "append"
    # what follows an entry of an array moves up into its place
    return not (isinstance(edit, Unset) and any(isinstance(steps[-1], int) for steps in work.ledger.touched))


def _astray(what: str) -> EditError:
    return EditError(
        f"the edit was given up: {what}",
        hint="the file is as it was; please report the edit and the lines it was about",
    )


class _Work:
    """Edits at work on one document."""

    def __init__(self, document: Document, *, augeas: bool, text: bytes = b"") -> None:
        self.document = document
        self.augeas = augeas
        self.text = text
        """The text as it was: what is not in it need not be looked for."""
        self.ledger = Ledger()

    def do(self, edit: Edit) -> None:
        if isinstance(edit, Set):
            self.set(edit)
        elif isinstance(edit, Unset):
            self.unset(edit)
        elif isinstance(edit, Append):
            self.append(edit)
        else:
            self.merge(edit)

    def set(self, edit: Set) -> None:
        path = keypath.parse(edit.path, tree=self.document.tree, augeas=self.augeas)
        places = self.places(path)
        for steps in _outermost(places) or [self.made_by(path)]:
            self.put(steps, edit.value, there=bool(places), wanted=edit.type, force=edit.force)

    def unset(self, edit: Unset) -> None:
        paths = [keypath.parse(text, tree=self.document.tree, augeas=self.augeas) for text in (edit.path, *edit.others)]
        found = [self.places(path) for path in paths]
        for path, places in zip(paths, found, strict=True):
            if not places and path.query is None:
                self._mind_dots(path, making=False)
        # what follows in an array moves up; a JSONPath may give its entries in any order
        in_order = len(found) == 1 and (paths[0].language == "augeas" or len(found[0]) == 1)
        for steps in reversed(found[0]) if in_order else _from_the_end(found):
            if not steps:
                raise EditError("the whole file cannot be unset")
            place, shared = self.stands(steps, itself=True)
            self.ledger.touch(place, shared=shared)
            self.document.delete(steps)
            # a lens numbers what is left anew, and a node's own value is there, empty
            if isinstance(steps[-1], str) and not (self.document.tree and (steps[-1].isdigit() or steps[-1] == ".")):
                self.ledger.miss(place)

    def append(self, edit: Append) -> None:
        path = keypath.parse(edit.path, tree=self.document.tree, augeas=self.augeas)
        places = self.places(path)
        try:
            # what is put into an array moves what is in it: the last and the innermost come first
            for steps in _last_first(places) or [self.made_by(path)]:
                _append(self, steps, edit, there=bool(places))
        except ForceNeeded as exc:
            raise exc.without_force() from None

    def merge(self, edit: Merge) -> None:
        steps: Steps = ()
        if edit.path:
            path = keypath.parse(edit.path, tree=self.document.tree, augeas=self.augeas)
            places = self.places(path)
            if path.query is not None and len(places) != 1:
                raise PathNotFound(f"{path.text} matches {len(places)} places; merge takes one")
            steps = places[0] if places else self.made_by(path)
        _merge(self, steps, from_plain(edit.value, dates=not self.document.tree), edit)

    def places(self, path: KeyPath) -> list[Steps]:
        """Return where in the document a path leads; EditError when one of one place leads to several."""
        if path.query is None:
            found = self.document.find(path.steps)
            if len(found) > 1:
                raise EditError(
                    f"{path.text} is ambiguous: there are {len(found)} of it",
                    hint="name one: " + ", ".join(spelled(steps) for steps in found[:3]),
                )
            return found
        return select(self.document, path)

    def made_by(self, path: KeyPath) -> Steps:
        """Return the one place that a path would make, which leads nowhere yet."""
        if path.query is None:
            self._mind_dots(path)
            return path.steps
        tree: Any = self.document
        made: Steps | None = tree.made_by(path.query) if path.language == "augeas" else None
        if made is None:
            raise PathNotFound(f"nothing matches {path.text}", hint="only a path that names one place can make it")
        return made

    def _mind_dots(self, path: KeyPath, *, making: bool = True) -> None:
        """Raise EditError for a path that leads nowhere where keys with dots in them show what was meant."""
        if path.language == "dotted" and len(path.steps) > 1 and not self.document.tree:
            from devenv.editor import dots

            dots.refuse(self.document, path, self.text, making=making)

    def put(self, steps: Steps, given: Any, *, there: bool, wanted: str | None = None, force: bool = False) -> None:
        """Set one place, which is there or not, and remember what to look for afterwards."""
        was = self.document.kind(steps) if there else None
        have = self.document.read(steps) if there else None
        value = settled(self.document, given, was, wanted, have)
        if there:
            if _same(self.document, have, value, steps):
                return
            if was in ("object", "array") and kind_of(value) in SCALARS and not force and not self.document.tree:
                raise _in_the_way(self.document, steps, value)
        self.document.put(steps, value, force=force)
        if not there:
            # - stands for the place after the last, which is the last by now
            made = self.document.find(steps) or self.document.find(tuple(-1 if step == "-" else step for step in steps))
            steps = made[0] if len(made) == 1 else steps
        self.want(steps, value)

    def want(self, steps: Steps, value: Value) -> None:
        """Remember to look for a value that is there by now."""
        place, shared = self.stands(steps)
        self.ledger.want(place, value, shared=shared)

    def stands(self, steps: Steps, *, itself: bool = False) -> tuple[Steps, bool]:
        """Return where a value, or the entry itself, stands in the text, and whether it is seen elsewhere, too."""
        tell: Any = getattr(self.document, "stands", None)
        return tell(steps, itself=itself) if tell is not None else (steps, False)


def settled(document: Document, given: Any, was: str | None, wanted: str | None, have: Value = None) -> Value:
    """Return the value meant where something of kind was stands: have, whose spelling it keeps where it is the same."""
    if not isinstance(given, Untyped):
        value = from_plain(given, dates=not document.tree)
    elif wanted is not None or was == "string":
        value = settle(given, was, wanted=wanted)
    else:
        value = document.literal(str(given), was or "", have)
    if document.tree:
        fitted = None
    else:
        typed: Any = document
        fitted = typed.fitted
        value = fitted(value)
    if wanted not in (None, "json") and kind_of(value) != wanted:
        raise EditError(f"the value is {_a(kind_of(value))}, not {_a(wanted)}")
    return kept(value, have, fitted)


def select(document: Document, path: KeyPath) -> list[Steps]:
    """Return the places a JSONPath or an Augeas expression selects, in document order."""
    assert path.query is not None
    if path.language == "augeas":
        return document.select(path.query)
    from devenv.editor import jsonpath

    return jsonpath.select(document, path.query)


def _append(work: _Work, steps: Steps, edit: Append, *, there: bool, force: bool = False) -> None:
    document = work.document
    present: list[Value] = document.read(steps) if there else []
    tree: Any = document
    one = there and document.tree and bool(tree.is_one_entry(steps, edit.values))
    if there and (one or document.kind(steps) != "array"):
        if not document.tree:
            raise EditError(f"{spelled(steps)} is {_a(document.kind(steps))}, not an array")
        # a label is an array as soon as there is a second one of it
        present = [present] if steps else []
    kinds = {kind_of(item) for item in present}
    # entries of one kind are joined by more of that kind
    was = kinds.pop() if len(kinds) == 1 else None
    fresh: list[Value] = []
    for given in edit.values:
        like = present[0] if was in SCALARS else None
        value = settled(document, given, was if was in SCALARS else None, edit.type, like)
        if not edit.unique or not any(_alike(document, other, value) for other in [*present, *fresh]):
            fresh.append(value)
    if not fresh:
        return
    index = _where(present, edit)
    if not there:
        work.put(steps, Entries(fresh), there=False)
        return
    if force and work.stands(steps)[0] != steps:
        work.put(steps, [*present, *fresh], there=True, force=True)
        return
    for offset, value in enumerate(fresh):
        document.insert(steps, index + offset, value)
    work.want(steps, [*present[:index], *fresh, *present[index:]])


def _where(present: list[Value], edit: Append) -> int:
    if edit.at is not None:
        index = as_index(edit.at, len(present))
        if index is None:
            count = f"{len(present)} {'entry' if len(present) == 1 else 'entries'}"
            raise PathNotFound(f"{spelled_path(edit.path)} has {count}: there is no [{edit.at}] in it")
        return index
    mark = edit.before if edit.before is not None else edit.after
    if mark is None:
        return len(present)
    from devenv.editor import marks

    found = marks.index_of(present, mark)
    if found is None:
        raise PathNotFound(f"no entry of {spelled_path(edit.path)} is {as_text(from_plain(mark))}")
    return found if edit.before is not None else found + 1


def spelled_path(path: str) -> str:
    """Return a path for a message."""
    return path or "the file"


def _alike(document: Document, have: Value, wanted: Value) -> bool:
    """Say whether what is there is what is wanted there, or that in another order of keys."""
    if not document.tree:
        typed: Any = document
        return alike(have, kept(wanted, have, typed.fitted))
    # an entry with more to it is there too: b(ro) where b is wanted
    named = isinstance(have, dict) and isinstance(wanted, str) and have.get(".") == wanted
    return named or _same(document, have, wanted)


def _same(document: Document, have: Value, wanted: Value, at: Steps = ()) -> bool:
    """Say whether what is there is what is wanted there; in a lens tree, where all values are text, the tree says."""
    tree: Any = document
    return bool(tree.same(have, wanted, at)) if document.tree else same(have, wanted)


def as_text(value: Value) -> str:
    """Return a scalar as the text a person types for it; other values as JSON."""
    if isinstance(value, str):
        return str(value)
    from devenv.editor.values import to_json

    return to_json(value)


def _merge(work: _Work, steps: Steps, value: Value, edit: Merge) -> None:
    document = work.document
    found = document.find(steps)
    if len(found) > 1:
        raise EditError(f"{spelled(steps)} is ambiguous: there are {len(found)} of it")
    if not found:
        work.put(steps, value, there=False, force=edit.force)
        return
    steps = found[0]
    was = document.kind(steps)
    if isinstance(value, dict) and was == "object":
        for key, item in value.items():
            _merge(work, (*steps, key), item, edit)
    elif isinstance(value, list) and was == "array" and edit.arrays != "replace":
        work_edit = Append(spelled(steps), tuple(value), unique=edit.arrays == "unique")
        _append(work, steps, work_edit, there=True, force=edit.force)
    elif {kind_of(value), was} == {"object", "array"} and not edit.force and not document.tree:
        raise _in_the_way(document, steps, value)
    else:
        work.put(steps, value, there=True, force=edit.force)


def _in_the_way(document: Document, steps: Steps, value: Value) -> ForceNeeded:
    """Return the error of an object or array that would be replaced; what else is against it is raised.

    The document is of no more use then: force is spoken of only where it would do, and putting the value tells.
    """
    was = document.kind(steps)
    document.put(steps, value)
    return ForceNeeded(
        f"{spelled(steps)} is {_a(was)}, which {_a(kind_of(value))} would replace", hint="add --force if it should"
    )


def _from_the_end(places: list[list[Steps]]) -> list[Steps]:
    """Return all places from the last to the first, each once and none inside another.

    Digits are numbers, too: a lens numbers what is left anew.
    """
    return _last_first(_outermost(list({steps for some in places for steps in some})))


def _last_first(places: list[Steps]) -> list[Steps]:
    """Return places from the last to the first, what is inside another before it."""
    return sorted(places, key=lambda steps: [_rank(step) for step in steps], reverse=True)


def _outermost(places: list[Steps]) -> list[Steps]:
    """Return the places that are inside no other of them."""
    if len(places) < 2:
        return places
    every = set(places)
    return [steps for steps in places if not any(steps[:length] in every for length in range(len(steps)))]


def _rank(step: Step) -> tuple[int, str]:
    if isinstance(step, int):
        return step, ""
    return (int(step), "") if isinstance(step, str) and step.isdecimal() and len(step) < 19 else (-1, str(step))


def _a(kind: str) -> str:
    """Return a kind with its article."""
    if kind == "literal":
        return "a single value"
    return kind if kind == "null" else f"an {kind}" if kind[0] in "ao" else f"a {kind}"
