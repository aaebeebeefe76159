"""A new object or array in the place of another, entry by entry, so that what is alike stays as it is written.

What changes is found first, all the way down. Then the text is written a few times, however much changes: once with all
entries that become others in their place, then, from the innermost collections to the outermost, without those that go
and with those that come. No two of the splices that are made together are about the same entries.
"""

from itertools import groupby
from typing import TYPE_CHECKING

from devenv.editor.document import Step, Steps
from devenv.editor.staying import apart, left, turned
from devenv.editor.values import Value, same
from devenv.editor.yaml.content import Content, Way
from devenv.editor.yaml.insert import insert_items, insert_pairs
from devenv.editor.yaml.nodes import Node
from devenv.editor.yaml.place import Place, Splice
from devenv.editor.yaml.remove import remove
from devenv.editor.yaml.replace import replace
from devenv.editor.yaml.shared import refuse_unmerged, refuse_unmerged_item
from devenv.editor.yaml.stream import Doc

if TYPE_CHECKING:
    from devenv.editor.yaml.document import YamlDocument


class Plan:
    """What is to be done in a collection and below it; steps are those before anything is done."""

    def __init__(self) -> None:
        self.changed: list[tuple[Steps, Value]] = []
        self.gone: dict[Steps, list[int]] = {}
        """By a collection's steps the entries to be taken out of it, by their index, which rises."""
        self.pairs: dict[Steps, list[tuple[str, Value]]] = {}
        """What comes after the last entry of a map."""
        self.items: dict[Steps, list[tuple[int, list[Value]]]] = {}
        """What comes before an entry of a list, by its index once others have gone."""


def planned(content: Content, steps: Steps, place: Place, value: Value) -> Plan | None:
    """Return what makes value of the collection at steps; None when it is to be written anew."""
    node = place.node
    if (node.kind, type(value)) not in (("map", dict), ("seq", list)):
        return None
    end = node.close()
    if any(node.start <= alias.start < end for alias in place.doc.aliases()):
        return None
    plan = Plan()
    return plan if _add(plan, node, steps, content.read(place.doc, node), value) else None


def _add(plan: Plan, node: Node, steps: Steps, old: Value, new: Value) -> bool:
    """Add to a plan what makes the value new of the node at steps; False when it is to be written anew."""
    if (node.kind, type(old), type(new)) not in (("map", dict, dict), ("seq", list, list)):
        return False
    if not new or not node.children():
        return False
    return _add_map(plan, node, steps, old, new) if node.kind == "map" else _add_list(plan, node, steps, old, new)


def _add_map(plan: Plan, node: Node, steps: Steps, old: dict[str, Value], new: dict[str, Value]) -> bool:
    entries = node.children()
    where = {entry.name: index for index, entry in enumerate(entries)}
    inherited = [key for key in old if key not in where]
    if len(where) < len(entries) or any(key not in new for key in inherited):
        return False
    common = [key for key in old if key in new]
    added = [key for key in new if key not in old]
    if not common or list(new) != common + added:
        return False
    gone = [where[key] for key in old if key not in new]
    merges = not where.keys() <= old.keys()
    # a key of its own would come before those a merge key brings in, and one that goes might be brought in
    if merges and (gone or added):
        return False
    if gone:
        plan.gone[steps] = gone
    for key in common:
        if key in where:
            _add_change(plan, entries[where[key]].node, (*steps, key), old[key], new[key])
        elif not same(old[key], new[key]):
            plan.changed.append(((*steps, key), new[key]))
    if added:
        plan.pairs[steps] = [(key, new[key]) for key in added]
    return True


def _add_list(plan: Plan, node: Node, steps: Steps, old: list[Value], new: list[Value]) -> bool:
    turn = turned(old, new)
    for index, value in turn.changed:
        _add_change(plan, node.children()[index].node, (*steps, index), old[index], value)
    if turn.gone:
        plan.gone[steps] = turn.gone
    if turn.new:
        plan.items[steps] = turn.new
    return True


def _add_change(plan: Plan, node: Node, steps: Steps, old: Value, new: Value) -> None:
    if not same(old, new) and not _add(plan, node, steps, old, new):
        plan.changed.append((steps, new))


def carry_out(document: "YamlDocument", plan: Plan) -> None:
    """Do what is planned; raises EditError when something is against it, the document half changed."""
    _change(document, plan.changed)
    levels = sorted({*plan.gone, *plan.pairs, *plan.items}, key=len, reverse=True)
    # what is further in is done before what holds it, whose entries then get other numbers
    for _, group in groupby(levels, key=len):
        level = list(group)
        gone = {steps: plan.gone[steps] for steps in level if steps in plan.gone}
        while gone:
            gone = _take_out(document, gone)
        _put_in(document, plan, [steps for steps in level if steps in plan.pairs or steps in plan.items])


def _change(document: "YamlDocument", changed: list[tuple[Steps, Value]]) -> None:
    content = document.content
    work = _Splices(document)
    for steps, value in changed:
        way = content.way(steps)
        refuse_unmerged(content, way, value)
        place = content.place(way)
        work.add(place, replace(place, value), document.lost(place, whole=False))
    work.make()


def _take_out(document: "YamlDocument", gone: dict[Steps, list[int]]) -> dict[Steps, list[int]]:
    """Take out entries of which none follows another; return those that are still to go, by their new numbers."""
    content = document.content
    work = _Splices(document)
    still: dict[Steps, list[int]] = {}
    for steps, indices in gone.items():
        above = content.way(steps)
        holder = content.place(above)
        taken = apart(indices)
        for index in taken:
            place = content.place(_below(above, index))
            work.add(place, remove(place, holder), document.lost(place, whole=True))
        if len(taken) < len(indices):
            still[steps] = left(indices, taken)
    work.make()
    return still


def _below(above: Way, index: int) -> Way:
    """Return the way to an entry of what a way leads to, by its number in the text."""
    node = above.raw
    assert node is not None
    entry = node.children()[index]
    step: Step = entry.name or "" if node.kind == "map" else index
    return above._replace(steps=(*above.steps, step), chain=(*above.chain, (node, entry)))


def _put_in(document: "YamlDocument", plan: Plan, new: list[Steps]) -> None:
    """Put new entries into the collections at steps."""
    content = document.content
    work = _Splices(document)
    for steps in new:
        way = content.way(steps)
        place = content.place(way)
        if steps in plan.pairs:
            work.add(place, insert_pairs(place, plan.pairs[steps]), [])
        for index, values in plan.items.get(steps, ()):
            for value in values:
                refuse_unmerged_item(content, way, value)
            work.add(place, insert_items(place, index, values), [])
    work.make()


class _Splices:
    """Splices of one document that are made together."""

    def __init__(self, document: "YamlDocument") -> None:
        self.document = document
        self.doc: Doc | None = None
        self.splices: list[Splice] = []
        self.lost: list[Node] = []

    def add(self, place: Place, splices: list[Splice], lost: list[Node]) -> None:
        """Add splices, and the anchored nodes that go with them."""
        self.doc = place.doc
        self.splices += splices
        self.lost += lost

    def make(self) -> None:
        """Make them all, if there are any."""
        if self.doc is not None:
            self.document.splice(self.doc, self.splices, self.lost)
