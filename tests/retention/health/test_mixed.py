"""What counts as mixed signals is said in the form of a health model."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.health.drafts import MeasureDraft
from retention.health.models import AccountHealth, HealthModel
from tests.retention.health.book import define_moods, feel, put, retire_shipped, settle, simple
from tests.retention.health.test_console import signed_in
from tests.retention.health.test_measures import address, looked, published

pytestmark = pytest.mark.django_db
ASKED = {"one": ["voice", "mood"], "other": ["tone"], "high_from": 75, "low_below": 50, "policy": "Look at it."}
MIXED = {
    "mixed_one": ["mood"],
    "mixed_other": ["tone"],
    "mixed_high_from": "80",
    "mixed_low_below": "30",
    "mixed_policy": "Call them.",
}


@pytest.fixture
def model(northwind: Account) -> HealthModel:
    retire_shipped()
    define_moods("mood", "voice", "tone")
    weights = {"mood": 40, "voice": 30, "tone": 30}
    measures = [
        MeasureDraft(key, key.capitalize(), weight, {"fact": key, "marks": [[0, 0], [100, 100]]})
        for key, weight in weights.items()
    ]
    put(simple(measures=measures), now())
    feel(northwind, now(), mood=90, voice=50, tone=20)
    return HealthModel.objects.get(key="plain")


def told(model: HealthModel) -> Any:
    version = model.versions.first()
    assert version is not None
    return version.contradiction


def test_it_is_said_changed_and_taken_away(olga: User, model: HealthModel, northwind: Account) -> None:
    client = signed_in(olga)
    published(client, model, **MIXED)
    assert told(model) == ASKED | {
        "one": ["mood"],
        "high_from": 80,
        "low_below": 30,
        "policy": "Call them.",
    }
    settle(now())
    assert AccountHealth.objects.get(account=northwind).is_mixed
    page = client.get(reverse("admin:retention_healthmodel_change", args=[model.pk])).content.decode()
    assert "Mixed signals: Mood at 80 or more while Tone is below 30, or the other way round. Call them." in page
    published(client, model, mixed_one=[], mixed_other=[])
    assert told(model) is None
    settle(now())
    assert not AccountHealth.objects.get(account=northwind).is_mixed


def test_what_nobody_touches_stays_as_it_was(olga: User, model: HealthModel) -> None:
    version = model.versions.get()
    version.contradiction = ASKED
    type(version).objects.filter(pk=version.pk).update(contradiction=ASKED)
    published(signed_in(olga), model, margin_days="5")
    assert told(model) == ASKED


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"mixed_other": []}, "mixed_other", "Choose at least one measure here too, or none at all."),
        ({"mixed_policy": ""}, "mixed_policy", "Say in a sentence what is done about it."),
        ({"mixed_high_from": ""}, "mixed_high_from", "Say from how many points on a measure is high."),
        ({"mixed_low_below": "300"}, "mixed_low_below", "less than or equal to 100"),
        ({"mixed_low_below": "90"}, "mixed_low_below", "Expected at most 80, from where on a measure is high."),
        (
            {"mixed_other": ["mood", "tone"]},
            "mixed_other",
            "Mood cannot contradict itself: choose it on one side only.",
        ),
        ({"mixed_one": ["nobody"]}, "mixed_one", "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_beside_it(
    olga: User, model: HealthModel, changed: dict[str, Any], field: str, said: str
) -> None:
    answer = looked(signed_in(olga), model, **(MIXED | changed))
    assert answer.status_code == 400
    assert said in " ".join(answer.context["form"].errors[field])


def test_the_form_shows_it_in_its_own_place(olga: User, model: HealthModel) -> None:
    page = signed_in(olga).get(address(model)).content.decode()
    assert '<h2 id="edit-mixed">Mixed signals</h2>' in page
    assert "… while these are low, or the other way round" in page


def test_how_many_accounts_are_mixed_is_told_before_it_is_so(olga: User, model: HealthModel) -> None:
    client = signed_in(olga)
    assert "Mixed signals, in any band" not in looked(client, model).content.decode()
    answer = looked(client, model, **MIXED)
    assert answer.context["preview"].mixed == (0, 1)
    assert "Mixed signals, in any band" in answer.content.decode()
