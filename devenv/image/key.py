"""The ssh key of the boxes this user builds: made once, kept among the user's data."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from devenv import paths, process

NAME = "box_key"


@dataclass(frozen=True)
class BoxKey:
    """An ed25519 key pair: the private half's text and the one line of the public half (without a newline)."""

    private: str
    public: str


def private_key_path() -> Path:
    """Return where the private half is kept."""
    return paths.user_data() / NAME


def box_key(runner: process.Runner) -> BoxKey:
    """Return this user's box key; make it first if there is none."""
    path = private_key_path()
    if not path.exists():
        _make(path, runner)
    private = path.read_text()
    shown = runner.run(["ssh-keygen", "-y", "-f", str(path)]).check(
        f"{path} is not a usable ssh key", hint=f"move it away (mv {path} {path}.broken) and build the box again"
    )
    kind, blob = shown.stdout.split()[:2]
    return BoxKey(private, f"{kind} {blob} devenv-box")


def _make(path: Path, runner: process.Runner) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".box_key.", dir=path.parent) as folder:
        fresh = Path(folder) / NAME
        runner.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "devenv-box", "-f", str(fresh)]).check()
        fresh.chmod(0o600)
        try:
            # a link fails where a rename would replace the key another devenv made in the same moment
            os.link(fresh, path)
        except FileExistsError:
            pass
