"""Administrators demand two steps of roles or of everybody, and reset them for somebody who lost the phone."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.sign_in import factors
from accounts.sign_in.models import FactorRule, SecondFactor
from accounts.sign_in.rules import demand, rules
from accounts.team.models import Role, User
from tests.accounts.sign_in.conftest import Phone, secret_on, set_up, sign_in
from tests.cast import person

pytestmark = pytest.mark.django_db
PAGE = "/admin/sign-in/"


def test_a_role_of_whom_it_is_demanded_is_led_to_the_page_that_sets_it_up(maya: User, root: User) -> None:
    console, _ = sign_in("root")
    csm = Role.objects.get(key="csm")
    other, _ = sign_in("maya")
    assert other.get("/admin/").status_code == 200
    assert console.post(PAGE, {"roles": [csm.pk]})["Location"] == PAGE
    assert console.get("/admin/").status_code == 200, "another role"
    assert other.get("/admin/")["Location"] == "/admin/security/", "from the next page on"
    refused = other.get("/api/v1/me/")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_step")
    page = other.get("/admin/security/").content.decode()
    assert "An administrator asks for two-step sign-in" in page
    other.post("/admin/security/", {"do": "enable", "code": Phone(secret_on(page)).code()})
    assert other.get("/admin/").status_code == 200
    assert other.get("/api/v1/me/").status_code == 200


def test_a_session_from_before_signs_in_again(maya: User) -> None:
    client, _ = sign_in("maya")
    set_up(maya)
    demand(everybody=True, roles=[], by=None, at=now())
    assert client.get("/admin/")["Location"] == "/admin/login/"
    assert "Sign in again, with the code" in client.get("/admin/login/").content.decode()


def test_whoever_must_have_it_cannot_turn_it_off(maya: User) -> None:
    _, codes = set_up(maya)
    demand(everybody=True, roles=[], by=None, at=now())
    client, _ = sign_in("maya")
    client.post("/admin/login/code/", {"code": codes[0]})
    assert 'value="disable"' not in client.get("/admin/security/").content.decode()
    client.post("/admin/security/", {"do": "disable", "code": codes[1]})
    assert SecondFactor.objects.filter(user=maya).exists()


def test_keys_of_machines_need_no_phone(maya: User, write_key: str, client: Client) -> None:
    demand(everybody=True, roles=[], by=None, at=now())
    answer = client.get("/api/v1/accounts/", headers={"Authorization": f"Bearer {write_key}"})
    assert answer.status_code == 200


def test_the_rules_are_exactly_those_that_were_sent(maya: User) -> None:
    csm, ae = Role.objects.get(key="csm"), Role.objects.get(key="ae")
    demand(everybody=False, roles=[csm, ae], by=maya, at=now())
    demand(everybody=True, roles=[ae], by=maya, at=now())
    assert {str(rule) for rule in FactorRule.objects.all()} == {"Everybody", str(ae)}
    assert rules().bind(maya)
    demand(everybody=False, roles=[], by=maya, at=now())
    assert not rules().bind(maya)
    told = list(AuditEntry.objects.filter(verb__startswith="factor_rule").values_list("verb", flat=True))
    assert sorted(told) == ["factor_rule.add"] * 3 + ["factor_rule.remove"] * 3


def test_the_database_knows_one_rule_about_everybody(maya: User) -> None:
    FactorRule.objects.create(everybody=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        FactorRule.objects.create(everybody=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        FactorRule.objects.create(everybody=False)


def test_an_administrator_resets_it_and_the_trail_says_who(maya: User, root: User) -> None:
    set_up(maya)
    console, _ = sign_in("root")
    assert "Reset two-step sign-in" in console.get(PAGE).content.decode()
    console.post(f"{PAGE}{maya.pk}/reset/")
    assert not SecondFactor.objects.exists()
    assert AuditEntry.objects.get(verb="factor.disable").actor_id == root.pk
    assert sign_in("maya")[1]["Location"] == "/admin/"
    again = console.post(f"{PAGE}{maya.pk}/reset/", follow=True).content.decode()
    assert "Two-step sign-in is not on" in again


def test_nobody_else_resets_or_demands(maya: User, root: User) -> None:
    set_up(root)
    client, _ = sign_in("maya")
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"everybody": "on"}).status_code == 403
    assert client.post(f"{PAGE}{root.pk}/reset/").status_code == 403
    assert factors.is_on(root)
    assert not FactorRule.objects.exists()


def test_a_superuser_is_reset_by_a_superuser_alone(maya: User, root: User) -> None:
    boss = person("boss", role="administrator", group=None)
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    boss.refresh_from_db()
    set_up(boss)
    console, _ = sign_in("root")
    answer = console.post(f"{PAGE}{boss.pk}/reset/", follow=True).content.decode()
    assert "Only a superuser" in answer
    assert factors.is_on(boss)


def test_a_list_of_many_costs_as_few_queries(maya: User, root: User, django_assert_max_num_queries: Any) -> None:
    console = Client()
    console.force_login(root)
    console.get(PAGE)
    for number in range(20):
        set_up(person(f"some-{number}", role="csm", group=None))
    with django_assert_max_num_queries(25):
        console.get(PAGE)
