from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.outages.house import Channels, House, ended, fill
from tests.servers.running import running


@pytest.fixture(scope="session")
def channels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Channels]:
    state = tmp_path_factory.mktemp("channels")
    with running("tests.chaos.network", state) as address:
        yield Channels(address, state)


@pytest.fixture(scope="session")
def filled(channels: Channels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder on SQLite with posts for tomorrow, to be copied."""
    house = House(tmp_path_factory.mktemp("filled"), channels, {})
    fill(house)
    return house.data()


MakeHouse = Callable[..., House]


@pytest.fixture
def on_sqlite(channels: Channels, filled: Path, tmp_path: Path) -> Iterator[MakeHouse]:
    """`on_sqlite(data=folder, REDIS_URL=…)`: a house of its own."""
    with ExitStack() as stack:

        def make(data: Path = tmp_path / "data", **environment: str) -> House:
            channels.begin()
            shutil.copytree(filled, data, dirs_exist_ok=True)
            return stack.enter_context(ended(House(tmp_path, channels, {"DATA_DIR": str(data), **environment})))

        yield make
