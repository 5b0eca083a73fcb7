"""`manage.py facts rebuild`: a projection that can be checked and made again."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.facts.models import AccountFacts
from accounts.portfolio.models import Account
from tests.cast import send, usage


@pytest.fixture
def projected(client: Client, ingest_key: str, northwind: Account, pump: Any) -> AccountFacts:
    send(client, ingest_key, usage())
    pump()
    return AccountFacts.objects.get(account=northwind)


def test_a_projection_that_is_right_has_no_differences(projected: AccountFacts, capsys: Any) -> None:
    call_command("facts", "rebuild", "--check")
    assert capsys.readouterr().out == "0 differences\n"


def test_a_check_names_account_and_facts_and_changes_nothing(projected: AccountFacts, capsys: Any) -> None:
    AccountFacts.objects.update(active_users_30d=99, arr_minor=7)
    with pytest.raises(SystemExit) as ended:
        call_command("facts", "rebuild", "--check")
    assert ended.value.code == 1
    assert capsys.readouterr().out == "northwind-traders: active_users_30d, arr\n1 difference\n"
    projected.refresh_from_db()
    assert projected.active_users_30d == 99


def test_a_rebuild_puts_it_right(projected: AccountFacts, capsys: Any) -> None:
    AccountFacts.objects.update(active_users_30d=99)
    call_command("facts", "rebuild")
    assert capsys.readouterr().out.startswith("1 account put right")
    projected.refresh_from_db()
    assert projected.active_users_30d == 2
    call_command("facts", "rebuild", "--check")


def test_facts_that_were_lost_come_back(projected: AccountFacts) -> None:
    AccountFacts.objects.all().delete()
    call_command("facts", "rebuild")
    assert AccountFacts.objects.get().active_users_30d == 2
