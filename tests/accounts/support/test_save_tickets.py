"""Tickets are saved as their help desk tells of them: repeats and late updates are harmless, nothing is half saved."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.events.models import DirtyAccount
from accounts.portfolio.models import AccountEvent
from accounts.support.models import Ticket, TicketReopening
from tests.accounts.support.drafts import DAY, HOUR, save, update
from tests.factories.accounts import AT, AccountFactory, SourceFactory, StakeholderFactory
from tests.threads import at_once


@pytest.fixture
def account(db):
    return AccountFactory()


@pytest.fixture
def desk(db):
    return SourceFactory(key="helpdesk", kind="support")


def row(ticket) -> dict:
    """Everything a ticket says, but not when we learnt it."""
    fresh = Ticket.objects.filter(pk=ticket.pk).values().get()
    reopened = list(TicketReopening.objects.filter(ticket=ticket).values_list("at", flat=True))
    return {**fresh, "reopened": reopened} | {"id": None, "recorded_at": None}


def told(account) -> list[tuple[str, dt.datetime]]:
    return list(AccountEvent.objects.filter(account=account).order_by("pk").values_list("kind", "at"))


def test_a_new_ticket_is_told_of_with_its_own_date(account, desk):
    [ticket] = save(desk, update(account, subject="Export fails", severity=2, tags=("export", "api", "export")))
    assert (ticket.subject, ticket.severity, ticket.state, ticket.tags) == (
        "Export fails",
        2,
        "open",
        ["api", "export"],
    )
    assert told(account) == [("ticket.opened", AT)]
    event = AccountEvent.objects.get()
    assert event.data == {"ticket": "4711", "severity": 2}, "the customer's words stay in the ticket"


def test_a_repeat_changes_nothing(account, desk):
    draft = update(account, 2, state="solved", satisfaction=4, satisfaction_at=AT + 2 * HOUR)
    [ticket] = save(desk, draft)
    before, events = row(ticket), told(account)
    DirtyAccount.objects.all().delete()
    save(desk, draft, draft)
    assert (row(ticket), told(account)) == (before, events)
    assert not DirtyAccount.objects.exists()


def test_a_late_update_overwrites_nothing_newer(account, desk):
    save(desk, update(account, 5, subject="New words", severity=3))
    [ticket] = save(desk, update(account, 1, subject="Old words", severity=1, state="pending"))
    assert (ticket.subject, ticket.severity, ticket.state) == ("New words", 3, "open")
    assert told(account) == [("ticket.opened", AT)]


def test_a_solved_ticket_that_is_not_solved_after_all_is_reopened(account, desk):
    save(desk, update(account))
    save(desk, update(account, 2, state="solved"))
    save(desk, update(account, 5, state="open"))
    [ticket] = save(desk, update(account, 9, state="closed"))
    assert (ticket.first_solved_at, ticket.solved_at) == (AT + 2 * HOUR, AT + 9 * HOUR)
    assert [reopening.at for reopening in ticket.reopenings.all()] == [AT + 5 * HOUR]
    assert told(account) == [
        ("ticket.opened", AT),
        ("ticket.solved", AT + 2 * HOUR),
        ("ticket.reopened", AT + 5 * HOUR),
        ("ticket.solved", AT + 9 * HOUR),
    ]


def test_closing_what_is_solved_does_not_solve_it_again(account, desk):
    save(desk, update(account, 2, state="solved"))
    [ticket] = save(desk, update(account, 50, state="closed"))
    assert ticket.solved_at == AT + 2 * HOUR
    assert [kind for kind, _ in told(account)] == ["ticket.opened", "ticket.solved"]


def test_a_reopening_is_found_although_its_update_came_last(account, desk):
    save(desk, update(account, 9, state="solved"), update(account, 2, state="solved"))
    [ticket] = save(desk, update(account, 5, state="open"))
    assert [reopening.at for reopening in ticket.reopenings.all()] == [AT + 5 * HOUR]
    assert (ticket.first_solved_at, ticket.solved_at) == (AT + 2 * HOUR, AT + 9 * HOUR)


def test_the_source_may_say_itself_when_it_was_solved(account, desk):
    [ticket] = save(desk, update(account, 50, state="closed", solved_at=AT + 3 * HOUR))
    assert (ticket.first_solved_at, ticket.solved_at) == (AT + 3 * HOUR, AT + 3 * HOUR)
    assert told(account)[-1] == ("ticket.solved", AT + 3 * HOUR)


def test_a_rise_of_severity_is_told_and_a_fall_is_not(account, desk):
    for hours, severity in enumerate((3, 1, 2)):
        save(desk, update(account, hours, severity=severity))
    assert told(account) == [("ticket.opened", AT), ("ticket.severity_raised", AT + HOUR)]


def test_a_ticket_that_moves_marks_both_accounts(account, desk):
    other = AccountFactory()
    save(desk, update(account))
    DirtyAccount.objects.all().delete()
    [ticket] = save(desk, update(other, 1))
    assert ticket.account_id == other.pk
    assert set(DirtyAccount.objects.values_list("account", flat=True)) == {account.pk, other.pk}


def test_two_sources_may_use_the_same_id(account, desk):
    save(desk, update(account))
    save(SourceFactory(key="other-desk"), update(account, subject="Another"))
    assert Ticket.objects.count() == 2


def test_the_source_has_delivered(account, desk):
    save(desk, update(account))
    desk.refresh_from_db()
    assert desk.last_delivery_at == AT + 30 * DAY


BAD = [
    ({"external_id": " "}, "external_id", "blank"),
    ({"external_id": "x" * 201}, "external_id", "200"),
    ({"subject": "x" * 501}, "subject", "500"),
    ({"subject": "a\0b"}, "subject", "NUL"),
    ({"severity": 0}, "severity", "1 (nothing works)"),
    ({"severity": 5}, "severity", "1 (nothing works)"),
    ({"state": "new"}, "state", "open, pending, solved or closed"),
    ({"tags": ("x",) * 51}, "tags", "at most 50"),
    ({"tags": ("x" * 81,)}, "tags", "80"),
    ({"updated_at": AT - HOUR}, "updated_at", "before it is opened"),
    ({"solved_at": AT - HOUR}, "solved_at", "before it is opened"),
    ({"solved_at": AT + HOUR}, "solved_at", "updated_at"),
    ({"opened_at": dt.datetime(1, 1, 1, tzinfo=dt.UTC)}, "opened_at", "from 1970"),
    ({"satisfaction": 6, "satisfaction_at": AT}, "satisfaction", "1 (worst)"),
    ({"satisfaction": 3}, "satisfaction_at", "when"),
    ({"satisfaction_at": AT}, "satisfaction", "score"),
    ({"account_id": 2**40}, "account", "no such account"),
]


@pytest.mark.parametrize(("values", "field", "says"), BAD)
def test_what_is_impossible_is_named_and_nothing_is_saved(values, field, says, account, desk):
    with pytest.raises(ValidationError) as refused:
        save(desk, update(account, name="fine"), update(account, **values))
    assert set(refused.value.message_dict) == {f"[1].{field}"}
    assert says in refused.value.message_dict[f"[1].{field}"][0]
    assert not Ticket.objects.exists()
    assert not AccountEvent.objects.exists()


def test_a_requester_is_a_stakeholder_of_the_account(account, desk):
    own, foreign = StakeholderFactory(account=account), StakeholderFactory()
    [ticket] = save(desk, update(account, requester_id=own.pk))
    assert ticket.requester == own
    with pytest.raises(ValidationError, match="no stakeholder of the account"):
        save(desk, update(account, 1, requester_id=foreign.pk))


UPDATES = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.sampled_from(["open", "pending", "solved", "closed"]),
        st.integers(1, 4),
        st.none() | st.integers(0, 400),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one[0],
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(updates=UPDATES, rng=st.randoms(use_true_random=False), cuts=st.integers(1, 4))
def test_whatever_the_order_and_however_often_the_ticket_ends_the_same(account, desk, updates, rng, cuts):
    drafts = [
        update(account, hours, state=state, severity=severity, subject=f"As of {hours}", solved_at=_solved(hours, at))
        for hours, state, severity, at in updates
    ]
    Ticket.objects.all().delete()
    [*_, ticket] = save(desk, *sorted(drafts, key=lambda draft: draft.updated_at))
    expected = row(ticket)
    ticket.delete()
    shuffled = [*drafts, *rng.sample(drafts, rng.randint(0, len(drafts)))]
    rng.shuffle(shuffled)
    for start in range(0, len(shuffled), cuts):
        [*_, ticket] = save(desk, *shuffled[start : start + cuts])
    assert row(ticket) == expected


def _solved(hours: int, at: int | None) -> dt.datetime | None:
    return None if at is None or at > hours else AT + at * HOUR


def test_many_tickets_cost_the_statements_of_few(account, desk):
    def cost(count: int, hours: int) -> int:
        drafts = [
            update(
                account, hours, name=f"{count}-{number}", state="solved" if hours else "open", severity=3 - (hours > 0)
            )
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as queries:
            save(desk, *drafts)
        return len(queries)

    assert cost(40, 0) == cost(3, 0)
    assert cost(40, 5) == cost(3, 5) <= 30


def test_the_same_batch_at_the_same_moment_is_saved_once(transactional_db):
    account, desk = AccountFactory(), SourceFactory(key="helpdesk")
    drafts = [update(account, 1, name=str(number), state="solved") for number in range(20)]
    at_once(*[lambda: save(desk, *drafts)] * 4)
    assert Ticket.objects.count() == 20
    assert AccountEvent.objects.filter(kind="ticket.solved").count() == 20
