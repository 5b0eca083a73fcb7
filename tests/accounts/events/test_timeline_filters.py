"""The timeline shows what is asked for, page by page, on the account page and over the API."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.foundation.clock import now
from accounts.touches import services
from tests.api.conftest import Api, problems
from tests.factories.accounts import AccountEventFactory, AccountFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def boss():
    return UserFactory(is_superuser=True, is_staff=True, username="boss", time_zone="America/New_York")


@pytest.fixture
def account(boss):
    account = AccountFactory()
    services.log(account, kind="call", text="Sponsor is leaving", by=boss, at=now())
    AccountEventFactory(account=account, kind="signals.started", data={"source": "Product"})
    late = dt.datetime(2026, 3, 10, 2, tzinfo=dt.UTC)
    AccountEventFactory(account=account, kind="stakeholder.added", at=late, actor=UserFactory(first_name="Amelia"))
    return account


@pytest.fixture
def page(boss, account):
    client = Client()
    client.force_login(boss)

    def sentences(query: str = "") -> list[str]:
        response = client.get(f"/admin/accounts/account/{account.pk}/change/?tab=timeline{query}")
        assert response.status_code == 200
        [data] = [data for panel, data in response.context["panels"] if panel.title == "Timeline"]
        return [entry.sentence for entry in data["entries"]]

    return sentences


ALL = ["Call: check-in", "Stakeholder added", "First signal from Product"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ALL),
        ("&group=touches", ALL[:1]),
        ("&group=people", ALL[1:2]),
        ("&group=messages", []),
        ("&first=2026-03-09&last=2026-03-09", ALL[1:2]),  # ten in the evening of the ninth, where the reader is
        ("&first=2026-03-10&last=2026-03-10", []),
        ("&last=2026-03-08", ALL[2:]),
        ("&group=gossip", ALL),
        ("&first=yesterday", ALL),
        ("&last=9999-12-31", ALL),
        ("&older=x", ALL),
        ("&older=99999999999999999999", ALL),
        ("&actor=999999", ALL),
    ],
)
def test_filters(page, query, shown):
    assert page(query) == shown


def test_filters_by_person(page, boss, account):
    assert page(f"&actor={boss.pk}") == ALL[:1]


def test_goes_on_with_older_events(page, boss, account):
    events = [AccountEventFactory(account=account, at=now() + number * DAY) for number in range(60)]
    assert len(page()) == 50
    assert page(f"&older={events[10].pk}") == ["Account created"] * 10 + ALL
    assert page(f"&older={events[0].pk}&group=people") == ALL[1:2]


def test_words_stand_under_their_line_at_a_constant_price(boss, account, monkeypatch):
    for kept in ("accounts.facts.lookup._KEPT_S", "accounts.workspace.queries._KEPT_S"):
        monkeypatch.setattr(kept, 3600)  # a busy machine must not let it end between the two counts
    client = Client()
    client.force_login(boss)
    path, counts = f"/admin/accounts/account/{account.pk}/change/?tab=timeline", []
    for more in (1, 20):
        for _ in range(more):
            services.log(account, kind="call", text="Sponsor is leaving", by=boss, at=now())
            services.set_pulse(account, value="amber", reason="Worried", by=boss, at=now())
        client.get(path)  # whatever is kept is asked for now
        with CaptureQueriesContext(connection) as queries:
            text = client.get(path).content.decode()
        counts.append(len(queries))
    assert "Sponsor is leaving" in text
    assert "Worried" in text
    assert counts[0] == counts[1]


def test_the_api_filters_the_same(boss, account):
    api, path = Api(user=boss), f"accounts/{account.key}/timeline/"
    [touch] = api.list(path, group="touches")
    assert (touch["sentence"], touch["text"], touch["group"]) == (ALL[0], "Sponsor is leaving", "touches")
    assert [row["sentence"] for row in api.list(path, actor="boss")] == ALL[:1]
    assert api.list(path, group="messages") == []
    problems(api.get(path, group="gossip"))
