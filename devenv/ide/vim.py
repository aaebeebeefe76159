"""Vim and Neovim: the box's files over scp (netrw, which both bring along), and a command that runs things in the box.

Where plugins lie: Vim's ``:help vimfiles`` and ``:help xdg-vimrc``, Neovim's ``:help base-directories``. How netrw
names files: ``:help netrw-transparent``; a path from the root has two slashes after the host.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from devenv.ide.editors import Editor, Found, Opening, Options
from devenv.ide.pieces import OwnFile, Placed
from devenv.ide.target import Target
from devenv.ide.user import User
from devenv.paths import GUEST_VENV

PLUGIN = f"""\
" Boxes made by devenv, in Vim and Neovim.
" Made by devenv ide; what you change here is yours, and `devenv ide check` will tell.
"
" :Devenv COMMAND   runs a shell command in the box, in a terminal window; a % that stands alone is the current file
" :Devenv           opens a shell there
"
" For a file of a project it is the project's box (devenv run); for one opened as scp://NAME.devenv//path the host's.
" The editors' interpreter comes first: python, pip and pytest are those of {GUEST_VENV}.
"
" g:devenv_program  the devenv to start, if it is not the one on the PATH

if exists('g:loaded_devenv') || &compatible
  finish
endif
let g:loaded_devenv = 1

function! s:quoted(word) abort
  return "'" . join(split(a:word, "'", 1), "'\\\\''") . "'"
endfunction

" Return [HOST, PATH] of a file in a box, [] for any other.
function! s:remote(name) abort
  return matchlist(a:name, '^\\%(scp\\|sftp\\)://\\%([^@/]*@\\)\\?\\([^/:]\\+\\.devenv\\)\\%(:\\d\\+\\)\\?/\\(.*\\)$')[1:2]
endfunction

" Return the folder to start in: the current one, unless only the file lies in a project.
function! s:folder() abort
  let l:beside = expand('%:p:h')
  let l:inside = findfile('devenv.yaml', escape(getcwd(), ' ;,*') . ';')
  return !empty(l:inside) || !isdirectory(l:beside) ? getcwd() : l:beside
endfunction

function! s:with_file(command, file) abort
  let l:quoted = escape(s:quoted(a:file), '\\&~')
  return substitute(a:command, '\\%(^\\|\\s\\)\\@<=%\\%($\\|[[:space:];|&)]\\)\\@=', l:quoted, 'g')
endfunction

function! s:run(command) abort
  let l:venv = 'PATH={GUEST_VENV}/bin:$PATH; export PATH; '
  let l:remote = s:remote(expand('%'))
  if !empty(l:remote)
    let [l:host, l:path] = l:remote
    let l:folder = l:path =~# '/$' ? l:path : fnamemodify(l:path, ':h')
    let l:text = 'cd ' . s:quoted(l:folder) . '; ' . l:venv
          \\ . (empty(a:command) ? 'exec "${{SHELL:-sh}}" -l' : s:with_file(a:command, l:path))
    call s:terminal(['ssh', '-t', l:host, 'exec sh -c ' . s:quoted(l:text)], getcwd())
    return
  endif
  let l:devenv = get(g:, 'devenv_program', 'devenv')
  let l:folder = s:folder()
  if empty(a:command)
    call s:terminal([l:devenv, 'ssh'], l:folder)
    return
  endif
  let l:file = expand('%:p')
  if stridx(l:file, l:folder . '/') == 0
    " both sides know it by the path from the folder
    let l:file = strpart(l:file, strlen(l:folder) + 1)
  endif
  call s:terminal([l:devenv, 'run', '--', 'sh', '-c', l:venv . s:with_file(a:command, l:file)], l:folder)
endfunction

function! s:terminal(words, folder) abort
  if has('nvim')
    new
    if has('nvim-0.11')
      call jobstart(a:words, {{'cwd': a:folder, 'term': v:true}})
    else
      call termopen(a:words, {{'cwd': a:folder}})
    endif
  elseif has('terminal')
    call term_start(a:words, {{'cwd': a:folder}})
  else
    echoerr 'this Vim has no terminal windows'
  endif
endfunction

command! -nargs=? -complete=shellcmd Devenv call s:run(<q-args>)
"""


class Vim:
    """Vim, from 8.1 on."""

    name = "vim"
    title = "Vim"
    options: Mapping[str, Sequence[str]] = {}
    programs: tuple[str, ...] = ("vim", "gvim", "mvim")

    def found(self, user: User) -> list[Found]:
        program = user.program(*self.programs)
        return [Found("", program)] if program else []

    def packages(self, options: Options) -> tuple[str, ...]:
        return ()

    def pieces(self, target: Target, user: User, options: Options) -> list[Placed]:
        return [Placed(self.folder(user) / "plugin/devenv.vim", OwnFile(PLUGIN), "own")]

    def box_pieces(self, target: Target, options: Options) -> list[Placed]:
        return []

    def running(self, user: User) -> str | None:
        return None

    def opening(self, target: Target, user: User, options: Options) -> Opening:
        program = user.program(*self.programs)
        if program is None:
            return Opening(by_hand=f"in {self.title}: :edit {place(target)}")
        return Opening((program, place(target)), terminal=True)

    def advice(self, target: Target, user: User, options: Options) -> list[str]:
        return [
            f":edit {place(target)} lists the folder in the box; :Devenv COMMAND runs a command there",
            "both need netrw, which is part of the editor: a file browser that switches it off switches this off",
        ]

    def folder(self, user: User) -> Path:
        """Return the user's folder for Vim: that of XDG where only that one is in use (Vim 9.1)."""
        if user.platform == "win32":
            return user.home / "vimfiles"
        xdg = config(user) / "vim"
        classic = user.home / ".vim"
        used = classic.exists() or (user.home / ".vimrc").exists()
        return xdg if xdg.exists() and not used else classic


class Neovim(Vim):
    """Neovim, from 0.7 on."""

    name = "neovim"
    title = "Neovim"
    programs = ("nvim",)

    def folder(self, user: User) -> Path:
        """Return the user's folder for Neovim; NVIM_APPNAME names another than ``nvim``."""
        name = user.environ.get("NVIM_APPNAME") or "nvim"
        if user.platform == "win32":
            local = user.environ.get("LOCALAPPDATA")
            return (Path(local) if local else user.home / "AppData/Local") / name
        return config(user) / name


def config(user: User) -> Path:
    """Return the folder for settings of programs that keep to XDG's rules on macOS, too."""
    return Path(user.environ.get("XDG_CONFIG_HOME") or user.home / ".config")


def place(target: Target) -> str:
    """Return what netrw calls the project's folder in the box."""
    return f"scp://{target.alias}/{target.folder}/"


EDITORS: dict[str, Editor] = {"vim": Vim(), "neovim": Neovim()}
