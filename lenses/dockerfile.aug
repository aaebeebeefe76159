(*
Module: Dockerfile
  Parses Dockerfiles and Containerfiles

Author: the devenv authors

About: Reference
  <https://docs.docker.com/reference/dockerfile/>

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
  Instructions are nodes in their order, named as they are written. What they take is the value, as it is written: lines
  that go on and here-documents too. FROM has its image as value; each variable of ENV and ARG is a node; a parser
  directive is a node named as it is, with a # before.

  * Build from another image
    > set /files/srv/app/Dockerfile/FROM[1] debian:trixie-slim
  * Set a variable
    > set /files/srv/app/Dockerfile/ENV[1]/NODE_ENV production
  * Set the default of an argument
    > set /files/srv/app/Dockerfile/ARG[1]/VERSION 2.1
  * Change the command
    > set /files/srv/app/Dockerfile/CMD "[\"node\", \"server.js\"]"

About: Configuration files
  This lens applies to Dockerfile, Containerfile and files named alike. See <filter>.

About: Examples
  The <Test_Dockerfile> file contains various examples and tests
*)
module Dockerfile =
autoload xfm

(* Group: BLANKS AND COMMENTS *)

(* View: continued_re
     The end of a line that goes on, with comments and empty lines that may come before the next, and its indentation *)
let continued_re = /\\\\[ \t]*\n([ \t]*(#[^\n]*|\\\\[ \t]*)?\n)*[ \t]*/

(* View: blank
     What separates words: blanks, and lines that go on *)
let blank = del ( /[ \t]+/ . continued_re? ) " "

(* View: comment
     A comment that is no parser directive *)
let comment = [ label "#comment" . del /[ \t]*#[ \t]*/ "# "
              . store (Rx.space_in - /(syntax|escape|check)[ \t]*=.*/) . Util.eol ]

(* View: directive
     A parser directive *)
let directive (name:string) (value:regexp) =
  [ label ("#" . name) . del (/[ \t]*#[ \t]*/ . name . /[ \t]*=[ \t]*/) ("# " . name . "=") . store value . Util.eol ]

(* View: directives
     All there are *)
let directives = directive "syntax" Rx.space_in | directive "escape" /[\\`]/ | directive "check" Rx.space_in

(* Group: WORDS *)

(* View: word_re
     A word that ends at a blank; quoted parts and escapes may hold some *)
let word_re = ( /[^ \t\n"'\\]/ | /\\\\[^\n]/ | /"([^"\\\n]|\\\\[^\n]|\\\\\n)*"/ | /'[^'\n]*'/ )+

(* View: pair
     A variable with its value *)
let pair = [ blank . key /[^ \t\n"'\\\/=#][^ \t\n"'\\\/=]*/ . del "=" "=" . store word_re ]

(* View: lone
     A variable without a value *)
let lone = [ blank . key /[^ \t\n"'\\\/=#][^ \t\n"'\\\/=]*/ ]

(* Group: TEXT *)

(* View: next_re
     A line that goes on, and how the next begins: not as a comment *)
let next_re = continued_re . /<?([^# \t\n<\\]|\\\\[^ \t\n\\])/

(* View: text_re
     Text on lines that go on, in which no here-document begins: no << with a word right after it *)
let text_re = ( /[^<\n]/ | /<[^<\n]/ | /<<[^<A-Za-z_"'\n-]/ | /<<<+[^<\n]/ | next_re )*

(* View: plain_re
     What an instruction takes, up to the end of its last line *)
let plain_re = /[^ \t\n\\#<]/ | /[^ \t\n\\#<]/ . text_re . ( /<?[^ \t\n\\<]/ | next_re )

(* View: document
     A here-document with a certain word at its end *)
let document (word:regexp) =
  ( /[^ \t\n\\#<]/ . text_re )? . /<<-?["']?/ . word . /(["' \t;|>&)][^\n]*)?\n/
  . ( ( /[^\n]*/ - ( /[ \t]*/ . word . /[ \t]*/ ) ) . "\n" )* . /[ \t]*/ . word

(* View: document_re
     Here-documents with the words most often used; a lens cannot know that the last line says what the first one did *)
let document_re = document "EOF" | document "EOT" | document "EOS" | document "END" | document "EOL" | document "SCRIPT"
                | document "SHELL" | document "SH" | document "BASH" | document "PYTHON" | document "CONF"
                | document "CONFIG" | document "FILE" | document "DATA" | document "INI" | document "YAML"
                | document "JSON" | document "NGINX"

(* Group: INSTRUCTIONS *)

(* View: plain
     An instruction as it is written *)
let plain =
     let name = /RUN|CMD|ENTRYPOINT|COPY|ADD|EXPOSE|WORKDIR|USER|VOLUME|SHELL|STOPSIGNAL|HEALTHCHECK|ONBUILD|MAINTAINER/i
  in [ Util.indent . key name . blank . store (plain_re | document_re) . Util.eol ]

(* View: from
     The image to build from, and the name of the stage *)
let from =
     let platform = [ blank . del "--" "--" . key "platform" . del "=" "=" . store /[^ \t\n\\]+/ ]
  in let alias = [ del /[ \t]+AS[ \t]+/i " AS " . label "as" . store /[^ \t\n\\]+/ ]
  in [ Util.indent . key /FROM/i . platform? . blank . store /[^ \t\n\\#-][^ \t\n\\]*/ . alias? . Util.eol ]

(* View: variables
     ENV and LABEL: variables with their values, or one of them in the old way, with a blank instead of = *)
let variables =
     let old = blank . store /[A-Za-z_][A-Za-z0-9_.-]*[ \t]+[^ \t\n\\=]([^\n\\]*[^ \t\n\\])?/
  in [ Util.indent . key /ENV|LABEL/i . ( pair+ | old? ) . Util.eol ]

(* View: arguments
     ARG: variables, with or without a value *)
let arguments = [ Util.indent . key /ARG/i . ( pair | lone )+ . Util.eol ]

(* View: lns
     The Dockerfile lens *)
let lns = ( Util.empty | comment | directives | plain | from | variables | arguments )*

(* View: filter
     Files of docker, podman and buildah *)
let filter = incl "Dockerfile"
           . incl "Dockerfile.*"
           . incl "dockerfile"
           . incl "*.Dockerfile"
           . incl "*.dockerfile"
           . incl "Containerfile"
           . incl "Containerfile.*"
           . incl "*.Containerfile"
           . (excl "*.dockerignore")
           . Util.stdexcl

let xfm = transform lns filter
