"""What a change reaches through aliases and merge keys, and what it must not: said before anything is changed."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from devenv.editor.document import Match, Steps
from devenv.editor.keypath import spelled
from devenv.editor.values import Value
from devenv.editor.yaml.content import Content, Way, is_merge, is_one, locate, merge_sources
from devenv.editor.yaml.nodes import Entry, Node
from devenv.editor.yaml.stream import Doc
from devenv.errors import EditError, ForceNeeded

_MERGED = re.compile(r"<<[ \t]*:[ \t]*(?=[*\[])")


def no_document(content: Content, steps: Steps) -> EditError:
    """Return the error of steps into several documents that lead nowhere in any, and name none of them."""
    first, *rest = steps
    last = len(content.docs) - 1
    message = f"there are {last + 1} documents, and none has {spelled(steps)}"
    if isinstance(first, Match):
        if not any(doc.root is not None and doc.root.kind == "seq" for doc in content.docs):
            one = spelled((0, *rest))
            return EditError(message, hint=f"documents go by their index, [0] to [{last}]: write {one} for the first")
    elif isinstance(first, int) or first == "-" or first.isdigit():
        return EditError(message, hint=f"they are [0] to [{last}]; one more is written by hand")
    return EditError(message, hint=f"begin the path with the index of one, as in {spelled((0, *steps))}")


def only_with_force(content: Content, way: Way, rest: Steps = ()) -> ForceNeeded:
    """Return the error of a change behind an alias or a merge key; rest leads on to what is not there yet."""
    there = _there(content, way.doc, way.node, rest)
    otherwise = f"append to {there} adds it wherever it is used" if there else None
    if way.node is not None and way.node.kind == "scalar" and content.kind(way.doc, way.node) != "null":
        otherwise = "set replaces it, with --force"
    if way.merged is not None:
        hint = "with --force it is set here alone, over that"
        return ForceNeeded(_reached(content, way), hint=hint, otherwise=otherwise)
    hint = "add --force if it should; to change one place alone, unset the alias first"
    return ForceNeeded(_reached(content, way), hint=hint, otherwise=otherwise)


def not_from_here(content: Content, way: Way, node: Node | None) -> EditError:
    """Return the error of a node that cannot be taken out behind an alias or a merge key."""
    there = _there(content, way.doc, node, ())
    return EditError(_reached(content, way), hint=f"unset {there} takes it out wherever it is used" if there else None)


def _reached(content: Content, way: Way) -> str:
    """Return a sentence about what else a change at the end of a way would reach."""
    alias = way.aliases[0]
    target = way.doc.target(alias)
    others = [use for use in way.doc.uses(target) if use.start != alias.start]
    lines = ", ".join(str(way.doc.line(use)) for use in others[:5]) + (", …" if len(others) > 5 else "")
    used = f"which {len(others)} other {'place uses' if len(others) == 1 else 'places use'} (line {lines})"
    anchor = f"the anchor &{target.anchor} at line {way.doc.line(target)}, {used if others else 'used only here'}"
    where = spelled(content.plain(way))
    if way.merged is not None:
        return f"{where} comes through a merge key from {anchor}"
    return f"{where} is reached through the alias *{alias.value}: this would change {anchor}"


def _there(content: Content, doc: Doc, node: Node | None, rest: Steps) -> str | None:
    """Return the path of where a node itself stands; None when no path leads there."""
    if node is None:
        return None
    try:
        way = locate(doc, node)
    except EditError:
        return None
    return spelled((*content.plain(way), *rest)) if way.raw is node else None


def refuse_unmerged(content: Content, way: Way, value: Value) -> None:
    """Raise EditError when value would take the place of what a merge key needs as an object or an array of them."""
    doc, node = way.doc, way.node
    if node is None or node.kind == "scalar" or isinstance(value, dict) or not _merges(doc):
        return
    found, direct = _merging(doc, node)
    if found is None or (direct and isinstance(value, list) and all(isinstance(item, dict) for item in value)):
        return
    where = spelled(content.plain(way))
    raise EditError(
        f"{where if not way.aliases else f'{where} stands for the anchor &{node.anchor}, which'} "
        f"has to stay an object{' or an array of objects' if direct else ''}: "
        f"the merge key at line {_line(doc, found)} merges it"
    )


def refuse_unmerged_item(content: Content, way: Way, value: Value) -> None:
    """Raise EditError when value would come into an array that a merge key needs to be one of objects."""
    doc, node = way.doc, way.node
    if node is None or isinstance(value, dict) or not _merges(doc):
        return
    found, direct = _merging(doc, node)
    if found is not None and direct:
        raise EditError(
            f"{spelled(content.plain(way))} can hold nothing but objects: "
            f"the merge key at line {_line(doc, found)} merges them"
        )


def still_there(content: Content, way: Way) -> EditError:
    """Return the error of an entry that was taken out, in whose place a merge key brings in another: the way to it."""
    line = _line(way.doc, way.chain[-1][1])
    return EditError(
        f"{spelled(content.plain(way))} would still be there: a merge key brings it in from line {line}",
        hint="set it to another value, or unset it where it comes from",
    )


def broken_merges(doc: Doc) -> int:
    """Return how many aliases behind merge keys stand for nothing that can be merged."""
    if not _merges(doc) or not doc.aliases():
        return 0
    starts: list[int] = []
    told: dict[tuple[int, bool], bool] = {}
    """Whether an anchor can be merged, by where it stands, and whether it is all that is merged."""
    broken = 0
    for found in _MERGED.finditer(doc.text, doc.body, doc.end):
        at = found.end()
        whole = doc.text[at] != "["
        through = [at]
        if not whole:
            starts = starts or [alias.start for alias in doc.aliases()]
            through = starts[bisect_left(starts, at) : bisect_left(starts, doc.text.find("]", at))]
        for start in through:
            anchor = doc.anchor(start)
            if anchor is None:
                continue  # no merge key, but text that looks like one
            key = (anchor.start, whole)
            if key not in told:
                told[key] = _mergeable(doc, anchor.node, whole=whole)
            broken += not told[key]
    return broken


def _mergeable(doc: Doc, node: Node, *, whole: bool) -> bool:
    if node.kind == "seq" and whole:
        return merge_sources(doc, node) is not None
    return node.kind == "map"


def _merges(doc: Doc) -> bool:
    """Say whether there may be merge keys, which costs next to nothing."""
    return doc.text.find("<<", doc.body, doc.end) >= 0


def _line(doc: Doc, entry: Entry) -> int:
    return doc.text.count("\n", 0, entry.start) + 1


def _merging(doc: Doc, node: Node) -> tuple[Entry | None, bool]:
    """Return the merge key that needs a node, if any, and whether an array of objects would do for it, too."""
    found = None
    for above, entry in _standings(doc, node):
        if above.kind == "map" and is_merge(doc, entry):
            found = found or entry
        elif above.kind == "seq":
            for over, outer in _standings(doc, above):
                if over.kind == "map" and is_merge(doc, outer):
                    return outer, False
    return found, True


def _standings(doc: Doc, node: Node) -> Iterator[tuple[Node, Entry]]:
    """Yield each collection that holds a node, itself or through an alias, with the entry it is the value of."""
    for standing in (node, *(doc.uses(node) if node.anchor is not None else ())):
        chain = locate(doc, standing).chain
        if chain and is_one(chain[-1][1].node, standing):
            yield chain[-1]
