"""What holds for any value of a directive of httpd."""

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devenv.editor import engine, formats, keypath
from devenv.editor.document import Document, Steps
from devenv.editor.edits import Append, Edit, Set, Unset
from devenv.editor.trees import httpdwords
from devenv.editor.values import Untyped
from devenv.errors import EditError

FMT = formats.of_lens("Httpd")
TEXT = b"""\
# all
ServerRoot "/etc/apache2"
Listen 80
listen 81
LoadModule a_module modules/a.so
ErrorDocument 404 /missing
ErrorDocument 500 "It \\"broke\\""
<VirtualHost *:80 *:81>
\tDocumentRoot /var/www   # no comment
\tCustomLog a  combined
\t<Directory "/my dir">
\t\tOptions Indexes 'Follow'
\t\tNothing
\t</Directory>
\tSSLRequire %{A} in {"a", b}
</VirtualHost>
<RequireAny>
\tRequire ip 10
</RequireAny>
"""
VALUES = st.one_of(
    st.text(max_size=10),
    st.text(alphabet="ab \"'\\{}<>#,\t", max_size=8),
    st.text(alphabet=string.printable, max_size=10),
    st.sampled_from(['"a b"', '"a" b', "a\\ b", "{a, b}", ">=", "a\\", '"', "it's", "[a-z]\\.\\d+$", "${X}"]),
)
KEYS = st.sampled_from(["ServerName", "Header", "Mutex", "Options", "RewriteRule"])


def applied(edits: list[Edit], text: bytes = TEXT) -> bytes | None:
    """Return the text after edits; None when they are refused, in one line that does not ask for a report."""
    try:
        return engine.apply(text, edits, FMT).data
    except EditError as exc:
        message = exc.message
    assert "\n" not in message
    assert "given up" not in message, message
    return None


def leaves(document: Document, steps: Steps) -> list[Steps]:
    if document.kind(steps) not in ("object", "array"):
        return [steps]
    return [leaf for entry in document.entries(steps) for leaf in leaves(document, (*steps, entry))]


BEFORE: Any = formats.open_document(TEXT, FMT)
PLACES = leaves(BEFORE, ())


@pytest.mark.slow
@settings(max_examples=150)
@given(st.sampled_from(PLACES), VALUES)
def test_a_value_goes_in_and_comes_out_or_is_refused_and_nothing_else_changes(steps: Steps, value: str) -> None:
    edit = Set(keypath.spelled(steps), Untyped(value))
    done = applied([edit])
    if done is None:
        return
    after: Any = formats.open_document(done, FMT)
    have = after.read(steps)
    words = [httpdwords.meant(word) for word in httpdwords.split(value)]
    assert have in (value, words) or [have] == words
    if have != value:
        assert len(words) > 1 or value[:1] in "\"'"
    for other in PLACES:
        if other != steps:
            assert after.read(other) == BEFORE.read(other)
    assert engine.apply(done, [edit], FMT).data == done


@pytest.mark.slow
@settings(max_examples=100)
@given(st.sampled_from([(), ("VirtualHost",), ("VirtualHost", "Directory"), ("RequireAny",)]), KEYS, VALUES)
def test_a_directive_that_is_made_and_taken_out_again_leaves_the_text_as_it_was(
    parent: Steps, key: str, value: str
) -> None:
    steps: Steps = (*parent, key)
    if BEFORE.find(steps):
        return
    done = applied([Set(keypath.spelled(steps), Untyped(value))])
    if done is not None:
        assert applied([Unset(keypath.spelled(steps))], done) == TEXT


@pytest.mark.slow
@settings(max_examples=100)
@given(KEYS, st.lists(VALUES, min_size=1, max_size=3), st.booleans())
def test_words_of_an_array_come_out_as_they_went_in(key: str, words: list[str], new: bool) -> None:
    steps: Steps = ("VirtualHost", "Directory", key if new else "options")
    done = applied([Set(keypath.spelled(steps), list(words))])
    if done is None:
        assert any(char in "\n\r\0" or "\ud800" <= char <= "\udfff" for word in words for char in word)
        return
    have = formats.open_document(done, FMT).read(steps)
    assert have == (words if len(words) > 1 else words[0])


@pytest.mark.slow
@settings(max_examples=60)
@given(st.sampled_from(["Listen", "LoadModule", "ErrorDocument", "New"]), st.lists(VALUES, min_size=2, max_size=3))
def test_what_is_appended_is_a_line_after_the_others_of_its_name(name: str, words: list[str]) -> None:
    done = applied([Append(name, (list(words),))])
    if done is None:
        return
    after: Any = formats.open_document(done, FMT).read((name,))
    assert after == words or after[-1] == words
    assert len(done.splitlines()) == len(TEXT.splitlines()) + 1
    assert applied([Append(name, (list(words),), unique=True)], done) == done


@settings(max_examples=300)
@given(VALUES, st.sampled_from(["", '"x"', "'x'"]), st.sampled_from(["directive", "wordlist", "Directory"]))
def test_a_word_means_the_text_it_was_written_for(text: str, old: str, above: str) -> None:
    try:
        word = httpdwords.written(text, old, above=above)
    except EditError:
        assert "\n" in text
        return
    assert httpdwords.split(word) == [word]
    assert httpdwords.meant(word) == text
    assert not httpdwords.is_open(word)
