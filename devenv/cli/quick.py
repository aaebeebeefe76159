"""The short way for ``--version``, ``run``, ``python``, ``pip``, ``status``, ``up``, ``ide check`` and ``config``.

It gives the same answers, not parsed by typer, which takes longer to read one command's words than ``run`` and
``status`` take altogether.

``run(argv)`` returns None for everything it does not take, and devenv.cli.app then parses the same words. A table of
argument lists in the tests proves that both ways do the same.
"""

from devenv.cli.guard import guarded
from devenv.record import Record


class RunWords(Record):
    """``devenv run [-m MACHINE] [-t|-T] [--] CMD…``"""

    command: tuple[str, ...]
    machine: str | None = None
    tty: bool | None = None


class StatusWords(Record):
    """``devenv status [--json] [MACHINE…]``"""

    machines: tuple[str, ...] = ()
    json: bool = False


class UpWords(Record):
    """``devenv up [--provider PROVIDER]``"""

    provider: str | None = None


def parse(argv: list[str]) -> RunWords | StatusWords | UpWords | None:
    """Return what a plain ``run``, ``status`` or ``up`` asks for; None when it takes the long way."""
    if argv == ["up"]:
        return UpWords()
    if argv[:2] == ["up", "--provider"] and len(argv) == 3 and not argv[2].startswith("-"):
        return UpWords(argv[2])
    if argv[:1] == ["run"]:
        return _run(argv[1:])
    if argv[:1] == ["status"]:
        words = argv[1:]
        if any(word.startswith("-") and word != "--json" for word in words):
            return None
        return StatusWords(tuple(word for word in words if word != "--json"), "--json" in words)
    return None


def _run(words: list[str]) -> RunWords | None:
    machine, tty = None, None
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option == "--":
            break
        if option in ("-m", "--machine") and rest:
            machine = rest.pop(0)
        elif option in ("-t", "--tty"):
            tty = True
        elif option in ("-T", "--no-tty"):
            tty = False
        else:
            return None
    return RunWords(tuple(rest), machine, tty) if rest else None


def _up(words: UpWords) -> int:
    from devenv.cli import life

    life.up(provider=words.provider)
    return 0


HELP = (["-h"], ["--help"])
"""The words that ask for devenv's own help on ``python`` and ``pip``."""


def run(argv: list[str]) -> int | None:
    """Do what argv asks when it is one of the short ways and return the exit code; else None."""
    if argv == ["--version"]:
        return guarded(_version)
    if argv[:1] in (["python"], ["pip"]) and argv[1:] not in HELP:
        return _interpreter(argv)
    if argv[:2] == ["ide", "check"] and all(word == "--json" or not word.startswith("-") for word in argv[2:]):
        return _check_editors(argv[2:])
    if argv[:1] == ["config"]:
        return _config(argv[1:])
    words = parse(argv)
    if isinstance(words, RunWords):
        from devenv.cli import guest

        return guarded(lambda: guest.run(words.command, machine=words.machine, tty=words.tty))
    if isinstance(words, StatusWords):
        from devenv.cli import guest

        return guarded(lambda: guest.status(words.machines, as_json=words.json))
    if isinstance(words, UpWords):
        return guarded(lambda: _up(words))
    return None


def _config(argv: list[str]) -> int | None:
    from devenv.cli import configwords

    words = configwords.parse(argv)
    if words is None:
        return None
    from devenv.cli import config

    return guarded(lambda: config.run(words))


def _interpreter(argv: list[str]) -> int:
    from devenv.cli import guest

    machine, words = interpreter_words(argv[1:])
    return guarded(lambda: guest.python(words, machine=machine, first="pip" if argv[0] == "pip" else ""))


def interpreter_words(words: list[str]) -> tuple[str | None, list[str]]:
    """Return the machine named in front of an interpreter's own words, None where none is, and those words."""
    machine = None
    if words[:1] == ["--machine"] and len(words) > 1:
        machine, words = words[1], words[2:]
    elif words and words[0].startswith("--machine="):
        machine, words = words[0].partition("=")[2], words[1:]
    return machine, words[1:] if words[:1] == ["--"] else words


def _check_editors(words: list[str]) -> int:
    from devenv.cli import idecheck

    names = [word for word in words if word != "--json"]
    return guarded(lambda: idecheck.check(names, as_json="--json" in words))


def _version() -> int:
    from devenv import __version__

    print(f"devenv {__version__}")
    return 0
