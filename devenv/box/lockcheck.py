"""The strict reader of devenv.lock: anything but what ``lock.dumps`` writes is refused, with its line and column.

A lock is written by a program and merged by people, so what goes wrong with it is a conflict mark, half a file, or
an edit by hand. One problem is enough to report: the cure is the same for all of them.
"""

import json
from collections.abc import Callable, Iterator

from devenv.box import lock as form
from devenv.errors import ConfigError, Problem

Step = str | int
"""One step on the way to a value: a key of an object or an index of a list."""

CONFLICT_MARKS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
HEX = frozenset("0123456789abcdef")


# Every command reads the lock, so these are spelled out: compiling patterns for them would take longer than the rest.


def is_machine_name(text: str) -> bool:
    """Say whether text is letters, digits, - and _, beginning with a letter or digit."""
    return text[:1].isalnum() and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def is_setting_name(text: str) -> bool:
    """Say whether text is small letters, digits and _, beginning with a letter."""
    return text.isidentifier() and text.isascii() and text[0].islower() and text == text.lower()


def is_sha256(text: str) -> bool:
    """Say whether text is a SHA-256 in hex."""
    return len(text) == 64 and HEX.issuperset(text)


def is_inside(path: str) -> bool:
    """Say whether a relative path cannot lead out of its folder (links apart)."""
    parts = path.replace("\\", "/").split("/")
    return parts[0] != "" and ".." not in parts


class Wrong(Exception):
    """What is wrong with the value at the end of a way from the top of the file."""

    def __init__(self, way: tuple[Step, ...], message: str) -> None:
        super().__init__(message)
        self.way = way
        self.message = message


class Item:
    """One value of the lock and the way to it; each method returns it as the type asked for or raises Wrong."""

    __slots__ = ("value", "way")

    def __init__(self, value: object, way: tuple[Step, ...] = ()) -> None:
        self.value = value
        self.way = way

    def wrong(self, message: str) -> Wrong:
        return Wrong(self.way, message)

    def record(self, *keys: str, optional: tuple[str, ...] = ()) -> "Item":
        """Return self, an object that has all these keys, perhaps the optional ones, and no other."""
        value = self._mapping()
        for key in value:
            if key not in keys and key not in optional:
                raise Wrong((*self.way, key), f"{key} is not known here")
        for key in keys:
            if key not in value:
                raise self.wrong(f"{key} is missing")
        return self

    def _mapping(self) -> dict[str, object]:
        if not isinstance(self.value, dict):
            raise self.wrong("is not an object")
        return self.value

    def __getitem__(self, key: str) -> "Item":
        return Item(self._mapping()[key], (*self.way, key))

    def get(self, key: str) -> "Item | None":
        return self[key] if key in self._mapping() else None

    def entries(self) -> Iterator[tuple[str, "Item"]]:
        for key, value in self._mapping().items():
            yield key, Item(value, (*self.way, key))

    def items(self) -> Iterator["Item"]:
        if not isinstance(self.value, list):
            raise self.wrong("is not a list")
        for index, value in enumerate(self.value):
            yield Item(value, (*self.way, index))

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("is not text")
        return self.value

    def word(self) -> str:
        """Return text of one line that is not empty."""
        text = self.text()
        if not text or any(character < " " or character == "\x7f" for character in text):
            raise self.wrong("is empty or has control characters")
        return text

    def like(self, test: Callable[[str], bool], what: str) -> str:
        text = self.text()
        if not test(text):
            raise self.wrong(f"is not {what}")
        return text

    def choice(self, *words: str) -> str:
        text = self.text()
        if text not in words:
            raise self.wrong(f"is not one of {', '.join(words)}")
        return text

    def number(self, least: int, most: int) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or not least <= self.value <= most:
            raise self.wrong(f"is not a whole number from {least} to {most}")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("is not true or false")
        return self.value

    def maybe_word(self) -> str | None:
        return None if self.value is None else self.word()


def parse(text: str, file: str) -> form.Lock:
    """Return the Lock in text; raise ConfigError with the place of the first thing wrong."""
    try:
        return _lock(Item(_json(text, file)))
    except Wrong as exc:
        from devenv.box.jsonplace import locate

        line, column = locate(text, exc.way)
        raise _error(file, line, column, exc.message, ".".join(str(step) for step in exc.way)) from exc


def _error(file: str, line: int, column: int, message: str, key: str = "") -> ConfigError:
    return ConfigError([Problem(file, line, column, key, message)], hint=form.RENEW)


def _json(text: str, file: str) -> object:
    if not text.strip():
        raise _error(file, 1, 1, "is empty")
    # no line of a lock begins like this: text in it has its line ends escaped
    for mark in CONFLICT_MARKS:
        at = f"\n{text}".find(f"\n{mark}")
        if at >= 0:
            raise _error(file, text.count("\n", 0, at) + 1, 1, "holds the marks of a merge conflict")
    try:
        value: object = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        # an escaped half of a surrogate pair is JSON but not text: nothing could write it to a file again
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as exc:
        # a string may not hold a line end, so one without a closing quote goes on to the end of the file
        end = exc.pos >= len(text.rstrip()) or exc.msg.startswith("Unterminated string")
        message = "ends in the middle" if end else f"is not JSON: {exc.msg[:1].lower()}{exc.msg[1:]}"
        raise _error(file, exc.lineno, exc.colno, message) from exc
    except UnicodeEncodeError as exc:
        raise _error(file, 1, 1, "holds half a character (a lone surrogate)") from exc
    except RecursionError as exc:
        raise _error(file, 1, 1, "is nested too deeply") from exc
    except ValueError as exc:
        raise _error(file, 1, 1, str(exc) if isinstance(exc, _Refused) else "holds a number that is too long") from exc
    return value


class _Refused(ValueError):
    """Valid for Python's reader of JSON, refused here."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Refused(f"has the key {twice} twice in one object")
    return result


def _no_constant(word: str) -> object:
    raise _Refused(f"holds {word}, which is not JSON")


def _lock(top: Item) -> form.Lock:
    if isinstance(top.value, dict) and top.value.get("version") not in (form.VERSION, None):
        raise top["version"].wrong(f"is not {form.VERSION}: the file was written by another version of devenv")
    top.record("version", "name", "source", "runner", "machines")
    source = top["source"].record("file", "sha256")
    machines = {name: _machine(name, item) for name, item in top["machines"].entries()}
    if sum(machine.primary for machine in machines.values()) != 1:
        raise top["machines"].wrong("must have exactly one machine that is primary")
    return form.Lock(
        version=top["version"].number(form.VERSION, form.VERSION),
        name=top["name"].word(),
        source=form.LockedSource(source["file"].word(), source["sha256"].like(is_sha256, "a SHA-256 in hex")),
        runner=top["runner"].text(),
        machines=machines,
    )


def _machine(name: str, item: Item) -> form.LockedMachine:
    # the name becomes a folder and a word on command lines
    if not is_machine_name(name):
        raise item.wrong("is not a machine's name")
    item.record("primary", "box", "provider", "hostname", "cpus", "memory", "ports", "sync", "steps", "providers")
    return form.LockedMachine(
        primary=item["primary"].flag(),
        box=_box(item["box"]),
        provider=item["provider"].maybe_word(),
        hostname=item["hostname"].word(),
        cpus=item["cpus"].number(1, 1 << 16),
        memory=item["memory"].number(1, 1 << 32),
        ports=tuple(_port(port) for port in item["ports"].items()),
        sync=tuple(_sync(sync) for sync in item["sync"].items()),
        steps=tuple(_step(step) for step in item["steps"].items()),
        providers={key: _settings(settings) for key, settings in item["providers"].entries()},
    )


def _box(item: Item) -> form.LockedBox:
    item.record("name", "version", "url", "checksums")
    return form.LockedBox(
        name=item["name"].word(),
        version=item["version"].maybe_word(),
        url=item["url"].maybe_word(),
        checksums={
            key: value.like(_is_checksum, "sha256: and 64 hex digits") for key, value in item["checksums"].entries()
        },
    )


def _is_checksum(text: str) -> bool:
    return text.startswith("sha256:") and is_sha256(text.removeprefix("sha256:"))


def _port(item: Item) -> form.LockedPort:
    item.record("guest", "host", "protocol", "address")
    return form.LockedPort(
        guest=item["guest"].number(1, 65535),
        host=item["host"].number(1, 65535),
        protocol=item["protocol"].choice("tcp", "udp"),
        address=item["address"].word(),
    )


def _sync(item: Item) -> form.LockedSync:
    item.record("host", "guest", "type", "types")
    return form.LockedSync(
        host=item["host"].word(),
        guest=item["guest"].word(),
        type=item["type"].maybe_word(),
        types={key: value.word() for key, value in item["types"].entries()},
    )


def _step(item: Item) -> form.LockedStep:
    item.record("name", "source", "privileged", "when", "sha256", optional=("run", "path", "payload"))
    run, path, payload = item.get("run"), item.get("path"), item.get("payload")
    if (run is None) == (path is None):
        raise item.wrong("must have either run or path")
    if path is not None and not is_inside(path.word()):
        raise path.wrong("is not inside the project")
    return form.LockedStep(
        name=item["name"].word(),
        source=item["source"].word(),
        privileged=item["privileged"].flag(),
        when=item["when"].choice("once", "always"),
        sha256=item["sha256"].like(is_sha256, "a SHA-256 in hex"),
        run=None if run is None else run.text(),
        path=None if path is None else path.word(),
        payload=() if payload is None else tuple(candidate.word() for candidate in payload.items()),
    )


def _settings(item: Item) -> dict[str, form.Json]:
    settings: dict[str, form.Json] = {}
    for key, value in item.entries():
        # the Vagrantfile calls a method of this name
        if not is_setting_name(key):
            raise value.wrong("is not a setting's name")
        settings[key] = value.value  # type: ignore[assignment]  # json.loads gives nothing else
    return settings
