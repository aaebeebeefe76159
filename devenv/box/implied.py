"""The provisioning steps that keys of devenv.yaml stand for, as sh text made of the scripts in guest/.

A user's value enters a script in two ways only: quoted by ``shlex.quote``, or inside a here-document whose end no
line of it can be.
"""

import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from devenv.box.lock import LockedStep, step_digest

if TYPE_CHECKING:
    from devenv.box.spec import MachineSpec

HOST_CERTIFICATES = (
    "$SSL_CERT_FILE",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/openssl@3/cert.pem",
    "/opt/homebrew/etc/openssl@3/cert.pem",
    "/opt/homebrew/etc/ca-certificates/cert.pem",
)
"""Where a host keeps the authorities it trusts: Debian, Fedora, SUSE, Alpine and macOS, Homebrew."""

_PAM_LINE = 1000
"""Bytes of a line of /etc/environment that every PAM reads whole."""

_PAM_SAFE = re.compile(r"""[^"'#\\\x00-\x1f\x7f]*""")
"""What PAM gives back as it was: it has no way to escape a quote and takes # for a comment even inside quotes."""


def script(name: str) -> str:
    """Return the text of guest/NAME.sh."""
    return (Path(__file__).parent / "guest" / f"{name}.sh").read_text(encoding="utf-8")


def steps(machine: "MachineSpec") -> tuple[LockedStep, ...]:
    """Return the steps that a machine's keys stand for, in the order they run."""
    found = []
    if machine.trust_host_certificates:
        text = compose("install", "variables", "certificates")
        found.append(_step("certificates", "trust_host_certificates", text, HOST_CERTIFICATES))
    if machine.env:
        text = compose("variables", _definitions(machine.env), "environment")
        found.append(_step("environment", "env", text))
    if any(machine.packages.values()):
        text = compose("install", _package_lists(machine.packages), "packages")
        found.append(_step("packages", "packages", text))
    return tuple(found)


def _step(name: str, source: str, text: str, payload: tuple[str, ...] = ()) -> LockedStep:
    digest = step_digest(name, text.encode(), privileged=True)
    return LockedStep(name, source, True, "once", digest, run=text, payload=payload)


def compose(*parts: str) -> str:
    """Return one script: a single word names a file in guest/, anything else is text."""
    texts = [script(part) if part.isidentifier() else part for part in parts]
    return "#!/bin/sh\nset -eu\n" + "\n".join(texts)


def _package_lists(packages: Mapping[str, tuple[str, ...]]) -> str:
    given = [f"given={shlex.quote(' '.join(packages))}\n"]
    return "".join([*given, *(f"{tool}={shlex.quote(' '.join(names))}\n" for tool, names in packages.items())])


def _definitions(env: Mapping[str, str]) -> str:
    """Return the functions variables.sh calls, for these variables."""
    exports = [f"export {name}={shlex.quote(value)}" for name, value in env.items()]
    lines = [f'{name}="{value}"' for name, value in env.items() if _fits_pam(name, value)]
    return "\n".join(
        [
            f"names={shlex.quote(' '.join(env))}",
            *_function("profile", exports),
            *_function("environment", lines),
            "",
        ]
    )


def _fits_pam(name: str, value: str) -> bool:
    is_short = len(f'{name}="{value}"'.encode()) < _PAM_LINE
    return is_short and _PAM_SAFE.fullmatch(value) is not None


def _function(name: str, lines: Iterable[str]) -> list[str]:
    """Return a shell function that prints lines as they are."""
    text = "\n".join(lines)
    end = "END"
    while end in text.split("\n"):
        end += "_"
    return [f"{name}() {{", f"cat <<'{end}'", *([text] if text else []), end, "}"]
