import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation import audit
from accounts.foundation.many import among
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.privacy import services as privacy
from accounts.privacy import staying_away
from accounts.stakeholders.models import ProductUser, Stakeholder, StakeholderRole, StakeholderTopic


@transaction.atomic
def add(
    account: Account,
    *,
    name: str,
    by: Any,
    at: dt.datetime,
    roles: Iterable[str] = (),
    topics: Iterable[str] = (),
    came_back: bool = False,
    **values: Any,
) -> Stakeholder:
    """A new stakeholder of `account` with these buying-committee roles, who wants to hear about these topics.

    Somebody who was erased is refused, unless they came back by their own wish: then the erasure is forgotten.
    """
    stakeholder = Stakeholder(account=account, name=name, **values)
    stakeholder.full_clean()
    _let_in(stakeholder.email, came_back=came_back, by=by, at=at)
    audit.create(stakeholder, verb="stakeholder.add", by=by, at=at)
    set_roles(stakeholder, roles=roles, by=by, at=at)
    set_topics(stakeholder, topics=topics, by=by, at=at)
    happened("stakeholder.added", account, by=by, at=at, subject=stakeholder)
    return stakeholder


@transaction.atomic
def change(
    stakeholder: Stakeholder,
    *,
    by: Any,
    at: dt.datetime,
    roles: Iterable[str] | None = None,
    topics: Iterable[str] | None = None,
    **values: Any,
) -> Stakeholder:
    """Sets fields of `stakeholder`, its roles and its topics where given. The address of somebody erased is refused."""
    fresh = Stakeholder.objects.get(pk=stakeholder.pk)
    if values.get("email", fresh.email) != fresh.email:
        _let_in(values["email"], came_back=False, by=by, at=at)
    for name, value in values.items():
        setattr(stakeholder, name, value)
    stakeholder.full_clean()
    audit.update(fresh, verb="stakeholder.change", by=by, at=at, **values)
    if roles is not None:
        set_roles(fresh, roles=roles, by=by, at=at)
    if topics is not None:
        set_topics(fresh, topics=topics, by=by, at=at)
    events.mark([fresh.account_id], DirtyAccount.Pass.FACTS, at=at)  # who plays what, and who is there, are facts
    return fresh


def _let_in(address: str, *, came_back: bool, by: Any, at: dt.datetime) -> None:
    name = staying_away.email(address)
    if came_back:
        privacy.come_back(name, by=by, at=at)
    elif address and staying_away.among({name}):
        raise ValidationError(
            {"email": "Whoever has this address asked us to forget them. Say so if they came back by their own wish."}
        )


@transaction.atomic
def recognise(user: ProductUser, *, stakeholder: Stakeholder | None, by: Any, at: dt.datetime) -> ProductUser:
    """Says that `user` of the product is `stakeholder`, or nobody whom we know."""
    if stakeholder and stakeholder.account_id != user.account_id:
        raise ValidationError({"stakeholder": f"{stakeholder} is at another account; choose somebody of this one."})
    audit.update(user, verb="product_user.recognise", by=by, at=at, stakeholder=stakeholder)
    return user


@transaction.atomic
def set_roles(stakeholder: Stakeholder, *, roles: Iterable[str], by: Any, at: dt.datetime) -> None:
    """Gives `stakeholder` exactly these roles."""
    wanted, existing = set(roles), {row.role: row for row in stakeholder.roles.all()}
    for role in existing.keys() - wanted:
        audit.delete(existing[role], verb="stakeholder.role_remove", by=by, at=at)
    for role in sorted(wanted - existing.keys()):
        row = StakeholderRole(stakeholder=stakeholder, role=role)
        row.full_clean()
        audit.create(row, verb="stakeholder.role_add", by=by, at=at)


@transaction.atomic
def set_topics(stakeholder: Stakeholder, *, topics: Iterable[str], by: Any, at: dt.datetime) -> None:
    """Notes that `stakeholder` wants to hear about exactly these topics."""
    wanted, existing = set(topics), {row.topic: row for row in stakeholder.topics.all()}
    for topic in existing.keys() - wanted:
        audit.delete(existing[topic], verb="stakeholder.topic_remove", by=by, at=at)
    for topic in sorted(wanted - existing.keys()):
        row = StakeholderTopic(stakeholder=stakeholder, topic=topic)
        row.full_clean()
        audit.create(row, verb="stakeholder.topic_add", by=by, at=at)


def erased(rows: QuerySet[Any], at: dt.datetime) -> None:
    """Ends these stakeholders, whose names were erased: nobody can reach them, so they count as gone."""
    rows.filter(left_at=None).update(left_at=at)


def engaged(moves: Mapping[int, dt.datetime]) -> dict[int, dt.datetime | None]:
    """Moves `last_engaged_at` of these stakeholders forward, never back; returns what it was, for those that moved.

    No entry of its own in the trail: whatever they took part in has one.
    """
    rows = Stakeholder.objects.select_for_update().filter(pk__in=among(moves)).order_by("pk")
    late = [row for row in rows if row.last_engaged_at is None or row.last_engaged_at < moves[row.pk]]
    before = {row.pk: row.last_engaged_at for row in late}
    _set_engaged(late, moves)
    return before


def engaged_no_more(moves: Mapping[int, dt.datetime | None]) -> None:
    """Sets `last_engaged_at` of these stakeholders to what it is without something that was taken back."""
    _set_engaged(list(Stakeholder.objects.filter(pk__in=among(moves))), moves)


def _set_engaged(rows: list[Stakeholder], moves: Mapping[int, dt.datetime | None]) -> None:
    for row in rows:
        row.last_engaged_at = moves[row.pk]
    Stakeholder.objects.bulk_update(rows, ["last_engaged_at"], batch_size=500)
