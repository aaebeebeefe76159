"""VS Code and the editors made from it: Cursor, Windsurf and VSCodium.

They share ``.vscode`` in the project, which is the same whoever wrote it but for the extensions it recommends, and
differ in what FAMILY says. What they read there is told in VS Code's documentation of ``launch.json``, ``tasks.json``
and ``settings.json``; ids and folders are those of each editor's own ``product.json``. All merge a changed settings
file while they run.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from devenv.ide.editors import Found, Opening, Options
from devenv.ide.pieces import JsonEntry, JsonItem, JsonValue, Piece, Placed
from devenv.ide.target import DEBUG_PORT, Target
from devenv.ide.user import User

DEBUGPY = "debugpy==1.8.22"
EXTENSIONS = ("ms-python.python", "ms-python.debugpy")
"""What the box's folder needs to run, test and debug Python; Microsoft's registry and Open VSX have both."""

DEBUG_TASK = "devenv: debug"


class Kind(NamedTuple):
    """What tells one editor of the family from another."""

    title: str
    programs: tuple[str, ...]
    app: str
    """The application's name on macOS."""
    settings: str
    """The folder of its settings in the user's settings folder."""
    extensions: str
    """The folder of its extensions in the home folder."""
    remote: str
    """The extension that connects by ssh."""
    scheme: str
    """The scheme of its links."""
    server: str
    """The folder of its server in the box's home folder."""
    platforms: str | None
    """The setting that names each host's system, so that it need not be asked for."""
    bundled: bool = False
    """Whether the extension comes with the editor."""


FAMILY = {
    "vscode": Kind(
        "VS Code",
        ("code",),
        "Visual Studio Code",
        "Code",
        ".vscode/extensions",
        "ms-vscode-remote.remote-ssh",
        "vscode",
        ".vscode-server",
        "remote.SSH.remotePlatform",
    ),
    "cursor": Kind(
        "Cursor",
        ("cursor",),
        "Cursor",
        "Cursor",
        ".cursor/extensions",
        "anysphere.remote-ssh",
        "cursor",
        ".cursor-server",
        "remote.SSH.remotePlatform",
    ),
    "windsurf": Kind(
        "Windsurf",
        ("windsurf",),
        "Windsurf",
        "Windsurf",
        ".windsurf/extensions",
        "codeium.windsurf-remote-openssh",
        "windsurf",
        ".windsurf-server",
        None,
        bundled=True,
    ),
    "vscodium": Kind(
        "VSCodium",
        ("codium", "vscodium"),
        "VSCodium",
        "VSCodium",
        ".vscode-oss/extensions",
        "jeanp413.open-remote-ssh",
        "vscodium",
        ".vscodium-server",
        "remote.SSH.remotePlatform",
    ),
}


class Code:
    """One editor of the family; see devenv.ide.editors.Editor."""

    options: Mapping[str, Sequence[str]] = {}

    def __init__(self, name: str, kind: Kind) -> None:
        self.name = name
        self.title = kind.title
        self.kind = kind

    def found(self, user: User) -> list[Found]:
        program = user.program(*self.kind.programs)
        if program is not None:
            return [Found(_version(Path(program)), program)]
        for app in _applications(self.kind, user):
            if app.is_dir():
                return [Found(_version(app / "Contents/Resources/app/bin/code"), str(app))]
        return []

    def packages(self, options: Options) -> tuple[str, ...]:
        return (DEBUGPY,)

    def pieces(self, target: Target, user: User, options: Options) -> list[Placed]:
        placed = [Placed(target.root / ".vscode" / name, piece, "project") for name, piece in _project(target)]
        recommended = [JsonItem(("recommendations",), name) for name in (self.kind.remote, *EXTENSIONS)]
        placed = [*(Placed(target.root / ".vscode/extensions.json", item, "project") for item in recommended), *placed]
        settings = user.config / self.kind.settings / "User"
        if self.kind.platforms is not None and settings.is_dir():
            platform = JsonValue((self.kind.platforms, target.alias), "linux")
            placed.append(Placed(settings / "settings.json", platform))
        return placed

    def box_pieces(self, target: Target, options: Options) -> list[Placed]:
        settings = Path(target.home, self.kind.server, "data/Machine/settings.json")
        return [Placed(settings, JsonValue(("python.defaultInterpreterPath",), target.python))]

    def running(self, user: User) -> str | None:
        return None

    def opening(self, target: Target, user: User, options: Options) -> Opening:
        place = f"ssh-remote+{target.alias}{quote(target.folder)}"
        program = user.program(*self.kind.programs)
        # one word: with two, cmd.exe has been seen to lose the plus sign
        argv = (program, f"--folder-uri=vscode-remote://{place}") if program else ()
        by_hand = f"{self.title}: Remote-SSH: Connect to Host… {target.alias}, then open the folder {target.folder}"
        return Opening(argv, f"{self.kind.scheme}://vscode-remote/{place}", by_hand)

    def advice(self, target: Target, user: User, options: Options) -> list[str]:
        advice = []
        if not self.kind.bundled and not _installed(self.kind, user):
            program = user.program(*self.kind.programs) or self.kind.programs[0]
            advice.append(f"once: {Path(program).name} --install-extension {self.kind.remote}")
        if self.kind.platforms is None or user.config.joinpath(self.kind.settings, "User").is_dir():
            return advice
        return [*advice, f"start {self.title} once and set it up again: its settings folder is not there yet"]


EDITORS = {name: Code(name, kind) for name, kind in FAMILY.items()}


# the project's files


def _project(target: Target) -> Iterator[tuple[str, Piece]]:
    """Yield the pieces that the whole family and the whole team share, by file."""
    yield "launch.json", JsonValue(("version",), "0.2.0", keep=True)
    for each in _launches(target):
        yield "launch.json", JsonEntry(("configurations",), each)
    if (tests := _tests(target.root)) is not None:
        yield "settings.json", JsonValue(("python.testing.pytestEnabled",), True, keep=True)
        yield "settings.json", JsonValue(("python.testing.pytestArgs",), [tests], keep=True)
    yield "tasks.json", JsonValue(("version",), "2.0.0", keep=True)
    for each in _tasks(target):
        yield "tasks.json", JsonEntry(("tasks",), each, by=("label",))


def _launches(target: Target) -> list[dict[str, Any]]:
    attach = {
        "type": "debugpy",
        "request": "attach",
        "connect": {"host": "127.0.0.1", "port": DEBUG_PORT},
        "pathMappings": _path_mappings(target),
        "justMyCode": False,
    }
    # in a local window there is no such interpreter: it fails there, and never runs by another one
    launch = {
        "type": "debugpy",
        "request": "launch",
        "program": "${file}",
        "cwd": "${workspaceFolder}",
        "python": target.python,
        "console": "integratedTerminal",
        "justMyCode": False,
    }
    return [
        {"name": "devenv: attach", **attach},
        {"name": "devenv: debug in box", **attach, "preLaunchTask": DEBUG_TASK},
        {"name": "devenv: run in box (remote window)", **launch},
    ]


def _path_mappings(target: Target) -> list[dict[str, str]]:
    """Return where the box has the folders of the project; the innermost first, as the first that fits is taken."""
    within = [(host.relative_to(target.root), box) for host, box in target.mappings if host.is_relative_to(target.root)]
    within.sort(key=lambda each: (-len(each[0].parts), each))
    return [{"localRoot": "/".join(("${workspaceFolder}", *folder.parts)), "remoteRoot": box} for folder, box in within]


def _tasks(target: Target) -> Iterator[dict[str, Any]]:
    root = target.root
    # what names no machine means the primary one
    other = [] if target.primary else ["--machine", target.machine]
    yield _task("devenv: up", ["up", *other[1:]])
    targets = _make_targets(root)
    run = next((name for name in ("run", "start", "serve") if name in targets), None)
    if run is not None:
        yield _task("devenv: run", ["run", *other, "--", "make", run])
    if _tests(root) is not None:
        yield _task("devenv: test", ["python", *other, "-m", "pytest"], group="test")
    elif "test" in targets:
        yield _task("devenv: test", ["run", *other, "--", "make", "test"], group="test")
    # what is debugged waits for the editor, which waits for the line that says so
    matcher = {
        "pattern": {"regexp": "^devenv: (.*):(\\d+): (.*)$", "file": 1, "line": 2, "message": 3},
        "background": {
            "activeOnStart": True,
            "beginsPattern": "^(?!x)x",
            "endsPattern": f"127\\.0\\.0\\.1:{DEBUG_PORT}",
        },
    }
    debug = _task(DEBUG_TASK, ["debug", *other, "--wait", "--port", str(DEBUG_PORT), "${relativeFile}"])
    yield debug | {"isBackground": True, "problemMatcher": matcher}


def _task(label: str, words: list[str], *, group: str | None = None) -> dict[str, Any]:
    task: dict[str, Any] = {
        "label": label,
        "type": "process",
        "command": "devenv",
        "args": words,
        "options": {"cwd": "${workspaceFolder}"},
    }
    return task | ({"group": group} if group else {}) | {"problemMatcher": []}


def _tests(root: Path) -> str | None:
    """Return the folder that pytest is to look in; None when the project has no tests for it."""
    tests = root / "tests"
    if any(tests.glob("test_*.py")) or any(tests.glob("*/test_*.py")) or (tests / "conftest.py").is_file():
        return "tests"
    return "." if any(root.glob("test_*.py")) else None


def _make_targets(root: Path) -> set[str]:
    """Return the targets that a Makefile names at the beginning of a line."""
    try:
        lines = (root / "Makefile").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    heads = [line.partition(":") for line in lines if line[:1].isalpha()]
    return {name for head, colon, rest in heads if colon and rest[:1] != "=" for name in head.split()}


# what is on this computer


def _applications(kind: Kind, user: User) -> list[Path]:
    if user.platform != "darwin":
        return []
    return [folder / f"{kind.app}.app" for folder in (Path("/Applications"), user.home / "Applications")]


def _version(program: Path) -> str:
    """Return the version that an installed editor's package.json has; its program lies in a ``bin`` near that."""
    real = program.resolve()
    for file in (real.parent.parent / "resources/app/package.json", real.parent.parent / "package.json"):
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(data, dict) and isinstance(data.get("version"), str):
            return str(data["version"])
    return ""


def _installed(kind: Kind, user: User) -> bool:
    """Say whether the extension that connects by ssh lies among the editor's: in a folder ``ID-VERSION``."""
    return any((user.home / kind.extensions).glob(f"{kind.remote}-[0-9]*"))
