"""The YAML document the engine works on: every change is a splice, read again at once."""

from devenv.editor.absent import below_scalar, nested, no_match, not_an_array, not_in_array
from devenv.editor.document import Document, Match, Step, Steps
from devenv.editor.keypath import as_index, spelled
from devenv.editor.values import Literal, Value
from devenv.editor.yaml import refine
from devenv.editor.yaml.compare import verify
from devenv.editor.yaml.content import Way, follow, locate
from devenv.editor.yaml.insert import insert_items, insert_pairs
from devenv.editor.yaml.nodes import Node
from devenv.editor.yaml.place import Place, Splice, spliced
from devenv.editor.yaml.remove import remove
from devenv.editor.yaml.render import block_lines, scalar_lines
from devenv.editor.yaml.replace import needs_line_end, replace
from devenv.editor.yaml.shared import (
    no_document,
    not_from_here,
    only_with_force,
    refuse_unmerged,
    refuse_unmerged_item,
    still_there,
)
from devenv.editor.yaml.stream import Doc
from devenv.editor.yaml.view import View
from devenv.errors import EditError, ParseError


class YamlDocument(View):
    """One YAML text; see Document for what each method promises, and backends.yaml for what is special to YAML."""

    tree = False

    def verify(self, before: Document, touched: list[Steps]) -> None:
        assert isinstance(before, YamlDocument)
        before.settle()
        self.settle()
        verify(before.content, self.content, touched)

    def stands(self, steps: Steps, *, itself: bool = False) -> tuple[Steps, bool]:
        """Return where the value at plain steps, or the entry itself, stands, and whether it is seen elsewhere, too."""
        ways = self.content.ways(steps) if any(doc.aliases() for doc in self.content.docs) else []
        way = ways[0] if ways else None
        if way is None or not is_shared(way):
            return steps, False
        node = way.raw if itself else way.node
        place = locate(way.doc, node) if node is not None else way
        return self.content.plain(place if place.raw is node else way), True

    # changes

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        # what others wait for comes first, and then it may be simple, too
        if self._put_off(steps, value) or (self.settle() and self._put_off(steps, value)):
            return
        was = (self.data, self.content)
        try:
            ways = self.content.ways(steps) if self.content.docs else []
            if not steps and self.content.many:
                raise EditError(f"there are {len(self.content.docs)} documents: name one by its index, as in [0]")
            if ways:
                self._put_there(ways[0], value, force=force)
            else:
                self._make(steps, value, force=force)
        except (EditError, ParseError):
            self.data, self.content = was
            raise

    def _put_off(self, steps: Steps, value: Value) -> bool:
        """Let a change wait that is simple enough; False when it is not."""
        if not self.content.docs or any(isinstance(step, Match) for step in steps) or self._is_longer(steps):
            return False
        ways = self.content.ways(steps)
        if ways:
            return len(ways) == 1 and self._replace_later(ways[0], steps, value)
        return self._add_later(steps, value)

    def _replace_later(self, way: Way, steps: Steps, value: Value) -> bool:
        """Let a scalar wait that takes the place of another on one line."""
        node = way.node
        if isinstance(value, dict | list | Literal) or self.waiting.touches(steps):
            return False
        if node is None or node.kind != "scalar" or node.tag or is_shared(way):
            return False
        refuse_twice(way)
        splices = replace(self.content.place(way), value)
        start, end, new = splices[0]
        if len(splices) != 1 or "\n" in new or "\n" in self.content.text[start:end]:
            return False
        self.waiting.replace(self.content.plain(way), splices[0])
        return True

    def _add_later(self, steps: Steps, value: Value) -> bool:
        """Let a new entry of a map wait that has some already."""
        index, rest = self.content.numbered(steps)
        if self.content.many and index is None:
            return False
        cut, way = deepest(self.content.docs[index or 0], rest)
        node = way.node
        if node is None or node.kind != "map" or not node.children() or is_shared(way):
            return False
        refuse_twice(way)
        return self.waiting.add(self.content.plain(way), rest[cut:], value, self.content.place(way))

    def _append_later(self, steps: Steps, index: int, value: Value) -> bool:
        """Let a new last entry of a list wait that has some already."""
        if self._is_longer(steps) or (self.content.many and self.content.numbered(steps)[0] is None):
            return False
        way = self.content.way(steps)
        node = way.node
        if node is None or node.kind != "seq" or is_shared(way):
            return False
        refuse_twice(way)
        refuse_unmerged_item(self.content, way, value)
        return self.waiting.append(self.content.plain(way), index, value, self.content.place(way))

    def _put_there(self, way: Way, value: Value, *, force: bool) -> None:
        """Replace what is there."""
        content = self.content
        refuse_twice(way)
        if way.merged is None:
            refuse_unmerged(content, way, value)
        if way.aliases and not force:
            # what else is against it is said first: force would be no answer to that
            self._put_there(way, value, force=True)
            raise only_with_force(content, way)
        if way.merged is not None:
            self._override(way, way.steps[way.merged :], value)
            return
        node = way.node
        if node is None or is_bare(way.doc, node, value):
            self.commit(self._whole(way.doc, value))
            return
        place = content.place(way) if way.raw is node else content.anchored_place(way.doc, node)
        if place.node is not node:
            raise EditError(f"the anchor &{node.anchor} at line {way.doc.line(node)} is that of a key")
        itself = way if way.is_direct() else locate(way.doc, node)
        plan = refine.planned(content, content.plain(itself), place, value)
        if plan is not None:
            refine.carry_out(self, plan)
            return
        self.splice(place.doc, replace(place, value), self.lost(place, whole=False))

    def _override(self, way: Way, rest: Steps, value: Value) -> None:
        """Give the map that a value is merged into an entry of its own."""
        assert way.merged is not None
        above = follow(way.doc, way.steps[: way.merged])[0]
        key = str(rest[0])
        if len(rest) > 1:
            inherited = follow(way.doc, way.steps[: way.merged + 1])[0]
            value = with_value(self.content.read(way.doc, inherited.node), rest[1:], value)
        node = above.node
        assert node is not None
        place = self.content.anchored_place(way.doc, node)
        self.splice(way.doc, insert_pairs(place, [(key, value)]), [])

    def _make(self, steps: Steps, value: Value, *, force: bool) -> None:
        """Make what is not there, with its parents."""
        content = self.content
        index, rest = content.numbered(steps)
        if content.many and index is None:
            raise no_document(content, steps)
        if not content.docs:
            self.commit(self._into_nothing(nested(rest, value, ())))
            return
        doc = content.docs[index or 0]
        cut, way = deepest(doc, rest)
        refuse_twice(way)
        node = way.node
        if way.aliases and not force:
            self._make(steps, value, force=True)
            raise only_with_force(content, way, rest[cut:])
        if way.merged is not None:
            self._override(way, rest[way.merged :], value)
            return
        missing = nested(rest[cut + 1 :], value, rest[: cut + 1])
        if node is None or is_bare(doc, node, {}):
            self.commit(self._whole(doc, nested(rest[cut:], value, rest[:cut])))
            return
        place = content.place(way) if way.raw is node else content.anchored_place(doc, node)
        if node.kind == "scalar":
            kind = content.kind(doc, node)
            if kind != "null" and not force:
                raise below_scalar(content.plain(way), kind, rest[cut:])
            splices = replace(place, nested(rest[cut:], value, rest[:cut]))
        elif node.kind == "map":
            if not isinstance(rest[cut], str):
                raise not_an_array(content.plain(way), rest[cut])
            splices = insert_pairs(place, [(str(rest[cut]), missing)])
        else:
            refuse_unmerged_item(content, way, missing)
            splices = insert_items(place, last_index(content.plain(way), node, rest[cut]), [missing])
        self.splice(doc, splices, [])

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        if self._append_later(steps, index, value) or (self.settle() and self._append_later(steps, index, value)):
            return
        if not steps and self.content.many:
            raise EditError("documents cannot be put between others")
        way = self.content.way(steps)
        refuse_twice(way)
        refuse_unmerged_item(self.content, way, value)
        if way.aliases:
            raise only_with_force(self.content, way)
        place = self.content.place(way)
        self.splice(place.doc, insert_items(place, index, [value]), [])

    def delete(self, steps: Steps) -> None:
        self.settle()
        way = self.content.way(steps)
        if not way.chain:
            raise EditError("a whole document cannot be taken out")
        refuse_twice(way)
        raw = way.raw
        followed = way.aliases[:-1] if raw is not None and raw.kind == "alias" else way.aliases
        if followed or way.merged is not None:
            through = way._replace(aliases=followed or way.aliases)
            raise not_from_here(self.content, through, raw)
        if raw is not None and not way.is_own():
            way = locate(way.doc, raw)
        place = self.content.place(way)
        parent = self.content.place(follow(way.doc, way.steps[:-1])[0])
        was = (self.data, self.content)
        self.splice(place.doc, remove(place, parent), self.lost(place, whole=True))
        left = self.content.ways(steps) if isinstance(steps[-1], str) else []
        if left:
            exc = still_there(self.content, left[0])
            self.data, self.content = was
            raise exc

    # how

    def lost(self, place: Place, *, whole: bool) -> list[Node]:
        """Return the anchored nodes that go with what is replaced or, whole, taken out."""
        doc, node = place.doc, place.node
        if not doc.aliases():
            return []
        start = place.entry.start if whole and place.entry is not None else node.start
        end = node.close()
        inside = [anchor.node for anchor in doc.found.anchors if start <= anchor.start < end]
        return inside if whole else [anchored for anchored in inside if anchored is not node]

    def splice(self, doc: Doc, splices: list[Splice], lost: list[Node]) -> None:
        """Make splices in a document, with which anchored nodes go; EditError when one of those is needed."""
        for anchored in lost:
            gone = [alias for alias in doc.uses(anchored) if not any(s <= alias.start < e for s, e, _ in splices)]
            if gone:
                raise EditError(
                    f"the anchor &{anchored.anchor} at line {doc.line(anchored)} would go with it, "
                    f"and line {doc.line(gone[0])} needs it"
                )
        self.commit(spliced(self.content.text, splices))

    def _whole(self, doc: Doc, value: Value) -> str:
        """Return the text with value in a document that holds nothing but comments."""
        text, end = self.content.text, doc.end
        return text[:end] + self._standing(text[:end], value) + text[end:]

    def _into_nothing(self, value: Value) -> str:
        """Return the text of a file without documents with value in it."""
        text = self.content.text
        return text + self._standing(text, value, ends=not text)

    def _standing(self, above: str, value: Value, *, ends: bool = True) -> str:
        """Return value as lines of its own below above."""
        style = self.content.style
        many = isinstance(value, dict | list) and value
        lines = block_lines(value, style, 0) if many else scalar_lines(value, "", style, -1, flow=False)
        joined = style.newline.join(lines)
        if above and above[-1] not in "\r\n":
            return style.newline + joined + (style.newline if needs_line_end(value) else "")
        return joined + style.newline


def is_bare(doc: Doc, node: Node, value: Value) -> bool:
    """Say whether a document holds nothing but its ``---`` and comments, below which a collection is to stand."""
    return node is doc.root and node.start == node.end and isinstance(value, dict | list)


def is_shared(way: Way) -> bool:
    """Say whether what a way leads to is, or may be, seen in other places too: through aliases or merge keys."""
    if not way.is_direct() or any(entry.name == "<<" for _, entry in way.chain):
        return True
    nodes = [*(node for node, _ in way.chain), way.raw]
    return any(node is not None and node.anchor is not None for node in nodes) and bool(way.doc.aliases())


def refuse_twice(way: Way) -> None:
    """Raise EditError when a key on the way is there twice: readers do not agree on which counts."""
    for node, entry in way.chain:
        if node.kind == "map" and entry.name is not None:
            same = node.named(entry.name)
            if len(same) > 1:
                lines = " and ".join(str(way.doc.line(other.key)) for other in same[:3] if other.key is not None)
                raise EditError(f"the key {entry.name} is there {len(same)} times (lines {lines})", hint="leave one")


def deepest(doc: Doc, steps: Steps) -> tuple[int, Way]:
    """Return how many of steps lead somewhere, less than all, and the way there."""
    for cut in range(len(steps) - 1, -1, -1):
        ways = follow(doc, steps[:cut])
        if len(ways) > 1:
            raise EditError(f"{spelled(steps[:cut])} is ambiguous: there are {len(ways)} of it")
        if ways:
            if isinstance(steps[cut], Match):
                raise no_match(steps[:cut], steps[cut])
            return cut, ways[0]
    raise AssertionError("the root is always there")


def last_index(where: Steps, node: Node, step: Step) -> int:
    """Return the length of a list when step names the place after its last entry; EditError for all else."""
    length = len(node.children())
    if as_index(step, length) != length:
        raise not_in_array(where, step, length)
    return length


def with_value(whole: Value, steps: Steps, value: Value) -> Value:
    """Return a copy of whole with value at steps."""
    if not steps:
        return value
    step = steps[0]
    if isinstance(whole, dict):
        return {**whole, str(step): with_value(whole.get(str(step)), steps[1:], value)}
    if isinstance(whole, list) and not isinstance(step, Match):
        index = as_index(step, len(whole))
        if index is not None:
            inner = with_value(whole[index] if index < len(whole) else None, steps[1:], value)
            return [*whole[:index], inner, *whole[index + 1 :]]
    return nested(steps, value, ())
