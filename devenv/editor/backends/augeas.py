"""Every format that Augeas has a lens for, and those of our own lenses: see devenv.editor.trees."""

from __future__ import annotations

from devenv.editor.document import Document, Format
from devenv.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


_XML = frozenset({"Xml.lns", "Fonts.lns", "ActiveMQ_XML.lns"})
"""Lenses that are the same lens, for other files."""


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
    if not fmt.guessed:
        return _document(data, fmt.lens or "")
    from devenv.errors import ParseError

    if fmt.lens == "Ini.lns":
        from devenv.editor.trees import guess

        guess.check_ini(data)
    try:
        return _document(data, fmt.lens or "")
    except ParseError as exc:
        hint = f"{fmt.name} was guessed by the file's name: --format or --lens names another"
        raise ParseError(exc.reason, line=exc.line, column=exc.column, hint=exc.hint or hint) from None


def _document(data: bytes, lens: str) -> Document:
    if lens in _XML:
        from devenv.editor.trees.xml import XmlDocument

        return XmlDocument(data, "Xml.lns")
    if lens == "Ini.lns":
        # has no quotes of its own, and is not to wait for what has
        from devenv.editor.trees.ini import IniDocument

        return IniDocument(data, lens)
    if lens == "Configparser.lns":
        from devenv.editor.trees.pythonini import PythonIniDocument

        return PythonIniDocument(data, lens)
    from devenv.editor import quoting
    from devenv.editor.trees.document import TreeDocument

    if lens.startswith("Vagrantfile."):
        from devenv.editor.trees.vagrantfile import VagrantDocument

        return VagrantDocument(data, lens)
    if lens.startswith("Dockerfile."):
        from devenv.editor.trees.dockerfile import DockerfileDocument

        return DockerfileDocument(data, lens)
    if lens == "Npmrc.lns":
        from devenv.editor.trees.npmrc import NpmrcDocument

        return NpmrcDocument(data, lens)
    if lens == "Requirements.lns":
        from devenv.editor.trees.requirements import RequirementsDocument

        return RequirementsDocument(data, lens)
    if quoting.has(lens):
        from devenv.editor.trees.quoted import QuotedDocument

        return QuotedDocument(data, lens)
    if lens == "Httpd.lns":
        from devenv.editor.trees.httpddocument import HttpdDocument

        return HttpdDocument(data, lens)
    if lens == "Sudoers.lns":
        from devenv.editor.trees.sudoersdocument import SudoersDocument

        return SudoersDocument(data, lens)
    if lens == "Nginx.lns":
        from devenv.editor.trees.nginxdocument import NginxDocument

        return NginxDocument(data, lens)
    from devenv.editor.trees import marked

    if marked.has(lens):
        return marked.MarkedDocument(data, lens)
    from devenv.editor.trees import sections

    if sections.label_of(lens):
        return sections.SectionDocument(data, lens)
    return TreeDocument(data, lens)
