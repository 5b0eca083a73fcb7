"""Health on the REST API: read by anybody who sees the account, overridden by who may change it."""

import datetime as dt
from typing import Any

import pytest

from accounts.foundation.clock import now
from retention.health.drafts import MeasureDraft
from retention.health.models import AccountHealth, HealthOverride
from tests.retention.health.book import EVERYBODY, LINE, define_moods, feel, put, retire_shipped, simple

DAY = dt.timedelta(days=1)


@pytest.fixture
def scored(northwind: Any) -> AccountHealth:
    retire_shipped()
    define_moods()
    put(simple(), now())
    return feel(northwind, now(), mood=76)


def test_the_score_its_history_and_its_model_are_read(with_key: Any, scored: AccountHealth) -> None:
    api = with_key("read")
    [row] = api.list("account-health/", band="green", mixed="false")
    assert (row["account"], row["model"], row["score"], row["band"]) == ("northwind-traders", "plain", 76, "green")
    [past] = [one for one in api.list("health-history/", account="northwind-traders") if one["score"]]
    assert past["parts"]["measures"]["mood"] == [76, 76, 100]
    model = api.get("health-models/plain/").json()
    assert model["version"]["measures"][0]["scale"] == {"fact": "mood", "marks": [[0, 0], [100, 100]]}


def test_a_program_overrides_and_ends_it(with_key: Any, scored: AccountHealth) -> None:
    api = with_key("write")
    body = {"account": "northwind-traders", "band": "red", "reason": "A hunch.", "until_on": f"{(now() + DAY).date()}"}
    made = api.post("health-overrides/", body)
    assert made.status_code == 201, made.content
    late = api.post("health-overrides/", body | {"until_on": f"{(now() + 90 * DAY).date()}"})
    assert late.status_code == 400
    assert HealthOverride.objects.count() == 1
    path = f"health-overrides/{made.json()['id']}/end/"
    assert api.post(path, {}).status_code == 200
    assert api.post(path, {}).status_code == 409


def test_a_reader_overrides_nothing(with_key: Any, scored: AccountHealth) -> None:
    body = {"account": "northwind-traders", "band": "red", "reason": "A hunch.", "until_on": f"{(now() + DAY).date()}"}
    assert with_key("read").post("health-overrides/", body).status_code == 403
    assert not HealthOverride.objects.exists()


def test_a_measure_that_goes_is_told_before_it_goes(with_key: Any, northwind: Any) -> None:
    retire_shipped()
    define_moods("mood", "voice")
    voice = MeasureDraft("voice", "Voice", 20, {"fact": "voice", "marks": [[0, 0], [100, 100]]})
    put(simple(measures=[MeasureDraft("mood", "Mood", 80, LINE), voice]), now())
    feel(northwind, now(), mood=82, voice=78)
    api = with_key("admin")
    measures = [{"key": "mood", "name": "Mood", "weight": 100, "scale": LINE}]
    body = {"key": "plain", "name": "Plain", "precedence": 1, "applies": EVERYBODY, "measures": measures}
    refused = api.post("health-models/", body)
    assert refused.status_code == 400
    told = "Voice (weight 20) no longer counts. It counts for 1 account now; "
    assert f"{told}by that alone the score changes for 1, the band for 0." in refused.content.decode()
    assert api.post("health-models/", body | {"confirmed": True}).status_code == 200
