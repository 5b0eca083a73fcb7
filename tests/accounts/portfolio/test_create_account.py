import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.portfolio.events import UnknownEventKind, happened
from accounts.portfolio.models import Account, AccountEvent
from accounts.portfolio.queries import listed
from tests.factories.accounts import AT, AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


def create(name="Northwind Traders", **values) -> Account:
    return portfolio.create(name=name, **{"by": None, "at": AT, **values})


def test_the_key_is_made_from_the_name():
    assert create().key == "northwind-traders"


def test_a_second_account_of_the_name_gets_a_key_of_its_own():
    first, second = create(), create()
    assert second.key.startswith("northwind-traders-")
    assert second.key != first.key


def test_a_name_in_another_script_gets_a_key_too():
    assert [create("株式会社").key, create("公司").key.partition("-")[0]] == ["account", "account"]


def test_an_account_without_parent_is_its_own_root():
    account = create()
    assert Account.objects.get(pk=account.pk).root == account


def test_an_account_below_another_has_the_root_of_the_tree():
    top = create("Top")
    middle = create("Middle", parent=top)
    leaf = create("Leaf", parent=middle)
    assert (middle.root, leaf.root, leaf.parent) == (top, top, middle)


def test_tells_the_timeline_and_the_trail():
    user = UserFactory()
    account = create(by=user, industry="Food")
    event = AccountEvent.objects.get()
    assert (event.kind, event.account, event.actor, event.at) == ("account.created", account, user, AT)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.account_id, entry.actor_id) == ("account.create", account.pk, user.pk)
    assert entry.after["industry"] == "Food"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"state": "sleeping"}, "state"),
    ],
)
def test_refuses_what_is_no_account_and_leaves_nothing(values, field):
    with pytest.raises(ValidationError) as refused:
        create(**values)
    assert field in refused.value.message_dict
    assert not Account.objects.exists()
    assert not AccountEvent.objects.exists()
    assert not AuditEntry.objects.exists()


def test_archived_and_merged_accounts_are_not_listed():
    kept, other = AccountFactory(), AccountFactory(archived_at=AT)
    AccountFactory(merged_into=other)
    assert list(listed()) == [kept]


def test_an_event_of_a_kind_that_nobody_registered_is_a_fault_of_ours():
    account = AccountFactory()
    with pytest.raises(UnknownEventKind, match="account.teleported"):
        happened("account.teleported", account, by=None, at=AT)
    assert not AccountEvent.objects.exists()


def test_an_event_with_a_key_happens_once():
    account, later = AccountFactory(), AT + dt.timedelta(hours=1)
    first = happened("account.changed", account, by=None, at=AT, key="won:crm:7", fields=["name"])
    assert first is not None
    assert happened("account.changed", account, by=None, at=later, key="won:crm:7", fields=["name"]) is None
    assert AccountEvent.objects.get() == first


def test_an_event_names_what_it_is_about():
    account = AccountFactory()
    event = happened("account.changed", account, by=None, at=AT, subject=account, fields=[])
    assert (event.subject, event.subject_id) == (f"account:{account.pk}", account.pk)
    assert happened("account.changed", account, by=None, at=AT, fields=[]).subject_id is None
