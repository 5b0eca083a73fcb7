"""The audit trail over the API: by thing, person, verb and time, in scope, and to read only."""

import datetime as dt

import pytest

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.team.models import Grant, Role
from tests import trail
from tests.api.conftest import problems
from tests.cast import person


@pytest.fixture
def admin(with_key):
    return with_key("admin")


@pytest.fixture
def changed(admin, northwind, amelia):
    trail.forget()
    portfolio.change(northwind, by=amelia, at=now(), industry="Retail")
    return AuditEntry.objects.get()


def test_an_entry_tells_who_what_and_from_what_to_what(admin, changed, northwind):
    [entry] = admin.list("audit/")
    assert entry == admin.one(f"audit/{changed.pk}/")
    assert entry.items() >= {"verb": "account.change", "actor": "amelia", "behalf_of": None, "door": "job"}.items()
    assert (entry["account"], entry["object_type"]) == (northwind.key, "account")
    assert (entry["before"], entry["after"]) == ({"industry": ""}, {"industry": "Retail"})


def test_each_filter_finds_it_and_only_it(admin, changed, northwind):
    hour = dt.timedelta(hours=1)
    fits = {
        "object_type": "account",
        "object_id": northwind.pk,
        "account": northwind.key,
        "actor": "amelia",
        "verb": "account.change",
        "door": "job",
        "since": (changed.at - hour).isoformat(),
        "before": (changed.at + hour).isoformat(),
    }
    assert len(admin.list("audit/", **fits)) == 1
    misses = {
        "object_type": "deal",
        "object_id": northwind.pk + 1,
        "account": "none-such",
        "actor": "bruno",
        "verb": "account.create",
        "door": "api",
        "since": (changed.at + hour).isoformat(),
        "before": (changed.at - hour).isoformat(),
    }
    for name, value in misses.items():
        assert admin.list("audit/", **{name: value}) == [], name
    assert "door" in problems(admin.get("audit/", door="window"))
    assert "since" in problems(admin.get("audit/", since="yesterday"))


def test_it_is_read_only_and_for_those_who_may_read_it(admin, api, as_user, changed, amelia):
    for verb in ("POST", "PUT", "PATCH", "DELETE"):
        problems(admin.send(verb, "audit/"), 405)
        problems(admin.send(verb, f"audit/{changed.pk}/"), 405)
    problems(as_user(amelia).get("audit/"), 403)
    problems(api.get("audit/"), 403)


def test_an_account_that_is_not_the_callers_is_not_named(as_user, changed):
    role = Role.objects.create(key="auditor", name="Auditor")
    Grant.objects.create(role=role, area="audit", reach="all")
    api = as_user(person("audrey", role="auditor", group=None))
    assert [entry["account"] for entry in api.list("audit/", verb="account.change")] == [None]
    assert api.list("audit/", account="northwind-traders") == []
