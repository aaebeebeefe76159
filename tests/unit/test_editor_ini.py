"""INI files: which part of a path is a section's name."""

import pytest

from devenv.editor import Append, Edit, Merge, Set, edit_text
from devenv.errors import ParseError

ENTRY = "options.entry_points.console_scripts"


def edited(text: str, edit: Edit, name: str = "ini") -> str:
    done = edit_text(text, [edit], format=name).data.decode()
    if not isinstance(edit, Append):
        assert not edit_text(done, [edit], format=name).changed
    return done


def test_a_path_of_several_names_is_a_key_of_a_section_to_python() -> None:
    text = "[options]\npackages = find:\n"
    new = "\n[options.entry_points]\nconsole_scripts ="
    assert edited(text, Set(ENTRY, "a = b:c"), "configparser") == f"{text}{new} a = b:c\n"
    assert edited(text, Append(ENTRY, ("a = b:c",)), "configparser") == f"{text}{new}\n    a = b:c\n"
    wanted = Merge("options.extras_require", {"test": "pytest"})
    assert edited(text, wanted, "configparser") == f"{text}\n[options.extras_require]\ntest = pytest\n"
    assert edited("", Set(ENTRY, "a = b:c"), "configparser") == f"{new} a = b:c\n".lstrip()


@pytest.mark.parametrize("section", ["*.py", "options.x"])
def test_a_section_has_dots_where_another_has(section: str) -> None:
    text = "[*]\na = 1\n\n[options]\nb = 1\n\n[*.md]\na = 2\n"
    assert edited(text, Set(f"{section}.a", "3")) == f"{text}\n[{section}]\na = 3\n"


def test_a_key_has_dots_where_another_has_or_no_section() -> None:
    text = "[php]\nsession.gc = 1\n\n[a.b]\nc = 1\n"
    assert edited(text, Set("php.session.name", "x")) == text.replace("gc = 1\n", "gc = 1\nsession.name = x\n")
    assert edited("[php]\na = 1\n", Set("php.session.name", "x")) == "[php]\na = 1\nsession.name = x\n"
    quoted = Set('options."a.b"', "1")
    assert edited("[options]\nx = 1\n", quoted, "configparser") == "[options]\nx = 1\na.b = 1\n"


def test_what_is_appended_to_a_key_without_a_value_is_its_value() -> None:
    text = "[a]\nkey =\ndup = 1\ndup = 2\n"
    assert edited(text, Append("a.key", ("x",))) == text.replace("key =", "key = x")
    assert edited(text, Append("a.key", ("x", "y"))) == text.replace("key =", "key = x\nkey = y")


@pytest.mark.parametrize("text", ["a = 1\n[b]\n", "[b]\nflag\n", "[b]\n  a = 1\n    c = 2\n"])
def test_what_python_does_not_read_so_says_how_it_can_be_read(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        edit_text(text, [Set("b.x", "1")], format="configparser")
    assert caught.value.hint is not None
    assert "--format ini" in caught.value.hint
    assert edit_text(text, [Set("b.x", "1")], format="ini").changed
