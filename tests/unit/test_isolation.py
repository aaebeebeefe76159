"""The fixture that keeps unit tests apart from the machine they run on does so."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from devenv import paths
from devenv.process import SystemRunner


def test_no_program_can_be_started() -> None:
    with pytest.raises(AssertionError, match="a unit test starts no program"):
        subprocess.run(["true"], check=False)
    with pytest.raises(AssertionError, match="a unit test starts no program"):
        SystemRunner().run(["true"])
    with pytest.raises(AssertionError, match="a unit test starts no program"):
        os.system("true")  # noqa: S605
    with pytest.raises(AssertionError, match="a unit test starts no program"):
        os.fork()


def test_no_other_machine_can_be_reached() -> None:
    with socket.socket() as probe, pytest.raises(AssertionError, match="a unit test uses no network"):
        probe.connect(("192.0.2.1", 80))


def test_folders_are_the_tests_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    for folder in (Path.home(), paths.user_cache(), paths.user_data(), paths.vagrant_home()):
        assert folder.is_relative_to(base)
