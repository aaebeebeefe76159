"""What devenv ide asks and says: before the user's files are changed, and when an editor cannot be started."""

from pathlib import Path

import pytest
from ideworld import Box, only_user

from devenv.box.project import Project
from devenv.cli import ide
from devenv.ide import editors, opening, record
from devenv.ide.user import User
from devenv.ide.writing import Done


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    return only_user(tmp_path / "home", monkeypatch)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    questions: list[str] = []
    monkeypatch.setattr(ide, "agree", lambda question, yes: questions.append(question))
    return questions


def done(user: User, name: str, before: bytes | None, after: bytes | None, *, only_ours: bool = False) -> Done:
    return Done(str(user.home / name), "user", before, after, {}, only_ours=only_ours)


def test_the_question_says_what_becomes_of_each_file(user: User, asked: list[str], tmp_path: Path) -> None:
    project = Project(tmp_path / "hello")
    files = [done(user, "a", None, b"1"), done(user, "b", b"1", b"2"), done(user, "c", b"1", None)]
    ide._ask([*files, done(user, "d", b"1", b"1")], user, project, yes=False)
    ide._ask(files[:1], user, project, yes=False)
    ide._ask([done(user, "b", b"1", b"2", only_ours=True)], user, project, yes=False)
    assert asked == ["Change ~/b (a backup is kept); make ~/a; remove ~/c?", "Make ~/a?", "Change ~/b?"]


@pytest.mark.parametrize("yes", [True, False])
def test_many_files_are_listed_before_the_question(
    user: User, asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], yes: bool
) -> None:
    files = [done(user, f"f{number}", b"1" if number else None, b"2") for number in range(5)]
    ide._ask(files, user, Project(tmp_path / "hello"), yes=yes)
    assert asked == ["Change and make these 5 files (a backup is kept)?"]
    said = capsys.readouterr().err.splitlines()
    assert said == ([] if yes else [*(f"change: ~/f{number}" for number in range(1, 5)), "make: ~/f0"])


@pytest.mark.parametrize("link", [True, False])
def test_where_the_program_is_not_it_is_said_that_nothing_was_started(user: User, tmp_path: Path, link: bool) -> None:
    box = Box(tmp_path / "hello", user, 2222)
    for name in ("vscode", "jupyter"):
        box.set_up(name)
    out: list[str] = []
    said: list[str] = []
    for name, known in record.read(box.project).items():
        editor = editors.get(name)
        code = opening.start(box.project, box.runner, editor, user, known, link=link, out=out.append, say=said.append)
        assert code == 0
    assert out == ["vscode://vscode-remote/ssh-remote+hello.devenv/vagrant"]
    assert said.pop().startswith("by hand: start a notebook in ")
    nothing = "is not on the PATH: nothing was started"
    links = [f"the program of VS Code {nothing}; the link:", f"the program of Jupyter {nothing}"]
    assert said == ([] if link else links)


def test_an_editor_whose_settings_were_not_found_is_listed_so(user: User, tmp_path: Path) -> None:
    box = Box(tmp_path / "hello", user, 2222)
    box.set_up("pycharm")
    box.set_up("vim")
    known = record.read(box.project)
    said = [ide._set_up(each) for each in (None, known["vim"], known["pycharm"])]
    assert said == ["-", "for default", "for default, in the project only"]
