import datetime as dt
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.keys import key_from, short_random
from accounts.foundation.scope import Access, Area
from accounts.team import powers
from accounts.team.models import Grant, Role, Team, User


@transaction.atomic
def define_role(
    *, key: str, name: str, description: str, home: str, grants: dict[str, tuple[str, str]], by: Any, at: dt.datetime
) -> Role:
    """The role `key` with exactly these grants: area → (reach, access). Creates or changes it.

    Nobody gives what their own role does not have, nor takes from themselves the right to change roles.
    """
    _check_power(key, grants, by=by)
    role = Role.objects.filter(key=key).first() or Role(key=key)
    values = {"name": name, "description": description, "home": home}
    if role.pk:
        audit.update(role, verb="role.change", by=by, at=at, **values)
    else:
        for field, value in values.items():
            setattr(role, field, value)
        role.full_clean()
        audit.create(role, verb="role.create", by=by, at=at)
    _set_grants(role, grants, by=by, at=at)
    return role


def _check_power(key: str, grants: dict[str, tuple[str, str]], *, by: Any) -> None:
    if not isinstance(by, User) or by.is_superuser:
        return
    known = {grant.area: (grant.reach, grant.access) for grant in Grant.objects.filter(role__key=key)}
    fresh = {area: grant for area, grant in grants.items() if known.get(area) != grant}
    beyond = {
        area: "Your own role does not reach this far. Ask somebody whose role does."
        for area, (reach, access) in fresh.items()
        if area in Area.values and reach in powers.FARTHER and not powers.is_within(by, area, reach, access)
    }
    if by.role and by.role.key == key and grants.get(Area.PEOPLE, ("", ""))[1] != Access.EDIT:
        beyond[Area.PEOPLE] = "With this you could not change roles any more. Ask somebody of another role to do it."
    if beyond:
        raise ValidationError(beyond)


def _set_grants(role: Role, grants: dict[str, tuple[str, str]], *, by: Any, at: dt.datetime) -> None:
    existing = {grant.area: grant for grant in role.grants.all()}
    for area in existing.keys() - grants.keys():
        audit.delete(existing[area], verb="grant.remove", by=by, at=at)
    for area, (reach, access) in grants.items():
        if grant := existing.get(area):
            audit.update(grant, verb="grant.change", by=by, at=at, reach=reach, access=access)
        else:
            grant = Grant(role=role, area=area, reach=reach, access=access)
            grant.full_clean()
            audit.create(grant, verb="grant.add", by=by, at=at)


@transaction.atomic
def form_team(*, name: str, by: Any, at: dt.datetime, manager: User | None = None) -> Team:
    """A new team called `name`."""
    _name_must_be_free(name)
    team = Team(key=_free_key(name), name=name, manager=manager)
    must_be_here(manager, field="manager")
    team.full_clean()
    return audit.create(team, verb="team.form", by=by, at=at)


def _free_key(name: str) -> str:
    key = key_from(name, fallback="team")
    return f"{key}-{short_random()}" if Team.objects.filter(key=key).exists() else key


def _name_must_be_free(name: str, *, but_for: int = 0) -> None:
    known = Team.objects.filter(name__iexact=name.strip()).exclude(pk=but_for).first()
    if known:
        raise ValidationError({"name": f"There is a team called {known}. Choose another name, or open that team."})


@transaction.atomic
def rename_team(team: Team, *, name: str, by: Any, at: dt.datetime) -> Team:
    """Gives the team another name; its key stays, as files and other systems call it by that."""
    _name_must_be_free(name, but_for=team.pk)
    fresh = Team.objects.get(pk=team.pk)
    fresh.name = name.strip()
    fresh.full_clean()
    audit.update(Team.objects.get(pk=team.pk), verb="team.rename", by=by, at=at, name=fresh.name)
    return fresh


@transaction.atomic
def lead_team(team: Team, *, manager: User | None, by: Any, at: dt.datetime) -> Team:
    """Makes `manager` the one to whom the team's escalations go."""
    must_be_here(manager, field="manager")
    audit.update(team, verb="team.lead", by=by, at=at, manager=manager)
    return team


@transaction.atomic
def move(user: User, *, team: Team | None, by: Any, at: dt.datetime) -> User:
    """Puts somebody on another team, or on none: from their next page on they see what that team sees."""
    if user.team_id != (team.pk if team else None):
        powers.must_cover(by, user)
        audit.update(user, verb="user.move", by=by, at=at, team=team)
    return user


@transaction.atomic
def set_members(team: Team, *, members: Collection[User], by: Any, at: dt.datetime) -> None:
    """Makes these people, and no others, the members of `team`."""
    wanted = {user.pk for user in members}
    for user in User.objects.filter(team=team, is_active=True).exclude(pk__in=wanted).order_by("pk"):
        move(user, team=None, by=by, at=at)
    for user in members:
        must_be_here(user, field="members")
        move(user, team=team, by=by, at=at)


@transaction.atomic
def add_user(
    *,
    username: str,
    email: str,
    first_name: str,
    last_name: str,
    role: Role,
    by: Any,
    at: dt.datetime,
    team: Team | None = None,
    password: str | None = None,
    time_zone: str = "",
    function: str = "",
) -> User:
    """A new user who can sign in to the console; without `password` they cannot until one is set."""
    powers.must_give(by, role)
    user = User(
        username=username,
        email=email,
        first_name=first_name,
        last_name=last_name,
        role=role,
        team=team,
        time_zone=time_zone,
        function=function,
        is_staff=True,
    )
    user.set_password(password) if password else user.set_unusable_password()
    user.full_clean()
    return audit.create(user, verb="user.add", by=by, at=at)


def must_be_here(user: User | None, *, field: str) -> None:
    """Refuses to give accounts or work to somebody who has left."""
    if user is not None and not user.is_active:
        raise ValidationError({field: f"{user} no longer works here. Choose somebody else."})
