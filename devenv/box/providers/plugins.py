"""Which Vagrant plugins are installed, read from Vagrant's own lists without starting Ruby."""

import json
from pathlib import Path

from devenv.paths import vagrant_home

SYSTEM_LISTS = ("/usr/share/vagrant-plugins/plugins.d",)


def plugins() -> dict[str, str]:
    """Return plugin name -> version ("" when the list does not say) for the user's and the system's plugins."""
    found: dict[str, str] = {}
    lists = [vagrant_home() / "plugins.json"]
    for folder in SYSTEM_LISTS:
        lists += sorted(Path(folder).glob("*.json"))
    for file in lists:
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            # the user's list has them under "installed", Debian's files hold nothing else
            entries = data.get("installed", data).items()
        except (OSError, ValueError, AttributeError):
            continue
        for name, facts in entries:
            if isinstance(facts, dict):
                found.setdefault(name, str(facts.get("gem_version") or ""))
    return found


def has_plugin(name: str) -> bool:
    """Say whether Vagrant would load the plugin of that name."""
    return name in plugins()
