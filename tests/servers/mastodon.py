"""The package mastodon-mock as a server of ours: empty, in memory, on a port of its own choosing.

Started with `python -m tests.servers.mastodon --port 0 --state DIR`. Prints its port on the first line.
TOKEN signs in as `testuser`. `/api/v1/_mock/faults` and `/api/v1/_mock/reset` are the package's own.
"""

from __future__ import annotations

import argparse
import socket
from pathlib import Path

TOKEN = "mock_token"


def main() -> None:
    import uvicorn  # those who only want the token do not wait for it
    from mastodon_mock.app import create_app
    from mastodon_mock.config import DatabaseConfig, MastodonMockConfig

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    arguments = parser.parse_args()
    listening = socket.create_server(("127.0.0.1", arguments.port))
    port = listening.getsockname()[1]
    database = DatabaseConfig(path=":memory:")
    config = MastodonMockConfig(
        domain=f"127.0.0.1:{port}", url_scheme="http", database=database, media_storage_path=str(arguments.state)
    )
    app = create_app(config)
    print(port, flush=True)  # noqa: T201 - how the port is told
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])


if __name__ == "__main__":
    main()
