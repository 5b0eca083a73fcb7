"""The audit verbs leave one entry for each change, and none for what did not change."""

import datetime as dt

import pytest
from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import Account
from accounts.team.models import ApiKey, User
from tests.factories.accounts import (
    AT,
    AccountFactory,
    AccountMemberFactory,
    ApiKeyFactory,
    ContractFactory,
    StakeholderFactory,
    StakeholderRoleFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def the_entry() -> AuditEntry:
    return AuditEntry.objects.get()


@pytest.fixture
def amelia():
    return UserFactory(username="amelia")


@pytest.fixture
def account():
    return AccountFactory(name="Northwind", industry="Food")


def test_creating_leaves_one_entry_with_what_was_filled_in(amelia):
    account = Account(key="northwind", name="Northwind", created_at=AT)
    audit.create(account, verb="account.create", by=amelia, at=AT)
    entry = the_entry()
    assert (entry.verb, entry.actor_id, entry.at) == ("account.create", amelia.pk, AT)
    assert (entry.object_type, entry.object_id, entry.account_id) == ("account", str(account.pk), account.pk)
    assert entry.before == {}
    assert entry.after["name"] == "Northwind"
    assert "industry" not in entry.after, "what was left empty is left out"


def test_creating_refuses_a_row_that_exists(account, amelia):
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"), transaction.atomic():
        audit.create(account, verb="account.create", by=amelia, at=AT)
    assert not AuditEntry.objects.exists()


def test_changing_leaves_one_entry_with_before_and_after_of_what_changed(account, amelia):
    before = audit.update(account, verb="account.change", by=amelia, at=AT, name="Northwind", industry="Retail")
    assert before == {"industry": "Food"}
    entry = the_entry()
    assert (entry.before, entry.after) == ({"industry": "Food"}, {"industry": "Retail"})
    assert Account.objects.get(pk=account.pk).industry == "Retail"


def test_changing_nothing_leaves_no_entry(account, amelia):
    assert audit.update(account, verb="account.change", by=amelia, at=AT, name="Northwind") == {}
    assert not AuditEntry.objects.exists()


def test_changing_leaves_the_fields_alone_that_were_not_named(account, amelia):
    Account.objects.filter(pk=account.pk).update(region="EMEA")
    audit.update(account, verb="account.change", by=amelia, at=AT, industry="Retail")
    assert Account.objects.get(pk=account.pk).region == "EMEA"


def test_deleting_leaves_the_last_values(amelia):
    member = AccountMemberFactory()
    number, account, user = member.pk, member.account, member.user
    audit.delete(member, verb="account.unassign", by=amelia, at=AT)
    assert not account.members.exists()
    entry = the_entry()
    assert (entry.object_id, entry.account_id) == (str(number), account.pk)
    assert (entry.before["user_id"], entry.after) == (user.pk, {})


def test_values_of_personal_fields_are_hidden(amelia):
    stakeholder = StakeholderFactory(name="Sam Sponsor", email="sam@northwind.example")
    audit.update(stakeholder, verb="stakeholder.change", by=amelia, at=AT, name="Sarah", email="", left_at=AT)
    entry = the_entry()
    assert entry.before == {"name": "(personal)", "email": "(personal)", "left_at": None}
    assert entry.after == {"name": "(personal)", "email": "", "left_at": AT.isoformat().replace("+00:00", "Z")}


def test_secrets_are_hidden(amelia):
    key = ApiKey(name="CRM", prefix="abc", secret_hash="5ec4e7", scope="read", user=amelia, created_at=AT)
    audit.create(key, verb="apikey.issue", by=amelia, at=AT)
    entry = the_entry()
    assert entry.after["secret_hash"] == "(personal)"
    assert "5ec4e7" not in str(entry.after)


def test_passwords_and_addresses_of_users_are_hidden(amelia):
    audit.create(User(username="bruno", email="bruno@anchor.example", password="hash"), verb="x", by=amelia, at=AT)
    text = str(the_entry().after)
    assert "bruno" not in text
    assert "hash" not in text


def test_rows_become_ids_and_dates_become_text(amelia):
    team, contract = TeamFactory(), ContractFactory()
    audit.update(amelia, verb="user.move", by=None, at=AT, team=team)
    assert the_entry().after == {"team": team.pk}
    audit.update(contract, verb="contract.change", by=None, at=AT, ends_on=dt.date(2028, 3, 31))
    assert AuditEntry.objects.latest("pk").after == {"ends_on": "2028-03-31"}


@pytest.mark.parametrize(
    ("factory", "path"),
    [(AccountFactory, ""), (AccountMemberFactory, "account"), (StakeholderRoleFactory, "stakeholder__account")],
)
def test_entries_name_the_account_however_far_it_is(factory, path):
    row = factory()
    account = row
    for step in filter(None, path.split("__")):
        account = getattr(account, step)
    assert audit.record("x.look", row, by=None, at=AT).account_id == account.pk


def test_entries_about_what_belongs_to_no_account_name_none():
    assert audit.record("x.look", ApiKeyFactory(), by=None, at=AT).account_id is None


def test_the_system_itself_is_nobody(account):
    audit.update(account, verb="account.change", by=None, at=AT, industry="Retail")
    assert the_entry().actor_id is None


def test_names_the_door(account):
    def door() -> str:
        return audit.record("x.look", account, by=None, at=AT).door

    assert door() == "job"
    with audit.through("api"):
        assert door() == "api"
        with audit.through("import"):
            assert door() == "import"
        assert door() == "api"
    assert door() == "job"


def test_the_door_closes_behind_an_error(account):
    with pytest.raises(ZeroDivisionError), audit.through("api"):
        raise ZeroDivisionError
    assert audit.record("x.look", account, by=None, at=AT).door == "job"


def test_an_entry_goes_with_a_change_that_is_rolled_back(account, amelia):
    with transaction.atomic():
        audit.update(account, verb="account.change", by=amelia, at=AT, industry="Retail")
        transaction.set_rollback(True)
    assert Account.objects.get(pk=account.pk).industry == "Food"
    assert not AuditEntry.objects.exists()
