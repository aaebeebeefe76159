"""Words of httpd: how a line is taken apart, what a word means, and how one is written (ap_getword_conf).

A word in quotes ends at its quote; in it a backslash stands for itself, but before that quote or another backslash. Any
other word ends at a blank, and of two backslashes in it one counts.
"""

from __future__ import annotations

from devenv.editor.values import shown
from devenv.errors import EditError

_BLANKS = " \t\n\v\f\r"
_COMPARISONS = frozenset({"=", "==", "<=", ">=", "<", ">"})


def split(text: str) -> list[str]:
    """Return the words of a text as they are written, quotes and all; the last may have a quote that has no end."""
    words, at = [], 0
    while at < len(text):
        if text[at] in _BLANKS:
            at += 1
            continue
        start = at
        if text[at] not in "\"'":
            while at < len(text) and text[at] not in _BLANKS:
                at += 1
        else:
            at = _behind_quote(text, at)
        words.append(text[start:at])
    return words


def _behind_quote(text: str, at: int) -> int:
    """Return where a word in quotes ends that begins at a place."""
    quote, at = text[at], at + 1
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == "\\" and text[at + 1 : at + 2] in (quote, "\\") else 1
    return min(at + 1, len(text))


def is_open(word: str) -> bool:
    """Say whether a word begins with a quote that has no end."""
    if word[:1] not in ('"', "'"):
        return False
    at = 1
    while at < len(word) and word[at] != word[0]:
        at += 2 if word[at] == "\\" and word[at + 1 : at + 2] in (word[0], "\\") else 1
    return at >= len(word)


def meant(word: str) -> str:
    """Return what a word means: without its quotes, if it has some, and lines that go on as one."""
    quote = word[:1]
    if quote not in ('"', "'"):
        return word.replace("\\\\", "\\")
    inner = word[1:] if is_open(word) else word[1:-1]
    inner = inner.replace("\\\n", "")
    found, at = [], 0
    while at < len(inner):
        if inner[at] == "\\" and inner[at + 1 : at + 2] in (quote, "\\"):
            at += 1
        found.append(inner[at : at + 1])
        at += 1
    return "".join(found)


def written(text: str, old: str = "", *, above: str = "directive") -> str:
    """Return one word that means text, in quotes where the old one has some or it needs them.

    What stands above it is a directive, a wordlist or a section: they take other words without quotes.
    """
    if "\n" in text:
        raise EditError(f"{shown(text)}: a newline cannot be in a word of httpd")
    if old[:1] not in ('"', "'") and _is_bare(text, above):
        return text
    quote = old[:1] if old[:1] == "'" else '"'
    found = [quote]
    for at, char in enumerate(text):
        after = text[at + 1 : at + 2]
        found.append(f"\\{char}" if char == quote or (char == "\\" and after in ("", quote, "\\")) else char)
    return "".join([*found, quote])


def _is_bare(text: str, above: str) -> bool:
    """Say whether a text can be a word without quotes."""
    if not text or any(char in _BLANKS for char in text) or text[0] in "\"'{" or text[-1] == "\\" or "\\\\" in text:
        return False
    if above == "directive":
        return True
    if above == "wordlist":
        return not any(char in "\"'{},\\" for char in text)
    return text in _COMPARISONS - {"<", ">"} or not any(char in "\"'>\\" for char in text)


def in_line(text: str) -> list[str]:
    """Return the words of a text as they are written; EditError when a quote in it has no end."""
    words = split(text)
    if words and is_open(words[-1]):
        raise no_end(words[-1])
    return words


def no_end(word: str) -> EditError:
    """Return the error of a word whose quote has no end."""
    return EditError(
        f"{shown(word)}: a quote has no end", hint="one word with blanks goes in double quotes of httpd's own"
    )


def look_at(word: str) -> None:
    """Raise EditError for what was to be one word, as it is written, and is none to httpd."""
    words = split(word)
    if len(words) > 1:
        raise EditError(
            f"{shown(word)} is several words to httpd",
            hint="one word with blanks goes in double quotes of httpd's own",
        )
    if words and is_open(words[0]):
        raise no_end(words[0])
