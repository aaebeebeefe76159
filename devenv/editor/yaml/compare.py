"""That nothing changed but what should: two texts compared by their spans, the alike unseen."""

from devenv.editor.document import Step, Steps
from devenv.editor.keypath import spelled
from devenv.editor.values import same
from devenv.editor.yaml.content import Content, Way, follow, locate, scalar_value
from devenv.editor.yaml.layout import column
from devenv.editor.yaml.nodes import Entry, Node
from devenv.editor.yaml.shared import broken_merges
from devenv.editor.yaml.stream import Doc
from devenv.errors import EditError


def verify(before: Content, after: Content, touched: list[Steps]) -> None:
    """Raise EditError when a leaf differs that does not stand at or below one of touched."""
    if len(before.docs) != len(after.docs):
        if before.docs:
            raise _astray(())
        return
    places: dict[Steps, int] = {}
    for steps in touched:
        for place in {place for content in (before, after) for place in canonical(content, steps)}:
            places[place] = places.get(place, 0) + 1
    numbers = {place[0] for place in places}
    for index, (old, new) in enumerate(zip(before.docs, after.docs, strict=True)):
        if index not in numbers and old.text[old.start : old.end] == new.text[new.start : new.end]:
            continue
        if (old.root is None) != (new.root is None):
            if index not in numbers:
                raise _astray((index,))
        elif old.root is not None and new.root is not None:
            _Pair(old, new, places, many=before.many).compare(old.root, new.root, (index,))
            _references(old, new)


def canonical(content: Content, steps: Steps) -> set[Steps]:
    """Return where in the text what steps name stands, with the document's index first: aliases followed."""
    index, rest = content.numbered(steps)
    places: set[Steps] = set()
    for number, doc in enumerate(content.docs):
        if index is not None and number != index:
            continue
        if not rest:
            places.add((number,))
            continue
        for cut in range(len(rest), -1, -1):
            ways = follow(doc, rest[:cut])
            if ways:
                tail = rest[cut:]
                places |= {(number, *place, *tail) for way in ways for place in _stands(way, whole=not tail)}
                break
    return places


def _stands(way: Way, *, whole: bool) -> set[Steps]:
    """Return where a way's entry stands, and its node too when that is elsewhere; only the node for what is below."""
    if way.is_direct():
        return {way.steps}
    places: set[Steps] = set()
    doc = way.doc
    if whole and way.chain:
        parent, entry = way.chain[-1]
        above = locate(doc, parent).steps
        places.add((*above, _step(parent, entry)))
        if way.merged is not None:
            places.add((*_own(way), *way.steps[way.merged :][:1]))
    node = way.node
    if node is not None:
        places.add(locate(doc, node).steps)
    return places


def _own(way: Way) -> Steps:
    """Return where the map stands whose merge key was followed first."""
    assert way.merged is not None
    parent = follow(way.doc, way.steps[: way.merged])[0].node
    assert parent is not None
    return locate(way.doc, parent).steps


def _step(parent: Node, entry: Entry) -> Step:
    return (entry.name or "") if parent.kind == "map" else parent.children().index(entry)


class _Pair:
    """One document as it was and as it is."""

    def __init__(self, old: Doc, new: Doc, touched: dict[Steps, int], *, many: bool) -> None:
        self.old = old
        self.new = new
        self.touched = touched
        """Where something changed, and how often."""
        self.above: dict[Steps, int] = {}
        """What holds it, and how often something in that changed."""
        for place, times in touched.items():
            for cut in range(len(place)):
                self.above[place[:cut]] = self.above.get(place[:cut], 0) + times
        self.moved: dict[Steps, list[Step]] = {}
        for place in touched:
            self.moved.setdefault(place[:-1], []).append(place[-1])
        self.many = many

    def compare(self, old: Node, new: Node, at: Steps) -> None:
        if at in self.touched:
            return
        if at not in self.above and self.alike(old, new):
            return
        if old.kind != new.kind:
            if at not in self.above:
                raise self.astray(at)
            return  # what is there now was made to hold what was set
        if old.kind == "alias":
            if old.value != new.value:
                raise self.astray(at)
        elif old.kind == "scalar":
            if not same(scalar_value(self.old.text, old), scalar_value(self.new.text, new)):
                raise self.astray(at)
        elif old.kind == "map":
            self.maps(old, new, at)
        else:
            self.lists(old, new, at)

    def alike(self, old: Node, new: Node) -> bool:
        left, right = self.old.text, self.new.text
        return left[old.start : old.close()] == right[new.start : new.close()] and column(left, old.start) == column(
            right, new.start
        )

    def trimmed(self, old: Node, new: Node) -> tuple[int, int, int]:
        """Return how many entries both begin with alike, and where the rest that ends both alike begins in each."""
        olds, news = old.children(), new.children()
        if not olds or not news or old.style != new.style or self.column(olds, self.old) != self.column(news, self.new):
            return 0, len(olds), len(news)
        least = min(len(olds), len(news))
        head = 0
        while head < least - 1 and self.stretch(olds, head, self.old) == self.stretch(news, head, self.new):
            head += 1
        tail = 0
        while tail < least - head - 1 and self.stretch(olds, len(olds) - 2 - tail, self.old) == self.stretch(
            news, len(news) - 2 - tail, self.new
        ):
            tail += 1
        # the last entry has no end that costs nothing: it is compared like those that differ
        return head, len(olds) - tail - 1 if tail else len(olds), len(news) - tail - 1 if tail else len(news)

    @staticmethod
    def column(entries: list[Entry], doc: Doc) -> int:
        return column(doc.text, entries[0].start)

    @staticmethod
    def stretch(entries: list[Entry], index: int, doc: Doc) -> str:
        return doc.text[entries[index].start : entries[index + 1].start]

    def maps(self, old: Node, new: Node, at: Steps) -> None:
        head, old_end, new_end = self.trimmed(old, new)
        olds, news = old.children(), new.children()
        left, right = olds[head:old_end], news[head:new_end]
        if old_end < len(olds):
            left.append(olds[-1])
            right.append(news[-1])
        # what was taken out and put there anew stands elsewhere
        left, right = (
            [entry for entry in side if (*at, entry.name or "") not in self.touched] for side in (left, right)
        )
        kept = {entry.name for entry in left} & {entry.name for entry in right}
        for entry in left:
            if entry.name not in kept:
                raise self.astray((*at, entry.name or ""))
        for entry in right:
            place = (*at, entry.name or "")
            if entry.name not in kept and place not in self.above:
                raise self.astray(place)
        pairs = [[entry for entry in side if entry.name in kept] for side in (left, right)]
        if len(pairs[0]) != len(pairs[1]):
            raise self.astray(at)
        for before, after in zip(*pairs, strict=True):
            if before.name != after.name:
                raise self.astray((*at, before.name or ""))
            self.compare(before.node, after.node, (*at, before.name or ""))

    def lists(self, old: Node, new: Node, at: Steps) -> None:
        olds, news = old.children(), new.children()
        moved = self.moved.get(at, [])
        if moved and self.above[at] > 1:
            head, old_end, new_end = self.trimmed(old, new)
            tails = (olds[old_end:][-1:], news[new_end:][-1:])
            self.counted([*olds[head:old_end], *tails[0]], [*news[head:new_end], *tails[1]], at)
            return
        if len(olds) == len(news):
            head, end, _ = self.trimmed(old, new)
            for index in (*range(head, end), *range(max(end, len(olds) - 1), len(olds))):
                self.compare(olds[index].node, news[index].node, (*at, index))
            return
        head, old_end, new_end = self.trimmed(old, new)
        if len(olds) < len(news) and all((*at, index) in self.above for index in range(len(olds), len(news))):
            pairs = [(index, index) for index in range(head, len(olds))]  # the others were made to hold what was set
        elif not moved or not isinstance(moved[0], int) or abs(len(olds) - len(news)) != 1:
            raise self.astray(at)
        else:
            pairs = self.shifted(len(olds), len(news), head, min(old_end, new_end), moved[0])
        for before, after in pairs:
            self.compare(olds[before].node, news[after].node, (*at, before))

    @staticmethod
    def shifted(old: int, new: int, head: int, end: int, moved: int) -> list[tuple[int, int]]:
        """Return which entries of two lists of these lengths to compare, where one entry came or went.

        Up to head both are alike; from end on the shorter is like the longer, one entry further on, but for the last.
        """
        least = min(old, new)
        places = [*range(min(head, moved), max(end, moved)), *range(max(end, moved, least - 1), least)]
        return [
            (index + (old > new and index >= moved), index + (new > old and index >= moved))
            for index in places
            if index < least
        ]

    def counted(self, olds: list[Entry], news: list[Entry], at: Steps) -> None:
        """Compare lists whose entries have gone and come, so that their numbers say nothing: by how many are alike."""
        there: dict[str, int] = {}
        for entry in olds:
            text = self.old.text[entry.node.start : entry.node.close()]
            there[text] = there.get(text, 0) + 1
        fresh = 0
        for entry in news:
            text = self.new.text[entry.node.start : entry.node.close()]
            fresh += there.get(text, 0) <= 0
            there[text] = there.get(text, 0) - 1
        # a change has at most one entry go and one come
        if max(fresh, sum(count for count in there.values() if count > 0)) > self.above[at]:
            raise self.astray(at)

    def astray(self, at: Steps) -> EditError:
        return _astray(at if self.many else at[1:])


def _references(old: Doc, new: Doc) -> None:
    """Raise EditError when an alias or a merge key means something else than it did."""
    if broken_merges(new) > broken_merges(old):
        raise EditError(
            "the edit was given up: a merge key would merge nothing any more",
            hint="the file is as it was; please report this with the file's lines there",
        )


def _astray(at: Steps) -> EditError:
    return EditError(
        f"the edit was given up: {spelled(at)} would change, too",
        hint="the file is as it was; please report this with the file's lines there",
    )
