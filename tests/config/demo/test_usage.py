"""The usage of each story has the shape that the story says, on whatever day the book is made."""

import datetime as dt
from typing import Any

import pytest

from config.demo import people, presence, usage
from config.demo.dice import dice
from config.demo.item import Item
from config.demo.people import Roster
from config.demo.stories import TOLD, Story, Use, story

PLAN = {key: [f"{key} used"] for key in ("dashboards", "reports", "alerts", "campaigns", "workflows", "exports")}
FALLEN = {Use.DROPPED, Use.COLLAPSED, Use.DARK}
DATES = [dt.datetime(2026, 1, 5, tzinfo=dt.UTC) + dt.timedelta(days=days) for days in (0, 26, 55, 86, 145)]


def items_of(told: Story, number: int, moment: dt.datetime) -> list[Item]:
    rng = dice(7, number)
    roster = Roster(told.company, rng)
    contacts = people.committee(told, roster)
    seats = people.seats(told, contacts, roster, count=presence.head_count(told, rng))
    shaped = presence.shaped(seats, told.use, rng)
    return usage.items(told, shaped, groups=["ws"], habits=usage.habits(told, PLAN), moment=moment, rng=rng)


def change(items: list[Item], moment: dt.datetime) -> float | None:
    """Active users of the last 30 days against the 30 before, counted here again; None below 5 before."""
    lately: set[Any] = set()
    before: set[Any] = set()
    for item in items:
        days = (moment.date() - dt.datetime.fromisoformat(str(item["timestamp"])).date()).days
        if item["type"] == "track" and days <= 60:
            (lately if days <= 30 else before).add(item["userId"])
    return len(lately) / len(before) - 1 if len(before) >= 5 else None


@pytest.mark.parametrize("moment", DATES, ids=lambda moment: f"{moment:%Y-%m-%d}")
def test_who_fell_fell_by_more_than_30_per_cent_and_nobody_else_did(moment: dt.datetime):
    taken: set[str] = set()
    for number in range(50):
        told = story(number, seed=7, taken=taken)
        found = change(items_of(told, number, moment), moment)
        assert (found is not None and found < -0.3) == (told.use in FALLEN), (told, found)
        assert told.use is not Use.COLLAPSED or (found is not None and found < -0.5)


def test_signals_of_an_account_come_in_order_and_never_from_the_future():
    for number, told in enumerate(TOLD):
        stamps = [str(item["timestamp"]) for item in items_of(told, number, DATES[0])]
        assert stamps == sorted(stamps)
        assert all(stamp < DATES[0].isoformat() for stamp in stamps)


def test_a_user_is_introduced_before_they_do_anything():
    for number, told in enumerate(TOLD):
        known: set[Any] = set()
        for item in items_of(told, number, DATES[0]):
            known |= {item["userId"]} if item["type"] == "group" else set()
            assert item["type"] != "track" or item["userId"] in known
