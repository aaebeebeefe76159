"""An element in an XML file that is somebody else's: put in, kept up to date, taken out; all other bytes stay.

What is there is changed by splices (``xmltext``). After each change both texts are read again by xml.etree, and the
change is thrown away unless the element is there as it should be and everything else is what it was.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from devenv.errors import EditError
from devenv.ide import xmltext
from devenv.ide.pieces import Undo
from devenv.ide.xmltext import Edit, Element, Node, from_plain

IDENTITY = ("id", "name", "local-root", "local", "url", "fileurl", "type")
"""The attributes that tell an element from its neighbours of the same tag; the first of them that it has counts."""


@dataclass(frozen=True)
class XmlElement:
    """An element at a place in an XML file.

    ``path`` leads from the root to the element's parent; what is missing of it is made. A step is found by its tag and
    all its attributes, the root by its tag alone. ``by`` names what the element itself is known by: attributes, or
    ``child/attribute`` for the attribute of an element in it; nothing for the tag alone.

    An element that is there is brought up to date: attributes and elements inside that ``element`` has are set or
    added, all others stay as they are and where they are. An element inside is the same as one of ours if both have
    the tag and the attribute of IDENTITY; of those without such an attribute the first of ours is the first one there,
    and so on. With ``keep`` an element that is there is left alone altogether.

    What ``once`` names is given where it is missing and never touched again. Attributes (by their names) are where
    programs write down their own findings: they may be anything when the element is taken out. Elements inside (by
    their attribute of IDENTITY) are where users have theirs: an element with another value in one stays.

    With ``own`` what the element is known by is devenv's alone, an id or a name of its making: it is taken out whatever
    a program has made of it. One that has an element of the tag ``unless`` in it somewhere is left alone like a kept
    one: a program has written it anew in another form, which ours is not to be mixed with.

    ``variant`` tells pieces apart that put different things into the same place; one is taken out for another.
    """

    path: tuple[Node, ...]
    element: Node
    by: tuple[str, ...] = ()
    declaration: bool = True
    once: tuple[str, ...] = ()
    keep: bool = False
    own: bool = False
    unless: str = ""
    variant: str = ""

    kind: ClassVar[str] = "xml element"

    @property
    def key(self) -> str:
        steps = [_spelled(step.tag, sorted(step.attributes.items())) for step in self.path[1:]]
        marks = [(name, value) for name, value in zip(self.by, _values(self.element, self.by), strict=True)]
        place = "/".join([self.path[0].tag, *steps, _spelled(self.element.tag, marks)])
        return f"{place} ({self.variant})" if self.variant else place

    @xmltext.uncollected()
    def put(self, data: bytes | None) -> tuple[bytes, Undo]:
        undo: Undo = {
            "path": [step.plain() for step in self.path],
            "element": self.element.plain(),
            "by": list(self.by),
            "once": list(self.once),
            "own": self.own,
            "made": data is None,
        }
        if data is None or xmltext.blank(data):
            made = xmltext.document(_wrapped(self.path, self.element), declaration=self.declaration, before=data or b"")
            return made, undo | {"above": 0, "blank": (data or b"").decode()}
        root = xmltext.outline(data)
        above, found = _find(root, self.path, self.element, self.by)
        if found is not None:
            if self.keep or (self.unless and _has(found, self.unless)):
                return data, undo | {"was": True}
            done = self._checked(data, xmltext.spliced(data, _merged(data, found, self.element, self.once)))
            # all before the element and all after it is as it was
            end = len(done) - (len(data) - xmltext.end_of(data, found))
            digest = hashlib.sha256(done[found.start : end]).hexdigest()
            return done, undo | {"before": xmltext.raw(data, found).decode(), "after": digest}
        parent = above[-1]
        undo["above"] = len(above)
        if xmltext.hollow(data, parent):
            undo["tail"] = xmltext.tail(data, parent).decode()
        new = _wrapped(self.path[len(above) :], self.element)
        return self._checked(data, xmltext.spliced(data, xmltext.inserted(data, parent, [new]))), undo

    def _checked(self, before: bytes, after: bytes) -> bytes:
        """Return the text after an edit; EditError if it is not exactly what it should be."""
        if before == after:
            return after
        wanted = xmltext.tree(before)
        _model_put(wanted, self)
        root = xmltext.outline(after)
        found = _find(root, self.path, self.element, self.by)[1]
        again = None if found is None else _merged(after, found, self.element, self.once)
        if again != [] or not _same(wanted, xmltext.tree(after)):
            raise EditError(f"putting {self.key} into this text would change something else; nothing was changed")
        return after

    @staticmethod
    @xmltext.uncollected()
    def take(data: bytes, undo: Undo) -> bytes | None:
        if undo.get("was"):
            return data
        if xmltext.blank(data):
            return None if undo["made"] else data
        path = [from_plain(step) for step in undo["path"]]
        ours = from_plain(undo["element"])
        root = xmltext.outline(data)
        above, found = _find(root, path, ours, undo["by"]) if root.tag == path[0].tag else ([], None)
        if found is None:
            return data
        if "before" not in undo:
            whole = undo["own"] or _contains(found, ours, undo["once"], users=True)
            return _without(data, found, above, path, undo) if whole else data
        before = undo["before"].encode()
        end = xmltext.end_of(data, found)
        if hashlib.sha256(data[found.start : end]).hexdigest() == undo["after"]:
            return xmltext.spliced(data, [(found.start, end, before)])
        if not _contains(found, ours, undo["once"], users=False):
            return data
        return _read(xmltext.spliced(data, _reverted(data, found, ours, xmltext.outline(before), undo["once"])))


def _without(data: bytes, found: Element, above: list[Element], path: Sequence[Node], undo: Undo) -> bytes | None:
    """Return the text without an element that was made, and without what is empty then but was not before.

    A root with nothing in it says nothing, so the file goes with it: several pieces may have made it together, and the
    last of them that is taken out cannot know that.
    """
    depth = len(above)
    while depth and xmltext.only(data, above[depth - 1], found):
        parent = above[depth - 1]
        if depth == undo["above"] and "tail" in undo:
            return _read(xmltext.spliced(data, xmltext.tail_set(data, parent, undo["tail"].encode())))
        if parent.attributes != dict(path[depth - 1].attributes) or (depth == 1 and not xmltext.alone(data, parent)):
            break
        depth -= 1
        found = parent
    if depth == 0:
        return str(undo["blank"]).encode() if "blank" in undo and not undo["made"] else None
    return _read(xmltext.spliced(data, xmltext.removed(data, found)))


def _read(data: bytes) -> bytes:
    """Return a text that is well-formed; what ``outline`` raises here would be a mistake of ours."""
    xmltext.outline(data)
    return data


# finding


def _find(root: Any, path: Sequence[Node], element: Node, by: Sequence[str]) -> tuple[list[Any], Any]:
    """Return the elements of a path that are there, outermost first, and the element itself, None if it is not.

    Elements are those of ``xmltext`` or views of xml.etree's. Where several fit a step (programs merge such), the
    first that leads on is taken.
    """
    if root.tag != path[0].tag:
        raise EditError(f"the file's root is <{root.tag}>, not <{path[0].tag}>")
    level = [root]
    for step in path[1:]:
        marks = step.attributes.items()
        below = [child for each in level for child in each.children if child.tag == step.tag]
        below = [child for child in below if marks <= child.attributes.items()]
        if not below:
            return _chain(level[0]), None
        level = below
    values = _values(element, by)
    for parent in level:
        for child in parent.children:
            if child.tag == element.tag and _values(child, by) == values:
                return _chain(parent), child
    return _chain(level[0]), None


def _chain(element: Any) -> list[Any]:
    chain = [element]
    while (parent := chain[0].parent) is not None:
        chain.insert(0, parent)
    return chain


def _values(element: Any, by: Iterable[str]) -> list[str | None]:
    """Return what an element of either kind is known by."""
    values = []
    for name in by:
        child, _, attribute = name.rpartition("/")
        holders = [each for each in element.children if each.tag == child] if child else [element]
        values.append(
            next((holder.attributes[attribute] for holder in holders if attribute in holder.attributes), None)
        )
    return values


def _pairs(ours: Sequence[Node], there: Sequence[Any]) -> list[tuple[Node, Any]]:
    """Return each of our elements with the one that is there and is the same, or None.

    That is one with the same mark or else one that has the mark's attribute among others: programs give names an id.
    """
    pairs: list[Any] = [None] * len(ours)
    marks = [_mark(each.tag, each.attributes) for each in ours]
    left = list(there)
    for every in (False, True):
        waiting: dict[tuple[str, str, str], list[Any]] = {}
        for each in left:
            names = [name for name in IDENTITY if name in each.attributes] if every else []
            keys = [(each.tag, name, each.attributes[name]) for name in names] or [_mark(each.tag, each.attributes)]
            for key in keys:
                waiting.setdefault(key, []).append(each)
        taken = set[int]()
        for place, mark in enumerate(marks):
            fitting = [] if pairs[place] is not None else waiting.get(mark, [])
            while fitting and pairs[place] is None:
                each = fitting.pop(0)
                if id(each) not in taken:
                    taken.add(id(each))
                    pairs[place] = each
        left = [each for each in left if id(each) not in taken]
    return list(zip(ours, pairs, strict=True))


def _mark(tag: str, attributes: Any) -> tuple[str, str, str]:
    name = next((name for name in IDENTITY if name in attributes), "")
    return tag, name, attributes[name] if name else ""


def _has(element: Element, tag: str) -> bool:
    """Return whether an element of a tag is somewhere in another."""
    return any(child.tag == tag or _has(child, tag) for child in element.children)


def _contains(there: Element, ours: Node, once: Sequence[str], *, users: bool) -> bool:
    """Return whether all of ours is in an element as it was put there, whatever else is.

    ``users`` says whether what is the users' in it (see ``once``) has to be as it was as well.
    """
    for name, value in ours.attributes.items():
        if name not in once and there.attributes.get(name) != value:
            return False
    for one, each in _pairs(ours.children, there.children):
        if not users and _mark(one.tag, one.attributes)[2] in once:
            continue
        if each is None or not _contains(each, one, once, users=users):
            return False
    return True


# changing


def _merged(data: bytes, there: Element, ours: Node, once: Sequence[str]) -> list[Edit]:
    edits: list[Edit] = []
    for name, value in ours.attributes.items():
        if name not in once or name not in there.attributes:
            edits += xmltext.attribute_set(data, there, name, value)
    pairs = _pairs(ours.children, there.children)
    for one, each in pairs:
        if each is not None and _mark(one.tag, one.attributes)[2] not in once:
            edits += _merged(data, each, one, once)
    if missing := [one for one, each in pairs if each is None]:
        edits += xmltext.inserted(data, there, missing)
    return edits


def _reverted(data: bytes, there: Element, ours: Node, before: Element, once: Sequence[str]) -> list[Edit]:
    """Return the edits that give back what ours took the place of, in an element that others have changed since."""
    edits: list[Edit] = []
    for name in ours.attributes:
        if name in before.attributes:
            if name not in once:
                edits += xmltext.attribute_set(data, there, name, before.attributes[name])
        else:
            edits += xmltext.attribute_removed(data, there, name)
    earlier = _pairs(ours.children, before.children)
    for (one, each), (_, was) in zip(_pairs(ours.children, there.children), earlier, strict=True):
        if each is not None and was is None:
            edits += xmltext.removed(data, each)
        elif each is not None and _mark(one.tag, one.attributes)[2] not in once:
            edits += _reverted(data, each, one, was, once)
    return edits


def _wrapped(steps: Sequence[Node], element: Node) -> Node:
    for step in reversed(steps):
        element = Node(step.tag, step.attributes, (element,))
    return element


def _spelled(tag: str, marks: Iterable[tuple[str, str | None]]) -> str:
    inside = ",".join(f"{name}={value}" for name, value in marks)
    return f"{tag}[{inside}]" if inside else tag


# the check: the same change made to a tree of xml.etree's, which knows nothing of offsets


class _View:
    """An element of xml.etree's with the names that finding goes by."""

    def __init__(self, element: Any) -> None:
        self.element = element
        self.tag = element.tag
        self.attributes = element.attrib
        self.parent: _View | None = None

    @property
    def children(self) -> list["_View"]:
        # comments and processing instructions have a function for a tag
        views = [_View(each) for each in self.element if isinstance(each.tag, str)]
        for view in views:
            view.parent = self
        return views


def _model_put(root: Any, piece: XmlElement) -> None:
    above, found = _find(_View(root), piece.path, piece.element, piece.by)
    if found is not None:
        _model_merge(found, piece.element, piece.once)
    else:
        _model_add(above[-1], _wrapped(piece.path[len(above) :], piece.element))


def _model_merge(there: Any, ours: Node, once: Sequence[str]) -> None:
    for name, value in ours.attributes.items():
        if name not in once or name not in there.attributes:
            there.attributes[name] = value
    for one, each in _pairs(ours.children, there.children):
        if each is None:
            _model_add(there, one)
        elif _mark(one.tag, one.attributes)[2] not in once:
            _model_merge(each, one, once)


def _model_add(there: Any, new: Node) -> None:
    from xml.etree.ElementTree import SubElement

    made = _View(SubElement(there.element, new.tag, dict(new.attributes)))
    for child in new.children:
        _model_add(made, child)


def _same(wanted: Any, got: Any) -> bool:
    """Return whether two trees are the same but for white space between elements."""
    pairs = zip(wanted.iter(), got.iter(), strict=False)
    for one, other in pairs:
        if one.tag != other.tag or one.attrib != other.attrib or len(one) != len(other):
            return False
        if (one.text or "").strip() != (other.text or "").strip():
            return False
        if (one.tail or "").strip() != (other.tail or "").strip():
            return False
    return True
