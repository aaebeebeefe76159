"""The wheel has every template file, byte by byte: what .gitignore or a build tool might leave out, users miss."""

import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


def test_the_wheel_has_every_template_file(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        prefix = "devenv/templates/"
        shipped = {name.removeprefix(prefix): archive.read(name) for name in archive.namelist() if prefix in name}
    source = ROOT / "templates"
    files = (file for file in source.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    assert shipped == {file.relative_to(source).as_posix(): file.read_bytes() for file in files}
