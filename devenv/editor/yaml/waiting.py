"""Changes that wait to be written together: a thousand of them cost one reading of the text, not a thousand.

What waits leaves every node that is there where it is, but for its own few characters: scalars that take the place of
others on one line, and new entries after the last of a map or list. So the text as it was tells where all else stands.
"""

from itertools import islice

from devenv.editor.absent import nested
from devenv.editor.document import Step, Steps
from devenv.editor.keypath import as_index
from devenv.editor.values import Value
from devenv.editor.yaml.insert import append_items, insert_pairs
from devenv.editor.yaml.layout import comment_indent, key_habit, line_end, next_line
from devenv.editor.yaml.place import Place, Splice
from devenv.editor.yaml.render import entry_lines, flow_text, key_text

_QUOTES = ("'", '"')


class Added:
    """New entries of the map at a place, in the order they were put there."""

    def __init__(self, place: Place) -> None:
        self.entries: dict[str, Value] = {}
        self._place = place
        self._flow = place.node.style == "flow"
        self._habit = key_habit(place.text, place.node)
        self._ends = _ends(place)

    def add(self, rest: Steps, value: Value, above: Steps) -> bool:
        """Add value where rest leads to, at which nothing is; False when only the text itself tells how.

        above are the steps to the map. Raises EditError for what cannot be written.
        """
        holder: Value = self.entries
        cut = 0
        while isinstance(holder, dict) and rest[cut] in holder:
            holder = holder[rest[cut]]
            cut += 1
            if cut == len(rest):
                return False
        key = rest[cut]
        if not isinstance(holder, dict) or not isinstance(key, str):
            return False
        made = nested(rest[cut + 1 :], value, (*above, *rest[: cut + 1]))
        if self._ends and not self._flow and _has_lines(made):
            return False
        if not (self._suits_new(holder, key, made) if cut else self._suits(key, made)):
            return False
        holder[key] = _owned(made)
        return True

    def _suits(self, key: str, value: Value) -> bool:
        """Say whether an entry is one splice, and leaves the next what it found: all keys in one quote, or none."""
        entries = self._place.node.children()
        if self._flow and entries[0].node.start == entries[0].node.end:
            return False
        if len(insert_pairs(self._place, [(key, value)])) > 1 and not self._flow:
            return False
        first = key_text(key, self._place.style, self._habit, flow=self._flow)[0]
        return first == self._habit if self._habit in _QUOTES else self._habit == "0" or not first.isdigit()

    def _suits_new(self, holder: dict[str, Value], key: str, value: Value) -> bool:
        """Say whether an entry of a new map is written as it would be were that map there."""
        style = self._place.style
        first = key_text(next(iter(holder), ""), style, "", flow=self._flow)[0]
        head = key_text(key, style, "", flow=self._flow)
        _ = flow_text(value, style) if self._flow else entry_lines(head, value, style, 0)
        return first not in _QUOTES and not any(name.isdigit() for name in (key, *islice(holder, 50)))

    def holds(self, rest: Steps) -> Steps | None:
        """Return rest with indices from zero when it leads to something new, else None."""
        at: Value = self.entries
        found: list[Step] = []
        for step in rest:
            if isinstance(at, dict) and isinstance(step, str) and step in at:
                at = at[step]
                found.append(step)
            elif isinstance(at, list) and (index := as_index(step, len(at))) not in (None, len(at)):
                at = at[index]
                found.append(index)
            else:
                return None
        return tuple(found)

    def splices(self) -> list[Splice]:
        """Return the splices that write all entries."""
        return insert_pairs(self._place, list(self.entries.items()))


class Appended:
    """New entries after the last of the list at a place."""

    def __init__(self, place: Place) -> None:
        self.items: list[Value] = []
        self.known: list[Value] | None = None
        """The entries there are without them, once they were read."""
        self.length = len(place.node.children())
        """How many entries there are without them."""
        self._place = place
        self._flow = place.node.style == "flow"
        self._ends = _ends(place)

    def add(self, value: Value) -> bool:
        """Add value; False when only the text itself tells how. Raises EditError for what cannot be written."""
        if not self.length or (not self._flow and self._ends and _has_lines(value)):
            return False
        if len(append_items(self._place, [value])) > 1 and not self._flow:
            return False
        self.items.append(value)
        return True

    def splices(self) -> list[Splice]:
        """Return the splices that write all entries."""
        return append_items(self._place, self.items)


def _ends(place: Place) -> bool:
    """Say whether the last entry is written with what follows in mind, and several lines otherwise than others."""
    text = place.text
    end = line_end(text, place.node.close())
    return end == len(text) or comment_indent(text, next_line(text, end)) >= 0


def _owned(value: Value) -> Value:
    """Return a copy whose objects may be added to."""
    return {key: _owned(item) for key, item in value.items()} if isinstance(value, dict) else value


def _has_lines(value: Value) -> bool:
    """Say whether text of several lines is in a value."""
    if isinstance(value, dict):
        return any(map(_has_lines, value.values()))
    return any(map(_has_lines, value)) if isinstance(value, list) else isinstance(value, str) and "\n" in value


class Waiting:
    """All changes that wait, by the plain steps of what they change."""

    def __init__(self) -> None:
        self._replaced: dict[Steps, Splice] = {}
        self._added: dict[Steps, Added] = {}
        self._appended: dict[Steps, Appended] = {}
        self._near: set[Steps] = set()
        """What changes, and all that holds it; of a list with new entries alone, what holds it."""

    def __bool__(self) -> bool:
        return bool(self._replaced or self._added or self._appended)

    def touches(self, steps: Steps) -> bool:
        """Say whether what is at steps, or in it, waits to be written."""
        return steps in self._near or steps in self._appended

    def replace(self, steps: Steps, splice: Splice) -> None:
        """Note a splice that changes the scalar at steps."""
        self._replaced[steps] = splice
        self._near.update(steps[:length] for length in range(len(steps) + 1))

    def add(self, above: Steps, rest: Steps, value: Value, place: Place) -> bool:
        """Note that value is to be where rest leads to from the map at above, which stands at place.

        False when that cannot wait; EditError when it cannot be written at all.
        """
        added = self._added.get(above) or Added(place)
        if not added.add(rest, value, above):
            return False
        self._added[above] = added
        steps = (*above, *rest)
        self._near.update(steps[:length] for length in range(len(steps) + 1))
        return True

    def append(self, steps: Steps, index: int, value: Value, place: Place) -> bool:
        """Note that value is to be at an index of the list at steps, which stands at place; False as add() does."""
        appended = self._appended.get(steps) or Appended(place)
        if index != appended.length + len(appended.items) or not appended.add(value):
            return False
        self._appended[steps] = appended
        self._near.update(steps[:length] for length in range(len(steps)))
        return True

    def appended(self, steps: Steps) -> Appended | None:
        """Return the new entries of the list at steps if they are all that is new about it, else None."""
        return self._appended.get(steps) if steps not in self._near else None

    def lengthens(self, steps: Steps | None = None) -> bool:
        """Say whether the list at steps, or any, has new entries."""
        return bool(self._appended) if steps is None else steps in self._appended

    def new(self, above: Steps, rest: Steps) -> Steps | None:
        """Return the plain steps of what is new where rest leads to from the map at above; None when nothing is."""
        added = self._added.get(above)
        found = added.holds(rest) if added is not None else None
        return None if found is None else (*above, *found)

    def adds(self) -> bool:
        """Say whether there is something new."""
        return bool(self._added)

    def splices(self) -> list[Splice]:
        """Return the splices that write all of it."""
        # at one place a value comes before the entry after it, and the entries of a map before those of what it is in
        new: list[tuple[Steps, Added | Appended]] = [*self._added.items(), *self._appended.items()]
        inner_first = sorted(new, key=lambda one: len(one[0]), reverse=True)
        return [*self._replaced.values(), *(splice for _, entries in inner_first for splice in entries.splices())]
