"""YAML edited in place: what is written, what stays, and what is refused. Real files are in tests/golden/yaml."""

import gc
import weakref
from typing import Any

import pytest
import yaml

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.values import Literal, Number, Untyped, from_plain
from devenv.editor.yaml import view
from devenv.errors import EditError, ParseError, PathNotFound

YAML = formats.named("yaml")

SHARED = """base: &base
  a: 1
  deep: {x: 1, z: 2}
one:
  <<: *base
  b: 2
two: *base
"""


def edited(text: str, *edits: Edit) -> str:
    return engine.apply(text.encode(), list(edits), YAML).data.decode()


def typed(text: str, path: str, value: str, **options: Any) -> str:
    """Set a value as it is typed on a command line."""
    return edited(text, Set(path, Untyped(value), **options))


def read(text: str, path: tuple[Any, ...] = ()) -> Any:
    document = formats.open_document(text.encode(), YAML)
    found = document.find(path)
    assert len(found) == 1
    return document.read(found[0])


@pytest.mark.parametrize(
    "name",
    ["a.yaml", "b/c.yml", ".clang-format", ".yamllint", "CITATION.cff", ".github/workflows/x.yml", ".clang-tidy"],
)
def test_yaml_files_are_known_by_name(name: str) -> None:
    assert formats.of_file(name).name == "yaml"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("True", True),
        ("FALSE", False),
        ("12", Number("12")),
        ("-0.50", Number("-0.50")),
        ("1e3", Number("1e3")),
        ("0o17", Number("0o17")),
        ("0x1F", Number("0x1F")),
        ("-.inf", Number("-.inf")),
        (".NaN", Number(".NaN")),
        ("0644", Number("0644")),
        ("yes", Literal("yes")),
        ("12:30:45", Literal("12:30:45")),
        ("1_000", Literal("1_000")),
        ("2024-01-31", Literal("2024-01-31")),
        ("!Ref x", Literal("!Ref x")),
        ("!Sub 'a b'", Literal("!Sub 'a b'")),
        ("!!str 12", "12"),
        ("!!int '12'", Number("12")),
        ("! 12", "12"),
        ("'12'", "12"),
        ("1.2.3", "1.2.3"),
        ("yes sir", "yes sir"),
        ("a\n  b", "a b"),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"),
    ],
)
def test_scalars_are_read_as_yaml_1_2_and_what_1_1_reads_otherwise_as_literals(text: str, value: Any) -> None:
    found = read(f"k: {text}", ("k",))
    assert found == value
    assert type(found) is type(value)


def test_keys_are_named_by_their_text() -> None:
    text = "1: a\n'2': b\ntrue: c\n~: d\n? e\n: f\n? [g, h]\n: i\n&x j: k\n"
    assert read(text) == {"1": "a", "2": "b", "true": "c", "~": "d", "e": "f", "[g, h]": "i", "j": "k"}
    assert typed(text, "e", "F") == text.replace(": f", ": F")
    assert typed(text, "j", "K") == text.replace(": k", ": K")
    assert typed(text, "true", "C") == text.replace(": c", ": C")


@pytest.mark.parametrize(
    "value",
    [
        *("yes", "No", "on", "OFF", "y", "n", "true", "Null", "~", "", "=", "<<", "1", "1_000", "012", "0o17", "0b11"),
        *("12:30:45", "1:30", "2024-01-31", "2024-1-3 10:00:00", ".5", "1.", "1e3", ".inf", "-.INF", ".nan", "1,000"),
        *("- a", "-", "--- a", "...", "? a", ": a", "a: b", "a:", "a #b", "#a", "&a", "*a", "!a", "%a", "@a", "`a`"),
        *("[a", "{a}", "|", ">", "'a'", '"a"', " a", "a ", "\ta", "a\tb", "a\\b", "${a}", "a\x00b", "\x7f", "\x85"),
        *(
            "\u2028",
            "\ufeffa",
            "\uffff",
            "é",
            "日本",
            "😀",
            "\U0010ffff",
            "\r",
            "a\r\nb",
            "0x",
            "-1",
            "+1",
            "NaN",
            "-x",
        ),
        *("http://x:80/#a", "C:\\temp", "a,b", "{{ x }}", "0777", "0.0.0.0", "::", "a?", "?a", "<<: x", "None"),
    ],
)
@pytest.mark.parametrize("text", ["k: v\nz: 1\n", "k: 'v'\n", 'k: "v"', "a: 1", "- [a, {k: v}]\n", "k: |\n  v\nz: 2\n"])
def test_text_stays_text_for_readers_of_either_yaml(text: str, value: str) -> None:
    path = "[0][1].k" if text[0] == "-" else "k"
    done = edited(text, Set(path, value))
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        data = yaml.load(done, loader)
        assert (data[0][1] if text[0] == "-" else data)["k"] == value
    assert edited(done, Set(path, value)) == done


@pytest.mark.parametrize(
    "word", ["plain", "two words", "nginx:1.25", "/usr/bin", "a-b_c.d", "x=1", "1.2.3", "it's", "~/x"]
)
def test_text_that_needs_no_quotes_gets_none(word: str) -> None:
    assert edited("k: v\n", Set("k", word)) == f"k: {word}\n"


@pytest.mark.parametrize(
    ("text", "path", "value", "done"),
    [
        ("k: true\n", "k", "false", "k: false\n"),
        ("k: True\n", "k", "false", "k: False\n"),
        ("k: yes\n", "k", "no", "k: no\n"),
        ("k: yes\n", "k", "maybe", "k: maybe\n"),
        ("k: true\n", "k", "no", 'k: "no"\n'),
        ("k: 0x1F\n", "k", "0x20", "k: 0x20\n"),
        ("k: 0644\n", "k", "0755", "k: 0755\n"),
        ("k: '1'\n", "k", "2", "k: '2'\n"),
        ("k: v\n", "k", "2", 'k: "2"\n'),
        ("k: ~\n", "k", "2", "k: 2\n"),
        ("k: 1\n", "k", "x", "k: x\n"),
        ("k: 2024-01-31\n", "k", "2024-02-01", "k: 2024-02-01\n"),
        ("k: !Ref x\n", "k", "!Ref y", "k: !Ref y\n"),
        ("k: !Ref x\n", "k", "z", "k: z\n"),
        ("k: !!str 1\n", "k", "2", 'k: !!str "2"\n'),
        ("k: &a 1\nl: *a\n", "k", "2", "k: &a 2\nl: *a\n"),
        ("k: &a\nl: *a\n", "k", "2", "k: &a 2\nl: *a\n"),
    ],
)
def test_a_typed_value_is_what_a_person_means_there(text: str, path: str, value: str, done: str) -> None:
    assert typed(text, path, value) == done


@pytest.mark.parametrize(
    ("text", "value", "done"),
    [
        ("k: v # c\n", "a\nb", "k: |- # c\n  a\n  b\n"),
        ("k: |\n    v\n# c\n", "a\n\n  b\n", "k: |\n    a\n\n      b\n# c\n"),
        ("k: | # c\n  v\n", "w", "k: |- # c\n  w\n"),
        ("k: >\n  v\n  w\n", "a\nb\n\nc\n", "k: >\n  a\n\n  b\n\n\n  c\n"),
        ("k: >\n  v\n", "a\n b\n", "k: |\n  a\n   b\n"),
        ("k: |\n  v\n\nz: 1\n", "a\n\n", 'k: "a\\n\\n"\n\nz: 1\n'),
        ("k: |\n  v\nz: 1\n", " a\nb\n", 'k: " a\\nb\\n"\nz: 1\n'),
        ("k: 'v'\n", "a\nb\n", "k: |\n  a\n  b\n"),
        ("- v\n", "a\nb\n", "- |\n  a\n  b\n"),
        ("{k: v}\n", "a\nb\n", '{k: "a\\nb\\n"}\n'),
        ("k:\r\n  l: v\r\n", "a\nb\n", "k:\r\n  l: |\r\n    a\r\n    b\r\n"),
        ("k: v", "a\nb\n", "k: |\n  a\n  b\n"),
        ("k: v", "a\nb", "k: |-\n  a\n  b"),
        ("a:\n  k: v\n  # c\n", "w\nx", "a:\n  k: |-\n    w\n    x\n  # c\n"),
        ("a:\n  k: v\n\n    # c\n", "w\nx", 'a:\n  k: "w\\nx"\n\n    # c\n'),
        ("k: |2-\n   v\n", "w\nx", "k: |-\n   w\n   x\n"),
    ],
)
def test_text_of_several_lines_is_a_block_scalar_where_one_may_stand(text: str, value: str, done: str) -> None:
    path = {"-": "[0]", "a": "a.k"}.get(text[0], "k.l" if "l:" in text else "k")
    assert edited(text, Set(path, value)) == done
    assert read(done, (0,) if text[0] == "-" else tuple(path.split("."))) == value


@pytest.mark.parametrize(
    ("text", "path", "value", "done"),
    [
        ("a:\n", "a", 1, "a: 1\n"),
        ("a:   # c\n", "a", 1, "a: 1   # c\n"),
        ("a:  \nb: 1\n", "a", {"c": 1}, "a:\n  c: 1\nb: 1\n"),
        ("a: # c\n", "a.b", [1, [2]], "a: # c\n  b:\n    - 1\n    - - 2\n"),
        ("a: null # c\n", "a.b", 1, "a: # c\n  b: 1\n"),
        ("a:\n- x\nb: 1\n", "b", [1], "a:\n- x\nb:\n- 1\n"),
        ("a: {}\n", "a.b", 1, "a:\n  b: 1\n"),
        ("a: [] # c\n", "a[0]", 1, "a: # c\n  - 1\n"),
        ("x: {a: {}}\n", "x.a.b.c", [1, {"d": None}], "x: {a: {b: {c: [1, {d: null}]}}}\n"),
        ("x: {a}\n", "x.a", 1, "x: {a: 1}\n"),
        ("x: {a: , b: 1}\n", "x.a", 1, "x: {a: 1 , b: 1}\n"),
        ("x: [ a ]\n", "x[1]", "b", "x: [ a, b ]\n"),
        ("-\n- b\n", "[0]", "x", "- x\n- b\n"),
        ("- # c\n", "[0]", {"a": 1, "b": 2}, "- a: 1 # c\n  b: 2\n"),
        ("- a # c\n", "[0]", {"a": 1, "b": 2}, "- a: 1 # c\n  b: 2\n"),
        ("- &x a\n- *x\n", "[0].b", 2, "- &x\n  b: 2\n- *x\n"),
        ("a:\n  b: 1 # c\n  # d\n", "a", 1, "a: 1\n  # d\n"),
        ("a: # c\n  b: 1\n", "a", 1, "a: 1 # c\n"),
        ("- b: 1\n  c: 2\n", "[0]", "x", "- x\n"),
        ("a: &x\n  b: 1\n", "a", "x", "a: &x x\n"),
        ("a: !t\n  b: 1\n", "a", "x", "a: x\n"),
        ("a: !t [1]\n", "a", [2], "a: !t [2]\n"),
        ("a:\n  - 1\n", "a", {"b": 1}, "a:\n  b: 1\n"),
        ("a:\n- 1\n", "a", {"b": 1}, "a:\n  b: 1\n"),
        ("a:\n  b: 1\n", "a", [], "a: []\n"),
        ("a: 1\n", "$", [1, 2], "- 1\n- 2\n"),
        ("--- a # c\n", "$", {"b": 1}, "--- # c\nb: 1\n"),
        ("--- !t\na: 1\n", "b", 1, "--- !t\na: 1\nb: 1\n"),
        ("a:\n  value # c\n", "a", "x", "a:\n  x # c\n"),
        ("a:\n  value # c\n", "a", {"b": 1}, "a:\n  b: 1 # c\n"),
    ],
)
def test_a_value_of_another_kind_looks_as_a_person_would_write_it(text: str, path: str, value: Any, done: str) -> None:
    assert edited(text, Set(path, value, force=True)) == done


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("", "a:\n  b: 1\n"),
        ("# c", "# c\na:\n  b: 1"),
        ("# c\n\n", "# c\n\na:\n  b: 1\n"),
        ("---\n", "---\na:\n  b: 1\n"),
        ("%YAML 1.2\n---\n# c\n...\n", "%YAML 1.2\n---\n# c\na:\n  b: 1\n...\n"),
        ("x: 1", "x: 1\na:\n  b: 1"),
        ("x: 1\n\n# end\n", "x: 1\na:\n  b: 1\n\n# end\n"),
        ("x: 1\r\n", "x: 1\r\na:\r\n  b: 1\r\n"),
        ("\ufeffx: 1\n", "\ufeffx: 1\na:\n  b: 1\n"),
        ("\ufeff", "\ufeffa:\n  b: 1\n"),
        ("x:\n    y: 1\n", "x:\n    y: 1\na:\n    b: 1\n"),
        ("x: |\n  t", "x: |-\n  t\na:\n  b: 1"),
        ("x: |", "x: |-\na:\n  b: 1"),
        ("x: |+\n  t\n\n", "x: |+\n  t\n\na:\n  b: 1\n"),
        ("x: >\n  t\n\n\n", "x: >\n  t\na:\n  b: 1\n\n\n"),
        ("{x: 1}", "{x: 1, a: {b: 1}}"),
        ('{"x":1,"y":2}', '{"x":1,"y":2,"a":{b: 1}}'),
        ("x: 1\n...\n", "x: 1\na:\n  b: 1\n...\n"),
        ("x:\n  - 1\n  # inside\n", "x:\n  - 1\na:\n  b: 1\n  # inside\n"),
        ("? x\n: 1\n", "? x\n: 1\na:\n  b: 1\n"),
    ],
)
def test_a_new_entry_comes_after_the_last(text: str, done: str) -> None:
    assert edited(text, Set("a.b", 1)) == done


@pytest.mark.parametrize(
    ("text", "path", "done"),
    [
        ("a: 1 # c\nb: 2\n", "a", "b: 2\n"),
        ("# c\na: 1\n\n# d\nb: 2\n", "b", "# c\na: 1\n\n# d\n"),
        ("a: 1\nb: 2", "b", "a: 1"),
        ("a: 1\r\nb: 2\r\n", "a", "b: 2\r\n"),
        ("- - |\n    a\n- b", "[1]", "- - |\n    a\n"),
        ("a:\n  b: 1 # c\n", "a.b", "a: {}\n"),
        ("a: # c\n  # d\n  b: 1\nz: 1\n", "a.b", "a: {} # c\n  # d\nz: 1\n"),
        ("a: &x\n  b: 1\nz: *x\n", "a.b", "a: &x {}\nz: *x\n"),
        ("a: 1\n", "a", "{}\n"),
        ("- 1\n", "[0]", "[]\n"),
        ("- a: 1\n  b: 2\n", "[0].a", "- b: 2\n"),
        ("- a: 1\n  # c\n  b: 2\n", "[0].a", "-\n  # c\n  b: 2\n"),
        ("- a: 1 # c\n- 2\n", "[0].a", "- {} # c\n- 2\n"),
        ("a: {b: 1}\n", "a.b", "a: {}\n"),
        ("a: [b: 1, c]\n", "a[0].b", "a: [{}, c]\n"),
        ("a: {b: , c: 1}\n", "a.c", "a: {b: }\n"),
        ("a: {b:, c: 1}\n", "a.c", "a: {b:}\n"),
        ("a: {b, c: , d}\n", "a.d", "a: {b, c: }\n"),
        ("a: [1, 2, 3]\n", "a[1]", "a: [1, 3]\n"),
        ("a: [1, 2, 3,]\n", "a[2]", "a: [1, 2,]\n"),
        ("a: [\n  1, # one\n  2 # two\n]\n", "a[1]", "a: [\n  1 # one\n]\n"),
        ("a: [\n  1,\n  2\n]\n", "a[0]", "a: [\n  2\n]\n"),
        ("a: 1\n\nb: 2\n\nc: 3\n", "b", "a: 1\n\nc: 3\n"),
        ("a: 1\n\nb: 2\n", "b", "a: 1\n"),
        ("a: |+\n  x\n\nb: 2\n", "b", "a: |+\n  x\n\n"),
        ("a: |\n  x\n\n  y\n\nb: 2\n", "a", "\nb: 2\n"),
        ("a: 1\n---\nb: 2\nc: 3\n", "[1].b", "a: 1\n---\nc: 3\n"),
        ("? a\n: 1\n? b\n: 2\n", "a", "? b\n: 2\n"),
    ],
)
def test_an_entry_goes_with_its_lines_and_the_comment_behind_it(text: str, path: str, done: str) -> None:
    assert edited(text, Unset(path)) == done


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("a: {b: }\n", "a: {b: , n: 1 }\n"),
        ("a: {c, b: }\n", "a: {c, b: , n: 1 }\n"),
        ("a: {b: # c\n  }\n", "a: {b: , n: 1 # c\n  }\n"),
        ("a: {\n  b:\n}\n", "a: {\n  b: ,\n  n: 1\n}\n"),
    ],
)
def test_an_entry_goes_behind_a_key_without_a_value(text: str, done: str) -> None:
    assert edited(text, Set("a.n", 1)) == done


def test_an_entry_goes_behind_a_pair_without_braces_and_without_a_value() -> None:
    assert edited("a: [b: ]\n", Append("a", (1,))) == "a: [b: , 1 ]\n"
    assert edited("a: [b: , 1]\n", Unset("a[1]")) == "a: [b: ]\n"


def test_what_is_not_there_is_not_taken_out() -> None:
    assert edited(SHARED, Unset("two.c"), Unset("x.y"), Unset("one[3]")) == SHARED


@pytest.mark.parametrize(
    ("text", "edit", "done"),
    [
        ("a:\n- 1\n- 2 # c\n", Append("a", (3,)), "a:\n- 1\n- 2 # c\n- 3\n"),
        ("a:\n-   x: 1\n", Append("a", ({"x": 2, "y": 3},)), "a:\n-   x: 1\n-   x: 2\n    y: 3\n"),
        ("a:\n  # one\n  - 1\n", Append("a", (0,), at=0), "a:\n  - 0\n  # one\n  - 1\n"),
        ("- - 1\n  - 2\n", Append("[0]", (0,), at=0), "- - 0\n  - 1\n  - 2\n"),
        ("a:\n  - 1\n  # two\n  - 2\n", Append("a", (9,), before=2), "a:\n  - 1\n  - 9\n  # two\n  - 2\n"),
        ("a: [1, 2]\n", Append("a", (0,), at=0), "a: [0, 1, 2]\n"),
        ("a: [\n  1,\n  2,\n]\n", Append("a", (3,)), "a: [\n  1,\n  2,\n  3,\n]\n"),
        ("a: [\n  1, 2]\n", Append("a", (3,)), "a: [\n  1, 2, 3]\n"),
        ("a: [ # none\n]\n", Append("a", (3,)), "a: [3  # none\n]\n"),
        ("a:\n  - x: 1\n\n  - x: 2\n", Append("a", ("b",)), "a:\n  - x: 1\n\n  - x: 2\n\n  - b\n"),
        ("a: {b: [1]}\n", Append("a.b", ([2, "x, y"],)), 'a: {b: [1, [2, "x, y"]]}\n'),
        ("a: yes\nl: [yes]\n", Append("l", (Untyped("no"),)), "a: yes\nl: [yes, no]\n"),
    ],
)
def test_a_list_keeps_its_style(text: str, edit: Append, done: str) -> None:
    assert edited(text, edit) == done


def test_an_object_in_the_place_of_another_leaves_alone_what_is_alike() -> None:
    text = "a:\n  b: 1 # one\n  # two\n  c: [1,  2] # three\n  d: x\n"
    assert edited(text, Set("a", {"b": 1, "c": [1, 2, 3], "e": 5})) == (
        "a:\n  b: 1 # one\n  # two\n  c: [1,  2, 3] # three\n  e: 5\n"
    )
    assert edited(text, Merge("a", {"b": 2, "c": [5]}, arrays="append")) == (
        "a:\n  b: 2 # one\n  # two\n  c: [1,  2, 5] # three\n  d: x\n"
    )


# documents


def test_the_first_step_may_name_a_document() -> None:
    text = "a: 1\n---\na: 2\nb: 3\n...\n---\n- x\n"
    assert read(text) == [{"a": Number("1")}, {"a": Number("2"), "b": Number("3")}, ["x"]]
    assert typed(text, "[1].a", "5") == text.replace("a: 2", "a: 5")
    assert typed(text, "/2/0", "z") == text.replace("- x", "- z")
    assert typed(text, "[-1][1]", "z") == text + "- z\n"
    assert typed(text, "b", "5") == text.replace("b: 3", "b: 5")


def test_a_path_into_several_documents_is_refused_with_the_candidates() -> None:
    text = "a: 1\n---\na: 2\n"
    with pytest.raises(EditError, match="ambiguous") as caught:
        typed(text, "a", "3")
    assert "[0].a, [1].a" in str(caught.value.hint)
    with pytest.raises(EditError, match="2 documents, and none has b") as caught:
        typed(text, "b", "3")
    assert "[0].b" in str(caught.value.hint)
    with pytest.raises(EditError, match="whole document"):
        edited(text, Unset("[1]"))


@pytest.mark.parametrize(
    ("text", "path", "hint"),
    [
        ("a: 1\n---\nb: 2\n---\nc: 3\n", "[3].z", "they are [0] to [2]; one more is written by hand"),
        ("a: 1\n---\nb: 2\n", "[-3].z", "they are [0] to [1]; one more is written by hand"),
        ("a: 1\n---\nb: 2\n", "/2/z", "they are [0] to [1]; one more is written by hand"),
        ("a: 1\n---\nb: 2\n", "/-", "they are [0] to [1]; one more is written by hand"),
        (
            "kind: x\n---\nkind: y\n",
            '[kind = "y"].spec.z',
            "documents go by their index, [0] to [1]: write [0].spec.z for the first",
        ),
        ("- k: x\n---\nkind: y\n", '[k = "z"].v', 'begin the path with the index of one, as in [0][k = "z"].v'),
    ],
)
def test_a_path_to_no_document_is_told_which_there_are(text: str, path: str, hint: str) -> None:
    with pytest.raises(EditError, match="documents, and none has") as caught:
        typed(text, path, "1")
    assert caught.value.hint == hint


def test_an_empty_document_is_null_and_can_be_filled() -> None:
    text = "---\n# first\n---\nb: 2\n"
    assert read(text) == [None, {"b": Number("2")}]
    assert typed(text, "[0].a", "1") == "---\n# first\na: 1\n---\nb: 2\n"


# aliases and merge keys


def test_reading_goes_through_aliases_and_merge_keys() -> None:
    base = {"a": Number("1"), "deep": {"x": Number("1"), "z": Number("2")}}
    assert read(SHARED) == {"base": base, "one": {"b": Number("2"), **base}, "two": base}
    assert read(SHARED, ("one", "deep", "x")) == Number("1")
    text = "a: &a {k: 1}\nb: &b {k: 2, l: 3}\nc:\n  <<: [*a, *b]\n  m: 4\n"
    assert read(text, ("c",)) == {"m": Number("4"), "k": Number("1"), "l": Number("3")}
    assert list(read(text, ("c",))) == ["m", "k", "l"]


def test_setting_through_an_alias_says_what_else_would_change() -> None:
    with pytest.raises(EditError) as caught:
        typed(SHARED, "two.a", "5")
    assert "the alias *base" in caught.value.message
    assert "&base at line 1" in caught.value.message
    assert "1 other place uses (line 5)" in caught.value.message
    assert "--force" in str(caught.value.hint)
    assert typed(SHARED, "two.a", "5", force=True) == SHARED.replace("a: 1", "a: 5")
    assert typed(SHARED, "two.new", "5", force=True) == SHARED.replace("z: 2}\n", "z: 2}\n  new: 5\n")
    text = "a: &x {k: 1}\nb: *x\nc: *x\n"
    with pytest.raises(EditError, match="b is reached through the alias"):
        typed(text, "b", "5")
    assert typed(text, "b", "5", force=True) == "a: &x 5\nb: *x\nc: *x\n"


def test_a_merged_value_is_overridden_where_it_is_merged() -> None:
    with pytest.raises(EditError, match=r"one\.a comes through a merge key from the anchor &base at line 1"):
        typed(SHARED, "one.a", "5")
    assert typed(SHARED, "one.a", "5", force=True) == SHARED.replace("  b: 2\n", "  b: 2\n  a: 5\n")
    assert typed(SHARED, "one.deep.x", "5", force=True) == SHARED.replace(
        "  b: 2\n", "  b: 2\n  deep:\n    x: 5\n    z: 2\n"
    )
    assert typed(SHARED, "one.b", "5") == SHARED.replace("b: 2", "b: 5")
    assert typed(SHARED, "one.c", "5") == SHARED.replace("  b: 2\n", "  b: 2\n  c: 5\n")


def test_what_is_written_behind_a_merge_key_can_be_taken_out_there() -> None:
    assert edited("a:\n  <<: {b: 1, c: 2}\n  d: 3\n", Unset("a.b")) == "a:\n  <<: {c: 2}\n  d: 3\n"


def test_a_new_entry_behind_a_merge_key_is_seen_in_the_map_at_once() -> None:
    document = formats.open_document(b"a:\n  <<: {b: 1}\n  d: 3\n", YAML)
    document.put(("a", "<<", "c"), Number("2"))
    assert [document.read(place) for place in document.find(("a", "c"))] == ["2"]


def test_an_anchored_node_itself_may_be_set_and_keeps_its_anchor() -> None:
    assert typed(SHARED, "base.a", "5") == SHARED.replace("a: 1", "a: 5")
    text = "a: &x 1 # c\nb: *x\n"
    assert edited(text, Set("a", [1, 2])) == "a: &x # c\n  - 1\n  - 2\nb: *x\n"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Unset("base"), "anchor &base at line 1 would go with it, and line 5 needs it"),
        (Unset("two.a"), "reached through the alias"),
        (Unset("one.a"), "merge key"),
        (Set("$", 1, force=True), None),
        (Append("two.list", (1,)), "reached through the alias"),
    ],
)
def test_what_others_need_is_not_taken_away(edit: Edit, message: str | None) -> None:
    if message is None:
        assert edited(SHARED, edit) == "1\n"
        return
    with pytest.raises(EditError, match=message):
        edited(SHARED, edit)


def test_an_alias_may_be_taken_out_or_added_to_by_its_anchor() -> None:
    assert edited(SHARED, Unset("two")) == SHARED.replace("two: *base\n", "")
    text = "a: &l [1]\nb: *l\n"
    with pytest.raises(EditError, match="alias"):
        edited(text, Append("b", (2,)))
    assert edited(text, Append("a", (2,))) == "a: &l [1, 2]\nb: *l\n"


MERGED = """\
base: &b
  a: 1
list: &l
  - *b
  - {c: 2}
web:
  <<: *b
app:
  <<: *l
use: *b
"""


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Set("base", [1]), "base has to stay an object: the merge key at line 9 merges it"),
        (Set("base", 5, force=True), "base has to stay an object: the merge key at line 9 merges it"),
        (Set("use", 5), "use stands for the anchor &b, which has to stay an object: the merge key at line 9 merges it"),
        (Set("use", 5, force=True), "use stands for the anchor &b, which has to stay an object"),
        (Set('web."<<"', 5, force=True), 'web."<<" stands for the anchor &b, which has to stay an object'),
        (Set("list", 5, force=True), "list has to stay an object or an array of objects: the merge key at line 9"),
        (Set("list", [{}, 5]), "list has to stay an object or an array of objects"),
        (Set("list[1]", 5, force=True), r"list\[1\] has to stay an object: the merge key at line 9 merges it"),
        (Append("list", (5,)), "list can hold nothing but objects: the merge key at line 9 merges them"),
        (Set("list[2]", 5), "list can hold nothing but objects"),
        (Merge("", {"base": [1]}, force=True), "base has to stay an object"),
    ],
)
def test_what_a_merge_key_merges_stays_what_can_be_merged(edit: Edit, message: str) -> None:
    with pytest.raises(EditError, match=message):
        edited(MERGED, edit)


@pytest.mark.parametrize(
    "edit",
    [Set("base", 5, force=True), Set("list[1]", 5, force=True), Append("list", (5,)), Set("list", 5, force=True)],
)
def test_a_merge_key_that_would_merge_nothing_is_seen_when_the_result_is_looked_over(
    monkeypatch: pytest.MonkeyPatch, edit: Edit
) -> None:
    for name in ("refuse_unmerged", "refuse_unmerged_item"):
        monkeypatch.setattr(f"devenv.editor.yaml.document.{name}", lambda *_: None)
    with pytest.raises(EditError, match="given up: a merge key would merge nothing any more"):
        edited(MERGED, edit)


def test_a_merge_key_far_below_in_a_large_file_is_met_too() -> None:
    text = "base: &b\n  a: 1\n" + "".join(f"k{n}:\n  <<: *b\n  n: {n}\n" for n in range(5000))
    with pytest.raises(EditError, match="base has to stay an object or an array of objects: the merge key at line 4 "):
        edited(text, Set("base", 5, force=True))


@pytest.mark.parametrize(
    "edit",
    [
        Set("list", [{"z": 1}]), Set("list", {"z": 1}), Set("list[1]", {"z": 1}), Append("list", ({"z": 1},)),
        Set("base", {"z": 1}), Unset("web.<<"), Unset("list[0]"), Set("web", 5, force=True),
    ],
)  # fmt: skip
def test_what_a_merge_key_merges_may_become_another_that_can_be(edit: Edit) -> None:
    assert yaml.safe_load(edited(MERGED, edit)) != yaml.safe_load(MERGED)


def test_an_entry_over_a_merged_one_is_not_unset_as_the_other_would_come_up() -> None:
    text = "a: &a {k: 1}\nb:\n  <<: *a\n  k: 2\n"
    with pytest.raises(EditError, match=r"b\.k would still be there: a merge key brings it in from line 1"):
        edited(text, Unset("b.k"))


@pytest.mark.parametrize(
    ("edit", "hint"),
    [
        (Unset("web.a"), "unset base.a takes it out wherever it is used"),
        (Unset("use.a"), "unset base.a takes it out wherever it is used"),
        (Unset("list[0].a"), "unset base.a takes it out wherever it is used"),
        (Append("use.l", (1,)), "append to base.l adds it wherever it is used"),
        (Append("web.l", (1,)), "append to base.l adds it wherever it is used"),
        (Append("use.new", (1,)), "append to base.new adds it wherever it is used"),
        (Append("use.s.new", (1,)), "set replaces it, with --force"),
        (Merge("use", {"n": 1}), "add --force if it should; to change one place alone, unset the alias first"),
        (
            Merge("use", {"l": [2]}, "append"),
            "add --force if it should; to change one place alone, unset the alias first",
        ),
        (Merge("web", {"l": [2]}, "unique"), "with --force it is set here alone, over that"),
        (Merge("use.new", {"n": 1}), "add --force if it should; to change one place alone, unset the alias first"),
    ],
)
def test_every_hint_names_a_way_that_works(edit: Edit, hint: str) -> None:
    text = MERGED.replace("  a: 1\n", "  a: 1\n  l: [1]\n  s: text\n")
    with pytest.raises(EditError) as caught:
        edited(text, edit)
    assert caught.value.hint == hint
    if "--force" in hint and isinstance(edit, Merge):
        assert edited(text, edit._replace(force=True)) != text


def test_what_is_unset_may_be_put_there_again_in_one_run() -> None:
    text = "a: 1\nb: 2\nc: 3\n"
    assert edited(text, Unset("b"), Set("b", 5)) == "a: 1\nc: 3\nb: 5\n"
    assert edited("l: [x, y, z]\n", Unset("l[0]"), Unset("l[0]")) == "l: [z]\n"
    text = "l:\n  - x\n  - y\n  - {a: 1}\n"
    assert edited(text, Set("l[2].a", 5), Unset("l[0]")) == "l:\n  - y\n  - {a: 5}\n"


def test_edits_of_one_thing_by_several_paths_are_one_after_the_other() -> None:
    text = "a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n"
    assert edited(text, Set("b.k", 2, force=True), Set("a.k", 3)) == text.replace("1", "3")
    assert edited(text, Set("b", {"k": 2}, force=True), Unset("a.k"), Set("a.z", 5)) == text.replace(
        " {k: 1}", "\n  z: 5"
    )
    assert edited(text, Unset("b"), Set("a.k", 3)) == "a: &x {k: 3}\nc:\n  <<: *x\n"
    text = "a: &x\n  j: 0\nc:\n  <<: *x\n  k: 1\n"
    assert edited(text, Unset("c.k"), Set("a.k", 3)) == "a: &x\n  j: 0\n  k: 3\nc:\n  <<: *x\n"


def test_a_list_behind_an_alias_is_set_entry_by_entry() -> None:
    text = "a: &l\n  - 1 # one\n  - 2\nb: *l\n"
    assert edited(text, Set("b", [1, 2, 3], force=True)) == text.replace("  - 2\n", "  - 2\n  - 3\n")
    assert edited(text, Set("b", [1], force=True)) == text.replace("  - 2\n", "")


def test_arrays_that_meet_behind_an_alias_or_a_merge_key_are_joined_with_force() -> None:
    text = "a: &x\n  l: [1]\nb: *x\nc:\n  <<: *x\n"
    assert edited(text, Merge("b", {"l": [2]}, "append", force=True)) == text.replace("[1]", "[1, 2]")
    assert edited(text, Merge("c", {"l": [1, 2]}, "unique", force=True)) == text + "  l:\n    - 1\n    - 2\n"


def test_what_is_written_behind_a_merge_key_is_set_there_in_its_style() -> None:
    text = "a:\n  <<: {b: 1, c: 2}\n  d: 3\n"
    assert edited(text, Set("a.b", [1, {"k": 2}])) == text.replace("b: 1", "b: [1, {k: 2}]")
    with pytest.raises(EditError, match=r"a\.b would still be there: a merge key brings it in from line 2"):
        edited("a:\n  <<: {b: 1}\n  b: 3\n", Unset("a.b"))


def test_what_force_is_no_answer_to_is_said_first() -> None:
    text = "a: &x\n  b: &y 1\nc: *y\nd: *x\n"
    with pytest.raises(EditError, match="the anchor &y at line 2 would go with it, and line 3 needs it"):
        edited(text, Set("d", 5))
    with pytest.raises(EditError, match="the anchor &y at line 2 would go with it, and line 3 needs it"):
        edited(text, Set("a", 5))


def test_replacing_what_holds_a_needed_anchor_is_refused() -> None:
    text = "a:\n  b: &x 1\nc: *x\n"
    with pytest.raises(EditError, match="anchor &x at line 2"):
        edited(text, Set("a", 1, force=True))


# what is refused


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: b: c\n", 1, 5),
        ("a: 1\n  b: 2\n", 2, 4),
        ("a: [1\nb: 2\n", 2, 2),
        ("a: 'x\n", 2, 1),
        ("a: \x01\n", 1, 4),
        ("é: *x\n", 1, 4),
        ("a: 1\n\tb: 2\n", 2, 1),
        ("k: &a\nl: !x *a\n", 2, 7),
        ("%YAML 1.2\n", 2, 1),
        ("a: @x\n", 1, 4),
    ],
)
def test_a_text_that_is_not_yaml_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(ParseError) as caught:
        typed(text, "z", "1")
    assert (caught.value.line, caught.value.column) == (line, column)
    assert "\n" not in caught.value.message


def test_bytes_that_are_no_text_are_refused_with_their_place() -> None:
    with pytest.raises(ParseError) as caught:
        engine.apply("é: 1\nb: ".encode() + b"\xff\n", [Set("b", 1)], YAML)
    assert (caught.value.line, caught.value.column) == (2, 4)


def test_utf_16_with_its_mark_stays_utf_16() -> None:
    for encoding, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        data = mark + "a: 😀 # é\r\n".encode(encoding)
        done = engine.apply(data, [Set("a", "日本"), Set("b", 1)], YAML).data
        assert done == mark + "a: 日本 # é\r\nb: 1\r\n".encode(encoding)


def test_a_key_that_is_there_twice_is_read_last_and_not_written() -> None:
    text = "a: {x: 1}\nb: 1\na: {x: 2}\n"
    assert read(text, ("a", "x")) == Number("2")
    for edit in (Set("a.x", 3), Unset("a"), Set("a.y", 1)):
        with pytest.raises(EditError, match=r"a is there 2 times \(lines 1 and 3\)"):
            edited(text, edit)
    assert typed(text, "b", "2") == text.replace("b: 1", "b: 2")


@pytest.mark.parametrize(
    ("text", "edit", "error"),
    [
        ("a: 1\n", Set("a.b", 1), EditError),
        ("a: [1]\n", Set("a.b", 1), PathNotFound),
        ("a: [1]\n", Set("a[3]", 1), PathNotFound),
        ("a: {b: 1}\n", Set("a[0]", 1), PathNotFound),
        ("a: {b: 1}\n", Set("a", 1), EditError),
        ("a: 1\n", Set("b[1]", 1), PathNotFound),
        ("a: 1\n", Set('b[. = "x"]', 1), PathNotFound),
        ("a: 1\n", Set("a", "\ud800"), EditError),
        ("a: 1\n", Set("\udfff", "x"), EditError),
        ("a: 1\n", Set("k" * 1100, "x"), EditError),
        ("a: [b: 1]\n", Set("a[0].c", 1), EditError),
        ("? a # b: c\n", Set("a", 1), EditError),
        ("? a\n? b\n", Set("a", 1), EditError),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(text: str, edit: Edit, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        edited(text, edit)
    assert "\n" not in str(caught.value)
    assert "given up" not in str(caught.value)


def test_a_dash_is_the_place_after_the_last() -> None:
    assert edited("a: [1]\nb:\n- x\n", Set("/a/-", 2), Set("/b/-/c", 3)) == "a: [1, 2]\nb:\n- x\n- c: 3\n"
    assert edited("a: [1]\n", Set("/c/-", 2)) == "a: [1]\nc:\n  - 2\n"


@pytest.mark.parametrize("text", ["a: [http://x, b?c]\nk: 1\n", "a: {b?: 1, c:d: 2}\nk: 1\n", "k: 1\nl: [x:y]\n"])
def test_yaml_1_2_that_the_older_c_parser_refuses_is_taken(text: str) -> None:
    assert typed(text, "k", "2") == text.replace("k: 1", "k: 2")


def test_edits_that_follow_see_what_came_before_them() -> None:
    text = "l:\n  - name: a\n    v: 1 # one\n  - name: b\n    v: 2\nx: &x 1\ny: *x\n"
    done = edited(text, Set("l[0].name", "c"), Set('l[name = "c"].v', 5), Set("l[0].v", 6), Set("x", 7), Unset("l[1]"))
    assert done == "l:\n  - name: c\n    v: 6 # one\nx: &x 7\ny: *x\n"
    document = formats.open_document(text.encode(), YAML)
    document.put(("l", 0, "v"), Number("8"))
    assert document.read(("l", 0)) == {"name": "a", "v": Number("8")}
    document.put(("x",), "z")
    assert document.read(("y",)) == "z"
    assert document.data.decode() == text.replace("v: 1", "v: 8").replace("&x 1", "&x z")


@pytest.mark.parametrize("name", ["b", "k7"])
def test_a_text_that_is_dropped_is_freed_without_the_garbage_collector(name: str) -> None:
    lines = "".join(f"k{number}:\n  x: [1, 2]\n  y: *base\n" for number in range(1000))
    text = "base: &base {z: 1}\n" + lines + "b: {" + ", ".join(f"f{number}: 1" for number in range(1000)) + "}\n"
    gc.disable()
    try:
        document: Any = formats.open_document(text.encode(), YAML)
        document.read((name,))
        content = weakref.ref(document.content)
        part = weakref.ref(document.content.docs[0].root.parts[0])
        view._recent.clear()
        del document
        assert (content(), part()) == (None, None)
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("a:\n  b: 1\n", [(("d",), 1), (("a", "c"), 2), (("a", "e"), 3), (("f",), 4)]),
        ("a:\n  b: |\n    x", [(("a", "c"), 1), (("d",), 2)]),
        ("a: 1\n", [(("٣",), 1), (("17",), 2), (("y",), 3)]),
        ("n:\n  a: 1\n", [(("m",), {"٣": 1}), (("m", "17"), 2), (("m", "y"), 3)]),
        ("'a': 1\n", [(("t\tb",), 1), (("n",), 2)]),
        ("m:\n  a: 1\n  # note\nz: 1\n", [(("m", "n"), "x\ny\n"), (("m", "o"), 1)]),
        ("m:\n  a: 1", [(("m", "n"), "x\ny\n"), (("m", "o"), 1)]),
        ('{"a":}\n', [(("b",), 1), (("a",), 2), (("c",), 3)]),
        ("{\n  a: 1, # x\n  b: {c: 2} # y\n}\n", [(("b", "d"), 1), (("e",), 2), (("f", "g"), 3), (("f", "h"), 4)]),
        ("x: &x {z: 1}\na: *x\n", [(("x", "n"), 1), (("a", "n"), 2)]),
        ("a: 1\n---\nb: 1\n", [((0, "b"), 1), (("b",), 2)]),
        ("a:\n", [(("a",), 1), (("b",), 2), (("c", "-"), 1), (("c", "-"), 2), (("c", -1), 3)]),
    ],
)
def test_changes_that_wait_are_written_as_if_they_did_not(text: str, changes: list[tuple[Any, Any]]) -> None:
    later, at_once = (formats.open_document(text.encode(), YAML) for _ in range(2))
    told: list[list[Any]] = [[], []]
    for steps, value in changes:
        for document, outcomes in zip((later, at_once), told, strict=True):
            outcomes.append(document.find(steps))
            try:
                document.put(steps, from_plain(value), force=True)
            except EditError as exc:
                outcomes.append(str(exc))
        assert at_once.data is not None  # asked for it is written
    assert told[0] == told[1]
    assert later.data == at_once.data


def test_what_was_edited_before_says_nothing_of_how_a_text_is_written() -> None:
    first = engine.apply(b"a:\n    b: 'x'\n", [Set("a", 1, force=True)], YAML).data
    assert first == b"a: 1\n"
    assert engine.apply(first, [Set("c.d", "yes")], YAML).data == b'a: 1\nc:\n  d: "yes"\n'
    # within one run of edits the text they began with says it
    edits = [Set("a", 1, force=True), Set("c.d", "yes")]
    assert engine.apply(b"a:\n    b: 'x'\n", edits, YAML).data == b"a: 1\nc:\n    d: 'yes'\n"
