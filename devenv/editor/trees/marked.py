"""Files in which some characters are the structure, whose lens takes them as values nevertheless.

A value that would end its directive, open a block or swallow what follows reads back as it was set, and the program
reads something else: such a value is refused, with how to quote it.
"""

from __future__ import annotations

from devenv.editor.trees.document import TreeDocument
from devenv.editor.trees.parse import Node
from devenv.editor.values import Value, shown
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devenv.editor.document import Steps
    from devenv.editor.trees.parse import Parsed


_COMMENTS = ("#comment", "!comment")


class MarkedDocument(TreeDocument):
    """One text with marks of structure."""

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it; EditError where the program would read it otherwise."""
        self._look_at_words(steps, value)
        before = self.parsed
        try:
            super().put(steps, value, force=force)
        except EditError:
            self._explain(value)
            raise
        self._look_at_changes(before)

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry index; EditError where the program would read it otherwise."""
        self._look_at_words((*steps, index), value)
        before = self.parsed
        try:
            super().insert(steps, index, value)
        except EditError:
            self._explain(value)
            raise
        self._look_at_changes(before)

    def _look_at_words(self, steps: Steps, value: Value) -> None:
        """Raise EditError for an argument that the lens itself would part: it is several then, and was to be one."""
        named = next((step for step in reversed(steps) if isinstance(step, str) and step != "."), None)
        if self.parsed.lens.startswith("Httpd.") and named == "arg" and isinstance(value, str):
            from devenv.editor.trees import httpdwords

            httpdwords.look_at(value)

    def _explain(self, value: Value) -> None:
        """Raise EditError for what nginx's lens cannot have read: it cannot say how to quote it."""
        if self.parsed.lens.startswith("Nginx."):
            for text in _texts(value):
                _no_mark(text)

    def _look_at_changes(self, before: Parsed) -> None:
        check = _CHECKS[self.parsed.lens.partition(".")[0]]
        try:
            for old, new in _changed(before.root, self.parsed.root):
                if new.label not in _COMMENTS:
                    check(new, old)
            if self.parsed.lens.startswith("Dhcpd."):
                _closed_quotes(before.text, self.parsed.text)
        except EditError:
            self._use(before)
            raise


def _changed(old: Node | None, new: Node) -> Iterator[tuple[Node | None, Node]]:
    """Yield each node that is new or has another value, after the one that was in its place, if any."""
    if old is None or (old.label, old.value) != (new.label, new.value):
        yield old, new
    was = old.children if old else []
    size, head, tail = min(len(was), len(new.children)), 0, 0
    while head < size and was[head] == new.children[head]:
        head += 1
    while tail < size - head and was[-1 - tail] == new.children[-1 - tail]:
        tail += 1
    same_number = len(was) == len(new.children)
    for at in range(head, len(new.children) - tail):
        yield from _changed(
            was[at] if same_number and was[at].label == new.children[at].label else None, new.children[at]
        )


def _texts(value: Value) -> Iterator[str]:
    """Yield every text of a value but those of comments."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _COMMENTS:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _nginx(node: Node, old: Node | None) -> None:
    if old and old.value and not node.value and not node.children:
        raise EditError(f"{node.label} has a value, and cannot be without one", hint="the empty text is '' to nginx")
    if old and nginx_mark(old.value) == "#":
        raise EditError(
            f"there are comments between the words of {node.label}, which another value would lose",
            hint="the file is as it was; change it by hand",
        )
    _no_mark(node.value)


def _no_mark(text: str) -> None:
    mark = nginx_mark(text)
    if mark is not None:
        what = "has no end" if mark in ("'", '"', "\\") else "is no part of a value"
        raise EditError(
            f"{shown(text)} cannot be a value to nginx: {mark} {what}",
            hint="words with marks go in quotes of nginx's own: 'a } b'",
        )


def _ends(char: str, state: str) -> bool:
    """Say whether a character cannot stand there: behind a quoted word, at the beginning of one, or at all."""
    return char == ";" or (state == ")" and char != ")") or (state == " " and char in "}#")


def nginx_mark(text: str) -> str | None:
    """Return the character with which words of nginx would end their directive or not end at all; None in good ones."""
    state, at = " ", 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            # also between quotes; what follows has no meaning
            state, at = ("w" if state in " )" else state), at + 2
            if at > len(text):
                return "\\"
            continue
        if state in "'\"":
            # a closing quote has to be followed by a blank or a bracket
            state = ")" if char == state else state
        elif char in " \t\n":
            state = " "
        elif _ends(char, state) or (char == "{" and text[at - 1 : at] != "$"):
            return char
        else:
            state = char if state == " " and char in "'\"" else "w"
        at += 1
    return state if state in "'\"" else None


def _httpd(node: Node, old: Node | None) -> None:
    if old and old.value and not node.value:
        raise EditError(f"{node.label} has a value, and cannot be without one", hint='the empty text is "" to httpd')
    if node.label == "arg":
        from devenv.editor.trees import httpdwords

        httpdwords.look_at(node.value)


def _closed_quotes(before: bytes, after: bytes) -> None:
    """Raise EditError when a line is new in which a quote has no end: the lens reads one that does not close."""
    known = set(before.splitlines())
    for line in after.splitlines():
        if line not in known and line.partition(b"#")[0].count(b'"') % 2:
            raise EditError(f"{shown(line.decode('utf-8', 'replace').strip())}: a quote has no end")


def _dhcpd(node: Node, old: Node | None) -> None:
    if any(mark in "".join(node.value.split('"')[::2]) for mark in ";{}"):
        raise EditError(
            f"{shown(node.value)} cannot be a value to dhcpd",
            hint="text with marks goes in double quotes of dhcpd's own",
        )


def _sudoers(node: Node, old: Node | None) -> None:
    from devenv.editor.trees import sudoers

    sudoers.check(node, old)


_CHECKS: dict[str, Callable[[Node, Node | None], None]] = {
    "Nginx": _nginx,
    "Httpd": _httpd,
    "Dhcpd": _dhcpd,
    "Sudoers": _sudoers,
}


def has(lens: str) -> bool:
    """Say whether a lens takes marks of structure as values."""
    return lens.partition(".")[0] in _CHECKS
