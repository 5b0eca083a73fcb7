"""Privacy in the console: find a person, hand out their data, erase them, and see to the words that are left."""

import html
import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.privacy import mentions
from accounts.privacy.finding import who
from accounts.privacy.models import PersonRequest
from accounts.privacy.person import gather
from accounts.stakeholders.models import Stakeholder
from tests.factories.accounts import AccountFactory, StakeholderFactory, TouchTextFactory

EMAIL, NAME = "ada@northwind.example", "Ada Quillfeather"


@pytest.fixture
def ada(olga):
    return StakeholderFactory(account=AccountFactory(), name=NAME, email=EMAIL)


@pytest.fixture
def console(admin_user):
    client = Client()
    client.force_login(admin_user)
    return client


def page(name, **args):
    return reverse(f"admin:accounts_personrequest_{name}", **args)


def text(response, status=200):
    assert response.status_code == status, response.content
    return response.content.decode()


def test_an_erasure_from_the_stakeholder_to_the_words_that_are_left(console, ada):
    note = TouchTextFactory(touch__account=ada.account, text=f"Lunch with {NAME} at noon.")
    person = {"stakeholder": ada.pk}
    shown = text(console.get(page("person"), person))
    assert NAME in shown
    [words] = re.findall(r'hx-get="([^"]+/words/[^"]+)"', shown)
    found = text(console.get(html.unescape(words)))
    assert "at noon" in found
    assert reverse("admin:accounts_account_change", args=[ada.account_id]) in found
    refused = text(console.post(page("erase"), person), 400)
    assert "Type “erase” to confirm" in refused
    assert Stakeholder.objects.get().name == NAME
    done = text(console.post(page("erase"), person | {"sure": "Erase"}, follow=True))
    assert "nothing will bring them back" in done
    assert NAME not in done
    assert reverse("admin:accounts_account_change", args=[note.touch.account_id]) in done
    request = PersonRequest.objects.get()
    assert "1 mention to look at" in text(console.get(page("person")))
    assert "looked at" in text(console.post(page("settle", args=[request.pk]), follow=True))
    assert "Nothing of this request is left" in text(console.post(page("settle", args=[request.pk]), follow=True))


def test_a_copy_is_a_file_and_is_written_down(console, ada):
    answer = console.post(page("copy"), {"q": EMAIL.upper()})
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert json.loads(b"".join(answer.streaming_content))["names"] == [NAME]
    assert "1 row" in text(console.get(page("changelist")))


@pytest.mark.parametrize("asked", ["nobody@nowhere.example", "no-such-id", "\x00", "0" * 300])
def test_nobody_is_said_to_be_nobody(console, olga, asked):
    shown = text(console.get(page("person"), {"q": asked}))
    assert "We hold nothing about such a person" in shown or "Whom is it about?" in shown
    answer = console.post(page("erase"), {"q": asked, "sure": "erase"}, follow=True)
    assert answer.status_code in (200, 400)
    assert not PersonRequest.objects.exists()


def test_who_may_not_decide_about_settings_sees_none_of_it(amelia, ada):
    client = Client()
    client.force_login(amelia)
    for name in ("changelist", "person", "words"):
        assert client.get(page(name), {"stakeholder": ada.pk}).status_code == 403
    for name in ("copy", "erase"):
        assert client.post(page(name), {"stakeholder": ada.pk, "sure": "erase"}).status_code == 403
    assert (
        "Personal data" not in client.get(reverse("admin:accounts_stakeholder_change", args=[ada.pk])).content.decode()
    )
    assert Stakeholder.objects.get().name == NAME


def test_a_stakeholder_that_is_not_theirs_to_see_is_nobody(console, ada):
    shown = text(console.get(page("person"), {"stakeholder": ada.pk + 1000}))
    assert NAME not in shown


def test_a_long_search_says_how_far_it_is_and_finds_the_same_in_pieces(console, admin_user, ada, monkeypatch):
    TouchTextFactory.create_batch(3, touch__account=ada.account, text=f"Lunch with {NAME}.")
    whole = len(mentions.mentions(gather(who({"q": EMAIL}, asking=admin_user))))
    assert whole == 3
    monkeypatch.setattr(mentions.piece, "__kwdefaults__", {"found": 0, "seconds": 0})
    address, shown, steps = f"{page('words')}?q={EMAIL}", "", 0
    while address and steps < 999:
        told = text(console.get(address))
        shown, steps = shown + told, steps + 1
        address = next(map(html.unescape, re.findall(r'hx-get="([^"]+)"', told)), "")
        assert ("<progress" in told) == bool(address)
    assert shown.count("<li>") == whole
    assert "3 found. Everything is looked through." in shown
    assert steps == len(mentions.searched())


def test_links_of_many_mentions_cost_as_few_queries_as_of_one(console, ada):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            text(console.get(page("words"), {"q": EMAIL}))
        return len(seen)

    TouchTextFactory(touch__account=ada.account, text=f"Lunch with {NAME}.")
    one = queries()
    TouchTextFactory.create_batch(9, touch__account=ada.account, text=f"Lunch with {NAME}.")
    assert queries() <= one


def test_a_search_ends_where_enough_is_found(console, ada, monkeypatch):
    TouchTextFactory.create_batch(3, touch__account=ada.account, text=f"Lunch with {NAME}.")
    monkeypatch.setattr(mentions, "MOST", 2)
    shown = text(console.get(page("words"), {"q": EMAIL}))
    assert shown.count("<li>") == 2
    assert "The first 2 are shown" in shown


@pytest.mark.parametrize("asked", ["AMELIA@Anchor.example", "amelia"])
def test_a_colleague_is_not_said_to_be_nobody(console, amelia, asked):
    type(amelia).objects.filter(pk=amelia.pk).update(email="amelia@anchor.example")
    shown = text(console.get(page("person"), {"q": asked}))
    assert "signs in here themselves" in shown
    assert reverse("admin:accounts_user_change", args=[amelia.pk]) in shown
    assert "We hold nothing about such a person" not in shown
