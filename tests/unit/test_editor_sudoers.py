"""Files of sudo: what commands inherit from those before them, and whom a Defaults line is for."""

from typing import Any

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Set, Unset
from devenv.editor.keypath import parse
from devenv.editor.values import Untyped
from devenv.errors import EditError

SUDOERS = formats.named("sudoers")
TWO = "joe ALL=(operator) /bin/a, /bin/b\n"
LISTED = "spec.host_group.command"


def edited(text: str, *edits: Any) -> str:
    return engine.apply(text.encode(), list(edits), SUDOERS).data.decode()


def put(path: str, value: Any) -> Set:
    return Set(path, Untyped(value) if isinstance(value, str) else value)


@pytest.mark.parametrize(
    ("text", "index", "expected"),
    [
        (TWO, 0, "joe ALL=(operator) /bin/b\n"),
        (TWO, 1, "joe ALL=(operator) /bin/a\n"),
        ("joe ALL=(operator) NOEXEC: /bin/a, /bin/b\n", 0, "joe ALL=(operator) NOEXEC: /bin/b\n"),
        ("joe ALL=(a:g) NOEXEC: /bin/a, NOPASSWD: !/bin/b\n", 0, "joe ALL=(a:g) NOEXEC: NOPASSWD: !/bin/b\n"),
        ("joe ALL=(a) NOEXEC: /bin/a, (root) EXEC: /bin/b\n", 0, "joe ALL=(root) EXEC: /bin/b\n"),
        ("joe ALL=/bin/a, (b) /bin/b, /bin/c : H=/bin/d\n", 1, "joe ALL=/bin/a, (b) /bin/c : H=/bin/d\n"),
    ],
)
def test_commands_behind_one_that_goes_are_run_as_they_were(text: str, index: int, expected: str) -> None:
    path = "spec.host_group[0].command" if " : " in text else LISTED
    assert edited(text, Unset(f"{path}[{index}]")) == expected


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        (TWO, Append(LISTED, ("/bin/c",)), "joe ALL=(operator) /bin/a, /bin/b, /bin/c\n"),
        (TWO, Append(LISTED, ("/bin/c",), at=1), "joe ALL=(operator) /bin/a, /bin/c, /bin/b\n"),
        (
            TWO,
            Append(LISTED, ({".": "/bin/c", "runas_user": "root"},), at=1),
            "joe ALL=(operator) /bin/a, (root) /bin/c, (operator) /bin/b\n",
        ),
        (TWO, put(f"{LISTED}[0]", "(root) /bin/c"), "joe ALL=(root) /bin/c, (operator) /bin/b\n"),
        (TWO, put(f"{LISTED}[0]", "/bin/c"), "joe ALL=(operator) /bin/c, /bin/b\n"),
        (TWO, put(f"{LISTED}[0].runas_user", "www"), "joe ALL=(www) /bin/a, (operator) /bin/b\n"),
        ("joe ALL=NOEXEC: /bin/a, /bin/b\n", Unset(f"{LISTED}[0].tag"), "joe ALL=/bin/a, NOEXEC: /bin/b\n"),
        (TWO, put(LISTED, ["/bin/b"]), "joe ALL=(operator) /bin/b\n"),
        ("joe ALL=/bin/a, (op) /bin/b\n", put(LISTED, ["/bin/b"]), "joe ALL=(op) /bin/b\n"),
        (TWO, put("spec", "joe ALL=(www) /bin/a, /bin/b"), "joe ALL=(www) /bin/a, /bin/b\n"),
    ],
)
def test_commands_behind_one_that_comes_or_changes_are_run_as_they_were(text: str, edit: Any, expected: str) -> None:
    assert edited(text, edit) == expected


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("joe ALL=/bin/a, /bin/b\n", put(f"{LISTED}[0].tag", "NOPASSWD")),
        ("joe ALL=/bin/a, /bin/b\n", Append(LISTED, ({".": "/bin/c", "runas_user": "www"},), at=0)),
        # ALL has SETENV of its own, and nothing behind it has that
        ("joe ALL=SETENV: /bin/a, ALL, /bin/b\n", Unset(f"{LISTED}[1]")),
        (TWO, Append(LISTED, ("/bin/c",), at=0)),
        ("joe ALL=/bin/a, !/bin/b, /bin/c\n", put(LISTED, ["/bin/b", "/bin/a"])),
    ],
)
def test_what_would_give_other_commands_more_is_refused(text: str, edit: Any) -> None:
    with pytest.raises(
        EditError, match=r"inherits what|would be the first|would be forbidden|would be allowed"
    ) as caught:
        edited(text, edit)
    assert caught.value.hint


PLAIN = "Defaults env_reset\nDefaults:joe timestamp_timeout=5, insults\n"


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        (
            PLAIN,
            "Defaults.timestamp_timeout",
            "10",
            "Defaults env_reset\nDefaults timestamp_timeout=10\nDefaults:joe timestamp_timeout=5, insults\n",
        ),
        (
            PLAIN,
            "Defaults.insults",
            "",
            "Defaults env_reset\nDefaults insults\nDefaults:joe timestamp_timeout=5, insults\n",
        ),
        (PLAIN, "Defaults[1].timestamp_timeout", "10", PLAIN.replace("=5", "=10")),
        ("Defaults@h insults\n", "Defaults.insults", "", "Defaults@h insults\nDefaults insults\n"),
        ("Defaults!/bin/a insults\n", "Defaults[0].type", ">x", "Defaults>x insults\n"),
        (
            "Defaults\tuse_pty\nDefaults\tmail_badpass\n# end\n",
            "Defaults.passwd_tries",
            "2",
            "Defaults\tuse_pty\nDefaults\tmail_badpass\nDefaults\tpasswd_tries=2\n# end\n",
        ),
        ("Defaults !insults, use_pty # x\n", "Defaults.insults", "", "Defaults insults, use_pty # x\n"),
        ("Defaults use_pty, !lecture\n", "Defaults.lecture", "always", "Defaults use_pty, lecture=always\n"),
    ],
)
def test_an_option_by_name_is_one_that_holds_for_all(text: str, path: str, value: str, expected: str) -> None:
    found = edited(text, put(path, value))
    assert [line.split() for line in found.replace(" = ", "=").splitlines()] == [
        line.split() for line in expected.splitlines()
    ]
    document = formats.open_document(found.encode(), SUDOERS)
    assert [document.read(steps) for steps in document.find(parse(path, tree=True).steps)] == [value]


def test_a_line_for_some_users_alone_goes_by_its_number() -> None:
    document = formats.open_document(b"Defaults:joe insults\n", SUDOERS)
    assert document.find(("Defaults", "insults")) == []
    assert document.find(("Defaults", 0, "insults")) == [("Defaults", 0, "insults")]
    assert list(document.entries(("Defaults",))) == [0]
    assert document.read(()) == {"Defaults": [{"type": ":joe", "insults": ""}]}


def test_an_expression_names_the_line_that_it_matches() -> None:
    text = "Defaults:joe timestamp_timeout=5\n"
    assert edited(text, put("Defaults/timestamp_timeout", "10")) == text.replace("5", "10")


def test_a_value_that_an_option_cannot_have_is_refused_for_one_that_is_off() -> None:
    with pytest.raises(EditError, match="is off, and cannot be"):
        edited("Defaults !insults\n", put("Defaults.insults", "x y"))


OFF = "Defaults mail_badpass, !lecture # c\nDefaults:joe !insults\nroot ALL=(ALL:ALL) ALL\n"


@pytest.mark.parametrize(
    ("edits", "line"),
    [
        (
            [
                put("spec[1].user", "joe"),
                put("spec[1].host_group.host", "ALL"),
                put("spec[1].host_group.command", "/bin/ls"),
            ],
            "joe ALL = /bin/ls",
        ),
        ([put("User_Alias.alias.name", "ADMINS"), put("User_Alias.alias.user", "joe")], "User_Alias ADMINS = joe"),
    ],
)
def test_options_that_are_off_are_in_nobodys_way(edits: list[Any], line: str) -> None:
    assert edited(OFF, *edits) == f"{OFF}{line}\n"
