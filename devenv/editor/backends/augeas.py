"""Every format that Augeas has a lens for, and those of our own lenses: see devenv.editor.trees."""

from typing import Any

from devenv.editor.document import Document, Format


def __getattr__(name: str) -> Any:
    """Return FORMATS, which is made from a table when it is asked for: all formats, ours first."""
    if name != "FORMATS":
        raise AttributeError(name)
    from devenv.editor.trees import filters

    return filters.formats()


def of_file(path: str) -> Format | None:
    """Return the format an absolute path with / in it goes by; None when no lens is known for it."""
    from devenv.editor.trees import filters

    return filters.of_file(path)


def open_document(data: bytes, fmt: Format) -> Document:
    """Parse data; see devenv.editor.document."""
    lens = fmt.lens or ""
    if lens.startswith("Xml."):
        from devenv.editor.trees.xml import XmlDocument

        return XmlDocument(data, lens)
    from devenv.editor import quoting

    if quoting.has(lens):
        from devenv.editor.trees.quoted import QuotedDocument

        return QuotedDocument(data, lens)
    from devenv.editor.trees.document import TreeDocument

    return TreeDocument(data, lens)
