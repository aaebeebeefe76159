"""Files of nginx: what is read, and where what is new is written."""

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Edit, Set, Unset
from devenv.editor.trees import filters, guard
from devenv.editor.trees.parse import parse
from devenv.errors import EditError, ParseError

NGINX = formats.named("nginx")


TYPICAL = {
    "compression and expiry": """\
# gzip
gzip_types
  application/atom+xml
  application/javascript
  font/opentype;
map $sent_http_content_type $expires {
  default                 1M;
  ~*text/css              1y;
  ~*application/(x-)?js   1y; # scripts
  ""                      off;
}
""",
    "a site in PHP": """\
server {
    server_name  domain.tld;
    location = /favicon.ico { log_not_found off; access_log off; }
    location = /robots.txt  { allow all; log_not_found off; access_log off; }
    location / { try_files $uri $uri/ /index.php?$args; }
    location ~ \\.php$ {
        #NOTE: cgi.fix_pathinfo
        include fastcgi_params; fastcgi_intercept_errors on;
        fastcgi_param  SCRIPT_FILENAME $document_root$fastcgi_script_name;
    }
    location ~* \\.(js|css|png|jpg|jpeg|gif|ico)$ { expires max; log_not_found off; }
    if ($host = www.domain.tld) { return 301 https://domain.tld$request_uri; } # managed by Certbot
    rewrite ^/sitemap(-+([a-zA-Z0-9_-]+))?\\.xml$ "/index.php?xml_sitemap=params=$2" last;
}
""",
    "headers and nested locations": """\
upstream php-handler { server 127.0.0.1:9000; #server unix:/run/php/php8.2-fpm.sock;
}
map $arg_v $asset_immutable { "" ""; default ", immutable"; }
server {
    add_header Strict-Transport-Security "max-age=15768000; includeSubDomains; preload" always;
    location ~ ^/(?:build|tests|config)(?:$|/)  { return 404; }
    location ~ \\.(?:css|js|mjs)$ { try_files $uri /index.php$request_uri;
        add_header Cache-Control "public, max-age=15778463$asset_immutable";
        location ~ \\.mjs$ { default_type text/javascript; }
    }
    location ^~ /.well-known { location = /.well-known/carddav { return 301 /remote.php/dav/; } }
}
""",
    "passing on by name": """\
stream { map $ssl_preread_server_name $name { a.org a; default b; }
upstream a { server 10.0.0.1:443; } server { listen 443; proxy_pass $name; ssl_preread on; } }
limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;
proxy_cache_path /a levels=1:2 keys_zone=k:10m;
""",
    "a log in JSON": """\
log_format json escape=json '{'
  '"time":"$time_iso8601",'  # when
  '"status":$status'
'}';
server { location /a { return 200 '{"a": "b"}'; default_type application/json; } error_page 500 502 /50x.html; }
server { listen 80; location @app { proxy_pass http://unix:/run/a.sock:/; }
location ~ ^/(?<v>\\d+)/x { set $y "${v}z"; } }
split_clients "${remote_addr}A" $variant { 0.5% .one; 2.0% .two; * ""; }
""",
    "as an ingress writes it": """\
http {
    geoip2 /etc/GeoLite2.mmdb { auto_reload 60m; $geoip2_code source=$remote_addr country iso_code; }
    geo $literal_dollar { default "$"; }
    map $request_uri $loggable { default 1; }
    upstream u { server 0.0.0.1; # placeholder
        keepalive 320; }
    ## start server _
    server { server_name _ ; listen 80 default_server reuseport backlog=511 ; set $proxy_upstream_name "-"; }
    types_hash_max_size 2048; types { }
}
""",
}


def edited(text: str, *edits: Set | Unset) -> str:
    return engine.apply(text.encode(), list(edits), NGINX).data.decode()


@pytest.mark.parametrize(
    "text",
    [
        "events { worker_connections 768; }\n",
        "a 1; b 2; # both\n",
        "http { server { listen 80; } server { listen 81; } }\n",
        "http { server { listen 80; }}\n",
        "server\n{\n\tlisten 80;\n}\n",
        "location / # all\n{ }\n",
        "if ( $a = b ) { break; }\n",
        "if ($a ~ \"x{2}\") { return 200 '}'; }\n",
        "map $a $b { '' c; \"x y\" d; /e f; ~^\\/g$ h; i; @j k; *.l m; n/o/ p; q\\;r s; }\n",
        "geo $a { default 0; 10.0.0.0/8 1; ::1 2; include b.conf; }\n",
        "types { text/html html; application/x-a+b a b; }\n",
        "charset_map koi8-r utf-8 { 80 E282AC; }\n",
        "geoip2 /a.mmdb { $country default=US country iso_code; }\n",
        "log_format a # the first\n  '$b' # the second\n  \"c\";\n",
        "upstream a { server b:80 weight=2 route=c_d; zone e 64k; }\n",
        'match ok { status 200; body ~ "x;"; }\n',
        "rtmp { server { application live { live on; } } }\n",
        "map $a $b { c d; inner { e f; } }\n",
        "server { listen ${PORT}; server_name ~^(?<x>.+)\\.${y}$ it's a#b; }\n",
        "server {\n\n\tlisten 80;\n\n\t#\n\t# x\n\tlisten 81 ;\n\n}\n",
        "server { server_name {{ name }} a-{{ b }}.c; location /{{ d }}/ { return 404; } }\n",
        "#!only\n",
        "",
    ],
)
def test_a_file_is_read_and_comes_back_as_it_was(text: str) -> None:
    document = formats.open_document(text.encode(), NGINX)
    assert document.data.decode() == text
    # the lens itself writes it back, byte for byte
    from devenv.editor.lens import Tree

    if text:
        assert Tree("Nginx.lns", text.encode()).render().decode() == text


@pytest.mark.parametrize(
    "text", ["a b\n", "a }\n", "events { a 1 }\n", "a 'b;\n", "a 'b'c;\n", "http { a 1; }}\n", "a {\n"]
)
def test_what_nginx_does_not_read_is_refused(text: str) -> None:
    with pytest.raises(ParseError) as raised:
        formats.open_document(text.encode(), NGINX)
    assert raised.value.line is not None


def test_a_value_with_comments_between_its_words_is_not_replaced_and_may_go() -> None:
    text = "gzip_types text/css # styles\n  text/plain;\ngzip on;\n"
    with pytest.raises(EditError, match="comments between the words of gzip_types"):
        edited(text, Set("gzip_types", "text/css"))
    assert edited(text, Unset("gzip_types")) == "gzip on;\n"


def test_a_comment_behind_a_block_stays_there() -> None:
    text = "server { listen 80; } # one\n"
    assert edited(text, Set("gzip", "on")) in ("gzip on;\n" + text, text + "gzip on;\n")


def test_the_brace_behind_the_last_directive_gets_a_line() -> None:
    text = "server {\n    listen 80; }\n"
    assert edited(text, Set("server.root", "/srv")) == "server {\n    listen 80;\n    root /srv;\n}\n"


def test_directives_of_a_file_with_crlf_end_so_too() -> None:
    text = "http {\r\n}\r\n"
    assert edited(text, Set("http.server.listen", "80")) == (
        "http {\r\n    server {\r\n        listen 80;\r\n    }\r\n}\r\n"
    )


def test_many_conditions_and_named_groups_are_no_nesting() -> None:
    text = "if ($a) { b c; }\n" * 300 + "map $a $b {\n" + "".join(f"~^(?<x{n}>a)$ b;\n" for n in range(300)) + "}\n"
    assert formats.open_document(text.encode(), NGINX).data.decode() == text


@pytest.mark.parametrize("inner", ["", "# }\n", "a '}';\n", 'a "}\\"}";\n', "a ${b};\n"])
def test_nesting_is_seen_whatever_braces_are_between(inner: str) -> None:
    with pytest.raises(ParseError, match="levels deep"):
        guard.check("Nginx.lns", ("http {\n" + inner).encode() * 5000)


def test_the_lens_is_known_to_call_itself_without_the_table_of_augeas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "stock", tuple)
    with pytest.raises(ParseError, match="more than goes through a lens"):
        guard.check("Nginx.lns", b"a b;\n" * (guard.LARGEST_NESTED // 5 + 1))


def test_the_lens_is_ours() -> None:
    # Augeas's own does not read it
    assert parse("Nginx.lns", b"events { a 1; }\n").root.children[0].children[0].value == "1"


@pytest.mark.parametrize("name", ["a~", "a.bak", "a.orig", "a.dpkg-old", "#a#"])
def test_copies_that_nginx_does_not_read_are_no_files_of_its(name: str) -> None:
    found = filters.of_file(f"/etc/nginx/sites-available/{name}")
    assert found is None or found.lens != "Nginx.lns"


SERVERS = "upstream b { server a; server b backup; }\n"
LINES = "upstream b {\n  server a;  # x\n  server b\n    weight=5;\n}\n"


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        (SERVERS, Set("upstream.@server[0].down", ""), "upstream b { server a down; server b backup; }\n"),
        (SERVERS, Set("upstream.@server[1].down", ""), "upstream b { server a; server b backup down; }\n"),
        (SERVERS, Set("upstream.@server[0].weight", "5"), "upstream b { server a weight=5; server b backup; }\n"),
        (LINES, Set("upstream.@server[0].down", ""), LINES.replace("a;", "a down;")),
        (LINES, Set("upstream.@server[1].backup", ""), LINES.replace("=5;", "=5 backup;")),
        (SERVERS, Set("upstream.@server[0]", "c down weight=2"), SERVERS.replace("a;", "c down weight=2;")),
        (SERVERS, Set("upstream.@server[1]", "b"), SERVERS.replace("b backup", "b")),
        (SERVERS, Set("upstream.@server", ["a down", "b"]), "upstream b { server a down; server b; }\n"),
        (SERVERS, Append("upstream.@server", ("c down",)), SERVERS.replace("backup;", "backup; server c down;")),
        (SERVERS, Append("upstream.@server", ("b backup",), unique=True), SERVERS),
        (LINES, Append("upstream.@server", ("c down",)), LINES.replace("}", "  server c down;\n}")),
    ],
)
def test_a_server_has_flags_and_may_be_given_as_it_is_written(text: str, edit: Edit, expected: str) -> None:
    assert engine.apply(text.encode(), [edit], NGINX).data.decode() == expected


@pytest.mark.parametrize("value", ["a b b", "a b=", "a; b", "a 'b c'", "a } b"])
def test_what_is_no_server_is_refused(value: str) -> None:
    with pytest.raises(EditError):
        engine.apply(SERVERS.encode(), [Append("upstream.@server", (value,))], NGINX)
