"""The rating of renewal risk in the console: signals and tiers are changed by versions, and what is wrong is told."""

import json

import pytest
from django.urls import reverse

from retention.risks import rating
from retention.risks.models import RiskModelVersion
from tests.cast import person

pytestmark = pytest.mark.django_db
TICKETS = {"fact": "tickets_open", "operator": "greaterThan", "value": 3}


@pytest.fixture
def operator(client, starter):
    client.force_login(person("olga", role="operator", group=None))
    return client


def page(name: str, *args: str) -> str:
    return reverse(f"admin:retention_riskmodelversion_{name}", args=args)


def put(client, address: str, said: dict[str, str]):
    """Looks at what it would do, agrees, and publishes."""
    shown = client.post(address, said)
    return client.post(address, said | {"do": "publish", "seen": shown.context.get("seen", ""), "confirmed": "yes"})


def test_a_signal_is_added_and_changed_by_versions(operator):
    first = rating.in_force()
    said = {"name": "Many tickets", "when": json.dumps(TICKETS), "points": "2", "basis": "practice"}
    assert put(operator, page("add_signal"), said).status_code == 302
    added = rating.in_force().signals.get(key="many_tickets")
    assert (added.points, added.when) == (2, TICKETS)
    assert put(operator, page("signal", "many_tickets"), said | {"points": "3"}).status_code == 302
    assert rating.in_force().number == first.number + 2
    assert rating.in_force().signals.get(key="many_tickets").points == 3


def test_a_condition_that_nobody_can_read_stays_beside_its_field(operator):
    said = {"name": "Odd", "when": json.dumps(TICKETS | {"fact": "mood"}), "points": "2", "basis": "practice"}
    answer = operator.post(page("add_signal"), said)
    assert answer.status_code == 400
    assert "mood" in answer.content.decode()
    assert RiskModelVersion.objects.count() == 1


def test_tiers_move_and_a_signal_without_points_goes(operator):
    version = rating.in_force()
    points = {f"points_{one.key}": str(one.points) for one in version.signals.all()}
    gone = version.signals.first().key
    said = {"medium_from": "3", "high_from": "6", "unknown_from": "3", **points, f"points_{gone}": "0"}
    assert put(operator, page("changelist"), said).status_code == 302
    assert (rating.in_force().medium_from, rating.in_force().high_from) == (3, 6)
    assert not rating.in_force().signals.filter(key=gone).exists()
    assert operator.post(page("changelist"), said | {"high_from": "2"}).status_code == 400


def test_who_only_reads_definitions_is_offered_no_form(client, starter, amelia):
    client.force_login(amelia)
    assert client.get(page("changelist")).status_code == 200
    assert client.post(page("add_signal"), {"name": "Mine"}).status_code in (403, 404)
