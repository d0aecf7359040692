"""`make run` is asked to end while posts are on their way: what was sent is recorded, however often it is asked."""

from __future__ import annotations

import signal
import time

import pytest

from tests.chaos.places import XNetwork
from tests.outages.conftest import MakeHouse
from tests.outages.fill import DESIGN
from tests.outages.house import wait_for

ANSWERS_AFTER = 3.0  # seconds


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGINT, signal.SIGINT, signal.SIGTERM]])
def test_what_is_being_sent_is_recorded_before_the_end(on_sqlite: MakeHouse, signals: list[signal.Signals]) -> None:
    house = on_sqlite()
    for account in XNetwork(house.channels.address, house.channels.state).accounts(DESIGN):
        account.forecast({"mix": {"slow": 1.0}, "seconds": ANSWERS_AFTER})
    product = house.product()
    product.start()
    product.wait_until("/healthz")
    wait_for(lambda: "worker started" in product.log.read_text(), "the worker")
    house.let_go(over=0)
    wait_for(lambda: house.states()["sending"] >= 3, "posts on their way")

    assert product.process is not None
    for each in signals:
        product.process.send_signal(each)
        time.sleep(0.5)

    assert product.process.wait(60) == 0
    states = house.states()
    assert house.channels.accepted().total() == states["sent"] >= 3
    assert set(states) == {"sent", "scheduled"}
