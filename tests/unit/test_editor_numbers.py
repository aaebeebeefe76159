"""How numbers and dates are spelled: alike to all readers of YAML, and as they stand where they are the same."""

import datetime
import io
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML

from devenv.editor import Append, Edit, Merge, Set, Untyped, edit_file, edit_text, list_values, read_value
from devenv.editor.values import Literal, Number, from_json
from devenv.errors import EditError


def edited(text: str, edit: Edit, fmt: str = "yaml") -> str:
    """Return the text after an edit, which done again changes nothing."""
    done = edit_text(text, [edit], format=fmt).data
    assert not edit_text(done, [edit], format=fmt).changed
    return done.decode()


def by_others(text: str) -> list[Any]:
    """Return what readers of YAML 1.1 and of 1.2 take a text for."""
    return [yaml.safe_load(text), dict(YAML(typ="safe", pure=True).load(io.StringIO(text)))]


@pytest.mark.parametrize(
    ("typed", "written", "means"),
    [
        ("6", "6", 6),
        ("+5", "+5", 5),
        ("-0", "-0", 0),
        (".5", ".5", 0.5),
        ("-.5", "-0.5", -0.5),
        ("5.", "5.", 5.0),
        ("010.50", "010.50", 10.5),
        ("0x1F", "0x1F", 31),
        (".inf", ".inf", float("inf")),
        ("-.INF", "-.INF", float("-inf")),
        ("1e3", "1.0e+3", 1000.0),
        ("1E5", "1.0E+5", 1e5),
        ("1.e3", "1.e+3", 1000.0),
        ("1.5e-7", "1.5e-7", 1.5e-7),
        ("-.5e3", "-0.5e+3", -500.0),
        ("010", '"010"', "010"),
        ("-010", '"-010"', "-010"),
        ("07", '"07"', "07"),
        ("08", '"08"', "08"),
        ("00", '"00"', "00"),
        ("0o17", '"0o17"', "0o17"),
        ("1_0", '"1_0"', "1_0"),
        ("12:30", '"12:30"', "12:30"),
        ("-_5", '"-_5"', "-_5"),
        ("-_", '"-_"', "-_"),
    ],
)
@pytest.mark.parametrize("was", ["5", "0x10", "1.5", ".inf"])
def test_text_in_place_of_a_number_is_one_where_all_readers_agree(
    was: str, typed: str, written: str, means: object
) -> None:
    done = edited(f"a: {was}\n", Set("a", Untyped(typed)))
    assert done == f"a: {written}\n"
    for read in by_others(done):
        assert read == {"a": means}
        assert type(read["a"]) is type(means)


@pytest.mark.parametrize(
    ("was", "typed", "written"),
    [
        ("0644", "0755", "0755"),
        ("0o644", "0o755", "0o755"),
        ("0644", "0644", "0644"),
        ("0644", "755", "755"),
        ("0644", "0o755", '"0o755"'),
        ("0o644", "0755", '"0755"'),
        ("08", "09", "09"),
    ],
)
def test_a_file_mode_keeps_its_form(was: str, typed: str, written: str) -> None:
    assert edited(f"mode: {was}\n", Set("mode", Untyped(typed))) == f"mode: {written}\n"
    assert edited(f"modes: [{was}]\n", Set("modes[0]", Untyped(typed))) == f"modes: [{written}]\n"
    appended = edited(f"modes: [{was}]\n", Append("modes", (Untyped(typed),), unique=True))
    assert appended == (f"modes: [{was}]\n" if was == typed else f"modes: [{was}, {written}]\n")


def test_a_new_number_has_the_dot_and_the_sign_that_yaml_1_1_asks_for() -> None:
    edits = [
        Set("float", 1e-7),
        Set("big", 1e22),
        Set("text", Untyped("1e3")),
        Set("typed", Untyped("1e3"), type="number"),
        Set("json", Untyped("[1e3, {}]"), type="json"),
        Set("exact", Number("2E400")),
        Merge("merged", {"a": from_json("5e0")}),
    ]
    done = edit_text("a: 1\n", edits, format="yaml").data.decode()
    assert not edit_text(done, edits, format="yaml").changed
    for read in by_others(done):
        assert read == {
            "a": 1,
            "float": 1e-7,
            "big": 1e22,
            "text": 1e3,
            "typed": 1e3,
            "json": [1e3, {}],
            "exact": float("inf"),
            "merged": {"a": 5.0},
        }
    assert "float: 1.0e-07\nbig: 1.0e+22\ntext: 1.0e+3\n" in done


@pytest.mark.parametrize("there", ["1e3", "1.0e3", "1.0e+3", "1e+3"])
@pytest.mark.parametrize("value", [Untyped("1e3"), Untyped("1.0e3"), Number("1e3"), 1000.0])
def test_an_exponent_that_stands_there_stays_as_it_is(there: str, value: Any) -> None:
    assert not edit_text(f"a: [{{b: {there}}}]\n", [Set("a[0].b", value)], format="yaml").changed
    assert not edit_text(f"a: {there}\n", [Set("a", value)], format="yaml").changed
    assert not edit_text(f"a: [{there}]\n", [Append("a", (value,), unique=True)], format="yaml").changed


@pytest.mark.parametrize("value", [Number("1e3"), 1000.0])
def test_an_exponent_inside_what_is_set_stays_as_it_is(value: Any) -> None:
    for edit in (Set("a", [{"b": value}]), Merge("", {"a": [{"b": value}]}), Set("$", {"a": [{"b": value}]})):
        assert not edit_text("a: [{b: 1e3}]\n", [edit], format="yaml").changed


def test_what_stands_beside_keeps_its_exponent() -> None:
    assert edited("a: 1e3\nb: 1\n", Set("b", Untyped("2e3"))) == "a: 1e3\nb: 2.0e+3\n"
    assert edited("a: [1e3, 0644]\n", Set("a", [1000.0, Number("0644"), 1])) == "a: [1e3, 0644, 1]\n"


FILES = [
    ("f.json", '{{"v": {}}}'),
    ("f.jsonc", '{{"v": {}}} // c'),
    ("f.toml", "v = {}\n"),
    ("f.yaml", "v: {}\n"),
]


@pytest.mark.parametrize(("name", "text"), FILES, ids=[name for name, _ in FILES])
@pytest.mark.parametrize(
    "number", ["1.10", "-0.0", "1.0", "100e-2", "1.50e+3", "0.1000000000000000055511151231257827", "-7", "12345678901"]
)
def test_what_was_read_can_be_written_back(name: str, text: str, number: str, tmp_path: Path) -> None:
    path = tmp_path / name
    for there in (text.format(number), text.format(f"[{number}, [{number}, 2]]")):
        path.write_text(there)
        value = read_value(path, "v")
        assert isinstance(value, float | int | list)
        edits = [Set("v", value), Merge("", {"v": value}), *(Set(at, leaf) for at, leaf in list_values(path))]
        for edit in edits:
            assert not edit_file(path, [edit]).changed
        assert path.read_text() == there


@pytest.mark.parametrize(("name", "text"), FILES, ids=[name for name, _ in FILES])
def test_text_and_another_kind_still_change_a_number(name: str, text: str) -> None:
    def after(there: str, value: Any) -> str:
        return edit_text(text.format(there), [Set("v", value)], name=name).data.decode()

    assert after("1.10", Untyped("1.1")) == text.format("1.1")
    assert after("1.10", Number("1.1")) == text.format("1.1")
    assert after("1.10", 1.2) == text.format("1.2")
    assert after("1.0", 1) == text.format("1")
    assert after("1", 1.0) == text.format("1.0")
    assert after("0.0", -0.0) == text.format("-0.0")
    assert after("1", True) == text.format("true")


def test_a_literal_that_is_a_number_here_is_one() -> None:
    assert edited("a: 1\n", Set("b", Literal("1.5e3"))) == "a: 1\nb: 1.5e+3\n"
    assert edited("a: 1\n", Set("b", Number("1_0e3"))) == "a: 1\nb: 10.0e+3\n"


def test_numbers_to_another_base_are_ints_of_their_worth() -> None:
    assert not edit_text("a = 0x1F\nb = 1_000\n", [Set("a", 31), Set("b", 1000)], format="toml").changed
    assert not edit_text("a: 0x1F\nb: +5\n", [Set("a", 31), Set("b", 5)], format="yaml").changed
    # ten to some, eight to others
    assert edited("a: 010\n", Set("a", 10)) == "a: 10\n"
    assert edited("a: .inf\n", Set("a", 10)) == "a: 10\n"


def test_entries_beside_one_that_comes_or_goes_keep_their_digits() -> None:
    there = '{"v": [1.10, 2.50, {"x": 3.00}]}'
    for value, expected in [
        ([0.5, 1.1, 2.5, {"x": 3.0}], '{"v": [0.5, 1.10, 2.50, {"x": 3.00}]}'),
        ([1.1, {"x": 3.0}], '{"v": [1.10, {"x": 3.00}]}'),
        ([1.1, 2.5, {"x": 3.0}, 1.1], '{"v": [1.10, 2.50, {"x": 3.00}, 1.1]}'),
        ([1.1, 9, {"x": 3.0, "y": 1}], '{"v": [1.10, 9, {"x": 3.00, "y": 1}]}'),
    ]:
        assert from_json(edited(there, Set("v", value), "json")) == from_json(expected)


def test_an_entry_of_the_same_worth_is_there_already() -> None:
    assert not edit_text('{"v": [1.10]}', [Append("v", (1.1,), unique=True)], format="json").changed
    assert edit_text('{"v": [1.10]}', [Append("v", (2,), before=1.1)], format="json").data == b'{"v": [2, 1.10]}'


INDIA = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
DAYS = [
    datetime.date(2026, 1, 2),
    datetime.datetime(2026, 1, 2, 3, 4, 5),
    datetime.datetime(2026, 1, 2, 3, 4, 5, 60, INDIA),
    datetime.datetime(976, 1, 2, tzinfo=datetime.UTC),
]


@pytest.mark.parametrize("value", DAYS, ids=str)
def test_a_day_of_python_is_one_in_toml_and_in_yaml(value: datetime.date, tmp_path: Path) -> None:
    for edit in (Set("new", value), Set("d", value), Set("a", {"b": [value]}), Merge("", {"d": value})):
        found = tomllib.loads(edited("d = 1\n", edit, "toml"))
        assert value in (found.get("new"), found["d"], found.get("a", {}).get("b", [None])[0])
        for read in by_others(edited("d: 1\n", edit)):
            assert value in (read.get("new"), read["d"], read.get("a", {}).get("b", [None])[0])
    path = tmp_path / "d.toml"
    path.write_text("")
    edit_file(path, [Set("d", value)])
    assert read_value(path, "d") == Literal(value.isoformat())
    assert not edit_file(path, [Set("d", read_value(path, "d"))]).changed


def test_a_time_of_day_is_one_in_toml_alone() -> None:
    time = datetime.time(12, 30, 0, 5)
    assert tomllib.loads(edited("", Set("t", time), "toml")) == {"t": time}
    with pytest.raises(EditError, match=r"12:30:00\.000005 is not a date, or a date and a time, as YAML has them"):
        edit_text("a: 1\n", [Set("t", [time])], format="yaml")
    with pytest.raises(EditError, match="01:00:00\\+05:30 is not a date or time as TOML has them"):
        edit_text("", [Set("t", datetime.time(1, tzinfo=INDIA))], format="toml")


@pytest.mark.parametrize("value", [*DAYS, datetime.time(1, 2)], ids=str)
def test_a_date_is_refused_where_there_are_none(value: Any) -> None:
    for given in (value, {"x": [value]}):
        for edit in (Set("a", given), Merge("a", given), Append("a", (given,))):
            with pytest.raises(EditError, match="JSON has no date and no time") as caught:
                edit_text("{}", [edit], format="json")
            assert "\n" not in caught.value.message
            with pytest.raises(EditError, match=rf"a {type(value).__name__} cannot be written to a config file"):
                edit_text("b=1\n", [edit], format="dotenv")


@pytest.mark.parametrize("text", ["1979-05-27 07:32:00Z", "1979-05-27T07:32:00.50+00:00", "1979-05-27", "07:32:00"])
def test_a_date_that_tomllib_read_can_be_written_back(text: str) -> None:
    there = f"v = {text}\n"
    assert not edit_text(there, [Set("v", tomllib.loads(there)["v"])], format="toml").changed


def test_midnight_is_not_its_day() -> None:
    assert edited("v = 1979-05-27\n", Set("v", datetime.datetime(1979, 5, 27)), "toml") == "v = 1979-05-27T00:00:00\n"
    assert edited("v = 1979-05-27T00:00:00\n", Set("v", datetime.date(1979, 5, 27)), "toml") == "v = 1979-05-27\n"
