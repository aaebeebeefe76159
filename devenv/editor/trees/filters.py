"""Which lens a file name goes by: our own lenses' filters, and a table made from those of Augeas's own lenses.

No lens is loaded for it. A pattern counts in this order: one of our own lens for that very file; one of Augeas for that
very path; the end of such a path (``backup/etc/fstab``); a file name that is distinctive (``sshd_config``, ``hosts``);
last the patterns by suffix (``*.ini``, ``*.service``).
"""

import os
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from devenv.editor.document import Format

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
    "MySQL.lns": ("*.cnf", ".my.cnf"),
    "Desktop.lns": ("*.desktop",),
    "Properties.lns": ("*.properties",),
    "Nginx.lns": ("*.nginx",),
    "Httpd.lns": (".htaccess",),
    "Shellvars.lns": (".profile", ".bash_profile"),
    "Pg_Hba.lns": ("pg_hba.conf",),
}
"""What lenses of Augeas are good for beyond the paths in their filters."""

LEFT = frozenset({"Json", "Yaml", "Toml", "OpenShift_Quickstarts"})
"""Modules whose files are read otherwise here; --lens still takes them."""

_BACKUP = re.compile(r"#.*#|.*(~|\.bak|\.old|\.orig|\.augnew|\.augsave|\.dpkg-\w+|\.rpmsave|\.rpmnew)\Z")


class Stock(NamedTuple):
    """A lens of Augeas: its filter, and whether it takes nested text, which it takes by calling itself."""

    lens: str
    recursive: bool
    patterns: tuple[str, ...]
    but: tuple[str, ...]


@cache
def stock() -> tuple[Stock, ...]:
    """Return Augeas's own lenses, from the table that scripts/generate.py makes."""
    table = os.path.join(os.path.dirname(__file__), "stock.txt")  # noqa: PTH118, PTH120
    found = []
    with open(table, encoding="utf-8") as lines:  # noqa: PTH123
        for line in lines:
            if line[0] == "#":
                continue
            lens, recursive, patterns, but = line.rstrip("\n").split("\t")
            found.append(Stock(lens, recursive == "recursive", tuple(patterns.split()), tuple(but.split())))
    return tuple(found)


@cache
def own() -> tuple[Format, ...]:
    """Return the formats of our own lenses that have a filter, by the text of their files."""
    from devenv import paths

    folder = str(paths.package_data("lenses"))
    found = []
    for name in sorted(os.listdir(folder)):  # noqa: PTH208
        if name.endswith(".aug"):
            with open(os.path.join(folder, name), encoding="utf-8") as lines:  # noqa: PTH118, PTH123
                found += [_format_of(lines.read())]
    return tuple(fmt for fmt in found if fmt is not None)


_COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)
_MODULE = re.compile(r"^\s*module\s+(\w+)", re.MULTILINE)
_INCLUDED = re.compile(r'\bincl\s+\(?\s*(?:(Sys\.getenv\s*\(?\s*"HOME"\s*\)?\s*\.\s*))?"([^"]+)"')
_TRANSFORM = re.compile(r"\btransform\s+(\w+)")


def _format_of(text: str) -> Format | None:
    """Return the format of a lens file; None when it has no filter."""
    text = _COMMENT.sub("", text)
    module, transform = _MODULE.search(text), _TRANSFORM.search(text)
    patterns = tuple(("~" if home else "") + pattern for home, pattern in _INCLUDED.findall(text))
    patterns = tuple(pattern for pattern in patterns if not pattern.startswith("/nonexistent"))
    if module is None or transform is None or not patterns:
        return None
    return Format(module[1].lower(), "augeas", patterns, f"{module[1]}.{transform[1]}")


@cache
def formats() -> tuple[Format, ...]:
    """Return every format that is read with a lens, ours first."""
    ours = own()
    taken = {fmt.name for fmt in ours}
    found = list(ours)
    for entry in stock():
        module = entry.lens.partition(".")[0]
        name = module.lower()
        if module not in LEFT and name not in taken:
            found.append(Format(name, "augeas", (*entry.patterns, *BY_SUFFIX.get(entry.lens, ())), entry.lens))
    return tuple(found)


def of_file(path: str) -> Format | None:
    """Return the format of an absolute path with / in it; None when no lens is known for it."""
    name = path.rpartition("/")[2]
    for fmt in own():
        if any(pattern[:1] != "*" and _own_match(path, pattern) for pattern in fmt.patterns):
            return fmt
    lens = _stock_lens(path, name)
    if lens is None:
        for fmt in own():
            if any(pattern[:1] == "*" and _own_match(path, pattern) for pattern in fmt.patterns):
                return fmt
        lens = next((lens for lens, known in BY_SUFFIX.items() if any(_matches(name, one) for one in known)), None)
    if lens is None:
        return None
    return next((fmt for fmt in formats() if fmt.lens == lens), None)


def _own_match(path: str, pattern: str) -> bool:
    """Say whether a file goes by a pattern of ours: its name, or the end of its path."""
    name = path.rpartition("/")[2]
    if "/" not in pattern:
        return _matches(name, pattern)
    return _matches(path, pattern.replace("~", "")) or _tail(path, pattern) or (_distinctive(pattern) == name)


def _stock_lens(path: str, name: str) -> str | None:
    best: tuple[int, int, str] | None = None
    for lens, pattern, but in _patterns():
        rank = _rank(path, name, pattern)
        # by the name alone the plainest path counts, else the one that says most
        score = (rank, -len(pattern) if rank == 2 else len(pattern))
        if rank and (best is None or score > best[:2]):
            wild = "*" in pattern or rank < 4
            if wild and (_BACKUP.match(name) or any(_excluded(path, name, one) for one in but)):
                continue
            best = (*score, lens)
    return best[2] if best else None


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


@cache
def _regex(pattern: str, tail: bool) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*|\?)", pattern)
    wild = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(("(?s:.*)" if tail else "") + "".join(wild.get(part, re.escape(part)) for part in parts) + r"\Z")


def _matches(text: str, pattern: str, *, tail: bool = False) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return text.endswith(pattern) if tail else text == pattern
    return _regex(pattern, tail).match(text) is not None
