"""What a use case tells whoever watches: phases, one-line notes, the line at work now. Printing is the cli's."""

import contextlib
from collections.abc import Iterator
from typing import Protocol


class Report(Protocol):
    """The watcher of a use case."""

    def phase(self, machine: str, name: str) -> contextlib.AbstractContextManager[None]:
        """Mark a part of the work; its time is that of the ``with`` block, and an error ends it as failed."""
        ...

    def note(self, text: str) -> None:
        """Say one thing worth knowing."""
        ...

    def line(self, text: str) -> None:
        """Show a line of a program's output as what is going on now; it is in the log as well."""
        ...


class Silent:
    """A watcher that looks away."""

    @contextlib.contextmanager
    def phase(self, machine: str, name: str) -> Iterator[None]:
        yield

    def note(self, text: str) -> None:
        pass

    def line(self, text: str) -> None:
        pass
