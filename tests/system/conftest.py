"""Projects with real machines; one docker machine is shared by all tests that only look at it or run something."""

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
    """A project whose docker machine runs, with a second synced folder and a variable; tests leave it as it was."""
    folder = tmp_path_factory.mktemp("shared")
    (folder / "project" / "inner").mkdir(parents=True)
    more = 'sync: [".:/vagrant", "inner:/srv/inner"]\nenv: {GREETING: "a \\"b\\" $c"}\n'
    with machines.project(folder / "project", more) as made:
        made.ok("up", "--provider", "docker")
        yield made


@pytest.fixture(scope="session")
def editors_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[machines.Project]:
    """A project of the python template whose docker machine runs, with a home folder of its own (``home``).

    Each test sets up the editor it is about, and removes it again.
    """
    folder = tmp_path_factory.mktemp("e")
    home = folder / "home"
    home.mkdir()
    # a package index may be behind certificates that only the host knows
    with machines.project(folder / "hello", None, **machines.home_environment(home)) as made:
        made.ok("init", "--template", "python")
        text = made.folder.joinpath("devenv.yaml").read_text()
        made.write("devenv.yaml", text.replace("memory: 512", "memory: 512\ntrust_host_certificates: true"))
        made.ok("up", "--provider", "docker")
        yield made
