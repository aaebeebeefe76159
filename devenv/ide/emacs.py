"""Emacs: the box's files and programs over TRAMP, with the box's Python as the interpreter of its buffers.

Which folder and which init file are Emacs' own: startup.el (``startup--xdg-or-homedot``) and the manual's "Init File"
and "Find Init". Connection-local variables: the Emacs Lisp manual; they are there since Emacs 26.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from devenv.ide.editors import Editor, Found, Opening, Options
from devenv.ide.pieces import OwnFile, Placed, Section
from devenv.ide.target import PYTHON, Target
from devenv.ide.user import User

LOADING = "boxes"
LOAD = '(load (expand-file-name "devenv" user-emacs-directory) t t)'

ELISP = f"""\
;;; devenv.el --- Boxes made by devenv, over TRAMP  -*- lexical-binding: t; -*-

;; Made by devenv ide; what you change here is yours, and `devenv ide check' will tell.
;; Buffers of hosts whose names end in ".devenv" get the box's interpreter; no other buffer is touched.

;;; Code:

(require 'files-x)

(defvar tramp-remote-path)
(with-eval-after-load 'tramp
  ;; the programs that the box's user has, not only those TRAMP looks for by itself
  (add-to-list 'tramp-remote-path 'tramp-own-remote-path))

(defvar devenv-python "{PYTHON}"
  "The Python interpreter of a box.")

(connection-local-set-profile-variables
 'devenv-box
 `((python-shell-interpreter . ,devenv-python)
   (python-interpreter . ,devenv-python)
   (org-babel-python-command . ,devenv-python)))

(defun devenv-use-box ()
  "Make the current buffer use the box's interpreter, if its folder is in a box."
  (let ((host (file-remote-p default-directory 'host)))
    (when (and host (string-suffix-p ".devenv" host))
      ;; criteria are compared as they are, so each host is named when it is met
      (connection-local-set-profiles `(:application tramp :machine ,host) 'devenv-box)
      (hack-connection-local-variables-apply `(:application tramp :machine ,host)))))

(add-hook 'find-file-hook #'devenv-use-box)
(add-hook 'dired-mode-hook #'devenv-use-box)

(provide 'devenv)
;;; devenv.el ends here
"""


class Emacs:
    """GNU Emacs, from 28 on."""

    name = "emacs"
    title = "Emacs"
    options: Mapping[str, Sequence[str]] = {}

    def found(self, user: User) -> list[Found]:
        program = _program(user)
        return [Found(_version(Path(program)), program)] if program else []

    def packages(self, options: Options) -> tuple[str, ...]:
        return ()

    def pieces(self, target: Target, user: User, options: Options) -> list[Placed]:
        return [
            Placed(folder(user) / "devenv.el", OwnFile(ELISP), "own"),
            Placed(init_file(user), Section(LOADING, (LOAD,), ";;")),
        ]

    def box_pieces(self, target: Target, options: Options) -> list[Placed]:
        return []

    def running(self, user: User) -> str | None:
        # a running Emacs overwrites neither file by itself; it reads them when it starts
        return None

    def opening(self, target: Target, user: User, options: Options) -> Opening:
        place = f"/ssh:{target.alias}:{target.folder}/"
        program = _program(user)
        if program is None:
            return Opening(by_hand=f"in Emacs: C-x C-f {place}")
        return Opening((program, place), terminal=_in_terminal(user, program))

    def advice(self, target: Target, user: User, options: Options) -> list[str]:
        place = f"/ssh:{target.alias}:{target.folder}/"
        lines = [f"open {place} in Emacs; M-x run-python and M-x compile there run in the box"]
        if target.python != PYTHON:
            lines.append(
                f'Emacs takes {PYTHON}; for another one: (setq devenv-python "{target.python}") before it loads'
            )
        return lines


def folder(user: User) -> Path:
    """Return Emacs' folder for the user: ~/.emacs.d, unless only the one of XDG is there."""
    home = emacs_home(user)
    classic = home / ".emacs.d"
    if user.platform == "win32":
        homely = classic.exists() or any(re.fullmatch(r"[._]emacs(\.elc?)?", each) for each in _names(home))
    else:
        homely = classic.exists() or (home / ".emacs").exists()
    xdg = Path(user.environ.get("XDG_CONFIG_HOME") or home / ".config") / "emacs"
    return xdg if xdg.exists() and not homely else classic


def init_file(user: User) -> Path:
    """Return the init file Emacs reads: one in the home folder if there is one, else init.el in Emacs' folder.

    Where the folder is the one of XDG, Emacs does not look into the home folder.
    """
    home = emacs_home(user)
    if folder(user).name != ".emacs.d":
        return folder(user) / "init.el"
    own = [".emacs.el", ".emacs"]
    if user.platform == "win32":
        own += ["_emacs.el", "_emacs"]
    return next((home / name for name in own if (home / name).exists()), folder(user) / "init.el")


def emacs_home(user: User) -> Path:
    """Return what Emacs takes for the home folder: on Windows that is %APPDATA%, unless HOME says another."""
    if user.platform == "win32":
        return Path(user.environ["HOME"]) if user.environ.get("HOME") else user.config
    return user.home


def _program(user: User) -> str | None:
    found = user.program("emacs")
    bundled = Path("/Applications/Emacs.app/Contents/MacOS/Emacs")
    return str(bundled) if found is None and user.platform == "darwin" and bundled.exists() else found


def _version(program: Path) -> str:
    """Return the version an installed Emacs keeps its Lisp files under; nothing when that is not clear."""
    real = program.resolve()
    versions = [name for name in _names(real.parent.parent / "share/emacs") if re.fullmatch(r"\d+(\.\d+)+", name)]
    return versions[0] if len(versions) == 1 else ""


def _in_terminal(user: User, program: str) -> bool:
    """Say whether this Emacs will show itself in the terminal."""
    if user.platform != "linux":
        return False
    display = user.environ.get("DISPLAY") or user.environ.get("WAYLAND_DISPLAY")
    return not display or Path(program).resolve().name.endswith("-nox")


def _names(place: Path) -> list[str]:
    try:
        return sorted(each.name for each in place.iterdir())
    except OSError:
        return []


EDITORS: dict[str, Editor] = {"emacs": Emacs()}
