"""Every threshold of the starter's dimensions, on both of its sides, from what was told to the segment."""

import datetime as dt
from typing import Any

import pytest

from accounts.contracts.invoices import InvoiceDraft, save_invoices
from accounts.facts.services import set_custom
from accounts.ingestion.models import Feature
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.workspace import services as workspace
from accounts.workspace.models import Workspace
from retention.segments.drafts import drafts_of
from retention.segments.models import AccountSegment, Dimension
from retention.segments.planning import plan
from tests.accounts.facts.test_projection import used
from tests.retention.evaluation.facts import evaluate, know
from tests.retention.health.book import define_moods, feel, put, retire_shipped, simple
from tests.retention.segments.book import AT, DAY, catch_up, segment_of, sign

pytestmark = pytest.mark.django_db
LONG_AGO = AT.date() - 400 * DAY


@pytest.mark.parametrize(
    ("score", "expected"),
    [(None, "insufficient"), (0, "red"), (49.9, "red"), (50, "amber"), (74.9, "amber"), (75, "green"), (100, "green")],
)
def test_risk(northwind: Account, score: float | None, expected: str) -> None:
    retire_shipped()
    define_moods()
    put(simple(), AT)
    feel(northwind, AT, mood=score)
    assert segment_of(northwind, "risk") == expected


@pytest.mark.parametrize(
    ("employees", "expected"),
    [
        (None, "unknown"),
        (0, "solo"),
        (1, "solo"),
        (2, "smb"),
        (49, "smb"),
        (50, "mid_market"),
        (499, "mid_market"),
        (500, "enterprise"),
    ],
)
def test_company_size(northwind: Account, employees: int | None, expected: str) -> None:
    portfolio.change(northwind, by=None, at=AT, employees=employees)
    assert segment_of(northwind, "company_size") == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (None, "pre_customer"),
        (-1, "pre_customer"),
        (0, "new"),
        (90, "new"),
        (91, "growing"),
        (364, "growing"),
        (365, "mature"),
    ],
)
def test_tenure(northwind: Account, days: int | None, expected: str) -> None:
    if days is not None:
        sign(northwind, 5000, starts_on=AT.date() - days * DAY, days=900)
    assert segment_of(northwind, "tenure") == expected


@pytest.mark.parametrize("use_case", [*Account.UseCase.values, ""])
def test_main_use(northwind: Account, use_case: str) -> None:
    portfolio.change(northwind, by=None, at=AT, use_case=use_case)
    assert segment_of(northwind, "use_case_segment") == (use_case or "unknown")


@pytest.mark.parametrize(
    ("arr", "expected"),
    [(9_999, "low"), (10_000, "mid"), (50_000, "mid"), (50_001, "high"), (None, "unknown")],
)
def test_value_by_arr(northwind: Account, arr: int | None, expected: str) -> None:
    if arr is not None:
        sign(northwind, arr)
    assert segment_of(northwind, "value_by_arr") == expected


def invoiced(account: Account, minor: int) -> None:
    """A recurring invoice of an account: its lifetime value, where there is no contract."""
    billing = workspace.connect_source(key="billing", kind="billing", by=None, at=AT)
    issued = AT.date() - 10 * DAY
    draft = InvoiceDraft("inv-1", account.pk, issued, issued + 30 * DAY, minor, "USD")
    save_invoices([draft], source=billing, by=None, at=AT)


@pytest.mark.parametrize(
    ("minor", "expected"),
    [(99_999, "low"), (100_000, "mid"), (1_000_000, "mid"), (1_000_001, "high"), (None, "unknown")],
)
def test_value(northwind: Account, minor: int | None, expected: str) -> None:
    if minor is not None:
        invoiced(northwind, minor)
    assert segment_of(northwind, "value_segment") == expected


@pytest.mark.parametrize(
    ("profile", "counted", "expected"),
    [
        ("", {}, "unknown"),
        ("simple", {"integrations_planned": 9}, "simple"),
        ("standard", {}, "standard"),
        ("complex", {}, "complex"),
        ("", {"integrations_planned": 3}, "complex"),
        ("", {"integrations_planned": 2, "regions_live": 1, "security_review": False}, "standard"),
        ("", {"integrations_planned": 2, "regions_live": 2, "security_review": False}, "complex"),
        ("", {"integrations_planned": 2, "regions_live": 1, "security_review": True}, "complex"),
        ("", {"integrations_planned": 0, "regions_live": 1, "security_review": False}, "simple"),
        ("", {"integrations_planned": 0, "regions_live": 1}, "unknown"),
    ],
)
def test_complexity(northwind: Account, profile: str, counted: dict[str, Any], expected: str) -> None:
    portfolio.change(northwind, by=None, at=AT, complexity=profile)
    set_custom(northwind, counted, source="crm", at=AT)
    assert segment_of(northwind, "complexity_segment") == expected


def uses(features: int, *, last: float = 1) -> None:
    """So many features in regular use: on two days each, by two people."""
    events = [name for feature in Feature.objects.order_by("key") for name in feature.events][:features]
    used(*((f"p{person}", last + day, event) for person in range(2) for day in range(2) for event in events or ["X"]))


@pytest.mark.parametrize(
    ("features", "expected"),
    [(0, "light"), (2, "light"), (3, "regular"), (7, "regular"), (8, "power")],
)
def test_adoption_of_who_uses_it(northwind: Account, product: Any, features: int, expected: str) -> None:
    for number, feature in enumerate(Feature.objects.order_by("key")):
        feature.events = [f"Event {number}"]
        feature.save()
    uses(features)
    assert segment_of(northwind, "adoption") == expected


def test_adoption_of_an_account_that_no_product_calls_by_an_id(starter: Workspace) -> None:
    account = portfolio.create(name="Fabrikam", by=None, at=AT)
    assert segment_of(account, "adoption") == "not_instrumented"


MINUTE = dt.timedelta(minutes=1)


def test_adoption_ends_after_thirty_days_without_activity(northwind: Account, product: Any) -> None:
    used(("p1", 0))
    assert segment_of(northwind, "adoption") == "light"
    assert segment_of(northwind, "adoption", AT + 30 * DAY - MINUTE) == "light"
    assert segment_of(northwind, "adoption", AT + 30 * DAY) == "inactive"


@pytest.mark.parametrize(("past", "expected"), [(30 * DAY - MINUTE, "not_started"), (30 * DAY, "inactive")])
def test_adoption_of_who_never_began(northwind: Account, past: Any, expected: str) -> None:
    sign(northwind, 5000, signed_at=AT - past)
    assert segment_of(northwind, "adoption") == expected


def test_adoption_of_a_prospect_that_never_began_cannot_be_told(northwind: Account) -> None:
    assert segment_of(northwind, "adoption") == "unknown"


@pytest.mark.parametrize(
    ("employees", "minor", "arr", "expected"),
    [
        (None, None, 0, "free"),
        (900, 1_000_001, 0, "free"),
        (500, None, 1000, "high_touch"),
        (499, None, 1000, "guided"),
        (None, None, 20_000, "high_touch"),
        (None, None, 1000, "guided"),
        (10, None, 999, "scaled"),
        (None, None, 999, "scaled"),
        (900, None, 999, "high_touch"),
    ],
)
def test_service_tier(northwind: Account, employees: int | None, minor: int | None, arr: int, expected: str) -> None:
    portfolio.change(northwind, by=None, at=AT, employees=employees)
    if minor is not None:
        invoiced(northwind, minor)
    if arr:
        sign(northwind, arr, days=364)
    assert segment_of(northwind, "service_tier") == expected


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (None, "outside"),
        ("qualified", "outside"),
        ("closed_won", "onboarding"),
        ("onboarded", "adoption"),
        ("adopted", "value_proof"),
        ("expanded", "value_proof"),
        ("champion", "value_proof"),
        ("renewal", "renewal"),
        ("paused", "outside"),
        ("churned", "outside"),
    ],
)
def test_value_stage(northwind: Account, stage: str | None, expected: str) -> None:
    catch_up()
    know(northwind, stage=stage)
    evaluate()
    assert AccountSegment.objects.get(account=northwind, dimension__key="value_stage").segment.key == expected


def test_every_dimension_takes_everybody_and_none_asks_before_it_is_published_again(starter: Any) -> None:
    for dimension in Dimension.objects.all():
        drafts = drafts_of(dimension.versions.get())
        found = plan(drafts, dimension=dimension, at=AT)
        assert (found.obstacles, found.questions) == ([], []), dimension
