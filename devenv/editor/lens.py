"""The adapter over python-augeas: texts in, trees to look at and change, texts out; no file is read or written."""

from __future__ import annotations

from itertools import count

from devenv import paths
from devenv.editor.turns import ONE_AT_A_TIME
from devenv.errors import EditError, ParseError, ToolMissing
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

LARGEST = 4 << 20
"""Bytes of a text that goes through a lens: putting one back costs about the square of its length."""

CANNOT_HOLD = "the format cannot hold that"
"""What a refusal of a lens begins with."""

_INSIDE = ("\3", "\4")
"""Characters with which libaugeas marks keys and values while it writes; it ends the process where it meets others."""

_shared: list[Any] = []
_left: list[str] = []
"""What is to be removed from the one Augeas as soon as nobody is at it."""

_numbers = count()


def shared() -> Any:
    """Return the one Augeas of this process: no files, no lenses loaded but those asked for; ours are found first.

    It notes the places of what is read as a file; what is stored as text has none.
    """
    if not _shared:
        try:
            from augeas import Augeas
        except (ImportError, OSError) as exc:
            raise ToolMissing("libaugeas", install="apt-get install libaugeas0 augeas-lenses", why=str(exc)) from None
        flags = Augeas.NO_LOAD | Augeas.NO_MODL_AUTOLOAD | Augeas.ENABLE_SPAN
        _shared.append(Augeas(loadpath=paths.data_folder("lenses"), flags=flags))
    return _shared[0]


def forget(*places: str) -> None:
    """Free trees in the one Augeas: now, or with the next that is freed when another thread is at it just now.

    Called by collections of garbage, which come in any thread and must not wait.
    """
    try:
        _left.extend(places)
        if not ONE_AT_A_TIME.acquire(blocking=False):
            return
        try:
            while _left:
                _shared[0].remove(_left.pop())
        finally:
            ONE_AT_A_TIME.release()
    except (AttributeError, IndexError, RuntimeError, TypeError):
        # the interpreter is on its way out and libaugeas gone, or what is named here
        pass


class Tree:
    """The tree a lens makes of a text. Paths are Augeas path expressions relative to the text's root; "" is the root.

    Raises ParseError when the lens does not take the text, ToolMissing when there is no such lens.
    """

    def __init__(self, lens: str, data: bytes) -> None:
        self.lens = lens
        self.data = data
        self.encoding = "utf-8"
        self._augeas = shared()
        self._place = f"/devenv/{next(_numbers)}"
        self.base = f"{self._place}/tree"
        if b"\0" in data:
            line, column = place(data, data.index(b"\0"))
            raise ParseError("a NUL byte, which no lens takes", line=line, column=column)
        if len(data) > LARGEST:
            raise ParseError(f"{len(data)} bytes are more than goes through a lens ({LARGEST})")
        self._set(f"{self._place}/in", self._decoded(data))
        try:
            self._augeas.text_store(lens, f"{self._place}/in", self.base)
        except (ValueError, RuntimeError, OSError) as exc:
            raise self._refused(exc, "parse") from None
        # a failed store may return success: only the error node tells
        if self._augeas.match(f"/augeas/text{self.base}/error"):
            raise self._refused(None, "parse")

    def __del__(self) -> None:
        """Free the tree: a process may edit a thousand files."""
        if hasattr(self, "_place"):
            forget(self._place, f"/augeas/text{self._place}")

    def _decoded(self, data: bytes) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            # one character a byte, so that what goes in comes out whatever its encoding is
            self.encoding = "latin-1"
            return data.decode("latin-1")

    def _set(self, path: str, value: str | None) -> None:
        self._augeas.set(path, value)

    def path(self, expression: str) -> str:
        """Return the path in the shared tree of an expression relative to this text's root."""
        expression = expression.strip("/")
        return f"{self.base}/{expression}" if expression else self.base

    def match(self, expression: str) -> list[str]:
        """Return what an expression matches, relative to the root, in document order; EditError when it is none."""
        try:
            found = self._augeas.match(self.path(expression))
        except (ValueError, RuntimeError):
            detail = self._augeas.get("/augeas/pathx/error") if self._augeas.match("/augeas/pathx/error") else ""
            where = self._augeas.get("/augeas/pathx/pos") if self._augeas.match("/augeas/pathx/pos") else None
            raise EditError(
                f"{expression} is not a path expression{f': {where}' if where else ''}",
                hint=str(detail) if detail else None,
            ) from None
        return [path[len(self.base) + 1 :] for path in found]

    def get(self, expression: str) -> str | None:
        """Return the value of the one node there; None when it has none."""
        value = self._augeas.get(self.path(expression))
        return "" if value == b"" else value

    def set(self, expression: str, value: str | None) -> None:
        """Set the value of the one node there, or make the node."""
        if value is not None and "\0" in value:
            raise EditError("a NUL character cannot be written in this format")
        _check_marks(expression + (value or ""))
        try:
            self._augeas.set(self.path(expression), value)
        except (ValueError, RuntimeError):
            raise EditError(f"{CANNOT_HOLD} ({self.lens})") from None
        except UnicodeEncodeError:
            raise EditError("a lone surrogate cannot be written in this format") from None

    def make_last(self, name: str) -> None:
        """Make one more node of a name, behind all others of it: without a value, where set() gives an empty one."""
        self.set(f"{name}[last() + 1]/made", "")
        self.remove(f"{name}[last()]/made")

    def insert(self, expression: str, label: str, *, before: bool) -> None:
        """Put a new node with label before or after the one node there."""
        _check_marks(label)
        try:
            self._augeas.insert(self.path(expression), label, before)
        except (ValueError, RuntimeError):
            raise EditError(f"{CANNOT_HOLD} ({self.lens})") from None

    def remove(self, expression: str) -> int:
        """Take out what the expression matches and return how many nodes went."""
        return int(self._augeas.remove(self.path(expression)))

    def render(self) -> bytes:
        """Return the text of the tree as it is now; EditError when the lens cannot write it so."""
        _check_marks(self.data.decode("latin-1"))
        self._augeas.remove(f"{self._place}/out")
        self._augeas.remove(f"/augeas/text{self.base}/error")
        try:
            self._augeas.text_retrieve(self.lens, f"{self._place}/in", self.base, f"{self._place}/out")
        except (ValueError, RuntimeError, OSError) as exc:
            raise self._refused(exc, "put") from None
        # after some failures retrieve says success and gives an empty text
        if self._augeas.match(f"/augeas/text{self.base}/error"):
            raise self._refused(None, "put")
        text = self._augeas.get(f"{self._place}/out")
        if not text and self._augeas.match(self.base + "/*"):
            raise EditError("the lens wrote nothing")
        try:
            return (text or "").encode(self.encoding)
        except UnicodeEncodeError:
            raise EditError("the file is not UTF-8, and what is to be written is not in its encoding") from None

    def _refused(self, exc: Exception | None, doing: str) -> Exception:
        base = f"/augeas/text{self.base}/error"

        def detail(name: str) -> str | None:
            found = self._augeas.match(f"{base}/{name}")
            try:
                return str(self._augeas.get(found[0])) if found else None
            except UnicodeDecodeError as broken:
                # some of libaugeas's messages end in whatever lies in memory there
                return str(broken.object.decode(errors="replace"))

        message = detail("message") or ""
        if doing == "put":
            # what follows is the lens's whole grammar, pages of it; nobody knows our places in libaugeas's tree
            why = message.partition("\n")[0].partition(" under /")[0].replace(f"{self.base}/", "")
            of = self.lens if not why or self._place in why else f"{self.lens}: {why}"
            return EditError(f"{CANNOT_HOLD} ({of})", hint="the value or the name has no place there")
        message = message or (str(exc) if exc else "the lens does not take it")
        if exc is not None and not detail("message"):
            return ToolMissing(f"lens {self.lens}", install="apt-get install augeas-lenses", why=str(exc))
        offset = detail("pos")
        if offset is None or not offset.isdigit():
            return ParseError(message)
        line, column = place(self.data, int(offset))
        return ParseError(f"{message} ({self.lens})", line=line, column=column)


def _check_marks(text: str) -> None:
    for mark in _INSIDE:
        if mark in text:
            raise EditError(f"the character U+{ord(mark):04X} cannot be written in this format")


def place(data: bytes, offset: int) -> tuple[int, int]:
    """Return line and column, counted from 1, of a byte; columns count characters, and a lone CR ends no line."""
    line = data.count(b"\n", 0, offset) + 1
    start = data.rfind(b"\n", 0, offset) + 1
    return line, len(data[start:offset].decode("utf-8", "replace")) + 1
