(*
Module: Npmrc
  Parses .npmrc: as INI, but keys have colons and slashes in them

Author: the devenv authors

About: Reference
  npmrc(5): a key, an equals sign and a value on each line; a comment begins a line with ; or #

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
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

(* View: key_re
     The name of a key *)
let key_re = /[^] \t\n#;=[]([^\n=]*[^ \t\n=])?/

(* View: value
     What stands after a key. What has no value, or not even a separator, which npm takes for true, is marked; that a
     value may be there all the same tells put that a key need not have one *)
let value =
  let sep = del /[ \t]*=/ "=" in
    sep . del /[ \t]*/ "" . store ( words - /\a([^\n]*)/ )
  | sep . [ label "#void" ] . ( store /\a/ )?
  | [ label "#bare" ]

(* View: entry
     A key with its value *)
let entry = [ del /[ \t]*/ "" . key key_re . value . eol ]

(* View: lns
     The npmrc lens *)
let lns = ( comment | empty | entry )*

(* Variable: filter *)
let filter = incl ".npmrc"
           . incl "npmrc"

let xfm = transform lns filter
