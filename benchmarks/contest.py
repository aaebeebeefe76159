"""Two contenders, measured in turn in one run, and what their medians say about a limit."""

import statistics
from collections.abc import Callable
from typing import NamedTuple, Protocol


class NotDone(Exception):
    """A contender ended without having done its work: its time says nothing."""


class Limit(Protocol):
    """What the medians of two contenders have to fulfil; seconds everywhere."""

    text: str

    def result(self, ours: float, theirs: float) -> str:
        """Return what the two make, in the limit's own words."""
        ...

    def met(self, ours: float, theirs: float) -> bool:
        """Say whether the limit is kept."""
        ...


class Faster:
    """At least so many times faster."""

    def __init__(self, times: float) -> None:
        self.times = times
        self.text = "-" if times == 0 else "faster" if times == 1 else f"{times:g} times faster"

    def result(self, ours: float, theirs: float) -> str:
        return f"{theirs / ours:.1f} times faster"

    def met(self, ours: float, theirs: float) -> bool:
        return theirs / ours >= self.times


class NotSlower:
    """Slower by no more than a share (0.05: five percent)."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.text = f"at most {share:.0%} slower"

    def result(self, ours: float, theirs: float) -> str:
        change = ours / theirs - 1
        return f"{abs(change):.1%} {'slower' if change > 0 else 'faster'}"

    def met(self, ours: float, theirs: float) -> bool:
        return ours / theirs <= 1 + self.share


class Within:
    """Longer by no more than so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.text = f"at most {seconds * 1000:.0f} ms more"

    def result(self, ours: float, theirs: float) -> str:
        return f"{(ours - theirs) * 1000:+.0f} ms"

    def met(self, ours: float, theirs: float) -> bool:
        return ours - theirs <= self.seconds


class Under:
    """Shorter than so many seconds; there is nobody to compare with."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.text = f"under {seconds:g} s"

    def result(self, ours: float, theirs: float) -> str:
        return f"{ours:.2f} s"

    def met(self, ours: float, theirs: float) -> bool:
        return ours < self.seconds


class Contender(NamedTuple):
    """One side: its command as a person would type it, and what does it once and returns the seconds it took.

    ``once`` raises NotDone when the work was not done.
    """

    command: str
    once: Callable[[], float]


class Outcome(NamedTuple):
    """The figures of every run of both sides, in seconds or in ``unit``; ``theirs`` is empty where nobody compares."""

    name: str
    against: str
    limit: Limit
    ours: list[float]
    theirs: list[float]
    unit: str = "s"

    @property
    def medians(self) -> tuple[float, float]:
        return statistics.median(self.ours), statistics.median(self.theirs) if self.theirs else 0.0

    @property
    def met(self) -> bool:
        return self.limit.met(*self.medians)

    @property
    def result(self) -> str:
        return self.limit.result(*self.medians)


def hold(
    ours: Contender,
    theirs: Contender | None,
    limit: Limit,
    *,
    runs: int,
    warm_up: bool = True,
    progress: Callable[[str], None] = lambda _text: None,
) -> Outcome:
    """Run both sides in turn, ``runs`` times each, and return their times.

    Who goes first changes with every round, so that neither profits from what the other leaves in the caches.
    """
    sides = [ours, *([theirs] if theirs else [])]
    if warm_up:
        for side in sides:
            side.once()
    times: dict[str, list[float]] = {side.command: [] for side in sides}
    for number in range(runs):
        for side in sides if number % 2 == 0 else reversed(sides):
            times[side.command].append(side.once())
            progress(f"{side.command}: {number + 1} of {runs}: {times[side.command][-1]:.3f} s")
    against = theirs.command if theirs else "-"
    return Outcome(ours.command, against, limit, times[ours.command], times[theirs.command] if theirs else [])
