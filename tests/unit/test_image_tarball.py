"""Tar archives with settled bytes."""

import io
import tarfile
from pathlib import Path

import pytest

from devenv.image import tarball
from devenv.image.tarball import Entry


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644, mtime: int = 7
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.mtime = kind, link, mode, mtime
    return info


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A root file system in small: a folder, files, both kinds of links, a long name, a name in another script."""
    path = tmp_path / "source.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(member("./", tarfile.DIRTYPE, mode=0o755))
        tar.addfile(member("./etc/", tarfile.DIRTYPE, mode=0o755))
        for name, data in (
            ("./etc/hosts", b"hosts"),
            ("./etc/" + "x" * 180, b"long"),
            ("./usr/\u00e9\u4e2d.crt", b"crt"),
        ):
            info = member(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        tar.addfile(member("./etc/hosts2", tarfile.LNKTYPE, "./etc/hosts"))
        tar.addfile(member("./lib", tarfile.SYMTYPE, "usr/lib"))
        tar.addfile(member("./dev/null", tarfile.CHRTYPE))
    return path


def names(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.getnames()


def test_deriving_twice_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        tarball.derive(source, tmp_path / name, extra=[Entry("etc/new", b"new")], mtime=42)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_content_owner_modes_and_links_survive(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.gz"
    tarball.derive(source, target, extra=[Entry("home/k", b"key", 0o600, 1000)], mtime=42)
    with tarfile.open(target) as tar:
        hosts = tar.extractfile("./etc/hosts2")
        assert hosts is not None
        assert hosts.read() == b"hosts"
        assert tar.getmember("./lib").linkname == "usr/lib"
        assert tar.getmember("./usr/\u00e9\u4e2d.crt").size == 3
        added = tar.getmember("./home/k")
        assert (added.mode, added.uid, added.gid, added.mtime) == (0o600, 1000, 1000, 42)
        assert tar.getmember("./etc/hosts").mtime == 7


def test_a_prefix_moves_every_name_and_every_hard_link(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.gz"
    tarball.derive(source, target, prefix="./rootfs/")
    assert [name for name in names(target) if not f"{name}/".startswith("./rootfs/")] == []
    with tarfile.open(target) as tar:
        assert tar.getmember("./rootfs/etc/hosts2").linkname == "./rootfs/etc/hosts"
        assert tar.getmember("./rootfs/lib").linkname == "usr/lib"


def test_what_is_left_out_is_not_there(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.gz"
    tarball.derive(source, target, leave_out=lambda name: name.startswith("dev/") or name == "etc/hosts2")
    assert "./dev/null" not in names(target)
    assert "./etc/hosts2" not in names(target)
    assert "./etc/hosts" in names(target)


def test_packing_keeps_the_order_given_and_nothing_of_this_machine(tmp_path: Path) -> None:
    folder = tmp_path / "box"
    folder.mkdir()
    (folder / "b").write_text("b")
    (folder / "a").write_text("a")
    (folder / "a").chmod(0o600)
    tarball.pack(tmp_path / "x.box", folder, ["b", "a"], 42)
    with tarfile.open(tmp_path / "x.box") as tar:
        assert [(info.name, info.mode, info.mtime, info.uid, info.uname) for info in tar] == [
            ("./b", (folder / "b").stat().st_mode & 0o777, 42, 0, ""),
            ("./a", 0o600, 42, 0, ""),
        ]
