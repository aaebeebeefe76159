"""Spec -> Lock -> text -> Lock: what is resolved, what is kept, when the file is written."""

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest

from devenv.box import lock as locks
from devenv.box import spec
from devenv.box.lock import Lock, LockedBox
from devenv.errors import ConfigError

TEXT = b"""\
name: hello
ports: [8080]
sync: [".:/vagrant", {guest: /srv, type: {libvirt: rsync}}]
packages: [git]
env: {GREETING: "it's"}
trust_host_certificates: true
provision:
  - {name: serve, run: make serve, privileged: false, when: always}
  - {name: setup, path: scripts/setup.sh}
providers: {libvirt: {driver: qemu}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/setup.sh").write_bytes(b"echo set up\n")
    return tmp_path


def resolve(project: Path, data: bytes = TEXT, previous: Lock | None = None) -> Lock:
    read = spec.parse(data, project_dir=project)
    return locks.resolve(read, project_dir=project, previous=previous, runner="# runner\n")


def test_the_lock_has_every_default_and_every_hash(project: Path) -> None:
    data = json.loads(locks.dumps(resolve(project)))
    assert list(data) == ["version", "name", "source", "runner", "machines"]
    assert data["version"] == 1
    assert data["source"] == {"file": "devenv.yaml", "sha256": hashlib.sha256(TEXT).hexdigest()}
    machine = data["machines"]["default"]
    steps = machine.pop("steps")
    assert list(machine.items()) == [
        ("primary", True),
        ("box", {"name": "devenv/debian-12", "version": None, "url": None, "checksums": {}}),
        ("provider", None),
        ("hostname", "hello"),
        ("cpus", 2),
        ("memory", 1024),
        ("ports", [{"guest": 8080, "host": 8080, "protocol": "tcp", "address": "127.0.0.1"}]),
        (
            "sync",
            [
                {"host": ".", "guest": "/vagrant", "type": None, "types": {}},
                {"host": ".", "guest": "/srv", "type": None, "types": {"libvirt": "rsync"}},
            ],
        ),
        ("providers", {"libvirt": {"driver": "qemu"}}),
    ]
    assert [(step["name"], step["source"], step["when"]) for step in steps] == [
        ("certificates", "trust_host_certificates", "once"),
        ("environment", "env", "once"),
        ("packages", "packages", "once"),
        ("serve", "provision", "always"),
        ("setup", "provision", "once"),
    ]
    assert list(steps[3]) == ["name", "source", "privileged", "when", "sha256", "run"]
    assert list(steps[4]) == ["name", "source", "privileged", "when", "sha256", "path"]
    assert steps[0]["payload"][:2] == ["$SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"]
    assert steps[4]["sha256"] == hashlib.sha256(b"setup\0root\0echo set up\n").hexdigest()


def test_the_runner_is_the_guests_own_script(project: Path) -> None:
    read = spec.parse(b"{}", project_dir=project)
    lock = locks.resolve(read, project_dir=project)
    assert lock.runner == (Path(locks.__file__).parent / "guest/runner.sh").read_text()


def test_the_same_file_gives_the_same_text(project: Path) -> None:
    text = locks.dumps(resolve(project))
    assert text == locks.dumps(resolve(project))
    assert text.endswith("}\n")
    assert text.isascii()


def test_text_and_lock_are_the_same_thing(project: Path) -> None:
    lock = resolve(project)
    assert locks.loads(locks.dumps(lock)) == lock
    assert locks.dumps(locks.loads(locks.dumps(lock))) == locks.dumps(lock)


def test_a_step_runs_again_when_its_name_text_or_user_changes() -> None:
    digests = {
        locks.step_digest("a", b"x", privileged=True),
        locks.step_digest("b", b"x", privileged=True),
        locks.step_digest("a", b"y", privileged=True),
        locks.step_digest("a", b"x", privileged=False),
    }
    assert len(digests) == 4


def test_a_changed_script_changes_only_its_own_hash(project: Path) -> None:
    before = resolve(project).machines["default"].steps
    (project / "scripts/setup.sh").write_bytes(b"echo other\n")
    after = resolve(project).machines["default"].steps
    assert before[:4] == after[:4]
    assert before[4].sha256 != after[4].sha256


def test_a_script_that_went_away_is_a_problem_of_its_line(project: Path) -> None:
    read = spec.parse(TEXT, project_dir=project)
    (project / "scripts/setup.sh").unlink()
    with pytest.raises(ConfigError, match=r"^devenv\.yaml:9:25: provision: scripts/setup\.sh cannot be read"):
        locks.resolve(read, project_dir=project)


# ---- the box


PINNED = LockedBox("devenv/debian-12", "12.1", None, {"docker": "sha256:" + "a" * 64})


def pinned(project: Path) -> Lock:
    return locks.with_box(resolve(project), "default", "docker", "12.1", "sha256:" + "a" * 64)


def test_a_pinned_box_stays_while_the_box_is_the_same(project: Path) -> None:
    before = pinned(project)
    assert before.machines["default"].box == PINNED
    after = resolve(project, TEXT + b"cpus: 4\n", before)
    assert after.machines["default"].box == PINNED
    assert after.machines["default"].cpus == 4


@pytest.mark.parametrize(
    ("more", "box"),
    [
        (b"box: other\n", LockedBox("other")),
        (b"box_version: 12.2\n", LockedBox("devenv/debian-12", "12.2")),
        (b"box_url: https://x/y\n", LockedBox("devenv/debian-12", None, "https://x/y")),
        (b"box_version: 12.1\n", PINNED),
    ],
)
def test_a_pinned_box_goes_when_another_is_asked_for(more: bytes, box: LockedBox, project: Path) -> None:
    assert resolve(project, TEXT + more, pinned(project)).machines["default"].box == box


def test_a_new_machine_takes_the_version_of_the_others(project: Path) -> None:
    after = resolve(project, b"machines: {a: , b: {box: other}}", pinned(project))
    assert after.machines["a"].box == PINNED
    assert after.machines["b"].box == LockedBox("other")


def test_another_version_forgets_the_checksums_of_the_old(project: Path) -> None:
    lock = locks.with_box(pinned(project), "default", "libvirt", "12.1", "sha256:" + "b" * 64)
    assert list(lock.machines["default"].box.checksums) == ["docker", "libvirt"]
    lock = locks.with_box(lock, "default", "libvirt", "12.2", "sha256:" + "c" * 64)
    assert lock.machines["default"].box == LockedBox(
        "devenv/debian-12", "12.2", None, {"libvirt": "sha256:" + "c" * 64}
    )


def test_drift_is_any_other_byte(project: Path) -> None:
    lock = resolve(project)
    assert not locks.drift(lock, TEXT)
    assert locks.drift(lock, TEXT + b"\n")


def test_the_primary_machine(project: Path) -> None:
    assert resolve(project, b"machines: {a: , b: {primary: true}}").primary == "b"


# ---- the file


def test_no_file_is_no_lock(tmp_path: Path) -> None:
    assert locks.read(tmp_path / "devenv.lock") is None


def test_the_file_holds_the_text_and_nothing_else_is_left(project: Path) -> None:
    file = project / "devenv.lock"
    lock = resolve(project)
    assert locks.write(file, lock) is True
    assert file.read_text() == locks.dumps(lock)
    assert locks.read(file) == lock
    assert sorted(path.name for path in project.iterdir()) == ["devenv.lock", "scripts"]


def test_an_unchanged_lock_is_not_written(project: Path) -> None:
    file = project / "devenv.lock"
    lock = resolve(project)
    locks.write(file, lock)
    os.utime(file, ns=(1, 1))
    assert locks.write(file, lock) is False
    assert file.stat().st_mtime_ns == 1


def test_a_changed_lock_keeps_mode_and_link(project: Path) -> None:
    real, file = project / "real.lock", project / "devenv.lock"
    real.write_text("{}")
    real.chmod(0o640)
    file.symlink_to("real.lock")
    assert locks.write(file, resolve(project)) is True
    assert file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_write_that_fails_leaves_the_old_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project / "devenv.lock"
    lock = resolve(project)
    locks.write(file, lock)
    before = file.read_bytes()

    def failing(number: int) -> None:
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(number, os.strerror(number))))

    failing(errno.EIO)
    with pytest.raises(ConfigError, match=r"^devenv\.lock: cannot be written: Input/output error$"):
        locks.write(file, lock._replace(name="other"))
    # a full disk is no fault of the file's
    failing(errno.ENOSPC)
    with pytest.raises(OSError, match="No space left on device") as caught:
        locks.write(file, lock._replace(name="other"))
    assert caught.value.filename == str(file)
    assert file.read_bytes() == before
    assert sorted(path.name for path in project.iterdir()) == ["devenv.lock", "scripts"]
