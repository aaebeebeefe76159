(*
Module: Vagrantfile
  Parses Vagrantfiles, as far as they say what a machine is like

Author: the devenv authors

About: Reference
  <https://developer.hashicorp.com/vagrant/docs/vagrantfile>

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
  A Vagrantfile is Ruby, which no lens can read. This one knows settings (config.vm.box = "debian/bookworm64") and calls
  with what they are given (config.vm.network "forwarded_port", guest: 80, host: 8080); each is a node named as it is
  written, wherever it stands. All other lines (if, end, each ... do) are nodes named #line. A call that opens a block
  has a node named do, with what the block calls its object.

  Values are stored as they are written, quotes and all: who sets one quotes it. devenv does so by itself
  (devenv/editor/quoting.py), and puts a new setting into the block it belongs to.

  * Set the box
    > set /files/srv/app/Vagrantfile/config.vm.box "\"debian/bookworm64\""
  * Forward another port to the machine's port 80
    > set /files/srv/app/Vagrantfile/config.vm.network[guest = "80"]/host 8081
  * Give the machine more memory
    > set /files/srv/app/Vagrantfile/vb.memory 4096

About: Configuration files
  This lens applies to Vagrantfile. See <filter>.

About: Examples
  The <Test_Vagrantfile> file contains various examples and tests
*)
module Vagrantfile =
autoload xfm

(* Group: EXPRESSIONS *)

(* View: string_re
     A string on one line *)
let string_re = /"([^"\\\n]|\\\\[^\n])*"/ | /'([^'\\\n]|\\\\[^\n])*'/

(* View: inside_re
     What may stand in brackets besides brackets: lines may end there *)
let inside_re = string_re | /[^][(){}"'#\\]/ | /\\\\./ | /#[^\n]*\n/

(* View: in_brackets
     Something in brackets: that they match is Ruby's affair *)
let in_brackets (inner:regexp) = /[({[]/ . inner* . /[])}]/

(* View: brackets_re
     Brackets, in which there may be brackets, in which there may be brackets *)
let brackets_re = in_brackets ( inside_re | in_brackets ( inside_re | in_brackets inside_re ) )

(* View: atom_re
     A part of an expression: no comma, and neither | nor << that would begin something *)
let atom_re =
     let solid = string_re | brackets_re | /[^][(){}"'#\n,|\\< \t]/
  in solid | "||" | "<=" | /<<?[ \t]+/ . solid | /\\\\\n/

(* View: expression_re
     An expression that ends on its line but for what stands in brackets *)
let expression_re = ( string_re | brackets_re | /[^][(){}"'#\n,|\\< \t=~>]/ ) . ( /[ \t]*/ . atom_re )*

(* View: document
     A here-document with a certain word at its end; more of the call may stand on its first line *)
let document (word:regexp) =
  /<<[~-]?["'`]?/ . word . /([^A-Za-z0-9_\n][^\n]*)?\n/
  . ( ( /[^\n]*/ - ( /[ \t]*/ . word . /[ \t]*/ ) ) . "\n" )* . /[ \t]*/ . word

(* View: document_re
     Here-documents with the words most often used; a lens cannot know that the last line says what the first one did *)
let document_re = document "SHELL" | document "SCRIPT" | document "EOF" | document "EOS" | document "EOT" | document "END"
                | document "EOH" | document "SH" | document "BASH" | document "CMD" | document "RUBY" | document "YAML"
                | document "POWERSHELL" | document "MESSAGE" | document "MSG"

(* View: any_re
     The rest of a line *)
let any_re = /([^\n]*[^ \t\n])?/

(* View: other_document_re
     The first line of a here-document whose last line this lens does not know; the others are lines like all *)
let other_document_re =
     let word = /[A-Za-z_][A-Za-z0-9_]*/ - /SHELL|SCRIPT|EOF|EOS|EOT|END|EOH|SH|BASH|CMD|RUBY|YAML|POWERSHELL|MESSAGE|MSG/
  in /<<[~-]?["'`]?/ . ( word . ( /[ \t]*[^A-Za-z0-9_ \t\n]|[ \t]+[A-Za-z0-9_]/ . any_re )?
                       | /[^A-Za-z0-9_"'`~ \t\n<=-]/ . any_re )?

(* Group: ENDS OF LINES *)

(* View: eol
     What is left of a line: a comment after a blank, and the line's end *)
let eol = del /[ \t]*\n|[ \t]+#[ \t]*\n/ "\n" | Util.comment_generic /[ \t]+#[ \t]*/ " # "

(* Group: STATEMENTS *)

(* View: name_re
     A name of Ruby *)
let name_re = /[@$]?[A-Za-z_][A-Za-z0-9_]*/

(* View: dotted_re
     A setting of an object *)
let dotted_re = name_re . /(\.[A-Za-z_][A-Za-z0-9_]*)+/

(* View: setting
     A setting of an object *)
let setting =
     let name = del /[ \t]*/ "  " . key dotted_re . del /[ \t]*=[ \t]*/ " = "
  in [ name . store expression_re . eol ] | [ name . store document_re . Util.eol ]

(* View: literal_re
     An expression that begins with a string or a number *)
let literal_re = ( string_re | /[0-9]/ ) . ( /[ \t]*/ . atom_re )*

(* View: variable
     A variable that is given a string, a number or a here-document *)
let variable =
     let name = Util.indent . key name_re . del /[ \t]*=[ \t]*/ " = "
  in [ name . store literal_re . eol ] | [ name . store document_re . Util.eol ]

(* Group: CALLS *)

(* View: symbol_re
     A symbol, with or without something like "if" after it *)
let symbol_re = /:[A-Za-z_][A-Za-z0-9_]*/ . ( /[ \t]+/ . ( /[A-Za-z&]/ . ( /[ \t]*/ . atom_re )* ) )?

(* View: first_re
     What a call is given first *)
let first_re = string_re . ( /[ \t]*/ . atom_re )* | symbol_re

(* View: first
     What a call is given first, as a node: a call has no value, so that it is no setting *)
let first = [ label "@first" . store first_re ]

(* View: comma
     What separates arguments: lines may end there, with a comment *)
let comma =
     let comment = [ label "#comment" . del /#[ \t]*/ "# " . store Rx.space_in . del /[ \t]*\n[ \t]*/ "\n      " ]
  in del /[ \t]*,[ \t]*(\n[ \t]*)*/ ", " . comment*

(* View: argument
     Something a call is given without a name *)
let argument = comma . [ label "@arg"
               . store ( first_re | brackets_re | /[0-9]/ . ( /[ \t]*/ . atom_re )*
                       | /[A-Za-z_@$][A-Za-z0-9_.]*/ . brackets_re? ) ]

(* View: option_name
     The name of something a call is given, in both of Ruby's ways *)
let option_name = del /:?/ "" . key ( /[A-Za-z_][A-Za-z0-9_]*/ - "do" ) . del /:[ \t]*|[ \t]*=>[ \t]*/ ": "

(* View: option
     Something a call is given with a name *)
let option = comma . [ option_name . store expression_re ]

(* View: last_option
     The same with a here-document, which is the last one *)
let last_option = comma . [ option_name . store document_re ]

(* View: opens
     What a call names the object that its block is about *)
let opens = [ label "do" . del /[ \t]+do[ \t]*\|[ \t]*/ " do |" . store /[^| \t\n]([^|\n]*[^| \t\n])?/ . del /[ \t]*\|/ "|" ]

(* View: call
     A call of an object with a string or a symbol *)
let call = [ del /[ \t]*/ "  " . key dotted_re . Sep.space . first . ( argument | option )*
           . ( opens? . eol | last_option . Util.eol ) ]

(* Group: ALL OTHER LINES *)

(* View: rest_re
     The rest of a line, with a here-document if one begins there *)
let rest_re =
     let char = /[^<\n]/ | /<[^<\n]/ | /<<[ \t0-9=<]/
  in ( char* . ( /[^ \t\n<]/ | /<<?/ | document_re | other_document_re ) )?

(* View: other_re
     What is neither a setting nor a call: how it begins says so *)
let other_re =
     let sign = /[^A-Za-z0-9_.= \t\n<]|<([ \t]+[^< \t\n]|[^< \t\n])|\.[^A-Za-z_ \t\n]/
  in let equal = /[ \t]*=[=~>]/
  in ( /[^A-Za-z_@$# \t\n<]|[@$][^A-Za-z_ \t\n<]|<[^< \t\n]/ . rest_re )
   | ( ( name_re | dotted_re )
     . ( ( sign | equal | /[ \t]+[^= \t\n"':<]/ | /[ \t]+<([ \t]+[^< \t\n]|[^< \t\n])/ | /[ \t]+<<([ \t]+[^< \t\n]|[0-9=])/
         | /[ \t]+:[^A-Za-z_ \t\n<]/ ) . rest_re )? )
   | ( name_re . ( /[ \t]+["':]/ | /[ \t]*=[ \t]*[^"'0-9=~> \t\n<]/ ) . rest_re )
   | ( dotted_re . /[ \t]+:[A-Za-z_][A-Za-z0-9_]*[ \t]*=>/ . rest_re )
   | ( ( name_re . /[ \t]*=?[ \t]*/ | dotted_re . /[ \t]*=?[ \t]*/ ) . other_document_re )
   | ( ( name_re | dotted_re ) . /[ \t]*/ . document_re )

(* View: other
     Any other line *)
let other = [ label "#line" . Util.indent . store other_re . Util.eol ]

(* View: lns
     The Vagrantfile lens *)
let lns = ( Util.empty | Util.comment | setting | variable | call | other )*

(* View: filter
     Files of Vagrant *)
let filter = incl "Vagrantfile"
           . incl "Vagrantfile.*"
           . incl "*.Vagrantfile"
           . Util.stdexcl

let xfm = transform lns filter
