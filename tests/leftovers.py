"""All that a database and a Redis hold, as text to look for somebody in."""

import io
import json
import subprocess

from psycopg.conninfo import make_conninfo
from redis.asyncio import Redis

from vernis.adapters.embedded.postgres import installed


def dump(database_url: str) -> str:
    """All of the database as text."""
    words = [installed() / "pg_dump", "--inserts", "--dbname", make_conninfo(database_url)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


async def everything_in(redis_url: str) -> str:
    redis = Redis.from_url(redis_url, decode_responses=True)
    found = io.StringIO()
    async for key in redis.scan_iter():
        kind = await redis.type(key)
        if kind == "hash":
            value = await redis.hgetall(key)
        elif kind == "list":
            value = await redis.lrange(key, 0, -1)
        else:
            value = await redis.get(key)
        found.write(f"{key} {json.dumps(value, ensure_ascii=False)}\n")
    await redis.aclose()
    return found.getvalue()
