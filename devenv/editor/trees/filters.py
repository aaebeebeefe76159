"""Which lens a file name goes by: our own lenses' filters, and a table made from those of Augeas's own lenses.

No lens is loaded for it. A pattern counts in this order: one of our own lens for that very file; one of Augeas for that
very path; the end of such a path (``backup/etc/fstab``); a folder of a program (``nginx/conf.d``); a file name that is
distinctive (``sshd_config``, ``hosts``); last the patterns by suffix (``*.ini``, ``*.service``).
"""

from __future__ import annotations

import os

from devenv.editor.document import Format
from devenv.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    Made = TypeVar("Made")

COMMON = ("config", "settings", "server", "client", "access", "control", "system", "custom.conf", "profile")
"""Names of files that many programs have: their folder has to match too."""

BY_SUFFIX = {
    "Systemd.lns": (
        *("*.service", "*.socket", "*.timer", "*.mount", "*.automount", "*.path", "*.target", "*.slice", "*.swap"),
        *("*.scope", "*.network", "*.netdev", "*.link", "*.nspawn"),
    ),
    "Xml.lns": (
        *("*.xml", "*.svg", "*.csproj", "*.fsproj", "*.vbproj", "*.vcxproj", "*.props", "*.targets", "*.iml", "*.xsd"),
        *("*.xsl", "*.xslt", "*.plist", "*.xhtml", "*.config", "*.nuspec", "*.resx", "*.rss", "*.wsdl", "*.pom"),
    ),
    "MySQL.lns": (".my.cnf", "mysql.cnf", "mysqld.cnf", "mysqldump.cnf", "mariadb.cnf", "client.cnf", "server.cnf"),
    "Desktop.lns": ("*.desktop",),
    "Properties.lns": ("*.properties",),
    "Nginx.lns": ("*.nginx",),
    "Httpd.lns": (".htaccess",),
    "Shellvars.lns": (".profile", ".bash_profile"),
    "Pg_Hba.lns": ("pg_hba.conf",),
    # after those that go by the whole name
    "Ini.lns": ("*.cnf",),
}
"""What lenses are good for beyond the paths in their filters."""

_SITES = ("sites-available", "sites-enabled")

_APACHE = ("apache2", "httpd")

BY_FOLDER = (
    ("Sshd.lns", ("sshd_config.d",), (".conf",)),
    ("Ssh.lns", ("ssh_config.d",), (".conf",)),
    ("Nginx.lns", tuple(f"nginx/{one}" for one in _SITES), ("",)),
    (
        "Nginx.lns",
        (
            *("etc/nginx", "nginx/conf.d", "nginx/default.d", "nginx/snippets", "nginx/http.d", "nginx/stream.d"),
            *("nginx/modules-available", "nginx/modules-enabled"),
        ),
        (".conf", "_params", "mime.types"),
    ),
    (
        "Nginx.lns",
        ("nginx",),
        (
            *("/nginx.conf", "/default.conf", "/fastcgi.conf", "/proxy.conf", "/fastcgi-php.conf", "/mime.types"),
            *("/fastcgi_params", "/proxy_params", "/scgi_params", "/uwsgi_params"),
        ),
    ),
    ("Httpd.lns", tuple(f"{top}/{one}" for top in _APACHE for one in _SITES), ("",)),
    (
        "Httpd.lns",
        (
            *("etc/apache2", "etc/httpd"),
            *(
                f"{top}/{one}"
                for top in _APACHE
                for one in (
                    *("conf", "conf/extra", "conf/vhosts", "conf.d", "conf-available", "conf-enabled"),
                    *("conf.modules.d", "extra", "vhosts", "vhosts.d"),
                )
            ),
        ),
        (".conf",),
    ),
    (
        "Httpd.lns",
        tuple(f"{top}/mods-{one}" for top in _APACHE for one in ("available", "enabled")),
        (".conf", ".load"),
    ),
    ("Httpd.lns", _SITES, ("/000-default.conf", "/default-ssl.conf")),
    (
        "MySQL.lns",
        (
            *("mysql", "mysql/conf.d", "mariadb/conf.d"),
            *("my.cnf.d", "mysql.conf.d", "mariadb.conf.d"),
        ),
        (".cnf",),
    ),
    ("Dovecot.lns", ("dovecot/conf.d",), (".conf",)),
    ("Multipath.lns", ("multipath/conf.d",), (".conf",)),
    ("Fonts.lns", ("fonts/conf.d", "fonts/conf.avail", "fontconfig/conf.d", "fontconfig/conf.avail"), (".conf",)),
)
"""Lens, the ends of the folders a file lies in, and what its name ends in: all of it, after a slash.

These are the folders that programs have wherever they are installed, and that lie in projects. Only what is surely the
program's counts: others keep files in a folder called nginx too, and not all that is Apache's is the web server's.
"""

OF_ITS_OWN = frozenset(
    (
        *("haproxy.cfg", "named.conf", "rndc.conf", "unbound.conf", "nsd.conf", "knot.conf", "bird.conf"),
        *("lighttpd.conf", "mosquitto.conf", "sentinel.conf", "pg_ident.conf", "strongswan.conf", "dhcpcd.conf"),
        *("syslog-ng.conf", "fluent.conf", "td-agent.conf", "fluent-bit.conf", "logstash.conf", "radiusd.conf"),
        *("tmux.conf", ".tmux.conf", "kitty.conf", "hyprland.conf", "mpd.conf", "picom.conf", "asound.conf"),
        *("application.conf", "reference.conf", "grub.cfg"),
    )
)
"""Files in languages of their own, for which there is no lens, and which a line for an INI file would break."""

LEFT = frozenset({"Json", "Yaml", "Toml", "OpenShift_Quickstarts"})
"""Modules whose files are read otherwise here; --lens still takes them."""

_BACKUP = ("~", ".bak", ".old", ".orig", ".augnew", ".augsave", ".rpmsave", ".rpmnew")
"""What names of copies end in that no program reads."""


_SYSTEM = ("/etc/", "/usr/", "/var/", "/lib/", "/boot/", "/opt/", "/run/", "/proc/", "/control", "/.", "/xend")
"""What is in every path that goes by a pattern of Augeas with a wildcard for its name."""


def _once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Return functools.cache for what takes nothing; functools itself is a library to load."""
    made: list[Made] = []

    def kept() -> Made:
        if not made:
            made.append(make())
        return made[0]

    kept.cache_clear = made.clear  # type: ignore[attr-defined]
    return kept


class Stock(Record):
    """A lens of Augeas: its filter, and whether it takes nested text, which it takes by calling itself."""

    lens: str
    recursive: bool
    patterns: tuple[str, ...]
    but: tuple[str, ...]


@_once
def _table() -> str:
    with open(os.path.join(os.path.dirname(__file__), "stock.txt"), encoding="utf-8") as table:  # noqa: PTH118, PTH120, PTH123
        return table.read()


@_once
def stock() -> tuple[Stock, ...]:
    """Return Augeas's own lenses, from the table that scripts/generate.py makes."""
    found = []
    for line in _table().splitlines()[1:]:
        lens, recursive, patterns, but = line.split("\t")
        found.append(Stock(lens, recursive == "recursive", tuple(patterns.split()), tuple(but.split())))
    return tuple(found)


@_once
def _ours() -> tuple[tuple[Format, tuple[str, ...]], ...]:
    """Return the formats of our own lenses that have a filter, with its exceptions, by the text of their files."""
    from devenv import paths

    folder = paths.data_folder("lenses")
    found = []
    for name in sorted(os.listdir(folder)):  # noqa: PTH208
        if name.endswith(".aug"):
            with open(f"{folder}/{name}", "rb", buffering=0) as lines:  # noqa: PTH123
                text = lines.read().decode()
            # one without is a module for others to use
            if "\nmodule " in text and "transform " in text:
                found.append(_filter_of(text))
    return tuple((fmt, but) for fmt, but in found if fmt.patterns)


def own() -> tuple[Format, ...]:
    """Return the formats of our own lenses that have a filter."""
    return tuple(fmt for fmt, _ in _ours())


def _filter_of(text: str) -> tuple[Format, tuple[str, ...]]:
    """Return the format of a lens file, whose filter is the last that is in it, and the exceptions to it."""
    module = text[text.index("\nmodule ") + 8 :].split(None, 1)[0]
    lens = text[text.rindex("transform ") + 10 :].split(None, 1)[0]
    pieces = text[text.rindex("let filter") :].split('"') if "let filter" in text else []
    patterns: dict[str, list[str]] = {"incl": [], "excl": []}
    home, which = "", "incl"
    for before, pattern in zip(pieces[::2], pieces[1::2], strict=False):
        which = "excl" if "excl" in before else "incl" if "incl" in before else which
        if pattern == "HOME":
            home = "~"
        elif not pattern.startswith("/nonexistent"):
            patterns[which].append(home + pattern)
            home = ""
    return Format(module.lower(), "augeas", tuple(patterns["incl"]), f"{module}.{lens}"), tuple(patterns["excl"])


@_once
def formats() -> tuple[Format, ...]:
    """Return every format that is read with a lens, ours first."""
    ours = own()
    taken = {fmt.name for fmt in ours}
    found = [fmt._replace(patterns=(*fmt.patterns, *BY_SUFFIX.get(fmt.lens or "", ()))) for fmt in ours]
    for entry in stock():
        module = entry.lens.partition(".")[0]
        name = module.lower()
        if module not in LEFT and name not in taken:
            found.append(Format(name, "augeas", (*entry.patterns, *BY_SUFFIX.get(entry.lens, ())), entry.lens))
    return tuple(found)


def of_file(path: str) -> Format | None:
    """Return the format of an absolute path with / in it; None when no lens is known for it."""
    name = path.rpartition("/")[2]
    ours = [fmt for fmt, but in _ours() if not any(_own_match(path, pattern) for pattern in but)]
    for fmt in ours:
        if any(pattern[:1] != "*" and _own_match(path, pattern) for pattern in fmt.patterns):
            return fmt
    lens, rank = _stock_lens(path, name)
    folder = None if rank > 2 else _by_folder(path, name)
    if folder or lens:
        found = next((fmt for fmt in formats() if fmt.lens == (folder or lens)), None)
        # a name alone tells less than a path: there are inventories of Ansible that are called hosts
        return found._replace(guessed=True) if found and (folder or rank < 3) else found
    if path.split("/")[-2:-1][0] in _SITES or name in OF_ITS_OWN:
        # never an INI file
        return None
    for fmt in ours:
        if any(pattern[:1] == "*" and _own_match(path, pattern) for pattern in fmt.patterns):
            return _by_suffix(fmt, name)
    for lens, known in BY_SUFFIX.items():
        if any(_matches(name, one) for one in known):
            return next((_by_suffix(fmt, name) for fmt in formats() if fmt.lens == lens), None)
    return None


def _by_suffix(fmt: Format, name: str) -> Format:
    """Return the format of a file that goes by its suffix: a guess, but where the suffix is the format's name."""
    return fmt._replace(guessed=name.rpartition(".")[2].lower() != fmt.name)


def _by_folder(path: str, name: str) -> str | None:
    """Return the lens of a file that lies in a folder of a program; None when it is in none."""
    if _is_backup(name):
        return None
    folder = path[: -len(name) - 1]
    for lens, lying_in, ends in BY_FOLDER:
        if f"/{name}".endswith(ends) and f"/{folder}".endswith(tuple(f"/{one}" for one in lying_in)):
            return lens
    return None


def _own_match(path: str, pattern: str) -> bool:
    """Say whether a file goes by a pattern of ours: its name, or the end of its path."""
    name = path.rpartition("/")[2]
    if "/" not in pattern:
        return _matches(name, pattern)
    return _matches(path, pattern.replace("~", "")) or _tail(path, pattern) or (_distinctive(pattern) == name)


def _stock_lens(path: str, name: str) -> tuple[str | None, int]:
    """Return the lens of Augeas a path goes by, and how well: see _rank(); None and 0 when there is none."""
    if not any(part in path for part in _SYSTEM) and f"/{name} " not in _table().replace("\t", " "):
        # most files of a project: no need to look at 700 patterns
        return None, 0
    best: tuple[int, int, str] | None = None
    for lens, pattern, but in _patterns():
        rank = _rank(path, name, pattern)
        # by a part of a path the plainest path counts, else the one that says most
        whole = rank == 4 or (rank == 3 and _matches(path, pattern.replace("~", ""), tail=True))
        score = (rank, len(pattern) if whole else -len(pattern))
        if rank and (best is None or score > best[:2]):
            wild = "*" in pattern or rank < 4
            if wild and (_is_backup(name) or any(_excluded(path, name, one) for one in but)):
                continue
            best = (*score, lens)
    return (best[2], best[0]) if best else (None, 0)


def _is_backup(name: str) -> bool:
    return name.endswith(_BACKUP) or ".dpkg-" in name or (name[:1] == "#" and name[-1:] == "#")


def _patterns() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for entry in stock():
        if entry.lens.partition(".")[0] not in LEFT:
            for pattern in entry.patterns:
                yield entry.lens, pattern, entry.but


def _rank(path: str, name: str, pattern: str) -> int:
    """Return how well a path goes by a pattern: 4 the very path, 3 its end, 2 the name alone, 0 not at all."""
    last = pattern.rpartition("/")[2]
    # most patterns are ruled out by the name alone
    if "*" not in last and "?" not in last:
        if last != name:
            return 0
    elif not _matches(name, last):
        return 0
    if _matches(path, pattern):
        return 4
    if _tail(path, pattern):
        return 3
    return 2 if _distinctive(pattern) == name else 0


def _tail(path: str, pattern: str) -> bool:
    """Say whether a path ends as a pattern does: in two parts, or in all of it where the name is a wildcard."""
    parts = pattern.replace("~", "").strip("/").split("/")
    if len(parts) < 2:
        return False
    wanted = parts if any(mark in parts[-1] for mark in "*?") else parts[-2:]
    return _matches(path, "/".join(["", *wanted]), tail=True)


def _distinctive(pattern: str) -> str | None:
    """Return the file name a pattern is known by wherever the file is; None when it says nothing alone."""
    name = pattern.rpartition("/")[2]
    return None if any(mark in name for mark in "*?[") or name in COMMON else name


def _excluded(path: str, name: str, pattern: str) -> bool:
    return _matches(path, pattern, tail=True) if "/" in pattern else _matches(name, pattern)


def _matches(text: str, pattern: str, *, tail: bool = False) -> bool:
    """Say whether a path or name, or with tail its end, is as a pattern says; a star stands for no slash."""
    if "*" not in pattern and "?" not in pattern:
        return text.endswith(pattern) if tail else text == pattern
    wanted, parts = pattern.split("/"), text.split("/")
    if "**" in wanted:
        at = wanted.index("**")
        wanted[at : at + 1] = ["*"] * max(1, len(parts) - len(wanted) + 1)
    if tail:
        parts = parts[-len(wanted) :]
        # the end of a path begins at a slash
        wanted = wanted[1:] if wanted[0] == "" else wanted
        parts = parts[-len(wanted) :]
    return len(parts) == len(wanted) and all(map(_part_matches, parts, wanted))


def _part_matches(text: str, pattern: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return text == pattern
    if "?" in pattern or pattern.count("*") > 1:
        # rare enough to load a library for
        from fnmatch import fnmatchcase

        return fnmatchcase(text, pattern)
    start, _, end = pattern.partition("*")
    return len(text) >= len(start) + len(end) and text.startswith(start) and text.endswith(end)
