"""Facts that an installation adds, defined and told in the console."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from accounts.facts.catalogue import CUSTOM, Fact, Group, Type
from accounts.facts.models import AccountFacts, CustomFact
from accounts.facts.typed import text_of, typed
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import Account
from accounts.team.models import User
from tests.cast import person

FORM = {
    "label": "Pilot seats",
    "key": "",
    "type": "number",
    "meaning": "Seats in the pilot.",
    "unit": "seats",
    "use": "internal triggers only",
}
ADD = "/admin/accounts/customfact/add/"


def page_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def fact(olga: User) -> CustomFact:
    assert page_of(olga).post(ADD, FORM).status_code == 302
    return CustomFact.objects.get(key="pilot_seats")


def told(user: User, account: Account, value: str, key: str = "pilot_seats", **headers: str) -> Any:
    path = f"/admin/accounts/customfact/value/{account.pk}/{key}/"
    return page_of(user).post(path, {"value": value}, headers=headers)


def test_a_fact_is_defined_and_stands_on_the_account_page(fact: CustomFact, northwind: Account, amelia: User) -> None:
    assert (fact.key, fact.type, fact.unit) == ("pilot_seats", "number", "seats")
    assert AuditEntry.objects.filter(verb="fact.define").exists()
    page = page_of(amelia).get(f"/admin/accounts/account/{northwind.pk}/change/").content.decode()
    assert "Pilot seats" in page
    unknown = CustomFact.objects.count()
    assert f'Custom <span class="hf-muted hf-small">0 known, {unknown} unknown</span>' in page


def test_label_and_meaning_change_and_key_and_type_stay(fact: CustomFact, olga: User) -> None:
    path = f"/admin/accounts/customfact/{fact.pk}/change/"
    changed = FORM | {"label": "Seats in pilot", "type": "text", "key": "other"}
    assert page_of(olga).post(path, changed).status_code == 302
    fact.refresh_from_db()
    assert (fact.label, fact.key, fact.type) == ("Seats in pilot", "pilot_seats", "number")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"label": ""}, "required"),
        ({"key": "arr"}, "is a fact of the product"),
        ({"key": "pilot_seats"}, "There is a fact with the key"),
        ({"key": "Not a key"}, "Use lower-case letters"),
        ({"type": "magic"}, "valid choice"),
        ({"meaning": "x" * 251}, "at most 250"),
    ],
)
def test_a_wrong_fact_is_refused(fact: CustomFact, olga: User, change: dict[str, str], says: str) -> None:
    before = CustomFact.objects.count()
    response = page_of(olga).post(ADD, FORM | change)
    assert response.status_code == 400
    assert says in response.content.decode()
    assert CustomFact.objects.count() == before


def test_a_value_typed_by_hand_is_known_at_once_and_told_in_the_history(
    fact: CustomFact, northwind: Account, amelia: User
) -> None:
    row = told(amelia, northwind, "1,204", **{"HX-Request": "true"}).content.decode()
    assert "1,204" in row
    assert "By hand" in row
    assert AccountFacts.objects.get().custom == {"pilot_seats": 1204}
    assert told(amelia, northwind, "").status_code == 302
    assert AccountFacts.objects.get().custom == {}
    history = page_of(amelia).get(f"/admin/accounts/account/{northwind.pk}/change/?tab=history").content.decode()
    changes = re.findall(r">Pilot seats</th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td>", history)
    assert changes == [("1,204", "unknown"), ("unknown", "1,204")]
    assert "set facts of account" in history


@pytest.mark.parametrize("value", ["many", "1.204,5", "1e5", "٣", "9" * 30, "--1"])
def test_what_cannot_be_read_is_said_beside_the_field(
    fact: CustomFact, northwind: Account, amelia: User, value: str
) -> None:
    row = told(amelia, northwind, value, **{"HX-Request": "true"}).content.decode()
    assert "xpected a number" in row
    assert f'value="{value}"' in row, "nothing typed is lost"
    assert not AccountFacts.objects.exclude(custom={}).exists()


def test_only_who_may_change_the_account_tells_its_facts(fact: CustomFact, northwind: Account, carla: User) -> None:
    for user in (carla, person("lea", role="leader", group=None)):
        assert told(user, northwind, "5").status_code == 404
    assert told(person("root", role="administrator", group=None), northwind, "5", key="arr").status_code == 404
    assert not AccountFacts.objects.exclude(custom={}).exists()


def test_only_who_defines_things_defines_facts(amelia: User) -> None:
    assert page_of(amelia).post(ADD, FORM).status_code == 404
    assert not CustomFact.objects.filter(key="pilot_seats").exists()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Type.NUMBER, "−3.5", -3.5),
        (Type.MONEY, "48,000", 48_000),
        (Type.RATIO, "35 %", 0.35),
        (Type.RATIO, "0.35", 0.35),
        (Type.BOOLEAN, "Yes", True),
        (Type.BOOLEAN, "no", False),
        (Type.TEXT, " two words ", "two words"),
        (Type.DATE, "2026-01-31", dt.date(2026, 1, 31)),
        (Type.INSTANT, "2026-01-31T09:00:00+00:00", dt.datetime(2026, 1, 31, 9, tzinfo=dt.UTC)),
        (Type.TEXT_LIST, "a, b", ["a", "b"]),
        (Type.NUMBER_LIST, "1; 1,000", [1, 1000]),
        (Type.TEXT, "", None),
    ],
)
def test_values_are_read_as_they_are_typed_and_typed_as_they_are_read(kind: Type, text: str, value: Any) -> None:
    fact = Fact("x", "X", kind, "Something.", Group.CUSTOM, CUSTOM)
    assert typed(text, fact) == value
    assert typed(text_of(value, fact), fact) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Type.NUMBER, "1,2"),
        (Type.RATIO, "%"),
        (Type.BOOLEAN, "perhaps"),
        (Type.DATE, "31.01.2026"),
        (Type.INSTANT, "soon"),
        (Type.NUMBER_LIST, "1, two"),
    ],
)
def test_what_is_not_of_the_type_is_refused(kind: Type, text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        typed(text, Fact("x", "X", kind, "Something.", Group.CUSTOM, CUSTOM))
