"""Names made valid: a folder's as a project's, a project's as a hostname's."""

import re
import unicodedata


def valid_name(folder: str) -> str:
    """Return a folder's name as a project's name: letters, digits, dots and dashes; ``devenv`` if none are left."""
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.")[:63].rstrip("-.") or "devenv"


def valid_label(name: str) -> str:
    """Return a name as a hostname without dots."""
    label = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].rstrip("-")
    return label or "devenv"
