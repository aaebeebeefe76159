(*
Module: Test_Jsonc
  Provides unit tests and examples for the <Jsonc> lens.
*)
module Test_Jsonc =

(* Group: scalars *)

test Jsonc.scalar get "12" = { "number" = "12" }
test Jsonc.scalar get "-0.5e+10" = { "number" = "-0.5e+10" }
test Jsonc.scalar get "true" = { "const" = "true" }
test Jsonc.scalar get "\"a \\\" b\"" = { "string" = "a \\\" b" }
test Jsonc.scalar get "\"\"" = { "string" = "" }

test Jsonc.scalar get "01" = *
test Jsonc.scalar get "\"a" = *
test Jsonc.scalar get "nul" = *

test Jsonc.scalar put "12" after set "/number" "13" = "13"

(* a scalar of another kind: the old one goes first *)
test Jsonc.scalar put "12" after rm "/number"; set "/string" "x" = "\"x\""

(* Group: containers *)

test Jsonc.flat get "{}" = { "dict" }
test Jsonc.flat get "[ ]" = { "array" { "after_open" = " " } }

let one = "{\n  \"a\": 1 // note\n}"

test Jsonc.flat get one =
  { "dict"
    { "after_open" = "\n  " }
    { "entry" = "a"
      { "after_colon" = " " }
      { "number" = "1" }
      { "after_value" = " // note\n" } } }

(* Test: Jsonc.flat
     The comment of the last entry stays on its line when another one follows *)
test Jsonc.flat put one after
  rm "/dict/entry[1]/after_value";
  insa "entry" "/dict/entry[1]";
  insb "after_comma" "/dict/entry[2]";
  set "/dict/after_comma" " // note\n  ";
  set "/dict/entry[2]" "b";
  set "/dict/entry[2]/after_colon" " ";
  set "/dict/entry[2]/string" "x";
  set "/dict/entry[2]/after_value" "\n"
  = "{\n  \"a\": 1, // note\n  \"b\": \"x\"\n}"

test Jsonc.flat get "[1, 2,\n]" =
  { "array"
    { "element" { "number" = "1" } }
    { "after_comma" = " " }
    { "element" { "number" = "2" } }
    { "trailing_comma" = "\n" } }

(* Test: Jsonc.flat
     A trailing comma stays one *)
test Jsonc.flat put "[1,\n]" after
  insa "element" "/array/element[1]";
  set "/array/element[2]/number" "2"
  = "[1,2,\n]"

test Jsonc.flat put "[1,2]" after rm "/array/element[2]" = "[1]"
test Jsonc.flat put "{\"a\":1}" after rm "/dict/entry" = "{}"

(* fragments do not nest *)
test Jsonc.flat get "[[]]" = *

(* Group: whole files *)

test Jsonc.lns get "/* head */ {\"a\": [null, {}]} // end" =
  { "before" = "/* head */ " }
  { "dict"
    { "entry" = "a"
      { "after_colon" = " " }
      { "array"
        { "element" { "const" = "null" } }
        { "after_comma" = " " }
        { "element" { "dict" } } } } }
  { "after" = " // end" }

test Jsonc.lns get "{\r\n\t\"a\": 1,\r\n}\r\n" =
  { "dict"
    { "after_open" = "\r\n\t" }
    { "entry" = "a"
      { "after_colon" = " " }
      { "number" = "1" } }
    { "trailing_comma" = "\r\n" } }
  { "after" = "\r\n" }

test Jsonc.lns put "{\"a\": {\"b\": 1}}\n" after
  set "/dict/entry/dict/entry/number" "2"
  = "{\"a\": {\"b\": 2}}\n"

test Jsonc.lns get "{\"a\" 1}" = *
test Jsonc.lns get "{\"a\": 1} x" = *
