"""What lines of block style tell without a walk: that they close what they open, and the aliases in them."""

import re

from devenv.editor.yaml.nodes import Node

_WORDS = r"""(?![\s&!*|>?"'\[\]{},%@`\#-])(?:[^:\#\r\n]++|:(?=\S)|(?<=\S)\#)*+"""
_QUOTED = r"""(?:"[^"\\\r\n]*"|'[^'\r\n]*')"""
_ITEM = rf"""(?:[^\[\]{{}}"'\#\r\n]++|(?<=[\[{{,]){_QUOTED}|(?<=[\[{{,:][ ]){_QUOTED})"""
_INNER = rf"(?:\[{_ITEM}*+\]|\{{{_ITEM}*+\}})"
_FLOW = rf"(?:\[(?:{_ITEM}|{_INNER})*+\]|\{{(?:{_ITEM}|{_INNER})*+\}})"
CLOSED = re.compile(
    rf"""(?: [ ]*+ (?:-[ ]++)*+ (?:(?:{_WORDS}|{_QUOTED}):(?=\s)[ ]*+)?
             (?:{_QUOTED}|{_FLOW}|[|>][+-]?|{_WORDS}|-)?
             [ \t]*+ (?:(?<=\s)\#[^\r\n]*+)? (?:\r?\n|\Z) )++\Z""",
    re.VERBOSE,
)
"""Lines each of which closes what it opens: a quote or bracket counts only where a value or a key begins."""

_MARKS = re.compile(r"""(?<![^\s,\[{])[&*][A-Za-z0-9_-]""")
"""What may be an anchor or an alias; whether it is, only a walk tells."""

_TOLD = re.compile(
    rf"""(?: [ ]*+ (?:-[ ]++)*+ (?:(?:{_WORDS}|{_QUOTED}):(?=\s)[ ]*+)?
             (?:{_QUOTED}|{_FLOW}|{_WORDS}|\*[A-Za-z0-9_-]++(?=\s|\Z)|-)?
             [ \t]*+ (?:(?<=\s)\#[^\r\n]*+)? (?:\r?\n|\Z) )++\Z""",
    re.VERBOSE,
)
"""Lines among which is no block scalar, no quote of several lines, no anchor and no tag but in brackets."""

_LINE = re.compile(
    rf"([ ]*+)((?:-[ ]++)*+)((?:{_WORDS}|{_QUOTED}):[ ]++)?(?:(\*[A-Za-z0-9_-]++)|({_FLOW}))[ \t]*+(?:(?<=\s)#|\r|\Z)"
)
_IN_FLOW = re.compile(rf"{_QUOTED}|(?:(?<=[\[{{,])|(?<=[\[{{,:][ ]))(\*[A-Za-z0-9_-]++)(?=[ ,\]}}])")
_KEY_ALONE = re.compile(r"[^\r\n]*:[ \t]*\r?\Z")


def marks(text: str, start: int, end: int) -> list[int]:
    """Return the places between start and end that may be anchors or aliases."""
    return [found.start() for found in _MARKS.finditer(text, start, end)]


def told_aliases(text: str, start: int, end: int, places: list[int]) -> list[Node] | None:
    """Return the aliases in whole entries of a block collection; None when not all of places are sure to be such.

    ``text[start:end]`` is YAML by itself. So a line with a key is no more of a plain scalar that began above it; a
    line without one is none where that line is a key alone, or has its dash in the same column.
    """
    if not _TOLD.match(text, start, end):
        return None
    found: list[Node] = []
    done = start
    for place in places:
        if place < done:
            continue
        begins = max(text.rfind("\n", start, place) + 1, start)
        done = text.find("\n", place, end) % (end + 1)
        line = _LINE.match(text, begins, done)
        if line is None or (line[3] is None and not _begins_value(text, start, begins, line[1], line[2])):
            return None
        group = 4 if line[4] is not None else 5
        if group == 4:
            found.append(_alias(text, line.start(4), line.end(4)))
        else:
            flow = _IN_FLOW.finditer(text, line.start(5), line.end(5))
            found += [_alias(text, item.start(1), item.end(1)) for item in flow if item[1]]
    return found if [node.start for node in found] == places else None


def _begins_value(text: str, start: int, begins: int, pad: str, dash: str) -> bool:
    """Say whether what stands after the dash of a line without a key is no more of what is above."""
    if not dash:
        return False
    if begins == start:
        return True
    above = text[text.rfind("\n", start, begins - 1) + 1 or start : begins - 1]
    return _KEY_ALONE.match(above) is not None or above.startswith(f"{pad}- ")


def _alias(text: str, start: int, end: int) -> Node:
    node = Node("alias", start, end, "")
    node.value = text[start + 1 : end]
    return node
