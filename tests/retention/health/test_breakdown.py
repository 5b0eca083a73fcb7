"""Before a model is published, one account shows what each measure gives now and would give."""

import pytest
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.health.drafts import CapDraft, HealthDraft, MeasureDraft
from retention.health.models import HealthMeasure, HealthModel
from retention.health.preview import broken_down, preview
from tests.retention.health.book import LINE, define_moods, feel, put, retire_shipped, settle, simple
from tests.retention.health.test_console import signed_in, typed

pytestmark = pytest.mark.django_db
GLOOM = CapDraft("gloom", "Their voice is low", {"fact": "voice", "operator": "lessThan", "value": 20}, 40)


def two(mood: int, voice: int, **values: object) -> HealthDraft:
    measures = [
        MeasureDraft("mood", "Mood", mood, LINE),
        MeasureDraft("voice", "Voice", voice, {"fact": "voice", "marks": [[0, 0], [100, 100]]}, missing="neutral"),
    ]
    return simple(measures=measures, **values)


@pytest.fixture
def model(northwind: Account) -> HealthModel:
    retire_shipped()
    define_moods("mood", "voice")
    put(two(80, 20), now())
    feel(northwind, now(), mood=90, voice=10)
    return HealthModel.objects.get(key="plain")


def test_each_measure_with_value_points_weight_policy_and_cap(
    olga: User, model: HealthModel, northwind: Account
) -> None:
    draft = two(50, 50, caps=[GLOOM])
    found = broken_down(draft, model, preview(draft, model, user=olga, at=now()), account_id="", user=olga, at=now())
    assert found is not None
    assert (found.account, found.before.score, found.before.band) == (northwind, 74.0, "Amber")
    assert (found.after.score, found.after.uncapped, found.after.band) == (40.0, 50.0, "Red")
    assert found.after.is_capped
    assert found.after.caps == [("Their voice is low", 40)]
    mood, voice = found.lines
    assert (mood.name, mood.values, mood.missing) == ("Mood", [("Mood", "90")], "Leave out")
    assert mood.before is not None
    assert (mood.before.weight, mood.after.weight, mood.after.points) == (80, 50, 90)
    assert (mood.adds_before, mood.adds_after, voice.adds_after) == (72, 45, 5)
    assert mood.is_changed


def test_a_missing_value_says_what_it_counts_as(olga: User, model: HealthModel, northwind: Account) -> None:
    feel(northwind, now(), mood=90, voice=None)
    draft = two(70, 30)
    found = broken_down(draft, model, preview(draft, model, user=olga, at=now()), account_id="", user=olga, at=now())
    assert found is not None
    assert (found.lines[1].after.points, found.lines[1].policy) == (None, "counts as 50")


def test_the_page_shows_the_account_that_is_chosen(olga: User, model: HealthModel, northwind: Account) -> None:
    other = portfolio.create(name="Contoso", by=None, at=now())
    settle(now())
    client, path = signed_in(olga), reverse("admin:retention_healthmodel_edit", args=[model.pk])
    body = typed(client, model, weight_mood=50, weight_voice=50) | {"do": "preview"}
    page = client.post(path, body).content.decode()
    assert "the score of 1 changes" in page
    assert f">{northwind.name}</a>: Amber, 74 of 100" in page
    assert "80 → 50" in page
    chosen = client.post(path, body | {"account": str(other.pk)}).content.decode()
    assert ">Contoso</a>: Insufficient data" in chosen
    assert f">{northwind.name}</a>: Amber" in client.post(path, body | {"account": "nonsense"}).content.decode()


def test_an_account_that_one_may_not_see_is_not_broken_down(
    olga: User, carla: User, model: HealthModel, northwind: Account
) -> None:
    draft = two(50, 50)
    shown = preview(draft, model, user=carla, at=now())
    assert shown.offered == []
    assert broken_down(draft, model, shown, account_id=str(northwind.pk), user=carla, at=now()) is None


def test_a_measure_that_goes_is_told_with_what_goes_with_it(olga: User, model: HealthModel, northwind: Account) -> None:
    draft = simple()
    shown = preview(draft, model, user=olga, at=now())
    said = (
        "Voice (weight 20) no longer counts. It counts for 1 account now; "
        "by that alone the score changes for 1, the band for 1."
    )
    assert [one.told for one in shown.removals] == [said]
    assert said in shown.questions
    found = broken_down(draft, model, shown, account_id="", user=olga, at=now())
    assert found is not None
    mood, voice = found.lines
    assert (mood.is_gone, voice.is_gone, voice.name, voice.values) == (False, True, "Voice", [("Voice", "10")])
    assert (voice.adds_before, voice.adds_after, voice.is_changed) == (2, None, True)
    client, path = signed_in(olga), reverse("admin:retention_healthmodel_edit", args=[model.pk])
    page = client.post(path, typed(client, model, weight_mood=100, gone_voice="on") | {"do": "preview"})
    assert "no longer counts. It counts for 1 account now" in page.content.decode()
    assert "20 → –" in page.content.decode()


def test_a_measure_that_counted_for_nobody_goes_without_a_question(
    olga: User, model: HealthModel, northwind: Account
) -> None:
    put(two(80, 20), now())
    feel(northwind, now(), mood=90, voice=None)
    HealthMeasure.objects.filter(key="voice").update(missing="exclude")
    shown = preview(simple(), model, user=olga, at=now())
    assert [one.told for one in shown.removals] == ["Voice (weight 20) no longer counts. It counts for no account now."]
    assert shown.questions == []


def test_a_model_that_would_score_nobody_asks_first(olga: User, model: HealthModel, northwind: Account) -> None:
    nobody = {"fact": "mood", "operator": "lessThan", "value": -1}
    shown = preview(two(80, 20, applies=nobody), model, user=olga, at=now())
    assert "It scores no account any more; now it scores 1 account." in shown.questions
