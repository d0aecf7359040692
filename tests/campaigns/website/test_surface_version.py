"""A surface's version and its time rise with every change, even several within one second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from campaigns.planning.models import BlogEntry
from campaigns.website.models import Item, SurfaceVersion
from tests.campaigns.website.conftest import NINE

Make = Callable[..., Any]
Put = Callable[..., Item]


def changed_at() -> datetime:
    return SurfaceVersion.objects.get(surface="blog").changed_at


def test_two_changes_in_one_second_rise_by_a_whole_second(make: Make, put: Put) -> None:
    put(make(BlogEntry), at=NINE + timedelta(milliseconds=100))
    assert changed_at() == NINE
    put(make(BlogEntry), key="k2", at=NINE + timedelta(milliseconds=900))
    assert changed_at() == NINE + timedelta(seconds=1)


def test_later_change_takes_the_time_of_the_change(make: Make, put: Put) -> None:
    put(make(BlogEntry))
    put(make(BlogEntry), key="k2", at=NINE + timedelta(hours=1, milliseconds=7))
    assert changed_at() == NINE + timedelta(hours=1)


def test_clock_set_back_still_rises(make: Make, put: Put) -> None:
    put(make(BlogEntry))
    put(make(BlogEntry), key="k2", at=NINE - timedelta(days=1))
    assert changed_at() == NINE + timedelta(seconds=1)


def test_many_changes_in_one_second_all_rise(make: Make, put: Put) -> None:
    content = make(BlogEntry)
    put(content)
    seen = [changed_at()]
    for number in range(5):
        content.title = f"Edit {number}"
        put(content)
        seen.append(changed_at())
    assert seen == sorted(set(seen))
    assert SurfaceVersion.objects.get().number == 6


@pytest.mark.django_db(transaction=True)
def test_racing_publications_count_each_change(make: Make, put: Put) -> None:
    contents = [make(BlogEntry) for _ in range(4)]
    errors: list[BaseException] = []

    def publish(number: int) -> None:
        try:
            # Every content twice, under two keys: four items, whoever comes first.
            put(contents[number % 4], key=f"k{number}")
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Item.objects.count() == 4
    assert SurfaceVersion.objects.get().number == 4
    assert changed_at() == NINE + timedelta(seconds=3)
