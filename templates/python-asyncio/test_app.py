"""The service over a real PostgreSQL, each test in a database of its own. Run with `make test`."""

import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest
from aiohttp.test_utils import TestClient
from app import application

SERVER = "postgresql:///{}?host=/var/run/postgresql"
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def database() -> AsyncIterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    server = await asyncpg.connect(SERVER.format("postgres"))
    await server.execute(f"create database {name} template template0 encoding 'UTF8' locale 'C.UTF-8'")
    yield SERVER.format(name)
    await server.execute(f"drop database {name} with (force)")
    await server.close()


@pytest.fixture
async def client(database: str, aiohttp_client: Callable[..., Awaitable[TestClient]]) -> TestClient:
    return await aiohttp_client(application(database))


async def add(client: TestClient, document: object) -> str:
    """Keep a document and return its address."""
    answer = await client.post("/documents", data=json.dumps(document))
    assert answer.status == 201
    return answer.headers["Location"]


@pytest.mark.parametrize("document", [{"title": "Dune"}, {"für": ["é", None, 1.5]}, [], "text", 0, None])
async def test_a_document_comes_back_as_it_went_in(client: TestClient, document: object) -> None:
    answer = await client.get(await add(client, document))
    assert answer.content_type == "application/json"
    assert await answer.json() == document


async def test_documents_are_found_by_what_they_contain(client: TestClient) -> None:
    dune = await add(client, {"title": "Dune", "by": "Herbert"})
    await add(client, {"title": "Solaris", "by": "Lem"})
    found = await (await client.get("/documents", params={"by": "Herbert"})).json()
    assert [f"/documents/{each['id']}" for each in found] == [dune]
    assert len(await (await client.get("/documents")).json()) == 2


async def test_a_document_is_replaced(client: TestClient) -> None:
    place = await add(client, {"draft": True})
    assert (await client.put(place, json={"draft": False})).status == 204
    assert await (await client.get(place)).json() == {"draft": False}


async def test_a_deleted_document_is_gone(client: TestClient) -> None:
    place = await add(client, {})
    assert (await client.delete(place)).status == 204
    assert (await client.get(place)).status == 404
    assert (await client.delete(place)).status == 404


@pytest.mark.parametrize(
    "text", ["", "{", "{'a': 1}", '"\\u0000"', "NaN", pytest.param("[" * 100_000, id="brackets without end")]
)
async def test_what_is_not_json_is_refused_and_not_kept(client: TestClient, text: str) -> None:
    answer = await client.post("/documents", data=text)
    assert answer.status == 400
    assert "not a JSON document" in (await answer.json())["error"]
    assert await (await client.get("/documents")).json() == []


@pytest.mark.parametrize("place", [f"/documents/{NOBODY}", "/documents/1%27;drop%20table%20document"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_what_is_not_there_is_not_found(client: TestClient, method: str, place: str) -> None:
    answer = await client.request(method, place, data="{}")
    assert answer.status == 404
    assert (await answer.json()) == {"error": "there is no such document"}


async def test_documents_outlive_the_service(
    database: str, aiohttp_client: Callable[..., Awaitable[TestClient]]
) -> None:
    first = await aiohttp_client(application(database))
    place = await add(first, {"kept": True})
    await first.close()
    second = await aiohttp_client(application(database))
    assert await (await second.get(place)).json() == {"kept": True}


async def test_the_page_counts_the_documents(client: TestClient) -> None:
    await add(client, {})
    answer = await client.get("/")
    assert answer.content_type == "text/html"
    assert "There are 1 documents" in await answer.text()
