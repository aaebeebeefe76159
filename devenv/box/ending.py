"""TERM and HUP end a command the way Ctrl-C does: what it started is ended, and the guest's step with it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Ended(KeyboardInterrupt):
    """A signal other than INT asked devenv to end; the exit code says which, as a shell would."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = 128 + number


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Raise Ended in the block for TERM and HUP; a signal somebody chose to ignore (nohup) stays ignored."""

    def end(number: int, _frame: object) -> None:
        raise Ended(number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
