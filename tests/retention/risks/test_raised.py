"""Risks that people raise: an owner, a step that is work, a plan, an end; and what is refused."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.facts import custom, projection
from accounts.facts.catalogue import Type
from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.portfolio.models import AccountEvent
from accounts.team import leaving
from config import pipeline
from retention.risks import plan, services
from retention.risks.models import Risk
from retention.work import services as work
from retention.work.models import WorkItem
from retention.work.queries import attention_of, open_for, reason

AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SOON = AT.date() + 3 * DAY
RAISED = {"category": "relationship", "title": "New sponsor", "next_step": "Introduce ourselves", "next_step_on": SOON}


def raise_risk(account, **values):
    return services.raise_risk(account, **(RAISED | {"owner": None, "by": None, "at": AT} | values))


def facts(account, at=AT):
    while projection.project_dirty(at=at):
        pass
    known = AccountFacts.objects.get(account=account).custom
    return {key: known.get(key) for key in ("risk_open", "risks_open", "risk_categories", "risk_step_due_on")}


def test_its_step_is_work_of_its_owner(northwind, amelia):
    risk = raise_risk(northwind, owner=amelia, arr_minor=4_800_000, by=amelia)
    [item] = open_for(amelia)
    assert (item.title, item.kind, item.due_at.date()) == ("Introduce ourselves", "risk_step", SOON)
    assert risk.work_item == item
    assert reason(item).sentence == "Relationship risk: New sponsor"
    assert facts(northwind) == {
        "risk_open": True,
        "risks_open": 1,
        "risk_categories": ["relationship"],
        "risk_step_due_on": custom.kept(SOON, Type.DATE),
    }


def test_another_step_takes_the_place_of_the_open_one(northwind, amelia):
    risk = raise_risk(northwind, owner=amelia)
    first = risk.work_item
    services.set_step(risk, next_step="Show the value", next_step_on=SOON + DAY, by=amelia, at=AT)
    first.refresh_from_db()
    assert (first.state, first.outcome) == ("dismissed", "replaced")
    assert [item.title for item in open_for(amelia)] == ["Show the value"]


def test_a_step_that_is_done_leaves_a_risk_that_needs_attention(northwind, amelia):
    risk = raise_risk(northwind, owner=amelia)
    work.close(risk.work_item, outcome="done", by=amelia, at=AT)
    pipeline.run()
    risk.refresh_from_db()
    assert (risk.next_step, risk.next_step_on, risk.work_item) == ("", None, None)
    assert [one.sentence for one in attention_of(northwind, amelia)] == ["The risk “New sponsor” has no next step"]


def test_the_open_step_goes_with_the_risk(northwind, amelia, bruno):
    risk = raise_risk(northwind, owner=amelia)
    services.change(risk, owner=bruno, by=amelia, at=AT)
    assert list(open_for(bruno)) == [risk.work_item]


def test_who_leaves_hands_their_risks_over(northwind, amelia, bruno):
    raise_risk(northwind, owner=amelia)
    assert leaving.plan_leaving(amelia, at=AT).counts["risks"] == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"next_step": " "}, "next_step"),
        ({"next_step": "x" * 201}, "next_step"),
        ({"next_step_on": AT.date() - DAY}, "next_step_on"),
        ({"next_step_on": dt.date(9999, 12, 31)}, "next_step_on"),
        ({"category": "weather"}, "category"),
        ({"title": ""}, "title"),
    ],
)
def test_a_risk_without_what_it_needs_is_refused_whole(northwind, values, field):
    with pytest.raises(ValidationError) as refused:
        raise_risk(northwind, **values)
    assert list(refused.value.message_dict) == [field]
    assert not Risk.objects.exists()
    assert not WorkItem.objects.exists()


def test_closing_ends_its_step_and_says_how(northwind, amelia):
    risk = raise_risk(northwind, owner=amelia)
    services.close(risk, outcome="resolved", by=amelia, at=AT + DAY)
    assert not open_for(amelia)
    assert (risk.state, risk.outcome, risk.closed_by) == ("closed", "resolved", amelia)
    assert facts(northwind)["risk_open"] is False
    assert AccountEvent.objects.get(kind="risk.closed").data == {"outcome": "Resolved"}
    with pytest.raises(services.AlreadyClosed):
        services.set_step(risk, next_step="Call", next_step_on=SOON + DAY, by=amelia, at=AT + DAY)


@pytest.mark.parametrize("outcome", ["came_true", "accepted"])
def test_a_bad_end_needs_what_was_learned(northwind, outcome):
    risk = raise_risk(northwind)
    with pytest.raises(ValidationError, match="learned"):
        services.close(risk, outcome=outcome, by=None, at=AT)
    assert Risk.objects.get().is_open
    services.close(risk, outcome=outcome, lesson="Nobody knew the new sponsor.", by=None, at=AT)


def test_the_plan_is_looked_at_every_week(northwind, amelia):
    risk = raise_risk(northwind)
    remedy = plan.add_remedy(risk, text="Train them", due_on=SOON, by=amelia, at=AT)
    assert plan.review_due(risk) == AT + 7 * DAY
    plan.finish(remedy, by=amelia, at=AT + DAY)
    plan.review(risk, text="Going well", by=amelia, at=AT + 2 * DAY)
    risk.refresh_from_db()
    assert plan.review_due(risk) == AT + 9 * DAY
    assert (remedy.done_by, risk.reviews.get().text) == (amelia, "Going well")
    services.close(risk, outcome="resolved", by=None, at=AT)
    with pytest.raises(services.AlreadyClosed):
        plan.review(risk, text="Too late", by=amelia, at=AT)


def test_raised_from_the_account_page_and_followed_in_the_list(client, amelia, northwind):
    client.force_login(amelia)
    typed = {key: str(value) for key, value in RAISED.items()} | {"arr": "48000", "owner": amelia.pk}
    typed["next_step_on"] = f"{now().date() + DAY}"
    address = reverse("admin:accounts_account_raise-risk", args=[northwind.pk])
    assert client.post(address, typed | {"title": ""}).status_code == 400
    assert client.post(address, typed).status_code == 302
    risk = Risk.objects.get()
    assert risk.arr_minor == 4_800_000
    told = client.get(reverse("admin:retention_risk_changelist")).content.decode()
    assert told.count("$48,000") == 2, "of the risk, and of all that are open"
    page = client.get(reverse("admin:retention_risk_change", args=[risk.pk])).content.decode()
    assert "Introduce ourselves" in page
    account = client.get(reverse("admin:accounts_account_change", args=[northwind.pk])).content.decode()
    assert "New sponsor" in account


def test_nobody_sees_the_risks_of_others(client, amelia, carla, northwind):
    risk = raise_risk(northwind, owner=amelia)
    client.force_login(carla)
    assert client.get(reverse("admin:retention_risk_change", args=[risk.pk])).status_code == 404
    assert "New sponsor" not in client.get(reverse("admin:retention_risk_changelist")).content.decode()
