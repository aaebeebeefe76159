"""A page that says which box it comes from.

It needs no package: the box has Debian's python3-minimal, which comes without http.server and html.
"""

import os
import platform
import socket
import subprocess
from pathlib import Path
from threading import Thread

HEAD_MAX = 16 * 1024
KINDS = {"docker": "a docker container", "lxc": "an lxc container", "qemu": "a virtual machine (qemu, emulated)"}


def facts() -> dict[str, str]:
    """Return what there is to say about this box, label by label."""
    return {
        "box": platform.node(),
        "is": _kind(),
        "system": _system(),
        "kernel": f"{platform.system()} {platform.release()} on {platform.machine()}",
        "python": platform.python_version(),
    }


def _kind() -> str:
    try:
        found = subprocess.run(["systemd-detect-virt"], capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        return "not known"
    if found == "none":
        return "no virtual machine"
    return KINDS.get(found, f"a virtual machine ({found})")


def _system() -> str:
    release = platform.freedesktop_os_release()
    try:
        # 12.8 rather than 12
        return f"{release['NAME']} {Path('/etc/debian_version').read_text(encoding='ascii').strip()}"
    except FileNotFoundError:
        return release["PRETTY_NAME"]


def as_text(said: dict[str, str]) -> str:
    width = max(map(len, said))
    return "\n".join(["Hello from devenv!", "", *(f"{label:>{width}}  {value}" for label, value in said.items()), ""])


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def as_html(said: dict[str, str]) -> str:
    rows = "".join(f"<tr><th>{escape(label)}<td>{escape(value)}" for label, value in said.items())
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Hello from devenv</title>
<style>
body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }}
th {{ text-align: right; padding-right: 1rem; color: #567; font-weight: normal }}
</style>
<h1>Hello from devenv!</h1>
<table>{rows}</table>
"""


def answer(head: str) -> bytes:
    """Return the whole answer to a request head: HTML for who asks for it, plain text for curl."""
    words = head.split(" ", 2)
    if len(words) < 3 or words[0] not in ("GET", "HEAD"):
        status, kind, body = "400 Bad Request", "text/plain", "This page can only be read.\n"
    elif words[1].split("?")[0] != "/":
        status, kind, body = "404 Not Found", "text/plain", "There is nothing here.\n"
    elif "text/html" in head:
        status, kind, body = "200 OK", "text/html", as_html(facts())
    else:
        status, kind, body = "200 OK", "text/plain", as_text(facts())
    data = body.encode()
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}; charset=utf-8",
        f"Content-Length: {len(data)}",
        "Connection: close",
    ]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode() + (b"" if words[0] == "HEAD" else data)


def serve(client: socket.socket) -> None:
    with client:
        client.settimeout(10)
        head = b""
        try:
            while b"\r\n\r\n" not in head and len(head) < HEAD_MAX:
                got = client.recv(4096)
                if not got:
                    return
                head += got
            client.sendall(answer(head.decode(errors="replace")))
        except OSError:
            # the client went away: nothing is left to say
            return


def main() -> None:
    # all addresses: a forwarded port does not arrive on the box's loopback
    with socket.create_server(("0.0.0.0", int(os.environ.get("PORT", "8080"))), backlog=64) as server:
        while True:
            client, _ = server.accept()
            Thread(target=serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
