"""Projects for bad days: one of the test's own, and one whose machine all tests share that leave it as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import machines


@pytest.fixture
def project(tmp_path: Path) -> Iterator[machines.Project]:
    """A project of the test's own, not up yet."""
    with machines.project(tmp_path / "project") as made:
        yield made


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[machines.Project]:
    """A project whose docker machine runs; tests leave it as it was."""
    with machines.project(tmp_path_factory.mktemp("shared") / "project") as made:
        made.ok("up", "--provider", "docker")
        yield made
