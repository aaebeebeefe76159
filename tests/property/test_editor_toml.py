"""Edits of generated TOML texts, with tomllib as the judge of what they mean."""

import itertools
import re
import tomllib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from staying import in_both

from devenv.editor import Append, Number, Set, Unset, Untyped, formats
from devenv.editor.engine import apply
from devenv.editor.keypath import spelled
from devenv.editor.tomltext import text as toml_text
from devenv.editor.values import from_plain
from devenv.errors import DevenvError, EditError, ParseError

TOML = formats.named("toml")
SETTINGS = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

NAMES = st.sampled_from(["a", "b", "c", "name", "long-key", "x.y", "é", "", "1", '"', "two words"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", "C:\\temp", "it's", 'say "x"', "'''", '"""', "a\nb", "a\r\nb", "${HOME}`x`", "\0", "\x7f", "\u2028", "# no"]
)
SCALARS = st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
TABLES = st.dictionaries(NAMES, VALUES, max_size=5)


class Writer:
    """Writes a value as TOML in ways people do: headers, dotted keys, braces, quotes, comments, odd spaces."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.comments = 0

    def pick(self, *of: Any) -> Any:
        return self.draw(st.sampled_from(of))

    def comment(self) -> str:
        self.comments += 1
        return f"# note {self.comments}"

    def text(self, table: dict[str, Any]) -> str:
        lines = self.table((), table)
        if self.pick(0, 1):
            lines.insert(0, self.comment())
        newline = self.pick("\n", "\n", "\r\n")
        # "\r" and "\n" within multi-line strings are written as escapes, so that lines are lines
        return newline.join(lines) + self.pick(newline, newline, "")

    def table(self, path: tuple[str, ...], table: dict[str, Any]) -> list[str]:
        lines: list[str] = []
        later: list[tuple[str, Any]] = []
        for key, value in table.items():
            if toml_text.as_section(value) and self.pick(0, 1, 1):
                later.append((key, value))
            else:
                lines += self.entry(key, value)
        for key, value in later:
            below = (*path, key)
            for item in value if isinstance(value, list) else [value]:
                lines += self.pick([], [""], ["", self.comment()])
                brackets = ("[[", "]]") if isinstance(value, list) else ("[", "]")
                indent = self.pick("", "", "  ")
                lines.append(f"{indent}{brackets[0]}{toml_text.dotted(below)}{brackets[1]}{self.end()}")
                lines += self.table(below, item)
        return lines

    def end(self) -> str:
        return self.pick("", "", f"  {self.comment()}", " ")

    def entry(self, key: str, value: Any) -> list[str]:
        equals = self.pick(" = ", "=", "  =  ")
        if isinstance(value, dict) and value and self.pick(0, 1):
            lines = []
            for name, item in value.items():
                lines.append(f"{toml_text.dotted((key, name))}{equals}{self.value(item)}{self.end()}")
            return lines
        before = self.pick([], [], [""], [self.comment()])
        if isinstance(value, list) and self.pick(0, 1):
            items = [f"    {self.value(item)},{self.end()}" for item in value]
            if items and self.pick(0, 1):
                last = self.value(value[-1])
                items[-1] = f"    {last}{self.end()}"
            return [*before, f"{toml_text.key(key)}{equals}[", *items, "]" + self.end()]
        return [*before, f"{self.pick('', '', '  ')}{toml_text.key(key)}{equals}{self.value(value)}{self.end()}"]

    def value(self, value: Any) -> str:
        if isinstance(value, str):
            return toml_text.string(value, self.pick('"', "'", '"""' if "\n" not in value else '"'))
        if isinstance(value, list):
            return "[" + self.pick(", ", ",", " , ").join(map(self.value, value)) + self.pick("]", " ]")
        if isinstance(value, dict):
            pad = self.pick("", " ")
            return "{" + pad + ", ".join(f"{toml_text.key(k)} = {self.value(v)}" for k, v in value.items()) + pad + "}"
        return toml_text.scalar(Number(value) if type(value) is int else value)


@st.composite
def files(draw: Any) -> tuple[str, dict[str, Any]]:
    """Generate a text and what tomllib reads in it."""
    text = Writer(draw).text(draw(TABLES))
    return text, tomllib.loads(text)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(place for key, item in below for place in places(item, (*here, key)))]


def at(value: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        value = value[step]
    return value


def plain(text: bytes) -> dict[str, Any]:
    return tomllib.loads(text.decode())


def comments(text: bytes | str) -> set[str]:
    lines = (text if isinstance(text, str) else text.decode()).splitlines()
    return {line[line.index("# note") :].strip() for line in lines if "# note" in line}


def edited(text: str, edit: Any) -> bytes | None:
    """Return the text after an edit; None when it is refused, which never is by giving up."""
    try:
        return apply(text.encode(), [edit], TOML).data
    except EditError as exc:
        refused = exc.message
    assert "given up" not in refused
    return None


@SETTINGS
@given(st.data(), files(), SCALARS | VALUES)
def test_what_is_set_is_read_back_and_all_else_is_as_it_was(data: Any, file: tuple[str, Any], value: Any) -> None:
    text, before = file
    place = data.draw(st.sampled_from(places(before)[1:] or [("new",)]))
    after = edited(text, Set(spelled(place), value, force=True))
    if after is None:
        # a scalar among tables is the one thing that cannot be
        assert isinstance(place[-1], int)
        assert not isinstance(value, dict)
        return
    read = plain(after)
    assert at(read, place) == value
    put(before, place, value)
    assert read == before


def put(table: Any, place: tuple[Any, ...], value: Any) -> None:
    at(table, place[:-1])[place[-1]] = value


@SETTINGS
@given(st.data(), files(), VALUES, st.lists(NAMES, min_size=1, max_size=3))
def test_a_new_entry_is_the_only_change_and_every_line_stays(
    data: Any, file: tuple[str, Any], value: Any, names: list[str]
) -> None:
    text, before = file
    tables = [place for place in places(before) if isinstance(at(before, place), dict)]
    parent = data.draw(st.sampled_from(tables))
    there: Any = at(before, parent)
    for name in names:
        if name not in there:
            break
        there = there[name]
        if not isinstance(there, dict):
            return
    else:
        return
    place = (*parent, *names)
    after = edited(text, Set(spelled(place), value))
    assert after is not None
    for name in reversed(names):
        value = {name: value}
    merge(at(before, parent), value)
    assert plain(after) == before
    assert comments(after) == comments(text)


def merge(into: dict[str, Any], value: dict[str, Any]) -> None:
    for key, item in value.items():
        if isinstance(item, dict) and isinstance(into.get(key), dict):
            merge(into[key], item)
        else:
            into[key] = item


@SETTINGS
@given(st.data(), files())
def test_what_is_unset_is_gone_and_all_else_is_as_it_was(data: Any, file: tuple[str, Any]) -> None:
    text, before = file
    choices = places(before)[1:]
    if not choices:
        return
    place = data.draw(st.sampled_from(choices))
    after = edited(text, Unset(spelled(place)))
    assert after is not None
    del at(before, place[:-1])[place[-1]]
    assert leaves(plain(after)) == leaves(before)


def leaves(value: Any, here: tuple[Any, ...] = ()) -> list[Any]:
    """Return what is in a value but for tables and arrays with nothing in them: their parents make those."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if below is None:
        return [(here, value)]
    return sorted((leaf for key, item in below for leaf in leaves(item, (*here, key))), key=repr)


@SETTINGS
@given(st.data(), files(), SCALARS)
def test_an_array_takes_an_entry_anywhere(data: Any, file: tuple[str, Any], value: Any) -> None:
    text, before = file
    arrays = [place for place in places(before) if isinstance(at(before, place), list)]
    if not arrays:
        return
    place = data.draw(st.sampled_from(arrays))
    array = at(before, place)
    index = data.draw(st.integers(0, len(array)))
    after = edited(text, Append(spelled(place), (value,), at=index))
    if after is None:
        assert toml_text.as_section(array)
        return
    array.insert(index, value)
    assert plain(after) == before
    assert comments(after) == comments(text)


ENTRIES = st.lists(
    st.sampled_from(["a", "b", "c", "# d", 7, {"k": "a"}, {"k": "b"}, ["a"], ["b", "c"]]), min_size=1, max_size=7
)


@st.composite
def lists(draw: Any) -> tuple[str, list[Any]]:
    """Generate a text with an array of which each entry has a comment above it and one behind it."""
    items, comma = draw(ENTRIES), draw(st.booleans())
    lines = ["d = ["]
    for number, item in enumerate(items):
        mark = "," if comma or number + 1 < len(items) else ""
        lines += [f"  # above {number}", f"  {toml_text.inline(from_plain(item))}{mark}  # behind {number}"]
    lines += ["]", *draw(st.sampled_from([[], ["z = 1"]]))]
    return draw(st.sampled_from(["\n", "\r\n"])).join([*lines, ""]), items


@SETTINGS
@given(lists(), ENTRIES)
def test_entries_that_stay_in_an_array_keep_their_comments(file: tuple[str, list[Any]], new: list[Any]) -> None:
    text, old = file
    done = apply(text.encode(), [Set("d", new)], TOML).data
    assert plain(done) == {**tomllib.loads(text), "d": new}
    lines, stay = done.decode().splitlines(), []
    assert (b"\r" in done) == ("\r" in text)
    for above, line in itertools.pairwise(lines):
        found = re.fullmatch(r" *(.*?),? *# behind (\d+)", line)
        if found and tomllib.loads(f"x = {found[1]}")["x"] == old[int(found[2])]:
            stay.append(int(found[2]))
            assert above.strip() == f"# above {found[2]}"
    assert len(stay) >= in_both(old, new)
    assert stay == sorted(stay)
    assert all(f"# above {number}" in "\n".join(lines) for number in range(len(old)))


def remade(data: Any, value: Any) -> Any:
    """Return a value of which some entries, at any depth, are gone, others are changed, and new ones are among them."""
    if isinstance(value, list):
        made = [item for old in value for item in data.draw(st.sampled_from([[old], [old], [remade(data, old)], []]))]
        for item in data.draw(st.lists(VALUES, max_size=2)):
            made.insert(data.draw(st.integers(0, len(made))), item)
        return made
    if isinstance(value, dict):
        return {key: data.draw(st.sampled_from([old, remade(data, old)])) for key, old in value.items()}
    return data.draw(st.just(value) | SCALARS)


@SETTINGS
@given(st.data(), files())
def test_an_array_made_anew_of_what_is_there_is_read_back(data: Any, file: tuple[str, Any]) -> None:
    text, before = file
    arrays = [place for place in places(before) if isinstance(at(before, place), list)]
    if not arrays:
        return
    place = data.draw(st.sampled_from(arrays))
    value = remade(data, at(before, place))
    after = edited(text, Set(spelled(place), value))
    assert after is not None
    put(before, place, value)
    assert plain(after) == before


@SETTINGS
@given(st.data(), files(), TEXTS)
def test_a_scalar_is_replaced_in_its_place_and_its_style_stays(data: Any, file: tuple[str, Any], new: str) -> None:
    text, before = file
    leaf = [place for place in places(before) if isinstance(at(before, place), str)]
    if not leaf:
        return
    place = data.draw(st.sampled_from(leaf))
    after = edited(text, Set(spelled(place), Untyped(new)))
    assert after is not None
    put(before, place, new)
    assert plain(after) == before
    assert comments(after) == comments(text)
    if after != text.encode():
        assert edited(after.decode(), Set(spelled(place), Untyped(new))) == after
        lines = text.split("\n"), after.decode().split("\n")
        if len(lines[0]) == len(lines[1]):
            assert sum(old != fresh for old, fresh in zip(*lines, strict=True)) == 1


@settings(SETTINGS, max_examples=300)
@given(st.text(st.sampled_from("ab1.-\"'[]{}=,# \n\r\t\\u_\x00é:+TZe"), max_size=40))
def test_any_text_is_read_as_tomllib_reads_it_or_refused_in_one_line(text: str) -> None:
    try:
        wanted: Any = tomllib.loads(text)
    except ValueError:
        with pytest.raises(ParseError) as caught:
            formats.open_document(text.encode(), TOML)
        assert caught.value.line
        return
    document = formats.open_document(text.encode(), TOML)
    assert shape(document.read(())) == shape(wanted)
    assert document.data == text.encode()


def shape(value: Any) -> Any:
    """Return a value with strings and containers as they are, and all else as a mark."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return value if type(value) is str else "*"


@settings(SETTINGS, max_examples=60)
@given(st.binary(max_size=60))
def test_no_bytes_end_in_anything_but_a_clear_error(data: bytes) -> None:
    message = ""
    try:
        formats.open_document(data, TOML)
    except DevenvError as exc:
        message = exc.message
    assert "\n" not in message
