import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts import custom, history
from accounts.facts.catalogue import CUSTOM, Fact, Type, Use, facts
from accounts.facts.fields import Unreadable
from accounts.facts.lookup import catalogue, find, forget_custom_facts
from accounts.facts.models import AccountFacts, CustomFact
from accounts.facts.queries import value_of
from accounts.facts.registry import rules_that_read
from accounts.facts.wording import shown
from accounts.foundation import audit, many
from accounts.foundation.clock import utc_day
from accounts.foundation.lanes import lane
from accounts.foundation.many import among
from accounts.identity.merging import joiners
from accounts.portfolio.models import Account
from accounts.workspace.queries import base_currency


def set_registers(told: Mapping[str, Mapping[int, Any]], *, source: str, at: dt.datetime) -> None:
    """Writes facts that another room owns (stage, segments): key of the fact → account id → its new value.

    Marks nobody: the pass that moved the accounts looks at them again by itself.
    """
    written = {key: facts.get(key) or catalogue()[key] for key in told}
    columns = sorted({CUSTOM, *(fact.column for fact in written.values())})
    by_account: dict[int, dict[str, Any]] = defaultdict(dict)
    for key, values in told.items():
        for account_id, value in values.items():
            by_account[account_id][key] = value
    if not by_account:
        return
    with lane("facts"):  # the projection writes the provenance of its own facts into the same rows
        rows = AccountFacts.objects.filter(pk__in=among(by_account)).values("pk", "provenance", *columns)
        changes, changed = {}, []
        for row in rows:
            news = by_account[row["pk"]]
            if isinstance(row[CUSTOM], Unreadable):  # is not written over
                news = {key: value for key, value in news.items() if not written[key].is_json}
            if news:
                changes[row["pk"]] = news
                changed.append(_registered(row, news, written, [source, at.isoformat()]))
        for names, some in groupby(sorted(changed, key=_names), key=_names):
            many.change(AccountFacts, names, [tuple(row.values()) for row in some])
        history.record(changes, at=at)


def _registered(
    row: dict[str, Any], news: Mapping[str, Any], written: Mapping[str, Fact], origin: Sequence[str]
) -> dict[str, Any]:
    """The id and the columns that change, as the database takes them."""
    values = {fact.column: row[fact.column] for key, fact in written.items() if key in news}
    for key, value in news.items():
        fact = written[key]
        values[fact.column] = _with(values[CUSTOM], key, value, fact.type) if fact.is_json else value
    if CUSTOM in values:
        values[CUSTOM] = json.dumps(values[CUSTOM])
    provenance = row["provenance"] | dict.fromkeys(news, list(origin))
    return {"pk": row["pk"], **values, "provenance": json.dumps(provenance)}


def _names(row: Mapping[str, Any]) -> list[str]:
    return [name for name in row if name != "pk"]


NAMED_AT_MOST = 10


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
    if (known := find(draft.key)) and not known.is_custom:
        raise ValidationError({"key": f"{draft.key} is a dimension of segments; choose another key."})
    found = CustomFact.objects.filter(key=draft.key).first()
    if found and found.type != draft.type:
        raise ValidationError({"type": f"{found.label} holds values of type {found.type}; define a new fact instead."})
    if draft.use == Use.NEVER:
        _refuse_while_read(draft.key)
    if found:
        audit.update(found, verb="fact.change", by=by, at=at, **vars(draft))
    else:
        found = CustomFact(**vars(draft))
        found.full_clean()
        audit.create(found, verb="fact.define", by=by, at=at)
    transaction.on_commit(forget_custom_facts)
    forget_custom_facts()
    return found


def _refuse_while_read(key: str) -> None:
    if names := rules_that_read(key):
        told = ", ".join(names[:NAMED_AT_MOST]) + (" and others" if len(names) > NAMED_AT_MOST else "")
        raise ValidationError({"use": f"These rules read it: {told}. Take it out of them, then choose never used."})


def set_custom(account: Account, values: Mapping[str, Any], *, source: str, at: dt.datetime) -> None:
    """Writes values of custom facts, None for *unknown*, and marks the account where one of them changed.

    Raises ValidationError naming each fact whose value does not fit; then nothing is written.
    """
    set_many({account.pk: values}, source=source, at=at)


@transaction.atomic
def set_many(told: Mapping[int, Mapping[str, Any]], *, source: str, at: dt.datetime) -> set[int]:
    """`set_custom` for many accounts at once: account id → values. Returns the ids of those where one changed.

    A value that somebody told later than `at` stays.
    """
    kept = {account_id: stored(values) for account_id, values in told.items()}
    changes, written = {}, []
    with lane("facts"):
        rows = {row.pk: row for row in AccountFacts.objects.filter(pk__in=among(kept))}
        for account_id, values in kept.items():
            row = rows.get(account_id) or AccountFacts(account_id=account_id, day=utc_day(at), projected_at=at)
            if isinstance(row.custom, Unreadable):
                raise ValidationError("The stored custom facts of this account cannot be read; repair them first.")
            changes[account_id] = _take(row, values, source=source, at=at)
            written.append(row)
        many.upsert(AccountFacts, written)
        changes = {account_id: changed for account_id, changed in changes.items() if changed}
        history.record(changes, at=at)
    for pass_ in (DirtyAccount.Pass.FACTS, DirtyAccount.Pass.VERDICTS):  # other facts may follow from it
        events.mark(sorted(changes), pass_, at=at)
    return set(changes)


def _take(row: AccountFacts, values: Mapping[str, Any], *, source: str, at: dt.datetime) -> dict[str, Any]:
    """Puts values into a row, and where they come from; returns those that are news."""
    fresh = {key: value for key, value in values.items() if not _told_later(row, key, at)}
    changed = {key: value for key, value in fresh.items() if row.custom.get(key) != value}
    row.custom = {key: value for key, value in (row.custom | fresh).items() if value is not None}
    row.provenance |= {key: [source, at.isoformat()] for key in fresh}
    return changed


def _told_later(row: AccountFacts, key: str, at: dt.datetime) -> bool:
    _, seen = row.provenance.get(key) or ("", "")
    return bool(seen) and dt.datetime.fromisoformat(seen) > at


@joiners.register("accounts.AccountFacts")
def join_custom(account: Account, into: Account) -> None:
    """Custom facts that the account that stays does not have are taken over; everything else is projected again."""
    other, row = AccountFacts.objects.get(account=account), AccountFacts.objects.filter(account=into).first()
    row = row or AccountFacts(account=into, day=other.day, projected_at=other.projected_at)
    own = {key for key, fact in catalogue().items() if fact.is_custom}
    if not isinstance(row.custom, Unreadable) and not isinstance(other.custom, Unreadable):
        taken = {key: value for key, value in other.custom.items() if key in own and key not in row.custom}
        row.custom = row.custom | taken
        row.provenance |= {key: other.provenance[key] for key in taken if key in other.provenance}
        row.save()
    other.delete()


@transaction.atomic
def set_told(account: Account, values: Mapping[str, Any], *, source: str, by: Any, at: dt.datetime) -> None:
    """`set_custom` for what a person or a program says about one account, with its entry in the trail."""
    before = _texts(account, values)
    set_custom(account, values, source=source, at=at)
    after = _texts(account, values)
    changed = [key for key in values if before[key] != after[key]]
    if changed:
        told = {"before": {key: before[key] for key in changed}, "after": {key: after[key] for key in changed}}
        audit.record("fact.set", account, by=by, at=at, **told)


def _texts(account: Account, keys: Iterable[str]) -> dict[str, str]:
    """What is known of these facts, in words: the trail is read by people."""
    row, currency = AccountFacts.objects.filter(account=account).first(), base_currency()
    known = {key: value_of(fact, row, currency=currency) for key in keys if row and (fact := find(key))}
    return {key: shown(key, known.get(key), currency=currency) for key in keys}


def _with(kept: Mapping[str, Any], key: str, value: Any, kind: Type) -> dict[str, Any]:
    """The JSON with this value in it, or without it where it is unknown."""
    others = {name: found for name, found in kept.items() if name != key}
    return others if value is None else others | {key: custom.kept(value, kind)}


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of custom facts as JSON keeps them. Raises ValidationError naming each that does not fit."""
    kept, wrong = {}, {}
    for key, value in values.items():
        fact = find(key)
        if fact is None or not fact.is_custom:
            wrong[key] = f"There is no custom fact {key}; define it first."
            continue
        try:
            kept[key] = None if value is None else custom.kept(value, Type(fact.type))
        except ValueError as error:
            wrong[key] = f"{fact.label}: {error}."
    if wrong:
        raise ValidationError(wrong)
    return kept
