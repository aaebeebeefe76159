"""What holds for every test: the order they run in, and what a test that is not about programs may not do."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from fakes import FakeRunner, Watcher

TESTS = Path(__file__).resolve().parent
ORDER = ("unit", "property", "golden", "lenses", "cli", ".", "contract", "faults", "system")
"""The folders of tests, quickest first: what is broken in general is known before a box is booted."""

# two cores and boxes that boot beside: how long one example takes says nothing
settings.register_profile("devenv", deadline=None)
settings.load_profile("devenv")


class Forbidden(AssertionError):
    """A unit test did what unit tests do not do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: ORDER.index(folder) if (folder := folder_of(item.path)) in ORDER else len(ORDER))


def folder_of(file: Path) -> str:
    """Return the folder of tests/ a test file lies in; "." for tests/ itself."""
    parts = file.relative_to(TESTS).parts
    return parts[0] if len(parts) > 1 else "."


@pytest.fixture(autouse=True)
def _apart(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep unit and property tests from programs, from the network and from the user's own folders."""
    if folder_of(request.path) not in ("unit", "property"):
        yield
        return
    # not the test's own monkeypatch: its undo() would lift this as well
    with pytest.MonkeyPatch.context() as patch:
        _own_folders(patch, tmp_path_factory.mktemp("home"))
        _no_network(patch)
        if request.node.get_closest_marker("starts_programs") is None:
            _no_programs(patch)
        yield


def _own_folders(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("VAGRANT_", "DEVENV_", "XDG_", "LIBVIRT_"))]:
        patch.delenv(name)
    patch.setenv("HOME", str(home))
    # ssh's files go below it; a control socket's path has to be short
    patch.setenv("TMPDIR", str(home))
    patch.setenv("VAGRANT_HOME", str(home / ".vagrant.d"))
    patch.setenv("DEVENV_CACHE", str(home / "cache"))
    patch.setenv("DEVENV_DATA", str(home / "data"))
    # Docker and git would look for settings of the person who runs the tests
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "NO_COLOR", "CI", "SSL_CERT_FILE"):
        patch.delenv(name, raising=False)


def _no_programs(patch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **_kwargs: Any) -> None:
        words = next((arg for arg in args if isinstance(arg, list | tuple | str)), args)
        raise Forbidden(f"a unit test starts no program: {words}")

    patch.setattr(subprocess.Popen, "__init__", refuse)
    for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "execv", "execve", "system"):
        if hasattr(os, name):
            patch.setattr(os, name, refuse)


def _no_network(patch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1"):
            raise Forbidden(f"a unit test uses no network: {address}")
        connect(self, address)

    patch.setattr(socket.socket, "connect", only_here)


@pytest.fixture
def runner() -> FakeRunner:
    """A runner that starts nothing and knows no program until it is told."""
    return FakeRunner()


@pytest.fixture
def watcher() -> Watcher:
    """A watcher that remembers phases, notes and lines."""
    return Watcher()
