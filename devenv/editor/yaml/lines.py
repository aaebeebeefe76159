"""What lines of block style tell without a walk: that they close what they open, the anchors and aliases in them."""

import re

_WORDS = r"""(?![\s&!*|>?"'\[\]{},%@`\#-])(?:[^:\#\r\n]++|:(?=\S)|(?<=\S)\#)*+"""
_QUOTED = r"""(?:"[^"\\\r\n]*"|'[^'\r\n]*')"""
_ITEM = rf"""(?:[^\[\]{{}}"'\#\r\n]++|(?<=[\[{{,]){_QUOTED}|(?<=[\[{{,:][ ]){_QUOTED})"""
_PROPERTIES = r"(?:[&!][A-Za-z0-9_!./-]*+(?:[ ]++|(?=\r?\n|\Z)))*+"
_INNER = rf"(?:\[{_ITEM}*+\]|\{{{_ITEM}*+\}})"
_FLOW = rf"(?:\[(?:{_ITEM}|{_INNER})*+\]|\{{(?:{_ITEM}|{_INNER})*+\}})"
CLOSED = re.compile(
    rf"""(?: [ ]*+ (?:-[ ]++)*+ (?:(?:{_WORDS}|{_QUOTED}):(?=\s)[ ]*+)?
             {_PROPERTIES}(?:{_QUOTED}|{_FLOW}|[|>][+-]?|{_WORDS}|\*[A-Za-z0-9_-]++|-)?
             [ \t]*+ (?:(?<=\s)\#[^\r\n]*+)? (?:\r?\n|\Z) )++\Z""",
    re.VERBOSE,
)
"""Lines each of which closes what it opens: a quote or bracket counts only where a value or a key begins."""

_MARKS = re.compile(r"""[&*](?<![^\s,\[{:][&*])(?=[A-Za-z0-9_-])""")
"""What may be an anchor or an alias; whether it is, only a walk tells."""

_ANCHOR = r"&[A-Za-z0-9_-]++(?=[ \r\n]|\Z)"

_TOLD = re.compile(
    rf"""(?: [ ]*+ (?:-[ ]++)*+ (?:(?:{_WORDS}|{_QUOTED}):(?=\s)[ ]*+)?
             (?:\*[A-Za-z0-9_-]++(?=\s|\Z)|{_ANCHOR}[ ]*+(?:{_QUOTED}|{_FLOW}|{_WORDS})?|{_QUOTED}|{_FLOW}|{_WORDS}|-)?
             [ \t]*+ (?:(?<=\s)\#[^\r\n]*+)? (?:\r?\n|\Z) )++\Z""",
    re.VERBOSE,
)
"""Lines among which is no block scalar, no quote of several lines, no tag but in brackets, no anchor but of values."""

_LINE = re.compile(
    rf"([ ]*+)((?:-[ ]++)*+)((?:{_WORDS}|{_QUOTED}):[ ]++)?"
    rf"(?:({_ANCHOR})|(?:(\*[A-Za-z0-9_-]++)|({_FLOW}))[ \t]*+(?:(?<=\s)#|\r|\Z))"
)
_IN_FLOW = re.compile(rf"{_QUOTED}|(?:(?<=[\[{{,])|(?<=[\[{{,:][ ]))(\*[A-Za-z0-9_-]++)(?=[ ,\]}}])")
_KEYED = re.compile(
    rf"^[ ]*+(?:-[ ]++)*+(?:{_WORDS}|{_QUOTED}):[ ]++({_ANCHOR}|\*[A-Za-z0-9_-]++(?=[ \t]*+(?:\s#|\r?\n|\Z)))",
    re.MULTILINE,
)
_KEY_ALONE = re.compile(r"[^\r\n]*:[ \t]*\r?\Z")

_KNOWN_MOST = 4096
_known: dict[str, list[tuple[int, int]] | None] = {}
"""What was told of parts: after an edit all but one are what they were."""


def marks(text: str, start: int, end: int) -> list[int]:
    """Return the places between start and end that may be anchors or aliases."""
    return [found.start() for found in _MARKS.finditer(text, start, end)]


def told_marks(text: str, start: int, end: int, places: list[int]) -> list[tuple[int, int]] | None:
    """Return where the anchors and aliases in whole entries of a block collection begin and end.

    None when not all of places are sure to be such. ``text[start:end]`` is YAML by itself. So a line with a key is no
    more of a plain scalar that began above it; a line without one is none where that line is a key alone, where its
    dash is in the same column, or in that of the entries.
    """
    part = text[start:end]
    if part not in _known:
        if len(_known) >= _KNOWN_MOST:
            _known.clear()
        _known[part] = _told(part, [place - start for place in places])
    spans = _known[part]
    return None if spans is None else [(start + begins, start + ends) for begins, ends in spans]


def _told(part: str, places: list[int]) -> list[tuple[int, int]] | None:
    """Return where the anchors and aliases of a part begin and end; None when not all of places are sure to be such."""
    if not _TOLD.match(part):
        return None
    found = [line.span(1) for line in _KEYED.finditer(part)]
    if [begins for begins, _ in found] == places:
        return found
    found = []
    done = 0
    for place in places:
        if place < done:
            continue
        begins = part.rfind("\n", 0, place) + 1
        done = part.find("\n", place) % (len(part) + 1)
        line = _LINE.match(part, begins, done)
        if line is None or (line[3] is None and not _begins_value(part, begins, line[1], line[2])):
            return None
        if line.lastindex == 6:
            found += [item.span(1) for item in _IN_FLOW.finditer(part, *line.span(6)) if item[1]]
        else:
            found.append(line.span(line.lastindex or 0))
    return found if [begins for begins, _ in found] == places else None


def _begins_value(part: str, begins: int, pad: str, dash: str) -> bool:
    """Say whether what stands after the dash of a line without a key is no more of what is above."""
    if not dash:
        return False
    if not begins or part.startswith(f"{pad}-"):
        return True
    above = part[part.rfind("\n", 0, begins - 1) + 1 : begins - 1]
    return _KEY_ALONE.match(above) is not None or above.startswith(f"{pad}- ")
