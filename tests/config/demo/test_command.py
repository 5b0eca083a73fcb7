"""`manage.py demo`: the same book each time, all of it or nothing, and never over somebody's own."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from accounts.contracts.models import Contract
from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.ingestion.models import QuarantinedItem, SignalEvent
from accounts.portfolio.models import Account, AccountEvent
from accounts.stakeholders.models import ProductUser, Stakeholder
from accounts.workspace import services as workspace
from accounts.workspace.models import Workspace
from config import first_start
from config.demo import sending
from config.demo.book import SMALLEST
from config.demo.item import Item
from config.demo.stories import story
from retention.work.models import WorkItem
from tests.config.demo.conftest import make_book, shared_book, whole_book

ACCOUNT = ("key", "name", "domain", "industry", "employees", "region", "time_zone", "state", "goals", "created_at")
CONTRACT = ("account__key", "arr_minor", "signed_at", "starts_on", "ends_on", "seats", "status", "auto_renews")
FACTS = ("account__key", "active_users_30d", "active_users_change_30d", "features_used_30d", "last_active_at", "stage")
CONTENT: list[tuple[Any, tuple[str, ...]]] = [
    (Account, ACCOUNT),
    (Contract, CONTRACT),
    (Stakeholder, ("account__key", "name", "email", "title", "sentiment", "last_engaged_at")),
    (ProductUser, ("account__key", "external_id", "name", "email", "role", "team", "last_seen_at")),
    (SignalEvent, ("account__key", "message", "type", "name", "at")),
    (QuarantinedItem, ("reason", "group_value", "item")),
    (AccountFacts, (*FACTS, "arr_minor", "contract_end_date")),
    (WorkItem, ("title", "assignee__username")),
]


def digests() -> dict[str, str]:
    """A digest of what people see of each table."""
    found = {}
    for model, fields in CONTENT:
        rows = model.objects.order_by(*fields).values_list(*fields)
        text = json.dumps(list(rows), cls=DjangoJSONEncoder)
        found[model.__name__] = hashlib.sha256(text.encode()).hexdigest()
    return found


def made_and_undone(make: Callable[[], str]) -> dict[str, str]:
    with transaction.atomic():
        make()
        found = digests()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_book():
    """The one that the other tests share, and another one."""
    assert made_and_undone(shared_book) == made_and_undone(whole_book)


def test_another_seed_makes_another():
    one, other = ([story(n, seed=seed, taken=taken) for n in range(60)] for seed, taken in ((7, set()), (8, set())))
    assert one[:SMALLEST] == other[:SMALLEST]
    assert {told.company.name for told in one[SMALLEST:]} != {told.company.name for told in other[SMALLEST:]}


def test_a_larger_book_begins_with_the_same_accounts():
    few, many = ([story(n, seed=7, taken=taken) for n in range(count)] for count, taken in ((60, set()), (90, set())))
    assert many[:60] == few


def test_a_thousand_names_are_all_different():
    taken: set[str] = set()
    companies = [story(number, seed=7, taken=taken).company for number in range(1000)]
    assert len({company.name for company in companies}) == 1000
    assert len({company.domain for company in companies}) == 1000
    assert all(company.domain.endswith(".example") for company in companies)


@pytest.mark.usefixtures("playbook")
def test_what_is_interrupted_leaves_nothing(monkeypatch: pytest.MonkeyPatch):
    def interrupted(self: sending.Sender, items: list[Item]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sending.Sender, "send", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make_book()
    assert not Workspace.objects.exists()
    assert not AccountEvent.objects.exists()
    assert first_start.needed()


@pytest.mark.usefixtures("playbook")
def test_refuses_an_installation_that_has_a_workspace():
    workspace.found(company="Our own", by=None, at=now())
    with pytest.raises(CommandError, match="has a workspace already"):
        make_book()
    assert not Account.objects.exists()
    assert Workspace.objects.get().demo_seed is None


@pytest.mark.django_db
def test_there_are_no_sign_ins_without_a_demo_book():
    with pytest.raises(CommandError, match="no demo book"):
        call_command("demo", "--signin")
    workspace.found(company="Our own", by=None, at=now())
    with pytest.raises(CommandError, match="no demo book"):
        call_command("demo", "--signin")


@pytest.mark.django_db
def test_says_what_to_import_first():
    with pytest.raises(CommandError, match="playbook import"):
        make_book()
    assert not Workspace.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--accounts", "3"), "from 26 to 5000"),
        (("--accounts", "many"), "from 26 to 5000"),
        (("--as-of", "31.3.2026"), "write it as 2026-03-31"),
        (("--as-of", "2999-01-01"), "has not come yet"),
        (("--seed", "x"), "invalid int value"),
    ],
)
@pytest.mark.usefixtures("playbook")
def test_refuses_what_cannot_be(arguments: tuple[str, str], message: str):
    with pytest.raises(CommandError, match=message):
        call_command("demo", *arguments)
    assert not Workspace.objects.exists()
