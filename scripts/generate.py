"""Write what is made from other files: the JSON Schema of devenv.yaml and its reference, the table of Augeas's lenses.

python scripts/generate.py            write them
python scripts/generate.py --check    write nothing; exit 1 and name what is out of date
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from devenv.box import reference, schema  # noqa: E402  # found from the checkout, installed or not


def generated() -> dict[Path, str]:
    """Return file -> the text it should have."""
    return {
        ROOT / "devenv/box/devenv.schema.json": json.dumps(schema.json_schema(), indent=2, ensure_ascii=False) + "\n",
        ROOT / "docs/devenv-yaml.md": reference.markdown(),
        STOCK: stock_lenses(),
    }


STOCK = ROOT / "devenv/editor/trees/stock.txt"


def stock_lenses() -> str:
    """Return the table of the lenses that come with Augeas: lens, whether it takes nested text, filter, exceptions.

    Another Augeas has other lenses: without the one the table was made with, the table stays as it is.
    """
    old = STOCK.read_text("utf-8") if STOCK.exists() else ""
    made_with = re.match(r"# Augeas (\S+)", old)
    try:
        from augeas import Augeas
    except (ImportError, OSError):
        return old
    home, os.environ["HOME"] = os.environ.get("HOME"), "/~"
    try:
        augeas = Augeas(loadpath=None, flags=Augeas.NO_LOAD)
    finally:
        os.environ.pop("HOME")
        if home is not None:
            os.environ["HOME"] = home
    version = augeas.get("/augeas/version")
    if made_with and made_with[1] != version:
        return old
    backups = {"#*#", "*~"} | {
        f"*.{suffix}"
        for suffix in (
            "old",
            "bak",
            "augnew",
            "augsave",
            "dpkg-dist",
            "dpkg-bak",
            "dpkg-new",
            "dpkg-old",
            "rpmsave",
            "rpmnew",
        )
    }
    lines = [f"# Augeas {version}: lens, nested or flat, filter, exceptions. Made by scripts/generate.py."]
    folders = [Path(at) for at in ("/usr/share/augeas/lenses/dist", "/usr/local/share/augeas/lenses/dist")]
    folder = next((at for at in folders if at.is_dir()), None)
    if folder is None:
        return old
    nested = _nested_modules(folder)
    for load in augeas.match("/augeas/load/*"):
        module = augeas.get(f"{load}/lens").lstrip("@").partition(".")[0]
        lens = f"{module}.{_transformed(folder, module)}"
        kind = "recursive" if module in nested else "flat"
        filters = [
            dict.fromkeys(augeas.get(at).replace("/~", "~") for at in reversed(augeas.match(f"{load}/{which}")))
            for which in ("incl", "excl")
        ]
        words = [" ".join(pattern for pattern in patterns if pattern not in backups) for patterns in filters]
        lines.append("\t".join([lens, kind, *words]))
    for module in ("Desktop", "Properties"):
        if not any(line.startswith(f"{module}.") for line in lines):
            lines.append("\t".join([f"{module}.lns", "recursive" if module in nested else "flat", "", ""]))
    return "\n".join([lines[0], *sorted(lines[1:])]) + "\n"


def _sources(folder: Path) -> dict[str, str]:
    """Return module -> text of its lens file without comments."""
    found = {}
    for file in sorted(folder.glob("*.aug")):
        text = re.sub(r"\(\*.*?\*\)", "", file.read_text("utf-8", "replace"), flags=re.DOTALL)
        if module := re.search(r"^\s*module\s+(\w+)", text, re.MULTILINE):
            found[module[1]] = text
    return found


def _nested_modules(folder: Path) -> set[str]:
    """Return the modules with a lens that calls itself, in themselves or in a module they use."""
    sources = _sources(folder)
    nested = {module for module, text in sources.items() if re.search(r"\blet\s+rec\s+\w", text)}
    while True:
        more = {
            module
            for module, text in sources.items()
            if module not in nested and any(re.search(rf"\b{used}\.\w*(lns|entry|content)\b", text) for used in nested)
        }
        if not more:
            return nested
        nested |= more


def _transformed(folder: Path, module: str) -> str:
    """Return the name of the lens that a module reads its files with."""
    found = re.search(r"\btransform\s+\(?\s*(\w+)", _sources(folder).get(module, ""))
    return found[1] if found else "lns"


def main() -> int:
    """Write or check the files; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the JSON Schema and the reference of devenv.yaml.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is out of date")
    check = parser.parse_args().check
    old = [(path, text) for path, text in generated().items() if not path.exists() or path.read_text("utf-8") != text]
    for path, text in old:
        print(f"{path.relative_to(ROOT)} {'is out of date: run scripts/generate.py' if check else 'written'}")
        if not check:
            path.write_text(text, encoding="utf-8")
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())
