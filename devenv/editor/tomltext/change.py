"""Changes of the tree: which table an entry goes to, in which shape, and what goes with what is taken out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devenv.editor.document import Step, Steps
from devenv.editor.keypath import spelled
from devenv.editor.staying import Turn, apart, left, turned
from devenv.editor.tomltext import layout, sequence, text, tree
from devenv.editor.tomltext.blocks import Blocks
from devenv.editor.tomltext.scan import Block, Key
from devenv.editor.tomltext.sequence import Splice
from devenv.editor.tomltext.tree import Item, Leaf, Table, Tables, Thing
from devenv.editor.values import Value, alike, kind_of, same
from devenv.errors import EditError

_READ = 20_000
"""Entries of one array that are read again while some change by what is in them: all, each time."""


class Change:
    """A text's blocks, the tree they make, and changes of both."""

    def __init__(self, blocks: list[Block]) -> None:
        self._blocks = Blocks(blocks)
        self._root: Table | None = None
        self._version = 0

    @property
    def blocks(self) -> list[Block]:
        """The blocks as they are now."""
        return self._blocks.all

    @property
    def root(self) -> Table:
        """The tree as it is now."""
        if self._root is None or self._version != self._blocks.version:
            self._root, self._version = tree.build(self.blocks), self._blocks.version
        return self._root

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Undo what was done within when it ends in an error."""
        saved = list(self.blocks)
        try:
            yield
        except EditError:
            self._blocks.all = saved
            self._root = None
            raise

    def thing(self, steps: Steps) -> Thing:
        """Return what is at plain steps."""
        found: Thing | None = self.root
        for step in steps:
            assert found is not None
            found = tree.child(self.blocks, found, step)
        assert found is not None
        return found

    def read(self, steps: Steps) -> Value:
        """Return the value at plain steps."""
        return tree.read(self.blocks, self.thing(steps))

    # replacing

    def replace(self, steps: Steps, value: Value) -> None:
        """Put value where something is, with as little change as it takes."""
        thing = self.thing(steps)
        if same(tree.read(self.blocks, thing), value):
            return
        if isinstance(thing, Table) and isinstance(value, dict):
            self._sync_table(steps, value)
        elif isinstance(value, list) and tree.kind(thing) == "array" and self._takes(thing, value):
            self._sync_array(steps, thing, value)
        elif isinstance(thing, Item):
            self._rewrite(thing, value)
        elif isinstance(thing, Table) and thing.span is not None:
            self._rewrite(thing.span, value)
        elif not steps:
            raise EditError("a TOML file is a table: no other value can take its place")
        elif isinstance(steps[-1], int):
            raise EditError(f"the entries of {spelled(steps[:-1])} are tables: no other value can be among them")
        else:
            self.delete(steps)
            self._make(steps, value)

    def _takes(self, thing: Thing, value: list[Value]) -> bool:
        return text.as_section(value) if isinstance(thing, Tables) else True

    def _rewrite(self, item: Item, value: Value) -> None:
        """Write value in the place of one that is in one piece."""
        self._blocks.splice(item.block, self._in_place(item, value))

    def _in_place(self, item: Item, value: Value) -> Splice:
        """Return the splice that writes value in the place of one that is in one piece."""
        block, node = self.blocks[item.block], item.node
        old = block.text[node.start : node.end]
        if not isinstance(value, dict | list):
            like = old if node.kind == "string" else layout.style_of(block, block.entries).quote
            new = text.scalar(value, like, self._blocks.newline)
        else:
            pad = self._blocks.brace_pad(item.block)
            like = layout.style_of(block, block.entries).quote
            entry = next((entry for entry in block.entries if entry.value == node.start), None)
            if entry is None:
                new = text.inline(value, like=like, pad=pad)
            else:
                indent = block.text[entry.line : entry.start]
                width = entry.value - entry.line
                new = text.wide(value, width, indent, self._blocks.newline, like=like, pad=pad)
        return Splice(node.start, node.end, new)

    def _sync_table(self, steps: Steps, value: dict[str, Value]) -> None:
        """Make a table what value is, entry by entry."""
        old = self.read(steps)
        for key in [key for key in old if key not in value]:
            self.delete((*steps, key))
        for key, item in value.items():
            # a table that is only the parent of others may have gone with the last of them
            if tree.find(self.blocks, self.root, (*steps, key)):
                self.replace((*steps, key), item)
            else:
                self._make((*steps, key), item)
        here = tree.find(self.blocks, self.root, steps)
        if here:
            now = tree.read(self.blocks, here[0][1])
            # on lines of their own entries stay where they are, with their comments: a TOML table has no order
            if same(now, value) or (self._on_lines(here[0][1]) and alike(now, value)):
                return
        self._write_anew(steps, value)

    @staticmethod
    def _on_lines(thing: Thing) -> bool:
        """Say whether a table's entries stand on lines, not between braces."""
        return isinstance(thing, Table) and all(home.node is None for home in thing.homes)

    def _write_anew(self, steps: Steps, value: dict[str, Value]) -> None:
        """Write a table anew: its entries come in another order between braces, or it was only there by them."""
        here = tree.find(self.blocks, self.root, steps)
        thing = here[0][1] if here else None
        if isinstance(thing, Table) and thing.span is not None:
            self._rewrite(thing.span, value)
            return
        if isinstance(thing, Table):
            for key in list(thing.children):
                self.delete((*steps, key))
        if not tree.find(self.blocks, self.root, steps):
            self._make(steps, value)
            return
        items = list(value.items())
        for number, (key, item) in enumerate(items):
            # what stands under a header of its own would come after all entries that do not
            flat = not all(text.as_section(other) for _, other in items[number:])
            self.add(steps, key, item, flat=flat)

    def _sync_array(self, steps: Steps, thing: Thing, value: list[Value]) -> None:
        """Make an array what value is; entries that stay are not touched."""
        turn = turned(tree.read(self.blocks, thing), value)
        if isinstance(thing, Tables):
            self._sync_tables(steps, turn)
            return
        assert isinstance(thing, Item)
        if not thing.node.items:
            # the others come to stand as the first one does
            self._put_in(thing, [(0, value[:1])])
            self._put_in(self._item(steps), [(1, value[1:])] if value[1:] else [])
            return
        self._change_items(steps, thing, turn.changed)
        while turn.gone:
            taken = apart(turn.gone)
            self._take_out(self._item(steps), taken)
            turn = turn._replace(gone=left(turn.gone, taken))
        self._put_in(self._item(steps), turn.new)

    def _sync_tables(self, steps: Steps, turn: Turn) -> None:
        for index, item in turn.changed:
            self.replace((*steps, index), item)
        for index in reversed(turn.gone):
            self.delete((*steps, index))
        for index, new in reversed(turn.new):
            for item in reversed(new):
                self.insert(steps, index, item)

    def _item(self, steps: Steps) -> Item:
        item = self.thing(steps)
        assert isinstance(item, Item)
        return item

    def _change_items(self, steps: Steps, array: Item, changed: list[tuple[int, Value]]) -> None:
        """Give entries of an array in brackets other values."""
        items = array.node.items
        inner = [(index, item) for index, item in changed if items[index].kind == kind_of(item) in ("array", "object")]
        if len(inner) * len(items) > _READ:
            inner = []
        for index, item in inner:
            self.replace((*steps, index), item)
        known = {index for index, _ in inner}
        array = self._item(steps)
        items, write = array.node.items, self._writer(array)
        splices = [
            Splice(items[index].start, items[index].end, write(item))
            if isinstance(item, dict | list)
            else self._in_place(Item(array.block, items[index]), item)
            for index, item in changed
            if index not in known
        ]
        self._splice(array.block, splices)

    def _splice(self, number: int, splices: list[Splice]) -> None:
        if splices:
            self._blocks.splice(number, *sorted(splices, reverse=True))

    def _take_out(self, array: Item, gone: list[int]) -> None:
        """Take out entries of an array in brackets, of which none follows another."""
        source, node = self.blocks[array.block].text, array.node
        spans = [(item.start, item.end) for item in node.items]
        found = [sequence.delete(source, node.start, node.end, spans, index) for index in gone]
        self._splice(array.block, [splice for splices in found for splice in splices])

    def _put_in(self, array: Item, new: list[tuple[int, list[Value]]]) -> None:
        """Put entries before those of an array in brackets."""
        source, node = self.blocks[array.block].text, array.node
        spans = [(item.start, item.end) for item in node.items]
        indent, write = self._indent(array), self._writer(array)
        self._splice(
            array.block,
            [
                sequence.insert(
                    source, node.start, node.end, spans, index, [write(item) for item in items], indent=indent, pad=""
                )
                for index, items in new
            ],
        )

    # adding

    def _make(self, steps: Steps, value: Value) -> None:
        """Put value where nothing is, with the tables on the way."""
        there = len(steps) - 1
        while not tree.find(self.blocks, self.root, steps[:there]):
            there -= 1
        for step in reversed(steps[there + 1 :]):
            value = {step: value}
        key = steps[there]
        assert isinstance(key, str)
        self.add(steps[:there], key, value)

    def add(self, steps: Steps, key: str, value: Value, *, flat: bool = False) -> None:
        """Put a new entry into the table at steps; flat says that it gets no header of its own."""
        table = self.thing(steps)
        assert isinstance(table, Table)
        if any(home.node is not None for home in table.homes):
            self._add_inline(table, key, value)
            return
        own = [home for home in table.homes if not home.prefix]
        if table.homes and not own:
            home = table.homes[-1]
            for path, item in _flattened((*home.prefix, key), value):
                self._blocks.add_line(home, path, item)
        elif own and isinstance(value, dict) and value and _beside_dots(table):
            for path, item in _flattened((key,), value):
                self._blocks.add_line(own[-1], path, item)
        elif text.as_section(value) and not flat and not self._beside_braces(table, value):
            self._add_sections(steps, table, key, value)
        elif own:
            self._blocks.add_line(own[-1], (key,), value)
        else:
            before = min(tree.family(table)) - 1
            chunks = self._blocks.sections(before, _path(steps), {} if text.as_section(value) else {key: value})
            self._blocks.add_chunks(before, self._indented(chunks, before + 1))
            if text.as_section(value):
                # now there is a header to put it under
                self.add(steps, key, value, flat=flat)

    def _beside_braces(self, table: Table, value: Value) -> bool:
        """Say whether tables in a table are written in braces, so that one more should be."""
        for child in table.children.values():
            if isinstance(child, Leaf):
                thing = tree.thing_of(self.blocks, child)
                if isinstance(thing, Table) and isinstance(value, dict):
                    return True
                if (
                    isinstance(thing, Item)
                    and isinstance(value, list)
                    and any(item.kind == "object" for item in thing.node.items)
                ):
                    return True
        return False

    def _add_sections(self, steps: Steps, table: Table, key: str, value: Value) -> None:
        path = (*_path(steps), key)
        family = tree.family(table)
        after = len(self.blocks) - 1 if not steps else max(family)
        chunks = self._blocks.sections(after, path, value)
        beside = [n for n in family if len(self.blocks[n].path or ()) == len(path)]
        model = max(beside) if beside else None
        self._blocks.add_chunks(after, self._indented(chunks, model))

    def _indented(self, chunks: list[text.Chunk], model: int | None) -> list[str]:
        """Return paragraphs as far in as the tables of the same name, and as the one beside them else."""
        beside = layout.header_indent(self.blocks[model]) if model is not None else ""
        inner, newline = layout.body_indent(self.blocks), self._blocks.newline
        alike = {block.path: layout.header_indent(block) for block in self.blocks}
        paragraphs = []
        for chunk in chunks:
            outer = alike.get(chunk.path, beside)
            paragraphs.append(outer + newline.join(chunk.lines).replace(newline, newline + outer + inner))
        return paragraphs

    def _add_inline(self, table: Table, key: str, value: Value) -> None:
        """Put an entry between braces, after the last that has the same dotted key before it."""
        home = table.homes[-1]
        assert home.node is not None
        source, entries = self.blocks[home.block].text, home.node.entries
        width = len(home.prefix)
        index = max((n for n, entry in enumerate(entries, 1) if entry.key[:width] == home.prefix), default=0)
        tight = any(
            source[entry.key_end : entry.node.start].strip(" \t") == source[entry.key_end : entry.node.start]
            for entry in entries
        )
        pad = self._blocks.brace_pad(home.block)
        quote = layout.style_of(self.blocks[home.block], self.blocks[home.block].entries).quote
        new = text.dotted((*home.prefix, key)) + ("=" if tight else " = ") + text.inline(value, like=quote, pad=pad)
        spans = [(entry.start, entry.node.end) for entry in entries]
        node = home.node
        indent = self._indent(Item(home.block, node))
        splice = sequence.insert(source, node.start, node.end, spans, index, [new], indent=indent, pad=pad)
        self._blocks.splice(home.block, splice)

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry index of the array at steps."""
        thing = self.thing(steps)
        if isinstance(thing, Tables):
            self._insert_table(steps, thing, index, value)
            return
        assert isinstance(thing, Item)
        self._put_in(thing, [(index, [value])])

    def _writer(self, array: Item) -> Callable[[Value], str]:
        """Return what writes an entry as those of an array in brackets are written."""
        block = self.blocks[array.block]
        strings = [item for item in array.node.items if item.kind == "string"]
        quote = block.text[strings[-1].start] if strings else layout.style_of(block, block.entries).quote
        pad = self._blocks.brace_pad(array.block)
        return lambda value: text.inline(value, like=quote, pad=pad)

    def _indent(self, item: Item) -> str:
        """Return the indentation of the line a value begins on."""
        source, start = self.blocks[item.block].text, item.node.start
        line = source[source.rfind("\n", 0, start) + 1 :]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _insert_table(self, steps: Steps, tables: Tables, index: int, value: Value) -> None:
        if not isinstance(value, dict):
            raise EditError(f"the entries of {spelled(steps)} are tables: no other value can be among them")
        elements = tables.elements
        after = elements[index].homes[0].block - 1 if index < len(elements) else max(tree.family(elements[-1]))
        chunks = self._blocks.sections(after, _path(steps), value, array=True)
        self._blocks.add_chunks(after, self._indented(chunks, elements[-1].homes[0].block))

    # taking out

    def delete(self, steps: Steps) -> None:
        """Take out what is at plain steps."""
        parent, step = self.thing(steps[:-1]), steps[-1]
        if isinstance(parent, Table):
            assert isinstance(step, str)
            self._delete_child(steps, parent.children[step])
        elif isinstance(parent, Tables):
            assert isinstance(step, int)
            self._delete_child(steps, parent.elements[step])
        else:
            assert isinstance(step, int)
            node = parent.node
            spans = [(item.start, item.end) for item in node.items]
            self._delete_between(parent.block, node.start, node.end, spans, step)

    def _delete_child(self, steps: Steps, child: Table | Tables | Leaf) -> None:
        own = tree.family(child)
        apart: dict[int, list[int]] = {}
        for leaf in tree.leaves(child):
            if leaf.node is not None:
                node = leaf.node
                spans = [(entry.start, entry.node.end) for entry in node.entries]
                self._delete_between(leaf.block, node.start, node.end, spans, leaf.number)
                # a dotted key between braces may have more entries
                if tree.find(self.blocks, self.root, steps):
                    self.delete(steps)
                return
            if leaf.block not in own:
                apart.setdefault(leaf.block, []).append(leaf.number)
        for number in sorted(own | apart.keys(), reverse=True):
            if number in own:
                self._blocks.drop(number)
            else:
                self._blocks.remove_entries(number, apart[number])

    def _delete_between(self, number: int, start: int, end: int, spans: sequence.Spans, index: int) -> None:
        self._blocks.splice(number, *sequence.delete(self.blocks[number].text, start, end, spans, index))


def _beside_dots(table: Table) -> bool:
    """Say whether tables in a table are written with dotted keys, so that one more should be."""
    return any(
        isinstance(child, Table) and any(home.prefix for home in child.homes) for child in table.children.values()
    )


def _flattened(path: Key, value: Value) -> Iterator[tuple[Key, Value]]:
    """Yield the dotted keys of a table and below it, with their values."""
    if not isinstance(value, dict) or not value:
        yield path, value
        return
    for key, item in value.items():
        yield from _flattened((*path, key), item)


def _path(steps: tuple[Step, ...]) -> Key:
    """Return the keys of steps: a header's, since it never names indices."""
    return tuple(step for step in steps if isinstance(step, str))
