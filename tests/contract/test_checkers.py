"""What the editor makes of a program's configuration, judged by the program itself."""

import configparser
import os
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from devenv.editor import engine, formats, keypath
from devenv.editor.edits import Append, Set, Unset
from devenv.editor.values import Untyped
from devenv.errors import EditError

pytestmark = pytest.mark.contract


def put(path: str, value: str) -> Set:
    return Set(path, Untyped(value))


def written(folder: Path, name: str, text: str, edits: list[Any], *, lens: str | None = None) -> Path:
    """Write what edits make of a text, one by one, to a file of that name."""
    fmt = formats.of_lens(lens) if lens else formats.of_file(name)
    data = text.encode()
    for edit in edits:
        data = engine.apply(data, [edit], fmt).data
    file = folder / Path(name).name
    file.write_bytes(data)
    file.chmod(0o440 if name == "sudoers" else 0o644)
    return file


def judged(*argv: str | Path) -> tuple[int, str]:
    done = subprocess.run([str(arg) for arg in argv], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


SSHD = """\
# settings
Port 22
#PermitRootLogin prohibit-password
AcceptEnv LANG LC_*
Subsystem	sftp	/usr/lib/openssh/sftp-server

Match User anoncvs
	X11Forwarding no
"""
SSHD_EDITS = [
    put("PermitRootLogin", "no"),
    Append("Port", (Untyped("2222"),)),
    Append("AcceptEnv", (Untyped("COLORTERM"),)),
    Set("AllowUsers", ["alice", "bob"]),
    Set("Ciphers", ["aes256-ctr", "aes128-ctr"]),
    put("Match.Settings.PermitTTY", "no"),
    Append("Match", ({"Condition": {"Group": "sftponly"}, "Settings": {"ForceCommand": "internal-sftp"}},)),
    put("Subsystem.sftp", "internal-sftp"),
    put("MaxAuthTries", "3"),
    Unset("Port[0]"),
]


@pytest.fixture(scope="module")
def host_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.geteuid() == 0:
        # the package makes it when the server starts, which it need not
        Path("/run/sshd").mkdir(exist_ok=True)
    key = tmp_path_factory.mktemp("keys") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=60)
    return key


@pytest.mark.parametrize("count", range(len(SSHD_EDITS) + 1))
def test_sshd_takes_every_step(tmp_path: Path, host_key: Path, count: int) -> None:
    file = written(tmp_path, "sshd_config", SSHD, SSHD_EDITS[:count])
    assert judged("/usr/sbin/sshd", "-t", "-h", host_key, "-f", file) == (0, "")


def test_sshd_reads_the_values_that_were_set(tmp_path: Path, host_key: Path) -> None:
    file = written(tmp_path, "sshd_config", SSHD, SSHD_EDITS)
    code, said = judged("/usr/sbin/sshd", "-T", "-h", host_key, "-f", file)
    assert code == 0
    for line in ("port 2222", "permitrootlogin no", "maxauthtries 3", "acceptenv COLORTERM", "allowusers alice"):
        assert f"\n{line}\n" in f"\n{said}", line
    assert "port 22\n" not in said


SUDOERS = """\
Defaults	env_reset
Defaults	secure_path="/usr/sbin:/usr/bin:/sbin:/bin"

# User privilege specification
root	ALL=(ALL:ALL) ALL
%sudo	ALL=(ALL:ALL) ALL
"""
SUDOERS_EDITS = [
    put('spec[user = "%sudo"].host_group.command.tag', "NOPASSWD"),
    Append("Defaults", ({"timestamp_timeout": "5"},)),
    Append("spec", ({"user": "deploy", "host_group": {"host": "ALL", "command": "/usr/bin/systemctl"}},)),
    put("spec[0].host_group.command.runas_user", "root"),
    Unset("Defaults[0]"),
    Unset("spec[1]"),
]


@pytest.mark.parametrize("count", range(len(SUDOERS_EDITS) + 1))
def test_visudo_takes_every_step(tmp_path: Path, count: int) -> None:
    file = written(tmp_path, "sudoers", SUDOERS, SUDOERS_EDITS[:count])
    code, said = judged("/usr/sbin/visudo", "-c", "-s", "-f", file)
    assert code == 0, said


NGINX = """\
worker_processes auto;

events {
	worker_connections 768;
}

http {
	# server_tokens off;
	gzip on;   # saves a lot

	server {
		listen 127.0.0.1:18080;
		server_name example.org;

		location / {
			root /var/www/html;
		}
	}
}
"""
NGINX_EDITS = [
    put("events.worker_connections", "1024"),
    put("http.server_tokens", "off"),
    put("http.gzip", "off"),
    put("http.client_max_body_size", "10m"),
    Append("http.server.location", ({"#uri": "/static", "alias": "/srv/static"},)),
    put('http/server/location[#uri = "/static"]/autoindex', "on"),
    put("http.server.server_name", "www.example.org"),
    Unset("http.gzip"),
    Unset("http.server.location[0]"),
]


@pytest.mark.parametrize("count", range(len(NGINX_EDITS) + 1))
def test_nginx_takes_every_step(tmp_path: Path, count: int) -> None:
    file = written(tmp_path, "nginx.conf", NGINX, NGINX_EDITS[:count])
    told = f"pid {tmp_path}/pid; error_log stderr;"
    code, said = judged("/usr/sbin/nginx", "-t", "-q", "-p", tmp_path, "-g", told, "-c", file)
    assert code == 0, said


NGINX_LINES = """\
events { worker_connections 768; }
http { # all of it
	gzip on; gzip_vary on; # both
	map $uri $moved { default ""; /old /new; "~^/a b" /c; }
	map $host $name {
		default    a;
		*.a.org    b;
	}
	geo $inner { default 0; 10.0.0.0/8 1; }
	types { text/html html; }
	log_format short '$remote_addr'
		'"$request;{}"';
	upstream app { server 127.0.0.1:8000 weight=5; server 127.0.0.1:8001 backup; }
	server { listen 127.0.0.1:18080; server_name a.org; location / { return 200 "ok"; } }
	server {
		listen 127.0.0.1:18081;
		if ($request_method = "PURGE") { return 405; }
		location ~ "^/[a-z]{2}/" { limit_except GET { deny all; } }
		location /empty { }
	} # the last
}
"""
NGINX_LINES_EDITS = [
    put("events.multi_accept", "on"),
    put("http.gzip_vary", "off"),
    put("http.tcp_nopush", "on"),
    Unset("http.gzip"),
    put("http.map[0].default", "/"),
    Append("http.map[0].@entry", ({"#key": "~^/(.*)/x$", "#value": "'/y z/$1'"},)),
    Append("http.map[0].@entry", ({"#key": '"/a;{b}"', "#value": "/c"},)),
    put('http.map[1]."b.org"', "c"),
    Append("http.geo.192.168.0.0", ({".": "2", "mask": "16"},)),
    Append("http.types.image", ({".": "png", "sub_type": "png"},)),
    put("http.log_format", "short '$remote_addr'"),
    Append("http.upstream.@server", ({"@address": "unix:/run/a.sock", "max_fails": "3"},)),
    put("http.upstream.@server[0].down", ""),
    put("http.upstream.@server[1]", "127.0.0.1:8002 weight=2 down"),
    Append("http.upstream.@server", ("127.0.0.1:8003 backup",)),
    put("http.server[0].root", "/srv"),
    put('http.server[0].location[#uri = "/"].return', '200 "a; {b} # c"'),
    put("http.server[1].if.#cond", '($request_method = "a } b")'),
    put('http.server[1].location[#uri = "/empty"].return', "404"),
    put("http.server[1].location[0].limit_except.allow", "127.0.0.1"),
    Append("http.server[1].location", ({"#uri": "/new", "location": {"#uri": "/new/er", "return": "404"}},)),
    Append("http.server", ({"listen": "127.0.0.1:18082", "location": {"#uri": "/", "return": "404"}},)),
    Unset("http.server[1].if"),
    Unset("http.server[0].location"),
    Unset("http.server[0].server_name"),
]


@pytest.mark.parametrize("count", range(len(NGINX_LINES_EDITS) + 1))
def test_nginx_takes_every_step_in_a_file_of_one_line_blocks(tmp_path: Path, count: int) -> None:
    file = written(tmp_path, "nginx.conf", NGINX_LINES, NGINX_LINES_EDITS[:count])
    told = f"pid {tmp_path}/pid; error_log stderr;"
    code, said = judged("/usr/sbin/nginx", "-t", "-q", "-p", tmp_path, "-g", told, "-c", file)
    assert code == 0, said


@pytest.mark.parametrize(
    ("path", "value", "taken"),
    [
        ("@server[0].weight", "", False),
        ("@server[0].max_fails", "", False),
        ("@server[2]", "127.0.0.1:1 backup", True),
        ("@server[0].down", "", True),
        ("@server[0].down", "1", False),
        ("@server[1].backup", "true", False),
        ("@server[0]", "127.0.0.1:1 weight", False),
        ("@server[0]", "127.0.0.1:1 weight=", False),
        ("@server[0]", "127.0.0.1:1 down=1", False),
        ("@server[0]", "127.0.0.1:1 down max_conns=2", True),
        ("@server[2]", "127.0.0.1:1 max_fails", False),
        ("@server[2]", "127.0.0.1:1 max_fails=2", True),
    ],
)
def test_a_server_of_nginx_has_flags_and_settings(tmp_path: Path, path: str, value: str, taken: bool) -> None:
    edit = put(f"http.upstream.{path}", value)
    if not taken:
        with pytest.raises(EditError):
            written(tmp_path, "nginx.conf", NGINX_LINES, [edit])
        return
    file = written(tmp_path, "nginx.conf", NGINX_LINES, [edit])
    told = f"pid {tmp_path}/pid; error_log stderr;"
    code, said = judged("/usr/sbin/nginx", "-t", "-q", "-p", tmp_path, "-g", told, "-c", file)
    assert code == 0, said


HOSTILE = [
    "a } b",
    "a { b",
    "}",
    "{",
    "a}b",
    "a;b",
    "a\\",
    "\\",
    "a\\;",
    "",
    "''",
    "'a } b'",
    "'a",
    'a "b',
    '"',
    "'a'b",
    "# a",
]
HOSTILE += [
    "a # b",
    "it's",
    "${x}",
    "$x{",
    "a\\ b",
    "<a>",
    "a>b",
    "</VirtualHost>",
    "é",
    "a\tb",
    "-",
    "~^(?<n>.+)\\.x$",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_nginx_reads_on_after_any_value_on_a_line_with_others(tmp_path: Path, value: str) -> None:
    try:
        file = written(tmp_path, "nginx.conf", NGINX_LINES, [put("http.server[0].server_name", value)])
    except EditError:
        return
    file.write_text(file.read_text().replace(" location / {", " include nothing; location / {"))
    told = f"pid {tmp_path}/pid; error_log stderr;"
    code, said = judged("/usr/sbin/nginx", "-t", "-q", "-p", tmp_path, "-g", told, "-c", file)
    assert code != 0
    assert 'nothing" failed' in said


@pytest.mark.parametrize("value", HOSTILE)
def test_nginx_takes_any_value_that_is_not_refused_and_reads_on_after_it(tmp_path: Path, value: str) -> None:
    try:
        file = written(tmp_path, "nginx.conf", NGINX, [put("http.server.server_name", value)])
    except EditError:
        return
    told = f"pid {tmp_path}/pid; error_log stderr;"
    code, said = judged("/usr/sbin/nginx", "-t", "-q", "-p", tmp_path, "-g", told, "-c", file)
    assert code == 0, said
    file.write_text(file.read_text().replace("\t\tlocation /", "\t\tcanary on;\n\t\tlocation /"))
    code, said = judged("/usr/sbin/nginx", "-t", "-q", "-p", tmp_path, "-g", told, "-c", file)
    assert 'unknown directive "canary"' in said


APACHE = """\
ServerRoot "/tmp"
ServerName localhost
ErrorLog /dev/stderr
Listen 127.0.0.1:18081
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so

<Directory />
	Require all denied
</Directory>

<VirtualHost *:18081>
	ServerName example.org
	# where it is
	DocumentRoot "/tmp"
</VirtualHost>
"""
APACHE_EDITS = [
    put("Timeout", "60"),
    put("timeout", "30"),
    Append("Listen", (Untyped("127.0.0.1:18082"),)),
    put("VirtualHost.ServerName", "www.example.org"),
    put("VirtualHost.ServerAlias", "a.example.org b.example.org"),
    put("VirtualHost.DocumentRoot", "/var/tmp"),
    Append("Directory", ({"arg": "/srv", "Require": ["all", "granted"], "Options": "None"},)),
    put("Directory[1].AllowOverride", "None"),
    Append("Directory[1].Require", (Untyped("all denied"),)),
    Unset("Directory[1].Require[1]"),
    put("Directory[0].Require[1]", "granted"),
    Append("VirtualHost", ({"arg": "127.0.0.1:18082", "ServerName": "b.example.org"},)),
    put('VirtualHost[arg = "127.0.0.1:18082"].ErrorDocument', '404 "No \\"such\\" thing"'),
    Append("LoadModule", ("mime_module /usr/lib/apache2/modules/mod_mime.so",)),
    put("TypesConfig", "/dev/null"),
    # as the lens has it
    Append("VirtualHost[1].directive", ({".": "ServerAlias", "arg": ["c.example.org", "d.example.org"]},)),
    put('VirtualHost[1].directive[. = "ServerAlias"].arg[0]', "e.example.org"),
    Unset("VirtualHost[0].ServerAlias"),
    Unset("Directory[0]"),
]


@pytest.mark.parametrize("count", range(len(APACHE_EDITS) + 1))
def test_apache_takes_every_step(tmp_path: Path, count: int) -> None:
    file = written(tmp_path, "apache2.conf", APACHE, APACHE_EDITS[:count])
    code, said = judged("/usr/sbin/apache2", "-t", "-f", file)
    assert code == 0, said


def test_apache_reads_the_values_that_were_set(tmp_path: Path) -> None:
    file = written(tmp_path, "apache2.conf", APACHE, APACHE_EDITS)
    code, said = judged("/usr/sbin/apache2", "-t", "-D", "DUMP_VHOSTS", "-D", "DUMP_MODULES", "-f", file)
    assert code == 0, said
    for part in (" www.example.org (", "127.0.0.1:18082        b.example.org (", "mime_module"):
        assert part in said, part


@pytest.mark.parametrize("value", ["a", "a b", 'a"b', "a\\", "\\\\a", "it's", ' a "b', "{a}", "a\\\\b c", "a\\b"])
def test_apache_reads_a_word_as_it_was_set(tmp_path: Path, value: str) -> None:
    edits = [Append("LoadModule", ("info_module /usr/lib/apache2/modules/mod_info.so",)), Set("ServerAdmin", [value])]
    file = written(tmp_path, "apache2.conf", APACHE, [*edits, Set("Define", ["devenv", value])])
    for name in ("ServerAdmin", "Define[1]"):
        document = formats.open_document(file.read_bytes(), formats.of_file("apache2.conf"))
        (steps,) = document.find(keypath.parse(name, tree=True).steps)
        assert document.read(steps) == value
    file.write_text(file.read_text() + "Error '|${devenv}|'\n")
    code, said = judged("/usr/sbin/apache2", "-t", "-f", file)
    assert code != 0
    # its log has each backslash twice
    assert "|" + value.replace("\\", "\\\\") + "|" in said


@pytest.mark.parametrize("path", ["VirtualHost.ServerName", "VirtualHost.DocumentRoot", "Directory.arg", "ServerAdmin"])
@pytest.mark.parametrize("value", [value for value in [*HOSTILE, '"a b', "'a b", '"a\\"'] if "$" not in value])
def test_apache_takes_any_value_that_is_not_refused(tmp_path: Path, path: str, value: str) -> None:
    try:
        file = written(tmp_path, "apache2.conf", APACHE, [put(path, value)])
    except EditError:
        return
    code, said = judged("/usr/sbin/apache2", "-t", "-f", file)
    known = ("Invalid ServerName", "takes one argument", "is not a directory", "multiple arguments not")
    assert code == 0 or any(part in said for part in known), said


LOGROTATE = """\
weekly
rotate 4

/var/log/nothing/*.log {
	daily
	missingok
	create 0640 root adm
	postrotate
		true
	endscript
}
"""
LOGROTATE_EDITS = [
    put("rotate", "7"),
    put("rule.rotate", "14"),
    put("rule.schedule", "monthly"),
    put("rule.minsize", "1M"),
    Append("rule.file", (Untyped("/var/log/none.log"),)),
    Append("rule", ({"file": "/var/log/other.log", "missingok": "missingok", "rotate": "1"},)),
    Unset("rule[0].create"),
    Unset("rule[1]"),
]


@pytest.mark.parametrize("count", range(len(LOGROTATE_EDITS) + 1))
def test_logrotate_takes_every_step(tmp_path: Path, count: int) -> None:
    file = written(tmp_path, "logrotate.conf", LOGROTATE, LOGROTATE_EDITS[:count])
    code, said = judged("/usr/sbin/logrotate", "-d", "-s", tmp_path / "state", file)
    assert (code, "error:" in said) == (0, False), said


@pytest.mark.parametrize(
    "value", ["me", "Jo Do", "a # b", "a;b", 'say "hi"', "back\\slash", "tab\there", " blank ", "é"]
)
def test_git_reads_the_value_that_was_set(tmp_path: Path, value: str) -> None:
    text = "# mine\n[user]\n\tname = old\n\temail = me@example.org\n"
    file = written(tmp_path, ".gitconfig", text, [put("user.name", value), put("core.editor", value)])
    for key in ("user.name", "core.editor"):
        done = subprocess.run(["git", "config", "-f", file, "-z", key], capture_output=True, timeout=60, check=True)
        assert done.stdout.decode() == value + "\0"


@pytest.mark.parametrize("value", ["me", "a;b", "a # b", r"a\;b", '"me"', "it's", "C:\\dir\\", "[a]=b"])
def test_npm_reads_the_value_that_was_set(tmp_path: Path, value: str) -> None:
    text = "; ours\ninit-author-name = old # why\nproxy=null\n"
    file = written(tmp_path, ".npmrc", text, [Unset("init-author-name"), put("init-author-name", value)])
    argv = ["npm", "config", "get", "init-author-name", "--userconfig", file]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path)
    assert done.stdout == f"{value}\n"


@pytest.mark.parametrize("value", ["me", "a b", "a#b", "$HOME", "it's $5", 'say "hi"', "C:\\my dir\\", "`id`", "a;b"])
def test_a_shell_reads_the_variable_that_was_set(tmp_path: Path, value: str) -> None:
    file = written(tmp_path, ".env", "A='old' # why\nB='x'\n", [put("A", value), put("C", value)])
    code, said = judged("sh", "-c", f'. {file}; printf %s\\\\n "$A" "$B" "$C"')
    assert (code, said) == (0, f"{value}\nx\n{value}\n")


def test_the_kernels_table_of_file_systems_is_read_as_set(tmp_path: Path) -> None:
    text = "# static\n/dev/sda1 /       ext4    errors=remount-ro 0       1\ntmpfs     /tmp    tmpfs   nosuid  0 0\n"
    new = {"spec": "/dev/sdb1", "file": "/data", "vfstype": "xfs", "opt": ["noatime", "nofail"], "dump": 0, "passno": 2}
    edits = [put('[file = "/tmp"].opt', "nodev"), Append("$", (new,)), Unset("[0]")]
    file = written(tmp_path, "fstab", text, edits)
    code, said = judged("findmnt", "--tab-file", file, "-rn", "-o", "SOURCE,TARGET,FSTYPE,OPTIONS")
    assert (code, said) == (0, "tmpfs /tmp tmpfs nodev\n/dev/sdb1 /data xfs noatime,nofail\n")


@pytest.mark.parametrize(
    "value",
    [
        *("plain", "with blanks in it", "100%", "a=b:c", '"quoted"', "/a/b", "#fff", "a;b"),
        *('foo ; python_version < "3.8"', "a # b", '"open'),
    ],
)
def test_pythons_parser_reads_the_value_that_was_set(tmp_path: Path, value: str) -> None:
    text = "[metadata]\nname = thing\nversion = 1.0\n\n[options]\nrequires =\n    a\n    b\n"
    edits = [put("metadata.name", value), put("new.key", value), Append("options.requires", (Untyped("c"),))]
    read = configparser.ConfigParser(interpolation=None)
    read.read(written(tmp_path, "setup.cfg", text, edits), encoding="utf-8")
    assert read["metadata"]["name"] == read["new"]["key"] == value
    assert read["metadata"]["version"] == "1.0"
    assert read["options"]["requires"] == "\na\nb\nc"


@pytest.mark.parametrize("value", ["plain", "a < b & c", "]]>", "'\"", "é 😀", " blank ", "a\nb", "&amp;"])
def test_another_parser_of_xml_reads_the_value_that_was_set(tmp_path: Path, value: str) -> None:
    text = "<?xml version='1.0' encoding='UTF-8'?>\n<p>\n  <!-- c -->\n  <v a='1'>old</v>\n</p>\n"
    edits = [put("p.v", value), put('p.v."@a"', value), put("p.new.deep", value)]
    tree = ElementTree.parse(written(tmp_path, "pom.xml", text, edits)).getroot()
    assert tree.findtext("v") == tree.find("v").attrib["a"] == tree.findtext("new/deep") == value  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "text", "argv"),
    [
        ("sshd_config", "Nonsense yes\n", ["/usr/sbin/sshd", "-t", "-f"]),
        ("sudoers", "root ALL=\n", ["/usr/sbin/visudo", "-c", "-f"]),
        ("nginx.conf", "nonsense on;\n", ["/usr/sbin/nginx", "-t", "-c"]),
        ("apache2.conf", "Nonsense on\n", ["/usr/sbin/apache2", "-t", "-f"]),
        ("logrotate.conf", "/a {\n nonsense\n", ["/usr/sbin/logrotate", "-d"]),
    ],
)
def test_the_judges_would_say_no(tmp_path: Path, name: str, text: str, argv: list[str]) -> None:
    file = tmp_path / name
    file.write_text(text)
    code, said = judged(*argv, file)
    assert code != 0 or "error:" in said
