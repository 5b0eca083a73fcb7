import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.foundation import audit, many
from accounts.keeping.queries import past
from accounts.keeping.registry import Period, periods
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.stakeholders import services as stakeholder_services
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from accounts.touches.models import Touch, TouchAttendee, TouchText

OWN_FOR = dt.timedelta(days=1)
"""How long whoever made an entry may take it back."""


@transaction.atomic
def log(
    account: Account,
    *,
    kind: str,
    by: Any,
    at: dt.datetime,
    happened_at: dt.datetime | None = None,
    text: str = "",
    stakeholders: Iterable[Stakeholder] = (),
    colleagues: Iterable[User] = (),
    is_two_way: bool | None = None,
    **values: Any,
) -> Touch:
    """A touch of `account`; `values` are further fields of Touch.

    Where nobody says whether it went both ways, calls, meetings and e-mails from them did.
    """
    people, others = list(stakeholders), list(colleagues)
    must_belong(people, account)
    touch = Touch(account=account, kind=kind, happened_at=happened_at or at, recorded_at=at, logged_by=by, **values)
    touch.is_two_way = goes_both_ways(kind, touch.direction) if is_two_way is None else is_two_way
    must_have_happened(touch, at=at)
    touch.full_clean()
    audit.create(touch, verb="touch.log", by=by, at=at)
    if text.strip():
        _write(touch, text, by=by, at=at)
    _attend(touch, people, others)
    happened("touch.logged", account, by=by, at=touch.happened_at, subject=touch, **told(touch))
    return touch


def goes_both_ways(kind: str, direction: str) -> bool:
    """Whether a touch of this kind is contact with somebody, where nobody says it."""
    return kind in (Touch.Kind.CALL, Touch.Kind.MEETING) or (
        kind == Touch.Kind.EMAIL and direction == Touch.Direction.INBOUND
    )


def told(touch: Touch) -> Mapping[str, str]:
    """What the ledger keeps of a touch: no words."""
    return {"kind": touch.kind, "purpose": touch.purpose, "direction": touch.direction}


def must_belong(people: Collection[Stakeholder], account: Account) -> None:
    """Refuses people of another account."""
    if strangers := [str(person) for person in people if person.account_id != account.pk]:
        names = ", ".join(strangers)
        raise ValidationError({"stakeholders": f"Not at {account}: {names}. Choose people of this account."})


def must_have_happened(touch: Touch, *, at: dt.datetime) -> None:
    """Refuses what is still to come."""
    if touch.happened_at > at:
        raise ValidationError(
            {"happened_at": "This is still to come. Log a touch when it has happened; until then set a next step."}
        )


def must_be_possible(touch: Touch) -> None:
    """Refuses a note that claims to be contact with somebody."""
    if touch.kind == Touch.Kind.NOTE and touch.is_two_way:
        raise ValidationError({"is_two_way": "A note is no contact. Leave this out, or choose another kind."})


def _write(touch: Touch, text: str, *, by: Any, at: dt.datetime) -> None:
    words = TouchText(touch=touch, text=text.strip())
    words.full_clean()
    audit.create(words, verb="touch.write", by=by, at=at)


def _attend(touch: Touch, people: Collection[Stakeholder], colleagues: Collection[User]) -> None:
    """Notes who took part; whoever was in contact with us was engaged then."""
    moves = {person.pk: touch.happened_at for person in people} if touch.is_two_way else {}
    before = stakeholder_services.engaged(moves) if moves else {}
    attendees = [
        TouchAttendee(touch=touch, stakeholder=person, engaged_before=before.get(person.pk))
        for person in {person.pk: person for person in people}.values()
    ]
    attendees += [TouchAttendee(touch=touch, user=user) for user in {user.pk: user for user in colleagues}.values()]
    TouchAttendee.objects.bulk_create(attendees)


@transaction.atomic
def change_text(touch: Touch, *, text: str, by: Any, at: dt.datetime) -> Touch:
    """Sets what was said in `touch`; with no text its words go."""
    words = TouchText.objects.filter(touch=touch).first()
    if words and not text.strip():
        audit.delete(words, verb="touch.write", by=by, at=at)
    elif words:
        words.text = text.strip()
        words.full_clean()
        fresh = TouchText.objects.get(touch=touch)
        audit.update(fresh, verb="touch.write", by=by, at=at, text=words.text)
    elif text.strip():
        _write(touch, text, by=by, at=at)
    return Touch.objects.get(pk=touch.pk)


@transaction.atomic
def delete(touch: Touch, *, by: Any, at: dt.datetime) -> None:
    """Takes back a touch that `by` logged within the last day; the ledger keeps that it was there."""
    _must_be_own(touch, by=by, at=at)
    account, engaged = touch.account, _engaged_without(touch)
    happened("touch.removed", account, by=by, at=at, subject=touch, **told(touch))
    audit.delete(touch, verb="touch.delete", by=by, at=at)
    stakeholder_services.engaged_no_more(engaged)


def _must_be_own(touch: Touch, *, by: Any, at: dt.datetime) -> None:
    if touch.logged_by_id is None or touch.logged_by_id != getattr(by, "pk", None):
        raise ValidationError("Only whoever logged a touch takes it back. Log a note that says what is wrong with it.")
    if at - touch.recorded_at > OWN_FOR:
        raise ValidationError("A touch is taken back within a day. Change its text, or log a note that corrects it.")
    if hasattr(touch, "review"):
        raise ValidationError("This touch is a business review that was held; it stays.")


def _engaged_without(touch: Touch) -> dict[int, dt.datetime | None]:
    """When those whom `touch` moved forward were last engaged without it."""
    rows = touch.attendees.filter(stakeholder__last_engaged_at=touch.happened_at) if touch.is_two_way else ()
    before: dict[int, dt.datetime | None] = {row.stakeholder_id: row.engaged_before for row in rows}  # type: ignore[misc]
    others = TouchAttendee.objects.filter(stakeholder__in=before, touch__is_two_way=True).exclude(touch=touch)
    latest = others.values("stakeholder").annotate(last=Max("touch__happened_at"))
    for row in latest:
        pk, last = row["stakeholder"], row["last"]
        before[pk] = max(before[pk] or last, last)
    return before


def forget_words(*, at: dt.datetime) -> int:
    """Deletes the words of touches whose time is over; that there was a touch, and with whom, stays. How many."""
    return many.delete_all(past("touch_words", at=at))


periods.add(
    "touch_words",
    Period(
        "What was said in touches",
        "The words of calls, meetings, mails and notes. That there was one, when and with whom, stays.",
        days=730,
        smallest=30,
        largest=3650,
        why="Reviews look back at least a month; nobody needs what was said ten years ago.",
        older=lambda before: TouchText.objects.filter(touch__happened_at__lt=before),
    ),
)
