"""JSON edited in place: what golden files are too small for."""

import json
from typing import Any

import pytest

from devenv.editor import Merge, Set, edit_text

PAD = ["x" * 100] * 1000
"""Makes a text large: such a text is read level by level."""


@pytest.mark.parametrize("pad", [[], PAD])
def test_a_value_and_a_new_entry_beside_it_are_set_in_one_edit(pad: list[str]) -> None:
    text = json.dumps({"o": {"a": {"x": False}}, "pad": pad})
    done = edit_text(text, [Merge("", {"o": {"a": {"x": None, "new": [1]}}})], format="json").data
    assert json.loads(done) == {"o": {"a": {"x": None, "new": [1]}}, "pad": pad}


def test_many_changes_of_one_container_are_one_pass() -> None:
    entries: dict[str, Any] = {f"k{number}": {"n": number} for number in range(20_000)}
    wanted = {f"n{number}": {"n": 0} for number in range(5_000)} | dict(list(entries.items())[::-2])
    done = edit_text(json.dumps(entries, indent=1), [Set("$", wanted)], format="json").data
    assert list(json.loads(done).items()) == list(wanted.items())


@pytest.mark.parametrize("text", ['{"a": 1, "b": 2, "a": 3}', '{"a": 1, "a": 2}', '{"b": 1, "a": 2, "a": 3}'])
def test_a_container_in_which_a_key_comes_twice_is_replaced_whole(text: str) -> None:
    done = edit_text(text, [Set("$", {"a": 4, "b": 5})], format="json").data
    assert json.loads(done) == {"a": 4, "b": 5}
    assert done.count(b'"a"') == 1


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_new_entries_stand_on_lines_that_end_as_all_others(newline: str) -> None:
    text = newline.join(['{ "a": [', "  1, // one", "  2", "] }"])
    done = edit_text(text, [Set("a", [0, 1, 2, 3])], format="jsonc").data.decode()
    assert done == newline.join(['{ "a": [', "  0,", "  1, // one", "  2,", "  3", "] }"])
