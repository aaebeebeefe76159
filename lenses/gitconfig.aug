(*
Module: Gitconfig
  Parses git's configuration: ~/.gitconfig, .git/config, .gitmodules

Author: the devenv authors

About: Reference
  <https://git-scm.com/docs/git-config#_syntax>

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
  A section is a node named as the section is, and a subsection's name is the node's value; a section that comes twice
  is there twice. Values are stored as they are written, with quotes, escapes and continued lines: who sets one quotes
  it. devenv does so by itself (devenv/editor/quoting.py), shows values as git has them, and takes remote.origin.url.

  * Set a value of a section
    > set /files/home/me/.gitconfig/user/email me@example.org
  * Set a value of a subsection
    > set /files/srv/app/.git/config/remote[. = "origin"]/url git@example.org:app.git
  * Add a subsection
    > set /files/srv/app/.git/config/branch[last() + 1] main
    > set /files/srv/app/.git/config/branch[last()]/remote origin

  A variable without "=" means true to git and is a node without a value.

About: Configuration files
  This lens applies to git's files in home folders, repositories and /etc. See <filter>.

About: Examples
  The <Test_Gitconfig> file contains various examples and tests
*)
module Gitconfig =
autoload xfm

(* Group: LINES *)

(* View: comment
     A comment *)
let comment = Util.comment_generic /[ \t]*[#;][ \t]*/ "# "

(* View: empty
     An empty line, or a comment that says nothing *)
let empty = Util.empty_generic /[ \t]*[#;]?[ \t]*/

(* View: eol
     What is left of a line: a comment, and the line's end *)
let eol = del /[ \t]*([#;][ \t]*)?\n/ "\n" | Util.comment_generic /[ \t]*[#;][ \t]*/ " # "

(* Group: VARIABLES *)

(* View: piece_re
     A part of a value that begins and ends it: text, escapes, a quoted part, and a line that goes on *)
let piece_re = /[^"\\#; \t\n]/ | /\\\\[^\n]/ | /\\\\\n/ | /"([^"\\\n]|\\\\[^\n]|\\\\\n)*"/

(* View: value_re
     A value as it is written: nothing is trimmed inside *)
let value_re = piece_re . ( /[ \t]*/ . piece_re )*

(* View: variable_after
     One variable after some blanks *)
let variable_after (blanks:lens) =
     let name = blanks . key /[A-Za-z][A-Za-z0-9-]*/
  in [ name . del /[ \t]*=[ \t]*/ " = " . store value_re . eol ]
   | [ name . del /([ \t]*=)?/ " =" . eol ]

(* View: variable
     One variable on a line of its own *)
let variable = variable_after (del /[ \t]*/ "\t")

(* Group: SECTIONS *)

(* View: entries
     What stands below a header *)
let entries = ( variable | comment | empty )*

(* View: own_line
     The end of a header that is a line of its own *)
let own_line = del /[ \t]*([#;][ \t]*)?\n/ "\n"
             | [ label "#title_comment" . del /[ \t]*[#;][ \t]*/ " # " . store Rx.space_in . Util.eol ]

(* View: same_line
     The end of a header with a variable on its line; the node says so *)
let same_line = [ label "#eol" . del /[ \t]*/ " " ] . variable_after (del "" "")

(* View: body
     What follows the name in a header, and stands below it *)
let body = del /[ \t]*\]/ "]" . ( own_line | same_line ) . entries

(* View: name
     The name of a subsection, as it is written between its quotes *)
let name = del /[ \t]+"/ " \"" . store /([^"\\\n]|\\\\[^\n])+/ . del "\"" "\""

(* View: section
     A section; names with a dot in them are subsections in an older way *)
let section = [ del /[ \t]*\[/ "[" . key /[A-Za-z0-9.-]+/ . name? . body ]

(* View: lns
     The gitconfig lens *)
let lns = ( comment | empty )* . section*

(* View: filter
     Files of git *)
let filter = incl ".gitconfig"
           . incl ".gitmodules"
           . incl ".lfsconfig"
           . incl "*.gitconfig"
           . incl "*/.git/config"
           . incl "*/.config/git/config"
           . incl "/etc/gitconfig"
           . Util.stdexcl

let xfm = transform lns filter
