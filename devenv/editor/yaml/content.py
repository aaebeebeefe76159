"""Paths through the documents of a text: what stands where, through aliases and merge keys.

With more than one document the first step may be the index of one; a path without it must lead somewhere in exactly
one document, else all it leads to are told. Of a key that is there twice, the last is read, as most readers do.
"""

from bisect import bisect_right
from typing import NamedTuple

from devenv.editor.document import Match, Step, Steps
from devenv.editor.keypath import as_index
from devenv.editor.values import SCALARS, Value, kind_of
from devenv.editor.yaml import scalars
from devenv.editor.yaml.nodes import Entry, Node
from devenv.editor.yaml.place import Place
from devenv.editor.yaml.render import Style
from devenv.editor.yaml.stream import Doc, Stream
from devenv.errors import EditError


class Way(NamedTuple):
    """How a path leads to a node: the entries it goes through, in the document's own order."""

    doc: Doc
    steps: Steps
    """Plain steps, without the document's index."""
    chain: tuple[tuple[Node, Entry], ...]
    """Each collection gone through, aliases followed, with the entry taken."""
    aliases: tuple[Node, ...] = ()
    """The aliases followed, the one a path ends at included."""
    merged: int | None = None
    """How many steps lead to the map whose merge key was followed first."""

    @property
    def raw(self) -> Node | None:
        """The node as it stands, an alias not followed; None for a document with nothing in it."""
        return self.chain[-1][1].node if self.chain else self.doc.root

    @property
    def node(self) -> Node | None:
        """The node meant: an alias's anchored node."""
        raw = self.raw
        return self.doc.target(raw) if raw is not None else None

    def is_direct(self) -> bool:
        """Say whether the steps are those to where the node stands: through no alias and no merge key."""
        return not self.aliases and self.merged is None and self.is_own()

    def is_own(self) -> bool:
        """Say whether each entry stands in its map itself, not in one that is written behind a merge key."""
        return all(node.kind == "seq" or entry in node.named(entry.name or "") for node, entry in self.chain)


def child_entries(doc: Doc, node: Node) -> list[tuple[Step, Entry, tuple[Node, ...]]]:
    """Return the entries of a collection as readers see them, each with the aliases that merged it in."""
    if node.kind == "seq":
        return [(index, entry, ()) for index, entry in enumerate(node.children())]
    known = doc.merged.get(id(node))
    if known is None:
        # none while it is looked into: a map that merges itself has no end
        doc.merged[id(node)] = []
        known = doc.merged[id(node)] = _merged(doc, node)
    return known


def _merged(doc: Doc, node: Node) -> list[tuple[Step, Entry, tuple[Node, ...]]]:
    seen: dict[Step, tuple[Entry, tuple[Node, ...]]] = {}
    sources = []
    for entry in node.children():
        if is_merge(doc, entry):
            sources.append(entry)
        elif entry.name is not None:
            seen[entry.name] = (entry, ())
    for entry in sources:
        for through, source in merge_sources(doc, entry.node) or ():
            for step, inherited, further in child_entries(doc, source):
                seen.setdefault(step, (inherited, (*through, *further)))
    return [(step, entry, through) for step, (entry, through) in seen.items()]


def is_merge(doc: Doc, entry: Entry) -> bool:
    """Say whether an entry is a merge key with something that can be merged."""
    if entry.name != "<<":
        return False
    node = entry.node
    if entry.key is not None and entry.key.style:
        return False
    return merge_sources(doc, node) is not None


def merge_sources(doc: Doc, node: Node) -> list[tuple[tuple[Node, ...], Node]] | None:
    """Return the maps a merge key brings in, those that win first, with the aliases followed; None when one is none."""
    listed = doc.target(node)
    through = (node,) if node.kind == "alias" else ()
    if listed.kind == "map":
        return [(through, listed)]
    if listed.kind != "seq":
        return None
    sources = []
    for entry in listed.children():
        target = doc.target(entry.node)
        if target.kind != "map":
            return None
        sources.append(((*through, *((entry.node,) if entry.node.kind == "alias" else ())), target))
    return sources


_NEAR = 300
"""Ways that are remembered: more than there are levels."""


class Content:
    """The documents of one text, to be looked into."""

    def __init__(self, text: str, style: Style, was: "Content | None" = None) -> None:
        self.text = text
        self.style = style
        self.stream: Stream = Stream(text, was.stream if was is not None else None)
        self.docs = self.stream.docs
        self._near: dict[Steps, list[Way]] = {}
        """Ways asked for of late, those gone on from last: what is asked next is often one step further."""

    def written_in(self, style: Style) -> "Content":
        """Return the same content, into which is written in a style."""
        if style == self.style:
            return self
        other = Content.__new__(Content)
        other.__dict__.update(self.__dict__)
        other.style = style
        return other

    @property
    def many(self) -> bool:
        """True with more than one document."""
        return len(self.docs) > 1

    def numbered(self, steps: Steps) -> tuple[int | None, Steps]:
        """Return the index of the document that steps name, None when they name none, and the steps in it."""
        if not self.many or not steps or isinstance(steps[0], Match):
            return None, steps
        first = steps[0]
        if isinstance(first, str) and not first.isdigit():
            return None, steps
        index = as_index(first, len(self.docs))
        return (None, steps) if index is None or index == len(self.docs) else (index, steps[1:])

    def ways(self, steps: Steps) -> list[Way]:
        """Return every way steps lead to something; with several documents, in all of them or the one named."""
        near = self._near
        ways = near.get(steps)
        if ways is None:
            above = near.pop(steps[:-1], None) if len(steps) > 1 else None
            if above is not None:
                near[steps[:-1]] = above
                ways = [way for known in above for way in _onward(known, steps[-1])]
            else:
                index, rest = self.numbered(steps)
                docs = self.docs if index is None else [self.docs[index]]
                ways = [way for doc in docs for way in follow(doc, rest)]
            if len(near) >= _NEAR:
                del near[next(iter(near))]
            near[steps] = ways
        return ways

    def way(self, steps: Steps) -> Way:
        """Return the one way of plain steps that ways() gave."""
        return self.ways(steps)[0]

    def parted(self, steps: Steps) -> tuple[Steps, Steps]:
        """Return plain steps as far as steps lead to something, in one document, and those that lead on to nothing."""
        for cut in range(len(steps) - 1, 0, -1):
            ways = self.ways(steps[:cut])
            if ways:
                return self.plain(ways[0]), steps[cut:]
        return (), steps

    def plain(self, way: Way) -> Steps:
        """Return a way's steps from the text's root."""
        return (self.docs.index(way.doc), *way.steps) if self.many else way.steps

    def place(self, way: Way) -> Place:
        """Return the place a way leads to, an alias at its end not followed."""
        doc = way.doc
        chain = way.chain if way.is_own() else locate(doc, way.chain[-1][1].node).chain
        node = chain[-1][1].node if chain else doc.root
        assert node is not None
        if not chain:
            return Place(self.text, self.style, doc, node)
        parent, entry = chain[-1]
        return Place(self.text, self.style, doc, node, parent, entry, flow=parent.style == "flow")

    def anchored_place(self, doc: Doc, node: Node) -> Place:
        """Return the place where an anchored node stands, found from the document's root by its position."""
        way = locate(doc, node)
        return self.place(way)

    def read(self, doc: Doc, node: Node | None) -> Value:
        """Return a node's value, aliases and merge keys written out."""
        if node is None:
            return None
        node = doc.target(node)
        if node.kind == "scalar":
            return scalar_value(self.text, node)
        if node.kind == "seq":
            return [self.read(doc, entry.node) for entry in node.children()]
        return {str(step): self.read(doc, entry.node) for step, entry, _ in child_entries(doc, node)}

    def kind(self, doc: Doc, node: Node | None) -> str:
        """Return the kind of what a node stands for."""
        if node is None:
            return "null"
        node = doc.target(node)
        if node.kind == "scalar":
            return "string" if node.style and node.tag is None else kind_of(scalar_value(self.text, node))
        return "object" if node.kind == "map" else "array"


def scalar_value(text: str, node: Node) -> Value:
    """Return what a scalar means."""
    if node.tag is not None:
        return scalars.tagged(node.value, node.style, node.tag, text[node.start : node.end])
    return node.value if node.style else scalars.plain(node.value)


def follow(doc: Doc, steps: Steps) -> list[Way]:
    """Return the ways steps lead from a document's root."""
    root = doc.root
    if root is None:
        return [] if steps else [Way(doc, (), ())]
    ways = [Way(doc, (), (), (root,) if root.kind == "alias" else ())]
    for step in steps:
        ways = [onward for way in ways for onward in _onward(way, step)]
    return ways


def _onward(way: Way, step: Step) -> list[Way]:
    """Return the ways that go on from one with a step."""
    doc, node = way.doc, way.node
    assert node is not None
    found = []
    for taken, entry, through in _taken(doc, node, step):
        value = entry.node
        aliases, merged = way.aliases, way.merged
        if through or value.kind == "alias":
            aliases = (*aliases, *through, *((value,) if value.kind == "alias" else ()))
            if merged is None and through:
                merged = len(way.steps)
        found.append(Way(doc, (*way.steps, taken), (*way.chain, (node, entry)), aliases, merged))
    return found


def _taken(doc: Doc, node: Node, step: Step) -> list[tuple[Step, Entry, tuple[Node, ...]]]:
    """Return the entries of a node that a step takes."""
    if node.kind not in ("map", "seq"):
        return []
    if isinstance(step, Match):
        return [found for found in child_entries(doc, node) if _matches(doc, found[1], step)]
    if node.kind == "seq":
        entries = node.children()
        index = as_index(step, len(entries))
        return [] if index is None or index == len(entries) else [(index, entries[index], ())]
    if not isinstance(step, str):
        return []
    own = node.named(step)
    if own:
        return [(step, own[-1], ())]
    if not node.named("<<"):
        return []
    return [found for found in child_entries(doc, node) if found[0] == step]


def _matches(doc: Doc, entry: Entry, match: Match) -> bool:
    from devenv.editor.engine import as_text

    node = doc.target(entry.node)
    if match.key is not None:
        taken = _taken(doc, node, match.key) if node.kind == "map" else []
        if not taken:
            return False
        node = doc.target(taken[0][1].node)
    if node.kind != "scalar":
        return False
    value = scalar_value(doc.text, node)
    return kind_of(value) in SCALARS and (as_text(value) == match.value or node.value == match.value)


def locate(doc: Doc, node: Node) -> Way:
    """Return the way from a document's root to a node of it, along the text as it stands."""
    way = Way(doc, (), ())
    current = doc.root
    while current is not None and not is_one(current, node):
        entries = current.children()
        index = bisect_right(entries, node.start, key=_begins) - 1
        if index < 0:
            line = doc.text.count("\n", 0, node.start) + 1
            raise EditError(f"what stands inside a key at line {line} is not edited")
        entry = entries[index]
        step: Step = entry.name or "" if current.kind == "map" else index
        way = Way(doc, (*way.steps, step), (*way.chain, (current, entry)))
        if entry.key is not None and is_one(entry.key, node):
            break
        current = entry.node
    return way


def is_one(node: Node, other: Node) -> bool:
    """Say whether two are one node: of an alias there may be two, one of them told by its line alone."""
    return node is other or (node.kind == other.kind == "alias" and node.start == other.start)


def _begins(entry: Entry) -> int:
    return entry.start
