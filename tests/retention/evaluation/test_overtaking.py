"""Two people edit the same definition: who publishes second is told what that takes back, before it does."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.health.models import HealthModel
from retention.health.services import publish
from retention.lifecycle.services import drafts_of
from retention.segments.models import Dimension
from tests.cast import person
from tests.retention.health.book import define_moods, feel, put, retire_shipped, simple
from tests.retention.health.test_console import seen
from tests.retention.health.test_console import typed as scored
from tests.retention.lifecycle.test_console import asking, body, book, main, version
from tests.retention.lifecycle.test_stages import published
from tests.retention.segments.test_console import dimension, operator, page, signed_in, typed

pytestmark = pytest.mark.django_db
__all__ = ["book", "dimension", "operator"]


@pytest.fixture
def ada(starter: Any) -> User:
    return person("ada", role="operator", group=None)


def opened(client: Client, address: str) -> str:
    found = re.search(r'name="opened" value="(\d+)"', client.get(address).content.decode())
    assert found
    return found[1]


def above(value: int) -> str:
    return f'{{"fact": "employees", "operator": "greaterThanInclusive", "value": {value}}}'


def test_segments_of_somebody_else_are_not_taken_back_unseen(operator: Client, ada: User, dimension: Dimension) -> None:
    address = page("edit", dimension.pk)
    mine = {"do": "publish", "opened": opened(operator, address), "meaning": "Mine"}
    theirs = typed(dimension, **{"segment-0-condition": above(550)})
    assert signed_in(ada).post(address, theirs | {"do": "publish"}).status_code == 302
    answer = operator.post(address, typed(dimension) | mine).content.decode()
    assert f"{ada} published version 2" in answer
    assert "Large takes accounts for which “Employees is at least 550”" in answer
    assert 'name="opened" value="2"' in answer
    assert dimension.versions.count() == 2
    assert operator.post(address, typed(dimension) | mine | {"opened": "2"}).status_code == 302
    assert dimension.versions.count() == 3


def test_nobody_is_told_of_versions_that_they_have_seen(operator: Client, dimension: Dimension) -> None:
    address = page("edit", dimension.pk)
    for number in ("", "1", "7", "999999999999", "nonsense"):
        answer = operator.post(address, typed(dimension) | {"do": "preview", "opened": number})
        assert "while you had this open" not in answer.content.decode()


def test_the_weights_of_somebody_else_are_not_taken_back_unseen(olga: User, ada: User, northwind: Account) -> None:
    retire_shipped()
    define_moods()
    put(simple(), now())
    feel(northwind, now(), mood=76)
    model, client = HealthModel.objects.get(key="plain"), signed_in(olga)
    address = reverse("admin:retention_healthmodel_edit", args=[model.pk])
    mine = scored(client, model, margin_points=4) | {"opened": opened(client, address)}
    publish(simple(margin_days=5), key="plain", name="Plain", by=ada, at=now() + dt.timedelta(seconds=1))
    answer = client.post(address, mine | {"do": "preview"})
    mine |= {"do": "publish", "seen": seen(answer)}
    told = client.post(address, mine).content.decode()
    assert f"{ada} published version 2" in told
    assert "Days beyond a border: 3 became 5." in told
    assert "Tick this" not in told
    assert model.versions.count() == 2
    assert client.post(address, mine | {"opened": "2"}).status_code == 302
    assert model.versions.count() == 3


def test_the_criteria_of_somebody_else_are_not_taken_back_unseen(olga: User, book: list[Account]) -> None:
    client, address = signed_in(olga), f"/admin/retention/lifecycle/{main().pk}/stages/adopted/edit/"
    mine: dict[str, Any] = {"opened": opened(client, address), "seen": "10.0.0"}
    drafts = drafts_of(version())
    published([drafts[0], replace(drafts[1], meaning="Used every day"), drafts[2]], now())
    told = client.post(address, body(asking(4)) | mine)
    assert told.status_code == 400
    assert "published version 2" in told.content.decode()
    assert told.content.decode().count('name="opened"') == 1
    assert version().number == 2
    client.post(address, body(asking(4)) | mine | {"opened": "2"})
    assert version().number == 3
