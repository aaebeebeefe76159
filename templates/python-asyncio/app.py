"""An HTTP service that keeps JSON documents.

POST   /documents           keep a document, answer its address
GET    /documents?key=text  the newest documents that have this text under this key
GET    /documents/ID        one document
PUT    /documents/ID        another document in its place
DELETE /documents/ID        forget it
"""

import json
import logging
import os
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
from aiohttp import web
from documents import Documents, NotJson

DATABASE = os.environ.get("DATABASE_URL", "postgresql:///documents?host=/var/run/postgresql")
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>@NAME@</title>
<style>body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1rem }}</style>
<h1>@NAME@</h1>
<p>There are {count} documents. See <a href="/documents">all of them</a>, or keep one more:</p>
<pre>curl -H 'Content-Type: application/json' -d '{{"title": "Dune", "year": 1965}}' http://{host}/documents</pre>
"""

routes = web.RouteTableDef()


@routes.get("/")
async def page(request: web.Request) -> web.Response:
    count = await _documents(request).count()
    # a host name that a browser or curl sends has no markup in it; anything else is not repeated
    host = request.host if request.host.replace(":", "").replace(".", "").replace("-", "").isalnum() else "localhost"
    return web.Response(text=PAGE.format(count=count, host=host), content_type="text/html")


@routes.post("/documents")
async def add(request: web.Request) -> web.Response:
    key = await _documents(request).add(await request.text())
    return web.json_response({"id": str(key)}, status=201, headers={"Location": f"/documents/{key}"})


@routes.get("/documents")
async def find(request: web.Request) -> web.Response:
    found = await _documents(request).find(dict(request.query))
    return web.json_response([{"id": str(key), "document": json.loads(body)} for key, body in found])


@routes.get("/documents/{id}")
async def get(request: web.Request) -> web.Response:
    body = await _documents(request).get(_key(request))
    if body is None:
        raise _error(web.HTTPNotFound, "there is no such document")
    return web.Response(text=body, content_type="application/json")


@routes.put("/documents/{id}")
async def replace(request: web.Request) -> web.Response:
    if not await _documents(request).replace(_key(request), await request.text()):
        raise _error(web.HTTPNotFound, "there is no such document")
    return web.Response(status=204)


@routes.delete("/documents/{id}")
async def delete(request: web.Request) -> web.Response:
    if not await _documents(request).delete(_key(request)):
        raise _error(web.HTTPNotFound, "there is no such document")
    return web.Response(status=204)


@web.middleware
async def refuse_what_is_not_json(request: web.Request, handler: web.RequestHandler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (NotJson, UnicodeDecodeError) as error:
        raise _error(web.HTTPBadRequest, f"not a JSON document: {error}") from error


def application(database: str = DATABASE) -> web.Application:
    """Return the service over a database given as a PostgreSQL URL."""

    async def connect(app: web.Application) -> AsyncIterator[None]:
        async with asyncpg.create_pool(database, min_size=1) as pool:
            app["documents"] = Documents(pool)
            await app["documents"].prepare()
            yield

    app = web.Application(middlewares=[refuse_what_is_not_json])
    app.add_routes(routes)
    app.cleanup_ctx.append(connect)
    return app


def _documents(request: web.Request) -> Documents:
    return request.app["documents"]


def _key(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError as error:
        raise _error(web.HTTPNotFound, "there is no such document") from error


def _error(kind: type[web.HTTPError], message: str) -> web.HTTPError:
    return kind(text=json.dumps({"error": message}), content_type="application/json")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # all addresses: a forwarded port does not arrive on the box's loopback
    web.run_app(application(), host="0.0.0.0", port=int(os.environ.get("PORT", "8080")))
