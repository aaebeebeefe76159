"""What holds for any text and any value of a file that is read with a lens."""

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devenv.editor import engine, formats, keypath
from devenv.editor.document import Document, Format, Steps
from devenv.editor.edits import Set, Unset
from devenv.editor.trees.iniparse import IniParsed
from devenv.editor.trees.parse import Parsed, Trail
from devenv.editor.values import Untyped
from devenv.errors import EditError, ParseError

LINES = st.sampled_from(
    [
        *(b"[a]", b"[ b c ] ; x", b"[x[y]z]", b"[x", b"[]", b"[#a]", b"[a]b", b"[a];c", b"[a] # c"),
        *(b"k=v", b"k = v ; c", b"  k = v", b"\tk: v # c", b"k =", b"k= ; c", b"key", b"key ; c", b"a b = c", b"= x"),
        *(b'k = "a ; b" c', b'k="abc', b"k = 'x'y ; z", b"k='", b'k="" ; d', b"k = #fff", b"k = # c", b"k = a #b"),
        *(b"k==v", b"k=v=", b"k:=v", b"k ;c", b"k=;x", b"k #", b"k=v ;", b"k=v # ", b"]x", b"k=\a", b"k=\a ; c"),
        *(b"[a] ; b]", b"a;b#c = d", b'k = "a', b"    k = v", b"=\a", b"k=\ax", b"k#=\a"),
        *(b"# c", b";", b"  # c d ", b"## x", b";# y", b"", b"  ", b"  more of it", b"\xc3\xa9=\xc3\xa4", b"k=\xff"),
    ]
)
TEXTS = st.one_of(
    st.lists(LINES, max_size=9).map(b"\n".join), st.text(alphabet="ab =:;#[]\"'\t\n", max_size=30).map(str.encode)
)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Ini.lns", "Configparser.lns"])
@settings(max_examples=250)
@given(TEXTS)
def test_ini_is_read_as_its_lens_reads_it(name: str, text: bytes) -> None:
    text = text if text.endswith(b"\n") else text + b"\n"
    try:
        lens = Parsed(name, text)
    except ParseError:
        lens = None
    try:
        ours = IniParsed(name, text)
    except ParseError as exc:
        ours = None
        if exc.reason.startswith("indented deeper"):
            # no lens can count
            assert name == "Configparser.lns"
            return
    assert (ours is None) == (lens is None)
    if ours is not None and lens is not None:
        assert ours.root == lens.root
        assert [ours.span(trail) for trail in trails(ours)] == [lens.span(trail) for trail in trails(lens)]


@settings(max_examples=300)
@given(TEXTS, TEXTS, st.sampled_from(["Ini.lns", "Configparser.lns"]), st.data())
def test_ini_read_near_another_text_is_what_it_is_read_alone(
    one: bytes, added: bytes, name: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(one)))
    other = one[:at] + added + one[at + data.draw(st.integers(0, 3)) :]
    try:
        near = IniParsed("Ini.lns", one)
    except ParseError:
        near = None
    assert said(name, other, near) == said(name, other, None)


def said(name: str, text: bytes, near: Parsed | None) -> tuple[object, ...]:
    """Return the tree of a text with the places of its nodes, or where it cannot be read."""
    try:
        parsed = IniParsed(name, text, near)
    except ParseError as exc:
        return exc.line, exc.column
    return parsed.root, [parsed.span(trail) for trail in trails(parsed)]


def trails(parsed: Parsed, trail: Trail = ()) -> list[Trail]:
    below = [(*trail, index) for index in range(len(parsed.at(trail).children))]
    return [found for at in below for found in (at, *trails(parsed, at))]


FILES = {
    "app.ini": "; top\n[a]\nk = v ; said\nlist =\n    one\n    two\n\n[b]\nx: 1\n",
    "etc/hosts": "127.0.0.1 localhost lo\n# here\n10.0.0.5 box\n",
    "sshd_config": "# all\nPort 22\nAcceptEnv LANG LC_*\nMatch User a\n  PermitTTY no\n",
    ".ssh/config": "Host a\n  User b\n\nHost *\n  Port 22\n",
    "nginx.conf": "user x;\nhttp {\n  server {\n    listen 80; # here\n  }\n}\n",
    "app.service": "[Unit]\nAfter=a b\n[Service]\nType=simple\n",
    "my.cnf": "[mysqld]\nport = 1\nquick\n",
    "sysctl.conf": "# a\nvm.swappiness = 10\n",
    ".npmrc": "registry=https://a.example.org/\nca[]=one\n",
    "pom.xml": "<?xml version='1.0'?>\n<p a='1'>\n  <!-- c -->\n  <v>1 &amp; 2</v>\n  <w/>\n</p>\n",
}
VALUES = st.one_of(
    st.text(max_size=12),
    st.text(alphabet=string.printable, max_size=12),
    st.sampled_from(
        [
            "A=1",
            "A=1 B=2",
            "/a -b c",
            "a b",
            "a;b",
            "a ; b",
            "#x",
            "# x",
            '"',
            "'a",
            "\n",
            "a\nb = c",
            "${X}",
            "`id`",
            "\\",
            "]",
            "{",
            "<",
        ]
    ),
)


@pytest.mark.slow
@settings(max_examples=120)
@given(st.sampled_from(sorted(FILES)), st.integers(0, 50), VALUES)
def test_a_value_goes_in_and_comes_out_or_is_refused_and_nothing_else_changes(
    name: str, number: int, value: str
) -> None:
    fmt, text = formats.of_file(name), FILES[name].encode()
    before = formats.open_document(text, fmt)
    places = leaves(before, ())
    steps = places[number % len(places)]
    done = edited(text, steps, value, fmt)
    if done is None:
        return
    after: Any = formats.open_document(done, fmt)
    # a lens may take it apart, and then it is the text behind the key
    assert after.same(after.read(steps), value)
    for other in places:
        if other != steps:
            assert after.read(other) == before.read(other)
    assert engine.apply(done, [Set(keypath.spelled(steps), Untyped(value))], fmt).data == done


PARENTS: dict[str, Steps] = {
    "app.ini": ("a",),
    "sysctl.conf": (),
    ".npmrc": (),
    "pom.xml": ("p",),
    "app.service": ("Service",),
    "sshd_config": (),
    "my.cnf": ("mysqld",),
}
KEYS = st.one_of(
    st.sampled_from(["Environment", "ExecStart", "After", "AllowUsers", "Ciphers", "Match", "Subsystem"]),
    st.text(alphabet=string.ascii_letters, min_size=1, max_size=6),
    st.text(min_size=1, max_size=4),
)


@pytest.mark.slow
@settings(max_examples=80)
@given(st.sampled_from(sorted(PARENTS)), KEYS, VALUES)
def test_a_key_that_is_made_and_taken_out_again_leaves_the_text_as_it_was(name: str, key: str, value: str) -> None:
    fmt, text = formats.of_file(name), FILES[name].encode()
    steps: Steps = (*PARENTS[name], key)
    if formats.open_document(text, fmt).find(steps):
        return
    done = edited(text, steps, value, fmt)
    if done is None:
        return
    after: Any = formats.open_document(done, fmt)
    assert after.same(after.read(after.find(steps)[0]), value)
    assert engine.apply(done, [Unset(keypath.spelled(steps))], fmt).data == text


def edited(text: bytes, steps: Steps, value: str, fmt: Format) -> bytes | None:
    """Return the text with a value set; None when the value is refused, in one line that does not ask for a report."""
    try:
        return engine.apply(text, [Set(keypath.spelled(steps), Untyped(value))], fmt).data
    except EditError as exc:
        message = exc.message
    assert "\n" not in message
    assert "given up" not in message, message
    return None


def leaves(document: Document, steps: Steps) -> list[Steps]:
    if document.kind(steps) not in ("object", "array"):
        return [steps]
    return [leaf for entry in document.entries(steps) for leaf in leaves(document, (*steps, entry))]


OPTIONS = st.sampled_from(["rw", "nofail", "uid=5", "gid=6", "x-a.b=/c", "errors=remount-ro"])


@pytest.mark.slow
@settings(max_examples=60)
@given(st.lists(OPTIONS, min_size=1, max_size=4), st.integers(0, 3), OPTIONS)
def test_an_option_that_is_replaced_leaves_nothing_of_itself(options: list[str], number: int, new: str) -> None:
    index = number % len(options)
    wanted = [*options[:index], new, *options[index + 1 :]]
    before, after = (f"/dev/a /b ext4 {','.join(some)} 0 1\n".encode() for some in (options, wanted))
    fmt = formats.of_file("fstab")
    for edit in (Set(f"[0].opt[{index}]", Untyped(new)), Set("[0].opt", list(wanted))):
        assert engine.apply(before, [edit], fmt).data == after
    if len(wanted) > 1:
        assert engine.apply(before, [Set("[0].opt", Untyped(",".join(wanted)))], fmt).data == after
