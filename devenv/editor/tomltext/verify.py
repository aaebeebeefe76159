"""Whether two TOML texts, as tomllib reads them, differ in nothing but the places that were to change."""

from typing import Any

from devenv.editor.document import Step, Steps
from devenv.editor.keypath import spelled
from devenv.errors import EditError

_END = None


def compare(before: Any, after: Any, touched: list[Steps]) -> None:
    """Raise EditError, naming the place, when before and after differ outside touched."""
    wanted: dict[Step | None, Any] = {}
    for steps in touched:
        level = wanted
        for step in steps:
            level = level.setdefault(step, {})
        level.setdefault(_END, []).append(steps)
    _compare(before, after, wanted, ())


def _compare(before: Any, after: Any, wanted: dict[Step | None, Any], steps: Steps) -> None:
    if _END in wanted:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() | after.keys():
            _compare_entry(before, after, key, wanted, steps)
    elif isinstance(before, list) and isinstance(after, list) and wanted:
        _compare_lists(before, after, wanted, steps)
    elif wanted and isinstance(after, dict | list) and not isinstance(before, dict | list):
        # a container took a scalar's place, with nothing in it but what was wanted
        _compare([] if isinstance(after, list) else {}, after, wanted, steps)
    elif type(before) is not type(after) or before != after:
        raise _astray(steps)


def _compare_entry(
    before: dict[str, Any], after: dict[str, Any], key: str, wanted: dict[Step | None, Any], steps: Steps
) -> None:
    below = wanted.get(key, {})
    if key in before and key in after:
        if below or before[key] is not after[key]:
            _compare(before[key], after[key], below, (*steps, key))
        return
    # parents come and go with what is in them
    there = before[key] if key in before else after[key]
    if not below or (_END not in below and not isinstance(there, dict | list)):
        raise _astray((*steps, key))
    missing: Any = [] if isinstance(there, list) else {}
    _compare(before.get(key, missing), after.get(key, missing), below, (*steps, key))


def _compare_lists(before: list[Any], after: list[Any], wanted: dict[Step | None, Any], steps: Steps) -> None:
    times = _times(wanted)
    if len(before) == len(after):
        try:
            for index, (old, new) in enumerate(zip(before, after, strict=True)):
                _compare(old, new, wanted.get(index, {}), (*steps, index))
            return
        except EditError:
            # of several changes one may have taken out what another put in
            if times < 2:
                raise
    # entries have moved: each change has at most one go and one come
    there: dict[str, int] = {}
    for item in before:
        there[repr(item)] = there.get(repr(item), 0) + 1
    fresh = 0
    for item in after:
        fresh += there.get(repr(item), 0) <= 0
        there[repr(item)] = there.get(repr(item), 0) - 1
    if max(fresh, sum(count for count in there.values() if count > 0)) > times:
        raise _astray(steps)


def _times(wanted: dict[Step | None, Any]) -> int:
    """Return how many changes there were at and below a place."""
    return sum(len(below) if step is _END else _times(below) for step, below in wanted.items())


def _astray(steps: Steps) -> EditError:
    return EditError(
        f"the edit was given up: {spelled(steps)} would change as well",
        hint="the file is as it was; please report this with the file's lines there",
    )
