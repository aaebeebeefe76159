"""devenv: the same development box for everybody, and config edits that change only what must change."""

__version__ = "0.1.0"
