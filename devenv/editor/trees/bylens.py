"""What a lens itself would write, for changes that no splice of bytes does: taken where it leaves other lines alone."""

from __future__ import annotations

from devenv.editor.lens import CANNOT_HOLD
from devenv.editor.trees.change import LARGEST_PUT
from devenv.editor.trees.parse import Node, Parsed, Trail, parse
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devenv.editor.lens import Tree
    from devenv.editor.trees.change import Judge


def set_value(parsed: Parsed, trail: Trail, value: str, accept: Judge, place: tuple[int, int]) -> Parsed:
    """Return the text with another value of one node; place is where in the text that may change something."""

    def change(tree: Tree, nothing: str | None) -> None:
        tree.set(_path(trail), value or nothing)

    out = _written(parsed, change, accept)
    return _confined(parsed, out, accept, place, trail)


def remove(parsed: Parsed, trail: Trail, accept: Judge, place: tuple[int, int]) -> Parsed:
    """Return the text without one node; place is where in the text that may change something."""

    def change(tree: Tree, _: str | None) -> None:
        tree.remove(_path(trail))

    out = _written(parsed, change, accept)
    return _confined(parsed, out, accept, place, None)


def insert(parsed: Parsed, at: tuple[Trail, int], node: Node, accept: Judge, place: tuple[int | None, bytes]) -> Parsed:
    """Return the text with a new child, given its parent and index.

    place is where in the text it goes, None where only the parent is known, and what sets it apart there.
    """
    (parent, index), (point, gap) = at, place

    def change(tree: Tree, nothing: str | None) -> None:
        made = _make(tree, parent, index, len(parsed.at(parent).children), node.label)
        _fill(tree, made, node, nothing)

    out = _written(parsed, change, accept)
    if point is None:
        span = parsed.span(parent)
        return _confined(parsed, out, accept, (span.start, span.end), parent)
    # the lens puts it behind the blank lines that follow the entry before, and indents it as it likes
    own = parse(parsed.lens, out).source((*parent, index))
    for text in (own,) if own[:1].isspace() else (gap + own, own):
        fresh = accept(parsed.text[:point] + text + parsed.text[point:])
        if fresh:
            return fresh
    return _confined(parsed, out, accept, (point, point), (*parent, index))


def _make(tree: Tree, parent: Trail, index: int, count: int, label: str) -> str:
    """Make an empty node before child index and return its path."""
    if index < count:
        tree.insert(_path((*parent, index)), label, before=True)
        return _path((*parent, index))
    name = f"{_path(parent)}/{_escaped(label)}".strip("/")
    tree.make_last(name)
    return _path((*parent, index))


def _fill(tree: Tree, path: str, node: Node, nothing: str | None) -> None:
    if node.value or nothing is not None:
        tree.set(path, node.value or nothing)
    for at, child in enumerate(node.children, 1):
        tree.make_last(f"{path}/{_escaped(child.label)}")
        _fill(tree, f"{path}/*[{at}]", child, nothing)


def _written(parsed: Parsed, change: Callable[[Tree, str | None], None], accept: Judge) -> bytes:
    """Return what the lens writes of the changed tree, if it reads back; a node without value has none, or ""."""
    from devenv.editor.lens import Tree

    if len(parsed.text) > LARGEST_PUT:
        raise EditError(f"a change of this kind takes too long in a text of more than {LARGEST_PUT} bytes")
    refusal: EditError | None = None
    for text, originals in _texts_to_write(parsed):
        for nothing in ("", None):
            try:
                tree = Tree(parsed.lens, text)
                change(tree, nothing)
                out = tree.render()
            except EditError as exc:
                refusal = refusal or exc
                continue
            for line, original in originals:
                out = out.replace(line, original)
            if accept(out):
                return out
            refusal = refusal or EditError(f"{CANNOT_HOLD}: {parsed.lens} reads back something else")
    assert refusal is not None
    raise refusal


def _texts_to_write(parsed: Parsed) -> Iterator[tuple[bytes, list[tuple[bytes, bytes]]]]:
    """Yield texts to be written by the lens, with the lines of each that stand for others it cannot write."""
    yield parsed.text, []
    if parsed.lens == "Sudoers.lns":
        from devenv.editor.trees import sudoers

        yield from sudoers.stand_ins(parsed)


def _confined(parsed: Parsed, out: bytes, accept: Judge, place: tuple[int, int], trail: Trail | None) -> Parsed:
    """Return out if it differs from the text in the lines of a place alone, else the one node of it spliced."""
    from devenv.editor.diff import common_end, common_start

    text, (start, end) = parsed.text, place
    head = common_start(text, out)
    tail = common_end(text, out, min(len(text), len(out)) - head)
    first = text.rfind(b"\n", 0, start) + 1
    last = text.find(b"\n", max(end - 1, start))
    last = len(text) if last < 0 else last + 1
    if first <= head and len(text) - tail <= last:
        fresh = accept(out)
        if fresh:
            return fresh
    if trail is not None:
        fresh = accept(text[:start] + parse(parsed.lens, out).source(trail) + text[end:])
        if fresh:
            return fresh
    raise EditError(
        f"the edit was given up: {parsed.lens} would write other lines anew",
        hint="the file is as it was; change it by hand",
    )


def _path(trail: Trail) -> str:
    return "/".join(f"*[{index + 1}]" for index in trail)


_ESCAPED = frozenset("][|/=()!,\\ \t\n'\"*:@$<>&+?#^%")


def _escaped(label: str) -> str:
    """Return a label as a path expression has it."""
    return "".join(f"\\{char}" if char in _ESCAPED else char for char in label)
