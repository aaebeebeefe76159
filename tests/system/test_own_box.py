"""The box this project is developed in: what its devenv.yaml promises is done here, from a copy of the checkout."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]


def devenv(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "devenv", *words], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("own") / "devenv"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    yield folder
    done = devenv(folder, "destroy", "--force")
    assert done.returncode == 0, done.stderr


def test_the_tests_without_boxes_pass_in_the_box(checkout: Path) -> None:
    up = devenv(checkout, "up", "--provider", "docker")
    assert up.returncode == 0, up.stderr

    tests = devenv(checkout, "run", "--", "make", "test-fast")

    assert tests.returncode == 0, tests.stdout[-8000:] + tests.stderr[-2000:]
    assert " passed" in tests.stdout.splitlines()[-1]
    assert "skipped" not in tests.stdout.splitlines()[-1]
