"""The engine: what edits do to a text, what they refuse, and that nothing is given out that was not looked over."""

import json
import re
from typing import Any

import pytest

from devenv.editor import edit_text, engine, formats
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.jsontext import document as jsontext
from devenv.editor.ledger import Ledger
from devenv.editor.values import Untyped, to_plain
from devenv.errors import EditError, ForceNeeded, ParseError, PathNotFound

JSON = formats.named("json")


def edited(text: str, *edits: Edit) -> str:
    return engine.apply(text.encode(), list(edits), JSON).data.decode()


def test_no_edit_is_no_change() -> None:
    data = b'{"a": 1}'
    result = engine.apply(data, [], JSON)
    assert (result.data is data, result.changed, result.diff("x"), result.touched) == (True, False, "", ())


def test_a_result_says_what_changed() -> None:
    result = engine.apply(b'{\n  "a": 1\n}\n', [Set("a", 2)], JSON)
    assert result.changed
    assert result.touched == (("a",),)
    assert result.diff("x.json") == '--- x.json\n+++ x.json\n@@ -1,3 +1,3 @@\n {\n-  "a": 1\n+  "a": 2\n }\n'


def test_an_edit_that_only_repeats_what_is_there_is_no_change() -> None:
    text = '{"a": "1.10", "b": [1], "c": {"d": null}}'
    edits: list[Edit] = [
        Set("a", Untyped("1.10")),
        Set("b", [1]),
        Merge("", {"c": {"d": None}}),
        Append("b", (1,), unique=True),
        Unset("x.y"),
    ]
    assert edited(text, *edits) == text


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (Set("o", "x"), "o is an object, which a string would replace"),
        (Set("l", Untyped("x")), "l is an array, which a string would replace"),
        (Set("n.x", 1), "n is a number, so there is no x in it"),
        (Set("l[2]", 1), "there is no [2] in it"),
        (Set("l.x", 1), "there is no x in it"),
        (Set("o[0]", 1), "o is an object, not an array"),
        (Set("q[1]", 1), "q has 0 entries"),
        (Set("l[name = 'x']", 1), "matches"),
        (Set("$.x[*].y", 1), "nothing matches"),
        (Set("a/b", 1, type="string"), "is a number, not a string"),
        (Set("n", {"a": float("nan")}), "finite"),
        (Unset("$"), "whole file"),
        (Append("o", (1,)), "o is an object, not an array"),
        (Merge("o", [1]), "o is an object, which an array would replace"),
        (Merge("", []), "$ is an object, which an array would replace"),
        (Append("l", (2,), at=5), "l has 1 entry: there is no [5] in it"),
        (Append("l", (2,), before="zz"), "no entry of l is zz"),
        (Append("$.x.*", (2,)), "nothing matches"),
        (Merge("o", "x"), "o is an object"),
        (Merge("$.d[*]", {}), "matches 2 places"),
        (Set("d[. = 'x']", 1), "ambiguous"),
        (Set("$.[", 1), "not a JSONPath"),
        (Set("$.n.`sub(/a/)`", 1), "not a JSONPath|cannot be asked|nothing matches"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(edit: Edit, says: str) -> None:
    text = '{"o": {"a": 1}, "l": [{"a": 1}], "n": 1, "d": ["x", "x"]}'
    with pytest.raises(EditError) as caught:
        edited(text, edit)
    assert re.search(re.escape(says) if "|" not in says else says, caught.value.message)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("name", ["json", "jsonc", "yaml", "toml", "ini", "configparser", "xml", "dotenv", "hosts"])
def test_paths_and_values_of_any_depth_are_made_or_refused_in_one_line(name: str) -> None:
    text = b"<a/>\n" if name == "xml" else b""
    value: Any = "1"
    for levels in range(1, 5_000):
        value = [value]
        if levels in (240, 260, 600, 999, 4_999):
            deep_path, deep_value = Set(".".join(["a"] * levels), "1"), Set("a", value)
            for edit in (deep_path, deep_value):
                made, says = outcome(text, edit, name)
                assert "\n" not in says
                # an entry that is alone is its value in lens trees, however many lists it is in
                assert levels < 250 or not made or edit is deep_value
    assert outcome(text, Set(".".join(["a"] * 30_000), 1), name) == (
        False,
        "a path of 30000 steps; at most 1000 are taken",
    )


def outcome(text: bytes, edit: Edit, name: str) -> tuple[bool, str]:
    """Return whether an edit is made, and what is said where it is refused."""
    try:
        return engine.apply(text, [edit], formats.named(name)).changed, ""
    except EditError as exc:
        return False, exc.message


def test_what_json_takes_for_deep_is_read_whole_and_set() -> None:
    text = "[" * 250 + "1" + "]" * 250
    assert edited(text, Set("$" + "[0]" * 250, 2)) == text.replace("1", "2")
    with pytest.raises(ParseError, match="nested deeper than 250 levels"):
        edited(f"[{text}]", Set("$[0]", 2))


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("s.a.b", "s is a string, so there is no a.b in it"),
        ("s[0]", "s is a string, so there is no [0] in it"),
        ("l[4]", "l has 1 entry: there is no [4] in it"),
        ("l.k", "l has 1 entry: there is no k in it"),
        ("l[1].k[3]", "l[1].k has 0 entries: there is no [3] in it"),
        ("l[-5]", "l has 1 entry: there is no [-5] in it"),
        ("o[0]", "o is an object, not an array: there is no [0] in it"),
        ('l[. = "9"]', 'nothing in l matches [. = "9"]'),
        ('o.n[k = "x"].z', 'nothing in o.n matches [k = "x"]'),
    ],
)
def test_all_formats_say_in_the_same_words_why_a_path_leads_nowhere(path: str, says: str) -> None:
    texts = {
        "json": b'{"s": "x", "l": [1], "o": {"k": 1}}\n',
        "jsonc": b'{"s": "x", "l": [1], "o": {"k": 1},} //\n',
        "yaml": b"s: x\nl: [1]\no: {k: 1}\n",
        "toml": b's = "x"\nl = [1]\no = {k = 1}\n',
    }
    for name, text in texts.items():
        with pytest.raises(EditError) as caught:
            engine.apply(text, [Set(path, 1)], formats.named(name))
        assert caught.value.message == says, name


def test_force_puts_a_scalar_in_place_of_a_container() -> None:
    assert edited('{"o": {"a": 1}}', Set("o", 1, force=True)) == '{"o": 1}'
    assert edited('{"n": 1}', Set("n.x", 1, force=True)) == '{"n": {"x": 1}}'
    assert edited('{"o": {"a": 1}}', Merge("", {"o": 2}, force=True)) == '{"o": 2}'


@pytest.mark.parametrize(
    ("edit", "hint"),
    [
        (Set("o", 1), "add --force if it should"),
        (Merge("", {"o": [1]}), "add --force if it should"),
        (Set("n.x", 1), "add --force to replace it"),
        (Merge("n", {"x": 1}), None),
        (Merge("n.x", {"y": 1}), "add --force to replace it"),
        (Append("n.x", (1,)), "set replaces it, with --force"),
    ],
)
def test_force_is_spoken_of_where_it_does(edit: Edit, hint: str | None) -> None:
    for name, text in {
        "json": b'{"o": {"a": 1}, "n": 1}',
        "yaml": b"o: {a: 1}\nn: 1\n",
        "toml": b"n = 1\n[o]\na = 1\n",
    }.items():
        if hint is None:
            assert engine.apply(text, [edit], formats.named(name)).changed
            continue
        with pytest.raises(EditError) as caught:
            engine.apply(text, [edit], formats.named(name))
        assert caught.value.hint == hint, name
        if not isinstance(edit, Append):
            assert engine.apply(text, [edit._replace(force=True)], formats.named(name)).changed
            assert isinstance(caught.value, ForceNeeded)


UNSET = {
    "json": '{"l": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], "o": {"a": 1, "b": 2}}\n',
    "yaml": "l: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\no: {a: 1, b: 2}\n",
    "toml": "l = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\no = {a = 1, b = 2}\n",
}


@pytest.mark.parametrize("name", UNSET)
def test_all_paths_of_an_unset_mean_the_text_as_it_was(name: str) -> None:
    def left(edit: Unset) -> Any:
        done = engine.apply(UNSET[name].encode(), [edit], formats.named(name)).data
        return to_plain(formats.open_document(done, formats.named(name)).read(()))

    everything = {"l": list(range(1, 12)), "o": {"a": 1, "b": 2}}
    assert left(Unset("l[0]", ("l[1]",))) == {**everything, "l": list(range(3, 12))}
    assert left(Unset("l[10]", ("l[2]", "l[-1]", "l[2]", "/l/9"))) == {**everything, "l": [1, 2, 4, 5, 6, 7, 8, 9]}
    assert left(Unset("$.l[?(@ > 3)]", ("l[0]", "o.a"))) == {"l": [2, 3], "o": {"b": 2}}
    assert left(Unset("o.a", ("o", "nothing", "o.b"))) == {"l": everything["l"]}


@pytest.mark.parametrize("name", UNSET)
def test_what_is_unset_twice_at_one_place_were_two(name: str) -> None:
    edits = [Unset("l[0]"), Unset("l[0]"), Set("l[0]", 7), Unset("o.a"), Set("o.a", 5)]
    done = engine.apply(UNSET[name].encode(), edits, formats.named(name)).data
    plain = to_plain(formats.open_document(done, formats.named(name)).read(()))
    assert plain == {"l": [7, *range(4, 12)], "o": {"b": 2, "a": 5}}


def test_paths_of_an_unset_in_a_tree() -> None:
    fmt = formats.named("ini")
    text = b"[s]\na = 1\na = 2\na = 3\nb = 4\n"
    assert engine.apply(text, [Unset("s.a[0]", ("s.a[1]", "s.b"))], fmt).data == b"[s]\na = 3\n"
    assert engine.apply(text, [Unset("$.s.a[2,0]")], fmt).data == b"[s]\na = 2\nb = 4\n"


def test_null_is_nothing_in_the_way() -> None:
    assert edited('{"n": null}', Set("n.x", 1)) == '{"n": {"x": 1}}'


def test_a_jsonpath_sets_every_match() -> None:
    text = '{"s": [{"n": "a", "p": 1}, {"n": "b", "p": 2}, {"n": "a", "p": 3}]}'
    assert edited(text, Set("$.s[?(@.n=='a')].p", 9)) == text.replace('"p": 1', '"p": 9').replace('"p": 3', '"p": 9')
    assert edited(text, Unset("$.s[?(@.n=='a')]")) == '{"s": [{"n": "b", "p": 2}]}'
    assert edited(text, Set("$.new.thing", 1)).endswith('"new": {"thing": 1}}')


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("$.a[3:0:-1]", [0, 4, 5]),
        ("$.a[::-1]", []),
        ("$.a[2,0]", [1, 3, 4, 5]),
        ("$.a[0,2,1]", [3, 4, 5]),
        ("$.a[5,-1]", [0, 1, 2, 3, 4]),
        ("$.a[-2,0]", [1, 2, 3, 5]),
    ],
)
@pytest.mark.parametrize("name", ["json", "yaml", "toml"])
def test_what_a_jsonpath_gives_in_any_order_is_what_is_unset(query: str, left: list[int], name: str) -> None:
    text = "a = [0, 1, 2, 3, 4, 5]\n" if name == "toml" else '{"a": [0, 1, 2, 3, 4, 5]}'
    result = edit_text(text, [Unset(query)], format=name).data.decode()
    assert re.findall("[0-9]", result) == [str(number) for number in left]


def test_a_match_inside_another_match_is_replaced_with_it() -> None:
    text = '{"a": [[1, 2], [3]], "b": 4}'
    assert edited(text, Set("$..[0]", 0, force=True)) == '{"a": [0, [0]], "b": 4}'
    assert edited(text, Set("$..*", 0, force=True)) == '{"a": 0, "b": 0}'
    assert edited(text, Unset("$..[0]")) == '{"a": [[]], "b": 4}'


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        (Append("$..a", (9,), at=0), '{"a":[9,{"a":[9]},{"a":[9,5]}],"b":{"a":[9,1]}}'),
        (Append("$..a", (9,)), '{"a":[{"a":[9]},{"a":[5,9]},9],"b":{"a":[1,9]}}'),
    ],
)
def test_arrays_inside_one_another_are_all_appended_to(edit: Append, after: str) -> None:
    assert edited('{"a":[{"a":[]},{"a":[5]}],"b":{"a":[1]}}', edit) == after


@pytest.mark.parametrize(
    "query", ["$.a.`len`", "$.b + 1", "$.c.`keys`", "$.b.`str()`", "$.s.`sub(/x/, y)`", r"$.a[\p][0].p", "$.a[/p][*]"]
)
@pytest.mark.parametrize("make", [lambda query: Set(query, 0, force=True), Unset])
def test_a_value_that_a_jsonpath_works_out_is_no_place(query: str, make: Any) -> None:
    text = '{"a": [{"p": 1}, {"p": 2}], "b": 4, "c": {"d": 5}, "s": "x"}'
    with pytest.raises(EditError, match="works out, which stand nowhere in the file"):
        edited(text, make(query))


@pytest.mark.parametrize(
    ("arrays", "result"), [("replace", "[2, 3]"), ("append", "[1, 2, 2, 3]"), ("unique", "[1, 2, 3]")]
)
def test_arrays_that_meet(arrays: str, result: str) -> None:
    assert edited('{"l": [1, 2]}', Merge("", {"l": [2, 3]}, arrays=arrays)) == f'{{"l": {result}}}'


def test_new_entries_take_the_kind_of_their_neighbours() -> None:
    assert edited('{"l": ["a"]}', Append("l", (Untyped("1"),))) == '{"l": ["a", "1"]}'
    assert edited('{"l": [1]}', Append("l", (Untyped("2"),))) == '{"l": [1, 2]}'
    assert edited('{"l": []}', Append("l", (Untyped("2"),))) == '{"l": [2]}'
    assert edited('{"l": ["a"]}', Append("l", (Untyped("1"),), type="number")) == '{"l": ["a", 1]}'


def test_later_edits_see_earlier_ones() -> None:
    assert edited("{}", Set("a.b", 1), Set("a.c", 2), Unset("a.b"), Append("a.l", ("x",))).split() == [
        "{",
        '"a":',
        "{",
        '"c":',
        "2,",
        '"l":',
        "[",
        '"x"',
        "]",
        "}",
        "}",
    ]
    assert edited('{"l": [1, 2, 3]}', Set("l[0]", 9), Unset("l[0]"), Set("l[0]", 8)) == '{"l": [8, 3]}'
    assert edited('{"a": 1}', Set("a", 2), Set("a", 1)) == '{"a": 1}'


def test_a_text_that_does_not_parse_is_refused_with_its_place() -> None:
    with pytest.raises(ParseError) as caught:
        engine.apply(b'{\n  "a": 1,\n}', [Set("a", 1)], JSON)
    assert (caught.value.line, caught.value.column) == (2, 9)
    assert "jsonc" in str(caught.value.hint)


class Broken(jsontext.JsonText):
    """A backend that loses an entry with every change."""

    def put(self, steps: Any, value: Any, *, force: bool = False) -> None:
        super().put(steps, value, force=force)
        self.data  # noqa: B018
        super().delete(steps)


def test_a_result_that_does_not_read_back_is_never_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsontext, "JsonText", Broken)
    with pytest.raises(EditError, match="given up: b does not read back"):
        edited('{"a": 1}', Set("b", 2))


class Restless(jsontext.JsonText):
    """A backend that finds something to change every time."""

    def read(self, steps: Any) -> Any:
        return super().read(steps) if steps != ("a",) or b"9" not in self.data else "other"


def test_a_result_that_would_change_again_is_never_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsontext, "JsonText", Restless)
    with pytest.raises(EditError, match="given up"):
        edited('{"a": 1}', Set("a", 9))


def test_the_ledger_forgets_what_later_edits_undo() -> None:
    ledger = Ledger()
    ledger.want(("a", "b"), 1)
    ledger.want(("c",), 2)
    ledger.want(("l", 0), 3)
    ledger.want(("a",), {"x": 1})
    ledger.touch(("l", 1))
    ledger.touch(("d", "e"))
    ledger.miss(("d", "e"))
    assert ledger.wanted() == [(("c",), 2), (("a",), {"x": 1})]
    assert ledger.gone() == [("d", "e")]
    ledger.want(("d",), 1)
    assert ledger.gone() == []


def test_no_match_is_told_from_a_path_that_would_make_something() -> None:
    with pytest.raises(PathNotFound):
        edited('{"a": []}', Set("a[name = 'x'].y", 1))


@pytest.mark.parametrize("size", [1, 20_000], ids=["small", "large"])
def test_a_key_that_comes_twice(size: int) -> None:
    # readers take the last one
    filler = "".join(f'"k{number}": {number}, ' for number in range(size))
    text = f'{{"a": 1, {filler}"b": 2, "a": 3}}'
    assert edited(text, Set("a", 9)) == text.replace('"a": 3', '"a": 9')
    assert edited(text, Set("c", 9)) == text.replace('"a": 3', '"a": 3, "c": 9')
    assert edited(text, Unset("a")) == text.replace('"a": 1, ', "").replace(', "a": 3', "")


@pytest.mark.parametrize(
    ("text", "path", "fmt", "says"),
    [
        ('{"editor.fontSize": 1}', "editor.tabSize", "json", '"editor.fontSize" has'),
        ('{"a": {"b.c": 1}}', "a.b.d.e", "jsonc", '"b.c" has'),
        ("labels:\n  app.kubernetes.io/name: x\n", "labels.app.kubernetes.io/part-of", "yaml", "kubernetes.io/name"),
        ('[a]\n"b.c" = 1\n', "a.b.d", "toml", '"b.c" has'),
    ],
)
def test_no_object_is_made_beside_keys_with_dots_that_begin_as_it(text: str, path: str, fmt: str, says: str) -> None:
    for edit in (Set(path, 1), Append(path, [1])):
        with pytest.raises(EditError, match=f"keys have dots in them here, as .*{says}") as raised:
            edit_text(text, [edit], format=fmt)
    # what the hint says does either
    key, pointer = re.findall(r"write '(.*)' for such a key, (.*) for an object", raised.value.hint or "")[0]
    assert edit_text(text, [Set(key, 1)], format=fmt).changed
    assert edit_text(text, [Set(pointer, 1)], format=fmt).changed


def test_an_object_that_is_there_is_gone_into_beside_a_key_with_dots() -> None:
    text = '{"a.b": 1, "a": {}}'
    assert json.loads(edit_text(text, [Set("a.c", 1)], format="json").data) == {"a.b": 1, "a": {"c": 1}}


@pytest.mark.parametrize(
    ("edit", "hint"),
    [
        (Unset("editor.fontSize"), "write '\"editor.fontSize\"'"),
        (Unset("nothing", ("files.exclude.a",)), "write '\"files.exclude\".a'"),
        (Set("editor.fontSize", 2), "write '\"editor.fontSize\"'"),
        (Set("files.exclude.b", True), "write '\"files.exclude\".b'"),
        (Append("files.exclude.b", [1]), "write '\"files.exclude\".b'"),
        (Merge("files.exclude", {"b": 1}), "write '\"files.exclude\"'"),
    ],
)
def test_a_key_with_dots_that_is_there_is_what_a_path_without_quotes_meant(edit: Edit, hint: str) -> None:
    text = '{"editor.fontSize": 12, "files.exclude": {"a": true}}'
    with pytest.raises(EditError, match="is a key with dots in it") as raised:
        edited(text, edit)
    assert raised.value.hint == hint


def test_what_is_not_there_under_any_name_is_nothing_to_unset() -> None:
    text = '{"editor.fontSize": 12}'
    assert edited(text, Unset("editor.tabSize")) == text


def test_an_object_is_not_merged_beside_keys_with_dots_by_mistake() -> None:
    with pytest.raises(EditError, match="keys have dots in them here"):
        edited('{"editor.fontSize": 12}', Merge("editor.minimap", {"enabled": True}))
