"""TOML: a scanner that finds values, and splices."""
