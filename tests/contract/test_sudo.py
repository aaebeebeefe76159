"""What sudo's own checker says to values that were set in its files: one word that it refuses locks everybody out."""

import subprocess
from pathlib import Path

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Set
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
