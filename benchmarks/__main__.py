"""``python -m benchmarks [--quick] [--full] [--runs N]``: measure, print one table, write docs/benchmarks.md.

Exits 1 when a limit is missed, 2 when a contender did not do its work.
"""

import argparse
import compileall
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import devenv
from benchmarks import editor, ide, machine, scratch, tables
from benchmarks.contest import Contender, Faster, NotDone, NotSlower, Outcome, Under, Within, hold
from devenv import __version__

REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
SHARE = 0.05


def main() -> int:
    """Run what the options ask for and return the exit code."""
    options = _options()
    _compile()
    outcomes: list[Outcome] = []
    before = machine.load()
    try:
        for outcome in _all(options):
            outcomes.append(outcome)
            _say(tables.text([outcome]).splitlines()[-1])
    except NotDone as exc:
        _say(f"a contender did not do its work: {exc}")
        return 2
    print(tables.text(outcomes))
    facts = [*machine.describe(), ("Load", f"{before} at the start, {machine.load()} at the end")]
    left_out = ["libvirt"] * options.quick + ["the rebuild of a box (--full)"] * (not options.full)
    if options.write:
        options.write.write_text(tables.markdown(outcomes, facts, left_out), encoding="utf-8")
    return 0 if all(outcome.met for outcome in outcomes) else 1


def _compile() -> None:
    """Compile devenv as an installation does: a source that was just edited would be compiled in every run."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(str(Path(devenv.__file__).parent), quiet=2)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="devenv and plain Vagrant side by side")
    parser.add_argument("--quick", action="store_true", help="leave out libvirt")
    parser.add_argument("--full", action="store_true", help="rebuild a box as well")
    parser.add_argument("--runs", type=int, default=15, help="runs of each fast command (15); of each up a third")
    parser.add_argument(
        "--only", choices=["start", "editor", "work", "ide", "docker", "libvirt", "box"], help="one part alone"
    )
    parser.add_argument("--write", type=Path, help=f"file for the report (docs/{REPORT.name}, unless --only is given)")
    options = parser.parse_args()
    if options.write is None and options.only is None:
        options.write = REPORT
    return options


def _all(options: argparse.Namespace) -> Iterator[Outcome]:
    def wanted(part: str) -> bool:
        return part == options.only if options.only else True

    if wanted("start"):
        yield from _start(options.runs)
    if wanted("editor"):
        yield from editor.all_outcomes(options.runs, _say)
    if wanted("work"):
        with scratch.Scratch("docker") as project:
            yield from _work(project, options.runs)
    if wanted("ide"):
        with scratch.Scratch("docker", certificates=True) as project:
            yield from ide.all_outcomes(project, options.runs, _say)
    if wanted("docker"):
        with scratch.Scratch("docker") as project:
            yield _fresh(project, max(3, options.runs // 3))
    if wanted("libvirt") and not options.quick:
        with scratch.Scratch("libvirt") as project:
            yield _fresh(project, max(3, options.runs // 5))
    if (options.full or options.only == "box") and wanted("box"):
        rebuild = Contender("devenv box build --again", scratch.rebuild_box)
        yield hold(rebuild, None, Under(60), runs=1, warm_up=False, progress=_say)


def _start(runs: int) -> Iterator[Outcome]:
    nothing = Contender("python3 -c pass", lambda: scratch.python("-c", "pass"))
    version = Contender("devenv --version", lambda: scratch.command_line("--version", expect=__version__))
    yield hold(version, nothing, Within(0.06), runs=runs, progress=_say)
    usage = Contender("devenv --help", lambda: scratch.command_line("--help", expect="Usage: devenv"))
    yield hold(usage, nothing, Within(0.15), runs=runs, progress=_say)


def _work(project: scratch.Scratch, runs: int) -> Iterator[Outcome]:
    status = Contender("devenv status", project.devenv_status), Contender("vagrant status", project.vagrant_status)
    yield hold(*status, Faster(15), runs=runs, progress=_say)
    project.check_run()
    run = Contender("devenv run -- true", project.devenv_run), Contender("vagrant ssh -c true", project.vagrant_run)
    yield hold(*run, Faster(15), runs=runs, progress=_say)
    up = (
        Contender("devenv up, nothing to do", project.devenv_up_again),
        Contender("vagrant up, nothing to do", project.vagrant_up_again),
    )
    yield hold(*up, Faster(4), runs=runs, progress=_say)


def _fresh(project: scratch.Scratch, runs: int) -> Outcome:
    ours = Contender(f"devenv up, new machine, {project.provider}", project.fresh_devenv_up)
    theirs = Contender(f"vagrant up, new machine, {project.provider}", project.fresh_vagrant_up)
    return hold(ours, theirs, NotSlower(SHARE), runs=runs, warm_up=False, progress=_say)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
