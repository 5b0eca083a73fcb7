"""What the tickets of an account come to, counted over whole days."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.support.queries import support_of
from tests.accounts.support.drafts import DAY, HOUR
from tests.factories.accounts import AccountFactory, SourceFactory, TicketFactory, TicketReopeningFactory

NOW = dt.datetime(2026, 3, 31, 15, tzinfo=dt.UTC)
MIDNIGHT = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def account(db):
    return AccountFactory()


def opened(account, at, **values):
    return TicketFactory(account=account, opened_at=at, updated_at=at, **values)


def of(account):
    return support_of([account.pk], at=NOW).get(account.pk)


def test_who_never_asked_is_missing(account):
    assert of(account) is None


def test_what_is_open_is_counted_by_severity(account):
    for severity, state in ((1, "open"), (1, "solved"), (2, "pending"), (2, "open"), (3, "open"), (4, "closed")):
        opened(account, NOW - severity * DAY, severity=severity, state=state)
    found = of(account)
    assert (found.open, found.open_sev1, found.open_sev2) == (4, 1, 2)
    assert found.oldest_open_at == NOW - 3 * DAY
    assert (found.last_ticket_at, found.first_seen_at) == (NOW - DAY, NOW - 4 * DAY)


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (NOW + HOUR, (1, 1, 0)),
        (MIDNIGHT + DAY, (0, 0, 0)),
        (MIDNIGHT - 14 * DAY, (1, 1, 0)),
        (MIDNIGHT - 14 * DAY - SECOND, (0, 1, 0)),
        (MIDNIGHT - 30 * DAY, (0, 1, 0)),
        (MIDNIGHT - 30 * DAY - SECOND, (0, 0, 1)),
        (MIDNIGHT - 60 * DAY, (0, 0, 1)),
        (MIDNIGHT - 60 * DAY - SECOND, (0, 0, 0)),
    ],
)
def test_windows_are_today_so_far_and_whole_days_before(at, counts, account):
    opened(account, at)
    found = of(account)
    assert (found.opened_14d, found.opened_30d, found.opened_30d_before) == counts


def test_reopenings_and_tags_of_the_last_30_days(account):
    recent = opened(account, NOW - 5 * DAY, tags=["export", "api"])
    old = opened(account, NOW - 50 * DAY, tags=["billing"])
    opened(account, NOW - 2 * DAY, tags=["export"])
    for ticket, days in ((recent, 1), (old, 3), (old, 40)):
        TicketReopeningFactory(ticket=ticket, at=NOW - days * DAY)
    assert of(account).reopened_30d == 2
    assert of(account).tags_30d == ("api", "export")


def test_satisfaction_is_the_mean_of_90_days_over_all_help_desks(account):
    assert opened(account, NOW - 200 * DAY, source=SourceFactory())
    assert of(account).csat_90d is None
    for score, days in ((5, 1), (2, 89), (1, 91)):
        opened(account, NOW - 200 * DAY, satisfaction=score, satisfaction_at=NOW - days * DAY)
    assert of(account).csat_90d == 3.5
    assert len(of(account).source_ids) == 4


def test_many_accounts_cost_the_queries_of_one(account):
    def cost(ids):
        with CaptureQueriesContext(connection) as queries:
            support_of(ids, at=NOW)
        return len(queries)

    opened(account, NOW)
    others = [opened(AccountFactory(), NOW, tags=["x"]).account_id for _ in range(20)]
    assert cost(others) == cost([account.pk]) == 3
