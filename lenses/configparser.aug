(*
Module: Configparser
  Parses INI files as Python's configparser reads them where nothing else is asked of it

Author: the devenv authors

About: Reference
  https://docs.python.org/3/library/configparser.html#supported-ini-file-structure

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
  Nodes are named as those of <Ini>, and the same things are marked. What differs from it:

  * Nothing behind a value is a comment; quotes are characters as all others.
  * Every key has a separator, and stands in a section.

  Where the first key of a section is indented, Python takes a line that is indented deeper than the key above it for
  more of that one's value. A lens cannot count: who reads with this one has to look.

About: Configuration files
  This lens applies to the files of Python's tools. See <filter>.

About: Examples
  The <Test_Configparser> file contains various examples and tests
*)
module Configparser =
autoload xfm

(* Group: ENTRIES *)

(* View: key_re
     The name of a key, which may have in it what begins a comment elsewhere *)
let key_re = /[^] \t\n#;=:[][^ \t\n=:]*([ \t]+[^ \t\n=:]+)*/

(* View: value_re
     The rest of a line *)
let value_re = /[^ \t\n\a]([^\n]*[^ \t\n])?/

(* View: value
     What follows a key; what has no value is marked *)
let value =
    Ini.sep . Ini.blanks . store value_re . Ini.eol
  | Ini.sep . [ label "#void" ] . Ini.void . Ini.eol

(* View: entry
     A key at the beginning of a line, with the lines below that belong to it *)
let entry = [ key key_re . counter "line" . value . ( ( Ini.comment | Ini.empty )* . Ini.line )* ]

(* View: indented
     A key that is indented *)
let indented = [ del /[ \t]+/ "  " . key key_re . value ]

(* View: body
     The entries of a section *)
let body =
  let rest = Ini.comment | Ini.empty in
    rest*
  . ( [ label "#indented" ] . indented . ( indented | rest )* . [ label "#flat" ] )?
  . ( entry . rest* )*

(* Group: SECTIONS *)

(* View: inline
     A comment behind a heading: the heading ends at the last bracket of its line, so there is none in the comment *)
let inline =
    [ label "#inline" . del /[ \t]+(;[ \t]*|#[ \t]+)/ " ; " . store /[^] \t\n]([^]\n]*[^] \t\n])?/ . Ini.eol ]
  | del /([ \t]+[;#])?[ \t]*\n/ "\n"

(* View: section
     A section with all up to the next one *)
let section =
  [ del /\[[ \t]*/ "[" . key Ini.section_re . del /[ \t]*\]/ "]" . inline . body ]

(* Group: LENS *)

(* View: lns
     The configparser lens *)
let lns = ( Ini.comment | Ini.empty )* . ( [ label "#sections" ] . section+ )?

(* Variable: filter *)
let filter = incl "setup.cfg"
           . incl "tox.ini"
           . incl "pytest.ini"
           . incl ".pytest.ini"
           . incl "mypy.ini"
           . incl ".mypy.ini"
           . incl ".flake8"
           . incl ".coveragerc"
           . incl ".bumpversion.cfg"
           . incl ".isort.cfg"
           . incl ".importlinter"
           . incl "alembic.ini"
           . incl "logging.ini"
           . incl ".pypirc"
           . incl "pip.conf"
           . incl "pip.ini"

let xfm = transform lns filter
