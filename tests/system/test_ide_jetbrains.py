"""PyCharm's files carried out as they are written, by stand-ins for the IDE: ssh, sftp, tests, and a debug server.

No JetBrains IDE runs here. The debugger in the box is the real one; it calls a listener that says what an IDE says.
"""

import socket
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest

from tests.machines import Project, checked

pytestmark = pytest.mark.system

VERSION = "PyCharm2025.3"
PROGRAM = """import pydevd_pycharm

pydevd_pycharm.settrace("localhost", port=5678, suspend=False)


def double(number):
    twice = 2 * number
    return twice


print("doubled:", double(21))
"""
"""Line 8 has ``twice`` in it."""

# the words of the debugger's protocol, as _pydevd_bundle/pydevd_comm_constants.py has them
RUN, SUSPENDED, GO_ON, BREAK, EVALUATE, VERSION_OF = 101, 105, 106, 111, 113, 501


class DebugServer:
    """What an IDE's debug server says and hears: lines of a number, a sequence number and a text."""

    def __init__(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.settimeout(30)
        self.connection = connection
        self.stream = connection.makefile("rwb")
        self.sent = -1

    def say(self, command: int, *words: str) -> None:
        # the IDE's side has the odd numbers
        self.sent += 2
        self.stream.write("\t".join([str(command), str(self.sent), "\t".join(words)]).encode())
        self.stream.write(b"\n")
        self.stream.flush()

    def hear(self, command: int) -> ET.Element | str:
        """Return what comes with the next of such a command, past all others."""
        for line in self.stream:
            number, _, text = line.decode().rstrip("\n").split("\t", 2)
            if int(number) == command:
                text = unquote(text)
                return ET.fromstring(text) if text.startswith("<") else text
        raise AssertionError(f"the debugger went before {command}")

    def end(self) -> None:
        """Hear the rest, and end the connection when the program has."""
        self.stream.read()
        self.stream.close()
        self.connection.close()

    def element(self, command: int) -> ET.Element:
        heard = self.hear(command)
        assert isinstance(heard, ET.Element)
        return heard


class Ide(NamedTuple):
    """What an IDE would read from the files: the box's project folder, interpreter, and the name ssh knows it by."""

    box: Project
    options: Path

    def xml(self, file: str) -> ET.Element:
        return ET.parse(self.options / file if "/" not in file else self.box.folder / file).getroot()

    def ssh(self, *words: str, program: str = "ssh") -> list[str]:
        config = next(self.xml("sshConfigs.xml").iter("sshConfig"))
        assert config.get("useOpenSSHConfig") == "true"
        # ssh looks for its file in the home folder that the system knows, not in the one of the test
        settings = ["-F", str(self.options.parents[3] / ".ssh/config"), "-o", "BatchMode=yes"]
        return [program, *settings, *words, f"{config.get('username')}@{config.get('host')}"]

    def interpreter(self) -> str:
        found = next(self.xml("jdk.table.xml").iter("additional")).get("INTERPRETER_PATH")
        assert found is not None
        return found

    def configuration(self, name: str) -> dict[str, str]:
        """Return a run configuration's options, with its folders as they are in the box."""
        top = self.xml(f".idea/runConfigurations/{name}.xml")
        mapping = next(top.iter("mapping"))
        here, there = mapping.attrib["local-root"], mapping.attrib["remote-root"]
        options = {each.attrib["name"]: each.get("value", "") for each in top.iter("option")}
        return {name: value.strip('"').replace(here, there) for name, value in options.items()}


@pytest.fixture
def ide(editors_box: Project) -> Iterator[Ide]:
    """The box with PyCharm set up, whose settings folder is there and has nothing in it."""
    options = Path(editors_box.env["HOME"], ".config/JetBrains", VERSION, "options")
    options.mkdir(parents=True, exist_ok=True)
    editors_box.ok("ide", "setup", "pycharm", "--yes")
    yield Ide(editors_box, options)
    editors_box.ok("ide", "remove", "pycharm", "--yes")
    # what was made is gone again, and the folder of the project's settings with it
    assert list(editors_box.folder.glob(".idea/**/*")) == []
    assert not list(options.glob("*.xml"))


def test_a_second_set_up_has_nothing_to_do(ide: Ide) -> None:
    assert "nothing to do" in ide.box.ok("ide", "setup", "pycharm").stderr


def test_every_file_is_xml_to_a_strict_reader(ide: Ide) -> None:
    files = [*ide.options.glob("*.xml"), *ide.box.folder.glob(".idea/**/*.*ml")]
    assert len(files) == 3 + 4 + 3
    checked(subprocess.run(["xmllint", "--noout", *map(str, files)], capture_output=True, text=True, check=False))


def test_the_server_in_the_files_is_the_box_and_takes_files(ide: Ide) -> None:
    helpers = next(ide.xml("jdk.table.xml").iter("additional")).attrib["HELPERS_PATH"]
    batch = f"mkdir {helpers}\nput {ide.box.folder}/app.py {helpers}/app.py\nls -1 /vagrant\nrm {helpers}/app.py\n"
    batch += f"rmdir {helpers}\n"
    argv = ide.ssh("-b", "-", program="sftp")
    done = checked(subprocess.run(argv, input=batch, capture_output=True, text=True, check=False, timeout=60))
    assert "/vagrant/devenv.yaml" in done.stdout


def test_the_tests_run_as_their_configuration_says(ide: Ide) -> None:
    options = ide.configuration("tests_in_hello")
    script = f"cd {options['WORKING_DIRECTORY']} && {ide.interpreter()} -m pytest -q {options['_new_target']}"
    done = subprocess.run([*ide.ssh(), script], capture_output=True, text=True, check=False, timeout=120)
    assert "passed" in checked(done).stdout


def test_the_debugger_calls_back_and_stops_at_a_breakpoint(ide: Ide) -> None:
    options = ide.configuration("debug_server_for_hello")
    mapping = next(ide.xml(".idea/runConfigurations/debug_server_for_hello.xml").iter("mapping"))
    there = mapping.attrib["remote-root"]
    file = ide.box.write("doubling.py", PROGRAM)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        back = f"{options['PORT']}:127.0.0.1:{listener.getsockname()[1]}"
        script = f"cd {there} && {ide.interpreter()} doubling.py"
        argv = [*ide.ssh("-o", "ExitOnForwardFailure=yes", "-R", back), script]
        program = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            server = DebugServer(listener)
            server.say(VERSION_OF, "253.33813.30", "UNIX")
            assert isinstance(server.hear(VERSION_OF), str)
            server.say(BREAK, "python-line", f"{there}/{file.name}", "8", "None", "NONE", "None", "None")
            server.say(RUN)
            (thread,) = server.element(SUSPENDED).iter("thread")
            frame = next(thread.iter("frame"))
            server.say(EVALUATE, thread.attrib["id"], frame.attrib["id"], "LOCAL", "twice * 100 + number", "1")
            value = next(server.element(EVALUATE).iter("var")).attrib["value"]
            server.say(GO_ON, thread.attrib["id"])
            # ssh stays as long as a connection through it is open
            server.end()
            said, _ = program.communicate(timeout=60)
        finally:
            program.kill()
            program.wait()
    file.unlink()
    assert thread.get("stop_reason") == str(BREAK)
    assert (unquote(frame.attrib["file"]), frame.attrib["line"]) == (f"{there}/{file.name}", "8")
    assert unquote(value) == "4221"
    assert "doubled: 42" in said
    assert program.returncode == 0
