"""The reference of devenv.yaml in Markdown, made of the same table as its validation."""

from typing import Any

from devenv.box import schema, values
from devenv.box.kinds import Key, Record

EXAMPLE = """\
version: 1
name: hello
box: devenv/debian-12
cpus: 2
memory: 2 GiB
ports: [8080]
packages: [git, python3-venv]
env:
  DEBUG: true
provision:
  - name: dependencies
    run: python3 -m venv /opt/venv && /opt/venv/bin/pip install -r /vagrant/requirements.txt
  - name: serve
    when: always
    privileged: false
    run: cd /vagrant && make start
providers:
  libvirt:
    cpu_mode: host-passthrough
"""

INTRO = """\
# devenv.yaml

<!-- Made by scripts/generate.py from devenv/box/schema.py: change that file, not this one. -->

`devenv.yaml` says what your box is: what it is made from, what it shares with your machine, how it is set up. Every
key may be left out; an empty pair of braces, `{}`, is a whole file. A longer one:

```yaml
"""

AFTER_EXAMPLE = """\
```

`devenv up` checks the file, writes every default and every hash into `devenv.lock`, and makes the box be like that.
Commit both files.

## How the file is read

- It is YAML 1.2: `yes`, `no`, `on` and `off` are text, only `true` and `false` are true and false.
- All problems are reported at once, each with its line and column.
- A key that is not in the table below is a mistake, not a comment.
- Tags (`!…`), merge keys (`<<`), keys given twice and several documents in one file are refused. Anchors and aliases
  may be used, up to 20,000 values in all. The file may have up to 1 MiB.
- Text is only ever text: nothing in the file is run or expanded, except what `provision` runs inside the box.

For completion and checks in your editor, let this be the first line (`devenv init` writes it):

```yaml
# yaml-language-server: $schema=.vagrant/devenv/devenv.schema.json
```

## All keys

| key | type | default |
|---|---|---|
"""

AFTER_TABLE = """
All of them but `version`, `name` and `machines` may also stand in a machine of `machines`, as may
[`primary`](#primary).
"""

LONG_FORMS: dict[str, tuple[str, Record]] = {
    "ports": ("The long form of a port:", values.Port.record),
    "sync": ("The long form of a synced folder:", values.Sync.record),
    "provision": ("A step:", values.ProvisionStep.record),
}


def markdown() -> str:
    """Return the whole reference."""
    keys = schema.TOP.keys
    rows = "".join(f"| [`{key.name}`](#{key.name}) | {key.type} | {_default(key)} |\n" for key in keys)
    sections = "".join(_section(key) for key in (*keys, schema.PRIMARY))
    return INTRO + EXAMPLE + AFTER_EXAMPLE + rows + AFTER_TABLE + sections


def _default(key: Key[Any]) -> str:
    if not key.shown:
        return f"`{key.default}`"
    # a default that is YAML is shown as such, one that is a sentence is not
    is_yaml = key.shown[0] in "[{" or key.shown in ("true", "false")
    return f"`{key.shown}`" if is_yaml else key.shown


def _section(key: Key[Any]) -> str:
    where = " (only in a machine)" if key is schema.PRIMARY else ""
    text = f"\n## {key.name}\n\n{key.about}\n\nType: {key.type}{where}. Default: {_default(key)}.\n"
    if key.name in LONG_FORMS:
        title, record = LONG_FORMS[key.name]
        rows = "".join(f"| `{field.name}` | {field.about}{_note(field)} |\n" for field in record.keys)
        text += f"\n{title}\n\n| key | |\n|---|---|\n{rows}"
    examples = "".join(f"\n```yaml\n{example_yaml(key, example)}```\n" for example in key.examples)
    return text + examples


def _note(field: Key[Any]) -> str:
    if field.required:
        return " Required."
    if isinstance(field.default, bool):
        return f" Default: `{str(field.default).lower()}`."
    return f" Default: `{field.default}`." if isinstance(field.default, str) else ""


def example_yaml(key: Key[Any], example: str) -> str:
    """Return an example as a piece of devenv.yaml: on the key's line, or indented below it."""
    is_flow = "\n" not in example and (example[0] in "[{" or ": " not in example)
    if is_flow:
        return f"{key.name}: {example}\n"
    return f"{key.name}:\n" + "".join(f"  {line}\n" for line in example.splitlines())


def example_document(key: Key[Any], example: str) -> str:
    """Return an example as a whole devenv.yaml."""
    text = example_yaml(key, example)
    if key is not schema.PRIMARY:
        return text
    return "machines:\n  web:\n" + "".join(f"    {line}\n" for line in text.splitlines())
