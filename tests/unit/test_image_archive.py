"""The state of Debian's archive: its date, the version that follows, and which mirror is asked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from devenv.errors import ToolFailed, ToolMissing
from devenv.image import archive
from devenv.image.suites import SUITES, can_build
from fakes import Call, FakeRunner

BOOKWORM = SUITES["bookworm"]
RELEASES = [
    "Origin: Debian\nDate: Sat, 11 Jul 2026 10:16:37 UTC\n",
    "Origin: Debian\nDate: Sat, 21 Nov 2026 02:10:46 UTC\n",
    "Origin: Debian\nDate: Fri, 20 Nov 2026 23:59:59 UTC\n",
]


def lists_arrive(call: Call) -> None:
    """What apt-get update leaves behind."""
    option = next(word for word in call.argv if word.startswith("Dir::State::Lists="))
    for number, text in enumerate(RELEASES):
        (Path(option.partition("=")[2]) / f"mirror_{number}_InRelease").write_text(text)


@pytest.fixture(autouse=True)
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keyring.gpg"
    path.touch()
    monkeypatch.setattr(archive, "KEYRING", path)
    return path


def test_the_newest_release_file_gives_the_date_and_the_version() -> None:
    date = archive.newest_date(RELEASES)
    assert date == datetime(2026, 11, 21, 2, 10, 46, tzinfo=UTC)
    state = archive.Archive(BOOKWORM, "", Path("lists"), date)
    assert state.version(3) == "12.20261121.3"
    assert state.epoch == 1795227046


def test_refreshing_reads_lists_of_its_own_and_leaves_the_hosts_alone(tmp_path: Path, runner: FakeRunner) -> None:
    runner.on("apt-get", "indextargets").on("apt-get", "-q", "update", does=lists_arrive)
    state = archive.refresh(BOOKWORM, tmp_path / "apt", runner)
    assert state.version(1) == "12.20261121.1"
    (command,) = runner.argvs("apt-get", "-q", "update")
    assert f"Dir::State::Lists={tmp_path}/apt/lists" in command
    assert "Dir::Etc::SourceParts=/dev/null" in command
    assert state.sources.splitlines() == [
        f'deb [signed-by="{archive.KEYRING}"] http://deb.debian.org/debian bookworm main',
        f'deb [signed-by="{archive.KEYRING}"] http://deb.debian.org/debian bookworm-updates main',
        f'deb [signed-by="{archive.KEYRING}"] http://deb.debian.org/debian-security bookworm-security main',
    ]


def test_a_debian_hosts_own_mirror_is_used(runner: FakeRunner) -> None:
    runner.on(
        "apt-get",
        "indextargets",
        out="Debian|Debian|http://mirror.example/debian/\n"
        "Debian|Debian-Security|http://mirror.example/security/\n"
        "Ubuntu|Ubuntu|http://archive.example/ubuntu/\n",
    )
    assert archive.mirrors(runner) == {
        "debian": "http://mirror.example/debian",
        "debian-security": "http://mirror.example/security",
    }


@pytest.mark.parametrize(
    "url",
    [
        "file:///srv/debian/",
        "http://localhost:3142/debian/",
        "http://127.0.0.1/debian/",
        "https://user:secret@mirror.example/debian/",
        "",
    ],
)
def test_a_mirror_that_is_no_use_inside_a_box_is_not_taken(url: str, runner: FakeRunner) -> None:
    runner.on("apt-get", "indextargets", out=f"Debian|Debian|{url}\n")
    assert archive.mirrors(runner) == archive.OFFICIAL


def test_no_network_is_one_clear_line(tmp_path: Path, runner: FakeRunner) -> None:
    runner.on("apt-get", "indextargets").on(
        "apt-get",
        "-q",
        "update",
        code=100,
        out="Err:1 …\n",
        err="E: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary failure resolving\n",
    )
    with pytest.raises(ToolFailed) as caught:
        archive.refresh(BOOKWORM, tmp_path, runner)
    assert caught.value.message.startswith("the package lists could not be fetched from deb.debian.org: Failed to")
    assert "\n" not in caught.value.message
    assert "network" in (caught.value.hint or "")


def test_old_lists_are_not_taken_for_new_ones_when_nothing_was_fetched(tmp_path: Path, runner: FakeRunner) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/a_InRelease").write_text(RELEASES[0])
    runner.on("apt-get", "indextargets").on("apt-get", "-q", "update", code=100, err="E: no route\n")
    with pytest.raises(ToolFailed):
        archive.refresh(BOOKWORM, tmp_path, runner)


def test_without_debians_keys_the_hint_says_how_to_get_them(tmp_path: Path, keyring: Path, runner: FakeRunner) -> None:
    runner.programs.add("apt-get")
    keyring.unlink()
    with pytest.raises(ToolMissing) as caught:
        archive.refresh(BOOKWORM, tmp_path, runner)
    assert caught.value.install == "apt-get install debian-archive-keyring"


def test_without_apt_it_says_where_boxes_are_built(tmp_path: Path, runner: FakeRunner) -> None:
    with pytest.raises(ToolMissing, match="Debian or Ubuntu"):
        archive.refresh(BOOKWORM, tmp_path, runner)


def test_apts_proxy_is_handed_on_unless_the_environment_has_one(
    runner: FakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.on("apt-config", "dump", out="http://proxy.example:3128\n")
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.setenv("https_proxy", "http://other.example")
    assert archive.proxy_environment(runner) == {"http_proxy": "http://proxy.example:3128"}


@pytest.mark.parametrize(
    ("name", "suite"),
    [("devenv/debian-12", "bookworm"), ("devenv/debian-13", "trixie"), ("devenv/debian-9", None), ("debian/12", None)],
)
def test_a_boxs_name_says_whether_it_can_be_built(name: str, suite: str | None) -> None:
    found = can_build(name)
    assert (found.codename if found else None) == suite
