"""The outcome as a table for a terminal, and as docs/benchmarks.md."""

from collections.abc import Sequence

from benchmarks.contest import Outcome

HEADS = ("", "against", "devenv", "other", "result", "limit", "")

PREFACE = """\
# Benchmarks

Written by `make bench`: devenv beside plain Vagrant and beside other editors of config files, in turn, in one run on
one machine. Each figure is the median of its runs, with the shortest and longest run in brackets. Every run is checked:
the status has to say "running", the page a step started has to answer, every step has to be recorded as done in the
box, the value that was set has to be in the file. The two sides of an `up` use the same folder, the same Vagrantfile
and the same devenv.lock, and begin without a machine. An edit is a whole process, from its start to its end; devenv
replaces the file and waits for the disk, jq, gojq, jaq and yq print to another one.
"""


def cells(outcome: Outcome) -> tuple[str, ...]:
    """Return one row of the table."""
    verdict = "pass" if outcome.met else "FAIL"
    ours, theirs = _figures(outcome.ours, outcome.unit), _figures(outcome.theirs, outcome.unit)
    return (outcome.name, outcome.against, ours, theirs, outcome.result, outcome.limit.text, verdict)


def text(outcomes: Sequence[Outcome]) -> str:
    """Return the table for a terminal."""
    rows = [HEADS, *(cells(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def markdown(outcomes: Sequence[Outcome], facts: Sequence[tuple[str, str]], left_out: Sequence[str]) -> str:
    """Return the whole of docs/benchmarks.md."""
    lines = [PREFACE, f"| {' | '.join(HEADS)} |", f"|{'---|' * len(HEADS)}"]
    lines += [f"| {' | '.join(_code(row[:2]) + list(row[2:]))} |" for row in map(cells, outcomes)]
    runs = ", ".join(f"`{outcome.name}` {len(outcome.ours)}" for outcome in outcomes)
    lines += ["", f"Runs of each side: {runs}."]
    lines += [f"Not measured in this run: {', '.join(left_out)}."] if left_out else []
    lines += ["", "## The machine", "", *(f"- {what}: {value}" for what, value in facts)]
    return "\n".join(lines) + "\n"


def _code(names: Sequence[str]) -> list[str]:
    return [name if name == "-" else f"`{name}`" for name in names]


def _figures(times: Sequence[float], unit: str) -> str:
    if not times:
        return "-"
    ordered = sorted(times)
    half = len(ordered) // 2
    median = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    if unit != "s":
        return f"{median:.0f} {unit} ({ordered[0]:.0f} to {ordered[-1]:.0f})" if unit == "MiB" else f"{median:.2f}"
    if median < 1:
        return f"{median * 1000:.0f} ms ({ordered[0] * 1000:.0f} to {ordered[-1] * 1000:.0f})"
    return f"{median:.1f} s ({ordered[0]:.1f} to {ordered[-1]:.1f})"
