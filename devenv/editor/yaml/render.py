"""Values as YAML text, as a person would write them: scalars with the quotes they need, collections in either style."""

import re
from typing import NamedTuple

from devenv.editor.values import Literal, Number, Value, shown
from devenv.editor.yaml import scalars
from devenv.editor.yaml.events import DEEPEST
from devenv.errors import EditError

_LONGEST_KEY = 1000
"""Characters of a key as it is written: a parser looks no further than 1,024 for the colon."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Style(NamedTuple):
    """How a file is written."""

    newline: str = "\n"
    unit: int = 2
    """Columns by which what is in a map stands further right."""
    dash: int = 2
    """Columns by which the dashes of a list stand right of the key above."""
    gap: int = 1
    """Columns between a dash and what it holds."""
    quote: str = '"'
    """The quotes of text that needs some."""
    comment: int = -1
    """Indentation of a comment line right below: a block scalar that stands no further right would swallow it."""


def scalar_lines(value: Value, old: str, style: Style, indent: int, *, flow: bool) -> list[str]:
    """Return a scalar, or an empty collection, as lines: more than one when it is a block scalar.

    old is the style of what it replaces: a quote, ``|``, ``>`` or nothing. The lines of a block scalar after its
    header are indented by indent; one of -1 allows none.
    """
    if isinstance(value, dict):
        return ["{}"]
    if isinstance(value, list):
        return ["[]"]
    if isinstance(value, str) and not isinstance(value, Number | Literal):
        if not flow and indent > style.comment and ("\n" in value or old in ("|", ">")):
            lines = block_scalar(value, old, indent)
            if lines is not None:
                return lines
        return [quoted_as_needed(value, old, style, flow=flow)]
    if value is None:
        return ["null"]
    if value is True or value is False:
        return ["true" if value else "false"]
    if isinstance(value, Number):
        if not scalars.is_number(value):
            raise EditError(f"{shown(value)} is not a number in YAML")
        return [str(value)]
    return [_literal(value, flow=flow)]


def quoted_as_needed(text: str, old: str, style: Style, *, flow: bool) -> str:
    """Return text on one line: plain where that is safe, unless what it replaces is quoted, else in quotes."""
    if _SURROGATE.search(text):
        raise EditError("a lone surrogate cannot be written in YAML")
    if old not in ("'", '"') and scalars.can_be_plain(text, flow=flow):
        return text
    quote = old if old in ("'", '"') else style.quote
    if old not in ("'", '"') and ('"' in text or "\\" in text) and "'" not in text:
        quote = "'"
    if quote == "'" and scalars.is_printable(text):
        return scalars.single_quoted(text)
    return scalars.double_quoted(text)


def block_scalar(text: str, old: str, indent: int) -> list[str] | None:
    """Return text as the lines of a block scalar; None when it must be quoted to stay what it is."""
    bare = text.rstrip("\n")
    first = bare.lstrip("\n")
    if len(text) - len(bare) > 1 or not first or first[0] in " \t" or not _can_be_block(bare):
        return None
    chomp = "" if text.endswith("\n") else "-"
    lines = bare.split("\n")
    if old == ">" and text[0] != "\n" and not any(line[:1] in (" ", "\t") for line in lines):
        # folding joins lines: one more break between those that are to stay apart
        lines = re.sub(r"\n+", lambda found: found[0] + "\n", bare).split("\n")
        header = ">"
    else:
        header = "|"
    pad = " " * indent
    return [header + chomp, *(pad + line if line else "" for line in lines)]


_BLOCK = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]*\Z")


def _can_be_block(text: str) -> bool:
    return _BLOCK.match(text) is not None


def _literal(value: Literal, *, flow: bool) -> str:
    """Return a Literal as it is, once it is sure that it reads back as such."""
    if not reads_as(value, flow=flow):
        raise EditError(
            f"{shown(value)} is neither a date nor a tagged value of YAML", hint="--type string makes it text"
        )
    return str(value)


def reads_as(text: str, *, flow: bool = False) -> bool:
    """Say whether text as it stands is one scalar, and that a Literal, in YAML."""
    from devenv.editor.yaml.events import walk
    from devenv.editor.yaml.nodes import Builder
    from devenv.errors import ParseError

    if "\n" in text or "\r" in text or " #" in text or not text:
        return False
    source = f"[{text}]" if flow else f"- {text}"
    try:
        found = walk(source, Builder(source, 0).visit)
    except ParseError:
        return False
    entries = found.roots[0].entries if len(found.roots) == 1 else []
    node = entries[0].node if len(entries) == 1 else None
    if node is None or node.kind != "scalar" or node.anchor:
        return False
    read = scalars.plain(node.value)
    if node.tag is not None:
        read = scalars.tagged(node.value, node.style, node.tag, source[node.start : node.end])
    return isinstance(read, Literal) and str(read) == text and not (node.tag is None and node.style)


def key_text(name: str, style: Style, siblings: str, *, flow: bool) -> str:
    """Return a key as text; siblings is the quote all others are in, ``0`` when plain numbers are among them."""
    if siblings == "0" and re.fullmatch(r"0|[1-9][0-9]{0,15}", name):
        return name
    if not siblings and name in ("y", "n", "Y", "N"):
        return name  # as in x: 1, y: 2; the readers that once took them for booleans did so in values
    text = quoted_as_needed(name, siblings if siblings in ("'", '"') else "", style, flow=flow)
    if len(text) > _LONGEST_KEY:
        raise EditError(f"a key of {len(name)} characters is longer than YAML can have before its colon")
    return text


def flow_text(value: Value, style: Style, *, level: int = 0) -> str:
    """Return a value on one line, in braces and brackets."""
    if level > DEEPEST:
        raise EditError(f"the value is nested deeper than {DEEPEST} levels")
    if isinstance(value, dict) and value:
        entries = (
            f"{key_text(key, style, '', flow=True)}: {flow_text(item, style, level=level + 1)}"
            for key, item in value.items()
        )
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, list) and value:
        return "[" + ", ".join(flow_text(item, style, level=level + 1) for item in value) + "]"
    return scalar_lines(value, "", style, -1, flow=True)[0]


def block_lines(value: Value, style: Style, column: int, *, level: int = 0) -> list[str]:
    """Return a collection that is not empty as lines whose keys or dashes stand in column."""
    if level > DEEPEST:
        raise EditError(f"the value is nested deeper than {DEEPEST} levels")
    pad = " " * column
    lines: list[str] = []
    if isinstance(value, dict):
        for key, item in value.items():
            lines += entry_lines(pad + key_text(key, style, "", flow=False), item, style, column, level=level)
        return lines
    for item in value:
        lines += item_lines(item, style, column, level=level)
    return lines


def entry_lines(head: str, value: Value, style: Style, column: int, *, level: int = 0) -> list[str]:
    """Return the lines of a map's entry: head is its key, which stands in column."""
    if isinstance(value, dict | list) and value:
        deeper = column + (style.dash if isinstance(value, list) else style.unit)
        return [f"{head}:", *block_lines(value, style, deeper, level=level + 1)]
    first, *more = scalar_lines(value, "", style, column + style.unit, flow=False)
    return [f"{head}: {first}", *more]


def item_lines(value: Value, style: Style, column: int, *, level: int = 0) -> list[str]:
    """Return the lines of a list's entry whose dash stands in column."""
    inner = column + 1 + style.gap
    head = " " * column + "-" + " " * style.gap
    if isinstance(value, dict | list) and value:
        first, *more = block_lines(value, style, inner, level=level + 1)
        return [head + first[inner:], *more]
    first, *more = scalar_lines(value, "", style, inner, flow=False)
    return [head + first, *more]
