"""Write what is made from devenv/box/schema.py: the JSON Schema of devenv.yaml and its reference.

python scripts/generate.py            write them
python scripts/generate.py --check    write nothing; exit 1 and name what is out of date
"""

import argparse
import json
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
    }


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
