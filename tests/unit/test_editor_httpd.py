"""Words of httpd, and directives by their names."""

import pytest

from devenv.editor import engine, formats
from devenv.editor.document import Steps
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.trees import httpdwords
from devenv.editor.values import Untyped
from devenv.errors import EditError

FMT = formats.of_lens("Httpd")
SITE = b"""\
ServerRoot "/etc/apache2"
LoadModule a_module modules/a.so
<VirtualHost *:80>
	DocumentRoot /var/www/html
	<Directory "/var/www">
		Options Indexes
	</Directory>
</VirtualHost>
"""


def edited(text: bytes, *edits: Edit) -> str:
    return engine.apply(text, list(edits), FMT).data.decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a", ["a"]),
        ("a b", ["a", "b"]),
        ("a\tb", ["a", "b"]),
        ('"a b"', ['"a b"']),
        ("'a'b", ["'a'", "b"]),
        (r'"a \" b"', [r'"a \" b"']),
        (r'"a\\"b', [r'"a\\"', "b"]),
        ('"a b', ['"a b']),
        (" ", []),
        ("a'b'", ["a'b'"]),
        ("a\xa0b", ["a\xa0b"]),
    ],
)
def test_a_line_is_taken_apart_as_httpd_does(text: str, words: list[str]) -> None:
    assert httpdwords.split(text) == words


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("a", "a"),
        (r"a\b", r"a\b"),
        (r"a\\b", r"a\b"),
        ('"a b"', "a b"),
        (r'"\.php$"', r"\.php$"),
        (r'"a\"b\\"', 'a"b\\'),
        (r"'a\'b\"'", "a'b\\\""),
        ('"a \\\n b"', "a  b"),
        ('"a b', "a b"),
        ('""', ""),
    ],
)
def test_what_a_word_means_is_what_stands_in_its_quotes(word: str, meant: str) -> None:
    assert httpdwords.meant(word) == meant


@pytest.mark.parametrize(
    ("text", "old", "word"),
    [
        ("a", "", "a"),
        ("a", '"b"', '"a"'),
        ("a", "'b'", "'a'"),
        ("it's", "'b'", r"'it\'s'"),
        ("a b", "", '"a b"'),
        ("", "", '""'),
        ('"', "", r'"\""'),
        ("{a", "", '"{a"'),
        ("a\\", "", r'"a\\"'),
        (r"\\a \d", "", r'"\\\a \d"'),
        (r"^\.ht$", "", r"^\.ht$"),
        (r"a\\b", "", r'"a\\\b"'),
    ],
)
def test_a_word_is_written_so_that_it_means_the_text(text: str, old: str, word: str) -> None:
    assert httpdwords.written(text, old) == word
    assert httpdwords.meant(word) == text


@pytest.mark.parametrize("word", ['"', "'", '"a', r'"a\"', "'a\\'"])
def test_a_quote_without_an_end_is_found(word: str) -> None:
    assert httpdwords.is_open(word)


@pytest.mark.parametrize("word", ["a", '""', "a'", r'"a\\"', "'a'"])
def test_a_word_that_ends_is_not_open(word: str) -> None:
    assert not httpdwords.is_open(word)


@pytest.mark.parametrize(
    "steps",
    [
        ("VirtualHost", "DocumentRoot"),
        ("virtualhost", "documentroot"),
        ("VirtualHost", 0, "DocumentRoot", 0),
        ("VirtualHost", "DocumentRoot", "arg"),
        ("VirtualHost", "directive", "arg"),
    ],
)
def test_a_directive_is_found_by_its_name_in_any_case_and_as_the_lens_has_it(steps: Steps) -> None:
    document = formats.open_document(SITE, FMT)
    (found,) = document.find(steps)
    assert document.read(found) == "/var/www/html"


def test_a_section_without_anything_is_an_object() -> None:
    document = formats.open_document(b"<RequireAll>\n</RequireAll>\n", FMT)
    assert document.read(()) == {"RequireAll": {}}
    assert document.kind(("RequireAll",)) == "object"


def test_a_section_is_made_once_it_is_told_of_what_in_either_order() -> None:
    inside, of_what = Set("Location.Require", Untyped("all denied")), Set("Location.arg", Untyped("/x"))
    made = "<Location /x>\n    Require all denied\n</Location>\n"
    assert edited(b"", inside, of_what) == edited(b"", of_what, inside) == made
    with pytest.raises(EditError, match="Location is a section, and what it is for is missing"):
        edited(b"", inside)


def test_a_value_that_is_refused_makes_no_name_with_a_dot() -> None:
    with pytest.raises(EditError, match="several words"):
        edited(b"", Set("Directory.arg", Untyped("/my dir")))


def test_merge_changes_what_it_names_and_leaves_the_rest() -> None:
    value = {"ServerName": "x", "Directory": {"AllowOverride": "All"}}
    changed = edited(SITE, Merge("VirtualHost", value))
    assert changed == SITE.decode().replace("html\n", "html\n\tServerName x\n").replace(
        "Indexes\n", "Indexes\n\t\tAllowOverride All\n"
    )
    assert edited(changed.encode(), Merge("VirtualHost", value)) == changed


def test_one_more_of_a_directive_with_several_arguments_is_a_line() -> None:
    line = "LoadModule b_module modules/b.so\n"
    for value in ("b_module modules/b.so", ["b_module", "modules/b.so"]):
        changed = edited(SITE, Append("LoadModule", (value,)))
        assert changed == SITE.decode().replace("a.so\n", f"a.so\n{line}")
        assert edited(changed.encode(), Append("LoadModule", (value,), unique=True)) == changed


def test_one_more_of_a_directive_that_is_a_list_is_an_argument() -> None:
    changed = edited(SITE, Append("VirtualHost.Directory.Options", (Untyped("FollowSymLinks"),)))
    assert changed == SITE.decode().replace("Options Indexes\n", "Options Indexes FollowSymLinks\n")


def test_taking_out_a_directive_leaves_others_of_its_section() -> None:
    assert edited(SITE, Unset("VirtualHost.DocumentRoot")) == SITE.decode().replace(
        "\tDocumentRoot /var/www/html\n", ""
    )


@pytest.mark.parametrize("value", ['"a b', "'a", 'x "a', "a\nb", "a\0"])
@pytest.mark.parametrize("path", ["VirtualHost.DocumentRoot", "VirtualHost.ServerName", "VirtualHost.arg"])
def test_what_httpd_would_not_read_as_it_is_meant_is_refused(path: str, value: str) -> None:
    with pytest.raises(EditError) as caught:
        edited(SITE, Set(path, Untyped(value)))
    assert "\n" not in str(caught.value)


def test_a_change_of_another_directive_is_not_overlooked() -> None:
    one = formats.open_document(b"Listen 80\nTimeout 1\n", FMT)
    other = formats.open_document(b"Listen 81\nTimeout 2\n", FMT)
    with pytest.raises(EditError, match=r"it would change directive\.timeout\.arg as well"):
        other.verify(one, [("Listen",)])


def test_a_comment_is_changed_when_it_is_named() -> None:
    text = b"<VirtualHost *:80>\n\t# old\n\tServerName x\n</VirtualHost>\n"
    assert edited(text, Set("VirtualHost.#comment", Untyped("new"))) == text.decode().replace("old", "new")


@pytest.mark.parametrize("augeas", [False, True])
def test_what_the_lens_calls_it_is_changed_by_an_expression(augeas: bool) -> None:
    edit = Set('VirtualHost/directive[. = "DocumentRoot"]/arg', Untyped("/srv"))
    assert engine.apply(SITE, [edit], FMT, augeas=augeas).data == SITE.replace(b"/var/www/html", b"/srv")


def test_a_first_directive_is_as_far_in_as_the_comments_of_its_section() -> None:
    text = b"<IfModule a>\n\t# none\n</IfModule>\n<IfModule b>\n    Timeout 1\n</IfModule>\n"
    assert edited(text, Set("IfModule[0].Timeout", Untyped("2"))) == text.decode().replace(
        "none\n", "none\n\tTimeout 2\n"
    )
