"""JSON documents in a PostgreSQL table, one jsonb column. Documents go in and out as JSON text."""

import json
from typing import Any
from uuid import UUID

import asyncpg

TABLE = """
create table if not exists document (
    id uuid primary key default gen_random_uuid(),
    body jsonb not null,
    changed timestamptz not null default now()
);
create index if not exists document_body on document using gin (body jsonb_path_ops);
"""


class NotJson(ValueError):
    """The text is not a JSON document, or not one that PostgreSQL can keep."""


class Documents:
    """All documents of one database."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def prepare(self) -> None:
        """Make the table unless it is there."""
        await self._pool.execute(TABLE)

    async def add(self, body: str) -> UUID:
        """Keep a new document and return its id."""
        return await self._write("insert into document (body) values ($1::jsonb) returning id", body)

    async def replace(self, key: UUID, body: str) -> bool:
        """Put body in the place of a document; False if there is none."""
        query = "update document set body = $1::jsonb, changed = now() where id = $2 returning id"
        return await self._write(query, body, key) is not None

    async def get(self, key: UUID) -> str | None:
        """Return a document, or None."""
        return await self._pool.fetchval("select body from document where id = $1", key)

    async def delete(self, key: UUID) -> bool:
        """Forget a document; False if there is none."""
        return await self._pool.fetchval("delete from document where id = $1 returning true", key) is not None

    async def find(self, like: dict[str, Any], limit: int = 100) -> list[tuple[UUID, str]]:
        """Return the newest documents that contain every key and value of like, at most limit of them."""
        query = "select id, body from document where body @> $1::jsonb order by changed desc, id limit $2"
        return [(row["id"], row["body"]) for row in await self._pool.fetch(query, json.dumps(like), limit)]

    async def count(self) -> int:
        """Return how many documents there are."""
        return await self._pool.fetchval("select count(*) from document")

    async def _write(self, query: str, *values: Any) -> UUID | None:
        try:
            return await self._pool.fetchval(query, *values)
        except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
            # PostgreSQL is the one that reads the text: what it refuses, it cannot keep
            raise NotJson(str(error)) from error
