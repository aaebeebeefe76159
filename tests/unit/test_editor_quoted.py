"""Values that are written otherwise than they are read: .env, .npmrc, git's files, Dockerfiles."""

import pytest

from devenv.editor import Append, Edit, Set, Unset, edit_text
from devenv.editor.engine import apply
from devenv.editor.formats import named, open_document
from devenv.errors import EditError, ParseError


def edited(text: str, edit: Edit, name: str) -> str:
    done = edit_text(text, [edit], format=name).data.decode()
    if not isinstance(edit, Append):
        assert not edit_text(done, [edit], format=name).changed
    return done


def read(text: str, name: str) -> object:
    return open_document(text.encode(), named(name)).read(())


@pytest.mark.parametrize("old", ["", "1", "'1'", '"1"', "`1`"])
def test_a_backslash_never_stands_before_the_quote_that_ends_a_variable(old: str) -> None:
    # 'C:\\' goes on to the next quote in the file, to python-dotenv and to dotenv of Node
    done = edited(f"A={old}\nB='x'\n", Set("A", "C:\\my dir\\"), "dotenv")
    assert done == "A=\"C:\\\\my dir\\\\\"\nB='x'\n"
    assert read(done, "dotenv") == {"A": "C:\\my dir\\", "B": "x"}


@pytest.mark.parametrize("text", ["", "[core]\n", '[remote "o"]\n\turl = x\n'])
@pytest.mark.parametrize(("value", "written"), [("me", "me"), ("", '""')])
def test_a_first_section_of_git_has_its_variable_in_it(text: str, value: str, written: str) -> None:
    assert edited(text, Set("user.name", value), "gitconfig") == f"{text}[user]\n\tname = {written}\n"


def test_a_section_of_git_is_no_variable() -> None:
    with pytest.raises(EditError, match="a section to git"):
        edit_text("[core]\n", [Set("user", "")], format="gitconfig")
    with pytest.raises(EditError):
        edit_text("[core]\n", [Set("branch.old.1a", "")], format="gitconfig")
    with pytest.raises(EditError):
        edit_text("[core]\n", [Append("branch.old.1a", ("",))], format="gitconfig")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a # b", "a"),
        ("a;b", "a"),
        (r"a\;b\#c", "a;b#c"),
        (r"C:\npm\;x", r"C:\npm;x"),
        ("C:\\dir\\", "C:\\dir\\"),
        (r"a\\;b", "a\\"),
        ('"a;b"', "a;b"),
        (r'"a\nb"', "a\nb"),
        ("'a # b'", "a # b"),
        ('"a" ; b', '"a"'),
        ('"a', '"a'),
    ],
)
def test_a_value_is_what_npm_makes_of_it(written: str, meant: str) -> None:
    assert read(f"x={written}\ny=1\n", "npmrc") == {"x": meant, "y": "1"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a;b#c", r"a\;b\#c"),
        (r"a\;b", r"a\\\;b"),
        (" a ", '" a "'),
        ('"a"', r'"\"a\""'),
        ("a\nb", r'"a\nb"'),
        ("C:\\", "C:\\"),
        (r"\\host\x", r"\\\host\x"),
        ("[a]=b", "[a]=b"),
    ],
)
def test_a_value_is_written_so_that_npm_reads_it(value: str, written: str) -> None:
    assert edited("x=1\ny=1\n", Set("x", value), "npmrc") == f"x={written}\ny=1\n"
    assert edited("y=1\n", Set("x", value), "npmrc") == f"y=1\nx={written}\n"


def test_a_comment_behind_a_value_of_npm_stays() -> None:
    assert edited("a=b # c\n", Set("a", "x;y"), "npmrc") == "a=x\\;y # c\n"
    with pytest.raises(EditError):
        edit_text("a=b # c\n", [Set("a", " x")], format="npmrc")
    with pytest.raises(ParseError):
        read("a;b=c\n", "npmrc")


def test_a_key_of_npm_is_there_once_and_a_list_has_brackets() -> None:
    with pytest.raises(EditError, match="reads the last one alone"):
        edit_text("omit=dev\n", [Append("omit", ("optional",))], format="npmrc")
    with pytest.raises(EditError, match="reads the last one alone"):
        edit_text("", [Set("omit", ["dev", "optional"])], format="npmrc")
    done = apply(b"", [Append('"omit[]"', ("dev", "optional"))], named("npmrc")).data
    assert done == b"omit[]=dev\nomit[]=optional\n"
    assert edited("", Set("proxy", ""), "npmrc") == "proxy=\n"


@pytest.mark.parametrize("name", ["ENV", "LABEL"])
def test_an_instruction_goes_with_its_last_variable(name: str) -> None:
    text = f"FROM x\n{name} A=1 B=2\nCMD y\n"
    assert edited(text, Unset(f"{name}.A"), "dockerfile") == f"FROM x\n{name} B=2\nCMD y\n"
    both = [Unset(f"{name}.A"), Unset(f"{name}.B")]
    assert edit_text(text, both, format="dockerfile").data == b"FROM x\nCMD y\n"
