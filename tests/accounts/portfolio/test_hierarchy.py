"""Moving accounts: roots follow, trees stay trees, at most five deep."""

import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from tests import trail
from tests.factories.accounts import AT

pytestmark = pytest.mark.django_db


def chain(length: int, *, name: str = "Level", below: Account | None = None) -> list[Account]:
    """Accounts, each the parent of the next."""
    found: list[Account] = []
    for number in range(length):
        below = portfolio.create(name=f"{name} {number}", parent=below, by=None, at=AT)
        found.append(below)
    return found


def move(account: Account, parent: Account | None) -> Account:
    return portfolio.change(Account.objects.get(pk=account.pk), parent=parent, by=None, at=AT)


def shape() -> dict[str, tuple[str | None, str]]:
    rows = Account.objects.select_related("parent", "root")
    return {row.name: (row.parent.name if row.parent else None, row.root.name) for row in rows}


def test_a_hierarchy_may_be_five_deep():
    assert len(chain(5)) == 5


def test_a_sixth_level_is_refused():
    fifth = chain(5)[-1]
    with pytest.raises(ValidationError, match="6 deep; at most 5") as refused:
        portfolio.create(name="Too deep", parent=fifth, by=None, at=AT)
    assert "parent" in refused.value.message_dict
    assert Account.objects.count() == 5


def test_moving_takes_the_children_along():
    one, two = chain(2, name="One"), chain(3, name="Two")
    move(two[0], one[1])
    assert shape()["Two 0"] == ("One 1", "One 0")
    assert shape()["Two 2"] == ("Two 1", "One 0")


def test_moving_to_the_top_makes_it_the_root_of_its_own():
    levels = chain(3)
    move(levels[1], None)
    assert shape() == {
        "Level 0": (None, "Level 0"),
        "Level 1": (None, "Level 1"),
        "Level 2": ("Level 1", "Level 1"),
    }


@pytest.mark.parametrize(("above", "moved"), [(4, 2), (3, 3), (2, 4), (1, 5)])
def test_a_move_that_would_make_the_tree_deeper_than_five_is_refused_whole(above, moved):
    one, two = chain(above, name="One"), chain(moved, name="Two")
    before = shape()
    with pytest.raises(ValidationError, match="at most 5"):
        move(two[0], one[-1])
    assert shape() == before
    assert not AuditEntry.objects.filter(verb="account.move").exists()


@pytest.mark.parametrize(("above", "moved"), [(4, 1), (3, 2), (1, 4)])
def test_a_move_to_just_five_is_fine(above, moved):
    one, two = chain(above, name="One"), chain(moved, name="Two")
    move(two[0], one[-1])
    assert {root for _, root in shape().values()} == {"One 0"}


@pytest.mark.parametrize("below", [0, 1, 2])
def test_an_account_cannot_be_moved_below_itself(below):
    levels = chain(3)
    before = shape()
    with pytest.raises(ValidationError, match="outside its own tree"):
        move(levels[0], levels[below])
    assert shape() == before


def test_every_moved_account_is_in_the_trail():
    one, two = chain(1, name="One"), chain(3, name="Two")
    move(two[0], one[0])
    entries = AuditEntry.objects.filter(verb="account.move")
    assert {entry.account_id for entry in entries} == {account.pk for account in two}
    [first] = entries.filter(account_id=two[0].pk)
    assert first.before == {"parent": None, "root": two[0].pk}
    assert first.after == {"parent": one[0].pk, "root": one[0].pk}


def test_naming_the_parent_it_has_changes_nothing():
    levels = chain(2)
    trail.forget()
    move(levels[1], levels[0])
    assert not AuditEntry.objects.exists()
