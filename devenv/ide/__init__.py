"""Editors and IDEs on a box: what each needs on this computer and in the box, put there and taken out again.

- ``target``: what an editor is connected to; ``user``: whose computer this is, and where programs keep their settings;
- ``pieces``: the smallest things put into files, each with the way to take it out again; ``xmlpieces`` those of XML,
  ``jsonfile`` and ``sections`` what those in JSON and in plain text stand on;
- ``writing``: pieces into files, all or none; ``record``: what was put in for a project;
- ``sshfile``: host names for ssh, which every editor builds on; ``guest``: what editors need inside the box;
- ``editors``: the list of editors, and one module for each family of them;
- ``setup``: the use cases (set up, remove, check, bring up to date).
"""
