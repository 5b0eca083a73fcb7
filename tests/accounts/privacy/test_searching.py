"""The search before an erasure goes on in pieces; until its end nothing changes, and nobody can put words in or out."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.privacy import mentions, searching, services
from accounts.privacy.mentions import Place
from accounts.privacy.models import PersonRequest
from accounts.privacy.person import Person, gather
from accounts.stakeholders.models import Stakeholder
from accounts.touches.models import TouchText
from tests.factories.accounts import AccountFactory, StakeholderFactory, TouchTextFactory

KINDS = mentions.searched()
EMAIL, NAME = "ada@northwind.example", "Ada Quillfeather"
ERASE = reverse("admin:accounts_personrequest_erase")


@pytest.fixture
def ada(olga):
    ada = StakeholderFactory(account=AccountFactory(), name=NAME, email=EMAIL)
    TouchTextFactory.create_batch(5, touch__account=ada.account, text=f"Lunch with {NAME}.")
    return ada


@pytest.fixture
def console(admin_user):
    client = Client(headers={"HX-Request": "true"})
    client.force_login(admin_user)
    return client


@pytest.fixture
def slow(monkeypatch):
    """A book so large that each request looks through two rows of one kind."""
    monkeypatch.setattr(mentions, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(services.look, "__kwdefaults__", {"seconds": 0.0})


def fields(answer):
    """What the page sends by itself to go on."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.content.decode())
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_an_erasure_shows_how_far_its_search_is_and_changes_nothing_until_the_end(console, ada, slow):
    sent, shares, answers = {"stakeholder": ada.pk, "sure": "erase"}, [], 0
    while "HX-Redirect" not in (answer := console.post(ERASE, sent)).headers:
        answers += 1
        assert answers < 200
        assert answer.status_code == 200, answer.content
        assert "Nothing is erased yet" in answer.content.decode()
        assert Stakeholder.objects.get().name == NAME
        assert not PersonRequest.objects.exists()
        shares.append(float(re.findall(r'<progress [^>]*value="([\d.]+)"', answer.content.decode())[0]))
        sent = fields(answer)
    assert shares == sorted(shares)
    assert answers > len(mentions.searched())  # five notes are three pieces
    made = PersonRequest.objects.get()
    assert answer["HX-Redirect"] == reverse("admin:accounts_personrequest_change", args=[made.pk])
    assert len({one["id"] for one in made.mentions}) == len(made.mentions) == 5
    assert Stakeholder.objects.get().name == "Erased person"


def test_pieces_find_what_one_search_finds(ada, slow):
    person = gather(Person(emails={EMAIL}))
    search = searching.Search()
    while not search.is_end:
        search = search.further(person, seconds=0)
    assert list(search.found) == [one.place for one in mentions.mentions(person)]
    assert len(search.found) == 5


def test_without_scripts_the_page_is_whole_and_its_button_goes_on(client, admin_user, ada, slow):
    client.force_login(admin_user)
    answer = client.post(ERASE, {"stakeholder": ada.pk, "sure": "erase"})
    assert "Erase a person" in answer.content.decode()
    first = fields(answer)
    answer = client.post(ERASE, first)
    assert "Erase a person" in answer.content.decode()
    assert searched(fields(answer)) != searched(first)


def test_a_search_of_somebody_else_or_made_up_begins_again(console, ada, slow):
    first = fields(console.post(ERASE, {"stakeholder": ada.pk, "sure": "erase"}))
    second = fields(console.post(ERASE, first))
    again = fields(console.post(ERASE, second | {"so_far": second["so_far"][:-2] + "xx"}))
    other = StakeholderFactory(email="ben@northwind.example")
    of_another = fields(console.post(ERASE, second | {"stakeholder": other.pk}))
    for begun in (again, of_another):
        assert searched(begun) == searched(first)
    assert searched(second) != searched(first)


def searched(sent):
    return searching.signing.loads(sent["so_far"], salt=searching.SALT)[1]


def test_who_was_erased_by_somebody_else_meanwhile_is_nobody(console, ada, slow):
    sent = fields(console.post(ERASE, {"q": EMAIL, "sure": "erase"}))
    services.erase(Person(emails={EMAIL}), search=searching.Search(), by=None, at=ada.account.created_at)
    while "HX-Redirect" not in (answer := console.post(ERASE, sent)).headers:
        sent = fields(answer)
    assert answer["HX-Redirect"] == reverse("admin:accounts_personrequest_person")
    assert "We hold nothing about such a person" in console.get(answer["HX-Redirect"]).content.decode()
    assert PersonRequest.objects.count() == 1


def test_words_written_while_the_search_goes_on_are_listed_too(console, ada, slow):
    old = TouchTextFactory(touch__account=ada.account, text="Lunch with nobody.")
    sent = fields(console.post(ERASE, {"stakeholder": ada.pk, "sure": "erase"}))
    while int(searched(sent).partition(":")[0]) <= KINDS.index(TouchText):  # until notes are behind the search
        sent = fields(console.post(ERASE, sent))
    elsewhere = TouchTextFactory(text=f"Wrote to {EMAIL}.")
    TouchText.objects.filter(pk=old.pk).update(text=f"Lunch with {NAME} after all.")
    while "HX-Redirect" not in (answer := console.post(ERASE, sent)).headers:
        sent = fields(answer)
    listed = [one["id"] for one in PersonRequest.objects.get().mentions]
    assert {old.pk, elsewhere.pk} <= set(listed)
    assert len(listed) == len(set(listed)) == 7


def test_a_search_that_an_earlier_version_sealed_begins_again(ada):
    text = searching.signing.dumps(["me", "3:0", []], salt=searching.SALT, compress=True)
    assert searching.so_far(text, "me") == searching.Search()


@pytest.mark.parametrize(
    ("text", "place"),
    [("3:40", Place(3, 40)), ("", Place()), ("-1:2", Place()), ("3", Place()), ("3:4:5", Place()), ("٣:٤", Place())],
)
def test_a_place_is_read_or_the_beginning(text, place):
    assert Place.of(text) == place
    assert Place.of(str(place)) == place


def test_a_request_says_when_its_search_ended_early(console, ada, monkeypatch):
    monkeypatch.setattr(mentions, "MOST", 5)
    monkeypatch.setattr("accounts.privacy.models.MOST", 5)
    console.post(ERASE, {"stakeholder": ada.pk, "sure": "erase"})
    request = PersonRequest.objects.get()
    assert request.is_cut
    shown = console.get(reverse("admin:accounts_personrequest_change", args=[request.pk])).content.decode()
    assert "The search ended at 5 places: there may be more." in shown
