"""What ``devenv config list`` prints can be given to ``set``: nothing changes there, and the same is made elsewhere."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devenv.cli import config, configread
from devenv.cli.configwords import ConfigWords
from devenv.editor import engine, formats

JSON = formats.named("json")
KEYS = st.sampled_from(["a", "b.c", "", "x y", "0", "a=b", "k[1]", '"q"', "$", "/p", "ключ"]) | st.text(max_size=4)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["1.10", "true", "null", "{}", "a=b", "=", ":=", " x ", "a\nb", "\x7f", "-", "--force"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=10
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


def listed(data: Any) -> list[str]:
    document = formats.open_document(json.dumps(data, indent=2).encode(), JSON)
    return [configread.assigned(document, place, value) for place, value in configread.leaves(document, ())]


def edits(lines: list[str]) -> Any:
    return config.edits_of(ConfigWords("set", ("file.json", *lines)))


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_a_list_set_in_its_own_file_changes_nothing(data: Any) -> None:
    text = json.dumps(data, indent=2).encode()
    assert not engine.apply(text, edits(listed(data)), JSON).changed


TOML = """d = 1979-05-27
t = 07:32:00
o = 1979-05-27T00:32:00-07:00
h = 0xFF
u = 1_000
i = [inf, -nan, +1, 1e6]
s = "0xFF"
"""
YAML = """d: 2020-01-01
y: yes
o: [0777, 0x1F, 0o17, 1_000, 12:30:45, .inf, .NaN, ~, +1]
t: !foo bar
q: "yes"
x: '0x1F'
"""
VAGRANTFILE = """Vagrant.configure("2") do |config|
  config.vm.box = "debian/bookworm64"
  config.vm.communicator = :ssh
  config.vm.network :private_network, ip: '192.168.56.10', auto_config: false
  config.vm.provider "libvirt" do |v, override|
    v.memory = 2048
    v.gui = nil
    v.cpus = ENV["CPUS"] || 2
    v.groups = ["a", :b]
  end
  config.vm.provision "shell", privileged: false, inline: <<-SHELL
    apt-get update
  SHELL
end
"""


@pytest.mark.parametrize(("text", "name"), [(TOML, "toml"), (YAML, "yaml"), (VAGRANTFILE, "vagrantfile")])
def test_what_json_has_not_stays_what_it_is_when_a_list_is_set(text: str, name: str) -> None:
    fmt = formats.named(name)
    document = formats.open_document(text.encode(), fmt)
    lines = [configread.assigned(document, place, value) for place, value in configread.leaves(document, ())]
    assert engine.apply(text.encode(), edits(lines), fmt).data.decode() == text


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_a_list_set_in_an_empty_file_makes_the_same(data: Any) -> None:
    made = engine.apply(b"{}\n", edits(listed(data)), JSON).data
    assert repr(json.loads(made)) == repr(data)
