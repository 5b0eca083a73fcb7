"""Owners by rule: planned first, within what each can look after, and done through the account team."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent, AccountMember
from accounts.portfolio.queries import holder
from accounts.team import absences
from accounts.team.models import Team, User
from retention.segments.models import Segment
from retention.segments.owners import assign_owners, loads, plan_owners
from tests.cast import person
from tests.retention.evaluation.facts import know
from tests.retention.segments.book import AT, DAY, SIZE, at_least, catch_up, published, segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(starter: Any, east: Team) -> list[User]:
    """The pool: two people of the team East."""
    return [person(name, role="csm", group=east) for name in ("anna", "ben")]


@pytest.fixture
def boss(starter: Any) -> User:
    return person("root", role="administrator", group=None)


def tier(east: Team, *, assign: str = "fewest", capacity: int | None = 3) -> Segment:
    draft = segment("large", at_least("employees", 500), care="person", pool=east.key, assign=assign, capacity=capacity)
    return published([draft, segment("rest")], "tier").segments.get(key="large")


def accounts(*arr: int, owner: User | None = None, prefix: str = "A") -> list[Account]:
    found = []
    for number, amount in enumerate(arr):
        one = portfolio.create(name=f"{prefix}{number}", by=None, at=AT)
        know(one, employees=600, arr_minor=amount)
        if owner:
            portfolio.assign(one, part="csm", user=owner, by=None, at=AT)
        found.append(one)
    return found


def placed() -> None:
    from tests.retention.evaluation.facts import evaluate

    evaluate()


def planned(large: Segment, at: dt.datetime = AT) -> dict[str, str]:
    return {one.account.name: one.after.username for one in plan_owners(large, at=at).handovers}


def test_in_turn(two: list[User], east: Team) -> None:
    large = tier(east, assign="round_robin")
    accounts(1, 1, 1, 1)
    placed()
    assert planned(large) == {"A0": "anna", "A1": "ben", "A2": "anna", "A3": "ben"}


def test_who_has_the_fewest(two: list[User], east: Team) -> None:
    large = tier(east)
    accounts(9, 9, owner=two[0], prefix="O")
    accounts(1, 1, 1)
    placed()
    assert planned(large) == {"A0": "ben", "A1": "ben", "A2": "anna"}


def test_who_has_the_least_arr(two: list[User], east: Team) -> None:
    large = tier(east, assign="least_arr", capacity=None)
    accounts(100, owner=two[0], prefix="O")
    accounts(40, 80, 10)
    placed()
    assert planned(large) == {"A0": "ben", "A1": "ben", "A2": "anna"}


def test_nobody_gets_more_than_one_person_can_look_after(two: list[User], east: Team) -> None:
    large = tier(east, capacity=1)
    accounts(1, 2, 3)
    placed()
    plan = plan_owners(large, at=AT)
    assert len(plan.handovers) == 2
    assert [one.name for one in plan.left] == ["A2"]


def test_who_has_too_many_gives_those_with_the_least_arr(two: list[User], east: Team) -> None:
    large = tier(east, capacity=2)
    accounts(50, 10, 90, owner=two[0])
    placed()
    assert [load.is_over for load in loads(large, at=AT)] == [True, False]
    [handover] = plan_owners(large, at=AT).handovers
    assert (handover.account.name, handover.before, handover.after) == ("A1", *two)
    assert handover.because == "Anna Tester has more than 2 accounts"


def test_who_is_away_gets_none(two: list[User], east: Team, boss: User) -> None:
    large = tier(east)
    accounts(1, 1)
    placed()
    absences.announce(two[0], starts_at=AT, ends_at=AT + DAY, stand_in=two[1], by=boss, at=AT)
    assert set(planned(large).values()) == {"ben"}
    assert set(planned(large, AT + DAY).values()) == {"anna", "ben"}


def test_the_plan_is_done_with_an_entry_and_an_event_each(two: list[User], east: Team, boss: User) -> None:
    large = tier(east)
    some = accounts(1, 1)
    placed()
    agreed = {one.account.pk: one.after.pk for one in plan_owners(large, at=AT).handovers}
    assert assign_owners(large, agreed=agreed, by=boss, at=AT) == 2
    assert [holder(one, "csm") for one in some] == two
    assert AccountEvent.objects.filter(kind="account.assigned").count() == 2
    assert AuditEntry.objects.filter(verb="account.assign", actor_id=boss.pk).count() == 2
    assert plan_owners(large, at=AT).handovers == []


def test_a_plan_that_is_no_longer_true_is_not_done(two: list[User], east: Team, boss: User) -> None:
    large = tier(east)
    one, _ = accounts(1, 1)
    placed()
    agreed = {one.account.pk: one.after.pk for one in plan_owners(large, at=AT).handovers}
    portfolio.assign(one, part="csm", user=two[1], by=None, at=AT)
    with pytest.raises(ValidationError, match="have changed since this plan"):
        assign_owners(large, agreed=agreed, by=boss, at=AT)
    assert AccountMember.objects.filter(part="csm").count() == 1


def test_who_may_not_change_all_of_them_changes_none(two: list[User], east: Team, carla: User) -> None:
    large = tier(east)
    accounts(1)
    placed()
    agreed = {one.account.pk: one.after.pk for one in plan_owners(large, at=AT).handovers}
    with pytest.raises(ValidationError, match="not yours to change"):
        assign_owners(large, agreed=agreed, by=carla, at=AT)
    assert not AccountMember.objects.exists()


def test_segments_without_a_pool_belong_to_everybody_who_is_csm(northwind: Account, amelia: User) -> None:
    large = published(SIZE).segments.get(key="large")
    catch_up()
    assert [load.user for load in loads(large, at=AT)] == [amelia]


def test_who_sees_few_accounts_learns_of_no_other_teams_load(two: list[User], east: Team, west: Team) -> None:
    carla = person("carla", role="csm", group=west)
    large = tier(east)
    accounts(50, 60, owner=two[0])
    accounts(70, owner=carla, prefix="B")
    placed()
    assert [(load.user, load.accounts, load.arr_minor) for load in loads(large, at=AT, reader=carla)] == [
        (carla, 1, 70)
    ]
    root = person("root", role="administrator", group=None)
    assert [load.accounts for load in loads(large, at=AT, reader=root)] == [2, 1, 0]


def test_the_plan_says_what_each_account_pays(two: list[User], east: Team) -> None:
    large = tier(east)
    accounts(50)
    placed()
    assert [one.arr_minor for one in plan_owners(large, at=AT).handovers] == [50]
