"""What sudo takes for a value in its files, where Augeas's lens takes more: the grammar is that of sudoers(5)."""

from __future__ import annotations

import re

from devenv.editor.trees.parse import Node, Parsed
from devenv.editor.values import shown
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = r"(?:\"[^\"]+\"|(?:\\.|[^\s\"!\\])+)"
_NAMES = {
    "user": re.compile(rf"!*(?:%:?|\+|\#)?{_NAME}"),
    "host": re.compile(rf"!*(?!%)\+?{_NAME}"),
    "runas_user": re.compile(rf"!*(?:%:?|\+|\#)?{_NAME}"),
    "runas_group": re.compile(rf"!*(?![%+])\#?{_NAME}"),
}
_COMMAND = re.compile(r"(?:/|\^|(?:[A-Z][A-Z0-9_]*|sudoedit|list)(?:\s|$))")
_OTHERS = ("alias", "host_group", "spec", "name", "tag", "negate", "type")
"""What nodes are called besides that are no options of a Defaults line."""

_OPTION = re.compile(r"(?:\\.|[^!\\])*")
_RESERVED = re.compile(
    "(?:NO)?(?:EXEC|PASSWD|SETENV|LOG_INPUT|LOG_OUTPUT|MAIL|FOLLOW|INTERCEPT)|ALL|ROLE|TYPE|CWD|CHROOT|TIMEOUT"
    "|NOTBEFORE|NOTAFTER|PRIVS|LIMITPRIVS|APPARMOR_PROFILE"
)


def check(node: Node, old: Node | None) -> None:
    """Raise EditError for a node whose value sudo would refuse, and the whole file with it."""
    del old
    text = node.value
    if (
        node.label in ("name", "command", *_NAMES)
        and _RESERVED.fullmatch(text)
        and (text != "ALL" or node.label == "name")
    ):
        raise EditError(f"{text} is a word of sudo's own, and no {node.label}")
    if node.label == "command":
        if not _COMMAND.match(text):
            raise EditError(
                f"{shown(text)} is no command to sudo",
                hint="a command is a whole path, an alias in capitals, ALL, sudoedit or list",
            )
    elif node.label in _NAMES:
        if text and not _NAMES[node.label].fullmatch(text):
            raise EditError(f"{shown(text)} is no {node.label} to sudo")
    elif node.label not in _OTHERS and text[:1] != '"' and not _OPTION.fullmatch(text):
        raise EditError(
            f"{shown(text)} cannot be a value to sudo: ! is no part of one",
            hint="""text with marks goes in double quotes of sudo's own: '"a!b"'""",
        )


def stand_ins(parsed: Parsed) -> Iterator[tuple[bytes, list[tuple[bytes, bytes]]]]:
    """Yield the text with comments for the Defaults lines in which an option is off, and what each stands for.

    The lens reads such a line and may not be able to write it. A change in one of these lines finds nothing then.
    """
    text, lines, at = b"", [], 0
    for top, node in enumerate(parsed.root.children):
        if node.label != "Defaults" or not any(
            inner.label == "negate" for each in node.children for inner in each.children
        ):
            continue
        span = parsed.span((top,))
        mark = b"# stands for line %d of Defaults\n" % top
        if mark in parsed.text or not parsed.source((top,)).endswith(b"\n"):
            return
        text += parsed.text[at : span.start] + mark
        lines.append((mark, parsed.source((top,))))
        at = span.end
    if lines:
        yield text + parsed.text[at:], lines
