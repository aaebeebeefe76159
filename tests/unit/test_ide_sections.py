"""Sections of devenv's in text files that somebody else wrote: put in, put again, taken out."""

import json

import pytest

from devenv.errors import ParseError
from devenv.ide import pieces, sections
from devenv.ide.pieces import Section

BOM = b"\xef\xbb\xbf"
LINES = ("Include /x",)


@pytest.mark.parametrize("top", [True, False])
@pytest.mark.parametrize(
    "before",
    [
        None,
        b"",
        b"\n",
        b"a\n",
        b"a",
        b"a\r\nb\r\n",
        BOM + b"a\n",
        b"caf\xe9\n",
        b"a\n\n\n",
        b"# >>> devenv: other\n# <<< devenv: other\n",
    ],
)
def test_a_section_goes_in_and_comes_out_again(before: bytes | None, top: bool) -> None:
    piece = Section("hello", LINES, top=top)
    after, undo = piece.put(before)
    assert piece.put(after)[0] == after
    assert b"Include /x" in after
    taken = pieces.take(piece.kind, after, json.loads(json.dumps(undo)))
    assert taken == before


def test_a_section_at_the_top_comes_back_there() -> None:
    piece = Section("hello", LINES, top=True)
    after, _ = piece.put(b"Host *\n")
    assert after == b"# >>> devenv: hello\nInclude /x\n# <<< devenv: hello\nHost *\n"
    assert piece.put(b"Port 1\n" + after)[0] == after.replace(b"Host *\n", b"Port 1\nHost *\n")


def test_a_section_at_the_top_comes_after_a_byte_order_mark() -> None:
    assert Section("hello", LINES, top=True).put(BOM + b"a\n")[0].startswith(BOM + b"# >>> devenv: hello\n")


def test_a_section_of_a_file_with_cr_lf_has_them_too() -> None:
    after, _ = Section("hello", ("a", "b")).put(b"x\r\n")
    assert after == b"x\r\n# >>> devenv: hello\r\na\r\nb\r\n# <<< devenv: hello\r\n"


def test_a_section_is_replaced_where_it_stands() -> None:
    first, _ = Section("hello", ("old", "lines")).put(b"above\n")
    after, _ = Section("hello", ("new",)).put(first + b"below\n")
    assert after == b"above\n# >>> devenv: hello\nnew\n# <<< devenv: hello\nbelow\n"


def test_sections_are_told_by_their_names() -> None:
    data = b""
    for name in ("hello", "hello-db", "hell"):
        data, _ = Section(name, (name,)).put(data)
    assert sections.names(data, "#") == ["hello", "hello-db", "hell"]
    assert sections.names(sections.removed(data, "hello", "#"), "#") == ["hello-db", "hell"]


def test_a_section_s_marks_are_comments_of_the_file_s_language() -> None:
    after, _ = Section("hello", ("(x)",), comment=";;").put(None)
    assert after == b";; >>> devenv: hello\n(x)\n;; <<< devenv: hello\n"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"a\n# >>> devenv: hello\nb\n", 2),
        (b"# >>> devenv: hello\n# >>> devenv: hello\n# <<< devenv: hello\n", 2),
        (b"# >>> devenv: hello\n# <<< devenv: hello\n# >>> devenv: hello\n# <<< devenv: hello\n", 3),
        (b"a\n# <<< devenv: hello\n", 2),
        ("Host *\n".encode("utf-16"), 1),
        (b"a\nb\0\n", 2),
    ],
)
def test_half_a_section_or_no_text_is_refused_with_its_line(data: bytes, line: int) -> None:
    piece = Section("hello", LINES)
    with pytest.raises(ParseError) as error:
        piece.put(data)
    assert error.value.line == line
    assert error.value.column > 0


def test_odd_line_ends_inside_a_line_are_no_ends() -> None:
    before = b"a\x0bb\x0cc\x1cd\xe2\x80\xa8e\n"
    after, undo = Section("hello", LINES).put(before)
    assert after.startswith(before)
    assert pieces.take("section", after, undo) == before
