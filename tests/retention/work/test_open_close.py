"""Work is opened, handed on and closed once, with an outcome."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import AccountEvent
from retention.work import queries
from retention.work import services as work
from retention.work.models import WorkItem
from retention.work.registry import work_kinds
from tests.factories.accounts import AT, AccountFactory, UserFactory
from tests.factories.retention import WorkItemFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db
LATER = AT + dt.timedelta(hours=3)


def opened(account=None, **values) -> WorkItem:
    given = {"title": "Call the champion", "due_at": LATER, "assignee": None, "by": None, "at": AT}
    return work.open_item(account or AccountFactory(), **{**given, **values})


def close(item, outcome="done", **values) -> WorkItem:
    return work.close(item, outcome=outcome, **{"by": None, "at": LATER, **values})


def again(item: WorkItem) -> WorkItem:
    return WorkItem.objects.get(pk=item.pk)


def told() -> list[str]:
    return list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_opening_gives_it_to_somebody_and_tells():
    amelia = UserFactory()
    item = opened(assignee=amelia, guidance="Ask what changed.")
    assert (item.state, item.assignee, item.created_at) == ("open", amelia, AT)
    event = AccountEvent.objects.get()
    assert (event.kind, event.subject_id) == ("work.opened", item.pk)
    assert event.data == {"title": "Call the champion", "kind": "task", "user": amelia.pk}
    assert AuditEntry.objects.get().verb == "work.open"


def test_work_may_be_for_nobody_yet():
    assert opened().assignee is None
    assert AccountEvent.objects.get().data["user"] is None


def test_a_title_longer_than_the_column_is_cut():
    assert len(opened(title="x" * 400).title) == 250


@pytest.mark.parametrize(("values", "field"), [({"kind": "dance"}, "kind"), ({"title": ""}, "title")])
def test_refuses_what_is_no_work_and_leaves_nothing(values, field):
    with pytest.raises(ValidationError) as refused:
        opened(**values)
    assert field in refused.value.message_dict
    assert not WorkItem.objects.exists()
    assert not AccountEvent.objects.exists()


@pytest.mark.parametrize("outcome", work_kinds["task"].done)
def test_each_outcome_of_work_that_was_done_closes_it(outcome):
    amelia = UserFactory()
    item = close(opened(), outcome, by=amelia, minutes=25)
    assert (item.state, item.outcome, item.minutes) == ("done", outcome, 25)
    assert (again(item).closed_at, again(item).closed_by) == (LATER, amelia)
    assert told() == ["work.opened", "work.closed"]
    assert AccountEvent.objects.latest("pk").data["outcome"] == outcome


@pytest.mark.parametrize("outcome", work_kinds["task"].dismissed)
def test_dismissing_needs_a_note_that_says_why(outcome):
    item = opened()
    for note in ("", "   \n"):
        with pytest.raises(ValidationError) as refused:
            close(item, outcome, note=note)
        assert "note" in refused.value.message_dict
        assert again(item).is_open
    assert close(item, outcome, note=" The export was down. ").state == "dismissed"
    assert again(item).note == "The export was down."


def test_the_note_stays_out_of_the_trail():
    close(opened(), note="Sam said he is leaving")
    assert "Sam" not in str(list(AuditEntry.objects.values("before", "after")))


@pytest.mark.parametrize(
    ("values", "field"),
    [({"outcome": "vanished"}, "outcome"), ({"outcome": ""}, "outcome"), ({"minutes": -1}, "minutes"),
     ({"minutes": 10**9}, "minutes")],
)  # fmt: skip
def test_a_refused_close_leaves_it_open(values, field):
    item = opened()
    with pytest.raises(ValidationError) as refused:
        close(item, **values)
    assert field in refused.value.message_dict
    assert again(item).is_open
    assert told() == ["work.opened"]


def test_closing_twice_is_refused_and_says_who_was_first():
    amelia = UserFactory(first_name="Amelia")
    item = opened()
    stale = again(item)
    close(item, "resolved", by=amelia)
    for late in (item, stale):
        with pytest.raises(work.AlreadyClosed, match="Amelia Tester closed this on 04 Mar 2026 at 13:00 UTC"):
            close(late, "no_answer", note="Late")
    assert (again(item).outcome, again(item).note) == ("resolved", "")
    assert told() == ["work.opened", "work.closed"]


def test_two_who_close_at_once_close_it_once(transactional_db):
    item = opened()

    def try_to_close(outcome: str) -> str:
        try:
            return close(again(item), outcome).outcome
        except work.AlreadyClosed:
            return "too late"

    answers = at_once(*[lambda outcome=outcome: try_to_close(outcome) for outcome in work_kinds["task"].done])
    assert answers.count("too late") == len(answers) - 1
    [winner] = [answer for answer in answers if answer != "too late"]
    assert again(item).outcome == winner
    assert told() == ["work.opened", "work.closed"]
    assert AuditEntry.objects.filter(verb="work.close").count() == 1


def test_handing_on_gives_it_to_somebody_else_and_tells():
    amelia, bruno = UserFactory(), UserFactory()
    item = work.reassign(opened(assignee=amelia), to=bruno, by=amelia, at=LATER)
    assert again(item).assignee == bruno
    assert told() == ["work.opened", "work.reassigned"]
    assert AccountEvent.objects.latest("pk").data["user"] == bruno.pk


def test_handing_it_to_whoever_has_it_tells_nothing():
    amelia = UserFactory()
    work.reassign(opened(assignee=amelia), to=amelia, by=None, at=LATER)
    assert told() == ["work.opened"]


def test_handing_on_reads_the_row_as_it_is_now():
    """Somebody else moved it since this page was opened; taking it back is a change again."""
    amelia, bruno = UserFactory(), UserFactory()
    item = opened(assignee=amelia)
    stale = again(item)
    work.reassign(item, to=bruno, by=None, at=LATER)
    work.reassign(stale, to=amelia, by=None, at=LATER)
    assert again(item).assignee == amelia


def test_closed_work_is_not_handed_on():
    item = close(opened())
    with pytest.raises(work.AlreadyClosed, match="The system closed this"):
        work.reassign(item, to=UserFactory(), by=None, at=LATER)
    assert again(item).assignee is None


def test_my_open_work_stands_by_due_time():
    amelia, day = UserFactory(), dt.timedelta(days=1)
    later, sooner = WorkItemFactory(assignee=amelia, due_at=AT + day), WorkItemFactory(assignee=amelia, due_at=AT)
    WorkItemFactory(assignee=UserFactory())
    close(WorkItemFactory(assignee=amelia))
    assert list(queries.open_for(amelia)) == [sooner, later]


def test_open_work_past_its_due_time_is_overdue():
    item = opened()
    assert not queries.is_overdue(item, at=LATER)
    assert queries.is_overdue(item, at=LATER + dt.timedelta(seconds=1))
    close(item)
    assert not queries.is_overdue(item, at=LATER + dt.timedelta(days=1))


def test_work_that_a_person_made_has_no_reason_of_a_machine():
    assert queries.reason(opened()) is None
