"""devenv ide: connect editors to the box. What does the work is imported by the command that needs it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from devenv.cli import report
from devenv.cli.words import Json, agree, complete_machine
from devenv.errors import EXIT_WOULD_CHANGE

if TYPE_CHECKING:
    from devenv.box.project import Project
    from devenv.box.session import Session
    from devenv.ide.record import Setup
    from devenv.ide.setup import Plan
    from devenv.ide.user import User
    from devenv.ide.writing import Done

app = typer.Typer(
    help="Connect editors and IDEs to the box: interpreter, packages, tests, run, debug.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def complete_editor(incomplete: str) -> list[str]:
    """Return the editors' names that begin so."""
    from devenv.ide.editors import MODULES

    return [name for name in MODULES if name.startswith(incomplete)]


EditorName = Annotated[
    str,
    typer.Argument(
        metavar="EDITOR",
        help="pycharm, intellij, vscode, cursor, windsurf, vscodium, zed, emacs, vim, neovim or jupyter.",
        autocompletion=complete_editor,
    ),
]
EditorsMachine = Annotated[
    str | None,
    typer.Argument(
        metavar="MACHINE",
        help="The machine meant; else the one it is set up for, else the primary one.",
        autocompletion=complete_machine,
    ),
]
Check = Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if something would change.")]
FEW = 4
"""So many files are named within a question."""
Diff = Annotated[bool, typer.Option("--diff", help="Print what changes in each file.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before files in your home folder are changed.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Say which editors are here, and which are set up."""
    from devenv.box import project as projects
    from devenv.errors import UsageError
    from devenv.ide import editors, record, user

    me = user.current()
    try:
        known = record.read(projects.find())
    except UsageError:
        known = {}
    rows = []
    for name in editors.MODULES:
        editor = editors.get(name)
        rows.append((editor, editor.found(me), known.get(name)))
    if as_json:
        data = [
            {
                "name": editor.name,
                "title": editor.title,
                "found": [each._asdict() for each in found],
                "machine": setup.machine if setup else None,
                "options": setup.options if setup else {},
            }
            for editor, found, setup in rows
        ]
        report.out_json({"editors": data})
        return
    table = []
    for editor, found, setup in rows:
        here = ", ".join(dict.fromkeys(each.version or each.where for each in found)) or "-"
        table.append([editor.name, here, _set_up(setup)])
    report.table(table, ["editor", "found here", "set up"])


def _set_up(known: "Setup | None") -> str:
    from devenv.ide.setup import only_project

    if known is None:
        return "-"
    only = only_project((each.file, each.scope) for each in known.put)
    return f"for {known.machine}{', in the project only' if only else ''}"


@app.command("setup")
def setup_(
    editor: EditorName,
    machine: EditorsMachine = None,
    route: Annotated[
        str | None, typer.Option("--route", help="JetBrains: ssh (default) or vagrant, for its Vagrant plugin.")
    ] = None,
    interpreter: Annotated[
        str | None, typer.Option("--interpreter", help="Another Python in the box than the one devenv makes there.")
    ] = None,
    check: Check = False,
    diff: Diff = False,
    yes: Yes = False,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Overwrite files that should be devenv's own, but were changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Connect an editor to the running box."""
    from devenv.box import project as projects
    from devenv.editor.store import Store
    from devenv.ide import editors, setup, user
    from devenv.process import SystemRunner

    editors.get(editor)
    project, me = projects.find(), user.current()
    given = {name: value for name, value in (("route", route), ("interpreter", interpreter)) if value is not None}
    name = _machine(project, machine, editor)
    # asked without the project's lock: whoever thinks about the answer keeps nobody waiting
    plan = setup.plan(project, SystemRunner(), editor, name, given, me, force=force)
    if check:
        _tell(project, me, plan, [*plan.files, *plan.box_files], as_json=as_json, diff=diff, would=True)
        raise typer.Exit(EXIT_WOULD_CHANGE if plan.changed else 0)
    done: Sequence[Done] = plan.files
    if plan.changed or plan.unrecorded:
        if plan.user_files:
            _ask(plan.files, me, project, yes=yes)
        with _session(project, "ide setup", quiet=as_json) as session:
            last, done = setup.carry_out(session, plan, me, Store(tell=report.say))
        plan = last._replace(step=plan.step, contested=plan.contested)
    _tell(project, me, plan, [*done, *plan.box_files], as_json=as_json, diff=diff, would=False)


@app.command("remove")
def remove_(
    editor: EditorName, check: Check = False, diff: Diff = False, yes: Yes = False, as_json: Json = False
) -> None:
    """Take out of all files exactly what setup put into them."""
    from devenv.box import project as projects
    from devenv.editor.store import ReadOnlyStore, Store
    from devenv.ide import editors, record, removal, user
    from devenv.ide.writing import name_of
    from devenv.process import SystemRunner

    project, me = projects.find(), user.current()
    there = editor in record.read(project)
    # one that a later devenv set up has no title here
    title = editors.get(editor).title if editor in editors.MODULES or not there else editor
    if not there:
        if as_json:
            report.out_json({"editor": editor, "changed": False, "files": []})
        else:
            report.say(f"nothing to do: {title} is not set up here")
        return
    found = removal.remove(project, SystemRunner(), editor, ReadOnlyStore())
    if not check:
        if any(file.changed and file.scope == "user" for file in found.files):
            _ask(found.files, me, project, yes=yes)
        with _session(project, "ide remove", quiet=as_json) as session:
            store = Store(tell=report.say)
            found = removal.remove(project, session.runner, editor, store, session.report.note)
    _tell_files(project, me, found.files, as_json=as_json, diff=diff, would=check, more={"editor": editor})
    for file in found.left:
        report.say(f"left: {name_of(file, me.home, project.root)} (changed since)")
    for line in found.stays:
        report.say(line)
    if check:
        raise typer.Exit(EXIT_WOULD_CHANGE if any(file.changed for file in found.files) else 0)
    if not as_json:
        report.say(f"{title}: no longer set up here")


@app.command("check")
def check_(
    editors: Annotated[
        list[str] | None,
        typer.Argument(metavar="EDITOR", help="Editors; all that are set up.", autocompletion=complete_editor),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say whether what is set up is still true.

    Exit code 1 when something is not.
    """
    from devenv.cli import idecheck

    raise typer.Exit(idecheck.check(list(editors or []), as_json=as_json))


@app.command("open")
def open_(
    editor: EditorName,
    machine: EditorsMachine = None,
    link: Annotated[bool, typer.Option("--link", help="Print the link or command instead of starting it.")] = False,
) -> None:
    """Start an editor on the box's folder, or print how to."""
    from devenv.box import project as projects
    from devenv.ide import editors, opening, record, user
    from devenv.process import SystemRunner

    project, me = projects.find(), user.current()
    wanted = editors.get(editor)
    setup = opening.known(record.read(project).get(editor), wanted, machine)
    raise typer.Exit(
        opening.start(project, SystemRunner(), wanted, me, setup, link=link, out=report.out, say=report.say)
    )


def _machine(project: "Project", wanted: str | None, editor: str) -> str:
    """Return the machine meant: the one named, the one the editor is set up for, or the primary one."""
    from devenv.cli import guest
    from devenv.ide import record

    known = record.read(project).get(editor)
    if wanted is None and known is not None:
        return known.machine
    return guest.one_machine(project, wanted, how="name one after the editor")


@contextmanager
def _session(project: "Project", command: str, *, quiet: bool) -> "Iterator[Session]":
    """Hold the project while its editors' files change."""
    from devenv.box import session as sessions
    from devenv.box.ending import signals_interrupt
    from devenv.process import SystemRunner

    try:
        with (
            signals_interrupt(),
            sessions.session(project, SystemRunner(), report.watcher(quiet=quiet), command) as session,
        ):
            yield session
    except KeyboardInterrupt as exc:
        exc.args = ("the same command again goes on from here",)
        raise


def _ask(files: "Sequence[Done]", me: "User", project: "Project", *, yes: bool) -> None:
    """Ask before the user's own files are changed, made or removed; more than a few are listed before."""
    from devenv.ide.writing import name_of

    due = [file for file in files if file.changed and file.scope == "user"]
    kept = " (a backup is kept)" if any(file.before is not None and not file.only_ours for file in due) else ""
    named: dict[str, list[str]] = {"change": [], "make": [], "remove": []}
    for file in due:
        named[_verb(file)].append(name_of(file.file, me.home, project.root))
    verbs = [verb for verb, names in named.items() if names]
    if len(due) <= FEW:
        text = "; ".join(f"{verb} {', '.join(named[verb])}{kept if verb == 'change' else ''}" for verb in verbs)
        agree(f"{text[0].upper()}{text[1:]}?", yes=yes)
        return
    if not yes:
        for verb in verbs:
            for name in named[verb]:
                report.say(f"{verb}: {name}")
    text = " and ".join(verbs)
    agree(f"{text.capitalize()} these {len(due)} files{kept if named['change'] else ''}?", yes=yes)


def _verb(file: "Done") -> str:
    return "make" if file.before is None else "remove" if file.after is None else "change"


def _tell(
    project: "Project", me: "User", plan: "Plan", done: "Sequence[Done]", *, as_json: bool, diff: bool, would: bool
) -> None:
    more = {
        "editor": plan.editor.name,
        "machine": plan.target.machine,
        "host": plan.target.alias,
        "interpreter": plan.target.python,
        "step": plan.step is not None,
    }
    _tell_files(project, me, done, as_json=as_json, diff=diff, would=would, changed=plan.step is not None, more=more)
    if as_json:
        return
    if would:
        if plan.left is not None:
            report.say(f"would no longer be connected to {plan.left}: {plan.editor.title}")
        if plan.step is not None:
            report.say(f"would run in the box: step {plan.step.name}")
        return
    title, idle = plan.editor.title, plan.step is None and not any(file.changed for file in done)
    if plan.only_project:
        how = ": nothing to do; it is not connected yet, but" if idle else " is not connected yet:"
        report.say(f"{title}{how} the project's files are ready for it")
    elif idle:
        report.say(f"{title}: nothing to do (connected to {plan.target.alias})")
    else:
        report.say(f"{title} is connected to {plan.target.alias}: {plan.target.python}")
    if plan.left is not None:
        report.say(f"  it is no longer connected to {plan.left}: an editor has one machine of a project")
    for other in plan.contested:
        report.say(
            f"{other} is called {plan.target.name} too: its settings there were the same ones; rename one of them"
        )
    if plan.running and any(file.changed and file.scope == "user" for file in done):
        report.say(f"{plan.running} is running and writes its settings when it ends: restart it, then run this again")
    if plan.reached.facts.shared is None:
        report.say(f"  {project.root} is not synced into the box: the editor works in {plan.target.folder} there")
    for line in plan.editor.advice(plan.target, me, plan.options):
        report.say(f"  {line}")
    report.say(f"  open it: devenv ide open {plan.editor.name}    look: devenv ide check")


def _tell_files(
    project: "Project",
    me: "User",
    done: "Sequence[Done]",
    *,
    as_json: bool,
    diff: bool,
    would: bool,
    more: dict[str, object],
    changed: bool = False,
) -> None:
    from devenv.ide.writing import name_of

    if as_json:
        files = [
            {"file": each.file, "scope": each.scope, "changed": each.changed, "diff": each.result.diff} for each in done
        ]
        report.out_json({**more, "changed": changed or any(each.changed for each in done), "files": files})
        return
    due = [file for file in done if file.changed]
    if diff:
        for file in due:
            report.out_diff(file.result.diff)
    for file in due:
        what = "would be " if would else ""
        what += "made" if file.before is None else "removed" if file.after is None else "changed"
        where = " in the box" if file.scope == "box" else ""
        report.say(f"{what}: {name_of(file.file, me.home, project.root)}{where}")


def add_to(parent: typer.Typer) -> None:
    """Add the command."""
    parent.add_typer(app, name="ide")
