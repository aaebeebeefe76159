"""An element in somebody else's XML file: put in, kept up to date, taken out, and every other byte as it was."""

import json
import subprocess
import time
import xml.etree.ElementTree as ET

import pytest

from devenv.errors import EditError, ParseError
from devenv.ide import pieces, xmltext
from devenv.ide.xmlpieces import XmlElement
from devenv.ide.xmltext import Node, node

APPLICATION = node("application")
PLACE = (APPLICATION, node("component", {"name": "SshConfigs"}), node("configs"))
CONFIG = node("sshConfig", {"id": "u1", "host": 'a&"b', "port": "22"}, node("option", {"name": "x", "value": "1"}))
PIECE = XmlElement(PLACE, CONFIG, ("id",), declaration=False)
BOM = b"\xef\xbb\xbf"

WHOLE = """<application>
  <component name="SshConfigs">
    <configs>
      <sshConfig id="u1" host="a&amp;&quot;b" port="22">
        <option name="x" value="1" />
      </sshConfig>
    </configs>
  </component>
</application>"""


def taken(data: bytes, undo: pieces.Undo) -> bytes | None:
    # as it comes back from the record
    return pieces.take(PIECE.kind, data, json.loads(json.dumps(undo)))


def marked(**attributes: str) -> Node:
    return node("sshConfig", {"id": "u1", **attributes})


def test_a_new_file_is_written_as_jetbrains_writes_it() -> None:
    assert PIECE.put(None)[0].decode() == WHOLE
    project = XmlElement((node("project", {"version": "4"}),), node("component", {"name": "A"}), ("name",))
    wanted = '<?xml version="1.0" encoding="UTF-8"?>\n<project version="4">\n  <component name="A" />\n</project>'
    assert project.put(None)[0].decode() == wanted


HOSTILE = {
    "no file": None,
    "empty": b"",
    "a mark and nothing else": BOM,
    "blank lines": b"\r\n\r\n",
    "empty root": b"<application/>",
    "empty root with a blank": b"<application />\n",
    "empty root in two tags": b"<application></application>",
    "root over two lines": b"<application>\n</application>",
    "declaration": b'<?xml version="1.0" encoding="UTF-8"?>\n<application />',
    "declaration in one line with the root": b"<?xml version='1.0'?><application/>",
    "CR LF": WHOLE.replace("u1", "u0").replace("\n", "\r\n").encode(),
    "BOM, CR LF, tabs, single quotes": (
        BOM + b"<?xml version='1.0'?>\r\n<application>\r\n\t<component name='SshConfigs'>\r\n\t\t<configs/>\r\n"
        b"\t</component>\r\n</application>\r\n"
    ),
    "four blanks": b"<application>\n    <component name='SshConfigs'>\n    </component>\n</application>",
    "one line": b"<application><component name='SshConfigs'><configs><a id='u0'/></configs></component></application>",
    "comments": (
        b"<!-- a -->\n<application>\n  <!-- b <sshConfig id='u1'> -->\n  <component name='SshConfigs'>\n"
        b"    <configs> <!-- c --> </configs>\n  </component>\n</application>\n<!-- d -->\n"
    ),
    "processing instructions": b"<?a b?>\n<application>\n  <?sshConfig id='u1'?>\n</application><?z?>",
    "CDATA": b"<application>\n  <component name='X'><![CDATA[</component><a id='u1'/>]]></component>\n</application>",
    "text": b"<application>text<component name='SshConfigs'>more</component> of it</application>",
    "brackets in values": b"<application>\n  <component name='a>b' x=\"/>'>\" />\n</application>",
    "duplicate components": (
        b"<application>\n  <component name='SshConfigs' />\n  <component name='SshConfigs'>\n"
        b"    <configs>\n    </configs>\n  </component>\n</application>"
    ),
    "there with other values": (
        b"<application>\n  <component name='SshConfigs'>\n    <configs>\n"
        b"      <sshConfig keyPath='k'\n        id='u1' port='23'><!-- mine --><option name='y'/></sshConfig>\n"
        b"    </configs>\n  </component>\n</application>"
    ),
    "there in the second of two": (
        b"<application><component name='SshConfigs'><configs/></component>\n"
        b"<component name='SshConfigs'><configs><sshConfig id='u1' x='y'/></configs></component></application>"
    ),
    "not ASCII": "<application>\n  <component name='größer 日本 🦊' />\n</application>".encode(),
    "prefixes": b"<application xmlns='urn:a' xmlns:b='urn:b'>\n  <b:component name='SshConfigs' />\n</application>",
    "a prefix that stands for nothing": b"<application>\n  <b:component name='SshConfigs' />\n</application>",
    "character references": b"<application>\n  <component name='a&#10;b&#x20;&quot;' />\n</application>",
    "trailing white space": b"  <application>  \n\n  <component name='a'/>  \n\n\n</application>  \n\n",
}


@pytest.mark.parametrize("before", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_file_keeps_what_it_had(before: bytes | None) -> None:
    after, undo = PIECE.put(before)
    root = ET.fromstring(xmlns_aside(after))
    (found,) = [each for each in root.iter("sshConfig") if each.get("id") == "u1"]
    assert (found.get("host"), found.get("port")) == ('a&"b', "22")
    assert [each.get("value") for each in found.findall("option[@name='x']")] == ["1"]
    assert PIECE.put(after)[0] == after
    assert taken(after, undo) == before
    ends = after.count(b"\n"), after.count(b"\r\n")
    assert ends[1] == (ends[0] if (before or b"").strip().count(b"\r\n") else 0)
    kept = [line for line in (before or b"").splitlines() if b"sshConfig" not in line and b"/>" not in line]
    assert all(line.strip() in after for line in kept if b"</" not in line)


def xmlns_aside(data: bytes) -> bytes:
    """Return a text without name spaces, which ElementTree would put into the tags."""
    return data.replace(b"xmlns", b"ns").replace(b"ns:b", b"nsb").replace(b"<b:", b"<b-")


@pytest.mark.starts_programs
@pytest.mark.parametrize("before", HOSTILE.values(), ids=list(HOSTILE))
def test_xmllint_takes_what_was_written(before: bytes | None) -> None:
    after, _ = PIECE.put(before)
    done = subprocess.run(["xmllint", "--noout", "-"], input=after, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


REFUSED = {
    "malformed": (b"<application>\n  <component>\n</application>", "mismatched tag", 3, 3),
    "cut off": (b"<application>\n  <compo", "unclosed token", 2, 3),
    "no XML": (b"{}", "not well-formed (invalid token)", 1, 1),
    "two roots": (b"<application/>\n<application/>", "junk after document element", 2, 1),
    "an attribute twice": (b"<application a='1' a='2'/>", "duplicate attribute", 1, 20),
    "DOCTYPE": (b"<!DOCTYPE application>\n<application/>", "a document type (<!DOCTYPE) is not read", 1, None),
    "entity bomb": (
        b"<!DOCTYPE a [\n<!ENTITY a 'aaaaaaaaaa'>\n<!ENTITY b '&a;&a;&a;&a;&a;'>]>\n<application>&b;</application>",
        "a document type (<!DOCTYPE) is not read",
        1,
        None,
    ),
    "an entity nobody defined": (b"<application>&a;</application>", "undefined entity", 1, 14),
    "UTF-16": ("\ufeff<application/>".encode("utf-16-le"), "this is UTF-16 text", 1, 1),
    "UTF-16 without a mark": ("<application/>".encode("utf-16-be"), "this is UTF-16 text", 1, 1),
    "Latin 1": (
        b"<?xml version='1.0' encoding='ISO-8859-1'?>\n<application a='\xe4'/>",
        "is declared as ISO-8859-1",
        1,
        1,
    ),
    "not UTF-8": (b"<application a='\xe4'/>", "not well-formed (invalid token)", 1, 17),
    "a zero byte": (b"<application>\0</application>", "not well-formed (invalid token)", 1, 14),
    "nested too deep": (
        b"<application>" + b"<a>" * 9_999 + b"</a>" * 9_999 + b"</application>",
        "more than 500",
        1,
        None,
    ),
}


@pytest.mark.parametrize(("data", "reason", "line", "column"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_good_is_left_alone_with_line_and_column(
    data: bytes, reason: str, line: int, column: int | None
) -> None:
    for use in (PIECE.put, lambda data: XmlElement.take(data, PIECE.put(None)[1])):
        with pytest.raises(ParseError) as caught:
            use(data)
        assert reason in caught.value.reason
        assert caught.value.line == line
        assert column is None or caught.value.column == column
        assert "\n" not in str(caught.value)


def test_another_root_is_refused_and_has_nothing_to_take_out() -> None:
    with pytest.raises(EditError, match="root is <project>, not <application>"):
        PIECE.put(b"<project/>")
    assert taken(b"<project/>", PIECE.put(None)[1]) == b"<project/>"


def test_a_character_that_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(EditError, match=r"U\+0000 cannot stand in XML"):
        XmlElement(PLACE, marked(host="a\0b"), ("id",)).put(b"<application/>")


def test_values_with_odd_characters_are_read_back_as_they_were() -> None:
    odd = "<>&\"'\t\r\n größer 🦊]]>"
    for before in (None, b"<application/>", WHOLE.encode(), WHOLE.replace('"', "'").encode()):
        after, _ = XmlElement(PLACE, marked(host=odd), ("id",)).put(before)
        (found,) = ET.fromstring(after).iter("sshConfig")
        assert found.get("host") == odd


# what is there already


def test_attributes_and_children_of_others_stay_in_their_order() -> None:
    before = b"""<application>
  <component name="SshConfigs">
    <configs>
      <sshConfig new="1" port="23" id='u1' keyPath="$USER_HOME$/k">
        <other />
        <option name="x" value="0" seen="yes" />
        <option name="z" value="9" />
      </sshConfig>
    </configs>
  </component>
</application>"""
    after, undo = PIECE.put(before)
    assert after.decode().splitlines()[3:7] == [
        '      <sshConfig new="1" port="22" id=\'u1\' keyPath="$USER_HOME$/k" host="a&amp;&quot;b">',
        "        <other />",
        '        <option name="x" value="1" seen="yes" />',
        '        <option name="z" value="9" />',
    ]
    assert taken(after, undo) == before


def test_an_element_known_by_another_inside_it_is_found() -> None:
    table = (APPLICATION, node("component", {"name": "ProjectJdkTable"}))
    sdk = node("jdk", {"version": "2"}, node("name", {"value": "b"}), node("homePath", {"value": "/new"}))
    piece = XmlElement(table, sdk, ("name/value",))
    before = b"""<application><component name="ProjectJdkTable">
<jdk version="2"><name value="a"/><homePath value="/a"/></jdk>
<jdk version="2"><name value="b"/><type value="t"/><homePath value="/b"/></jdk>
</component></application>"""
    after, undo = piece.put(before)
    assert after == before.replace(b'"/b"', b'"/new"')
    assert taken(after, undo) == before


def test_elements_without_a_name_go_by_their_order() -> None:
    ours = node("a", {}, node("b", {"v": "1"}), node("b", {"v": "2"}), node("b", {"v": "3"}))
    after, undo = XmlElement((node("r"),), ours).put(b"<r><a><b v='x'/><c/><b w='y'/></a></r>")
    assert after == b"<r><a><b v='1'/><c/><b w='y' v=\"2\"/><b v=\"3\" /></a></r>"
    assert taken(after, undo) == b"<r><a><b v='x'/><c/><b w='y'/></a></r>"


def test_what_a_program_found_out_is_not_reset() -> None:
    piece = XmlElement(PLACE, marked(port="22", INITIALIZED="false"), ("id",), once=("INITIALIZED",))
    made, undo = piece.put(None)
    later = made.replace(b'INITIALIZED="false"', b'INITIALIZED="true"')
    assert piece.put(later)[0] == later
    assert taken(later, undo) is None


def test_what_is_to_be_kept_is_kept() -> None:
    piece = XmlElement(PLACE, marked(port="22"), ("id",), keep=True)
    there = WHOLE.replace('"22"', '"2222"').encode()
    after, undo = piece.put(there)
    assert after == there
    assert taken(there, undo) == there
    made, undo = piece.put(None)
    assert taken(made, undo) is None


# taking out


def test_what_somebody_changed_in_it_is_theirs() -> None:
    made, undo = PIECE.put(None)
    theirs = made.replace(b'port="22"', b'port="2200"')
    assert taken(theirs, undo) == theirs


def test_what_is_our_own_goes_whatever_became_of_it() -> None:
    made, undo = XmlElement(PLACE, CONFIG, ("id",), own=True).put(None)
    rewritten = made.replace(b'port="22"', b'port="2200"').replace(b'<option name="x" value="1" />', b"<y />")
    assert taken(rewritten, undo) is None
    assert taken(made.replace(b"u1", b"u2"), undo) == made.replace(b"u1", b"u2")


def test_an_element_in_another_form_is_left_alone() -> None:
    piece = XmlElement(PLACE, marked(port="22"), ("id",), unless="newer")
    there = WHOLE.replace("<option ", "<deep><newer/></deep><option ").replace('"22"', '"1"').encode()
    after, undo = piece.put(there)
    assert after == there
    assert taken(there, undo) == there
    assert piece.put(there.replace(b"<newer/>", b""))[0] == there.replace(b"<newer/>", b"").replace(
        b'"1">\n', b'"22">\n', 1
    )


def test_what_somebody_added_to_it_goes_with_it() -> None:
    made, undo = PIECE.put(b"<application />")
    theirs = made.replace(b'port="22"', b'port="22" nameFormat="DESCRIPTIVE"').replace(
        b"</sshConfig>", b"<y/></sshConfig>"
    )
    assert taken(theirs, undo) == b"<application />"


def test_what_others_put_beside_it_stays() -> None:
    made, undo = PIECE.put(None)
    theirs = made.replace(b"</configs>", b'  <sshConfig id="u2" />\n    </configs>')
    after = taken(theirs, undo)
    assert after is not None
    assert [each.get("id") for each in ET.fromstring(after).iter("sshConfig")] == ["u2"]
    comment = made.replace(b"</component>", b"  <!-- why -->\n  </component>")
    left = taken(comment, undo)
    assert left is not None
    assert b"<!-- why -->" in left
    assert b"configs" not in left


def test_values_from_before_come_back_one_by_one_when_the_element_was_rewritten() -> None:
    before = WHOLE.replace('"22"', '"23"').replace('host="a&amp;&quot;b" ', "").encode()
    after, undo = PIECE.put(before)
    rewritten = after.replace(b'id="u1"', b"id='u1'  seen='yes'")
    back = taken(rewritten, undo)
    assert back is not None
    (found,) = ET.fromstring(back).iter("sshConfig")
    assert found.attrib == {"id": "u1", "seen": "yes", "port": "23"}
    assert [each.attrib for each in found] == [{"name": "x", "value": "1"}]


def test_a_child_that_was_added_to_an_element_goes_and_the_element_stays() -> None:
    before = WHOLE.replace('\n        <option name="x" value="1" />', "").encode()
    after, undo = PIECE.put(before)
    back = taken(after.replace(b'port="22"', b'port="22" seen="yes"'), undo)
    assert back == before.replace(b'port="22"', b'port="22" seen="yes"')


def test_two_pieces_of_one_new_file_are_taken_out_in_any_order() -> None:
    other = XmlElement((APPLICATION, node("component", {"name": "Other"})), node("o", {"name": "1"}), ("name",))
    first, undo = PIECE.put(None)
    both, other_undo = other.put(first)
    one, two = taken(both, undo), taken(both, other_undo)
    assert two == first
    assert one is not None
    assert taken(one, other_undo) is None
    assert taken(two, undo) is None


def test_what_is_gone_already_is_nothing_to_take_out() -> None:
    _, undo = PIECE.put(None)
    assert taken(b"<application/>", undo) == b"<application/>"
    assert taken(b"", undo) is None
    assert taken(b" \n", PIECE.put(b"")[1]) == b" \n"


# the check, the size


def test_an_edit_that_would_change_something_else_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    real = xmltext.spliced
    monkeypatch.setattr(xmltext, "spliced", lambda data, edits: real(data, edits).replace(b"'precious'", b"'p'"))
    with pytest.raises(EditError, match="nothing was changed"):
        PIECE.put(b"<application><a b='precious'/></application>")


def test_a_key_names_the_place_and_what_the_element_is_known_by() -> None:
    assert PIECE.key == "application/component[name=SshConfigs]/configs/sshConfig[id=u1]"


def large(size: int) -> bytes:
    each = '  <component name="c%d">\n    <option name="x" value="%d" />\n  </component>\n'
    count = size // (len(each) + 4)
    return ("<application>\n" + "".join(each % (n, n) for n in range(count)) + "</application>").encode()


def test_a_megabyte_is_quick_and_half_of_one_takes_half_as_long() -> None:
    seconds = []
    for size in (500_000, 1_000_000):
        data = large(size)
        tries = []
        for _ in range(2):
            begun = time.perf_counter()
            after, undo = PIECE.put(data)
            tries.append(time.perf_counter() - begun)
        assert taken(after, undo) == data
        seconds.append(min(tries))
    assert seconds[1] < 4 * seconds[0] + 0.1
    assert seconds[1] < 1, "0.2 s when nothing else runs"


def test_many_neighbours_are_matched_in_linear_time() -> None:
    children = "".join(f'<option name="o{n}" value="0" />' for n in range(20_000))
    ours = node("a", {"id": "1"}, *(node("option", {"name": f"o{n}", "value": "1"}) for n in range(0, 20_000, 10)))
    begun = time.perf_counter()
    after, _ = XmlElement((node("r"),), ours, ("id",)).put(f"<r><a id='1'>{children}</a></r>".encode())
    assert time.perf_counter() - begun < 5
    assert after.count(b'value="1"') == 2_000
