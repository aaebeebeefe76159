(*
Module: Test_Ini
  Provides unit tests and examples for the <Ini> lens.
*)
module Test_Ini =

(* Group: lines *)

test Ini.comment get "; said\n" = { "#comment" = "said" }
test Ini.comment get "  ## said twice #\n" = { "#comment" = "said twice #" }
test Ini.empty get "\n" = { }
test Ini.empty get " ; \n" = { }

(* Group: values *)

test Ini.entry get "key = value\n" = { "key" = "value" }
test Ini.entry get "key:value\n" = { "key" = "value" }
test Ini.entry get "two words = a b  \n" = { "two words" = "a b" }
test Ini.entry get "key =\n" = { "key" { "#void" } }
test Ini.entry get "key\n" = { "key" { "#bare" } }
test Ini.entry get "key = a=b:c\n" = { "key" = "a=b:c" }

(* Test: Ini.entry
     A colour is no comment, neither is what has no blank before it *)
test Ini.entry get "key = #fff\n" = { "key" = "#fff" }
test Ini.entry get "key = a;b#c\n" = { "key" = "a;b#c" }

test Ini.entry get "key = value ; said\n" = { "key" = "value" { "#inline" = "said" } }
test Ini.entry get "key = value # said\n" = { "key" = "value" { "#inline" = "said" } }
test Ini.entry get "key = ; said\n" = { "key" { "#void" } { "#inline" = "said" } }

(* Test: Ini.entry
     Quotes are part of the value, and hold what would else be a comment *)
test Ini.entry get "key = \"a ; b\" ; said\n" = { "key" = "\"a ; b\"" { "#inline" = "said" } }
test Ini.entry get "key = \"a ; b\n" = { "key" { "#unclosed" = "\"a ; b" } }

(* Test: Ini.entry
     Indented lines belong to the key above, comments among them too *)
test Ini.entry get "key =\n    a==1 ; b\n  # said\n\n    c\n" =
  { "key"
    { "#void" }
    { "1" = "a==1 ; b" }
    { "#comment" = "said" }
    { }
    { "2" = "c" } }

test Ini.entry get "= value\n" = *
test Ini.entry get "]key = value\n" = *

test Ini.entry put "key=old ; said\n" after set "/key" "new" = "key=new ; said\n"
test Ini.entry put "key = a\n" after rm "/key"; set "/other" "b" = "other = b\n"
test Ini.entry put "key =\n  a\n" after set "/key/2" "b" = "key =\n  a\n    b\n"

(* Group: sections *)

let conf = "top = 1\n\n[one]\na=1\n\n# of two\n[two \"x\"] ; said\n  b = 2\n\n"

test Ini.lns get conf =
  { "top" = "1" }
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

(* Test: Ini.lns
     In a section whose first key is indented the others may be, up to one that is not *)
test Ini.lns get "[a]\n  b = 1\n  c = 2\nd = 3\n  e = 4\n" =
  { "#sections" }
  { "a"
    { "#indented" }
    { "b" = "1" }
    { "c" = "2" }
    { "#flat" }
    { "d" = "3" { "1" = "e = 4" } } }

(* Test: Ini.lns
     Sections and keys may come again; names may have brackets with their partners *)
test Ini.lns get "[a]\nk=1\nk=2\n[a]\n[*.[ch]]\n" =
  { "#sections" }
  { "a" { "k" = "1" } { "k" = "2" } }
  { "a" }
  { "*.[ch]" }

test Ini.lns get "\n" = { }
test Ini.lns get "[a\n" = *
test Ini.lns get "[]\n" = *
test Ini.lns get "[a] b\n" = *

test Ini.lns put conf after set "/one/a" "3"; rm "/two\\ \"x\"/*" =
  "top = 1\n\n[one]\na=3\n\n# of two\n[two \"x\"]\n\n"

test Ini.lns put "[a]\nk = v\n" after set "/b/k" "w" = "[a]\nk = v\n[b]\nk = w\n"
