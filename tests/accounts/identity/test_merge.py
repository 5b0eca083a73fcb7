"""Two accounts that turned out to be one: nothing is lost, and both names lead to one history."""

import datetime as dt
import random

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.events.timeline import timeline
from accounts.facts import projection
from accounts.facts.models import AccountFacts, FactChange
from accounts.facts.services import FactDraft, define, set_custom
from accounts.foundation.models import AuditEntry
from accounts.foundation.records import OnMerge, Record
from accounts.identity import services as identity
from accounts.identity.merging import joiners, merge, plan_merge, references
from accounts.identity.queries import accounts_called
from accounts.ingestion import ring
from accounts.ingestion.models import AccountActivity, FeatureActivity, UserActivity
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent, AccountMember
from plays.runs.models import Run
from tests.accounts.facts.test_projection import AT, used
from tests.factories import factory_of
from tests.factories.accounts import AccountFactory, ContractFactory, StakeholderFactory, UserFactory
from tests.factories.plays import RunFactory
from tests.factories.retention import WorkItemFactory

DAY = dt.timedelta(days=1)


@pytest.fixture
def twin(product, northwind):
    account = portfolio.create(name="Northwind Trading", industry="Food", goals="Fewer lists", by=None, at=AT)
    identity.link(account, source=product, value="acct-43", by=None, at=AT)
    return account


def test_every_foreign_key_to_account_says_what_a_merge_does():
    for one in references():
        assert one.rule in OnMerge
        assert one.rule is not OnMerge.UNION or one.model._meta.label in joiners, f"{one.model} has no joiner"
    declared = {model for model in Record.__subclasses__() if model.MERGE}
    assert {one.model for one in references()} >= {model for model in declared if not model._meta.abstract}


@pytest.mark.parametrize("seed", range(4))
def test_no_row_is_lost(northwind, twin, seed):
    rng = random.Random(seed)
    moved = [one for one in references() if one.rule is OnMerge.MOVE and one.model is not Account]
    before = {}
    for one in moved:
        made = factory_of(one.model)
        for account in (northwind, twin):
            made.create_batch(rng.randrange(3), **{one.name: account})
        both = one.model._base_manager.filter(**{f"{one.name}__in": [northwind.pk, twin.pk]})
        before[one] = {row.pk for row in both}
    merge(twin, into=northwind, by=None, at=AT)
    for one, ids in before.items():
        assert not one.rows(twin).exists()
        assert {row.pk for row in one.rows(northwind)} >= ids, one.model


def test_both_ids_and_both_keys_lead_to_one_account(product, northwind, twin, client, olga):
    merge(twin, into=northwind, by=None, at=AT)
    assert set(accounts_called(["acct-42", "acct-43"], source=product).values()) == {northwind.pk}
    assert Account.objects.called(twin.key).get() == Account.objects.called(northwind.key).get() == northwind
    client.force_login(olga)
    answer = client.get(reverse("admin:accounts_account_change", args=[twin.pk]), follow=True)
    assert answer.redirect_chain == [(reverse("admin:accounts_account_change", args=[northwind.pk]), 302)]
    assert "turned out to be" in answer.content.decode()


def test_signals_of_both_become_one_use(northwind, twin, product):
    used(("ada", 1), ("ada", 2), ("bob", 3), group="acct-42")
    used(("ada", 2), ("ada", 4), ("zoe", 1), group="acct-43")
    merge(twin, into=northwind, by=None, at=AT)
    used(("eve", 0), group="acct-43")
    while projection.project_dirty(at=AT):
        pass
    row = AccountFacts.objects.get(account=northwind)
    assert row.active_users_30d == 4
    assert row.features_used_30d == 1
    assert not AccountFacts.objects.filter(account=twin).exists()
    daily = AccountActivity.objects.get(account=northwind)
    rings = [ring.Ring(one.last_day, one.word_0) for one in UserActivity.objects.filter(account=northwind)]
    days = range(daily.daily_until, daily.daily_until - len(daily.daily), -1)
    assert daily.daily == [sum(ring.days_between(one, day, day) for one in rings) for day in days]
    assert projection.differences(at=AT) == {}


def test_the_history_of_both_is_one_timeline(northwind, twin, olga):
    merge(twin, into=northwind, by=olga, at=AT)
    told = [entry.sentence for entry in timeline(northwind, user=olga)]
    assert told.count("Account created") == 2
    assert "Northwind Trading turned out to be the same account" in told
    entry = AuditEntry.objects.get(verb="account.merge")
    assert entry.after["merged_into"] == northwind.pk


def test_what_the_profile_lacks_is_taken_over_and_the_rest_stays(northwind, twin):
    portfolio.change(northwind, by=None, at=AT, industry="Retail", goals="")
    merged = merge(twin, into=northwind, by=None, at=AT)
    assert (merged.industry, merged.goals) == ("Retail", "Fewer lists")


def test_a_custom_fact_that_only_one_knows_is_kept(northwind, twin):
    define(FactDraft("seats", "Seats", "number", "Seats in use."), by=None, at=AT)
    define(FactDraft("plan", "Plan", "text", "Their plan."), by=None, at=AT)
    set_custom(northwind, {"plan": "team"}, source="warehouse", at=AT)
    set_custom(twin, {"plan": "free", "seats": 7}, source="warehouse", at=AT)
    merge(twin, into=northwind, by=None, at=AT)
    assert AccountFacts.objects.get(account=northwind).custom == {"plan": "team", "seats": 7}


def test_the_team_of_the_account_that_stays_wins(northwind, twin):
    amelia, bruno = UserFactory(), UserFactory()
    portfolio.assign(northwind, part="csm", user=amelia, by=None, at=AT)
    portfolio.assign(twin, part="csm", user=bruno, by=None, at=AT)
    portfolio.assign(twin, part="ae", user=bruno, by=None, at=AT)
    merge(twin, into=northwind, by=None, at=AT)
    members = AccountMember.objects.filter(account=northwind).values_list("part", "user")
    assert set(members) == {("csm", amelia.pk), ("ae", bruno.pk)}
    assert not AccountMember.objects.filter(account=twin).exists()


def test_what_stood_below_one_stands_below_the_other(northwind, twin):
    child = portfolio.create(name="Northwind Nordic", parent=twin, by=None, at=AT)
    northwind = portfolio.change(northwind, by=None, at=AT, parent=twin)
    merged = merge(twin, into=northwind, by=None, at=AT)
    assert merged.parent is None
    child.refresh_from_db()
    assert (child.parent_id, child.root_id) == (merged.pk, merged.pk)


def test_a_hierarchy_that_would_be_too_deep_is_foreseen(northwind, twin):
    below, above = twin, None
    for level in range(3):
        below = portfolio.create(name=f"Below {level}", parent=below, by=None, at=AT)
        above = portfolio.create(name=f"Above {level}", parent=above, by=None, at=AT)
    northwind = portfolio.change(northwind, by=None, at=AT, parent=above.parent.parent)
    assert plan_merge(twin, into=northwind).obstacles == []
    northwind = portfolio.change(northwind, by=None, at=AT, parent=above)
    [obstacle] = plan_merge(twin, into=northwind).obstacles
    assert "7 deep" in obstacle
    with pytest.raises(ValidationError, match="7 deep"):
        merge(twin, into=northwind, by=None, at=AT)


def test_what_was_known_under_the_old_name_stays_there(northwind, twin):
    used(("ada", 1), group="acct-43")
    projection.project_dirty(at=AT)
    known = FactChange.objects.filter(account=twin).count()
    merge(twin, into=northwind, by=None, at=AT)
    assert known
    assert FactChange.objects.filter(account=twin).count() == known


def test_an_account_is_not_merged_into_itself_or_into_one_that_is_gone(northwind, twin):
    with pytest.raises(ValidationError, match="same account"):
        merge(northwind, into=northwind, by=None, at=AT)
    merge(twin, into=northwind, by=None, at=AT)
    with pytest.raises(ValidationError, match="was merged into"):
        merge(northwind, into=twin, by=None, at=AT)
    third = AccountFactory()
    merge(northwind, into=third, by=None, at=AT)
    assert Account.objects.called(twin.key).get() == third


def test_two_runs_of_one_play_are_in_the_way(northwind, twin):
    run = RunFactory(account=northwind)
    RunFactory(account=twin, play=run.play)
    plan = plan_merge(twin, into=northwind)
    assert plan.obstacles == [f"The play {run.play.name} is running for both; finish its work for one of them first."]
    with pytest.raises(ValidationError):
        merge(twin, into=northwind, by=None, at=AT)
    assert Run.objects.filter(account=twin).exists()
    assert not AccountEvent.objects.filter(kind="account.merged").exists()


def test_the_plan_says_what_the_merge_does(northwind, twin):
    ContractFactory.create_batch(2, account=twin)
    StakeholderFactory(account=twin)
    WorkItemFactory(account=twin)
    plan = plan_merge(twin, into=northwind)
    moved = plan.counts[OnMerge.MOVE]
    assert (moved["contracts"], moved["stakeholders"], moved["work items"]) == (2, 1, 1)
    assert plan.completed == {"industry": "Food", "goals": "Fewer lists"}
    assert FeatureActivity.objects.count() == 0


def test_a_person_finds_the_twin_sees_the_plan_and_merges(client, olga, northwind, twin):
    client.force_login(olga)
    address = reverse("admin:accounts_account_merge", args=[twin.pk])
    assert "Northwind Traders" in client.get(address).content.decode(), "it looks like the same company"
    assert "No account of yours" in client.get(address, {"q": "nobody at all"}).content.decode()
    plan = client.get(address, {"into": northwind.pk}).content.decode()
    assert "takes over what its profile lacks: goals, industry" in plan or "industry, goals" in plan
    assert client.post(address, {"into": northwind.pk}).status_code == 302
    assert Account.objects.get(pk=twin.pk).merged_into_id == northwind.pk
    assert client.post(address, {"into": "x"}).status_code == 404


def test_a_plan_that_is_refused_shows_all_the_same_what_would_happen(client, olga, northwind, twin):
    run = RunFactory(account=northwind)
    RunFactory(account=twin, play=run.play)
    ContractFactory.create_batch(2, account=twin)
    client.force_login(olga)
    address = reverse("admin:accounts_account_merge", args=[twin.pk])
    page = " ".join(client.get(address, {"into": northwind.pk}).content.decode().split())
    assert "is running for both" in page
    assert "Contracts 2" in page
    assert "A merge cannot be undone" not in page, "there is no button"


def test_nobody_merges_what_is_not_theirs(client, carla, amelia, northwind, twin):
    client.force_login(carla)
    assert client.get(reverse("admin:accounts_account_merge", args=[northwind.pk])).status_code == 404
    client.force_login(amelia)
    portfolio.assign(twin, part="csm", user=carla, by=None, at=AT)
    address = reverse("admin:accounts_account_merge", args=[northwind.pk])
    assert client.post(address, {"into": twin.pk}).status_code == 404
    assert Account.objects.get(pk=northwind.pk).merged_into_id is None


def test_what_was_changed_under_the_old_name_stands_in_the_history(client, olga, northwind, twin):
    portfolio.change(twin, by=olga, at=AT, region="Nordics")
    merge(twin, into=northwind, by=olga, at=AT)
    client.force_login(olga)
    page = client.get(reverse("admin:accounts_account_change", args=[northwind.pk]) + "?tab=history").content.decode()
    assert "Region" in page
    assert "Nordics" in page
