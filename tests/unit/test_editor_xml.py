"""XML: what is written is what every other reader of XML reads, or is refused in one line."""

import re
from xml.etree import ElementTree

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.values import Untyped
from devenv.errors import EditError, ParseError

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
    element = ElementTree.fromstring(text).find("c")
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


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("<a/>", 'a."ns:b"'),
        ("<a/>\n", 'a."@ns:b"'),
        ("<a/>\n", 'a."ns:b".c.d'),
        ("<a/>\n", 'a.c.d."@ns:b"'),
        ('<a><b xmlns:ns="urn:x"/></a>\n', 'a."ns:c"'),
        ("<a><ns:b/></a>\n", 'a."ns:c"'),
        ("<a><ns:b/></a>\n", 'a."ns:b"[1]'),
    ],
)
def test_a_name_with_a_prefix_that_nothing_declares_is_refused_until_something_does(text: str, path: str) -> None:
    with pytest.raises(EditError) as caught:
        edited(text, put(path, "1"))
    assert re.fullmatch(r"the prefix ns of @?ns:[bc] is declared nowhere around it", caught.value.message)
    assert caught.value.hint == 'set a."@xmlns:ns" to its namespace first'
    done = edited(text, put('a."@xmlns:ns"', "urn:x"), put(path, "1"))
    ElementTree.fromstring(done)


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ('<a xmlns:ns="u"><b><c/></b></a>\n', put('a.b.c."ns:d"', "1")),
        ('<a xmlns:ns="u"><b><c/></b></a>\n', put('a.b.c."@ns:d"', "1")),
        ('<a><b xmlns:ns="u"><c/></b></a>\n', put('a.b.c."@ns:d"', "1")),
        ('<a><b xmlns:ns="u"/></a>\n', put('a.b."@ns:d"', "1")),
        ("<a/>\n", put('a."@xml:lang"', "en")),
        ("<a/>\n", put('a."@xmlns"', "urn:x")),
        ("<a/>\n", Set("a.b", {"ns:c": {"@ns:d": "1"}, "@xmlns:ns": "urn:x"})),
        ("<a/>\n", Set('a."ns:b"', {"ns:c": "1", "@xmlns:ns": "urn:x"})),
        ("<a/>\n", Set("a", {"ns:c": "1", "@xmlns:ns": "urn:x"})),
        ('<ns:a xmlns:ns="u"/>\n', put('"ns:a"."ns:b"', "1")),
        ('<a xmlns:ns="u"><ns:b/><c/></a>\n', Set("a", {"c": "1"})),
        ('<a xmlns:ns="u"><ns:b/></a>\n', Unset('a."@xmlns:ns"', others=('a."ns:b"',))),
        ('<a><ns:b xmlns:ns="u"/></a>\n', Unset('a."ns:b"')),
        ('<a xmlns:ns="u"><ns:b xmlns:ns="v"/></a>\n', Unset('a."@xmlns:ns"')),
    ],
)
def test_a_name_with_a_prefix_goes_wherever_it_is_declared(text: str, edit: Edit) -> None:
    done = edited(text, edit)
    ElementTree.fromstring(done)
    assert done != text


def test_a_declaration_stays_while_names_need_it() -> None:
    for text in ('<a xmlns:ns="u"><b><ns:c/></b></a>\n', '<a xmlns:ns="u"><b ns:c=""/></a>\n'):
        with pytest.raises(EditError, match=r"^@xmlns:ns declares the prefix of @?ns:c, which stays$"):
            edited(text, Unset('a."@xmlns:ns"'))
        with pytest.raises(EditError, match="must not undeclare prefix"):
            edited(text, put('a."@xmlns:ns"', ""))
    with pytest.raises(EditError, match="declares the prefix"):
        edited('<r><ns:a xmlns:ns="u"/></r>\n', Unset('r."ns:a"."@xmlns:ns"'))


def test_a_file_with_prefixes_that_nothing_declares_is_edited_all_the_same() -> None:
    text = '<a x:y="1"><x:b>1</x:b><c/></a>\n'
    assert edited(text, put("a.d", "1")) == '<a x:y="1"><x:b>1</x:b><c/><d>1</d></a>\n'
    assert edited(text, put('a."x:b"', "2")) == '<a x:y="1"><x:b>2</x:b><c/></a>\n'
    assert edited(text, put('a."@x:y"', "2")) == '<a x:y="2"><x:b>1</x:b><c/></a>\n'
    assert edited(text, Unset('a."x:b"')) == '<a x:y="1"><c/></a>\n'
    assert edited(text, Unset('a."@x:y"')) == "<a><x:b>1</x:b><c/></a>\n"


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ("<a/>\n", 'a."b:c:d"', "is no name"),
        ("<a/>\n", 'a.":b"', "is no name"),
        ("<a/>\n", 'a."@b:"', "is no name"),
        ("<a/>\n", "a.b.1x", "is no name"),
        ("<a/>\n", 'a."xmlns:b"', "the prefix xmlns"),
        ("<a/>\n", 'a."@xmlns:xml"', "reserved prefix"),
        ('<a xmlns:p="u" xmlns:q="u"><b p:x=""/></a>\n', 'a.b."@q:x"', "duplicate attribute"),
    ],
)
def test_no_name_is_made_that_other_readers_refuse(text: str, path: str, says: str) -> None:
    with pytest.raises(EditError, match=says):
        edited(text, put(path, "1"))


def test_an_encoding_that_nobody_knows_is_no_bug() -> None:
    text = '<?xml version="1.0" encoding="nothing-real"?>\n<a/>\n'
    assert edited(text, put("a.b", "1")).endswith("<a>\n  <b>1</b>\n</a>\n")
    with pytest.raises(ParseError):
        edited('<?xml version="1.0" encoding="nothing-real"?>\n<a>\n', put("a.b", "1"))


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("edits", "text"),
    [
        ([put("project.version", "1")], "<project>\n  <version>1</version>\n</project>\n"),
        ([put("a", "1")], "<a>1</a>\n"),
        ([put("a", "")], "<a/>\n"),
        ([put('a."@id"', "1")], '<a id="1"/>\n'),
        (
            [put("a.b.c", "1"), put('a."@id"', "x"), put("a.d", "2")],
            '<a id="x">\n  <b>\n    <c>1</c>\n  </b>\n  <d>2</d>\n</a>\n',
        ),
        ([put("a[0].b", "<")], "<a>\n  <b>&lt;</b>\n</a>\n"),
        ([Set("a", {"b": ["1", "2"], "@c": True})], '<a c="true">\n  <b>1</b>\n  <b>2</b>\n</a>\n'),
        ([Merge("", {"a": {"b": "1", ".": ""}})], "<a>\n  <b>1</b>\n</a>\n"),
        ([Append("a.b", ("1", "2"))], "<a>\n  <b>1</b>\n  <b>2</b>\n</a>\n"),
        ([put('"p:a"."@xmlns:p"', "u"), put('"p:a"."p:b"', "1")], '<p:a xmlns:p="u">\n  <p:b>1</p:b>\n</p:a>\n'),
        ([put("/a/b", "1")], "<a>\n  <b>1</b>\n</a>\n"),
    ],
)
def test_a_file_is_made_of_the_element_that_a_path_begins_with(edits: list[Edit], text: str, start: str) -> None:
    assert edited(start, *edits) == start + text


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ([put("a.b", "1"), put("c", "1")], "an XML file has one element at the top, and that is a"),
        ([put("a.b", "1"), put("c.d", "1")], "an XML file has one element at the top, and that is a"),
        ([Set("a", ["1", "2"])], "an XML file has one element at the top, and that is a"),
        ([Merge("", {"a": 1, "b": 2})], "an XML file has one element at the top, and that is a"),
        ([put('"@id"', "1")], "an XML file has one element at the top, and @id is an attribute"),
        ([put('"#text"', "1")], "text cannot be put between elements, only changed there"),
        ([Set("$", "1")], "the whole file cannot be one value"),
        ([put("a.1x", "1")], '"1x" is no name of an element or attribute'),
        ([put('"p:a".b', "1")], "the prefix p of p:a is declared nowhere around it"),
    ],
)
def test_what_is_no_file_of_xml_is_not_made(edits: list[Edit], says: str) -> None:
    with pytest.raises(EditError) as caught:
        edited("", *edits)
    assert caught.value.message.endswith(says)


def test_the_text_of_an_element_with_attributes_is_emptied() -> None:
    assert edited('<a><b c="1">x</b></a>\n', put("a.b", "")) == '<a><b c="1"></b></a>\n'
    assert edited('<a><b c="1"/></a>\n', put("a.b", "")) == '<a><b c="1"/></a>\n'
    with pytest.raises(EditError, match="has elements in it"):
        edited('<a><b c="1"><d/></b></a>\n', put("a.b", ""))


def test_the_element_at_the_top_stays() -> None:
    for text in ("<a/>\n", "<a><b/></a>\n", '<?xml version="1.0"?>\n<!-- c -->\n<a>1</a>\n'):
        with pytest.raises(EditError, match=r"^a is the one element at the top"):
            edited(text, Unset("a"))
    with pytest.raises(EditError, match=r"one element at the top, and that is a$"):
        edited("<a/>\n", put("b.c", "1"))


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ('<a><c x="1">t</c></a>', '<a><c x="1"></c></a>'),
        ('<a><c x="1"/></a>', '<a><c x="1"/></a>'),
        ('<a><c x="1">t</c><c/></a>', '<a><c x="1"></c><c/></a>'),
    ],
)
def test_the_text_of_an_element_with_attributes_is_unset(text: str, done: str) -> None:
    path = 'a.c[0]."."' if text.count("<c") == 2 else 'a.c."."'
    assert edited(text, Unset(path)) == done
    assert edited(done, Unset(path)) == done


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('<a><b/>\n<c d="1" d="2"/></a>', 2, 10),
        ('<a>\n<b c="<"/></a>', 2, 7),
        ("<a><b>]]></b></a>", 1, 9),
        ("<a>\n <b>&nbsp;</b></a>", 2, 5),
        ('\n<?xml version="1.0"?>\n<a><b/></a>', 2, 1),
    ],
)
def test_what_the_lens_takes_and_no_reader_of_xml_does_is_refused(text: str, line: int, column: int) -> None:
    with pytest.raises(ParseError, match="not XML") as caught:
        edited(text, put("a.b", "1"))
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "head", ["<?xml version='1.1'?>", '<!DOCTYPE a SYSTEM "a.dtd">', '<!DOCTYPE a [<!ENTITY x "y">]>', ""]
)
def test_a_reference_that_others_explain_is_left_alone(head: str) -> None:
    reference = "&#1;" if "1.1" in head else "&x;" if head else "&amp;"
    text = f"{head}\n<a><b>1</b><c>{reference}</c></a>\n".lstrip()
    assert edited(text, put("a.b", "2")) == text.replace("<b>1", "<b>2")
