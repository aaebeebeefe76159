"""Block scalars of YAML beside what is edited: blank lines and comments below them stay theirs, or become no part."""

import functools
import operator
from typing import Any

import pytest
import yaml

from devenv.editor import engine, formats, keypath
from devenv.editor.edits import Append, Edit, Set, Unset

YAML = formats.named("yaml")


def edited(text: str, edit: Edit) -> str:
    return engine.apply(text.encode(), [edit], YAML).data.decode()


def load(text: str) -> Any:
    return yaml.load(text, yaml.CSafeLoader)


@pytest.mark.parametrize(
    ("text", "path", "done"),
    [
        # blank lines below what goes would become those of a scalar that keeps them
        ("a: |+\n  x\nb: 1\n\n\nc: 2\n", "b", "a: |+\n  x\nc: 2\n"),
        ("a: |+\n  x\n\nb: 1\n\n# c\nc: 2\n", "b", "a: |+\n  x\n\n# c\nc: 2\n"),
        ("a: |+\n  x\nb: |-\n  y\n  \n \n", "b", "a: |+\n  x\n"),
        ("- k: |+\n    x\n- y\n\n- z\n", "[1]", "- k: |+\n    x\n- z\n"),
        ("a: |+\r\n  x\r\nb: 1\r\n\r\nc: 2\r\n", "b", "a: |+\r\n  x\r\nc: 2\r\n"),
        # so would white space beyond the indentation, whatever the scalar keeps, and no other
        ("a: |\n  x\nb: 1\n   \n\nc: 2\n", "b", "a: |\n  x\n\nc: 2\n"),
        ("a: |\n  x\nb: 1\n  \n\nc: 2\n", "b", "a: |\n  x\n  \n\nc: 2\n"),
        # so would comments
        ("a: |\n  x\nb: 1\n  # c\n\n    # d\n  #e\nc: 2\n", "b", "a: |\n  x\n# c\n\n# d\n#e\nc: 2\n"),
        ("a: |\n   x\nb: 1\n  # c\n    # d\nc: 2\n", "b", "a: |\n   x\n  # c\n    # d\nc: 2\n"),
        ("a:\n  k: >-\n    x\n  l: 1\n     # c\n  m: 2\n", "a.l", "a:\n  k: >-\n    x\n  # c\n  m: 2\n"),
        ("a: |\nb: 1\n # c\nc: 2\n", "b", "a: |\n# c\nc: 2\n"),
        # what a scalar keeps goes with it
        ("a: |+\n  x\n\n\n# c\nb: 1\n", "a", "# c\nb: 1\n"),
        ("k:\n  a: |+\n    x\n\n # c\nb: 1\n", "k.a", "k: {}\n # c\nb: 1\n"),
    ],
)
def test_what_follows_an_entry_that_goes_is_no_more_of_the_scalar_above_it(text: str, path: str, done: str) -> None:
    assert edited(text, Unset(path)) == done
    left = load(text)
    *above, last = keypath.parse(path).steps
    holder = functools.reduce(operator.getitem, above, left)
    del holder[last]
    assert load(done) == left


@pytest.mark.parametrize(
    ("text", "edit", "done"),
    [
        # a blank line is no more than that of the scalar: none comes before a new entry
        ("a: 1\n\nb: |+\n  x\n", Set("c", 2), "a: 1\n\nb: |+\n  x\nc: 2\n"),
        ("a: |\n  \n \nb: >+\n  \n \n", Set("c", {}), "a: |\n  \n \nb: >+\n  \n \nc: {}\n"),
        ("- 1\n\n- |+\n  x\n\n", Append("$", ("z",)), "- 1\n\n- |+\n  x\n\n- z\n"),
        # white space below would be of a new scalar
        ("a: |-\n     \n", Set("b", "\nlead"), 'a: |-\nb: "\\nlead"\n     \n'),
        ("a: 1\n   \nb: 2\n", Set("a", "m\nn\n"), 'a: "m\\nn\\n"\n   \nb: 2\n'),
        ("a: 1\n  \nb: 2\n", Set("a", "m\nn\n"), "a: |\n  m\n  n\n  \nb: 2\n"),
        ("- >-\n\n    ", Set("[0]", "z"), "- z\n\n    "),
        # a line of nothing but spaces is of a scalar that says how far it is indented
        ("a: |2\n     \nb: 1\n", Set("a", 5), "a: 5\nb: 1\n"),
        ("- |1\n   \n- >-2\n    \n", Append("$", (5,)), "- |1\n   \n- >-2\n    \n- 5\n"),
        ("a: |2\n     x\n    \nb: 1\n", Unset("a"), "b: 1\n"),
    ],
)
def test_a_scalar_keeps_its_lines_and_takes_no_others(text: str, edit: Edit, done: str) -> None:
    assert edited(text, edit) == done
