"""Administrators say for how long data is kept: first what goes, then exactly that."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.foundation.models import AuditEntry
from accounts.idempotency import jobs as answers
from accounts.ingestion import jobs as signals
from accounts.keeping import services
from accounts.keeping.models import KeptPeriod
from accounts.keeping.queries import kept, past
from accounts.keeping.registry import periods
from accounts.outbox import jobs as outbox
from accounts.outbox.models import DeliveryBody
from accounts.outbox.registry import transports
from accounts.team.models import User
from accounts.touches import jobs as touches
from retention.evaluation import fullpass
from retention.evaluation.models import FullPass
from tests.architecture.code import ROOT
from tests.factories.accounts import (
    AT,
    DeliveryBodyFactory,
    FactChangeFactory,
    KeptPeriodFactory,
    PageSessionFactory,
    QuarantinedItemFactory,
    SignalEventFactory,
    SignalPayloadFactory,
    StoredAnswerFactory,
    TouchFactory,
    TouchTextFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def words(channel: str, age: dt.timedelta) -> Any:
    """Words of a message booked so long ago."""
    until = AT - age + transports[channel].keep
    return DeliveryBodyFactory(delivery__channel=channel, delivery__state="done", keep_until=until)


ROWS: dict[str, Any] = {
    "visits": lambda age: VisitFactory(received_at=AT - age),
    "page_sessions": lambda age: PageSessionFactory(ended_at=AT - age),
    "quarantine": lambda age: QuarantinedItemFactory(received_at=AT - age),
    "payloads": lambda age: SignalPayloadFactory(event=SignalEventFactory(at=AT - age, day=(AT - age).date())),
    "answers": lambda age: StoredAnswerFactory(created_at=AT - age),
    "touch_words": lambda age: TouchTextFactory(touch=TouchFactory(happened_at=AT - age)),
    "fact_history": lambda age: FactChangeFactory(at=AT - age, day=(AT - age).date()),
    "full_passes": lambda age: FullPass.objects.create(started_at=AT - age),
    **{f"words_{name}": (lambda age, name=name: words(name, age)) for name in transports},
}
JOBS: dict[str, Any] = {
    "visits": signals.forget,
    "page_sessions": signals.forget,
    "quarantine": signals.forget,
    "payloads": signals.forget,
    "answers": answers.forget,
    "touch_words": touches.forget_words,
    "full_passes": lambda: fullpass.run(at=AT),
    **{f"words_{name}": outbox.forget for name in transports},
}


def test_every_kind_of_data_is_tried_here() -> None:
    assert ROWS.keys() == set(periods)
    assert JOBS.keys() | {"fact_history"} == set(periods), "history is folded, see test_history"


@pytest.mark.parametrize("name", ROWS)
def test_the_usual_period_lies_within_its_bounds(name: str) -> None:
    period = periods[name]
    assert 1 <= period.smallest <= period.days <= period.largest


@pytest.mark.parametrize("name", JOBS)
def test_the_job_deletes_what_the_plan_says_and_nothing_else(name: str) -> None:
    smallest, usual = periods[name].smallest, periods[name].days
    for age in (usual + 1, smallest + 1, smallest + 0.9, smallest - 0.1):
        ROWS[name](age * DAY)
    model = periods[name].older(AT).model
    with time_machine.travel(AT, tick=False):
        plan = services.plan_period(name, days=smallest, at=AT)
        before = model.objects.count()
        services.set_period(name, days=smallest, by=None, at=AT)
        JOBS[name]()
    own = 1 if name == "full_passes" else 0  # the pass that was run just now
    assert (plan.goes, plan.goes_anyway) == (3, 1) if smallest < usual - 1 else plan.goes >= 2
    assert model.objects.count() == before - plan.goes + own


def test_messages_that_still_wait_keep_their_words() -> None:
    DeliveryBodyFactory(delivery__channel="email", keep_until=AT - DAY)
    assert past("words_email", at=AT).count() == 0
    with time_machine.travel(AT, tick=False):
        assert outbox.forget() == 0
    assert DeliveryBody.objects.count() == 1


def test_a_longer_period_keeps_what_would_have_gone() -> None:
    VisitFactory(received_at=AT - 91 * DAY)
    services.set_period("visits", days=120, by=None, at=AT)
    with time_machine.travel(AT, tick=False):
        assert signals.forget() == 0


def test_the_trail_says_from_what_to_what(amelia: User) -> None:
    services.set_period("visits", days=60, by=amelia, at=AT)
    services.set_period("visits", days=30, by=amelia, at=AT)
    told = AuditEntry.objects.filter(verb="period.change").order_by("pk")
    assert [(one.actor_id, one.before, one.after) for one in told] == [
        (amelia.pk, {"days": 90}, {"days": 60}),
        (amelia.pk, {"days": 60}, {"days": 30}),
    ]


@pytest.mark.parametrize("days", [0, -1, 401, 10**9])
def test_what_is_out_of_bounds_is_refused_with_the_bounds(days: int) -> None:
    for verb in (services.plan_period, lambda name, **values: services.set_period(name, by=None, **values)):
        with pytest.raises(ValidationError, match="Choose from 1 to 400 days"):
            verb("visits", days=days, at=AT)
    assert not KeptPeriod.objects.exists()
    assert kept("visits") == 90 * DAY


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(services.UnknownKind, match="There are: "):
        services.set_period("nonsense", days=3, by=None, at=AT)


def test_the_database_keeps_nothing_for_no_time() -> None:
    with pytest.raises(IntegrityError):
        KeptPeriodFactory(name="answers", days=0)


def test_the_guide_lists_every_period() -> None:
    guide = (ROOT / "docs" / "guides" / "administrators.md").read_text()
    for period in periods.values():
        row = f"| {period.label} | {period.days:,} days | {period.smallest:,} to {period.largest:,} |"
        assert row in guide, f"docs/guides/administrators.md lacks: {row}"
