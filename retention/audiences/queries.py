"""Who is in an audience, how many they are, and who is left out, for whoever may see them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from accounts.facts.registry import readers
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.stakeholders.models import Stakeholder, StakeholderRole, StakeholderTopic
from accounts.team.models import User
from retention.audiences.models import Audience
from retention.conditions.catalogue import UNDECLARED
from retention.conditions.check import composed, parse
from retention.conditions.comparing import Moment
from retention.conditions.language import Condition, facts_read
from retention.conditions.refusal import ConditionRefused
from retention.evaluation.matching import matching
from retention.evaluation.queries import moment
from retention.evaluation.rules import catalogue

LEFT, NO_EMAIL = "left", "no_email"
LEFT_OUT = {LEFT: "Left the company, or erased", NO_EMAIL: "No e-mail address"}
"""Why somebody whom an audience means is not in it. The first that is true counts."""


class Meant(Protocol):
    """Whom an audience means: one in force, or a draft of it."""

    @property
    def roles(self) -> Sequence[str]: ...
    @property
    def topics(self) -> Sequence[str]: ...
    @property
    def condition(self) -> Mapping[str, Any] | None: ...
    @property
    def needs_email(self) -> bool: ...


@dataclass
class Size:
    """How many people at how many accounts are in an audience, and how many are left out for which reason."""

    people: int = 0
    accounts: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def missed(self) -> int:
        """All who are left out."""
        return sum(self.left_out.values())


def members(audience: Meant, *, user: User, at: dt.datetime) -> QuerySet[Stakeholder]:
    """The stakeholders in `audience` whom `user` may see. Raises ConditionRefused where a fact it asks for is gone.

    Whoever left is never in it, which holds for the erased as well.
    """
    return _meant(audience, user, moment(at)).exclude(_left(at)).exclude(_unreached(audience))


def left_out(audience: Meant, reason: str, *, user: User, at: dt.datetime) -> QuerySet[Stakeholder]:
    """Those whom `audience` means and who are not in it for this reason."""
    return _meant(audience, user, moment(at)).alias(reason=_reason(audience, at)).filter(reason=reason)


def size(audience: Meant, *, user: User, at: dt.datetime) -> Size:
    """How large `audience` is among what `user` may see, in one statement. Raises ConditionRefused."""
    return _sizes([("", audience)], user, moment(at))[""]


def sizes(audiences: Iterable[Audience], *, user: User, at: dt.datetime) -> dict[str, Size]:
    """Key → size, of those whose facts are all there; one statement for however many."""
    return _sizes([(one.key, one) for one in audiences if not trouble(one)], user, moment(at))


def _sizes(asked: Sequence[tuple[str, Meant]], user: User, at: Moment) -> dict[str, Size]:
    found = {key: Size() for key, _ in asked}
    if not asked:
        return found
    first, *others = (_counted(key, one, user, at) for key, one in asked)
    for key, reason, people, accounts in first.union(*others, all=True):
        if reason:
            found[key].left_out[reason] = people
        else:
            found[key].people, found[key].accounts = people, accounts
    return found


def _counted(key: str, audience: Meant, user: User, at: Moment) -> QuerySet[Any, Any]:
    rows = _meant(audience, user, at).order_by().annotate(audience=Value(key), reason=_reason(audience, at.as_of))
    grouped = rows.values("audience", "reason").annotate(people=Count("pk"), at=Count("account", distinct=True))
    return grouped.values_list("audience", "reason", "people", "at")


def _meant(audience: Meant, user: User, at: Moment) -> QuerySet[Stakeholder]:
    """All whom `audience` means, those who are left out with them."""
    rows: Any = Stakeholder.objects.all()
    rows = rows.for_user(user).filter(account__in=_accounts(audience, at).values("pk"))
    if audience.roles:
        rows = rows.filter(Exists(StakeholderRole.objects.filter(stakeholder=OuterRef("pk"), role__in=audience.roles)))
    if audience.topics:
        topics = StakeholderTopic.objects.filter(stakeholder=OuterRef("pk"), topic__in=audience.topics)
        rows = rows.filter(Exists(topics))
    return rows.order_by("pk")


def _accounts(audience: Meant, at: Moment) -> QuerySet[Account]:
    condition = condition_of(audience)
    return listed() if condition is None else listed().filter(pk__in=matching(condition, at=at))


def _left(at: dt.datetime) -> Q:
    return Q(left_at__isnull=False, left_at__lte=at)


def _unreached(audience: Meant) -> Q:
    return Q(email="") if audience.needs_email else Q(pk__in=[])


def _reason(audience: Meant, at: dt.datetime) -> Case:
    """Why somebody is left out; empty for whoever is in."""
    return Case(When(_left(at), then=Value(LEFT)), When(_unreached(audience), then=Value(NO_EMAIL)), default=Value(""))


def condition_of(audience: Meant) -> Condition | None:
    """What is asked of accounts; None where nothing is. Raises ConditionRefused where a fact is gone."""
    return None if audience.condition is None else parse(audience.condition, catalogue(), allow_held_for=False)


def trouble(audience: Meant) -> str:
    """Why nobody can say who is in `audience`; empty where one can."""
    try:
        condition_of(audience)
    except ConditionRefused as refused:
        return "; ".join(one.message for one in refused.problems)
    return ""


@readers.register("audiences")
def audiences_that_read(key: str) -> list[str]:
    """The names of the audiences whose condition asks for a fact."""
    rows = Audience.objects.exclude(condition=None)
    return [f"audience {row.name}" for row in rows if key in facts_read(composed(row.condition, UNDECLARED))]
