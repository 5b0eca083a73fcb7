import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts import custom
from accounts.facts.catalogue import Type, Use, facts
from accounts.facts.fields import Unreadable
from accounts.facts.lookup import find, forget_custom_facts
from accounts.facts.models import AccountFacts, CustomFact
from accounts.foundation import audit
from accounts.foundation.clock import utc_day
from accounts.foundation.lanes import lane
from accounts.portfolio.models import Account


def set_registers(fact: str, values: Mapping[int, Any], *, source: str, at: dt.datetime) -> None:
    """Writes a fact that another room owns (the stage): account id → its new value.

    Marks nobody: the pass that moved it looks at these accounts again by itself.
    """
    with lane("facts"):  # the projection writes the provenance of its own facts into the same rows
        rows, written = list(AccountFacts.objects.filter(pk__in=values)), facts[fact]
        for row in rows:
            if written.is_json and isinstance(row.custom, Unreadable):
                continue
            if written.is_json:
                row.custom = _with(row.custom, fact, values[row.pk], written.type)
            else:
                setattr(row, written.column, values[row.pk])
            row.provenance[fact] = [source, at.isoformat()]
        AccountFacts.objects.bulk_update(rows, [written.column, "provenance"], batch_size=200)


@dataclass(frozen=True)
class FactDraft:
    """A custom fact as an author writes it."""

    key: str
    label: str
    type: str
    meaning: str
    unit: str = ""
    use: str = Use.INTERNAL.value


@transaction.atomic
def define(draft: FactDraft, *, by: Any, at: dt.datetime) -> CustomFact:
    """The custom fact that `draft` describes, created or changed. Its type stays.

    Raises ValidationError where the key is taken or the type would become another one.
    """
    if draft.key in facts:
        raise ValidationError({"key": f"{draft.key} is a fact of the product; choose another key."})
    found = CustomFact.objects.filter(key=draft.key).first()
    if found and found.type != draft.type:
        raise ValidationError({"type": f"{found.label} holds values of type {found.type}; define a new fact instead."})
    if found:
        audit.update(found, verb="fact.change", by=by, at=at, **vars(draft))
    else:
        found = CustomFact(**vars(draft))
        found.full_clean()
        audit.create(found, verb="fact.define", by=by, at=at)
    transaction.on_commit(forget_custom_facts)
    forget_custom_facts()
    return found


@transaction.atomic
def set_custom(account: Account, values: Mapping[str, Any], *, source: str, at: dt.datetime) -> None:
    """Writes values of custom facts, None for *unknown*, and marks the account where one of them changed.

    Raises ValidationError naming each fact whose value does not fit; then nothing is written.
    """
    kept = _kept(values)
    with lane("facts"):
        row = AccountFacts.objects.filter(account=account).first()
        row = row or AccountFacts(account=account, day=utc_day(at), projected_at=at)
        if isinstance(row.custom, Unreadable):
            raise ValidationError("The stored custom facts of this account cannot be read; repair them first.")
        changed = {key for key, value in kept.items() if row.custom.get(key) != value}
        row.custom = {key: value for key, value in (row.custom | kept).items() if value is not None}
        for key in kept:
            row.provenance[key] = [source, at.isoformat()]
        row.save()
    if changed:
        events.mark([account.pk], DirtyAccount.Pass.VERDICTS, at=at)


def _with(kept: Mapping[str, Any], key: str, value: Any, kind: Type) -> dict[str, Any]:
    """The JSON with this value in it, or without it where it is unknown."""
    others = {name: found for name, found in kept.items() if name != key}
    return others if value is None else others | {key: custom.kept(value, kind)}


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    kept, wrong = {}, {}
    for key, value in values.items():
        fact = find(key)
        if fact is None or key in facts:
            wrong[key] = f"There is no custom fact {key}; define it first."
            continue
        try:
            kept[key] = None if value is None else custom.kept(value, Type(fact.type))
        except ValueError as error:
            wrong[key] = f"{fact.label}: {error}."
    if wrong:
        raise ValidationError(wrong)
    return kept
