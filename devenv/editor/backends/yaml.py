"""YAML, edited through the marks of its nodes and a splice: nothing else of the file is written anew.

**Documents.** With more than one, the first step of a path may be the index of one (``[1].spec.replicas``), and the
whole is read as an array of documents. A path without index must lead somewhere in exactly one document; where it
leads somewhere in several, the candidates are told, and something new needs the index.

**Aliases and merge keys** are followed when reading. To set what is reached through an alias (the alias itself
included) would change the anchored node, wherever it is used: that is said, with the anchor's line, and done only with
force. What comes from a merge key ``<<`` is, with force, set in the map itself, over what is merged; the merged map
stays as it is. Neither can be unset or appended to. An anchored node itself may be set, and keeps its anchor; one that
others need cannot be taken out, and what a merge key needs stays an object or an array of objects, whatever is forced:
others refuse to read the file otherwise. Of what has a merged entry below it, its own cannot be taken out.

**Scalars** are those of YAML 1.2; what YAML 1.1 readers take for another type (``yes``, ``12:30:45``, dates) and what
has a tag of its own is a Literal, which stays as it is written. Text that any common reader would take for something
else is quoted, as what was there was quoted; several lines become a block scalar where one may stand.

**A key that is there twice**: the last is read, and none is written. Keys are named by their text, whatever their
type; a key that is itself a collection goes by what stands in the file.
"""

from devenv.editor.document import Document, Format

FORMATS = (
    Format(
        name="yaml",
        backend="yaml",
        patterns=(
            "*.yaml",
            "*.yml",
            "*.eyaml",
            "*.clang-format",
            ".clang-format",
            "_clang-format",
            ".clang-tidy",
            ".clangd",
            ".yamllint",
            ".gemrc",
            ".condarc",
            ".mambarc",
            ".salt-lint",
            ".ansible-lint",
            ".yarnrc.yml",
            "CITATION.cff",
            "*.cff",
            "*.sublime-syntax",
            "mongod.conf",
            "mongos.conf",
            "cloud.cfg",
            "cloud.cfg.d/*.cfg",
            "salt/master.d/*.conf",
            "salt/minion.d/*.conf",
            "*.yaml.dist",
            "*.yml.dist",
            "*.yaml.example",
            "*.yml.example",
            "*.yaml.sample",
            "*.yml.sample",
        ),
    ),
)


def open_document(data: bytes, fmt: Format) -> Document:
    """Return data as a Document; ParseError with line and column when it is not YAML."""
    from devenv.editor.yaml.document import YamlDocument

    return YamlDocument(data)
