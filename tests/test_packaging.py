"""The wheel: all that devenv needs is in it, and it works where there is no checkout."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[1]


def tracked(*folders: str) -> list[str]:
    """Return the files git knows below these folders."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--", *folders], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\0") if name]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (found,) = folder.glob("devenv-*-py3-none-any.whl")
    return found


@pytest.fixture(scope="module")
def contents(wheel: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(wheel) as archive:
        yield archive


def test_every_module_and_what_lies_beside_it_is_in_the_wheel(contents: zipfile.ZipFile) -> None:
    missing = set(tracked("devenv")) - set(contents.namelist())
    assert missing == set()
    for name in ("devenv/box/devenv.schema.json", "devenv/box/guest/runner.sh", "devenv/py.typed"):
        assert name in contents.namelist()


def test_templates_and_lenses_are_inside_the_package_byte_by_byte(contents: zipfile.ZipFile) -> None:
    files = tracked("templates", "lenses")
    assert "templates/python/gitignore" in files
    for name in files:
        assert contents.read(f"devenv/{name}") == (CHECKOUT / name).read_bytes(), name
    assert contents.read("devenv/box/Vagrantfile") == (CHECKOUT / "Vagrantfile").read_bytes()


def test_nothing_else_is_in_the_wheel(contents: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in contents.namelist()}
    assert len(tops) == 2
    assert "devenv" in tops
    ours = [name for name in contents.namelist() if not name.startswith(("devenv/templates/", "devenv/lenses/"))]
    assert not [name for name in ours if "/tests/" in name or "__pycache__" in name]


def test_the_metadata_says_what_it_is(contents: zipfile.ZipFile) -> None:
    (name,) = (name for name in contents.namelist() if name.endswith(".dist-info/METADATA"))
    text = contents.read(name).decode()
    assert "\nLicense-Expression: MIT\n" in text
    assert "\nRequires-Python: >=3.11\n" in text
    (entry,) = (name for name in contents.namelist() if name.endswith("entry_points.txt"))
    assert "devenv = devenv.__main__:main" in contents.read(entry).decode()


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel in an empty environment and return its ``devenv``."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    bin_folder = folder / ("Scripts" if os.name == "nt" else "bin")
    done = subprocess.run(
        [str(bin_folder / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", str(wheel)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return bin_folder / "devenv"


def test_it_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "VAGRANT_HOME": str(tmp_path / "home/.vagrant.d"),
    }
    (tmp_path / "home").mkdir()

    def devenv(*words: str, folder: Path = tmp_path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(installed), *words], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
        )

    version = devenv("--version")
    assert (version.returncode, version.stderr) == (0, "")
    assert version.stdout.startswith("devenv ")
    for template in ("python", "minimal", "c"):
        made = devenv("init", "-t", template, template)
        assert made.returncode == 0, made.stderr
        # the schema the first line of devenv.yaml names is the package's own
        assert (tmp_path / template / ".vagrant/devenv/devenv.schema.json").read_bytes() == (
            CHECKOUT / "devenv/box/devenv.schema.json"
        ).read_bytes()
        assert (tmp_path / template / "Vagrantfile").read_bytes() == (CHECKOUT / "Vagrantfile").read_bytes()
        status = devenv("status", "--json", folder=tmp_path / template)
        assert json.loads(status.stdout)["machines"][0]["state"] == "not_created"
    doctor = devenv("doctor", "--json", folder=tmp_path / "python")
    data = json.loads(doctor.stdout)
    assert doctor.returncode == (0 if data["can_boot"] else 8)
    assert {"vagrant", "ssh", "docker", "libvirt"} <= {check["name"] for check in data["checks"]}
    assert "Traceback" not in doctor.stderr


def test_a_file_is_edited_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    # one file for each backend; the lenses are those of the package
    files = {
        "test.json": ("{}\n", "b.c.d=world", '"d": "world"'),
        "test.yaml": ("a: 1\n", "b.c.d=world", "    d: world"),
        "test.toml": ("a = 1\n", "b.c=world", 'c = "world"'),
        ".env": ("A=1\n", "B=world", "B=world"),
        "test.ini": ("[a]\nb = 1\n", "a.b=world", "b = world"),
        "hosts": ("127.0.0.1 localhost\n", "[0].canonical=world", "127.0.0.1 world"),
    }
    for name, (text, edit, wanted) in files.items():
        (tmp_path / name).write_text(text)
        argv = [str(installed), "config", "set", name, edit]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, f"changed: {name}\n"), name
        assert wanted in (tmp_path / name).read_text(), name
