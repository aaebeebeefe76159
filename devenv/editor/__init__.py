"""Set any value in a config file, changing only the bytes that must change.

::

    from devenv.editor import Set, edit_file
    edit_file("package.json", [Set("scripts.test", "node --test")])

edit_text() is pure; edit_file() reads the file, edits its text and replaces it whole or not at all.
"""

from devenv.editor.edits import Append, Edit, Merge, Set, Unset
from devenv.editor.values import Number, Untyped

__all__ = ["Append", "Edit", "Merge", "Number", "Set", "Unset", "Untyped"]
