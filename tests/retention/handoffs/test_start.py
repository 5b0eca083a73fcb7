"""A deal starts its handoff once, and the handoff follows what becomes of the deal."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.deals import services as deals
from accounts.events import services as events
from accounts.events.models import Reaction
from accounts.foundation.clock import now
from accounts.outbox.models import Delivery
from accounts.portfolio.models import AccountEvent
from accounts.stakeholders import services as stakeholders
from retention.handoffs import services
from retention.handoffs.checklist import checklist
from retention.handoffs.models import Answer, Handoff, HandoffTemplate
from retention.slas.models import Clock
from retention.work.models import WorkItem
from tests.factories.accounts import SourceFactory
from tests.retention.handoffs.handing import answered, completed, item, of, won
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def told(account) -> list[str]:
    return list(
        AccountEvent.objects.filter(account=account, kind__startswith="handoff.").values_list("kind", flat=True)
    )


def moved(deal, **values):
    deals.change(deal, by=None, at=now(), **values)
    events.react()
    return Handoff.objects.filter(deal=deal).first()


def test_a_won_deal_starts_the_handoff_with_its_clock(account, sal, amelia):
    handoff = of(won(account, sal))
    assert (handoff.state, handoff.giver, handoff.receiver) == ("open", sal, amelia)
    assert handoff.work.assignee == sal
    assert handoff.work.clock.duration == "1 bd"
    assert set(handoff.promised) == {"kickoff", "activated", "first_value"}
    assert set(told(account)) == {"handoff.drafted", "handoff.started", "handoff.gate_missed"}


def test_a_new_deal_in_commit_opens_a_draft_that_shows_what_is_due(account, sal):
    handoff = of(won(account, sal, state="committed"))
    assert (handoff.state, handoff.work, handoff.started_at) == ("draft", None, None)
    late = [line.item.key for line in checklist(handoff).overdue_at_commit]
    assert late == ["value_hypothesis", "draft_plan"]
    assert handoff.lacking > 0


def test_the_same_row_begins_when_the_draft_is_won(account, sal):
    deal = won(account, sal, state="committed")
    draft = of(deal)
    answered(draft, "use_cases", "Campaign reports")
    handoff = moved(deal, state="won")
    assert (handoff.pk, handoff.state) == (draft.pk, "open")
    assert handoff.answers.get(item=item(handoff, "use_cases")).text == "Campaign reports"


def test_repeats_of_a_won_deal_start_nothing_again(account, sal):
    source, at = SourceFactory(key="crm"), now()
    for _ in range(5):
        deals.save(account, source=source, external_id="77", by=None, at=at, name="A", state="won", owner=sal)
        events.react()
    moved(deals.Deal.objects.get(external_id="77"), state="open")
    moved(deals.Deal.objects.get(external_id="77"), state="won")
    assert Handoff.objects.count() == 1
    assert Handoff.objects.get().key == "won:crm:77"
    assert Handoff.objects.get().state == "open"


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_make_one(account, sal):
    deal = deals.enter(account, by=None, at=now(), name="A", type="new", state="won", owner=sal)
    Handoff.objects.all().delete()
    at_once(*[lambda: services.follow(deal, at=now())] * 50)
    assert Handoff.objects.count() == 1
    assert WorkItem.objects.filter(kind="handoff").count() == 1
    assert Clock.objects.count() == 1


def test_an_expansion_starts_the_short_one_and_a_renewal_none(account, sal):
    assert of(won(account, sal, type="expansion")).version.template.key == "expansion"
    won(account, sal, type="renewal")
    assert Handoff.objects.count() == 1


def test_an_expansion_in_commit_waits_for_the_win(account, sal):
    won(account, sal, type="expansion", state="committed")
    assert not Handoff.objects.exists()


def test_a_win_of_long_ago_starts_nothing(account, sal):
    won(account, sal, closed_at=now() - dt.timedelta(days=61))
    assert not Handoff.objects.exists()


def test_a_lost_deal_calls_it_off_and_tells_both_sides(account, sal, amelia):
    deal = won(account, sal)
    work = of(deal).work
    handoff = moved(deal, state="lost")
    work.refresh_from_db()
    assert (handoff.state, work.state, work.clock.state) == ("cancelled", "dismissed", "cancelled")
    said = Delivery.objects.filter(purpose="handoff").values_list("user__username", flat=True)
    assert set(said) == {"sal", "amelia"}


def test_a_reopened_deal_keeps_what_was_filled_in_and_stops_the_clock(account, sal):
    deal = won(account, sal)
    answered(of(deal), "use_cases", "Campaign reports")
    handoff = moved(deal, state="open")
    assert (handoff.state, handoff.work.clock.state) == ("draft", "cancelled")
    again = moved(deal, state="won")
    assert (again.pk, again.state, again.work.clock.state) == (handoff.pk, "open", "running")
    assert Answer.objects.filter(handoff=again, text="Campaign reports").exists()


def test_what_was_lost_and_won_again_goes_on(account, sal):
    deal = won(account, sal)
    moved(deal, state="lost")
    assert moved(deal, state="won").state == "open"
    assert Handoff.objects.count() == 1


def test_an_accepted_one_stays_and_the_receiver_is_told(account, sal, amelia):
    deal = won(account, sal)
    services.accept(services.submit(completed(of(deal)), by=sal, at=now()), by=amelia, at=now())
    assert moved(deal, state="lost").state == "accepted"
    assert Delivery.objects.filter(purpose="handoff", user=amelia).exists()


def test_one_person_on_both_sides_leaves_the_receiver_vacant(account, amelia):
    handoff = of(won(account, amelia))
    assert (handoff.giver, handoff.receiver) == (amelia, None)


def test_known_facts_fill_items_in_with_their_source(account, sal):
    from accounts.portfolio import services as portfolio
    from config import pipeline

    portfolio.change(account, by=None, at=now(), tech_stack=["HubSpot", "Snowflake"])
    pipeline.run()
    answer = of(won(account, sal)).answers.get(item__key="stack")
    assert "HubSpot" in answer.text
    assert answer.source == "Profile"


def test_who_alone_has_a_role_fills_its_items_in(account, sal):
    def known(name, *roles):
        return stakeholders.add(account, name=name, roles=set(roles), by=None, at=now())

    lena, _, gone = known("Lena Ortiz", "champion", "finance"), known("Otto", "admin"), known("Ada", "security")
    known("Olga", "admin")
    stakeholders.change(gone, left_at=now(), by=None, at=now())
    handoff = of(won(account, sal))
    filled = {one.item.key: one for one in handoff.answers.exclude(stakeholder=None)}
    assert {key: one.stakeholder for key, one in filled.items()} == dict.fromkeys(
        ("champion", "finance", "billing_contact"), lena
    )
    assert filled["champion"].source == "Stakeholders"
    assert checklist(handoff).line("champion").is_done


def test_one_is_started_by_hand_and_not_twice(account, sal, amelia):
    template = HandoffTemplate.objects.get(key="cs_to_support")
    handoff = services.start(account, template=template, receiver=sal, by=amelia, at=now())
    assert (handoff.state, handoff.giver, handoff.receiver) == ("open", amelia, sal)
    with pytest.raises(ValidationError, match="runs already"):
        services.start(account, template=template, by=amelia, at=now())
    other = HandoffTemplate.objects.get(key="csm_to_csm")
    with pytest.raises(ValidationError, match="same person"):
        services.start(account, template=other, receiver=amelia, by=amelia, at=now())


def test_a_win_asks_for_calendars_and_webhooks_once_however_many_tasks_it_makes(account, sal):
    with CaptureQueriesContext(connection) as seen:
        won(account, sal)
    assert WorkItem.objects.count() > 10
    for table in ("retention_businesscalendar", "accounts_webhookendpoint", "accounts_noticechoice"):
        asked = [one["sql"] for one in seen if f'FROM "{table}"' in one["sql"]]
        assert len(asked) <= 2 * Reaction.objects.count(), asked
    assert len(seen) < 600
