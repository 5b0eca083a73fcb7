"""How onboarding goes: each figure from the handoffs behind it, the open ones counted apart."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.facts import custom
from accounts.facts.catalogue import Type
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.handoffs import measures
from retention.lifecycle.models import Stage
from tests.factories import accounts, retention

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def handed(account, seller, *, won, after=None, loops=0, **facts):
    """A customer won so many days ago, handed over so many days after the win, or not yet."""
    won_at = AT - won * DAY
    deal = accounts.DealFactory(account=account, owner=seller, type="new", state="won", closed_at=won_at)
    accounts.AccountFactsFactory(account=account, closed_won_at=won_at, **facts)
    done = {}
    if after is not None:
        end = won_at + after * DAY
        done = {"state": "accepted", "lacking": 0, "submitted_at": end, "accepted_at": end}
    return retention.HandoffFactory(
        account=account, deal=deal, loops=loops, started_at=won_at, created_at=won_at, **done
    )


def clock(handoff, *, promised, ended=None, breached=None, state="met"):
    """A clock of one turn; days after the win."""

    def when(days):
        return None if days is None else handoff.started_at + days * DAY

    made = retention.ClockFactory(
        account=handoff.account,
        started_at=handoff.started_at,
        promised_at=when(promised),
        due_at=when(promised),
        ended_at=when(ended),
        breached_at=when(breached),
        state=state,
    )
    work = retention.WorkItemFactory(account=handoff.account, kind="handoff", clock=made)
    retention.HandoffTurnFactory(handoff=handoff, work=work)


def told(user, by="", days=365):
    return {one.name: one for one in measures.measured(measures.cases(user, days=days, grouping=by, at=AT), at=AT)}


@pytest.fixture
def book(sal, liam):
    """Three handed over after 2, 4 and 10 days, and one that has waited for 3."""
    names = [("events", sal), ("events", sal), ("referral", liam), ("", liam)]
    rows = [(accounts.AccountFactory(acquisition_source=source), seller) for source, seller in names]
    return [
        handed(*rows[0], won=40, after=2),
        handed(*rows[1], won=30, after=4, loops=2),
        handed(*rows[2], won=20, after=10, loops=1),
        handed(*rows[3], won=3),
    ]


@pytest.fixture
def liam(db):
    return accounts.UserFactory(first_name="Liam", last_name="Doe", is_staff=True)


def test_who_waits_counts_as_at_least_so_long(book, olga):
    """At risk 4: one in four done at 2; the one who waits leaves at 3; half of the rest at 4, all at 10."""
    found = told(olga)[measures.ALL].accepted
    assert (found.done, found.open, found.left) == (3, 1, 0)
    assert found.curve == [(2.0, 0.25), (4.0, pytest.approx(0.625)), (10.0, 1.0)]
    assert (found.median, found.p90) == (4.0, 10.0)


def test_who_left_before_is_never_done(olga, sal):
    for won, pays in ((10, False), (10, False), (20, True)):
        contract = {"has_paid_contract": pays, "first_contract_on": (AT - won * DAY).date()}
        handed(accounts.AccountFactory(), sal, won=won, after=1 if pays else None, **contract)
    handed(accounts.AccountFactory(), sal, won=5, has_paid_contract=False)  # has yet to sign
    found = told(olga)[measures.ALL].accepted
    assert (found.done, found.open, found.left, found.median) == (1, 1, 2, None)


def test_each_seller_and_source_has_figures_of_its_own(book, olga):
    by_seller = told(olga, by="ae")
    assert {name: (one.won, one.loops) for name, one in by_seller.items()} == {
        "Sal Tester": (2, 1.0),
        "Liam Doe": (2, 1.0),
    }
    assert {name: one.won for name, one in told(olga, by="source").items()} == {
        "events": 2,
        "referral": 1,
        "Unknown": 1,
    }


def test_a_segment_groups_as_well(book, olga):
    segment = retention.SegmentFactory()
    retention.AccountSegmentFactory(account=book[0].account, dimension=segment.version.dimension, segment=segment)
    found = told(olga, by=segment.version.dimension.key)
    assert {name: one.won for name, one in found.items()} == {segment.name: 1, "Unknown": 3}


def test_a_pause_saves_the_clock_but_not_what_was_promised(book, olga):
    clock(book[0], promised=1, ended=1)
    clock(book[0], promised=1, ended=2)  # it stood still for a day
    clock(book[1], promised=1, ended=4, breached=1)
    clock(book[1], promised=9, state="cancelled", ended=2)
    clock(book[3], promised=9, state="running")
    clock(book[3], promised=1, breached=1, state="running")
    found = told(olga)[measures.ALL]
    assert (found.clocks, found.running) == (4, 1)
    assert (found.adherence, found.adherence_as_promised) == (0.5, 0.25)


def test_reasons_of_returns_the_most_frequent_first(book, olga):
    for reason in ("vague_value", "wrong_contact", "vague_value"):
        retention.ItemReturnFactory(handoff=book[1], reason=reason, mended_at=AT)
    found = told(olga)[measures.ALL]
    assert [(one.reason, one.count) for one in found.reasons] == [("vague_value", 2), ("wrong_contact", 1)]
    assert measures.counted(olga, days=365, grouping="", group=None, what="wrong_contact", at=AT) == [book[1].pk]


@pytest.mark.parametrize(("reached", "due", "expected"), [(5, 10, (1, 1)), (15, 10, (0, 1)), (None, 10, (0, 1))])
def test_first_value_within_its_day(olga, sal, reached, due, expected):
    won = AT - 40 * DAY
    facts = {
        "first_value_at": won + reached * DAY if reached else None,
        "first_value_status": "reached" if reached else "missed",
        "custom": {"first_value_due_on": custom.kept((won + due * DAY).date(), Type.DATE)},
    }
    handed(accounts.AccountFactory(), sal, won=40, after=1, **facts)
    found = told(olga)[measures.ALL]
    assert (found.in_time, found.due) == expected


def test_onboarded_counts_from_the_first_move_there_or_beyond(book, olga):
    stages = {one.key: one for one in Stage.objects.filter(version__lifecycle__is_primary=True)}
    account = book[0].account
    for days, key in ((1, "closed_won"), (6, "adopted"), (9, "onboarded")):
        at = book[0].started_at + days * DAY
        retention.StageChangeFactory(
            account=account, lifecycle=stages[key].version.lifecycle, to_stage=stages[key], at=at
        )
    found = told(olga)[measures.ALL].onboarded
    assert (found.done, found.curve[0][0]) == (1, 6.0)


def test_only_wins_of_the_period_and_only_ones_own(book, olga, amelia):
    assert told(olga, days=30)[measures.ALL].won == 2  # those of 20 and 3 days ago
    assert told(amelia) == {}
    portfolio.assign(book[2].account, part="csm", user=amelia, by=None, at=AT)
    amelia = User.objects.get(pk=amelia.pk)
    assert told(amelia)[measures.ALL].won == 1


def test_costs_the_same_for_four_and_forty(book, olga, django_assert_num_queries, sal):
    told(olga, by="ae")  # what a process remembers is read once
    with django_assert_num_queries(7):
        told(olga, by="ae")
    for number in range(36):
        handoff = handed(accounts.AccountFactory(), sal, won=5, after=number % 4 or None)
        clock(handoff, promised=1, ended=1)
    with django_assert_num_queries(7):
        assert told(olga, by="ae")["Sal Tester"].won == 38


def test_a_figure_opens_the_handoffs_that_it_counts(client, olga, sal, liam, monkeypatch):
    from retention.handoffs import measures_page

    monkeypatch.setattr(measures_page, "now", lambda: AT)
    late = handed(accounts.AccountFactory(name="Late & Co"), sal, won=3)
    handed(accounts.AccountFactory(name="Quick Ltd"), liam, won=3, after=1)
    client.force_login(olga)
    page = client.get(reverse("admin:retention_handoff_measures"), {"by": "ae", "days": "30"})
    row = next(one for one in page.context["rows"] if one.group.name == "Sal Tester")
    assert row.urls["accepted"] in page.content.decode().replace("&amp;", "&")
    found = client.get(row.urls["not_accepted"])
    assert [one.pk for one in found.context["cl"].queryset] == [late.pk]
    assert "Not accepted yet, Sal Tester, last 30 days" in found.content.decode()


def test_a_figure_that_is_none_narrows_nothing_and_breaks_nothing(client, olga, book):
    client.force_login(olga)
    listed = reverse("admin:retention_handoff_changelist")
    for said in ("x", "7~~won", "30~~nothing", "30~ae~won~\x00", "30~no-such~won~x~y~z"):
        assert client.get(listed, {"measure": said}).status_code in (200, 302)
    assert client.get(reverse("admin:retention_handoff_measures"), {"days": "7; DROP", "by": "\x00"}).status_code == 200
    assert Account.objects.count() == 4
