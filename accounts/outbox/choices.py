"""How each of us hears of what: in the console, by e-mail at once, in a daily digest, or not at all."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.foundation import audit
from accounts.foundation.remembering import remembered
from accounts.outbox.message import Message
from accounts.outbox.models import Digest, NoticeChoice, Way
from accounts.outbox.registry import Purpose, purposes
from accounts.team.models import Role, User

DIGEST_HOUR = 8
"""When the digest of whoever chose no hour is sent, where they live."""


def notices() -> dict[str, Purpose]:
    """The kinds of notice about which people choose, by their key."""
    return {key: purpose for key, purpose in purposes.items() if purpose.way}


def as_chosen(messages: Sequence[Message]) -> list[Message]:
    """The same messages with notices in the ways that their recipients chose: kept, mailed as well, or left out."""
    asked = [one for one in messages if _is_notice(one)]
    ways = ways_of({one.user.pk: one.user for one in asked if one.user}.values()) if asked else {}
    found: list[Message] = []
    for message in messages:
        way = ways[message.user.pk][message.purpose] if message.user and _is_notice(message) else Way.CONSOLE
        if way != Way.NONE:
            found.append(message)
        if way == Way.EMAIL and message.user and message.user.email and not message.awaits_return:
            found.append(replace(message, channel="email", text=_mail(message)))
    return found


def _is_notice(message: Message) -> bool:
    return message.user is not None and message.channel == "in_app" and purposes[message.purpose].way is not None


def _mail(message: Message) -> str:
    """The words of a notice with where it leads to, and where to choose otherwise."""
    lines = [message.text or message.subject]
    if message.link:
        lines.append(address(message.link))
    return "\n\n".join([*lines, f"Choose how you hear of this: {address(reverse('notices'))}"])


def address(path: str) -> str:
    """A page of the console as an address that works outside of it."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def ways_of(users: Iterable[User]) -> dict[int, dict[str, Way]]:
    """User id → kind of notice → how they hear of it: as they chose, else as their role does. In two queries."""
    return _ways(frozenset((user.pk, user.role_id) for user in users))


@remembered
def _ways(people: frozenset[tuple[int, int | None]]) -> dict[int, dict[str, Way]]:
    roles = {role for _, role in people if role}
    rows = NoticeChoice.objects.filter(Q(user__in=[user for user, _ in people]) | Q(role__in=roles))
    chosen = {(row.user_id, row.role_id, row.purpose): Way(row.way) for row in rows}
    keys = dict(Role.objects.filter(pk__in=roles).values_list("pk", "key"))
    return {
        user: {name: chosen.get((user, None, name)) or _of_role(role, name, chosen, keys) for name in notices()}
        for user, role in people
    }


def _of_role(role: int | None, name: str, chosen: dict[Any, Way], keys: dict[int, str]) -> Way:
    purpose = purposes[name]
    if role and (way := chosen.get((None, role, name))):
        return way
    return purpose.by_role.get(keys.get(role or 0, ""), purpose.way or Way.CONSOLE)


def of_role(role: Role) -> dict[str, Way]:
    """Kind of notice → how people of `role` hear of it who chose nothing."""
    rows = NoticeChoice.objects.filter(role=role)
    chosen = {(None, role.pk, row.purpose): Way(row.way) for row in rows}
    return {name: _of_role(role.pk, name, chosen, {role.pk: role.key}) for name in notices()}


@transaction.atomic
def choose(whose: User | Role, ways: dict[str, str], *, by: Any, at: dt.datetime) -> None:
    """From now on `whose` hears of these kinds of notice in these ways; kinds that are left out stay as they are."""
    known, known_ways = notices(), set(Way.values)
    for name, way in ways.items():
        if name not in known:
            raise ValidationError({"ways": f"There is no kind of notice called {name}. There are: {', '.join(known)}."})
        if way not in known_ways:
            raise ValidationError({"ways": f"Choose one of {', '.join(Way.values)} for {name}."})
    is_person = isinstance(whose, User)
    whom: dict[str, Any] = {"user": whose} if is_person else {"role": whose}
    locked: Any = User if is_person else Role  # two must not cross
    locked.objects.select_for_update(of=("self",)).get(pk=whose.pk)
    rows = {row.purpose: row for row in NoticeChoice.objects.filter(**whom)}
    for name, way in ways.items():
        if row := rows.get(name):
            audit.update(row, verb="notice.change", by=by, at=at, way=way)
        else:
            audit.create(NoticeChoice(**whom, purpose=name, way=way), verb="notice.choose", by=by, at=at)


def digest_hour(user: User) -> int:
    """At which hour of the day, where they live, `user` gets the digest."""
    row = Digest.objects.filter(user=user).first()
    return row.hour if row else DIGEST_HOUR


@transaction.atomic
def set_digest_hour(user: User, *, hour: int, by: Any, at: dt.datetime) -> None:
    """`user` gets the digest at this hour of the day, where they live."""
    if not 0 <= hour <= 23:
        raise ValidationError({"digest_hour": "Give an hour of the day, from 0 to 23."})
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if row := Digest.objects.filter(user=user).first():
        audit.update(row, verb="digest.move", by=by, at=at, hour=hour)
    else:
        audit.create(Digest(user=user, hour=hour), verb="digest.set", by=by, at=at)
