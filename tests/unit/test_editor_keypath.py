"""Key paths: four languages, and the one they are printed in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devenv.editor import Set, edit_text, keypath
from devenv.editor.document import Match, Step
from devenv.editor.keypath import as_index, assignment, parse, spelled
from devenv.errors import EditError

DOTTED = [
    ("b.c.d", ("b", "c", "d")),
    ("servers[0].port", ("servers", 0, "port")),
    ("servers[-1]", ("servers", -1)),
    ("[2][0]", (2, 0)),
    ('a."x.y".b', ("a", "x.y", "b")),
    ("a.'x.y'.b", ("a", "x.y", "b")),
    (r'"tab\t \u00e9 \"q\""', ('tab\t é "q"',)),
    (r"'no\t escape'", (r"no\t escape",)),
    ("a['x.y']", ("a", "x.y")),
    ('""', ("",)),
    ('tags[. = "b"]', ("tags", Match(None, "b"))),
    ("tags[.=b]", ("tags", Match(None, "b"))),
    ("servers[name = 'web'].port", ("servers", Match("name", "web"), "port")),
    ('servers["first name" = "x ] y"]', ("servers", Match("first name", "x ] y"))),
    ("k8s.io/name", ("k8s", "io/name")),
    ("a-b_c@d+1", ("a-b_c@d+1",)),
    ("ключ.😀", ("ключ", "😀")),
    ("a.0", ("a", "0")),
    ("$ref", ("$ref",)),
]
OTHERS = [
    ("$", "jsonpath", ()),
    ("$.b.c", "jsonpath", ("b", "c")),
    ("$['x y'][0].z", "jsonpath", ("x y", 0, "z")),
    (r"$['it\'s']", "jsonpath", ("it's",)),
    ("/b/c/0", "pointer", ("b", "c", "0")),
    ("/a~1b/~0c", "pointer", ("a/b", "~c")),
    ("/", "pointer", ("",)),
]
WRONG = [
    ("", "an empty path"),
    ("a..b", "column 3"),
    (".a", "column 1"),
    ("a.", "column 2"),
    ("a[", "column 2"),
    ("a[x]", "column 2"),
    ("a.[0]", "column 3"),
    ("a b", "column 2"),
    ('"a', "column 1"),
    (r'"\x"', "escape"),
    ("a[99999999999999999999]", "column 2"),
    ("/a~2", "~1"),
    ("x" * 70_000, "characters"),
]


@pytest.mark.parametrize(("text", "steps"), DOTTED)
def test_dotted_paths(text: str, steps: tuple[Step, ...]) -> None:
    path = parse(text)
    assert (path.language, path.steps, path.query) == ("dotted", steps, None)


@pytest.mark.parametrize(("text", "language", "steps"), OTHERS)
def test_jsonpaths_and_pointers_that_name_one_place_are_steps(
    text: str, language: str, steps: tuple[Step, ...]
) -> None:
    path = parse(text)
    assert (path.language, path.steps, path.query) == (language, steps, None)


@pytest.mark.parametrize("text", ["$..a", "$.a[*]", "$.a[?(@.b=='c')]", "$.a[0:2]", "$.a.*", "$.a.`len`"])
def test_other_jsonpaths_are_queries(text: str) -> None:
    path = parse(text)
    assert (path.language, path.query) == ("jsonpath", text)


@pytest.mark.parametrize("text", ['Host[. = "box"]/User', "/files/x", "1/ipaddr"])
def test_a_slash_makes_an_expression_for_augeas_where_there_is_a_tree(text: str) -> None:
    assert parse(text, tree=True).query == text
    assert parse("Host", tree=True).query is None
    assert parse('"a/b".c', tree=True).steps == ("a/b", "c")
    assert parse("Host", augeas=True).query == "Host"


@pytest.mark.parametrize(("text", "says"), WRONG, ids=[text[:10] for text, _ in WRONG])
def test_what_is_no_path_is_told_with_its_column(text: str, says: str) -> None:
    with pytest.raises(EditError, match=says) as caught:
        parse(text)
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 200


STEPS = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.integers(-99, 99),
        st.builds(Match, st.none() | st.text(max_size=4), st.text(max_size=4)),
    ),
    min_size=1,
    max_size=5,
).map(tuple)


@given(STEPS)
def test_what_is_spelled_is_read_back(steps: tuple[Step, ...]) -> None:
    assert parse(spelled(steps)).steps == steps


@pytest.mark.parametrize(
    ("text", "path", "sign", "value"),
    [
        ("a=1", "a", "=", "1"),
        ("a.b=x=y", "a.b", "=", "x=y"),
        ("a=", "a", "=", ""),
        ("a:=[1, 2]", "a", ":=", "[1, 2]"),
        ('"k=v".x=1', '"k=v".x', "=", "1"),
        ('s[name = "x"].p=3', 's[name = "x"].p', "=", "3"),
        ("$.s[?(@.a=='b')].c=1", "$.s[?(@.a=='b')].c", "=", "1"),
        ("/a/b=c", "/a/b", "=", "c"),
        ("a=b:=c", "a", "=", "b:=c"),
    ],
)
def test_an_assignment_ends_its_path_at_the_first_free_equals_sign(text: str, path: str, sign: str, value: str) -> None:
    assert assignment(text) == (path, sign, value)


@pytest.mark.parametrize("text", ["", "a", "=1", 'a["x=1', "a[b=c]"])
def test_what_is_no_assignment(text: str) -> None:
    with pytest.raises(EditError):
        assignment(text)


@pytest.mark.parametrize(
    ("step", "length", "index"),
    [
        (0, 3, 0),
        (-1, 3, 2),
        (3, 3, 3),
        (4, 3, None),
        (-4, 3, None),
        ("1", 3, 1),
        ("-", 3, 3),
        ("01", 3, None),
        ("x", 3, None),
    ],
)
def test_steps_into_an_array(step: Step, length: int, index: int | None) -> None:
    assert as_index(step, length) == index


@given(st.lists(st.sampled_from([*"a-.[]01\"'= ", "[1]", ".x", "\t", "٣"]), min_size=1, max_size=7).map("".join))
def test_the_short_way_reads_a_path_as_the_long_way_does(text: str) -> None:
    def read() -> object:
        try:
            return keypath.dotted(text)
        except EditError as exc:
            return exc.message

    short = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keypath, "_plain", lambda _text: None)
        assert read() == short


def test_a_dash_is_the_place_after_the_last_entry_and_a_key_in_quotes() -> None:
    made = [json.loads(edit_text("{}", [Set(path, 1)], format="json").data) for path in ("a.-", "/a/-", 'a."-"')]
    assert made == [{"a": [1]}, {"a": [1]}, {"a": {"-": 1}}]
    assert spelled(("a", "-")) == 'a."-"'
