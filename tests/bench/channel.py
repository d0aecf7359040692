"""A channel that takes every post and answers after 200 ms: `python -m tests.bench.channel --port 0 --state DIR`.

Checks nothing and remembers nothing, so that what it costs is next to nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
from pathlib import Path

ANSWERS_AFTER = 0.2  # seconds
SECRETS = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "benchmark")
"""As good as any others here."""
_numbers = itertools.count(1)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await _head(reader):
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        await reader.readexactly(length)
        await asyncio.sleep(ANSWERS_AFTER)
        body = json.dumps({"data": {"id": str(next(_numbers)), "text": ""}}).encode()
        fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
        writer.write(f"HTTP/1.1 201 Created\r\n{fields}\r\n\r\n".encode() + body)
        await writer.drain()
    writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    """Empty once the other side has closed."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path)
    server = await asyncio.start_server(serve, "127.0.0.1", parser.parse_args().port, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the port is told
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
