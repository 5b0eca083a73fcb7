"""Filling in one item: checked by its kind of evidence, saved by itself, never over what somebody else saved."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import URLValidator
from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.clock import validate_plausible
from accounts.stakeholders import services as stakeholders
from accounts.stakeholders.models import Stakeholder
from retention.handoffs.checklist import FIELDS
from retention.handoffs.models import Answer, Handoff, HandoffFile, HandoffItem
from retention.handoffs.services.holding import recount, take_for_giver
from retention.success_plans import starting
from retention.success_plans.models import SuccessPlan

Evidence = HandoffItem.Evidence
LONGEST_TEXT = 10_000
LARGEST_FILE = 25 * 2**20
"""Bytes of one file."""
EMPTY: dict[str, Any] = dict.fromkeys(("text", "link"), "") | dict.fromkeys(
    ("number", "day", "flag", "file", "stakeholder", "plan")
)


class Stale(ValidationError):
    """Somebody saved the item since it was read; `theirs` is what stands there now. Nothing was changed."""

    def __init__(self, theirs: Answer) -> None:
        self.theirs = theirs
        who = theirs.changed_by or "The system"
        super().__init__(f"{who} saved this item meanwhile. Compare both, then save the one that is right.")


@transaction.atomic
def save(handoff: Handoff, item: HandoffItem, value: Any, *, revision: int, by: Any, at: dt.datetime) -> Answer:
    """Keeps `value` as the evidence of `item`; `revision` is the one that was read, 0 where there was none.

    By kind of evidence: text, a number, a date, a link, a file, a stakeholder (or name, email and title of a new one)
    or True and False; None takes it back. Raises Stale, or ValidationError for a value of another kind.
    """
    fresh = take_for_giver(handoff)
    if item.version_id != fresh.version_id:
        raise ValidationError({"item": ["This item is of another checklist."]})
    answer = fresh.answers.select_related("changed_by", "stakeholder", "file").filter(item=item).first()
    if answer and answer.revision != revision:
        raise Stale(answer)
    if not answer and revision:
        raise ValidationError({"revision": ["Nothing was saved for this item yet; give 0."]})
    fields = EMPTY | {FIELDS[Evidence(item.evidence)]: _checked(fresh, item, value, by=by, at=at)}
    answer = _kept(fresh, item, answer, fields, by=by, at=at)
    if back := fresh.returns.filter(item=item, mended_at=None).first():
        audit.update(back, verb="handoff.mend", by=by, at=at, mended_at=at)
    recount(fresh, by=by, at=at)
    return answer


def withdraw(handoff: Handoff, item: HandoffItem, *, revision: int, by: Any, at: dt.datetime) -> Answer:
    """Takes back what was given for `item`."""
    return save(handoff, item, None, revision=revision, by=by, at=at)


def none_made(handoff: Handoff, item: HandoffItem, *, revision: int, by: Any, at: dt.datetime) -> Answer:
    """Says that nobody promised the customer anything."""
    return save(handoff, item, True, revision=revision, by=by, at=at)


@transaction.atomic
def draft_plan(handoff: Handoff, item: HandoffItem, *, revision: int, by: Any, at: dt.datetime) -> Answer:
    """Makes a plan from the template that fits the customer's champion, and keeps it as the evidence of `item`."""
    fresh = take_for_giver(handoff)
    if item.evidence != Evidence.PLAN:
        raise ValidationError({"value": ["Only an item that wants a success plan has one drafted."]})
    if by is not None and not by.may_edit(SuccessPlan.AREA):
        raise ValidationError({"value": ["You may not make plans of this customer; ask its CSM to draft it."]})
    plan = starting.draft(fresh.account, deal=fresh.deal, by=by, at=at)
    return save(handoff, item, plan, revision=revision, by=by, at=at)


def fill(
    handoff: Handoff,
    item: HandoffItem,
    value: Any,
    *,
    source: str,
    observed_at: dt.datetime | None,
    by: Any,
    at: dt.datetime,
) -> None:
    """Fills an item in that nobody has answered, from what we know; says from where."""
    field = FIELDS[Evidence(item.evidence)]
    row = Answer(
        handoff=handoff, item=item, source=source, observed_at=observed_at, changed_at=at, **(EMPTY | {field: value})
    )
    row.full_clean()
    audit.create(row, verb="handoff.fill", by=by, at=at)


def _kept(
    handoff: Handoff, item: HandoffItem, answer: Answer | None, fields: dict[str, Any], *, by: Any, at: dt.datetime
) -> Answer:
    if answer is None:
        row = Answer(handoff=handoff, item=item, changed_at=at, changed_by=by, **fields)
        row.full_clean()
        return audit.create(row, verb="handoff.answer", by=by, at=at)
    values = fields | {"source": "", "observed_at": None, "changed_by": by}
    rises = {"changed_at": at, "revision": answer.revision + 1}
    audit.update(answer, verb="handoff.answer", by=by, at=at, **values, **rises)
    return answer


def _checked(handoff: Handoff, item: HandoffItem, value: Any, *, by: Any, at: dt.datetime) -> Any:
    """`value` as its kind of evidence keeps it; an error says what was expected."""
    field = FIELDS[Evidence(item.evidence)]
    if value in (None, ""):
        return EMPTY[field]
    if item.evidence == Evidence.PROMISES and value is True and handoff.promises.exists():
        raise ValidationError({"value": ["Promises stand in the register. Strike them first, if none was made."]})
    if field == "stakeholder":
        return _person(handoff, item, value, by=by, at=at)
    if field == "plan":
        return _plan(handoff, value)
    if field == "file":
        return _file(handoff, value, by=by, at=at)
    return _CHECKS[field](value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValidationError({"value": [f"Expected text of at most {LONGEST_TEXT} characters."]})
    return value.strip()


def _number(value: Any) -> Decimal:
    try:
        found = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= Decimal(10) ** 15:
        raise ValidationError({"value": ["Expected a number, such as 250."]})
    return found.quantize(Decimal("0.0001")).normalize() + 0


def _day(value: Any) -> dt.date:
    try:
        found = value if type(value) is dt.date else dt.date.fromisoformat(str(value))
    except ValueError:
        raise ValidationError({"value": ["Expected a day, such as 2026-12-01."]}) from None
    try:
        validate_plausible(found)
    except ValidationError as refused:
        raise ValidationError({"value": refused.messages}) from None
    return found


def _link(value: Any) -> str:
    try:
        URLValidator(schemes=["http", "https"])(value)
    except ValidationError:
        raise ValidationError({"value": ["Expected a link that begins with https://."]}) from None
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValidationError({"value": ["Expected yes or no."]})
    return value


_CHECKS = {"text": _text, "number": _number, "day": _day, "link": _link, "flag": _flag}


def _file(handoff: Handoff, value: Any, *, by: Any, at: dt.datetime) -> HandoffFile:
    """Keeps an uploaded file where nobody reaches it past its page."""
    if not isinstance(value, File):
        raise ValidationError(
            {
                "value": [
                    "Send a file: on the handoff's page, or as a form to the address of the item that ends with /file/."
                ]
            }
        )
    if not 0 < value.size <= LARGEST_FILE:
        raise ValidationError({"value": [f"The file must hold something, and at most {LARGEST_FILE // 2**20} MiB."]})
    name = (value.name or "file").rpartition("/")[2][-200:]
    row = HandoffFile(handoff=handoff, name=name, size=value.size, content=value, uploaded_at=at, uploaded_by=by)
    row.full_clean()
    return audit.create(row, verb="handoff.upload", by=by, at=at)


def _plan(handoff: Handoff, value: Any) -> SuccessPlan:
    """A success plan of the account."""
    if not isinstance(value, SuccessPlan) or value.account_id != handoff.account_id:
        raise ValidationError({"value": [f"Choose a success plan of {handoff.account}, or draft one."]})
    return value


def _person(handoff: Handoff, item: HandoffItem, value: Any, *, by: Any, at: dt.datetime) -> Stakeholder:
    """Somebody of the account, known or new, who has the item's role from now on."""
    roles = {item.role} if item.role else set()
    if isinstance(value, Mapping):
        return stakeholders.add(handoff.account, by=by, at=at, roles=roles, **_new_person(value))
    if not isinstance(value, Stakeholder) or value.account_id != handoff.account_id:
        raise ValidationError({"value": [f"Choose somebody of {handoff.account}, or add them."]})
    held = set(value.roles.values_list("role", flat=True))
    if roles - held:
        stakeholders.set_roles(value, roles=held | roles, by=by, at=at)
    return value


def _new_person(value: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(value) - {"name", "email", "title"})
    if unknown:
        raise ValidationError({"value": [f"Unknown: {', '.join(unknown)[:80]}. Give name, email and title."]})
    if not all(isinstance(said, str) for said in value.values()) or not str(value.get("name", "")).strip():
        raise ValidationError({"value": ["Give the name of whom you add, as text."]})
    return {name: said.strip() for name, said in value.items()}
