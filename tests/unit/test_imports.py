"""What the quick paths do not load: each of these modules takes longer to import than ``devenv status`` may spend."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.starts_programs

CHECKOUT = Path(__file__).resolve().parents[2]
PARSERS = ["typer", "pydantic", "click", "rich", "argparse"]
USE_CASES = ["devenv.box.lifecycle", "devenv.box.vagrant", "devenv.box.kvm", "devenv.box.spec", "devenv.image"]
LIBRARIES = ["ruamel", "vagrant", "augeas", "jsonpath_ng", "jsonschema"]
STANDARD = [
    "dataclasses",
    "inspect",
    "difflib",
    "shutil",
    "secrets",
    "random",
    "socket",
    "email",
    "tempfile",
    "asyncio",
]
EXPRESSIONS = ["re", "enum", "functools", "collections", "contextlib", "importlib", "typing", "json"]
"""Regular expressions and what they load: as long as all else that an edit of a small file does."""

LOCK = {
    "version": 1,
    "name": "quick",
    "source": {"file": "devenv.yaml", "sha256": "0" * 64},
    "runner": "",
    "machines": {
        "default": {
            "primary": True,
            "box": {"name": "devenv/debian-12", "version": None, "url": None, "checksums": {}},
            "provider": None,
            "hostname": "quick",
            "cpus": 1,
            "memory": 512,
            "ports": [],
            "sync": [{"host": ".", "guest": "/vagrant", "type": None, "types": {}}],
            "steps": [],
            "providers": {},
        }
    },
}


def loaded(program: str, folder: Path) -> set[str]:
    """Return the modules a fresh Python has loaded when program ends."""
    text = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n{program}\nprint('\\n' + '\\n'.join(sys.modules))"
    # -S: what a virtual environment's own start-up hooks load is not ours
    done = subprocess.run([sys.executable, "-S", "-c", text], cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def among(unwanted: list[str], found: set[str]) -> list[str]:
    return [name for name in unwanted if name in found]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "devenv.lock").write_text(json.dumps(LOCK), encoding="utf-8")
    return tmp_path


def test_the_version_is_told_by_a_handful_of_modules(tmp_path: Path) -> None:
    found = loaded("from devenv.cli import quick; assert quick.run(['--version']) == 0", tmp_path)
    assert "devenv.cli.quick" in found
    assert among([*PARSERS, *USE_CASES, *LIBRARIES, *STANDARD, "subprocess", "json", "pathlib"], found) == []


def test_status_loads_neither_a_parser_nor_a_use_case(project: Path) -> None:
    found = loaded("from devenv.cli import quick; assert quick.run(['status']) == 0", project)
    assert {"devenv.box.observe", "devenv.box.lockcheck"} <= found
    unwanted = [*PARSERS, *USE_CASES, *LIBRARIES, *STANDARD, "hashlib", "devenv.box.ssh", "devenv.box.guestrun"]
    assert among(unwanted, found) == []


def test_run_loads_neither_a_parser_nor_a_use_case(project: Path) -> None:
    # the machine is not created: everything up to the connection is looked up
    found = loaded("from devenv.cli import quick; assert quick.run(['run', '--', 'true']) == 8", project)
    assert {"devenv.box.connect", "devenv.box.guestrun", "devenv.box.lockcheck"} <= found
    assert among([*PARSERS, *USE_CASES, *LIBRARIES, *STANDARD], found) == []


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        (
            "package.json",
            '{\n  "scripts": {"build:dev": "tsc"},\n  "files": ["a", "b"]\n}\n',
            "scripts.build:dev=tsc -b",
        ),
        ("package.json", '{"files": ["a \\"quoted\\" word", 1.5e3, true, null]}', "files[1]=17"),
        ("app.ini", "# first\n[server]\nport = 80\n; of it\nname = a b\n", "server.port=8080"),
    ],
)
def test_an_edit_of_a_small_file_waits_for_no_regular_expression(
    tmp_path: Path, name: str, text: str, path: str
) -> None:
    (tmp_path / name).write_text(text)
    found = loaded(
        f"from devenv.cli import quick; assert quick.run(['config', 'set', {name!r}, {path!r}]) == 0", tmp_path
    )
    assert (tmp_path / name).read_text() != text
    assert "devenv.editor.batch" in found
    rarely = [f"devenv.editor.trees.{part}" for part in ("expressions", "lines", "making", "template", "written")]
    assert among([*PARSERS, *LIBRARIES, *STANDARD, *EXPRESSIONS, *rarely, "pathlib", "subprocess"], found) == []


def test_the_docker_provider_is_as_quick(tmp_path: Path) -> None:
    found = loaded("from devenv.box import providers; providers.get('docker')", tmp_path)
    assert "devenv.box.providers.docker" in found
    assert among([*PARSERS, *USE_CASES, *LIBRARIES, *STANDARD, "hashlib"], found) == []


def test_help_loads_no_use_case() -> None:
    # with its packages: typer is one
    text = "import sys; from devenv.cli import app; code = app.run(['--help']); print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", text], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    found = set(done.stdout.splitlines())
    assert "typer" in found
    assert among([*USE_CASES, *LIBRARIES, "rich", "pydantic", "devenv.box.observe", "devenv.box.ssh"], found) == []
