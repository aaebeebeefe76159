"""The words of ``devenv config``: what each verb takes, and the short way to read them.

``parse(argv)`` reads what people type and returns None for all else (help, mistakes): the long way through typer then
says what is wrong. Both make ConfigWords; a table in the tests proves that they make the same.
"""

from devenv.record import Record


class ConfigWords(Record):
    """``devenv config VERB [OPTION…] OPERAND…``"""

    verb: str
    operands: tuple[str, ...] = ()
    format: str | None = None
    lens: str | None = None
    augeas: bool = False
    json: bool = False
    # of the verbs that read
    raw: bool = False
    default: str | None = None
    exists: bool = False
    tree: bool = False
    # of the verbs that write
    check: bool = False
    diff: bool = False
    backup: bool = False
    in_place: bool = False
    create: bool = False
    quiet: bool = False
    force: bool = False
    type: str | None = None
    unique: bool = False
    at: int | None = None
    before: str | None = None
    after: str | None = None
    arrays: str = "replace"


READING = ("format", "lens", "augeas", "json")
WRITING = (*READING, "check", "diff", "backup", "in_place", "quiet")

VERBS: dict[str, tuple[str, ...]] = {
    "get": (*READING, "raw", "default", "exists"),
    "list": (*READING, "tree"),
    "set": (*WRITING, "create", "force", "type"),
    "unset": WRITING,
    "append": (*WRITING, "create", "type", "unique", "at", "before", "after"),
    "merge": (*WRITING, "create", "force", "arrays"),
    "apply": ("json", "check", "diff", "backup", "in_place", "quiet"),
    "formats": ("json",),
}
"""The options of each verb, by their names in ConfigWords."""

VALUED = ("format", "lens", "default", "type", "at", "before", "after", "arrays")
"""Options that take a value; the others are flags."""

FEWEST = {"get": 1, "list": 1, "set": 2, "unset": 2, "append": 3, "merge": 2, "apply": 1, "formats": 0}
MOST = {"list": 2, "merge": 3, "apply": 1, "formats": 0}

CHOICES = {"type": ("string", "number", "bool", "null", "json"), "arrays": ("replace", "append", "unique")}

_SHORT = {"-q": "quiet"}


def parse(argv: list[str]) -> ConfigWords | None:
    """Return what the words after ``config`` ask for; None when they take the long way."""
    if not argv or argv[0] not in VERBS:
        return None
    verb, options = argv[0], VERBS[argv[0]]
    operands: list[str] = []
    found: dict[str, object] = {}
    rest = iter(argv[1:])
    for word in rest:
        if word == "--":
            operands += rest
            break
        if not word.startswith("-") or word == "-":
            operands.append(word)
            continue
        name, equals, value = word.partition("=")
        option = _SHORT.get(name) or (name[2:].replace("-", "_") if name.startswith("--") and "_" not in name else "")
        if option not in options:
            return None
        if option not in VALUED:
            if equals:
                return None
            found[option] = True
            continue
        given = value if equals else next(rest, None)
        if given is None or (option in CHOICES and given not in CHOICES[option]):
            return None
        found[option] = given
    if not FEWEST[verb] <= len(operands) <= MOST.get(verb, len(operands)):
        return None
    if "at" in found:
        number = str(found["at"])
        if not number.removeprefix("-").isdecimal() or not number.isascii() or len(number) > 18:
            return None
        found["at"] = int(number)
    return ConfigWords(verb, tuple(operands), **found)  # type: ignore[arg-type]
