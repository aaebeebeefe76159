"""What a path leads to and is not there: made in new parents, or said why not, in the same words for all formats."""

from devenv.editor.document import Match, Step, Steps
from devenv.editor.keypath import Last, spelled
from devenv.editor.values import Value
from devenv.errors import ForceNeeded, PathNotFound


def nested(rest: Steps, value: Value, place: Steps) -> Value:
    """Return value inside new objects and arrays, one for each step of rest, which begins at place."""
    for at, step in reversed(list(enumerate(rest))):
        if isinstance(step, Match):
            raise no_match((*place, *rest[:at]), step)
        if isinstance(step, int | Last):
            if step not in (0, "-", -1):
                raise not_in_array((*place, *rest[:at]), step, 0)
            value = [value]
        else:
            value = {step: value}
    return value


def below_scalar(place: Steps, kind: str, rest: Steps) -> ForceNeeded:
    """Return the error of a path that goes on where a value ends."""
    return ForceNeeded(
        f"{spelled(place)} is a {'single value' if kind == 'literal' else kind}, so there is no {spelled(rest)} in it",
        hint="add --force to replace it",
        otherwise="set replaces it, with --force",
    )


def not_an_array(place: Steps, step: Step) -> PathNotFound:
    """Return the error of an index into an object."""
    return PathNotFound(f"{spelled(place)} is an object, not an array: there is no {spelled((step,))} in it")


def not_in_array(place: Steps, step: Step, length: int) -> PathNotFound:
    """Return the error of an index past the end of an array, or of a key where indices are."""
    has = f"has {length} {'entry' if length == 1 else 'entries'}"
    return PathNotFound(
        f"{spelled(place)} {has}: there is no {spelled((step,))} in it", hint="the next index, or append, adds one"
    )


def no_match(place: Steps, step: Step) -> PathNotFound:
    """Return the error of a match that no entry is."""
    return PathNotFound(f"nothing in {spelled(place)} matches {spelled((step,))}")
