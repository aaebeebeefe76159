"""Machines and up on bad days: ports that are taken, machines that vanish, two ups at once, ups that are cut short."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from devenv.box.providers.base import whose as whose_machine
from tests.machines import (
    Project,
    alive,
    checked,
    command,
    containers_of,
    descendants,
    free_port,
    trouble,
    wait_for,
)
from tests.machines import project as new_project

pytestmark = pytest.mark.system


@contextmanager
def listening(port: int) -> Iterator[None]:
    with closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        yield


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A machine with a port that these tests stop, remove and make again."""
    with new_project(tmp_path_factory.mktemp("box") / "box", f'ports: ["{free_port()}:8000"]\n') as made:
        yield made


def test_a_port_that_is_taken_before_the_first_boot_is_moved_and_said(box: Project) -> None:
    wanted = int((box.folder / "devenv.yaml").read_text().partition('ports: ["')[2].partition(":")[0])
    with listening(wanted):
        done = box.ok("up", "--provider", "docker")
        given = box.ports()[8000]
        assert given > wanted
        assert f"port {wanted} is taken: default's 8000 is on {given} instead" in done.stderr
    # a machine keeps the port it has
    box.ok("up")
    assert box.ports() == {8000: given}


def test_a_port_that_is_taken_while_the_machine_is_halted_is_one_clear_line(box: Project) -> None:
    given = box.ports()[8000]
    command("docker", "stop", "--time", "5", box.id())
    with listening(given):
        done = box.devenv("up")
        assert done.returncode == 8
        said = trouble(done)
        assert said.startswith(f"error: port {given}, which default was made with, is taken by ")
        assert said.endswith(f"(process {os.getpid()})")
        assert "hint: free it and run devenv up" in done.stderr
        assert box.state() == "stopped"
    box.ok("up")
    assert box.ports() == {8000: given}


def test_a_machine_that_was_removed_behind_our_back_is_made_anew(box: Project) -> None:
    gone = box.id()
    command("docker", "rm", "--force", gone)
    assert box.state() == "not_created"
    done = box.devenv("run", "--", "true")
    assert done.returncode == 8
    assert trouble(done) == "error: default is not created"
    assert "hint: create it with: devenv up" in done.stderr
    assert "default: created on docker" in box.ok("up", "--provider", "docker").stderr
    assert box.id() != gone
    assert box.guest("echo fine") == "fine"
    command("docker", "rm", "--force", box.id())
    assert "default: " in box.ok("destroy", "--force").stderr
    assert box.state() == "not_created"


def test_a_libvirt_machine_that_was_undefined_is_not_created(tmp_path: Path) -> None:
    with new_project(tmp_path / "gone") as gone:
        # as vagrant-libvirt leaves it: an id of a domain that is not there any more
        assert gone.devenv("up", "--provider", "hyperv").returncode == 8
        gone.write(".vagrant/machines/default/libvirt/id", "6f3b7a52-0000-4000-8000-9c35d7a1e000")
        assert gone.state() == "not_created"
        done = gone.devenv("run", "--", "true")
        assert (done.returncode, trouble(done)) == (8, "error: default is not created")
        gone.ok("destroy", "--force")
        assert not list(gone.folder.glob(".vagrant/machines/*/*/id"))


def test_two_ups_in_one_project_wait_for_each_other(project: Project) -> None:
    project.yaml('provision: [{name: one, run: "echo >>/home/one"}]\n')
    both = [project.start("up", "--provider", "docker") for _ in range(2)]
    said = [each.communicate(timeout=120)[1] for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    waited = [text for text in said if "waiting for devenv up (process " in text]
    assert len(waited) == 1
    assert "default: nothing to do" in waited[0]
    assert len(containers_of(project.folder)) == 1
    assert project.guest("wc -l </home/one") == "1"


def test_two_ups_in_two_projects_of_one_name_get_ports_of_their_own(tmp_path: Path) -> None:
    wanted = free_port()
    ports = f'ports: ["{wanted}:8000"]\n'
    with new_project(tmp_path / "1" / "same", ports) as one, new_project(tmp_path / "2" / "same", ports) as two:
        both = [each.start("up", "--provider", "docker") for each in (one, two)]
        said = [each.communicate(timeout=120)[1] for each in both]
        assert [each.returncode for each in both] == [0, 0], said
        assert one.ports()[8000] != two.ports()[8000]
        assert wanted in (one.ports()[8000], two.ports()[8000])
        assert one.guest("hostname") == two.guest("hostname") == "same"
        assert one.id() != two.id()


def up(project: Project) -> "subprocess.Popen[str]":
    return project.start("up", "--provider", "docker")


def log(project: Project) -> str:
    return "".join(file.read_text() for file in sorted((project.folder / ".vagrant/devenv/logs").glob("*.log")))


def vagrant_runs(project: Project) -> bool:
    return "$ vagrant up" in log(project)


def vagrant_makes_it(project: Project) -> bool:
    return "Creating the container" in log(project)


def container_is_there(project: Project) -> bool:
    return bool(containers_of(project.folder))


def step_runs(project: Project) -> bool:
    return "the step runs" in log(project)


UNTIL = "echo the step runs; until [ -e /vagrant/go ]; do sleep 0.1; done; echo >>/home/slow"
SLOW = f'provision: [{{name: slow, run: "{UNTIL}"}}]\n'


@pytest.mark.parametrize("moment", [vagrant_runs, vagrant_makes_it, container_is_there, step_runs])
def test_an_up_that_is_interrupted_leaves_nothing_behind_and_the_next_one_works(
    project: Project, moment: Callable[[Project], bool]
) -> None:
    project.yaml(SLOW)
    running = up(project)
    wait_for(moment.__name__, lambda: moment(project), 60)
    children = descendants(running.pid)
    assert children
    # twice by key, once by kill: the same to Vagrant
    running.send_signal(signal.SIGTERM if moment is vagrant_makes_it else signal.SIGINT)
    _, err = running.communicate(timeout=90)
    assert running.returncode == (143 if moment is vagrant_makes_it else 130)
    assert "interrupted; the same command again goes on from here" in err
    assert "Traceback" not in err
    wait_for("every child to end", lambda: not any(alive(child) for child in children), 15)
    if moment is step_runs:
        ps = command("docker", "exec", project.id(), "ps", "-eo", "args")
        assert "sleep 0.1" not in ps
    project.write("go", "")
    project.ok("up", "--provider", "docker")
    assert len(containers_of(project.folder)) == 1
    assert project.guest("wc -l </home/slow") == "1"


@pytest.mark.parametrize("moment", [vagrant_makes_it, step_runs])
def test_after_an_up_that_was_killed_the_next_one_works(project: Project, moment: Callable[[Project], bool]) -> None:
    project.yaml(SLOW)
    running = up(project)
    wait_for(moment.__name__, lambda: moment(project), 60)
    children = descendants(running.pid)
    running.kill()
    running.communicate()
    again = up(project)
    if moment is step_runs:
        # the first one still runs in the box: the second waits for it
        wait_for("it to wait", lambda: "waiting for a step that is still running here" in log(project), 60)
    project.write("go", "")
    _, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    wait_for("every child to end", lambda: not any(alive(child) for child in children), 15)
    assert len(containers_of(project.folder)) == 1
    assert project.guest("wc -l </home/slow") == "1"
    assert "default: nothing to do" in project.ok("up").stderr


def test_what_a_killed_vagrant_left_is_removed(project: Project) -> None:
    running = up(project)
    wait_for("a container", lambda: container_is_there(project), 60)
    vagrants = descendants(running.pid)
    running.kill()
    for vagrant in vagrants:
        if alive(vagrant):
            os.kill(vagrant, signal.SIGKILL)
    running.communicate()
    wait_for("every child to end", lambda: not any(alive(child) for child in vagrants), 15)
    # as if Vagrant had not come to write down what docker had made
    for file in project.folder.glob(".vagrant/machines/default/docker/id"):
        file.write_text("preparing")
    (left,) = containers_of(project.folder)
    done = project.ok("up", "--provider", "docker")
    assert f"removed what an interrupted start of default left behind ({left[:12]})" in done.stderr
    assert containers_of(project.folder) == [project.id()]
    assert project.guest("echo fine") == "fine"


def test_a_libvirt_domain_that_was_left_half_made_is_removed(project: Project) -> None:
    project.yaml("providers: {libvirt: {driver: qemu}}\n")
    running = project.start("up", "--provider", "libvirt")
    whose = whose_machine(project.folder, "default")[:8]

    def domains() -> list[str]:
        found = command("virsh", "-c", "qemu:///system", "list", "--all", "--name").split()
        return [name for name in found if name.endswith(f"_{whose}_default")]

    wait_for("a domain", domains, 90)
    vagrants = descendants(running.pid)
    running.kill()
    for vagrant in vagrants:
        if alive(vagrant):
            os.kill(vagrant, signal.SIGKILL)
    running.communicate()
    # as if Vagrant had not come to write down what libvirt had made
    for file in project.folder.glob(".vagrant/machines/default/libvirt/id"):
        file.unlink()
    project.ok("destroy", "--force")
    assert domains() == []
    assert f"_{whose}_" not in command("virsh", "-c", "qemu:///system", "vol-list", "default")


def test_a_plain_vagrant_at_work_is_waited_for(project: Project) -> None:
    assert project.devenv("up", "--provider", "hyperv").returncode == 8
    plain = subprocess.Popen(
        ["vagrant", "up", "--provider", "docker"],
        cwd=project.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for("vagrant to begin", lambda: list(project.folder.glob(".vagrant/machines/default/docker/id")), 60)
        done = project.ok("up", "--provider", "docker")
        assert plain.wait(60) == 0
    finally:
        plain.kill()
        plain.wait()
    assert "default: " in done.stderr
    assert len(containers_of(project.folder)) == 1
    checked(project.devenv("run", "--", "true"))
