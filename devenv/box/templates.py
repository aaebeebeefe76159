"""What `devenv init` writes: the project templates, and the plan of one in a folder.

A template is a folder of ``templates/``: its files as they will be, ``@NAME@`` standing for the project's name, and two
that are not copied: ``template.json`` (what it is) and ``gitignore`` (lines for .gitignore). Files that several
templates have lie in ``templates/_shared``.

``plan`` looks and decides, ``apply`` writes. Neither goes through a symbolic link below the target: what lies behind
one is somebody else's.
"""

import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from devenv import paths
from devenv.box import names
from devenv.box.project import other_tool, refuse_other_tool
from devenv.errors import ConflictError, UsageError

DEFAULT = "minimal"
"""The template of an `init` that names none."""

PLACEHOLDER = b"@NAME@"
"""Stands for the project's name. A name is a hostname label, so it is safe in YAML, JSON, HTML and every language."""

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
IGNORE = ".gitignore"
_SHARED = "_shared"
_ABOUT = "template.json"
_IGNORED_LINES = "gitignore"


@dataclass(frozen=True)
class Template:
    """A kind of project: files of _shared it has, and what a folder with such a project in it holds and needs."""

    name: str
    summary: str
    shared: tuple[str, ...]
    detect: tuple[str, ...]
    packages: tuple[str, ...]


class Kind(StrEnum):
    """What happens to a file."""

    WRITE = "write"
    APPEND = "append"
    REPLACE = "replace"
    KEEP = "keep"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Action:
    """What happens to one file.

    path is relative to the target, with slashes. content is what the file holds afterwards, before what it held when
    it was looked at (None: it was not there). note says why a file is kept or in conflict.
    """

    path: str
    kind: Kind
    content: bytes
    before: bytes | None = None
    note: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A template that fits what lies in a folder, the file that says so, and the packages such a project needs."""

    template: str
    because: str
    packages: tuple[str, ...]


def available() -> list[Template]:
    """Return all templates, the default one first."""
    found = []
    for about in paths.package_data("templates").glob(f"*/{_ABOUT}"):
        data = json.loads(about.read_text(encoding="utf-8"))
        detect = data["detect"]
        template = Template(
            about.parent.name,
            data["summary"],
            tuple(data["shared"]),
            tuple(detect["files"]),
            tuple(detect["packages"]),
        )
        found.append((data["order"], template))
    return [template for _, template in sorted(found, key=lambda pair: (pair[0], pair[1].name))]


def get(name: str) -> Template:
    """Return a template by its name; raise UsageError when there is none."""
    templates = {template.name: template for template in available()}
    if name not in templates:
        from difflib import get_close_matches

        near = get_close_matches(name, list(templates), 1)
        known = f"there are: {', '.join(templates)}"
        raise UsageError(f"there is no template {name!r}", hint=f"did you mean {near[0]}? {known}" if near else known)
    return templates[name]


def project_name(target: Path) -> str:
    """Return a project's name for a folder: its name as a hostname label."""
    return names.valid_label(names.valid_name(target.resolve().name))


def suggest(target: Path) -> Suggestion | None:
    """Return the template that fits the sources in a folder; None when they say nothing."""
    templates = available()
    # a manifest says more than a stray source file does
    for wild in (False, True):
        for template in templates:
            for pattern in template.detect:
                if ("*" in pattern) != wild:
                    continue
                if match := min(target.glob(pattern), default=None):
                    return Suggestion(template.name, match.relative_to(target).as_posix(), template.packages)
    return None


def plan(template: Template, target: Path, *, name: str, vagrantfile: str, force: bool = False) -> list[Action]:
    """Return what making a project of a template in target does to each file; nothing is written.

    With force a file with other content is replaced instead of being in conflict.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is not a project name", hint="small letters, digits and dashes, at most 63")
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file, not a folder")
    _refuse_other_tool(target)
    wanted = {paths.CONFIG: b"", paths.VAGRANTFILE: vagrantfile.encode(), **dict(_files(template, name))}
    actions = [_decide(target, path, content, force=force) for path, content in wanted.items()]
    lines = (_folder(template) / _IGNORED_LINES).read_text(encoding="utf-8").splitlines()
    actions.insert(2, _decide_ignore(target, lines))
    return actions


def apply(actions: list[Action], target: Path) -> None:
    """Carry out a plan, each file whole or not at all; raise ConflictError, before anything is written, if it cannot.

    An apply that was interrupted is finished by planning and applying again.
    """
    conflicts = [action for action in actions if action.kind is Kind.CONFLICT]
    if conflicts:
        listed = "\n".join(f"  {action.path}: {action.note}" for action in conflicts)
        raise ConflictError(
            f"there is something else already; nothing was written:\n{listed}",
            hint="move it away, or replace files with --force",
        )
    target.mkdir(parents=True, exist_ok=True)
    for action in actions:
        if action.kind is not Kind.KEEP:
            _write(target, action)


def add_lines(text: bytes, lines: list[str]) -> bytes:
    """Return a .gitignore with the lines it lacks at its end, in its own line ends; the same bytes if it lacks none."""
    # /x, x/ and !x say something of x: the user has decided on it
    known = {_pattern(line) for line in text.decode(errors="replace").splitlines()}
    missing = [line for line in lines if _pattern(line) not in known]
    if not missing:
        return text
    end = b"\r\n" if b"\r\n" in text else b"\n"
    gap = end if text and not text.endswith(b"\n") else b""
    return text + gap + b"".join(line.encode() + end for line in missing)


def _pattern(line: str) -> str:
    return line.strip().lstrip("\ufeff!").strip("/")


def _folder(template: Template) -> Path:
    return paths.package_data("templates") / template.name


def _files(template: Template, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a template, path and content."""
    folder = _folder(template)
    found = [(file.relative_to(folder).as_posix(), file) for file in folder.rglob("*") if file.is_file()]
    shared = [(file, folder.parent / _SHARED / file) for file in template.shared]
    for path, file in sorted(found + shared):
        # pip compiles every .py file of a package it installs
        if path not in (_ABOUT, _IGNORED_LINES) and "__pycache__" not in file.parts:
            yield path, file.read_bytes().replace(PLACEHOLDER, name.encode())


def _decide(target: Path, path: str, content: bytes, *, force: bool) -> Action:
    before, obstacle = _look(target, path)
    action = Action(path, Kind.WRITE, content, before)
    if obstacle:
        return replace(action, kind=Kind.CONFLICT, note=obstacle)
    if before is None:
        return action
    if before == content:
        return replace(action, kind=Kind.KEEP, note="is the same already")
    if force:
        return replace(action, kind=Kind.REPLACE)
    return replace(action, kind=Kind.CONFLICT, note="is there with other content")


def _decide_ignore(target: Path, lines: list[str]) -> Action:
    before, obstacle = _look(target, IGNORE)
    if obstacle:
        # the project works without these lines: no reason to refuse it
        return Action(IGNORE, Kind.KEEP, b"", note=f"{obstacle}; these lines belong in it: {' '.join(lines)}")
    content = add_lines(before or b"", lines)
    if before is None:
        return Action(IGNORE, Kind.WRITE, content)
    if before == content:
        return Action(IGNORE, Kind.KEEP, content, before, "has the lines already")
    return Action(IGNORE, Kind.APPEND, content, before)


def _look(target: Path, path: str) -> tuple[bytes | None, str]:
    """Return what a file holds (None: it is not there), and what is in the way of writing it ("": nothing)."""
    file = target
    *folders, _ = parts = path.split("/")
    for depth, part in enumerate(parts):
        file = file / part
        shown = "/".join(parts[: depth + 1])
        try:
            mode = file.lstat().st_mode
        except FileNotFoundError:
            return None, ""
        if stat.S_ISLNK(mode):
            return None, f"{shown} is a symbolic link"
        if depth < len(folders) and not stat.S_ISDIR(mode):
            return None, f"{shown} is not a folder"
    return (file.read_bytes(), "") if stat.S_ISREG(mode) else (None, f"{path} is not a file")


def _refuse_other_tool(target: Path) -> None:
    """Raise when the folder belongs to the Nix-based tool of the same name: not even force touches its files."""
    refuse_other_tool(target)
    config, _ = _look(target, paths.CONFIG)
    if config is not None and re.search(rb"^inputs[ \t]*:", config, re.MULTILINE):
        raise other_tool(paths.CONFIG)


def _write(target: Path, action: Action) -> None:
    file = target.joinpath(*action.path.split("/"))
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.devenv-{os.getpid()}")
    try:
        with temporary.open("xb") as out:
            out.write(action.content)
            out.flush()
            os.fsync(out.fileno())
        if _look(target, action.path) != (action.before, ""):
            raise ConflictError(f"{file} was changed meanwhile; it was not written")
        if action.before is not None:
            temporary.chmod(stat.S_IMODE(file.stat().st_mode))
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
