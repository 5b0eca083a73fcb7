"""Touches and survey answers that other systems hold: stored as they are told, twice is harmless.

Rows from another system have no entry in the audit trail each: they name their source, and their event is the trace.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.foundation import many
from accounts.foundation.many import BATCH, among
from accounts.portfolio.drafts import day_problem
from accounts.portfolio.events import Happening, happened_to_many
from accounts.portfolio.models import Account
from accounts.stakeholders import services as stakeholder_services
from accounts.stakeholders.models import Stakeholder
from accounts.touches.models import SurveyResponse, Touch, TouchAttendee, TouchText
from accounts.touches.services import survey
from accounts.touches.services import touch as touches
from accounts.workspace.models import Source

Row = TypeVar("Row", bound=models.Model)


class Taken(NamedTuple):
    """What became of the drafts of one import."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class TouchDraft:
    """One touch as another system tells it."""

    external_id: str
    account: Account
    kind: str
    happened_at: dt.datetime
    purpose: str = Touch.Purpose.OTHER
    direction: str = Touch.Direction.OUTBOUND
    is_two_way: bool | None = None
    minutes: int | None = None
    text: str = ""
    stakeholders: tuple[int, ...] = ()
    """Ids of people at the customer who took part."""


@dataclass(frozen=True)
class SurveyDraft:
    """One answer to a survey as another system tells it."""

    external_id: str
    account: Account
    kind: str
    score: int
    received_at: dt.datetime
    stakeholder: Stakeholder | None = None
    comment: str = ""
    asked_at: dt.datetime | None = None


TOUCH_FIELDS = ["account_id", "kind", "purpose", "direction", "is_two_way", "happened_at", "minutes"]
SURVEY_FIELDS = ["account_id", "stakeholder_id", "kind", "score", "comment", "asked_at", "received_at"]


@transaction.atomic
def log_many(drafts: Iterable[TouchDraft], *, source: Source, by: Any, at: dt.datetime) -> Taken:
    """Stores the touches of `source`: new ones are added, those it told differently before are corrected."""
    taken = Taken()
    for batch in _batches({draft.external_id: draft for draft in drafts}):
        found = _log(batch, source, by=by, at=at)
        taken = Taken(*(sum(pair) for pair in zip(taken, found, strict=True)))
    return taken


def _log(drafts: Mapping[str, TouchDraft], source: Source, *, by: Any, at: dt.datetime) -> Taken:
    rows = {key: _touch(draft, source, at=at) for key, draft in drafts.items()}
    _check(rows, at=at)
    new, changed, before = _sorted_out(Touch, rows, TOUCH_FIELDS, source)
    many.insert(Touch, new)
    Touch.objects.bulk_update(changed, [name.removesuffix("_id") for name in TOUCH_FIELDS])
    texts = _write({row.pk: drafts[row.external_id].text.strip() for row in _all(Touch, rows, source)})
    _attend(drafts, [*new, *changed])
    moved = [row for row in changed if before[row.pk]["account_id"] != row.account_id]
    happened_to_many("touch.logged", [_logged(row) for row in [*new, *moved]], by=by, at=at)
    happened_to_many("touch.changed", [_logged(row) for row in changed if row not in moved], by=by, at=at)
    left = Account.objects.in_bulk([before[row.pk]["account_id"] for row in moved])
    gone = [Happening(left[before[row.pk]["account_id"]], row, touches.told(row)) for row in moved]
    happened_to_many("touch.removed", gone, by=by, at=at)
    differing = {row.pk for row in changed} | (texts - {row.pk for row in new})
    return Taken(len(new), len(differing), len(rows) - len(new) - len(differing))


def _touch(draft: TouchDraft, source: Source | None, *, at: dt.datetime) -> Touch:
    both = touches.goes_both_ways(draft.kind, draft.direction) if draft.is_two_way is None else draft.is_two_way
    return Touch(
        account=draft.account,
        kind=draft.kind,
        purpose=draft.purpose,
        direction=draft.direction,
        is_two_way=both,
        happened_at=draft.happened_at,
        recorded_at=at,
        minutes=draft.minutes,
        source=source,
        external_id=draft.external_id,
    )


def check_touch(draft: TouchDraft, *, at: dt.datetime) -> None:
    """Raises ValidationError, by field, for what `log_many` would refuse in a touch of an account that exists."""
    _check_row(_touch(draft, None, at=at), at=at)


def check_survey(draft: SurveyDraft, *, at: dt.datetime) -> None:
    """The same for an answer to a survey."""
    _check_row(_response(draft, None, at=at), at=at)


def _check(rows: Mapping[str, Touch | SurveyResponse], *, at: dt.datetime) -> None:
    """Refuses the whole batch where a row breaks a promise, and says which row it is."""
    for key, row in rows.items():
        try:
            _check_row(row, at=at)
        except ValidationError as refused:
            raise ValidationError({key: refused.messages}) from None


def _check_row(row: Touch | SurveyResponse, *, at: dt.datetime) -> None:
    row.clean_fields(exclude=["account", "source", "stakeholder"])
    if isinstance(row, SurveyResponse):
        survey.must_fit(row.kind, row.score)
        survey.must_be_over(row.received_at, at=at)
        plausible = {"received_at": row.received_at, "asked_at": row.asked_at}
    else:
        touches.must_have_happened(row, at=at)
        touches.must_be_possible(row)
        plausible = {"happened_at": row.happened_at}
    if wrong := {name: day_problem(day) for name, day in plausible.items() if day_problem(day)}:
        raise ValidationError(wrong)


def _sorted_out(
    model: type[Row], rows: Mapping[str, Row], names: Sequence[str], source: Source
) -> tuple[list[Row], list[Row], dict[Any, dict[str, Any]]]:
    """The rows that are new, those stored differently (with the new values), and what these were before."""
    known = {row.external_id: row for row in _all(model, rows, source)}  # type: ignore[attr-defined]
    new = [row for key, row in rows.items() if key not in known]
    changed, before = [], {}
    for key, row in known.items():
        was = {name: getattr(row, name) for name in names}
        now = {name: getattr(rows[key], name) for name in names}
        if was != now:
            before[row.pk] = was
            for name, value in now.items():
                setattr(row, name, value)
            changed.append(row)
    return new, changed, before


def _all(model: type[Row], rows: Mapping[str, Any], source: Source) -> list[Row]:
    """The stored rows that `source` calls as `rows` does."""
    return list(model._default_manager.filter(source=source, external_id__in=list(rows)).select_for_update())


def _write(texts: Mapping[int, str]) -> set[int]:
    """Stores these words; returns the ids of the touches whose words are not what they were."""
    known = {row.pk: row for row in TouchText.objects.filter(pk__in=among(texts))}
    new = [TouchText(touch_id=pk, text=text) for pk, text in texts.items() if text and pk not in known]
    changed = [row for pk, row in known.items() if texts[pk] and texts[pk] != row.text]
    gone = [pk for pk in known if not texts[pk]]
    for row in changed:
        row.text = texts[row.pk]
    TouchText.objects.bulk_create(new)
    TouchText.objects.bulk_update(changed, ["text"])
    TouchText.objects.filter(pk__in=among(gone)).delete()
    return {row.pk for row in [*new, *changed]} | set(gone)


def _attend(drafts: Mapping[str, TouchDraft], rows: Sequence[Touch]) -> None:
    """Makes the named people of each account the attendees; those in contact with us were engaged then."""
    wanted = [(row, pk) for row in rows for pk in dict.fromkeys(drafts[row.external_id].stakeholders)]
    at_account = dict(Stakeholder.objects.filter(pk__in=among(pk for _, pk in wanted)).values_list("pk", "account"))
    here = [(row, pk) for row, pk in wanted if at_account.get(pk) == row.account_id]
    moves: dict[int, dt.datetime] = {}
    for row, pk in here:
        if row.is_two_way:
            moves[pk] = max(row.happened_at, moves.get(pk, row.happened_at))
    TouchAttendee.objects.filter(touch__in=among(row.pk for row in rows), stakeholder__isnull=False).delete()
    TouchAttendee.objects.bulk_create(TouchAttendee(touch=row, stakeholder_id=pk) for row, pk in here)
    if moves:
        stakeholder_services.engaged(moves)


def _logged(touch: Touch) -> Happening:
    return Happening(touch.account, touch, touches.told(touch), at=touch.happened_at)


@transaction.atomic
def record_surveys(drafts: Iterable[SurveyDraft], *, source: Source, by: Any, at: dt.datetime) -> Taken:
    """Stores the survey answers of `source`: new ones are added, those it told differently before are corrected."""
    taken = Taken()
    for batch in _batches({draft.external_id: draft for draft in drafts}):
        rows = {key: _response(draft, source, at=at) for key, draft in batch.items()}
        _check(rows, at=at)
        new, changed, _ = _sorted_out(SurveyResponse, rows, SURVEY_FIELDS, source)
        many.insert(SurveyResponse, new)
        SurveyResponse.objects.bulk_update(changed, [name.removesuffix("_id") for name in SURVEY_FIELDS])
        told = [Happening(row.account, row, survey.told(row), at=row.received_at) for row in [*new, *changed]]
        happened_to_many("survey.answered", told, by=by, at=at)
        found = (len(new), len(changed), len(rows) - len(new) - len(changed))
        taken = Taken(*(sum(pair) for pair in zip(taken, found, strict=True)))
    return taken


def _response(draft: SurveyDraft, source: Source | None, *, at: dt.datetime) -> SurveyResponse:
    if draft.account.pk:
        touches.must_belong([draft.stakeholder] if draft.stakeholder else [], draft.account)
    return SurveyResponse(
        account=draft.account,
        stakeholder=draft.stakeholder,
        kind=draft.kind,
        score=draft.score,
        comment=draft.comment.strip(),
        asked_at=draft.asked_at,
        received_at=draft.received_at,
        recorded_at=at,
        source=source,
        external_id=draft.external_id,
    )


def _batches(drafts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The drafts by external id, so many at a time that their ids fit into one statement."""
    keys = list(drafts)
    for start in range(0, len(keys), BATCH):
        yield {key: drafts[key] for key in keys[start : start + BATCH]}
