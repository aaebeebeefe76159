"""The tree a TOML text is: tables, arrays of tables and values, each with the places in the text it comes from."""

from collections.abc import Iterator
from typing import NamedTuple

from devenv.editor.document import Match, Step, Steps
from devenv.editor.keypath import as_index
from devenv.editor.tomltext.scan import Block, Entry, Key, Keyed, Node
from devenv.editor.values import SCALARS, Value, to_json


class Home(NamedTuple):
    """Where entries of a table stand: a block, or an inline table in it, and the dotted key before each."""

    block: int
    node: Node | None
    prefix: Key


class Leaf(NamedTuple):
    """An entry of a block (node None) or of an inline table, by its number."""

    block: int
    node: Node | None
    number: int


class Item(NamedTuple):
    """A value written in one piece: a scalar or an array in brackets."""

    block: int
    node: Node


class Table:
    """An object, however it is written: headers, dotted keys, braces, or only as the parent of others."""

    __slots__ = ("children", "homes", "span")

    def __init__(self, span: Item | None = None) -> None:
        self.children: dict[str, Table | Tables | Leaf] = {}
        self.homes: list[Home] = []
        self.span = span
        """The braces of an inline table."""


class Tables:
    """An array of tables: ``[[x]]``."""

    __slots__ = ("elements",)

    def __init__(self) -> None:
        self.elements: list[Table] = []


Thing = Table | Tables | Item


def build(blocks: list[Block]) -> Table:
    """Return the root of the tree."""
    root = Table()
    for number, block in enumerate(blocks):
        table = root if block.path is None else _opened(root, block)
        table.homes.append(Home(number, None, ()))
        for index, entry in enumerate(block.entries):
            _hang(table, entry.key, Leaf(number, None, index))
    return root


def _opened(root: Table, block: Block) -> Table:
    """Return the table a header opens."""
    assert block.path is not None
    table = root
    for name in block.path[:-1]:
        table = _below(table, name)
    last = block.path[-1]
    if not block.array:
        return _below(table, last)
    array = table.children.setdefault(last, Tables())
    assert isinstance(array, Tables)
    array.elements.append(Table())
    return array.elements[-1]


def _below(table: Table, name: str) -> Table:
    child = table.children.get(name)
    if child is None:
        child = table.children[name] = Table()
    if isinstance(child, Tables):
        return child.elements[-1]
    assert isinstance(child, Table)
    return child


def _hang(table: Table, key: Key, leaf: Leaf) -> None:
    """Put an entry into the tables its dotted key names."""
    for place, name in enumerate(key[:-1], 1):
        table = _below(table, name)
        home = Home(leaf.block, leaf.node, key[:place])
        if not table.homes or table.homes[-1] != home:
            table.homes.append(home)
    table.children[key[-1]] = leaf


def thing_of(blocks: list[Block], child: Table | Tables | Leaf) -> Thing:
    """Return what a child of a table is; an inline table is opened."""
    if not isinstance(child, Leaf):
        return child
    if child.node is None:
        return opened(child.block, blocks[child.block].node(child.number))
    return opened(child.block, child.node.entries[child.number].node)


def opened(block: int, node: Node) -> Thing:
    """Return a value of a block as it is, an inline table as a table."""
    if node.kind != "object":
        return Item(block, node)
    table = Table(Item(block, node))
    table.homes.append(Home(block, node, ()))
    for index, entry in enumerate(node.entries):
        _hang(table, entry.key, Leaf(block, node, index))
    return table


def entries_of(blocks: list[Block], home: Home) -> list[Entry] | list[Keyed]:
    """Return the entries of the block or inline table a home is in."""
    return blocks[home.block].entries if home.node is None else home.node.entries


def kind(thing: Thing) -> str:
    """Return the kind of a thing, as values have kinds."""
    return "object" if isinstance(thing, Table) else "array" if isinstance(thing, Tables) else thing.node.kind


def keys(thing: Thing) -> list[Step]:
    """Return the keys or indices of a thing."""
    if isinstance(thing, Table):
        return list(thing.children)
    return list(range(length(thing)))


def length(thing: Thing) -> int:
    """Return how many entries a thing has as an array."""
    return len(thing.elements) if isinstance(thing, Tables) else len(thing.node.items) if isinstance(thing, Item) else 0


def child(blocks: list[Block], thing: Thing, step: Step) -> Thing | None:
    """Return what a key or index of a thing leads to; None when nothing is there."""
    if isinstance(thing, Table):
        found = thing.children.get(step) if isinstance(step, str) else None
        return None if found is None else thing_of(blocks, found)
    if isinstance(step, Match):
        return None
    index = as_index(step, length(thing))
    if index is None or index == length(thing):
        return None
    return thing.elements[index] if isinstance(thing, Tables) else opened(thing.block, thing.node.items[index])


def find(blocks: list[Block], root: Table, steps: Steps) -> list[tuple[Steps, Thing]]:
    """Return where steps lead, as plain steps, and what is there."""
    here: list[tuple[Steps, Thing]] = [((), root)]
    for step in steps:
        here = [found for place, thing in here for found in find_one(blocks, place, thing, step)]
    return here


def find_one(blocks: list[Block], place: Steps, thing: Thing, step: Step) -> list[tuple[Steps, Thing]]:
    """Return where one step leads from a thing at place."""
    found = []
    for plain in _plain(blocks, thing, step):
        below = child(blocks, thing, plain)
        if below is not None:
            found.append(((*place, plain), below))
    return found


def _plain(blocks: list[Block], thing: Thing, step: Step) -> Iterator[Step]:
    if isinstance(step, Match):
        for index in keys(thing):
            entry = child(blocks, thing, index)
            if entry is not None and step.key is not None:
                entry = child(blocks, entry, step.key)
            if entry is not None and kind(entry) in SCALARS and _text(read(blocks, entry)) == step.value:
                yield index
    elif isinstance(thing, Table):
        yield step
    else:
        place = as_index(step, length(thing))
        if place is not None:
            yield place


def _text(value: Value) -> str:
    return str(value) if isinstance(value, str) else to_json(value)


def read(blocks: list[Block], thing: Thing) -> Value:
    """Return a thing as a value."""
    if isinstance(thing, Table):
        return {name: read(blocks, thing_of(blocks, found)) for name, found in thing.children.items()}
    if isinstance(thing, Tables):
        return [read(blocks, element) for element in thing.elements]
    if thing.node.kind == "array":
        return [read(blocks, opened(thing.block, item)) for item in thing.node.items]
    return thing.node.value


def family(thing: Table | Tables | Leaf) -> set[int]:
    """Return the numbers of the blocks whose header is a thing's own or below it."""
    if isinstance(thing, Leaf):
        return set()
    if isinstance(thing, Tables):
        return {number for element in thing.elements for number in family(element)}
    own = {home.block for home in thing.homes if home.node is None and not home.prefix}
    return own.union(*(family(found) for found in thing.children.values()))


def leaves(thing: Table | Tables | Leaf) -> list[Leaf]:
    """Return all entries of a thing and below it."""
    if isinstance(thing, Leaf):
        return [thing]
    below = thing.elements if isinstance(thing, Tables) else thing.children.values()
    return [leaf for found in below for leaf in leaves(found)]
