"""Sections and lists of lines of an INI file, judged by Python's configparser."""

import configparser

from hypothesis import given, settings
from hypothesis import strategies as st

from devenv.editor import engine, formats
from devenv.editor.document import Format
from devenv.editor.edits import Append, Edit, Set, Unset
from devenv.editor.trees.iniparse import IniParsed
from devenv.editor.trees.parse import Node
from devenv.errors import ParseError

INI = formats.named("ini")
PYTHON = formats.named("configparser")
WORDS = st.sampled_from(["a", "b c", "x=1", "http://h/", "%(q)s", "[z]", "k: v", "1.10", "- d", "é"])
PYTHONS_WORDS = st.one_of(
    WORDS, st.sampled_from(["foo ; a", "foo # b", 'foo ; python_version < "3.8"', '"open', "'x' y", "a;b", "\\"])
)
SECTIONS = ["s1", "s.2", "s 3"]
KEYS = ["k", "m.n", "long-key", "z"]
PYTHONS_KEYS = [*KEYS, "a;b", "c #d"]

Values = dict[str, dict[str, list[str]]]


def read(text: str) -> Values:
    """Return section -> key -> the lines of its value."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {
        name: {key: [line for line in value.split("\n") if line] for key, value in parser[name].items()}
        for name in parser.sections()
    }


@st.composite
def texts(draw: st.DrawFn, words: st.SearchStrategy[str] = WORDS, names: list[str] = KEYS) -> str:
    out = []
    for name in draw(st.lists(st.sampled_from(SECTIONS), min_size=1, unique=True)):
        out.append(f"[{name}]")
        for key in draw(st.lists(st.sampled_from(names), unique=True)):
            separator, first = draw(st.sampled_from([" = ", "=", ": "])), draw(st.one_of(st.just(""), words))
            out.append(f"{key}{separator}{first}".rstrip())
            for line in draw(st.lists(words, max_size=3)):
                out += draw(st.sampled_from([[], [], ["    # note"]]))
                out.append(draw(st.sampled_from(["    ", "  "])) + line)
            out += draw(st.sampled_from([[], [], ["# c"], [""]]))
        out += draw(st.sampled_from([[], [""]]))
    return "\n".join(out) + "\n"


@st.composite
def changes(draw: st.DrawFn, values: Values, words: st.SearchStrategy[str] = WORDS) -> tuple[Edit, Values]:
    """Draw an edit of these values, and the values afterwards."""
    section = draw(st.sampled_from([*values, "new.one"]))
    lines = values.get(section, {})
    key = draw(st.sampled_from([*lines, "new"]))
    old, path, word = lines.get(key), f'"{section}"."{key}"', draw(words)
    after = {name: dict(keys) for name, keys in values.items()}
    kinds = ["set", "list", "append"] if old is None else ["set", "list", "append", "first", "unset"]
    kind = draw(st.sampled_from([*kinds, "set one", "unset one"] if old and len(old) > 1 else kinds))
    index = draw(st.integers(0, len(old) - 1)) if old else 0
    edit: Edit
    if kind == "unset":
        del after[section][key]
        return Unset(path), after
    if kind == "unset one" and old:
        edit, new = Unset(f"{path}[{index}]"), old[:index] + old[index + 1 :]
    elif kind == "set one" and old:
        edit, new = Set(f"{path}[{index}]", word), [*old[:index], word, *old[index + 1 :]]
    elif kind == "append":
        edit, new = Append(path, (word,)), [*(old or []), word]
    elif kind == "first" and old:
        edit, new = Append(path, (word,), at=0), [word, *old]
    elif kind == "list":
        new = draw(st.lists(words, min_size=1, max_size=4))
        edit = Set(path, new, force=True)
    else:
        edit, new = Set(path, word, force=True), [word]
    after.setdefault(section, {})[key] = new
    return edit, after


@settings(max_examples=400)
@given(st.data())
def test_pythons_parser_reads_what_was_set_and_all_else_as_it_was(data: st.DataObject) -> None:
    text = data.draw(texts())
    edit, after = data.draw(changes(read(text)))
    check(text, edit, after, INI)


@settings(max_examples=400)
@given(st.data())
def test_pythons_own_files_have_no_comments_behind_values(data: st.DataObject) -> None:
    text = data.draw(texts(PYTHONS_WORDS, PYTHONS_KEYS))
    edit, after = data.draw(changes(read(text), PYTHONS_WORDS))
    check(text, edit, after, PYTHON)


LINES = ["[a]", "[b c]", "[a] ; b]", "[c] ; d", "k = v", "  l = 1", "\tm: 2", "   n = 3", "  o =", "p", "# c", " ; d"]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(["", *LINES]), max_size=9).map(lambda lines: "\n".join(lines) + "\n"))
def test_what_pythons_parser_does_not_read_is_not_read(text: str) -> None:
    try:
        root = IniParsed("Configparser.lns", text.encode()).root
    except ParseError:
        return
    found: dict[str, dict[str, list[str]]] = {}
    for section in root.children:
        if section.label[:1] != "#":
            keys = found.setdefault(section.label, {})
            keys |= {key.label.lower(): lines(key) for key in section.children if key.label[:1] != "#"}
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    theirs = {name: {key: value.split() for key, value in parser[name].items()} for name in parser.sections()}
    assert theirs == found


def lines(key: Node) -> list[str]:
    """Return the words of a key and of the lines below it."""
    below = [line.value for line in key.children if line.label[:1] != "#"]
    return " ".join([key.value, *below]).split()


def check(text: str, edit: Edit, after: Values, fmt: Format) -> None:
    """Assert that an edit of a text leaves these values, is no change the second time, and keeps comments."""
    out = engine.apply(text.encode(), [edit], fmt).data
    assert read(out.decode()) == after
    if not isinstance(edit, Append) and not edit.path.endswith("]"):
        assert engine.apply(out, [edit], fmt).data == out
    assert text.count("# c") == out.count(b"# c")
