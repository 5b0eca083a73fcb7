"""A list in which nothing stands says what will stand there and what to do next, in words of its own."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.deals.models import Deal
from accounts.foundation.console import ConsoleAdmin
from accounts.portfolio.models import Account
from retention.slas.models import BusinessCalendar
from tests.cast import person

pytestmark = pytest.mark.django_db
THEME = "This page yielded into no results"
LISTED = {
    model: found
    for model, found in admin.site._registry.items()
    if type(found).changelist_view is ConsoleAdmin.changelist_view
}


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(person("somebody", role=role, group=None))
    return client


def opened(client: Client, model: Any, **query: str) -> str:
    return client.get(reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist"), query).content.decode()


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model._meta.label_lower)
def test_each_list_says_what_will_stand_in_it(model: Any) -> None:
    told = getattr(LISTED[model], "nothing_yet", "")
    assert told.endswith(".")
    assert len(told.split()) >= 8


def test_there_are_such_lists() -> None:
    assert len(LISTED) > 20


def test_an_empty_list_says_so_in_its_own_words(starter: Any) -> None:
    text = opened(signed_in("administrator"), Deal)
    assert "No deal is known yet." in text
    assert THEME not in text
    assert 'href="/admin/accounts/deal/add/"' not in text, "the console adds none"


def test_who_may_add_is_offered_to(starter: Any) -> None:
    BusinessCalendar.objects.all().delete()
    add = reverse("admin:retention_businesscalendar_add")
    card = opened(signed_in("administrator"), BusinessCalendar).partition('aria-label="Empty list"')[2]
    assert "No business hours are set yet" in card
    assert f'href="{add}"' in card


def test_a_search_that_finds_nothing_leads_back(starter: Any, northwind: Account) -> None:
    client = signed_in("administrator")
    text = opened(client, Account, q="nobody is called like this")
    assert "Nothing matches what you search and filter for." in text
    assert "Show everything" in text
    assert "There is no account" not in text
    assert northwind.name in opened(client, Account)
