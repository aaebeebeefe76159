"""What is installed in Vagrant, read straight from its folder, and whether it is still what was built."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from devenv.errors import BoxError

RECORD = "devenv.json"
"""The file in a box that says what was built; Vagrant does not know it."""

VAGRANTS_OWN = ("box_update_check", "lxc-config.backup")
"""Files Vagrant and its plugins add to an installed box later."""


@dataclass(frozen=True)
class InstalledBox:
    """A box in Vagrant's folder: its name, version, provider and the folder with its files."""

    name: str
    version: str
    provider: str
    path: Path


def installed_boxes(vagrant_home: Path) -> list[InstalledBox]:
    """Return every box Vagrant has installed, sorted; works without Ruby, for anybody's boxes."""
    found = []
    boxes = vagrant_home / "boxes"
    # Vagrant 2.4 puts the architecture between version and provider
    for metadata in [*boxes.glob("*/*/*/metadata.json"), *boxes.glob("*/*/*/*/metadata.json")]:
        folder = metadata.parent
        parts = folder.relative_to(boxes).parts
        try:
            provider = json.loads(metadata.read_text())["provider"]
        except (OSError, ValueError, KeyError, TypeError):
            provider = parts[-1]
        found.append(InstalledBox(decode_name(parts[0]), parts[1], str(provider), folder))
    return sorted(found, key=lambda box: (box.name, version_key(box.version), box.provider))


def decode_name(folder: str) -> str:
    """Return the name of the box Vagrant keeps in a folder of this name."""
    return folder.replace("-VAGRANTCOLON-", ":").replace("-VAGRANTSLASH-", "/")


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that orders versions as people do: 12.9 before 12.10, words before numbers."""
    parts = version.replace("-", ".").split(".")
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)


def box_checksum(folder: Path) -> str:
    """Return ``sha256:…`` over the sorted (SHA-256, relative path) lines of an installed box's files."""
    return tree_checksum(file_checksums(folder))


def file_checksums(folder: Path) -> dict[str, str]:
    """Return relative path -> SHA-256 (hex) of every file below folder but Vagrant's own later additions."""
    sums = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name in VAGRANTS_OWN or not path.is_file():
            continue
        with path.open("rb") as file:
            sums[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return sums


def tree_checksum(sums: dict[str, str]) -> str:
    """Return the checksum of a tree whose files have these sums."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items(), key=lambda item: (item[1], item[0])))
    return "sha256:" + hashlib.sha256(lines.encode()).hexdigest()


def verify(box: InstalledBox) -> str:
    """Return a box's checksum, as box_checksum does; raise BoxError if a box of ours is not what was built."""
    record = read_record(box.path)
    actual = file_checksums(box.path)
    checksum = tree_checksum(actual)
    actual.pop(RECORD, None)
    expected = recorded_files(box.path)
    if record is None or expected == actual:
        return checksum
    wrong = sorted(name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name))
    suite = record.get("suite", "bookworm")
    raise BoxError(
        f"the box {box.name} {box.version} ({box.provider}) is damaged: {', '.join(wrong)} changed since it was built",
        hint=f"make it again with: devenv box build --suite {suite} --provider {box.provider}",
    )


def shared_checksum(box: InstalledBox, known: str | None = None) -> str:
    """Return what devenv.lock keeps of a box: for one of ours what all who built it share, else ``box_checksum``.

    known is the latter, when it was taken already.
    """
    content = (read_record(box.path) or {}).get("content")
    return content if isinstance(content, str) else known or box_checksum(box.path)


def read_record(folder: Path) -> dict[str, object] | None:
    """Return what devenv wrote into a box when it built it, or None if the box is not one of ours."""
    try:
        record = json.loads((folder / RECORD).read_text())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def recorded_files(folder: Path) -> dict[str, str]:
    """Return relative path -> SHA-256 (hex) as recorded when one of our boxes was built; empty for any other box."""
    files = (read_record(folder) or {}).get("files")
    return {str(name): str(digest) for name, digest in files.items()} if isinstance(files, dict) else {}
