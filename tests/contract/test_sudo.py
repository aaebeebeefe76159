"""What sudo's own checker says to values that were set in its files: one word that it refuses locks everybody out."""

import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Edit, Set, Unset
from devenv.editor.values import Untyped
from devenv.errors import EditError

TEXT = b"""\
# first
Defaults	env_reset, insults
Defaults	secure_path="/usr/local/sbin:/usr/local/bin"
Defaults@SERVERS	log_year, logfile=/var/log/sudo.log
User_Alias	ADMINS = a, b
Runas_Alias	OP = root, operator
Host_Alias	SERVERS = mail, 10.0.0.1
Cmnd_Alias	DUMPS = /usr/bin/mt, /usr/sbin/dump

root	ALL=(ALL:ALL) ALL
%sudo	ALL=(ALL:ALL) NOPASSWD: ALL
ADMINS	SERVERS=DUMPS, /bin/ls
bob	mail=(OP) /bin/su -
"""
VALUES = [
    *(
        "!x",
        "!!",
        "!",
        "a!b",
        "a,b",
        "a=b",
        "a b",
        '"a b"',
        '"a',
        'a"b',
        "a:b",
        "a#b",
        "#1000",
        "(x)",
        "bin/x",
        "/bin/x y",
    ),
    *("%x", "@x", "+x", "a\\", "a\\ b", "'", "*", "", "X", "1", "é", "a;b", "{", "ALL", "sudoedit /etc/x", "NOPASSWD"),
]


PATHS = [
    *("Defaults[1].secure_path", "Defaults[2].logfile", "User_Alias.alias.name", "User_Alias.alias.user[1]"),
    *("Runas_Alias.alias.runas_user[0]", "Host_Alias.alias.host[0]", "Cmnd_Alias.alias.command[1]", "spec[0].user"),
    *("spec[1].host_group.host", "spec[1].host_group.command.runas_user", "spec[0].host_group.command.runas_group"),
    *('spec[3].host_group.command."."', "spec[2].host_group.command[0]", "spec[1].host_group.command.tag"),
]


@pytest.mark.parametrize("value", VALUES)
def test_visudo_takes_any_value_that_is_not_refused(tmp_path: Path, value: str) -> None:
    fmt = formats.named("sudoers")
    wrong = []
    for path in PATHS:
        try:
            text = engine.apply(TEXT, [Set(path, Untyped(value))], fmt).data
        except EditError:
            continue
        file = tmp_path / "sudoers"
        file.unlink(missing_ok=True)
        file.write_bytes(text)
        file.chmod(0o440)
        done = subprocess.run(["/usr/sbin/visudo", "-c", "-f", str(file)], capture_output=True, text=True, check=False)
        # an alias that is gone, or a name that nobody has, is a warning
        if "syntax error" in done.stdout + done.stderr:
            wrong.append((path, done.stdout + done.stderr))
    assert not wrong


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec[0].user", "deploy"),
        ("spec[0].host_group.command.runas_user", "www-data"),
        ("Cmnd_Alias.alias.command[0]", "/usr/bin/rsync -a"),
        ("spec[3].host_group.command", "DUMPS"),
        ("Defaults[2].logfile", '"/var/log/a!b"'),
        ("Defaults[2].logfile", "/var/log/sudo/log"),
    ],
)
def test_what_sudo_takes_is_not_refused(path: str, value: str) -> None:
    assert value.encode() in engine.apply(TEXT, [Set(path, Untyped(value))], formats.named("sudoers")).data


CONTEXTS = ["", "(op) ", "NOEXEC: ", "(:games) EXEC: NOPASSWD: ", "(op:games) SETENV : NOEXEC: !"]
LINES = [
    ", ".join(context + command for context, command in zip(each, ("/bin/a", "/bin/b", "/bin/c"), strict=True))
    for each in list(itertools.product(CONTEXTS, repeat=3))[::8]
]
LISTED = "spec.host_group.command"
EDITS: list[Edit] = [
    *(Unset(f"{LISTED}[{at}]") for at in range(3)),
    *(Append(LISTED, ({".": "/bin/x", "runas_user": "www", "tag": "NOPASSWD"},), at=at) for at in range(4)),
    *(Append(LISTED, ("/bin/x",), at=at) for at in range(4)),
    *(Set(f"{LISTED}[0].{label}", Untyped(value)) for label, value in (("runas_user", "www"), ("tag", "PASSWD"))),
    Unset(f"{LISTED}[0].runas_user"),
    Set(LISTED, ["/bin/b", "/bin/c"]),
    Set(LISTED, ["/bin/c", "/bin/x", "/bin/b"]),
]
KEPT = [
    *({at} for at in range(3)),
    *[set()] * 8,
    *[{0}] * 3,
    set(),
    set(),
]
"""Which command an edit is about, and may be run otherwise then."""


def rights(folder: Path, lists: dict[int, str]) -> dict[int, dict[str, Any]]:
    """Return as whom and how each command of each list is run, by what sudo's own reader says."""
    file = folder / "sudoers"
    file.write_text("".join(f"u{number} ALL={text}\n" for number, text in lists.items()))
    argv = ["/usr/bin/cvtsudoers", "-f", "json", "-e", str(file)]
    said = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    found: dict[int, dict[str, Any]] = {}
    for spec in said.get("User_Specs", []):
        (user,) = spec["User_List"]
        each = found.setdefault(int(user["username"][1:]), {})
        for part in spec["Cmnd_Specs"]:
            options = sorted(map(str, part.get("Options", [])))
            how = (part.get("runasusers"), part.get("runasgroups"), options)
            for command in part["Commands"]:
                each[command["command"]] = (*how, command.get("negated", False))
    return found


@pytest.mark.parametrize(("edit", "about"), list(zip(EDITS, KEPT, strict=True)))
def test_sudo_reads_the_other_commands_as_before(tmp_path: Path, edit: Edit, about: set[int]) -> None:
    lists = {}
    for number, line in enumerate(LINES):
        try:
            text = engine.apply(f"joe ALL={line}\n".encode(), [edit], formats.named("sudoers")).data.decode()
        except EditError:
            continue
        lists[number] = text.removeprefix("joe ALL=").strip()
    assert lists
    before, after = rights(tmp_path, {number: LINES[number] for number in lists}), rights(tmp_path, lists)
    others = {"/bin/a", "/bin/b", "/bin/c"} - {f"/bin/{'abc'[at]}" for at in about}
    for number, text in lists.items():
        for command in others & after[number].keys():
            assert after[number][command] == before[number][command], (LINES[number], text)


@pytest.mark.parametrize("option", ["timestamp_timeout=10", "insults=", "lecture=always", "secure_path=/bin"])
@pytest.mark.parametrize(
    "text", ["", "Defaults use_pty, !lecture\n", "Defaults use_pty\nDefaults !insults\nDefaults@h secure_path=/x\n"]
)
def test_sudo_has_an_option_that_is_set_by_its_name_for_all(tmp_path: Path, text: str, option: str) -> None:
    name, _, value = option.partition("=")
    before = f"{text}Defaults:joe timestamp_timeout=5, insults\n"
    edit = Set(f"Defaults.{name}", Untyped(value))
    file = tmp_path / "sudoers"
    file.write_bytes(engine.apply(before.encode(), [edit], formats.named("sudoers")).data)
    argv = ["/usr/bin/cvtsudoers", "-f", "json", str(file)]
    said = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)["Defaults"]
    plain = [option for entry in said if "Binding" not in entry for option in entry["Options"]]
    assert {name: value or True} in [{key: str(item) if value else item for key, item in one.items()} for one in plain]
    assert {"timestamp_timeout": "5"} in next(
        entry["Options"] for entry in said if entry.get("Binding") == [{"username": "joe"}]
    )
