"""Whoever has a code moves to another phone alone; until that one has shown its first code the old one counts."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts.foundation.models import AuditEntry
from accounts.sign_in import factors
from accounts.sign_in.rules import demand
from accounts.team.models import User
from tests.accounts.sign_in.conftest import AT, Phone, secret_on, set_up, sign_in

pytestmark = pytest.mark.django_db
OWN, CODE = "/admin/security/", "/admin/login/code/"


def sent(client: Client, what: str, code: str) -> Any:
    return client.post(OWN, {"do": what, "code": code})


@pytest.fixture
def old(maya: User, time_machine: Any) -> tuple[Client, Phone, list[str]]:
    """Her browser, her phone and her recovery codes, a minute after she set it up."""
    client, _ = sign_in("maya")
    phone, codes = set_up(maya)
    time_machine.move_to(AT + dt.timedelta(minutes=1), tick=False)
    return client, phone, codes


def test_codes_come_from_the_other_phone_once_it_has_shown_one(old: Any, time_machine: Any) -> None:
    client, phone, codes = old
    assert sent(client, "move", phone.code()).status_code == 302
    other = Phone(secret_on(client.get(OWN).content.decode()))
    assert sent(client, "take", other.code()).status_code == 302
    page = client.get(OWN).content.decode()
    assert "From now on the other phone shows your codes" in page
    assert "10 recovery codes left" in page
    time_machine.move_to(AT + dt.timedelta(minutes=3), tick=False)
    stranger, _ = sign_in("maya")
    assert stranger.post(CODE, {"code": phone.code()}).status_code == 400
    assert stranger.post(CODE, {"code": other.code()}).status_code == 302
    told = AuditEntry.objects.get(verb="factor.move")
    assert other.key.hex() not in str(told.after)


def test_a_recovery_code_moves_as_well_and_where_two_steps_are_demanded(old: Any, root: User) -> None:
    demand(everybody=True, roles=[], by=root, at=AT)
    client, _, codes = old
    assert sent(client, "move", codes[0]).status_code == 302
    other = Phone(secret_on(client.get(OWN).content.decode()))
    assert sent(client, "take", other.code()).status_code == 302


def test_without_a_code_nothing_moves(old: Any, maya: User) -> None:
    client, _, _ = old
    assert sent(client, "move", "000000").status_code == 400
    assert "hf-secret" not in client.get(OWN).content.decode()
    refused = sent(client, "take", "000000")
    assert refused.status_code == 400
    assert "Show a code once more" in refused.content.decode()


def test_the_old_phone_counts_until_then(old: Any, maya: User, time_machine: Any) -> None:
    client, phone, _ = old
    sent(client, "move", phone.code())
    refused = sent(client, "take", "000000")
    assert "type the code that it shows now" in refused.content.decode()
    time_machine.move_to(AT + dt.timedelta(minutes=2), tick=False)
    assert factors.prove(maya, phone.code(), at=AT + dt.timedelta(minutes=2)) == "code"


def test_what_was_shown_counts_for_ten_minutes(old: Any, time_machine: Any) -> None:
    client, phone, _ = old
    sent(client, "move", phone.code())
    other = Phone(secret_on(client.get(OWN).content.decode()))
    time_machine.move_to(AT + dt.timedelta(minutes=12), tick=False)
    assert sent(client, "take", other.code()).status_code == 400
    assert "hf-secret" not in client.get(OWN).content.decode()
