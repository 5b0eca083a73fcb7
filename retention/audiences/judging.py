"""Audiences read the other way round: in which ones the people of an account are, and what put them there."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.stakeholders.models import Stakeholder
from accounts.stakeholders.panels import people_of
from accounts.team.models import User
from accounts.workspace.queries import base_currency
from retention.audiences.drafts import ROLES, TOPICS
from retention.audiences.models import Audience
from retention.audiences.queries import WITHIN_S, Meant, Size, condition_of, size_in_time
from retention.conditions.evaluate import compile_closure, compile_explanation, facts_read
from retention.conditions.language import Condition
from retention.conditions.refusal import ConditionRefused
from retention.evaluation.counting import count
from retention.evaluation.known import facts_of
from retention.evaluation.queries import moment
from retention.evaluation.reading import sentence


def audiences_of(account: Account, *, user: User, at: dt.datetime) -> dict[int, list[Audience]]:
    """Stakeholder of `account` whom `user` may see → the audiences they are in; as many queries for many as for one."""
    asked = dict(_readable(Audience.objects.all()))
    if not asked or account.archived_at or account.merged_into_id:
        return {}
    true = _true_at(account, asked, at)
    people = people_of(account, user)
    return {person.pk: [one for one in true if means(one, person, at=at)] for person in people}


def _readable(audiences: Iterable[Audience]) -> Iterable[tuple[Audience, Condition | None]]:
    for one in audiences:
        try:
            yield one, condition_of(one)
        except ConditionRefused:  # a fact that it asks for is gone, and its page says so
            continue


def _true_at(account: Account, asked: dict[Audience, Condition | None], at: dt.datetime) -> list[Audience]:
    """The audiences whose condition is true of the account."""
    keys = _facts(one for one in asked.values() if one is not None)
    known = facts_of([account.pk], {}, currency=base_currency(), keys=keys).get(account.pk) if keys else None
    here = moment(at)
    return [
        audience
        for audience, condition in asked.items()
        if condition is None or (known is not None and compile_closure(condition)(known, here) is True)
    ]


def _facts(conditions: Iterable[Condition]) -> set[str]:
    return set[str]().union(*map(facts_read, conditions))


def means(audience: Meant, person: Stakeholder, *, at: dt.datetime) -> bool:
    """Whether `person`, at an account of the audience, is in it."""
    if (person.left_at and person.left_at <= at) or (audience.needs_email and not person.email):
        return False
    return _has(audience.roles, _roles(person)) and _has(audience.topics, _topics(person))


def _has(wanted: Collection[str], held: Collection[str]) -> bool:
    return not wanted or not set(wanted).isdisjoint(held)


def _roles(person: Stakeholder) -> list[str]:
    return [row.role for row in person.roles.all()]


def _topics(person: Stakeholder) -> list[str]:
    return [row.topic for row in person.topics.all()]


def in_time(audience: Meant, *, user: User, at: dt.datetime, most: int) -> tuple[Size, list[tuple[Stakeholder, str]]]:
    """How large `audience` is, counted in time, and some of those in it, each with why. Raises ConditionRefused."""
    size, first = size_in_time(audience, user=user, at=at, examples=most)
    if condition := condition_of(audience):
        accounts: Any = listed()
        size.unknown = count(condition, accounts.for_user(user), at=at, within_s=WITHIN_S, examples=0).unknown
    rows: Any = Stakeholder.objects.filter(pk__in=first).order_by("pk")
    return size, told(audience, list(with_parts(rows)), at=at)


def with_parts(rows: Any) -> Any:
    """Stakeholders with everything that is shown of them."""
    return rows.select_related("account").prefetch_related("roles", "topics")


def told(audience: Meant, people: Sequence[Stakeholder], *, at: dt.datetime) -> list[tuple[Stakeholder, str]]:
    """Each of these people in `audience` with what put them there; as many queries for many as for one."""
    at_accounts = _why_accounts(audience, {one.account_id for one in people}, at)
    return [(one, "; ".join(_why(audience, one, at_accounts.get(one.account_id, "")))) for one in people]


def _why(audience: Meant, person: Stakeholder, at_account: str) -> Iterable[str]:
    if roles := [str(ROLES[one]) for one in audience.roles if one in _roles(person)]:
        yield " and ".join(roles)
    if topics := [str(TOPICS[one]) for one in audience.topics if one in _topics(person)]:
        yield f"wants to hear about {' and '.join(topics)}"
    if at_account:
        yield at_account


def _why_accounts(audience: Meant, ids: Collection[int], at: dt.datetime) -> dict[int, str]:
    condition = condition_of(audience)
    if condition is None:
        return {}
    known = facts_of(ids, {}, currency=base_currency(), keys=facts_read(condition))
    explain, here = compile_explanation(condition), moment(at)
    clauses = {pk: [one.as_json() for one in explain(facts, here).decisive] for pk, facts in known.items()}
    return {pk: sentence(found) for pk, found in clauses.items()}
