"""Values: the kinds they have, the text they keep, what typed text means."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devenv.editor.values import (
    Literal,
    Number,
    from_json,
    from_plain,
    is_json_number,
    kind_of,
    quoted,
    same,
    settle,
    to_json,
    to_plain,
)
from devenv.errors import EditError


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "bool"),
        (Number("1"), "number"),
        ("1", "string"),
        ({}, "object"),
        ([], "array"),
        (Literal("2026-01-01"), "literal"),
    ],
)
def test_kinds(value: object, kind: str) -> None:
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    ("text", "was", "value"),
    [
        ("1.10", None, Number("1.10")),
        ("1.10", "string", "1.10"),
        ("1.10", "number", Number("1.10")),
        ("true", "string", "true"),
        ("true", None, True),
        ("null", "number", None),
        ("yes", "bool", "yes"),
        ("01", None, "01"),
        ("1e5", None, Number("1e5")),
        ("NaN", None, "NaN"),
        ("+1", "number", "+1"),
        ("", None, ""),
        ("{}", None, "{}"),
        ("True", None, "True"),
    ],
)
def test_typed_text_keeps_the_kind_that_is_there_when_it_fits(text: str, was: str | None, value: object) -> None:
    assert same(settle(text, was), value)


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [
        ("1", "string", "1"),
        ("1", "number", Number("1")),
        ("true", "bool", True),
        ("null", "null", None),
        ("[1]", "json", [Number("1")]),
    ],
)
def test_a_type_that_is_asked_for_is_given(text: str, wanted: str, value: object) -> None:
    assert same(settle(text, "object", wanted=wanted), value)


@pytest.mark.parametrize(
    ("text", "wanted"), [("x", "number"), ("1", "bool"), ("", "null"), ("{a: 1}", "json"), ("1 2", "json")]
)
def test_text_that_does_not_fit_the_type_is_refused(text: str, wanted: str) -> None:
    with pytest.raises(EditError) as caught:
        settle(text, None, wanted=wanted)
    assert "\n" not in caught.value.message


def test_values_are_the_same_to_the_letter() -> None:
    assert same({"a": [Number("1.0")]}, {"a": [Number("1.0")]})
    assert not same(Number("1.0"), Number("1.00"))
    assert not same("1", Number("1"))
    assert not same(True, Number("1"))
    assert not same({"a": None, "b": None}, {"b": None, "a": None})
    assert not same([None], [None, None])


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(PLAIN)
def test_plain_values_come_back_as_they_went_in(value: object) -> None:
    assert repr(to_plain(from_plain(value))) == repr(value)
    assert repr(json.loads(to_json(from_plain(value)))) == repr(value)
    assert same(from_json(to_json(from_plain(value), indent=2)), from_plain(value))


@given(st.text(alphabet=st.characters()))
def test_json_strings_hold_every_character(text: str) -> None:
    assert json.loads(quoted(text)) == text
    assert quoted(text).isprintable() or any(not character.isprintable() for character in text)


@pytest.mark.parametrize(
    "value",
    [{1: 2}, object(), float("nan"), float("inf"), b"x", {"a": {None: 1}}, {"a": 10**5000}],
    ids=lambda value: type(value).__name__,
)
def test_what_no_config_file_holds_is_refused(value: object) -> None:
    with pytest.raises(EditError):
        from_plain(value)


def test_numbers_python_cannot_hold_stay_text() -> None:
    assert to_plain(Number("1e999")) == Number("1e999")
    assert to_plain(Number("0x1F")) == Number("0x1F")
    assert to_plain(Number("9" * 5000)) == Number("9" * 5000)
    assert to_plain([Number("12"), Number("1.5")]) == [12, 1.5]
    assert to_json(Number("0x1F")) == '"0x1F"'
    assert to_json(Number("9" * 5000)) == "9" * 5000


def test_json_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(EditError, match="deep"):
        from_json("[" * 100_000)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tru", "column 1: a value is expected"),
        ("NaN", "column 1: a value is expected"),
        ('{"a": 1,}', "column 8: a comma before the closing brace"),
        ("[1 2]", "column 4: a comma or ] is expected"),
        ('{"a": [1}', "column 9: a comma or ] is expected"),
        ("[1,\n2,,]", "line 2, column 3: a value is expected"),
        ('"\\x"', "column 2: no such escape in a JSON string"),
        ('"é\n"', "column 3: a control character"),
        ("  ", "there is nothing"),
        ("1 2", "column 3: nothing may follow the value"),
    ],
)
def test_what_is_wrong_with_json_is_said_in_the_words_that_files_get(text: str, says: str) -> None:
    with pytest.raises(EditError) as caught:
        from_json(text)
    assert caught.value.message.startswith("this is not JSON: ")
    assert says in caught.value.message
    assert "\n" not in caught.value.message
    assert (caught.value.hint is None) is (text[0] in '{["')


@given(st.text("-+.eE019٣ ", max_size=8))
def test_a_number_is_what_the_grammar_of_json_says(text: str) -> None:
    # RFC 8259, section 6
    grammar = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
    assert is_json_number(text) == (re.fullmatch(grammar, text) is not None)
