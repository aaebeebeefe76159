"""Machines whose making was cut short (kill -9, a power cut): Vagrant does not know them, so devenv removes them.

A note is written before a machine is made and removed when it is up. A note that is still there tells which machines
there were before: what is there now besides those, and not known to Vagrant, is half a machine of ours.
"""

import json
from pathlib import Path

from devenv.box import providers
from devenv.box.project import Project, write_private
from devenv.process import Runner


def begin(project: Project, runner: Runner, name: str, provider: str) -> None:
    """Note that a machine is about to be made."""
    there = providers.get(provider).made_for(runner, project.root, name)
    write_private(_note(project, name), json.dumps({"provider": provider, "there": there}) + "\n")


def end(project: Project, name: str) -> None:
    """Note that a machine is whole."""
    _note(project, name).unlink(missing_ok=True)


def clear(project: Project, runner: Runner, name: str) -> list[str]:
    """Remove the half of a machine that an interrupted start left; return the ids of what was removed."""
    try:
        note = json.loads(_note(project, name).read_text(encoding="utf-8"))
        provider, there = providers.get(str(note["provider"])), set(note["there"])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    known = project.created().get(name)
    if known is not None:
        there.add(known.id)
    removed = [each for each in provider.made_for(runner, project.root, name) if each not in there]
    for each in removed:
        provider.remove(runner, each)
    end(project, name)
    return removed


def _note(project: Project, name: str) -> Path:
    return project.machine_state(name) / "making.json"
