"""Files of nginx: a server of an upstream may be given as it is written, with its settings behind the address."""

from __future__ import annotations

from devenv.editor.keypath import spelled
from devenv.editor.trees.marked import MarkedDocument
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from devenv.editor.document import Steps
    from devenv.editor.values import Value

_SERVER = "@server"
_ADDRESS = "@address"
_FLAGS = frozenset({"backup", "down", "drain", "resolve"})
"""Settings of a server that have no value; https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server."""


class NginxDocument(MarkedDocument):
    """One text of nginx."""

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it; EditError where nginx would read it otherwise."""
        meant = _meant(steps, value)
        # a flag of a module of others, which is there, may be set to what it is
        if not any(self.same(self.read(at), meant, at) for at in self.find(steps)):
            _check(steps, meant)
        super().put(steps, meant, force=force)

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry index; EditError where nginx would read it otherwise."""
        meant = _meant(steps, value)
        _check(steps, meant)
        super().insert(steps, index, meant)

    def same(self, have: Value, wanted: Value, at: Steps = ()) -> bool:
        """Say whether what is there is what is wanted there; the order of a server's settings is nginx's affair."""
        return super().same(have, _meant(at or (_SERVER,) if _is_server(have) else at, wanted), at)


def _is_server(have: Value) -> bool:
    first = have[0] if isinstance(have, list) and have else have
    return isinstance(first, dict) and _ADDRESS in first


def _check(steps: Steps, value: Value) -> None:
    """Raise EditError for a setting of a server that nginx wants a value of, or wants none of."""
    names = [step for step in steps if isinstance(step, str)]
    if isinstance(value, dict):
        for key, item in value.items():
            _check((*steps, key), item)
    elif isinstance(value, list):
        for item in value:
            _check(steps, item)
    elif names[-2:-1] == [_SERVER] and names[-1] != _ADDRESS:
        flag, empty = names[-1] in _FLAGS, value in ("", None)
        if empty and not flag:
            raise EditError(f"{names[-1]} of a server needs a value", hint=f"give one, or unset {spelled(steps)}")
        if flag and not empty:
            raise EditError(f"{names[-1]} of a server takes no value", hint=f"set it to nothing: {spelled(steps)}=")


def _meant(steps: Steps, value: Value) -> Value:
    """Return a value as the lens has it: the text of a server as its address and settings."""
    if next((step for step in reversed(steps) if isinstance(step, str)), None) != _SERVER:
        return value
    if isinstance(value, list):
        return [_server(item) for item in value]
    return _server(value)


def _server(value: Value) -> Value:
    words = value.split() if isinstance(value, str) else []
    if not words or any(mark in word for word in words for mark in "'\"\\;{}#"):
        return value
    settings = [word.partition("=") for word in words[1:]]
    if len({name for name, _, _ in settings}) != len(settings) or any(mark and not own for _, mark, own in settings):
        return value
    found: dict[str, Value] = {_ADDRESS: words[0]}
    return found | {name: own for name, _, own in settings}
