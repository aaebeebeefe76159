"""Values of one format put into a file of another: what each has a kind for, and what becomes of the rest."""

from typing import Any

import pytest

from devenv.editor import Append, Merge, Number, Set, edit_text, engine, formats, read_value
from devenv.editor.values import Literal
from devenv.errors import EditError

EMPTY = {"json": '{"x": 1}', "jsonc": '{"x": 1}', "toml": "x = 1\n", "yaml": "x: 1\n", "dotenv": "x=1\n"}

KINDS = [
    # what YAML or TOML reads, then what stands in JSON, TOML and YAML
    (Literal("yes"), '"yes"', '"yes"', "yes"),
    (Literal("2020-01-01"), '"2020-01-01"', "2020-01-01", "2020-01-01"),
    (Literal("07:32:00"), '"07:32:00"', "07:32:00", '"07:32:00"'),
    (Literal("!foo bar"), '"!foo bar"', '"!foo bar"', "!foo bar"),
    (Literal("1_000"), "1000", "1000", "1_000"),
    (Number("1_000"), "1000", "1_000", "1000"),
    (Number("0x10"), "16", "0x10", "0x10"),
    (Number("0o17"), "15", "0o17", "0o17"),
    (Number("-0b1_01"), "-5", "-5", "-5"),
    (Number("017"), '"017"', '"017"', "017"),
    (Number("+1"), "1", "+1", "+1"),
    (Number("1."), "1.0", "1.0", "1."),
    (Number(".5"), "0.5", "0.5", ".5"),
    (Number("-.5"), "-0.5", "-0.5", "-0.5"),
    (Number("-08.50E+3"), "-8.50E+3", "-8.50E+3", "-08.50E+3"),
    (Number("1e400"), "1e400", "1e400", "1.0e+400"),
]


@pytest.mark.parametrize(("value", "json", "toml", "yaml"), KINDS)
def test_a_value_becomes_what_the_format_has_for_it_and_stays_that(value: Any, json: str, toml: str, yaml: str) -> None:
    for fmt, expected in (("json", json), ("jsonc", json), ("toml", toml), ("yaml", yaml)):
        edits = [
            Set("x", value),
            Merge("", {"x": value}),
            Merge("", {"new": value}),
            Append("list", (value,), unique=True),
        ]
        for edit in edits:
            done = edit_text(EMPTY[fmt], [edit], format=fmt)
            assert expected in done.data.decode(), fmt
            assert not edit_text(done.data, [edit], format=fmt).changed, fmt
        deep = edit_text(EMPTY[fmt], [Set("a.b", [{"c": value}])], format=fmt).data.decode()
        assert expected in deep


@pytest.mark.parametrize("word", [".inf", "-.INF", "inf", "-inf", ".nan", "nan", "+nan"])
def test_what_is_infinite_is_refused_by_json_in_one_line_and_respelled_elsewhere(word: str) -> None:
    for value in (Number(word), [Number(word)], {"a": Number(word)}):
        with pytest.raises(EditError) as caught:
            edit_text(EMPTY["json"], [Set("x", value, force=True)], format="json")
        assert caught.value.message == f"JSON has no number {word}"
    assert edit_text(EMPTY["toml"], [Set("x", Number(word))], format="toml").data.decode().strip("x =\n+-.") in (
        "inf",
        "nan",
    )
    assert (
        edit_text(EMPTY["yaml"], [Set("x", Number(word))], format="yaml")
        .data.decode()
        .lower()
        .endswith((".inf\n", ".nan\n"))
    )


def test_a_number_to_another_base_is_exact_or_refused() -> None:
    done = edit_text("{}", [Set("x", Number("0x" + "f" * 2000))], format="json").data.decode()
    assert str(16**2000 - 1) in done
    with pytest.raises(EditError, match="too many digits"):
        edit_text("{}", [Set("x", Number("0x" + "f" * 1_000_000))], format="json")


@pytest.mark.parametrize("fmt", ["json", "toml", "yaml"])
@pytest.mark.parametrize("text", ["", "1e", "_1", "0x", "-", ".", "1.2.3", "1, 2", "١"])
def test_what_is_no_number_anywhere_is_refused(fmt: str, text: str) -> None:
    with pytest.raises(EditError) as caught:
        edit_text(EMPTY[fmt], [Set("x", Number(text))], format=fmt)
    assert "is not a number" in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("text", ["2021-02-30", "a: b", "2024-01-31, c: 1", "# no", "two\nlines"])
def test_a_literal_that_is_none_here_is_text(text: str) -> None:
    for fmt in ("json", "toml", "yaml"):
        done = edit_text(EMPTY[fmt], [Set("x", Literal(text))], format=fmt).data
        value = formats.open_document(done, formats.named(fmt)).read(("x",))
        assert str(value) == text
        assert fmt == "yaml" or value == text


def test_a_lens_takes_every_value_as_its_text() -> None:
    for value, _, _, _ in KINDS:
        done = edit_text(EMPTY["dotenv"], [Set("x", value)], format="dotenv").data.decode()
        assert done in (f"x={value}\n", f'x="{value}"\n')


def test_what_is_read_from_toml_can_be_set_in_json(tmp_path: Any) -> None:
    (tmp_path / "d.toml").write_text("x = 2020-01-01\n")
    value = read_value(tmp_path / "d.toml", "x")
    assert edit_text("{}", [Set("a", value)], format="json").data == b'{\n  "a": "2020-01-01"\n}'


def test_a_literal_and_an_array_are_told_apart_in_words_for_people() -> None:
    with pytest.raises(EditError) as caught:
        edit_text("x: [1]\n", [Merge("", {"x": Literal("yes")})], format="yaml")
    assert caught.value.message == "x is an array, which a single value would replace"
    with pytest.raises(EditError) as caught:
        edit_text('{"x": [1]}', [Merge("", {"x": Literal("yes")})], format="json")
    assert caught.value.message == "x is an array, which a string would replace"


def test_what_a_format_has_is_not_touched() -> None:
    for name in ("json", "toml", "yaml"):
        document: Any = formats.open_document(EMPTY[name].encode(), formats.named(name))
        value = {"a": [Number("1.10"), "yes", True]}
        assert document.fitted(value) == value
        assert engine.settled(document, Number("1.10"), None, "number") == Number("1.10")
