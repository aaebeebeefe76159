"""PyCharm and IntelliJ: which are found, what goes into their files, what is said; golden files show whole ones.

``tests/golden/ide/jetbrains`` holds files as the programs write them, before and after a set-up.
"""

import json
import os
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import pytest

from devenv.errors import ParseError
from devenv.ide import editors, jetbrains, jetbrainsproject, pieces
from devenv.ide.jetbrains import JetBrains
from devenv.ide.pieces import Placed
from devenv.ide.target import Target
from devenv.ide.user import User

GOLDEN = Path(__file__).resolve().parents[1] / "golden/ide/jetbrains"
VERSION = "PyCharm2024.3"


@pytest.fixture
def user(tmp_path: Path) -> User:
    home = tmp_path / "home"
    home.mkdir()
    return User(home, home / ".config", home / ".local/share", "linux", {"PATH": str(tmp_path / "bin")})


@pytest.fixture
def target(user: User) -> Target:
    root = user.home / "hello"
    root.mkdir()
    (root / "app.py").write_text("print('hello')\n")
    host = ("127.0.0.1", 2222, ("/k/key",), ("ssh-ed25519 AAAA",))
    mappings = ((root, "/vagrant"), (Path("/srv/data"), "/data"))
    made = Target(root, "hello", "default", "hello.devenv", "vagrant", "/home/vagrant", mappings, *host)
    return made._replace(python_version="3.11.2")


def editor(name: str = "pycharm") -> JetBrains:
    found = editors.get(name)
    assert isinstance(found, JetBrains)
    return found


def install(user: User, *versions: str) -> None:
    for version in versions:
        (user.config / "JetBrains" / version / "options").mkdir(parents=True)


def program(user: User, name: str) -> Path:
    file = Path(user.environ["PATH"]) / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


def placed(target: Target, user: User, route: str = "ssh", name: str = "pycharm") -> list[Placed]:
    return editor(name).pieces(target, user, {"route": route})


def written(placed: Sequence[Placed], before: dict[str, bytes] | None = None) -> dict[str, bytes]:
    """Return what is in which file, by the file's name, after all pieces were put in."""
    files: dict[str, bytes] = dict(before or {})
    for each in placed:
        files[each.file.name] = each.piece.put(files.get(each.file.name))[0]
    return files


# what is here


def test_every_installed_version_is_found_the_newest_last(user: User) -> None:
    install(
        user,
        "PyCharm2024.3",
        "PyCharmCE2023.1",
        "PyCharm2025.10",
        "PyCharm2025.2",
        "IntelliJIdea2025.1",
        "IdeaIC2024.1",
    )
    install(user, "WebStorm2025.1", "PyCharm", "PyCharm2025.1-backup", "Toolbox")
    (user.config / "JetBrains/PyCharm2022.1").write_text("no folder")
    names = ["PyCharmCE2023.1", "PyCharm2024.3", "PyCharm2025.2", "PyCharm2025.10"]
    assert [found.version for found in editor().found(user)] == names
    assert [Path(found.where).name for found in editor().found(user)] == names
    assert [found.version for found in editor("intellij").found(user)] == ["IdeaIC2024.1", "IntelliJIdea2025.1"]


def test_a_program_without_settings_is_found_on_the_path_or_as_toolbox_made_it(user: User) -> None:
    assert editor().found(user) == []
    script = user.data / "JetBrains/Toolbox/scripts/pycharm"
    script.parent.mkdir(parents=True)
    script.write_text("")
    assert editor().found(user) == [("", str(script))]
    assert editor("intellij").found(user) == []
    there = program(user, "charm")
    assert editor().found(user) == [("", str(there))]


def test_settings_lie_elsewhere_on_macos_and_windows(tmp_path: Path) -> None:
    mac = tmp_path / "Library/Application Support"
    roaming, local = tmp_path / "Roaming", tmp_path / "Local"
    for support in (mac, roaming):
        (support / "JetBrains/PyCharm2025.1").mkdir(parents=True)
    (local / "JetBrains/Toolbox/scripts").mkdir(parents=True)
    (local / "JetBrains/Toolbox/scripts/idea.cmd").write_text("")
    nowhere = {"PATH": str(tmp_path / "bin"), "LOCALAPPDATA": str(local)}
    for user in (User(tmp_path, mac, mac, "darwin", nowhere), User(tmp_path, roaming, roaming, "win32", nowhere)):
        assert [found.version for found in editor().found(user)] == ["PyCharm2025.1"]
        assert editor().running(user) is None
    windows = User(tmp_path, roaming, roaming, "win32", nowhere)
    assert [Path(found.where).name for found in editor("intellij").found(windows)] == ["idea.cmd"]


LINES = {
    "/opt/pycharm-2024.3/bin/pycharm": "PyCharm",
    "/bin/sh /opt/pycharm/bin/pycharm.sh": "PyCharm",
    "/opt/idea/jbr/bin/java -Xmx2g -Didea.paths.selector=IntelliJIdea2024.3 com.intellij.idea.Main": "IntelliJ IDEA",
    "/opt/p/jbr/bin/java -Didea.paths.selector=PyCharmCE2023.1 com.intellij.idea.Main": "PyCharm",
    "/opt/w/jbr/bin/java -Didea.paths.selector=WebStorm2024.3 com.intellij.idea.Main": None,
    "/opt/idea-IU/bin/idea /home/ada/hello": "IntelliJ IDEA",
    "pycharm.sh": "PyCharm",
    "bash /opt/idea/bin/idea.sh /home/ada/hello": "IntelliJ IDEA",
    "vim /opt/pycharm/bin/pycharm.sh": None,
    "/opt/pycharm/notes": None,
    "sh": None,
    "grep -r com.intellij.idea.Main /opt/pycharm": None,
    "/usr/bin/idea --help": None,
}


@pytest.mark.parametrize(("line", "title"), LINES.items(), ids=list(LINES))
def test_a_running_ide_is_noticed(
    line: str, title: str | None, user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, words in (("1", ""), ("17", "sleep 3"), ("self", "/opt/pycharm/bin/pycharm"), ("4711", line)):
        folder = tmp_path / "proc" / number
        folder.mkdir(parents=True)
        (folder / "cmdline").write_bytes("".join(f"{word}\0" for word in words.split()).encode())
    # one that ended between two looks
    (tmp_path / "proc/99").mkdir()
    monkeypatch.setattr(jetbrains, "PROCESSES", tmp_path / "proc")
    running = [editor(name).running(user) for name in ("pycharm", "intellij")]
    assert [name for name in running if name] == ([title] if title else [])


def test_another_users_ide_is_not_ours(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "proc/1").mkdir(parents=True)
    (tmp_path / "proc/1/cmdline").write_bytes(b"/opt/pycharm/bin/pycharm.sh\0")
    monkeypatch.setattr(jetbrains, "PROCESSES", tmp_path / "proc")
    assert editor().running(user) == "PyCharm"
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    assert editor().running(user) is None


# golden files

CASES = {
    "sshConfigs.xml": ("options/sshConfigs.xml", "ssh"),
    "webServers.xml": ("options/webServers.xml", "ssh"),
    "jdk.table.xml": ("options/jdk.table.xml", "ssh"),
    "jdk.table-used.xml": ("options/jdk.table.xml", "ssh"),
    "jdk.table-targets.xml": ("options/jdk.table.xml", "ssh"),
    "jdk.table-vagrant.xml": ("options/jdk.table.xml", "vagrant"),
    "misc.xml": (".idea/misc.xml", "ssh"),
    "modules.xml": (".idea/modules.xml", "ssh"),
    "module.iml": (".idea/hello.iml", "ssh"),
    "deployment.xml": (".idea/deployment.xml", "ssh"),
    "vagrant.xml": (".idea/vagrant.xml", "vagrant"),
    "program_in_hello.xml": (".idea/runConfigurations/program_in_hello.xml", "ssh"),
    "tests_in_hello.xml": (".idea/runConfigurations/tests_in_hello.xml", "ssh"),
    "debug_server_for_hello.xml": (".idea/runConfigurations/debug_server_for_hello.xml", "ssh"),
}


def golden(case: str, when: str) -> Path:
    name, _, ending = case.rpartition(".")
    return GOLDEN / f"{name}.{when}.{ending}"


def put(case: str, target: Target, user: User) -> tuple[bytes | None, bytes, list[tuple[str, pieces.Undo]]]:
    """Return a golden file's bytes before and after all pieces for it were put in, and how to take them out."""
    install(user, VERSION)
    file, route = CASES[case]
    before = golden(case, "before").read_bytes() if golden(case, "before").exists() else None
    if before is not None and file.startswith(".idea/"):
        (target.root / file).parent.mkdir(parents=True, exist_ok=True)
        (target.root / file).write_bytes(before)
    data, undos = before, []
    for each in placed(target, user, route):
        if each.file.as_posix().endswith(f"/{file}"):
            data, undo = each.piece.put(data)
            undos.append((each.piece.kind, json.loads(json.dumps(undo))))
    assert data is not None
    return before, data, undos


@pytest.mark.parametrize("case", CASES)
def test_a_file_becomes_what_the_golden_one_is_and_comes_back(case: str, target: Target, user: User) -> None:
    before, after, undos = put(case, target, user)
    assert after.decode().replace(str(user.home), "@HOME@") == golden(case, "after").read_text()
    data: bytes | None = after
    for kind, undo in reversed(undos):
        assert data is not None
        data = pieces.take(kind, data, undo)
    assert data == before


@pytest.mark.parametrize("case", CASES)
def test_a_second_set_up_changes_nothing(case: str, target: Target, user: User) -> None:
    _, after, _ = put(case, target, user)
    file, route = CASES[case]
    for each in placed(target, user, route):
        if each.file.as_posix().endswith(f"/{file}"):
            assert each.piece.put(after)[0] == after


@pytest.mark.parametrize("case", CASES)
def test_nothing_that_was_there_is_lost(case: str, target: Target, user: User) -> None:
    before, after, _ = put(case, target, user)
    if before is None:
        assert ET.fromstring(after).tag in ("application", "project", "component")
        return
    tags = [element.tag for element in ET.fromstring(before).iter()]
    left = [element.tag for element in ET.fromstring(after).iter()]
    assert all(left.count(tag) >= tags.count(tag) for tag in tags)
    names = set(re.findall(rb'\\b(?:id|name|url|path)="[^"]*"', before))
    assert all(name in after for name in names)


@pytest.mark.starts_programs
def test_xmllint_takes_every_file(target: Target, user: User) -> None:
    install(user, VERSION)
    for route in ("ssh", "vagrant"):
        for data in written(placed(target, user, route)).values():
            done = subprocess.run(["xmllint", "--noout", "-"], input=data, capture_output=True, check=False)
            assert done.returncode == 0, done.stderr


def test_every_golden_file_is_used() -> None:
    used = {golden(case, when).name for case in CASES for when in ("before", "after")}
    assert {file.name for file in GOLDEN.iterdir()} <= used


# what is written


@pytest.mark.parametrize("route", ["ssh", "vagrant"])
def test_project_files_hold_nothing_of_this_computer(route: str, target: Target, user: User) -> None:
    install(user, VERSION)
    shared = [each for each in placed(target, user, route) if each.scope == "project"]
    assert {each.file.relative_to(target.root).parts[0] for each in shared} == {".idea"}
    text = b"\n".join(written(shared).values()).decode()
    for word in (str(user.home), target.alias, target.host, str(target.port), "USER_HOME", "sftp:", "vagrant@", "ssh"):
        assert word not in text
    assert not {"workspace.xml", "remote-mappings.xml", ".gitignore"} & {each.file.name for each in shared}


@pytest.mark.parametrize("route", ["ssh", "vagrant"])
def test_user_files_hold_no_password_no_port_and_no_key(route: str, target: Target, user: User) -> None:
    install(user, VERSION)
    own = [each for each in placed(target, user, route) if each.scope == "user"]
    text = b"\n".join(written(own).values()).decode()
    for word in ("password", "2222", "127.0.0.1", "/k/key"):
        assert word not in text.lower()


def test_each_installed_version_gets_its_files(target: Target, user: User) -> None:
    install(user, "PyCharm2024.3", "PyCharmCE2023.1", "IdeaIC2024.1")
    files = [each.file for each in placed(target, user) if each.scope == "user"]
    assert {file.parent.parent.name for file in files} == {"PyCharm2024.3", "PyCharmCE2023.1"}
    assert [file.name for file in files[:3]] == ["sshConfigs.xml", "webServers.xml", "jdk.table.xml"]
    vagrant = [each.file.name for each in placed(target, user, "vagrant") if each.scope == "user"]
    assert vagrant == ["jdk.table.xml"] * 2


def test_ids_hold_together_and_are_the_machines_own(target: Target, user: User) -> None:
    install(user, VERSION)
    files = {name: ET.fromstring(data) for name, data in written(placed(target, user)).items() if name != "hello.iml"}
    ssh = next(files["sshConfigs.xml"].iter("sshConfig"))
    server = next(files["webServers.xml"].iter("webServer"))
    transfer = next(server.iter("fileTransfer"))
    sdk = next(files["jdk.table.xml"].iter("jdk"))
    more = next(sdk.iter("additional"))
    assert transfer.get("sshConfigId") == ssh.get("id")
    assert more.get("WEB_SERVER_CONFIG_ID") == server.get("id")
    assert more.get("WEB_SERVER_CONFIG_NAME") == server.get("name")
    name = next(sdk.iter("name")).get("value")
    assert name == next(files["misc.xml"].iter("component")).get("project-jdk-name") == target.sdk
    assert next(files["deployment.xml"].iter("paths")).get("name") == server.get("name")
    home = next(sdk.iter("homePath")).get("value")
    assert home == f"{more.get('WEB_SERVER_CREDENTIALS_ID')}{more.get('INTERPRETER_PATH')}"
    other = written(placed(target._replace(alias="db.hello.devenv", name="hello-db"), user))
    assert next(ET.fromstring(other["sshConfigs.xml"]).iter("sshConfig")).get("id") != ssh.get("id")


def test_two_machines_of_a_project_stand_beside_each_other(target: Target, user: User) -> None:
    install(user, VERSION)
    files = written(placed(target, user))
    both = written(placed(target._replace(alias="db.hello.devenv", name="hello-db", machine="db"), user), files)
    names = [each.get("value") for each in ET.fromstring(both["jdk.table.xml"]).iterfind(".//jdk/name")]
    assert names == ["devenv: hello", "devenv: hello-db"]
    assert {"tests_in_hello.xml", "tests_in_hello_db.xml"} <= set(both)


def test_a_machine_with_a_name_is_named_for_vagrant(target: Target, user: User) -> None:
    install(user, VERSION)
    sdk = ET.fromstring(written(placed(target._replace(machine="db"), user, "vagrant"))["jdk.table.xml"])
    more = next(sdk.iter("additional"))
    assert more.get("MACHINE_NAME") == "db"
    assert next(sdk.iter("homePath")).get("value") == f"vagrant://{target.root}@db/opt/devenv/venv/bin/python"


def test_a_version_that_is_not_known_is_not_written(target: Target, user: User) -> None:
    install(user, VERSION)
    sdk = ET.fromstring(written(placed(target._replace(python_version=""), user))["jdk.table.xml"])
    assert list(sdk.iter("version")) == []


def test_another_route_takes_the_first_ones_interpreter_out(target: Target, user: User) -> None:
    install(user, VERSION)
    ssh, vagrant = (
        next(each.piece for each in placed(target, user, route) if each.file.name == "jdk.table.xml")
        for route in ("ssh", "vagrant")
    )
    assert ssh.key != vagrant.key
    made, undo = ssh.put(None)
    rest = pieces.take(ssh.kind, made, undo)
    assert rest is None
    assert b"WEB_SERVER" not in vagrant.put(rest)[0]


def test_what_a_user_sets_in_a_run_configuration_stays(target: Target, user: User) -> None:
    def piece(target: Target) -> pieces.Piece:
        return next(each.piece for each in placed(target, user) if each.file.name == "program_in_hello.xml")

    made, undo = piece(target).put(None)
    theirs = made.replace(b'"PARAMETERS" value=""', b'"PARAMETERS" value="--port 1"')
    theirs = theirs.replace(b'"PYTHONUNBUFFERED" value="1"', b'"PYTHONUNBUFFERED" value=""').replace(b"app.py", b"b.py")
    assert piece(target).put(theirs)[0] == theirs
    assert pieces.take("xml element", theirs, undo) == theirs
    moved, _ = piece(target._replace(mappings=((target.root, "/srv/hello"),))).put(theirs)
    assert moved == theirs.replace(b'"/vagrant"', b'"/srv/hello"')


def test_an_interpreter_that_the_ide_has_rewritten_is_left_alone_and_still_taken_out(
    target: Target, user: User
) -> None:
    install(user, VERSION)
    piece = next(each.piece for each in placed(target, user) if each.file.name == "jdk.table.xml")
    _, undo = piece.put(None)
    newer = golden("jdk.table-targets.xml", "before").read_bytes()
    assert piece.put(newer)[0] == newer
    assert pieces.take(piece.kind, newer, undo) is None
    used = golden("jdk.table-used.xml", "before").read_bytes()
    assert pieces.take(piece.kind, used, undo) is None


# the project's own module and program


@pytest.mark.parametrize(
    ("listed", "there", "module"),
    [
        ([], [], ".idea/hello.iml"),
        ([], ["other"], ".idea/other.iml"),
        ([], ["hello", "a"], ".idea/hello.iml"),
        (["docs/docs.iml", "top.iml"], [], "top.iml"),
        (["docs/docs.iml", ".idea/old name.iml"], ["a"], ".idea/old name.iml"),
        (["../beside.iml", "docs/docs.iml"], [], ".idea/hello.iml"),
    ],
)
def test_the_module_that_is_there_is_used(listed: list[str], there: list[str], module: str, target: Target) -> None:
    idea = target.root / ".idea"
    idea.mkdir()
    for name in there:
        (idea / f"{name}.iml").write_text("<module />")
    if listed:
        inside = "".join(f'<module filepath="$PROJECT_DIR$/{file}" />' for file in listed)
        (idea / "modules.xml").write_text(f"<project><component><modules>{inside}</modules></component></project>")
    assert jetbrainsproject.module_of(target) == module


def test_a_broken_list_of_modules_is_named_when_it_is_to_be_changed(target: Target, user: User) -> None:
    (target.root / ".idea").mkdir()
    (target.root / ".idea/modules.xml").write_text("<project>\n<component></project>")
    (piece,) = [each.piece for each in placed(target, user) if each.file.name == "modules.xml"]
    with pytest.raises(ParseError, match="mismatched tag at 2:14"):
        piece.put((target.root / ".idea/modules.xml").read_bytes())


def test_an_interpreter_that_the_module_names_for_itself_is_said(target: Target, user: User) -> None:
    (target.root / ".idea").mkdir()
    (target.root / ".idea/hello.iml").write_bytes((GOLDEN / "module.before.iml").read_bytes())
    assert any("'Python 3.9 (notes)'" in each for each in editor().advice(target, user, {}))
    (target.root / ".idea/hello.iml").write_text("<module")
    assert not any("of its own" in each for each in editor().advice(target, user, {}))


MAIN = 'def main(): ...\n\nif __name__ == "__main__":\n    main()\n'


@pytest.mark.parametrize(
    ("files", "program"),
    [
        ({}, None),
        ({"app.py": ""}, "app.py"),
        ({"src/main.py": "", "main.py": ""}, "main.py"),
        ({"src/main.py": "", "serve.py": MAIN}, "src/main.py"),
        ({"hello/__main__.py": "", "serve.py": MAIN}, "hello/__main__.py"),
        ({"src/hello/__main__.py": ""}, "src/hello/__main__.py"),
        ({"a/__main__.py": "", "b/__main__.py": ""}, None),
        ({"serve.py": MAIN, "setup.py": MAIN, "test_serve.py": MAIN, "lib.py": "import os\n"}, "serve.py"),
        ({"serve.py": MAIN, "load.py": MAIN}, None),
        ({"lib.py": "x = 1\n"}, None),
        ({".venv-3/__main__.py": "", "main.js": ""}, None),
    ],
)
def test_the_program_is_one_that_is_there(files: dict[str, str], program: str | None, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert jetbrainsproject.program_of(tmp_path) == program


def test_without_a_program_there_is_no_run_configuration_for_one_and_it_is_said(target: Target, user: User) -> None:
    (target.root / "app.py").unlink()
    names = [each.file.name for each in placed(target, user)]
    assert "tests_in_hello.xml" in names
    assert "program_in_hello.xml" not in names
    assert any("no program was found" in each for each in editor().advice(target, user, {}))


def test_tests_run_where_they_lie(target: Target, user: User) -> None:
    def where() -> str | None:
        (file,) = [data for name, data in written(placed(target, user)).items() if name == "tests_in_hello.xml"]
        return ET.fromstring(file).find(".//option[@name='_new_target']").get("value")  # type: ignore[union-attr]

    assert where() == '"$PROJECT_DIR$"'
    (target.root / "tests").mkdir()
    assert where() == '"$PROJECT_DIR$/tests"'


# what is said, and opening


def test_what_remains_by_hand_is_said_plainly(target: Target, user: User) -> None:
    said = editor().advice(target, user, {})
    assert "no settings of PyCharm were found here" in said[0]
    assert "not tried with PyCharm itself" in said[-1]
    assert any("ssh -R 5678:localhost:5678 hello.devenv" in each for each in said)
    install(user, VERSION)
    said = editor().advice(target, user, {})
    assert not any("no settings" in each or "Vagrant plugin" in each for each in said)
    assert any("Vagrant plugin" in each for each in editor().advice(target, user, {"route": "vagrant"}))


def test_without_an_ide_the_project_is_set_up_all_the_same(target: Target, user: User) -> None:
    assert {each.scope for each in placed(target, user)} == {"project"}
    assert len(placed(target, user)) == 8


def test_the_project_is_opened_in_the_program_or_by_a_link(target: Target, user: User) -> None:
    opening = editor().opening(target, user, {})
    assert opening.argv == ()
    place = "projectPath=/vagrant&host=hello.devenv&port=22&user=vagrant&type=ssh&deploy=false"
    assert opening.link == f"jetbrains-gateway://connect#{place}"
    assert str(target.root) in opening.by_hand
    there = program(user, "pycharm")
    assert editor().opening(target, user, {}).argv == (str(there), str(target.root))


def test_the_box_gets_the_debugger_and_nothing_else(target: Target) -> None:
    assert [name.partition("==")[0] for name in editor().packages({})] == ["pydevd-pycharm"]
    assert editor().box_pieces(target, {}) == []
