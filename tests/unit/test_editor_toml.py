"""TOML: what goes where, what stays, and what is refused."""

import tomllib

import pytest

from devenv.editor import Append, Merge, Number, Set, Unset, Untyped, formats
from devenv.editor.engine import apply
from devenv.editor.tomltext.scan import DEEPEST
from devenv.editor.values import Literal
from devenv.errors import EditError, ParseError, PathNotFound

TOML = formats.named("toml")


def edit(text: str, *edits: Set | Unset | Append | Merge) -> str:
    return apply(text.encode(), list(edits), TOML).data.decode()


def put(text: str, path: str, value: str) -> str:
    return edit(text, Set(path, Untyped(value)))


def read(text: str, path: str) -> object:
    document = formats.open_document(text.encode(), TOML)
    [steps] = document.find(tuple(path.split(".")))
    return document.read(steps)


@pytest.mark.parametrize(
    "name",
    ["pyproject.toml", "Cargo.lock", "poetry.lock", "uv.lock", "Pipfile", "sub/.cargo/config", "netlify.toml"],
)
def test_files_go_by_their_names(name: str) -> None:
    assert formats.of_file(name).name == "toml"


# what is read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x = 0xDEAD_beef", Number("0xDEAD_beef")),
        ("x = 1_000.50", Number("1_000.50")),
        ("x = -inf", Number("-inf")),
        ("x = 1979-05-27 07:32:00Z", Literal("1979-05-27 07:32:00Z")),
        ("x = 07:32:00.5 # when", Literal("07:32:00.5")),
        ('x = "a\\u00e9\\t\\"\\U0001F600"', 'aé\t"😀'),
        ("x = 'C:\\temp'", "C:\\temp"),
        ('x = """\none \\\n   two\n"""', "one two\n"),
        ('x = """a""""', 'a"'),
        ("x = '''\r\na\r\nb'''", "a\nb"),
        ("x = [ 1, # one\n 'two', [3], ]", [Number("1"), "two", [Number("3")]]),
        ("x = { a.b = 1, 'c d' = { } }", {"a": {"b": Number("1")}, "c d": {}}),
        ("[x.y]\nz = true\n[x]\nw = false", {"y": {"z": True}, "w": False}),
        ("[[x]]\na = 1\n[x.b]\nc = 2\n[[x]]\n", [{"a": Number("1"), "b": {"c": Number("2")}}, {}]),
        ("x.y.z = 1\nx.w = 2", {"y": {"z": Number("1")}, "w": Number("2")}),
    ],
)
def test_values_are_read_with_their_own_text(text: str, value: object) -> None:
    assert read(text, "x") == value


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"a = 1\nb = \n", (2, 5)),
        (b"a = 1\na = 2\n", (2, 6)),
        (b"a = [1, 2\n", (2, 1)),
        (b'a = "x\n', (1, 7)),
        (b"[a]\n[a]\n", (2, 3)),
        (b"a = 1 b = 2\n", (1, 7)),
        (b"\xef\xbb\xbfa = 1\n", (1, 1)),
        ("ä = 1\n".encode(), (1, 1)),
        (b'a = "\xe4"\n', (1, 6)),
        (b"a = 1\r\nb = \x00\n", (2, 5)),
        (b"a = 1\rb = 2\n", (1, 6)),
        (b"a = 1" + b"0" * 5000, (0, 0)),
    ],
)
def test_what_is_no_toml_is_refused_with_its_place(data: bytes, place: tuple[int, int]) -> None:
    with pytest.raises(ParseError) as caught:
        formats.open_document(data, TOML)
    assert (caught.value.line, caught.value.column) == place
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "[" * 1000 + "]" * 1000,
        "a = " + "{a = " * 1000 + "1" + "}" * 1000,
        "a = {" + "b." * 100_000 + "b = 1}",
        "a = {" + '"b".' * 100_000 + "b = 1}",
        "a = " + "{b.c.d = " * 50 + "1" + "}" * 50,
        "a." * 500_000 + "a = 1",
        "a." * 500_000 + "a",
        "[" + "a." * 500_000 + "a]",
        "[[" + "a . " * 100_000 + "a]]",
        "[" + "a." * 80 + "a]\n" + "b." * 80 + "b = 1",
    ],
    ids=lambda text: text[:12] + str(len(text)),
)
@pytest.mark.timeout(20)
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    with pytest.raises(ParseError, match="nested"):
        formats.open_document(text.encode(), TOML)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["a" * 1_000_000, '"' * 1_000_001, "# " * 500_000, "a = '" + "x" * 1_000_000, "=" * 9])
def test_long_lines_that_lead_nowhere_cost_little(text: str) -> None:
    if text.startswith("#"):
        assert formats.open_document(text.encode(), TOML).read(()) == {}
        return
    with pytest.raises(ParseError) as caught:
        formats.open_document(text.encode(), TOML)
    assert len(caught.value.message) < 200


def test_what_tomllib_accepts_at_the_limit_of_depth_can_be_edited() -> None:
    text = "a = " + "[" * (DEEPEST - 1) + "1" + "]" * (DEEPEST - 1) + "\n"
    path = "a" + "[0]" * (DEEPEST - 1)
    assert put(text, path, "2") == text.replace("1", "2")
    with pytest.raises(EditError, match="levels deep"):
        edit(text, Set("a" + "[0]" * (DEEPEST - 2) + "[1]", [[[1]]]))


# scalars in their place


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('x = "a" # c', "b", 'x = "b" # c'),
        ("x = 'a'", "b", "x = 'b'"),
        ("x = 'a'", "it's", 'x = "it\'s"'),
        ("x = 'a'", "C:\\temp", "x = 'C:\\temp'"),
        ('x = "a"', "C:\\temp", 'x = "C:\\\\temp"'),
        ("x = '''a'''", "it's", "x = '''it's'''"),
        ("x = '''a'''", "it'", 'x = "it\'"'),
        ('x = """a"""', 'say "hi"', 'x = """say "hi\\""""'),
        ('x = """\na"""', "b\nc", 'x = """\nb\nc"""'),
        ("x = '''\na'''", "b\n'''", 'x = """\nb\n\'\'\'"""'),
        ('x = "a"', "1.10", 'x = "1.10"'),
        ("x=1", "2", "x=2"),
        ("x\t=\t1  # c", "2", "x\t=\t2  # c"),
        ("x = 1", "two", 'x = "two"'),
        ("x = 1", "0o17", "x = 0o17"),
        ("x = 1.5", "nan", "x = nan"),
        ("x = true", "false", "x = false"),
        ("x = true", "1", "x = 1"),
        ("x = 2020-01-01", "2021-02-03", "x = 2021-02-03"),
        ("x = 2020-01-01", "2021-02-03T04:05:06", "x = 2021-02-03T04:05:06"),
        ("x = 2020-01-01", "2021-02-30", 'x = "2021-02-30"'),
        ("x = 2020-01-01", "soon", 'x = "soon"'),
    ],
)
def test_a_scalar_keeps_its_kind_and_its_quotes(old: str, new: str, line: str) -> None:
    for end in ("\n", "", "\n[t]\nx = 1\n"):
        assert put(old + end, "x", new) == line + end


def test_an_index_reaches_into_what_is_in_brackets_and_braces() -> None:
    text = "x = { a = [ 1, { b = 'c' } ], d.e = 2 } # c\n"
    assert put(text, "x.a[1].b", "f") == text.replace("'c'", "'f'")
    assert put(text, "x.d.e", "3") == text.replace("2 }", "3 }")
    assert put(text, "x.d.f", "3") == text.replace("2 }", "2, d.f = 3 }")
    assert put(text, "x.a[2]", "3") == text.replace("} ]", "}, 3 ]")
    assert put(text, "x.a[-1].b", "f") == put(text, "/x/a/1/b", "f")


def test_a_match_finds_the_table_of_an_array() -> None:
    text = '[[s]]\nname = "a"\n\n[[s]]\nname = "b"\nport = 1\n'
    assert put(text, 's[name = "b"].port', "2") == text.replace("1", "2")
    assert put(text, "$.s[?(@.name=='b')].port", "2") == text.replace("1", "2")
    assert put("t = ['a', 'b']\n", 't[. = "b"]', "c") == "t = ['a', 'c']\n"
    with pytest.raises(PathNotFound):
        put(text, 's[name = "c"].port', "2")


# new entries


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        ("", "a", "a = 1\n"),
        ("", "a.b", "[a]\nb = 1\n"),
        ("", "a.b.c", "[a.b]\nc = 1\n"),
        ("", "a[0].b", "[[a]]\nb = 1\n"),
        ("\n", "a", "a = 1\n"),
        ("# c\n", "a", "# c\n\na = 1\n"),
        ("# c\n", "a.b", "# c\n\n[a]\nb = 1\n"),
        ("x = 0", "a", "x = 0\na = 1"),
        ("x = 0", "a.b", "x = 0\n\n[a]\nb = 1"),
        ("x=0\n", "a", "x=0\na=1\n"),
        ("[x]\n", "a", "a = 1\n\n[x]\n"),
        ("# about x\n[x]\ny = 0\n", "a", "a = 1\n\n# about x\n[x]\ny = 0\n"),
        ("# file\n\n[x]\ny = 0\n", "a", "# file\n\na = 1\n\n[x]\ny = 0\n"),
        ("[x]\n", "x.a", "[x]\na = 1\n"),
        ("[x]", "x.a", "[x]\na = 1"),
        ("[x]\n# none yet\n\n[y]\n", "x.a", "[x]\n# none yet\na = 1\n\n[y]\n"),
        ("[x]\n# about y\n[y]\n", "x.a", "[x]\na = 1\n# about y\n[y]\n"),
        ("[x]\nb = 0\n# more\n\n# about y\n[y]\n", "x.a", "[x]\nb = 0\na = 1\n# more\n\n# about y\n[y]\n"),
        ("[x]\n  b = 0\n", "x.a", "[x]\n  b = 0\n  a = 1\n"),
        ("[x]\n\tb = 0\n[y]\n", "y.a", "[x]\n\tb = 0\n[y]\n\ta = 1\n"),
        ("[x]\nb = [\n  1,\n]\n\n[y]\n", "x.a", "[x]\nb = [\n  1,\n]\na = 1\n\n[y]\n"),
        ("[x]\nb = 0\n\n[y]\n", "x.z.a", "[x]\nb = 0\n\n[x.z]\na = 1\n\n[y]\n"),
        ("[x]\nb = 0\n[y]\n", "x.z.a", "[x]\nb = 0\n[x.z]\na = 1\n[y]\n"),
        ("[x.y]\n", "x.a", "[x]\na = 1\n\n[x.y]\n"),
        ("[x]\ny = {b = 0}\n", "x.z.a", "[x]\ny = {b = 0}\nz = {a = 1}\n"),
        ("x.y = 0\nz = 0\n", "x.a", "x.y = 0\nx.a = 1\nz = 0\n"),
        ("x.y = 0\nz = 0\n", "x.w.a", "x.y = 0\nx.w.a = 1\nz = 0\n"),
        ("[[x]]\nb = 0\n[[x]]\n", "x[0].a", "[[x]]\nb = 0\na = 1\n[[x]]\n"),
        ("[[x]]\n\n[[x]]\n", "x[0].z.a", "[[x]]\n\n[x.z]\na = 1\n\n[[x]]\n"),
        ("[[x]]\nb = 0\n", "x[1].a", "[[x]]\nb = 0\n\n[[x]]\na = 1\n"),
        ("x = {}\n", "x.a", "x = { a = 1 }\n"),
        ("x = {b = 0}\n", "x.a", "x = {b = 0, a = 1}\n"),
        ("x = []\n", "x[0]", "x = [1]\n"),
        ("x = [\n]\n", "x[0]", "x = [\n    1,\n]\n"),
        ("x = [\n  # none\n]\n", "x[0]", "x = [\n  # none\n  1,\n]\n"),
        ("x = [0, ]\n", "x[1]", "x = [0, 1, ]\n"),
        ("x = [\n  0 # c\n]\n", "x[1]", "x = [\n  0, # c\n  1\n]\n"),
        ("x = [\n  0, # c\n]\n", "x[1]", "x = [\n  0, # c\n  1,\n]\n"),
        ("x = [0,\n     0]\n", "x[2]", "x = [0,\n     0,\n     1]\n"),
        ("['a b']\nc = 0\n", "\"a b\".'d.e'", "['a b']\nc = 0\n\"d.e\" = 1\n"),
        ("b = 0\r\n\r\n[x]\r\n", "x.a", "b = 0\r\n\r\n[x]\r\na = 1\r\n"),
        ("[x]\r\nb = 0", "y.a", "[x]\r\nb = 0\r\n\r\n[y]\r\na = 1"),
    ],
)
def test_a_new_entry_goes_where_a_person_would_write_it(text: str, path: str, after: str) -> None:
    assert put(text, path, "1") == after


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ({"b": 1, "c": "d"}, '[a]\nb = 1\nc = "d"\n'),
        ({"b": {"c": 1}, "d": 2}, "[a]\nb = { c = 1 }\nd = 2\n"),
        ({"d": 2, "b": {"c": 1}}, "[a]\nd = 2\n\n[a.b]\nc = 1\n"),
        ({"b": {"c": {"d": 1}}}, "[a.b.c]\nd = 1\n"),
        ({}, "[a]\n"),
        ([], "a = []\n"),
        ([1, "b"], 'a = [1, "b"]\n'),
        ([{"b": 1}, {"b": 2}], "[[a]]\nb = 1\n\n[[a]]\nb = 2\n"),
        ([{"b": 1}, 2], "a = [{ b = 1 }, 2]\n"),
        (["x" * 60, "y" * 60], f'a = [\n    "{"x" * 60}",\n    "{"y" * 60}",\n]\n'),
        ("a\nb", 'a = "a\\nb"\n'),
    ],
)
def test_new_tables_and_arrays_keep_their_order(value: object, after: str) -> None:
    assert edit("", Set("a", value)) == after


def test_a_table_that_is_replaced_keeps_what_it_keeps() -> None:
    text = "# t\n[t]\n# one\na = 1 # first\nb = 2\n\n[t.u]\nc = 3 # third\n\n[v]\n"
    after = edit(text, Set("t", {"a": 5, "d": 4, "u": {"c": 3}}))
    assert after == "# t\n[t]\n# one\na = 5 # first\nd = 4\n\n[t.u]\nc = 3 # third\n\n[v]\n"
    assert edit(text, Set("t", {"u": {"c": 3}, "a": 1})).count("# t\n") == 1


def test_a_table_set_in_another_order_of_keys_keeps_its_lines_and_comments() -> None:
    text = "# top\n[t] # ct\nx = 1 # cx\n\n# about u\n[t.u] # cu\ny = 2 # cy\nz = 3 # cz\n"
    added = edit(text, Set("t", {"x": 1, "u": {"y": 2, "z": 3}, "n": 3}))
    assert added == text.replace("# cx\n", "# cx\nn = 3\n")
    assert edit(text, Set("t", {"u": {"z": 3, "y": 2}, "x": 1})) == text
    assert edit(text, Set("$", {"t": {"u": {"z": 4, "y": 2}, "x": 1}, "s": 1})) == (
        "s = 1\n\n" + text.replace("z = 3", "z = 4")
    )
    dots = "a.b = 1 # cb\na.c = 2 # cc\n"
    assert edit(dots, Set("a", {"c": 5, "b": 1})) == dots.replace("2", "5")
    assert edit("a = {b = 1, c = 2}\n", Set("a", {"c": 2, "b": 1})) == "a = {c = 2, b = 1}\n"


def test_an_array_may_lose_one_entry_and_get_another_in_one_go() -> None:
    text = "x = [1, 2] # c\n"
    assert edit(text, Append("x", (3,)), Unset("x[0]")) == "x = [2, 3] # c\n"
    assert edit(text, Unset("x[0]"), Append("x", (3,))) == "x = [2, 3] # c\n"
    tables = "[[x]]\na = 1\n\n[[x]]\na = 2\n"
    assert edit(tables, Append("x", ({"a": 3},)), Unset("x[0]")) == tables.replace("2", "3").replace("1", "2")


def test_an_array_that_is_replaced_keeps_its_lines() -> None:
    text = "x = [\n  1, # one\n  2, # two\n  3, # three\n]\n"
    assert edit(text, Set("x", [1, 4, 3])) == text.replace("2,", "4,")
    assert edit(text, Set("x", [1, 3])) == text.replace("  2, # two\n", "")
    assert edit(text, Set("x", [1, 2, 9, 3])) == text.replace("two\n", "two\n  9,\n")
    assert edit(text, Set("x", [])) == "x = []\n"


def test_a_merge_adds_and_replaces_entry_by_entry() -> None:
    text = "[a]\nb = 1\nc = [1]\n"
    after = edit(text, Merge("", {"a": {"b": 2, "c": [2], "d": {"e": 3}}}, arrays="append"))
    assert after == "[a]\nb = 2\nc = [1, 2]\n\n[a.d]\ne = 3\n"


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("x = 1\n", "x.y", "x is a number"),
        ("x = [1]\n", "x[3]", "there is no"),
        ("x = [1]\n", "x.y", "there is no"),
        ("[x]\n", "x[0]", "there is no"),
        ("[x]\n", "x", "is an object"),
        ("[[x]]\n", "x[0]", "tables"),
        ("[[x]]\n", "x[1]", "tables"),
    ],
)
def test_a_place_that_cannot_be_is_refused(text: str, path: str, message: str) -> None:
    with pytest.raises(EditError, match=message):
        put(text, path, "1")


def test_force_puts_a_scalar_for_a_table_and_a_table_for_a_scalar() -> None:
    text = "[a]\nx = 1\n\n[b.c]\ny = 2\n\n[b.c.d]\n"
    assert edit(text, Set("b.c", 5, force=True)) == "[a]\nx = 1\n\n[b]\nc = 5\n"
    assert edit(text, Set("a.x.y", 5, force=True)) == text.replace("x = 1", "x = { y = 5 }")
    assert edit("[[a]]\nx = 1\n", Set("a", "b", force=True)) == 'a = "b"\n'
    with pytest.raises(EditError, match="tables"):
        edit("[[a]]\nx = 1\n", Set("a[0]", 1, force=True))
    with pytest.raises(EditError, match="a TOML file is a table"):
        edit("a = 1\n", Set("$", [1], force=True))


# what goes


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        ("a = 1\n", "a", ""),
        ("a = 1 # c\nb = 2\n", "a", "b = 2\n"),
        ("a = 1\nb = 2", "b", "a = 1"),
        ("# c\na = 1\nb = 2\n", "a", "# c\nb = 2\n"),
        ("a = 1\n\nb = 2\n\nc = 3\n", "b", "a = 1\n\nc = 3\n"),
        ("a = 1\n\nb = 2\n", "b", "a = 1\n"),
        ("a = [\n  1,\n]\nb = 2\n", "a", "b = 2\n"),
        ("[x]\na = 1\n\n[y]\n", "x.a", "[x]\n\n[y]\n"),
        ("[x]\na = 1\n\n[y]\n", "x", "[y]\n"),
        ("[x]\na = 1\n\n[y]\n", "y", "[x]\na = 1\n"),
        ("[x]\n[x.z]\n[y]\n[x.w]\n", "x", "[y]\n"),
        ("[x]\na = 1\n\n# about y\n[y]\n", "x", "# about y\n[y]\n"),
        ("# about x\n[x]\na = 1\n\n[y]\n", "x", "# about x\n\n[y]\n"),
        ("x.a = 1\nx.b.c = 2\ny = 3\n", "x", "y = 3\n"),
        ("x = { a = 1, b = 2 }\n", "x.a", "x = { b = 2 }\n"),
        ("x = { a = 1, b = 2 }\n", "x.b", "x = { a = 1 }\n"),
        ("x = { a = 1 }\n", "x.a", "x = {}\n"),
        ("x = { a.b = 1, c = 2, a.d = 3 }\n", "x.a", "x = { c = 2 }\n"),
        ("x = [1, 2, 3]\n", "x[1]", "x = [1, 3]\n"),
        ("x = [1, 2, 3]\n", "x[2]", "x = [1, 2]\n"),
        ("x = [\n  1, # one\n  2  # two\n]\n", "x[1]", "x = [\n  1 # one\n]\n"),
        ("x = [\n  1, # one\n  2, # two\n]\n", "x[0]", "x = [\n  2, # two\n]\n"),
        ("x = [\n  1,\n]\n", "x[0]", "x = []\n"),
        ("[[x]]\na = 1\n\n[[x]]\na = 2\n", "x[0]", "[[x]]\na = 2\n"),
        ("[[x]]\na = 1\n\n[[x]]\na = 2\n", "x", ""),
        ("a = 1\n", "b", "a = 1\n"),
        ("[x]\r\na = 1\r\n\r\n[y]\r\nb = 2\r\n", "y", "[x]\r\na = 1\r\n"),
    ],
)
def test_what_is_unset_goes_with_its_line(text: str, path: str, after: str) -> None:
    assert edit(text, Unset(path)) == after


def test_what_was_added_can_be_taken_out_without_a_trace() -> None:
    text = "# p\n\n[a]\nx = 1\n\n# b\n[b]\ny = [1, 2]\n"
    for path in ("new", "a.new", "a.new.deep", "b.y[2]", "c.new"):
        added = put(text, path, "5")
        gone = "a.new" if path == "a.new.deep" else "c" if path == "c.new" else path
        assert edit(added, Unset(gone)) == text


# hostile values

HOSTILE = [
    'a"b',
    "a'b",
    "a\\b",
    "a\nb",
    "a\r\nb",
    "\t\b\f",
    "\x00\x01\x1f\x7f",
    "${HOME}`id`$(id)",
    '"""',
    "'''",
    "''''''\n",
    "# no comment",
    "]\n[evil]\nx = 1",
    "😀\U0010ffff\ufeff\u2028",
    "",
    " ",
    "x" * 1_000_000,
    "\n" * 1000 + "\\",
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value[:12]))
@pytest.mark.parametrize("old", ['"o"', "'o'", '"""o"""', "'''o'''", '"""\no"""', "1", None, "[]", "{}"])
def test_any_text_comes_out_as_it_went_in(value: str, old: str | None) -> None:
    text = "z = 1 # z\n" if old is None else f"x = {old} # x\n[t]\nz = 1\n"
    path = {"[]": "x[0]", "{}": "x.k"}.get(old or "", "x")
    after = edit(text, Set(path, value))
    found = tomllib.loads(after)["x"]
    assert found in (value, [value], {"k": value})
    assert read(after, "x") == found


@pytest.mark.parametrize("key", [key for key in HOSTILE if len(key) < 100])
def test_any_text_can_be_a_key(key: str) -> None:
    after = edit("[t]\n", Set("t", {key: {key: 1}}))
    assert tomllib.loads(after) == {"t": {key: {key: 1}}}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "no null"),
        ([None], "no null"),
        ("\ud800", "surrogate"),
        (2**63, "64 bits"),
        (Number("9" * 10_000), "64 bits"),
        (Number("1e"), "not a number"),
        (float("nan"), "finite"),
    ],
)
def test_what_toml_cannot_hold_is_refused_in_one_line(value: object, message: str) -> None:
    with pytest.raises(EditError, match=message) as caught:
        edit("[t]\n", Set("t.x", value))
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 200


def test_a_refused_edit_leaves_the_document_alone() -> None:
    document = formats.open_document(b"[t]\na = 1\n", TOML)
    with pytest.raises(EditError, match="no null"):
        document.put(("t",), {"b": Number("2"), "c": None})
    assert document.data == b"[t]\na = 1\n"
    assert document.read(("t",)) == {"a": Number("1")}


def test_a_new_null_is_refused_and_an_old_string_is_not() -> None:
    with pytest.raises(EditError, match="no null"):
        put("", "a", "null")
    assert put('a = "b"\n', "a", "null") == 'a = "null"\n'


def test_an_augeas_expression_is_refused() -> None:
    with pytest.raises(EditError, match="Augeas"):
        apply(b"a = 1\n", [Set("a/b", 1)], TOML, augeas=True)


# cost


@pytest.mark.timeout(60)
def test_many_edits_of_a_large_file_cost_what_one_reading_does() -> None:
    entry = '[[package]]\nname = "p{0}"\nversion = "1.{0}"\nfiles = [\n    {{file = "f", hash = "h{0}"}},\n]\n\n'
    text = "".join(entry.format(number) for number in range(3000))
    edits = [Set(f"package[{number}].version", "2") for number in range(0, 3000, 10)]
    after = edit(text, *edits)
    assert sum(old != new for old, new in zip(text.splitlines(), after.splitlines(), strict=True)) == 300
