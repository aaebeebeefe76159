"""Texts of the public suites, which parsers have to take or refuse: what the editor makes of each, and of edits in it.

The other readers are the standard library's json and tomllib, and PyYAML.
"""

import json
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import suites
import yaml

from devenv.editor import engine, formats
from devenv.editor.edits import Edit, Set, Unset
from devenv.editor.keypath import spelled
from devenv.errors import EditError, ParseError

pytestmark = pytest.mark.contract

NEW = 'new "x"\n'

EMPTY = {"n_single_space.json", "n_structure_UTF8_BOM_no_data.json", "n_structure_no_data.json"}
"""A file of nothing is one that nothing was set in yet."""

JSONC_ONLY = {
    "n_array_extra_comma.json",
    "n_array_number_and_comma.json",
    "n_object_trailing_comma.json",
    "n_object_trailing_comment.json",
    "n_object_trailing_comment_slash_open.json",
    "n_structure_object_with_comment.json",
}
"""Comments and trailing commas."""

YAML_TAKEN = "3HFZ 9C9N 9JBA CVW2 DK95/1 G5U8 MUS6 QB6E S98Z SU5Z U99R X4QW Y79Y/3 YJV2"
"""Not YAML by the suite, and read all the same: libyaml, which reads it, takes them, or did before."""

YAML_REFUSED = """\
2JQS 2LFX 2SXE 4MUZ 4MUZ/1 4MUZ/2 58MP 5MUD 5T43 6BCT 6CA3 6LVF 6M2F 8XYN 96NN 96NN/1 9SA2 A2M4 BEC7 CFD4
    DBG4 DK3J DK95 DK95/3 DK95/4 FP8R HM87 HWV9 K3WX M2N8 M7A3 MUS6/5 MUS6/6 NHX8 NJ66 NKF9 Q5MG QT73 R4YG S3PD
    SM9W/1 UKK6 UT92 VJP3/1 W4TN W5VH WZ62 Y79Y/1 Y79Y/10"""
"""YAML by the suite that libyaml refuses: rare corners of YAML 1.2."""

YAML_GIVEN_UP = {
    ("4ABK", "omitted value:"),
    ("Y2GN", "key"),
}
"""Leaves whose edit is refused because the result would not read back: no such file is ever written."""


def value_of(data: bytes, name: str) -> Any:
    """Return all of a text, or the ParseError that it is."""
    try:
        return formats.open_document(data, formats.named(name)).read(())
    except ParseError as exc:
        return exc


def leaves(value: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the places of scalars and of empty containers; some texts are too deep for a call per level."""
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), value)]
    while waiting:
        at, item = waiting.pop()
        if isinstance(item, dict) and item:
            waiting += [((*at, key), inner) for key, inner in item.items()]
        elif isinstance(item, list) and item:
            waiting += [((*at, index), inner) for index, inner in enumerate(item)]
        else:
            yield at


def changed(data: Any, at: tuple[Any, ...], edit: Edit) -> Any:
    if not at:
        return NEW
    inside = data
    for step in at[:-1]:
        inside = inside[step]
    if isinstance(edit, Set):
        inside[at[-1]] = NEW
    else:
        del inside[at[-1]]
    return data


def edits_of(data: bytes, name: str) -> Iterator[tuple[tuple[Any, ...], Edit]]:
    """Yield each leaf of a text with an edit that sets it; nothing for what is refused."""
    value = value_of(data, name)
    if not isinstance(value, ParseError):
        for at in leaves(value):
            yield at, Set(spelled(at), NEW, force=True)


def read_json(data: bytes) -> Any:
    return json.loads(data.decode("utf-8-sig"))


def read_toml(data: bytes) -> Any:
    return tomllib.loads(data.decode())


def read_yaml(data: bytes) -> list[Any]:
    """Return PyYAML's events as they matter; one text's can be compared with another's."""
    events = yaml.parse(data, Loader=yaml.CSafeLoader)
    return [(type(event).__name__, getattr(event, "value", None), getattr(event, "tag", None)) for event in events]


def test_the_suites_are_all_there() -> None:
    names = [name[:2] for name in suites.json_texts()]
    assert [names.count(kind) for kind in ("y_", "n_", "i_")] == [95, 188, 35]
    assert len(suites.json_texts("transform")) == 22
    names = [name.partition("/")[0] for name in suites.toml_texts()]
    assert [names.count(kind) for kind in ("valid", "invalid")] == [205, 473]
    assert [sum(fails is kind for _, fails in suites.yaml_texts().values()) for kind in (False, True)] == [308, 94]


def test_json_is_taken_and_refused_as_the_suite_says() -> None:
    for name, data in {**suites.json_texts(), **suites.json_texts("transform")}.items():
        value = value_of(data, "json")
        if name.startswith("n_"):
            assert isinstance(value, ParseError) is (name not in EMPTY), name
        elif not name.startswith("i_"):
            no_utf_8 = "invalid_codepoint" in name and "escaped" not in name
            assert isinstance(value, ParseError) is no_utf_8, name


def test_json_with_comments_takes_no_more_than_those_and_trailing_commas() -> None:
    taken = set()
    for name, data in suites.json_texts().items():
        value = value_of(data, "jsonc")
        if name.startswith("y_"):
            assert not isinstance(value, ParseError), name
        elif name.startswith("n_") and not isinstance(value, ParseError):
            taken.add(name)
    assert taken == EMPTY | JSONC_ONLY


def test_toml_is_taken_and_refused_as_the_suite_says() -> None:
    for name, data in suites.toml_texts().items():
        assert isinstance(value_of(data, "toml"), ParseError) is name.startswith("invalid/"), name


@pytest.mark.parametrize("fmt", ["json", "jsonc"])
def test_each_leaf_of_json_can_be_set_and_taken_out_and_the_others_stay(fmt: str) -> None:
    texts = {**suites.json_texts(), **suites.json_texts("transform")}
    strict = {name: data for name, data in texts.items() if name not in EMPTY | JSONC_ONLY}
    assert set_and_unset(strict, fmt, read_json) > 250


def test_each_leaf_of_toml_can_be_set_and_the_others_stay() -> None:
    count, refused = 0, set()
    for name, data in suites.toml_texts().items():
        for at, edit in edits_of(data, "toml"):
            try:
                result = engine.apply(data, [edit], formats.named("toml"))
            except EditError as exc:
                refused.add(exc.message.partition(":")[0])
                continue
            assert same(read_toml(result.data), changed(read_toml(data), at, edit)), (name, edit)
            count += 1
    assert count > 700
    # an empty file, and what [[name]] makes with nothing in it
    tables = {f"the entries of {name} are tables" for name in ("a", "products", "parent-table.arr")}
    assert refused == {"a TOML file is a table"} | tables


def same(left: Any, right: Any) -> bool:
    """Equal, not-a-number too; the order of keys is that of the file."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and repr(left) == repr(right)


def set_and_unset(texts: dict[str, bytes], fmt: str, read: Callable[[bytes], Any]) -> int:
    """Set each leaf of each text, and take each out; return how many edits that were."""
    count = 0
    for name, data in texts.items():
        for at, setting in edits_of(data, fmt):
            for edit in (setting, Unset(spelled(at))) if at else (setting,):
                result = engine.apply(data, [edit], formats.named(fmt))
                assert repr(read(result.data)) == repr(changed(read(data), at, edit)), (name, edit)
                count += 1
    return count


def test_yaml_is_taken_and_refused_as_the_suite_says_but_for_those_named() -> None:
    taken, refused = set(), set()
    for name, (data, fails) in suites.yaml_texts().items():
        is_read = not isinstance(value_of(data, "yaml"), ParseError)
        if is_read and fails:
            taken.add(name)
        elif not is_read and not fails:
            refused.add(name)
    assert taken == set(YAML_TAKEN.split())
    assert refused == set(YAML_REFUSED.split())


def test_each_leaf_of_yaml_can_be_set_or_is_refused_and_no_other_scalar_changes() -> None:
    count, given_up = 0, set()
    for name, (data, _) in suites.yaml_texts().items():
        for at, edit in edits_of(data, "yaml"):
            try:
                result = engine.apply(data, [edit], formats.named("yaml"))
            except EditError as exc:
                if "given up" in exc.message:
                    given_up.add((name, at[-1]))
                continue
            count += 1
            left = engine.apply(result.data, [edit], formats.named("yaml"))
            assert not left.changed, (name, edit)
            try:
                before = read_yaml(data)
            except yaml.YAMLError:
                # texts that only the younger libyaml of ruamel.yaml takes
                continue
            assert one_scalar_apart(before, read_yaml(result.data)), (name, edit, result.data)
    assert count > 500
    assert given_up == YAML_GIVEN_UP


def test_taking_out_leaves_of_yaml_works_or_is_refused_in_one_line() -> None:
    count, lines = 0, set()
    for name, (data, _) in suites.yaml_texts().items():
        for at, edit in edits_of(data, "yaml"):
            if not at:
                continue
            try:
                result = engine.apply(data, [Unset(edit.path)], formats.named("yaml"))
            except EditError as exc:
                lines.add(exc.message)
                continue
            assert result.changed, (name, edit)
            count += 1
    assert count > 400
    assert [line for line in lines if "\n" in line] == []


def one_scalar_apart(before: list[Any], after: list[Any]) -> bool:
    """Say whether after is before with NEW in place of one node, or of a null that is not written."""
    front = 0
    while front < len(before) and front < len(after) and before[front] == after[front]:
        front += 1
    back = 0
    while back < min(len(before), len(after)) - front and before[-1 - back] == after[-1 - back]:
        back += 1
    middle = after[front : len(after) - back]
    return [value for _, value, _ in middle if value is not None] == [NEW]
