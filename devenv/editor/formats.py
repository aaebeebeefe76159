"""Which format a file is in, and the backend that reads it."""

from __future__ import annotations

import os
import sys

from devenv.editor.document import Document, Format
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_PACKAGE = "devenv.editor.backends"


def backend(name: str) -> ModuleType:
    """Return the backend module of that name."""
    full = f"{_PACKAGE}.{name}"
    # not importlib, which is a library to load
    __import__(full)
    return sys.modules[full]


def backend_names() -> list[str]:
    """Return the names of all backends, by the files there are; lenses come last, since they match most."""
    folder = os.path.join(os.path.dirname(__file__), "backends")  # noqa: PTH118, PTH120
    listed = os.listdir(folder)  # noqa: PTH208
    names = sorted({name.partition(".")[0] for name in listed if not name.startswith("_")})
    return sorted(names, key=lambda name: name == "augeas")


def every() -> Iterator[Format]:
    """Yield every format there is."""
    for name in backend_names():
        yield from backend(name).FORMATS


def matches(path: str, pattern: str) -> bool:
    """Say whether a path with / in it goes by a pattern: its name, or its last parts when the pattern has a slash."""
    name = path.rpartition("/")[2]
    head, star, tail = pattern.partition("*")
    if not any(mark in head + tail for mark in "*?["):
        # most are such, and fnmatch is a library to load
        if not star:
            return path == pattern or path.endswith(f"/{pattern.lstrip('/')}")
        if "/" not in pattern:
            return name.startswith(head) and name.endswith(tail) and len(name) >= len(head) + len(tail)
        if head not in path or not path.endswith(tail):
            return False
    from fnmatch import fnmatchcase

    if "/" not in pattern:
        return fnmatchcase(name, pattern)
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"*/{pattern.lstrip('/')}")


def of_file(path: str) -> Format:
    """Return the format a file goes by; EditError with what to do when none does.

    A backend named as the file's suffix is asked first, so that the common formats load no other.
    """
    path = os.path.abspath(path).replace(os.sep, "/")  # noqa: PTH100
    suffix = path.rpartition(".")[2].lower()
    names = backend_names()
    for name in sorted(names, key=lambda name: name != suffix) if suffix in names else names:
        module = backend(name)
        # lenses are many, and their filters have rules of their own
        found = module.of_file(path) if hasattr(module, "of_file") else _by_patterns(module, path)
        if found is not None:
            return found
    raise EditError(
        f"no format is known for {os.path.basename(path)}",  # noqa: PTH119
        hint="name it with --format (devenv config formats lists them) or --lens",
    )


def _by_patterns(module: ModuleType, path: str) -> Format | None:
    return next((fmt for fmt in module.FORMATS if any(matches(path, pattern) for pattern in fmt.patterns)), None)


def named(name: str) -> Format:
    """Return the format of that name; EditError with the nearest names when there is none."""
    known = {fmt.name: fmt for fmt in every()}
    if name in known:
        return known[name]
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "devenv config formats lists them"
    raise EditError(f"there is no format {name}", hint=hint)


def of_lens(lens: str) -> Format:
    """Return the format of a lens, as in ``Hosts.lns``; the module alone means its ``lns``."""
    return Format(name=lens.partition(".")[0].lower(), backend="augeas", lens=lens if "." in lens else f"{lens}.lns")


def open_document(data: bytes, fmt: Format) -> Document:
    """Parse data; ParseError with line and column when it is not what fmt says."""
    return backend(fmt.backend).open_document(data, fmt)  # type: ignore[no-any-return]
