"""Our lenses: each is unambiguous, has a head and comments, and tests of both directions that pass."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from devenv.editor.trees import filters

FOLDER = Path(__file__).resolve().parents[2] / "lenses"
LENSES = sorted(FOLDER.glob("*.aug"))
TESTS = sorted((FOLDER / "tests").glob("test_*.aug"))


def names(files: list[Path]) -> list[str]:
    return [file.stem for file in files]


def augparse(file: Path) -> str:
    """Return what augparse says, type checking on; nothing when all is well."""
    program = shutil.which("augparse")
    assert program, "augparse is not installed: apt-get install augeas-tools"
    done = subprocess.run(
        [program, "-I", str(FOLDER), str(file)], capture_output=True, text=True, timeout=300, check=False
    )
    said = done.stdout + done.stderr
    # the grammar of a lens is pages of it
    return "\n".join(line[:200] for line in said.splitlines()[:20]) or f"exit {done.returncode}" * (
        done.returncode != 0
    )


@pytest.mark.slow
@pytest.mark.starts_programs
@pytest.mark.parametrize("file", TESTS, ids=names(TESTS))
def test_a_lens_is_unambiguous_and_its_tests_pass(file: Path) -> None:
    assert augparse(file) == ""


@pytest.mark.starts_programs
def test_augparse_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "test_wrong.aug"
    wrong.write_text('module Test_wrong =\ntest Dotenv.lns get "A=1\\n" = { "A" = "2" }\n')
    assert "Test failure" in augparse(wrong)


@pytest.mark.parametrize("file", LENSES, ids=names(LENSES))
def test_a_lens_has_tests_for_get_and_for_put(file: Path) -> None:
    tests = (FOLDER / "tests" / f"test_{file.stem}.aug").read_text(encoding="utf-8")
    module = module_of(file)
    assert f"module Test_{module}" in tests
    assert re.search(rf"^test {module}\.\w+ get ", tests, re.MULTILINE)
    assert re.search(rf"^test {module}\.\w+ put .*?\bafter\b", tests, re.MULTILINE | re.DOTALL)


def module_of(file: Path) -> str:
    found = re.search(r"^module (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    assert found[1].lower() == file.stem
    return found[1]


@pytest.mark.parametrize("file", LENSES, ids=names(LENSES))
def test_a_lens_says_what_it_is_for_and_what_each_part_views(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    head = text.partition("*)")[0].lower()
    for word in ("module:", "author:", "reference", "license", "lens usage", "configuration files", "examples"):
        assert word in head
    top = re.findall(r"^let (?:rec )?(\w+)(?! = del \")\b", text, re.MULTILINE)
    said = set(re.findall(r"\(\* (?:View|Variable): ([\w, ]+)", text))
    views = {name for names in said for name in re.split(r"[, ]+", names)}
    assert [name for name in top if name not in views and name not in ("xfm", "filter")] == []


@pytest.mark.parametrize(
    ("path", "lens"),
    [
        ("/srv/app/.env", "Dotenv.lns"),
        ("/srv/app/.env.local", "Dotenv.lns"),
        ("/srv/app/prod.env", "Dotenv.lns"),
        ("/srv/app/.git/config", "Gitconfig.lns"),
        ("/home/me/.gitconfig", "Gitconfig.lns"),
        ("/srv/app/.gitmodules", "Gitconfig.lns"),
        ("/srv/app/requirements.txt", "Requirements.lns"),
        ("/srv/app/requirements-dev.txt", "Requirements.lns"),
        ("/srv/app/requirements/base.txt", "Requirements.lns"),
        ("/srv/app/constraints.txt", "Requirements.lns"),
        ("/srv/app/Dockerfile", "Dockerfile.lns"),
        ("/srv/app/Dockerfile.dev", "Dockerfile.lns"),
        ("/srv/app/web.Dockerfile", "Dockerfile.lns"),
        ("/srv/app/Containerfile", "Dockerfile.lns"),
        ("/srv/app/Vagrantfile", "Vagrantfile.lns"),
    ],
)
def test_files_go_by_their_names(path: str, lens: str) -> None:
    found = filters.of_file(path)
    assert found is not None
    assert found.lens == lens
