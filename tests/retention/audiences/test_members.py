"""Who is in an audience: in SQL for all accounts, and read the other way round for one, with the same answer."""

import datetime as dt
import random
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.facts.lookup import catalogue as facts_catalogue
from accounts.facts.models import AccountFacts
from accounts.portfolio.models import Account
from accounts.privacy import services as privacy
from accounts.privacy.person import Person
from accounts.privacy.searching import Search
from accounts.stakeholders.models import Stakeholder, StakeholderRole, StakeholderTopic
from retention.audiences import judging, queries
from retention.audiences.drafts import AudienceDraft
from retention.audiences.models import Audience
from retention.conditions.check import parse
from retention.conditions.evaluate import compile_closure
from retention.evaluation import counting
from retention.evaluation.known import facts_of
from retention.evaluation.queries import moment
from retention.evaluation.rules import catalogue
from tests.cast import person
from tests.factories import accounts, retention
from tests.retention.evaluation.facts import AT, DAY, know

pytestmark = pytest.mark.django_db
ROLES, TOPICS = StakeholderRole.Role.values, StakeholderTopic.Topic.values
WON = {"fact": "stage", "operator": "equal", "value": "won"}
SOON = {"fact": "decision_date", "operator": "withinNext", "value": {"days": 120}}
SMALL = {"fact": "arr", "operator": "lessThan", "value": 100}
CONDITIONS: list[dict[str, Any] | None] = [
    None,
    WON,
    {"not": WON},
    {"any": [SOON, {"all": [SMALL, {"not": WON}]}]},
    {"fact": "arr", "operator": "isUnknown"},
    {"all": [{"fact": "stage", "operator": "in", "value": []}]},
]


@pytest.fixture
def olga(starter):
    Audience.objects.all().delete()  # those of the starter
    return person("olga", role="operator", group=None)


def somebody(account: Account, *roles: str, topics: tuple[str, ...] = (), email: str = "a@b.example", **values: Any):
    found = accounts.StakeholderFactory(account=account, email=email, **values)
    for role in roles:
        accounts.StakeholderRoleFactory(stakeholder=found, role=role)
    for topic in topics:
        accounts.StakeholderTopicFactory(stakeholder=found, topic=topic)
    return found


def draft(**values: Any) -> AudienceDraft:
    return AudienceDraft("one", "One", **values)


def names(audience: Any, user: Any) -> set[str]:
    return {one.name for one in queries.members(audience, user=user, at=AT)}


def test_one_of_the_roles_and_one_of_the_topics_is_enough_but_both_are_asked(olga):
    account = accounts.AccountFactory()
    somebody(account, "champion", "finance", topics=("events", "training"), name="Both")
    somebody(account, "champion", name="No topic")
    somebody(account, "admin", topics=("events",), name="No role")
    assert names(draft(roles=["champion", "legal"]), olga) == {"Both", "No topic"}
    assert names(draft(topics=["events", "training"]), olga) == {"Both", "No role"}
    assert names(draft(roles=["champion"], topics=["events"]), olga) == {"Both"}
    assert [one.name for one in queries.members(draft(roles=["champion", "finance"]), user=olga, at=AT)].count(
        "Both"
    ) == 1


def test_who_left_is_never_in_it_and_each_is_counted_for_one_reason(olga):
    account = accounts.AccountFactory()
    somebody(account, "champion", name="Here", left_at=AT + DAY)
    somebody(account, "champion", name="Gone", left_at=AT)
    somebody(account, "champion", name="Gone and unreachable", left_at=AT - DAY, email="")
    somebody(account, "champion", name="Unreachable", email="")
    asked = draft(roles=["champion"])
    assert names(asked, olga) == {"Here"}
    size = queries.size(asked, user=olga, at=AT)
    assert (size.people, size.accounts, size.left_out) == (1, 1, {queries.LEFT: 2, queries.NO_EMAIL: 1})
    assert {one.name for one in queries.left_out(asked, queries.LEFT, user=olga, at=AT)} == {
        "Gone",
        "Gone and unreachable",
    }
    met = draft(roles=["champion"], needs_email=False)
    assert names(met, olga) == {"Here", "Unreachable"}
    assert queries.size(met, user=olga, at=AT).left_out == {queries.LEFT: 2}


def test_who_was_erased_is_in_none(olga):
    erased = somebody(accounts.AccountFactory(), "champion")
    privacy.erase(Person(rows={"accounts.Stakeholder": {erased.pk}}), search=Search(), by=None, at=AT)
    asked = draft(roles=["champion"], needs_email=False)
    assert names(asked, olga) == set()
    assert queries.size(asked, user=olga, at=AT).left_out == {queries.LEFT: 1}


def test_accounts_that_nobody_works_with_and_unknown_facts_put_nobody_in(olga):
    won, unknown, archived = (accounts.AccountFactory() for _ in range(3))
    merged = accounts.AccountFactory(merged_into=won)
    archived.archived_at = AT
    archived.save()
    for account in (won, unknown, archived, merged):
        somebody(account, "champion", name=account.name)
        know(account, stage=None if account is unknown else "won")
    somebody(accounts.AccountFactory(), "champion", name="No facts yet")
    assert names(draft(condition=WON), olga) == {won.name}
    assert names(draft(condition={"not": WON}), olga) == set()
    assert names(draft(roles=["champion"]), olga) == {won.name, unknown.name, "No facts yet"}
    size, people = judging.in_time(draft(condition=WON), user=olga, at=AT, most=5)
    assert (size.people, size.unknown, [one.name for one, _ in people]) == (1, 1, [won.name])


def test_everybody_sees_the_members_at_their_own_accounts(northwind, amelia, carla, olga):
    somebody(northwind, "champion", name="Ada")
    somebody(accounts.AccountFactory(), "champion", name="Bob")
    asked = draft(roles=["champion"])
    assert (names(asked, olga), names(asked, amelia), names(asked, carla)) == ({"Ada", "Bob"}, {"Ada"}, set())
    assert [queries.size(asked, user=one, at=AT).people for one in (olga, amelia, carla)] == [2, 1, 0]
    one = retention.AudienceFactory()
    assert judging.audiences_of(northwind, user=carla, at=AT) == {}
    assert [found for found in judging.audiences_of(northwind, user=amelia, at=AT).values()] == [[one]]


def a_book(rng: random.Random) -> None:
    for _ in range(rng.randint(2, 6)):
        account = accounts.AccountFactory(archived_at=AT if rng.random() < 0.1 else None)
        if rng.random() < 0.9:
            due = AT.date() + dt.timedelta(days=rng.choice([-1, 0, 1, 120, 121]))
            know(
                account,
                stage=rng.choice(["won", "adopted", None]),
                arr_minor=rng.choice([99_99, 100_00, None]),
                decision_date=rng.choice([due, None]),
            )
        for _ in range(rng.randint(0, 4)):
            somebody(
                account,
                *rng.sample(ROLES, rng.choice([0, 1, 1, 2])),
                topics=tuple(rng.sample(TOPICS, rng.choice([0, 1, 3]))),
                email=rng.choice(["", "a@b.example", "c@d.example"]),
                left_at=rng.choice([None, None, AT - DAY, AT, AT + dt.timedelta(microseconds=1)]),
            )


def an_audience(rng: random.Random) -> Audience:
    return retention.AudienceFactory(
        roles=rng.sample(ROLES, rng.choice([0, 2, 5])) or (["champion"] if rng.random() < 0.3 else []),
        topics=rng.sample(TOPICS, rng.choice([0, 0, 3])),
        condition=rng.choice(CONDITIONS[1:]) if rng.random() < 0.8 else {"not": {"all": [SOON]}},
        needs_email=rng.random() < 0.7,
    )


def is_meant(one: Audience, who: Stakeholder) -> bool:
    """The definition, spelt out: nothing of it is shared with what is tested but the language of conditions."""
    known = facts_of([who.account_id], {}, currency="EUR").get(who.account_id)
    condition = parse(one.condition, catalogue())
    return (
        known is not None
        and who.account.archived_at is None
        and compile_closure(condition)(known, moment(AT)) is True
        and (not one.roles or bool({row.role for row in who.roles.all()} & set(one.roles)))
        and (not one.topics or bool({row.topic for row in who.topics.all()} & set(one.topics)))
    )


@pytest.mark.parametrize("seed", range(8))
def test_members_are_those_whom_the_definition_means_in_any_book(olga, seed):
    rng = random.Random(seed)
    a_book(rng)
    audiences = [an_audience(rng) for _ in range(12)]
    people = list(Stakeholder.objects.select_related("account").prefetch_related("roles", "topics"))
    read_back: dict[int, set[int]] = {one.pk: set() for one in audiences}
    for account in Account.objects.all():
        for pk, found in judging.audiences_of(account, user=olga, at=AT).items():
            for one in found:
                read_back[one.pk].add(pk)
    sizes = queries.sizes(audiences, user=olga, at=AT)
    for one in audiences:
        meant = [who for who in people if is_meant(one, who)]
        gone = [who for who in meant if who.left_at and who.left_at <= AT]
        mute = [who for who in meant if who not in gone and one.needs_email and not who.email]
        expected = [who for who in meant if who not in gone and who not in mute]
        ids = {who.pk for who in expected}
        assert {who.pk for who in queries.members(one, user=olga, at=AT)} == ids == read_back[one.pk], one.condition
        counted = sizes[one.key]
        assert (counted.people, counted.accounts) == (len(ids), len({who.account_id for who in expected}))
        assert counted.left_out == +Counter({queries.LEFT: len(gone), queries.NO_EMAIL: len(mute)})


def statements(do: Any) -> int:
    with CaptureQueriesContext(connection) as found:
        do()
    return len(found)


def test_many_cost_the_statements_of_few(olga):
    facts_catalogue()

    def costs() -> list[int]:
        asked = list(Audience.objects.all())
        return [
            statements(lambda: queries.sizes(asked, user=olga, at=AT)),
            statements(lambda: queries.size(asked[0], user=olga, at=AT)),
            statements(lambda: judging.in_time(asked[0], user=olga, at=AT, most=50)),
            statements(lambda: judging.audiences_of(Account.objects.first(), user=olga, at=AT)),
        ]

    def grow(count: int) -> None:
        for _ in range(count):
            account = accounts.AccountFactory()
            know(account, stage="won")
            somebody(account, "champion", topics=("events",))
            retention.AudienceFactory(condition=WON)

    grow(2)
    costs()
    few = costs()
    grow(20)
    assert costs() == few
    assert few[:2] == [2, 2], "what day it is here, and the count"


def test_it_says_what_put_somebody_in(olga):
    account = accounts.AccountFactory()
    know(account, stage="closed_won")
    somebody(account, "champion", "finance", topics=("events",))
    asked = draft(
        roles=["champion", "legal"],
        topics=["events"],
        condition={"fact": "stage", "operator": "equal", "value": "closed_won"},
    )
    _, ((_, why),) = judging.in_time(asked, user=olga, at=AT, most=5)
    assert why.startswith("Champion; wants to hear about Events and webinars; Lifecycle stage Closed won")


def test_a_large_book_is_counted_in_pieces_as_far_as_time_goes(olga, monkeypatch):
    monkeypatch.setattr(counting, "CHUNK", 2)
    people = [somebody(accounts.AccountFactory(), "champion", email=email) for email in ("a@b.example", "") * 4]
    asked = draft(roles=["champion"])
    found, first = queries.size_in_time(asked, user=olga, at=AT, examples=3, within_s=60)
    assert (found, first) == (queries.size(asked, user=olga, at=AT), [people[0].pk, people[2].pk, people[4].pk])
    found, first = queries.size_in_time(asked, user=olga, at=AT, examples=3, within_s=-1)
    assert (found.is_whole, found.people, first) == (False, 0, [])


def test_an_audience_whose_fact_is_gone_stops_no_other(olga, northwind):
    somebody(northwind, "champion")
    good = retention.AudienceFactory()
    bad = retention.AudienceFactory(condition={"fact": "no_such_fact", "operator": "isKnown"})
    assert "no_such_fact" in queries.trouble(bad)
    assert queries.sizes([good, bad], user=olga, at=AT).keys() == {good.key}
    assert list(judging.audiences_of(northwind, user=olga, at=AT).values()) == [[good]]
    assert AccountFacts.objects.count() == 0
