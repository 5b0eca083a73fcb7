"""What may be offered follows the segment and whoever else has a say; time spent stands beside time planned."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.touches import services as touches
from retention.segments import offering
from retention.segments.effort import effort
from retention.segments.models import Dimension
from retention.segments.offering import offer_rules, offers_of, refused
from retention.work import services as work
from tests.retention.segments.book import AT, DAY, SIZE, catch_up, published, segment_of, sign

pytestmark = pytest.mark.django_db


def names(found: list[Any]) -> set[str]:
    return {one.key for one in found}


@pytest.mark.parametrize(
    ("arr", "offered"),
    [
        (500, {"essentials"}),
        (5000, {"essentials", "professional", "analytics", "onboarding"}),
        (50_000, {"essentials", "professional", "enterprise", "analytics", "onboarding"}),
    ],
)
def test_the_tier_decides_what_may_be_offered(northwind: Account, arr: int, offered: set[str]) -> None:
    sign(northwind, arr, days=364)
    segment_of(northwind, "service_tier")
    may, may_not = offers_of(northwind)
    assert names(may) == offered
    assert {product.key for product, _ in may_not} == {
        "essentials",
        "professional",
        "enterprise",
        "analytics",
        "onboarding",
    } - offered
    assert all("Service tier" in why for _, why in may_not)


def test_another_room_may_refuse_too_and_is_asked_once_for_many(
    northwind: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(northwind, 50_000, days=364)
    segment_of(northwind, "service_tier")
    rules = dict(offer_rules.items()) | {"test": lambda ids: dict.fromkeys(ids, {"enterprise": "They gave notice."})}
    monkeypatch.setattr(offering, "offer_rules", rules)
    assert refused([northwind.pk]) == {northwind.pk: {"enterprise": "They gave notice."}}
    many = [northwind.pk, *(portfolio.create(name=f"A{n}", by=None, at=AT).pk for n in range(20))]
    with CaptureQueriesContext(connection) as queries:
        refused(many)
    assert len(queries) <= 2


def test_the_account_page_says_so(northwind: Account, amelia: User) -> None:
    sign(northwind, 500, days=364)
    segment_of(northwind, "service_tier")
    client = Client()
    client.force_login(amelia)
    told = client.get(reverse("admin:accounts_account_change", args=[northwind.pk])).content.decode()
    assert "May be offered:</span> Essentials." in told
    assert "Enterprise (Service tier Scaled allows other products only)" in told


def test_time_spent_is_counted_by_the_segment_of_today(northwind: Account, amelia: User, carla: User) -> None:
    published(SIZE)
    other = portfolio.create(name="Small", by=None, at=AT, employees=10)
    portfolio.assign(other, part="csm", user=amelia, by=None, at=AT)
    portfolio.change(northwind, by=None, at=AT, employees=900)
    catch_up()
    call: dict[str, Any] = {"kind": "call", "by": amelia}
    touches.log(northwind, minutes=90, at=AT - DAY, **call)
    touches.log(northwind, minutes=500, at=AT - 91 * DAY, **call)
    touches.log(other, at=AT - DAY, **call)
    item = work.open_item(other, title="Call", assignee=amelia, due_at=AT, by=None, at=AT - DAY)
    work.close(item, outcome="done", minutes=30, by=amelia, at=AT - DAY)
    size = Dimension.objects.get(key="size")
    found = effort(size, amelia, until=AT)
    assert (found.share("large"), found.share("small"), found.share("middle")) == (75, 25, 0)
    assert found.hours("large") == 1.5
    assert effort(size, carla, until=AT).share("large") is None


def test_the_page_of_the_tiers_shows_planned_and_spent(northwind: Account, olga: User, amelia: User) -> None:
    sign(northwind, 50_000, days=364)
    segment_of(northwind, "service_tier")
    touches.log(northwind, kind="call", minutes=60, by=amelia, at=now())
    client = Client()
    client.force_login(olga)
    tier = Dimension.objects.get(key="service_tier")
    told = client.get(reverse("admin:retention_dimension_change", args=[tier.pk])).content.decode()
    assert "Time, planned and spent" in told
    assert 'data-label="Spent">100 %' in told
