"""A text as the tree its lens makes of it, with the place in the text of every node.

Nodes are plain tuples that nobody changes; a node is named by its trail, the indices of the children from the root to
it. The tree inside libaugeas is kept beside them to be asked for places (spans) and path expressions.
"""

from __future__ import annotations

import gc
import os
from itertools import count

from devenv.editor.lens import forget, place, shared
from devenv.editor.trees import guard
from devenv.errors import EditError, ParseError, ToolMissing
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any

Trail = tuple[int, ...]


class Node(Record):
    """A node of a tree; a value that is not there is "", as is an empty one."""

    label: str
    value: str
    children: list[Node]


class Span(Record):
    """Where a node is in the text, in bytes; label and value have no place when start and end are the same."""

    label_start: int
    label_end: int
    value_start: int
    value_end: int
    start: int
    end: int


INI = frozenset({"Ini.lns", "Configparser.lns"})
"""Lenses of INI files in general: they make the same nodes and marks."""

_numbers = count()
_recent: dict[tuple[str, bytes], Parsed] = {}
_KEPT = 4


def parse(lens: str, text: bytes) -> Parsed:
    """Return the tree of a text; the last few are remembered, since the engine looks at each text twice.

    Raises ParseError with line and column when the lens does not take the text, ToolMissing when there is none such.
    """
    known = _recent.get((lens, text))
    if known is None:
        collecting = gc.isenabled()
        # a collection looks at all the nodes made so far, again and again
        gc.disable()
        try:
            near = next((each for each in reversed(_recent.values()) if each.lens == lens), None)
            known = _class_for(lens)(lens, text, near)
        finally:
            if collecting:
                gc.enable()
        while len(_recent) >= _KEPT:
            del _recent[next(iter(_recent))]
        _recent[lens, text] = known
    return known


def _class_for(lens: str) -> type[Parsed]:
    if lens in INI:
        from devenv.editor.trees.iniparse import IniParsed

        return IniParsed
    if not lens.startswith("Xml."):
        return Parsed
    from devenv.editor.trees.xmlparse import XmlParsed

    return XmlParsed


class Parsed:
    """A text, its lens and the tree of it. ``root`` has neither label nor value.

    What is known of a text near to it may be taken over, where that is the same and faster.
    """

    def __init__(self, lens: str, text: bytes, near: Parsed | None = None) -> None:
        self.lens = lens
        self.text = text
        guard.check(lens, text)
        self.encoding = encoding_of(text)
        self._augeas = shared()
        self._base = f"/trees/{next(_numbers)}"
        _load(self._augeas, lens, text, self._base)
        self.root = self._mirror()
        self._spans: dict[Trail, Span] = {}

    def __del__(self) -> None:
        """Free the tree: a process may edit a thousand files."""
        if hasattr(self, "_base"):
            forget(self._base)

    def at(self, trail: Trail) -> Node:
        """Return the node a trail leads to."""
        node = self.root
        for index in trail:
            node = node.children[index]
        return node

    def span(self, trail: Trail) -> Span:
        """Return where a node is in the text."""
        if not trail:
            return Span(0, 0, 0, 0, 0, len(self.text))
        known = self._spans.get(trail)
        if known is None:
            path = self._base + "".join(f"/*[{index + 1}]" for index in trail)
            # a newline that is missing at the end counts as being there
            numbers = (min(number, len(self.text)) for number in self._augeas.span(path)[1:])
            known = Span(*numbers)
            if known.start > known.end:
                known = self._nowhere(trail)
            self._spans[trail] = known
        return known

    def _nowhere(self, trail: Trail) -> Span:
        """Return the span of a node that no text stands for: where its neighbours meet."""
        parent, index = trail[:-1], trail[-1]
        if index:
            at = self.span((*parent, index - 1)).end
        elif len(self.at(parent).children) > 1:
            at = self.span((*parent, 1)).start
        else:
            at = self.span(parent).end
        return Span(0, 0, 0, 0, at, at)

    def source(self, trail: Trail) -> bytes:
        """Return the text of a node."""
        span = self.span(trail)
        return self.text[span.start : span.end]

    def select(self, expression: str) -> list[Trail]:
        """Return the trails of what an Augeas path expression matches, in document order; EditError if it is none."""
        relative = expression if expression.startswith("//") else f"/{expression.strip('/')}"
        try:
            found = self._augeas.match(self._base + relative.rstrip("/"))
        except (ValueError, RuntimeError):
            detail = self._augeas.get("/augeas/pathx/error") if self._augeas.match("/augeas/pathx/error") else ""
            raise EditError(f"{expression} is not a path expression{f': {detail}' if detail else ''}") from None
        if not found:
            return []
        if found == [self._base]:
            return [()]
        wanted = _set(self._augeas, self._base + relative)
        order = {pointer: at for at, (pointer, _, _) in enumerate(_set(self._augeas, f"{self._base}/descendant::*"))}
        trails = list(_trails(self.root))
        return [trails[order[pointer]] for pointer, _, _ in wanted if pointer in order]

    def _mirror(self) -> Node:
        """Copy the tree out of libaugeas, in time that grows with its size alone.

        A label's address tells which node is meant: no two nodes share one.
        """
        depths: dict[int, int] = {}
        level, expression = 0, f"{self._base}/*"
        while found := _set(self._augeas, expression):
            depths.update(dict.fromkeys((pointer for pointer, _, _ in found), level))
            level, expression = level + 1, "$devenv/*"
        root = Node("", "", [])
        lists = [root.children]
        new = tuple.__new__
        for pointer, label, value in _set(self._augeas, f"{self._base}/descendant::*"):
            node = new(Node, (label.decode(self.encoding), value.decode(self.encoding), []))
            depth = depths[pointer]
            lists[depth].append(node)
            lists[depth + 1 :] = [node.children]
        return root


def encoding_of(text: bytes) -> str:
    """Return utf-8, or latin-1 for what is none."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        # one character a byte, so that what goes in comes out whatever its encoding is
        return "latin-1"
    return "utf-8"


def _trails(root: Node) -> Any:
    """Yield the trail of every node below root, in document order."""
    stack: list[tuple[Trail, Node]] = [((index,), child) for index, child in reversed(list(enumerate(root.children)))]
    while stack:
        trail, node = stack.pop()
        yield trail
        stack.extend(((*trail, index), child) for index, child in reversed(list(enumerate(node.children))))


def _load(augeas: Any, lens: str, text: bytes, base: str) -> None:
    """Read a text with a lens to the tree at base.

    Places are noted only for what is read as a file, so the text is one for a moment: in memory where the system can.
    """
    descriptor, name = _as_file(text)
    try:
        augeas.remove("/augeas/load/*")
        augeas.transform(lens, name)
        augeas.load_file(name)
        errors = augeas.match(f"/augeas/files{name}/error")
        if errors:
            raise _refused(augeas, lens, text, errors[0])
        if not augeas.match(f"/augeas/files{name}/path"):
            raise _missing(augeas, lens)
        augeas.move(f"/files{name}", base)
    finally:
        augeas.remove("/augeas/files/*")
        augeas.remove("/files/*")
        os.close(descriptor)
        if not name.startswith("/proc/"):
            os.unlink(name)  # noqa: PTH108


def _as_file(text: bytes) -> tuple[int, str]:
    if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd"):  # noqa: PTH112
        descriptor = os.memfd_create("devenv")
        name = f"/proc/self/fd/{descriptor}"
    else:
        from tempfile import mkstemp

        descriptor, name = mkstemp(prefix="devenv-")
    written = 0
    while written < len(text):
        written += os.write(descriptor, text[written:])
    return descriptor, name


def _missing(augeas: Any, lens: str) -> Exception:
    """Return the error of a lens that was not found or is broken: only reading a text with it says which."""
    augeas.set("/devenv/nothing", "")
    try:
        augeas.text_store(lens, "/devenv/nothing", "/devenv/none")
    except (ValueError, RuntimeError, OSError) as exc:
        why = str(exc).partition("failed: ")[2].strip().partition("\n")[0] or str(exc)
        if why.startswith("Lens not found"):
            return ToolMissing(f"lens {lens}", install="apt-get install augeas-lenses", why=_nearest(lens))
        return EditError(f"lens {lens} cannot be used: {why}")
    return ParseError(f"{lens} reads no file")


def _nearest(lens: str) -> str | None:
    from difflib import get_close_matches

    from devenv.editor.trees import filters

    near = get_close_matches(lens, [fmt.lens or "" for fmt in filters.formats()], n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else None


def _refused(augeas: Any, lens: str, text: bytes, error: str) -> Exception:
    at = augeas.get(f"{error}/pos")
    if at is None or not at.isdigit():
        message = str(augeas.get(f"{error}/message") or augeas.get(error) or "").partition("\n")[0]
        message = message.replace(error.removeprefix("/augeas/files").removesuffix("/error"), "the text")
        return ParseError(f"{lens} does not read this{f': {message}' if message else ''}")
    # libaugeas's own words ("Iterated lens matched less than it should") say nothing more
    line, column = place(text, int(at))
    return ParseError(f"{lens} cannot read the text from here on", line=line, column=column)


def _set(augeas: Any, expression: str) -> list[tuple[int, bytes, bytes]]:
    """Return address of the label, label and value of each node an expression matches, at C speed."""
    from _augeas import ffi, lib

    augeas.defvar("devenv", expression)
    handle = augeas._Augeas__handle
    labels, values, null = ffi.new("const char **"), ffi.new("const char **"), ffi.NULL
    string, address, ask = ffi.string, ffi.cast, lib.aug_ns_attr
    found = []
    for index in range(lib.aug_ns_count(handle, b"devenv")):
        ask(handle, b"devenv", index, values, labels, null)
        label, value = labels[0], values[0]
        number = int(address("uintptr_t", label))
        found.append((number, string(label), b"" if value == null else string(value)))
    return found
