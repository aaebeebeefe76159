"""Boxes in Vagrant's folder: found without Vagrant, checked against what was built."""

import json
from pathlib import Path

import pytest

from devenv.errors import BoxError
from devenv.image import installed
from devenv.image.installed import InstalledBox


def put(home: Path, folder: str, **files: str) -> Path:
    path = home / "boxes" / folder
    path.mkdir(parents=True)
    for name, text in {"metadata.json": json.dumps({"provider": path.name}), **files}.items():
        (path / name.replace("__", ".")).write_text(text)
    return path


def put_ours(home: Path, version: str = "12.20261121.1", provider: str = "docker") -> InstalledBox:
    path = put(home, f"devenv-VAGRANTSLASH-debian-12/{version}/{provider}", Vagrantfile="x", Dockerfile="y")
    record = {"suite": "bookworm", "files": installed.file_checksums(path)}
    (path / installed.RECORD).write_text(json.dumps(record))
    return InstalledBox("devenv/debian-12", version, provider, path)


def test_all_boxes_are_found_in_the_order_of_their_versions(tmp_path: Path) -> None:
    put(tmp_path, "debian-VAGRANTSLASH-bookworm64/12.10.1/libvirt")
    put(tmp_path, "debian-VAGRANTSLASH-bookworm64/12.9.1/libvirt")
    put(tmp_path, "mine/0/virtualbox")
    assert [(box.name, box.version, box.provider) for box in installed.installed_boxes(tmp_path)] == [
        ("debian/bookworm64", "12.9.1", "libvirt"),
        ("debian/bookworm64", "12.10.1", "libvirt"),
        ("mine", "0", "virtualbox"),
    ]


def test_the_folder_of_an_architecture_is_understood(tmp_path: Path) -> None:
    path = put(tmp_path, "a-VAGRANTSLASH-b/1.0/amd64", metadata__json='{"provider": "libvirt"}')
    assert installed.installed_boxes(tmp_path)[0].path == path
    put(tmp_path, "a-VAGRANTSLASH-c/1.0/arm64/docker")
    assert [(box.name, box.provider) for box in installed.installed_boxes(tmp_path)] == [
        ("a/b", "libvirt"),
        ("a/c", "docker"),
    ]


def test_no_folder_is_no_boxes(tmp_path: Path) -> None:
    assert installed.installed_boxes(tmp_path / "nowhere") == []


def test_metadata_that_is_not_json_leaves_the_provider_to_the_folders_name(tmp_path: Path) -> None:
    put(tmp_path, "x/1/docker", metadata__json="{")
    assert installed.installed_boxes(tmp_path)[0].provider == "docker"


def test_the_checksum_is_of_names_and_content_and_of_nothing_vagrant_adds(tmp_path: Path) -> None:
    box = put_ours(tmp_path)
    before = installed.box_checksum(box.path)
    assert before.startswith("sha256:")
    (box.path / "box_update_check").write_text("now")
    assert installed.box_checksum(box.path) == before
    (box.path / "Vagrantfile").rename(box.path / "Vagrantfile2")
    assert installed.box_checksum(box.path) != before


def test_a_whole_box_passes_and_its_checksum_comes_back(tmp_path: Path) -> None:
    box = put_ours(tmp_path)
    assert installed.verify(box) == installed.box_checksum(box.path)


@pytest.mark.parametrize("damage", ["changed", "missing", "more"])
def test_a_damaged_box_is_an_error_that_names_the_file_and_the_cure(damage: str, tmp_path: Path) -> None:
    box = put_ours(tmp_path)
    if damage == "changed":
        (box.path / "Dockerfile").write_text("z")
    elif damage == "missing":
        (box.path / "Dockerfile").unlink()
    else:
        (box.path / "Dockerfile").rename(box.path / "Dockerfile.old")
    with pytest.raises(BoxError, match=r"Dockerfile.* changed since it was built") as caught:
        installed.verify(box)
    assert caught.value.hint == "make it again with: devenv box build --suite bookworm --provider docker"


def test_a_box_of_somebody_else_is_not_judged(tmp_path: Path) -> None:
    path = put(tmp_path, "debian-VAGRANTSLASH-bookworm64/12.9.1/libvirt")
    box = InstalledBox("debian/bookworm64", "12.9.1", "libvirt", path)
    assert installed.verify(box) == installed.box_checksum(path)


@pytest.mark.parametrize("record", ["{", "[]", '{"files": []}'])
def test_a_broken_record_is_damage_or_no_record(record: str, tmp_path: Path) -> None:
    box = put_ours(tmp_path)
    (box.path / installed.RECORD).write_text(record)
    if record == '{"files": []}':
        with pytest.raises(BoxError):
            installed.verify(box)
    else:
        assert installed.read_record(box.path) is None


@pytest.mark.parametrize(
    "versions",
    [["12.9.0", "12.10.0"], ["1.0.beta1", "1.0.0"], ["12.20261121.1", "12.20261121.2"], ["9", "12.1"]],
)
def test_versions_are_ordered_as_people_do(versions: list[str]) -> None:
    assert sorted(set(versions), key=installed.version_key) == versions
