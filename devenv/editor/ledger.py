"""What edits have done where, so that their result can be looked over: what is to be there, and what is to be gone.

A later edit may undo an earlier one, change what is in it, or move the entries of an array it is in. Every question is
answered by a walk up one path, however many edits there were.

Steps are those to where something stands itself. What stands once and is seen in several places, through an alias, may
be in any object or array, and come back where something was taken out: all that was noted of those before is forgotten.
"""

from devenv.editor.document import Steps
from devenv.editor.values import Value


class Ledger:
    """The edits of one document, in order."""

    def __init__(self) -> None:
        self.touched: list[Steps] = []
        self._wanted: dict[Steps, tuple[int, Value]] = {}
        self._gone: dict[Steps, int] = {}
        # the number of the last edit at a place, below it, and of the last that moved the entries of an array
        self._at: dict[Steps, int] = {}
        self._below: dict[Steps, int] = {}
        self._moved: dict[Steps, int] = {}
        self._shared = 0

    def touch(self, steps: Steps, *, shared: bool = False) -> None:
        """Note a change at a place, which is seen elsewhere, too, when it is shared."""
        self.touched.append(steps)
        number = len(self.touched)
        self._at[steps] = number
        if shared:
            self._shared = number
        for length in range(len(steps)):
            self._below[steps[:length]] = number
        if steps and isinstance(steps[-1], int):
            self._moved[steps[:-1]] = number

    def want(self, steps: Steps, value: Value, *, shared: bool = False) -> None:
        """Note that a value is to be there from now on."""
        self.touch(steps, shared=shared)
        self._wanted[steps] = (len(self.touched), value)

    def miss(self, steps: Steps) -> None:
        """Note that nothing is to be there from now on."""
        self._gone[steps] = len(self.touched)

    def wanted(self) -> list[tuple[Steps, Value]]:
        """Return what is still to be there."""
        return [
            (steps, value)
            for steps, (number, value) in self._wanted.items()
            if not self._stale(steps, number) and (number >= self._shared or not isinstance(value, dict | list))
        ]

    def gone(self) -> list[Steps]:
        """Return where there is still to be nothing."""
        return [
            steps for steps, number in self._gone.items() if number >= self._shared and not self._stale(steps, number)
        ]

    def _stale(self, steps: Steps, number: int) -> bool:
        if self._below.get(steps, 0) > number:
            return True
        prefixes = (steps[:length] for length in range(len(steps) + 1))
        return any(self._at.get(above, 0) > number or self._moved.get(above, 0) > number for above in prefixes)
