(*
Module: Test_Configparser
  Provides unit tests and examples for the <Configparser> lens.
*)
module Test_Configparser =

(* Group: values *)

test Configparser.entry get "key = value\n" = { "key" = "value" }
test Configparser.entry get "key : a=b:c  \n" = { "key" = "a=b:c" }
test Configparser.entry get "key =\n" = { "key" { "#void" } }
test Configparser.entry get "a;b #c = d\n" = { "a;b #c" = "d" }

(* Test: Configparser.entry
     A marker of a requirement is part of it, and so is what looks like a comment, or like an open quote *)
test Configparser.entry get "requires = foo ; python_version < \"3.8\"\n" =
  { "requires" = "foo ; python_version < \"3.8\"" }
test Configparser.entry get "key = value # said\n" = { "key" = "value # said" }
test Configparser.entry get "key = \"a ; b\n" = { "key" = "\"a ; b" }
test Configparser.entry get "key = ; said\n" = { "key" = "; said" }

(* Test: Configparser.entry
     Indented lines belong to the key above, comments among them too *)
test Configparser.entry get "key = a\n    b==1 ; c\n  # said\n\n    d\n" =
  { "key" = "a"
    { "1" = "b==1 ; c" }
    { "#comment" = "said" }
    { }
    { "2" = "d" } }

test Configparser.entry get "key\n" = *
test Configparser.entry get "= value\n" = *
test Configparser.entry get "[key = value\n" = *

test Configparser.entry put "key=foo ; old\n" after set "/key" "bar ; new" = "key=bar ; new\n"
test Configparser.entry put "key =\n  a\n" after set "/key/2" "b" = "key =\n  a\n    b\n"

(* Group: sections *)

let conf = "# top\n\n[one]\na=1\n\n# of two\n[two \"x\"] ; said\n  b = 2\n\n"

test Configparser.lns get conf =
  { "#comment" = "top" }
  { }
  { "#sections" }
  { "one"
    { "a" = "1" }
    { }
    { "#comment" = "of two" } }
  { "two \"x\""
    { "#inline" = "said" }
    { "#indented" }
    { "b" = "2" }
    { }
    { "#flat" } }

test Configparser.lns get "\n" = { }

(* Test: Configparser.lns
     A key belongs to a section *)
test Configparser.lns get "a = 1\n[b]\n" = *
test Configparser.lns put "[b]\n" after insb "a" "/*[1]"; set "/*[1]" "1" = *

(* Test: Configparser.lns
     To Python this section has all up to the last bracket for its name *)
test Configparser.lns get "[a] ; see [b]\n" = *

test Configparser.lns put conf after set "/one/a" "3"; rm "/two\\ \"x\"/*" =
  "# top\n\n[one]\na=3\n\n# of two\n[two \"x\"]\n\n"
test Configparser.lns put "[a]\nk = v\n" after set "/b/k" "w" = "[a]\nk = v\n[b]\nk = w\n"
