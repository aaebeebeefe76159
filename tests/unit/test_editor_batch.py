"""Many edits over many files: read from a file of edits, made in all of them or in none."""

import inspect
import json
import os
from pathlib import Path
from typing import Any

import pytest

import devenv.editor
from devenv.editor import (
    Append,
    EditResult,
    FileResult,
    Merge,
    Number,
    Set,
    Unset,
    Untyped,
    edit_file,
    edit_files,
    edit_text,
    list_values,
    read_value,
)
from devenv.editor.batch import FileEdits, apply, read_edits
from devenv.editor.store import ReadOnlyStore
from devenv.errors import ConfigError, EditError, FileError, ForceNeeded, ParseError, PathNotFound, UsageError

EVERY_FORM = """\
# what the documentation shows
version: 1
files:
  package.json:
    - set: scripts.test
      value: node --test        # a comment
    - unset: private
    - append: files
      values: [dist, 1.10]
      unique: true
      before: x
    - merge: compilerOptions
      value: {strict: true, "n": null, version: "1.10", day: 2024-01-31, flag: yes}
      arrays: unique
      force: true
  "conf.d/*.json":
    - set: main.debug
      value: false
      format: json
    - unset: [a, b.c]
    - append: list
      value: 5
      at: -1
      type: string
  tree:
    - set: /files/x
      value: 010
      type: string
      lens: Hosts.lns
      augeas: true
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


def written(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


# files of edits


def test_every_form_of_edit_is_read() -> None:
    package, conf, tree = read_edits(EVERY_FORM.encode(), "edits.yaml")
    merged = {"strict": True, "n": None, "version": "1.10", "day": "2024-01-31", "flag": "yes"}
    assert package == FileEdits(
        "package.json",
        [
            Set("scripts.test", "node --test"),
            Unset("private"),
            Append("files", ("dist", Number("1.10")), unique=True, before="x"),
            Merge("compilerOptions", merged, "unique", force=True),
        ],
    )
    assert type(package.edits[2].values[1]) is Number  # type: ignore[union-attr]
    assert (conf.file, conf.format.name if conf.format else "") == ("conf.d/*.json", "json")
    assert conf.edits == [
        Set("main.debug", False),
        Unset("a", ("b.c",)),
        Append("list", (Untyped("5"),), at=-1, type="string"),
    ]
    assert (tree.augeas, tree.format.lens if tree.format else "") == (True, "Hosts.lns")
    assert tree.edits == [Set("/files/x", Untyped("010"), "string")]


def test_json_of_the_same_shape_gives_the_same_edits() -> None:
    text = json.dumps(
        {
            "version": 1,
            "files": {
                "a.json": [{"set": "a", "value": [1, 1.5, "x", {"y": None}]}, {"unset": ["b"]}],
                "b": [{"set": "c", "value": 12, "type": "string", "force": True}],
            },
        }
    )
    assert read_edits(text.encode(), "e.json") == [
        FileEdits("a.json", [Set("a", [Number("1"), Number("1.5"), "x", {"y": None}]), Unset("b")]),
        FileEdits("b", [Set("c", Untyped("12"), "string", True)]),
    ]
    assert read_edits(b"\xef\xbb\xbf" + text.encode(), "e.json") == read_edits(text.encode(), "e.json")


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read_edits(text.encode(), "e.yaml")
    return [str(problem) for problem in raised.value.problems]


def test_all_problems_are_told_at_once_with_their_places() -> None:
    text = """\
version: 2
files:
  a.json:
    - sett: a
      value: 1
    - set: a
    - set: b
      value: 1
      tpye: string
      force: maybe
    - append: c
      values: 5
      at: 1.5
      before: x
    - set: d
      unset: e
      value: 1
    - set: [f]
      value: 1
  b.json: {set: a}
  c.json:
    - set: a
      value: 1
      type: text
    - merge: b
      value: {}
      arrays: keep
      format: jsson
  c.json: []
fils: {}
"""
    assert problems(text) == [
        "e.yaml:1:10: version: is missing or not 1 (this devenv reads version: 1)",
        "e.yaml:4:7: files.a.json[0]: has not one of set, unset, append, merge",
        "e.yaml:4:13: files.a.json[0].sett: is not known (did you mean set?)",
        "e.yaml:6:7: files.a.json[1]: has no value",
        "e.yaml:9:13: files.a.json[2].tpye: is not known (did you mean type?)",
        "e.yaml:10:14: files.a.json[2].force: is not true or false",
        "e.yaml:11:7: files.a.json[3]: has more than one of at, before, after",
        "e.yaml:12:15: files.a.json[3].values: is not a list",
        'e.yaml:13:11: files.a.json[3].at: "1.5" is not a whole number',
        "e.yaml:15:7: files.a.json[4]: has more than one of set, unset, append, merge",
        "e.yaml:18:12: files.a.json[5].set: is not text",
        "e.yaml:20:11: files.b.json: is not a list",
        "e.yaml:29:3: files.c.json: is there twice",
        "e.yaml:30:7: fils: is not known (did you mean files?)",
    ]
    text = """\
version: 1
files:
  c:
    - {set: a, value: 1, type: text, format: jsson}
    - {merge: b, value: 1, arrays: keep}
"""
    assert problems(text) == [
        "e.yaml:4:32: files.c[0].type: is not one of string, number, bool, null, json",
        "e.yaml:4:46: files.c[0].format: there is no format jsson (did you mean json or jsonc?)",
        "e.yaml:5:36: files.c[1].arrays: is not one of replace, append, unique",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "e.yaml:1:1: is not a mapping with version and files"),
        ("[1]", "e.yaml:1:1: is not a mapping with version and files"),
        ("version: 1\n", "e.yaml:1:1: files: is missing"),
        ("version: 1\nfiles: 5\n", "e.yaml:2:8: files: is not a mapping"),
        ("version: '1'\nfiles: {}\n", "e.yaml:1:10: version: is missing or not 1 (this devenv reads version: 1)"),
        ("version: 1\nfiles: {}\n---\nb: 1\n", "e.yaml:4:1: a second document"),
        ("a: &x 1\nb: *x\n", "e.yaml:2:4: aliases are not taken here"),
        ("? [a]\n: 1\n", "e.yaml:1:3: a key is text"),
        ('{"version": 1, "files": {"a": [{"set": "b"}]}}', "e.yaml:1:32: files.a[0]: has no value"),
        ('{"version": 1, "version": 1, "files": {}}', "e.yaml:1:16: version: is there twice"),
        ('{"version": 1,\n\t"files": 5}', "e.yaml:2:11: files: is not a mapping"),
        (
            "version: 1\nfiles:\n  a:\n    - {unset: a, format: json}\n    - {unset: b, lens: X}\n",
            "e.yaml:4:5: files.a: has edits with several formats, lenses or path languages (one file, one format)",
        ),
    ],
)
def test_a_file_that_is_no_file_of_edits_is_named_with_its_place(text: str, message: str) -> None:
    assert problems(text) == [message]


def test_every_path_that_is_none_in_any_file_is_a_problem_of_the_file_of_edits() -> None:
    text = """\
version: 1
files:
  a.json:
    - {set: "a[", value: 1}
    - {unset: [a, "b[", c.]}
    - {append: "", value: 1}
    - {merge: "", value: {}}
  b.yaml:
    - merge: a..b
      value: {}
    - {set: "$.a[?(", value: 1}
    - {set: "$.a[?(@.b == 1)].c", value: 1}
"""
    assert problems(text) == [
        'e.yaml:4:13: files.a.json[0].set: path "a[": column 2: "[" is not expected here '
        '(odd keys go in quotes: a."x.y".b)',
        'e.yaml:5:19: files.a.json[1].unset: path "b[": column 2: "[" is not expected here '
        '(odd keys go in quotes: a."x.y".b)',
        'e.yaml:5:25: files.a.json[1].unset: path "c.": column 2: "." is not expected here '
        '(odd keys go in quotes: a."x.y".b)',
        "e.yaml:6:16: files.a.json[2].append: an empty path (write a key, as in b.c.d, or $ for the whole file)",
        'e.yaml:9:14: files.b.yaml[0].merge: path "a..b": column 3: ".b" is not expected here '
        '(odd keys go in quotes: a."x.y".b)',
        "e.yaml:11:13: files.b.yaml[1].set: $.a[?( is not a JSONPath: Parse error near the end of string!",
    ]


def test_a_path_that_may_be_one_of_augeas_is_no_problem_of_the_file_of_edits(folder: Path) -> None:
    text = """\
version: 1
files:
  a:
    - {set: 'x[/y = "b"]/z[', value: 1}
  b:
    - {set: "a[last()]", value: 1, augeas: true}
    - {set: "b[last()]", value: 1}
"""
    assert [edits.augeas for edits in read_edits(text.encode(), "e.yaml")] == [False, True]
    (folder / "a.json").write_text("{}")
    wrong = b'{"version": 1, "files": {"a.json": [{"set": "x[/y", "value": 1}]}}'
    with pytest.raises(EditError, match=r"^a\.json: path"):
        apply(read_edits(wrong, "e.json"))


def test_no_paths_are_nothing_to_unset() -> None:
    (edits,) = read_edits(b"{version: 1, files: {a.json: [{unset: []}, {unset: [b]}]}}", "e.yaml")
    assert edits.edits == [Unset("b")]


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "\t- x", '{"version": 1, "files": {"a" 5}}', "a: 'x"])
def test_a_file_that_does_not_parse_has_one_problem_with_line_and_column(text: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith("e.yaml:")
    assert int(problem.split(":")[1]) >= 1


def test_hostile_files_of_edits_are_refused_in_bounded_time() -> None:
    assert "nested deeper" in problems("a: " + "[" * 3000 + "]" * 3000)[0]
    assert "nested deeper" in problems("".join("  " * depth + "a:\n" for depth in range(300)))[0]
    assert problems('{"a": ' + "[" * 200_000)[0].startswith("e.yaml:1:")
    with pytest.raises(ConfigError, match=r"e\.yaml:2:1: is not UTF-8 text"):
        read_edits(b"a: 1\n\xff: 2\n", "e.yaml")


# applying


def test_all_files_of_a_glob_are_edited_and_the_results_are_in_order(folder: Path) -> None:
    (folder / "conf.d").mkdir()
    for name in ("b", "a", "c"):
        (folder / "conf.d" / f"{name}.json").write_text('{"x": 1}\n')
    (folder / "conf.d" / "folder.json").mkdir()
    (folder / "conf.d" / "other.txt").write_text("x\n")
    results = apply([FileEdits("conf.d/*.json", [Set("x", 2)]), FileEdits("conf.d/a.json", [Set("x", 1)])])
    assert [(result.file, result.changed) for result in results] == [
        ("conf.d/a.json", False),
        ("conf.d/b.json", True),
        ("conf.d/c.json", True),
    ]
    assert results[0].diff == ""
    assert '-{"x": 1}\n+{"x": 2}\n' in results[1].diff
    assert repr(results[1]) == "FileResult('conf.d/b.json', changed=True)"


def test_what_needs_force_says_so_as_python_has_it(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": {"b": 1}}')
    with pytest.raises(ForceNeeded) as raised:
        edit_file(tmp_path / "a.json", [Set("a", 1)])
    assert raised.value.hint == "add force=True if it should"
    assert edit_file(tmp_path / "a.json", [Set("a", 1, force=True)]).changed


def test_a_glob_that_matches_nothing_is_an_error_and_a_name_with_marks_is_a_name(folder: Path) -> None:
    (folder / "a[1].json").write_text("{}")
    with pytest.raises(FileError, match=r"no file matches b\[1\]\.json"):
        apply([FileEdits("a[1].json", [Set("x", 1)]), FileEdits("b[1].json", [Set("x", 1)])])
    assert (folder / "a[1].json").read_text() == "{}"
    assert apply([FileEdits("a[1].json", [Set("x", 1)])])[0].changed
    with pytest.raises(FileError, match="there is no file"):
        edit_file("*.json", [Set("x", 1)])


@pytest.mark.parametrize(
    ("bad", "edit", "error", "message"),
    [
        ("[]", Set("x.y", 1), EditError, "^z.json: "),
        ("{", Set("x", 1), ParseError, r"^z\.json:1:\d+: "),
        ("{}", Set("x[", 1), EditError, '^z.json: path "x\\["'),
        ('{"x": {}}', Set("x", 1), EditError, "^z.json: x is an object"),
    ],
)
def test_one_file_that_cannot_be_edited_leaves_all(
    folder: Path, bad: str, edit: Set, error: type[EditError], message: str
) -> None:
    (folder / "a.json").write_text("{}\n")
    (folder / "z.json").write_text(bad)
    before = written(folder)
    with pytest.raises(error, match=message):
        edit_files({"a.json": [Set("x", 1)], "z.json": [edit]})
    assert written(folder) == before


def test_several_names_of_one_file_are_one_file(folder: Path) -> None:
    (folder / "a.json").write_text("{}\n")
    (folder / "link").symlink_to("a.json")
    (folder / "sub").mkdir()
    (folder / "sub" / "same").symlink_to("..")
    results = edit_files(
        {"a.json": [Set("x", 1)], "link": [Set("y", 2)], "./a.json": [Set("x", 3)], "sub/same/a.json": [Set("z", 4)]}
    )
    assert [(result.file, result.changed) for result in results] == [("a.json", True)]
    assert json.loads((folder / "a.json").read_text()) == {"x": 3, "y": 2, "z": 4}
    (folder / "twin.json").hardlink_to(folder / "a.json")
    edit_files({"a.json": [Set("x", 5)], "twin.json": [Set("y", 6)]}, in_place=True)
    assert json.loads((folder / "twin.json").read_text()) == {"x": 5, "y": 6, "z": 4}


def test_two_names_of_a_file_that_is_to_be_made_are_one_file(folder: Path) -> None:
    results = edit_files({"new.json": [Set("x", 1)], "./new.json": [Set("y", 2)]}, create=True)
    assert [result.changed for result in results] == [True]
    assert json.loads((folder / "new.json").read_text()) == {"x": 1, "y": 2}


def test_nothing_to_put_into_a_new_file_makes_none(folder: Path) -> None:
    assert edit_file("new.toml", [Unset("x")], create=True).changed is False
    assert written(folder) == {}


def test_one_file_in_two_formats_is_refused(folder: Path) -> None:
    (folder / "a.json").write_text("{}\n")
    from devenv.editor import formats

    both = [FileEdits("a.json", [Set("x", 1)]), FileEdits("./a.json", [Set("y", 1)], formats.of_lens("Hosts.lns"))]
    with pytest.raises(EditError, match=r"a\.json and \./a\.json are one file"):
        apply(both)


def test_a_rehearsal_writes_nothing_and_tells_the_same(folder: Path) -> None:
    (folder / "a.json").write_text("{}\n")
    before = written(folder)
    files = [FileEdits("a.json", [Set("x", 1)]), FileEdits("b.json", [Set("y", 2)])]
    rehearsed = apply(files, ReadOnlyStore(), create=True)
    assert edit_file("a.json", [Set("x", 1)], check=True).changed
    assert written(folder) == before
    done = apply(files, create=True)
    assert [(each.file, each.changed, each.diff) for each in rehearsed] == [
        (each.file, each.changed, each.diff) for each in done
    ]


def test_nothing_to_change_writes_nothing(folder: Path) -> None:
    file = folder / "a.json"
    file.write_text('{"x": 1}')
    before = file.stat()
    result = edit_file(file, [Set("x", 1)], backup=True)
    assert (result.changed, result.diff) == (False, "")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert os.listdir(folder) == ["a.json"]  # noqa: PTH208


def test_a_link_goes_by_the_name_of_its_file_when_its_own_says_nothing(folder: Path) -> None:
    (folder / "a.json").write_text("{}\n")
    (folder / "current").symlink_to("a.json")
    assert edit_file("current", [Set("x", 1)]).file == "current"
    assert read_value("current", "x") == 1
    (folder / "other").write_text("{}")
    with pytest.raises(EditError, match="no format is known for other"):
        edit_file("other", [Set("x", 1)])
    assert edit_file("other", [Set("x", 1)], format="json").changed


@pytest.mark.slow
def test_thousand_edits_go_through_one_journal(folder: Path) -> None:
    for number in range(100):
        (folder / f"{number}.json").write_text('{"a": {}}\n')
    text = json.dumps(
        {
            "version": 1,
            "files": {
                f"{number}.json": [{"set": f"a.k{each}", "value": each} for each in range(10)] for number in range(100)
            },
        }
    )
    results = apply(read_edits(text.encode(), "edits"))
    assert sum(result.changed for result in results) == 100
    wanted = {"a": {f"k{each}": each for each in range(10)}}
    assert all(json.loads(text) == wanted for text in written(folder).values())
    assert len(written(folder)) == 100
    assert not any(result.changed for result in apply(read_edits(text.encode(), "edits")))


# the rest of the Python interface


def test_a_text_is_edited_without_a_file() -> None:
    result = edit_text('{"a": 1}', [Set("a", 2)], format="json")
    assert (result.data, result.changed) == (b'{"a": 2}', True)
    assert edit_text(b'{"a": 1}', [Set("a", 1)], name="package.json").changed is False
    with pytest.raises(UsageError, match="give format, lens or name"):
        edit_text("{}", [])


def test_values_are_read_as_plain_python(folder: Path) -> None:
    (folder / "a.json").write_text('{"a": {"b": [1, 2.5, "x", null, true, {}]}, "n": 1e999}')
    assert read_value("a.json", "a") == {"b": [1, 2.5, "x", None, True, {}]}
    assert read_value("a.json", "a.b[1]") == 2.5
    assert read_value("a.json", "$.a.b[2]") == "x"
    assert read_value("a.json", "n") == Number("1e999")
    assert read_value("a.json", "no.such", default=None) is None
    with pytest.raises(PathNotFound, match=r"^a\.json: there is no no\.such"):
        read_value("a.json", "no.such")
    with pytest.raises(EditError, match="leads to 6 places"):
        read_value("a.json", "$.a.b[*]")


def test_augeas_expressions_are_read_as_they_are_edited(folder: Path) -> None:
    (folder / "hosts").write_text("127.0.0.1 localhost lo\n10.0.0.5 box\n")
    path = '*[canonical = "box"]'
    edit_file("hosts", [Set(f"{path}/ipaddr", "10.0.0.6")], augeas=True)
    assert read_value("hosts", f"{path}/ipaddr", augeas=True) == "10.0.0.6"
    assert read_value("hosts", "*[alias]", augeas=True) == {
        "ipaddr": "127.0.0.1",
        "canonical": "localhost",
        "alias": "lo",
    }
    assert list_values("hosts", path, augeas=True) == [("[1].ipaddr", "10.0.0.6"), ("[1].canonical", "box")]


def test_edits_and_results_tell_what_they_are(folder: Path) -> None:
    assert str(inspect.signature(Merge)) == (
        "(path: 'str', value: 'Any', arrays: 'str' = 'replace', force: 'bool' = False)"
    )
    of_text: EditResult = edit_text("{}", [Set("a", 1)], format="json")
    of_file: FileResult = edit_file(folder / "a.json", [Set("a", 1)], create=True)
    assert (type(of_text), type(of_file)) == (EditResult, FileResult)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        devenv.editor.Nothing  # type: ignore[attr-defined]  # noqa: B018


def test_files_are_named_by_texts_or_paths(folder: Path) -> None:
    # for the type checker, too: the keys of a mapping that has a name are of one type
    paths = {folder / "a.json": [Set("a", 1)]}
    texts = {"b.json": [Set("a", 1)]}
    both: dict[str | Path, list[Set]] = {**paths, **texts}
    assert [result.changed for each in (paths, texts) for result in edit_files(each, create=True)] == [True, True]
    assert [result.changed for result in edit_files(both)] == [False, False]


def test_leaves_are_listed_by_paths_that_can_be_set(folder: Path) -> None:
    (folder / "a.json").write_text('{"a": {"x.y": [1, {}]}, "b": []}')
    assert list_values("a.json") == [('a."x.y"[0]', 1), ('a."x.y"[1]', {}), ("b", [])]
    assert list_values("a.json", "a") == [('a."x.y"[0]', 1), ('a."x.y"[1]', {})]
    assert list_values("a.json", "none") == []
    (folder / "bad.json").write_text("{")
    with pytest.raises(ParseError, match=r"^bad\.json:1:"):
        list_values("bad.json")


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (Append("l", "ab"), r"the values of Append\('l'\) are one text"),
        (Append("l", ("a",), at=0, before="b"), "each say where"),
        (Merge("", {}, arrays="add"), "arrays is one of replace, append, unique"),
        (Set(5, 1), "the path 5 is not text"),  # type: ignore[arg-type]
        (("a", 1), "is no edit"),
        (Unset("a", "bc"), r"Unset\('a'\): the other paths are a tuple, not 'bc'"),  # type: ignore[arg-type]
        (Unset("a", (1,)), "the path 1 is not text"),  # type: ignore[arg-type]
        (Append("l", 5), "are no list: 5"),  # type: ignore[arg-type]
        (Append("l", (5,), at="0"), "at is a whole number, not '0'"),  # type: ignore[arg-type]
        (Set("a", 1, "text"), "type is one of string, number, bool, null, json, not 'text'"),
        (Append("l", (1,), type=""), r"Append\('l'\): type is one of"),
        (Set("a", 1, [[]] * 1000), "not this list"),  # type: ignore[arg-type]
    ],
)
def test_an_edit_that_cannot_be_meant_is_refused(folder: Path, edit: Any, says: str) -> None:
    with pytest.raises(EditError, match=says):
        edit_text("{}", [edit], format="json")
    with pytest.raises(EditError, match=says):
        edit_files({folder / "a.json": [edit]})


def test_an_edit_without_a_list_round_it_is_refused() -> None:
    with pytest.raises(EditError, match=r"^Set\(.*\) is no list of edits$"):
        edit_text("{}", Set("a", 1), format="json")  # type: ignore[arg-type]
    with pytest.raises(EditError, match=r"^5 is no list of edits$"):
        edit_text("{}", 5, format="json")  # type: ignore[arg-type]


def test_a_format_and_a_lens_say_the_same_thing() -> None:
    with pytest.raises(UsageError, match="give one of them"):
        edit_text("{}", [Set("a", 1)], format="json", lens="Json.lns")
