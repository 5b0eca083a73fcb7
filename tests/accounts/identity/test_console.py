"""What other systems call an account, seen and changed on its page."""

from typing import Any

import pytest
from django.test import Client

from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.identity.models import ExternalId
from accounts.ingestion.models import QuarantinedItem
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.workspace.models import Source
from tests.cast import person, send


def page_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def link(client: Client, account: Account, value: str, source: str = "product") -> Any:
    return client.post(f"/admin/accounts/externalid/link/{account.pk}/", {"source": source, "value": value})


@pytest.fixture
def contoso(product: Source, carla: User) -> Account:
    account = portfolio.create(name="Contoso", by=None, at=now())
    portfolio.assign(account, part="csm", user=carla, by=None, at=now())
    identity.link(account, source=product, value="acct-7", by=None, at=now())
    return account


def test_an_added_id_stands_on_the_account_page_and_replays_what_waited(
    northwind: Account, amelia: User, client: Client, ingest_key: str, pump: Any
) -> None:
    send(client, ingest_key, [{"type": "group", "userId": "u", "groupId": "acct-99"}])
    pump()
    mine = page_of(amelia)
    assert link(mine, northwind, " acct-99 ").status_code == 302
    pump()
    assert not QuarantinedItem.objects.exists()
    page = mine.get(f"/admin/accounts/account/{northwind.pk}/change/").content.decode()
    assert "Known as" in page
    assert "acct-99" in page
    assert "in Product, since" in page


def test_an_id_of_another_account_is_refused_with_the_way_there(
    northwind: Account, contoso: Account, olga: User
) -> None:
    response = link(page_of(olga), northwind, "acct-7")
    assert response.status_code == 400
    text = response.content.decode()
    assert "already calls another account" in text
    assert f'href="/admin/accounts/account/{contoso.pk}/change/"' in text
    assert 'value="acct-7"' in text, "nothing typed is lost"
    assert ExternalId.objects.get(value="acct-7").account == contoso


def test_who_may_not_see_the_other_account_does_not_learn_which(
    northwind: Account, contoso: Account, amelia: User
) -> None:
    response = link(page_of(amelia), northwind, "acct-7")
    assert response.status_code == 400
    assert "Contoso" not in response.content.decode()


def test_a_removed_id_waits_again(northwind: Account, amelia: User) -> None:
    name = ExternalId.objects.get()
    assert page_of(amelia).post(f"/admin/accounts/externalid/{name.pk}/unlink/").status_code == 302
    assert not ExternalId.objects.exists()


@pytest.mark.parametrize("value", ["", " ", "x" * 201])
def test_an_impossible_id_is_refused(northwind: Account, amelia: User, value: str) -> None:
    assert link(page_of(amelia), northwind, value).status_code == 400
    assert link(page_of(amelia), northwind, "a", source="nope").status_code == 400
    assert ExternalId.objects.count() == 1


def test_another_team_and_a_reader_change_nothing(northwind: Account, carla: User) -> None:
    name = ExternalId.objects.get()
    for user in (carla, person("lea", role="leader", group=None)):
        assert link(page_of(user), northwind, "acct-1").status_code == 404
        assert page_of(user).post(f"/admin/accounts/externalid/{name.pk}/unlink/").status_code == 404
    assert list(ExternalId.objects.all()) == [name]
