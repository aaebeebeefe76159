"""How machines are, from Vagrant's files and the provider: the words, and who is asked for them."""

import json
from pathlib import Path

import pytest

from devenv.box import observe
from devenv.box.observe import Status
from devenv.box.project import Project
from devenv.box.providers.base import Forward
from devenv.errors import BoxError, ConfigError
from devenv.paths import vagrant_home
from fakes import FakeRunner

STATUS = "1,web,provider-name,docker\n1,web,state,not_created\n1,db,provider-name,libvirt\n1,db,state,shutoff\n"
PORTS = '{"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "devenv.yaml").write_text("name: x\nmachines: {web: , db: }\n")
    return Project(tmp_path)


def create(project: Project, name: str, provider: str, machine_id: str) -> None:
    folder = project.dot / "machines" / name / provider
    folder.mkdir(parents=True)
    (folder / "id").write_text(machine_id)


def test_nothing_created_asks_nobody(project: Project) -> None:
    assert observe.status(project, FakeRunner()) == [
        Status("web", None, "not_created"),
        Status("db", None, "not_created"),
    ]


def test_each_machine_is_asked_of_its_own_provider(project: Project) -> None:
    create(project, "web", "docker", "abc")
    create(project, "db", "libvirt", "uuid")
    runner = FakeRunner().on("docker", "inspect", out=f"true {PORTS}\n").on("virsh", out="shut off\n")
    web, db = observe.status(project, runner)
    assert web == Status("web", "docker", "running", "abc", (Forward(80, 8080),))
    assert web.running
    assert db == Status("db", "libvirt", "shutoff", "uuid")
    assert not db.running
    assert observe.one(project, runner, "web") == web
    assert observe.status(project, runner, ["db"]) == [db]


def test_a_provider_devenv_cannot_ask_is_asked_through_vagrant(project: Project) -> None:
    create(project, "web", "parallels", "uuid")
    runner = FakeRunner().on("vagrant", "status", out="1,web,provider-name,parallels\n1,web,state,suspended\n")
    assert observe.one(project, runner, "web") == Status("web", "parallels", "suspended", "uuid")
    silent = FakeRunner().on("vagrant", "status", out="")
    assert observe.one(project, silent, "web").state == "unknown"


def test_the_lock_says_which_machines_there_are(project: Project) -> None:
    assert observe.machine_names(project, FakeRunner()) == ["web", "db"]
    project.lock.write_text("{")
    with pytest.raises(ConfigError, match=r"devenv\.lock:1:"):
        observe.machine_names(project, FakeRunner())


class TestHandWritten:
    """A Vagrantfile of somebody's own: only Ruby can read Ruby, so Vagrant is asked once."""

    @pytest.fixture
    def theirs(self, tmp_path: Path) -> Project:
        (tmp_path / "Vagrantfile").write_text("Vagrant.configure('2') { }")
        return Project(tmp_path)

    def test_vagrant_is_asked_once(self, theirs: Project) -> None:
        runner = FakeRunner().on("vagrant", "status", "--machine-readable", out=STATUS)
        for _ in range(3):
            assert observe.machine_names(theirs, runner) == ["web", "db"]
        assert len(runner.calls) == 1
        assert observe.status(theirs, runner)[0] == Status("web", "docker", "not_created")
        assert len(runner.calls) == 1

    def test_and_again_when_what_decides_it_changed(self, theirs: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        runner = FakeRunner().on("vagrant", "status", "--machine-readable", out=STATUS)
        observe.machine_names(theirs, runner)
        theirs.vagrantfile.write_text("Vagrant.configure('2') { |c| }")
        observe.machine_names(theirs, runner)
        assert len(runner.calls) == 2
        vagrant_home().mkdir(parents=True)
        (vagrant_home() / "Vagrantfile").write_text("x")
        observe.machine_names(theirs, runner)
        assert len(runner.calls) == 3
        monkeypatch.setenv("VAGRANT_DEFAULT_PROVIDER", "libvirt")
        observe.machine_names(theirs, runner)
        assert len(runner.calls) == 4

    @pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"of": 1}', '{"machines": {}}'])
    def test_a_damaged_memory_is_made_anew(self, theirs: Project, text: str) -> None:
        runner = FakeRunner().on("vagrant", "status", "--machine-readable", out=STATUS)
        theirs.state.mkdir(parents=True)
        (theirs.state / "machines.json").write_text(text)
        assert observe.machine_names(theirs, runner) == ["web", "db"]
        assert json.loads((theirs.state / "machines.json").read_text())["machines"] == {
            "web": "docker",
            "db": "libvirt",
        }

    def test_no_vagrantfile_at_all(self, tmp_path: Path) -> None:
        with pytest.raises(BoxError, match="there is no Vagrantfile in"):
            observe.machine_names(Project(tmp_path), FakeRunner())
