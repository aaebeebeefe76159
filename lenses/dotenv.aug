(*
Module: Dotenv
  Parses .env files: variables of a program, or of containers

Author: the devenv authors

About: Reference
  What Docker Compose, systemd and the dotenv libraries of Python, Node and Ruby have in common:
  <https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax>

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
  Values are stored as they are written, quotes and escapes and all: who sets one quotes it. devenv does so by itself
  (devenv/editor/quoting.py), and shows values without quotes.

  * Set a variable
    > set /files/srv/app/.env/PORT 8080
  * Set one that needs quotes
    > set /files/srv/app/.env/GREETING "\"hello, world\""
  * See what is set
    > print /files/srv/app/.env

  A variable without a value (PORT alone, or PORT=) is a node without one. "export" before a variable is kept and does
  not show.

About: Configuration files
  This lens applies to .env and files named alike. See <filter>.

About: Examples
  The <Test_Dotenv> file contains various examples and tests
*)
module Dotenv =
autoload xfm

(* Group: VALUES *)

(* View: dquote_re
     A value in double quotes; a backslash takes the meaning of the character after it; lines may end inside *)
let dquote_re = /"([^"\\]|\\\\[^\n]|\\\\\n)*"/

(* View: squote_re
     A value in single quotes, or in backquotes: nothing has a meaning inside *)
let squote_re = /'[^']*'|`[^`]*`/

(* View: plain_re
     A value without quotes: up to the end of the line, or to a # after a blank *)
let plain_re = /[^"'`# \t\n][^ \t\n]*([ \t]+[^# \t\n][^ \t\n]*)*/

(* View: value_re
     Any value as it is written *)
let value_re = dquote_re | squote_re | plain_re

(* Group: LINES *)

(* View: eol
     What is left of a line after a value: a comment after a blank, and the line's end *)
let eol = del /[ \t]*\n|[ \t]+#[ \t]*\n/ "\n" | Util.comment_generic /[ \t]+#[ \t]*/ " # "

(* View: name_re
     The name of a variable *)
let name_re = /[A-Za-z_][A-Za-z0-9_.-]*/ - "export"

(* View: variable
     One variable *)
let variable =
     let prefix = del /[ \t]*(export[ \t]+)?/ ""
  in let value = del /[ \t]*=[ \t]*/ "=" . store value_re
  in let nothing = del /([ \t]*=)?/ "="
  in [ prefix . key name_re . value . eol ] | [ prefix . key name_re . nothing . eol ]

(* View: lns
     The dotenv lens *)
let lns = ( Util.empty | Util.comment | variable )*

(* View: filter
     Files that hold variables *)
let filter = incl ".env"
           . incl ".env.*"
           . incl "*.env"
           . incl ".envrc.local"
           . incl ".flaskenv"
           . Util.stdexcl

let xfm = transform lns filter
