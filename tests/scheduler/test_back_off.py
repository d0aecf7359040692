"""Waits between tries: longer each time up to a cap, never all at one moment, never before what was asked for."""

from __future__ import annotations

import pytest

from scheduler.leases.back_off import BACK_OFF_CAP, back_off, even_back_off

MANY = 200


def seconds(waits):
    return [wait.total_seconds() for wait in waits]


@pytest.mark.parametrize(("tries", "longest"), [(0, 5), (1, 10), (4, 80), (20, BACK_OFF_CAP), (5000, BACK_OFF_CAP)])
def test_full_jitter_lies_anywhere_up_to_the_doubled_base(tries, longest):
    found = seconds(back_off(tries) for _ in range(MANY))
    assert min(found) >= 0.5
    assert longest * 0.8 < max(found) <= longest


def test_what_was_asked_for_comes_before_the_jitter():
    found = seconds(back_off(3, at_least=120, base=1, cap=4) for _ in range(MANY))
    assert 120.5 <= min(found) < max(found) <= 124


@pytest.mark.parametrize(("tries", "longest"), [(0, 60), (2, 240), (5000, 3600)])
def test_of_an_even_wait_half_is_certain(tries, longest):
    found = seconds(even_back_off(tries, base=60, cap=3600) for _ in range(MANY))
    assert longest / 2 <= min(found) < longest * 0.6
    assert longest * 0.9 < max(found) <= longest
