"""Files of sudo: a Defaults line for some users, hosts or commands is none for all, and commands keep their rights."""

from __future__ import annotations

from devenv.editor.keypath import spelled
from devenv.editor.trees import shape
from devenv.editor.trees.marked import MarkedDocument
from devenv.editor.trees.parse import Parsed, Trail
from devenv.editor.trees.view import Spot, View
from devenv.editor.values import shown
from devenv.errors import EditError
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from devenv.editor.document import Document, Step, Steps
    from devenv.editor.values import Value

_DEFAULTS = "Defaults"


class SudoersView(View):
    """The values of a text; an option by its name alone is one that holds for all, whatever other lines have it."""

    def defaults(self) -> tuple[list[Trail], list[Trail]]:
        """Return all lines of Defaults, and those of them that hold for all."""
        lines = self.named((), _DEFAULTS)
        return lines, [at for at in lines if not self.named(at, "type")]

    def below(self, spot: Spot, steps: Steps) -> list[Spot]:
        """Return the places steps lead to from a place."""
        if spot.trail or steps[:1] != (_DEFAULTS,):
            return super().below(spot, steps)
        lines, plain = self.defaults()
        if len(steps) > 1 and is_option(steps[1]):
            order = [Spot((_DEFAULTS, lines.index(at)) if len(lines) > 1 else (_DEFAULTS,), (at,)) for at in plain]
            return [found for one in order for found in super(SudoersView, self).below(one, steps[1:])]
        if len(lines) == 1 and not plain:
            # the only one, which does not hold for all, goes by its number too
            return super().below(Spot((_DEFAULTS,), tuple(lines), "group"), steps[1:])
        return super().below(spot, steps)

    def value(self, trail: Trail) -> Value:
        """Return what a node is as a value, all the way down."""
        value = super().value(trail)
        if not trail and isinstance(value, dict) and isinstance(value.get(_DEFAULTS), dict):
            lines, plain = self.defaults()
            value |= {} if plain else {_DEFAULTS: self._values(tuple(lines))}
        return value


def is_option(step: Step) -> bool:
    """Say whether a step below Defaults is the name of an option."""
    return isinstance(step, str) and step not in ("type", "-") and not step.isdigit()


class SudoersDocument(MarkedDocument):
    """One text of sudo."""

    view: SudoersView

    def view_of(self, parsed: Parsed) -> View:
        """Return what says which values a text has."""
        return SudoersView(parsed)

    def select(self, expression: str) -> list[Steps]:
        """Return plain steps of what an expression matches: one in a line not for all by its number."""
        found = super().select(expression)
        return [one if self.view.find(one) else (one[0], 0, *one[1:]) for one in found]

    def put(self, steps: Steps, value: Value, *, force: bool = False) -> None:
        """Replace what is there by value, or make it; commands behind it are run as they were."""
        before = self.parsed
        super().put(steps, value, force=force)
        self._keep(before, steps)

    def insert(self, steps: Steps, index: int, value: Value) -> None:
        """Put value before entry index; commands behind it are run as they were."""
        before = self.parsed
        super().insert(steps, index, value)
        self._keep(before, steps)

    def delete(self, steps: Steps) -> None:
        """Take out what is at plain steps; commands behind it are run as they were."""
        before = self.parsed
        super().delete(steps)
        self._keep(before, steps)

    def _keep(self, before: Parsed, steps: Steps) -> None:
        if steps[:1] != ("spec",) or "command" not in steps:
            # a whole line is what it says
            return
        from devenv.editor.trees import sudoerscommands

        try:
            bare = sudoerscommands.inherits_nothing(before, self.parsed)
            if bare is not None:
                raise EditError(
                    f"{bare} would be the first command, before the runas and tags that hold for the others",
                    hint='append it at the end, or say as whom it is run: {".": "/bin/ls", "runas_user": "root"}',
                )
            self._use(sudoerscommands.kept(before, self.parsed))
        except EditError:
            self._use(before)
            raise

    def same(self, have: Value, wanted: Value, at: Steps = ()) -> bool:
        """Say whether what is there is what is wanted there: an option that is off is not one that is on."""
        off = isinstance(have, dict) and list(have) == ["negate"]
        return super().same(have, wanted, at) and not (off and isinstance(wanted, str))

    def _replace_by_text(self, spot: Spot, text: str) -> None:
        inner = self.parsed.at(spot.trail).children if spot.what == "node" else []
        if spot.steps[0] == _DEFAULTS and [child.label for child in inner] == ["negate"]:
            self._switch_on(spot, text)
        else:
            super()._replace_by_text(spot, text)

    def _switch_on(self, spot: Spot, text: str) -> None:
        """Set an option that is off: it loses its mark, and gets a value if it takes one."""
        parsed = self.parsed
        mark, end = parsed.span((*spot.trail, 0)), parsed.span(spot.trail).label_end
        value = b"=" + self.change.encoded(parsed, text) if text else b""
        expected = shape.with_value(shape.without(parsed.root, (*spot.trail, 0)), spot.trail, text)
        source = parsed.text
        fresh = self.change.judge(parsed, expected)(
            source[: mark.start] + source[mark.end : end] + value + source[end:]
        )
        if fresh is None:
            raise EditError(f"{spelled(spot.steps)} is off, and cannot be {shown(text)} to sudo's lens")
        self._use(fresh)

    def _make(self, steps: Steps, value: Value) -> None:
        """Make what is not there; an option comes to the one line of Defaults, or to one of its own."""
        if len(steps) < 2 or steps[0] != _DEFAULTS or not is_option(steps[1]):
            super()._make(steps, value)
            return
        lines, plain = self.view.defaults()
        if len(lines) == len(plain) == 1 or not lines:
            super()._make(steps, value)
            return
        from devenv.editor.absent import nested

        at = (plain or lines)[-1][0] + 1
        self._add((), [at], _DEFAULTS, nested(steps[1:], value, (_DEFAULTS,)))

    def verify(self, before: Document, touched: list[Steps]) -> None:
        """Raise EditError when more than touched differs from before: what a command inherited may be written to it."""
        cut = [steps[: steps.index("command") + 1] if "command" in steps else steps for steps in touched]
        super().verify(before, cut)
