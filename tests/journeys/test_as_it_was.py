"""What was written down of three accounts on five dates is what the record says later, whatever happened since."""

import datetime as dt
from typing import Any

import pytest

from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from retention.health.models import AccountHealth, HealthScore
from retention.lifecycle.models import AccountStage, Lifecycle, StageChange
from retention.lifecycle.services import publish as publish_lifecycle
from retention.segments.models import AccountSegment, Dimension
from retention.segments.queries import membership
from tests.retention.evaluation.facts import AT, DAY
from tests.retention.health.book import define_moods, feel, put, retire_shipped, simple
from tests.retention.lifecycle.test_stages import WON, stage
from tests.retention.segments.book import SIZE, at_least, catch_up, published, segment, sign

pytestmark = pytest.mark.django_db
DATES = [AT + days * DAY for days in (0, 1, 10, 31, 90)]
DELIGHTED = {"all": [WON, at_least("mood", 85)]}
STAGES = [stage("won", WON), stage("delighted", DELIGHTED)]
Told = dict[str, Any]
State = tuple[str | None, str, float | None, str]
"""Stage, segment, score, band."""

# On each date: what each account tells, and where that puts it.
TOLD: dict[str, list[Told]] = {
    "Adatum": [{"employees": 20, "mood": 80}, {"sign": 5000}, {"mood": 40}, {"employees": 50}, {"mood": 90}],
    "Contoso": [{"sign": 9000, "mood": 95}, {"mood": 84}, {"employees": 700}, {"mood": None}, {"mood": 10}],
    "Tailspin": [{}, {"mood": 50}, {"mood": 49.5}, {"mood": 30, "employees": 49}, {"sign": 100, "mood": 86}],
}
EXPECTED: dict[str, list[State]] = {
    "Adatum": [
        (None, "small", 80, "green"),
        ("won", "small", 80, "green"),
        ("won", "small", 40, "red"),
        ("won", "middle", 40, "red"),
        ("delighted", "middle", 90, "green"),
    ],
    "Contoso": [
        ("delighted", "unknown", 95, "green"),
        ("won", "unknown", 84, "green"),
        ("won", "large", 84, "green"),
        ("won", "large", None, "insufficient"),
        ("won", "large", 10, "red"),
    ],
    "Tailspin": [
        (None, "unknown", None, "insufficient"),
        (None, "unknown", 50, "amber"),
        (None, "unknown", 49.5, "amber"),  # half a point beyond the border, and no three days of it
        (None, "small", 30, "red"),
        ("delighted", "small", 86, "green"),
    ],
}


@pytest.fixture
def accounts(starter: Any) -> dict[str, Account]:
    retire_shipped()
    define_moods()
    Lifecycle.objects.update(is_primary=False)
    at = AT - DAY
    publish_lifecycle(key="main", name="Main", is_primary=True, stages=STAGES, by=None, at=at)
    published(SIZE, at=at)
    put(simple(), at)
    found = {name: portfolio.create(name=name, by=None, at=at) for name in TOLD}
    catch_up(at)
    return found


def tell(account: Account, told: Told, at: dt.datetime) -> None:
    if "sign" in told:
        sign(account, told["sign"], signed_at=at, starts_on=at.date(), days=720)
    if "employees" in told:
        portfolio.change(account, by=None, at=at, employees=told["employees"])
    if "mood" in told:
        feel(account, at, mood=told["mood"])


def now_of(account: Account) -> State:
    """Where the account stands."""
    row = AccountStage.objects.filter(account=account, lifecycle__key="main").select_related("stage").first()
    place = AccountSegment.objects.get(account=account, dimension__key="size")
    health = AccountHealth.objects.get(account=account)
    return (row.stage.key if row and row.stage else None, place.segment.key, health.score, health.band)


def then_of(account: Account, at: dt.datetime) -> State:
    """Where the record says that it stood at the end of that day."""
    until = at.replace(hour=23, minute=59)
    moved = StageChange.objects.filter(account=account, lifecycle__key="main", at__lte=until).first()
    size = membership(Dimension.objects.get(key="size"), as_of=until)[account.pk]
    health = HealthScore.objects.filter(account=account, at__lte=until).first()
    assert health is not None
    return (moved.to_stage.key if moved and moved.to_stage else None, size, health.score, health.band)


def record(accounts: dict[str, Account]) -> dict[str, list[State]]:
    return {name: [then_of(account, at) for at in DATES] for name, account in accounts.items()}


def test_five_dates_of_three_accounts_stay_as_they_were(accounts: dict[str, Account]) -> None:
    for number, at in enumerate(DATES):
        for name, account in accounts.items():
            tell(account, TOLD[name][number], at)
        catch_up(at)
        assert {name: now_of(account) for name, account in accounts.items()} == {
            name: states[number] for name, states in EXPECTED.items()
        }, f"on date {number}"
    assert record(accounts) == EXPECTED

    later = DATES[-1] + 30 * DAY  # everybody turns, and every definition becomes another one
    for account in accounts.values():
        tell(account, {"mood": 1, "employees": 5000}, later)
    catch_up(later)
    assert record(accounts) == EXPECTED
    publish_lifecycle(key="main", name="Main", is_primary=True, stages=STAGES[:1], by=None, at=later + DAY)
    published([segment("huge", at_least("employees", 5000)), segment("rest")], at=later + DAY)
    put(simple(green_from=90), later + DAY)
    catch_up(later + 2 * DAY)
    assert {now_of(account)[:2] for account in accounts.values()} == {("won", "huge")}
    assert record(accounts) == EXPECTED
