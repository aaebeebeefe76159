"""Numbers in YAML, over generated spellings: readers of YAML 1.1 and of 1.2 agree on them, and floats come back."""

import io
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from devenv.editor import Set, Untyped, edit_text

SPELLED = st.from_regex(r"[-+]?(0[xob])?[0-9_]{0,3}\.?[0-9]{0,3}([eE][-+]?[0-9]{1,2})?", fullmatch=True)
THERE = st.sampled_from(["5", "-1.50", "0x1F", "1e3", ".5", ".inf"])


def by_others(text: str) -> list[Any]:
    """Return what a reader of YAML 1.1 and one of 1.2 take the entry v for."""
    return [yaml.safe_load(text)["v"], YAML(typ="safe", pure=True).load(io.StringIO(text))["v"]]


@settings(max_examples=400, deadline=None)
@given(SPELLED, THERE)
def test_text_in_place_of_a_number_means_the_same_to_all(spelling: str, there: str) -> None:
    done = edit_text(f"v: {there}\n", [Set("v", Untyped(spelling))], format="yaml")
    if not done.changed:
        assert spelling.lower().replace(".0", "").replace("+", "") == there
        return
    old, new = by_others(done.data.decode())
    assert (type(old), old) == (type(new), new)
    assert isinstance(new, str) or float(new) == (int(spelling, 0) if "x" in spelling else float(spelling))
    assert not edit_text(done.data, [Set("v", Untyped(spelling))], format="yaml").changed


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70))
def test_a_number_of_python_is_that_number_to_all(value: float) -> None:
    done = edit_text("a: 1\n", [Set("v", value)], format="yaml").data
    assert [repr(read) for read in by_others(done.decode())] == [repr(value)] * 2
    assert not edit_text(done, [Set("v", value)], format="yaml").changed
