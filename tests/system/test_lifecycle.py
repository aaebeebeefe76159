"""The life of docker machines: up, its steps and their record, halt, reload, snapshots, several machines, destroy.

The tests of one machine stand in the order of its life; each leaves it running.
"""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pip._internal.models.index import PyPI

from tests.machines import BOX, Project, checked, command, files_of, free_port, remove, terminal, wait_for
from tests.machines import project as new_project

pytestmark = pytest.mark.system

WEB, DNS = free_port(), free_port()
GREETING = "a \"b\" $c 'd' `e` \\ #{1+1}"
STEPS: dict[str, dict[str, object]] = {
    "as root": {"run": 'echo "$(id -un):$PWD:$HOME:$GREETING" >/home/as-root'},
    "as user": {"run": 'echo "$(id -un):$PWD:$HOME:$GREETING" >~/as-user', "privileged": False},
    "asks": {"run": 'read -r answer; echo "$? [$answer]" >/home/asked'},
    "talks": {"run": "head -c 1000000 /dev/zero | tr '\\0' x | fold -w 100; echo the last line"},
    "script": {"path": "steps/set up.sh"},
    "python": {"path": "steps/set-up.py", "privileged": False},
}


def yaml(steps: dict[str, dict[str, object]], **more: object) -> str:
    """Return the text of a devenv.yaml; JSON is YAML."""
    top = {
        **{"version": 1, "box": BOX, "cpus": 1, "memory": 512, "ports": [f"{WEB}:8000", f"{DNS}:53/udp"]},
        **{"env": {"GREETING": GREETING}, "trust_host_certificates": True, "packages": ["python3-venv"]},
        "provision": [{"name": name, **step} for name, step in steps.items()],
    }
    return json.dumps({**top, **more}, ensure_ascii=False, indent=1) + "\n"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose machine lives through this module."""
    with new_project(tmp_path_factory.mktemp("life") / "life", yaml(STEPS)) as made:
        made.write("devenv.yaml", yaml(STEPS))
        made.write("steps/set up.sh", 'echo one >>/home/script\necho "$0" | grep -q step\n')
        made.write(
            "steps/set-up.py", "#!/usr/bin/python3\nimport os\nopen('python-ran', 'a').write(os.getcwd() + '\\n')\n"
        )
        made.folder.chmod(0o777)
        first = made.ok("up", "--provider", "docker")
        assert "steps run: certificates, environment, packages, as root, as user, asks, talks, script, python" in (
            first.stderr
        )
        yield made


def vagrant_states(box: Project) -> dict[str, tuple[str, str]]:
    """Return machine -> (provider, state) as Vagrant says it."""
    found: dict[str, dict[str, str]] = {}
    for line in checked(box.vagrant("status", "--machine-readable")).stdout.splitlines():
        fields = line.split(",")
        if len(fields) > 3 and fields[1]:
            found.setdefault(fields[1], {})[fields[2]] = fields[3]
    return {name: (facts["provider-name"], facts["state"]) for name, facts in found.items()}


def states(box: Project) -> dict[str, tuple[str, str]]:
    machines = json.loads(box.ok("status", "--json").stdout)["machines"]
    return {machine["name"]: (machine["provider"], machine["state"]) for machine in machines}


def steps_run(box: Project, *words: str) -> list[str]:
    """Return the steps that up (or another command) ran."""
    (machine,) = json.loads(box.ok(*(words or ("up",)), "--json").stdout)["machines"]
    return list(machine["steps"])


def test_steps_ran_as_whom_and_where_they_should(life: Project) -> None:
    assert life.guest("cat /home/as-root") == f"root:/vagrant:/root:{GREETING}"
    assert life.guest("cat ~/as-user") == f"vagrant:/vagrant:/home/vagrant:{GREETING}"
    assert (life.folder / "python-ran").read_text() == "/vagrant\n"
    assert life.guest("cat /home/script") == "one"


def test_a_step_that_reads_gets_the_end_of_the_input(life: Project) -> None:
    assert life.guest("cat /home/asked") == "1 []"


def test_a_steps_whole_output_is_in_the_log(life: Project) -> None:
    log = life.log()
    assert log.count("x" * 100) == 10_000
    assert "the last line" in log


def test_variables_are_seen_by_commands_logins_and_sudo(life: Project) -> None:
    assert life.guest('printf %s "$GREETING"') == GREETING
    assert life.ok("run", "--", "sudo", "printenv", "GREETING").stdout.rstrip("\n") == GREETING
    with terminal(life, "ssh") as typing:
        typing.expect("$ ")
        typing.type("printenv GREETING\n")
        typing.expect(GREETING)
        typing.type("exit\n")
        assert typing.end() == 0


def test_the_box_trusts_whom_the_host_trusts(life: Project) -> None:
    # on a network that signs TLS anew, none of this works without the host's certificates
    life.guest('curl --silent --show-error --fail --output /dev/null "$1/six/"', PyPI.simple_url)
    script = (
        "python3 -m venv /tmp/venv && /tmp/venv/bin/pip --quiet download --no-deps --dest /tmp/got six && ls /tmp/got"
    )
    assert life.guest(script).startswith("six-")


def test_a_second_up_changes_nothing_and_says_so(life: Project) -> None:
    before = (life.id(), files_of(life.folder), life.guest("ls -l --full-time /var/lib/devenv/steps"))
    done = life.ok("up")
    assert "default: nothing to do (running on docker, all steps done)" in done.stderr
    assert done.stdout == ""
    assert before == (life.id(), files_of(life.folder), life.guest("ls -l --full-time /var/lib/devenv/steps"))


def test_status_is_what_vagrant_says_of_a_running_machine(life: Project) -> None:
    assert states(life) == vagrant_states(life) == {"default": ("docker", "running")}


def test_what_commands_report_as_json_names_everything(life: Project) -> None:
    ports = [
        {"guest": 53, "host": DNS, "protocol": "udp", "address": "127.0.0.1"},
        {"guest": 8000, "host": WEB, "protocol": "tcp", "address": "127.0.0.1"},
    ]
    assert json.loads(life.ok("ports", "--json").stdout) == {
        "version": 1,
        "machines": [{"name": "default", "ports": ports}],
    }
    status = json.loads(life.ok("status", "--json").stdout)
    assert status == {
        "version": 1,
        "project": str(life.folder),
        "machines": [{"name": "default", "provider": "docker", "state": "running", "id": life.id()}],
    }
    up = json.loads(life.ok("up", "--json").stdout)
    (machine,) = up.pop("machines")
    assert up == {"version": 1}
    assert machine == {
        **{"name": "default", "provider": "docker", "changed": [], "steps": [], "ports": ports, "notes": []}
    }


def test_only_a_changed_step_runs_again(life: Project) -> None:
    life.write("devenv.yaml", yaml({**STEPS, "asks": {"run": "echo other >/home/asked"}}))
    assert steps_run(life) == ["asks"]
    assert life.guest("cat /home/asked") == "other"
    life.write("steps/set up.sh", "echo two >>/home/script\n")
    assert steps_run(life) == ["script"]
    assert life.guest("cat /home/script") == "one\ntwo"
    assert steps_run(life) == []


def test_a_step_that_always_runs_runs_at_every_up(life: Project) -> None:
    life.write("devenv.yaml", yaml({**STEPS, "often": {"run": "echo >>/home/often", "when": "always"}}))
    # the one that was changed before has its first text again
    assert [steps_run(life), steps_run(life)] == [["asks", "often"], ["often"]]
    assert life.guest("wc -l </home/often") == "2"
    assert steps_run(life, "provision") == ["often"]
    life.write("devenv.yaml", yaml(STEPS))
    assert steps_run(life) == []


def test_a_failed_step_is_told_of_and_run_again_but_not_those_before_it(life: Project) -> None:
    steps = {
        **STEPS,
        "before": {"run": "echo >>/home/before"},
        "breaks": {"run": "echo one; echo two >&2; exit 3"},
        "after": {"run": "echo >>/home/after"},
    }
    life.write("devenv.yaml", yaml(steps))
    failed = life.devenv("up")
    assert (failed.returncode, failed.stdout) == (7, "")
    message = failed.stderr[failed.stderr.index("error:") :].splitlines()
    log = life.ok("logs", "--path").stdout.strip()
    assert message[:4] == [
        "error: the step 'breaks' of default failed with exit code 3",
        "  | one",
        "  | two",
        f"log: {log}",
    ]
    assert message[4].startswith("hint: the box is running; mend the step and run devenv up")
    assert len(message) == 5
    assert "one\ntwo\n" in Path(log).read_text()
    assert life.state() == "running"
    again = life.devenv("up")
    assert again.returncode == 7
    assert "step before" not in again.stderr
    steps["breaks"] = {"run": "echo mended"}
    life.write("devenv.yaml", yaml(steps))
    assert steps_run(life) == ["breaks", "after"]
    assert life.guest("wc -l </home/before; wc -l </home/after") == "1\n1"
    life.write("devenv.yaml", yaml(STEPS))
    assert steps_run(life) == []


def test_a_step_may_leave_something_in_the_background(life: Project) -> None:
    # its output stays open in it, as that of many a server that is started carelessly
    life.write("devenv.yaml", yaml({**STEPS, "server": {"run": "sleep 1000 & echo started"}}))
    assert steps_run(life) == ["server"]
    assert life.guest("pgrep -u root -fxc 'sleep 1000'") == "1"
    assert life.log().endswith("started\n")
    life.write("devenv.yaml", yaml(STEPS))
    assert steps_run(life) == []


def test_provision_force_runs_every_step(life: Project) -> None:
    assert steps_run(life, "provision") == []
    assert steps_run(life, "provision", "--force") == ["certificates", "environment", "packages", *STEPS]


def test_up_frozen_fails_rather_than_write_the_lock(life: Project) -> None:
    assert steps_run(life, "up", "--frozen") == []
    life.write("devenv.yaml", yaml(STEPS, memory=640))
    before = files_of(life.folder)
    done = life.devenv("up", "--frozen")
    assert done.returncode == 9
    assert "devenv.lock is not up to date with devenv.yaml, and --frozen forbids to write it" in done.stderr
    assert files_of(life.folder) == before


def test_a_change_that_needs_another_container_is_said_and_not_done(life: Project) -> None:
    before = life.id()
    done = life.ok("up")
    assert "memory changed in devenv.yaml; default takes it over with: devenv destroy default, then devenv up" in (
        done.stderr
    )
    assert life.id() == before
    life.write("devenv.yaml", yaml(STEPS))
    assert "changed in devenv.yaml" not in life.ok("up").stderr


def test_up_on_another_provider_than_the_machines_is_an_error(life: Project) -> None:
    done = life.devenv("up", "--provider", "lxc")
    assert done.returncode == 8
    assert "error: default is there already, on docker" in done.stderr
    assert "hint: to move it to lxc: devenv destroy default" in done.stderr


def test_a_snapshot_brings_the_disk_back(life: Project) -> None:
    ports = life.ports()
    life.guest("echo kept | sudo tee /home/kept; rm -f /vagrant/fresh")
    life.ok("snapshot", "save", "good")
    assert life.ok("snapshot", "list").stdout == "good\n"
    life.guest("sudo rm /home/kept; touch /vagrant/fresh")
    done = life.devenv("snapshot", "restore", "good")
    assert done.returncode == 2, "it must not lose anything without being told"
    life.ok("snapshot", "restore", "good", "--force")
    assert life.guest("cat /home/kept") == "kept"
    assert (life.folder / "fresh").exists(), "the synced folder is the host's and is no part of it"
    assert (life.ports(), life.state()) == (ports, "running")
    assert vagrant_states(life) == {"default": ("docker", "running")}
    assert steps_run(life) == []
    life.ok("snapshot", "delete", "good", "--force")
    assert life.ok("snapshot", "list").stdout == ""
    done = life.devenv("snapshot", "restore", "good", "--force")
    assert done.returncode == 8
    assert "there is no snapshot 'good'" in done.stderr


def test_halt_and_up_keep_the_machine_its_ports_and_its_record(life: Project) -> None:
    before = (life.id(), life.ports())
    life.ok("halt")
    assert states(life) == vagrant_states(life) == {"default": ("docker", "stopped")}
    assert "default: nothing to do" in life.ok("halt").stderr
    done = life.devenv("run", "--", "true")
    assert done.returncode == 8
    assert "error: default is not running (stopped)\nhint: start it with: devenv up\n" in done.stderr
    assert "default: started on docker; no steps to run" in life.ok("up").stderr
    assert (life.id(), life.ports()) == before


def test_reload_restarts_the_machine(life: Project) -> None:
    before = life.id()
    started = command("docker", "inspect", "--format", "{{.State.StartedAt}}", before)
    assert "default: reloaded on docker; no steps to run" in life.ok("reload").stderr
    assert life.id() == before
    assert command("docker", "inspect", "--format", "{{.State.StartedAt}}", before) != started
    assert life.guest("echo fine") == "fine"


def test_destroy_asks_and_leaves_the_files(life: Project) -> None:
    container, files = life.id(), files_of(life.folder)
    done = life.devenv("destroy")
    assert done.returncode == 2
    assert "add --force to say yes" in done.stderr
    with terminal(life, "destroy") as typing:
        typing.expect("[y/N]")
        typing.type("n\n")
        assert typing.end() == 1
    assert life.state() == "running"
    assert "default: destroyed" in life.ok("destroy", "-f").stderr
    assert subprocess.run(["docker", "inspect", container], capture_output=True, check=False).returncode == 1
    assert states(life)["default"][1] == vagrant_states(life)["default"][1] == "not_created"
    assert files_of(life.folder) == files
    assert not life.socket().exists()
    assert "default: nothing to do" in life.ok("destroy", "-f").stderr
    done = life.devenv("run", "--", "true")
    assert done.returncode == 8
    assert "error: default is not created\nhint: create it with: devenv up\n" in done.stderr


def test_plain_vagrant_up_makes_the_same_box_with_the_same_record(tmp_path: Path) -> None:
    with new_project(tmp_path / "plain") as plain:
        plain.yaml('env: {A: "b"}\nprovision: [{name: "one", run: "echo >>/home/one"}]\n')
        # the lock without a machine: what somebody who has devenv commits
        assert plain.devenv("up", "--provider", "hyperv").returncode == 8
        assert set(files_of(plain.folder)) == {"devenv.yaml", "devenv.lock", "Vagrantfile"}
        remove(plain.folder / ".vagrant")
        checked(plain.vagrant("up", "--provider", "docker"))
        records = plain.guest("cat /var/lib/devenv/steps/*")
        assert {line for line in records.splitlines() if line[:5] == "name="} == {"name=environment", "name=one"}
        assert plain.guest("wc -l </home/one; echo $A") == "1\nb"
        done = plain.ok("up")
        assert "default: nothing to do (running on docker, all steps done)" in done.stderr
        assert plain.guest("cat /var/lib/devenv/steps/*") == records


def test_several_machines_come_and_go_by_name(tmp_path: Path) -> None:
    with new_project(tmp_path / "several") as several, closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        web, db = free_port(), taken.getsockname()[1]
        machines = (
            f'machines:\n  web:\n    primary: true\n    ports: ["{web}:80"]\n'
            f'  db:\n    sync: ["data:/srv/data"]\n    ports: ["{db}:5432"]\n    env: {{ROLE: db}}\n'
        )
        several.yaml(machines)
        (several.folder / "data" / "deep").mkdir(parents=True)
        several.ok("up", "web", "--provider", "docker")
        assert states(several) == {"web": ("docker", "running"), "db": (None, "not_created")}
        done = several.ok("up", "--provider", "docker")
        assert "web: nothing to do" in done.stderr
        moved = several.ports("db")[5432]
        assert f"port {db} is taken: db's 5432 is on {moved} instead" in done.stderr
        assert (several.ports("web"), several.ports("db")) == ({80: web}, {5432: moved})
        assert states(several) == vagrant_states(several)
        # the primary one if none is named; another folder of the host has no place in db: the home is used
        assert several.ok("run", "--", "sh", "-c", "hostname; pwd").stdout == "several-web\n/vagrant\n"
        in_db = ("run", "-m", "db", "--", "sh", "-c", "hostname; pwd; echo $ROLE")
        assert several.ok(*in_db).stdout == "several-db\n/home/vagrant\ndb\n"
        assert several.ok(*in_db, cwd=several.folder / "data/deep").stdout == "several-db\n/srv/data/deep\ndb\n"
        done = several.devenv("run", "-m", "dbb", "--", "true")
        assert (done.returncode, "did you mean db?" in done.stderr) == (2, True)
        several.ok("halt", "db")
        assert states(several) == {"web": ("docker", "running"), "db": ("docker", "stopped")}
        several.ok("destroy", "-f")
        assert {state for _, state in states(several).values()} == {"not_created"}


def test_a_hand_written_vagrantfile_gets_the_same_commands(tmp_path: Path) -> None:
    host = free_port()
    text = f"""
Vagrant.configure("2") do |config|
  config.vm.box = "{BOX}"
  config.vm.network "forwarded_port", guest: 8000, host: {host}, host_ip: "127.0.0.1"
  config.vm.provision "shell", inline: "echo >>/home/provisioned"
  config.vm.provider("docker") {{ |docker| docker.create_args = ["--init"] }}
end
"""
    with new_project(tmp_path / "hand-written", None) as ours:
        ours.write("Vagrantfile", text)
        assert states(ours)["default"][1] == "not_created"
        ours.ok("up", "--provider", "docker")
        # from here on whatever only looks must not start Ruby
        stub = ours.write("bin/vagrant", "#!/bin/sh\necho vagrant was started >&2\nexit 99\n")
        stub.chmod(0o755)
        quick = {"PATH": f"{stub.parent}:{os.environ['PATH']}"}
        status = json.loads(ours.ok("status", "--json", env=quick).stdout)["machines"]
        assert [(machine["name"], machine["state"]) for machine in status] == [("default", "running")]
        assert ours.ok("run", "--", "pwd", env=quick).stdout == "/vagrant\n"
        assert f"8000/tcp  127.0.0.1:{host}" in ours.ok("ports", env=quick).stdout
        config = ours.write("ssh_config", ours.ok("ssh-config", env=quick).stdout)
        assert command("ssh", "-F", str(config), "default", "hostname")
        assert ours.guest("wc -l </home/provisioned") == "1"
        ours.ok("provision")
        assert ours.guest("wc -l </home/provisioned") == "2"
        ours.ok("halt")
        assert states(ours) == vagrant_states(ours) == {"default": ("docker", "stopped")}
        ours.ok("destroy", "-f")
        assert states(ours)["default"][1] == "not_created"
        assert set(files_of(ours.folder)) == {"Vagrantfile", "bin/vagrant", "ssh_config"}


SERVER = """\
import socket

with socket.create_server(("", 8000)) as server:
    while True:
        client = server.accept()[0]
        client.recv(4096)
        client.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nhello\\n")
        client.close()
"""


@pytest.mark.parametrize("provider", ["lxc", "libvirt"])
def test_a_whole_life_on(provider: str, tmp_path: Path) -> None:
    host = free_port()
    # the box has python3-minimal only
    # the braces: a list in the background would hold the step's output, and the step would not end
    serve = "pgrep -f serve.py || { setsid python3 /vagrant/serve.py >/dev/null 2>&1 </dev/null & }"
    with new_project(tmp_path / f"life on {provider}") as whole:
        whole.yaml(
            f'ports: ["{host}:8000"]\nenv: {{A: "b c"}}\n'
            'provision:\n  - {name: once, run: "echo >>/home/once; echo $A >/home/a"}\n'
            f'  - {{name: serve, when: always, run: "{serve}"}}\n'
        )
        whole.write("serve.py", SERVER)
        whole.ok("up", "--provider", provider)
        assert states(whole) == vagrant_states(whole) == {"default": (provider, "running")}
        assert whole.guest("cat /home/a; pwd; ls") == "b c\n/vagrant\nVagrantfile\ndevenv.lock\ndevenv.yaml\nserve.py"
        assert whole.ports() == {8000: host}
        assert page(host) == "hello\n"
        assert steps_run(whole) == ["serve"]
        assert steps_run(whole, "provision", "--force") == ["environment", "once", "serve"]
        whole.guest("echo kept | sudo tee /home/kept; sync")
        whole.ok("snapshot", "save", "good")
        whole.guest("sudo rm /home/kept")
        whole.ok("snapshot", "restore", "good", "--force")
        assert whole.guest("cat /home/kept") == "kept"
        assert whole.ok("snapshot", "list").stdout == "good\n"
        whole.ok("snapshot", "delete", "good", "--force")
        assert whole.ok("snapshot", "list").stdout == ""
        whole.ok("halt")
        assert states(whole) == vagrant_states(whole)
        assert whole.state() in ("stopped", "shutoff")
        assert whole.devenv("run", "--", "true").returncode == 8
        assert steps_run(whole) == ["serve"]
        assert whole.guest("wc -l </home/once; cat /home/kept") == "2\nkept"
        assert page(host) == "hello\n"
        whole.ok("destroy", "-f")
        assert states(whole)["default"][1] == "not_created"


def page(port: int) -> str:
    """Return what is served on a port, as soon as it is."""
    argv = ("curl", "--silent", "--max-time", "5", f"http://127.0.0.1:{port}/")

    def answer() -> str:
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout

    return str(wait_for("the page", answer))
