"""Generated XML documents: an element put in is there, put in twice it is there once, taken out the bytes are back."""

import json
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from devenv.ide import pieces
from devenv.ide.xmlpieces import IDENTITY, XmlElement
from devenv.ide.xmltext import Node, escaped, from_plain, node

TAGS = ("a", "b", "option", "component")
NAMES = (*IDENTITY[:2], "value", "x")
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r\"'<>&"), max_size=4).filter(
    lambda text: all(char not in text for char in "\ufffe\uffff")
)
SHORT = st.sampled_from(["1", "2", "&", "'"])
ATTRIBUTES = st.dictionaries(st.sampled_from(NAMES), SHORT | VALUES, max_size=3)
NODES = st.recursive(
    st.builds(node, st.sampled_from(TAGS), ATTRIBUTES),
    lambda inside: st.builds(
        lambda tag, attributes, children: node(tag, attributes, *children),
        st.sampled_from(TAGS),
        ATTRIBUTES,
        st.lists(inside, max_size=3),
    ),
    max_leaves=8,
)
GAPS = st.sampled_from(
    ["", " ", "\n", "\n  ", "\n\t", "\n\n    ", "<!-- <a> -->", "\n<?p q?>\n", "text", "<![CDATA[</a>]]>"]
)


@st.composite
def written(draw: st.DrawFn, each: Node) -> str:
    """Write an element in some way: quotes, blanks and gaps as they come."""
    quote = draw(st.sampled_from("\"'"))
    blank = draw(st.sampled_from([" ", "  ", "\n", "\t"]))
    attributes = "".join(
        f"{blank}{name}={draw(st.sampled_from(['', ' ']))}{quote}{escaped(value, quote)}{quote}"
        for name, value in each.attributes.items()
    )
    if not each.children and draw(st.booleans()):
        return f"<{each.tag}{attributes}{draw(st.sampled_from(['', ' ']))}/>"
    inside = "".join(draw(GAPS) + draw(written(child)) for child in each.children)
    return f"<{each.tag}{attributes}>{inside}{draw(GAPS)}</{each.tag}{draw(st.sampled_from(['', ' ']))}>"


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    children = draw(st.lists(NODES, max_size=4))
    head = draw(st.sampled_from(["", "\ufeff", "<?xml version='1.0'?>\n", "<!-- c -->\n", '<?xml version="1.0" ?>']))
    text = head + draw(written(node("root", draw(ATTRIBUTES), *children))) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


@st.composite
def placed(draw: st.DrawFn) -> XmlElement:
    steps = [node(each.tag, dict(list(each.attributes.items())[:1])) for each in draw(st.lists(NODES, max_size=2))]
    element = draw(NODES)
    by = tuple(draw(st.permutations(sorted(element.attributes)))[:1])
    once = tuple(draw(st.lists(st.sampled_from(["x", "1", "2"]), max_size=1)))
    return XmlElement((node("root"), *steps), element, by, keep=draw(st.booleans()), once=once)


def inside(element: ET.Element) -> list[tuple[str, dict[str, str]]]:
    return [(each.tag, each.attrib) for each in element.iter()]


def holds(there: ET.Element, wanted: Node) -> bool:
    """Return whether an element has all that is wanted, in any order and among others."""
    if there.tag != wanted.tag or not wanted.attributes.items() <= there.attrib.items():
        return False
    return all(any(holds(each, child) for each in there) for child in wanted.children)


@given(before=documents(), piece=placed())
def test_put_is_there_once_and_taken_out_the_bytes_are_back(before: bytes, piece: XmlElement) -> None:
    after, undo = piece.put(before)
    root = ET.fromstring(after)
    if not piece.once and not (piece.keep and after == before):
        assert any(holds(each, piece.element) for each in root.iter())
    assert len(inside(root)) >= len(inside(ET.fromstring(before)))
    assert piece.put(after)[0] == after
    assert pieces.take(piece.kind, after, json.loads(json.dumps(undo))) == before


@given(before=documents(), piece=placed())
def test_no_element_of_others_goes(before: bytes, piece: XmlElement) -> None:
    after, _ = piece.put(before)
    tags = [tag for tag, _ in inside(ET.fromstring(before))]
    left = [tag for tag, _ in inside(ET.fromstring(after))]
    for tag in tags:
        left.remove(tag)
    ours = [piece.element.tag, *(step.tag for step in piece.path), *(each.tag for each in below(piece.element))]
    assert all(tag in ours for tag in left)


def below(each: Node) -> list[Node]:
    return [found for child in each.children for found in (child, *below(child))]


@given(before=documents(), first=placed(), second=placed())
def test_two_pieces_go_in_the_other_order(before: bytes, first: XmlElement, second: XmlElement) -> None:
    one, undo = first.put(before)
    both, other = second.put(one)
    back = pieces.take(second.kind, both, other)
    assert back == one
    assert pieces.take(first.kind, back, undo) == before


@given(piece=placed())
def test_a_new_file_goes_again(piece: XmlElement) -> None:
    made, undo = piece.put(None)
    assert ET.fromstring(made).tag == "root"
    assert piece.put(made)[0] == made
    assert pieces.take(piece.kind, made, undo) is None


@given(NODES)
def test_a_node_comes_back_from_json(each: Node) -> None:
    assert from_plain(json.loads(json.dumps(each.plain()))) == each
