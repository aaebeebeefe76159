"""What Debian's archive holds now: package lists in a folder of ours, and the version that follows from their date."""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from devenv import process
from devenv.errors import ToolFailed, ToolMissing
from devenv.image import workspace
from devenv.image.suites import Suite

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
OFFICIAL = {"debian": "http://deb.debian.org/debian", "debian-security": "http://deb.debian.org/debian-security"}
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Archive:
    """One state of the archive: apt source lines, the folder with the lists, and the newest release file's date."""

    suite: Suite
    sources: str
    lists: Path
    date: datetime

    @property
    def epoch(self) -> int:
        """Return the date in seconds since 1970: the time of everything in the box."""
        return int(self.date.timestamp())

    def version(self, revision: int) -> str:
        """Return the version of a box made from this state, such as ``12.20261121.1``."""
        return f"{self.suite.number}.{self.date:%Y%m%d}.{revision}"


def mirrors(runner: process.Runner) -> dict[str, str]:
    """Return the URL of the archives ``debian`` and ``debian-security``: the host's own, if it is a Debian host.

    A mirror only this host can reach (a file, localhost) is left out: the guest could not install anything from it.
    """
    found = dict(OFFICIAL)
    listed = runner.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"]
    )
    names = {"Debian": "debian", "Debian-Security": "debian-security"}
    for line in reversed(listed.stdout.splitlines()):
        origin, label, url = [*line.split("|", 2), "", ""][:3]
        parts = urlsplit(url)
        # a password in the URL would end up inside the box
        shareable = parts.hostname not in LOCAL_HOSTS and parts.username is None and parts.scheme in ("http", "https")
        if origin == "Debian" and label in names and shareable:
            found[names[label]] = url.rstrip("/")
    return found


def refresh(suite: Suite, folder: Path, runner: process.Runner) -> Archive:
    """Bring the lists under folder up to date and return the state of the archive.

    The host's own lists stay as they are.
    Raises ToolMissing without apt or Debian's keys, ToolFailed when the mirror cannot be reached.
    """
    if runner.which("apt-get") is None:
        raise ToolMissing("apt-get", why="base boxes are built on Debian or Ubuntu")
    if not KEYRING.exists():
        raise ToolMissing("debian-archive-keyring", install="apt-get install debian-archive-keyring")
    urls = mirrors(runner)
    sources = "".join(
        f'deb [signed-by="{KEYRING}"] {urls[archive]} {distribution} main\n' for archive, distribution in suite.pockets
    )
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text(sources)
    updated = runner.run(_update_command(folder), env={"LC_ALL": "C"})
    if workspace.is_disk_full(updated):
        raise workspace.tool_failed(updated.argv, updated, "the package lists could not be kept")
    if updated.code != 0 or not _release_files(lists):
        raise _unreachable(updated, sorted({urlsplit(url).netloc for url in urls.values()}))
    return Archive(suite, sources, lists, newest_date([path.read_text() for path in _release_files(lists)]))


def newest_date(release_files: list[str]) -> datetime:
    """Return the newest ``Date:`` among the texts of release files."""
    found = [re.search(r"^Date: (.+)$", text, re.MULTILINE) for text in release_files]
    return max(parsedate_to_datetime(match[1]).astimezone(UTC) for match in found if match)


def proxy_environment(runner: process.Runner) -> dict[str, str]:
    """Return http_proxy and https_proxy as the host's apt uses them, where the environment does not say otherwise."""
    env: dict[str, str] = {}
    for scheme in ("http", "https"):
        dumped = runner.run(["apt-config", "dump", "--format", "%v%n", f"Acquire::{scheme}::Proxy"]).stdout.strip()
        if dumped and dumped != "DIRECT" and f"{scheme}_proxy" not in os.environ:
            env[f"{scheme}_proxy"] = dumped.splitlines()[0]
    return env


def _update_command(folder: Path) -> list[str]:
    options = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State": folder / "state",
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "Acquire::GzipIndexes": "true",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "20",
        "APT::Sandbox::User": "root",
        # without it a mirror that cannot be reached is only a warning and the old lists are used
        "APT::Update::Error-Mode": "any",
    }
    for name in ("state", "cache"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return ["apt-get", "-q", "update", *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]


def _release_files(lists: Path) -> list[Path]:
    return sorted(lists.glob("*_InRelease"))


def _unreachable(done: process.Completed, hosts: list[str]) -> ToolFailed:
    reasons = [line[3:] for line in (done.stdout + done.stderr).splitlines() if line.startswith("E: ")]
    return ToolFailed(
        done.argv,
        done.code,
        process.tail(done.stderr or done.stdout),
        message=f"the package lists could not be fetched from {' and '.join(hosts)}"
        + (f": {reasons[0]}" if reasons else ""),
        hint="check the network and the proxy settings; `apt-get update` must work on this machine",
    )
