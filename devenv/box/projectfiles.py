"""The files devenv keeps in a project: devenv.lock, the Vagrantfile, the schema for editors."""

from pathlib import Path

from devenv import paths
from devenv.box import implied
from devenv.box import lock as locks
from devenv.box.project import Project, write_private
from devenv.box.report import Report
from devenv.errors import ConfigError, ConflictError, Problem


def refresh_lock(project: Project, *, frozen: bool = False) -> locks.Lock | None:
    """Bring devenv.lock up to date with devenv.yaml and its scripts and return it; None without a devenv.yaml.

    The file is only written when something differs; with frozen a difference is a ConflictError instead.
    """
    previous = locks.read(project.lock) if project.lock.exists() else None
    if not project.config.exists():
        return previous
    if previous is not None and _is_current(project, previous):
        return previous
    from devenv.box import spec as specs

    spec = specs.load(project.config)
    fresh = locks.resolve(spec, project_dir=project.root, previous=previous)
    if fresh == previous:
        return previous
    if frozen:
        raise ConflictError(
            "devenv.lock is not up to date with devenv.yaml, and --frozen forbids to write it",
            hint="run devenv up without --frozen and commit devenv.lock",
        )
    locks.write(project.lock, fresh)
    return fresh


def _is_current(project: Project, lock: locks.Lock) -> bool:
    """Say whether the lock is what devenv.yaml and the scripts resolve to, by their hashes alone."""
    if lock.runner != implied.script("runner"):
        # another version of devenv: its steps are called in another way
        return False
    if locks.drift(lock, project.config.read_bytes()):
        return False
    for machine in lock.machines.values():
        for step in machine.steps:
            if step.path is None:
                continue
            try:
                content = (project.root / step.path).read_bytes()
            except OSError:
                return False
            if locks.step_digest(step.name, content, privileged=step.privileged) != step.sha256:
                return False
    return True


def check_vagrantfile(project: Project, report: Report) -> None:
    """Write the Vagrantfile when there is none; refuse one that is not devenv's beside a devenv.yaml."""
    if not project.has_config:
        return
    wanted = vagrantfile_text()
    if not project.vagrantfile.exists():
        if project.config.exists():
            from devenv.box import spec as specs

            # nothing is written beside a devenv.yaml that is wrong
            specs.load(project.config)
        project.vagrantfile.write_text(wanted, encoding="utf-8")
        report.note("wrote Vagrantfile (it reads devenv.lock; commit both)")
        return
    text = project.vagrantfile.read_text(encoding="utf-8", errors="replace")
    if not text.startswith("# devenv Vagrantfile"):
        raise ConfigError(
            [Problem(paths.VAGRANTFILE, 1, 1, "", "was not written by devenv and does not read devenv.lock")],
            hint="rename it and run devenv up again, or remove devenv.yaml and use the Vagrantfile alone",
        )


def write_schema(root: Path) -> None:
    """Put the schema of devenv.yaml where the first line of a template tells editors to look for it."""
    wanted = (Path(__file__).resolve().parent / "devenv.schema.json").read_text(encoding="utf-8")
    file = root / paths.STATE / "devenv.schema.json"
    if not file.exists() or file.read_text(encoding="utf-8", errors="replace") != wanted:
        write_private(file, wanted)


def vagrantfile_text() -> str:
    """Return the Vagrantfile devenv writes into a project."""
    packaged = Path(__file__).resolve().parent / paths.VAGRANTFILE
    # in a checkout there is one copy, at the top
    source = packaged if packaged.exists() else Path(__file__).resolve().parents[2] / paths.VAGRANTFILE
    return source.read_text(encoding="utf-8")
