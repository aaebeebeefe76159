"""devenv and plain Vagrant side by side: ``python -m benchmarks`` (or ``make bench``) measures, checks and reports."""
