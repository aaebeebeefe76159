"""devenv config: the short way and the long way understand the same words; one table, both asked."""

import re

import pytest

from devenv.cli import app, config, configwords, quick
from devenv.cli.configwords import ConfigWords

SAME = [
    # words after config, what both ways make of them
    (["get", "f"], ConfigWords("get", ("f",))),
    (["get", "f", "a.b", "c"], ConfigWords("get", ("f", "a.b", "c"))),
    (["get", "--json", "f", "a"], ConfigWords("get", ("f", "a"), json=True)),
    (["get", "f", "--raw", "a", "--default", "x"], ConfigWords("get", ("f", "a"), raw=True, default="x")),
    (["get", "f", "a", "--default="], ConfigWords("get", ("f", "a"), default="")),
    (["get", "f", "a", "--exists"], ConfigWords("get", ("f", "a"), exists=True)),
    (["get", "f", "--", "--a"], ConfigWords("get", ("f", "--a"))),
    (["get", "-", "--format", "json", "a"], ConfigWords("get", ("-", "a"), format="json")),
    (
        ["get", "--lens=Hosts.lns", "f", "1/ipaddr", "--augeas"],
        ConfigWords("get", ("f", "1/ipaddr"), lens="Hosts.lns", augeas=True),
    ),
    (["list", "f"], ConfigWords("list", ("f",))),
    (["list", "f", "a", "--tree"], ConfigWords("list", ("f", "a"), tree=True)),
    (["set", "f", "a", "1"], ConfigWords("set", ("f", "a", "1"))),
    (["set", "f", "a=1", "b:=[2]", "c="], ConfigWords("set", ("f", "a=1", "b:=[2]", "c="))),
    (["set", "f", "a", ""], ConfigWords("set", ("f", "a", ""))),
    (["set", "f", "--", "a", "-5"], ConfigWords("set", ("f", "a", "-5"))),
    (["set", "f", "a", "-"], ConfigWords("set", ("f", "a", "-"))),
    (
        ["set", "--check", "--diff", "--backup", "--in-place", "-q", "--format", "json", "f", "a=1"],
        ConfigWords("set", ("f", "a=1"), format="json", check=True, diff=True, backup=True, in_place=True, quiet=True),
    ),
    (["set", "f", "a=1", "--type", "string", "--force"], ConfigWords("set", ("f", "a=1"), type="string", force=True)),
    (["set", "f", "a=1", "--type=null", "--create"], ConfigWords("set", ("f", "a=1"), type="null", create=True)),
    (["set", "f", "a=1", "--quiet", "--quiet"], ConfigWords("set", ("f", "a=1"), quiet=True)),
    (["set", "f", "a=1", "--format", "json", "--format", "yaml"], ConfigWords("set", ("f", "a=1"), format="yaml")),
    (["unset", "f", "a", "b"], ConfigWords("unset", ("f", "a", "b"))),
    (["unset", "f", "a", "--json"], ConfigWords("unset", ("f", "a"), json=True)),
    (["append", "f", "a", "x", "y", "--unique"], ConfigWords("append", ("f", "a", "x", "y"), unique=True)),
    (["append", "f", "a", "x", "--at", "0"], ConfigWords("append", ("f", "a", "x"), at=0)),
    (["append", "f", "a", "x", "--at", "-1"], ConfigWords("append", ("f", "a", "x"), at=-1)),
    (["append", "f", "a", "x", "--at=2"], ConfigWords("append", ("f", "a", "x"), at=2)),
    (["append", "f", "a", "x", "--before", "y"], ConfigWords("append", ("f", "a", "x"), before="y")),
    (["append", "f", "a", "x", "--after", "-y"], ConfigWords("append", ("f", "a", "x"), after="-y")),
    (["merge", "f", "{}"], ConfigWords("merge", ("f", "{}"))),
    (["merge", "f", "a", "{}", "--arrays", "unique"], ConfigWords("merge", ("f", "a", "{}"), arrays="unique")),
    (["apply", "e.yaml"], ConfigWords("apply", ("e.yaml",))),
    (["apply", "-", "--check", "--json"], ConfigWords("apply", ("-",), check=True, json=True)),
    (["formats"], ConfigWords("formats")),
    (["formats", "--json"], ConfigWords("formats", json=True)),
]
WRONG = [
    [],
    ["got", "f"],
    ["get"],
    ["list", "f", "a", "b"],
    ["set", "f"],
    ["set", "f", "a", "-5"],
    ["set", "f", "a=1", "--typ", "string"],
    ["set", "f", "a=1", "--type", "text"],
    ["set", "f", "a=1", "--type"],
    ["set", "f", "a=1", "--check=yes"],
    ["set", "f", "a=1", "--in_place"],
    ["set", "f", "a=1", "--unique"],
    ["unset", "f"],
    ["unset", "f", "a", "--force"],
    ["append", "f", "a"],
    ["append", "f", "a", "x", "--at", "first"],
    ["append", "f", "a", "x", "--at", ""],
    ["merge", "f"],
    ["merge", "f", "a", "b", "c"],
    ["merge", "f", "a", "--arrays", "none"],
    ["apply"],
    ["apply", "a", "b"],
    ["formats", "x"],
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[ConfigWords]:
    found: list[ConfigWords] = []
    monkeypatch.setattr(config, "run", lambda words: found.append(words) or 0)
    return found


@pytest.mark.parametrize(("argv", "meant"), SAME, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_both_ways_take_the_same_words(argv: list[str], meant: ConfigWords, asked: list[ConfigWords]) -> None:
    assert configwords.parse(argv) == meant
    assert quick.run(["config", *argv]) == 0
    assert app.run(["config", *argv]) == 0
    assert asked == [meant, meant]


@pytest.mark.parametrize("argv", WRONG, ids=" ".join)
def test_what_the_long_way_refuses_the_short_way_leaves_to_it(
    argv: list[str], asked: list[ConfigWords], capsys: pytest.CaptureFixture[str]
) -> None:
    assert configwords.parse(argv) is None
    assert quick.run(["config", *argv]) is None
    assert app.run(["config", *argv]) == 2
    assert asked == []
    assert re.search("Usage: devenv config|Error: Option '--", "".join(capsys.readouterr()))


@pytest.mark.parametrize("verb", configwords.VERBS)
def test_every_option_of_a_verb_is_in_its_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["config", verb, "--help"]) == 0
    shown = capsys.readouterr().out
    for option in configwords.VERBS[verb]:
        assert f"--{option.replace('_', '-')} " in shown, option
    listed = {line.split()[0].rstrip(",") for line in shown.splitlines() if line.startswith("  -")}
    assert {word for word in listed if word.startswith("--")} - {"--help"} <= {
        f"--{option.replace('_', '-')}" for option in configwords.VERBS[verb]
    }
