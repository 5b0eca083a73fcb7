"""Who sees which rows: own, the team's, all, nothing."""

import pytest

from accounts.foundation.models import AuditEntry
from accounts.foundation.scope import define_ownership
from accounts.portfolio.models import Account
from accounts.team.models import Role, User
from accounts.workspace.models import Source
from retention.work import services as work
from retention.work.models import WorkItem
from tests.factories.accounts import (
    AT,
    AccountFactory,
    AccountMemberFactory,
    AuditEntryFactory,
    GrantFactory,
    RoleFactory,
    SourceFactory,
    StakeholderFactory,
    TeamFactory,
    UserFactory,
)
from tests.factories.retention import WorkItemFactory

pytestmark = pytest.mark.django_db


def somebody(reach: str | None, *, area: str = "accounts", team=None, **values) -> User:
    role: Role = RoleFactory()
    if reach:
        GrantFactory(role=role, area=area, reach=reach)
    return UserFactory(role=role, team=team, **values)


@pytest.fixture
def east():
    return TeamFactory()


@pytest.fixture
def accounts(east):
    """Name → account: one of hers, one of her colleague's, one of another team's, one of nobody's."""
    found = {name: AccountFactory(name=name) for name in ("hers", "colleague", "other", "vacant")}
    AccountMemberFactory(account=found["colleague"], user=UserFactory(team=east), part="csm")
    AccountMemberFactory(account=found["colleague"], user=UserFactory(team=east), part="ae")
    AccountMemberFactory(account=found["other"], user=UserFactory(team=TeamFactory()))
    return found


def seen_by(user: User) -> set[str]:
    return set(Account.objects.for_user(user).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("reach", "names"),
    [
        ("own", {"hers"}),
        ("team", {"hers", "colleague"}),
        ("all", {"hers", "colleague", "other", "vacant"}),
        (None, set()),
    ],
)
def test_accounts(reach, names, accounts, east):
    user = somebody(reach, team=east)
    AccountMemberFactory(account=accounts["hers"], user=user)
    assert seen_by(user) == names


def test_the_reach_of_a_team_without_a_team_is_ones_own(accounts):
    """Those who have no team are not each other's."""
    user = somebody("team")
    AccountMemberFactory(account=accounts["hers"], user=user)
    AccountMemberFactory(account=accounts["vacant"], user=UserFactory())
    assert seen_by(user) == {"hers"}


def test_work_of_those_who_have_no_team_is_their_own(accounts):
    user = somebody("team", area="work")
    mine = WorkItemFactory(account=accounts["other"], assignee=user)
    WorkItemFactory(account=accounts["hers"], assignee=UserFactory())
    assert list(WorkItem.objects.for_user(user)) == [mine]


def test_a_row_counts_once_however_many_of_the_team_are_on_it(accounts, east):
    assert Account.objects.for_user(somebody("team", team=east)).count() == 1


def test_what_hangs_on_an_account_is_seen_with_it(accounts, east):
    user = somebody("own", team=east)
    AccountMemberFactory(account=accounts["hers"], user=user)
    mine = StakeholderFactory(account=accounts["hers"])
    StakeholderFactory(account=accounts["other"])
    assert list(type(mine).objects.for_user(user)) == [mine]


def test_work_is_seen_by_whoever_has_to_do_it(accounts, east):
    user = somebody("own", area="work", team=east)
    mine = WorkItemFactory(account=accounts["other"], assignee=user)
    WorkItemFactory(account=accounts["hers"], assignee=UserFactory(team=east))
    assert list(WorkItem.objects.for_user(user)) == [mine]


def test_the_account_of_open_work_is_seen_until_the_work_is_closed(accounts, east):
    user = somebody("own", team=east)
    item = WorkItemFactory(account=accounts["other"], assignee=user)
    assert list(Account.objects.for_user(user)) == [accounts["other"]]
    work.close(item, outcome="done", by=user, at=AT)
    assert not Account.objects.for_user(user).exists()


def test_work_of_the_team_is_seen_by_its_manager(accounts, east):
    manager = somebody("team", area="work", team=east)
    theirs = WorkItemFactory(account=accounts["other"], assignee=UserFactory(team=east))
    WorkItemFactory(account=accounts["other"], assignee=UserFactory(team=TeamFactory()))
    assert list(WorkItem.objects.for_user(manager)) == [theirs]


def test_what_belongs_to_no_account_is_seen_by_who_reaches_all(east):
    SourceFactory()
    AuditEntryFactory()
    assert not Source.objects.for_user(somebody("team", area="signals", team=east)).exists()
    assert Source.objects.for_user(somebody("all", area="signals")).exists()
    assert AuditEntry.objects.for_user(somebody("all", area="audit")).exists()


def test_a_grant_speaks_of_its_own_area_only(accounts):
    assert seen_by(somebody("all", area="work")) == set()


def test_who_left_sees_nothing(accounts):
    assert seen_by(somebody("all", is_active=False)) == set()
    assert seen_by(UserFactory(is_superuser=True, is_active=False)) == set()


def test_without_a_role_one_sees_nothing_and_a_superuser_everything(accounts):
    assert seen_by(UserFactory()) == set()
    assert len(seen_by(UserFactory(is_superuser=True))) == 4


def test_the_scope_is_part_of_the_one_query(accounts, east, django_assert_num_queries):
    user = somebody("team", team=east)
    assert (user.reach("accounts"), user.covered) == ("team", ())  # read once per request
    with django_assert_num_queries(1):
        list(Account.objects.for_user(user))


def test_ownership_is_defined_once():
    with pytest.raises(RuntimeError, match="once"):
        define_ownership(lambda user, reach: Account.objects.all())
