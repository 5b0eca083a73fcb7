"""Measures are added to a draft and taken out of it in the console, with the same checks as in files."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.facts.catalogue import Fact, Group, Type
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.health.drafts import MeasureDraft, draft_of
from retention.health.models import AccountHealth, HealthModel
from retention.health.point_lines import scale_of
from tests.retention.health.book import define_moods, put, settle, simple
from tests.retention.health.test_console import model, pytestmark, seen, signed_in, typed

__all__ = ["model", "pytestmark"]
LARGE = '{"fact": "employees", "operator": "greaterThanInclusive", "value": 500}'
NEW = {"new_0-name": "Size of the firm", "new_0-weight": "20", "new_0-missing": "exclude", "new_0-by": "fact"}
BY_FACT = NEW | {"new_0-fact": "employees", "new_0-lines": "1000 = 100\n0 = 0\nmore = 90", "weight_mood": "80"}


def address(model: HealthModel) -> str:
    return reverse("admin:retention_healthmodel_edit", args=[model.pk])


def looked(client: Client, model: HealthModel, **changed: Any) -> Any:
    return client.post(address(model), typed(client, model, **changed) | {"do": "preview"})


def published(client: Client, model: HealthModel, **changed: Any) -> list[MeasureDraft]:
    body = typed(client, model, **changed) | {"confirmed": "on"}
    shown = client.post(address(model), body | {"do": "preview"})
    assert shown.status_code == 200, shown.context["form"].errors
    assert client.post(address(model), body | {"do": "publish", "seen": seen(shown)}).status_code == 302
    version = model.versions.first()
    assert version is not None
    return list(draft_of(version).measures)


def test_a_measure_over_a_number_is_added(olga: User, model: HealthModel, northwind: Account) -> None:
    portfolio.change(northwind, by=None, at=now(), employees=500)
    settle(now())
    client = signed_in(olga)
    shown = looked(client, model, **BY_FACT).content.decode()
    assert "Size of the firm" in shown
    assert model.versions.count() == 1, "looking changes nothing"
    mood, size = published(client, model, **BY_FACT)
    assert (mood.key, mood.weight) == ("mood", 80)
    assert (size.key, size.weight, size.missing) == ("size_of_the_firm", 20, "exclude")
    assert size.scale == {"fact": "employees", "marks": [[0, 0], [1000, 100]], "above": 90}
    assert AccountHealth.objects.get(account=northwind).score == pytest.approx(0.8 * 76 + 0.2 * 50)
    page = client.get(reverse("admin:retention_healthmodel_change", args=[model.pk])).content.decode()
    assert "Size of the firm counts, with weight 20." in page


def test_a_measure_by_conditions_takes_points_off(olga: User, model: HealthModel) -> None:
    body = NEW | {"new_0-by": "deductions", "new_0-missing": "worst", "weight_mood": "80"}
    body |= {"new_0-when_2": LARGE, "new_0-points_2": "40", "new_0-called_2": "They are large"}
    *_, size = published(signed_in(olga), model, **body)
    when = {"fact": "employees", "operator": "greaterThanInclusive", "value": 500}
    assert size.scale == {"deductions": [{"when": when, "points": 40, "name": "They are large"}]}
    assert size.missing == "worst"


def test_the_first_condition_gives_the_points_while_a_date_is_fresh(olga: User, model: HealthModel) -> None:
    body = NEW | {"new_0-by": "steps", "new_0-when_1": LARGE, "new_0-points_1": "100", "new_0-otherwise": "30"}
    body |= {"new_0-fresh_fact": "last_active_at", "new_0-fresh_days": "90", "new_0-worst_where": LARGE}
    *_, size = published(signed_in(olga), model, **body, weight_mood="80")
    assert size.scale["steps"][0]["points"] == 100
    assert size.scale["otherwise"] == 30
    assert size.scale["fresh"] == {"fact": "last_active_at", "days": 90}
    assert size.worst_where is not None


def test_two_measures_come_at_once_and_their_keys_differ(olga: User, model: HealthModel) -> None:
    second = {name.replace("new_0", "new_1"): value for name, value in BY_FACT.items()}
    measures = published(signed_in(olga), model, **{**BY_FACT, **second, "weight_mood": "60"})
    assert [one.key for one in measures] == ["mood", "size_of_the_firm", "size_of_the_firm_2"]


def test_a_measure_is_taken_away_and_the_weights_made_to_add_up(olga: User, model: HealthModel) -> None:
    client = signed_in(olga)
    published(client, model, **BY_FACT)
    refused = looked(client, model, gone_mood="on")
    assert refused.status_code == 400
    assert "The weights add up to 20 and must add up to 100: add 80." in refused.content.decode()
    (left,) = published(client, model, gone_mood="on", normalise="on")
    assert (left.key, left.weight) == ("size_of_the_firm", 100)
    page = client.get(reverse("admin:retention_healthmodel_change", args=[model.pk])).content.decode()
    assert "Mood no longer counts." in page


def test_mixed_signals_are_told_from_the_measures_that_stay(olga: User, model: HealthModel) -> None:
    define_moods("mood", "voice")
    measures = [
        MeasureDraft(key, key.capitalize(), weight, {"fact": key, "marks": [[0, 0], [100, 100]]})
        for key, weight in (("mood", 50), ("voice", 50))
    ]
    asked = {"one": ["mood"], "other": ["voice"], "high_from": 75, "low_below": 50, "policy": "Look at it."}
    put(simple(measures=measures, contradiction=asked), now())
    client = signed_in(olga)
    assert "Mixed signals are then told without it." in client.get(address(model)).content.decode()
    published(client, model, gone_voice="on", weight_mood="100")
    version = model.versions.first()
    assert version is not None
    assert version.contradiction is None


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"new_0-name": ""}, "name", "Give the measure a name."),
        ({"new_0-weight": ""}, "weight", "Give its weight"),
        ({"new_0-weight": "many"}, "weight", "Enter a whole number."),
        ({"new_0-fact": ""}, "fact", "Choose the fact whose value gives the points."),
        ({"new_0-fact": "no_such_fact"}, "fact", "Select a valid choice."),
        ({"new_0-lines": ""}, "lines", "Give at least one value and its points."),
        ({"new_0-lines": "10 = 20\nmany = 3"}, "lines", "Line 2: “many” is no number."),
        ({"new_0-lines": "10"}, "lines", "Line 1: write a value and its points"),
        ({"new_0-lines": "10 = 120"}, "lines", "Expected points from 0 to 100."),
        ({"new_0-lines": "10 = 1\n10 = 2"}, "lines", "Values must rise from one mark to the next."),
        ({"new_0-lines": "less = 5"}, "lines", "Expected pairs of a value and its points"),
        ({"new_0-fresh_days": "5"}, "fresh_fact", "Choose the date that has to be fresh"),
        ({"new_0-by": "steps"}, "when_1", "Give at least one condition with its points."),
        ({"new_0-by": "steps", "new_0-when_3": LARGE}, "points_3", "Give its points."),
        ({"new_0-by": "steps", "new_0-points_1": "3"}, "when_1", "Say when it is true."),
        ({"new_0-by": "deductions", "new_0-when_1": "{"}, "when_1", "JSON"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    olga: User, model: HealthModel, changed: dict[str, str], field: str, told: str
) -> None:
    answer = looked(signed_in(olga), model, **{**BY_FACT, **changed})
    assert answer.status_code == 400
    assert told in str(answer.context["form"].further[0].errors[field])
    assert model.versions.count() == 1
    assert '<details class="hf-more hf-whole hf-new-measure" open>' in answer.content.decode()


def fact(kind: Type) -> Fact:
    return Fact("thing", "Thing", kind, "What it is.", Group.CUSTOM)


@pytest.mark.parametrize(
    ("kind", "text", "scale"),
    [
        (Type.RATIO, "less = 0\n50 % = 20\n90→100", {"fact": "thing", "below": 0, "marks": [[0.5, 20], [0.9, 100]]}),
        (Type.NUMBER, "−5 = 0\n\n 1,000 = 99.5 ", {"fact": "thing", "marks": [[-5, 0], [1000, 99.5]]}),
        (Type.DATE, "14 days ago -> 60\n7 = 100", {"days_since": "thing", "marks": [[7, 100], [14, 60]]}),
        (Type.INSTANT, "7 = 100\nlonger = 0", {"days_since": "thing", "marks": [[7, 100]], "above": 0}),
        (Type.BOOLEAN, "Yes = 100\nno = 10", {"fact": "thing", "values": {"true": 100, "false": 10}}),
        (Type.TEXT, "Set up = 100\nb=c = 5", {"fact": "thing", "values": {"set_up": 100, "b=c": 5}}),
        (Type.TEXT, "set_up = 9\notherwise = 1", {"fact": "thing", "values": {"set_up": 9}, "otherwise": 1}),
    ],
)
def test_lines_become_a_scale(kind: Type, text: str, scale: dict[str, Any]) -> None:
    assert scale_of(fact(kind), text, {"set_up": "Set up", "b=c": "Odd"} if kind is Type.TEXT else {}) == scale
