"""Where ``append`` puts entries: before and after which one, and what ``unique`` takes for there already."""

import json
from typing import Any

import pytest

from devenv.editor import Append, Number, Untyped, edit_text
from devenv.errors import EditError, PathNotFound

STEPS = '{"l": [{"name": "x", "v": 1}, {"name": "y", "v": [2]}, ["z"], "name=w", 3]}'


def where(**marks: Any) -> int:
    done = edit_text(STEPS, [Append("l", ("new",), **marks)], format="json").data
    found: int = json.loads(done)["l"].index("new")
    return found


@pytest.mark.parametrize(
    ("mark", "index"),
    [
        ("name=y", 1),
        ("name = y", 1),
        ('name = "y"', 1),
        ("[name = 'y']", 1),
        ('[name = "y"]', 1),
        ('[. = "name=w"]', 3),
        ("v=1", 0),
        ('{"v": [2], "name": "y"}', 1),
        ('["z"]', 2),
        ("name=w", 3),
        ('"name=w"', 3),
        ("3", 4),
    ],
)
def test_a_typed_mark_is_an_entry_s_text_or_a_match_as_in_paths_or_json(mark: str, index: int) -> None:
    assert where(before=Untyped(mark)) == index
    assert where(after=Untyped(mark)) == index + 1


@pytest.mark.parametrize(
    ("mark", "index"), [({"v": [2], "name": "y"}, 1), ("name=y", 1), (["z"], 2), (Number("3"), 4), (3, 4)]
)
def test_a_mark_of_python_or_a_file_of_edits_is_a_value_or_a_match(mark: Any, index: int) -> None:
    assert where(before=mark) == index


@pytest.mark.parametrize("mark", ["name=q", "v=[2]", "[0]", "[", "{", "", "nobody", '[name = "y"].v', '{"name": "y"}'])
def test_a_mark_that_no_entry_is_is_named(mark: str) -> None:
    with pytest.raises(PathNotFound) as caught:
        where(before=Untyped(mark))
    assert caught.value.message == f"no entry of l is {mark}"


@pytest.mark.parametrize("fmt", ["json", "yaml", "toml"])
@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ({"at": 1}, "l has 0 entries: there is no [1] in it"),
        ({"at": -1}, "l has 0 entries: there is no [-1] in it"),
        ({"before": Untyped("k")}, "no entry of l is k"),
        ({"after": "k"}, "no entry of l is k"),
    ],
)
def test_an_array_that_is_not_there_has_no_entry_to_be_beside(marks: Any, message: str, fmt: str) -> None:
    for text in ("", {"json": '{"l": []}', "yaml": "l: []\n", "toml": "l = []\n"}[fmt]):
        with pytest.raises(EditError) as caught:
            edit_text(text, [Append("l", ("new",), **marks)], format=fmt)
        assert caught.value.message == message
    assert edit_text("", [Append("l", ("new",), at=0)], format=fmt).changed


@pytest.mark.parametrize(
    "text", ['{"l": [{"name": "x", "v": 1}]}', "l:\n- name: x\n  v: 1\n", '[[l]]\nname = "x"\nv = 1\n']
)
def test_unique_goes_by_what_an_entry_holds_in_any_order(text: str) -> None:
    fmt = "json" if text[0] == "{" else "yaml" if text[0] == "l" else "toml"
    edits = Append("l", ({"v": 1, "name": "x"},), unique=True)
    assert not edit_text(text, [edits], format=fmt).changed
    done = edit_text(text, [Append("l", ({"v": 2, "name": "x"}, {"name": "x", "v": 2}), unique=True)], format=fmt)
    assert done.data.decode().count("2") == 1
