"""Pieces put into files that somebody else wrote, and taken out again: all else stays byte for byte."""

import json
import os
import stat
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from devenv.editor.store import Store
from devenv.errors import DevenvError, FileError, ParseError
from devenv.ide import pieces, writing
from devenv.ide.pieces import JsonEntry, JsonItem, JsonValue, OwnFile, Piece, Placed, Section
from devenv.ide.record import Put
from jsontexts import comments_of, strict

VALUE = JsonValue(("remote.SSH.remotePlatform", "hello.devenv"), "linux")
ENTRY = JsonEntry(("ssh", "hosts"), {"host": "hello.devenv", "projects": [{"paths": ["/vagrant"]}]}, by=("host",))
ITEM = JsonItem(("recommendations",), "ms-python.python")
ALL = (VALUE, ENTRY, ITEM)
BOM = b"\xef\xbb\xbf"


def name_of(piece: Piece) -> str:
    return piece.kind.replace(" ", "-")


def value_with(piece: Piece, data: dict[str, Any]) -> dict[str, Any]:
    """Return what a file holds once a piece is in it, worked out without the editor."""
    data = json.loads(json.dumps(data))
    if piece is VALUE:
        data.setdefault("remote.SSH.remotePlatform", {})["hello.devenv"] = "linux"
    elif piece is ENTRY:
        data.setdefault("ssh", {}).setdefault("hosts", []).append(dict(ENTRY.value))
    else:
        data.setdefault("recommendations", []).append("ms-python.python")
    return data


def is_spliced(before: bytes, after: bytes) -> bool:
    """Say whether every byte of before, white space aside, is in after and in its order."""
    rest = iter(after)
    return all(byte in rest for byte in before.translate(None, b" \t\r\n"))


# files that a piece goes into

TAKEN = {
    "not there": None,
    "empty": b"",
    "white space only": b" \r\n\t \n",
    "byte order mark only": BOM,
    "comments only": b"// nothing is set yet\n/* {\n} */\n",
    "comments only, no final newline": b"// nothing is set yet",
    "comments only, with CR LF": b"// one\r\n// two\r\n",
    "empty object": b"{}",
    "empty object with a line": b"{\n}\n",
    "object with a comment alone": b"{\n  // to be filled in\n}\n",
    "comments everywhere": (
        b'/* 0 */ { // 1\n /* 2 */ "a" /* 3 */ : /* 4 */ 1 /* 5 */ , // 6\n'
        b' "ssh": { /* 7 */ "hosts": [ /* 8 */ ] // 9\n } /* 10 */ } // 11\n'
    ),
    "trailing commas": b'{\n  "recommendations": ["a.b",],\n  "ssh": {"hosts": [{"host": "x",},],},\n}\n',
    "CR LF": b'{\r\n  "a": 1, // one\r\n  "recommendations": [\r\n    "a.b"\r\n  ]\r\n}\r\n',
    "byte order mark": BOM + b'{\n  "a": 1\n}\n',
    "duplicate keys": b'{"a": 1, "a": 2, "recommendations": ["x"], "recommendations": ["y"]}\n',
    "tabs": b'{\n\t"a": 1,\n\t"ssh": {\n\t\t"hosts": [\n\t\t\t{\n\t\t\t\t"host": "x"\n\t\t\t}\n\t\t]\n\t}\n}\n',
    "no final newline": b'{\n  "a": 1\n}',
    "one line": b'{"a":1,"recommendations":["x"],"ssh":{"hosts":[]}}',
    "a key with dots": b'{\n  "ssh.hosts": 1,\n  "remote.SSH.remotePlatform": {"other.devenv": "linux"}\n}\n',
    "an array of other types": b'{"recommendations": [1, null, {"a": []}, "x"], "ssh": {"hosts": [7, "hello"]}}\n',
    "text that looks like comments": b'{"a": "// no", "b": "/* no */", "c": ",}"}\n',
    "escapes": b'{"a": "\\u0041\\/\\ud83d\\ude00", "remote\\u002eSSH.remotePlatform": {}}\n',
    "numbers to the letter": b'{"a": 1.10, "b": 1e400, "c": 12345678901234567890123}\n',
    "a comma before each line": b'{ "a": 1\n, "b": 2\n, "recommendations": [ "x"\n, "y" ]\n}\n',
    "indented by three": b'   {\n      "a": 1\n   }\n\n\n',
    "deep": b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}\n",
}


@pytest.mark.parametrize("piece", ALL, ids=name_of)
@pytest.mark.parametrize("before", TAKEN.values(), ids=TAKEN)
def test_a_piece_goes_in_between_what_is_there_and_comes_out_again(before: bytes | None, piece: Piece) -> None:
    after, undo = piece.put(before)
    text = before or b""
    held = strict(text) if text.strip(BOM + b" \r\n\t") and b"{" in comments_cut(text) else {}
    assert strict(after) == value_with(piece, held)
    assert comments_of(after.decode()) == comments_of(text.decode())
    assert is_spliced(text.removeprefix(BOM), after.removeprefix(BOM))
    assert after.startswith(BOM) == text.startswith(BOM)
    if b"\r\n" in text.strip():
        assert b"\n" not in after.replace(b"\r\n", b"")
    assert piece.put(after)[0] == after
    assert pieces.take(piece.kind, after, json.loads(json.dumps(undo))) == before


def comments_cut(text: bytes) -> bytes:
    for comment in comments_of(text.decode()):
        text = text.replace(comment.encode(), b"")
    return text


def test_a_large_file_is_spliced_like_a_small_one() -> None:
    lines = [b'  "key %d": "a value of some length", // comment %d\n' % (at, at) for at in range(100_000)]
    before = b"{\n" + b"".join(lines) + b"}\n"
    assert len(before) > 5_000_000
    after, undo = VALUE.put(before)
    assert is_spliced(before, after)
    assert pieces.take(VALUE.kind, after, undo) == before


def test_what_comes_after_comments_alone_is_in_no_comment() -> None:
    assert VALUE.put(b"// mine")[0].startswith(b"// mine\n{\n")


# files that are left alone

REFUSED: dict[str, tuple[bytes, int, int | None]] = {
    "an array": (b"\n [1]\n", 2, 2),
    "a number": (b"1\n", 1, 1),
    "null": (b"// c\nnull\n", 2, 1),
    "a scalar where an object is": (b'{"remote.SSH.remotePlatform": "linux", "ssh": 1, "recommendations": 0}', 1, 31),
    "an array where an object is": (
        b'{"remote.SSH.remotePlatform": [], "ssh": [], "recommendations": {}}',
        1,
        31,
    ),
    "an object that does not end": (b'{\n  "a": 1\n', 1, 1),
    "no comma": (b'{\n  "a": 1\n  "b": 2\n}', 3, 3),
    "single quotes": (b"{'a': 1}", 1, 2),
    "a key without quotes": (b"{\n  a: 1\n}", 2, 3),
    "two commas": (b'{"a": 1,, "b": 2}', 1, 9),
    "a comma alone": (b"{,}", 1, 2),
    "two values": (b"{}\n{}\n", 2, 1),
    "one brace more": (b'{"a": 1}\n}\n', 2, 1),
    "a comment that does not end": (b'{"a": 1}\n/* and', 2, 1),
    "a text over two lines": (b'{"a": "x\ny"}', 1, 9),
    "a word": (b'{"a": yes}', 1, 7),
    "INI": (b"[section]\nkey = 1\n", 1, 2),
    "YAML": (b"# settings\na: 1\n", 1, 1),
    "a conflict of git": (b'{\n<<<<<<< HEAD\n  "a": 1\n=======\n', 2, 1),
    "UTF-16": ('{"a": 1}\n'.encode("utf-16"), 1, 1),
    "UTF-16 without a mark": ('{"a": 1}\n'.encode("utf-16-le"), 1, 2),
    "a zero byte": (b'{"a": "\0"}', 1, 8),
    "zero bytes": (b"\0" * 4096, 1, 1),
    "Latin-1": (b'{\n  "caf\xe9": 1\n}', 2, 7),
    "two byte order marks": (BOM + BOM + b"{}", 1, 4),
    "too deep": (b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", 1, None),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("piece", ALL, ids=name_of)
def test_a_file_that_is_not_such_is_refused_with_its_place(name: str, piece: Piece) -> None:
    data, line, column = REFUSED[name]
    with pytest.raises(ParseError) as error:
        piece.put(data)
    assert "\n" not in error.value.message
    if column is not None and not name.endswith(" is"):
        # where a value of another kind stands depends on the piece
        assert (error.value.line, error.value.column) == (line, column)
    assert error.value.line > 0
    assert error.value.column > 0


def test_what_is_another_kind_of_value_is_said_by_its_key() -> None:
    data, line, column = REFUSED["a scalar where an object is"]
    with pytest.raises(ParseError, match=r"remotePlatform.* is a string where an editor expects an object") as error:
        VALUE.put(data)
    assert (error.value.line, error.value.column) == (line, column)
    with pytest.raises(ParseError, match="recommendations is a number where an editor expects an array"):
        ITEM.put(data)


# files that are no plain files, through devenv.ide.writing

SETTINGS = b'{\n  // mine\n  "a": 1\n}\n'


class State(NamedTuple):
    mode: int
    link: str | None
    data: bytes | None


def seen(folder: Path) -> dict[str, State]:
    found = {}
    for path in sorted(folder.rglob("*")):
        how = path.lstat()
        data = path.read_bytes() if stat.S_ISREG(how.st_mode) else None
        found[str(path.relative_to(folder))] = State(
            how.st_mode, str(path.readlink()) if path.is_symlink() else None, data
        )
    return found


def put_into(file: Path) -> pieces.Undo:
    (done,) = writing.write(writing.Job([], [(Placed(file, VALUE), None)]), Store())
    return done.undos[VALUE.key]


def take_out_of(file: Path, undo: pieces.Undo) -> None:
    writing.write(writing.Job([(Put(str(file), "user", VALUE.kind, VALUE.key, None), undo)], []), Store())


def test_a_read_only_file_is_replaced_and_stays_read_only(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(SETTINGS)
    file.chmod(0o444)
    undo = put_into(file)
    assert b"linux" in file.read_bytes()
    take_out_of(file, undo)
    assert file.read_bytes() == SETTINGS
    assert stat.S_IMODE(file.stat().st_mode) == 0o444


def test_a_link_stays_one_and_what_it_leads_to_is_changed(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real, file = tmp_path / "dotfiles/code.json", tmp_path / "settings.json"
    real.write_bytes(SETTINGS)
    file.symlink_to("dotfiles/code.json")
    undo = put_into(file)
    assert b"linux" in real.read_bytes()
    take_out_of(file, undo)
    assert file.is_symlink()
    assert real.read_bytes() == SETTINGS


def test_a_file_that_was_not_there_is_made_and_goes_again(tmp_path: Path) -> None:
    file = tmp_path / "new/User/settings.json"
    undo = put_into(file)
    assert strict(file.read_bytes()) == value_with(VALUE, {})
    take_out_of(file, undo)
    assert not file.exists()


def make_hard_link(file: Path) -> None:
    file.write_bytes(SETTINGS)
    os.link(file, file.with_name("other"))


def make_malformed(file: Path) -> None:
    file.write_bytes(b'{"a": 1\n')


ODD = {
    "a link to nothing": lambda file: file.symlink_to("nothing"),
    "a link to itself": lambda file: file.symlink_to(file.name),
    "a link to a folder": lambda file: file.symlink_to("."),
    "two names": make_hard_link,
    "a pipe": os.mkfifo,
    "a folder": lambda file: file.mkdir(),
    "malformed": make_malformed,
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_what_is_no_plain_file_is_refused_and_not_touched(tmp_path: Path, make: Any) -> None:
    file = tmp_path / "settings.json"
    make(file)
    before = seen(tmp_path)
    with pytest.raises((FileError, ParseError)) as error:
        put_into(file)
    assert error.value.message.startswith(str(file))
    assert seen(tmp_path) == before


def test_of_several_files_none_is_changed_when_one_is_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(SETTINGS)
    bad.write_bytes(b'{"a": 1,\n  b: 2}')
    before = seen(tmp_path)
    with pytest.raises(ParseError) as error:
        writing.write(writing.Job([], [(Placed(good, VALUE), None), (Placed(bad, VALUE), None)]), Store())
    assert (error.value.file, error.value.line, error.value.column) == (str(bad), 2, 3)
    assert seen(tmp_path) == before


# what became of the file meanwhile


@pytest.mark.parametrize("piece", ALL, ids=name_of)
def test_what_the_user_added_since_stays_when_the_piece_goes(piece: Piece) -> None:
    after, undo = piece.put(b'{\n  "a": 1, // one\n}\n')
    since = after.replace(b"// one\n", b'// one\n  "b": 2, // two\n')
    assert pieces.take(piece.kind, since, undo) == b'{\n  "a": 1, // one\n  "b": 2, // two\n}\n'


@pytest.mark.parametrize("piece", ALL, ids=name_of)
def test_a_file_that_devenv_made_stays_when_the_user_added_to_it(piece: Piece) -> None:
    after, undo = piece.put(None)
    since = after.replace(b"{", b'{\n  "mine": 1,', 1)
    assert pieces.take(piece.kind, since, undo) == b'{\n  "mine": 1\n}\n'


@pytest.mark.parametrize("piece", ALL, ids=name_of)
def test_a_comment_of_the_user_keeps_a_file_that_devenv_made(piece: Piece) -> None:
    after, undo = piece.put(None)
    taken = pieces.take(piece.kind, b"// mine\n" + after, undo)
    assert taken is not None
    assert taken.startswith(b"// mine\n")


@pytest.mark.parametrize("piece", ALL, ids=name_of)
def test_a_piece_that_the_user_took_out_is_gone_for_good(piece: Piece) -> None:
    _, undo = piece.put(b'{"a": 1}\n')
    for now in (b'{"a": 1}\n', b"{}", b"", b"// c\n", b'{"ssh": 1, "recommendations": {}}'):
        assert pieces.take(piece.kind, now, undo) == now


def test_a_value_that_the_user_changed_is_theirs() -> None:
    after, undo = VALUE.put(b"{}")
    mine = after.replace(b"linux", b"macOS")
    assert pieces.take(VALUE.kind, mine, undo) == mine


def test_true_is_not_one() -> None:
    piece = JsonValue(("a",), True)
    after, undo = piece.put(b'{"b": 2}')
    assert pieces.take(piece.kind, after.replace(b"true", b"1"), undo) == b'{"b": 2, "a": 1}'
    assert piece.put(b'{"a": 1}')[0] == b'{"a": true}'


def test_an_entry_that_the_user_changed_is_theirs() -> None:
    after, undo = ENTRY.put(b"{}")
    mine = after.replace(b"/vagrant", b"/srv")
    assert pieces.take(ENTRY.kind, mine, undo) == mine


def test_what_the_user_added_to_an_entry_stays_when_it_is_put_again() -> None:
    piece = JsonEntry(("c",), {"name": "devenv: attach", "connect": {"port": 5678}, "maps": [1]})
    after, undo = piece.put(b'{"b": 1}')
    mine = after.replace(b'"maps": [1]', b'"env": {"A": "b"}, "maps": [1]').replace(b"5678", b'5678, "host": "x"')
    again, undo_again = piece.put(mine)
    assert again == mine
    for known in (undo, undo_again):
        assert pieces.take(piece.kind, mine, known) == mine
    newer = JsonEntry(piece.steps, {**piece.value, "maps": [2]})
    assert strict(newer.put(mine)[0])["c"] == [
        {"name": "devenv: attach", "connect": {"port": 5678, "host": "x"}, "env": {"A": "b"}, "maps": [2]}
    ]


def test_a_value_that_was_there_comes_back_to_the_letter() -> None:
    piece = JsonValue(("a",), {"x": 1})
    before = b'{"a": [1.10, // kept\n 1e400], "b": 2}'
    after, undo = piece.put(before)
    assert strict(after) == {"a": {"x": 1}, "b": 2}
    assert pieces.take(piece.kind, after, undo) == before
    since = pieces.take(piece.kind, after.replace(b"2}", b"3}"), json.loads(json.dumps(undo)))
    assert since is not None
    assert b"1.10" in since
    assert b"1e400" in since


def test_what_the_user_had_already_stays() -> None:
    for piece, before in (
        (VALUE, b'{"remote.SSH.remotePlatform": {"hello.devenv": "linux"}}'),
        (ENTRY, b'{"ssh": {"hosts": [{"projects": [{"paths": ["/vagrant"]}], "host": "hello.devenv"}]}}'),
        (ITEM, b'{"recommendations": ["ms-python.python"]}'),
        (JsonValue(("a",), 1, keep=True), b'{"a": "mine"}'),
    ):
        after, undo = piece.put(before)
        assert after == before
        assert pieces.take(piece.kind, after, undo) == before


def test_containers_made_for_a_piece_go_with_it_and_others_stay() -> None:
    after, undo = ENTRY.put(b'{"a": 1}')
    since = after.replace(b'"a": 1', b'"a": 2')
    assert pieces.take(ENTRY.kind, since, undo) == b'{"a": 2}'
    after, undo = ENTRY.put(b'{"a": 1, "ssh": {}}')
    since = after.replace(b'"a": 1', b'"a": 2')
    assert pieces.take(ENTRY.kind, since, undo) == b'{"a": 2, "ssh": {}}'


def test_pieces_in_one_file_come_out_in_any_order() -> None:
    before = b'{\n  "a": 1 // one\n}\n'
    data, undos = before, []
    for piece in ALL:
        data, undo = piece.put(data)
        undos.append((piece.kind, undo))
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)):
        taken: bytes | None = data
        for at in order:
            assert taken is not None
            taken = pieces.take(undos[at][0], taken, undos[at][1])
        assert taken is not None
        assert strict(taken) == {"a": 1}
        assert comments_of(taken.decode()) == ["// one"]


def test_pieces_have_keys_that_tell_them_apart() -> None:
    others = [JsonValue(("remote.SSH.remotePlatform.hello.devenv",), 1), JsonItem(("recommendations",), "x")]
    assert len({piece.key for piece in (*ALL, *others)}) == 5


# whole files


def test_a_file_of_devenv_s_own_goes_unless_somebody_changed_it() -> None:
    data, undo = OwnFile("#!/bin/sh\n").put(None)
    assert data == b"#!/bin/sh\n"
    assert pieces.take("file", data, undo) is None
    assert pieces.take("file", data + b"x", undo) == data + b"x"


def test_every_kind_of_piece_is_known_by_its_word() -> None:
    for piece in (*ALL, Section("a", ()), OwnFile("")):
        data, undo = piece.put(None)
        assert pieces.take(piece.kind, data, json.loads(json.dumps(undo))) is None


def test_refusals_are_errors_that_the_command_line_knows() -> None:
    assert issubclass(ParseError, DevenvError)
    assert ParseError.code == 5


@pytest.mark.parametrize("before", [b"// mine", b"{\n}", b' \n{ "a": 1\n, "b": 2 }', b"\n\n", b'{"ssh": {} }'])
def test_set_up_many_times_and_removed_the_file_is_as_it_was(tmp_path: Path, before: bytes) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(before)
    undos: dict[str, pieces.Undo] = {}
    for _ in range(3):
        job = writing.Job([], [(Placed(file, piece), undos.get(piece.key)) for piece in ALL])
        (done,) = writing.write(job, Store())
        undos = json.loads(json.dumps(done.undos))
    out = [(Put(str(file), "user", piece.kind, piece.key, None), undos[piece.key]) for piece in ALL]
    writing.write(writing.Job(out, []), Store())
    assert file.read_bytes() == before
