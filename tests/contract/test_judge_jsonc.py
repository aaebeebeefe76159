"""What the editor makes of JSONC, judged by jsonc-parser, the library of VS Code itself."""

import copy
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Set, Unset
from devenv.editor.keypath import spelled
from jsontexts import Printer, at, places

pytestmark = pytest.mark.contract

JUDGE = """\
const { parse } = require("jsonc-parser");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => {
  const errors = [];
  const value = parse(text, errors, { allowTrailingComma: true, disallowComments: false });
  return { value, errors };
})));
"""
SAMPLE = {
    "name": "hello",
    "list": [1, "two", {"three": [3.5, None]}],
    "empty": {},
    "none": [],
    "odd keys": {"a.b": True, 'say "hi"': "\\ / \b \u2028 😀", "": {"deep": {"deeper": ["x", ["y"]]}}},
}


def made(number: int) -> tuple[str, Any]:
    """Return a text that was edited, and what it is to hold."""
    chance = random.Random(number)
    data: Any = copy.deepcopy(SAMPLE)
    text = Printer(number, comments=True).text(data).removeprefix("\ufeff").encode()
    for _ in range(3):
        place = chance.choice(places(data)[1:])
        inside = at(data, place)
        value = chance.choice(["new", 1, None, {"k": [1, {"l": "m"}]}, ["x", {}], 'a"b\\\n', False])
        if isinstance(inside, list) and chance.random() < 0.5:
            text = engine.apply(text, [Append(spelled(place), (value,))], formats.named("jsonc")).data
            inside.append(value)
        elif isinstance(inside, dict) and chance.random() < 0.5:
            text = engine.apply(text, [Set(spelled((*place, "fresh")), value, force=True)], formats.named("jsonc")).data
            inside["fresh"] = value
        elif chance.random() < 0.4:
            text = engine.apply(text, [Unset(spelled(place))], formats.named("jsonc")).data
            del at(data, place[:-1])[place[-1]]
        else:
            text = engine.apply(text, [Set(spelled(place), value, force=True)], formats.named("jsonc")).data
            at(data, place[:-1])[place[-1]] = value
        # the value may be changed again, and is in the list of choices
        data = copy.deepcopy(data)
    return text.decode(), data


def test_it_reads_every_edited_text_as_it_was_meant() -> None:
    cases = [made(number) for number in range(300)]
    modules = Path(os.environ.get("VENV") or Path(sys.prefix)) / "node_modules"
    done = subprocess.run(
        ["node", "-e", JUDGE],
        input=json.dumps([text for text, _ in cases]),
        env={**os.environ, "NODE_PATH": str(modules.resolve())},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    judged = json.loads(done.stdout)
    assert len(judged) == len(cases) == 300
    for (text, data), verdict in zip(cases, judged, strict=True):
        assert verdict["errors"] == [], text
        assert verdict["value"] == data, text
