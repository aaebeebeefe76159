"""Is what is set up still true: the files, the host name, the key, the interpreter, the folders."""

from pathlib import Path
from typing import NamedTuple

from devenv.box.project import Project
from devenv.editor.store import ReadOnlyStore
from devenv.errors import BoxError, DevenvError, ToolFailed
from devenv.ide import editors, guest, record, setup, sshfile, writing
from devenv.ide.reach import Reached, reach
from devenv.ide.record import Setup
from devenv.ide.user import User
from devenv.process import Runner


class Finding(NamedTuple):
    """One thing looked at: for which editor, what, whether it is true, and what is the matter or what it is."""

    editor: str
    what: str
    ok: bool
    says: str


def check(project: Project, runner: Runner, user: User, names: list[str]) -> list[Finding]:
    """Return what was found for each editor that is set up (all when none is named)."""
    known = record.read(project)
    for name in names:
        editors.get(name)
    found: list[Finding] = []
    reached: dict[str, tuple[Reached, tuple[bool, str]] | DevenvError] = {}
    for name in names or list(known):
        setup_ = known.get(name)
        if setup_ is None:
            found.append(Finding(name, "set-up", False, f"is not set up here: devenv ide setup {name}"))
            continue
        if name not in editors.MODULES:
            found.append(Finding(name, "set-up", False, "was set up by a later devenv, and cannot be looked at"))
            continue
        key = f"{setup_.machine} {setup_.options.get('interpreter', '')}"
        if key not in reached:
            try:
                there = reach(project, runner, setup_.machine, user, setup_.options)
                reached[key] = there, _of_ssh(there, runner, user)
            except (BoxError, ToolFailed) as exc:
                reached[key] = exc
        each = reached[key]
        if isinstance(each, DevenvError):
            found.append(Finding(name, "box", False, f"{each.message}; {each.hint}" if each.hint else each.message))
            continue
        found += _of_box(name, *each)
        found += _of_files(project, runner, setup_, each[0], user)
    return found


def _of_box(name: str, there: Reached, ssh: tuple[bool, str]) -> list[Finding]:
    target, facts = there.target, there.facts
    again = f"devenv ide setup {name} mends it"
    found = [Finding(name, "ssh", True, ssh[1]) if ssh[0] else Finding(name, "ssh", False, f"{ssh[1]}; {again}")]
    if facts.python:
        found.append(Finding(name, "interpreter", True, f"{target.python} is Python {facts.version}"))
    else:
        found.append(Finding(name, "interpreter", False, f"there is no {target.python} in the box; {again}"))
    if facts.shared is not None:
        says = f"{target.root} is {target.folder} in the box" if facts.shared else f"{target.folder} is not the project"
        found.append(Finding(name, "folder", facts.shared, says))
    else:
        found.append(
            Finding(name, "folder", True, f"{target.root} is not synced into the box: it opens {target.folder}")
        )
    for host, folder in target.mappings:
        if folder in facts.missing and host != target.root:
            found.append(Finding(name, "folder", False, f"there is no {folder} in the box, which should be {host}"))
    return found


def _of_ssh(there: Reached, runner: Runner, user: User) -> tuple[bool, str]:
    """Ask ssh itself what it makes of the alias; return whether that leads to the machine, and what it is."""
    target = there.target
    argv = ["ssh", "-G", *_config_words(user), target.alias]
    done = runner.run(argv, timeout=20)
    said: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        word, _, value = line.partition(" ")
        # paths are said with their tokens still in them
        said.setdefault(word, []).append(value.replace("%%", "%"))
    wanted = {
        "hostname": target.host,
        "port": str(target.port),
        "user": target.user,
        "hostkeyalias": target.alias,
        "userknownhostsfile": str(sshfile.known_hosts_file(user)),
    }
    wrong = [
        f"{word} {said.get(word, ['nothing'])[0]}" for word, value in wanted.items() if value not in said.get(word, [])
    ]
    missing = [key for key in target.keys if key not in said.get("identityfile", [])]
    if wrong or missing:
        return False, f"ssh {target.alias} has {', '.join(wrong + [f'no key {key}' for key in missing])}"
    for key in target.keys:
        if not Path(key).is_file():
            return False, f"the key {key} is not there"
    return True, f"{target.alias} is {target.user}@{target.host}:{target.port}, with its key"


def _config_words(user: User) -> list[str]:
    """Return the words that make ssh read the user's configuration where $HOME is not the account's home folder."""
    try:
        import os
        import pwd

        if pwd.getpwuid(os.getuid()).pw_dir == str(user.home):
            return []
    except (ImportError, KeyError):
        return []
    return ["-F", str(sshfile.user_config(user))]


def _of_files(project: Project, runner: Runner, known: Setup, there: Reached, user: User) -> list[Finding]:
    editor = editors.get(known.editor)
    again = f"devenv ide setup {known.editor} mends it"
    found = []
    try:
        files = writing.rehearse(setup.wanted_job(editor, known, there, user), ReadOnlyStore())
        files += guest.rehearse(there.connection, runner, setup.wanted_in_box(editor, known, there))
    except DevenvError as exc:
        return [Finding(known.editor, "files", False, exc.message)]
    for done in files:
        name = writing.name_of(done.file, user.home, project.root)
        name += " in the box" if done.scope == "box" else ""
        if done.changed:
            says = "is not there" if done.before is None else "does not say what it should"
            found.append(Finding(known.editor, "file", False, f"{name} {says}; {again}"))
        else:
            found.append(Finding(known.editor, "file", True, name))
    if setup.due_step(editor, known.options, there, record.read(project)) is not None:
        found.append(Finding(known.editor, "box", False, f"the step {guest.STEP!r} is not done there; {again}"))
    if running := editor.running(user):
        found.append(Finding(known.editor, "running", True, f"{running} runs, and writes its settings when it ends"))
    return found
