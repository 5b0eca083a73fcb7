"""Milestones in the console: by whom they are defined, and what the account's page says."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.foundation.clock import now
from retention.milestones.models import AccountMilestone, ValueMilestone


def page(name, *args):
    return reverse(f"admin:retention_valuemilestone_{name}", args=args)


def saved(client, address, said):
    """Looks at what it would do, agrees, and saves."""
    shown = client.post(address, said)
    return client.post(address, said | {"do": "save", "seen": shown.context["seen"], "confirmed": "yes"})


@pytest.fixture
def operator(client, olga):
    client.force_login(olga)
    return client


def test_an_operator_adds_a_milestone_and_a_route(operator):
    assert operator.post(page("new"), {"name": "", "position": "1"}).status_code == 400
    operator.post(page("new"), {"name": "Second team", "meaning": "Two teams.", "position": "9", "is_active": "on"})
    made = ValueMilestone.objects.get(key="second_team")
    route = {
        "name": "Marketing",
        "applies": '{"fact": "use_case", "operator": "equal", "value": "marketing_automation"}',
        "told_by": "condition",
        "condition": '{"fact": "teams_active_30d", "operator": "greaterThanInclusive", "value": 2}',
        "days": "45",
        "clock": "closed_won",
        "basis": "practice",
    }
    refused = operator.post(page("add_route", made.pk), route | {"told_by": "event"})
    assert refused.status_code == 400
    assert escape("Choose the milestone of the tracking plan that means it.") in refused.content.decode()
    saved(operator, page("add_route", made.pk), route)
    assert [(one.key, one.days) for one in made.routes.all()] == [("marketing", 45), ("everybody", None)]
    shown = operator.get(page("change", made.pk)).content.decode()
    assert "45 days after closed/won" in shown
    saved(operator, page("remove", made.pk, "marketing"), {})
    assert [one.key for one in made.routes.all()] == ["everybody"]


def test_the_list_tells_time_to_value_by_any_dimension(operator):
    for by in ("", "ae", "use_case_segment", "nonsense"):
        assert "Time to first value" in operator.get(page("changelist"), {"by": by}).content.decode()


def test_a_csm_sets_a_milestone_by_hand_and_takes_it_back(client, amelia, northwind):
    client.force_login(amelia)
    milestone = ValueMilestone.objects.get(key="value_proof")
    address = reverse("admin:accounts_account_reach-milestone", args=[northwind.pk])
    yesterday = now() - dt.timedelta(days=1)
    typed = {"milestone": milestone.pk, "reached_at": f"{yesterday:%Y-%m-%dT%H:%M}", "evidence": "Seen in the call"}
    assert client.post(address, typed | {"evidence": ""}).status_code == 400
    assert client.post(address, typed).status_code == 302
    row = AccountMilestone.objects.get()
    shown = client.get(reverse("admin:accounts_account_change", args=[northwind.pk])).content.decode()
    assert "Seen in the call" in shown
    client.post(reverse("admin:retention_accountmilestone_back", args=[row.pk]))
    assert not AccountMilestone.objects.exists()


def test_a_csm_defines_nothing(client, amelia):
    client.force_login(amelia)
    assert client.post(page("new"), {"name": "Mine"}).status_code in (403, 404)
    assert not ValueMilestone.objects.filter(name="Mine").exists()
