"""Large collections in parts, each of which is walked when somebody looks into it."""

from bisect import bisect_left
from weakref import ref

from devenv.editor.yaml.events import walk
from devenv.editor.yaml.lines import told_marks
from devenv.editor.yaml.nodes import Anchor, Builder, Entry, Found, Node

LARGE = 4096
"""Characters from which on a collection is cut into parts."""

PART = 1536
"""Characters of a part, or one entry if that is larger."""


class Part:
    """Some entries of a large collection, walked together when one of them is looked into."""

    __slots__ = ("__weakref__", "brackets", "end", "entries", "found", "start", "text")

    def __init__(self, text: str, start: int, end: int, entries: list[Entry], brackets: str = "") -> None:
        self.text = text
        self.start = start
        """Where the first entry's line begins; in a flow collection, the place of the bracket or comma before it."""
        self.end = end
        """Where the line after the last entry begins; in a flow collection, the place of the comma or bracket."""
        self.entries = entries
        self.brackets = brackets
        """What a flow collection stands in."""
        self.found: Found | None = None

    def own(self) -> None:
        """Let the entries know where they belong; weakly, so that a text that is dropped is freed at once."""
        reference = ref(self)
        for entry in self.entries:
            entry.part = reference

    def walk(self) -> Found:
        """Walk the part, unless it was, and give its entries their nodes."""
        if self.found is not None:
            return self.found
        self.found = Found()
        builder = Builder(self.text, self.start)
        self.found = found = walk(self.text, builder.visit, start=self.start, end=self.end, brackets=self.brackets)
        entries = found.roots[0].entries
        assert len(found.roots) == 1
        assert len(entries) == len(self.entries)
        for entry, real in zip(self.entries, entries, strict=True):
            entry.start, entry.key, entry.name, entry.node = real.start, real.key, real.name, real.node
            entry.part = None
        return self.found

    def tell(self, spans: list[tuple[int, int]], found: Found) -> None:
        """Add the anchors and aliases at spans to found, without a walk."""
        text = self.text
        for start, end in spans:
            name = text[start + 1 : end]
            if text[start] == "&":
                found.anchors.append(Anchor(start, name, None, self))
            else:
                alias = Node("alias", start, end, "")
                alias.value = name
                found.aliases.append(alias)


class Outline(Node):
    """A large collection in parts."""

    __slots__ = ("parts",)

    def __init__(self, kind: str, start: int, end: int, style: str, parts: list[Part]) -> None:
        super().__init__(kind, start, end, style)
        self.entries = [entry for part in parts for entry in part.entries]
        self.parts = parts

    def close(self) -> int:
        """Return where the content ends, for which the last part of a block collection is walked."""
        return self.end if self.style == "flow" else self.entries[-1].node.close()

    def expand(self, places: list[int], found: Found) -> None:
        """Walk the parts that hold places, which are sorted, and add what they hold to found."""
        last = 0
        for index, part in enumerate(self.parts):
            first = last
            # what stands above the first part is in its comments
            last = bisect_left(places, part.end) if index + 1 < len(self.parts) else len(places)
            inside = places[first:last]
            if not inside:
                continue
            if part.found is None and not part.brackets:
                told = told_marks(part.text, part.start, part.end, inside)
                if told is not None:
                    part.tell(told, found)
                    continue
            walked = part.walk()
            found.anchors += walked.anchors
            found.aliases += walked.aliases
            for entry in part.entries:
                if entry.is_walked() and isinstance(entry.node, Outline):
                    entry.node.expand([place for place in inside if place < part.end], found)
