"""Who is in an audience, how many they are, and who is left out, for whoever may see them."""

import datetime as dt
import time
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
from retention.evaluation.counting import id_ranges
from retention.evaluation.matching import Piece, matching
from retention.evaluation.queries import moment
from retention.evaluation.rules import catalogue

LEFT, NO_EMAIL = "left", "no_email"
LEFT_OUT = {LEFT: "Left the company, or erased", NO_EMAIL: "No e-mail address"}
"""Why somebody whom an audience means is not in it. The first that is true counts."""


WITHIN_S = 0.3
"""How long a person who edits waits for a number at most, but for the piece of the book that is being counted."""


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
    unknown: int = 0
    """Accounts of which nobody can tell, where that was asked as well."""
    is_whole: bool = True
    """Whether every account was looked at; else these are the people at the first of them."""

    def add(self, other: "Size") -> None:
        """Takes in the people of other accounts."""
        self.people, self.accounts = self.people + other.people, self.accounts + other.accounts
        for reason, people in other.left_out.items():
            self.left_out[reason] = self.left_out.get(reason, 0) + people

    @property
    def missed(self) -> int:
        """All who are left out."""
        return sum(self.left_out.values())


def members(audience: Meant, *, user: User, at: dt.datetime) -> QuerySet[Stakeholder]:
    """The stakeholders in `audience` whom `user` may see. Raises ConditionRefused where a fact it asks for is gone.

    Whoever left is never in it, which holds for the erased as well.
    """
    return _members(audience, user, moment(at))


def left_out(audience: Meant, reason: str, *, user: User, at: dt.datetime) -> QuerySet[Stakeholder]:
    """Those whom `audience` means and who are not in it for this reason."""
    return _meant(audience, user, moment(at)).alias(reason=_reason(audience, at)).filter(reason=reason)


def size(audience: Meant, *, user: User, at: dt.datetime) -> Size:
    """How large `audience` is among what `user` may see, in one statement. Raises ConditionRefused."""
    return _sizes([("", audience)], user, moment(at))[""]


def size_in_time(
    audience: Meant, *, user: User, at: dt.datetime, examples: int, within_s: float = WITHIN_S
) -> tuple[Size, list[int]]:
    """The size while somebody edits, and the ids of the first members. After `within_s` seconds it ends early."""
    deadline, here = time.monotonic() + within_s, moment(at)
    found, first = Size(), list[int]()
    for piece in id_ranges(Account.objects.all()):
        if time.monotonic() > deadline:
            found.is_whole = False
            break
        counted = _sizes([("", audience)], user, here, piece)[""]
        found.add(counted)
        if counted.people and len(first) < examples:
            rows = _members(audience, user, here, piece).values_list("pk", flat=True)
            first += rows[: examples - len(first)]
    return found, first


def sizes(audiences: Iterable[Audience], *, user: User, at: dt.datetime) -> dict[str, Size]:
    """Key → size, of those whose facts are all there; one statement for however many."""
    return _sizes([(one.key, one) for one in audiences if not trouble(one)], user, moment(at))


def _sizes(asked: Sequence[tuple[str, Meant]], user: User, at: Moment, piece: Piece | None = None) -> dict[str, Size]:
    found = {key: Size() for key, _ in asked}
    if not asked:
        return found
    first, *others = (_counted(key, one, user, at, piece) for key, one in asked)
    for key, reason, people, accounts in first.union(*others, all=True):
        if reason:
            found[key].left_out[reason] = people
        else:
            found[key].people, found[key].accounts = people, accounts
    return found


def _counted(key: str, audience: Meant, user: User, at: Moment, piece: Piece | None) -> QuerySet[Any, Any]:
    rows = _meant(audience, user, at, piece).order_by()
    rows = rows.annotate(audience=Value(key), reason=_reason(audience, at.as_of))
    grouped = rows.values("audience", "reason").annotate(people=Count("pk"), at=Count("account", distinct=True))
    return grouped.values_list("audience", "reason", "people", "at")


def _members(audience: Meant, user: User, at: Moment, piece: Piece | None = None) -> QuerySet[Stakeholder]:
    return _meant(audience, user, at, piece).exclude(_left(at.as_of)).exclude(_unreached(audience))


def _meant(audience: Meant, user: User, at: Moment, piece: Piece | None = None) -> QuerySet[Stakeholder]:
    """All whom `audience` means, those who are left out with them; with a `piece`, at these accounts alone."""
    rows: Any = Stakeholder.objects.all()
    rows = rows.for_user(user).filter(account__in=_accounts(audience, at, piece).values("pk"))
    if audience.roles:
        rows = rows.filter(Exists(StakeholderRole.objects.filter(stakeholder=OuterRef("pk"), role__in=audience.roles)))
    if audience.topics:
        topics = StakeholderTopic.objects.filter(stakeholder=OuterRef("pk"), topic__in=audience.topics)
        rows = rows.filter(Exists(topics))
    return rows.order_by("pk")


def _accounts(audience: Meant, at: Moment, piece: Piece | None) -> QuerySet[Account]:
    condition = condition_of(audience)
    rows = listed().filter(pk__gt=piece[0], pk__lte=piece[1]) if piece else listed()
    return rows if condition is None else rows.filter(pk__in=matching(condition, at=at, piece=piece))


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
