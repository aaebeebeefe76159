"""Changes of one container, made by the lens Jsonc in a fragment of it.

A fragment holds the entries next to the change, with 0 in place of every value and no letter in any key: the lens never
meets more than a few lines, however large the file is. So most changes of a file are alike, and the lens is asked once.
"""

from devenv.editor.jsontext.layout import Style, at_end, closing, has_comment, joined, with_comments
from devenv.editor.lens import Tree
from devenv.editor.values import quoted

LENS = "Jsonc.flat"
PLACEHOLDER = b"0"
NO_KEY = b'""'

_woven: dict[tuple[object, ...], bytes] = {}
_KEPT = 64
_LONGEST = 4096
"""Bytes of a fragment that is remembered: comments may be of any length."""


def woven(text: bytes, style: Style, change: str, *how: object) -> bytes:
    """Return a fragment after a change, which is a method of Fragment; the last answers of the lens are remembered."""
    question = (text, style, change, *how)
    answer = _woven.get(question)
    if answer is None:
        fragment = Fragment(text, style)
        getattr(fragment, change)(*how)
        answer = fragment.render()
        if len(text) <= _LONGEST:
            while len(_woven) >= _KEPT:
                del _woven[next(iter(_woven))]
            _woven[question] = answer
    return answer


def placed(made: bytes, key: str | None, value: str) -> bytes:
    """Return a fragment to which an entry was added with its key and its value in it: no comment comes after them."""
    at = made.rindex(PLACEHOLDER)
    after = value.encode() + made[at + len(PLACEHOLDER) :]
    if key is None:
        return made[:at] + after
    start = made.rindex(NO_KEY, 0, at)
    return made[:start] + quoted(key).encode() + made[start + len(NO_KEY) : at] + after


class Fragment:
    """A container of scalars and its gaps, to be changed and written again. Items count from 1, as Augeas has it."""

    def __init__(self, text: bytes, style: Style) -> None:
        self.style = style
        self.tree = Tree(LENS, text)
        (self.base,) = self.tree.match("*")
        self.item = "entry" if self.base == "dict" else "element"

    def render(self) -> bytes:
        """Return the fragment's text."""
        return self.tree.render()

    def first(self, line: str, close: str) -> None:
        """Put an entry into a container without one: on the line given (a line's end and its indentation) or beside."""
        gap = self._gap(f"{self.base}/after_open")
        self._set_gap(f"{self.base}/after_open", with_comments(gap, line, self.style.newline))
        self._new(f"{self.base}/{self.item}")
        self._set_gap(f"{self.base}/{self.item}/after_value", close)

    def append(self, line: str) -> None:
        """Put an entry after the one there is, and after the comments that stood before the closing mark."""
        last, new = f"{self.base}/{self.item}[1]", f"{self.base}/{self.item}[2]"
        trailing = f"{self.base}/trailing_comma"
        has_trailing = bool(self.tree.match(trailing))
        tail = self._gap(trailing) if has_trailing else self._gap(f"{last}/after_value")
        close = closing(tail)
        self.tree.insert(last, self.item, before=False)
        self._new(new)
        self._between(with_comments(tail, line, self.style.newline))
        if has_trailing:
            self.tree.set(trailing, close)
        else:
            self._set_gap(f"{last}/after_value", "")
            self._set_gap(f"{new}/after_value", close)

    def remove_first(self) -> None:
        """Take out the first of two items."""
        before, after = f"{self.base}/after_open", f"{self.base}/after_comma"
        gap = joined(
            [self._gap(before), self._gap(f"{self._at(1)}/after_value") + self._gap(after)], self.style.newline
        )
        self.tree.remove(after)
        self.tree.remove(self._at(1))
        self._set_gap(before, gap)

    def remove_last(self) -> None:
        """Take out the second of two items; a trailing comma stays one."""
        tree, trailing, between = self.tree, f"{self.base}/trailing_comma", f"{self.base}/after_comma"
        before = self._gap(f"{self._at(1)}/after_value") + self._gap(between)
        after = self._gap(f"{self._at(2)}/after_value") + self._gap(trailing)
        gap = after if not has_comment(before) and not has_comment(after) else at_end(before, after, self.style.newline)
        tree.remove(between)
        tree.remove(self._at(2))
        if tree.match(trailing):
            tree.remove(f"{self._at(1)}/after_value")
            tree.set(trailing, gap)
        else:
            self._set_gap(f"{self._at(1)}/after_value", gap)

    def remove_only(self) -> None:
        """Take out the only item: an empty container has no white space in it, but keeps its comments."""
        before, trailing = f"{self.base}/after_open", f"{self.base}/trailing_comma"
        after = self._gap(f"{self._at(1)}/after_value") + self._gap(trailing)
        gap = at_end(self._gap(before), after, self.style.newline)
        self.tree.remove(trailing)
        self.tree.remove(self._at(1))
        self._set_gap(before, gap if has_comment(gap) else "")

    def _at(self, item: int) -> str:
        return f"{self.base}/{self.item}[{item}]"

    def _gap(self, path: str) -> str:
        return self.tree.get(path) or "" if self.tree.match(path) else ""

    def _set_gap(self, path: str, text: str) -> None:
        if not text:
            self.tree.remove(path)
            return
        if path.endswith("after_open") and not self.tree.match(path) and self.tree.match(f"{self.base}/*"):
            self.tree.insert(f"{self.base}/*[1]", "after_open", before=True)
        self.tree.set(path, text)

    def _between(self, gap: str) -> None:
        if gap:
            self.tree.insert(self._at(2), "after_comma", before=True)
            self.tree.set(f"{self.base}/after_comma", gap)

    def _new(self, path: str) -> None:
        tree, keyed = self.tree, self.base == "dict"
        tree.set(path, "" if keyed else None)
        if keyed:
            before, after = self.style.colon.split(":")
            for label, space in (("before_colon", before), ("after_colon", after)):
                if space:
                    tree.set(f"{path}/{label}", space)
        tree.set(f"{path}/number", PLACEHOLDER.decode())
