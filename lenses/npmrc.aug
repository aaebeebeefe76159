(*
Module: Npmrc
  Parses .npmrc: as INI, but keys have colons and slashes in them

Author: the devenv authors

About: Reference
  npmrc(5): a key, an equals sign and a value on each line; a comment begins with ; or #, on a line or behind a value

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
  Values are stored as they are written, quotes and backslashes and all: who sets one quotes it. devenv does so by itself
  (devenv/editor/quoting.py), and shows values as npm reads them.

  * Set the token of a registry
    > set '/files/tmp/.npmrc/\/\/registry.example.org\/:_authToken' '${NPM_TOKEN}'
  * Add an entry to a list
    > set '/files/tmp/.npmrc/ca\[\][last() + 1]' text

About: Configuration files
  This lens applies to .npmrc and npmrc. See <filter>.

About: Examples
  The <Test_Npmrc> file contains various examples and tests
*)
module Npmrc =
autoload xfm

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
  [ label "#comment" . del /[ \t]*[#;][#; \t]*/ "; " . store ( words - /[#;]([^\n]*)/ ) . eol ]

(* View: inline
     A comment behind a value, which begins with any ; or # that no backslash stands before *)
let inline =
    [ label "#inline" . del /[ \t]*[;#][ \t]*/ " ; " . store words . eol ]
  | del /[ \t]*([;#][ \t]*)?\n/ "\n"

(* View: key_re
     The name of a key *)
let key_re = /[^] \t\n#;=[]([^\n=;#]*[^ \t\n=;#])?/

(* View: quoted_re
     A value that begins with a quote: npm takes the line to its end, whether that is the other quote or not *)
let quoted_re = /["']([^\n]*[^ \t\n])?/

(* View: part_re
     A character of a value without quotes, as it is written *)
let part_re = /[^;#\\\n]|\\\\[^\n]/

(* View: plain_re
     A value without quotes *)
let plain_re = ( part_re* . /[^;#\\ \t\n]|\\\\[^ \t\n]/ ) - /[ \t\a"'][^\n]*/

(* View: open_re
     A value without quotes whose last character is a backslash with nothing after it *)
let open_re = ( part_re* . /\\\\/ ) - /[ \t\a"'][^\n]*/ - plain_re

(* View: apart
     The same as inline after such a value, where a blank has to stand before a comment *)
let apart =
    [ label "#inline" . del /[ \t]+[;#][ \t]*/ " ; " . store words . eol ]
  | del /[ \t]*\n|[ \t]+[;#][ \t]*\n/ "\n"

(* View: entry
     A key with its value. What has no value, or not even a separator, which npm takes for true, is marked; that a value
     may be there all the same tells put that a key need not have one *)
let entry =
  let name = del /[ \t]*/ "" . key key_re in
  let sep = del /[ \t]*=/ "=" in
  let blanks = del /[ \t]*/ "" in
    [ name . sep . blanks . store quoted_re . eol ]
  | [ name . sep . blanks . store plain_re . inline ]
  | [ name . sep . blanks . store open_re . apart ]
  | [ name . ( sep . [ label "#void" ] . ( store /\a/ )? . inline | [ label "#bare" ] . eol ) ]

(* View: lns
     The npmrc lens *)
let lns = ( comment | empty | entry )*

(* Variable: filter *)
let filter = incl ".npmrc"
           . incl "npmrc"

let xfm = transform lns filter
