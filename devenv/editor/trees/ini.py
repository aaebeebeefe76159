"""An INI file: keys of a section that differ in case alone are one, and a list is a key with a line for each entry."""

from __future__ import annotations

from devenv.editor.document import Steps
from devenv.editor.keypath import spelled
from devenv.editor.lens import CANNOT_HOLD
from devenv.editor.trees import change, shape
from devenv.editor.trees.document import TreeDocument
from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.editor.trees.view import HIDDEN, Spot, View
from devenv.editor.values import Value, shown
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devenv.editor.document import Step

_SECTIONS = "#sections"


class IniView(View):
    """The values of an INI text."""

    def named(self, trail: Trail, key: str) -> list[Trail]:
        """Return the trails of the children with a key: in any case, unless it is a section's name."""
        found = super().named(trail, key)
        if found:
            return found
        wanted = key.lower()
        keys = [at for name, at in self.children(trail) if name.lower() == wanted]
        first = sections_at(self.parsed)
        return keys if trail else [at for at in keys if at[0] < first]

    def is_array(self, trail: Trail) -> bool:
        """Say whether the node is a key with lines below it; what stands beside the key is the first of them."""
        return bool(trail) and bool(self.numbered(trail))

    def value(self, trail: Trail) -> Value:
        """Return what a node is as a value, all the way down."""
        if self.has_first(trail):
            return [self.text(trail), *(self.text(at) for at in self.numbered(trail))]
        return super().value(trail)

    def has_first(self, trail: Trail) -> bool:
        """Say whether a key has a text of its own and lines below it."""
        return bool(trail) and self.text(trail) != "" and self.is_array(trail)

    def entries(self, spot: Spot) -> Iterator[Step]:
        """Yield the keys of an object or the indices of an array."""
        if spot.what == "node" and self.has_first(spot.trail):
            yield from range(len(self._listed(spot)))
        else:
            yield from super().entries(spot)

    def _listed(self, spot: Spot) -> list[Trail]:
        listed = super()._listed(spot)
        return [spot.trail, *listed] if spot.what == "node" and self.has_first(spot.trail) else listed

    def _member(self, spot: Spot, index: int, trail: Trail) -> Spot:
        if trail == spot.trail and spot.what == "node" and self.has_first(trail):
            return Spot((*spot.steps, index), (trail,), "value")
        return super()._member(spot, index, trail)

    def _key(self, parent: Trail, trail: Trail, label: str) -> str:
        return self.parsed.at(trail).label


def sections_at(parsed: Parsed) -> int:
    """Return the index of the mark before the first section, or how many nodes there are."""
    children = parsed.root.children
    return next((at for at, child in enumerate(children) if child.label == _SECTIONS), len(children))


class IniDocument(TreeDocument):
    """One INI text."""

    view: IniView
    marked = True
    """Whether a ; or # behind a value begins a comment, and a quote before it wants another."""

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return IniView(parsed)

    def same(self, have: Value, wanted: Value, at: Steps = ()) -> bool:
        """Say whether what is there is what is wanted there; a key with nothing behind it is an empty list too."""
        if isinstance(wanted, list):
            wanted = [item for item in wanted if item not in ("", None)]
        return super().same(have, wanted)

    def _places(self, parent: Trail, label: str, value: Value) -> list[int]:
        if parent or isinstance(value, dict):
            children = self.parsed.at(parent).children if parent else []
            if children and not self.view.children(parent):
                # below the heading and what is said of the section, not below the lines that set the next one apart
                filled = [at for at, child in enumerate(children, 1) if child.label == "#comment"]
                return [filled[-1] if filled else 0, len(children)]
            places = super()._places(parent, label, value)
            return [self._behind_lines(parent, places[0]), *places] if parent else places
        return [sections_at(self.parsed)]

    def _behind_lines(self, parent: Trail, at: int) -> int:
        """Return where what follows the key before is no more of its lines: a comment may be their last."""
        children = self.parsed.at(parent).children
        if at and not self.parsed.source((*parent, at - 1))[:1].isspace():
            while at < len(children) and self._is_indented_comment((*parent, at)):
                at += 1
        return at

    def _is_indented_comment(self, trail: Trail) -> bool:
        return self.parsed.at(trail).label == "#comment" and self.parsed.source(trail)[:1].isspace()

    def _add(self, parent: Trail, indices: list[int], label: str, value: Value) -> None:
        try:
            super()._add(parent, indices, label, _without_empty_lists(value))
        except EditError as exc:
            raise _explained(exc, value, self.marked) from None

    def _replace_by_text(self, spot: Spot, text: str) -> None:
        try:
            super()._replace_by_text(spot, text)
        except EditError as exc:
            raise _explained(exc, text, self.marked) from None

    def _ways(self, label: str, value: Value) -> Iterator[list[Node]]:
        """Yield the nodes that a value may be: a key comes again only where others do, or in a list of one."""
        *repeated, numbered = super()._ways(label, value)
        yield numbered
        if self._repeats() or (isinstance(value, list) and len(value) == 1):
            yield from repeated

    def _replace_by_object(self, spot: Spot, value: dict[str, Value]) -> None:
        names = {key.lower() for key in value}
        for entry in list(self.view.entries(spot)) if spot.trail else ():
            if entry not in value and str(entry).lower() in names:
                self._delete((*spot.steps, entry))
        super()._replace_by_object(self._spot(spot.steps), value)

    def _replace_by_list(self, spot: Spot, value: list[Value]) -> None:
        one = spot.what == "node" and self._is_key(spot.trail)
        if one and not value:
            self._use(self._with_lines(spot, []))
        elif one and len(value) > 1 and not self.view.is_array(spot.trail) and not self._repeats():
            self._use(self._with_lines(spot, [shape.as_text(item) for item in value]))
        else:
            super()._replace_by_list(spot, value)

    def _members(self, spot: Spot) -> tuple[Trail, ...]:
        members = super()._members(spot)
        return (spot.trail, *members) if spot.what == "node" and self.view.has_first(spot.trail) else members

    def _insert(self, steps: Steps, index: int, value: Value) -> None:
        spot = self._spot(steps)
        if spot.what == "node" and self.view.has_first(spot.trail):
            self._insert_line(spot, index, value)
            return
        single = spot.what == "node" and self._is_key(spot.trail) and not self.view.is_array(spot.trail)
        if single and self._repeats() and not self.view.text(spot.trail):
            self._replace_by_text(spot, shape.as_text(value))
            return
        if not single or self._repeats():
            super()._insert(steps, index, value)
            return
        own = self.view.text(spot.trail)
        items = [own] if own else []
        items.insert(index, shape.as_text(value))
        self._use(self._with_lines(spot, items))

    def _insert_line(self, spot: Spot, index: int, value: Value) -> None:
        """Put value among the lines of a key whose first one stands beside it."""
        lines = self.view.numbered(spot.trail)
        # what stood beside the key goes below it when another comes there
        below = value if index else self.view.text(spot.trail)
        at = lines[max(index - 1, 0)][-1] if index <= len(lines) else lines[-1][-1] + 1
        label = str(1 + max(int(self.parsed.at(line).label) for line in lines))
        self._add(spot.trail, [at], label, below)
        if not index:
            self._use(change.set_value(self.parsed, spot.trail, shape.as_text(value)))

    def _make(self, steps: Steps, value: Value) -> None:
        super()._make(steps if self._exact else self._in_section(steps, value), value)

    def _in_section(self, steps: Steps, value: Value) -> Steps:
        """Return steps with all names but the key's as one, where sections of the file have dots in their names."""
        count = 0
        while count < len(steps) and isinstance(steps[count], str):
            count += 1
        size = count if isinstance(value, dict) and count == len(steps) else count - 1
        if size < 2 or not self._has_dotted_sections():
            return steps
        return (".".join(map(str, steps[:size])), *steps[size:])

    def _has_dotted_sections(self) -> bool:
        """Say whether a name of several parts is a section's here, and not a key's."""
        children = self.parsed.root.children
        first = sections_at(self.parsed)
        keys = [*children[:first], *(key for section in children[first:] for key in section.children)]
        if any("." in key.label for key in keys if key.label not in HIDDEN):
            return False
        return not self.marked or any("." in section.label for section in children[first:])

    def _joinings(self, parent: Trail, rest: Steps) -> Iterator[Steps]:
        """Yield the ways steps may be labels: where there are sections, a key before them has dots if others have."""
        first = sections_at(self.parsed)
        children = self.parsed.root.children
        if parent or first == len(children):
            yield from super()._joinings(parent, rest)
            return
        from devenv.editor.trees import making

        dotted = any("." in child.label for child in children[:first] if child.label not in HIDDEN)
        for way in making.joinings(rest, joined=False):
            if len(way) > 1 or len(rest) == 1 or dotted:
                yield way

    def _is_key(self, trail: Trail) -> bool:
        """Say whether a node is a key with its value, neither a section nor a line of a list."""
        return len(trail) == (1 if trail and trail[0] < sections_at(self.parsed) else 2)

    def _repeats(self) -> bool:
        """Say whether keys come again in a section of this file: then a list is that, to the program that reads it."""
        root = self.parsed.root
        bodies = [root.children[: sections_at(self.parsed)], *(child.children for child in root.children)]
        return any(_again(body) for body in bodies)

    def _with_lines(self, spot: Spot, items: list[str]) -> Parsed:
        """Return the text with a key whose list is items, each on a line of its own."""
        trail, parsed = spot.trail, self.parsed
        node, span, text = parsed.at(trail), parsed.span(trail), parsed.text
        marks = {child.label for child in node.children}
        siblings = parsed.at(trail[:-1]).children[: trail[-1]]
        if [child.label for child in siblings if child.label in ("#indented", "#flat")][-1:] == ["#indented"]:
            raise EditError(
                f"{spelled(spot.steps)} is indented, so it can have no lines below it", hint="give one value"
            )
        if "#inline" in marks:
            raise EditError(
                f"{spelled(spot.steps)} has a comment behind its value, and programs that read lists have none there",
                hint="unset it first, then set the whole list",
            )
        if marks & {"#bare", "#unclosed"}:
            raise EditError(
                f"{spelled(spot.steps)} is written so that it can be no list", hint="set a plain value first"
            )
        end = text.find(b"\n", span.start) + 1
        line = text[span.start : end]
        if span.value_start != span.value_end:
            line = text[span.start : span.value_start].rstrip(b" \t") + text[span.value_end : end]
        indent = _indent(parsed)
        body = b"".join(indent + change.encoded(parsed, item) + b"\n" for item in items)
        lines = [Node(str(number), item, []) for number, item in enumerate(items, 1)]
        expected = shape.replaced(parsed.root, trail, lambda _: Node(node.label, "", lines))
        fresh = change.judge(parsed, expected)(text[: span.start] + line + body + text[span.end :])
        if fresh is None:
            raise EditError(f"{spelled(spot.steps)} is a list of lines, and an entry of it can be no line")
        return fresh


def _without_empty_lists(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _without_empty_lists(item) for key, item in value.items()}
    return "" if value == [] else value


def _explained(refusal: EditError, value: Value, marked: bool) -> EditError:
    """Return what a person can do something about where the lens says only that it does not take a value."""
    if isinstance(value, dict):
        for item in value.values():
            refusal = _explained(refusal, item, marked)
    if not isinstance(value, str) or not refusal.message.startswith(CANNOT_HOLD):
        return refusal
    if "\n" in value:
        return EditError("a value of an INI file is one line", hint='several are a list: PATH:=\'["one", "two"]\'')
    if value != value.strip(" \t"):
        return blanks_at_ends(value)
    hint = "put the whole value in quotes, if the program that reads the file takes them off"
    if marked and any(mark in value.replace("\t", " ") for mark in (" ;", " #")):
        return EditError(
            f"{shown(value)} has a ; or # behind a blank, which begins a comment in an INI file", hint=hint
        )
    if marked and value[:1] in ("'", '"') and value[1:].count(value[:1]) == 0:
        return EditError(f"{shown(value)} begins with a quote that nothing closes", hint=hint)
    return refusal


def blanks_at_ends(value: str) -> EditError:
    """Return the error of a text whose first or last blanks no reader of the file would see."""
    return EditError(f"{shown(value)} begins or ends with a blank that the file cannot hold")


def _again(body: list[Node]) -> bool:
    names = [child.label for child in body if child.label not in HIDDEN and child.label != _SECTIONS]
    return len(names) != len(set(names))


def _indent(parsed: Parsed) -> bytes:
    """Return what stands before the lines of the lists of a file."""
    for at, child in enumerate(parsed.root.children):
        for trail in [(at,), *((at, index) for index in range(len(child.children)))]:
            for index, line in enumerate(parsed.at(trail).children):
                if line.label == "1" and line.value and not line.children:
                    source = parsed.source((*trail, index))
                    blanks = source[: len(source) - len(source.lstrip(b" \t"))]
                    if blanks:
                        return blanks
    return b"    "
