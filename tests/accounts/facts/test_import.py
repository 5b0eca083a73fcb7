"""Values of many accounts from a file: planned row by row, then set as a whole."""

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.facts import importing, services
from accounts.facts.models import AccountFacts
from accounts.facts.services import FactDraft
from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from tests.cast import person

PAGE = "/admin/accounts/customfact/import/"
FILE = "Account,Pilot seats,Industry,Notes\nnorthwind-traders,12,Logistics,x\ncontoso,many,,y\nnobody,3,,\n"


def page_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def contoso(olga: User, northwind: Account) -> Account:
    for key, label, kind in (("pilot_seats", "Pilot seats", "number"), ("go_live", "Go-live", "date")):
        services.define(FactDraft(key=key, label=label, type=kind, meaning="Something."), by=None, at=now())
    return portfolio.create(name="Contoso", domain="contoso.example", by=None, at=now())


def plan(text: str, by: User, meanings: list[str] | None = None) -> importing.Plan:
    table = importing.read(text)
    return importing.plan(table, meanings or importing.guessed(table.headers), by=by)


def test_the_plan_says_what_changes_what_is_wrong_and_sets_nothing(contoso: Account, olga: User) -> None:
    found = plan(FILE, olga)
    assert [(row.number, row.facts, row.profile) for row in found.ready] == [
        (2, {"pilot_seats": 12}, {"industry": "Logistics"})
    ]
    assert [(row.number, row.errors) for row in found.wrong] == [
        (3, ["Pilot seats: expected a number such as 1204.5, not 'many'."]),
        (4, ["No account is called 'nobody' there, or two are."]),
    ]
    assert not AccountFacts.objects.exclude(custom={}).exists()


def test_an_uploaded_file_is_planned_and_then_set(contoso: Account, northwind: Account, olga: User) -> None:
    client = page_of(olga)
    upload = SimpleUploadedFile("values.csv", FILE.encode())
    shown = client.post(PAGE, {"file": upload}).content.decode()
    assert "Set 2 values of 1 account" in shown
    assert "Row 3" in shown
    assert "Pilot seats: 12, Industry: Logistics" in shown
    columns = re.findall(r'<option value="([^"]+)" selected>', shown)
    assert columns == ["account:key", "fact:pilot_seats", "profile:industry"]
    done = client.post(PAGE, {"text": FILE, "column": [*columns, ""], "do": "1"}, follow=True).content.decode()
    assert "2 values of 1 accounts are set. 2 rows were left out." in done
    northwind.refresh_from_db()
    assert northwind.industry == "Logistics"
    assert AccountFacts.objects.get(account=northwind).custom == {"pilot_seats": 12}
    assert AuditEntry.objects.filter(verb="fact.set", account_id=northwind.pk).count() == 1
    assert plan(FILE, olga).same == 1, "the same file again changes nothing"


def test_an_empty_cell_leaves_what_is_known(contoso: Account, olga: User) -> None:
    services.set_custom(contoso, {"pilot_seats": 5}, source="file", at=now())
    assert plan("key,pilot_seats,go_live\ncontoso,,2026-05-01\n", olga).ready[0].facts.keys() == {"go_live"}


@pytest.mark.parametrize(
    ("header", "name"), [("domain", "contoso.example"), ("product id", "acct-7"), ("account key", "contoso")]
)
def test_accounts_are_named_by_key_domain_or_id(contoso: Account, olga: User, header: str, name: str) -> None:
    from accounts.identity import services as identity
    from accounts.workspace.models import Source

    identity.link(contoso, source=Source.objects.get(key="product"), value="acct-7", by=None, at=now())
    assert plan(f"{header};pilot seats\n{name};3\n", olga).ready[0].account == contoso


def test_an_account_that_one_does_not_see_is_no_account(contoso: Account, northwind: Account, carla: User) -> None:
    [row] = plan("account,pilot_seats\nnorthwind-traders,5\n", carla).wrong
    assert row.account is None


def test_one_row_an_account(contoso: Account, olga: User) -> None:
    found = plan("account,pilot_seats\ncontoso,5\ncontoso,6\n", olga)
    assert len(found.ready) == 1
    assert "earlier row" in found.wrong[0].errors[0]


def test_where_one_value_cannot_be_set_none_is(
    contoso: Account, northwind: Account, olga: User, monkeypatch: Any
) -> None:
    found = plan("account,pilot_seats,industry\ncontoso,5,\nnorthwind-traders,6,Rail\n", olga)

    def refuse(*args: Any, **values: Any) -> None:
        raise ValidationError("The disk is full.")

    monkeypatch.setattr(portfolio, "change", refuse)
    with pytest.raises(ValidationError):
        importing.carry_out(found, by=olga, at=now())
    assert not AccountFacts.objects.exclude(custom={}).exists()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "file"),
        (b"account,pilot_seats\n", "no rows"),
        (b"\xff\xfe\x00a", "UTF-8"),
        (b"a,b\n\x00,1\n", "not text"),
        (b"account,x\n" + b"a,1\n" * 2_001, "at most 2,000"),
        (b"account,x\na," + b"y" * 200_000 + b"\n", "no CSV"),
        (b"x" * (1024 * 1024 + 1), "larger than 1 MiB"),
        (b",".join([b"c"] * 61) + b"\n" + b",".join([b"1"] * 61), "at most 60"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(contoso: Account, olga: User, body: bytes, says: str) -> None:
    response = page_of(olga).post(PAGE, {"file": SimpleUploadedFile("x.csv", body)})
    assert response.status_code == 400
    assert says in response.content.decode()


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (["", "fact:pilot_seats"], "exactly one column that names"),
        (["account:key", "account:domain"], "exactly one column that names"),
        (["account:key", ""], "at least one column with values"),
        (["account:key", "fact:pilot_seats", "fact:pilot_seats"], "mean the same"),
    ],
)
def test_meanings_that_do_not_work_are_explained(contoso: Account, olga: User, columns: list[str], says: str) -> None:
    shown = page_of(olga).post(PAGE, {"text": "a,b,c\ncontoso,1,2\n", "column": columns, "do": "1"})
    assert says in shown.content.decode()
    assert not AccountFacts.objects.exclude(custom={}).exists()


@pytest.mark.parametrize(
    "meaning", ["fact:arr", "fact:nothing", "profile:state", "profile:key", "magic", "account:id:x", "account:id:\x00"]
)
def test_a_meaning_that_is_not_offered_sets_nothing(contoso: Account, olga: User, meaning: str) -> None:
    page_of(olga).post(PAGE, {"text": "a,b\ncontoso,1\n", "column": ["account:key", meaning], "do": "1"})
    contoso.refresh_from_db()
    assert contoso.state == "active"
    assert not AccountFacts.objects.exclude(custom={}).exists()


def test_who_may_not_change_accounts_imports_nothing(contoso: Account) -> None:
    client = page_of(person("lea", role="leader", group=None))
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, {"text": FILE, "do": "1"}).status_code == 404


def test_a_hundred_rows_are_planned_with_the_queries_of_ten(contoso: Account, olga: User) -> None:
    for number in range(100):
        portfolio.create(name=f"Account {number}", by=None, at=now())
    counts = []
    for count in (10, 10, 100):
        rows = "\n".join(f"account-{number},{number}" for number in range(count))
        with CaptureQueriesContext(connection) as queries:
            assert len(plan(f"account,pilot_seats\n{rows}\n", olga).ready) == count
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 6
