"""A text read again after a change: what stands above and below the change is cut into parts already.

The parts above it stay, those below it are moved, and those it is in are cut anew, with one more above them: what
follows a part may belong to its last entry. Each part is YAML by itself, as in a text that is cut as a whole.
"""

from bisect import bisect_left, bisect_right

from devenv.editor.yaml import parts
from devenv.editor.yaml.nodes import Entry, Found, Node
from devenv.editor.yaml.outline import recut
from devenv.editor.yaml.parts import Outline, Part


def changed(old: str, new: str) -> tuple[int, int]:
    """Return the stretch of one text that another has something else for; all before and all after is alike."""
    least = min(len(old), len(new))
    low, high = 0, least
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    start, low, high = low, 0, least - low
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return start, len(old) - low


def reoutlined(was: Outline, text: str, start: int, end: int, shift: int) -> Outline | None:
    """Return a block collection in parts after a change of its text from start to end; None when it is to be read.

    In text, what follows the change stands shift further on than it did.
    """
    cut = was.parts
    if was.style == "flow" or start < cut[0].start or end > cut[-1].end:
        return None
    first = min(bisect_right(cut, start, key=_end), len(cut) - 1)
    past = max(bisect_left(cut, end, key=_start), first + 1)
    if past < len(cut) and text[cut[past].start + shift - 1] != "\n":
        past += 1
    if past == len(cut) and was.end + shift < len(text) and text[was.end + shift - 1] != "\n":
        return None
    inside = _within(cut[first], text, start, end, shift) if past == first + 1 else None
    if inside is None:
        first = max(first - 1, 0)
        # a part would else be cut into a whole and a rest, again and again
        past += past < len(cut) and _is_small(cut[past])
    stop = cut[past - 1].end + shift
    middle = [inside] if inside is not None else recut(text, was, cut[first].start, stop, whole=first > 0)
    if not middle:
        return None
    for part in cut[:first]:
        part.text = text
    made = [*cut[:first], *middle, *(_moved(part, text, shift) for part in cut[past:])]
    return Outline(was.kind, made[0].entries[0].start, was.end + shift, "block", made)


def moved(was: Outline, text: str, shift: int) -> Outline:
    """Return a collection that stands shift further on in text."""
    made = [_moved(part, text, shift) for part in was.parts]
    return Outline(was.kind, was.start + shift, was.end + shift, was.style, made)


def _start(part: Part) -> int:
    return part.start


def _end(part: Part) -> int:
    return part.end


def _is_small(part: Part) -> bool:
    return part.end - part.start < parts.PART // 2


def _nested(part: Part) -> Outline | None:
    """Return the collection in parts that is all there is in a part, if one is."""
    entry = part.entries[0] if part.entries else None
    return entry.node if entry is not None and entry.is_walked() and isinstance(entry.node, Outline) else None


def _within(part: Part, text: str, start: int, end: int, shift: int) -> Part | None:
    """Return a part after a change of the collection in parts that is in it; None where none is, or more changed."""
    inner = _nested(part)
    made = reoutlined(inner, text, start, end, shift) if inner is not None else None
    if made is None:
        return None
    entry = part.entries[0]
    return _holding(Part(text, part.start, part.end + shift, [Entry(entry.start, entry.key, entry.name, made)]))


def _moved(part: Part, text: str, shift: int) -> Part:
    """Return a part that stands shift further on in text, not walked yet."""
    start, end = part.start + shift, part.end + shift
    inner = _nested(part)
    if inner is None:
        entries = [Entry(entry.start + shift, None, entry.name, None) for entry in part.entries]
        made = Part(text, start, end, entries, part.brackets)
        made.own()
        return made
    entry = part.entries[0]
    key = entry.key
    if key is not None:
        key = Node(key.kind, key.start + shift, key.end + shift, key.style)
        key.value = entry.name or ""
    node = moved(inner, text, shift)
    return _holding(Part(text, start, end, [Entry(entry.start + shift, key, entry.name, node)], part.brackets))


def _holding(part: Part) -> Part:
    """Return a part that need not be walked: its one entry holds a collection in parts."""
    part.found = Found()
    return part
