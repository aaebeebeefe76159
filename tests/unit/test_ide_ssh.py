"""Hosts for ssh: the file of our own, the names in it, and the one line in the user's configuration."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devenv.editor.store import Store
from devenv.errors import BoxError, FileError, ParseError
from devenv.ide import sections, sshfile, writing
from devenv.ide.pieces import Section, Undo
from devenv.ide.record import Put
from devenv.ide.target import Target
from devenv.ide.user import User

TOP = b"# >>> devenv: hosts of development boxes\n"


@pytest.fixture
def user(tmp_path: Path) -> User:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    return User(home, home / ".config", home / ".local/share")


@pytest.fixture
def config(user: User) -> Path:
    return user.home / ".ssh/config"


def target(root: Path, **more: Any) -> Target:
    root.mkdir(parents=True, exist_ok=True)
    made = Target(
        root=root,
        name="hello",
        machine="default",
        alias="hello.devenv",
        user="vagrant",
        home="/home/vagrant",
        mappings=((root, "/vagrant"),),
        host="127.0.0.1",
        port=2222,
        keys=("/keys/one",),
        host_keys=("ssh-ed25519 AAAA",),
    )
    return made._replace(**more)


def put(made: Target, user: User, last: dict[str, Undo] | None = None) -> dict[str, Undo]:
    """Write a target's hosts, and return the undo of each piece by file."""
    job = writing.Job([], [(each, (last or {}).get(str(each.file))) for each in sshfile.pieces(made, user)])
    return {done.file: undo for done in writing.write(job, Store()) for undo in done.undos.values()}


def include(user: User, last: Undo | None = None) -> Undo:
    """Put the line into the user's configuration alone."""
    piece = sshfile.pieces(target(user.home / "hello"), user)[0]
    (done,) = writing.write(writing.Job([], [(piece, last)]), Store())
    return done.undos[sshfile.INCLUDE]


def exclude(user: User, undo: Undo) -> None:
    gone = Put(str(sshfile.user_config(user)), "user", Section.kind, sshfile.INCLUDE, None)
    writing.write(writing.Job([(gone, undo)], []), Store())


# the line at the top

CONFIGS = {
    "empty": b"",
    "one line": b"Host a\n  Port 7\n",
    "no line end": b"Host a\n  Port 7",
    "a host for all": b"# mine\nHost *\n  User me\n  ProxyJump gate\n",
    "a match": b'Match host b exec "true"\n  User b\nMatch all\n  Compression yes\n',
    "an include": b"Include ~/.ssh/work/*\n",
    "CR LF": b"Host a\r\n  Port 7\r\n",
    "a byte order mark": b"\xef\xbb\xbfHost a\n",
    "no UTF-8": b"# caf\xe9\nHost a\n",
    "blank lines": b"\n\n\nHost a\n\n",
    "tabs": b"\tHost\ta\n\t\tPort\t7\n",
    "large": b"# comment\n" * 50_000,
}


@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS)
def test_the_line_stands_at_the_very_top_and_goes_without_a_trace(user: User, config: Path, text: bytes) -> None:
    config.write_bytes(text)
    undo = include(user)
    data = config.read_bytes()
    assert data.removeprefix(b"\xef\xbb\xbf").splitlines()[1] == f"Include {user.home}/.ssh/devenv/config".encode()
    assert data.removeprefix(b"\xef\xbb\xbf").startswith(TOP.rstrip())
    assert data.endswith(text.removeprefix(b"\xef\xbb\xbf"))
    stamp = config.stat().st_mtime_ns
    include(user, undo)
    assert (config.read_bytes(), config.stat().st_mtime_ns) == (data, stamp)
    exclude(user, undo)
    assert config.read_bytes() == text


def test_line_ends_of_the_file_are_those_of_the_section(user: User, config: Path) -> None:
    config.write_bytes(b"Host a\r\n")
    include(user)
    assert config.read_bytes().count(b"\n") == config.read_bytes().count(b"\r\n") == 4


def test_a_missing_file_is_made_for_its_user_alone_and_goes_again(user: User, config: Path) -> None:
    config.parent.rmdir()
    undo = include(user)
    assert stat.S_IMODE(config.parent.stat().st_mode) == 0o700
    exclude(user, undo)
    assert not config.parent.exists()


def test_a_read_only_file_stays_one(user: User, config: Path) -> None:
    config.write_bytes(b"Host a\n")
    config.chmod(0o400)
    undo = include(user)
    assert config.read_bytes().startswith(TOP)
    assert stat.S_IMODE(config.stat().st_mode) == 0o400
    exclude(user, undo)
    assert config.read_bytes() == b"Host a\n"


def test_a_link_stays_one(user: User, config: Path) -> None:
    real = user.home / "dotfiles/ssh"
    real.parent.mkdir()
    real.write_bytes(b"Host a\n")
    config.symlink_to("../dotfiles/ssh")
    include(user)
    assert config.is_symlink()
    assert real.read_bytes().startswith(TOP)


def test_a_section_that_the_user_moved_is_put_at_the_top_again(user: User, config: Path) -> None:
    config.write_bytes(b"Host a\n")
    undo = include(user)
    section = config.read_bytes().removesuffix(b"Host a\n")
    config.write_bytes(b"Host a\n" + section + b"Host b\n")
    include(user, undo)
    assert config.read_bytes() == section + b"Host a\nHost b\n"


REFUSED = {
    "UTF-16": ("Host a\n".encode("utf-16"), 1, 1),
    "a zero byte": (b"Host a\nHost \0b\n", 2, 6),
    "a beginning alone": (b"Host a\n" + TOP + b"Host b\n", 2, 1),
    "an end alone": (b"# <<< devenv: hosts of development boxes\n", 1, 1),
    "a section twice": ((TOP + b"# <<< devenv: hosts of development boxes\n") * 2, 3, 1),
}


@pytest.mark.parametrize(("text", "line", "column"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_not_right_is_left_alone_with_its_place(
    user: User, config: Path, text: bytes, line: int, column: int
) -> None:
    config.write_bytes(text)
    with pytest.raises(ParseError) as error:
        put(target(user.home / "hello"), user)
    assert (error.value.file, error.value.line, error.value.column) == (str(config), line, column)
    assert config.read_bytes() == text
    assert [path.name for path in config.parent.iterdir()] == ["config"]


def hard_link(config: Path) -> None:
    config.write_bytes(b"Host a\n")
    os.link(config, config.with_name("other"))


@pytest.mark.parametrize(
    "make", [hard_link, Path.mkdir, os.mkfifo, lambda config: config.symlink_to("nowhere")], ids=range(4)
)
def test_what_is_no_plain_file_is_refused_before_anything_is_made(
    user: User, config: Path, make: Callable[[Path], None]
) -> None:
    make(config)
    before = sorted(path.name for path in config.parent.iterdir())
    job = writing.Job([], [(each, None) for each in sshfile.pieces(target(user.home / "hello"), user)])
    for act in (lambda: writing.rehearse(job, writing.ReadOnlyStore()), lambda: writing.write(job, Store())):
        with pytest.raises(FileError) as error:
            act()
        assert "--in-place" not in (error.value.hint or "")
    assert sorted(path.name for path in config.parent.iterdir()) == before


@pytest.mark.parametrize("name", ["my home", 'a"b', "100%", "a#b", "it's", "st*r", "[x]", "back\\slash", "ü"])
def test_a_home_folder_of_an_odd_name_is_one_word_that_is_no_other_pattern(tmp_path: Path, name: str) -> None:
    import fnmatch
    import shlex

    user = User(tmp_path / name, tmp_path, tmp_path)
    piece = sshfile.pieces(target(tmp_path / "hello"), user)[0].piece
    assert isinstance(piece, Section)
    word, *rest = shlex.split(piece.lines[0].removeprefix("Include "))
    assert rest == []
    assert fnmatch.fnmatchcase(str(sshfile.config_file(user)), word)
    assert "%" not in word


# hosts


def test_a_host_says_all_that_a_later_line_could_say_otherwise(user: User) -> None:
    put(target(user.home / "hello"), user)
    known = user.home / ".ssh/devenv/known_hosts"
    assert sshfile.config_file(user).read_text().splitlines()[1:-1] == [
        f"# project: {user.home}/hello",
        "# machine: default",
        "Host hello.devenv",
        "  HostName 127.0.0.1",
        "  Port 2222",
        "  User vagrant",
        "  HostKeyAlias hello.devenv",
        f"  UserKnownHostsFile {known}",
        "  StrictHostKeyChecking yes",
        "  IdentitiesOnly yes",
        "  IdentityFile /keys/one",
        "  ProxyCommand none",
        "  ProxyJump none",
        "  ServerAliveInterval 15",
    ]
    assert known.read_text().splitlines()[1] == "hello.devenv,[127.0.0.1]:2222 ssh-ed25519 AAAA"


def test_what_a_machine_needs_besides_is_said_too(user: User) -> None:
    made = target(user.home / "hello", proxy_command="ssh gate -W %h:%p", forward_agent=True, port=22, host="10.0.0.7")
    put(made, user)
    text = sshfile.config_file(user).read_text()
    assert "  ProxyCommand ssh gate -W %h:%p\n" in text
    assert "  ForwardAgent yes\n" in text
    assert "hello.devenv,10.0.0.7 ssh" in (user.home / ".ssh/devenv/known_hosts").read_text()


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/keys/one", "/keys/one"),
        ("/my keys/one", '"/my keys/one"'),
        ('/a"b', '"/a\\"b"'),
        ("/100%/one", '"/100%%/one"'),
        ("/a#b", '"/a#b"'),
        ("/it's", '"/it\'s"'),
        ("/schlüssel", "/schlüssel"),
    ],
)
def test_a_keys_path_is_quoted_where_it_must_be(user: User, path: str, word: str) -> None:
    put(target(user.home / "hello", keys=(path,)), user)
    assert f"\n  IdentityFile {word}\n" in sshfile.config_file(user).read_text()


@pytest.mark.parametrize("path", ["/a\nHost *", "/a\rb", "/a\udcffb"])
def test_a_path_that_no_configuration_can_name_is_refused(user: User, path: str) -> None:
    with pytest.raises(BoxError, match="cannot name"):
        put(target(user.home / "hello", keys=(path,)), user)
    assert not sshfile.config_file(user).exists()


@pytest.mark.parametrize("name", ["hello\nHost *\n  User root", "a b", "ü", 'say "hi"', "line\u2028break"])
def test_a_projects_name_adds_no_line_and_is_known_again(user: User, name: str) -> None:
    root = user.home / name
    put(target(root), user)
    assert len(sshfile.config_file(user).read_text().splitlines()) == 16
    assert sshfile.alias("hello", root, "default", user) == "hello.devenv"
    assert sshfile.alias("hello", user.home / "other", "default", user) == "hello-2.devenv"


def test_a_second_time_gives_the_same_bytes(user: User) -> None:
    files = [sshfile.config_file(user), sshfile.known_hosts_file(user), sshfile.user_config(user)]
    made = target(user.home / "hello")
    undos = put(made, user)
    before = [(file.read_bytes(), file.stat().st_ino) for file in files]
    put(made, user, undos)
    put(made, user)
    assert [(file.read_bytes(), file.stat().st_ino) for file in files] == before


# names


def test_of_two_projects_of_one_name_the_second_has_a_number(user: User) -> None:
    first, second, third = (user.home / name / "hello" for name in "abc")
    for root, wanted in ((first, "hello.devenv"), (second, "hello-2.devenv"), (third, "hello-3.devenv")):
        name = sshfile.alias("hello", root, "default", user)
        assert name == wanted
        put(target(root, alias=name), user)
    assert sshfile.alias("hello", second, "default", user) == "hello-2.devenv"


def test_a_machine_keeps_its_name_when_the_first_of_that_name_goes(user: User) -> None:
    first, second = (user.home / name / "hello" for name in "ab")
    undos = put(target(first), user)
    put(target(second, alias="hello-2.devenv"), user)
    own = str(sshfile.config_file(user))
    gone = Put(own, "own", Section.kind, "hello.devenv", None)
    writing.write(writing.Job([(gone, undos[own])], []), Store())
    assert sshfile.alias("hello", second, "default", user) == "hello-2.devenv"
    assert sshfile.alias("hello", first, "default", user) == "hello.devenv"


def test_a_machine_called_like_a_number_has_a_name_of_its_own(user: User) -> None:
    """The machine "2" of one project, and the second project of its name."""
    root, other = user.home / "hello", user.home / "other/hello"
    put(target(other), user)
    put(target(root, machine="2", name="hello-2", alias="hello-2.devenv"), user)
    assert sshfile.alias("hello", root, "default", user) == "hello-3.devenv"
    assert sshfile.alias("hello-2", root, "2", user) == "hello-2.devenv"


def test_hosts_of_a_project_that_is_gone_are_taken_out_and_their_name_is_free(user: User) -> None:
    root = user.home / "old/hello"
    put(target(root), user)
    put(target(user.home / "kept", alias="kept.devenv", name="kept"), user)
    assert sshfile.stale(user) == []
    root.rmdir()
    stale = sshfile.stale(user)
    assert {each.key for each in stale} == {"hello.devenv"}
    assert sshfile.alias("hello", user.home / "new/hello", "default", user) == "hello.devenv"
    writing.write(writing.Job([(each, each.undo) for each in stale if each.undo], []), Store())
    assert sections.names(sshfile.config_file(user).read_bytes(), "#") == ["kept.devenv"]
    assert sections.names(sshfile.known_hosts_file(user).read_bytes(), "#") == ["kept.devenv"]


def test_what_the_user_writes_into_our_file_is_nobodys_project(user: User) -> None:
    own = sshfile.config_file(user)
    own.parent.mkdir()
    own.write_text("Host mine\n# >>> devenv: odd.devenv\n# <<< devenv: odd.devenv\n")
    assert sshfile.stale(user) == []
    assert sshfile.alias("hello", user.home / "hello", "default", user) == "hello.devenv"
    put(target(user.home / "hello"), user)
    assert own.read_text().startswith("Host mine\n")
