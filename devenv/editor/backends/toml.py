"""TOML: values are found and spliced by our own scanner, and tomllib judges what goes in and what comes out.

tomlkit is not used for writing: it refuses some valid files, and is ten times slower than tomllib.
"""

from devenv.editor.document import Document, Format

FORMATS = (
    Format(
        "toml",
        "toml",
        (
            "*.toml",
            "Pipfile",
            "poetry.lock",
            "uv.lock",
            "pdm.lock",
            "Cargo.lock",
            "Gopkg.lock",
            ".cargo/config",
            "containers.conf",
            "containers.conf.d/*.conf",
            "registries.conf",
            "registries.conf.d/*.conf",
            "containers/storage.conf",
            "crio.conf",
            "crio.conf.d/*.conf",
            "telegraf.conf",
            "telegraf.d/*.conf",
            "influxdb.conf",
            "kapacitor.conf",
        ),
    ),
)


def open_document(data: bytes, fmt: Format) -> Document:
    """Parse data; ParseError with line and column when it is not TOML."""
    from devenv.editor.tomltext.document import TomlDocument

    return TomlDocument(data)
