"""A page that says hello, served by gevent's WSGI server."""

import html
import os
import signal
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from gevent.pywsgi import WSGIServer

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>@NAME@</title>
<style>body {{ font: 1.2rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem }}</style>
<h1>Hello, {who}!</h1>
<p>This is <b>@NAME@</b>. Greet somebody else: <a href="/?name=Ada">/?name=Ada</a></p>
"""

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """The whole site as one WSGI application: GET / greets ?name=, everything else is not found."""
    if environ["PATH_INFO"] != "/":
        return _answer(start_response, "404 Not Found", "text/plain", "There is nothing here.\n")
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return _answer(start_response, "405 Method Not Allowed", "text/plain", "This page can only be read.\n")
    who = parse_qs(environ.get("QUERY_STRING", "")).get("name", ["world"])[0]
    return _answer(start_response, "200 OK", "text/html", PAGE.format(who=html.escape(who)))


def _answer(start_response: StartResponse, status: str, kind: str, text: str) -> Iterable[bytes]:
    body = text.encode()
    start_response(status, [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]


def main() -> None:
    # all addresses: a forwarded port does not arrive on the box's loopback
    server = WSGIServer(("0.0.0.0", int(os.environ.get("PORT", "8080"))), application)
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    server.serve_forever()


if __name__ == "__main__":
    main()
