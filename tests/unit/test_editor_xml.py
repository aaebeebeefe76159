"""XML: what is written is what every other reader of XML reads, or is refused in one line."""

from xml.etree import ElementTree

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Edit, Set
from devenv.editor.values import Untyped
from devenv.errors import EditError

XML = formats.of_file("a.xml")


def edited(text: str, *edits: Edit) -> str:
    return engine.apply(text.encode(), list(edits), XML).data.decode()


def put(path: str, value: str) -> Set:
    return Set(path, Untyped(value))


PLACES = {
    "text": ("<a>\n  <c>x</c>\n</a>\n", "a.c", "c"),
    "text of one line": ("<a><c>x</c></a>", "a.c", "c"),
    "text where lines end in CR LF": ("<a>\r\n  <c>x</c>\r\n</a>\r\n", "a.c", "c"),
    "CDATA": ("<a>\n  <c><![CDATA[x]]></c>\n</a>\n", "a.c", "c"),
    "CDATA of one line": ("<a><c><![CDATA[x]]></c></a>", "a.c", "c"),
    "CDATA of one line with an end": ("<a><c><![CDATA[x]]></c></a>\n", "a.c", "c"),
    "CDATA where lines end in CR LF": ("<a>\r\n  <c><![CDATA[x]]></c>\r\n</a>\r\n", "a.c", "c"),
    "CDATA in two": ("<a><c><![CDATA[x]]><![CDATA[y]]></c></a>\n", "a.c", "c"),
    "CDATA and text": ("<a><c>x<![CDATA[x]]></c></a>\n", "a.c", "c"),
    "CDATA in a file of another encoding": (
        '<?xml version="1.0" encoding="windows-1251"?>\n<a><c><![CDATA[x]]></c></a>\n',
        *("a.c", "c"),
    ),
    "attribute": ('<a>\n  <c d="x"/>\n</a>\n', 'a.c."@d"', "@d"),
    "attribute in single quotes": ("<a><c d='x'/></a>\n", 'a.c."@d"', "@d"),
    "attribute where lines end in CR LF": ('<a>\r\n  <c d="x"/>\r\n</a>\r\n', 'a.c."@d"', "@d"),
    "new element": ("<a>\n  <b/>\n</a>\n", "a.c", "c"),
    "new attribute": ("<a>\n  <c/>\n</a>\n", 'a.c."@d"', "@d"),
    "text with an attribute": ('<a><c d="1"><![CDATA[x]]></c></a>\n', 'a.c."."', "c"),
}
NEVER = [*map(chr, range(9)), "\x0b", "\x0c", *map(chr, range(0x0E, 0x20)), "\ufffe", "\uffff", "\ud800", "\udfff"]
ALWAYS = [
    *(
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\x7f",
        "\x80",
        "\x85",
        "\xa0",
        "\xe9",
        "\u0436",
        "\u2028",
        "\ud7ff",
        "\ue000",
        "\ufffd",
    ),
    *("\U00010000", "\U0001ffff", "\U0010ffff", "<", ">", "&", "'", '"', "'\"", "]", "]]", "]]>", "<![CDATA[", "<!--"),
    *("-->", "&amp;", "&#13;", "&#27;", "&x;", "<b/>", "<?p?>", "]]]]><![CDATA[>"),
]


def said(text: bytes, name: str) -> str | None:
    """Return what another reader finds there."""
    element = ElementTree.fromstring(text).find("c")  # noqa: S314
    assert element is not None
    return element.get(name[1:]) if name[:1] == "@" else element.text


@pytest.mark.parametrize("place", PLACES)
def test_what_xml_can_hold_is_read_by_others_as_it_was_set(place: str) -> None:
    text, path, name = PLACES[place]
    for character in ALWAYS:
        value = f"l1{character}l2"
        done = engine.apply(text.encode(), [put(path, value)], XML)
        assert said(done.data, name) == value, (character, done.data)
        assert not engine.apply(done.data, [put(path, value)], XML).changed


@pytest.mark.parametrize("place", PLACES)
def test_a_character_that_xml_has_not_is_refused_wherever_it_would_go(place: str) -> None:
    text, path, _ = PLACES[place]
    for character in NEVER:
        with pytest.raises(EditError, match=r"^a (control character|lone surrogate) cannot be written"):
            engine.apply(text.encode(), [put(path, f"l1{character}l2")], XML)


def test_a_cdata_section_stays_one_where_it_can_hold_the_text() -> None:
    text = "<a><c>\n  <![CDATA[x]]>\n</c></a>\n"
    assert edited(text, put("a.c", "1 < 2\n&")) == "<a><c>\n  <![CDATA[1 < 2\n&]]>\n</c></a>\n"
    assert edited(text, put("a.c", "1]]>\r")) == "<a><c>1]]&gt;&#13;</c></a>\n"


@pytest.mark.parametrize("value", ["x]]>y", "x\ry"])
def test_a_cdata_section_between_elements_takes_no_text_that_needs_references(value: str) -> None:
    text = "<a><b/><![CDATA[x]]></a>\n"
    assert edited(text, put('a."#CDATA"', "y < z")) == "<a><b/><![CDATA[y < z]]></a>\n"
    with pytest.raises(EditError, match="cannot be written in a CDATA section"):
        edited(text, put('a."#CDATA"', value))


def test_lines_that_end_in_cr_lf_in_some_places_are_read_as_xml_has_them() -> None:
    for text in ("<a>\n<c>1\r\n2\r3</c></a>\n", "<a>\n<c><![CDATA[1\r\n2\r3]]></c></a>\n"):
        assert edited(text, put("a.c", "1\n2\n3")) == text
        assert said(edited(text, put("a.c", "1\r\n2\r3")).encode(), "c") == "1\r\n2\r3"
