"""Which format a file goes by."""

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Set
from devenv.errors import EditError


@pytest.mark.parametrize(
    ("path", "pattern", "goes"),
    [
        ("/a/x.json", "*.json", True),
        ("/a/.json", "*.json", True),
        ("/a/x.jsonc", "*.json", False),
        ("/a/tsconfig.base.json", "tsconfig.*.json", True),
        ("/a/tsconfig.json", "tsconfig.*.json", False),
        ("/a/tsconfig.json/x", "tsconfig.json", False),
        ("/a/Pipfile", "Pipfile", True),
        ("/a/xPipfile", "Pipfile", False),
        ("/p/.vscode/settings.json", ".vscode/*.json", True),
        ("/p/x.vscode/settings.json", ".vscode/*.json", False),
        ("/p/settings.json", ".vscode/*.json", False),
        ("/etc/hosts", "/etc/hosts", True),
        ("/copy/etc/hosts", "/etc/hosts", True),
        ("/copy/hosts", "/etc/hosts", False),
        ("/a/x.service", "*.[st]*", True),
        ("/a/b/c/d.conf", "b/*/d.conf", True),
    ],
)
def test_patterns(path: str, pattern: str, goes: bool) -> None:
    assert formats.matches(path, pattern) == goes


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("x.json", "json"),
        ("package.json", "json"),
        (".vscode/settings.json", "jsonc"),
        ("tsconfig.json", "jsonc"),
        ("tsconfig.build.json", "jsonc"),
        ("x.yml", "yaml"),
        ("pyproject.toml", "toml"),
        ("x.ini", "ini"),
        ("setup.cfg", "configparser"),
        ("other.cfg", "ini"),
        ("/etc/pip.conf", "configparser"),
        ("pom.xml", "xml"),
        ("etc/hosts", "hosts"),
        (".env", "dotenv"),
        ("requirements.txt", "requirements"),
        (".gitconfig", "gitconfig"),
        ("/etc/mongod.conf", "yaml"),
        ("mongos.conf", "yaml"),
        ("/etc/cloud/cloud.cfg", "yaml"),
        ("/etc/cloud/cloud.cfg.d/99-local.cfg", "yaml"),
        ("/etc/salt/minion.d/local.conf", "yaml"),
        ("/etc/telegraf/telegraf.conf", "toml"),
        ("/etc/telegraf/telegraf.d/cpu.conf", "toml"),
        ("influxdb.conf", "toml"),
        ("kapacitor.conf", "toml"),
        ("/etc/crio/crio.conf.d/10.conf", "toml"),
        ("registries.conf", "toml"),
        ("/etc/containers/storage.conf", "toml"),
        ("storage.conf", "ini"),
    ],
)
def test_files(path: str, name: str) -> None:
    assert formats.of_file(path).name == name


def test_a_file_of_no_known_format_says_what_to_do() -> None:
    with pytest.raises(EditError, match=r"no format is known for x\.unknown") as caught:
        formats.of_file("x.unknown")
    assert "--format" in str(caught.value.hint)


def test_a_conf_file_in_yaml_stays_yaml() -> None:
    text = b"net:\n  port: 27017\n  bindIp: 127.0.0.1\n"
    fmt = formats.of_file("mongod.conf")
    assert engine.apply(text, [Set("net.bindIp", "b")], fmt).data == text.replace(b"127.0.0.1", b"b")
    assert engine.apply(text, [Set("bindIp", "b")], fmt).data == text + b"bindIp: b\n"


def test_a_misspelt_format_is_told_its_neighbours() -> None:
    with pytest.raises(EditError) as caught:
        formats.named("jsno")
    assert "json" in str(caught.value.hint)


def test_every_format_can_be_named() -> None:
    for fmt in formats.every():
        assert formats.named(fmt.name).backend == fmt.backend
