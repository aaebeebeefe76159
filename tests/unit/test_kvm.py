"""What the KVM probe concludes from what its child says. No process is started: a fake runner answers."""

import json
import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from devenv.box import kvm
from devenv.errors import ToolFailed
from devenv.process import Completed


class Child:
    """A runner whose only program is the probe's child."""

    def __init__(self, stdout: str = "", *, code: int = 0, stderr: str = "", raises: Exception | None = None) -> None:
        self.answer = (code, stdout, stderr)
        self.raises = raises
        self.argv: list[str] = []
        self.timeout: float | None = None

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float | None = None,
    ) -> Completed:
        self.argv, self.timeout = list(argv), timeout
        if self.raises:
            raise self.raises
        return Completed(self.argv, *self.answer)


def said(**changes: object) -> str:
    """A child's answer: a processor that finished its loop in 3 ms, but for the changes."""
    good = {"iterations": 3_999_999, "finished": True, "seconds": 0.003, "cpu_seconds": 0.003, "exit_reason": 2}
    return json.dumps({**good, **changes})


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "platform", "linux")
    path = tmp_path / "kvm"
    path.touch()
    return str(path)


def test_a_processor_that_finishes_its_loop_is_usable(device: str) -> None:
    state = kvm.probe(runner=Child(said()), device=device)
    assert (state.state, state.usable) == ("usable", True)
    assert state.speed == pytest.approx(4e9, rel=0.01)


def test_one_slower_than_software_emulation_is_broken_and_says_how_slow(device: str) -> None:
    slow = said(iterations=120_000, finished=False, seconds=0.3, cpu_seconds=0.3, exit_reason=None)
    state = kvm.probe(runner=Child(slow), device=device)
    assert not state.usable
    assert str(state) == (
        "KVM is broken: it runs guests at 1.2 million instructions a second, slower than software emulation"
    )


def test_a_busy_host_does_not_make_a_good_processor_look_slow(device: str) -> None:
    # a fifth of the processor: the clock says slow, the processor time says fast
    busy = said(iterations=3_000_000, finished=False, seconds=0.3, cpu_seconds=0.06, exit_reason=None)
    assert kvm.probe(runner=Child(busy), device=device).usable


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said(iterations=0, finished=False, seconds=0.3, cpu_seconds=0.3, exit_reason=None), "ran nothing in 0.3 s"),
        (said(iterations=9, finished=False, seconds=0.3, cpu_seconds=0.0, exit_reason=None), "stood still"),
        (said(exit_reason=8), "KVM exit reason 8"),
        (json.dumps({"error": "/dev/kvm: No such device", "denied": False}), "/dev/kvm: No such device"),
    ],
)
def test_other_ways_of_not_running_are_broken_with_their_reason(device: str, answer: str, words: str) -> None:
    state = kvm.probe(runner=Child(answer), device=device)
    assert state.state == "broken"
    assert words in state.reason


def test_a_child_that_dies_is_broken_with_its_last_line(device: str) -> None:
    state = kvm.probe(runner=Child(code=1, stderr="Traceback\nOSError: bad address\n"), device=device)
    assert (state.state, state.reason.endswith("OSError: bad address")) == ("broken", True)


def test_a_child_that_is_killed_without_a_word_is_broken_with_its_exit_code(device: str) -> None:
    assert "exit code -11" in kvm.probe(runner=Child(code=-11), device=device).reason


def test_a_child_that_never_ends_is_broken_not_an_error(device: str) -> None:
    hung = ToolFailed(["python"], -9, "", message="python did not answer within 3.3 s")
    state = kvm.probe(runner=Child(raises=hung), device=device)
    assert state.state == "broken"
    assert "did not answer within 3.3 s" in state.reason


def test_the_child_gets_the_device_the_time_limit_and_a_limit_of_its_own(device: str) -> None:
    child = Child(said())
    kvm.probe(runner=child, device=device, timeout=0.25)
    assert child.argv[-3:] == ["--vcpu", device, "0.25"]
    assert child.timeout is not None
    assert 0.25 < child.timeout < 5


def test_no_device_is_missing_and_starts_nothing(tmp_path: Path) -> None:
    child = Child(said())
    state = kvm.probe(runner=child, device=str(tmp_path / "none"))
    assert (state.state, child.argv) == ("missing", [])


def test_elsewhere_than_on_linux_it_is_missing(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    child = Child(said())
    assert kvm.probe(runner=child, device=device).state == "missing"
    assert child.argv == []


def test_a_device_that_is_not_ours_says_how_to_be_let_in(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kvm.os, "access", lambda path, mode: False)
    state = kvm.probe(runner=Child(said()), device=device)
    assert state.state == "no permission"
    assert "sudo adduser $USER kvm" in state.reason


def test_permission_refused_later_is_no_permission_too(device: str) -> None:
    refused = json.dumps({"error": "/dev/kvm: Permission denied", "denied": True})
    assert kvm.probe(runner=Child(refused), device=device).state == "no permission"


def test_an_architecture_without_a_loop_is_usable_when_a_machine_was_made(device: str) -> None:
    state = kvm.probe(runner=Child(json.dumps({"iterations": None})), device=device)
    assert (state.usable, state.speed) == (True, None)


def test_the_command_prints_one_line_and_tells_by_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kvm, "probe", lambda: kvm.KvmState("missing", "there is no /dev/kvm"))
    assert kvm.main([]) == 1
    assert capsys.readouterr().out == "KVM is missing: there is no /dev/kvm\n"
    monkeypatch.setattr(kvm, "probe", lambda: kvm.KvmState("usable", "fine"))
    assert kvm.main([]) == 0


def test_the_loop_jumps_back_to_its_store_and_ends_in_an_exit_to_the_host() -> None:
    load, store = kvm.LOOP[:5], kvm.LOOP[5:12]
    jump = kvm.LOOP.index(b"\x75")
    (distance,) = struct.unpack("b", kvm.LOOP[jump + 1 : jump + 2])
    assert struct.unpack("<I", load[1:])[0] == kvm.ITERATIONS
    assert struct.unpack("<I", store[3:])[0] == kvm.COUNTER
    assert jump + 2 + distance == len(load)
    assert kvm.LOOP.endswith(b"\xe6\x10")


def test_long_mode_keeps_what_it_does_not_set_and_the_kernels_size() -> None:
    reset = bytes(range(256)) + bytes(0x138 - 256)
    sregs = kvm._long_mode(reset)
    assert len(sregs) == 0x138
    # task and descriptor table registers, between the segments and cr0, are the processor's own
    assert sregs[144:224] == reset[144:224]
    assert struct.unpack_from("<Q", sregs, 240)[0] == kvm.PML4


def test_this_boot_has_a_name_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kvm.boot_id() == kvm.boot_id()
    monkeypatch.setattr(kvm.Path, "read_text", lambda self: (_ for _ in ()).throw(OSError()))
    assert kvm.boot_id() == ""
