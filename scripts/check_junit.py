"""Fail when a test run (pytest's junit.xml) was empty or skipped a test: ``check_junit.py FILE``.

A skipped system test looks like success and proves nothing, so each is named. Exits 0, or 1 with the reasons on stderr.
"""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path


def problems(text: str) -> list[str]:
    """Return one line for each reason not to believe a run; an expected failure counts as skipped."""
    cases = list(ET.fromstring(text).iter("testcase"))
    if not cases:
        return ["pytest ran no test"]
    return [
        f"skipped: {case.get('classname')}::{case.get('name')}: {skipped.get('message') or 'no reason given'}"
        for case in cases
        for skipped in case.iter("skipped")
    ]


def main(argv: list[str]) -> int:
    """Print the problems of the file named in argv to stderr; 1 if there are any."""
    try:
        found = problems(Path(argv[0]).read_text(encoding="utf-8"))
    except (OSError, ET.ParseError) as exc:
        found = [f"no result of pytest: {exc}"]
    for line in found:
        sys.stderr.write(f"ci: {line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
