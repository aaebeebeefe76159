"""What is written for the VS Code family and Zed, judged by vscode-json-languageservice, which is what VS Code asks."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from devenv.ide import pieces
from devenv.ide.pieces import Placed, Undo
from devenv.ide.target import Target
from devenv.ide.user import User
from devenv.ide.vscode import EDITORS as FAMILY
from devenv.ide.zed import EDITORS as ZED

pytestmark = pytest.mark.contract

JUDGE = """\
const { getLanguageService, TextDocument } = require("vscode-json-languageservice");
const service = getLanguageService({});
const allowed = { comments: "ignore", trailingCommas: "ignore", schemaValidation: "error" };
const judged = JSON.parse(require("fs").readFileSync(0, "utf8")).map(async ({ text, schema }) => {
  const document = TextDocument.create("file:///settings.json", "jsonc", 1, text);
  const found = await service.doValidation(document, service.parseJSONDocument(document), allowed, schema);
  return found.map(({ message, range }) => `${range.start.line + 1}:${range.start.character + 1}: ${message}`);
});
Promise.all(judged).then((found) => console.log(JSON.stringify(found)));
"""

EDITORS = {**FAMILY, **ZED}
BEFORE = (
    None,
    b"",
    b"// nothing yet",
    b"{}",
    b'\xef\xbb\xbf{\r\n\t"mine": [1, /* two */ 2,], // kept\r\n}\r\n',
    b'{ "mine": {"a": "// no"} /* end */ }',
    b'{\n  // "version": 1,\n  "tasks": [],\n  "configurations": [\n    // m\n  ],\n  "recommendations": ["a.b"],\n}',
)


def closed(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    properties = {**required, **optional}
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT}
MAPPING = closed({"localRoot": {"pattern": r"^\$\{workspaceFolder\}"}, "remoteRoot": {"pattern": "^/"}})
DEBUGGING = closed(
    {
        "name": TEXT,
        "type": {"const": "debugpy"},
        "request": {"enum": ["attach", "launch"]},
        "justMyCode": {"type": "boolean"},
    },
    connect=closed({"host": {"const": "127.0.0.1"}, "port": {"type": "integer"}}),
    pathMappings={"type": "array", "items": MAPPING, "minItems": 1},
    preLaunchTask=TEXT,
    program=TEXT,
    cwd=TEXT,
    python=TEXT,
    console={"enum": ["internalConsole", "integratedTerminal", "externalTerminal"]},
)
MATCHER = closed(
    {
        "pattern": closed({"regexp": TEXT, "file": {"const": 1}, "line": {"const": 2}, "message": {"const": 3}}),
        "background": closed({"activeOnStart": {"type": "boolean"}, "beginsPattern": TEXT, "endsPattern": TEXT}),
    }
)
TASK = closed(
    {"label": TEXT, "type": {"enum": ["process", "shell"]}, "command": TEXT, "args": TEXTS},
    options=closed({"cwd": TEXT}),
    group={"enum": ["build", "test", "none"]},
    isBackground={"type": "boolean"},
    problemMatcher={"anyOf": [{"type": "array", "maxItems": 0}, MATCHER]},
)
CONNECTION = closed(
    {"host": TEXT, "projects": {"type": "array", "items": closed({"paths": TEXTS})}},
)


def holds(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


EXPECTED = {
    "extensions.json": holds(
        recommendations={
            "type": "array",
            "minItems": 3,
            "uniqueItems": True,
            # the form of an extension's id in VS Code's own schema of this file
            "items": {"pattern": r"^([a-z0-9A-Z][a-z0-9-A-Z]*)\.([a-z0-9A-Z][a-z0-9-A-Z]*)$"},
        }
    ),
    "launch.json": holds(
        version={"const": "0.2.0"}, configurations={"type": "array", "minItems": 3, "items": DEBUGGING}
    ),
    "tasks.json": holds(version={"const": "2.0.0"}, tasks={"type": "array", "minItems": 4, "items": TASK}),
    "settings.json of the project": holds(
        **{"python.testing.pytestEnabled": {"const": True}, "python.testing.pytestArgs": {**TEXTS, "minItems": 1}}
    ),
    "settings.json of the user": holds(
        **{"remote.SSH.remotePlatform": {"additionalProperties": {"enum": ["linux", "macOS", "windows"]}}}
    ),
    "settings.json of the box": holds(**{"python.defaultInterpreterPath": {"pattern": "^/"}}),
    "settings.json of zed": holds(ssh_connections={"type": "array", "items": CONNECTION}),
}


def kind_of(placed: Placed, target: Target) -> str:
    if placed.file.name != "settings.json":
        return placed.file.name
    if ".vscode" in placed.file.parts:
        return "settings.json of the project"
    if placed.file.is_relative_to(target.home):
        return "settings.json of the box"
    return "settings.json of zed" if "zed" in placed.file.parts else "settings.json of the user"


def judged(cases: list[dict[str, Any]]) -> list[list[str]]:
    modules = Path(os.environ.get("VENV") or Path(sys.prefix)) / "node_modules"
    done = subprocess.run(
        ["node", "-e", JUDGE],
        input=json.dumps(cases),
        env={**os.environ, "NODE_PATH": str(modules.resolve())},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    assert len(found) == len(cases)
    return found


@pytest.fixture
def placed(tmp_path: Path) -> list[tuple[str, str, Placed]]:
    """Return every piece of every editor, with the editor's name and the kind of its file."""
    root, home = tmp_path / "hello", tmp_path / "home"
    (root / "tests").mkdir(parents=True)
    (root / "tests/test_app.py").touch()
    (root / "Makefile").write_text("run:\n\ttrue\n")
    for name in ("Code", "Cursor", "Windsurf", "VSCodium"):
        (home / ".config" / name / "User").mkdir(parents=True)
    user = User(home, home / ".config", home / ".local/share")
    target = Target(
        root=root,
        name="hello",
        machine="default",
        alias="hello.devenv",
        user="vagrant",
        home="/home/vagrant",
        mappings=((root, "/vagrant"), (root / "src", "/srv/src")),
        host="127.0.0.1",
        port=2222,
        keys=(),
        host_keys=(),
    )
    return [
        (name, kind_of(each, target), each)
        for name, editor in EDITORS.items()
        for each in [*editor.pieces(target, user, {}), *editor.box_pieces(target, {})]
    ]


def texts(wanted: list[tuple[str, str, Placed]]) -> list[tuple[str, str, bytes, bytes | None, list[tuple[str, Undo]]]]:
    """Return editor, kind of file, text with all its pieces in, text before, and the ways back, of every case."""
    found = []
    for name, kind in dict.fromkeys((name, kind) for name, kind, _ in wanted):
        for before in BEFORE:
            data, undos = before, []
            for editor, file, each in wanted:
                if (editor, file) == (name, kind):
                    data, undo = each.piece.put(data)
                    undos.append((each.piece.kind, undo))
            assert data is not None
            found.append((name, kind, data, before, undos))
    return found


def shown(text: bytes) -> str:
    # what reads a file for an editor takes the mark off
    return text.decode().removeprefix("\ufeff")


def test_every_file_is_what_its_editor_expects(placed: list[tuple[str, str, Placed]]) -> None:
    made = texts(placed)
    assert {kind for _, kind, *_ in made} == set(EXPECTED)
    assert len(made) == len(BEFORE) * (4 * 5 + 3 + 1)
    verdicts = judged([{"text": shown(text), "schema": EXPECTED[kind]} for _, kind, text, _, _ in made])
    for (name, kind, text, _, _), verdict in zip(made, verdicts, strict=True):
        assert verdict == [], f"{name}, {kind}:\n{text.decode()}"


def test_what_is_left_after_taking_all_out_is_what_was_there(placed: list[tuple[str, str, Placed]]) -> None:
    for name, kind, text, before, undos in texts(placed):
        data: bytes | None = text
        for word, undo in reversed(undos):
            assert data is not None
            data = pieces.take(word, data, undo)
        assert data == before, f"{name}, {kind}"


def test_the_judge_finds_what_is_wrong() -> None:
    wrong = ['{"a": 1', '{"tasks": []}', '{"version": "2.0.0", "tasks": [1, 2, 3, 4]}', "[", '{"a": 1,, }']
    assert all(judged([{"text": text, "schema": EXPECTED["tasks.json"]} for text in wrong]))
