"""A call that is not on its way by its deadline never goes out."""

from __future__ import annotations

import socket

import pytest
import requests

from scheduler.channels import x_transport


def test_a_call_that_wakes_after_its_deadline_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a stop of the whole process: the deadline is past, and the thread that keeps it has not run yet."""
    moments = iter([100.0, 103.0])
    monkeypatch.setattr(x_transport, "_seconds", lambda: next(moments))
    call = x_transport.Call()
    ours, theirs = socket.socketpair()

    with ours, theirs, pytest.raises(requests.ConnectTimeout):
        call.run(lambda: call.begin_sending(ours), 2.0)

    assert not call.sent
