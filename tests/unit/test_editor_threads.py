"""Edits from several threads of one process: they take turns at what is no thread's own."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from devenv.editor import Set, edit_file, edit_text, formats, list_values, read_value
from devenv.editor.document import Document, Format
from devenv.editor.lens import Tree, forget
from devenv.editor.turns import ONE_AT_A_TIME

CHECKOUT = Path(__file__).resolve().parents[2]

MANY = """
import sys
from concurrent.futures import ThreadPoolExecutor
from devenv.editor import Set, edit_text, read_value, list_values
sys.setswitchinterval(1e-5)
texts = {
    "a.json": ('{"b": 1}\\n', "a"),
    "a.yaml": ("b: 1\\n", "a"),
    "a.toml": ("b = 1\\n", "a"),
    "hosts": ("127.0.0.1 localhost\\n10.0.0.1 x\\n", "[1].canonical"),
    "sshd_config": ("Port 22\\n", "PermitRootLogin"),
    "a.xml": ("<r><b>1</b></r>\\n", "r.a"),
}
for name, (text, _) in texts.items():
    open(name, "w").write(text)
names = list(texts)

def edit(number):
    name = names[number % len(names)]
    text, path = texts[name]
    done = edit_text(text, [Set(path, f"v{number}")], name=name).data.decode()
    return f"v{number}" in done and (not number % 3 or len(list_values(name)) > 0)

with ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(edit, range(150))))
"""


@pytest.mark.starts_programs
def test_edits_of_all_kinds_of_files_from_many_threads(tmp_path: Path) -> None:
    # libaugeas ends the process where two threads are in it at once
    program = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n{MANY}"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "150\n", "")


def test_texts_are_opened_by_one_thread_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a": 1}')
    lock: Any = ONE_AT_A_TIME
    owned: list[bool] = []
    opened = formats.open_document

    def look(data: bytes, fmt: Format) -> Document:
        owned.append(lock._is_owned())
        return opened(data, fmt)

    monkeypatch.setattr(formats, "open_document", look)
    edit_text('{"a": 1}', [Set("a", 2)], format="json")
    edit_file(file, [Set("a", 2)])
    assert read_value(file, "a") == 2
    assert list_values(file) == [("a", 2)]
    assert len(owned) > 4
    assert all(owned)
    assert not lock._is_owned()


def test_what_is_freed_while_another_thread_is_at_work_goes_later() -> None:
    tree = Tree("Hosts.lns", b"127.0.0.1 a\n")
    augeas, base = tree._augeas, tree.base
    with ONE_AT_A_TIME:
        thread = threading.Thread(target=tree.__del__)
        thread.start()
        thread.join()
        assert augeas.match(base) == [base]
    forget()
    assert augeas.match(base) == []
