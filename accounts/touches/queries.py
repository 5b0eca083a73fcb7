import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from accounts.foundation.clock import utc_day
from accounts.foundation.many import among
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder, StakeholderRole
from accounts.touches.models import BusinessReview, NextStep, Pulse, SurveyResponse, Touch, TouchAttendee
from accounts.touches.models.survey import NEGATIVE

ENGAGED_WITHIN = 60
"""Days within which two-way contact makes somebody an engaged contact."""
KNOWN, LEFT, MISSING = "known", "left", "missing"


@dataclass(frozen=True)
class Touched:
    """How we are in touch with one account, as of one instant. Nothing known is None; counts are real."""

    last_two_way_touch_at: dt.datetime | None = None
    last_touch_at: dt.datetime | None = None
    in_conversation_at: dt.datetime | None = None
    """The latest touch that says: we are talking, automation should wait."""
    kickoff_held_at: dt.datetime | None = None
    contacts_engaged_60d: int = 0
    """People at the customer with two-way contact."""
    sponsor_last_engaged_at: dt.datetime | None = None
    champion_status: str = MISSING
    """known, left (everybody who was one has gone), missing (nobody ever was one)."""
    last_business_review_at: dt.datetime | None = None
    next_review_planned_for: dt.datetime | None = None
    pulse: str | None = None
    pulse_at: dt.datetime | None = None
    next_step: str | None = None
    next_step_due_on: dt.date | None = None
    next_step_set_at: dt.datetime | None = None
    nps_latest: int | None = None
    nps_at: dt.datetime | None = None
    csat_latest: int | None = None
    negative_feedback_at: dt.datetime | None = None
    """The latest NPS of 6 or less, CSAT of 2 or less, or red pulse."""


@dataclass(frozen=True)
class Due:
    """One contact with an account that somebody promised."""

    account: Account
    what: str
    on: dt.date
    is_review: bool = False


NOBODY = Touched()
"""What is known of an account that nobody was ever in touch with."""


def touches_of(account_ids: Collection[int], *, at: dt.datetime) -> dict[int, Touched]:
    """How we are in touch with each of these accounts at `at`, in the same number of queries for one or many."""
    ids = list(account_ids)
    found: dict[int, dict[str, Any]] = {pk: {} for pk in ids}
    for part in (_contacts, _people, _champions, _sponsors, _reviews, _next_steps, _judgements):
        for pk, values in part(ids, at).items():
            found[pk] |= values
    return {pk: Touched(**values) for pk, values in found.items()}


Parts = Mapping[int, dict[str, Any]]


def _keyed(rows: Iterable[Any]) -> Parts:
    return {row.pop("account"): row for row in rows}


def _contacts(ids: list[int], at: dt.datetime) -> Parts:
    both = Q(is_two_way=True)
    rows = Touch.objects.filter(account__in=among(ids), happened_at__lte=at).order_by().values("account")
    return _keyed(
        rows.annotate(
            last_two_way_touch_at=Max("happened_at", filter=both),
            last_touch_at=Max("happened_at"),
            in_conversation_at=Max("happened_at", filter=Q(in_conversation=True)),
            kickoff_held_at=Min("happened_at", filter=both & Q(purpose=Touch.Purpose.KICKOFF)),
        )
    )


def _people(ids: list[int], at: dt.datetime) -> Parts:
    """Distinct people with two-way contact: today, as far as it has come, and the whole UTC days before it."""
    first = utc_day(at) - dt.timedelta(days=ENGAGED_WITHIN)
    since = dt.datetime.combine(first, dt.time(), dt.UTC)
    rows = TouchAttendee.objects.filter(
        touch__account__in=among(ids), touch__is_two_way=True, touch__happened_at__range=(since, at)
    )
    counted = rows.values("touch__account").annotate(people=Count("stakeholder", distinct=True))
    return {row["touch__account"]: {"contacts_engaged_60d": row["people"]} for row in counted}


def _with_role(ids: list[int], role: str) -> QuerySet[Any]:
    return Stakeholder.objects.filter(account__in=among(ids), roles__role=role).order_by().values("account")


def _champions(ids: list[int], at: dt.datetime) -> Parts:
    here = Q(left_at=None) | Q(left_at__gt=at)
    rows = _with_role(ids, StakeholderRole.Role.CHAMPION).annotate(here=Count("pk", filter=here))
    return {row["account"]: {"champion_status": KNOWN if row["here"] else LEFT} for row in rows}


def _sponsors(ids: list[int], at: dt.datetime) -> Parts:
    rows = _with_role(ids, StakeholderRole.Role.SPONSOR).filter(left_at=None, last_engaged_at__lte=at)
    return _keyed(rows.annotate(sponsor_last_engaged_at=Max("last_engaged_at")))


def _reviews(ids: list[int], at: dt.datetime) -> Parts:
    rows = BusinessReview.objects.filter(account__in=among(ids)).order_by().values("account")
    return _keyed(
        rows.annotate(
            last_business_review_at=Max("held_at", filter=Q(held_at__lte=at)),
            next_review_planned_for=Min("planned_for", filter=Q(state=BusinessReview.State.PLANNED)),
        )
    )


def _next_steps(ids: list[int], at: dt.datetime) -> Parts:
    rows = NextStep.objects.filter(account__in=among(ids), state=NextStep.State.OPEN)
    return {
        row.account_id: {"next_step": row.text, "next_step_due_on": row.due_on, "next_step_set_at": row.set_at}
        for row in rows
    }


def _judgements(ids: list[int], at: dt.datetime) -> Parts:
    """The latest pulse and the latest answer of each kind, and the latest of them that was bad."""
    pulses = Pulse.objects.filter(account=OuterRef("pk"), withdrawn_at=None, set_at__lte=at)
    answers = SurveyResponse.objects.filter(account=OuterRef("pk"), received_at__lte=at)
    nps, csat = (answers.filter(kind=kind) for kind in SurveyResponse.Kind)
    bad = Q()
    for kind, highest in NEGATIVE.items():
        bad |= Q(kind=kind, score__lte=highest)
    red = pulses.filter(value=Pulse.Value.RED)
    rows = Account.objects.filter(pk__in=among(ids)).order_by()
    found = rows.values(account=F("pk")).annotate(
        pulse=_latest(pulses, "value"),
        pulse_at=_latest(pulses, "set_at"),
        nps_latest=_latest(nps, "score"),
        nps_at=_latest(nps, "received_at"),
        csat_latest=_latest(csat, "score"),
        red_at=_latest(red, "set_at"),
        bad_at=_latest(answers.filter(bad), "received_at"),
    )
    parts = _keyed(found)
    for values in parts.values():
        bad_at = [values.pop("red_at"), values.pop("bad_at")]
        values["negative_feedback_at"] = max(filter(None, bad_at), default=None)
    return parts


def _latest(rows: QuerySet[Any], name: str) -> Subquery:
    """One value of the newest of these rows; each model's own order is newest first."""
    return Subquery(rows.values(name)[:1])


def latest_pulse(account: Account) -> Pulse | None:
    """The pulse that counts."""
    return Pulse.objects.filter(account=account, withdrawn_at=None).select_related("set_by").first()


def open_step(account: Account) -> NextStep | None:
    """What is done next for `account`."""
    return NextStep.objects.filter(account=account, state=NextStep.State.OPEN).select_related("set_by").first()


def due(accounts: QuerySet[Any], *, until: dt.date, limit: int) -> list[Due]:
    """Next steps and planned reviews of these accounts that are due by the day `until`, the most overdue first."""
    steps = NextStep.objects.filter(account__in=accounts, state=NextStep.State.OPEN, due_on__lte=until)
    planned = BusinessReview.objects.filter(
        account__in=accounts, state=BusinessReview.State.PLANNED, planned_for__date__lte=until
    )
    found = [Due(row.account, row.text, row.due_on) for row in _first(steps, "due_on", limit) if row.due_on]
    found += [
        Due(row.account, row.get_kind_display(), row.planned_for.date(), is_review=True)
        for row in _first(planned, "planned_for", limit)
    ]
    return sorted(found, key=lambda one: (one.on, one.account.name))[:limit]


def _first(rows: QuerySet[Any], name: str, limit: int) -> QuerySet[Any]:
    return rows.select_related("account").order_by(name, "pk")[:limit]


def with_latest_contact(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Accounts with what lists sort and filter by: `last_contact`, `latest_pulse`, `step_due_on`, `step_set_at`."""
    touches = Touch.objects.filter(account=OuterRef("pk"), is_two_way=True)
    steps = NextStep.objects.filter(account=OuterRef("pk"), state=NextStep.State.OPEN)
    return accounts.annotate(
        last_contact=_latest(touches, "happened_at"),
        latest_pulse=_latest(Pulse.objects.filter(account=OuterRef("pk"), withdrawn_at=None), "value"),
        step_due_on=_latest(steps, "due_on"),
        step_set_at=_latest(steps, "set_at"),
    )
