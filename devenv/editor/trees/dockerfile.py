"""A Dockerfile: instructions in their order, new ones in the last stage, and arrays as the exec form of one."""

from __future__ import annotations

from devenv.editor.trees import shape
from devenv.editor.trees.quoted import QuotedDocument
from devenv.editor.values import Entries, from_json, to_json
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from devenv.editor.document import Steps
    from devenv.editor.trees.parse import Trail
    from devenv.editor.values import Value

_EXEC = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME", "ADD", "COPY"})
"""Instructions that take a JSON array of strings: the exec form."""

_OF_VARIABLES = ("ARG", "ENV", "LABEL")


class DockerfileDocument(QuotedDocument):
    """One Dockerfile."""

    def same(self, have: Value, wanted: Value, at: Steps = ()) -> bool:
        """Say whether what is there is what is wanted there, which may be the words of an exec form."""
        if isinstance(wanted, list) and isinstance(have, str) and not isinstance(wanted, Entries):
            words = _texts(wanted)
            if words is not None and (_words(have) == words or _takes_words(at)):
                return _words(have) == words
        if isinstance(wanted, list) and isinstance(have, list):
            return len(have) == len(wanted) and all(self.same(*pair, at) for pair in zip(have, wanted, strict=True))
        return shape.agrees(have, wanted)

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it; an array is one instruction but where several are."""
        super().put(steps, self._in_exec_form(steps, value), force=force)

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry index."""
        super().insert(steps, index, self._in_exec_form((*steps, index), value))

    def _remove(self, trail: Trail) -> None:
        """Take out a node; an instruction goes with its last variable, since docker takes none without."""
        above = self.parsed.at(trail[:-1])
        alone = len(trail) > 1 and above.label.upper() in _OF_VARIABLES and len(self.view.children(trail[:-1])) == 1
        super()._remove(trail[:-1] if alone else trail)

    def _in_exec_form(self, steps: Steps, value: Value) -> Value:
        if not isinstance(value, list) or not _takes_words(steps):
            return value
        found = self.view.find(steps)
        several = isinstance(value, Entries) or any(isinstance(item, list) for item in value)
        if several or (found and found[0].what == "group"):
            return [self._in_exec_form((*steps, at), item) for at, item in enumerate(value)]
        words = _texts(value)
        if words is None:
            raise EditError(
                f"the exec form of {steps[0]} has words alone", hint="an array of strings is one instruction"
            )
        old = str(self.view.read(found[0])) if found else ""
        text = to_json(words)
        return text.replace('", "', '","') if '","' in old and '", "' not in "".join(words) else text

    def _places(self, parent: Trail, label: str, value: Value) -> list[int]:
        if parent:
            return super()._places(parent, label, value)
        return [_in_last_stage([child.label.upper() for child in self.parsed.root.children], label.upper())]


def _takes_words(steps: Steps) -> bool:
    """Say whether a place is in an instruction that has an exec form."""
    return bool(steps) and str(steps[0]).upper() in _EXEC


def _words(text: str) -> list[Value] | None:
    """Return the words of an instruction in exec form; None when it is in another."""
    try:
        found = from_json(text) if text[:1] == "[" else None
    except EditError:
        return None
    return found if isinstance(found, list) else None


def _texts(values: list[Value]) -> list[Value] | None:
    """Return scalars as the words they are in an exec form; None when others are among them."""
    if any(isinstance(value, dict | list) or value is None for value in values):
        return None
    return [str(shape.as_text(value)) for value in values]


def _in_last_stage(labels: list[str], label: str) -> int:
    """Return where an instruction goes: its order says what is built, and the last FROM begins what is run."""
    begin = max((at for at, name in enumerate(labels, 1) if name == "FROM"), default=0)
    alike = [at for at in range(begin, len(labels)) if labels[at] == label]
    if alike:
        return alike[-1] + 1
    if begin and label in _OF_VARIABLES:
        return begin
    last = (at for at in range(begin, len(labels)) if labels[at] in ("CMD", "ENTRYPOINT"))
    return len(labels) if label in ("CMD", "ENTRYPOINT", "FROM") else next(last, len(labels))
