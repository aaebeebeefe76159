(*
Module: Test_Npmrc
  Provides unit tests and examples for the <Npmrc> lens.
*)
module Test_Npmrc =

let conf = "; ours\nregistry=https://npm.example.org/\n//npm.example.org/:_authToken=${NPM_TOKEN}\nca[] = \"one\"\nca[]=two\n\nstrict\nproxy=\n"

test Npmrc.lns get conf =
  { "#comment" = "ours" }
  { "registry" = "https://npm.example.org/" }
  { "//npm.example.org/:_authToken" = "${NPM_TOKEN}" }
  { "ca[]" = "\"one\"" }
  { "ca[]" = "two" }
  { }
  { "strict" { "#bare" } }
  { "proxy" { "#void" } }

(* Test: Npmrc.lns
     A value is all up to the end of the line *)
test Npmrc.lns get "a = b = c ; d\n" = { "a" = "b = c ; d" }

test Npmrc.lns get "=\n" = *

test Npmrc.lns put conf after set "/registry" "https://registry.example.com/"; rm "/ca\[\][2]" =
  "; ours\nregistry=https://registry.example.com/\n//npm.example.org/:_authToken=${NPM_TOKEN}\nca[] = \"one\"\n\nstrict\nproxy=\n"
