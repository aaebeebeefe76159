"""Pieces into files and out of them: all of them or none, and nothing that was not there before stays behind."""

import itertools
import stat
from pathlib import Path

import pytest

from devenv.editor.store import ReadOnlyStore, Store
from devenv.errors import ConflictError, EditError, FileError, ParseError
from devenv.ide import writing
from devenv.ide.pieces import JsonEntry, JsonItem, JsonValue, OwnFile, Piece, Placed, Section, Undo
from devenv.ide.record import Put

LINES = Section("one", ("set a",), '"')
MORE = Section("two", ("set b",), '"')
VALUE = JsonValue(("a.b", "c"), 1)


def write(*placed: Placed, last: dict[str, Undo] | None = None, force: bool = False) -> dict[str, Undo]:
    """Put pieces in; return the undo of each by its key."""
    job = writing.Job([], [(each, (last or {}).get(each.piece.key)) for each in placed], force)
    return {key: undo for done in writing.write(job, Store()) for key, undo in done.undos.items()}


def gone(placed: Placed, undo: Undo) -> tuple[Put, Undo]:
    return Put(str(placed.file), placed.scope, placed.piece.kind, placed.piece.key, None), undo


def take(*out: tuple[Put, Undo]) -> None:
    writing.write(writing.Job(list(out), []), Store())


def everything(folder: Path) -> list[tuple[str, bytes | None, int]]:
    return [
        (str(path.relative_to(folder)), path.read_bytes() if path.is_file() else None, path.stat().st_mode)
        for path in sorted(folder.rglob("*"))
    ]


# all or none


@pytest.mark.parametrize("bad", range(3))
def test_when_one_file_is_malformed_no_other_is_touched_and_no_folder_made(tmp_path: Path, bad: int) -> None:
    placed = [
        Placed(tmp_path / "settings.json", VALUE),
        Placed(tmp_path / "new/folder/vimrc", LINES),
        Placed(tmp_path / "own/launch.json", JsonEntry(("list",), {"name": "x"})),
    ]
    broken = Placed(tmp_path / "broken.json", VALUE)
    broken.file.write_text('{\n  "a": [}\n')
    placed.insert(bad, broken)
    before = everything(tmp_path)
    for act in (writing.rehearse, writing.write):
        with pytest.raises(ParseError) as error:
            act(
                writing.Job([], [(each, None) for each in placed]),
                ReadOnlyStore() if act is writing.rehearse else Store(),
            )
        assert (error.value.file, error.value.line, error.value.column) == (str(broken.file), 2, 9)
    assert everything(tmp_path) == before


def test_a_value_of_another_kind_is_an_error_that_names_its_file(tmp_path: Path) -> None:
    placed = Placed(tmp_path / "settings.json", JsonItem(("list",), "x"))
    placed.file.write_text('{"list": {}}')
    with pytest.raises((EditError, ParseError), match=r"settings\.json"):
        write(placed)
    assert placed.file.read_text() == '{"list": {}}'


def test_a_folder_that_cannot_be_made_leaves_none_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    placed = [Placed(tmp_path / "new/vimrc", LINES), Placed(tmp_path / "file/inner/vimrc", LINES)]
    before = everything(tmp_path)
    with pytest.raises(FileError, match="file/inner cannot be made"):
        write(*placed)
    assert everything(tmp_path) == before


def test_a_file_changed_while_it_is_replaced_stays_as_it_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = [Placed(tmp_path / "a.json", VALUE), Placed(tmp_path / "b.json", VALUE)]
    for each in placed:
        each.file.write_text("{}\n")
    real = writing._changes

    def late(found: object) -> object:
        placed[1].file.write_text('{"mine": 1}\n')
        return real(found)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "_changes", late)
    with pytest.raises(ConflictError, match=r"b\.json"):
        write(*placed)
    assert [each.file.read_text() for each in placed] == ["{}\n", '{"mine": 1}\n']


def test_a_file_is_removed_only_as_it_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = Placed(tmp_path / "vimrc", LINES)
    undos = write(placed)
    real = writing._changes

    def late(found: object) -> object:
        placed.file.write_text("mine\n")
        return real(found)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "_changes", late)
    with pytest.raises(ConflictError, match="vimrc"):
        take(gone(placed, undos["one"]))
    assert placed.file.read_text() == "mine\n"


# whole files of devenv's own


def test_a_file_of_somebody_elses_is_not_overwritten_unless_forced(tmp_path: Path) -> None:
    placed = Placed(tmp_path / "bin/python", OwnFile("#!/bin/sh\n", executable=True), "own")
    placed.file.parent.mkdir()
    placed.file.write_text("mine\n")
    with pytest.raises(ConflictError, match="was made by somebody else") as error:
        write(placed)
    assert "--force" in (error.value.hint or "")
    assert placed.file.read_text() == "mine\n"
    write(placed, force=True)
    assert placed.file.read_text() == "#!/bin/sh\n"


def test_a_file_of_ours_that_was_changed_is_not_overwritten_unless_forced(tmp_path: Path) -> None:
    first, second = (Placed(tmp_path / "python", OwnFile(text), "own") for text in ("one\n", "two\n"))
    undos = write(first)
    undos = write(second, last=undos)
    assert second.file.read_text() == "two\n"
    second.file.write_text("mine\n")
    with pytest.raises(ConflictError, match="was changed since"):
        write(first, last=undos)
    take(gone(second, undos["file"]))
    assert second.file.read_text() == "mine\n"
    undos = write(first, last=undos, force=True)
    take(gone(first, undos["file"]))
    assert not first.file.exists()


def test_a_program_can_be_started_and_is_made_so_again(tmp_path: Path) -> None:
    placed = Placed(tmp_path / "python", OwnFile("#!/bin/sh\n", executable=True), "own")
    undos = write(placed)
    assert placed.file.stat().st_mode & 0o111 == 0o111
    placed.file.chmod(0o600)
    write(placed, last=undos)
    assert placed.file.stat().st_mode & 0o111 == 0o111
    write(Placed(tmp_path / "text", OwnFile("x"), "own"))
    assert (tmp_path / "text").stat().st_mode & 0o111 == 0


# backups


@pytest.mark.parametrize(("scope", "kept"), [("user", True), ("project", False), ("own", False)])
def test_only_the_users_own_files_are_backed_up_and_only_when_they_change(
    tmp_path: Path, scope: str, kept: bool
) -> None:
    placed = Placed(tmp_path / "vimrc", LINES, scope)
    placed.file.write_text("mine\n")
    undos = write(placed)
    write(placed, last=undos)
    backups = [path.read_text() for path in tmp_path.glob("vimrc.~*~")]
    assert backups == (["mine\n"] if kept else [])


def test_a_file_that_was_not_there_has_no_backup(tmp_path: Path) -> None:
    write(Placed(tmp_path / "vimrc", LINES, "user"))
    assert [path.name for path in tmp_path.iterdir()] == ["vimrc"]


# folders


def test_folders_that_were_made_go_with_the_last_file_in_them(tmp_path: Path) -> None:
    one, two = Placed(tmp_path / "a/b/c/vimrc", LINES), Placed(tmp_path / "a/b/d/vimrc", MORE)
    undos = write(one, two)
    take(gone(one, undos["one"]))
    assert sorted(path.name for path in (tmp_path / "a/b").iterdir()) == ["d"]
    take(gone(two, undos["two"]))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_a_file_of_the_users_stays(tmp_path: Path) -> None:
    placed = Placed(tmp_path / "a/b/vimrc", LINES)
    undos = write(placed)
    (tmp_path / "a/mine").write_text("")
    take(gone(placed, undos["one"]))
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["a", "a/mine"]


def test_a_folder_that_was_there_and_empty_stays(tmp_path: Path) -> None:
    placed = Placed(tmp_path / "a/vimrc", LINES)
    placed.file.parent.mkdir()
    undos = write(placed)
    take(gone(placed, undos["one"]))
    assert placed.file.parent.is_dir()


def test_sshs_folder_is_its_users_alone(tmp_path: Path) -> None:
    write(Placed(tmp_path / ".ssh/devenv/config", LINES, "own"))
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in (".ssh", ".ssh/devenv")} == {0o700}


def test_a_rehearsal_says_what_will_be_and_writes_nothing(tmp_path: Path) -> None:
    placed = [Placed(tmp_path / "a/vimrc", LINES), Placed(tmp_path / "settings.json", VALUE)]
    placed[1].file.write_text("{}")
    before = everything(tmp_path)
    job = writing.Job([], [(each, None) for each in placed])
    said = writing.rehearse(job, ReadOnlyStore())
    assert everything(tmp_path) == before
    assert writing.write(job, Store()) == said
    assert [done.after for done in said] == [each.file.read_bytes() for each in placed]


# several pieces in one file, put in one after the other

SHARING: dict[str, tuple[bytes | None, list[Piece]]] = {
    "entries": (None, [JsonEntry(("list",), {"name": name}) for name in "abc"]),
    "entries in a text": (b'{\n  "x": 1\n}\n', [JsonEntry(("list",), {"name": name}) for name in "abc"]),
    "entries after a comment": (b"// mine\n", [JsonEntry(("list",), {"name": name}) for name in "abc"]),
    "items": (b"{}", [JsonItem(("a", "list"), name) for name in "abc"]),
    "values": (b'{"a": {"z": 1}}', [JsonValue(("a", "b", name), 1) for name in "cde"]),
    "values in a file of ours": (None, [JsonValue(("a", "b", name), 1) for name in "cde"]),
    "sections": (b"mine\n", [Section(name, ("x",)) for name in "abc"]),
    "sections in a file of ours": (None, [Section(name, ("x",)) for name in "abc"]),
    "mixed": (b'{"x": []}\n', [JsonValue(("a", "b"), 1), JsonItem(("a", "list"), "x"), JsonEntry(("x",), {"name": 1})]),
}


@pytest.mark.parametrize("name", SHARING)
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_whichever_goes_last_takes_along_what_they_made_together(
    tmp_path: Path, name: str, order: tuple[int, ...]
) -> None:
    text, pieces = SHARING[name]
    file = tmp_path / "new/file"
    if text is not None:
        file.parent.mkdir()
        file.write_bytes(text)
    undos: list[Undo] = []
    ours: list[tuple[str, Undo]] = []
    for piece in pieces:
        job = writing.Job([], [(Placed(file, piece, "project"), None)], ours={str(file): list(ours)})
        (done,) = writing.write(job, Store())
        undos.append(done.undos[piece.key])
        ours.append((piece.kind, undos[-1]))
    for index in order:
        take(gone(Placed(file, pieces[index], "project"), undos[index]))
    if text is None:
        assert list(tmp_path.iterdir()) == []
    else:
        assert file.read_bytes() == text


@pytest.mark.parametrize(
    "piece", [VALUE, JsonEntry(("list",), {"name": "a", "x": 1}), LINES], ids=lambda each: each.kind
)
@pytest.mark.parametrize("written", [False, True])
def test_an_undo_of_before_the_writing_takes_out_either_form(tmp_path: Path, piece: Piece, written: bool) -> None:
    newer: dict[str, Piece] = {
        "json value": JsonValue(("a.b", "c"), 2),
        "json entry": JsonEntry(("list",), {"name": "a", "x": 2}),
        "section": Section("one", ("set b",), '"'),
    }
    placed, next_ = Placed(tmp_path / "file", piece), Placed(tmp_path / "file", newer[piece.kind])
    assert placed.piece.key == next_.piece.key
    text = '{"mine": 1}\n' if piece.kind.startswith("json") else "mine\n"
    placed.file.write_text(text)
    last = write(placed)[piece.key]
    (rehearsed,) = writing.rehearse(writing.Job([], [(next_, last)]), ReadOnlyStore())
    waits = writing.awaited(rehearsed.undos[piece.key], last)
    if written:
        write(next_, last={piece.key: last})
    take(gone(next_, waits))
    assert placed.file.read_text() == text
    again = write(next_, last={piece.key: waits})[piece.key]
    assert "earlier" not in again


def test_files_are_named_as_the_user_knows_them(tmp_path: Path) -> None:
    home, root = tmp_path / "home", tmp_path / "home/code/hello"
    named = [writing.name_of(str(file), home, root) for file in (root / ".vscode/a", home / ".ssh/b", tmp_path / "c")]
    assert named == [".vscode/a", "~/.ssh/b", str(tmp_path / "c")]
