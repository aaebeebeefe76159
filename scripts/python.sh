#!/usr/bin/env bash
# Prints a Python that can run the tests that need no box: the virtual environment's, else the system's when it
# has every dependency (a dev box with Debian's packages), else that of a virtual environment made now.
set -euo pipefail

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${VENV:-$checkout/.venv}

complete() {
    command -v "$1" >/dev/null && "$1" -c '
import importlib.util, sys
names = "augeas jsonpath_ng msgspec vagrant ruamel typer pytest hypothesis jsonschema xdist yaml".split()
sys.exit(sys.version_info < (3, 11) or not all(map(importlib.util.find_spec, names)))
' 2>/dev/null
}

for candidate in "$venv/bin/python" python3 /usr/bin/python3; do
    if complete "$candidate"; then
        command -v "$candidate"
        exit 0
    fi
done

"$checkout/scripts/setup.sh" --only python >&2
echo "$venv/bin/python"
