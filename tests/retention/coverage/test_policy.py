"""What the coverage policy asks of an account, on either side of each border, and what of it becomes a fact."""

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.events.models import DirtyAccount
from accounts.facts import aging, projection
from accounts.facts.models import AccountFacts
from accounts.foundation.models import AuditEntry
from accounts.stakeholders import services as stakeholders
from accounts.touches import services as touches
from retention.coverage.assessing import Policy
from retention.coverage.models import CoveragePolicyVersion
from retention.coverage.policy import LineDraft, PolicyDraft, RoleDraft, draft_of, in_force, publish
from retention.coverage.queries import committee_of
from tests.factories import accounts

AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
FIRST = dt.datetime(2026, 4, 16, tzinfo=dt.UTC)
"""The first instant of the 60 whole days before AT."""
BY_USE = PolicyDraft("use_case", [LineDraft(roles=[RoleDraft("champion"), RoleDraft("admin")], people=2)])


def settle(at=AT):
    while projection.project_dirty(at=at) or aging.project_aged(at=at):
        pass


def facts(account, at=AT):
    settle(at)
    row = AccountFacts.objects.get(account=account)
    kept = row.custom
    return kept.get("committee_coverage_share"), kept.get("committee_roles_missing"), row.single_threaded


def somebody(account, *roles, **values):
    return stakeholders.add(account, name="Ada", roles=roles, by=None, at=AT, **values)


def spoke(account, person, at):
    touches.log(account, kind="call", happened_at=at, stakeholders=[person], by=None, at=AT)


@pytest.mark.parametrize(
    ("segment", "stage", "people"), [("a", "x", 1), ("a", "y", 2), ("b", "x", 3), ("b", "y", 4), ("", "", 4)]
)
def test_the_most_specific_line_counts(segment, stage, people):
    lines = [LineDraft(people=4), LineDraft("", "x", people=3), LineDraft("a", people=2), LineDraft("a", "x", people=1)]
    assert Policy(PolicyDraft("use_case", lines)).line(segment, stage).people == people
    assert Policy(PolicyDraft("use_case", lines[3:])).line("a", "y") is None


@pytest.mark.django_db
def test_roles_are_covered_one_by_one_and_nothing_is_known_before_somebody_is(account):
    assert facts(account) == (None, None, None)
    publish(BY_USE, by=None, at=AT)
    assert facts(account) == (None, None, None)
    champion = somebody(account, "champion")
    assert facts(account) == (0.5, ["admin"], True)
    assert DirtyAccount.objects.filter(what=DirtyAccount.Pass.FACTS).count() == 0
    stakeholders.change(champion, roles=["champion", "admin"], by=None, at=AT)
    assert facts(account) == (1, [], True)
    stakeholders.change(champion, left_at=AT - DAY, by=None, at=AT)
    assert facts(account) == (0, ["champion", "admin"], True)


@pytest.mark.django_db
@pytest.mark.parametrize(("second", "is_single"), [(FIRST, False), (FIRST - dt.timedelta(seconds=1), True)])
def test_single_threaded_is_fewer_engaged_people_than_asked_for(account, second, is_single):
    publish(BY_USE, by=None, at=AT)
    for moment in (AT - DAY, second):
        spoke(account, somebody(account, "champion", "admin"), moment)
    assert facts(account) == (1, [], is_single)
    publish(replace(BY_USE, lines=[replace(BY_USE.lines[0], people=None)]), by=None, at=AT + DAY)
    assert facts(account, AT + 2 * DAY)[2] is None


@pytest.mark.django_db
def test_a_role_may_have_to_be_engaged_several_times_over_and_only_for_some(account):
    roles = [
        RoleDraft("champion", engaged_days=60),
        RoleDraft("admin", people=2),
        RoleDraft("security", only_fact="region", only_value="emea"),
    ]
    publish(PolicyDraft("use_case", [LineDraft(roles=roles)]), by=None, at=AT)
    quiet, loud = somebody(account, "champion", "admin"), somebody(account, "champion")
    spoke(account, quiet, FIRST - DAY)
    assert facts(account) == (0, ["champion", "admin"], None)
    spoke(account, loud, FIRST)
    stakeholders.change(loud, roles=["champion", "admin"], by=None, at=AT)
    assert facts(account) == (1, [], None)
    account.region = "emea"
    account.save()
    projection.rebuild(at=AT)
    assert facts(account)[1] == ["security"]
    assert [(one.asked.role, one.known, one.engaged) for one in committee_of(account, at=AT)[1].roles] == [
        ("champion", 2, 1),
        ("admin", 2, 0),
        ("security", 0, 0),
    ]


@pytest.mark.django_db
def test_a_version_is_written_only_where_it_differs_and_moves_nobody_loudly(account):
    somebody(account, "champion")
    settle()
    first = publish(BY_USE, by=None, at=AT)
    assert draft_of(in_force()) == BY_USE
    before = AuditEntry.objects.count()
    assert publish(BY_USE, by=None, at=AT + DAY) == first
    assert AuditEntry.objects.count() == before
    settle(AT + DAY)
    marks = DirtyAccount.objects.filter(what=DirtyAccount.Pass.VERDICTS, account=account)
    publish(PolicyDraft("use_case", [LineDraft(roles=[RoleDraft("finance")])]), by=None, at=AT + 2 * DAY)
    marks.delete()
    settle(AT + 2 * DAY + dt.timedelta(minutes=1))
    assert set(marks.values_list("cause", flat=True)) == {projection.BY_RULE}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("draft", "place"),
    [
        (replace(BY_USE, segments_by="mood"), "segments_by"),
        (replace(BY_USE, segments_by="employees"), "segments_by"),
        (replace(BY_USE, segments_by="icp_fit_band"), "segments_by"),
        (replace(BY_USE, lines=[]), "lines"),
        (replace(BY_USE, lines=[LineDraft(), LineDraft()]), "lines[1]"),
        (replace(BY_USE, lines=[LineDraft(segment="No key")]), "lines[0].segment"),
        (replace(BY_USE, lines=[LineDraft(within_days=366)]), "lines[0].within_days"),
        (replace(BY_USE, lines=[LineDraft(people=0)]), "lines[0].people"),
        (replace(BY_USE, lines=[LineDraft(roles=[RoleDraft("king")])]), "lines[0].roles[0].role"),
        (replace(BY_USE, lines=[LineDraft(roles=[RoleDraft("admin")] * 2)]), "lines[0].roles[1].role"),
        (replace(BY_USE, lines=[LineDraft(roles=[RoleDraft("admin", people=51)])]), "lines[0].roles[0].people"),
        (
            replace(BY_USE, lines=[LineDraft(roles=[RoleDraft("admin", only_fact="region")])]),
            "lines[0].roles[0].only_fact",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(draft, place):
    with pytest.raises(ValidationError) as refused:
        publish(draft, by=None, at=AT)
    assert list(refused.value.message_dict) == [place]
    assert not CoveragePolicyVersion.objects.exists()


@pytest.mark.django_db
def test_a_segment_that_its_dimension_does_not_have_is_refused(starter):
    for line, place in ((LineDraft("gold"), "segment"), (LineDraft("", "honeymoon"), "stage")):
        with pytest.raises(ValidationError) as refused:
            publish(PolicyDraft("service_tier", [line]), by=None, at=AT)
        assert list(refused.value.message_dict) == [f"lines[0].{place}"]
    assert in_force().number == 1


@pytest.mark.django_db
def test_the_starter_asks_for_what_its_guide_says(starter):
    policy = Policy(draft_of(in_force()))
    high = policy.line("high_touch", "renewal")
    assert [(one.role, one.engaged_days, one.only_value) for one in high.roles] == [
        ("champion", 60, ""),
        ("executive_sponsor", 60, ""),
        ("admin", 60, ""),
        ("finance", 60, ""),
        ("security", 60, "enterprise"),
    ]
    assert (high.people, high.within_days) == (2, 60)
    assert {one.role for one in policy.line("scaled", "renewal").roles} == {"admin", "finance"}
    assert [policy.line(tier, "adopted").people for tier in ("guided", "scaled", "free")] == [2, None, None]


@pytest.mark.django_db
def test_many_accounts_cost_the_queries_of_one(account):
    publish(BY_USE, by=None, at=AT)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            projection.rebuild(at=AT)
        return len(queries)

    somebody(account, "champion")
    projection.rebuild(at=AT)
    few = cost()
    for one in accounts.AccountFactory.create_batch(20):
        somebody(one, "champion")
    projection.rebuild(at=AT)
    assert cost() == few


@pytest.fixture
def account():
    found = accounts.AccountFactory(region="")
    DirtyAccount.objects.create(account=found, what=DirtyAccount.Pass.FACTS, at=AT)
    return found
