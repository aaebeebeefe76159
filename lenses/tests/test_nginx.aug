(*
Module: Test_Nginx
  Provides unit tests and examples for the <Nginx> lens
*)
module Test_Nginx =

(* Group: AS THE LENS OF AUGEAS HAS IT *)

(* A file of directives, blocks and comments *)
let plain = "user www-data;
error_log /var/log/nginx/error.log info;

events {
\tworker_connections 768;
\t# multi_accept on;
}

http {

\t# Basics
\tgzip on;   # saves a lot
\tlog_format main '$remote_addr - $remote_user '
\t                '\"$request\"';
\tserver {
\t\tlisten 80;
\t\tinternal;

\t\tlocation ~ \\.php$ {
\t\t\tadd_header X-XSS-Protection \"1; mode=block\" always;
\t\t}
\t}
}
"

test Nginx.lns get plain =
  { "user" = "www-data" }
  { "error_log" = "/var/log/nginx/error.log info" }
  { }
  { "events"
    { "worker_connections" = "768" }
    { "#comment" = "multi_accept on;" } }
  { }
  { "http"
    { "#comment" = "Basics" }
    { "gzip" = "on"
      { "#comment" = "saves a lot" } }
    { "log_format" = "main '$remote_addr - $remote_user '
\t                '\"$request\"'" }
    { "server"
      { "listen" = "80" }
      { "internal" }
      { }
      { "location"
        { "#comp" = "~" }
        { "#uri" = "\\.php$" }
        { "add_header" = "X-XSS-Protection \"1; mode=block\" always" } } } }

test Nginx.lns put "http {\n  server {\n    listen 80;\n  }\n  gzip on;\n}\n" after set "/http/gzip" "off" =
  "http {\n  server {\n    listen 80;\n  }\n  gzip off;\n}\n"

test Nginx.lns put plain after rm "/nothing" = plain

test Nginx.lns get "location / { }\n" = { "location" { "#uri" = "/" } }

test Nginx.lns get "location ^~ /images/ { }\n" = { "location" { "#comp" = "^~" } { "#uri" = "/images/" } }

test Nginx.lns get "if ($http_cookie ~* \"id=([^;]+)(?:;|$)\") { }\n" =
  { "if" { "#cond" = "($http_cookie ~* \"id=([^;]+)(?:;|$)\")" } }

test Nginx.lns get "split_clients \"${remote_addr}AAA\" $variant {\n 0.5% .one;\n * '';\n}\n" =
  { "split_clients"
    { "#string" = "\"${remote_addr}AAA\"" }
    { "#variable" = "$variant" }
    { "0.5%" = ".one" }
    { "*" = "''" } }

test Nginx.lns get "upstream b {\n server 127.0.0.3:80 weight=5 backup;\n server unix:/run/a.sock;\n}\n" =
  { "upstream"
    { "#name" = "b" }
    { "@server" { "@address" = "127.0.0.3:80" } { "weight" = "5" } { "backup" } }
    { "@server" { "@address" = "unix:/run/a.sock" } } }

test Nginx.lns get "geo $a $b {\n default 0;\n\n 10.1.0.0/16 1;\n ::1 2;\n 2001:0db8::/32 1;\n}\n" =
  { "geo"
    { "#address" = "$a" }
    { "#geo" = "$b" }
    { "default" = "0" }
    { }
    { "10.1.0.0" = "1" { "mask" = "16" } }
    { "::1" = "2" }
    { "2001:0db8::" = "1" { "mask" = "32" } } }

test Nginx.lns get "types {\n text/html html htm;\n application/vnd.ms-excel xls;\n}\n" =
  { "types"
    { "text" = "html htm" { "sub_type" = "html" } }
    { "application" = "xls" { "sub_type" = "vnd.ms-excel" } } }

(* Group: ON ONE LINE *)

test Nginx.lns get "events { worker_connections 768; }\n" = { "events" { "worker_connections" = "768" } }

test Nginx.lns put "events { worker_connections 768; }\n" after set "/events/worker_connections" "1024" =
  "events { worker_connections 1024; }\n"

test Nginx.lns get "a 1; b 2; # both\nc 3;\n" =
  { "a" = "1" } { "b" = "2" { "#comment" = "both" } } { "c" = "3" }

test Nginx.lns put "a 1; b 2; # both\nc 3;\n" after set "/a" "4"; set "/b" "5" = "a 4; b 5; # both\nc 3;\n"

test Nginx.lns get "location / { return 200 \"ok\"; } if ($a = \"b\") { set $c '}'; }\n" =
  { "location" { "#uri" = "/" } { "return" = "200 \"ok\"" } }
  { "if" { "#cond" = "($a = \"b\")" } { "set" = "$c '}'" } }

let maps = "map $uri $new { default \"\"; /old.html /new.html; \"~^/x y\" 1; ~^/(a|b)$ /c/$1; ~*phone mobile; '' 2; }
"

test Nginx.lns get maps =
  { "map"
    { "#source" = "$uri" }
    { "#variable" = "$new" }
    { "default" = "\"\"" }
    { "@entry" { "#key" = "/old.html" } { "#value" = "/new.html" } }
    { "@entry" { "#key" = "\"~^/x y\"" } { "#value" = "1" } }
    { "@entry" { "#key" = "~^/(a|b)$" } { "#value" = "/c/$1" } }
    { "~*phone" = "mobile" }
    { "''" = "2" } }

test Nginx.lns put maps after set "/map/@entry[#key = '/old.html']/#value" "/n"; set "/map/default" "0" =
  "map $uri $new { default 0; /old.html /n; \"~^/x y\" 1; ~^/(a|b)$ /c/$1; ~*phone mobile; '' 2; }
"

(* Group: WORDS *)

test Nginx.lns get "a 'b;{c}' \"#d\" ${e}f g#h it's ~^(?<x>.+)\\.${y}$ i\\;j;\n" =
  { "a" = "'b;{c}' \"#d\" ${e}f g#h it's ~^(?<x>.+)\\.${y}$ i\\;j" }

test Nginx.lns get "location ~ \"^/[a-z]{2}/\" { limit_except GET POST { deny all; } }\n" =
  { "location"
    { "#comp" = "~" }
    { "#uri" = "\"^/[a-z]{2}/\"" }
    { "limit_except" { "#method" = "GET" } { "#method" = "POST" } { "deny" = "all" } } }

test Nginx.lns get "gzip_types\n  text/css   # styles\n  text/plain\n  ;\n" =
  { "gzip_types" = "text/css   # styles\n  text/plain" }

test Nginx.lns get "server { # first\n a b;#c\n} # last\n" =
  { "server" { "#comment" = "first" } { "a" = "b" { "#comment" = "c" } } }
  { "#comment" = "last" }

test Nginx.lns get "rtmp {\n  application live { record off; }\n}\n" =
  { "@block" { "#words" = "rtmp" }
    { "@block" { "#words" = "application live" } { "record" = "off" } } }

(* Group: WHAT NGINX DOES NOT TAKE *)

test Nginx.lns get "a b\n" = *
test Nginx.lns get "a } b;\n" = *
test Nginx.lns get "a 'b;\n" = *
test Nginx.lns get "a 'b'c;\n" = *
test Nginx.lns get "a b { c d; }}\n" = *
test Nginx.lns get "events { a 1 }\n" = *
