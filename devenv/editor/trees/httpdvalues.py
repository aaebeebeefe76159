"""Values for httpd as nodes of its lens, and values that were read against those that were wanted.

A text for a directive is taken apart as httpd does, an array is its arguments one by one, and an array with arrays or
objects in it is several of its name. An object is a section, its arguments under ``arg``.
"""

from __future__ import annotations

from devenv.editor.trees import httpdwords, shape
from devenv.editor.trees.httpdview import ARG, DIRECTIVE
from devenv.editor.trees.parse import Node
from devenv.editor.values import Entries, Value, shown
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_ALONE = frozenset({"listen", "include", "includeoptional", "loadfile"})
"""Directives with one argument: an array of texts is several of them."""

OF_SOMETHING = frozenset(
    {
        *("directory", "directorymatch", "files", "filesmatch", "location", "locationmatch", "proxy", "proxymatch"),
        *("virtualhost", "limit", "limitexcept", "macro", "if", "elseif", "ifdefine", "ifmodule", "ifversion"),
        *("ifdirective", "iffile", "ifsection"),
    }
)
"""Sections that httpd takes with an argument alone."""

QUOTES = frozenset({'"', "'"})


def nodes(key: str, value: Value) -> list[Node]:
    """Return what a value is under a key, as the lens has it."""
    look_at_length(value)
    if key == ARG:
        return _args(value, "")
    if not _is_name(key):
        raise EditError(f"{shown(key)} cannot be the name of a directive or section")
    if isinstance(value, dict):
        return [_section(key, value)]
    if isinstance(value, list):
        if is_line(key, value):
            return [_of_words(key, value)]
        return [
            node for item in value for node in ([_of_words(key, item)] if isinstance(item, list) else nodes(key, item))
        ]
    return [_directive(key, line_of(shape.as_text(value)))]


def _of_words(key: str, words: list[Value]) -> Node:
    look_at_length(words)
    return _directive(key, [httpdwords.written(shape.as_text(word)) for word in words])


def is_several(value: Any) -> bool:
    """Say whether a value is all that stands behind a name, and no one word of it."""
    return isinstance(value, dict | list) or len(httpdwords.split(shape.as_text(value))) > 1


def _directive(key: str, words: list[str]) -> Node:
    return Node(DIRECTIVE, key, [Node(ARG, word, []) for word in words])


def _section(key: str, value: dict[str, Value]) -> Node:
    """Return a section: its arguments, and what is in it."""
    given = [item for name, item in value.items() if name.lower() == ARG]
    if not given and key.lower() in OF_SOMETHING:
        raise EditError(
            f"{key} is a section, and what it is for is missing", hint=f"{key}.arg=VALUE says it, as one more edit"
        )
    args = [node for item in given for node in _args(item, key)]
    inner = [node for name, item in value.items() if name.lower() != ARG for node in nodes(name, item)]
    return Node(key, "", [*args, *inner])


def _args(value: Value, above: str) -> list[Node]:
    """Return the arguments of a section: a text is one, and may not be meant as several."""
    look_at_length(value)
    if isinstance(value, list):
        words = [httpdwords.written(shape.as_text(item), above=above) for item in value]
    else:
        words = [one_word(shape.as_text(value), above=above)]
    return [Node(ARG, word, []) for word in words]


def look_at_length(value: Value) -> None:
    """Raise EditError for a list without entries."""
    if value == []:
        raise EditError("an empty list has no place in this format", hint="an entry that is not to be there is unset")


def is_line(key: str, value: list[Value]) -> bool:
    """Say whether a list is the arguments of one directive, and not several of its name."""
    if isinstance(value, Entries) or key.lower() in _ALONE:
        return False
    return not any(isinstance(item, dict | list) for item in value)


def has_section(value: Value) -> bool:
    """Say whether a value is a section, or several."""
    return isinstance(value, dict) or (isinstance(value, list) and any(map(has_section, value)))


def _is_name(key: str) -> bool:
    return key[:1].isalpha() and key.isascii() and all(char.isalnum() or char in "._-" for char in key)


def one_word(text: str, *, above: str = "") -> str:
    """Return the one argument of a section; EditError for a text that may be meant as several."""
    if not text:
        raise without(ARG)
    httpdwords.look_at(text)
    return text if text[:1] in QUOTES else httpdwords.written(text, above=above)


def line_of(text: str, node: Node | None = None) -> list[str]:
    """Return the words of a text given for a directive, as they are to be written.

    They are taken as httpd takes them, but that a text with blanks is one word where one in quotes is there.
    """
    if not text:
        return []
    old = node.children[0].value if node and len(node.children) == 1 else ""
    if text[0] in "\"'" and text.strip() == text:
        return [_as_word(word) for word in httpdwords.in_line(text)]
    if old[:1] in QUOTES or text.strip(" \t") != text or any(char in text for char in "\n\v\f"):
        return [httpdwords.written(text, old)]
    words = httpdwords.in_line(text)
    return [_as_word(word) for word in words] if len(words) > 1 else [httpdwords.written(text)]


def _as_word(word: str) -> str:
    """Return a word as httpd reads it so that the lens reads it, too: in quotes where it takes no such word bare."""
    taken = word[:1] in QUOTES or (word[:1] != "{" and word[-1:] != "\\")
    return word if taken else httpdwords.written(httpdwords.meant(word))


def by_name(value: Value) -> Value:
    """Return a value whose directives go by their names where it has them as the lens has."""
    if isinstance(value, list):
        items: list[Value] = [by_name(item) for item in value]
        return Entries(items) if isinstance(value, Entries) else items
    if not isinstance(value, dict):
        return value
    found: dict[str, Value] = {}
    for key, item in value.items():
        if key != DIRECTIVE:
            found[key] = by_name(item)
            continue
        several: dict[str, list[Value]] = {}
        for each in item if isinstance(item, list) else [item]:
            name = each.get(".") if isinstance(each, dict) else each
            if not isinstance(name, str):
                raise EditError('a directive is given by its name: {"ServerName": "x"}')
            several.setdefault(name, []).append(each.get(ARG, "") if isinstance(each, dict) else "")
        found.update((name, values[0] if len(values) == 1 else Entries(values)) for name, values in several.items())
    return found


def agrees(have: Value, wanted: Value) -> bool:
    """Say whether a value that was read is what was wanted: texts as httpd takes them apart, names in any case."""
    if isinstance(wanted, dict):
        if not isinstance(have, dict):
            return False
        mine = {key.lower(): item for key, item in have.items()}
        return mine.keys() == {key.lower() for key in wanted} and all(
            agrees(mine[key.lower()], item) for key, item in wanted.items()
        )
    if isinstance(have, dict):
        return isinstance(wanted, list) and len(wanted) == 1 and agrees(have, wanted[0])
    if isinstance(wanted, list):
        return _agrees_with_list(have if isinstance(have, list) else [have], wanted)
    text = shape.as_text(wanted)
    if have == text or have == [text]:
        return True
    try:
        words = [httpdwords.meant(word) for word in httpdwords.in_line(text)]
    except EditError:
        return False
    if isinstance(have, list):
        return have == words
    return text[:1] in ('"', "'") and words == [have]


def _agrees_with_list(have: list[Value], wanted: list[Value]) -> bool:
    if len(have) == len(wanted) and all(map(agrees, have, wanted)):
        return True
    if len(wanted) == 1 and not isinstance(wanted[0], dict):
        return agrees(have, wanted[0])
    return False


def without(name: str) -> EditError:
    """Return the error of a value that would be taken away."""
    return EditError(f"{name} has a value, and cannot be without one", hint='the empty text is "" to httpd')
