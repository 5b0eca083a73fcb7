import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent, AccountMember
from accounts.portfolio.queries import holder
from accounts.team.models import User
from tests.factories.accounts import AT, AccountFactory, UserFactory

pytestmark = pytest.mark.django_db
LATER = AT + dt.timedelta(days=1)


@pytest.fixture
def account():
    return AccountFactory(name="Northwind", industry="Food")


def again(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


def test_changes_what_is_named_and_tells_which_fields(account):
    portfolio.change(account, industry="Retail", name="Northwind", by=None, at=AT)
    assert again(account).industry == "Retail"
    event = AccountEvent.objects.get()
    assert (event.kind, event.data) == ("account.changed", {"fields": ["industry"]})


def test_changing_nothing_tells_nothing(account):
    portfolio.change(account, industry="Food", by=None, at=AT)
    assert not AccountEvent.objects.exists()
    assert not AuditEntry.objects.exists()


def test_works_on_the_row_as_it_is_now(account):
    Account.objects.filter(pk=account.pk).update(region="EMEA")
    changed = portfolio.change(account, industry="Retail", by=None, at=AT)
    assert (changed.region, again(account).region) == ("EMEA", "EMEA")


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": ""}, "name"), ({"time_zone": "Mars"}, "time_zone"), ({"employees": -1}, "employees")],
)
def test_a_refused_change_changes_nothing(values, field, account):
    with pytest.raises(ValidationError) as refused:
        portfolio.change(account, **{"industry": "Retail", **values}, by=None, at=AT)
    assert field in refused.value.message_dict
    assert again(account).industry == "Food"
    assert not AccountEvent.objects.exists()


def test_a_refused_change_does_not_move_it_either(account):
    other = AccountFactory()
    with pytest.raises(ValidationError):
        portfolio.change(account, parent=other, name="", by=None, at=AT)
    assert again(account).parent is None
    assert not AuditEntry.objects.exists()


def assign(account, user, *, part="csm", at=AT):
    return portfolio.assign(account, part=part, user=user, by=None, at=at)


def test_assigning_gives_the_part_to_one_person(account):
    amelia = UserFactory()
    member = assign(account, amelia)
    assert (member.user, member.part, member.since) == (amelia, "csm", AT)
    assert holder(account, "csm") == amelia
    assert AccountEvent.objects.get().data == {"part": "csm", "user": amelia.pk, "before": None}


def test_assigning_somebody_else_replaces_them(account):
    amelia, bruno = UserFactory(), UserFactory()
    assign(account, amelia)
    member = assign(account, bruno, at=LATER)
    assert AccountMember.objects.get() == member
    assert (holder(account, "csm"), member.since) == (bruno, LATER)
    assert AccountEvent.objects.order_by("pk").last().data == {"part": "csm", "user": bruno.pk, "before": amelia.pk}


def test_assigning_nobody_makes_it_vacant(account):
    amelia = UserFactory()
    assign(account, amelia)
    assert assign(account, None) is None
    assert holder(account, "csm") is None
    entry = AuditEntry.objects.get(verb="account.unassign")
    assert entry.before["user_id"] == amelia.pk


@pytest.mark.parametrize("assigned", [True, False])
def test_assigning_the_same_again_tells_nothing(assigned, account):
    user = UserFactory() if assigned else None
    assign(account, user)
    events, entries = AccountEvent.objects.count(), AuditEntry.objects.count()
    assign(account, user, at=LATER)
    assert (AccountEvent.objects.count(), AuditEntry.objects.count()) == (events, entries)


def test_parts_are_independent(account):
    amelia, bruno = UserFactory(), UserFactory()
    assign(account, amelia)
    assign(account, bruno, part="ae")
    assert (holder(account, "csm"), holder(account, "ae")) == (amelia, bruno)


def test_who_has_left_holds_nothing(account):
    user = UserFactory()
    assign(account, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert holder(account, "csm") is None


def test_refuses_a_part_that_does_not_exist(account):
    with pytest.raises(ValidationError) as refused:
        assign(account, UserFactory(), part="mascot")
    assert "part" in refused.value.message_dict
    assert not AccountMember.objects.exists()
    assert not AccountEvent.objects.exists()
