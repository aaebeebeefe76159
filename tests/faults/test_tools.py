"""Tools that are missing, do not answer or break: one clear message each, and nothing of the insides of Ruby."""

import os
import shutil
from pathlib import Path

import pytest

from tests.machines import Project, containers_of, files_of, path_without, trouble

pytestmark = pytest.mark.system

# every program that makes some provider usable here
PROVIDERS = ("docker", "virsh", "lxc-info", "VBoxManage", "vmrun", "vmware", "prlctl")


def test_without_vagrant_up_says_how_to_get_it(project: Project, tmp_path: Path) -> None:
    done = project.devenv("up", "--provider", "docker", env={"PATH": path_without(tmp_path / "bin", "vagrant")})
    assert (done.returncode, trouble(done)) == (6, "error: vagrant is not installed")
    assert "hint: get it with: sudo apt-get install vagrant" in done.stderr
    # what does not need it works
    assert project.devenv("status", env={"PATH": path_without(tmp_path / "more", "vagrant")}).returncode == 0
    assert project.state() == "not_created"


def test_where_no_provider_is_usable_each_is_listed_with_its_reason(project: Project, tmp_path: Path) -> None:
    path = path_without(tmp_path / "bin", *PROVIDERS)
    done = project.devenv("up", env={"PATH": path, "VAGRANT_DEFAULT_PROVIDER": None})
    assert done.returncode == 8
    message = done.stderr[done.stderr.index("error:") :].splitlines()
    assert message[0] == "error: no provider can be used here:"
    listed = dict(line.strip().split(": ", 1) for line in message[1:] if line.startswith("  "))
    assert set(listed) == {"virtualbox", "vmware_desktop", "parallels", "hyperv", "libvirt", "docker"}
    assert listed["docker"] == "docker is not installed"
    assert message[-1] == "hint: devenv doctor says how to mend each"
    named = project.devenv("up", "--provider", "docker", env={"PATH": path})
    assert named.returncode == 8
    assert trouble(named) == "error: docker (--provider) cannot be used: docker is not installed"


def test_a_daemon_that_does_not_run_is_said_at_once(shared: Project, project: Project) -> None:
    dead = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
    done = project.devenv("up", "--provider", "docker", env=dead)
    assert done.returncode == 8
    assert trouble(done) == "error: docker (--provider) cannot be used: the Docker daemon does not answer"
    assert "systemctl start docker" in done.stderr
    for words in (("status",), ("up",), ("halt",), ("destroy", "--force")):
        done = shared.devenv(*words, env=dead)
        assert done.returncode == 8, words
        assert trouble(done) == "error: the Docker daemon does not answer", words
    # nothing was forgotten because the daemon could not be asked
    assert shared.state() == "running"
    assert shared.ok("run", "--", "echo", "fine").stdout == "fine\n"


def test_what_breaks_inside_vagrant_is_one_message_without_a_back_trace(project: Project) -> None:
    # docker itself refuses this
    project.yaml('providers: {docker: {create_args: ["--no-such-option"]}}\n')
    done = project.devenv("up", "--provider", "docker")
    assert done.returncode == 7
    assert "unknown flag: --no-such-option" in done.stderr
    check_no_insides(done.stderr)
    log = next(line for line in done.stderr.splitlines() if line.startswith("log: ")).removeprefix("log: ")
    assert "unknown flag: --no-such-option" in Path(log).read_text()
    assert containers_of(project.folder) == []


def test_an_impossible_processor_on_libvirt_is_one_message_without_a_back_trace(project: Project) -> None:
    project.yaml("providers: {libvirt: {driver: qemu, cpu_mode: custom, cpu_model: no-such-processor}}\n")
    done = project.devenv("up", "--provider", "libvirt")
    assert done.returncode == 7
    check_no_insides(done.stderr)
    assert "no-such-processor" in trouble(done)
    assert "\nlog: " in done.stderr
    # the half of it that was defined goes
    project.ok("destroy", "--force")
    assert project.state() == "not_created"


def test_a_vagrant_that_dies_of_ruby_shows_no_ruby(project: Project, tmp_path: Path) -> None:
    stub = project.write("bin/vagrant", f"#!/bin/sh\ncat {tmp_path}/trace >&2\nexit 1\n")
    stub.chmod(0o755)
    trace = "\n".join(f"\tfrom /usr/lib/ruby/gems/fog.rb:{n}:in `call'" for n in range(80))
    (tmp_path / "trace").write_text(
        f"/usr/lib/ruby/gems/fog.rb:7:in `create': undefined method `x' for nil:NilClass (NoMethodError)\n{trace}\n"
    )
    path = f"{stub.parent}{os.pathsep}{os.environ['PATH']}"
    done = project.devenv("up", "--provider", "docker", env={"PATH": path})
    assert done.returncode == 7
    check_no_insides(done.stderr)
    assert "error: vagrant up default failed with exit code 1\n  | undefined method" in done.stderr
    assert "undefined method" in Path(done.stderr.split("log: ")[1].splitlines()[0]).read_text()


def check_no_insides(text: str) -> None:
    for word in (".rb:", "Traceback", "from /usr"):
        assert word not in text
    assert len(text[text.index("error:") :].splitlines()) < 14


def test_a_folder_of_the_nix_tool_is_not_touched(project: Project) -> None:
    nix = project.write("devenv.nix", "{ pkgs, ... }: { }\n")
    project.write("devenv.yaml", "inputs:\n  nixpkgs:\n    url: github:NixOS/nixpkgs\n")
    before = files_of(project.folder)
    for words in (("up",), ("status",), ("run", "--", "true"), ("destroy", "--force"), ("init",)):
        done = project.devenv(*words)
        assert done.returncode == 3, words
        assert "another tool" in done.stderr, words
    assert files_of(project.folder) == before
    # without devenv.nix its devenv.yaml tells
    nix.unlink()
    before.pop("devenv.nix")
    done = project.devenv("up")
    assert done.returncode == 3
    assert "another tool" in done.stderr
    assert files_of(project.folder) == before
    assert not (project.folder / ".vagrant").exists()


def test_ssh_that_is_missing_is_said(shared: Project, tmp_path: Path) -> None:
    assert shutil.which("ssh")
    done = shared.devenv("run", "--", "true", env={"PATH": path_without(tmp_path / "bin", "ssh")})
    assert (done.returncode, trouble(done)) == (6, "error: ssh is not installed")
