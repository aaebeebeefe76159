"""How a new directive or block of nginx is written where no neighbour shows it: on one line, or in an empty block.

What has its line to itself is written as its neighbours are, see template.py. In a block that is on one line a new
directive comes to that line; anywhere else it gets a line of its own. The lens reads what is written, and says.
"""

from __future__ import annotations

import re

from devenv.editor.trees.parse import Node, Parsed, Trail
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCKS = frozenset(
    (
        *("http", "events", "server", "mail", "stream", "if", "location", "upstream", "limit_except", "match"),
        *("map", "geo", "split_clients", "types", "charset_map", "geoip2", "@block"),
    )
)

_INDENT = re.compile(rb"^[ \t]+(?=\S)", re.MULTILINE)


def insertions(parsed: Parsed, parent: Trail, index: int, node: Node) -> Iterator[bytes]:
    """Yield texts with a new child of parent that is written anew, where copies of neighbours would not fit."""
    if index and parsed.at(parent).label == "@server":
        at = parsed.span((*parent, index - 1)).end
        yield parsed.text[:at] + f" {_setting(node)}".encode(parsed.encoding) + parsed.text[at:]
        return
    found = _point(parsed, parent, index)
    if found is None:
        return
    text, (at, inside) = parsed.text, found
    before, after = text[:at], text[at:]
    rest = after.lstrip(b" \t")
    if _on_one_line(parsed, parent):
        new = " ".join(_lines(node, "", "")).encode(parsed.encoding)
        head = before.rstrip(b" \t")
        yield head + b" " + new + b" " + rest
        return
    if before and not before.endswith(b"\n") and not inside and rest[:1] not in (b"\n", b"#", b"}"):
        # between two that share a line
        yield before + b" " + " ".join(_lines(node, "", "")).encode(parsed.encoding) + after
        return
    if before and not before.endswith(b"\n"):
        end = after.find(b"\n") + 1
        if rest[:1] in (b"\n", b"#") and end:
            # a comment stays on the line it is about
            before, after = before + after[:end], after[end:]
        else:
            # the brace that closes the block stood behind its last directive
            before, after = before + b"\n", _indent_of(text, parsed.span(parent).start) + rest
    indent, unit = _indentation(parsed, parent)
    new = "".join(f"{line}\n" for line in _lines(node, indent.decode(), unit.decode())).encode(parsed.encoding)
    yield before + new + after


def fits(parsed: Parsed, parent: Trail, index: int, rendering: tuple[bytes, Trail | None]) -> bool:
    """Say whether a copy of a neighbour stands well at the place: all have their lines to themselves."""
    new, donor = rendering
    if donor is None or any(line.count(b"}") > max(1, line.count(b"{")) for line in new.splitlines()):
        return False
    found = _point(parsed, parent, index)
    if found is None or (found[0] and parsed.text[found[0] - 1 : found[0]] != b"\n"):
        return False
    start = parsed.span(donor).start
    return (not start or parsed.text[start - 1 : start] == b"\n") and parsed.source(donor).endswith(b"\n")


def cuts(parsed: Parsed, trail: Trail) -> Iterator[tuple[int, int]]:
    """Yield what to take out of a line that others are on too, so that the line stays one."""
    text, span = parsed.text, parsed.span(trail)
    start, end = span.start, span.end
    alone = not start or text[start - 1 : start] == b"\n"
    ended = text[end - 1 : end] == b"\n"
    if ended and not alone:
        yield start, end - 1
    elif alone and not ended and text[end : end + 1] not in (b"", b"\n"):
        bare = text[start:end]
        yield start + len(bare) - len(bare.lstrip(b" \t")), end + len(text[end:]) - len(text[end:].lstrip(b" \t"))


def _point(parsed: Parsed, parent: Trail, index: int) -> tuple[int, bool] | None:
    """Return where a new child would stand, and whether that is right behind the brace that opens the block."""
    children = parsed.at(parent).children
    if index and not _is_argument(children[index - 1]):
        return parsed.span((*parent, index - 1)).end, False
    if not parent:
        return 0, False
    start = parsed.span((*parent, index - 1)).end if index else parsed.span(parent).label_end
    brace = parsed.text.find(b"{", start, parsed.span(parent).end)
    return None if brace < 0 else (brace + 1, True)


def _is_argument(node: Node) -> bool:
    return node.label.startswith("#") and node.label != "#comment"


def _on_one_line(parsed: Parsed, parent: Trail) -> bool:
    """Say whether a block opens and ends on one line."""
    if not parent:
        return False
    found = _point(parsed, parent, sum(map(_is_argument, parsed.at(parent).children)))
    return found is not None and b"\n" not in parsed.text[found[0] : parsed.span(parent).end].rstrip()


def _indent_of(text: bytes, start: int) -> bytes:
    line = text[text.rfind(b"\n", 0, start) + 1 :]
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _indentation(parsed: Parsed, parent: Trail) -> tuple[bytes, bytes]:
    """Return the indentation of the entries of a block, and what a level of it is."""
    first = _INDENT.search(parsed.text)
    unit = first[0] if first else b"    "
    for at, child in enumerate(parsed.at(parent).children):
        start = parsed.span((*parent, at)).start
        if child.label and not _is_argument(child) and (not start or parsed.text[start - 1 : start] == b"\n"):
            return _indent_of(parsed.text, start), unit
    return (_indent_of(parsed.text, parsed.span(parent).start) + unit if parent else b""), unit


def _lines(node: Node, indent: str, unit: str) -> Iterator[str]:
    """Yield the lines of a directive or block."""
    named = {child.label: child.value for child in node.children}
    if node.label == "#comment":
        yield f"{indent}# {node.value}"
    elif node.label in _BLOCKS and not node.value:
        words = [child.value for child in node.children if _is_argument(child)]
        yield indent + " ".join([*([] if node.label == "@block" else [node.label]), *words, "{"])
        for child in node.children:
            if not _is_argument(child):
                yield from _lines(child, indent + unit, unit)
        yield f"{indent}}}"
    elif node.label == "@entry":
        yield f"{indent}{named.get('#key', '')} {named.get('#value', '')}".rstrip() + ";"
    elif node.label == "@server":
        settings = [_setting(child) for child in node.children if child.label != "@address"]
        yield indent + " ".join(["server", named.get("@address", ""), *settings]) + ";"
    else:
        half = next((f"/{named[label]}" for label in ("mask", "sub_type") if label in named), "")
        yield f"{indent}{node.label}{half} {node.value}".rstrip() + ";"


def _setting(node: Node) -> str:
    """Return what stands behind the address of an upstream's server: a flag, or a name and its value."""
    return f"{node.label}={node.value}" if node.value else node.label
