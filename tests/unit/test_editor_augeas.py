"""Files read with a lens: which lens a name goes by, what a path names in a tree, and what is refused."""

import os
import re
from typing import Any

import pytest

from devenv.editor import engine, formats
from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.lens import Tree, shared
from devenv.editor.trees import filters, guard
from devenv.editor.values import Number, Untyped
from devenv.errors import EditError, ParseError, PathNotFound, ToolMissing

SSH = b"AddKeysToAgent yes\n\nHost a b\n    User one\n\nHost c\n    User two\n    SendEnv LANG\n"
SSHD = b"# said\nPort 22\nPort 2222\nAcceptEnv LANG LC_*\n\nMatch User x\n\tPermitTTY no\n"
HOSTS = b"127.0.0.1 localhost\n# two\n10.0.0.5 box b\n"


def read(name: str, text: bytes, path: str) -> Any:
    from devenv.editor.keypath import parse

    document = formats.open_document(text, formats.of_file(name))
    key = parse(path, tree=True)
    found = document.select(key.query) if key.query else document.find(key.steps)
    values = [document.read(steps) for steps in found]
    return values[0] if len(values) == 1 else values


def edited(name: str, text: bytes, *edits: Any) -> str:
    return engine.apply(text, list(edits), formats.of_file(name)).data.decode()


def put(path: str, value: str) -> Set:
    return Set(path, Untyped(value))


@pytest.mark.parametrize(
    ("path", "lens"),
    [
        ("/etc/hosts", "Hosts.lns"),
        ("/srv/tests/hosts", "Hosts.lns"),
        ("/srv/sshd_config", "Sshd.lns"),
        ("/srv/backup/etc/fstab", "Fstab.lns"),
        ("/home/me/.ssh/config", "Ssh.lns"),
        ("/srv/etc/sysctl.d/99-local.conf", "Sysctl.lns"),
        ("/etc/sudoers.d/me", "Sudoers.lns"),
        ("/etc/logrotate.d/app", "Logrotate.lns"),
        ("/srv/app.service", "Systemd.lns"),
        ("/etc/systemd/system/app.service.d/override.conf", "Systemd.lns"),
        ("/etc/php/8.2/fpm/php.ini", "PHP.lns"),
        ("/srv/php.ini", "PHP.lns"),
        ("/srv/my.cnf", "MySQL.lns"),
        ("/srv/nginx.conf", "Nginx.lns"),
        ("/srv/httpd.conf", "Httpd.lns"),
        ("/etc/default/grub", "Shellvars.lns"),
        ("/srv/anything.ini", "Ini.lns"),
        ("/srv/anything.conf", "Ini.lns"),
        ("/srv/.editorconfig", "Ini.lns"),
        ("/srv/.npmrc", "Npmrc.lns"),
        ("/srv/pom.xml", "Xml.lns"),
        ("/srv/logo.svg", "Xml.lns"),
        ("/etc/strongswan.d/charon/dhcp.conf", "Strongswan.lns"),
        ("/etc/nginx/snippets/tls.conf", "Nginx.lns"),
        ("/srv/nginx/conf.d/a.conf", "Nginx.lns"),
        ("/srv/nginx/sites-available/a", "Nginx.lns"),
        ("/etc/nginx/a.conf", "Nginx.lns"),
        ("/srv/rootfs/etc/nginx/a.conf", "Nginx.lns"),
        ("/srv/nginx/default.conf", "Nginx.lns"),
        ("/srv/nginx/fastcgi_params", "Nginx.lns"),
        ("/srv/nginx/supervisord.conf", "Ini.lns"),
        ("/srv/nginx/php.conf", "Ini.lns"),
        ("/srv/nginx/php/conf.d/a.conf", "Ini.lns"),
        ("/srv/nginx/templates/a.conf", "Ini.lns"),
        ("/srv/nginx/php.ini", "PHP.lns"),
        ("/etc/apache2/sites-enabled/a.conf", "Httpd.lns"),
        ("/etc/apache2/conf-enabled/security.conf", "Httpd.lns"),
        ("/srv/apache2/sites-available/000-default.conf", "Httpd.lns"),
        ("/srv/sites-available/000-default.conf", "Httpd.lns"),
        ("/srv/httpd/conf.d/a.conf", "Httpd.lns"),
        ("/usr/local/apache2/conf/extra/a.conf", "Httpd.lns"),
        ("/etc/apache2/a.conf", "Httpd.lns"),
        ("/srv/apache2/supervisord.conf", "Ini.lns"),
        ("/srv/apache/airflow/conf/airflow.conf", "Ini.lns"),
        ("/srv/apache/kafka/conf/a.conf", "Ini.lns"),
        ("/srv/apache2/php/conf/a.conf", "Ini.lns"),
        ("/etc/httpd/conf/httpd.conf", "Httpd.lns"),
        ("/srv/httpd/httpd.conf", "Httpd.lns"),
        ("/srv/etc/httpd/httpd.conf", "Httpd.lns"),
        ("/srv/var/www/openshift/broker/httpd/httpd.conf", "OpenShift_Http.lns"),
        ("/srv/sshd_config.d/a.conf", "Sshd.lns"),
        ("/srv/ssh_config.d/a.conf", "Ssh.lns"),
        ("/srv/other/conf.d/a.conf", "Ini.lns"),
        ("/etc/ssl/openssl.cnf", "Ini.lns"),
        ("/etc/mysql/mariadb.conf.d/50-server.cnf", "MySQL.lns"),
        ("/srv/mysql/conf.d/a.cnf", "MySQL.lns"),
        ("/srv/mysqld.cnf", "MySQL.lns"),
        ("/srv/dovecot/conf.d/10-auth.conf", "Dovecot.lns"),
        ("/srv/web.config", "Xml.lns"),
    ],
)
def test_a_file_goes_by_its_path_the_end_of_it_or_its_name(path: str, lens: str) -> None:
    assert formats.of_file(path).lens == lens


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/srv/config",
            "/srv/sysctl.d/README",
            "/srv/logrotate.d/app",
            "/srv/sites-enabled/a.conf",
            "/etc/hosts.bak~",
        ),
        # in languages of their own, which are taken for INI where only the suffix is known
        *("/srv/haproxy.cfg", "/etc/bind/named.conf", "/etc/unbound/unbound.conf", "/srv/.tmux.conf"),
    ],
)
def test_a_name_that_says_nothing_goes_by_no_lens(path: str) -> None:
    with pytest.raises(EditError, match="no format is known"):
        formats.of_file(path)


@pytest.mark.parametrize("path", ["/srv/a.json", "/srv/a.yaml", "/srv/a.toml", "/etc/openshift/quickstarts.json"])
def test_json_yaml_and_toml_are_not_read_with_the_lenses_of_augeas(path: str) -> None:
    assert formats.of_file(path).backend in ("json", "yaml", "toml")
    assert formats.of_lens("Toml").backend == "augeas"


def test_every_format_is_listed_once_with_its_lens_and_patterns() -> None:
    listed = filters.formats()
    assert len({fmt.name for fmt in listed}) == len(listed) > 180
    assert all(fmt.lens and fmt.patterns for fmt in listed)
    assert {fmt.lens for fmt in listed}.isdisjoint({"Json.lns", "Yaml.lns", "Toml.lns"})


def test_a_lens_of_ours_is_found_by_its_file_alone() -> None:
    text = '(* incl "/not/this" *)\nmodule New =\nautoload xfm\nlet lns = x\nlet filter = incl "*.new"\n'
    text += '  . incl "/etc/new"\n'
    text += '  . (incl (Sys.getenv("HOME") . "/.newrc"))\n  . excl "old.new"\nlet xfm = transform lns filter\n'
    fmt, but = filters._filter_of(text)
    assert (fmt.name, fmt.lens) == ("new", "New.lns")
    assert fmt.patterns == ("*.new", "/etc/new", "~/.newrc")
    assert but == ("old.new",)


def test_a_lens_that_is_not_there_is_named_with_how_to_get_it() -> None:
    with pytest.raises(ToolMissing, match=r"Nosuch\.lns") as raised:
        formats.open_document(b"a\n", formats.of_lens("Nosuch"))
    assert raised.value.install == "apt-get install augeas-lenses"


@pytest.mark.parametrize("lens", ["../x.lns", "Hosts.lns or true", "Hosts.", "a.b.c", "Hösts.lns"])
def test_what_is_no_name_of_a_lens_is_refused(lens: str) -> None:
    with pytest.raises(EditError, match="no name of a lens"):
        formats.open_document(b"a\n", formats.of_lens(lens))


def test_a_repeated_label_is_an_array_and_crossing_it_takes_an_index() -> None:
    assert read(".ssh/config", SSH, "Host") == [
        {".": "a b", "User": "one"},
        {".": "c", "User": "two", "SendEnv": ["LANG"]},
    ]
    assert read(".ssh/config", SSH, "Host[-1].User") == "two"
    assert read(".ssh/config", SSH, "Host.User") == ["one", "two"]
    with pytest.raises(EditError, match="ambiguous") as raised:
        edited(".ssh/config", SSH, put("Host.User", "x"))
    assert "Host[0].User" in str(raised.value.hint)
    with pytest.raises(EditError, match="ambiguous"):
        edited("sshd_config", SSHD, put("Port", "80"))


def test_a_match_selects_by_a_nodes_value_or_a_childs() -> None:
    assert read(".ssh/config", SSH, 'Host[. = "c"].User') == "two"
    assert read(".ssh/config", SSH, 'Host[User = "one"]')["."] == "a b"
    assert read("hosts", HOSTS, '[canonical = "box"].ipaddr') == "10.0.0.5"
    # one node is selected like one of several
    assert read(".ssh/config", b"Host a\n  User b\n", 'Host[. = "a"].User') == "b"
    assert read(".ssh/config", b"Host a\n  User b\n", "Host[0].User") == "b"


def test_entries_a_lens_numbers_are_an_array() -> None:
    assert read("hosts", HOSTS, "[1]") == {"ipaddr": "10.0.0.5", "canonical": "box", "alias": "b"}
    assert read("hosts", HOSTS, "[-1].canonical") == "box"
    assert read("hosts", HOSTS, "2.canonical") == "box"
    assert read("hosts", HOSTS, "[2]") == []
    # keys of digits are keys
    assert read("x.ini", b"[a]\n1 = x\n2 = y\n", "a") == {"1": "x", "2": "y"}


def test_comments_are_no_values_but_can_be_asked_for() -> None:
    assert read("hosts", HOSTS, '"#comment"') == "two"
    assert "said" not in str(read("sshd_config", SSHD, "$"))
    assert edited("hosts", HOSTS, put('"#comment"', "three")) == HOSTS.decode().replace("# two", "# three")


def test_an_existing_label_joins_steps_and_a_new_one_is_made_as_the_lens_takes_it() -> None:
    text = b"net.ipv4.ip_forward = 0\n"
    assert edited("sysctl.conf", text, put("net.ipv4.ip_forward", "1")) == "net.ipv4.ip_forward = 1\n"
    assert edited("sysctl.conf", text, put("vm.swappiness", "1")).endswith("\nvm.swappiness = 1\n")
    assert edited("x.ini", b"[a.b]\nc = 1\n", put("a.b.c", "2")) == "[a.b]\nc = 2\n"
    assert edited("x.ini", b"[a]\nc = 1\n", put("a.b.d", "2")) == "[a]\nc = 1\nb.d = 2\n"


def test_keys_in_any_case_are_one_where_the_program_has_it_so() -> None:
    assert edited("sshd_config", b"PermitRootLogin yes\n", put("permitrootlogin", "no")) == "PermitRootLogin no\n"
    assert edited("x.ini", b"[a]\nKey = 1\n", put("a.key", "2")) == "[a]\nKey = 2\n"
    assert edited("x.ini", b"Key = 1\n[a]\n", put("KEY", "2")) == "Key = 2\n[a]\n"
    assert edited("x.ini", b"[a]\nb = 1\n", put("A.b", "2")) == "[a]\nb = 1\n\n[A]\nb = 2\n"


def test_expressions_select_write_and_make() -> None:
    assert read(".ssh/config", SSH, 'Host[. = "c"]/User') == "two"
    assert read(".ssh/config", SSH, "//User") == ["one", "two"]
    assert edited(".ssh/config", SSH, put('Host[. = "c"]/Port', "22")).endswith("    SendEnv LANG\n    Port 22\n")
    assert edited("sshd_config", SSHD, put("AcceptEnv/3", "TERM")).count("LANG LC_* TERM") == 1
    assert edited(".ssh/config", SSH, put("//User", "x")).count("User x") == 2
    with pytest.raises(PathNotFound, match="nothing matches"):
        edited(".ssh/config", SSH, put("Host/Port", "22"))
    with pytest.raises(EditError, match="not a path expression"):
        edited(".ssh/config", SSH, put("Host[/User", "22"))


def test_an_entry_of_several_parts_is_made_by_several_edits() -> None:
    done = edited("hosts", HOSTS, put("01/ipaddr", "10.0.0.6"), put("01/canonical", "db"), put("01/alias", "sql"))
    assert done == HOSTS.decode() + "10.0.0.6 db sql\n"
    with pytest.raises(EditError, match="cannot hold that"):
        edited("hosts", HOSTS, put("[2].ipaddr", "10.0.0.6"))
    with pytest.raises(EditError, match="cannot hold that"):
        edited("hosts", HOSTS, put("[2].ipaddr", "10.0.0.6"), put("[0].canonical", "x"))


def test_a_list_is_repeated_labels_or_numbered_children_as_the_lens_wants() -> None:
    assert edited("sshd_config", b"UsePAM yes\n", Set("Port", [22, 80])) == "UsePAM yes\nPort 22\nPort 80\n"
    assert edited("sshd_config", b"UsePAM yes\n", Set("AllowUsers", ["a", "b"])) == "UsePAM yes\nAllowUsers a b\n"
    assert edited("sshd_config", SSHD, Set("Port", ["80"])).count("Port") == 1
    assert edited("sshd_config", SSHD, Append("Port", (Number("80"),))).count("Port") == 3
    assert edited("sshd_config", SSHD, Append("AcceptEnv", (Untyped("LANG"),), unique=True)) == SSHD.decode()
    assert (
        edited("resolv.conf", b"nameserver 1.1.1.1\n", Append("nameserver", (Untyped("9.9.9.9"),))).count("9.9.9") == 1
    )


def test_an_entry_that_is_there_with_more_to_it_is_not_appended_again() -> None:
    text = b"/srv a(ro) b(ro,sync)\n"
    assert edited("etc/exports", text, Append("dir.client", (Untyped("b"),), unique=True)) == text.decode()
    done = edited("etc/exports", text, Append("dir.client", tuple(map(Untyped, "abc")), unique=True))
    assert done == "/srv a(ro) b(ro,sync) c\n"


def test_what_cannot_be_without_its_last_entry_goes_as_a_whole() -> None:
    assert edited("sshd_config", b"Subsystem sftp /x\nPort 22\n", Unset("Subsystem.sftp")) == "Port 22\n"
    with pytest.raises(EditError, match="cannot hold that"):
        edited("hosts", b"10.0.0.1 a\n", Unset("[0].canonical"))


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("[a]\nl =\n  one\n  ; last\n\n[b]\n", "[a]\nl =\n  one\n  ; last\nz = 1\n\n[b]\n"),
        ("[a]\nl = 1\n; next\n\n[b]\n", "[a]\nl = 1\nz = 1\n; next\n\n[b]\n"),
        ("[a]\n  l = 1\n  ; next\n", "[a]\n  l = 1\n  z = 1\n  ; next\n"),
    ],
)
def test_a_new_key_does_not_come_between_the_lines_of_a_list_and_the_comment_of_its_last(text: str, done: str) -> None:
    assert edited("x.ini", text.encode(), put("a.z", "1")) == done


def test_json_that_is_refused_as_a_text_says_how_to_give_it() -> None:
    with pytest.raises(EditError) as raised:
        edited("nginx.conf", b"http {\n}\n", put("http.server", '{"listen": 1}'))
    assert raised.value.hint == "it was taken as a text: --type json takes it as JSON"
    with pytest.raises(EditError) as raised:
        edited("nginx.conf", b"http {\n}\n", put("http.root", "{ x"))
    assert raised.value.hint is not None
    assert "json" not in raised.value.hint


def test_of_several_values_the_refused_one_is_named() -> None:
    with pytest.raises(EditError, match=r"^a\.k: a value of an INI file is one line"):
        edited("x.ini", b"[a]\nk = 1\n", put("a.p", "1"), put("a.k", "one\ntwo"))
    with pytest.raises(EditError, match=r"^a is an object, and can be no single value in this format$"):
        edited("x.ini", b"[a]\nk = 1\n", put("b", "1"), put("a", "2"))


def test_all_values_are_text_and_none_is_the_empty_one() -> None:
    done = edited("x.ini", b"[a]\nk = 1\n", Set("a", {"k": 1, "t": True, "n": None, "f": Number("1.50")}))
    assert done == "[a]\nk = 1\nt = true\nn =\nf = 1.50\n"
    assert edited("x.ini", done.encode(), Set("a.k", 1), Set("a.t", True), Set("a.n", None)) == done
    with pytest.raises(EditError, match="cannot hold that"):
        edited("x.ini", b"[a]\nk = 1\n", Set("a.k", {"x": {"y": "z"}}))


def test_an_array_is_replaced_by_a_value_only_with_force() -> None:
    text = b"[a]\nk =\n    one\n    two\n"
    with pytest.raises(EditError, match="is an array"):
        edited("x.ini", text, put("a.k", "x"))
    assert edited("x.ini", text, Set("a.k", Untyped("x"), force=True)) == "[a]\nk =\n    x\n"


def test_merge_goes_into_sections() -> None:
    done = edited("x.ini", b"[a]\nk = 1\n\n[b]\nl = 2\n", Merge("", {"a": {"k": "3"}, "c": {"m": "4"}}))
    assert done == "[a]\nk = 3\n\n[b]\nl = 2\n\n[c]\nm = 4\n"


def test_what_follows_a_removed_section_keeps_its_comment() -> None:
    text = b"[a]\nk = 1\n\n# about b\n[b]\nl = 2\n"
    assert edited("x.ini", text, Unset("a")) == "# about b\n[b]\nl = 2\n"
    assert edited("x.ini", text, Unset("b")) == "[a]\nk = 1\n\n# about b\n"


@pytest.mark.parametrize("name", ["hosts", "x.ini"])
def test_line_ends_mark_encoding_and_a_missing_last_end_stay(name: str) -> None:
    path, line = ("[0].canonical", "1.1.1.1 {}") if name == "hosts" else ("a", "a = {}")
    for form in ("{}\r\n# é\r\n", "\ufeff{}\n", "{}", "\ufeff{}\r\n"):
        text = form.format(line.format("old")).encode()
        assert edited(name, text, put(path, "new")) == form.format(line.format("new"))
    latin = line.format("old").encode() + b" # \xe9\n"
    done = engine.apply(latin, [put(path, "n\xe9w")], formats.of_file(name)).data
    assert done == line.format("n\xe9w").encode("latin-1") + b" # \xe9\n"
    with pytest.raises(EditError, match="not UTF-8"):
        engine.apply(latin, [put(path, "€")], formats.of_file(name))


@pytest.mark.parametrize(
    ("name", "text", "line", "column"),
    [
        ("hosts", b"127.0.0.1 a\n10.0.0.5\n", 2, 9),
        ("x.ini", b"[a]\nk = 1\n[b\n", 3, 1),
        ("nginx.conf", b"user x;\nevents { a 1 }\n", 2, 9),
        ("pom.xml", b"<a>\n  <b>\n</a>\n", 3, 3),
        ("hosts", b"127.0.0.1 a\n1\0\n", 2, 2),
    ],
)
def test_a_text_that_is_not_in_its_format_is_refused_with_the_place(
    name: str, text: bytes, line: int, column: int
) -> None:
    with pytest.raises(ParseError) as raised:
        formats.open_document(text, formats.of_file(name))
    assert "\n" not in raised.value.message
    assert (raised.value.line, raised.value.column) == (line, column)


@pytest.mark.parametrize("value", ["a\0b", "a\rb", "\ud800", "a\nb"])
def test_what_cannot_be_written_is_refused_in_one_line(value: str) -> None:
    with pytest.raises(EditError) as raised:
        edited("hosts", HOSTS, put("[0].canonical", value))
    assert "\n" not in raised.value.message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pom.xml", b"<a>" * 20_000 + b"</a>" * 20_000),
        ("pom.xml", b"<a>" * 20_000),
        ("nginx.conf", b"http {\n" * 20_000 + b"}\n" * 20_000),
        ("httpd.conf", b"<A>\n" * 20_000 + b"</A>\n" * 20_000),
        ("/etc/default/x", b"if x; then\n" * 20_000 + b"fi\n" * 20_000),
        ("dhcpd.conf", b"group {\n" * 20_000 + b"}\n" * 20_000),
    ],
)
def test_deep_nesting_never_reaches_libaugeas(name: str, text: bytes) -> None:
    with pytest.raises(ParseError, match="levels deep"):
        formats.open_document(text, formats.of_file(name))


def test_a_text_too_large_for_a_lens_is_refused() -> None:
    with pytest.raises(ParseError, match="more than goes through a lens"):
        formats.open_document(b"127.0.0.1 a\n" * 400_000, formats.of_file("hosts"))
    with pytest.raises(ParseError, match="more than goes through a lens"):
        guard.check("Xml.lns", b"<a/>" * (guard.LARGEST_NESTED // 4 + 1))


def test_a_lens_is_not_asked_to_write_what_would_take_it_minutes() -> None:
    large = b"Port 22\n" * 40_000
    assert edited("sshd_config", large, put("UsePAM", "yes")).endswith("22\nUsePAM yes\n")
    with pytest.raises(EditError, match="takes too long"):
        edited("sshd_config", large, Set("AllowUsers", ["a", "b"]))


def test_no_entity_is_expanded() -> None:
    bomb = b'<!DOCTYPE a [\n<!ENTITY b "bbbbbbbb">\n<!ENTITY c "&b;&b;&b;">\n]>\n<a>&c; &lt;</a>\n'
    assert read("pom.xml", bomb, "a") == "&c; <"
    assert edited("pom.xml", bomb, put("a", "&c; x")).endswith("<a>&amp;c; x</a>\n")


def test_characters_of_a_file_in_another_encoding_are_written_as_references() -> None:
    text = b'<?xml version="1.0" encoding="windows-1251"?>\n<a>\xe0</a>\n'
    done = engine.apply(text, [put("a", "é")], formats.of_file("a.xml")).data
    assert done.endswith(b"<a>&#233;</a>\n")


def test_names_that_xml_has_not_are_refused() -> None:
    for path in ('p."a b"', 'p."@a b"', 'p."<x>"', "p.ä"):
        with pytest.raises(EditError, match="no name of an element"):
            edited("pom.xml", b"<p/>\n", put(path, "x"))


def test_what_is_read_is_freed_and_no_file_stays_open() -> None:
    open_files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for number in range(30):
        edited("hosts", HOSTS, put("[0].canonical", f"name{number}"))
    assert len(shared().match("/trees/*")) < 12
    assert shared().match("/files/*") == []
    assert len(os.listdir("/proc/self/fd")) == open_files  # noqa: PTH208


def test_a_lens_that_is_the_one_of_xml_gives_the_same_values() -> None:
    text = b'<activemq id="a"><x>1</x></activemq>\n'
    for lens in ("Xml", "Fonts", "ActiveMQ_XML"):
        document = formats.open_document(text, formats.of_lens(lens))
        assert document.read(()) == {"activemq": {"@id": "a", "x": "1"}}


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        ("etc/hosts", b"127.0.0.1 a\n", "x"),
        ("nginx.conf", b"user x;\n", "user.x"),
        ("sudoers", b"root ALL=(ALL) ALL\n", "x"),
        ("/etc/apache2/sites-available/a.conf", b"Listen 80\n", "directive.x"),
        ("etc/exports", b"/x *(ro)\n", "dir[0].x"),
    ],
)
def test_what_a_lens_cannot_hold_is_said_without_places_inside(name: str, text: bytes, path: str) -> None:
    with pytest.raises(EditError, match="cannot hold that") as caught:
        edited(name, text, put(path, "1"))
    assert not re.search(r"/devenv|/tree|Augeas\.|text_", f"{caught.value.message} {caught.value.hint}")


@pytest.mark.parametrize(
    ("path", "text", "format_"),
    [
        ("/srv/a.conf", b"[a\n", "ini"),
        ("/etc/manpath.config", b"# paths\nMANDATORY_MANPATH /usr/man\n", "xml"),
        ("/srv/a.cnf", b"[a\n", "ini"),
        ("/srv/nginx/conf.d/a.conf", b"a\n", "nginx"),
        ("/srv/ansible/hosts", b"[web]\nh1 ansible_host=1\n", "hosts"),
        ("/srv/app.service", b"a b\n", "systemd"),
    ],
)
def test_an_error_in_a_file_whose_format_was_guessed_says_how_to_name_another(
    path: str, text: bytes, format_: str
) -> None:
    with pytest.raises(ParseError) as raised:
        formats.open_document(text, formats.of_file(path))
    assert raised.value.hint == f"{format_} was guessed by the file's name: --format or --lens names another"
    with pytest.raises(ParseError) as named:
        formats.open_document(text, formats.named(format_))
    assert named.value.hint is None
    assert named.value.message == raised.value.message


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        (b"# all\n<VirtualHost *:80>\n  ServerName a\n</VirtualHost>\n", 2, "--lens Httpd.lns reads"),
        (b"<IfModule mod_ssl.c>\n</IfModule>\n", 1, "--lens Httpd.lns reads"),
        (b"worker_processes 1;\n\nevents {\n}\n", 3, "--lens Nginx.lns reads"),
        (b"table inet filter {\n}\n", 1, "--format or --lens names another"),
        (b"a = {\n  b = 1\n}\n", 1, "--format or --lens names another"),
        (b"<!DOCTYPE busconfig>\n<busconfig/>\n", 1, "--format xml reads"),
        (b"<alias>\n</alias>\n", 1, "--format xml reads"),
        (b"# vpn\nclient\nremote host 1194\nproto udp\nkey = a\n", 3, "--lens Spacevars.simple_lns reads"),
        (b"bind 127.0.0.1 ::1\n", 1, "--lens Spacevars.simple_lns reads"),
    ],
)
def test_a_file_that_only_its_name_makes_ini_is_left_alone_when_its_lines_say_otherwise(
    text: bytes, line: int, hint: str
) -> None:
    with pytest.raises(ParseError) as raised:
        formats.open_document(text, formats.of_file("/srv/app.conf"))
    assert (raised.value.line, raised.value.reason) == (line, "INI has no such line")
    assert raised.value.hint is not None
    assert raised.value.hint.startswith(f"ini was guessed by the file's name: {hint}")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"# nothing yet\n",
        b"loop\ndummy\n",
        b"a = 1\nb c = 2\n",
        b"[a]\nb c\nd e\nformat =\n  <b>\njson = {\n  }\n",
        b"key: <b>\n",
        b"a=1\n; x {\n",
    ],
)
def test_what_may_be_ini_is_read_as_such(text: bytes) -> None:
    formats.open_document(text, formats.of_file("/srv/app.conf"))


def test_who_names_the_format_of_a_file_is_believed() -> None:
    formats.open_document(b"save 60 1\n", formats.named("ini"))
    formats.open_document(b"save 60 1\n", formats.of_file("/srv/app.ini"))


@pytest.mark.parametrize("path", ["/srv/a.ini", "/etc/hosts", "/srv/etc/hosts", "/srv/.env", "/srv/pom.xml"])
def test_a_name_that_tells_the_format_is_no_guess(path: str) -> None:
    assert not formats.of_file(path).guessed


@pytest.mark.parametrize("mark", ["\x03", "\x04"])
def test_the_characters_that_libaugeas_marks_its_own_with_never_reach_it(mark: str) -> None:
    # it ends the process on an assertion
    tree = Tree("MySQL.lns", b"[mysqld]\nport = 1\n")
    with pytest.raises(EditError, match="cannot be written"):
        tree.set("target/a", f":{mark}")
    with pytest.raises(EditError, match="cannot be written"):
        tree.set(f"target/a{mark}", "#")
    with pytest.raises(EditError, match="cannot be written"):
        tree.insert("target", mark, before=True)
    tree = Tree("MySQL.lns", f"[mysqld]\nport = {mark}\n".encode())
    tree.set("target/a", "#")
    with pytest.raises(EditError, match="cannot be written"):
        tree.render()


def test_a_text_is_something_else_than_a_value_with_entries_behind_it() -> None:
    document: Any = formats.open_document(b"UUID=1 / ext4 rw,uid=5 0 1\n", formats.of_file("fstab"))
    have = document.read((0, "opt"))
    assert have == ["rw", {".": "uid", "value": "5"}]
    assert document.same(have, ["rw", "uid=5"])
    assert not document.same(have, ["rw", "uid"])
    # lines of a block are no part of what stands behind its key, nor is the time of a job
    block: Any = formats.open_document(b"Host a\n  User b\n", formats.of_file(".ssh/config"))
    assert block.same(block.read(("Host",)), "a")
    job: Any = formats.open_document(b"@daily root /a\n", formats.of_file("/etc/crontab"))
    assert job.same(job.read(("entry",)), "/a")


def test_lists_that_are_merged_keep_nothing_of_the_entries_they_replace() -> None:
    text = b"UUID=1 / ext4 rw,uid=5,nofail 0 1\n"
    assert edited("fstab", text, Merge("[0].opt", ["ro", "nofail"])) == "UUID=1 / ext4 ro,nofail 0 1\n"


@pytest.mark.parametrize("edit", [Set("$", 1), Set("$", 1, force=True), Append("$", ("x",)), Merge("", [1])])
def test_a_file_of_sections_that_go_by_their_names_is_no_value_and_no_array(edit: Edit) -> None:
    with pytest.raises(EditError):
        engine.apply(b"[mysqld]\nport = 1\n", [edit], formats.of_file("my.cnf"))


@pytest.mark.parametrize("path", ["mysqld/port", "new/port", "1/port"])
def test_an_expression_makes_no_section_that_it_would_not_find_again(path: str) -> None:
    with pytest.raises(PathNotFound) as raised:
        engine.apply(b"[mysqld]\nbind = 1\n", [Set(path, "1")], formats.of_file("my.cnf"))
    assert raised.value.hint is not None
    by_dots = raised.value.hint.rpartition(": ")[2]
    done = engine.apply(b"[mysqld]\nbind = 1\n", [Set(by_dots, "1")], formats.of_file("my.cnf"))
    assert b"port" in done.data
    assert not engine.apply(done.data, [Set(by_dots, "1")], formats.of_file("my.cnf")).changed


def test_an_expression_adds_to_a_section_it_finds() -> None:
    fmt = formats.of_file("my.cnf")
    done = engine.apply(b"[mysqld]\nbind = 1\n", [Set('target[. = "mysqld"]/port', "1")], fmt)
    assert b"port" in done.data
    assert not engine.apply(done.data, [Set('target[. = "mysqld"]/port', "1")], fmt).changed
