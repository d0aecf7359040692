"""A database file that may not be written: the worker waits for it, and goes on once it may."""

from __future__ import annotations

import shutil
import time

import pytest

from tests.outages.conftest import MakeHouse
from tests.outages.house import is_root, wait_for

WITHOUT_PRIVILEGE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
"""Root may write any file; with this it may not."""
READ_ONLY = 1.5  # seconds


@pytest.mark.skipif(
    is_root() and not shutil.which("setpriv"), reason="root may write any file, and there is no setpriv"
)
def test_posts_wait_until_the_file_may_be_written_again(on_sqlite: MakeHouse) -> None:
    house = on_sqlite()
    house.let_go(over=1)
    file = house.data() / "promenade.sqlite3"
    file.chmod(0o444)
    worker = house.start_worker(launcher=WITHOUT_PRIVILEGE if is_root() else None)
    wait_for(lambda: "publishing waits for it" in worker.said(), "a word about the database")
    time.sleep(READ_ONLY)
    accepted = house.channels.accepted().total()

    file.chmod(0o644)

    house.wait_until_all_are_sent()
    assert accepted == 0
    house.check_each_went_out_once()
    said = worker.said()
    assert "attempt to write a readonly database" in said
    assert "publishing goes on" in said
    assert "Traceback" not in said
    assert worker.end() == 0
