"""The JSON Schema and the reference: valid, up to date, and of one mind with the validator."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from devenv.box import reference, schema, spec, yamlfile
from devenv.box.kinds import Key

ROOT = Path(__file__).resolve().parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "devenv/box/devenv.schema.json").read_text())
EXAMPLES = [(key, example) for key in (*schema.TOP.keys, schema.PRIMARY) for example in key.examples]


@pytest.fixture
def generate() -> ModuleType:
    found = importlib.util.spec_from_file_location("generate", ROOT / "scripts/generate.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def plain(text: str) -> Any:
    return yamlfile.parse(text.encode(), yamlfile.Report("x")).plain()


def test_the_generated_files_are_up_to_date(generate: ModuleType) -> None:
    for path, text in generate.generated().items():
        assert path.read_text() == text, f"{path} is out of date: run scripts/generate.py"


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_every_key_is_in_the_schema_with_its_description() -> None:
    assert list(SCHEMA["properties"]) == [key.name for key in schema.TOP.keys]
    for key in (*schema.TOP.keys, schema.PRIMARY):
        assert SCHEMA["definitions"][key.name]["description"] == key.about
        assert key.examples, f"{key.name} has no example"


@pytest.mark.parametrize(("key", "example"), EXAMPLES, ids=[f"{key.name}-{text[:20]}" for key, text in EXAMPLES])
def test_every_example_is_valid(key: Key[Any], example: str, tmp_path: Path) -> None:
    document = reference.example_document(key, example)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/database.sh").write_text("true\n")
    assert key.name in reference.markdown()
    jsonschema.validate(plain(document), SCHEMA, jsonschema.Draft7Validator)
    assert spec.parse(document.encode(), project_dir=tmp_path).machines


def test_every_yaml_block_of_the_reference_is_yaml() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/devenv-yaml.md").read_text(), re.DOTALL)
    assert len(blocks) == len(EXAMPLES) + 2
    jsonschema.validate(plain(blocks[0]), SCHEMA, jsonschema.Draft7Validator)


def test_every_default_is_what_an_empty_file_gives(tmp_path: Path) -> None:
    (machine,) = spec.parse(b"{}", project_dir=tmp_path).machines
    for name, definition in SCHEMA["definitions"].items():
        if "default" in definition and name != "version" and name != "primary":
            assert getattr(machine, name) == definition["default"]


@pytest.mark.parametrize(
    "document",
    [
        {"pakages": []},
        {"cpus": 0},
        {"memory": "yes"},
        {"ports": [99999]},
        {"ports": ["80:99999"]},
        {"ports": [{"host": 1}]},
        {"sync": [".:/"]},
        {"provision": [{"name": "a"}]},
        {"provision": [{"name": "a", "run": "x", "path": "y"}]},
        {"provision": [{"name": "packages", "run": "x"}]},
        {"providers": {"virtulbox": {}}},
        {"machines": {"a": {"name": "x"}}},
        {"env": {"1A": "x"}},
    ],
)
def test_what_the_validator_refuses_the_schema_refuses(document: Any) -> None:
    assert not jsonschema.Draft7Validator(SCHEMA).is_valid(document)
