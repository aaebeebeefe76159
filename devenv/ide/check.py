"""Is what is set up still true: the files, the host name, the key, the interpreter, the folders."""

from typing import NamedTuple

from devenv.box.project import Project
from devenv.editor.store import ReadOnlyStore
from devenv.errors import BoxError, DevenvError
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
    reached: dict[str, Reached | DevenvError] = {}
    for name in names or list(known):
        setup_ = known.get(name)
        if setup_ is None:
            found.append(Finding(name, "set-up", False, f"is not set up here: devenv ide setup {name}"))
            continue
        key = f"{setup_.machine} {setup_.options.get('interpreter', '')}"
        if key not in reached:
            try:
                reached[key] = reach(project, runner, setup_.machine, user, setup_.options)
            except BoxError as exc:
                reached[key] = exc
        there = reached[key]
        if isinstance(there, DevenvError):
            found.append(Finding(name, "box", False, f"{there.message}; {there.hint}" if there.hint else there.message))
            continue
        found += _of_box(name, there, runner, user)
        found += _of_files(project, setup_, there, user)
    return found


def _of_box(name: str, there: Reached, runner: Runner, user: User) -> list[Finding]:
    target, facts = there.target, there.facts
    again = f"devenv ide setup {name} mends it"
    found = [_of_ssh(name, there, runner, user)]
    if facts.python:
        found.append(Finding(name, "interpreter", True, f"{target.python} is Python {facts.version}"))
    else:
        found.append(Finding(name, "interpreter", False, f"there is no {target.python} in the box; {again}"))
    if facts.shared is not None:
        says = f"{target.root} is {target.folder} in the box" if facts.shared else f"{target.folder} is not the project"
        found.append(Finding(name, "folder", facts.shared, says))
    return found


def _of_ssh(name: str, there: Reached, runner: Runner, user: User) -> Finding:
    """Ask ssh itself what it makes of the alias."""
    target = there.target
    argv = ["ssh", "-G", *_config_words(user), target.alias]
    done = runner.run(argv, timeout=20)
    said: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        word, _, value = line.partition(" ")
        said.setdefault(word, []).append(value)
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
        what = ", ".join(wrong + [f"no key {key}" for key in missing])
        return Finding(name, "ssh", False, f"ssh {target.alias} has {what}; devenv ide setup {name} mends it")
    return Finding(name, "ssh", True, f"{target.alias} is {target.user}@{target.host}:{target.port}, with its key")


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


def _of_files(project: Project, known: Setup, there: Reached, user: User) -> list[Finding]:
    editor = editors.get(known.editor)
    again = f"devenv ide setup {known.editor} mends it"
    found = []
    try:
        files = writing.rehearse(setup.wanted_job(editor, known, there, user), ReadOnlyStore())
    except DevenvError as exc:
        return [Finding(known.editor, "files", False, exc.message)]
    for done in files:
        name = writing.name_of(done.file, user.home, project.root)
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
