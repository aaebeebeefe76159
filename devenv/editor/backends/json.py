"""JSON and JSONC: found at C speed, changed by our lens in a fragment or entry by entry, spliced."""

from devenv.editor.document import Document, Format

FORMATS = (
    Format(
        "jsonc",
        "json",
        (
            "*.jsonc",
            "tsconfig.json",
            "tsconfig.*.json",
            "jsconfig.json",
            "devcontainer.json",
            ".devcontainer.json",
            ".eslintrc",
            ".eslintrc.json",
            ".jshintrc",
            ".swcrc",
            "*.code-workspace",
            "*.code-snippets",
            ".vscode/*.json",
            ".cursor/*.json",
            ".zed/*.json",
            ".config/zed/*.json",
            "User/settings.json",
            "User/keybindings.json",
            "Machine/settings.json",
            "typedoc.json",
            "api-extractor.json",
            "deno.json",
        ),
        "Jsonc.lns",
    ),
    Format(
        "json",
        "json",
        (
            "*.json",
            "*.webmanifest",
            "*.geojson",
            "*.jsonld",
            "*.ipynb",
            "*.har",
            ".babelrc",
            ".prettierrc",
            ".stylelintrc",
            ".watchmanconfig",
            ".bowerrc",
            "composer.lock",
            "Pipfile.lock",
            "flake.lock",
            "devenv.lock",
        ),
        "Jsonc.lns",
    ),
)


def open_document(data: bytes, fmt: Format) -> Document:
    """Parse data; see devenv.editor.document."""
    from devenv.editor.jsontext.document import JsonText

    return JsonText(data, comments=fmt.name == "jsonc")
