"""What holds for any value of a Vagrantfile, a Dockerfile, an .npmrc, a .env or a file of nginx."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from devenv.editor import engine, formats, quoting, ruby
from devenv.editor.edits import Set
from devenv.editor.trees.marked import nginx_mark
from devenv.editor.values import Number, Untyped, kind_of
from devenv.errors import EditError

WORDS = st.one_of(
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=12),
    st.text(alphabet="\\'\"#{}$@:;[] \n\t1.-eafbz", max_size=12),
)
OLD = st.sampled_from([None, "'a'", '"b"', "1", "1.5", ":c", "true", "nil", "['a', 1]", "ENV['X']"])


@given(WORDS, OLD, st.sampled_from(["'", '"']))
def test_a_string_is_a_string_of_ruby_whatever_it_looks_like(text: str, old: str | None, quote: str) -> None:
    written = ruby.encode("a.b", text, old, quote=quote)
    assert written[0] == written[-1]
    assert written[0] in "'\""
    assert "\n" not in written
    read = ruby.decode("a.b", written)
    assert (read, kind_of(read)) == (text, "string")


@given(WORDS, OLD)
def test_a_text_of_any_kind_reads_back_as_it_was_meant(text: str, old: str | None) -> None:
    assert ruby.agrees(ruby.decode("a.b", ruby.encode("a.b", Untyped(text), old)), Untyped(text))


@given(st.integers() | st.decimals(allow_nan=False, allow_infinity=False).map(float), OLD)
def test_a_number_is_a_number_of_ruby(number: float, old: str | None) -> None:
    written = ruby.encode("a.b", Number(repr(number)), old)
    assert (written, kind_of(ruby.decode("a.b", written))) == (repr(number), "number")


@given(WORDS, st.sampled_from(["; #", " } }", "\nlisten 1;"]))
def test_words_of_nginx_that_are_let_through_end_where_they_end(text: str, after: str) -> None:
    # what follows is a mark that is outside of all quotes, and seen as one
    if nginx_mark(text) is None:
        assert nginx_mark(f"{text} {after.strip()}") is not None


@settings(max_examples=40, deadline=None)
@given(st.lists(WORDS, max_size=3))
def test_words_of_an_exec_form_come_out_as_they_went_in(words: list[str]) -> None:
    fmt = formats.named("dockerfile")
    try:
        done = engine.apply(b"FROM a\nCMD b\n", [Set("CMD", words)], fmt).data
    except EditError:
        return
    assert done.count(b"\n") == 2
    assert json.loads(str(formats.open_document(done, fmt).read(("CMD",)))) == words
    assert engine.apply(done, [Set("CMD", words)], fmt).data == done


def test_one_word_in_shell_form_and_in_exec_form_are_two_things() -> None:
    fmt = formats.named("dockerfile")
    text = b"FROM a\nCMD b\nEXPOSE 80\n"
    assert engine.apply(text, [Set("CMD", ["b"])], fmt).data == b'FROM a\nCMD ["b"]\nEXPOSE 80\n'
    assert not engine.apply(text, [Set("EXPOSE", ["80"])], fmt).changed


@given(WORDS, st.sampled_from([None, "a", "'a'", '"a"', "a\\;b"]))
def test_a_value_of_npm_or_of_a_variable_reads_back_as_it_was_meant(text: str, old: str | None) -> None:
    for lens in ("Npmrc.lns", "Dotenv.lns"):
        written = quoting.encode(lens, "x", text, old)
        assert quoting.decode(lens, "x", written) == text
        assert "\n" not in written or written[0] == "'"
