"""Values of .env files, git's configuration, Dockerfiles and Vagrantfiles: read without quotes, written with them."""

import os
import subprocess
from pathlib import Path

import pytest

from devenv.editor import Append, Merge, Set, Unset, Untyped, formats, quoting
from devenv.editor.engine import apply
from devenv.editor.values import kind_of
from devenv.errors import EditError, PathNotFound


def edit(fmt: str, text: str, *edits: Set | Unset | Append | Merge) -> str:
    return apply(text.encode(), list(edits), formats.named(fmt)).data.decode()


def put(fmt: str, text: str, path: str, value: str) -> str:
    return edit(fmt, text, Set(path, Untyped(value)))


def read(fmt: str, text: str) -> object:
    return formats.open_document(text.encode(), formats.named(fmt)).read(())


HOSTILE = [
    "plain",
    "two words",
    " blank ",
    "# no comment",
    "a;b",
    'say "x"',
    "it's",
    "both ' and \"",
    "back\\slash\\",
    "$HOME ${X} `id` $(id)",
    "#{`id`} #$x #@y",
    "tab\there",
    "line\nline",
    "=",
    "[x]",
    "é 日本 😀",
    "true",
    "0755",
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("old", ["old", "'old'", '"old"', "", None])
def test_a_variable_of_an_env_file_comes_out_as_it_went_in(value: str, old: str | None) -> None:
    text = "A=1 # one\n" + ("" if old is None else f"X={old}\n") + "B='2'\n"
    after = put("dotenv", text, "X", value)
    assert read("dotenv", after) == {"A": "1", "X": value, "B": "2"}
    assert "A=1 # one\n" in after


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("old", ["old", '"old"', 'a" b "c', None])
def test_a_variable_of_git_comes_out_as_it_went_in(value: str, old: str | None) -> None:
    text = "[a]\n\tk = 1 ; one\n" + ("" if old is None else f"\tx = {old}\n") + '[b "c"]\n\td = 2\n'
    after = put("gitconfig", text, "a.x", value)
    assert read("gitconfig", after) == {"a": {"k": "1", "x": value}, "b.c": {"d": "2"}}


@pytest.mark.parametrize("value", [value for value in HOSTILE if "\n" not in value])
@pytest.mark.parametrize("old", ["old", '"old"', "'old'", None])
def test_a_variable_of_a_dockerfile_comes_out_as_it_went_in(value: str, old: str | None) -> None:
    text = "FROM a\nENV K=1" + ("" if old is None else f" X={old}") + "\nRUN x \\\n  y\n"
    after = put("dockerfile", text, "ENV.X", value)
    assert read("dockerfile", after) == {"FROM": "a", "ENV": {"K": "1", "X": value}, "RUN": "x \\\n  y"}


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("old", ["1", '"old"', "'old'", "BOX", "ENV['X'] || 'y'", None])
def test_a_setting_of_a_vagrantfile_comes_out_as_it_went_in(value: str, old: str | None) -> None:
    line = "" if old is None else f"  config.vm.box = {old}\n"
    text = f'Vagrant.configure("2") do |config|\n  config.vm.hostname = "h" # c\n{line}end\n'
    after = put("vagrantfile", text, "config.vm.box", value)
    assert read("vagrantfile", after) == {"config.vm.hostname": "h", "config.vm.box": value}


@pytest.mark.parametrize(
    ("fmt", "text", "path", "value", "after"),
    [
        ("dotenv", "export A=1 # c\n", "A", "2", "export A=2 # c\n"),
        ("dotenv", "A='1'\n", "A", "a b", "A='a b'\n"),
        ("dotenv", 'A="1"\n', "A", "x", 'A="x"\n'),
        ("dotenv", "A=1\n", "A", "", "A=\n"),
        ("dotenv", "A=\n", "A", "x", "A=x\n"),
        ("dotenv", "A", "A", "x", "A=x"),
        ("dotenv", "A=1\r\n", "B", "x", "A=1\r\nB=x\r\n"),
        ("dotenv", "export A=1\nexport B=1\n", "C", "x", "export A=1\nexport B=1\nexport C=x\n"),
        ("dotenv", "A=1\nexport B=1\n", "C", "x", "A=1\nexport B=1\nC=x\n"),
        ("dotenv", "export A=1\nB=1\nexport\tC=2\n", "D", "x", "export A=1\nB=1\nexport\tC=2\nD=x\n"),
        ("gitconfig", "[user]\n\temail = a\n", "user.name", "Ada L", "[user]\n\temail = a\n\tname = Ada L\n"),
        ("gitconfig", '[remote "o"]\n\turl = a\n', "remote.o.url", "b", '[remote "o"]\n\turl = b\n'),
        ("gitconfig", "[a]\n\tb = 1\n", "c.d.e", "x", '[a]\n\tb = 1\n[c "d"]\n\te = x\n'),
        ("gitconfig", "[a] b = 1\n", "a.b", "2", "[a] b = 2\n"),
        ("gitconfig", "[A]\n\tB = 1\n", "a.b", "2", "[A]\n\tB = 2\n"),
        ("requirements", "django==4.2  # LTS\n", "django", "==5.0", "django==5.0  # LTS\n"),
        ("requirements", "Django>=4\n", "django", "==5.0", "Django==5.0\n"),
        ("requirements", "a[x]==1 ; m\n", "a", "==2", "a[x]==2 ; m\n"),
        ("requirements", "a\n", "b", ">=1", "a\nb>=1\n"),
        ("dockerfile", "FROM a:1 AS b\n", "FROM", "a:2", "FROM a:2 AS b\n"),
        ("dockerfile", "from a:1\n", "FROM", "a:2", "from a:2\n"),
        ("dockerfile", "FROM a\nARG V\n", "ARG.V", "1", "FROM a\nARG V=1\n"),
        ("dockerfile", "FROM a\nCMD x\n", "CMD", '["y", "z"]', 'FROM a\nCMD ["y", "z"]\n'),
        ("vagrantfile", "x.y.z = 1\n", "x.y.z", "2", "x.y.z = 2\n"),
        ("vagrantfile", "x.y.z = '1'\n", "x.y.z", "2", "x.y.z = '2'\n"),
        ("vagrantfile", "x.y.z = :a\n", "x.y.z", "b", "x.y.z = :b\n"),
        ("vagrantfile", 'x.y "a", b: 1\n', "x.y.b", "2", 'x.y "a", b: 2\n'),
        ("vagrantfile", 'x.y "a", b: 1\n', "x.y.c", "d", 'x.y "a", b: 1, c: "d"\n'),
        ("vagrantfile", "x.y :a, :b => 1\n", "x.y", "c", "x.y :c, :b => 1\n"),
        ("vagrantfile", 'x.y "a", b: ["c"]\n', "x.y.b", '["d", 1]', 'x.y "a", b: ["d", 1]\n'),
        ("vagrantfile", 'x.y "a" do |z|\nend\n', "z.k", "1", 'x.y "a" do |z|\n  z.k = 1\nend\n'),
    ],
)
def test_only_what_is_set_changes(fmt: str, text: str, path: str, value: str, after: str) -> None:
    assert put(fmt, text, path, value) == after


MACHINES = """Vagrant.configure("2") do |config|
  config.vm.box = "a"
  config.vm.define "web" do |web|
    web.vm.network "forwarded_port", guest: 80, host: 8080
    web.vm.network :private_network, ip: "10.0.0.2"
    web.vm.provider "virtualbox" do |vb|
      vb.memory = 512
    end
    if true
      web.vm.provision "shell", inline: <<-SHELL
        if true; then echo "end"; fi
      SHELL
    end
  end
end
"""


def test_ports_and_provider_settings_of_a_vagrantfile_are_set_where_they_stand() -> None:
    after = put("vagrantfile", MACHINES, 'web.vm.network[guest = "80"].host', "9090")
    assert after == MACHINES.replace("8080", "9090")
    assert put("vagrantfile", MACHINES, "vb.memory", "1024") == MACHINES.replace("512", "1024")
    after = put("vagrantfile", MACHINES, 'web.vm.network[. = "private_network"].ip', "10.0.0.3")
    assert after == MACHINES.replace("10.0.0.2", "10.0.0.3")


def test_a_new_setting_goes_into_the_block_of_its_object() -> None:
    after = put("vagrantfile", MACHINES, "vb.cpus", "2")
    assert after == MACHINES.replace("vb.memory = 512\n", "vb.memory = 512\n      vb.cpus = 2\n")
    after = put("vagrantfile", MACHINES, "config.vm.hostname", "h")
    assert after == MACHINES.replace('box = "a"\n', 'box = "a"\n  config.vm.hostname = "h"\n')
    port = {".": "forwarded_port", "guest": 443, "host": 8443}
    after = edit("vagrantfile", MACHINES, Append("web.vm.network", (port,)))
    line = '    web.vm.network "forwarded_port", guest: 443, host: 8443\n'
    assert after == MACHINES.replace('ip: "10.0.0.2"\n', 'ip: "10.0.0.2"\n' + line)


def test_a_setting_without_a_block_is_refused() -> None:
    with pytest.raises(EditError, match="libvirt"):
        put("vagrantfile", MACHINES, "libvirt.memory", "1")
    with pytest.raises(PathNotFound):
        put("vagrantfile", MACHINES, 'web.vm.network[guest = "81"].host', "1")


@pytest.mark.parametrize(
    ("path", "line", "before"),
    [
        ("USER", "USER x", "CMD y\n"),
        ("ENV.A", "ENV A=x", "RUN b\n"),
        ("RUN[1]", "RUN x", "CMD y\n"),
        ("WORKDIR", "WORKDIR x", "CMD y\n"),
        ("ENTRYPOINT", "ENTRYPOINT x", ""),
    ],
)
def test_a_new_instruction_of_a_dockerfile_goes_into_the_last_stage(path: str, line: str, before: str) -> None:
    text = "FROM a AS b\nCOPY . .\nFROM c\nRUN b\nCMD y\n"
    at = text.rindex(before) if before else len(text)
    assert put("dockerfile", text, path, "x") == f"{text[:at]}{line}\n{text[at:]}"


@pytest.mark.parametrize("old", ["5 if x", "a +", "foo unless y"])
def test_an_expression_that_says_more_than_a_value_is_not_replaced(old: str) -> None:
    with pytest.raises(EditError, match="more than a value"):
        put("vagrantfile", f"x.y = {old}\n", "x.y", "1")


@pytest.mark.parametrize(
    ("fmt", "text", "path", "value"),
    [
        ("dotenv", "A=1\n", "A", "a\0b"),
        ("dotenv", "A=1\n", "A B", "x"),
        ("gitconfig", "[a]\n", "a.b", "a\0b"),
        ("gitconfig", "[a]\n", "a.b", "a\rb"),
        ("dockerfile", "FROM a\nENV B=1\n", "ENV.B", "a\nb"),
        ("dockerfile", "FROM a\nRUN b\n", "RUN", "a\nb"),
        ("requirements", "a==1\n", "a", "1"),
        ("requirements", "a==1\n", "a", "==1 --hash=x\n-r /etc/passwd"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(fmt: str, text: str, path: str, value: str) -> None:
    with pytest.raises(EditError) as caught:
        put(fmt, text, path, value)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("value", HOSTILE)
def test_encode_and_decode_are_two_ways_of_one_road(value: str) -> None:
    for lens, place in (("Dotenv.lns", "X"), ("Gitconfig.lns", "a/b"), ("Vagrantfile.lns", "x.y")):
        for old in (None, "'o'", '"o"'):
            assert quoting.decode(lens, place, quoting.encode(lens, place, value, old)) == value


REAL = """# mine
[user]
\tname = "Ada Lovelace" # me
\temail=ada@example.org
[core]
\tbare
\teditor = vim \\
  -u NONE
\twhitespace =
[alias] st = status -s
\tlg = "!f() { git log \\"$@\\"; }; f"
[remote "origin"]
\turl = git@example.org:x/y.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
\tfetch = +refs/tags/*:refs/tags/*
[branch "feature/a.b \\"c\\""]
\tmerge = a ; b
\tdescription = one\\ttwo\\nthree  x
[url "https://example.org/"]
\tinsteadOf = "ex:"
"""


@pytest.mark.starts_programs
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (None, ""),
        ("user.name", 'a "b"; # c'),
        ("core.pager", " less "),
        ("branch.dev.remote", "origin"),
        ("remote.origin.pushurl", "back\\slash"),
        ('url."https://example.org/".pushInsteadOf', "x\ny\tz"),
    ],
)
def test_git_reads_what_we_read(path: str | None, value: str, tmp_path: Path) -> None:
    text = REAL if path is None else put("gitconfig", REAL, path, value)
    file = tmp_path / "config"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["git", "config", "--file", str(file), "--list", "-z"], capture_output=True, text=True, check=True
    )
    theirs = [tuple(entry.partition("\n")[::2]) for entry in done.stdout.split("\0") if entry]
    assert sorted(theirs) == sorted(ours(read("gitconfig", text)))


def ours(tree: object) -> list[tuple[str, str]]:
    """Return all variables as git lists them: names of sections and variables in small letters."""
    assert isinstance(tree, dict)
    found = []
    for section, variables in tree.items():
        name, dot, subsection = section.partition(".")
        for key, values in variables.items():
            for value in values if isinstance(values, list) else [values]:
                found.append((f"{name.lower()}{dot}{subsection}.{key.lower()}", value))
    return found


def test_a_call_of_a_vagrantfile_is_made_by_several_edits_in_any_order() -> None:
    first, host = Set("web.vm.network[2]", Untyped("public_network")), Set("web.vm.network[2].bridge", Untyped("eth0"))
    line = '    web.vm.network "public_network", bridge: "eth0"\n'
    after = MACHINES.replace('ip: "10.0.0.2"\n', 'ip: "10.0.0.2"\n' + line)
    assert edit("vagrantfile", MACHINES, first, host) == edit("vagrantfile", MACHINES, host, first) == after


@pytest.mark.parametrize(
    ("old", "value", "type_", "after"),
    [
        ("1.10", "1.10", "string", '"1.10"'),
        ('"1.10"', "1.10", "number", "1.10"),
        ("'a'", "1.10", "string", "'1.10'"),
        ("'a'", "it's", None, '"it\'s"'),
        ("1", "2.5", None, "2.5"),
        ("1", "01", None, '"01"'),
        ("0755", "0755", None, "0755"),
        ("true", "false", "bool", "false"),
        ("true", "false", "string", '"false"'),
        (":a", "b", "string", '"b"'),
        ("['a', 'b']", '["a","b"]', None, '["a", "b"]'),
        ("X", "1.10", None, '"1.10"'),
    ],
)
def test_a_kind_of_ruby_stays_where_it_fits_and_is_what_type_says(
    old: str, value: str, type_: str | None, after: str
) -> None:
    assert edit("vagrantfile", f"x.y.z = {old}\n", Set("x.y.z", Untyped(value), type=type_)) == f"x.y.z = {after}\n"


def test_new_strings_of_a_vagrantfile_are_quoted_as_most_are() -> None:
    text = "x.a = 'b'\nx.c 'd', e: \"f\", g: 'h'\n"
    assert put("vagrantfile", text, "x.k", "v") == text.replace("x.c", "x.k = 'v'\nx.c")
    assert put("vagrantfile", text, "x.k", "it's") == text.replace("x.c", 'x.k = "it\'s"\nx.c')


def test_values_of_a_vagrantfile_have_kinds() -> None:
    text = "x.a = 1\nx.b = '1'\nx.c = :d\nx.e = true\nx.f 'g', h: 0x1\n"
    found = read("vagrantfile", text)
    assert isinstance(found, dict)
    kinds = ["number", "string", "literal", "literal"]
    assert [kind_of(found[key]) for key in ("x.a", "x.b", "x.c", "x.e")] == kinds
    assert found["x.c"] == "d"


def test_a_new_setting_in_an_empty_block_is_as_far_in_as_the_block_says() -> None:
    text = 'V "2" do |c|\n\tc.vm.network "a"\n\tc.vm.provider "b" do |d|\n\tend\nend\n'
    assert put("vagrantfile", text, "d.memory", "1") == text.replace("|d|\n", "|d|\n\t\td.memory = 1\n")
    assert put("vagrantfile", text, "c.vm.box", "1") == text.replace('"a"\n', '"a"\n\tc.vm.box = "1"\n')


def test_what_is_appended_to_no_instruction_is_no_exec_form() -> None:
    assert edit("dockerfile", "FROM a\n", Append("RUN", ("make all",))) == "FROM a\nRUN make all\n"
    assert edit("dockerfile", "FROM a\n", Set("RUN", ["make", "all"])) == 'FROM a\nRUN ["make", "all"]\n'


PRINTABLE = "".join(map(chr, range(32, 127)))


def read_by_bash(text: str, folder: Path) -> dict[str, str]:
    """Return the variables X… that a file gives to what a shell starts that has read it."""
    (folder / ".env").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-c", "set -a; . ./.env; exec env -0"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": "/home/x"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    entries = (entry.partition("=") for entry in done.stdout.split("\0"))
    return {name: value for name, _, value in entries if name.startswith("X")}


@pytest.mark.starts_programs
@pytest.mark.parametrize("export", ["", "export "])
@pytest.mark.parametrize("old", [None, "old", "'old'", '"old"'])
def test_a_shell_reads_each_character_of_an_env_file_as_it_was_set(
    old: str | None, export: str, tmp_path: Path
) -> None:
    values = [text for char in PRINTABLE for text in (char, f"{char}b", f"a{char}b", f"a{char}", f"a:{char}/b c")]
    wanted = {f"X{number}": value for number, value in enumerate([*values, PRINTABLE, "http://h/?a=1&b=2"])}
    lines = [f"{export}{name}={quoting.encode('Dotenv.lns', name, value, old)}\n" for name, value in wanted.items()]
    text = "".join(lines)
    assert read("dotenv", text) == wanted
    assert read_by_bash(text, tmp_path) == wanted


def test_a_bare_value_with_an_ampersand_stays_as_it_is_where_it_is_set_again() -> None:
    text = "U=http://h/?a=1&b=2\n"
    assert put("dotenv", text, "U", "http://h/?a=1&b=2") == text
    assert put("dotenv", text, "U", "http://h/?a=1&b=3") == 'U="http://h/?a=1&b=3"\n'
    assert put("dotenv", text, "V", "a|b&c") == f'{text}V="a|b&c"\n'


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        # as the value was
        ('X="a\nb" # c\n', "X", "a\nd", 'X="a\nd" # c\n'),
        ("X='a\nb'\n", "X", "a\nd", "X='a\nd'\n"),
        ("X=`a\nb`\n", "X", "a\nd", "X=`a\nd`\n"),
        ("X='a\nb'\n", "X", "it's\nd", 'X="it\'s\nd"\n'),
        ('X="a\nb"\n', "X", "a\n$b", "X='a\n$b'\n"),
        ('X="a\nb"\n', "X", "it's\n$b", 'X="it\'s\n\\$b"\n'),
        ('X="a\\nb"\n', "X", "a\nd", 'X="a\\nd"\n'),
        ('X="a\\nb"\nY="c\nd"\n', "X", "a\nd", 'X="a\\nd"\nY="c\nd"\n'),
        ('X="a\r\nb"\r\n', "X", "a\nd", 'X="a\r\nd"\r\n'),
        # as others are
        ('X=a\nY="c\nd"\n', "X", "a\nb", 'X="a\nb"\nY="c\nd"\n'),
        ("Y='c\nd'\nX=a\n", "X", "a\nb", "Y='c\nd'\nX=\"a\nb\"\n"),
        ('export Y="c\nd"\n', "X", "a\nb", 'export Y="c\nd"\nexport X="a\nb"\n'),
        # as the libraries have it
        ("X=a\n", "X", "a\nb", 'X="a\\nb"\n'),
        ("Y=1\n", "X", "a\nb", 'Y=1\nX="a\\nb"\n'),
        ('Y="c\\nd"\n', "X", "a\nb", 'Y="c\\nd"\nX="a\\nb"\n'),
    ],
)
def test_lines_of_an_env_file_stay_lines(before: str, name: str, value: str, after: str) -> None:
    assert put("dotenv", before, name, value) == after
    found = read("dotenv", after)
    assert isinstance(found, dict)
    assert found[name] == value
    assert put("dotenv", after, name, value) == after


@pytest.mark.starts_programs
@pytest.mark.parametrize("value", ["a\nb", "it's\n$HOME `id` \\\n", "a\\\nb", "\n", 'say "x"\n&\n'])
@pytest.mark.parametrize("old", ['"c\nd"', "'c\nd'"])
def test_a_shell_reads_the_lines_of_an_env_file_that_has_lines(old: str, value: str, tmp_path: Path) -> None:
    after = put("dotenv", put("dotenv", f"X1={old}\n", "X1", value), "X2", value)
    assert read_by_bash(after, tmp_path) == {"X1": value, "X2": value}
