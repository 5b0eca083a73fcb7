"""The trail as a file: what the page shows, all of it, in scope, and with nothing a spreadsheet would carry out."""

import csv
import io

import pytest

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.team.models import Grant, Role
from accounts.trail import export
from tests import trail
from tests.cast import person
from tests.factories.accounts import AuditEntryFactory

FILE = "/admin/accounts/auditentry/export.csv"


@pytest.fixture
def ines(client, starter):
    user = person("ines", role="administrator", group=None)
    client.force_login(user)
    return user


def rows(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_it_holds_what_the_page_shows_under_the_same_filters(client, ines, northwind, amelia, olga):
    trail.forget()
    portfolio.change(northwind, by=amelia, at=now(), industry="Retail", region="EMEA")
    found = rows(client.get(FILE, {"who": amelia.pk}))
    assert {(row["Who"], row["Did"], row["Name"]) for row in found} == {
        ("Amelia Tester", "changed", "Northwind Traders")
    }
    assert {(row["Value"], row["Before"], row["After"]) for row in found} == {
        ("Industry", "nothing", "Retail"),
        ("Region", "nothing", "EMEA"),
    }
    assert rows(client.get(FILE, {"who": olga.pk})) == []
    assert client.get(FILE, {"first": "yesterday"}).status_code == 302


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1"])
def test_no_cell_is_a_formula(client, ines, northwind, text):
    trail.forget()
    portfolio.change(northwind, by=ines, at=now(), industry=f"{text} x")
    for row in rows(client.get(FILE)):
        for cell in row.values():
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t")), cell


def test_all_of_a_long_trail_is_in_it_once(client, ines, monkeypatch, starter):
    monkeypatch.setattr(export, "CHUNK", 7)
    trail.forget()
    at = now()
    for number in range(30):
        AuditEntryFactory(at=at, object_type="account", object_id=str(number), after={"industry": f"nr {number}"})
    found = [row["After"] for row in rows(client.get(FILE)) if row["After"]]
    assert found == [f"nr {number}" for number in reversed(range(30))]


def test_names_stay_in_scope_and_who_may_not_read_the_trail_gets_nothing(client, northwind, amelia, starter):
    role = Role.objects.create(key="auditor", name="Auditor")
    Grant.objects.create(role=role, area="audit", reach="all")
    client.force_login(person("audrey", role="auditor", group=None))
    assert {row["Name"] for row in rows(client.get(FILE, {"about": "account"}))} == {""}
    client.force_login(amelia)
    assert client.get(FILE).status_code == 403
    assert AuditEntry.objects.exists()
