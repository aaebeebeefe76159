(*
Module: Jsonc
  Parses JSON and JSON with comments (JSONC): //, /* */, trailing commas, CR LF

Author: the devenv authors

About: Reference
  RFC 8259 for JSON; <https://github.com/microsoft/node-jsonc-parser> for what editors add to it

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
  White space and comments are nodes: a new entry is laid out by setting the gaps beside it. Each place where a gap may
  stand has a label of its own, since the tree would be ambiguous otherwise. Text is stored as it is written, escapes
  and all: who sets a string or a key escapes it.

  * Set a number
    > set /files/tmp/test.json/dict/entry[. = "a"]/number 3
  * Append an entry on a line of its own
    > set /files/tmp/test.json/dict/after_comma[last() + 1] "\n  "
    > set /files/tmp/test.json/dict/entry[last() + 1] b
    > set /files/tmp/test.json/dict/entry[last()]/string world

  devenv feeds it fragments only, a container with plain numbers in place of what lies deeper: <flat> is for those and
  does not recurse.

About: Configuration files
  None by itself: devenv goes by file names of its own. See <filter>.

About: Examples
  The <Test_Jsonc> file contains various examples and tests
*)
module Jsonc =
autoload xfm

(* Group: GAPS *)

(* View: comment_re
     A comment of one line with its end, or one of several lines *)
let comment_re = /\/\/[^\n\r]*(\r\n|\n|\r)|\/\*([^*]|\*+[^*\/])*\*+\//

(* View: gap_re
     White space and comments *)
let gap_re = ( /[ \t\n\r]/ | comment_re )+

(* View: gap
     A gap as a node *)
let gap (name:string) = [ label name . store gap_re ]

(* View: end_re
     The gap after the last value, where a comment needs no end of line *)
let end_re = gap_re? . ( gap_re | /\/\/[^\n\r]*/ )

(* Group: SCALARS *)

(* View: string_re
     What may stand between the quotes, escapes included *)
let string_re = /([^\\"\n\r\t]|\\\\["\\\/bfnrt]|\\\\u[0-9a-fA-F]{4})*/

let quote = del "\"" "\""

(* View: str *)
let str = [ label "string" . quote . store string_re . quote ]

(* View: number
     No leading zeros, as RFC 8259 has it *)
let number = [ label "number" . store /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/ ]

(* View: const *)
let const = [ label "const" . store /true|false|null/ ]

(* View: scalar *)
let scalar = str | number | const

(* Group: CONTAINERS *)

let comma = del "," ","

(* View: trailing
     A comma after the last entry, with the gap that follows *)
let trailing = [ label "trailing_comma" . comma . store gap_re? ]

(* View: listed
     Entries between commas *)
let listed (item:lens) = item . ( comma . ( gap "after_comma" )? . item )* . trailing?

(* View: container
     Braces or brackets with nothing, a gap or entries inside *)
let container (name:string) (open:string) (close:string) (item:lens) =
     [ label name . del open open . ( gap "after_open" )? . ( listed item )? . del close close ]

(* View: entry
     A key with its value *)
let entry (value:lens) =
     [ label "entry" . quote . store string_re . quote . ( gap "before_colon" )?
       . del ":" ":" . ( gap "after_colon" )? . value . ( gap "after_value" )? ]

(* View: element
     A value in an array *)
let element (value:lens) = [ label "element" . value . ( gap "after_value" )? ]

(* View: dict *)
let dict (value:lens) = container "dict" "{" "}" ( entry value )

(* View: array *)
let array (value:lens) = container "array" "[" "]" ( element value )

(* View: flat
     One container of scalars: what an edit is made in *)
let flat = dict scalar | array scalar

(* Group: TOP LEVEL *)

(* View: value *)
let rec value = scalar | dict value | array value

(* View: lns *)
let lns = ( gap "before" )? . value . [ label "after" . store end_re ]?

(* View: filter *)
let filter = incl "/nonexistent/devenv.jsonc"

let xfm = transform lns filter
