(*
Module: Nginx
  Parses the configuration of nginx

Author: the devenv authors

About: Reference
  <https://nginx.org/en/docs/>, and how nginx parts a file into words: ngx_conf_read_token() in its sources

About: License
  This file is licensed under the MIT licence, as the rest of devenv

About: Lens usage
  A directive is a node with what it takes as value, as it is written; a block is a node with its arguments and entries
  below it. The tree is that of the lens of this name that comes with Augeas, which reads less: blocks and directives may
  stand on one line here, words may be in either kind of quotes, and any word may be the key of a map.

  * Set a directive
    > set /files/etc/nginx/nginx.conf/http/gzip on
  * Change a location of the only server
    > set /files/etc/nginx/nginx.conf/http/server/location[#uri = "/api"]/proxy_pass http://127.0.0.1:8000
  * Change the type of a suffix
    > set /files/etc/nginx/mime.types/types/text[sub_type = "html"] "html htm"
  * Change an entry of a map whose key has a slash
    > set /files/etc/nginx/nginx.conf/http/map/@entry[#key = "/old"]/#value /new

About: Configuration files
  This lens applies to /etc/nginx/nginx.conf and the files it includes. See <filter>.

About: Examples
  The <Test_Nginx> file contains various examples and tests
*)
module Nginx =
autoload xfm

(* Group: BLANKS AND WORDS *)

(* Variable: gap_re
     What separates words: blanks, line ends, and comments between the lines *)
let gap_re = /[ \t\n]([ \t\n]|#[^\n]*\n)*/

(* View: gap
     What separates words, one blank by default *)
let gap = del gap_re " "

(* Variable: rest_re
     What a word without quotes goes on with: a brace opens a block, but behind $, or as {{ in what is to become a file
     of nginx *)
let rest_re = /([^ \t\r\n\\;{]|\\\\.|\$\{|\{\{[^{}\n]*\}\})*/

(* Variable: bare_re
     A word without quotes *)
let bare_re = /([^ \t\r\n\\;{}"'#]|\\\\.|\$\{|\{\{[^{}\n]*\}\})/ . rest_re

(* Variable: quoted_re
     A word in quotes *)
let quoted_re = /"([^"\\]|\\\\.)*"|'([^'\\]|\\\\.)*'/

(* Variable: word_re
     A word *)
let word_re = bare_re | quoted_re

(* Variable: words_re
     All that a directive takes *)
let words_re = word_re . ( gap_re . word_re )*

(* Variable: name_re
     The name of a directive *)
let name_re = /[A-Za-z0-9_.:-]+/

(* Group: ENDS *)

(* View: semicolon
     The end of what a directive says *)
let semicolon = del ( gap_re? . ";" ) ";"

(* View: finish
     The end of a line, with its comment; nothing where another directive or the end of the block is on the line *)
let finish = del /([ \t]*\n)?/ "\n" | Util.comment_eol

(* View: opening
     The beginning of a block, with the blank lines after it *)
let opening = del ( gap_re? . /\{([ \t\n]*\n)?/ ) " {\n"

(* View: closing
     The end of a block. A comment behind it is a node of its own after the block's *)
let closing = del /[ \t]*\}([ \t]*\n)?/ "}\n"

(* Group: DIRECTIVES *)

(* Variable: flat_names
     Blocks of entries whose key may be any word *)
let flat_names = "map" | "geo" | "split_clients" | "types" | "charset_map" | "geoip2"

(* Variable: block_names
     All blocks that are known *)
let block_names = flat_names | "http" | "events" | "server" | "mail" | "stream" | "if" | "location" | "upstream"
                | "limit_except" | "match"

(* View: simple
     A directive: one of any name with a value, which no block has, or one of another name than a block's *)
let simple =
     let mask = [ label "mask" . Util.del_str "/" . store Rx.integer ]
  in [ Util.indent . key ( name_re - "server" ) . mask? . gap . store words_re . semicolon . finish ]
   | [ Util.indent . key ( name_re - block_names ) . mask? . semicolon . finish ]

(* View: server
     A server of an upstream *)
let server =
     let address = [ gap . label "@address" . store word_re ]
  in let setting = [ gap . key name_re . ( Sep.equal . store /[^ \t\r\n\\;{}"'$]+/ )? ]
  in [ Util.indent . label "@server" . Util.del_str "server" . address . setting* . semicolon . finish ]

(* Group: ENTRIES OF MAPS *)

(* Variable: odd_re
     The beginning of a word without quotes that is no name, up to a slash, which no label can have *)
let odd_re = ( /[^A-Za-z0-9_.: \t\r\n\\;{}"'#@\/-]|\\\\[^\/\n]|\$\{/
             | name_re . /([^A-Za-z0-9_.: \t\r\n\\;{\/-]|\\\\[^\/\n]|\$\{)/ )
           . /([^ \t\r\n\\;{\/]|\\\\[^\/\n]|\$\{)*/

(* Variable: odd_key_re
     A word that is no name, and has no slash in it *)
let odd_key_re = odd_re | /"([^"\\\/]|\\\\[^\/\n])*"|'([^'\\\/]|\\\\[^\/\n])*'/

(* Variable: slash_key_re
     Any other word *)
let slash_key_re = ( /[@\/]/ | odd_re . "/" | ( odd_re | name_re )? . /\\\\\// ) . rest_re
                 | name_re . /\/[A-Za-z0-9_.+-]*/
                   . ( /([^A-Za-z0-9_.+ \t\r\n\\;{-]|\\\\.|\$\{)/ . rest_re )
                 | name_re . "/"
                 | /"([^"\\\/]|\\\\[^\/\n])*\\\\?\/([^"\\]|\\\\.)*"/
                 | /'([^'\\\/]|\\\\[^\/\n])*\\\\?\/([^'\\]|\\\\.)*'/

(* View: entry
     An entry; what follows a name and a slash is a network's mask or the second half of a type *)
let entry =
     let mask = [ label "mask" . Util.del_str "/" . store Rx.integer ]
  in let sub_type = [ label "sub_type" . Util.del_str "/" . store ( /[A-Za-z0-9_.+-]+/ - Rx.integer ) ]
  in [ Util.indent . key name_re . ( mask | sub_type )? . ( gap . store words_re )? . semicolon . finish ]
   | [ Util.indent . key odd_key_re . ( gap . store words_re )? . semicolon . finish ]

(* View: slash_entry
     An entry whose key has a slash *)
let slash_entry =
  [ Util.indent . label "@entry" . [ label "#key" . store slash_key_re ]
    . [ gap . label "#value" . store words_re ]? . semicolon . finish ]

(* Group: BLOCKS *)

(* View: arg
     An argument of a block *)
let arg (name:string) = [ label name . gap . store word_re ]

(* Variable: condition_re
     What if takes: words from one bracket to another *)
let condition_re = "(" . rest_re . ( gap_re . word_re )* . gap_re? . ")"

(* View: if
     The beginning of a condition *)
let if = key "if" . [ label "#cond" . gap . store condition_re ]

(* View: location
     The beginning of a location *)
let location = key "location" . [ label "#comp" . gap . store /=|~|~\*|\^~/ ]? . arg "#uri"

(* View: unknown
     The beginning of a block of any other name, as it is written *)
let unknown =
  label "@block" . [ label "#words" . store ( ( name_re - block_names ) . ( gap_re . word_re )* ) ]

(* View: head
     The beginnings of blocks of directives. They are one union, for which libaugeas looks but once at each place *)
let head = Util.indent . key ( "http" | "events" | "server" | "mail" | "stream" ) . opening
         | Util.indent
           . ( if
             | location
             | key ( "upstream" | "match" ) . arg "#name"
             | key "limit_except" . ( arg "#method" )+
             | unknown )
           . opening

(* View: flat_head
     The beginnings of blocks of entries *)
let flat_head = Util.indent . key "types" . opening
              | Util.indent
                . ( key "map" . arg "#source" . arg "#variable"
                  | key "geo" . ( arg "#address" )? . arg "#geo"
                  | key "split_clients" . arg "#string" . arg "#variable"
                  | key "charset_map" . arg "#from" . arg "#to"
                  | key "geoip2" . arg "#database" )
                . opening

(* View: unknown_head
     What may begin in a block of entries *)
let unknown_head = Util.indent . unknown . opening

(* View: leaf
     What has nothing below it in a block of directives: one union too *)
let leaf = Util.comment | Util.empty | simple | server

(* View: flat_leaf
     What has nothing below it in a block of entries *)
let flat_leaf = Util.comment | Util.empty | entry | slash_entry

(* View: directives
     Directives and blocks, which call themselves. So do blocks of entries, though nothing but blocks of unknown names can
     be in them: where a lens calls itself, an entry may end with its line or before, whichever it does *)
let rec directives = leaf
                   | [ head . directives* . closing ]
                   | [ flat_head . ( flat_leaf | [ unknown_head . directives* . closing ] )* . closing ]

(* View: lns
     The nginx lens *)
let lns = directives*

(* View: filter
     The configuration of nginx; other files go by the folder they are in *)
let filter = incl "/etc/nginx/nginx.conf"
           . incl "/etc/nginx/conf.d/*.conf"
           . incl "/etc/nginx/sites-available/*"
           . incl "/etc/nginx/sites-enabled/*"
           . incl "/etc/nginx/snippets/*"
           . incl "/usr/portage/www-servers/nginx/files/nginx.conf"
           . incl "/usr/local/etc/nginx/nginx.conf"
           . incl "/usr/local/etc/nginx/conf.d/*.conf"
           . incl "/usr/local/etc/nginx/sites-available/*"
           . incl "/usr/local/etc/nginx/sites-enabled/*"
           . excl "*~"
           . excl "*.bak"
           . excl "*.old"
           . excl "*.orig"
           . excl "*.augnew"
           . excl "*.augsave"
           . excl "*.rpmnew"
           . excl "*.rpmsave"
           . excl "*.dpkg-old"
           . excl "*.dpkg-new"
           . excl "*.dpkg-dist"
           . excl "*.dpkg-bak"
           . excl "#*#"

let xfm = transform lns filter
