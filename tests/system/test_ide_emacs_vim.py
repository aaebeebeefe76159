"""Emacs, Vim and Neovim on a real box: its files read and written, its Python run, after devenv ide setup alone.

How the test's home folder gets its own ssh configuration is said in ``machines.home_environment``.
"""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machines import Project, Terminal, devenv_argv, remove

pytestmark = pytest.mark.system

PYTHON = "/opt/devenv/venv/bin/python"
ALL = ("emacs", "vim", "neovim")
INIT = b";; mine\r\n(setq my-own-value 42)\r\n"
TELL = "import sys, socket, os; print(sys.executable, socket.gethostname(), os.getcwd())"


@pytest.fixture(scope="module")
def box(editors_box: Project) -> Iterator[Project]:
    home = Path(editors_box.env["HOME"])
    init = home / ".emacs.d/init.el"
    init.parent.mkdir()
    init.write_bytes(INIT)
    program = home / "bin/devenv"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(devenv_argv())} "$@"\n')
    program.chmod(0o755)
    editors_box.write("hello.py", "print('from the project')\n")
    set_up(editors_box)
    yield editors_box
    for editor in ALL:
        editors_box.ok("ide", "remove", editor, "--yes")
    remove(editors_box.folder / "hello.py")
    remove(program)
    remove(init.parent)


def set_up(box: Project) -> None:
    for editor in ALL:
        box.ok("ide", "setup", editor, "--yes")


def run(box: Project, *argv: str, cwd: Path) -> str:
    """Run an editor on a terminal of its own to its end and return what it showed."""
    made = Terminal(list(argv), cwd=cwd, env=box.environment({"TERM": "xterm", "PWD": str(cwd)}))
    try:
        code = made.end(90)
        shown = made.seen.decode(errors="replace")
    finally:
        made.close()
    assert code == 0, shown
    return shown


EMACS = """\
(defvar told nil)
; on a busy machine TRAMP of Emacs 28 is asked by one of these while it is at work, which it refuses for good
(global-eldoc-mode -1)
(setq vc-handled-backends nil python-shell-setup-codes nil python-shell-completion-native-enable nil)
(defun tell (key value) (push (cons key value) told))
(condition-case trouble
    (progn
      (tell 'mine my-own-value)
      (find-file "/ssh:hello.devenv:/home/vagrant/a file.py")
      (tell 'text (buffer-string))
      (tell 'interpreter python-shell-interpreter)
      (let ((out (generate-new-buffer "out")))
        (process-file python-shell-interpreter nil out nil "-c" "@TELL@")
        (tell 'process (with-current-buffer out (buffer-string))))
      (let* ((process (run-python (python-shell-calculate-command) nil nil)))
        (with-current-buffer (process-buffer process)
          (while (not python-shell--first-prompt-received) (accept-process-output process 1)))
        (tell 'shell (python-shell-send-string-no-output "@TELL@" process))
        (set-process-query-on-exit-flag process nil)
        (delete-process process))
      (goto-char (point-max))
      (insert "# from Emacs\\n")
      (save-buffer)
      (dired "/ssh:hello.devenv:/vagrant/")
      (tell 'listed (buffer-string))
      (tell 'dired python-shell-interpreter)
      (find-file "@LOCAL@")
      (tell 'elsewhere python-shell-interpreter)
      (tell 'default (default-value 'python-shell-interpreter)))
  (error (tell 'error (format "%S" trouble))))
(require 'json)
(with-temp-file "@OUT@" (insert (json-encode told)))
(kill-emacs 0)
"""


def test_emacs_edits_a_file_of_the_box_and_runs_the_boxs_python(box: Project, tmp_path: Path) -> None:
    box.guest("printf 'x = 1\\n' >'/home/vagrant/a file.py'")
    out, script = tmp_path / "out.json", tmp_path / "script.el"
    words = {"TELL": TELL, "LOCAL": str(box.folder / "hello.py"), "OUT": str(out)}
    text = EMACS
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    script.write_text(text)
    # by itself it finds the init file, as for a user; -l comes after that
    shown = run(box, "emacs", "-nw", "-l", str(script), cwd=tmp_path)
    told = json.loads(out.read_text()) if out.exists() else {"error": shown}
    assert "error" not in told, told
    assert told["mine"] == 42
    assert told["text"] == "x = 1\n"
    assert told["interpreter"] == told["dired"] == PYTHON
    assert told["process"].split() == [PYTHON, "hello", "/home/vagrant"]
    assert told["shell"].split() == [PYTHON, "hello", "/home/vagrant"]
    assert "hello.py" in told["listed"]
    # what is not in a box is as it was
    assert told["elsewhere"] == told["default"] != PYTHON
    assert box.guest("cat '/home/vagrant/a file.py'") == "x = 1\n# from Emacs"


EDITORS = {"neovim": ["nvim", "--headless", "-n", "-S"], "vim": ["vim", "-N", "-n", "-S"]}
SCP = """\
edit scp://hello.devenv//home/vagrant/notes.md
let told = {'text': getline(1, '$'), 'type': &filetype}
call setline(1, '# from @EDITOR@')
silent write
edit scp://hello.devenv//vagrant/
let told.listed = getline(1, '$')
call writefile([json_encode(told)], '@OUT@')
qall!
"""
RUN = """\
edit @FILE@
Devenv @COMMAND@
let shown = bufnr('%')
if has('nvim')
  call jobwait([b:terminal_job_id], 60000)
else
  while job_status(term_getjob(shown)) ==# 'run'
    call term_wait(shown, 50)
  endwhile
  call term_wait(shown)
endif
call writefile([json_encode(getbufline(shown, 1, '$'))], '@OUT@')
qall!
"""


def scripted(box: Project, editor: str, folder: Path, text: str, **words: str) -> object:
    """Return what a script of Vim's writes to its file."""
    out, script = folder / "out.json", folder / "script.vim"
    for name, word in {**words, "OUT": str(out), "EDITOR": editor}.items():
        text = text.replace(f"@{name}@", word)
    script.write_text(text)
    shown = run(box, *EDITORS[editor], str(script), cwd=folder)
    assert out.exists(), shown
    return json.loads(out.read_text())


@pytest.mark.parametrize("editor", EDITORS)
def test_it_reads_lists_and_writes_over_scp(box: Project, editor: str, tmp_path: Path) -> None:
    box.guest("printf '# before\\nmore\\n' >/home/vagrant/notes.md")
    told = scripted(box, editor, tmp_path, SCP)
    assert isinstance(told, dict)
    assert (told["text"], told["type"]) == (["# before", "more"], "markdown")
    assert {"hello.py", "devenv.yaml"} <= set(told["listed"])
    assert box.guest("cat /home/vagrant/notes.md") == f"# from {editor}\nmore"


@pytest.mark.parametrize("editor", EDITORS)
def test_its_command_runs_in_the_box_for_files_of_either_side(box: Project, editor: str, tmp_path: Path) -> None:
    box.guest("echo \"print('it is', 'here')\" >\"/home/vagrant/it's.py\"")
    remote = scripted(
        box,
        editor,
        tmp_path,
        RUN,
        FILE="scp://hello.devenv//home/vagrant/it's.py",
        COMMAND=f'python %; python -c "{TELL}"',
    )
    assert isinstance(remote, list)
    assert [line for line in remote if line][:2] == ["it is here", f"{PYTHON} hello /home/vagrant"]
    local = scripted(
        box,
        editor,
        tmp_path,
        RUN,
        FILE=str(box.folder / "hello.py"),
        COMMAND=f"echo % '100%'; python %; python -c '{TELL}'",
    )
    assert isinstance(local, list)
    assert [line for line in local if line][:3] == ["hello.py 100%", "from the project", f"{PYTHON} hello /vagrant"]


def test_what_setup_put_in_goes_and_the_users_own_stays(box: Project) -> None:
    home = Path(box.env["HOME"])
    init = home / ".emacs.d/init.el"
    put = init.read_bytes()
    assert put.startswith(INIT)
    set_up(box)
    assert init.read_bytes() == put
    for editor in ALL:
        box.ok("ide", "remove", editor, "--yes")
    try:
        assert init.read_bytes() == INIT
        assert [str(file) for pattern in ("devenv.el", "devenv.vim") for file in home.rglob(pattern)] == []
    finally:
        set_up(box)
