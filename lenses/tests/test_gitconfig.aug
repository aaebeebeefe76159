(*
Module: Test_Gitconfig
  Provides unit tests and examples for the <Gitconfig> lens.
*)
module Test_Gitconfig =

(* Variable: conf
     A repository's file *)
let conf = "# made by hand
[core]
\trepositoryformatversion = 0
\tbare
\tpager = less -R ; as root too
; remotes
[remote \"origin\"] # ours
\turl = git@example.org:app.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
\tfetch = +refs/tags/*:refs/tags/*

[branch \"feature/x\"]
    merge = \"refs/heads/feature/x # no comment\"
[alias] st = status
\tlg = log \\
\t\t--graph
\tempty =
"

(* Test: Gitconfig.lns
     Subsections are values of their sections *)
test Gitconfig.lns get conf =
  { "#comment" = "made by hand" }
  { "core"
    { "repositoryformatversion" = "0" }
    { "bare" }
    { "pager" = "less -R"
      { "#comment" = "as root too" } }
    { "#comment" = "remotes" } }
  { "remote" = "origin"
    { "#title_comment" = "ours" }
    { "url" = "git@example.org:app.git" }
    { "fetch" = "+refs/heads/*:refs/remotes/origin/*" }
    { "fetch" = "+refs/tags/*:refs/tags/*" }
    { } }
  { "branch" = "feature/x"
    { "merge" = "\"refs/heads/feature/x # no comment\"" } }
  { "alias"
    { "#eol" }
    { "st" = "status" }
    { "lg" = "log \\\n\t\t--graph" }
    { "empty" } }

(* Test: Gitconfig.lns
     Comments, blanks and lines that go on stay *)
test Gitconfig.lns put conf after
  set "core/pager" "more";
  set "core/bare" "false";
  set "remote[. = 'origin']/url" "\"x;y\"";
  set "alias/st" "status -s";
  rm "branch" = "# made by hand
[core]
\trepositoryformatversion = 0
\tbare = false
\tpager = more ; as root too
; remotes
[remote \"origin\"] # ours
\turl = \"x;y\"
\tfetch = +refs/heads/*:refs/remotes/origin/*
\tfetch = +refs/tags/*:refs/tags/*

[alias] st = status -s
\tlg = log \\
\t\t--graph
\tempty =
"

(* Test: Gitconfig.lns
     A new section as git writes it *)
test Gitconfig.lns put "[core]\n\tbare = false\n" after
  set "branch" "main";
  set "branch/remote" "origin" = "[core]
\tbare = false
[branch \"main\"]
\tremote = origin
"

(* Test: Gitconfig.lns
     Quotes and escapes in the name of a subsection, and parts in quotes in a value *)
test Gitconfig.lns get "[a \"b\\\"c]d\"]\n k = x\" ; y\"z\\t # c\n" =
  { "a" = "b\\\"c]d"
    { "k" = "x\" ; y\"z\\t"
      { "#comment" = "c" } } }

(* Test: Gitconfig.lns
     A value's quotes have to be closed on the line *)
test Gitconfig.lns get "[a]\nk = \"x\n" = *

(* Test: Gitconfig.lns
     A variable needs a section *)
test Gitconfig.lns get "k = x\n" = *
