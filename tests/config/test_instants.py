"""Instants come back from the database as they were stored, to the microsecond and in UTC."""

import datetime as dt
from typing import Any

import pytest
from psycopg import DataError

from accounts.foundation.models import Bell
from config.instants import loader

UTC = dt.UTC


@pytest.mark.parametrize(
    "at",
    [
        dt.datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
        dt.datetime(2026, 3, 1, 12, 30, 0, 500_000, UTC),
        dt.datetime(1999, 12, 31, 23, 59, 59, 123, UTC),
        dt.datetime(1, 1, 1, tzinfo=UTC),
        dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
        dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=45))),
    ],
    ids=str,
)
def test_an_instant_comes_back_as_it_was_stored(db: Any, at: dt.datetime) -> None:
    Bell.objects.create(name="one", rung_at=at)
    found = Bell.objects.get(name="one").rung_at
    assert found == at
    assert found is not None
    assert found.tzinfo is UTC


def test_what_no_instant_of_ours_can_hold_is_refused() -> None:
    with pytest.raises(DataError):
        loader()(0).load(b"infinity")
