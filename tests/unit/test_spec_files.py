"""Files that are no devenv.yaml at all: one clear problem each, whatever they hold, and never a wait."""

import os
from pathlib import Path

import pytest

from devenv.box import spec, yamlfile
from devenv.errors import ConfigError


def problem(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        spec.load(file)
    (found,) = caught.value.problems
    return str(found)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

FILES = [
    ("empty", b"", "devenv.yaml:1:1: is empty"),
    ("comments", b"# nothing\n# here\n", "devenv.yaml:1:1: is empty"),
    ("null", b"null\n", "devenv.yaml:1:1: an empty value is not a devenv.yaml: it must be a mapping of keys to values"),
    ("list", b"- a\n- b\n", "devenv.yaml:1:1: a list is not a devenv.yaml"),
    ("scalar", b"hello\n", "devenv.yaml:1:1: hello is not a devenv.yaml"),
    ("number", b"42", "devenv.yaml:1:1: 42 is not a devenv.yaml"),
    ("binary", b"\x7fELF\x02\x01\x01\x00", "holds the control character \\x7f (is it a text file?)"),
    ("nul", b"name: a\ncpus: \x00", "devenv.yaml:2:7: holds the control character \\x00"),
    ("latin-1", "name: é".encode("latin-1"), "devenv.yaml:1:7: is not UTF-8 text"),
    ("utf-16", "name: a".encode("utf-16"), "devenv.yaml: is UTF-16 (save it as UTF-8)"),
    ("huge", b"#" * (1024 * 1024 + 1), "devenv.yaml: is larger than 1024 KiB"),
    ("long line", b"name: a\n#" + b"!" * 200_000, "devenv.yaml:2:1: is a line of more than 100000 characters"),
    ("two documents", b"name: a\n---\nname: b\n", "devenv.yaml:2:1: is a second document in one file"),
    ("unclosed", b"ports: [80\n", "devenv.yaml:2:1: is not YAML: expected ',' or ']'"),
    ("tab", b"env:\n\tA: 1\n", "(YAML indents with blanks, not with tabs)"),
    ("at", b"name: @x\n", "devenv.yaml:1:7: is not YAML: found character '@' that cannot start any token"),
    ("colons", b"name: a: b\n", "(text with special characters needs quotes)"),
    ("yaml 1.1", b"%YAML 1.1\n---\nname: a\n", "asks for another YAML than 1.2"),
    ("beyond unicode", b'name: "\\U00110000"\n', "is not YAML"),
    ("surrogate", b'name: "\\ud800"\n', "devenv.yaml:1:7: holds half a character"),
    ("unknown alias", b"name: *x\n", "devenv.yaml:1:7: *x refers to an anchor that is not there"),
    ("endless alias", b"env: &a {A: *a}\n", "devenv.yaml:1:13: *a holds itself"),
    ("laughs", LAUGHS.encode(), "the file holds more than 20000 values, aliases expanded"),
    ("many", b"ports: [" + b"1,\n" * 30_000 + b"]", "the file holds more than 20000 values"),
    ("deep", b"[" * 50_000, "is nested more than 40 levels deep"),
    ("deep aliases", b"a: &a " + b"[" * 30 + b"]" * 30 + b"\nb: " + b"[" * 20 + b"*a" + b"]" * 20, "40 levels deep"),
    ("deep mappings", b"{a: " * 5_000, "is nested more than 40 levels deep"),
    ("long number", b"cpus: " + b"9" * 5_000, "devenv.yaml:1:7: this number is too long"),
]


@pytest.mark.parametrize(("data", "expected"), [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_a_file_that_is_none_gives_one_problem(data: bytes, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "devenv.yaml"
    file.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        spec.load(file)
    assert expected in str(caught.value.problems[0])
    assert file.read_bytes() == data


def test_a_missing_file(tmp_path: Path) -> None:
    assert problem(tmp_path / "devenv.yaml") == "devenv.yaml: does not exist (devenv init writes one)"


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "devenv.yaml").mkdir()
    assert problem(tmp_path / "devenv.yaml") in ("devenv.yaml: is a folder, not a file", "devenv.yaml: is not a file")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "devenv.yaml")
    assert problem(tmp_path / "devenv.yaml") == "devenv.yaml: is not a file"


def test_a_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "devenv.yaml").symlink_to("/dev/zero")
    assert problem(tmp_path / "devenv.yaml") == "devenv.yaml: is not a file"


def test_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "devenv.yaml").symlink_to("devenv.yaml")
    assert "devenv.yaml: cannot be read: " in problem(tmp_path / "devenv.yaml")


def test_a_bom_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "devenv.yaml").write_bytes(b"\xef\xbb\xbfname: a\r\nports:\r\n  - 80\r\n")
    assert spec.load(tmp_path / "devenv.yaml").name == "a"


def test_a_folder_of_the_other_tool_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "devenv.nix").write_text("{ }")
    (tmp_path / "devenv.yaml").write_text("nonsense: [")
    message = "devenv.nix: belongs to another tool called devenv (the one based on Nix); nothing was touched"
    assert problem(tmp_path / "devenv.yaml") == message


def test_a_file_of_the_other_tool_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "devenv.yaml").write_text("# theirs\ninputs:\n  nixpkgs:\n    url: github:NixOS/nixpkgs\nfoo: 1\n")
    assert problem(tmp_path / "devenv.yaml").startswith("devenv.yaml:2:1: belongs to another tool called devenv")


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "big"
    file.write_bytes(b"x" * 11)
    assert yamlfile.read_bytes(file, 11) == b"x" * 11
    with pytest.raises(ConfigError, match="is larger than"):
        yamlfile.read_bytes(file, 10)
