"""Who looks after an account."""

import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.queries import holder
from accounts.team.models import User
from retention.work import services as work


def leave(user: User) -> User:
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()
    return user


def test_one_person_has_a_part_and_hands_it_on(northwind: Account, amelia: User, bruno: User) -> None:
    portfolio.assign(northwind, part="csm", user=bruno, by=amelia, at=now())
    assert holder(northwind, "csm") == bruno
    assert AccountMember.objects.filter(account=northwind, part="csm").count() == 1


def test_nobody_who_has_left_is_given_an_account(northwind: Account, amelia: User, bruno: User) -> None:
    with pytest.raises(ValidationError, match="no longer works here"):
        portfolio.assign(northwind, part="csm", user=leave(bruno), by=amelia, at=now())
    assert holder(northwind, "csm") == amelia


def test_nobody_who_has_left_is_given_work(northwind: Account, amelia: User, bruno: User) -> None:
    item = work.open_item(northwind, title="Call", due_at=now(), assignee=amelia, by=amelia, at=now())
    with pytest.raises(ValidationError, match="no longer works here"):
        work.reassign(item, to=leave(bruno), by=amelia, at=now())
    item.refresh_from_db()
    assert item.assignee == amelia


def test_a_part_whose_holder_left_reads_as_vacant(northwind: Account, amelia: User) -> None:
    leave(amelia)
    assert holder(northwind, "csm") is None
