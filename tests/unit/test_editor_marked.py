"""Values that nginx would read as more than a value."""

import pytest

from devenv.editor.trees.marked import nginx_mark


@pytest.mark.parametrize(
    "text",
    [
        "",
        "on",
        "a b",
        "a}b",
        "it's",
        "'a } b;'",
        '"a\\"b{" c',
        "${x}y",
        "~ \\.(a|b)$",
        "a#b",
        "($x = 'a b')",
        "a\\;b",
        "a\\ b",
    ],
)
def test_words_of_nginx_are_no_marks(text: str) -> None:
    assert nginx_mark(text) is None


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a } b", "}"),
        ("}", "}"),
        ("a{", "{"),
        ("$ {x}", "{"),
        ("a;b", ";"),
        ("a #b", "#"),
        ("a\\", "\\"),
        ("'a", "'"),
        ('a "b', '"'),
        ("'a\\'", "'"),
        ("'a'b", "b"),
        ("'a\\\\' \\", "\\"),
    ],
)
def test_a_mark_that_ends_a_directive_of_nginx_or_never_lets_it_end_is_found(text: str, mark: str) -> None:
    assert nginx_mark(text) == mark
