(*
Module: Ini
  Parses INI files in general: sections, keys with or without values, comments

Author: the devenv authors

About: Reference
  There is no standard. This takes what Python's configparser, EditorConfig, pip, MySQL, PHP and most others take.

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
  Sections are nodes named as they are, keys are nodes below them. Sections and keys may come again.

  * Set a key
    > set /files/tmp/test.ini/section/key value
  * Make a section
    > set /files/tmp/test.ini/new/key value

  A value is what stands after the separator up to the end of the line or to an inline comment, quotes included. Indented
  lines after a key that is not indented are its numbered children. The module uses no other, so that it loads fast.

About: Configuration files
  This lens applies to files of many names. See <filter>.

About: Examples
  The <Test_Ini> file contains various examples and tests
*)
module Ini =
autoload xfm

(* Group: LINES *)

(* View: eol
     The end of a line *)
let eol = del /[ \t]*\n/ "\n"

(* View: empty
     An empty line, or a comment that says nothing *)
let empty = [ del /[ \t]*([#;][#; \t]*)?\n/ "\n" ]

(* View: words
     Text that neither begins nor ends with a blank *)
let words = /[^ \t\n]([^\n]*[^ \t\n])?/

(* View: comment
     A line that is a comment *)
let comment =
  [ label "#comment" . del /[ \t]*[#;][#; \t]*/ "# " . store ( words - /[#;]([^\n]*)/ ) . eol ]

(* View: inline
     A comment after a value, which begins with a ; or with a # and a blank; one that says nothing ends the line *)
let inline =
    [ label "#inline" . del /[ \t]+(;[ \t]*|#[ \t]+)/ " ; " . store words . eol ]
  | del /([ \t]+[;#])?[ \t]*\n/ "\n"

(* Group: VALUES *)

(* View: more_re
     Further words of a value: none of them begins a comment *)
let more_re = /([ \t]+([^ \t\n#;]|#[^ \t\n])[^ \t\n]*)*/

(* View: quoted_re
     A value that begins with a quoted text *)
let quoted_re = /("[^"\n]*"|'[^'\n]*')[^ \t\n]*/ . more_re

(* View: plain_re
     A value that begins with anything else *)
let plain_re = /([^ \t\n\a#;"']|#[^ \t\n])[^ \t\n]*/ . more_re

(* View: unclosed_re
     A value with a quote at its beginning that is not closed, to the end of the line *)
let unclosed_re = /"([^"\n]*[^" \t\n])?|'([^'\n]*[^' \t\n])?/

(* Group: ENTRIES *)

(* View: key_re
     The name of a key *)
let key_re = /[^] \t\n#;=:[][^ \t\n#;=:]*([ \t]+[^ \t\n#;=:]+)*/

(* View: sep
     What stands between key and value, but for the blanks after it *)
let sep = del /[ \t]*[=:]/ " ="

(* View: blanks
     What stands between the separator and the value *)
let blanks = del /[ \t]*/ " "

(* View: void
     Nothing: that a value may be here tells put that a key need not have one *)
let void = ( store /\a/ )?

(* View: value
     The rest of a key's line. What has no value, or not even a separator, is marked: the tree could not tell otherwise *)
let value =
    sep . blanks . store ( quoted_re | plain_re ) . inline
  | sep . [ label "#void" ] . void . inline
  | sep . blanks . [ label "#unclosed" . store unclosed_re ] . eol
  | [ label "#bare" ] . inline

(* View: line
     An indented line of a value *)
let line = [ seq "line" . del /[ \t]+/ "    " . store ( /[^ \t\n#;]/ . /([^\n]*[^ \t\n])?/ ) . eol ]

(* View: entry
     A key at the beginning of a line, with the lines below that belong to it *)
let entry = [ key key_re . counter "line" . value . ( ( comment | empty )* . line )* ]

(* View: indented
     A key that is indented *)
let indented = [ del /[ \t]+/ "  " . key key_re . value ]

(* View: body
     The entries of a section, or those before the first one. Where the first key is indented, so are those up to one
     that is not, and marks in the tree say from where to where; else an indented line belongs to the key above it *)
let body =
  let rest = comment | empty in
    rest*
  . ( [ label "#indented" ] . indented . ( indented | rest )* . [ label "#flat" ] )?
  . ( entry . rest* )*

(* Group: SECTIONS *)

(* View: section_re
     The name of a section; brackets in it have their partners *)
let section_re =
  let first = /[^] \t\n#[]|\[[^]\n[]*\]/ in
  let part = /[^] \t\n[]|\[[^]\n[]*\]/ in
    first . ( /[ \t]*/ . part )*

(* View: section
     A section with all up to the next one *)
let section =
  [ del /\[[ \t]*/ "[" . key section_re . del /[ \t]*\]/ "]" . inline . body ]

(* Group: LENS *)

(* View: lns
     The ini lens; a mark in the tree tells the sections from the keys before them *)
let lns = body . ( [ label "#sections" ] . section+ )?

(* Variable: filter *)
let filter = incl "*.ini"
           . incl "*.cfg"
           . incl "*.conf"
           . incl "*.cnf.d"
           . incl ".editorconfig"
           . incl ".pylintrc"

let xfm = transform lns filter
