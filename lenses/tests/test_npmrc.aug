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
     A value goes up to a ; or # that no backslash stands before *)
test Npmrc.lns get "a = b = c ; d\nb=x#y\nc = x\\;y\\ z # \ne= # off\n" =
  { "a" = "b = c" { "#inline" = "d" } }
  { "b" = "x" { "#inline" = "y" } }
  { "c" = "x\\;y\\ z" }
  { "e" { "#void" } { "#inline" = "off" } }

(* Test: Npmrc.lns
     One that begins with a quote goes up to the end of the line *)
test Npmrc.lns get "a=\"b;c\"\nd='e\\'#\n" = { "a" = "\"b;c\"" } { "d" = "'e\\'#" }

(* Test: Npmrc.lns
     A backslash may be the last character of a value *)
test Npmrc.lns get "a=b\\\nc=d\\ ; e\nf=g\\\\;h\n" =
  { "a" = "b\\" }
  { "c" = "d\\" { "#inline" = "e" } }
  { "f" = "g\\\\" { "#inline" = "h" } }

test Npmrc.lns put "a=b # c\n" after set "/a" "d" = "a=d # c\n"

test Npmrc.lns get "a;b=c\n" = *

test Npmrc.lns get "a ; b\n" = *

test Npmrc.lns get "=\n" = *

test Npmrc.lns put conf after set "/registry" "https://registry.example.com/"; rm "/ca\[\][2]" =
  "; ours\nregistry=https://registry.example.com/\n//npm.example.org/:_authToken=${NPM_TOKEN}\nca[] = \"one\"\n\nstrict\nproxy=\n"
