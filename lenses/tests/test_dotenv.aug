(*
Module: Test_Dotenv
  Provides unit tests and examples for the <Dotenv> lens.
*)
module Test_Dotenv =

(* Variable: conf
     A file as one finds it *)
let conf = "# where the database is
DB_HOST=localhost
DB_PORT = 5432
export DB_USER=\"app user\"   # who we are
DB_PASSWORD='p#ss \"word\"'

EMPTY=
UNSET
URL=http://x/#top?a=b c
  INDENTED=yes # no
KEY=\"-----BEGIN-----
abc
-----END-----\"
"

(* Test: Dotenv.lns
     Values are as they are written *)
test Dotenv.lns get conf =
  { "#comment" = "where the database is" }
  { "DB_HOST" = "localhost" }
  { "DB_PORT" = "5432" }
  { "DB_USER" = "\"app user\""
    { "#comment" = "who we are" } }
  { "DB_PASSWORD" = "'p#ss \"word\"'" }
  { }
  { "EMPTY" }
  { "UNSET" }
  { "URL" = "http://x/#top?a=b c" }
  { "INDENTED" = "yes"
    { "#comment" = "no" } }
  { "KEY" = "\"-----BEGIN-----\nabc\n-----END-----\"" }

(* Test: Dotenv.lns
     Spaces, "export" and comments stay when a value changes *)
test Dotenv.lns put conf after
  set "DB_PORT" "5433";
  set "DB_USER" "me";
  set "EMPTY" "full";
  set "UNSET" "set";
  rm "KEY" = "# where the database is
DB_HOST=localhost
DB_PORT = 5433
export DB_USER=me   # who we are
DB_PASSWORD='p#ss \"word\"'

EMPTY=full
UNSET=set
URL=http://x/#top?a=b c
  INDENTED=yes # no
"

(* Test: Dotenv.lns
     A new variable comes last *)
test Dotenv.lns put "A=1\n" after set "B" "\"2 3\"" = "A=1\nB=\"2 3\"\n"

(* Test: Dotenv.lns
     A variable is put between others *)
test Dotenv.lns put "A=1\nC=3\n" after
  insa "B" "A";
  set "B" "2" = "A=1\nB=2\nC=3\n"

(* Test: Dotenv.lns
     Escaped quotes and backquotes *)
test Dotenv.lns get "A=\"say \\\"hi\\\" # no comment\" # one\nB=`x 'y' \"z\"`\n" =
  { "A" = "\"say \\\"hi\\\" # no comment\""
    { "#comment" = "one" } }
  { "B" = "`x 'y' \"z\"`" }

(* Test: Dotenv.lns
     Apostrophes within a word are no quotes; a comment may follow an empty value *)
test Dotenv.lns get "A=it's so\nB= # none\n" =
  { "A" = "it's so" }
  { "B"
    { "#comment" = "none" } }

(* Test: Dotenv.lns
     A quote that is not closed is refused *)
test Dotenv.lns get "A=\"x\n" = *

(* Test: Dotenv.lns
     An empty file takes a variable *)
test Dotenv.lns put "" after set "A" "1" = "A=1\n"
