"""Every error devenv raises on purpose, and the exit code each one ends in.

::

    DevenvError(message, hint)            exit   when
    ├─ UsageError                          2     wrong words on the command line
    ├─ ConfigError(problems)               3     devenv.yaml or a lock is wrong
    ├─ EditError                           4     path syntax, type conflict, ambiguous path
    │  ├─ PathNotFound                     4     nothing there
    │  ├─ ForceNeeded                      4     done only when it is said to be meant
    │  └─ FileError                        4     a file to be edited cannot be read or written
    │     └─ FileMissing                   4     there is no such file
    ├─ ParseError                          5     a file is not what its format says
    ├─ ToolMissing(name, install)          6     a program or library is not there
    ├─ ToolFailed(argv, code, tail)        7     a program failed
    ├─ BoxError                            8     not created, not running, unreachable, wrong identity
    └─ ConflictError                       9     somebody else changed it meanwhile

Exit 70 is a bug in devenv, 130 an interrupt. Only the handler in ``devenv.cli`` turns errors into
exits and text. This module imports nothing, so that everything may import it.
"""

EXIT_OK = 0
EXIT_WOULD_CHANGE = 1
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


class DevenvError(Exception):
    """An error with one clear message, an optional hint on what to do, and an optional log path."""

    code = EXIT_BUG

    def __init__(self, message: str, *, hint: str | None = None, log: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.log = log


class UsageError(DevenvError):
    """Wrong words on the command line."""

    code = 2


class Problem:
    """One thing wrong in one place of a file; ``line`` and ``column`` count from 1, 0 means the whole file."""

    __slots__ = ("column", "file", "hint", "key", "line", "message")

    def __init__(self, file: str, line: int, column: int, key: str, message: str, hint: str | None = None) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        key = f"{self.key}: " if self.key else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}: {key}{self.message}{hint}"

    def __repr__(self) -> str:
        return f"Problem({str(self)!r})"


class ConfigError(DevenvError):
    """devenv.yaml or devenv.lock is wrong; ``problems`` holds every one found, in file order."""

    code = 3

    def __init__(self, problems: list[Problem], *, hint: str | None = None) -> None:
        super().__init__("\n".join(str(problem) for problem in problems), hint=hint)
        self.problems = problems


class EditError(DevenvError):
    """A path that cannot be read or found, or a value that does not fit there."""

    code = 4


class PathNotFound(EditError):
    """There is nothing at a path."""


class ForceNeeded(EditError):
    """What an edit does only with force; ``hint`` says so, ``otherwise`` is the hint of an edit that has no force."""

    def __init__(self, message: str, *, hint: str | None = None, otherwise: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.otherwise = otherwise

    def without_force(self) -> EditError:
        """Return the error of an edit that has no force."""
        return EditError(self.message, hint=self.otherwise)


class FileError(EditError):
    """A file cannot be read or written: not there, no file at all, no permission, a full disk; it is as it was."""


class FileMissing(FileError):
    """There is no file of that name."""


class ParseError(DevenvError):
    """A file is not what its format says it is; it was not touched.

    ``line`` and ``column`` count from 1, columns in characters; 0 is unknown. ``file`` is named once it is known.
    """

    code = 5

    def __init__(
        self, reason: str, *, line: int = 0, column: int = 0, file: str | None = None, hint: str | None = None
    ) -> None:
        place = ":".join(str(part) for part in (file, line, column) if part)
        super().__init__(f"{place}: {reason}" if file else f"{reason} at {place}" if place else reason, hint=hint)
        self.reason = reason
        self.line = line
        self.column = column
        self.file = file

    def within(self, file: str) -> "ParseError":
        """Return the same error with the file it is about."""
        return ParseError(self.reason, line=self.line, column=self.column, file=file, hint=self.hint)


class ToolMissing(DevenvError):
    """A program or library devenv needs is not there; ``install`` is the command that gets it."""

    code = 6

    def __init__(self, name: str, *, install: str | None = None, why: str | None = None) -> None:
        message = f"{name} is not installed" if why is None else f"{name} is not installed: {why}"
        super().__init__(message, hint=f"get it with: {install}" if install else None)
        self.name = name
        self.install = install


class ToolFailed(DevenvError):
    """A program devenv started failed; ``tail`` holds its last lines, never a back-trace."""

    code = 7

    def __init__(
        self,
        argv: list[str],
        exit_code: int,
        tail: str,
        *,
        message: str | None = None,
        hint: str | None = None,
        log: str | None = None,
    ) -> None:
        super().__init__(message or f"{argv[0]} failed with exit code {exit_code}", hint=hint, log=log)
        self.argv = argv
        self.exit_code = exit_code
        self.tail = tail


class BoxError(DevenvError):
    """A machine is not created, not running, not reachable, or not the one it should be."""

    code = 8


class ConflictError(DevenvError):
    """Somebody else changed it, or is changing it, meanwhile."""

    code = 9
