"""The audit trail reads as sentences, by thing, by person and by time; nobody edits it, and names stay in scope."""

import base64
import datetime as dt
import re

import pytest
from django.db import Error, connection, transaction
from django.urls import reverse
from django_otp.oath import hotp

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry, TrailIsFinal
from accounts.portfolio import services as portfolio
from accounts.sign_in import factors
from accounts.team.models import Grant, Role
from accounts.touches.models import TouchAttendee
from accounts.trail.reading import kinds, told
from accounts.trail.words import past
from tests import trail
from tests.architecture.code import modules
from tests.cast import person
from tests.factories.accounts import AuditEntryFactory, StakeholderFactory, TouchTextFactory

PAGE = "/admin/accounts/auditentry/"


@pytest.fixture
def ines(starter):
    return person("ines", role="administrator", group=None)


@pytest.fixture
def page(client, ines):
    client.force_login(ines)
    return lambda query="", **values: client.get(PAGE + query, values).content.decode()


@pytest.fixture
def changed(northwind, amelia):
    trail.forget()
    portfolio.change(northwind, by=amelia, at=now(), industry="Retail")
    return northwind


def test_an_entry_reads_as_a_sentence_with_what_was_before(page, changed):
    text = page()
    assert re.search(r"Amelia Tester</span>\s+changed account <span[^>]*>“Northwind Traders”", text)
    assert "Industry" in text
    assert "nothing" in text
    assert "Retail" in text


def test_it_is_read_by_thing_by_person_by_time_and_by_door(page, changed, amelia, olga):
    here, day = "Northwind Traders”", now().date()
    assert here in page(about="account", object=changed.pk)
    assert here not in page(about="account", object=changed.pk + 1)
    assert here in page(who=amelia.pk)
    assert here not in page(who=olga.pk)
    assert here not in page(who="system")
    assert here in page(first=(day - dt.timedelta(days=1)).isoformat())
    assert here not in page(last=(day - dt.timedelta(days=2)).isoformat())
    assert here in page(door="job")
    assert here not in page(door="api")


def test_a_filter_that_makes_no_sense_is_said_beside_it(page, changed):
    text = page(first="yesterday", who="999999")
    assert "Enter a valid date" in text
    assert "Select a valid choice" in text
    assert "Northwind Traders”" not in text


@pytest.mark.parametrize(
    "query", ["?object=%00", "?about=account&object=" + "9" * 60, "?before=0", "?about=bell&object=x"]
)
def test_what_cannot_be_an_id_is_no_error_of_ours(client, ines, query):
    client.force_login(ines)
    assert client.get(PAGE + query).status_code in (200, 400)


def test_older_entries_are_on_further_pages(page, starter):
    trail.forget()
    for number in range(60):
        AuditEntryFactory(object_type="account", object_id=str(number))
    first = page()
    older = re.search(r'href="\?(before=\d+)"', first).group(1)
    assert first.count("hf-told") == 50
    assert page(f"?{older}").count("hf-told") == 10


def test_the_history_of_a_thing_leads_there(client, ines, changed):
    client.force_login(ines)
    address = reverse("admin:accounts_account_history", args=[changed.pk])
    answer = client.get(address)
    assert answer.status_code == 302
    assert "History of Northwind Traders" in client.get(answer.headers["Location"]).content.decode()
    link = f"?about=account&amp;object={changed.pk}"
    assert link in client.get(reverse("admin:accounts_account_change", args=[changed.pk])).content.decode()


def test_who_may_not_read_the_trail_gets_no_link_and_no_page(client, changed, amelia):
    client.force_login(amelia)
    assert client.get(PAGE).status_code == 403
    page = client.get(reverse("admin:accounts_account_change", args=[changed.pk])).content.decode()
    assert "about=account" not in page


def test_names_of_what_the_reader_may_not_see_are_not_told(changed, starter):
    role = Role.objects.create(key="auditor", name="Auditor")
    Grant.objects.create(role=role, area="audit", reach="all")
    auditor = person("audrey", role="auditor", group=None)
    [line] = told(list(AuditEntry.objects.filter(verb="account.change")), reader=auditor)
    assert (line.who, line.name, line.link) == ("Amelia Tester", "", "")


def test_a_page_costs_as_many_queries_as_it_has_kinds(changed, amelia, ines, django_assert_num_queries):
    for number in range(9):
        portfolio.change(changed, by=amelia, at=now(), industry=f"Retail {number}")
    ines.reach("accounts"), ines.covered
    entries = list(AuditEntry.objects.filter(verb="account.change"))
    with django_assert_num_queries(2):  # people, accounts
        told(entries, reader=ines)


def test_every_verb_of_the_code_has_words():
    verbs = {verb for module in modules() for verb in re.findall(r'verb="([\w.]+)"', module.text)}
    assert len(verbs) > 80
    assert not {verb: past(verb) for verb in verbs if not re.fullmatch(r"[a-z][a-z :]+", past(verb))}


def test_every_kind_of_thing_has_a_name_of_its_own():
    assert len({str(model._meta.verbose_name) for model in kinds().values()}) == len(kinds())


def test_the_trail_refuses_edits(changed):
    entry = AuditEntry.objects.get()
    for refused in (
        lambda: AuditEntry.objects.update(verb="x"),
        lambda: AuditEntry.objects.all().delete(),
        entry.save,
        entry.delete,
    ):
        with pytest.raises(TrailIsFinal):
            refused()
    assert AuditEntry.objects.get().verb == "account.change"


@pytest.mark.parametrize("statement", ["UPDATE accounts_auditentry SET verb = 'x'", "DELETE FROM accounts_auditentry"])
def test_the_database_refuses_edits_itself(statement, changed):
    if connection.vendor != "postgresql":
        return  # there the verbs above are all that refuses
    with pytest.raises(Error, match="never changed or deleted"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().verb == "account.change"


def test_of_a_thing_that_is_gone_it_still_says_whose_it_was(page, ines, amelia):
    sealed = factors.offer()
    code = f"{hotp(base64.b32decode(factors.readable(sealed).replace(' ', '')), int(now().timestamp()) // 30):06d}"
    factors.enable(amelia, sealed=sealed, code=code, by=amelia, at=now())
    factors.renew_codes(amelia, by=amelia, at=now())
    factors.disable(amelia, by=ines, at=now())
    entries = list(AuditEntry.objects.filter(object_type="secondfactor").order_by("pk"))
    assert [line.sentence.partition(" of “Amelia Tester”")[0] for line in told(entries, reader=ines)] == [
        "Amelia Tester turned on two-step sign-in",
        "Amelia Tester renewed the recovery codes of two-step sign-in",
        "Ines Tester turned off two-step sign-in",
    ]
    assert "of “Amelia Tester” (gone, or not yours to see)" in page(about="secondfactor")


def test_words_and_guests_of_a_touch_are_called_by_name_and_not_by_number(northwind, amelia, ines):
    person_there = StakeholderFactory(account=northwind, name="Ada Quillfeather")
    words = TouchTextFactory(touch__account=northwind)
    guest = TouchAttendee.objects.create(touch=words.touch, stakeholder=person_there)
    assert str(words) == str(words.touch)
    assert str(guest) == "Ada Quillfeather"
