import datetime as dt
from collections import defaultdict
from dataclasses import asdict, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from retention.audiences.drafts import ROLES, TOPICS, AudienceDraft, in_order, wrong_with
from retention.audiences.models import Audience
from retention.evaluation.rules import catalogue

MOST_AUDIENCES = 200


@transaction.atomic
def define(draft: AudienceDraft, *, by: Any, at: dt.datetime) -> Audience:
    """The audience `draft.key` as `draft` says, new or in place of what it was. Where nothing changes, nothing happens.

    Raises ValidationError naming each field that is wrong.
    """
    wrong: dict[str, list[str]] = defaultdict(list)
    for place, message in wrong_with(draft, catalogue()):
        wrong[place].append(message)
    if wrong:
        raise ValidationError(dict(wrong))
    values = asdict(replace(draft, roles=in_order(draft.roles, ROLES), topics=in_order(draft.topics, TOPICS)))
    row = Audience.objects.select_for_update().filter(key=draft.key).first()
    new = Audience(**values)
    new.full_clean(validate_unique=row is None)
    if row is None:
        if Audience.objects.count() >= MOST_AUDIENCES:
            raise ValidationError({"key": f"There are {MOST_AUDIENCES} audiences already; remove one nobody uses."})
        return audit.create(new, verb="audience.define", by=by, at=at)
    audit.update(row, verb="audience.change", by=by, at=at, **values)
    return row


@transaction.atomic
def remove(audience: Audience, *, by: Any, at: dt.datetime) -> None:
    """Takes an audience away. The people in it stay who and where they are."""
    audit.delete(audience, verb="audience.remove", by=by, at=at)
