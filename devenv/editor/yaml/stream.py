"""The documents of a text: where each stands, its root, its anchors and aliases."""

import re
from bisect import bisect_left
from typing import Any

from devenv.editor.yaml import parts
from devenv.editor.yaml.again import changed, moved, reoutlined
from devenv.editor.yaml.events import check, is_yaml, walk
from devenv.editor.yaml.lines import marks
from devenv.editor.yaml.nodes import Anchor, Builder, Found, Node
from devenv.editor.yaml.outline import outlined
from devenv.editor.yaml.parts import Outline
from devenv.errors import EditError, ParseError

LARGEST = 192 << 20
"""Bytes of a text that is read at all."""

EXPANDED = 64 << 20
"""Characters that a text may be with every alias written out, beyond ten times its length."""

_MARKER = re.compile(r"[\r\n](---|\.\.\.)(?=[ \t\r\n]|\Z)")
_FIRST_MARKER = re.compile(r"(---|\.\.\.)(?=[ \t\r\n]|\Z)")
_NOTHING = re.compile(r"\ufeff?(?:[ \t]*(?:#[^\r\n]*)?(?:[\r\n]|\Z)|%[^\r\n]*(?:[\r\n]|\Z))*\Z")


class Doc:
    """One document: ``text[start:end]``, directives and ``---`` included, a ``...`` after it not."""

    def __init__(self, text: str, start: int, body: int, end: int) -> None:
        self.text = text
        self.start = start
        self.body = body
        """Where its content may begin: after ``---``, or start where there is none."""
        self.end = end
        self._root: Node | None = None
        self._found: Found | None = None
        self._targets: dict[int, Anchor] = {}
        self._aliases: list[Node] | None = None
        self._sums: tuple[list[int], list[int]] | None = None
        self.merged: dict[int, list[Any]] = {}
        """The entries of each map with those its merge key brings in, by its node's identity, once they were asked."""

    @property
    def explicit(self) -> bool:
        """True when ``---`` begins it."""
        return self.body != self.start

    def outline(self) -> bool:
        """Cut a large document into parts; False when it is not large or not made so."""
        from_line = self.text.find("\n", self.body) + 1 if self.explicit else self.start
        if self.explicit and self.text[self.body : max(from_line, self.body)].strip():
            return False
        root = outlined(self.text, from_line, self.end)
        if root is None or (self.explicit and "%" in self.text[self.start : self.body]):
            return False
        self._root = root
        return True

    def check(self, *, alone: bool) -> None:
        """Cut a large document into parts, see to it that another is YAML; ParseError when it is not."""
        if self.end - self.start > parts.LARGE and self.outline():
            return
        if alone or not is_yaml(self.text[self.start : self.end]):
            _ = self.root  # walking it says what is wrong with it, if anything is

    def moved(self, text: str, shift: int) -> "Doc":
        """Return a document that stands shift further on in text, where nothing else is new about it."""
        doc = Doc(text, self.start + shift, self.body + shift, self.end + shift)
        if isinstance(self._root, Outline):
            doc._root = moved(self._root, text, shift)
        return doc

    def after(self, text: str, start: int, end: int, shift: int) -> "Doc | None":
        """Return a document after a change of its text from start to end; None when the whole text is to be read."""
        doc = Doc(text, self.start, self.body, self.end + shift)
        if isinstance(self._root, Outline):
            doc._root = reoutlined(self._root, text, start, end, shift)
            return doc if doc._root is not None else None
        if not self.explicit and _NOTHING.match(text, doc.start, doc.end):
            return None
        doc.check(alone=False)
        return doc

    def _walk(self) -> Found:
        found: Found = walk(self.text, Builder(self.text, self.start).visit, start=self.start, end=self.end)
        return found

    @property
    def root(self) -> Node | None:
        """The document's node; None when there is nothing but comments."""
        if self._root is None and self._found is None:
            self._found = self._walk()
            if len(self._found.roots) > 1:
                raise ParseError("a document begins where none was looked for", line=self.line(self._found.roots[1]))
            self._root = self._found.roots[0] if self._found.roots else None
        return self._root

    def line(self, node: Node) -> int:
        """Return the line a node begins at, counted from 1."""
        return self.text.count("\n", 0, node.start) + 1

    @property
    def found(self) -> Found:
        """The anchors and the aliases, in the order they stand in."""
        root = self.root
        if self._found is None:
            self._found = Found()
            assert isinstance(root, Outline)
            places = marks(self.text, self.body, self.end)
            if places:
                root.expand(places, self._found)
            self._found.anchors.sort(key=lambda anchor: anchor.start)
            self._found.aliases.sort(key=lambda node: node.start)
        elif self._found.anchors:
            self._found.anchors.sort(key=lambda anchor: anchor.start)
        return self._found

    def aliases(self) -> list[Node]:
        """Return the aliases there are, which costs next to nothing where there is no ``*``."""
        if self._aliases is None:
            self._aliases = self.found.aliases if self.text.find("*", self.body, self.end) >= 0 else []
        return self._aliases

    def settle(self) -> None:
        """Find what each alias stands for; ParseError when one stands for nothing."""
        aliases = self.aliases()
        if not aliases:
            return
        last: dict[str, Anchor] = {}
        anchors = iter(self.found.anchors)
        upcoming = next(anchors, None)
        for alias in aliases:
            while upcoming is not None and upcoming.start < alias.start:
                last[upcoming.name] = upcoming
                upcoming = next(anchors, None)
            target = last.get(alias.value)
            if target is None:
                start = self.text.rfind("\n", 0, alias.start) + 1
                raise ParseError(
                    f"the alias *{alias.value} has no anchor before it",
                    line=self.line(alias),
                    column=alias.start - start + 1,
                )
            self._targets[alias.start] = target

    def target(self, node: Node) -> Node:
        """Return what a node stands for: an alias's anchored node, every other node itself."""
        return self._targets[node.start].node if node.kind == "alias" else node

    def anchor(self, start: int) -> Anchor | None:
        """Return what the alias that begins at start stands for; None where none begins."""
        return self._targets.get(start)

    def uses(self, anchored: Node) -> list[Node]:
        """Return the aliases that stand for an anchored node."""
        return [alias for alias in self.aliases() if self._targets[alias.start].start == anchored.start]

    def guard(self, node: Node) -> None:
        """Raise EditError when a node with every alias in it written out is far more than the file is."""
        aliases = self.aliases()
        if not aliases:
            return
        if self._sums is None:
            self._sums = self._written_out(aliases)
        starts, sums = self._sums
        first, last = bisect_left(starts, node.start), bisect_left(starts, node.close())
        size = node.close() - node.start + sums[last] - sums[first]
        if size > EXPANDED + 10 * len(self.text):
            raise EditError(f"with its aliases written out this would be more than {size >> 20} MB")

    def _written_out(self, aliases: list[Node]) -> tuple[list[int], list[int]]:
        """Return where aliases begin, and how many characters those before each, and all, make written out."""
        starts = [alias.start for alias in aliases]
        sums = [0]
        for alias in aliases:
            target = self._targets[alias.start].node
            end = target.close()
            if end > alias.start:
                raise EditError(
                    f"the anchor &{target.anchor} at line {self.line(target)} holds an alias to itself: "
                    "it has no end when it is written out"
                )
            inside = (
                sums[bisect_left(starts, end, hi=len(sums) - 1)]
                - sums[bisect_left(starts, target.start, hi=len(sums) - 1)]
            )
            sums.append(sums[-1] + end - target.start + inside)
        return starts, sums


class Stream:
    """All documents of a text; ParseError when it is not YAML.

    was is the same before a change, if there was one: then only what is about it is read anew, where that will do.
    """

    def __init__(self, text: str, was: "Stream | None" = None) -> None:
        self.text = text
        self.docs = (was is not None and _again(was, text)) or _read(text)
        for doc in self.docs:
            doc.settle()


def _read(text: str) -> list[Doc]:
    """Return the documents of a text, each checked."""
    docs = [Doc(text, *place) for place in _split(text)]
    if not docs or _has_directives(text):
        check(text)  # directives may stand where no document is
    for doc in docs:
        doc.check(alone=len(docs) == 1)
    return docs


def _has_directives(text: str) -> bool:
    return text.startswith("%") or "\n%" in text


def _again(was: Stream, text: str) -> list[Doc]:
    """Return the documents of a text after a change inside one of them; none when all is to be read."""
    old = was.text
    start, end = changed(old, text)
    shift = len(text) - len(old)
    if _has_directives(text) or _has_marker(old, start, end) or _has_marker(text, start, end + shift):
        return []
    docs: list[Doc] = []
    hit = None
    for doc in was.docs:
        if hit is None and doc.body + doc.explicit <= start and end <= doc.end:
            hit = doc.after(text, start, end, shift)
            if hit is None:
                return []
            docs.append(hit)
        else:
            docs.append(doc.moved(text, shift if hit is not None else 0))
    return docs if hit is not None else []


def _has_marker(text: str, start: int, end: int) -> bool:
    """Say whether a marker of documents begins one of the lines from start to end."""
    above = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start))
    below = text.find("\n", end) % (len(text) + 1)
    return _MARKER.search(text, max(above, 0), below) is not None or (
        above < 0 and _FIRST_MARKER.match(text, 0, below) is not None
    )


def _split(text: str) -> list[tuple[int, int, int]]:
    """Return start, body and end of each document."""
    docs: list[tuple[int, int, int]] = []
    start, body, end = 0, 0, 0
    explicit = False
    first = _FIRST_MARKER.match(text)
    for found in [*([first] if first else []), *_MARKER.finditer(text), None]:
        end = found.start(1) if found else len(text)
        if explicit or not _NOTHING.match(text, start, end):
            docs.append((start, body, end))
            explicit = False
            start = body = end
        if found is None:
            break
        if found[1] == "---":
            body, explicit = found.end(), True
        else:
            line = text.find("\n", found.end())
            start = body = line + 1 if line >= 0 else len(text)
    return docs
