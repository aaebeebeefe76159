(*
Module: Requirements
  Parses pip's requirements and constraints files

Author: the devenv authors

About: Reference
  <https://pip.pypa.io/en/stable/reference/requirements-file-format/> and PEP 508

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
  A package is a node named as it is, and its version specifier the value. Options of the file begin with @, whether they
  are written long or short.

  * Pin a package
    > set /files/srv/app/requirements.txt/django "==5.0"
  * Add one with an extra
    > set /files/srv/app/requirements.txt/uvicorn ">=0.30"
    > set /files/srv/app/requirements.txt/uvicorn/extra standard
  * Read another file as well
    > set /files/srv/app/requirements.txt/@requirement base.txt

About: Configuration files
  This lens applies to requirements.txt, constraints.txt and files named alike. See <filter>.

About: Examples
  The <Test_Requirements> file contains various examples and tests
*)
module Requirements =
autoload xfm

(* Group: PARTS *)

(* View: eol
     What is left of a line: a comment after a blank, and the line's end *)
let eol = del /[ \t]*\n|[ \t]+#[ \t]*\n/ "\n" | Util.comment_generic /[ \t]+#[ \t]*/ "  # "

(* View: extra
     Extras of a package: each is a node *)
let extra =
     let one = [ label "extra" . store /[A-Za-z0-9][A-Za-z0-9._-]*/ ]
  in del /[ \t]*\[[ \t]*/ "[" . one . ( del /[ \t]*,[ \t]*/ "," . one )* . del /[ \t]*\]/ "]"

(* View: specifier_re
     One condition, and several with commas *)
let specifier_re =
     let one = /(===|==|>=|<=|~=|!=|<|>)[ \t]*[A-Za-z0-9._*+!-]+/
  in one . ( /[ \t]*,[ \t]*/ . one )*

(* View: specifier
     The version specifier, with or without blanks before it *)
let specifier = del /[ \t]*/ "" . store specifier_re

(* View: url
     Where the package comes from *)
let url = [ label "url" . del /[ \t]*@[ \t]*/ " @ " . store /[^ \t\n@#;\\][^ \t\n\\]*/ ]

(* View: marker_re
     Words of which none is an option *)
let marker_re =
     let word = /[^ \t\n#\\-][^ \t\n#\\]*/
  in word . ( /[ \t]+/ . word )*

(* View: marker
     When the package is wanted *)
let marker = [ label "marker" . del /[ \t]*;[ \t]*/ "; " . store marker_re ]

(* View: url_marker
     The same after a URL, where a blank has to stand before *)
let url_marker = [ label "marker" . del /[ \t]+;[ \t]*/ " ; " . store marker_re ]

(* View: option
     An option of one package, as --hash, most often on a line of its own *)
let option = [ del /([ \t]*\\\\\n[ \t]*|[ \t]+)--/ " \\\n    --" . key /hash|config-settings?|global-option|install-option/
             . del /=|[ \t]+/ "=" . store /[^ \t\n\\=-][^ \t\n\\]*/ ]

(* Group: LINES *)

(* View: package
     A package by its name *)
let package =
     let start = Util.indent . key /[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?/ . extra?
  in let end = option* . eol
  in [ start . specifier? . ( marker? | url . url_marker? ) . end ]

(* View: place
     A package by its place: a file, a folder or a URL *)
let place = [ label "@url" . Util.indent . store /([.\/]|[A-Za-z][A-Za-z0-9+]*:\/\/|git\+ssh:)[^ \t\n\\]*/ . option* . eol ]

(* View: with_value
     An option of the file: its long and short names, and how a new one is written *)
let with_value (name:string) (names:regexp) (new:string) =
  [ label name . Util.indent . del ( names . /[ \t]*=[ \t]*|[ \t]+/ ) new . store /[^ \t\n\\#=][^ \t\n\\]*/ . option* . eol ]

(* View: flag
     An option of the file that takes no value *)
let flag (name:string) (text:string) = [ label name . Util.indent . Util.del_str text . eol ]

(* View: options
     The options of a file *)
let options = with_value "@requirement" /-r|--requirement/ "-r "
            | with_value "@constraint" /-c|--constraint/ "-c "
            | with_value "@editable" /-e|--editable/ "-e "
            | with_value "@index-url" /-i|--index-url|--pypi-url/ "--index-url "
            | with_value "@extra-index-url" /--extra-index-url/ "--extra-index-url "
            | with_value "@find-links" /-f|--find-links/ "--find-links "
            | with_value "@no-binary" /--no-binary/ "--no-binary "
            | with_value "@only-binary" /--only-binary/ "--only-binary "
            | with_value "@trusted-host" /--trusted-host/ "--trusted-host "
            | with_value "@use-feature" /--use-feature/ "--use-feature "
            | flag "@no-index" "--no-index"
            | flag "@prefer-binary" "--prefer-binary"
            | flag "@require-hashes" "--require-hashes"
            | flag "@pre" "--pre"

(* View: lns
     The requirements lens *)
let lns = ( Util.empty | Util.comment | package | place | options )*

(* View: filter
     Files of pip *)
let filter = incl "requirements*.txt"
           . incl "requirements*.in"
           . incl "constraints*.txt"
           . incl "*-requirements.txt"
           . incl "*_requirements.txt"
           . incl "*.requirements.txt"
           . incl "*/requirements/*.txt"
           . incl "*/requirements/*.in"
           . Util.stdexcl

let xfm = transform lns filter
