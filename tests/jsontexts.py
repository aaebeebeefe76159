"""JSON and JSONC texts as people write them, generated; and a second opinion on what they hold."""

import json
import random
import re
from typing import Any

from hypothesis import strategies as st

KEYS = st.one_of(
    st.sampled_from(["a", "b", "name", "x.y", "", "0", "k8s.io/name", 'say "hi"', "tab\there", "ключ", "😀"]),
    st.text(max_size=6).filter(lambda text: text.isprintable() or True),
)
TEXTS = st.one_of(
    st.text(max_size=12), st.sampled_from(['"', "\\", "\n", "${x}", "`id`", "// no", "/* no */", ",", "1.10"])
)
NUMBERS = st.one_of(st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.one_of(st.dictionaries(KEYS, VALUES, max_size=5), st.lists(VALUES, max_size=4))


class Printer:
    """Writes data as a person might: one style for the text, gaps that differ, comments where there may be some."""

    def __init__(self, seed: int, *, comments: bool) -> None:
        self.random = random.Random(seed)
        self.comments = comments
        self.newline = self.random.choice(["\n", "\n", "\r\n"])
        self.unit = self.random.choice(["  ", "    ", "\t"])
        self.lines = self.random.random() < 0.7
        self.colon = self.random.choice([": ", ":", " : "])

    def text(self, data: Any) -> str:
        body = self.value(data, "")
        end = self.random.choice(["", self.newline])
        bom = "\ufeff" if self.random.random() < 0.1 else ""
        return bom + self.comment("") + body + end

    def comment(self, indent: str) -> str:
        """A comment now and then, as a whole gap: it ends where a token may begin."""
        if not self.comments or self.random.random() < 0.75:
            return ""
        if self.random.random() < 0.5:
            words = self.random.choice(["c", "a, b", '{ "', "**"])
            return f" /* {words}{self.random.randrange(99)} */ "
        return f' // note, "{self.random.randrange(99)}" }}{self.newline}{indent}'

    def value(self, data: Any, indent: str) -> str:
        if isinstance(data, dict):
            entries = [
                json.dumps(key, ensure_ascii=self.random.random() < 0.3)
                + self.colon
                + self.comment(indent)
                + self.value(item, indent + self.unit)
                for key, item in data.items()
            ]
            return self.container("{", entries, "}", indent)
        if isinstance(data, list):
            return self.container("[", [self.value(item, indent + self.unit) for item in data], "]", indent)
        return json.dumps(data, ensure_ascii=self.random.random() < 0.3)

    def container(self, opening: str, entries: list[str], closing: str, indent: str) -> str:
        lines = self.lines and self.random.random() < 0.9
        gap = self.newline + indent + self.unit if lines else ""
        after = gap if lines else self.random.choice(["", " "])
        text = opening + self.comment(indent + self.unit) + (gap if entries else "")
        for number, entry in enumerate(entries):
            text += entry + self.comment(indent)
            if number + 1 < len(entries):
                text += "," + self.comment(indent + self.unit) + after
        if entries and self.comments and self.random.random() < 0.3:
            text += "," + self.comment(indent)
        return text + (self.newline + indent if lines and entries else "") + closing


def plain(text: str) -> str:
    """Return JSONC as JSON, one character after the other: a second opinion."""
    out, at = [], 0
    text = text.removeprefix("\ufeff")
    while at < len(text):
        if text[at] == '"':
            end = at + 1
            while text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            out.append(text[at : end + 1])
            at = end + 1
        elif text.startswith("//", at):
            while at < len(text) and text[at] not in "\r\n":
                at += 1
        elif text.startswith("/*", at):
            at = text.index("*/", at) + 2
        elif text[at] in "]}":
            while out and out[-1].strip() == "":
                out.pop()
            if out and out[-1] == ",":
                out.pop()
            out.append(text[at])
            at += 1
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def comments_of(text: str) -> list[str]:
    found = re.findall(r'"(?:[^"\\]|\\.)*"|(//[^\r\n]*|/\*.*?\*/)', text, re.DOTALL)
    return sorted(comment for comment in found if comment)


def places(data: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here]
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in items:
        found += places(item, (*here, key))
    return found


def at(data: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        data = data[key]
    return data


def strict(text: bytes) -> Any:
    return json.loads(plain(text.decode()))


def judged(text: bytes, *, comments: bool) -> Any:
    return strict(text) if comments else json.loads(text.decode().removeprefix("\ufeff"))


SEEDS = st.integers(0, 2**32)
