"""Facts about use, held against a plain count over everything that was ever sent."""

import datetime as dt
import random
from collections import defaultdict
from statistics import median

import pytest

from accounts.facts.models import AccountFacts
from accounts.identity import services as identity
from accounts.ingestion.models import Feature
from accounts.portfolio import services as portfolio
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source
from tests.accounts.facts.test_projection import AT, DAY, facts_of, people, project, used

EVENTS = {"Report Viewed": "core", "Alert Created": "core", "Workflow Run": "advanced", "Nothing Mapped": None}
TODAY = AT.date()


def share(now, before, least):
    return pytest.approx(now / before - 1) if before >= least else None


def counted(uses):
    """The facts as a patient person would count them: (user, day, event) of one account."""
    days = defaultdict(set)
    for user, day, _ in uses:
        days[user].add((TODAY - day).days)

    def seen(first, last):
        return {user for user, found in days.items() if any(first <= back <= last for back in found)}

    def in_use(tier):
        found = 0
        for event, of in EVENTS.items():
            mine = [(user, (TODAY - day).days) for user, day, name in uses if name == event]
            on = {back for _, back in mine if back <= 30}
            by = {user for user, back in mine if back <= 30}
            found += of == tier and len(on) >= 2 and (len(by) >= 2 or len(seen(0, 30)) < 10)
        return found

    by_day = defaultdict(int)
    for found in days.values():
        for back in found:
            by_day[back] += 1
    now, before = seen(0, 30), seen(31, 60)
    lately, earlier = (sum(by_day[back] for back in span) for span in (range(1, 31), range(31, 61)))
    return {
        "active_users_7d": len(seen(0, 7)),
        "active_users_30d": len(now),
        "active_users_90d": len(seen(0, 90)),
        "active_users_change_30d": share(len(now), len(before), 5),
        "users_lost_30d_share": pytest.approx(len(before - now) / len(before)) if len(before) >= 5 else None,
        "usage_change_30d": share(lately, earlier, 20),
        "weekly_signin_days": sum(1 for back in range(1, 29) if by_day[back]) / 4,
        "core_features_used_30d": in_use("core"),
        "advanced_features_used_30d": in_use("advanced"),
        "features_used_30d": in_use("core") + in_use("advanced"),
    }


@pytest.mark.parametrize("seed", range(5))
def test_use_is_what_a_patient_count_says(product, northwind, seed):
    rng = random.Random(seed)
    Feature.objects.filter(key="workflows").update(events=["Workflow Run"])
    accounts = {"acct-42": northwind}
    for number in range(2):
        account = portfolio.create(name=f"Other {number}", by=None, at=AT)
        identity.link(account, source=product, value=f"other-{number}", by=None, at=AT)
        accounts[f"other-{number}"] = account
    sent = defaultdict(list)
    for _ in range(6):  # late ones among them
        for group in accounts:
            some = [
                (f"{group}-{rng.randrange(14)}", rng.randrange(100), rng.choice(list(EVENTS)))
                for _ in range(rng.randrange(1, 25))
            ]
            sent[group] += [(user, TODAY - days * DAY, event) for user, days, event in some]
            used(*some, group=group)
    project()
    for group, account in accounts.items():
        row = AccountFacts.objects.get(account=account)
        expected = counted(sent[group])
        assert {key: getattr(row, key) for key in expected} == expected


def weeks(*users_a_day):
    """So many people on every day of each of the weeks before the present one, oldest first."""
    monday = TODAY - dt.timedelta(days=TODAY.weekday())
    found = []
    for place, count in enumerate(users_a_day):
        start = monday - 7 * DAY * (len(users_a_day) - place)
        for day in range(7):
            found += people(count, (TODAY - start).days - day)
    return found


@pytest.mark.parametrize(
    ("users", "spiked"),
    [
        ([4, 4, 4, 4, 4, 4, 4, 4, 6], 0),
        ([4, 4, 4, 4, 4, 4, 4, 4, 5], None),
        ([2, 2, 2, 2, 2, 2, 2, 2, 4], None),
        ([4, 4, 4, 4, 4, 4, 4, 4, 6, 4], 1),
        ([4, 4, 4, 4, 6], None),
    ],
)
def test_a_spike_is_a_week_well_above_the_eight_before_it(northwind, users, spiked):
    assert spiked is None or users[-1 - spiked] >= 1.5 * median(users[-9 - spiked : -1 - spiked])
    used(*weeks(*users))
    monday = TODAY - dt.timedelta(days=TODAY.weekday())
    expected = None if spiked is None else monday - 7 * DAY * spiked
    found = facts_of(northwind).usage_spike_at
    assert (found.date() if found else None) == expected


def test_roles_and_teams_are_unknown_until_somebody_has_one(northwind):
    used(("ada", 1), ("bob", 2), ("zoe", 40))
    row = facts_of(northwind)
    assert (row.roles_active_30d, row.teams_active_30d) == (None, None)
    ProductUser.objects.filter(external_id__in=["ada", "bob"]).update(role="admin", team="ops")
    ProductUser.objects.filter(external_id="zoe").update(role="finance", team="hq")
    used(("eve", 0))
    row = facts_of(northwind)
    assert (row.roles_active_30d, row.teams_active_30d) == (1, 1)


def test_a_silent_source_is_told_to_all_its_accounts_in_steps_and_to_no_others(product, northwind, monkeypatch):
    monkeypatch.setattr("accounts.facts.aging.BATCH", 2)
    others = []
    for number in range(4):
        account = portfolio.create(name=f"Other {number}", by=None, at=AT)
        identity.link(account, source=product, value=f"other-{number}", by=None, at=AT)
        used((f"ada {number}", 1), group=f"other-{number}")
        others.append(account)
    project()
    Source.objects.update(stale_after_hours=2)
    silent = AT + dt.timedelta(hours=3)
    project(silent)
    rows = AccountFacts.objects.filter(account__in=others)
    assert {row.active_users_30d for row in rows} == {None}
    assert {row.projected_at for row in rows} == {silent}
    assert AccountFacts.objects.filter(pk=northwind.pk, projected_at=silent).count() == 1, "linked, so it hears of it"
    used(("eve", 0), group="other-0", at=silent)
    project(silent)
    assert sorted(rows.values_list("active_users_30d", flat=True)) == [1, 1, 1, 2]
