"""What is shipped: every template is complete, valid, and safe to put anywhere under any folder name."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devenv import paths
from devenv.box import spec, templates
from devenv.errors import UsageError

NAMES = ["minimal", "python", "python-asyncio", "node", "r", "c"]
WITH_SOURCES = [name for name in NAMES if name != "minimal"]
SCHEMA_LINE = "# yaml-language-server: $schema=.vagrant/devenv/devenv.schema.json"
ROOT = Path(__file__).parents[2]
NOTHING = Path("/nonexistent/devenv")


def files(template: str, name: str = "hello") -> dict[str, str]:
    """Return what a template puts into an empty folder: path -> text."""
    actions = templates.plan(templates.get(template), NOTHING, name=name, vagrantfile="# Vagrantfile\n")
    assert {action.kind for action in actions} == {templates.Kind.WRITE}
    return {action.path: action.content.decode() for action in actions}


def test_all_templates_are_there_the_default_first() -> None:
    assert [template.name for template in templates.available()] == NAMES
    assert NAMES[0] == templates.DEFAULT


def test_each_says_in_a_line_what_it_is() -> None:
    for template in templates.available():
        assert 10 < len(template.summary) < 80
        assert "\n" not in template.summary


def test_a_template_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        templates.get("pyhton")
    assert "pyhton" in caught.value.message
    assert caught.value.hint is not None
    assert "python-asyncio" in caught.value.hint


@pytest.mark.parametrize("name", ["../templates/python", "_shared", "", ".", "/etc"])
def test_only_a_template_is_one(name: str) -> None:
    with pytest.raises(UsageError):
        templates.get(name)


@pytest.mark.parametrize("template", NAMES)
def test_the_box_is_a_valid_one_and_editors_complete_it(template: str, tmp_path: Path) -> None:
    for path, text in files(template).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert files(template)["devenv.yaml"].splitlines()[0] == SCHEMA_LINE
    found = spec.load(tmp_path / "devenv.yaml")
    assert found.name == "hello"
    assert [machine.box for machine in found.machines] == ["devenv/debian-12"]


@pytest.mark.parametrize("template", WITH_SOURCES)
def test_the_page_is_on_port_8080_and_started_by_every_up_without_privilege(template: str, tmp_path: Path) -> None:
    config = files(template)["devenv.yaml"].replace("path: database.sh", "run: ./database.sh")
    (machine,) = spec.parse(config.encode(), project_dir=tmp_path).machines
    assert [(port.guest, port.host) for port in machine.ports] == [(8080, 8080)]
    serve = machine.provision[-1]
    assert (serve.name, serve.run, serve.privileged, serve.when) == ("serve", "make start", False, "always")


def test_what_the_minimal_one_shows_as_comments_is_valid(tmp_path: Path) -> None:
    text = files("minimal")["devenv.yaml"]
    # keys, list items and what is indented under them; prose begins with a word and a blank
    shown = re.sub(r"^# ((?:[a-z_]+:( |$)|  ).*)", r"\1", text, flags=re.MULTILINE)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/setup.sh").touch()
    found = spec.parse(shown.encode(), project_dir=tmp_path)
    assert [machine.name for machine in found.machines] == ["web", "db"]
    web, db = found.machines
    assert (web.cpus, web.memory, web.trust_host_certificates, dict(web.env)) == (2, 2048, True, {"LANG": "C.UTF-8"})
    assert [step.name for step in db.provision] == ["tools", "setup"]
    from devenv.box import schema

    explained = {key.name for key in schema.TOP.keys}
    left_out = {"box_version", "box_url", "hostname", "provider"}
    assert {line.split(":")[0] for line in shown.splitlines() if re.match(r"[a-z_]+:", line)} == explained - left_out


@pytest.mark.parametrize("template", WITH_SOURCES)
def test_each_is_a_project_one_can_start_from(template: str) -> None:
    found = files(template)
    assert found["README.md"].startswith("# hello\n")
    assert len(found["README.md"].splitlines()) <= 35
    assert any("test" in path for path in found)
    targets = set(re.findall(r"^([a-z]+(?: [a-z]+)*):", found["Makefile"], re.MULTILINE))
    assert {"test", "serve", "start", "stop"} <= targets
    for path in re.findall(r"^\| `([^`]+)`", found["README.md"], re.MULTILINE):
        assert path in found or any(other.startswith(path) for other in found), f"README.md names {path}"


@pytest.mark.parametrize("template", NAMES)
def test_a_template_brings_the_state_folder_into_gitignore(template: str) -> None:
    assert ".vagrant/" in files(template)[".gitignore"].splitlines()


@pytest.mark.parametrize("template", NAMES)
def test_the_vagrantfile_is_the_one_given_and_none_is_kept_twice(template: str) -> None:
    assert files(template)["Vagrantfile"] == "# Vagrantfile\n"
    assert not (paths.package_data("templates") / template / "Vagrantfile").exists()


@pytest.mark.parametrize("template", NAMES)
def test_no_placeholder_is_left_and_nothing_of_the_template_itself(template: str) -> None:
    found = files(template, name="other-name")
    assert "@NAME@" not in "".join(found.values())
    assert not {"template.json", "gitignore"} & set(found)
    assert not [path for path in found if "__pycache__" in path]
    assert 'name: "other-name"' in found["devenv.yaml"]


@pytest.mark.parametrize("template", NAMES)
@pytest.mark.parametrize("name", ["true", "null", "007", "1e3", "no", "x", "a" * 63])
def test_a_name_that_yaml_would_take_for_something_else_stays_a_name(template: str, name: str, tmp_path: Path) -> None:
    config = files(template, name=name)["devenv.yaml"].replace("path: database.sh", "run: ./database.sh")
    found = spec.parse(config.encode(), project_dir=tmp_path)
    assert found.name == name
    assert found.machines[0].hostname == name


def test_the_package_of_the_node_template_is_json_with_the_name() -> None:
    assert json.loads(files("node", name="null")["package.json"])["name"] == "null"


@pytest.mark.parametrize("name", ["", "Hello", "a b", "-a", "a-", 'a"b', "a\nb", "é", "a" * 64, "$(id)", "a.b", "../a"])
def test_what_is_not_a_hostname_is_not_taken_for_a_name(name: str) -> None:
    with pytest.raises(UsageError):
        templates.plan(templates.get("python"), NOTHING, name=name, vagrantfile="")


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("hello", "hello"),
        ("My Project", "my-project"),
        ('it\'s "quoted" $(id)', "it-s-quoted-id"),
        ("Café Münster", "cafe-munster"),
        ("проект", "devenv"),
        ("...", "devenv"),
        ("v1.2_beta", "v1-2-beta"),
    ],
)
def test_a_folder_names_its_project(folder: str, name: str, tmp_path: Path) -> None:
    assert templates.project_name(tmp_path / folder) == name


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_every_folder_has_a_name_that_a_project_may_have(folder: str) -> None:
    assert templates.NAME.fullmatch(templates.project_name(Path("/nonexistent") / folder))


def test_the_root_folder_has_a_name() -> None:
    assert templates.project_name(Path("/")) == "devenv"


@pytest.mark.parametrize(
    ("sources", "template", "because"),
    [
        (["package.json", "tool.py"], "node", "package.json"),
        (["pyproject.toml", "package.json"], "python", "pyproject.toml"),
        (["requirements.txt"], "python", "requirements.txt"),
        (["main.py"], "python", "main.py"),
        (["DESCRIPTION", "R"], "r", "DESCRIPTION"),
        (["Makefile", "b.c", "a.c"], "c", "a.c"),
        (["src/main.c"], "c", "src/main.c"),
    ],
)
def test_what_lies_in_a_folder_suggests_a_template(
    sources: list[str], template: str, because: str, tmp_path: Path
) -> None:
    for source in sources:
        (tmp_path / source).parent.mkdir(exist_ok=True)
        (tmp_path / source).touch()
    found = templates.suggest(tmp_path)
    assert found is not None
    assert (found.template, found.because) == (template, because)
    assert found.packages


@pytest.mark.parametrize("sources", [[], ["README.md"], ["Makefile"]])
def test_a_folder_that_says_nothing_suggests_nothing(sources: list[str], tmp_path: Path) -> None:
    for source in sources:
        (tmp_path / source).touch()
    assert templates.suggest(tmp_path) is None
    assert templates.suggest(tmp_path / "missing") is None


def test_the_example_is_a_valid_box_and_shares_its_files_with_the_repository() -> None:
    example = ROOT / "examples/hello"
    found = spec.load(example / "devenv.yaml")
    assert [machine.packages for machine in found.machines] == [{}]
    assert (example / "serve.sh").read_bytes() == (ROOT / "templates/_shared/serve.sh").read_bytes()
    assert (example / "Vagrantfile").read_bytes() == (ROOT / "Vagrantfile").read_bytes()
    assert (example / "devenv.yaml").read_text().splitlines()[0] == SCHEMA_LINE
