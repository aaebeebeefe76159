"""OpenSSH's own reading of the hosts devenv ide writes, with folders of odd names and a user's lines of all kinds."""

import subprocess
from pathlib import Path

import pytest

from devenv.editor.store import Store
from devenv.ide import sshfile, writing
from devenv.ide.target import Target
from devenv.ide.user import User

NAMES = ["plain", "my home", 'a"b', "100%h", "a#b", "it's", "st*r", "[x]", "back\\slash", "ü"]
USERS = {
    "nothing": None,
    "a host for all": "Host *\n  User me\n  Port 7\n  HostName nowhere\n  ProxyJump gate\n  IdentityFile /mine\n",
    "a match for all": "Match all\n  User me\n  Port 7\n  StrictHostKeyChecking no\n  ProxyCommand false\n",
    "a host block that is open": "Host other\n  Port 7",
    "another include": "Include config.d/*\n",
    "CR LF": "Host *\r\n  User me\r\n",
}


def asked(config: Path, host: str) -> dict[str, list[str]]:
    """Return what ssh makes of a host: word -> values."""
    done = subprocess.run(["ssh", "-F", config, "-G", host], capture_output=True, text=True, timeout=30, check=True)
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        word, _, value = line.partition(" ")
        # its tokens are still in it
        found.setdefault(word, []).append(value.replace("%%", "%"))
    return found


def connected(home: Path) -> User:
    user = User(home, home, home)
    target = Target(
        *(home / "hello\nHost *", "hello", "default", "hello.devenv", "vagrant", "/home/vagrant", ()),
        *("127.0.0.1", 2222, (str(home / "key"),), ("ssh-ed25519 AAAA",)),
    )
    writing.write(writing.Job([], [(placed, None) for placed in sshfile.pieces(target, user)]), Store())
    return user


def judged(user: User) -> None:
    said = asked(sshfile.user_config(user), "hello.devenv")
    assert said["hostname"] == ["127.0.0.1"]
    assert said["port"] == ["2222"]
    assert said["user"] == ["vagrant"]
    assert said["identityfile"][0] == str(user.home / "key")
    assert said["userknownhostsfile"] == [str(sshfile.known_hosts_file(user))]
    assert said["stricthostkeychecking"] == ["true"]
    assert said["identitiesonly"] == ["yes"]
    assert "proxyjump" not in said
    assert said.get("proxycommand", ["none"]) == ["none"]


@pytest.mark.parametrize("name", NAMES)
def test_a_home_folder_of_any_name_leads_to_the_machine(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    home.mkdir()
    judged(connected(home))


@pytest.mark.parametrize("text", USERS.values(), ids=USERS)
def test_what_the_user_says_of_all_hosts_does_not_change_the_machines(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / ".ssh").mkdir(mode=0o700)
        (tmp_path / ".ssh/config").write_text(text, newline="")
    judged(connected(tmp_path))


def test_other_hosts_are_as_the_user_said(tmp_path: Path) -> None:
    (tmp_path / ".ssh").mkdir(mode=0o700)
    (tmp_path / ".ssh/config").write_text("User me\nHost other\n  Port 7\n")
    before = asked(tmp_path / ".ssh/config", "other")
    assert before["port"] == ["7"]
    user = connected(tmp_path)
    assert asked(sshfile.user_config(user), "other") == before
