"""The operator changes a weight and sees what it does; the CSM sees why, and knows better."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.health.drafts import MeasureDraft
from retention.health.forms import normalised
from retention.health.models import AccountHealth, HealthModel, HealthOverride
from retention.health.preview import preview
from retention.health.queries import index, index_of_group
from tests.retention.health.book import DAY, define_moods, feel, put, retire_shipped, settle, simple

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(northwind: Account) -> HealthModel:
    retire_shipped()
    define_moods()
    put(simple(), now())
    feel(northwind, now(), mood=76)
    return HealthModel.objects.get(key="plain")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(client: Client, model: HealthModel, **changed: Any) -> dict[str, Any]:
    """What the form of the model holds, with something typed into it."""
    page = client.get(reverse("admin:retention_healthmodel_edit", args=[model.pk]))
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not None and value is not False} | changed


def seen(answer: Any) -> str:
    found = re.search(r'name="seen" value="(\w*)"', answer.content.decode())
    assert found
    return found[1]


def test_a_change_is_looked_at_and_then_published(olga: User, model: HealthModel, northwind: Account) -> None:
    client, path = signed_in(olga), reverse("admin:retention_healthmodel_edit", args=[model.pk])
    body = typed(client, model, green_from=80)
    answer = client.post(path, body | {"do": "preview"})
    page = answer.content.decode()
    assert "1 account</span> would come into another band" in page
    assert northwind.name in page
    assert model.versions.count() == 1
    asked = client.post(path, body | {"do": "publish", "seen": seen(answer)})
    assert "1 of 1 accounts (100 %) come into another band." in asked.content.decode()
    assert "Tick this to go on" in asked.content.decode()
    assert "No account would be green any more." in asked.content.decode()
    assert model.versions.count() == 1
    assert client.post(path, body | {"do": "publish", "seen": seen(asked), "confirmed": "on"}).status_code == 302
    assert model.versions.count() == 2
    assert AccountHealth.objects.get(account=northwind).band == "amber"
    assert "Green from: 75 became 80." in client.get(path.replace("edit", "change")).content.decode()


def test_nothing_is_published_that_was_not_looked_at(olga: User, model: HealthModel) -> None:
    client, path = signed_in(olga), reverse("admin:retention_healthmodel_edit", args=[model.pk])
    answer = client.post(path, typed(client, model, green_from=80) | {"do": "preview"})
    body = typed(client, model, green_from=90) | {"do": "publish", "seen": seen(answer)}
    assert "You changed something since you looked at it" in client.post(path, body).content.decode()
    assert model.versions.count() == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weight_mood": 95}, "add up to 95"),
        ({"amber_from": 80}, "leaves no amber between them"),
        ({"mark_mood_marks-1-0": -1}, "values must rise"),
        ({"mark_mood_marks-1-1": 101}, "from 0 to 100"),
        ({"mark_mood_marks-1-1": "many"}, "Enter a number"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    olga: User, model: HealthModel, changed: dict[str, Any], message: str
) -> None:
    client, path = signed_in(olga), reverse("admin:retention_healthmodel_edit", args=[model.pk])
    answer = client.post(path, typed(client, model) | changed | {"do": "preview"})
    assert answer.status_code == 400
    assert message in answer.content.decode()


def test_weights_are_made_to_add_up() -> None:
    rows = [MeasureDraft(str(weight), "", weight, {}) for weight in (20, 20, 20)]
    assert [one.weight for one in normalised(rows)] == [34, 33, 33]
    assert [one.weight for one in normalised([MeasureDraft("a", "", 0, {})])] == [0]


def test_a_csm_reads_models_and_changes_none(amelia: User, model: HealthModel) -> None:
    client = signed_in(amelia)
    page = client.get(reverse("admin:retention_healthmodel_change", args=[model.pk])).content.decode()
    assert "What counts" in page
    assert ">Change<" not in page
    assert client.get(reverse("admin:retention_healthmodel_edit", args=[model.pk])).status_code == 404


def test_the_account_page_shows_every_measure(amelia: User, model: HealthModel, northwind: Account) -> None:
    page = signed_in(amelia).get(reverse("admin:accounts_account_change", args=[northwind.pk])).content.decode()
    assert "● Green 76" in page
    assert "Mood: <span" in page
    assert "Score over the last year" not in page, "one score is no course"


def test_a_csm_overrides_and_ends_it(amelia: User, model: HealthModel, northwind: Account) -> None:
    client, path = signed_in(amelia), reverse("admin:accounts_account_override-health", args=[northwind.pk])
    until = (now() + 9 * DAY).date()
    asked = client.get(path).content.decode()
    assert "Computed now: Green, 76 of 100." in asked
    assert '<option value="" selected>' in asked, "nobody overrides to green by leaving the field alone"
    unsaid = client.post(path, {"band": "", "reason": "A hunch", "until_on": until})
    assert "Choose the band that counts for now." in unsaid.content.decode()
    assert client.post(path, {"band": "red", "reason": "", "until_on": until}).status_code == 400
    late = client.post(path, {"band": "red", "reason": "A hunch", "until_on": (now() + 99 * DAY).date()})
    assert "at the latest" in late.content.decode()
    assert not HealthOverride.objects.exists()
    assert client.post(path, {"band": "red", "reason": "Their sponsor left.", "until_on": until}).status_code == 302
    settle(now())
    page = client.get(reverse("admin:accounts_account_change", args=[northwind.pk])).content.decode()
    assert "■ Red 76" in page
    assert "Their sponsor left." in page
    assert "Computed: Green" in page
    made = HealthOverride.objects.get()
    assert client.post(reverse("admin:retention_healthoverride_end", args=[made.pk])).status_code == 302
    settle(now())
    assert AccountHealth.objects.get(account=northwind).band == "green"


def test_who_does_not_see_the_account_overrides_nothing(carla: User, model: HealthModel, northwind: Account) -> None:
    path = reverse("admin:accounts_account_override-health", args=[northwind.pk])
    body = {"band": "red", "reason": "Why", "until_on": (now() + 9 * DAY).date()}
    assert signed_in(carla).post(path, body).status_code == 404
    assert not HealthOverride.objects.exists()


def test_the_index_weighs_by_arr(amelia: User, model: HealthModel, northwind: Account) -> None:
    others = [portfolio.create(name=name, by=None, at=now()) for name in ("Contoso", "Fabrikam")]
    for account, mood, arr in ((northwind, 80, 100), (others[0], 20, 300), (others[1], None, 100)):
        feel(account, now(), mood=mood)
        AccountFacts.objects.filter(account=account).update(arr_minor=arr)
    admin = User.objects.create(username="root", is_superuser=True, is_staff=True)
    found = index(admin)
    assert (found.score, found.insufficient_share) == (35, 0.2)
    assert dict(found.counts) == {"green": 1, "amber": 0, "red": 1, "insufficient": 1}
    assert index(amelia).score == 80


def test_a_parent_shows_the_group_below_it_weighed_by_arr(
    amelia: User, carla: User, model: HealthModel, northwind: Account
) -> None:
    assert index_of_group(northwind, amelia) is None
    one = portfolio.create(name="Daughter", parent=northwind, by=None, at=now())
    two = portfolio.create(name="Granddaughter", parent=one, by=None, at=now())
    three = portfolio.create(name="Of which nothing is known", parent=northwind, by=None, at=now())
    for account, mood, arr in ((northwind, 80, 100), (one, 40, 300), (two, 60, 100), (three, None, 500)):
        portfolio.assign(account, part="csm", user=amelia, by=None, at=now())
        feel(account, now(), mood=mood)
        AccountFacts.objects.filter(account=account).update(arr_minor=arr)
    found = index_of_group(northwind, amelia)
    assert found is not None
    assert (found.score, found.insufficient_share, found.accounts) == (52.0, 0.5, 4)
    told = signed_in(amelia).get(reverse("admin:accounts_account_change", args=[northwind.pk])).content.decode()
    assert "With the accounts below: 52 of 100." in told
    assert "50 % of their ARR has too little data" in told
    unseen = index_of_group(northwind, carla)
    assert unseen is not None
    assert (unseen.accounts, unseen.score) == (0, None)


def test_a_preview_costs_the_same_for_few_and_for_many(olga: User, model: HealthModel) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            preview(simple(green_from=90), model, user=olga, at=now())
        return len(queries)

    cost()
    few = cost()
    for number in range(20):
        portfolio.create(name=f"Account {number}", by=None, at=now())
    settle(now())
    assert cost() == few


def test_pages_stand_without_a_model(olga: User, northwind: Account) -> None:
    HealthModel.objects.filter(versions=None).delete()
    client = signed_in(olga)
    assert client.get(reverse("admin:retention_healthmodel_changelist")).status_code == 200
    assert (
        b"No health model applies" in client.get(reverse("admin:accounts_account_change", args=[northwind.pk])).content
    )
