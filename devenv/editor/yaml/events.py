"""The events of ruamel.yaml's parsers, and their errors as ours.

The C parser walks a megabyte in a fifth of a second, and says in a fiftieth whether it is YAML at all. It follows
YAML 1.1 where that is stricter: a text it refuses for a ``:`` in a flow collection (``[http://x]``) goes to the pure
parser, as all texts do where ruamel.yaml.clib is not there. Marks of both count characters.
"""

import gc
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

from devenv.errors import ParseError, ToolMissing

DEEPEST = 250
"""Levels of collections in a text; what reads values goes down by recursion."""

_FLOW_LIMIT = 2000
"""Brackets that may go to the C parser uncounted: its time is the square of their depth."""

_parsers: list[Any] = []
_SPARED = 64
_since: list[int] = [0, 0]
"""The characters read since the garbage collector was last told to pass over what is there, and how often it was."""

_PURE_LIMIT = 32_768
"""Characters that go to the pure parser, a hundred times slower than the C parser, to see whether they are YAML."""

_SEEN_SIZE, _SEEN_MOST = 8192, 4096
_seen: set[str] = set()
"""Parts of texts that are YAML: after an edit all but one are what they were."""

Next = Callable[[], Any]
"""Gives the next event, None after the last."""


def _c_parser() -> Any:
    """Return the class of the C parser; None where there is none."""
    if not _parsers:
        try:
            module = import_module("_ruamel_yaml")
        except ImportError:
            _parsers.append(None)
        else:
            _parsers.append(module.CParser)
    return _parsers[0]


def has_c() -> bool:
    """Say whether the C parser is there."""
    return _c_parser() is not None


def _pure(text: str) -> Next:
    try:
        from ruamel.yaml import YAML
    except ImportError as exc:
        raise ToolMissing("ruamel.yaml", install="pip install ruamel.yaml", why=str(exc)) from None
    found = YAML(typ="safe", pure=True).parse(text)
    return lambda: next(found, None)


def walk(text: str, visit: Callable[[Next], Any], *, start: int = 0, end: int | None = None, brackets: str = "") -> Any:
    """Return what visit makes of the events of ``text[start:end]``; ParseError when that is not YAML.

    The first of brackets stands for the character at start, the second for the one at end.
    """
    from ruamel.yaml.error import YAMLError

    part = text[start:end] if not brackets else brackets[0] + text[start + 1 : end] + brackets[1]
    try:
        return uncollected(len(part), lambda: _walk(part, visit))
    except YAMLError as exc:
        raise as_parse_error(exc, part, text.count("\n", 0, start)) from None
    except ParseError as exc:
        raise ParseError(exc.reason, line=exc.line + text.count("\n", 0, start), column=exc.column) from None
    except (ValueError, RecursionError) as exc:
        raise ParseError(f"this cannot be read as YAML: {exc}") from None


def uncollected(size: int, make: Callable[[], Any]) -> Any:
    """Return what make makes of size characters, without the garbage collector.

    It would look at all the nodes made so far, again and again: half of the time.
    """
    if not gc.isenabled():
        return make()
    gc.disable()
    try:
        return make()
    finally:
        _spare(size)
        gc.enable()


def _spare(size: int) -> None:
    """Let the garbage collector pass over what was made of many characters: at exit alone it takes twice the walk.

    Nodes hold no circles, so they are freed without it; other people's may, hence no more than so many times.
    """
    _since[0] += size
    if _since[0] > 1 << 18 and _since[1] < _SPARED:
        _since[:] = [0, _since[1] + 1]
        gc.freeze()


def _walk(text: str, visit: Callable[[Next], Any]) -> Any:
    from ruamel.yaml.error import YAMLError

    c_parser = _c_parser()
    if c_parser is None:
        return visit(_pure(text))
    try:
        return visit(c_parser(text).get_event)
    except YAMLError as exc:
        if not _may_be_newer(exc, text):
            raise
        return visit(_pure(text))


def _may_be_newer(exc: Any, text: str) -> bool:
    """Say whether text may be YAML 1.2 although the C parser, which is older, refuses it."""
    problem = getattr(exc, "problem", None)
    if problem == "found unexpected ':'":
        return True
    return problem in ("did not find expected ',' or '}'", "did not find expected ',' or ']'") and "?" in text


def check(text: str) -> None:
    """Raise ParseError when text is not YAML or is nested too deep to be looked into."""
    if not is_yaml(text):
        walk(text, count_levels)


def is_yaml(text: str) -> bool:
    """Say whether text is YAML; False also when that is not said cheaply."""
    from ruamel.yaml.error import YAMLError

    c_parser = _c_parser()
    if c_parser is not None and text in _seen:
        return True
    if c_parser is None or text.count("[") + text.count("{") > _FLOW_LIMIT:
        return False
    try:
        c_parser(text).raw_parse()
    except YAMLError as exc:
        return len(text) <= _PURE_LIMIT and _may_be_newer(exc, text) and _is_newer_yaml(text)
    if len(text) <= _SEEN_SIZE:
        if len(_seen) >= _SEEN_MOST:
            _seen.clear()
        _seen.add(text)
    return True


def _is_newer_yaml(text: str) -> bool:
    try:
        walk(text, count_levels)
    except ParseError:
        return False
    return True


def count_levels(following: Next) -> None:
    """Go through all events; ParseError when more than DEEPEST collections are open at once."""
    from ruamel.yaml.events import MappingEndEvent, MappingStartEvent, SequenceEndEvent, SequenceStartEvent

    depth = 0
    while (event := following()) is not None:
        kind = type(event)
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            depth += 1
            if depth > DEEPEST:
                raise too_deep(event)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            depth -= 1


def too_deep(event: Any) -> ParseError:
    """Return the error for an event that opens one collection too many."""
    mark = event.start_mark
    return ParseError(f"nested deeper than {DEEPEST} levels", line=mark.line + 1, column=mark.column + 1)


_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_parse_error(exc: Any, text: str, line: int) -> ParseError:
    """Return the parser's error as ours, with its place in text, which begins line lines down the file."""
    mark = getattr(exc, "problem_mark", None) or getattr(exc, "context_mark", None)
    if mark is not None:
        words = [word for word in (getattr(exc, "context", None), getattr(exc, "problem", None)) if word]
        reason = ", ".join(" ".join(word.split()) for word in words)
        return ParseError(reason or "this is not YAML", line=line + mark.line + 1, column=mark.column + 1)
    found = _UNPRINTABLE.search(text)
    if found is None:
        return ParseError(" ".join(str(exc).split()) or "this is not YAML")
    start = text.rfind("\n", 0, found.start()) + 1
    return ParseError(
        f"the character U+{ord(found[0]):04X} may not stand in YAML",
        line=line + text.count("\n", 0, found.start()) + 1,
        column=found.start() - start + 1,
    )
