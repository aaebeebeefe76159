"""Records behave as named tuples do."""

import copy
import pickle
from typing import Any, NamedTuple

import pytest

from devenv.record import Record


class Ours(Record):
    """A record."""

    first: int
    second: str = "x"
    third: tuple[int, ...] = ()

    @property
    def both(self) -> str:
        return f"{self.first}{self.second}"


class Theirs(NamedTuple):
    """A named tuple."""

    first: int
    second: str = "x"
    third: tuple[int, ...] = ()

    @property
    def both(self) -> str:
        return f"{self.first}{self.second}"


GIVEN: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, "y"), {}),
    ((1, "y", (2,)), {}),
    ((), {"first": 1, "third": (3,)}),
    ((1,), {"second": "z"}),
]


@pytest.mark.parametrize(("values", "named"), GIVEN)
def test_they_hold_the_same(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    ours, theirs = Ours(*values, **named), Theirs(*values, **named)
    assert tuple(ours) == theirs
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert (ours.first, ours.second, ours.third, ours.both) == (theirs.first, theirs.second, theirs.third, theirs.both)
    assert ours._asdict() == theirs._asdict()
    assert hash(ours) == hash(theirs)
    assert tuple(ours._replace(second="w")) == theirs._replace(second="w")
    assert pickle.loads(pickle.dumps(ours)) == copy.deepcopy(ours) == ours
    assert type(ours._replace(first=2)) is Ours
    match ours:
        case Ours(first, second):
            assert (first, second) == (ours.first, ours.second)


@pytest.mark.parametrize(
    ("values", "named"), [((), {}), ((1, 2, 3, 4), {}), ((1,), {"fourth": 1}), ((1,), {"first": 1})]
)
def test_they_refuse_the_same(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            kind(*values, **named)
    for record in (Ours(1), Theirs(1)):
        with pytest.raises(AttributeError):
            record.first = 2  # type: ignore[misc]
        with pytest.raises((AttributeError, TypeError)):
            record.other = 2  # type: ignore[union-attr]
        with pytest.raises(ValueError, match="fourth"):
            record._replace(fourth=1)  # type: ignore[call-arg]
    assert Ours._fields == Theirs._fields
    assert Ours.__doc__ == "A record."
